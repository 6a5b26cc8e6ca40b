#include "engine/store/store.h"

#include "engine/base/alloc.h"
#include "engine/store/card_args.h"
#include "engine/store/private.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"
#include "engine/sys/clock.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

// Two connections: one for commands, one that only listens to the bell, a channel on which the
// library names the queue or room that has news. Whoever misses a ring looks by himself every
// second, so the bell is speed, never correctness.

#define LOOK_MS        1000
#define OWN_MS         10000
#define QUIET_START_MS 5000
#define GOODBYE_MS     500

static void on_lost(void *user, struct weir_span cause)
{
    struct weir_store *store = user;
    bool is_starting = store->private_server && !store->was_ready &&
                       weir_loop_now_ms(store->loop) - store->opened_ms < QUIET_START_MS;
    bool is_news = store->is_ready || !weir_span_equals(cause, weir_buffer_span(&store->cause));
    store->is_ready = false;
    if (is_starting || !is_news) {
        return; // said once, not at every attempt
    }
    weir_buffer_clear(&store->cause);
    weir_buffer_add(&store->cause, cause);
    store->events.on_lost(store->user, weir_buffer_span(&store->cause));
}

static void on_private_trouble(void *user, struct weir_span cause)
{
    struct weir_store *store = user;
    store->events.on_lost(store->user, cause);
    weir_redis_hurry(store->redis);
}

// A restarted Redis, or another one, may lack the last second or everything: whatever we still
// answer for is added again, and what it knows already it recognises.
static void on_marker(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    struct weir_buffer *marker = &queue->marker;
    if (!reply || reply->type != REDIS_REPLY_STRING) {
        return;
    }
    struct weir_span found = {reply->str, (size_t)reply->len};
    if (marker->length > 0 && !weir_span_equals(weir_buffer_span(marker), found)) {
        weir_store_cards_again(queue->store);
    }
    weir_buffer_clear(marker);
    weir_buffer_add(marker, found);
}

static void ignore_reply(void *user, const struct redisReply *reply)
{
    (void)user;
    (void)reply;
}

// The marker is a key that vanishes together with the cards. Each queue has one, for in a cluster
// one node may come back empty and the others not.
void weir_store_check_marker(struct weir_store_queue *queue)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    struct weir_store *store = queue->store;
    char fresh[64];
    snprintf(fresh, sizeof(fresh), "%s-%" PRId64, weir_buffer_text(&store->process),
             weir_clock_wall_ms());
    weir_buffer_printf(&key, "%s:marker", weir_buffer_text(&queue->key));
    struct weir_span set[] = {WEIR_SPAN("SET"), weir_buffer_span(&key), weir_span_of(fresh),
                              WEIR_SPAN("NX")};
    struct weir_span get[] = {WEIR_SPAN("GET"), weir_buffer_span(&key)};
    weir_redis_send(store->redis, set, ARRAY_LEN(set), ignore_reply, store);
    weir_redis_send(store->redis, get, ARRAY_LEN(get), on_marker, queue);
}

static void check_markers(struct weir_store *store)
{
    for (size_t i = 0; i < store->queue_count; i++) {
        weir_store_check_marker(store->queues[i]);
    }
}

static void on_ready(void *user, struct weir_span run_id)
{
    struct weir_store *store = user;
    bool is_other = !weir_span_equals(run_id, weir_buffer_span(&store->run_id));
    if (store->was_ready) {
        store->counters.reconnects++;
    }
    weir_buffer_clear(&store->cause);
    weir_buffer_clear(&store->run_id);
    weir_buffer_add(&store->run_id, run_id);
    store->was_ready = true;
    store->is_ready = true;
    check_markers(store);
    weir_store_queues_ready(store, is_other);
    weir_store_rooms_ready(store);
    store->events.on_ready(store->user);
    weir_store_cards_send(store);
}

static const struct weir_redis_events command_events = {.on_ready = on_ready, .on_lost = on_lost};

// ---- the bell ----

static void on_bell_ready(void *user, struct weir_span run_id)
{
    (void)user;
    (void)run_id;
}

static void on_bell_lost(void *user, struct weir_span cause)
{
    (void)user;
    (void)cause; // the command connection tells, and every second we look anyway
}

static void on_bell(void *user, struct weir_span text)
{
    struct weir_store *store = user;
    if (weir_span_starts(text, WEIR_SPAN("{q:"))) {
        weir_store_queue_news(store, weir_span_slice(text, 3, text.length - 1));
    } else if (weir_span_starts(text, WEIR_SPAN("{a:"))) {
        weir_store_room_news(store, weir_span_slice(text, 3, text.length - 1));
    }
}

static const struct weir_redis_events bell_events = {
    .on_ready = on_bell_ready, .on_lost = on_bell_lost, .on_heard = on_bell};

// ---- time ----

static void on_look(void *user)
{
    struct weir_store *store = user;
    weir_store_cards_forget_old(store);
    if (store->is_ready) {
        weir_store_queues_look(store);
        weir_store_cards_send(store);
    }
}

static void on_own(void *user)
{
    struct weir_store *store = user;
    if (store->is_ready) {
        check_markers(store);
        weir_store_rooms_renew(store);
        weir_store_queues_sweep(store);
    }
}

// ---- opening and closing ----

static bool choose_server(struct weir_store *store, const struct weir_store_options *options,
                          struct weir_redis_url *url, struct weir_error *err)
{
    if (options->url.length > 0) {
        return weir_redis_url_parse(options->url, url, err);
    }
    if (!weir_redis_url_private(options->state, url, err)) {
        return false;
    }
    store->private_server = weir_private_start(store->loop, options->state, options->redis_server,
                                               on_private_trouble, store, err);
    return store->private_server != NULL;
}

struct weir_store *weir_store_open(struct weir_loop *loop, const struct weir_store_options *options,
                                   const struct weir_store_events *events, void *user,
                                   struct weir_error *err)
{
    struct weir_store *store = weir_new(struct weir_store);
    struct weir_redis_options redis = {.password = options->password,
                                       .sentinel_password = options->sentinel_password,
                                       .tls_files = options->tls_files};
    store->loop = loop;
    store->events = *events;
    store->user = user;
    store->opened_ms = weir_loop_now_ms(loop);
    weir_buffer_add(&store->process, options->process);
    if (!choose_server(store, options, &redis.url, err)) {
        weir_buffer_fini(&store->process);
        free(store);
        return NULL;
    }
    store->redis = weir_redis_open(loop, &redis, &command_events, store, err);
    redis.channel = "weir:bell";
    store->bell = store->redis ? weir_redis_open(loop, &redis, &bell_events, store, err) : NULL;
    if (!store->bell) { // TLS: the private server, which has none, is not begun then
        weir_redis_close(&store->redis);
        weir_buffer_fini(&store->process);
        free(store);
        return NULL;
    }
    store->look_timer = weir_timer_start(loop, LOOK_MS, LOOK_MS, on_look, store);
    store->own_timer = weir_timer_start(loop, OWN_MS, OWN_MS, on_own, store);
    return store;
}

static void free_store(void *user)
{
    struct weir_store *store = user;
    void (*on_closed)(void *user) = store->on_closed;
    void *closed_user = store->closed_user;
    weir_store_cards_fini(store);
    weir_store_reactions_fini(store);
    weir_store_queues_fini(store);
    weir_store_rooms_fini(store);
    weir_buffer_fini(&store->process);
    weir_buffer_fini(&store->run_id);
    weir_buffer_fini(&store->cause);
    free(store);
    if (on_closed) {
        on_closed(closed_user);
    }
}

static void on_goodbye_over(void *user)
{
    struct weir_store *store = user;
    if (store->leaving > 0 && weir_loop_now_ms(store->loop) < store->goodbye_until_ms) {
        return;
    }
    weir_timer_stop(&store->goodbye_timer);
    weir_redis_close(&store->redis);
    weir_redis_close(&store->bell);
    if (store->private_server) {
        weir_private_stop(&store->private_server, free_store, store);
    } else {
        free_store(store);
    }
}

void weir_store_close(struct weir_store **store_at, void (*on_closed)(void *user), void *user)
{
    struct weir_store *store = weir_take(*store_at);
    if (!store) {
        return;
    }
    store->on_closed = on_closed;
    store->closed_user = user;
    store->is_closing = true;
    weir_timer_stop(&store->look_timer);
    weir_timer_stop(&store->own_timer);
    weir_store_rooms_leave_all(store);
    store->goodbye_until_ms = weir_loop_now_ms(store->loop) + GOODBYE_MS;
    store->goodbye_timer = weir_timer_start(store->loop, 0, 10, on_goodbye_over, store);
}

struct weir_store_counters weir_store_counters(const struct weir_store *store)
{
    struct weir_store_counters counters = store->counters;
    counters.waiting = weir_store_cards_waiting(store);
    return counters;
}
