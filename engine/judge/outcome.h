/**
 * Effects put together: one thing is done to the message, one to the user, and the rest (flags,
 * strikes, replies, room modes) in addition, each once.
 */
#ifndef WEIR_JUDGE_OUTCOME_H
#define WEIR_JUDGE_OUTCOME_H

#include "engine/judge/judge.h"

/** Effects that no rule wrote in this form: put together here, valid until the next clear. */
#define WEIR_OUTCOME_MADE 16

/** Start it as `{0}`, free `effects` at the end. */
struct weir_outcome {
    enum weir_message_verdict message_verdict;
    enum weir_user_verdict user_verdict;
    int32_t score;
    const struct weir_effect **effects;
    size_t effect_count;
    size_t effect_capacity;
    struct weir_effect made[WEIR_OUTCOME_MADE];
    size_t made_count;
};

void weir_outcome_clear(struct weir_outcome *outcome);

/** Adds one effect; a stronger or equal one that is there already covers it, and the reverse. */
void weir_outcome_add(struct weir_outcome *outcome, const struct weir_effect *effect);

/** Points against the user that the effects come to. */
uint32_t weir_outcome_strikes(const struct weir_outcome *outcome);

/** Leaves out the effect at `index`, or puts one like it with another duration in its place. */
void weir_outcome_drop(struct weir_outcome *outcome, size_t index);
void weir_outcome_set_duration(struct weir_outcome *outcome, size_t index, int64_t duration_ms);

/** Orders the effects: message, user, flags, strikes, replies, room modes. */
void weir_outcome_finish(struct weir_outcome *outcome);

#endif
