/** Memory that is given out in small pieces and freed all at once, for what lives and dies
 * together.
 */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include "engine/base/span.h"

struct weir_arena_chunk;

/** Start it as `{0}`; weir_arena_fini() frees all that was taken from it. */
struct weir_arena {
    struct weir_arena_chunk *chunks; // the newest first
    size_t used;                     // of the newest
};

void weir_arena_fini(struct weir_arena *arena);

/** Forgets all that was taken, but keeps a piece of memory for what comes next. */
void weir_arena_clear(struct weir_arena *arena);

/** Zeroed bytes, aligned for anything. Never NULL. */
void *weir_arena_alloc(struct weir_arena *arena, size_t size);

#define weir_arena_new(arena, type) ((type *)weir_arena_alloc((arena), sizeof(type)))
#define weir_arena_new_array(arena, type, count)                                                   \
    ((type *)weir_arena_alloc((arena), (count) * sizeof(type)))

/** A copy of `count` things of `size` bytes. */
void *weir_arena_copy(struct weir_arena *arena, const void *from, size_t count, size_t size);

/** A copy of the bytes, with a NUL behind them that the span does not count. */
struct weir_span weir_arena_copy_span(struct weir_arena *arena, struct weir_span bytes);

/** Bytes that the arena holds, for tests and figures. */
size_t weir_arena_size(const struct weir_arena *arena);

#endif
