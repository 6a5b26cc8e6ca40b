/**
 * A bounded table of what a room remembers: found by a 64-bit key, forgotten from the least
 * recently touched on, and never larger than its quota.
 *
 * Who is forgotten depends on the order of touches alone, so the same messages forget the same
 * (design.md 8.1); the seed only spreads keys over buckets, so that nobody can fill one on purpose.
 */
#ifndef WEIR_JUDGE_TABLE_H
#define WEIR_JUDGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIR_TABLE_CHUNKS 24

/** What every item begins with. The payload of `payload_size` bytes follows. */
struct weir_table_item {
    uint64_t key;
    int64_t touched_ms;
    uint32_t next_in_bucket;
    uint32_t newer;
    uint32_t older;
    uint32_t is_kept; // in the list that is forgotten last
};

struct weir_table_list {
    uint32_t newest;
    uint32_t oldest;
    uint32_t count;
};

/** Start it with weir_table_init(), free with weir_table_fini(). Items never move. */
struct weir_table {
    void (*on_forget)(void *user, void *payload); // gives up what a payload holds; NULL: nothing
    void *user;
    uint32_t item_size;
    uint32_t most; // the quota
    uint32_t count;
    uint64_t seed;
    int64_t life_ms; // an item that was not touched for so long is as good as gone; 0 = never
    uint32_t *buckets;
    uint32_t bucket_bits;
    char *chunks[WEIR_TABLE_CHUNKS];
    struct weir_table_list lists[2]; // plain, kept
    uint64_t evicted;                // forgotten before their time
    uint64_t evicted_kept;           // those of them that were kept
};

void weir_table_init(struct weir_table *table, size_t payload_size, uint32_t most, int64_t life_ms,
                     uint64_t seed);
void weir_table_fini(struct weir_table *table);

/** The payload of `key`, or NULL. Does not touch it. */
void *weir_table_find(const struct weir_table *table, uint64_t key);

/**
 * The payload of `key`, touched now. A new one is zeroed; it takes the place of one whose life is
 * over, else of nobody, and where the quota is reached of the least useful: the oldest plain one,
 * and of the kept ones only while they fill more than seven eighths.
 */
void *weir_table_touch(struct weir_table *table, uint64_t key, int64_t now_ms);

/** Moves a payload into the list that is forgotten last, or out of it. */
void weir_table_keep(struct weir_table *table, void *payload, bool is_kept);

/** When the payload was touched before; the item is its header. */
static inline struct weir_table_item *weir_table_item_of(void *payload)
{
    return (struct weir_table_item *)((char *)payload - sizeof(struct weir_table_item));
}

#endif
