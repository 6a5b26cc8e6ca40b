/**
 * Small blocks of a room's memory: lists that mostly hold one thing and now and then many take a
 * larger block as they grow and give the smaller one back. What was given back is used again before
 * anything is asked of the system. Belongs to one room.
 */
#ifndef WEIR_JUDGE_POOL_H
#define WEIR_JUDGE_POOL_H

#include <stddef.h>
#include <stdint.h>

#define WEIR_POOL_CLASSES 32

struct weir_pool_block {
    struct weir_pool_block *next;
};

/** Start it as `{0}`. */
struct weir_pool {
    struct weir_pool_block *free[WEIR_POOL_CLASSES];
    struct weir_pool_block *chunks; // each begins with the next
    char *rest;                     // of the last chunk
    size_t rest_bytes;
    size_t total_bytes;
};

/** Gives all blocks up at once. */
void weir_pool_fini(struct weir_pool *pool);

/** How large a block for `bytes` is; the same for all up to that size. */
size_t weir_pool_size(size_t bytes);

/** A block of weir_pool_size(bytes); what is in it is anything. */
void *weir_pool_take(struct weir_pool *pool, size_t bytes);
/** Gives a block back that was taken for as many bytes, or as its size; NULL is fine. */
void weir_pool_give(struct weir_pool *pool, void *block, size_t bytes);

#endif
