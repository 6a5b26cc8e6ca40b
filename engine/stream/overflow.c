// One batch is read at a time, of one room after the other, so that a room with a million of them
// does not keep those of others waiting.

#include "engine/stream/overflow.h"

#include "engine/base/alloc.h"
#include "engine/store/spool.h"
#include "engine/stream/action_record.h"
#include "engine/stream/service_private.h"

#include <stdlib.h>

#define BATCH    128
#define RETRY_MS 100 // a record that is being moved
#define TRIES    100
#define LEFT_MS  5000 // until a room that is not known yet is asked for again

struct weir_overflow {
    struct weir_service *service;
    struct weir_room *first; // that have any; the next to be read first
    struct weir_room *last;
    struct weir_overflow_line left; // of the process before
    uint64_t *ids;                  // an open table of hashes, 0 = empty
    size_t id_capacity;             // power of two
    size_t count;
    struct weir_spool_reading *reading;
    struct weir_room *reading_of; // NULL: `left`
    size_t reading_count;
    int64_t not_before_ms;
    int64_t left_not_before_ms;
    uint32_t tries; // the first one could not be read
};

static uint64_t hash_of(struct weir_span action_id)
{
    static const struct weir_hash_key key = {0x6f766572, 0x666c6f77};
    return weir_hash(key, action_id) | 1;
}

// ---- ids ----

static size_t place_of(const struct weir_overflow *overflow, uint64_t hash)
{
    size_t at = (hash >> 1) & (overflow->id_capacity - 1);
    while (overflow->ids[at] != 0 && overflow->ids[at] != hash) {
        at = (at + 1) & (overflow->id_capacity - 1);
    }
    return at;
}

static void add_id(struct weir_overflow *overflow, uint64_t hash)
{
    if (overflow->count * 2 >= overflow->id_capacity) {
        uint64_t *old = overflow->ids;
        size_t old_capacity = overflow->id_capacity;
        overflow->id_capacity = old_capacity ? old_capacity * 2 : 256;
        overflow->ids = weir_new_array(uint64_t, overflow->id_capacity);
        for (size_t i = 0; i < old_capacity; i++) {
            if (old[i] != 0) {
                overflow->ids[place_of(overflow, old[i])] = old[i];
            }
        }
        free(old);
    }
    overflow->ids[place_of(overflow, hash)] = hash;
    overflow->count++;
}

// Those behind it close the gap, or they would not be found any more.
static void remove_id(struct weir_overflow *overflow, uint64_t hash)
{
    size_t mask = overflow->id_capacity - 1;
    size_t gap = place_of(overflow, hash);
    weir_assert(overflow->ids[gap] == hash);
    for (size_t at = (gap + 1) & mask; overflow->ids[at] != 0; at = (at + 1) & mask) {
        size_t wanted = (overflow->ids[at] >> 1) & mask;
        if (((at - wanted) & mask) >= ((at - gap) & mask)) {
            overflow->ids[gap] = overflow->ids[at];
            gap = at;
        }
    }
    overflow->ids[gap] = 0;
    overflow->count--;
}

bool weir_overflow_has(const struct weir_overflow *overflow, struct weir_span action_id)
{
    return overflow->count > 0 && overflow->ids[place_of(overflow, hash_of(action_id))] != 0;
}

bool weir_overflow_has_left(const struct weir_overflow *overflow)
{
    return overflow->left.count > 0;
}

size_t weir_overflow_count(const struct weir_overflow *overflow)
{
    return overflow->count;
}

// ---- lines ----

void weir_overflow_line_fini(struct weir_overflow_line *line)
{
    free(line->items);
    *line = (struct weir_overflow_line){0};
}

static struct weir_overflow_item *item_at(const struct weir_overflow_line *line, size_t index)
{
    return &line->items[(line->head + index) & (line->capacity - 1)];
}

static void push(struct weir_overflow_line *line, uint64_t position, uint64_t hash)
{
    if (line->count == line->capacity) {
        struct weir_overflow_line larger = *line;
        larger.capacity = line->capacity ? line->capacity * 2 : 64;
        larger.items = weir_new_array(struct weir_overflow_item, larger.capacity);
        for (size_t i = 0; i < line->count; i++) {
            larger.items[i] = *item_at(line, i);
        }
        larger.head = 0;
        free(line->items);
        *line = larger;
    }
    *item_at(line, line->count++) = (struct weir_overflow_item){position, hash};
}

static void drop_first(struct weir_overflow *overflow, struct weir_overflow_line *line)
{
    remove_id(overflow, item_at(line, 0)->id_hash);
    line->head = (line->head + 1) & (line->capacity - 1);
    if (--line->count == 0) { // a flood that is over leaves no memory behind
        free(line->items);
        line->items = NULL;
        line->head = line->capacity = 0;
    }
}

static void list_room(struct weir_overflow *overflow, struct weir_room *room)
{
    room->overflow.is_listed = true;
    room->overflow.next = NULL;
    *(overflow->last ? &overflow->last->overflow.next : &overflow->first) = room;
    overflow->last = room;
}

static struct weir_room *take_room(struct weir_overflow *overflow)
{
    struct weir_room *room = overflow->first;
    overflow->first = room->overflow.next;
    overflow->last = overflow->first ? overflow->last : NULL;
    room->overflow.is_listed = false;
    return room;
}

bool weir_overflow_add(struct weir_overflow *overflow, struct weir_room *room,
                       struct weir_span action_id, uint64_t position)
{
    uint64_t hash = hash_of(action_id);
    if (weir_overflow_has(overflow, action_id)) {
        return false;
    }
    push(&room->overflow, position, hash);
    add_id(overflow, hash);
    if (!room->overflow.is_listed && overflow->reading_of != room) {
        list_room(overflow, room);
    }
    return true;
}

bool weir_overflow_add_left(struct weir_overflow *overflow, struct weir_span action_id,
                            uint64_t position)
{
    uint64_t hash = hash_of(action_id);
    if (weir_overflow_has(overflow, action_id)) {
        return false;
    }
    push(&overflow->left, position, hash);
    add_id(overflow, hash);
    return true;
}

// ---- reading back ----

static void give_back(struct weir_service *service, const struct weir_spool_kept *kept,
                      struct weir_room *room)
{
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t created_ms;
    if (!weir_action_record_read(kept->record, &created_ms, &action, rules)) {
        weir_spool_release(service->spool, kept->position);
        return;
    }
    const struct weir_outbox_cause cause = {.position = kept->position};
    if (!room) {
        if (!weir_acting_resume(service, &action, kept->position, created_ms)) {
            weir_overflow_add_left(service->overflow, action.id, kept->position);
            service->overflow->left_not_before_ms = INT64_MAX; // set when this batch is over
        }
    } else if (!weir_acting_put_out(room, &action, &cause, created_ms)) {
        weir_spool_release(service->spool, kept->position);
    }
}

// False: it can't be read now, though it is needed.
static bool take_back(struct weir_overflow *overflow, struct weir_overflow_line *line,
                      const struct weir_spool_kept *kept)
{
    struct weir_service *service = overflow->service;
    bool is_lost = kept->kind == 0 && weir_spool_has(service->spool, kept->position);
    if (is_lost && overflow->tries++ < TRIES) {
        return false;
    }
    overflow->tries = 0;
    drop_first(overflow, line);
    if (kept->kind != 0) {
        give_back(service, kept, overflow->reading_of);
    } else if (is_lost) {
        weir_room_count(service, overflow->reading_of, WEIR_COUNT_ACTIONS_SHED, 1);
        weir_log_say(service->log, WEIR_LOG_ERROR, WEIR_SPAN(""), "action.shed",
                     "the spool's record of an action can't be read any more");
        weir_spool_release(service->spool, kept->position);
    }
    return true;
}

static void on_read(void *user, const struct weir_spool_kept *kept, size_t count)
{
    struct weir_overflow *overflow = user;
    struct weir_room *room = overflow->reading_of;
    struct weir_overflow_line *line = room ? &room->overflow : &overflow->left;
    int64_t now_ms = weir_loop_now_ms(overflow->service->loop);
    overflow->reading = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!take_back(overflow, line, &kept[i])) {
            overflow->not_before_ms = now_ms + RETRY_MS;
            break;
        }
    }
    if (overflow->left_not_before_ms == INT64_MAX) {
        overflow->left_not_before_ms = now_ms + LEFT_MS;
    }
    overflow->reading_of = NULL;
    if (room && line->count > 0) {
        list_room(overflow, room);
    }
}

// At the head of the line, as far as they are on disk.
static bool start_reading(struct weir_overflow *overflow, const struct weir_overflow_line *line,
                          struct weir_room *room)
{
    uint64_t positions[BATCH];
    uint64_t durable = weir_spool_durable(overflow->service->spool);
    size_t count = 0;
    while (count < BATCH && count < line->count && item_at(line, count)->position <= durable) {
        positions[count] = item_at(line, count)->position;
        count++;
    }
    if (count == 0) {
        return false;
    }
    overflow->reading_of = room;
    overflow->reading =
        weir_spool_read(overflow->service->spool, positions, count, on_read, overflow);
    return true;
}

static bool try_room(struct weir_overflow *overflow)
{
    struct weir_room *room = take_room(overflow);
    if (weir_outbox_takes(room->attachment->outbox, room) &&
        start_reading(overflow, &room->overflow, room)) {
        return true;
    }
    list_room(overflow, room);
    return false;
}

void weir_overflow_pump(struct weir_overflow *overflow, int64_t now_ms)
{
    if (overflow->count == 0 || overflow->reading || now_ms < overflow->not_before_ms) {
        return;
    }
    if (overflow->left.count > 0 && now_ms >= overflow->left_not_before_ms &&
        start_reading(overflow, &overflow->left, NULL)) {
        return;
    }
    struct weir_room *last = overflow->last;
    while (overflow->first && !try_room(overflow) && overflow->last != last) {
        // the next one
    }
}

struct weir_overflow *weir_overflow_create(struct weir_service *service)
{
    struct weir_overflow *overflow = weir_new(struct weir_overflow);
    overflow->service = service;
    return overflow;
}

void weir_overflow_stop(struct weir_overflow *overflow)
{
    weir_spool_read_cancel(&overflow->reading);
    overflow->not_before_ms = INT64_MAX;
}

void weir_overflow_destroy(struct weir_overflow **overflow)
{
    if (*overflow) {
        weir_overflow_line_fini(&(*overflow)->left);
        free((*overflow)->ids);
        free(*overflow);
        *overflow = NULL;
    }
}
