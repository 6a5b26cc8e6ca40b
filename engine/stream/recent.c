#include "engine/stream/recent.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define FIRST_CAPACITY 32u

// `entries` is a ring by age; `table` finds an entry by its hash (open addressing, twice as many
// places as entries). A place keeps half of the hash, so that looking through neighbours stays
// within one cache line and asks the ring only for what is nearly always the right one.
struct entry {
    uint64_t hash;
    struct weir_recent_answer *answer; // NULL: it passed, as nearly all do
};

struct place {
    uint32_t index; // + 1, 0 = free
    uint32_t half;
};

struct weir_recent {
    struct weir_hash_key key;
    uint32_t limit;
    uint32_t capacity; // power of two
    uint32_t count;
    uint32_t next; // where the next one goes; once full, the oldest
    struct entry *entries;
    struct place *table;
};

static void allocate(struct weir_recent *recent, uint32_t capacity)
{
    recent->capacity = capacity;
    recent->entries = weir_new_array(struct entry, capacity);
    recent->table = weir_new_array(struct place, (size_t)capacity * 2);
}

struct weir_recent *weir_recent_create(uint32_t limit, struct weir_hash_key key)
{
    struct weir_recent *recent = weir_new(struct weir_recent);
    recent->key = key;
    recent->limit = FIRST_CAPACITY;
    while (recent->limit < limit) {
        recent->limit *= 2;
    }
    allocate(recent, FIRST_CAPACITY);
    return recent;
}

static void free_answer(struct entry *entry)
{
    if (entry->answer) {
        free((char *)entry->answer->text.data);
        weir_free_at(&entry->answer);
    }
}

void weir_recent_destroy(struct weir_recent **recent)
{
    if (*recent) {
        for (uint32_t i = 0; i < (*recent)->count; i++) {
            free_answer(&(*recent)->entries[i]);
        }
        free((*recent)->entries);
        free((*recent)->table);
        free(*recent);
        *recent = NULL;
    }
}

static uint32_t mask_of(const struct weir_recent *recent)
{
    return recent->capacity * 2 - 1;
}

// The place of `hash` in the table, or the free one where it belongs.
static uint32_t place_of(const struct weir_recent *recent, uint64_t hash)
{
    uint32_t place = (uint32_t)hash & mask_of(recent);
    while (recent->table[place].index != 0 &&
           (recent->table[place].half != (uint32_t)hash ||
            recent->entries[recent->table[place].index - 1].hash != hash)) {
        place = (place + 1) & mask_of(recent);
    }
    return place;
}

// Takes an entry out of the table and moves those behind it up, so that no search ends too early.
static void remove_place(struct weir_recent *recent, uint32_t hole)
{
    uint32_t mask = mask_of(recent);
    for (uint32_t at = (hole + 1) & mask; recent->table[at].index != 0; at = (at + 1) & mask) {
        uint32_t home = recent->table[at].half & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            recent->table[hole] = recent->table[at];
            hole = at;
        }
    }
    recent->table[hole] = (struct place){0};
}

static void put(struct weir_recent *recent, uint64_t hash, uint32_t index)
{
    recent->table[place_of(recent, hash)] = (struct place){index + 1, (uint32_t)hash};
}

static void grow(struct weir_recent *recent)
{
    struct entry *old = recent->entries;
    free(recent->table);
    allocate(recent, recent->capacity * 2);
    for (uint32_t i = 0; i < recent->count; i++) {
        recent->entries[i] = old[i];
        put(recent, old[i].hash, i);
    }
    recent->next = recent->count;
    free(old);
}

// Where the oldest id stands in the table is needed when the next one is added, once the message
// has been judged: until then the cache has time to bring it.
static void expect_add(const struct weir_recent *recent)
{
    uint64_t oldest = recent->entries[recent->next].hash; // 0 while the ring is not full: harmless
    __builtin_prefetch(&recent->table[(uint32_t)oldest & mask_of(recent)], 1);
}

uint64_t weir_recent_name(const struct weir_recent *recent, struct weir_span id)
{
    return weir_hash(recent->key, id);
}

const struct weir_recent_answer *weir_recent_find(const struct weir_recent *recent,
                                                  struct weir_span id)
{
    return weir_recent_find_named(recent, weir_recent_name(recent, id));
}

const struct weir_recent_answer *weir_recent_find_named(const struct weir_recent *recent,
                                                        uint64_t name)
{
    static const struct weir_recent_answer passed = {WEIR_GATE_PASS, {NULL, 0}};
    uint32_t index = recent->table[place_of(recent, name)].index;
    if (!index) {
        expect_add(recent);
        return NULL;
    }
    const struct weir_recent_answer *answer = recent->entries[index - 1].answer;
    return answer ? answer : &passed;
}

static struct weir_recent_answer *copy_of(const struct weir_recent_answer *answer)
{
    if (answer->gate == WEIR_GATE_PASS && answer->text.length == 0) {
        return NULL;
    }
    struct weir_recent_answer *copy = weir_new(struct weir_recent_answer);
    *copy = *answer;
    copy->text.data =
        answer->text.length ? weir_strndup(answer->text.data, answer->text.length) : NULL;
    return copy;
}

// The slot that the next id may use: a new one while the ring may grow, else the oldest's.
static struct entry *free_slot(struct weir_recent *recent)
{
    if (recent->count == recent->capacity && recent->capacity < recent->limit) {
        grow(recent);
    }
    struct entry *entry = &recent->entries[recent->next];
    if (recent->count == recent->capacity) {
        remove_place(recent, place_of(recent, entry->hash));
        free_answer(entry);
    } else {
        recent->count++;
    }
    return entry;
}

static void add_hash(struct weir_recent *recent, uint64_t hash,
                     const struct weir_recent_answer *answer)
{
    struct entry *entry = free_slot(recent);
    *entry = (struct entry){hash, copy_of(answer)};
    put(recent, hash, recent->next);
    recent->next = (recent->next + 1) & (recent->capacity - 1);
}

void weir_recent_add(struct weir_recent *recent, struct weir_span id,
                     const struct weir_recent_answer *answer)
{
    add_hash(recent, weir_hash(recent->key, id), answer);
}

void weir_recent_replace(struct weir_recent *recent, uint64_t name,
                         const struct weir_recent_answer *answer)
{
    uint32_t index = recent->table[place_of(recent, name)].index;
    if (!index) {
        add_hash(recent, name, answer);
        return;
    }
    free_answer(&recent->entries[index - 1]);
    recent->entries[index - 1].answer = copy_of(answer);
}
