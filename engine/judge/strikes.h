/** Points against a user, which decay, and what is learnt of a user from each verdict. */
#ifndef WEIR_JUDGE_STRIKES_H
#define WEIR_JUDGE_STRIKES_H

#include "engine/judge/memory_private.h"

/** What `milli` thousandths of a strike are worth `elapsed_ms` later. In whole numbers, because
 * every machine has to come to the same. */
uint32_t weir_strikes_decay(uint32_t milli, int64_t elapsed_ms, int64_t half_life_ms);

/** The strikes of a user now. */
uint32_t weir_user_strikes(const struct weir_known_user *user,
                           const struct weir_strike_policy *policy, int64_t now_ms);

/** Adds points to what is left of the others, and says how many there are. */
uint32_t weir_user_strike(struct weir_known_user *user, const struct weir_strike_policy *policy,
                          uint32_t points, int64_t now_ms);

/** One more message was heard of the user. */
enum weir_conduct {
    WEIR_CONDUCT_CLEAN,
    WEIR_CONDUCT_OPEN, // a human looks at it: neither for nor against the user
    WEIR_CONDUCT_BAD,  // something was done about it
};
void weir_user_heard(struct weir_known_user *user, const struct weir_strike_policy *policy,
                     enum weir_conduct conduct);

/** Whether forgetting the user would lose more than forgetting somebody who once passed by. */
bool weir_user_is_worth_keeping(const struct weir_known_user *user);

/** The highest step that so many strikes reach, or NULL. */
const struct weir_threshold *weir_strikes_step(const struct weir_strike_policy *policy,
                                               uint32_t milli);

#endif
