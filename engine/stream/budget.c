// A bucket counts in units of 1/per_ms of a token, so that each millisecond adds a whole number of
// them and nothing is lost to rounding. Sliding windows of exact times were tried on paper first:
// they let the whole allowance go at once, and then a ban waits half a minute behind replies.

#include "engine/stream/budget.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <stdlib.h>

#define FIRST_PAUSE_MS   1000
#define MAX_DOUBLINGS    5
#define REFUSAL_GRACE_MS 60000 // a refusal this long ago says nothing about the next one

struct bucket {
    const void *room; // NULL: of the connection
    uint32_t row;     // of a limit; from limit_count on a pause of the kind row - limit_count
    uint32_t doublings;
    bool is_used;
    int64_t units;
    int64_t at_ms; // when `units` was right; of a pause: its end
};

struct weir_budget {
    const struct weir_limit *limits;
    uint32_t limit_count;
    struct bucket *buckets; // open addressing; a power of two
    size_t capacity;
    size_t count;
    size_t pauses; // that were ever made: 0 lets most connections skip the look-up
};

enum weir_class weir_class_of(const struct weir_action *action)
{
    static const enum weir_class of_kind[WEIR_DO_COUNT] = {
        [WEIR_DO_RELEASE] = WEIR_CLASS_CLEAN_UP,   [WEIR_DO_UNBAN] = WEIR_CLASS_CLEAN_UP,
        [WEIR_DO_UNTIMEOUT] = WEIR_CLASS_CLEAN_UP, [WEIR_DO_WARN] = WEIR_CLASS_TALK,
        [WEIR_DO_REPLY] = WEIR_CLASS_TALK,         [WEIR_DO_ANNOUNCE] = WEIR_CLASS_TALK,
    };
    if (action->by_human) {
        return WEIR_CLASS_HUMAN;
    }
    if (action->kind == WEIR_DO_ROOM_MODE && weir_span_starts(action->mode, WEIR_SPAN("-"))) {
        return WEIR_CLASS_CLEAN_UP;
    }
    return of_kind[action->kind];
}

const char *weir_class_name(enum weir_class class)
{
    static const char *const names[WEIR_CLASSES] = {"protect", "human", "clean_up", "talk"};
    return names[class];
}

struct weir_budget *weir_budget_create(const struct weir_limit *limits, size_t count)
{
    struct weir_budget *budget = weir_new(struct weir_budget);
    budget->limits = limits;
    budget->limit_count = (uint32_t)count;
    return budget;
}

void weir_budget_destroy(struct weir_budget **budget)
{
    if (*budget) {
        free((*budget)->buckets);
        free(*budget);
        *budget = NULL;
    }
}

// What may leave at once, and what each `per_ms` adds: together never more than `count`.
static int64_t burst_of(const struct weir_limit *limit)
{
    return (limit->count + 1) / 2;
}

static int64_t refill_of(const struct weir_limit *limit)
{
    return limit->count - burst_of(limit) + 1;
}

// Part of a bucket that is left to those before.
static int64_t reserve_for(const struct weir_limit *limit, enum weir_class class)
{
    switch (class) {
    case WEIR_CLASS_CLEAN_UP:
        return burst_of(limit) / 10;
    case WEIR_CLASS_TALK:
        return burst_of(limit) / 4;
    default:
        return 0;
    }
}

static void refill(const struct weir_limit *limit, struct bucket *bucket, int64_t now_ms)
{
    int64_t full = burst_of(limit) * limit->per_ms;
    int64_t passed_ms = now_ms - bucket->at_ms;
    bucket->at_ms = now_ms;
    if (passed_ms <= 0) {
        return; // the clock was set back
    }
    // Anything that lasts longer than `per_ms` fills it, so the product below stays small.
    passed_ms = passed_ms < limit->per_ms ? passed_ms : limit->per_ms;
    bucket->units += passed_ms * refill_of(limit);
    bucket->units = bucket->units < full ? bucket->units : full;
}

static struct bucket *slot_of(const struct weir_budget *budget, const void *room, uint32_t row)
{
    static const struct weir_hash_key key = {0x77656972, 0x627564};
    const uint64_t name[2] = {(uint64_t)(uintptr_t)room, row};
    const struct weir_span bytes = {(const char *)name, sizeof(name)};
    size_t slot = weir_hash(key, bytes) & (budget->capacity - 1);
    while (budget->buckets[slot].is_used &&
           (budget->buckets[slot].room != room || budget->buckets[slot].row != row)) {
        slot = (slot + 1) & (budget->capacity - 1);
    }
    return &budget->buckets[slot];
}

static bool says_nothing(const struct weir_budget *budget, struct bucket *bucket, int64_t now_ms)
{
    if (bucket->row >= budget->limit_count) {
        return now_ms > bucket->at_ms + REFUSAL_GRACE_MS;
    }
    const struct weir_limit *limit = &budget->limits[bucket->row];
    refill(limit, bucket, now_ms);
    return bucket->units == burst_of(limit) * limit->per_ms;
}

static void grow(struct weir_budget *budget, int64_t now_ms)
{
    size_t capacity = budget->capacity;
    struct bucket *old = budget->buckets;
    size_t kept = 0;
    for (size_t i = 0; i < capacity; i++) {
        old[i].is_used = old[i].is_used && !says_nothing(budget, &old[i], now_ms);
        kept += old[i].is_used;
    }
    budget->capacity = kept * 4 < 16 ? 16 : capacity;
    while (budget->capacity < kept * 4) {
        budget->capacity *= 2;
    }
    budget->count = kept;
    budget->buckets = weir_new_array(struct bucket, budget->capacity);
    for (size_t i = 0; i < capacity; i++) {
        if (old[i].is_used) {
            *slot_of(budget, old[i].room, old[i].row) = old[i];
        }
    }
    free(old);
}

static struct bucket *find(const struct weir_budget *budget, const void *room, uint32_t row)
{
    struct bucket *bucket = budget->capacity > 0 ? slot_of(budget, room, row) : NULL;
    return bucket && bucket->is_used ? bucket : NULL;
}

static struct bucket *find_or_add(struct weir_budget *budget, const void *room, uint32_t row,
                                  int64_t now_ms)
{
    struct bucket *bucket = find(budget, room, row);
    if (bucket) {
        return bucket;
    }
    if (budget->count * 2 >= budget->capacity) {
        grow(budget, now_ms);
    }
    bucket = slot_of(budget, room, row);
    *bucket = (struct bucket){.room = room, .row = row, .is_used = true, .at_ms = now_ms};
    if (row < budget->limit_count) {
        bucket->units = burst_of(&budget->limits[row]) * budget->limits[row].per_ms;
    }
    budget->count++;
    return bucket;
}

static bool holds(const struct weir_limit *limit, enum weir_do kind)
{
    return (limit->kinds & (1u << kind)) != 0;
}

static struct bucket *bucket_of(struct weir_budget *budget, uint32_t row, const void *room,
                                int64_t now_ms)
{
    const struct weir_limit *limit = &budget->limits[row];
    struct bucket *bucket = find_or_add(budget, limit->each_room ? room : NULL, row, now_ms);
    refill(limit, bucket, now_ms);
    return bucket;
}

// When the bucket has one for this class; 0 = now.
static int64_t free_at(const struct weir_limit *limit, const struct bucket *bucket,
                       enum weir_class class, int64_t now_ms)
{
    int64_t missing = (1 + reserve_for(limit, class)) * limit->per_ms - bucket->units;
    return missing <= 0 ? 0 : now_ms + (missing + refill_of(limit) - 1) / refill_of(limit);
}

static int64_t pause_end(const struct weir_budget *budget, const void *room, enum weir_do kind,
                         int64_t now_ms)
{
    const struct bucket *pause =
        budget->pauses > 0 ? find(budget, room, budget->limit_count + kind) : NULL;
    return pause && pause->at_ms > now_ms ? pause->at_ms : 0;
}

int64_t weir_budget_take(struct weir_budget *budget, const void *room, enum weir_do kind,
                         enum weir_class class, int64_t now_ms)
{
    int64_t at_ms = pause_end(budget, room, kind, now_ms);
    for (uint32_t i = 0; i < budget->limit_count; i++) {
        const struct weir_limit *limit = &budget->limits[i];
        if (holds(limit, kind)) {
            int64_t free_ms = free_at(limit, bucket_of(budget, i, room, now_ms), class, now_ms);
            at_ms = free_ms > at_ms ? free_ms : at_ms;
        }
    }
    for (uint32_t i = 0; i < budget->limit_count && at_ms == 0; i++) {
        if (holds(&budget->limits[i], kind)) {
            bucket_of(budget, i, room, now_ms)->units -= budget->limits[i].per_ms;
        }
    }
    return at_ms;
}

int64_t weir_budget_refused(struct weir_budget *budget, const void *room, enum weir_do kind,
                            uint32_t retry_ms, int64_t now_ms)
{
    struct bucket *pause = find_or_add(budget, room, budget->limit_count + kind, now_ms);
    budget->pauses++;
    if (retry_ms == 0 && pause->at_ms > now_ms) {
        return pause->at_ms; // one of several that were under way: the pause has begun
    }
    int64_t wait_ms = retry_ms ? retry_ms : (int64_t)FIRST_PAUSE_MS << pause->doublings;
    pause->doublings += retry_ms == 0 && pause->doublings < MAX_DOUBLINGS;
    pause->at_ms = now_ms + wait_ms > pause->at_ms ? now_ms + wait_ms : pause->at_ms;
    return pause->at_ms;
}

void weir_budget_accepted(struct weir_budget *budget, const void *room, enum weir_do kind)
{
    struct bucket *pause =
        budget->pauses > 0 ? find(budget, room, budget->limit_count + kind) : NULL;
    if (pause) {
        pause->doublings = 0;
    }
}
