#include "engine/judge/table.h"

#include "engine/base/alloc.h"

#include <stdlib.h>
#include <string.h>

// Items stand in chunks that double, so that a room with ten viewers takes little, one with fifty
// thousand wastes at most half, and nothing ever moves. Items are numbered from 1: 0 is nobody.

#define FIRST_CHUNK_BITS  2u
#define FIRST_BUCKET_BITS 2u

void weir_table_init(struct weir_table *table, size_t payload_size, uint32_t most, int64_t life_ms,
                     uint64_t seed)
{
    size_t size = sizeof(struct weir_table_item) + (payload_size + 7) / 8 * 8;
    weir_assert(most > 0 && most < 1u << (FIRST_CHUNK_BITS + WEIR_TABLE_CHUNKS - 1));
    *table = (struct weir_table){
        .item_size = (uint32_t)size, .most = most, .life_ms = life_ms, .seed = seed | 1};
}

// Chunk 0 has 4 items, chunk k > 0 as many as all before it together.
static uint32_t chunk_of(uint32_t index)
{
    uint32_t blocks = index >> FIRST_CHUNK_BITS;
    return blocks == 0 ? 0 : 32u - (uint32_t)__builtin_clz(blocks);
}

static uint32_t first_of(uint32_t chunk)
{
    return chunk == 0 ? 0 : 1u << (FIRST_CHUNK_BITS + chunk - 1);
}

static struct weir_table_item *item_at(const struct weir_table *table, uint32_t number)
{
    uint32_t index = number - 1;
    uint32_t chunk = chunk_of(index);
    return (struct weir_table_item *)(void *)(table->chunks[chunk] +
                                              (size_t)(index - first_of(chunk)) * table->item_size);
}

static void *payload_of(struct weir_table_item *item)
{
    return item + 1;
}

void weir_table_fini(struct weir_table *table)
{
    for (uint32_t number = 1; table->on_forget && number <= table->count; number++) {
        table->on_forget(table->user, payload_of(item_at(table, number)));
    }
    for (size_t i = 0; i < WEIR_TABLE_CHUNKS; i++) {
        free(table->chunks[i]);
    }
    free(table->buckets);
    *table = (struct weir_table){0};
}

static uint32_t bucket_of(const struct weir_table *table, uint64_t key)
{
    return (uint32_t)((key * table->seed) >> (64 - table->bucket_bits));
}

static uint32_t find_number(const struct weir_table *table, uint64_t key)
{
    uint32_t number = table->buckets ? table->buckets[bucket_of(table, key)] : 0;
    while (number && item_at(table, number)->key != key) {
        number = item_at(table, number)->next_in_bucket;
    }
    return number;
}

void *weir_table_find(const struct weir_table *table, uint64_t key)
{
    uint32_t number = find_number(table, key);
    return number ? payload_of(item_at(table, number)) : NULL;
}

static void enter_bucket(struct weir_table *table, uint32_t number)
{
    struct weir_table_item *item = item_at(table, number);
    uint32_t *bucket = &table->buckets[bucket_of(table, item->key)];
    item->next_in_bucket = *bucket;
    *bucket = number;
}

static void leave_bucket(struct weir_table *table, uint32_t number)
{
    struct weir_table_item *item = item_at(table, number);
    uint32_t *link = &table->buckets[bucket_of(table, item->key)];
    while (*link != number) {
        link = &item_at(table, *link)->next_in_bucket;
    }
    *link = item->next_in_bucket;
}

static void enter_list(struct weir_table *table, uint32_t number)
{
    struct weir_table_item *item = item_at(table, number);
    struct weir_table_list *list = &table->lists[item->is_kept];
    item->newer = 0;
    item->older = list->newest;
    if (list->newest) {
        item_at(table, list->newest)->newer = number;
    } else {
        list->oldest = number;
    }
    list->newest = number;
    list->count++;
}

static void leave_list(struct weir_table *table, uint32_t number)
{
    struct weir_table_item *item = item_at(table, number);
    struct weir_table_list *list = &table->lists[item->is_kept];
    if (item->newer) {
        item_at(table, item->newer)->older = item->older;
    } else {
        list->newest = item->older;
    }
    if (item->older) {
        item_at(table, item->older)->newer = item->newer;
    } else {
        list->oldest = item->newer;
    }
    list->count--;
}

static void grow_buckets(struct weir_table *table)
{
    table->bucket_bits = table->buckets ? table->bucket_bits + 1 : FIRST_BUCKET_BITS;
    free(table->buckets);
    table->buckets = weir_new_array(uint32_t, (size_t)1 << table->bucket_bits);
    for (uint32_t number = 1; number <= table->count; number++) {
        enter_bucket(table, number);
    }
}

static uint32_t take_new(struct weir_table *table)
{
    if (!table->buckets || table->count == 1u << table->bucket_bits) {
        grow_buckets(table);
    }
    uint32_t chunk = chunk_of(table->count);
    if (!table->chunks[chunk]) {
        uint32_t items = chunk == 0 ? 1u << FIRST_CHUNK_BITS : first_of(chunk);
        table->chunks[chunk] = weir_alloc_zeroed(items, table->item_size);
    }
    return ++table->count;
}

static bool is_over(const struct weir_table *table, uint32_t number, int64_t now_ms)
{
    return number && table->life_ms > 0 &&
           now_ms - item_at(table, number)->touched_ms >= table->life_ms;
}

static uint32_t least_useful(const struct weir_table *table)
{
    const struct weir_table_list *plain = &table->lists[0];
    const struct weir_table_list *kept = &table->lists[1];
    bool kept_fill_it = kept->count > table->most - table->most / 8;
    return plain->count > 0 && !kept_fill_it ? plain->oldest : kept->oldest;
}

static uint32_t take_over(struct weir_table *table, uint32_t number, bool is_over)
{
    struct weir_table_item *item = item_at(table, number);
    leave_list(table, number);
    leave_bucket(table, number);
    table->evicted += !is_over;
    table->evicted_kept += !is_over && item->is_kept;
    if (table->on_forget) {
        table->on_forget(table->user, payload_of(item));
    }
    memset(item, 0, table->item_size);
    return number;
}

static uint32_t find_place(struct weir_table *table, int64_t now_ms)
{
    uint32_t oldest = table->lists[0].oldest;
    if (is_over(table, oldest, now_ms)) {
        return take_over(table, oldest, true);
    }
    return table->count < table->most ? take_new(table)
                                      : take_over(table, least_useful(table), false);
}

void *weir_table_touch(struct weir_table *table, uint64_t key, int64_t now_ms)
{
    uint32_t number = find_number(table, key);
    if (number) {
        if (table->lists[item_at(table, number)->is_kept].newest != number) {
            leave_list(table, number);
            enter_list(table, number);
        }
    } else {
        number = find_place(table, now_ms);
        item_at(table, number)->key = key;
        enter_bucket(table, number);
        enter_list(table, number);
    }
    struct weir_table_item *item = item_at(table, number);
    item->touched_ms = now_ms;
    return payload_of(item);
}

void weir_table_keep(struct weir_table *table, void *payload, bool is_kept)
{
    struct weir_table_item *item = weir_table_item_of(payload);
    if (item->is_kept == is_kept) {
        return;
    }
    uint32_t number = find_number(table, item->key);
    leave_list(table, number);
    item->is_kept = is_kept;
    enter_list(table, number);
}
