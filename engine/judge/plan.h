/**
 * What can be known of a set before any message comes: which rules a hit can concern, and which
 * must be looked at although nothing hit.
 *
 * Every rule is evaluated for every message in meaning; in work, a rule that needs a hit to hold is
 * only touched where one of its checks has one. The outcome is the same, whatever the number of
 * rules.
 */
#ifndef WEIR_JUDGE_PLAN_H
#define WEIR_JUDGE_PLAN_H

#include "engine/rules/set.h"

#define WEIR_NO_RULE   UINT32_MAX
#define WEIR_NO_POLICY UINT32_MAX

/** Start it as `{0}`. Indices are those of the set. */
struct weir_plan {
    const struct weir_set *set;
    char hash[72];
    size_t owner_count;
    uint32_t *rule_of_owner;  // WEIR_NO_RULE: a topic's, a policy's, an except text's
    uint32_t *policy_of_rule; // WEIR_NO_POLICY: its pack has none
    uint32_t *always;         // rules that may hold without a hit, rising
    size_t always_count;
    uint32_t *by_score; // rules that read the score, rising; in neither of the others
    size_t by_score_count;
};

void weir_plan_fini(struct weir_plan *plan);

/** Makes the plan of `set`, unless it is that already. Allocates only when the set is another. */
void weir_plan_use(struct weir_plan *plan, const struct weir_set *set);

#endif
