// Queues seen from a daemon: their history tells which cards have ended; their `out` holds what
// humans decided, which any process relays to the streams of the rooms, in three steps that may be
// cut anywhere: read it (from then on an undo sends the opposite), put it into the room's stream
// (which knows what it had), drop it.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/store/card_args.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define HIST_AT_ONCE  1000
#define RELAY_AT_ONCE "100"
#define RELAY_IDLE_MS "15000" // a relay that died: another takes over what it had begun
#define RETENTION_MS  "604800000"
#define MAX_QUEUES    10000

struct weir_span weir_reply_span(const struct redisReply *reply)
{
    bool has_text =
        reply && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS ||
                  reply->type == REDIS_REPLY_ERROR);
    return has_text ? (struct weir_span){reply->str, (size_t)reply->len} : (struct weir_span){0};
}

const struct redisReply *weir_reply_at(const struct redisReply *reply, size_t index)
{
    bool has_it = reply && reply->type == REDIS_REPLY_ARRAY && index < reply->elements;
    return has_it ? reply->element[index] : NULL;
}

struct weir_span weir_reply_find(const struct redisReply *list, size_t first, const char *name)
{
    for (size_t i = first; weir_reply_at(list, i + 1); i += 2) {
        if (weir_span_is(weir_reply_span(weir_reply_at(list, i)), name)) {
            return weir_reply_span(weir_reply_at(list, i + 1));
        }
    }
    return (struct weir_span){0};
}

static void ignore_reply(void *user, const struct redisReply *reply)
{
    (void)user;
    (void)reply;
}

static void count_errors(void *user, const struct redisReply *reply)
{
    struct weir_store *store = user;
    store->counters.refused += reply && reply->type == REDIS_REPLY_ERROR;
}

// ---- history ----

static void read_hist(struct weir_store_queue *queue);

static void on_hist_end(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    struct weir_span id = weir_reply_span(weir_reply_at(weir_reply_at(reply, 0), 0));
    weir_buffer_clear(&queue->last_hist);
    weir_buffer_add(&queue->last_hist, id.length > 0 ? id : WEIR_SPAN("0-0"));
    queue->has_hist = reply && reply->type == REDIS_REPLY_ARRAY;
}

// Sent before the first card is, so that nothing that becomes of a card of ours stands before it.
static void find_hist_end(struct weir_store_queue *queue)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    weir_buffer_add(&key, weir_buffer_span(&queue->key));
    weir_buffer_add_text(&key, ":hist");
    struct weir_span args[] = {WEIR_SPAN("XREVRANGE"), weir_buffer_span(&key), WEIR_SPAN("+"),
                               WEIR_SPAN("-"),         WEIR_SPAN("COUNT"),     WEIR_SPAN("1")};
    weir_redis_send(queue->store->redis, args, ARRAY_LEN(args), on_hist_end, queue);
}

// The spool let go of the card when it was decided; open again, it must outlive Redis again.
static void on_open_again(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    struct weir_store *store = queue->store;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    if (store->is_closing || !weir_store_owns_room(store, weir_reply_find(reply, 0, "room"))) {
        return;
    }
    weir_buffer_add_byte(&json, '{');
    weir_json_add_text_field(&json, "queue", weir_span_of(queue->name));
    for (size_t i = 0; weir_reply_at(reply, i + 1); i += 2) {
        struct weir_span name = weir_reply_span(weir_reply_at(reply, i));
        if (weir_card_args_is_field(name)) {
            weir_json_add_name(&json, weir_reply_at(reply, i)->str);
            weir_json_add_string(&json, weir_reply_span(weir_reply_at(reply, i + 1)));
        }
    }
    weir_buffer_add_byte(&json, '}');
    store->events.on_card_reopened(store->user, weir_buffer_span(&json));
}

static void on_undone(struct weir_store_queue *queue, const struct redisReply *fields)
{
    struct weir_span card = weir_reply_find(fields, 0, "card");
    if (!weir_span_is(weir_reply_find(fields, 0, "outcome"), "impossible")) {
        weir_redis_call(queue->store->redis, "show", weir_buffer_span(&queue->key), &card, 1,
                        on_open_again, queue);
    }
}

static bool ends_a_card(struct weir_span what)
{
    return weir_span_is(what, "answered") || weir_span_is(what, "resolved") ||
           weir_span_is(what, "withdrawn");
}

static void on_hist(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    const struct redisReply *entries = weir_reply_at(weir_reply_at(reply, 0), 1);
    size_t count = 0;
    queue->is_reading = false;
    for (const struct redisReply *entry; (entry = weir_reply_at(entries, count)); count++) {
        const struct redisReply *fields = weir_reply_at(entry, 1);
        struct weir_span id = weir_reply_span(weir_reply_at(entry, 0));
        struct weir_span what = weir_reply_find(fields, 0, "what");
        if (ends_a_card(what)) {
            weir_store_cards_finish(queue->store, queue, weir_reply_find(fields, 0, "card"));
        } else if (weir_span_is(what, "undone") || weir_span_is(what, "reopened")) {
            on_undone(queue, fields);
        } else if (weir_span_is(what, "moved")) {
            weir_store_cards_moved(queue->store, queue, weir_reply_find(fields, 0, "card"),
                                   weir_reply_find(fields, 0, "to"));
        } else if (weir_span_is(what, "moving")) {
            weir_store_moves_look(queue);
        }
        if (id.length > 0) {
            weir_buffer_clear(&queue->last_hist);
            weir_buffer_add(&queue->last_hist, id);
        }
    }
    // What was added meanwhile is mostly our own, and can wait for the next look or ring.
    if (count == HIST_AT_ONCE || queue->has_news) {
        read_hist(queue);
    }
}

static void read_hist(struct weir_store_queue *queue)
{
    if (!queue->has_hist || queue->is_reading) {
        return;
    }
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    weir_buffer_add(&key, weir_buffer_span(&queue->key));
    weir_buffer_add_text(&key, ":hist");
    char most[WEIR_DIGITS];
    struct weir_span args[] = {
        WEIR_SPAN("XREAD"),   WEIR_SPAN("COUNT"),     {most, weir_digits_of(most, HIST_AT_ONCE)},
        WEIR_SPAN("STREAMS"), weir_buffer_span(&key), weir_buffer_span(&queue->last_hist),
    };
    queue->has_news = false;
    queue->is_reading = weir_redis_send(queue->store->redis, args, ARRAY_LEN(args), on_hist, queue);
}

// ---- relaying ----

// An action on its way from `out` to the stream of its room.
struct relay {
    struct weir_store_queue *queue;
    struct weir_buffer entry;
    struct weir_buffer room;
};

static void free_relay(struct relay *relay)
{
    weir_buffer_fini(&relay->entry);
    weir_buffer_fini(&relay->room);
    free(relay);
}

static void on_relayed(void *user, const struct redisReply *reply)
{
    struct relay *relay = user;
    struct weir_store *store = relay->queue->store;
    if (reply && reply->type == REDIS_REPLY_INTEGER && !store->is_closing) {
        struct weir_span entry = weir_buffer_span(&relay->entry);
        weir_redis_call(store->redis, "relayed", weir_buffer_span(&relay->queue->key), &entry, 1,
                        count_errors, store);
        weir_store_room_news(store, weir_buffer_span(&relay->room));
    }
    free_relay(relay); // where it failed, it is given again once it has been idle
}

static void relay_entry(struct weir_store_queue *queue, const struct redisReply *entry)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    struct weir_span id = weir_reply_span(weir_reply_at(entry, 0));
    struct weir_span room = weir_reply_find(entry, 1, "room");
    struct weir_span args[] = {weir_reply_find(entry, 1, "id"),
                               weir_reply_find(entry, 1, "action")};
    if (id.length == 0 || args[0].length == 0) {
        queue->store->counters.refused++; // not written by the library
        return;
    }
    struct relay *relay = weir_new(struct relay);
    relay->queue = queue;
    weir_buffer_add(&relay->entry, id);
    weir_buffer_add(&relay->room, room);
    weir_buffer_printf(&key, "{a:%.*s}", WEIR_SPAN_ARGS(room));
    if (!weir_redis_call(queue->store->redis, "relay", weir_buffer_span(&key), args,
                         ARRAY_LEN(args), on_relayed, relay)) {
        free_relay(relay);
    }
}

static void take_outgoing(struct weir_store_queue *queue);

static void on_outgoing(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    queue->is_relaying = false;
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        count_errors(queue->store, reply);
        return;
    }
    for (size_t i = 0; i < reply->elements; i++) {
        relay_entry(queue, reply->element[i]);
    }
    if (reply->elements > 0) {
        take_outgoing(queue);
    }
}

static void take_outgoing(struct weir_store_queue *queue)
{
    if (queue->is_relaying || queue->store->is_closing) {
        return;
    }
    struct weir_span args[] = {weir_buffer_span(&queue->store->process), WEIR_SPAN(RELAY_AT_ONCE),
                               WEIR_SPAN(RELAY_IDLE_MS)};
    queue->is_relaying =
        weir_redis_call(queue->store->redis, "outgoing", weir_buffer_span(&queue->key), args,
                        ARRAY_LEN(args), on_outgoing, queue);
}

// ---- which queues there are ----

static struct weir_store_queue *find_queue(struct weir_store *store, struct weir_span name)
{
    for (size_t i = 0; i < store->queue_count; i++) {
        if (weir_span_is(name, store->queues[i]->name)) {
            return store->queues[i];
        }
    }
    return NULL;
}

static void register_queue(struct weir_store_queue *queue)
{
    struct weir_span args[] = {WEIR_SPAN("SADD"), WEIR_SPAN("weir:queues"),
                               weir_span_of(queue->name)};
    weir_redis_send(queue->store->redis, args, ARRAY_LEN(args), ignore_reply, queue);
    find_hist_end(queue);
    weir_store_figures_look(queue);
    weir_store_check_marker(queue);
}

struct weir_store_queue *weir_store_queue_of(struct weir_store *store, struct weir_span name)
{
    struct weir_store_queue *queue = find_queue(store, name);
    if (queue) {
        return queue;
    }
    queue = weir_new(struct weir_store_queue);
    queue->store = store;
    queue->name = weir_strndup(name.data, name.length);
    weir_buffer_printf(&queue->key, "{q:%s}", queue->name);
    store->queues = weir_grow(store->queues, &store->queue_capacity, store->queue_count + 1,
                              sizeof(struct weir_store_queue *));
    store->queues[store->queue_count++] = queue;
    register_queue(queue);
    return queue;
}

static void on_queues(void *user, const struct redisReply *reply)
{
    struct weir_store *store = user;
    for (size_t i = 0; weir_reply_at(reply, i); i++) {
        struct weir_span name = weir_reply_span(weir_reply_at(reply, i));
        if (weir_queue_name_is_good(name) && store->queue_count < MAX_QUEUES &&
            !find_queue(store, name)) {
            take_outgoing(weir_store_queue_of(store, name));
        }
    }
}

static void ask_for_queues(struct weir_store *store)
{
    struct weir_span args[] = {WEIR_SPAN("SMEMBERS"), WEIR_SPAN("weir:queues")};
    weir_redis_send(store->redis, args, ARRAY_LEN(args), on_queues, store);
}

void weir_store_queues_ready(struct weir_store *store, bool is_other_server)
{
    for (size_t i = 0; i < store->queue_count; i++) {
        struct weir_store_queue *queue = store->queues[i];
        queue->is_reading = false;
        queue->is_relaying = false;
        queue->is_moving = false;
        queue->moves_flying = 0;
        if (is_other_server || !queue->has_hist) {
            queue->has_hist = false;
            register_queue(queue);
        }
        take_outgoing(queue);
    }
    if (is_other_server) {
        weir_store_cards_again(store);
    }
    weir_store_cards_ready(store);
    weir_store_reactions_ready(store);
    ask_for_queues(store);
}

void weir_store_queues_look(struct weir_store *store)
{
    for (size_t i = 0; i < store->queue_count; i++) {
        read_hist(store->queues[i]);
        take_outgoing(store->queues[i]);
    }
}

static void sweep(struct weir_store_queue *queue);

// In steps, so that nobody waits long for Redis: the next as long as there was something.
static void on_swept(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    count_errors(queue->store, reply);
    if (reply && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0 &&
        !queue->store->is_closing) {
        sweep(queue);
    }
}

static void sweep(struct weir_store_queue *queue)
{
    struct weir_span retention = WEIR_SPAN(RETENTION_MS);
    weir_redis_call(queue->store->redis, "sweep", weir_buffer_span(&queue->key), &retention, 1,
                    on_swept, queue);
}

void weir_store_queues_sweep(struct weir_store *store)
{
    ask_for_queues(store);
    for (size_t i = 0; i < store->queue_count; i++) {
        weir_store_moves_look(store->queues[i]);
        sweep(store->queues[i]);
        weir_store_figures_look(store->queues[i]);
    }
}

void weir_store_queue_news(struct weir_store *store, struct weir_span name)
{
    if (!store->is_ready || !weir_queue_name_is_good(name)) {
        return;
    }
    struct weir_store_queue *queue = find_queue(store, name);
    if (!queue && store->queue_count >= MAX_QUEUES) {
        return;
    }
    queue = queue ? queue : weir_store_queue_of(store, name);
    queue->has_news = queue->is_reading;
    read_hist(queue);
    take_outgoing(queue);
}

void weir_store_queues_fini(struct weir_store *store)
{
    for (size_t i = 0; i < store->queue_count; i++) {
        weir_buffer_fini(&store->queues[i]->key);
        weir_buffer_fini(&store->queues[i]->last_hist);
        weir_buffer_fini(&store->queues[i]->marker);
        free(store->queues[i]->name);
        free(store->queues[i]);
    }
    free(store->queues);
}
