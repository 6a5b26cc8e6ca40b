/** What somebody writes who was answered a moment ago: did it help? Pure. */
#ifndef WEIR_TRIAGE_REACTION_H
#define WEIR_TRIAGE_REACTION_H

#include "engine/rules/set.h"

enum weir_reaction {
    WEIR_REACTION_NONE,
    WEIR_REACTION_SATISFIED,
    WEIR_REACTION_UNSATISFIED,
};

/**
 * Reads `text` as typed. Who complains and thanks in one breath is not satisfied. 1 and 2 alone
 * count where the set asks for a rating. `scratch` is emptied.
 */
enum weir_reaction weir_reaction_of(const struct weir_afterwards *afterwards, struct weir_span text,
                                    struct weir_buffer *scratch);

#endif
