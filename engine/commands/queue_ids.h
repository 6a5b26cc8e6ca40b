/** Ids of cards, and how much of one has to be written so that it is no other's. */
#ifndef WEIR_COMMANDS_QUEUE_IDS_H
#define WEIR_COMMANDS_QUEUE_IDS_H

#include "engine/store/client.h"

/** Start it as `{0}`, empty it with weir_queue_ids_fini(). */
struct weir_queue_ids {
    struct weir_reply **replies; // which the ids point into
    size_t reply_count;
    size_t reply_capacity;
    struct weir_span *ids; // sorted, each once
    size_t count;
    size_t capacity;
};

void weir_queue_ids_fini(struct weir_queue_ids *ids);

/** Takes the ids of a list, which is its own from then on. */
void weir_queue_ids_take(struct weir_queue_ids *ids, struct weir_reply *list);

/** The shortest beginning of `id`, 6 bytes or more, with which none of the other ids begins. */
struct weir_span weir_queue_ids_short(const struct weir_queue_ids *ids, struct weir_span id);

#endif
