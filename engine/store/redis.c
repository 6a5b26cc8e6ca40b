#include "engine/store/redis.h"

#include "engine/base/alloc.h"
#include "engine/store/redis_private.h"
#include "engine/store/redis_slots.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

// One attempt after the other, each with connections of its own; what differs between one server,
// sentinels and a cluster is only how an attempt begins.

#define TICK_MS        100
#define RETRY_MIN_MS   100
#define RETRY_MAX_MS   5000
#define RETRY_FAR_MS   1000 // where others are at work on a new master, it is worth looking often
#define RETRY_LOCAL_MS 400  // to a socket of this machine a try costs nothing
#define CAUSE_BYTES    512
#define KNOWN_MAX      16

struct weir_redis {
    struct weir_redis_door door;
    const char *channel;
    const struct weir_redis_events *events;
    void *user;
    enum phase {
        PHASE_AWAY, // waiting for the next attempt
        PHASE_TRYING,
        PHASE_READY,
    } phase;
    struct weir_timer *timer;
    struct weir_redis_node *node; // the one server
    struct weir_sentinel *sentinel;
    struct weir_redis_cluster *cluster;
    struct weir_redis_address known[KNOWN_MAX]; // masters that the cluster had
    size_t known_count;
    bool is_cluster;
    size_t attempts;
    int64_t retry_at_ms;
    uint32_t failures;
    uint64_t random;
    uint64_t epoch;
    struct weir_buffer command; // being written
    bool is_closing;
};

// Between half and all of the back-off, so that many processes do not come back in step.
static int64_t retry_delay_ms(struct weir_redis *redis)
{
    int64_t delay = RETRY_MIN_MS;
    int64_t most = redis->door.url.path[0]                ? RETRY_LOCAL_MS
                   : redis->is_cluster || redis->sentinel ? RETRY_FAR_MS
                                                          : RETRY_MAX_MS;
    for (uint32_t i = 1; i < redis->failures && delay < most; i++) {
        delay *= 2;
    }
    redis->random = redis->random * 6364136223846793005u + 1442695040888963407u;
    delay = delay > most ? most : delay;
    return delay / 2 + (int64_t)((redis->random >> 33) % (uint64_t)(delay / 2 + 1));
}

static int64_t now_of(const struct weir_redis *redis)
{
    return weir_loop_now_ms(redis->door.loop);
}

static void lose(struct weir_redis *redis, struct weir_span cause)
{
    char text[CAUSE_BYTES];
    snprintf(text, sizeof(text), "%.*s", WEIR_SPAN_ARGS(cause));
    redis->phase = PHASE_AWAY;
    redis->failures++;
    redis->retry_at_ms = now_of(redis) + retry_delay_ms(redis);
    if (redis->cluster) {
        size_t count =
            weir_redis_cluster_members(redis->cluster, redis->known, ARRAY_LEN(redis->known));
        redis->known_count = count > 0 ? count : redis->known_count;
    }
    weir_redis_node_close(&redis->node); // what was pending gets its NULL
    weir_redis_cluster_close(&redis->cluster);
    if (!redis->is_closing) {
        redis->events->on_lost(redis->user, weir_span_of(text));
    }
}

static void be_ready(struct weir_redis *redis, struct weir_span run_id)
{
    redis->phase = PHASE_READY;
    redis->failures = 0;
    redis->epoch++;
    redis->events->on_ready(redis->user, run_id);
}

// ---- one server ----

static void on_node_ready(void *user, struct weir_redis_node *node)
{
    struct weir_redis *redis = user;
    if (weir_redis_node_is_of_cluster(node) && !redis->channel) {
        redis->is_cluster = true; // the next attempt is one for clusters
        weir_redis_node_close(&redis->node);
        redis->phase = PHASE_AWAY;
        redis->retry_at_ms = 0;
        return;
    }
    be_ready(redis, weir_redis_node_run_id(node));
}

static void on_node_lost(void *user, struct weir_redis_node *node, struct weir_span cause)
{
    struct weir_redis *redis = user;
    (void)node;
    if (redis->sentinel) {
        weir_sentinel_doubt(redis->sentinel);
    }
    lose(redis, cause);
}

static void on_node_heard(void *user, struct weir_span text)
{
    struct weir_redis *redis = user;
    redis->events->on_heard(redis->user, text);
}

static const struct weir_redis_node_events node_events = {
    .on_ready = on_node_ready, .on_lost = on_node_lost, .on_heard = on_node_heard};

bool weir_redis_address_equals(const struct weir_redis_address *a,
                               const struct weir_redis_address *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

struct weir_redis_node_options weir_redis_door_options(const struct weir_redis_door *door,
                                                       const struct weir_redis_address *address)
{
    return (struct weir_redis_node_options){
        .purpose = WEIR_REDIS_FOR_CARDS,
        .path = door->url.path[0] ? door->url.path : NULL,
        .address = *address,
        .tls = door->tls,
        .user = door->url.user,
        .password = weir_buffer_span(&door->password),
        .database = door->url.database,
    };
}

static void try_server(struct weir_redis *redis, const struct weir_redis_address *address)
{
    struct weir_redis_node_options options = weir_redis_door_options(&redis->door, address);
    if (redis->channel) {
        options.purpose = WEIR_REDIS_FOR_LISTENING;
        options.channel = redis->channel;
    }
    redis->phase = PHASE_TRYING;
    redis->node = weir_redis_node_open(redis->door.loop, &options, &node_events, redis);
}

// ---- sentinels ----

static void on_master(void *user, const struct weir_redis_address *master)
{
    struct weir_redis *redis = user;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer cause = {0};
    if (!redis->node) {
        if (now_of(redis) >= redis->retry_at_ms) {
            try_server(redis, master);
        }
        return;
    }
    if (!weir_redis_address_equals(weir_redis_node_address(redis->node), master)) {
        weir_buffer_add_text(&cause, "the sentinels name another master, ");
        weir_redis_address_write(master, &cause);
        lose(redis, weir_buffer_span(&cause));
        try_server(redis, master);
    }
}

static void on_no_sentinel(void *user, struct weir_span cause)
{
    struct weir_redis *redis = user;
    if (!redis->node) {
        lose(redis, cause);
    }
}

static const struct weir_sentinel_events sentinel_events = {.on_master = on_master,
                                                            .on_failed = on_no_sentinel};

// ---- a cluster ----

static void on_cluster_ready(void *user, struct weir_span run_id)
{
    be_ready(user, run_id);
}

static void on_cluster_lost(void *user, struct weir_span cause)
{
    lose(user, cause);
}

static const struct weir_redis_cluster_events cluster_events = {.on_ready = on_cluster_ready,
                                                                .on_lost = on_cluster_lost};

// ---- attempts ----

static void try_next(struct weir_redis *redis)
{
    const struct weir_redis_url *url = &redis->door.url;
    size_t count = url->host_count + redis->known_count;
    size_t next = count > 0 ? redis->attempts++ % count : 0;
    const struct weir_redis_address *address = next < url->host_count || count == 0
                                                   ? &url->hosts[next]
                                                   : &redis->known[next - url->host_count];
    if (redis->is_cluster && !redis->channel) {
        redis->phase = PHASE_TRYING;
        redis->cluster = weir_redis_cluster_open(&redis->door, address, &cluster_events, redis);
    } else {
        try_server(redis, address);
    }
}

static void on_tick(void *user)
{
    struct weir_redis *redis = user;
    if (redis->phase == PHASE_AWAY && !redis->sentinel && now_of(redis) >= redis->retry_at_ms) {
        try_next(redis);
    }
}

// ---- the way in ----

static bool open_tls(struct weir_redis *redis, const struct weir_redis_options *options,
                     struct weir_error *err)
{
    if (options->url.has_tls) {
        redis->door.tls = weir_redis_tls_create(&options->tls_files, err);
    }
    return redis->door.tls || !options->url.has_tls;
}

static void free_redis(struct weir_redis *redis)
{
    weir_redis_tls_destroy(&redis->door.tls);
    weir_buffer_fini(&redis->door.password);
    weir_buffer_fini(&redis->door.sentinel_password);
    weir_buffer_fini(&redis->command);
    free(redis);
}

struct weir_redis *weir_redis_open(struct weir_loop *loop, const struct weir_redis_options *options,
                                   const struct weir_redis_events *events, void *user,
                                   struct weir_error *err)
{
    struct weir_redis *redis = weir_new(struct weir_redis);
    redis->door.loop = loop;
    redis->door.url = options->url;
    weir_buffer_add(&redis->door.password, options->password);
    weir_buffer_add(&redis->door.sentinel_password, options->sentinel_password);
    redis->channel = options->channel;
    redis->events = events;
    redis->user = user;
    redis->is_cluster = options->url.kind == WEIR_REDIS_CLUSTER;
    redis->random = (uint64_t)(uintptr_t)redis ^ (uint64_t)weir_loop_now_ms(loop);
    if (!open_tls(redis, options, err)) {
        free_redis(redis);
        return NULL;
    }
    if (options->url.kind == WEIR_REDIS_SENTINEL) {
        redis->sentinel = weir_sentinel_open(&redis->door, &sentinel_events, redis);
    }
    redis->timer = weir_timer_start(loop, 0, TICK_MS, on_tick, redis);
    return redis;
}

void weir_redis_close(struct weir_redis **redis_at)
{
    struct weir_redis *redis = weir_take(*redis_at);
    if (!redis) {
        return;
    }
    redis->is_closing = true;
    weir_timer_stop(&redis->timer);
    weir_sentinel_close(&redis->sentinel);
    lose(redis, WEIR_SPAN("closed"));
    free_redis(redis);
}

bool weir_redis_is_ready(const struct weir_redis *redis)
{
    return redis->phase == PHASE_READY;
}

void weir_redis_hurry(struct weir_redis *redis)
{
    redis->failures = 0;
    redis->retry_at_ms = now_of(redis);
}

uint64_t weir_redis_epoch(const struct weir_redis *redis)
{
    return redis->epoch + (redis->cluster ? weir_redis_cluster_redirects(redis->cluster) : 0);
}

// ---- sending ----

bool weir_redis_send_to(struct weir_redis *redis, struct weir_span key,
                        const struct weir_span *args, size_t count, weir_reply_fn on_reply,
                        void *user)
{
    weir_assert(count > 0 && count <= WEIR_REDIS_ARGS);
    if (!weir_redis_is_ready(redis)) {
        return false;
    }
    if (redis->node) {
        return weir_redis_node_send(redis->node, args, count, on_reply, user);
    }
    weir_redis_write_command(&redis->command, args, count);
    bool is_call = weir_span_is(args[0], "FCALL") || weir_span_is(args[0], "EVALSHA");
    return weir_redis_cluster_send(redis->cluster, key, weir_buffer_span(&redis->command), is_call,
                                   on_reply, user);
}

bool weir_redis_send(struct weir_redis *redis, const struct weir_span *args, size_t count,
                     weir_reply_fn on_reply, void *user)
{
    struct weir_span key = redis->node ? (struct weir_span){0} : weir_redis_key_of(args, count);
    return weir_redis_send_to(redis, key, args, count, on_reply, user);
}

bool weir_redis_call(struct weir_redis *redis, const char *name, struct weir_span key,
                     const struct weir_span *args, size_t count, weir_reply_fn on_reply, void *user)
{
    struct weir_span all[WEIR_REDIS_ARGS];
    char function[64];
    size_t used = 0;
    const struct weir_redis_node *node =
        redis->cluster ? weir_redis_cluster_node_of(redis->cluster, key) : redis->node;
    if (!weir_redis_is_ready(redis) || !node) {
        return false;
    }
    bool has_functions = weir_redis_node_has_functions(node);
    weir_assert(count + 5 <= ARRAY_LEN(all));
    snprintf(function, sizeof(function), "weir_%s", name);
    all[used++] = has_functions ? WEIR_SPAN("FCALL") : WEIR_SPAN("EVALSHA");
    all[used++] = has_functions ? weir_span_of(function) : weir_redis_node_script(node);
    all[used++] = WEIR_SPAN("1");
    all[used++] = key;
    if (!has_functions) {
        all[used++] = weir_span_of(function);
    }
    for (size_t i = 0; i < count; i++) {
        all[used++] = args[i];
    }
    return weir_redis_send_to(redis, key, all, used, on_reply, user);
}
