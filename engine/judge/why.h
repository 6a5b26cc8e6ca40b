/**
 * What the judge saw in the message that it judged last, check by check: for those who ask why a
 * rule did not fire, and for counting which branches a test reaches. Valid until its next message.
 */
#ifndef WEIR_JUDGE_WHY_H
#define WEIR_JUDGE_WHY_H

#include "engine/judge/judge.h"

/** All that the scan found, those of `except` texts too. */
const struct weir_hits *weir_judge_hits(const struct weir_judge *judge);

/** What checks were asked with. */
const struct weir_check_input *weir_judge_input(const struct weir_judge *judge);

/** Whether a check held, hits inside an exception of its rule left out. */
bool weir_judge_check_holds(struct weir_judge *judge, const struct weir_check *check);

/**
 * Adds one clause about why `rule` did not fire: the first check that failed, what stopped it.
 * Nothing where it did fire.
 */
void weir_judge_why_not(struct weir_judge *judge, const struct weir_rule *rule,
                        struct weir_buffer *out);

#endif
