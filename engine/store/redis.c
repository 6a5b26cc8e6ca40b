#include "engine/store/redis.h"

#include "engine/base/alloc.h"
#include "engine/store/library.h"
#include "engine/store/redis_loop.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

// hiredis owns a context until its disconnect callback, frees it by itself, and answers what was
// pending with NULL on the way. So `context` is forgotten first, and a late reply of an old context
// is told by its generation. hiredis 0.14 knows no time-outs: a tick looks whether what was asked
// longest ago has been answered.

#define TICK_MS         200
#define ANSWER_MS       10000 // nothing answers for so long: the connection is dead
#define PING_MS         5000
#define RETRY_MIN_MS    100
#define RETRY_MAX_MS    5000
#define RETRY_LOCAL_MS  400 // to a socket of this machine a try costs nothing
#define CAUSE_BYTES     256
#define SCRIPT_ID_BYTES 48

enum phase {
    PHASE_AWAY,     // waiting for the next attempt
    PHASE_GREETING, // connecting, proving, loading
    PHASE_READY,
};

struct weir_redis {
    struct weir_loop *loop;
    struct weir_redis_options options;
    struct weir_buffer password;
    struct weir_buffer command; // being written
    const struct weir_redis_events *events;
    void *user;
    redisAsyncContext *context;
    uint64_t generation;
    enum phase phase;
    struct weir_timer *timer;
    int64_t retry_at_ms;
    int64_t heard_ms;
    uint64_t waiting; // commands sent and not answered
    uint32_t failures;
    uint64_t random;
    bool has_functions;
    bool is_closing;
    char script_id[SCRIPT_ID_BYTES]; // where there are no functions
    char run_id[64];
    char cause[CAUSE_BYTES];
};

// A command on its way.
struct call {
    struct weir_redis *redis;
    uint64_t generation;
    weir_reply_fn on_reply;
    void *user;
};

// Between half and all of the back-off, so that many processes do not come back in step.
static int64_t retry_delay_ms(struct weir_redis *redis)
{
    int64_t delay = RETRY_MIN_MS;
    int64_t most = redis->options.url.path[0] ? RETRY_LOCAL_MS : RETRY_MAX_MS;
    for (uint32_t i = 1; i < redis->failures && delay < most; i++) {
        delay *= 2;
    }
    redis->random = redis->random * 6364136223846793005u + 1442695040888963407u;
    delay = delay > most ? most : delay;
    return delay / 2 + (int64_t)((redis->random >> 33) % (uint64_t)(delay / 2 + 1));
}

// The connection is of no more use, for a reason of ours or of the server's.
static void lose(struct weir_redis *redis, const char *cause)
{
    redisAsyncContext *context = weir_take(redis->context);
    if (redis->phase == PHASE_AWAY && !context) {
        return;
    }
    snprintf(redis->cause, sizeof(redis->cause), "%s", cause);
    redis->phase = PHASE_AWAY;
    redis->generation++;
    redis->failures++;
    redis->retry_at_ms = weir_loop_now_ms(redis->loop) + retry_delay_ms(redis);
    if (context) {
        redisAsyncFree(context); // what was pending gets its NULL from within this call
    }
    redis->waiting = 0;
    if (!redis->is_closing) {
        redis->events->on_lost(redis->user, weir_span_of(redis->cause));
    }
}

// hiredis frees the context itself after either of these two.
static void on_context_gone(const redisAsyncContext *context, const char *fallback)
{
    struct weir_redis *redis = context->data;
    if (!redis || redis->context != context) {
        return; // we let go of it first
    }
    char cause[CAUSE_BYTES];
    snprintf(cause, sizeof(cause), "%s",
             context->errstr && context->errstr[0] ? context->errstr : fallback);
    redis->context = NULL;
    lose(redis, cause);
}

static void on_connected(const redisAsyncContext *context, int status)
{
    if (status != REDIS_OK) {
        on_context_gone(context, "can't connect");
    }
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    (void)status;
    on_context_gone(context, "the connection was closed");
}

static void on_answer(redisAsyncContext *context, void *reply, void *user)
{
    struct call *call = user;
    struct weir_redis *redis = call->redis;
    (void)context;
    if (call->generation == redis->generation) {
        redis->heard_ms = weir_loop_now_ms(redis->loop);
        redis->waiting -= redis->waiting > 0;
    } else {
        reply = NULL;
    }
    struct call done = *call;
    free(call);
    done.on_reply(done.user, reply);
}

static char *write_length(char *end, char sign, size_t length)
{
    *end++ = sign;
    end += weir_digits_of(end, length);
    *end++ = '\r';
    *end++ = '\n';
    return end;
}

static char *write_argument(char *end, struct weir_span argument)
{
    end = write_length(end, '$', argument.length);
    if (argument.length > 0) {
        memcpy(end, argument.data, argument.length);
        end += argument.length;
    }
    *end++ = '\r';
    *end++ = '\n';
    return end;
}

// As hiredis would write it, but without a formatted string and two copies for each argument.
static void write_command(struct weir_buffer *out, const struct weir_span *args, size_t count)
{
    const size_t overhead = WEIR_DIGITS + 5; // of a length, and behind what it counts
    size_t bytes = overhead;
    for (size_t i = 0; i < count; i++) {
        bytes += args[i].length + overhead;
    }
    weir_buffer_clear(out);
    char *end = write_length(weir_buffer_reserve(out, bytes), '*', count);
    for (size_t i = 0; i < count; i++) {
        end = write_argument(end, args[i]);
    }
    out->length = (size_t)(end - out->data);
}

static bool send_now(struct weir_redis *redis, const struct weir_span *args, size_t count,
                     weir_reply_fn on_reply, void *user)
{
    weir_assert(count > 0 && count <= WEIR_REDIS_ARGS);
    if (!redis->context) {
        return false;
    }
    write_command(&redis->command, args, count);
    struct call *call = weir_new(struct call);
    *call = (struct call){redis, redis->generation, on_reply, user};
    if (redis->waiting == 0) {
        redis->heard_ms = weir_loop_now_ms(redis->loop);
    }
    if (redisAsyncFormattedCommand(redis->context, on_answer, call, redis->command.data,
                                   redis->command.length) != REDIS_OK) {
        free(call);
        return false;
    }
    redis->waiting++;
    return true;
}

// ---- greeting: password, database, may it keep cards, is the library there ----

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

static void lose_because(struct weir_redis *redis, const char *what, const struct redisReply *reply)
{
    char cause[CAUSE_BYTES];
    struct weir_span said = reply_span(reply);
    snprintf(cause, sizeof(cause), "%s: %.*s", what, WEIR_SPAN_ARGS(weir_span_slice(said, 0, 160)));
    lose(redis, cause);
}

static void be_ready(struct weir_redis *redis)
{
    redis->phase = PHASE_READY;
    redis->failures = 0;
    redis->events->on_ready(redis->user, weir_span_of(redis->run_id));
}

static void on_script_loaded(void *user, const struct redisReply *reply)
{
    struct weir_redis *redis = user;
    struct weir_span id = reply_span(reply);
    if (!reply) {
        return; // the connection ended; that was told already
    }
    if (is_error(reply) || id.length == 0 || id.length >= sizeof(redis->script_id)) {
        lose_because(redis, "can't load the queue library", reply);
        return;
    }
    memcpy(redis->script_id, id.data, id.length);
    redis->script_id[id.length] = '\0';
    be_ready(redis);
}

static void load_script(struct weir_redis *redis)
{
    redis->has_functions = false;
    struct weir_span args[] = {WEIR_SPAN("SCRIPT"), WEIR_SPAN("LOAD"), weir_library_for_scripts()};
    send_now(redis, args, ARRAY_LEN(args), on_script_loaded, redis);
}

static void on_functions_loaded(void *user, const struct redisReply *reply)
{
    struct weir_redis *redis = user;
    if (!reply) {
        return;
    }
    if (is_error(reply)) {
        lose_because(redis, "can't load the queue library", reply);
        return;
    }
    be_ready(redis);
}

static void on_version(void *user, const struct redisReply *reply)
{
    struct weir_redis *redis = user;
    if (!reply) {
        return;
    }
    if (weir_span_is(reply_span(reply), weir_library_version)) {
        be_ready(redis);
        return;
    }
    if (is_error(reply) && strstr(reply->str, "unknown command")) {
        load_script(redis);
        return;
    }
    struct weir_span args[] = {WEIR_SPAN("FUNCTION"), WEIR_SPAN("LOAD"), WEIR_SPAN("REPLACE"),
                               weir_library_for_functions()};
    send_now(redis, args, ARRAY_LEN(args), on_functions_loaded, redis);
}

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

static void on_info(void *user, const struct redisReply *reply)
{
    struct weir_redis *redis = user;
    if (!reply) {
        return;
    }
    struct weir_span info =
        reply->type == REDIS_REPLY_STRING ? reply_span(reply) : (struct weir_span){0};
    if (info.length == 0) {
        lose_because(redis, "INFO is refused", reply);
        return;
    }
    struct weir_span policy = weir_redis_info_find(info, "maxmemory_policy");
    if (policy.length > 0 && !weir_span_is(policy, "noeviction")) {
        char cause[CAUSE_BYTES];
        snprintf(cause, sizeof(cause),
                 "this Redis may throw cards away (maxmemory-policy %.*s); set maxmemory-policy "
                 "noeviction in it, or give weir another one",
                 WEIR_SPAN_ARGS(weir_span_slice(policy, 0, 40)));
        lose(redis, cause);
        return;
    }
    struct weir_span run_id = weir_redis_info_find(info, "run_id");
    snprintf(redis->run_id, sizeof(redis->run_id), "%.*s", WEIR_SPAN_ARGS(run_id));
    struct weir_span args[] = {WEIR_SPAN("FCALL_RO"), WEIR_SPAN("weir_version"), WEIR_SPAN("0")};
    send_now(redis, args, ARRAY_LEN(args), on_version, redis);
}

static void on_welcome(void *user, const struct redisReply *reply)
{
    if (reply && is_error(reply)) {
        lose_because(user, "Redis refuses us", reply);
    }
}

// Of a subscription, replies come without end, until the NULL of the connection's end.
static void on_message(redisAsyncContext *context, void *answer, void *user)
{
    struct weir_redis *redis = user;
    const struct redisReply *reply = answer;
    if (!reply || context != redis->context) {
        return;
    }
    redis->heard_ms = weir_loop_now_ms(redis->loop);
    redis->waiting = 0;
    if (is_error(reply) || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
        lose_because(redis, "can't subscribe", reply);
        return;
    }
    struct weir_span kind = reply_span(reply->element[0]);
    if (weir_span_is(kind, "message")) {
        redis->events->on_heard(redis->user, reply_span(reply->element[2]));
    } else if (weir_span_is(kind, "subscribe") && redis->phase == PHASE_GREETING) {
        be_ready(redis);
    }
}

// Subscribing again to what one listens to already is answered, which makes it the ping of such a
// connection: hiredis 0.14 can't read the answer to PING there.
static void subscribe(struct weir_redis *redis)
{
    const char *args[] = {"SUBSCRIBE", redis->options.channel};
    redis->heard_ms = weir_loop_now_ms(redis->loop);
    redis->waiting = 1;
    redisAsyncCommandArgv(redis->context, on_message, redis, ARRAY_LEN(args), args, NULL);
}

static void greet(struct weir_redis *redis)
{
    if (redis->password.length > 0) {
        struct weir_span args[] = {WEIR_SPAN("AUTH"), weir_buffer_span(&redis->password)};
        send_now(redis, args, ARRAY_LEN(args), on_welcome, redis);
    }
    char database[16];
    snprintf(database, sizeof(database), "%u", (unsigned)redis->options.url.database);
    if (redis->options.url.database > 0) {
        struct weir_span args[] = {WEIR_SPAN("SELECT"), weir_span_of(database)};
        send_now(redis, args, ARRAY_LEN(args), on_welcome, redis);
    }
    if (redis->options.channel) {
        subscribe(redis);
        return;
    }
    struct weir_span args[] = {WEIR_SPAN("INFO")};
    send_now(redis, args, ARRAY_LEN(args), on_info, redis);
}

// ---- keeping it up ----

static redisAsyncContext *connect_context(const struct weir_redis_url *url)
{
    return url->path[0] ? redisAsyncConnectUnix(url->path)
                        : redisAsyncConnect(url->host, url->port);
}

// What is sent now waits in hiredis until the connection is there, so the greeting goes first of
// all. (Sending from within the connect callback is what it does not survive.)
static void try_connecting(struct weir_redis *redis)
{
    redisAsyncContext *context = connect_context(&redis->options.url);
    weir_assert(context);
    redis->phase = PHASE_GREETING;
    if (context->err || !weir_redis_attach(context, weir_loop_uv(redis->loop))) {
        char cause[CAUSE_BYTES];
        snprintf(cause, sizeof(cause), "%s",
                 context->err ? context->errstr : "no place on the loop");
        redisAsyncFree(context);
        lose(redis, cause);
        return;
    }
    context->data = redis;
    redis->context = context;
    redis->waiting = 0;
    redis->heard_ms = weir_loop_now_ms(redis->loop);
    redisAsyncSetConnectCallback(context, on_connected);
    redisAsyncSetDisconnectCallback(context, on_disconnected);
    greet(redis);
}

static void on_pong(void *user, const struct redisReply *reply)
{
    if (reply && is_error(reply)) {
        lose_because(user, "Redis answers PING with", reply);
    }
}

static void ping(struct weir_redis *redis)
{
    struct weir_span args[] = {WEIR_SPAN("PING")};
    if (redis->options.channel) {
        subscribe(redis);
    } else {
        send_now(redis, args, ARRAY_LEN(args), on_pong, redis);
    }
}

static void on_tick(void *user)
{
    struct weir_redis *redis = user;
    int64_t now_ms = weir_loop_now_ms(redis->loop);
    if (redis->phase == PHASE_AWAY) {
        if (now_ms >= redis->retry_at_ms) {
            try_connecting(redis);
        }
    } else if (redis->waiting > 0 && now_ms - redis->heard_ms > ANSWER_MS) {
        lose(redis, "Redis does not answer");
    } else if (redis->waiting == 0 && now_ms - redis->heard_ms > PING_MS) {
        ping(redis);
    }
}

struct weir_redis *weir_redis_open(struct weir_loop *loop, const struct weir_redis_options *options,
                                   const struct weir_redis_events *events, void *user)
{
    struct weir_redis *redis = weir_new(struct weir_redis);
    redis->loop = loop;
    redis->options = *options;
    weir_buffer_add(&redis->password, options->password);
    redis->events = events;
    redis->user = user;
    redis->random = (uint64_t)(uintptr_t)redis ^ (uint64_t)weir_loop_now_ms(loop);
    redis->has_functions = true;
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
    lose(redis, "closed");
    weir_timer_stop(&redis->timer);
    weir_buffer_fini(&redis->password);
    weir_buffer_fini(&redis->command);
    free(redis);
}

bool weir_redis_is_ready(const struct weir_redis *redis)
{
    return redis->phase == PHASE_READY;
}

void weir_redis_hurry(struct weir_redis *redis)
{
    redis->failures = 0;
    redis->retry_at_ms = weir_loop_now_ms(redis->loop);
}

bool weir_redis_send(struct weir_redis *redis, const struct weir_span *args, size_t count,
                     weir_reply_fn on_reply, void *user)
{
    return weir_redis_is_ready(redis) && send_now(redis, args, count, on_reply, user);
}

bool weir_redis_call(struct weir_redis *redis, const char *name, struct weir_span key,
                     const struct weir_span *args, size_t count, weir_reply_fn on_reply, void *user)
{
    struct weir_span all[WEIR_REDIS_ARGS];
    char function[64];
    size_t used = 0;
    weir_assert(count + 5 <= ARRAY_LEN(all));
    snprintf(function, sizeof(function), "weir_%s", name);
    all[used++] = redis->has_functions ? WEIR_SPAN("FCALL") : WEIR_SPAN("EVALSHA");
    all[used++] = weir_span_of(redis->has_functions ? function : redis->script_id);
    all[used++] = WEIR_SPAN("1");
    all[used++] = key;
    if (!redis->has_functions) {
        all[used++] = weir_span_of(function);
    }
    for (size_t i = 0; i < count; i++) {
        all[used++] = args[i];
    }
    return weir_redis_send(redis, all, used, on_reply, user);
}
