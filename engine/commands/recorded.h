/**
 * A verdict that was written down, by `replay --json` or in the daemon's verdict log, and what it
 * takes to judge its message once more.
 */
#ifndef WEIR_COMMANDS_RECORDED_H
#define WEIR_COMMANDS_RECORDED_H

#include "engine/base/room_protocol.h"
#include "engine/judge/given.h"

#include <jansson.h>

/** Start it as `{0}`, free it with weir_recorded_fini(). Spans live in `line`. */
struct weir_recorded {
    json_t *line;
    struct weir_room_reader reader;
    struct weir_buffer event;           // the message as it came
    const struct weir_message *message; // NULL: the line does not hold it
    struct weir_room_view room;
    struct weir_span id;
    struct weir_given given;
    struct weir_given_reading *readings;
};

/** Reads line `number` (from 1) of a file. False with `err` set: no such line, or no verdict. */
bool weir_recorded_read(struct weir_recorded *recorded, const char *file, uint64_t number,
                        struct weir_error *err);
void weir_recorded_fini(struct weir_recorded *recorded);

/**
 * Adds one clause for each way in which the verdict `now` (as JSON) is another; nothing where it is
 * the same.
 */
void weir_recorded_compare(const struct weir_recorded *recorded, struct weir_span now,
                           struct weir_buffer *out);

/** The name of the set that gave the verdict. */
const char *weir_recorded_set(const struct weir_recorded *recorded);

#endif
