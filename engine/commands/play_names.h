/** Texts that `play` must recognise again (rooms, users, message ids, action ids), numbered from 0.
 */
#ifndef WEIR_COMMANDS_PLAY_NAMES_H
#define WEIR_COMMANDS_PLAY_NAMES_H

#include "engine/base/buffer.h"

#define PLAY_NO_NAME UINT32_MAX

/** Start it as `{0}`. */
struct play_names {
    struct weir_buffer bytes;
    struct play_name *names;
    size_t count;
    size_t capacity;
    uint32_t *slots; // number + 1, 0 = free; twice as many as names at least
    size_t slot_count;
};

void play_names_fini(struct play_names *names);
/** The number of `text`, a new one if it was not known. */
uint32_t play_names_add(struct play_names *names, struct weir_span text);
/** The number of `text`, or PLAY_NO_NAME. */
uint32_t play_names_find(const struct play_names *names, struct weir_span text);
/** Valid until the next add. */
struct weir_span play_names_text(const struct play_names *names, uint32_t number);

#endif
