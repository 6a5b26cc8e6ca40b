/** When a question is to be answered. Pure. */
#ifndef WEIR_TRIAGE_DUE_H
#define WEIR_TRIAGE_DUE_H

#include "engine/rules/check.h"
#include "engine/rules/set.h"

/** What makes a question wait longer or shorter. */
struct weir_due_cause {
    const struct weir_topic *topic; // NULL: none of them
    bool is_urgent;
    uint32_t tier;
    int64_t at_ms;                     // when it was asked
    const struct weir_room_view *room; // NULL: nothing is known of its end
};

/**
 * Milliseconds from the asking until the answer is due: the topic's target, a tenth less for each
 * tier up to four, a quarter of it where the question is urgent; but not later than the scene or
 * the stream ends, where the topic wants that and the end was announced. The number of askers
 * counts where they meet, in the queue (queue.lua).
 */
int64_t weir_due_target_ms(const struct weir_due_cause *cause);

/** "scene" or "stream"; empty where the topic does not wait for an end. */
struct weir_span weir_due_before(const struct weir_topic *topic);

#endif
