#include "engine/judge/pool.h"

#include "engine/base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>

// Sizes rise by 16 bytes up to 128, then twice for each doubling: at most a third of a block is
// wasted, and a list that grows one by one is copied seldom.

#define STEP        16u
#define EVEN_SIZES  8u // up to STEP * EVEN_SIZES bytes
#define FIRST_CHUNK 1024u
#define LARGE_CHUNK 65536u

static uint32_t class_of(size_t bytes)
{
    if (bytes <= (size_t)STEP * EVEN_SIZES) {
        return bytes == 0 ? 0 : (uint32_t)((bytes - 1) / STEP);
    }
    unsigned power = 63u - (unsigned)__builtin_clzll((uint64_t)bytes - 1); // 7 for 129 to 256
    bool is_upper = bytes > ((size_t)3 << (power - 1));
    return EVEN_SIZES + (power - 7) * 2 + is_upper;
}

static size_t size_of(uint32_t class)
{
    if (class < EVEN_SIZES) {
        return (size_t)STEP * (class + 1);
    }
    uint32_t above = class - EVEN_SIZES;
    return above % 2 == 0 ? (size_t)3 << (above / 2 + 6) : (size_t)1 << (above / 2 + 8);
}

size_t weir_pool_size(size_t bytes)
{
    return size_of(class_of(bytes));
}

void weir_pool_fini(struct weir_pool *pool)
{
    while (pool->chunks) {
        struct weir_pool_block *chunk = pool->chunks;
        pool->chunks = chunk->next;
        free(chunk);
    }
    *pool = (struct weir_pool){0};
}

static void give(struct weir_pool *pool, void *block, uint32_t class)
{
    struct weir_pool_block *given = block;
    given->next = pool->free[class];
    pool->free[class] = given;
}

// What is left of a chunk is given away in blocks, the largest first.
static void use_rest(struct weir_pool *pool)
{
    while (pool->rest_bytes >= STEP) {
        uint32_t class = class_of(pool->rest_bytes);
        class -= size_of(class) > pool->rest_bytes;
        give(pool, pool->rest, class);
        pool->rest += size_of(class);
        pool->rest_bytes -= size_of(class);
    }
}

static void add_chunk(struct weir_pool *pool, size_t least)
{
    size_t bytes = pool->total_bytes / 8;
    bytes = bytes < FIRST_CHUNK ? FIRST_CHUNK : bytes > LARGE_CHUNK ? LARGE_CHUNK : bytes;
    bytes = (bytes < least ? least : bytes) / STEP * STEP;
    use_rest(pool);
    struct weir_pool_block *chunk = weir_alloc_zeroed(bytes + STEP, 1);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->rest = (char *)chunk + STEP;
    pool->rest_bytes = bytes;
    pool->total_bytes += bytes;
}

void *weir_pool_take(struct weir_pool *pool, size_t bytes)
{
    uint32_t class = class_of(bytes);
    weir_assert(class < WEIR_POOL_CLASSES);
    struct weir_pool_block *block = pool->free[class];
    if (block) {
        pool->free[class] = block->next;
        return block;
    }
    size_t size = size_of(class);
    if (pool->rest_bytes < size) {
        add_chunk(pool, size);
    }
    char *taken = pool->rest;
    pool->rest += size;
    pool->rest_bytes -= size;
    return taken;
}

void weir_pool_give(struct weir_pool *pool, void *block, size_t bytes)
{
    if (block) {
        give(pool, block, class_of(bytes));
    }
}
