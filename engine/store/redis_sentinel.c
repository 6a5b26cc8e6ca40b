// One sentinel that answers is enough, and what it says is believed only as far as the server that
// it names says itself that it is a master. It is asked every second, also while all is well: who
// was cut off together with an old master would go on writing to it, to be forgotten.

#include "engine/base/alloc.h"
#include "engine/store/redis_private.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define ASK_MS 1000

struct weir_sentinel {
    const struct weir_redis_door *door;
    const struct weir_sentinel_events *events;
    void *user;
    struct weir_timer *timer;
    struct weir_redis_node *node;
    size_t next_host;
    bool is_asking;
    bool is_doubtful; // another one is to be asked
};

static void fail(struct weir_sentinel *sentinel, const char *what)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer cause = {0};
    weir_buffer_add_text(&cause, "the sentinel ");
    weir_redis_address_write(weir_redis_node_address(sentinel->node), &cause);
    weir_buffer_printf(&cause, ": %s", what);
    weir_redis_node_close(&sentinel->node);
    sentinel->is_asking = false;
    sentinel->events->on_failed(sentinel->user, weir_buffer_span(&cause));
}

static struct weir_span text_of(const struct redisReply *reply)
{
    bool has_text = reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_ERROR;
    return has_text ? (struct weir_span){reply->str, (size_t)reply->len} : (struct weir_span){0};
}

static bool read_master(const struct redisReply *reply, struct weir_redis_address *master)
{
    uint64_t port;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        return false;
    }
    struct weir_span host = text_of(reply->element[0]);
    if (!weir_span_to_u64(text_of(reply->element[1]), &port) || port == 0 || port > 65535 ||
        host.length == 0 || host.length >= sizeof(master->host)) {
        return false;
    }
    *master = (struct weir_redis_address){.port = (uint16_t)port};
    memcpy(master->host, host.data, host.length);
    return true;
}

static void on_named(void *user, const struct redisReply *reply)
{
    struct weir_sentinel *sentinel = user;
    struct weir_redis_address master;
    char cause[256];
    if (!reply) {
        return; // that one ended, and was told
    }
    sentinel->is_asking = false;
    if (read_master(reply, &master)) {
        sentinel->events->on_master(sentinel->user, &master);
        return;
    }
    struct weir_span said = weir_span_slice(text_of(reply), 0, 120);
    snprintf(cause, sizeof(cause), "it knows no master '%s'%s%.*s", sentinel->door->url.master,
             said.length > 0 ? ": " : "", WEIR_SPAN_ARGS(said));
    fail(sentinel, cause);
}

static void ask(struct weir_sentinel *sentinel)
{
    struct weir_span args[] = {WEIR_SPAN("SENTINEL"), WEIR_SPAN("GET-MASTER-ADDR-BY-NAME"),
                               weir_span_of(sentinel->door->url.master)};
    sentinel->is_asking =
        weir_redis_node_send(sentinel->node, args, ARRAY_LEN(args), on_named, sentinel);
}

static void on_ready(void *user, struct weir_redis_node *node)
{
    struct weir_sentinel *sentinel = user;
    (void)node;
    ask(sentinel);
}

static void on_lost(void *user, struct weir_redis_node *node, struct weir_span cause)
{
    char text[256];
    (void)node;
    snprintf(text, sizeof(text), "%.*s", WEIR_SPAN_ARGS(cause));
    fail(user, text);
}

static const struct weir_redis_node_events node_events = {.on_ready = on_ready, .on_lost = on_lost};

static void open_next(struct weir_sentinel *sentinel)
{
    const struct weir_redis_url *url = &sentinel->door->url;
    const struct weir_redis_node_options options = {
        .purpose = WEIR_REDIS_FOR_ASKING,
        .address = url->hosts[sentinel->next_host],
        .tls = sentinel->door->tls,
        .user = "",
        .password = weir_buffer_span(&sentinel->door->sentinel_password),
    };
    sentinel->next_host = (sentinel->next_host + 1) % url->host_count;
    sentinel->node = weir_redis_node_open(sentinel->door->loop, &options, &node_events, sentinel);
}

static void on_tick(void *user)
{
    struct weir_sentinel *sentinel = user;
    if (sentinel->is_doubtful) {
        sentinel->is_doubtful = false;
        sentinel->is_asking = false;
        weir_redis_node_close(&sentinel->node);
    }
    if (!sentinel->node) {
        open_next(sentinel);
    } else if (weir_redis_node_is_ready(sentinel->node) && !sentinel->is_asking) {
        ask(sentinel);
    }
}

struct weir_sentinel *weir_sentinel_open(const struct weir_redis_door *door,
                                         const struct weir_sentinel_events *events, void *user)
{
    struct weir_sentinel *sentinel = weir_new(struct weir_sentinel);
    sentinel->door = door;
    sentinel->events = events;
    sentinel->user = user;
    sentinel->timer = weir_timer_start(door->loop, 0, ASK_MS, on_tick, sentinel);
    return sentinel;
}

void weir_sentinel_close(struct weir_sentinel **sentinel_at)
{
    struct weir_sentinel *sentinel = weir_take(*sentinel_at);
    if (sentinel) {
        weir_timer_stop(&sentinel->timer);
        weir_redis_node_close(&sentinel->node);
        free(sentinel);
    }
}

void weir_sentinel_doubt(struct weir_sentinel *sentinel)
{
    sentinel->is_doubtful = true;
}
