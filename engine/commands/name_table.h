/** Texts that must be recognised again (rooms, users, ids of messages and actions), numbered from
 * 0.
 */
#ifndef WEIR_COMMANDS_NAME_TABLE_H
#define WEIR_COMMANDS_NAME_TABLE_H

#include "engine/base/buffer.h"

#define NO_NAME UINT32_MAX

/** Start it as `{0}`. */
struct name_table {
    struct weir_buffer bytes;
    struct name_entry *names;
    size_t count;
    size_t capacity;
    uint32_t *slots; // number + 1, 0 = free; twice as many as names at least
    size_t slot_count;
};

void name_table_fini(struct name_table *names);
/** The number of `text`, a new one if it was not known. */
uint32_t name_table_add(struct name_table *names, struct weir_span text);
/** The number of `text`, or NO_NAME. */
uint32_t name_table_find(const struct name_table *names, struct weir_span text);
/** Valid until the next add. */
struct weir_span name_table_text(const struct name_table *names, uint32_t number);

#endif
