#include "engine/stream/recent.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define FIRST_CAPACITY 32u

// `entries` is a ring by age; `table` finds an entry by its hash (open addressing, twice as many
// places as entries, index + 1, 0 = free).
struct entry {
    uint64_t hash;
    struct weir_recent_answer answer;
};

struct weir_recent {
    struct weir_hash_key key;
    uint32_t limit;
    uint32_t capacity; // power of two
    uint32_t count;
    uint32_t next; // where the next one goes; once full, the oldest
    struct entry *entries;
    uint32_t *table;
};

static void allocate(struct weir_recent *recent, uint32_t capacity)
{
    recent->capacity = capacity;
    recent->entries = weir_new_array(struct entry, capacity);
    recent->table = weir_new_array(uint32_t, (size_t)capacity * 2);
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

static void free_answer(struct weir_recent_answer *answer)
{
    free((char *)answer->text.data);
    *answer = (struct weir_recent_answer){0};
}

void weir_recent_destroy(struct weir_recent **recent)
{
    if (*recent) {
        for (uint32_t i = 0; i < (*recent)->count; i++) {
            free_answer(&(*recent)->entries[i].answer);
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
    while (recent->table[place] != 0 && recent->entries[recent->table[place] - 1].hash != hash) {
        place = (place + 1) & mask_of(recent);
    }
    return place;
}

// Takes an entry out of the table and moves those behind it up, so that no search ends too early.
static void remove_place(struct weir_recent *recent, uint32_t hole)
{
    uint32_t mask = mask_of(recent);
    for (uint32_t at = (hole + 1) & mask; recent->table[at] != 0; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)recent->entries[recent->table[at] - 1].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            recent->table[hole] = recent->table[at];
            hole = at;
        }
    }
    recent->table[hole] = 0;
}

static void grow(struct weir_recent *recent)
{
    struct entry *old = recent->entries;
    free(recent->table);
    allocate(recent, recent->capacity * 2);
    for (uint32_t i = 0; i < recent->count; i++) {
        recent->entries[i] = old[i];
        recent->table[place_of(recent, old[i].hash)] = i + 1;
    }
    recent->next = recent->count;
    free(old);
}

const struct weir_recent_answer *weir_recent_find(const struct weir_recent *recent,
                                                  struct weir_span id)
{
    uint32_t index = recent->table[place_of(recent, weir_hash(recent->key, id))];
    return index ? &recent->entries[index - 1].answer : NULL;
}

static struct weir_recent_answer copy_of(const struct weir_recent_answer *answer)
{
    struct weir_recent_answer copy = *answer;
    copy.text.data =
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
        free_answer(&entry->answer);
    } else {
        recent->count++;
    }
    return entry;
}

void weir_recent_add(struct weir_recent *recent, struct weir_span id,
                     const struct weir_recent_answer *answer)
{
    uint64_t hash = weir_hash(recent->key, id);
    struct entry *entry = free_slot(recent);
    *entry = (struct entry){hash, copy_of(answer)};
    recent->table[place_of(recent, hash)] = recent->next + 1;
    recent->next = (recent->next + 1) & (recent->capacity - 1);
}

void weir_recent_replace(struct weir_recent *recent, struct weir_span id,
                         const struct weir_recent_answer *answer)
{
    uint32_t index = recent->table[place_of(recent, weir_hash(recent->key, id))];
    if (!index) {
        weir_recent_add(recent, id, answer);
        return;
    }
    free_answer(&recent->entries[index - 1].answer);
    recent->entries[index - 1].answer = copy_of(answer);
}
