// Cards on their way into Redis. Each is kept as JSON until its end was seen, so that a Redis that
// comes back empty gets it again. They are sent in the order of the spool, many at a time: that
// order decides which card is the head that others merge into, on a second adding as on the first.
// A card whose message is gone is sent once more, to be withdrawn, and ends with the answer.

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/store/card_args.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"
#include "engine/sys/clock.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define FLYING_MAX   1000
#define MOST_MOVES   50 // that one card is followed on
#define RETENTION_MS (7ll * 24 * 3600 * 1000)

enum state {
    STATE_WAITING,
    STATE_FLYING,
    STATE_ADDED,
    STATE_REFUSED, // by Redis, for good; stays in the spool until its retention ends
    STATE_FINISHED,
};

// What a card is to be answered before.
enum before {
    BEFORE_NOTHING,
    BEFORE_SCENE,
    BEFORE_STREAM,
};

// A message that is gone, until all of its cards know.
struct withdrawal {
    uint64_t position; // of the record that remembers it, 0 = none
    size_t holders;
};

struct weir_store_card {
    uint64_t position;
    uint64_t cause;                // hash of room and message, 0 = not known yet
    uint64_t asker;                // hash of room and user, known with it
    struct withdrawal *withdrawal; // NULL: its message is still there
    enum state state;
    uint64_t room;  // hash, known with it, too
    uint64_t scene; // hash in the room
    enum before before;
    int64_t hasten_ms; // due then at the latest, 0 = nothing of the kind to be told
    int64_t at_ms;
    struct weir_store_queue *queue; // once it was sent
    char *json;
    size_t length;
    char head[72];   // the card in Redis that it is, or was merged into
    uint8_t follows; // how often it was looked for in the queue that it went to
};

struct flight {
    struct weir_store *store;
    uint64_t position;
};

static struct weir_store_card *find_card(struct weir_store *store, uint64_t position)
{
    size_t low = 0;
    size_t high = store->card_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->cards[middle].position < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < store->card_count && store->cards[low].position == position;
    return found ? &store->cards[low] : NULL;
}

static void set_state(struct weir_store *store, struct weir_store_card *card, enum state state)
{
    store->waiting_count -= card->state == STATE_WAITING;
    store->waiting_count += state == STATE_WAITING;
    card->state = state;
}

static void drop_finished(struct weir_store *store)
{
    size_t kept = 0;
    if (store->finished_count < 64 || store->finished_count < store->card_count / 2) {
        return;
    }
    for (size_t i = 0; i < store->card_count; i++) {
        if (store->cards[i].state != STATE_FINISHED) {
            store->cards[kept++] = store->cards[i];
        }
    }
    store->card_count = kept;
    store->finished_count = 0;
    store->next_card = 0;
}

static void let_go(struct weir_store *store, struct withdrawal *withdrawal)
{
    if (!withdrawal || --withdrawal->holders > 0) {
        return;
    }
    if (withdrawal->position) {
        store->events.on_card_finished(store->user, withdrawal->position);
    }
    free(withdrawal);
}

// Positions rise, and what finishes is only marked here: indexes stay valid in the caller's loop.
static void finish_card(struct weir_store *store, struct weir_store_card *card)
{
    if (card->state == STATE_FINISHED) {
        return;
    }
    set_state(store, card, STATE_FINISHED);
    free(weir_take(card->json));
    store->finished_count++;
    store->events.on_card_finished(store->user, card->position);
    let_go(store, weir_take(card->withdrawal));
}

static bool is_temporary(struct weir_span error)
{
    // Only what the library itself says of the arguments is final.
    return !weir_span_starts(error, WEIR_SPAN("INVALID"));
}

static void on_refused(struct weir_store *store, struct weir_store_card *card,
                       struct weir_span error)
{
    store->counters.refused++;
    if (is_temporary(error)) {
        set_state(store, card, STATE_WAITING); // tried again a second later
    } else {
        set_state(store, card, STATE_REFUSED);
    }
}

static uint64_t hash_in_room(struct weir_span room, struct weir_span id)
{
    static const struct weir_hash_key for_room = {0x7765697263617573u, 1};
    struct weir_hash_key for_id = {0x7765697263617573u, weir_hash(for_room, room)};
    return weir_hash(for_id, id) | 1;
}

static void note_cause(struct weir_store_card *card, const struct weir_card_args *parsed)
{
    struct weir_span room = weir_card_args_find(parsed, "room");
    card->cause = hash_in_room(room, weir_card_args_find(parsed, "message"));
    card->asker = hash_in_room(room, parsed->user);
    card->room = hash_in_room(room, WEIR_SPAN(""));
    card->scene = hash_in_room(room, weir_card_args_find(parsed, "scene"));
    struct weir_span before = weir_card_args_find(parsed, "before");
    card->before = weir_span_is(before, "scene")    ? BEFORE_SCENE
                   : weir_span_is(before, "stream") ? BEFORE_STREAM
                                                    : BEFORE_NOTHING;
}

static void send_withdrawal(struct weir_store *store, struct weir_store_card *card);
static bool call_add(struct weir_store *store, struct weir_store_card *card,
                     const struct weir_card_args *parsed);

// The queue that it went to has lost it, but we have not.
static void add_where_it_went(struct weir_store *store, struct weir_store_card *card)
{
    WEIR_AUTO(weir_card_args_fini) struct weir_card_args parsed = {0};
    if (!weir_card_args_parse(&parsed, (struct weir_span){card->json, card->length})) {
        call_add(store, card, &parsed);
    }
}

static void follow(struct weir_store *store, struct weir_store_card *card, struct weir_span to);

static void on_followed(void *user, const struct redisReply *reply)
{
    struct flight *flight = user;
    struct weir_store *store = flight->store;
    struct weir_store_card *card = find_card(store, flight->position);
    struct weir_span said = weir_reply_span(reply);
    free(flight);
    if (!card || card->state != STATE_ADDED || !reply) {
        return; // not known: cards are added again with the next connection, and this repeated
    }
    if (weir_span_starts(said, WEIR_SPAN("GONE")) && card->follows < MOST_MOVES) {
        add_where_it_went(store, card); // tells, too, where it is if it went on
    } else if (weir_span_is(weir_reply_find(reply, 0, "state"), "done")) {
        finish_card(store, card);
    } else if (card->withdrawal) {
        send_withdrawal(store, card);
    }
}

// The card that it is, or that took it in, went to another queue. It may have been decided there
// before we look at that queue's history, so it is asked for.
static void follow(struct weir_store *store, struct weir_store_card *card, struct weir_span to)
{
    if (!weir_queue_name_is_good(to)) {
        return;
    }
    struct flight *flight = weir_new(struct flight);
    struct weir_span head = weir_span_of(card->head);
    *flight = (struct flight){store, card->position};
    card->queue = weir_store_queue_of(store, to);
    card->follows++;
    if (!weir_redis_call(store->redis, "show", weir_buffer_span(&card->queue->key), &head, 1,
                         on_followed, flight)) {
        free(flight);
    }
}

static void on_hastened(void *user, const struct redisReply *reply)
{
    struct flight *flight = user;
    struct weir_store_card *card = find_card(flight->store, flight->position);
    if (card && reply && reply->type != REDIS_REPLY_ERROR) {
        card->hasten_ms = 0; // else it is told again with the next connection
    }
    free(flight);
}

static void send_end(struct weir_store *store, struct weir_store_card *card)
{
    char left[WEIR_DIGITS];
    int64_t left_ms = card->hasten_ms - weir_clock_wall_ms();
    struct weir_span args[] = {
        weir_span_of(card->head),
        {left, weir_digits_of(left, left_ms > 0 ? (uint64_t)left_ms : 0)},
    };
    struct flight *flight = weir_new(struct flight);
    *flight = (struct flight){store, card->position};
    if (!weir_redis_call(store->redis, "hasten", weir_buffer_span(&card->queue->key), args,
                         ARRAY_LEN(args), on_hastened, flight)) {
        free(flight);
    }
}

static void note_added(struct weir_store *store, struct weir_store_card *card,
                       const struct redisReply *reply)
{
    struct weir_span outcome = weir_reply_span(weir_reply_at(reply, 0));
    struct weir_span head = weir_reply_span(weir_reply_at(reply, 1));
    struct weir_span state = weir_reply_span(weir_reply_at(reply, 2));
    struct weir_span to = weir_reply_span(weir_reply_at(reply, 3));
    snprintf(card->head, sizeof(card->head), "%.*s",
             WEIR_SPAN_ARGS(weir_span_slice(head, 0, sizeof(card->head) - 1)));
    set_state(store, card, STATE_ADDED);
    if (weir_span_is(outcome, "added")) {
        store->counters.added++;
    } else if (weir_span_is(outcome, "merged")) {
        store->counters.merged++;
    } else {
        store->counters.repeated++;
        if (weir_span_is(state, "done") || weir_span_is(state, "gone")) {
            finish_card(store, card); // somebody decided while we were away
        } else if (weir_span_is(state, "moved")) {
            follow(store, card, to);
            return;
        }
    }
    if (card->withdrawal) {
        send_withdrawal(store, card); // its message went while it was on its way
    } else if (card->hasten_ms && card->state == STATE_ADDED) {
        send_end(store, card);
    }
}

static void on_added(void *user, const struct redisReply *reply)
{
    struct flight *flight = user;
    struct weir_store *store = flight->store;
    struct weir_store_card *card = find_card(store, flight->position);
    free(flight);
    store->flying--;
    if (!card || card->state != STATE_FLYING) {
        return;
    }
    if (!reply) {
        set_state(store, card, STATE_WAITING); // perhaps added, perhaps not: adding again finds out
    } else if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 3) {
        note_added(store, card, reply);
    } else {
        on_refused(store, card, weir_reply_span(reply));
    }
    if (reply && store->next_card > 0 && store->flying < FLYING_MAX / 2) {
        weir_store_cards_send(store); // the rest of what was too much at once
    }
}

static void on_withdrawn(void *user, const struct redisReply *reply)
{
    struct flight *flight = user;
    struct weir_store *store = flight->store;
    struct weir_store_card *card = find_card(store, flight->position);
    struct weir_span outcome = weir_reply_span(weir_reply_at(reply, 0));
    free(flight);
    store->flying--;
    if (!card || card->state != STATE_FLYING) {
        return;
    }
    if (outcome.length == 0) {
        set_state(store, card, STATE_WAITING); // asked for again
    } else if (weir_span_is(outcome, "moved")) {
        set_state(store, card, STATE_ADDED);
        snprintf(card->head, sizeof(card->head), "%.*s",
                 WEIR_SPAN_ARGS(weir_reply_span(weir_reply_at(reply, 1))));
        follow(store, card, weir_reply_span(weir_reply_at(reply, 2)));
    } else if (weir_span_is(outcome, "noted")) {
        set_state(store, card, STATE_ADDED); // a flag stays
        let_go(store, weir_take(card->withdrawal));
    } else {
        store->counters.withdrawn++;
        finish_card(store, card);
    }
}

// A card that Redis does not have yet is withdrawn all the same: then it will not be added.
static void send_withdrawal(struct weir_store *store, struct weir_store_card *card)
{
    WEIR_AUTO(weir_card_args_fini) struct weir_card_args parsed = {0};
    weir_card_args_parse(&parsed, (struct weir_span){card->json, card->length});
    struct weir_span args[] = {parsed.id, weir_card_args_find(&parsed, "message"), parsed.user};
    struct flight *flight = weir_new(struct flight);
    *flight = (struct flight){store, card->position};
    if (card->follows > 0) {
        args[0] = weir_span_of(card->head);
    } else {
        card->queue = weir_store_queue_of(store, parsed.queue);
    }
    set_state(store, card, STATE_FLYING);
    if (weir_redis_call(store->redis, "withdraw", weir_buffer_span(&card->queue->key), args,
                        ARRAY_LEN(args), on_withdrawn, flight)) {
        store->flying++;
        return;
    }
    set_state(store, card, STATE_WAITING);
    free(flight);
}

static int64_t age_of(int64_t at_ms)
{
    int64_t age_ms = weir_clock_wall_ms() - at_ms;
    return age_ms < 0 ? 0 : age_ms;
}

static bool call_add(struct weir_store *store, struct weir_store_card *card,
                     const struct weir_card_args *parsed)
{
    char age[WEIR_DIGITS];
    char target[WEIR_DIGITS];
    struct weir_span args[5 + 2 * WEIR_CARD_FIELDS];
    args[0] = parsed->id;
    args[1] = parsed->fp;
    args[2] = (struct weir_span){age, weir_digits_of(age, (uint64_t)age_of(parsed->at_ms))};
    args[3] = (struct weir_span){target, weir_digits_of(target, (uint64_t)parsed->target_ms)};
    args[4] = parsed->user;
    memcpy(args + 5, parsed->fields, 2 * parsed->field_count * sizeof(*args));

    struct flight *flight = weir_new(struct flight);
    *flight = (struct flight){store, card->position};
    set_state(store, card, STATE_FLYING);
    if (weir_redis_call(store->redis, "add", weir_buffer_span(&card->queue->key), args,
                        5 + 2 * parsed->field_count, on_added, flight)) {
        store->flying++;
        return true;
    }
    set_state(store, card, STATE_WAITING);
    free(flight);
    return false;
}

static bool send_card(struct weir_store *store, size_t index, struct weir_card_args *parsed)
{
    struct weir_store_card *card = &store->cards[index];
    if (weir_card_args_parse(parsed, (struct weir_span){card->json, card->length})) {
        set_state(store, card, STATE_REFUSED);
        store->counters.refused++;
        return true;
    }
    if (card->withdrawal && weir_span_is(weir_card_args_find(parsed, "kind"), "question")) {
        send_withdrawal(store, card);
        return card->state == STATE_FLYING;
    }
    note_cause(card, parsed);
    card->at_ms = parsed->at_ms;
    card->queue = weir_store_queue_of(store, parsed->queue);
    card->follows = 0; // it is added where it was, which tells where it went
    return call_add(store, card, parsed);
}

void weir_store_cards_send(struct weir_store *store)
{
    WEIR_AUTO(weir_card_args_fini) struct weir_card_args parsed = {0};
    drop_finished(store);
    if (store->waiting_count == 0) {
        store->next_card = 0;
        return;
    }
    for (size_t i = store->next_card; i < store->card_count && store->is_ready; i++) {
        if (store->flying >= FLYING_MAX) {
            store->next_card = i;
            return;
        }
        if (store->cards[i].state == STATE_WAITING && !send_card(store, i, &parsed)) {
            break;
        }
    }
    store->next_card = 0; // whatever was refused for now is looked at again by the next call
}

void weir_store_cards_again(struct weir_store *store)
{
    for (size_t i = 0; i < store->card_count; i++) {
        if (store->cards[i].state == STATE_ADDED) {
            set_state(store, &store->cards[i], STATE_WAITING);
        }
    }
    store->next_card = 0;
}

void weir_store_cards_ready(struct weir_store *store)
{
    for (size_t i = 0; i < store->card_count; i++) {
        if (store->cards[i].hasten_ms && store->cards[i].state == STATE_ADDED) {
            send_end(store, &store->cards[i]);
        }
    }
}

static void note_unsent(struct weir_store_card *card)
{
    WEIR_AUTO(weir_card_args_fini) struct weir_card_args parsed = {0};
    if (card->cause == 0 &&
        !weir_card_args_parse(&parsed, (struct weir_span){card->json, card->length})) {
        note_cause(card, &parsed);
    }
}

void weir_store_hasten(struct weir_store *store, const struct weir_store_end *end)
{
    uint64_t room = hash_in_room(end->room, WEIR_SPAN(""));
    uint64_t scene = hash_in_room(end->room, end->scene);
    for (size_t i = 0; i < store->card_count; i++) {
        struct weir_store_card *card = &store->cards[i];
        if (card->state == STATE_FINISHED) {
            continue;
        }
        note_unsent(card);
        bool ends = end->is_stream ? card->before != BEFORE_NOTHING
                                   : card->before == BEFORE_SCENE && card->scene == scene;
        if (card->room != room || !ends || (card->hasten_ms && card->hasten_ms <= end->end_ms)) {
            continue;
        }
        card->hasten_ms = end->end_ms;
        if (card->state == STATE_ADDED && store->is_ready) {
            send_end(store, card);
        }
    }
}

void weir_store_add(struct weir_store *store, uint64_t position, struct weir_span card_json)
{
    weir_assert(store->card_count == 0 || store->cards[store->card_count - 1].position < position);
    store->cards = weir_grow(store->cards, &store->card_capacity, store->card_count + 1,
                             sizeof(*store->cards));
    store->cards[store->card_count] = (struct weir_store_card){
        .position = position,
        .at_ms = weir_clock_wall_ms(),
        .json = weir_strndup(card_json.data, card_json.length),
        .length = card_json.length,
    };
    size_t index = store->card_count++;
    store->waiting_count++;
    if (store->is_ready && store->flying < FLYING_MAX && store->next_card == 0) {
        send_card(store, index, &store->added);
    } else if (store->is_ready && store->next_card == 0) {
        store->next_card = index; // from here on the answers to what flies send the rest
    }
}

void weir_store_cards_finish(struct weir_store *store, const struct weir_store_queue *queue,
                             struct weir_span head)
{
    for (size_t i = 0; i < store->card_count; i++) {
        struct weir_store_card *card = &store->cards[i];
        if (card->state == STATE_ADDED && card->queue == queue && weir_span_is(head, card->head)) {
            finish_card(store, card);
        }
    }
}

void weir_store_cards_moved(struct weir_store *store, const struct weir_store_queue *queue,
                            struct weir_span head, struct weir_span to)
{
    for (size_t i = 0; i < store->card_count; i++) {
        struct weir_store_card *card = &store->cards[i];
        if (card->state == STATE_ADDED && card->queue == queue && weir_span_is(head, card->head)) {
            follow(store, card, to);
        }
    }
}

void weir_store_cards_forget_old(struct weir_store *store)
{
    int64_t oldest_ms = weir_clock_wall_ms() - RETENTION_MS;
    for (size_t i = 0; i < store->card_count; i++) {
        struct weir_store_card *card = &store->cards[i];
        if (card->at_ms < oldest_ms && card->state != STATE_FLYING) {
            finish_card(store, card);
        }
    }
}

static size_t give_up(struct weir_store *store, enum state state, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < store->card_count && count < most; i++) {
        if (store->cards[i].state == state) {
            finish_card(store, &store->cards[i]);
            count++;
        }
    }
    return count;
}

size_t weir_store_give_up(struct weir_store *store, size_t most, size_t *lost_out)
{
    size_t count = give_up(store, STATE_ADDED, most);
    *lost_out = give_up(store, STATE_REFUSED, most - count);
    *lost_out += give_up(store, STATE_WAITING, most - count - *lost_out);
    return count + *lost_out;
}

// What is gone, and its hash, which spares reading most of the cards.
struct gone {
    const struct weir_store_gone *what;
    uint64_t hash;
    bool is_everybody;
};

static struct gone look_at(const struct weir_store_gone *what)
{
    return (struct gone){.what = what,
                         .hash = hash_in_room(what->room, what->id),
                         .is_everybody = what->is_all_of_user && what->id.length == 0};
}

static bool may_be_about(const struct weir_store_card *card, const struct gone *gone)
{
    uint64_t hash = gone->what->is_all_of_user ? card->asker : card->cause;
    return card->state != STATE_FINISHED &&
           (card->cause == 0 || gone->is_everybody || hash == gone->hash);
}

static bool is_about(struct weir_store_card *card, const struct gone *gone)
{
    WEIR_AUTO(weir_card_args_fini) struct weir_card_args parsed = {0};
    if (!may_be_about(card, gone) ||
        weir_card_args_parse(&parsed, (struct weir_span){card->json, card->length})) {
        return false;
    }
    note_cause(card, &parsed);
    struct weir_span id =
        gone->what->is_all_of_user ? parsed.user : weir_card_args_find(&parsed, "message");
    return weir_span_equals(weir_card_args_find(&parsed, "room"), gone->what->room) &&
           (gone->is_everybody || weir_span_equals(id, gone->what->id));
}

static bool has_id(const struct weir_store_gone *gone)
{
    return gone->is_all_of_user || gone->id.length > 0;
}

void weir_store_withdraw(struct weir_store *store, uint64_t position,
                         const struct weir_store_gone *what)
{
    struct withdrawal *withdrawal = weir_new(struct withdrawal);
    *withdrawal = (struct withdrawal){.position = position, .holders = 1};
    struct gone gone = look_at(what);
    for (size_t i = 0; i < store->card_count && has_id(what); i++) {
        struct weir_store_card *card = &store->cards[i];
        // After a crash all cards come first: what a user wrote later has not gone with the rest.
        bool is_later = what->is_all_of_user && position && card->position > position;
        if (card->withdrawal || is_later || !is_about(card, &gone)) {
            continue;
        }
        card->withdrawal = withdrawal;
        withdrawal->holders++;
        if (card->state == STATE_ADDED && store->is_ready) {
            send_withdrawal(store, card);
        } else if (card->state == STATE_ADDED) {
            set_state(store, card, STATE_WAITING);
        }
    }
    let_go(store, withdrawal);
}

bool weir_store_may_have_card(struct weir_store *store, const struct weir_store_gone *what)
{
    struct gone gone = look_at(what);
    for (size_t i = 0; i < store->card_count && has_id(what); i++) {
        if (may_be_about(&store->cards[i], &gone)) {
            return true;
        }
    }
    return false;
}

size_t weir_store_cards_waiting(const struct weir_store *store)
{
    return store->waiting_count + store->flying;
}

void weir_store_cards_fini(struct weir_store *store)
{
    for (size_t i = 0; i < store->card_count; i++) {
        struct withdrawal *withdrawal = store->cards[i].withdrawal;
        free(store->cards[i].json);
        if (withdrawal && --withdrawal->holders == 0) {
            free(withdrawal); // its record stays, for the next life
        }
    }
    free(store->cards);
    weir_card_args_fini(&store->added);
}
