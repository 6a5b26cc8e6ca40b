#include "engine/match/arena.h"

#include "engine/base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536u
#define ALIGNMENT   16u

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(ALIGNMENT) char bytes[];
};

static void add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = weir_realloc_array(NULL, 1, sizeof(*block) + size);
    block->size = size;
    block->next = arena->first;
    arena->first = block;
    arena->used = 0;
}

void *arena_take(struct arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!arena->first || arena->first->size - arena->used < size) {
        add_block(arena, size > BLOCK_BYTES ? size : BLOCK_BYTES);
    }
    void *taken = arena->first->bytes + arena->used;
    arena->used += size;
    return memset(taken, 0, size);
}

static void free_behind(struct arena_block *block)
{
    while (block->next) {
        struct arena_block *next = block->next;
        block->next = next->next;
        free(next);
    }
}

void arena_clear(struct arena *arena)
{
    if (arena->first) {
        free_behind(arena->first);
        arena->used = 0;
    }
}

void arena_fini(struct arena *arena)
{
    if (arena->first) {
        free_behind(arena->first);
        free(arena->first);
    }
    *arena = (struct arena){0};
}
