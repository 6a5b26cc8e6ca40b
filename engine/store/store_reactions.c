// What askers said to an answer, on its way to the card, and what was answered without one: kept
// until Redis has taken it.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/store/card_args.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"
#include "engine/sys/clock.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define UNKEPT_MAX 1000

struct weir_store_reaction {
    struct weir_store_reaction *next;
    struct weir_store *store;
    uint64_t position; // of the record that remembers it, 0 = none
    bool is_flying;
    struct weir_buffer json;
};

struct parts {
    struct weir_span verb;
    struct weir_span queue;
    struct weir_span card;
    struct weir_span message;
    struct weir_span user;
    struct weir_span text;
};

static bool read_parts(struct weir_span text, struct weir_buffer *scratch, struct parts *parts)
{
    const struct {
        const char *name;
        struct weir_span *place;
    } rows[] = {
        {"do", &parts->verb},         {"queue", &parts->queue}, {"card", &parts->card},
        {"message", &parts->message}, {"user", &parts->user},   {"text", &parts->text},
    };
    struct weir_json json;
    struct weir_span name;
    *parts = (struct parts){.verb = {NULL, 0}};
    weir_buffer_reserve(scratch, 3 * text.length + 1); // so that no span of it moves
    weir_json_start(&json, text, scratch);
    if (!weir_json_enter_object(&json)) {
        return false;
    }
    while (weir_json_next_member(&json, &name)) {
        struct weir_span *place = NULL;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            place = weir_span_is(name, rows[i].name) ? rows[i].place : place;
        }
        if (!(place ? weir_json_take_string(&json, place) : weir_json_skip(&json))) {
            return false;
        }
    }
    return weir_json_finish(&json) &&
           (weir_queue_name_is_good(parts->queue) || weir_span_is(parts->verb, "ended"));
}

static void forget(struct weir_store_reaction *reaction)
{
    struct weir_store *store = reaction->store;
    struct weir_store_reaction **place = &store->reactions;
    while (*place != reaction) {
        place = &(*place)->next;
    }
    *place = reaction->next;
    store->reaction_count--;
    if (reaction->position) {
        store->events.on_card_finished(store->user, reaction->position);
    }
    weir_buffer_fini(&reaction->json);
    free(reaction);
}

// What the library itself says of the card: it is open, or gone. All else may be over with the next
// connection.
static bool is_final(const struct redisReply *reply)
{
    struct weir_span error = weir_reply_span(reply);
    return reply->type != REDIS_REPLY_ERROR || weir_span_starts(error, WEIR_SPAN("INVALID")) ||
           weir_span_starts(error, WEIR_SPAN("STALE")) ||
           weir_span_starts(error, WEIR_SPAN("GONE"));
}

static void on_taken(void *user, const struct redisReply *reply)
{
    struct weir_store_reaction *reaction = user;
    reaction->is_flying = false;
    if (reply && is_final(reply)) {
        forget(reaction);
    }
}

// A room is over: {"do": "ended", "card": ROOM, "message": when, in ms, "user": who sees to it}.
static void send_end(struct weir_store_reaction *reaction, const struct parts *parts)
{
    uint64_t ended_ms = 0;
    char age[WEIR_DIGITS];
    weir_span_to_u64(parts->message, &ended_ms);
    int64_t age_ms = weir_clock_wall_ms() - (int64_t)ended_ms;
    struct weir_span args[] = {
        parts->card,
        {age, weir_digits_of(age, age_ms > 0 ? (uint64_t)age_ms : 0)},
        parts->user,
    };
    reaction->is_flying = weir_redis_call(reaction->store->redis, "over", WEIR_SPAN("weir:over"),
                                          args, ARRAY_LEN(args), on_taken, reaction);
}

static void send_to_card(struct weir_store_reaction *reaction, const struct parts *parts)
{
    struct weir_store *store = reaction->store;
    struct weir_store_queue *queue = weir_store_queue_of(store, parts->queue);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer cause = {0};
    weir_buffer_add(&cause, parts->message);
    weir_buffer_add_byte(&cause, ' ');
    weir_buffer_add(&cause, parts->user);
    struct weir_span args[] = {parts->card, weir_buffer_span(&cause), WEIR_SPAN(""), parts->text};
    bool reopens = weir_span_is(parts->verb, "reopen");
    bool is_automatic = weir_span_is(parts->verb, "automatic");
    const char *function = reopens ? "reopen" : is_automatic ? "automatic" : "satisfied";
    size_t count = reopens ? 4 : is_automatic ? 1 : 2;
    reaction->is_flying =
        weir_redis_call(store->redis, function, weir_buffer_span(&queue->key),
                        is_automatic ? args + 1 : args, count, on_taken, reaction);
}

static void send_reaction(struct weir_store_reaction *reaction)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct parts parts;
    if (!read_parts(weir_buffer_span(&reaction->json), &scratch, &parts)) {
        forget(reaction);
    } else if (weir_span_is(parts.verb, "ended")) {
        send_end(reaction, &parts);
    } else {
        send_to_card(reaction, &parts);
    }
}

void weir_store_react(struct weir_store *store, uint64_t position, struct weir_span json)
{
    if (!position && store->reaction_count >= UNKEPT_MAX) {
        return; // Redis is away, and memory is bounded
    }
    struct weir_store_reaction *reaction = weir_new(struct weir_store_reaction);
    struct weir_store_reaction **place = &store->reactions;
    while (*place) {
        place = &(*place)->next;
    }
    *place = reaction;
    reaction->store = store;
    store->reaction_count++;
    reaction->position = position;
    weir_buffer_add(&reaction->json, json);
    if (store->is_ready) {
        send_reaction(reaction);
    }
}

void weir_store_reactions_ready(struct weir_store *store)
{
    struct weir_store_reaction *reaction = store->reactions;
    while (reaction) {
        struct weir_store_reaction *next = reaction->next;
        if (!reaction->is_flying) {
            send_reaction(reaction);
        }
        reaction = next;
    }
}

void weir_store_reactions_fini(struct weir_store *store)
{
    while (store->reactions) {
        struct weir_store_reaction *reaction = store->reactions;
        store->reactions = reaction->next;
        weir_buffer_fini(&reaction->json);
        free(reaction);
    }
}
