#include "engine/store/client.h"

#include "engine/base/alloc.h"
#include "engine/store/library.h"
#include "engine/store/redis.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_TIMEOUT_MS 5000
#define DEEPEST_ANSWER     8

struct weir_client {
    redisContext *context;
    struct weir_redis_url url;
    bool has_functions;
    char script_id[48];
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

static struct weir_reply *take_answer(struct weir_client *client, redisReply *answer,
                                      struct weir_error *err)
{
    if (!answer) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer url = {0};
        weir_redis_url_write(&client->url, &url);
        weir_error_set(err, "Redis at %s: %s", weir_buffer_text(&url),
                       client->context->err == REDIS_ERR_IO ? "no answer in time"
                                                            : client->context->errstr);
        return NULL;
    }
    struct weir_reply *reply = NULL;
    if (answer->type == REDIS_REPLY_ERROR) {
        weir_error_set(err, "%.*s", answer->len > 200 ? 200 : (int)answer->len, answer->str);
    } else {
        reply = weir_new(struct weir_reply);
        copy_answer(answer, reply, 0);
    }
    freeReplyObject(answer);
    return reply;
}

struct weir_reply *weir_client_send(struct weir_client *client, const struct weir_span *args,
                                    size_t count, struct weir_error *err)
{
    const char *texts[WEIR_REDIS_ARGS];
    size_t lengths[WEIR_REDIS_ARGS];
    weir_assert(count > 0 && count <= WEIR_REDIS_ARGS);
    for (size_t i = 0; i < count; i++) {
        texts[i] = args[i].length ? args[i].data : "";
        lengths[i] = args[i].length;
    }
    return take_answer(client, redisCommandArgv(client->context, (int)count, texts, lengths), err);
}

struct weir_reply *weir_client_call(struct weir_client *client, const char *name,
                                    struct weir_span key, const struct weir_span *args,
                                    size_t count, struct weir_error *err)
{
    struct weir_span all[WEIR_REDIS_ARGS];
    char function[64];
    size_t used = 0;
    weir_assert(count + 5 <= ARRAY_LEN(all));
    snprintf(function, sizeof(function), "weir_%s", name);
    all[used++] = client->has_functions ? WEIR_SPAN("FCALL") : WEIR_SPAN("EVALSHA");
    all[used++] = weir_span_of(client->has_functions ? function : client->script_id);
    all[used++] = WEIR_SPAN("1");
    all[used++] = key;
    if (!client->has_functions) {
        all[used++] = weir_span_of(function);
    }
    for (size_t i = 0; i < count; i++) {
        all[used++] = args[i];
    }
    return weir_client_send(client, all, used, err);
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

static bool connect_client(struct weir_client *client, uint32_t timeout_ms, struct weir_error *err)
{
    struct timeval limit = {.tv_sec = timeout_ms / 1000,
                            .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000};
    const struct weir_redis_url *url = &client->url;
    client->context = url->path[0] ? redisConnectUnixWithTimeout(url->path, limit)
                                   : redisConnectWithTimeout(url->host, url->port, limit);
    weir_assert(client->context);
    if (client->context->err) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
        weir_redis_url_write(url, &name);
        return weir_error_set(err, "can't reach Redis at %s: %s; is weir running?",
                              weir_buffer_text(&name), client->context->errstr);
    }
    redisSetTimeout(client->context, limit);
    return true;
}

static bool send_plain(struct weir_client *client, struct weir_span command, struct weir_span value,
                       struct weir_error *err)
{
    struct weir_span args[] = {command, value};
    struct weir_reply *reply = weir_client_send(client, args, ARRAY_LEN(args), err);
    bool done = reply != NULL;
    weir_reply_destroy(&reply);
    return done;
}

static bool load_script(struct weir_client *client, struct weir_error *err)
{
    struct weir_span args[] = {WEIR_SPAN("SCRIPT"), WEIR_SPAN("LOAD"), weir_library_for_scripts()};
    struct weir_reply *reply = weir_client_send(client, args, ARRAY_LEN(args), err);
    if (reply) {
        snprintf(client->script_id, sizeof(client->script_id), "%.*s", WEIR_SPAN_ARGS(reply->text));
    }
    client->has_functions = false;
    bool done = reply != NULL;
    weir_reply_destroy(&reply);
    return done;
}

static bool load_library(struct weir_client *client, struct weir_error *err)
{
    struct weir_error why = {0};
    struct weir_span ask[] = {WEIR_SPAN("FCALL_RO"), WEIR_SPAN("weir_version"), WEIR_SPAN("0")};
    struct weir_span load[] = {WEIR_SPAN("FUNCTION"), WEIR_SPAN("LOAD"), WEIR_SPAN("REPLACE"),
                               weir_library_for_functions()};
    struct weir_reply *version = weir_client_send(client, ask, ARRAY_LEN(ask), &why);
    bool is_ours = version && weir_span_is(version->text, weir_library_version);
    weir_reply_destroy(&version);
    if (is_ours) {
        return true;
    }
    if (strstr(why.text, "unknown command")) {
        return load_script(client, err);
    }
    struct weir_reply *loaded = weir_client_send(client, load, ARRAY_LEN(load), err);
    bool done = loaded != NULL;
    weir_reply_destroy(&loaded);
    return done;
}

static bool greet(struct weir_client *client, struct weir_span password, struct weir_error *err)
{
    char database[16];
    snprintf(database, sizeof(database), "%" PRIu32, client->url.database);
    if (password.length > 0 && !send_plain(client, WEIR_SPAN("AUTH"), password, err)) {
        return false;
    }
    if (client->url.database > 0 &&
        !send_plain(client, WEIR_SPAN("SELECT"), weir_span_of(database), err)) {
        return false;
    }
    return load_library(client, err);
}

struct weir_client *weir_client_open(const struct weir_client_options *options,
                                     struct weir_error *err)
{
    WEIR_AUTO(weir_client_close) struct weir_client *client = weir_new(struct weir_client);
    uint32_t timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
    client->has_functions = true;
    bool is_named = options->url.length > 0
                        ? weir_redis_url_parse(options->url, &client->url, err)
                        : weir_redis_url_private(options->state, &client->url, err);
    if (!is_named || !connect_client(client, timeout_ms, err) ||
        !greet(client, options->password, err)) {
        return NULL;
    }
    return weir_take(client);
}

void weir_client_close(struct weir_client **client)
{
    if (*client) {
        if ((*client)->context) {
            redisFree((*client)->context);
        }
        free(*client);
        *client = NULL;
    }
}
