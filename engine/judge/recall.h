/** One message and the room's memory: what is read before it is judged, and learnt after. */
#ifndef WEIR_JUDGE_RECALL_H
#define WEIR_JUDGE_RECALL_H

#include "engine/judge/memory_private.h"
#include "engine/judge/sketch.h"

/** Scratch of the judge. Start it as `{0}`. */
struct weir_recall {
    bool is_in_use; // the set asks something of the memory
    struct weir_reading *readings;
    size_t capacity;
    struct weir_known_user *user; // NULL: nobody in particular, or nobody asks
    uint64_t user_key;
    bool is_somebody;
    struct weir_campaign *campaign;       // that this message joined; NULL: none
    const struct weir_standing *standing; // what was decided of it; NULL: nothing
    bool has_forgotten;                   // to make room for this message
    bool has_letters;                     // of this message
    bool has_sketch;
    struct weir_letters_read letters;
    struct weir_sketch sketch;
};

void weir_recall_fini(struct weir_recall *recall);

#endif
