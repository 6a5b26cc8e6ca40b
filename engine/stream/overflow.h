/**
 * Actions for which the outbox has no memory: their records are in the spool, and here is only
 * which ones, room by room, in their order. They are read back when the outbox has room for them
 * again.
 *
 * So reading never stops for a room that takes no actions: the answers would come on that very
 * connection, and other rooms share it. What bounds this is spool.max_mib; some 80 bytes of
 * memory go with each record. Once the spool is full, too, actions are left out, counted and
 * listed.
 *
 * A message that is gone does not cancel what waits here: it is sent, and answered not_found.
 */
#ifndef WEIR_STREAM_OVERFLOW_H
#define WEIR_STREAM_OVERFLOW_H

#include "engine/base/span.h"

struct weir_action;
struct weir_overflow;
struct weir_room;
struct weir_service;

/** Positions of the spool in the order of arrival. Start it as `{0}`. */
struct weir_overflow_line {
    struct weir_overflow_item {
        uint64_t position;
        uint64_t id_hash; // of the action
    } * items;            // a ring
    size_t head;
    size_t count;
    size_t capacity;        // power of two
    struct weir_room *next; // of the rooms that have any
    bool is_listed;
};

void weir_overflow_line_fini(struct weir_overflow_line *line);

struct weir_overflow *weir_overflow_create(struct weir_service *service);
/** What waits comes back with the next process. */
void weir_overflow_destroy(struct weir_overflow **overflow);
/** No more reading; while the spool is still open. */
void weir_overflow_stop(struct weir_overflow *overflow);

/** An action of `room` whose record stands at `position`. False: one of this id waits already. */
bool weir_overflow_add(struct weir_overflow *overflow, struct weir_room *room,
                       struct weir_span action_id, uint64_t position);
/** The same for one that the process before left, of a room that is not known yet. */
bool weir_overflow_add_left(struct weir_overflow *overflow, struct weir_span action_id,
                            uint64_t position);

/** Whether an action of this id waits here. */
bool weir_overflow_has(const struct weir_overflow *overflow, struct weir_span action_id);
/** Whether some of those that the process before left have not been looked at. */
bool weir_overflow_has_left(const struct weir_overflow *overflow);
/** Of all rooms. */
size_t weir_overflow_count(const struct weir_overflow *overflow);

/** Reads some back where the outbox takes them. Once a turn; cheap while nothing waits. */
void weir_overflow_pump(struct weir_overflow *overflow, int64_t now_ms);

#endif
