#include "engine/base/arena.h"

#include "engine/base/alloc.h"

#include <stdalign.h>
#include <stdlib.h>

#define CHUNK_BYTES ((size_t)64 * 1024)

struct weir_arena_chunk {
    struct weir_arena_chunk *older;
    size_t size;
    alignas(max_align_t) char bytes[];
};

void weir_arena_fini(struct weir_arena *arena)
{
    while (arena->chunks) {
        struct weir_arena_chunk *older = arena->chunks->older;
        free(arena->chunks);
        arena->chunks = older;
    }
    arena->used = 0;
}

static void add_chunk(struct weir_arena *arena, size_t needed)
{
    size_t size = needed > CHUNK_BYTES ? needed : CHUNK_BYTES;
    struct weir_arena_chunk *chunk = weir_alloc_zeroed(1, sizeof(*chunk) + size);
    chunk->size = size;
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->used = 0;
}

void weir_arena_clear(struct weir_arena *arena)
{
    struct weir_arena_chunk *newest = arena->chunks;
    if (!newest) {
        return;
    }
    memset(newest->bytes, 0, arena->used);
    arena->chunks = newest->older;
    weir_arena_fini(arena);
    newest->older = NULL;
    arena->chunks = newest;
}

void *weir_arena_alloc(struct weir_arena *arena, size_t size)
{
    size_t step = alignof(max_align_t);
    weir_assert(size <= SIZE_MAX / 2);
    size = (size + step - 1) / step * step;
    if (!arena->chunks || arena->chunks->size - arena->used < size) {
        add_chunk(arena, size);
    }
    void *piece = arena->chunks->bytes + arena->used;
    arena->used += size;
    return piece;
}

void *weir_arena_copy(struct weir_arena *arena, const void *from, size_t count, size_t size)
{
    void *copy = weir_arena_alloc(arena, count * size);
    if (count > 0) {
        memcpy(copy, from, count * size);
    }
    return copy;
}

struct weir_span weir_arena_copy_span(struct weir_arena *arena, struct weir_span bytes)
{
    char *copy = weir_arena_alloc(arena, bytes.length + 1);
    if (bytes.length > 0) {
        memcpy(copy, bytes.data, bytes.length);
    }
    return (struct weir_span){copy, bytes.length};
}

size_t weir_arena_size(const struct weir_arena *arena)
{
    size_t size = 0;
    for (const struct weir_arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->older) {
        size += chunk->size;
    }
    return size;
}
