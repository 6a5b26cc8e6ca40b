// A ring in the order of time, and chains of it by hash. What is too old leaves from the ring's
// head, so nothing is ever searched for.

#include "engine/stream/lately.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct slot {
    uint64_t hash;
    int64_t at_ms;
    uint32_t next; // in its chain
    bool is_forgotten;
};

struct weir_lately {
    struct weir_hash_key key;
    int64_t lasts_ms;
    struct slot *slots; // a ring of `limit`
    uint32_t *chains;   // a power of two, at least `limit`
    uint32_t chain_count;
    uint32_t limit;
    uint32_t head;
    uint32_t count;
};

struct weir_lately *weir_lately_create(uint32_t limit, int64_t lasts_ms, struct weir_hash_key key)
{
    struct weir_lately *lately = weir_new(struct weir_lately);
    *lately = (struct weir_lately){.key = key, .lasts_ms = lasts_ms, .limit = limit};
    lately->chain_count = 16;
    while (lately->chain_count < limit) {
        lately->chain_count *= 2;
    }
    return lately;
}

void weir_lately_destroy(struct weir_lately **lately)
{
    if (*lately) {
        free((*lately)->slots);
        free((*lately)->chains);
        free(*lately);
        *lately = NULL;
    }
}

static uint64_t hash_of(const struct weir_lately *lately, struct weir_span room,
                        struct weir_span name)
{
    const struct weir_hash_key key = {lately->key.low, weir_hash(lately->key, room)};
    return weir_hash(key, name);
}

// Most connections never need it, so the memory comes with the first name.
static void make_room(struct weir_lately *lately)
{
    lately->slots = weir_new_array(struct slot, lately->limit);
    lately->chains = weir_new_array(uint32_t, lately->chain_count);
    for (uint32_t i = 0; i < lately->chain_count; i++) {
        lately->chains[i] = NONE;
    }
}

static uint32_t *chain_of(struct weir_lately *lately, uint64_t hash)
{
    return &lately->chains[hash & (lately->chain_count - 1)];
}

static void drop_oldest(struct weir_lately *lately)
{
    uint32_t index = lately->head;
    uint32_t *place = chain_of(lately, lately->slots[index].hash);
    while (*place != index) {
        place = &lately->slots[*place].next;
    }
    *place = lately->slots[index].next;
    lately->head = (lately->head + 1) % lately->limit;
    lately->count--;
}

static struct slot *find(struct weir_lately *lately, uint64_t hash)
{
    uint32_t index = lately->slots ? *chain_of(lately, hash) : NONE;
    while (index != NONE &&
           (lately->slots[index].hash != hash || lately->slots[index].is_forgotten)) {
        index = lately->slots[index].next;
    }
    return index == NONE ? NULL : &lately->slots[index];
}

static void drop_old(struct weir_lately *lately, int64_t now_ms)
{
    while (lately->count > 0 && lately->slots[lately->head].at_ms + lately->lasts_ms <= now_ms) {
        drop_oldest(lately);
    }
}

bool weir_lately_has(struct weir_lately *lately, struct weir_span room, struct weir_span name,
                     int64_t now_ms)
{
    drop_old(lately, now_ms);
    return find(lately, hash_of(lately, room, name)) != NULL;
}

bool weir_lately_take(struct weir_lately *lately, struct weir_span room, struct weir_span name,
                      int64_t now_ms)
{
    uint64_t hash = hash_of(lately, room, name);
    if (!lately->slots) {
        make_room(lately);
    }
    drop_old(lately, now_ms);
    if (lately->count == lately->limit || find(lately, hash)) {
        return false;
    }
    uint32_t index = (lately->head + lately->count++) % lately->limit;
    uint32_t *chain = chain_of(lately, hash);
    lately->slots[index] = (struct slot){.hash = hash, .at_ms = now_ms, .next = *chain};
    *chain = index;
    return true;
}

void weir_lately_forget(struct weir_lately *lately, struct weir_span room, struct weir_span name)
{
    struct slot *slot = find(lately, hash_of(lately, room, name));
    if (slot) {
        slot->is_forgotten = true;
    }
}
