#include "engine/store/client.h"

#include "engine/base/alloc.h"
#include "engine/store/library.h"
#include "engine/store/redis.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

// The daemon's connection on a loop of its own, which turns only while an answer is waited for: so
// sentinels, clusters and TLS are the same for both.

#define DEFAULT_TIMEOUT_MS 5000
#define REPLICA_MS         "1000"
#define DEEPEST_ANSWER     8

struct weir_client {
    struct weir_loop *loop;
    struct weir_redis *redis;
    struct weir_redis_url url;
    uint32_t timeout_ms;
    bool is_ready;
    bool is_lost; // since it was looked at last
    struct weir_error cause;
};

// An answer that is waited for. It may come after nobody waits any more.
struct waiting {
    struct weir_error err;
    struct weir_reply *reply;
    bool is_answered;
    bool is_unknown; // the connection ended first
    bool is_given_up;
};

static void free_items(struct weir_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++) {
        free_items(&reply->items[i]);
    }
    free(reply->items);
    free((void *)(uintptr_t)reply->text.data);
}

void weir_reply_destroy(struct weir_reply **reply)
{
    if (*reply) {
        free_items(*reply);
        free(*reply);
        *reply = NULL;
    }
}

static void set_text(struct weir_reply *reply, const char *text, size_t length)
{
    reply->text = (struct weir_span){weir_strndup(text, length), length};
}

static void copy_answer(const redisReply *answer, struct weir_reply *reply, int depth)
{
    char number[24];
    switch (answer->type) {
    case REDIS_REPLY_INTEGER:
        set_text(reply, number, (size_t)snprintf(number, sizeof(number), "%lld", answer->integer));
        return;
    case REDIS_REPLY_ARRAY:
        reply->is_list = true;
        reply->count = depth < DEEPEST_ANSWER ? answer->elements : 0;
        reply->items = weir_new_array(struct weir_reply, reply->count);
        for (size_t i = 0; i < reply->count; i++) {
            copy_answer(answer->element[i], &reply->items[i], depth + 1);
        }
        return;
    default:
        if (answer->str) {
            set_text(reply, answer->str, (size_t)answer->len);
        }
    }
}

static int64_t now_of(struct weir_client *client)
{
    uv_update_time(weir_loop_uv(client->loop));
    return weir_loop_now_ms(client->loop);
}

static void turn(struct weir_client *client)
{
    uv_run(weir_loop_uv(client->loop), UV_RUN_ONCE); // timers of the connection end it soon enough
}

static void on_answer(void *user, const struct redisReply *answer)
{
    struct waiting *waiting = user;
    if (waiting->is_given_up) {
        free(waiting);
        return;
    }
    waiting->is_answered = true;
    waiting->is_unknown = !answer;
    if (answer && answer->type == REDIS_REPLY_ERROR) {
        weir_error_set(&waiting->err, "%.*s", answer->len > 190 ? 190 : (int)answer->len,
                       answer->str);
    } else if (answer) {
        waiting->reply = weir_new(struct weir_reply);
        copy_answer(answer, waiting->reply, 0);
    }
}

static bool say_unreachable(struct weir_client *client, const char *what, const char *cause,
                            struct weir_error *err)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer url = {0};
    weir_redis_url_write(&client->url, &url);
    return weir_error_set(err, "%s Redis at %s: %s", what, weir_buffer_text(&url), cause);
}

static struct weir_reply *wait_for(struct weir_client *client, struct waiting *waiting,
                                   struct weir_error *err)
{
    int64_t end_ms = now_of(client) + client->timeout_ms;
    while (!waiting->is_answered && now_of(client) < end_ms) {
        turn(client);
    }
    if (!waiting->is_answered) {
        waiting->is_given_up = true; // freed by its answer, or by the end of the connection
        say_unreachable(client, "no answer in time from", "what was asked may be done or not", err);
        return NULL;
    }
    struct weir_reply *reply = waiting->reply;
    if (waiting->is_unknown) {
        say_unreachable(client, "no answer from", client->cause.text, err);
    } else if (!reply) {
        weir_error_set(err, "%s", waiting->err.text);
    }
    free(waiting);
    return reply;
}

// A connection that ended while nobody looked is made anew before something is sent.
static bool be_connected(struct weir_client *client, bool is_patient, struct weir_error *err)
{
    int64_t end_ms = now_of(client) + client->timeout_ms;
    uv_run(weir_loop_uv(client->loop), UV_RUN_NOWAIT);
    client->is_lost = false;
    while (!client->is_ready && now_of(client) < end_ms && (is_patient || !client->is_lost)) {
        turn(client);
    }
    return client->is_ready ||
           say_unreachable(client, "can't reach",
                           client->cause.text[0] ? client->cause.text : "no answer in time", err);
}

struct weir_reply *weir_client_send(struct weir_client *client, const struct weir_span *args,
                                    size_t count, struct weir_error *err)
{
    if (!be_connected(client, true, err)) {
        return NULL;
    }
    struct waiting *waiting = weir_new(struct waiting);
    if (!weir_redis_send(client->redis, args, count, on_answer, waiting)) {
        waiting->is_answered = waiting->is_unknown = true;
    }
    return wait_for(client, waiting, err);
}

struct weir_reply *weir_client_call(struct weir_client *client, const char *name,
                                    struct weir_span key, const struct weir_span *args,
                                    size_t count, struct weir_error *err)
{
    if (!be_connected(client, true, err)) {
        return NULL;
    }
    struct waiting *waiting = weir_new(struct waiting);
    if (!weir_redis_call(client->redis, name, key, args, count, on_answer, waiting)) {
        waiting->is_answered = waiting->is_unknown = true;
    }
    return wait_for(client, waiting, err);
}

// ---- decisions ----

static struct weir_reply *ask_about(struct weir_client *client, struct weir_span key,
                                    const struct weir_span *args, size_t count)
{
    struct weir_error ignored = {0};
    struct waiting *waiting = weir_new(struct waiting);
    if (!weir_redis_send_to(client->redis, key, args, count, on_answer, waiting)) {
        waiting->is_answered = waiting->is_unknown = true;
    }
    return wait_for(client, waiting, &ignored);
}

static uint64_t number_in(const struct weir_reply *reply, const char *info_name)
{
    uint64_t number = 0;
    if (reply) {
        weir_span_to_u64(info_name ? weir_redis_info_find(reply->text, info_name) : reply->text,
                         &number);
    }
    return number;
}

// Nothing went between the decision and this on the connection, and it is the same one, or `epoch`
// would be another: so the replica that WAIT counts has the decision.
static enum weir_confirmed confirm(struct weir_client *client, struct weir_span key, uint64_t epoch)
{
    struct weir_span info[] = {WEIR_SPAN("INFO"), WEIR_SPAN("replication")};
    struct weir_span wait[] = {WEIR_SPAN("WAIT"), WEIR_SPAN("1"), WEIR_SPAN(REPLICA_MS)};
    struct weir_reply *said = ask_about(client, key, info, ARRAY_LEN(info));
    bool is_told = said != NULL;
    uint64_t replicas = number_in(said, "connected_slaves");
    weir_reply_destroy(&said);
    if (is_told && replicas == 0) {
        return WEIR_CONFIRMED_ALONE;
    }
    said = ask_about(client, key, wait, ARRAY_LEN(wait));
    bool has_it = number_in(said, NULL) > 0 && weir_redis_epoch(client->redis) == epoch;
    weir_reply_destroy(&said);
    return has_it ? WEIR_CONFIRMED_REPLICATED : WEIR_CONFIRMED_UNREPLICATED;
}

struct weir_reply *weir_client_decide(struct weir_client *client, const char *name,
                                      struct weir_span key, const struct weir_span *args,
                                      size_t count, enum weir_confirmed *confirmed_out,
                                      struct weir_error *err)
{
    struct weir_error ignored = {0};
    if (!be_connected(client, true, err)) {
        return NULL;
    }
    uint64_t epoch = weir_redis_epoch(client->redis);
    struct weir_reply *reply = weir_client_call(client, name, key, args, count, err);
    if (!reply) {
        return NULL;
    }
    *confirmed_out = confirm(client, key, epoch);
    if (*confirmed_out == WEIR_CONFIRMED_UNREPLICATED) {
        struct weir_reply *marked =
            weir_client_call(client, "unreplicated", key, args, count > 0 ? 1 : 0, &ignored);
        weir_reply_destroy(&marked);
    }
    return reply;
}

struct weir_span weir_reply_field(const struct weir_reply *list, const char *name)
{
    for (size_t i = 0; i + 1 < list->count; i += 2) {
        if (weir_span_is(list->items[i].text, name)) {
            return list->items[i + 1].text;
        }
    }
    return (struct weir_span){0};
}

int weir_client_server_pid(struct weir_client *client)
{
    struct weir_error err = {0};
    struct weir_span args[] = {WEIR_SPAN("INFO"), WEIR_SPAN("server")};
    uint64_t pid = 0;
    struct weir_reply *info = weir_client_send(client, args, ARRAY_LEN(args), &err);
    if (info) {
        weir_span_to_u64(weir_redis_info_find(info->text, "process_id"), &pid);
    }
    weir_reply_destroy(&info);
    return pid < INT32_MAX ? (int)pid : 0;
}

// ---- opening ----

static void on_ready(void *user, struct weir_span run_id)
{
    struct weir_client *client = user;
    (void)run_id;
    client->is_ready = true;
}

static void on_lost(void *user, struct weir_span cause)
{
    struct weir_client *client = user;
    client->is_ready = false;
    client->is_lost = true;
    client->cause = (struct weir_error){0};
    weir_error_set(&client->cause, "%.*s", WEIR_SPAN_ARGS(cause));
}

static const struct weir_redis_events events = {.on_ready = on_ready, .on_lost = on_lost};

static bool open_redis(struct weir_client *client, const struct weir_client_options *options,
                       struct weir_error *err)
{
    const struct weir_redis_options redis = {
        .url = client->url,
        .password = options->password,
        .sentinel_password = options->sentinel_password,
        .tls_files = options->tls_files,
    };
    client->loop = weir_loop_create(err);
    client->redis =
        client->loop ? weir_redis_open(client->loop, &redis, &events, client, err) : NULL;
    return client->redis != NULL;
}

// Of one server, the first failure is told at once; where there are others, one of them may be on
// its way to being the master.
static bool connect_first(struct weir_client *client, struct weir_error *err)
{
    bool is_patient = client->url.kind != WEIR_REDIS_PLAIN || client->url.host_count > 1;
    if (be_connected(client, is_patient, err)) {
        return true;
    }
    size_t length = strlen(err->text);
    snprintf(err->text + length, sizeof(err->text) - length, "; is weir running?");
    return false;
}

struct weir_client *weir_client_open(const struct weir_client_options *options,
                                     struct weir_error *err)
{
    WEIR_AUTO(weir_client_close) struct weir_client *client = weir_new(struct weir_client);
    client->timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    bool is_named = options->url.length > 0
                        ? weir_redis_url_parse(options->url, &client->url, err)
                        : weir_redis_url_private(options->state, &client->url, err);
    if (!is_named || !open_redis(client, options, err) || !connect_first(client, err)) {
        return NULL;
    }
    return weir_take(client);
}

void weir_client_close(struct weir_client **client)
{
    if (*client) {
        weir_redis_close(&(*client)->redis);
        weir_loop_destroy(&(*client)->loop);
        free(*client);
        *client = NULL;
    }
}
