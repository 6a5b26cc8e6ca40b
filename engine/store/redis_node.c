#include "engine/store/redis_node.h"

#include "engine/base/alloc.h"
#include "engine/store/redis_loop.h"
#include "engine/store/redis_node_private.h"
#include "engine/store/redis_tls.h"

#include <arpa/inet.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

// hiredis owns a context until its disconnect callback, frees it by itself, and answers what was
// pending with NULL on the way, perhaps only after the callback that it is in. So `context` is
// forgotten first, and the node stays in memory until the last of its calls was answered. hiredis
// 0.14 knows no time-outs: a tick looks whether what was asked longest ago has been answered. It
// also looks names up while everybody waits: we look them up beside the loop and give it numbers.

#define TICK_MS      200
#define ANSWER_MS    4000 // nothing answers for so long: the connection is dead
#define PING_MS      1000
#define LOOK_MS      10000 // whether it is still what it was when we came
#define ABSENT_MS    1000  // we did not turn for so long: silence says nothing about the server
#define CONNECTED_MS 3000  // for each of the addresses of a name

// A command on its way.
struct call {
    struct weir_redis_node *node;
    weir_reply_fn on_reply;
    void *user;
};

struct lookup {
    uv_getaddrinfo_t request;
    struct weir_redis_node *node;
};

static void release(struct weir_redis_node *node)
{
    if (--node->holders == 0) {
        weir_buffer_fini(&node->command);
        free(node);
    }
}

// The connection is of no more use, for a reason of ours or of the server's.
void weir_redis_node_lose(struct weir_redis_node *node, const char *cause)
{
    char text[WEIR_REDIS_CAUSE_BYTES];
    redisAsyncContext *context = weir_take(node->context);
    if (node->phase == WEIR_REDIS_OVER) {
        return;
    }
    snprintf(text, sizeof(text), "%s", cause);
    node->phase = WEIR_REDIS_OVER;
    node->waiting = 0;
    weir_timer_stop(&node->timer);
    node->holders++;
    if (context) {
        context->data = NULL;
        redisAsyncFree(context); // what was pending gets its NULL from within this call
    }
    if (node->events) {
        const struct weir_redis_node_events *events = weir_take(node->events);
        events->on_lost(node->user, node, weir_span_of(text));
    }
    release(node);
}

void weir_redis_node_be_ready(struct weir_redis_node *node)
{
    node->phase = WEIR_REDIS_READY;
    node->looked_ms = weir_loop_now_ms(node->loop);
    node->events->on_ready(node->user, node);
}

// ---- calls ----

// Not done, and not by this server as it is now: a master that became a replica, or one whose
// functions or scripts somebody flushed. A new connection finds out, and brings the library along.
static const char *says_unfit(const struct weir_redis_node *node, const struct redisReply *reply)
{
    static const struct {
        const char *start;
        const char *cause;
    } errors[] = {
        {"READONLY", "this Redis is not a master any more"},
        {"NOSCRIPT", "the queue library was flushed from this Redis"},
        {"ERR Function not found", "the queue library was flushed from this Redis"},
    };
    bool is_error = reply && reply->type == REDIS_REPLY_ERROR && node->phase == WEIR_REDIS_READY;
    for (size_t i = 0; is_error && i < ARRAY_LEN(errors); i++) {
        if (strncmp(reply->str, errors[i].start, strlen(errors[i].start)) == 0) {
            return errors[i].cause;
        }
    }
    return NULL;
}

static void on_answer(redisAsyncContext *context, void *answer, void *user)
{
    struct call *call = user;
    struct call done = *call;
    struct weir_redis_node *node = done.node;
    const struct redisReply *reply = answer;
    free(call);
    if (node->context == context && reply) {
        node->heard_ms = weir_loop_now_ms(node->loop);
        node->waiting -= node->waiting > 0;
    } else {
        reply = NULL;
    }
    const char *unfit = says_unfit(node, reply);
    done.on_reply(done.user, unfit ? NULL : reply);
    if (unfit) {
        weir_redis_node_lose(node, unfit);
    }
    release(node);
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
void weir_redis_write_command(struct weir_buffer *out, const struct weir_span *args, size_t count)
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

static bool send_written(struct weir_redis_node *node, struct weir_span command,
                         weir_reply_fn on_reply, void *user)
{
    if (!node->context) {
        return false;
    }
    struct call *call = weir_new(struct call);
    *call = (struct call){node, on_reply, user};
    if (node->waiting == 0) {
        node->heard_ms = weir_loop_now_ms(node->loop);
    }
    if (redisAsyncFormattedCommand(node->context, on_answer, call, command.data, command.length) !=
        REDIS_OK) {
        free(call);
        return false;
    }
    node->holders++;
    node->waiting++;
    return true;
}

bool weir_redis_node_ask(struct weir_redis_node *node, const struct weir_span *args, size_t count,
                         weir_reply_fn on_reply)
{
    weir_assert(count > 0 && count <= WEIR_REDIS_ARGS);
    weir_redis_write_command(&node->command, args, count);
    return send_written(node, weir_buffer_span(&node->command), on_reply, node);
}

// ---- listening ----

// Of a subscription, replies come without end, until the NULL of the connection's end.
static void on_message(redisAsyncContext *context, void *answer, void *user)
{
    struct weir_redis_node *node = user;
    const struct redisReply *reply = answer;
    if (!reply || context != node->context) {
        return;
    }
    node->heard_ms = weir_loop_now_ms(node->loop);
    node->waiting = 0;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
        weir_redis_node_lose_because(node, "can't subscribe", reply);
        return;
    }
    const struct redisReply *kind = reply->element[0];
    const struct redisReply *text = reply->element[2];
    if (kind->str && strcmp(kind->str, "message") == 0 && text->str) {
        node->events->on_heard(node->user, (struct weir_span){text->str, (size_t)text->len});
    } else if (node->phase == WEIR_REDIS_GREETING) {
        weir_redis_node_be_ready(node);
    }
}

// Subscribing again to what one listens to already is answered, which makes it the ping of such a
// connection: hiredis 0.14 can't read the answer to PING there.
void weir_redis_node_subscribe(struct weir_redis_node *node)
{
    const char *args[] = {"SUBSCRIBE", node->options.channel};
    node->heard_ms = weir_loop_now_ms(node->loop);
    node->waiting = 1;
    redisAsyncCommandArgv(node->context, on_message, node, ARRAY_LEN(args), args, NULL);
}

// ---- connecting ----

static void fail_to_connect(struct weir_redis_node *node, const char *cause);
static void connect_next(struct weir_redis_node *node);

// hiredis frees the context itself after either of the two that call this.
static void on_context_gone(const redisAsyncContext *context, const char *fallback)
{
    struct weir_redis_node *node = context->data;
    if (!node || node->context != context) {
        return; // we let go of it first
    }
    char cause[WEIR_REDIS_CAUSE_BYTES];
    snprintf(cause, sizeof(cause), "%s",
             context->errstr && context->errstr[0] ? context->errstr : fallback);
    node->context = NULL;
    if (node->is_connected) {
        weir_redis_node_lose(node, cause);
    } else {
        fail_to_connect(node, cause);
    }
}

static void on_connected(const redisAsyncContext *context, int status)
{
    struct weir_redis_node *node = context->data;
    if (status != REDIS_OK) {
        on_context_gone(context, "can't connect");
    } else if (node && node->context == context) {
        node->is_connected = true;
    }
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    (void)status;
    on_context_gone(context, "the connection was closed");
}

// Another of the host's addresses may do better.
static void fail_to_connect(struct weir_redis_node *node, const char *cause)
{
    if (node->next_number < node->number_count) {
        connect_next(node);
    } else {
        weir_redis_node_lose(node, cause);
    }
}

static bool begin_tls(struct weir_redis_node *node, redisAsyncContext *context,
                      struct weir_error *err)
{
    return !node->options.tls ||
           weir_redis_tls_begin(node->options.tls, context, node->options.address.host, err);
}

// What is sent now waits in hiredis until the connection is there, so the greeting goes first of
// all. (Sending from within the connect callback is what it does not survive.)
static void take_context(struct weir_redis_node *node, redisAsyncContext *context)
{
    struct weir_error err = {0};
    weir_assert(context);
    if (context->err) {
        weir_error_set(&err, "%s", context->errstr);
    } else if (!weir_redis_attach(context, weir_loop_uv(node->loop))) {
        weir_error_set(&err, "no place on the loop");
    }
    if (err.text[0] || !begin_tls(node, context, &err)) {
        redisAsyncFree(context);
        fail_to_connect(node, err.text);
        return;
    }
    context->data = node;
    node->context = context;
    node->phase = WEIR_REDIS_GREETING;
    node->waiting = 0;
    node->connecting_ms = node->heard_ms = weir_loop_now_ms(node->loop);
    redisAsyncSetConnectCallback(context, on_connected);
    redisAsyncSetDisconnectCallback(context, on_disconnected);
    weir_redis_node_greet(node);
}

static void connect_next(struct weir_redis_node *node)
{
    const char *number = node->numbers[node->next_number++];
    take_context(node, redisAsyncConnect(number, node->options.address.port));
}

static void add_number(struct weir_redis_node *node, const struct addrinfo *found)
{
    if (node->number_count < ARRAY_LEN(node->numbers) &&
        getnameinfo(found->ai_addr, found->ai_addrlen, node->numbers[node->number_count],
                    sizeof(node->numbers[0]), NULL, 0, NI_NUMERICHOST) == 0) {
        node->number_count++;
    }
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct lookup *lookup = request->data;
    struct weir_redis_node *node = lookup->node;
    for (const struct addrinfo *one = found; one; one = one->ai_next) {
        add_number(node, one);
    }
    uv_freeaddrinfo(found);
    free(lookup);
    if (node->phase == WEIR_REDIS_LOOKING_UP) {
        char cause[WEIR_REDIS_CAUSE_BYTES];
        snprintf(cause, sizeof(cause), "can't find the host %.100s: %s", node->options.address.host,
                 status < 0 ? uv_strerror(status) : "it has no address");
        if (node->number_count > 0) {
            connect_next(node);
        } else {
            weir_redis_node_lose(node, cause);
        }
    }
    release(node);
}

static void look_up(struct weir_redis_node *node)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct lookup *lookup = weir_new(struct lookup);
    lookup->node = node;
    lookup->request.data = lookup;
    node->phase = WEIR_REDIS_LOOKING_UP;
    node->heard_ms = weir_loop_now_ms(node->loop);
    node->holders++;
    int failed = uv_getaddrinfo(weir_loop_uv(node->loop), &lookup->request, on_found,
                                node->options.address.host, NULL, &hints);
    if (failed) {
        free(lookup);
        weir_redis_node_lose(node, uv_strerror(failed));
        release(node);
    }
}

static bool is_number(const char *host)
{
    unsigned char address[16];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static void begin(struct weir_redis_node *node)
{
    const char *host = node->options.address.host;
    if (node->options.path) {
        take_context(node, redisAsyncConnectUnix(node->options.path));
    } else if (is_number(host)) {
        snprintf(node->numbers[node->number_count++], sizeof(node->numbers[0]), "%.60s", host);
        connect_next(node);
    } else {
        look_up(node);
    }
}

// ---- keeping watch ----

static void on_pong(void *user, const struct redisReply *reply)
{
    if (reply && reply->type == REDIS_REPLY_ERROR) {
        weir_redis_node_lose_because(user, "Redis answers PING with", reply);
    }
}

static void ping(struct weir_redis_node *node)
{
    struct weir_span args[] = {WEIR_SPAN("PING")};
    if (node->options.purpose == WEIR_REDIS_FOR_LISTENING) {
        weir_redis_node_subscribe(node);
    } else {
        weir_redis_node_ask(node, args, ARRAY_LEN(args), on_pong);
    }
}

static void give_up_connecting(struct weir_redis_node *node)
{
    redisAsyncContext *context = weir_take(node->context);
    context->data = NULL;
    redisAsyncFree(context);
    connect_next(node);
}

static void watch(struct weir_redis_node *node, int64_t now_ms)
{
    if (node->phase == WEIR_REDIS_LOOKING_UP) {
        if (now_ms - node->heard_ms > ANSWER_MS) {
            weir_redis_node_lose(node, "the host's name is not found in time");
        }
    } else if (!node->is_connected && node->next_number < node->number_count &&
               now_ms - node->connecting_ms > CONNECTED_MS) {
        give_up_connecting(node);
    } else if (node->waiting > 0 && now_ms - node->heard_ms > ANSWER_MS) {
        weir_redis_node_lose(node, "Redis does not answer");
    } else if (node->phase == WEIR_REDIS_READY && now_ms - node->looked_ms > LOOK_MS &&
               node->options.purpose == WEIR_REDIS_FOR_CARDS) {
        node->looked_ms = now_ms;
        weir_redis_node_look_again(node);
    } else if (node->waiting == 0 && now_ms - node->heard_ms > PING_MS) {
        ping(node);
    }
}

static void on_tick(void *user)
{
    struct weir_redis_node *node = user;
    int64_t now_ms = weir_loop_now_ms(node->loop);
    if (now_ms - node->tick_ms > ABSENT_MS) {
        node->heard_ms = now_ms;
    }
    node->tick_ms = now_ms;
    if (node->phase == WEIR_REDIS_BEGINNING) {
        begin(node);
    } else {
        watch(node, now_ms);
    }
}

// ---- the way in ----

struct weir_redis_node *weir_redis_node_open(struct weir_loop *loop,
                                             const struct weir_redis_node_options *options,
                                             const struct weir_redis_node_events *events,
                                             void *user)
{
    struct weir_redis_node *node = weir_new(struct weir_redis_node);
    node->loop = loop;
    node->options = *options;
    node->events = events;
    node->user = user;
    node->holders = 1;
    node->has_functions = true;
    node->tick_ms = weir_loop_now_ms(loop);
    node->timer = weir_timer_start(loop, 0, TICK_MS, on_tick, node);
    return node;
}

void weir_redis_node_close(struct weir_redis_node **node_at)
{
    struct weir_redis_node *node = weir_take(*node_at);
    if (node) {
        node->events = NULL;
        weir_redis_node_lose(node, "closed");
        release(node);
    }
}

bool weir_redis_node_is_ready(const struct weir_redis_node *node)
{
    return node->phase == WEIR_REDIS_READY;
}

bool weir_redis_node_is_idle(const struct weir_redis_node *node)
{
    return node->waiting == 0;
}

struct weir_span weir_redis_node_run_id(const struct weir_redis_node *node)
{
    return weir_span_of(node->run_id);
}

bool weir_redis_node_is_of_cluster(const struct weir_redis_node *node)
{
    return node->is_of_cluster;
}

const struct weir_redis_address *weir_redis_node_address(const struct weir_redis_node *node)
{
    return &node->options.address;
}

bool weir_redis_node_has_functions(const struct weir_redis_node *node)
{
    return node->has_functions;
}

struct weir_span weir_redis_node_script(const struct weir_redis_node *node)
{
    return weir_span_of(node->script_id);
}

bool weir_redis_node_send(struct weir_redis_node *node, const struct weir_span *args, size_t count,
                          weir_reply_fn on_reply, void *user)
{
    weir_redis_write_command(&node->command, args, count);
    return weir_redis_node_send_written(node, weir_buffer_span(&node->command), on_reply, user);
}

bool weir_redis_node_send_written(struct weir_redis_node *node, struct weir_span command,
                                  weir_reply_fn on_reply, void *user)
{
    return node->phase == WEIR_REDIS_READY && send_written(node, command, on_reply, user);
}
