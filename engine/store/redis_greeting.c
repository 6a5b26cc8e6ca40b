// What is said first on a connection: who we are, which database; then whether the server is a
// master, whether it may throw cards away, whether it has the library, which it gets otherwise.

#include "engine/base/alloc.h"
#include "engine/store/library.h"
#include "engine/store/redis_node_private.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

static bool is_error(const struct redisReply *reply)
{
    return !reply || reply->type == REDIS_REPLY_ERROR;
}

static struct weir_span reply_span(const struct redisReply *reply)
{
    bool has_text =
        reply && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS ||
                  reply->type == REDIS_REPLY_ERROR);
    return has_text ? (struct weir_span){reply->str, (size_t)reply->len} : (struct weir_span){0};
}

void weir_redis_node_lose_because(struct weir_redis_node *node, const char *what,
                                  const struct redisReply *reply)
{
    char cause[WEIR_REDIS_CAUSE_BYTES];
    struct weir_span said = reply_span(reply);
    snprintf(cause, sizeof(cause), "%s: %.*s", what, WEIR_SPAN_ARGS(weir_span_slice(said, 0, 160)));
    weir_redis_node_lose(node, cause);
}

// ---- the library ----

static void on_script_loaded(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    struct weir_span id = reply_span(reply);
    if (!reply) {
        return; // the connection ended; that was told already
    }
    if (is_error(reply) || id.length == 0 || id.length >= sizeof(node->script_id)) {
        weir_redis_node_lose_because(node, "can't load the queue library", reply);
        return;
    }
    memcpy(node->script_id, id.data, id.length);
    node->script_id[id.length] = '\0';
    weir_redis_node_be_ready(node);
}

static void load_script(struct weir_redis_node *node)
{
    node->has_functions = false;
    struct weir_span args[] = {WEIR_SPAN("SCRIPT"), WEIR_SPAN("LOAD"), weir_library_for_scripts()};
    weir_redis_node_ask(node, args, ARRAY_LEN(args), on_script_loaded);
}

// Not known to this server, or forbidden to us.
static bool is_missing(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR &&
           (strstr(reply->str, "unknown command") || strncmp(reply->str, "NOPERM", 6) == 0);
}

static void on_functions_loaded(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    if (!reply) {
        return;
    }
    if (is_missing(reply)) {
        load_script(node);
    } else if (is_error(reply)) {
        weir_redis_node_lose_because(node, "can't load the queue library", reply);
    } else {
        weir_redis_node_be_ready(node);
    }
}

static void on_version(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    if (!reply) {
        return;
    }
    if (weir_span_is(reply_span(reply), weir_library_version)) {
        weir_redis_node_be_ready(node);
        return;
    }
    if (is_missing(reply)) {
        load_script(node);
        return;
    }
    struct weir_span args[] = {WEIR_SPAN("FUNCTION"), WEIR_SPAN("LOAD"), WEIR_SPAN("REPLACE"),
                               weir_library_for_functions()};
    weir_redis_node_ask(node, args, ARRAY_LEN(args), on_functions_loaded);
}

// ---- what kind of server it is ----

struct weir_span weir_redis_info_find(struct weir_span info, const char *name)
{
    struct weir_span wanted = weir_span_of(name);
    while (info.length > 0) {
        struct weir_span line = weir_span_take_until(&info, '\n');
        if (weir_span_starts(line, wanted) && line.length > wanted.length &&
            line.data[wanted.length] == ':') {
            return weir_span_trim(weir_span_slice(line, wanted.length + 1, line.length));
        }
    }
    return (struct weir_span){0};
}

// A replica takes no cards, and a master that became one would lose what it took since.
static bool prove_master(struct weir_redis_node *node, struct weir_span info)
{
    char cause[WEIR_REDIS_CAUSE_BYTES];
    node->is_replica =
        node->is_replica || weir_span_is(weir_redis_info_find(info, "role"), "slave");
    if (!node->is_replica) {
        return true;
    }
    struct weir_span host = weir_redis_info_find(info, "master_host");
    struct weir_span port = weir_redis_info_find(info, "master_port");
    snprintf(cause, sizeof(cause), "this Redis is a replica of %.*s:%.*s; cards need the master",
             WEIR_SPAN_ARGS(weir_span_slice(host, 0, 120)),
             WEIR_SPAN_ARGS(weir_span_slice(port, 0, 8)));
    weir_redis_node_lose(node, cause);
    return false;
}

static bool prove_policy(struct weir_redis_node *node, struct weir_span info)
{
    char cause[WEIR_REDIS_CAUSE_BYTES];
    struct weir_span policy = weir_redis_info_find(info, "maxmemory_policy");
    if (policy.length == 0 || weir_span_is(policy, "noeviction")) {
        return true;
    }
    snprintf(cause, sizeof(cause),
             "this Redis may throw cards away (maxmemory-policy %.*s); set maxmemory-policy "
             "noeviction in it, or give weir another one",
             WEIR_SPAN_ARGS(weir_span_slice(policy, 0, 40)));
    weir_redis_node_lose(node, cause);
    return false;
}

static void on_info(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    if (!reply) {
        return;
    }
    struct weir_span info =
        reply->type == REDIS_REPLY_STRING ? reply_span(reply) : (struct weir_span){0};
    if (info.length == 0) {
        weir_redis_node_lose_because(node, "INFO is refused", reply);
        return;
    }
    struct weir_span run_id = weir_redis_info_find(info, "run_id");
    snprintf(node->run_id, sizeof(node->run_id), "%.*s", WEIR_SPAN_ARGS(run_id));
    node->is_of_cluster = weir_span_is(weir_redis_info_find(info, "cluster_enabled"), "1");
    if (node->is_of_cluster && !node->options.may_be_cluster) {
        weir_redis_node_be_ready(node); // the cluster will be asked who has what
        return;
    }
    struct weir_span args[] = {WEIR_SPAN("FCALL_RO"), WEIR_SPAN("weir_version"), WEIR_SPAN("0")};
    if (prove_master(node, info) && prove_policy(node, info)) {
        weir_redis_node_ask(node, args, ARRAY_LEN(args), on_version);
    }
}

static void on_later_info(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    if (reply && reply->type == REDIS_REPLY_STRING && prove_master(node, reply_span(reply))) {
        prove_policy(node, reply_span(reply));
    }
}

void weir_redis_node_look_again(struct weir_redis_node *node)
{
    struct weir_span args[] = {WEIR_SPAN("INFO")};
    weir_redis_node_ask(node, args, ARRAY_LEN(args), on_later_info);
}

// Where we may not ask for it, INFO tells.
static void on_role(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0) {
        node->is_replica = !weir_span_is(reply_span(reply->element[0]), "master");
    }
}

// ---- the order of it ----

static void on_welcome(void *user, const struct redisReply *reply)
{
    if (reply && is_error(reply)) {
        weir_redis_node_lose_because(user, "Redis refuses us", reply);
    }
}

static void log_in(struct weir_redis_node *node)
{
    struct weir_span args[] = {WEIR_SPAN("AUTH"), weir_span_of(node->options.user),
                               node->options.password};
    if (node->options.user[0]) {
        weir_redis_node_ask(node, args, 3, on_welcome);
    } else if (node->options.password.length > 0) {
        args[1] = node->options.password;
        weir_redis_node_ask(node, args, 2, on_welcome);
    }
}

static void choose_database(struct weir_redis_node *node)
{
    char database[16];
    snprintf(database, sizeof(database), "%u", (unsigned)node->options.database);
    if (node->options.database > 0) {
        struct weir_span args[] = {WEIR_SPAN("SELECT"), weir_span_of(database)};
        weir_redis_node_ask(node, args, ARRAY_LEN(args), on_welcome);
    }
}

static void on_first_pong(void *user, const struct redisReply *reply)
{
    struct weir_redis_node *node = user;
    if (reply && is_error(reply)) {
        weir_redis_node_lose_because(node, "Redis refuses us", reply);
    } else if (reply) {
        weir_redis_node_be_ready(node);
    }
}

void weir_redis_node_greet(struct weir_redis_node *node)
{
    struct weir_span ping[] = {WEIR_SPAN("PING")};
    struct weir_span role[] = {WEIR_SPAN("ROLE")};
    struct weir_span info[] = {WEIR_SPAN("INFO")};
    log_in(node);
    switch (node->options.purpose) {
    case WEIR_REDIS_FOR_LISTENING:
        weir_redis_node_subscribe(node);
        return;
    case WEIR_REDIS_FOR_ASKING:
        weir_redis_node_ask(node, ping, ARRAY_LEN(ping), on_first_pong);
        return;
    case WEIR_REDIS_FOR_CARDS:
        choose_database(node);
        weir_redis_node_ask(node, role, ARRAY_LEN(role), on_role);
        weir_redis_node_ask(node, info, ARRAY_LEN(info), on_info);
        return;
    }
}
