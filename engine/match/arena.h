/** Memory for things that are needed together and forgotten together. */
#ifndef WEIR_MATCH_ARENA_H
#define WEIR_MATCH_ARENA_H

#include <stddef.h>

struct arena_block;

/** Start it as `{0}`. */
struct arena {
    struct arena_block *first; // the newest
    size_t used;               // of the newest
};

/** Zeroed and aligned; lives until the arena is cleared. */
void *arena_take(struct arena *arena, size_t size);

/** Forgets everything, keeps one block for what comes next. */
void arena_clear(struct arena *arena);

void arena_fini(struct arena *arena);

#endif
