/**
 * What can be known of a set before any message comes: which rules a hit can concern, and which
 * must be looked at although nothing hit.
 *
 * Every rule is evaluated for every message in meaning; in work, a rule that needs a hit to hold is
 * only touched where one of its checks has one, and one that needs a link, a reading or the like
 * only where that is there, which is asked once for all that need the same. The outcome is the
 * same, whatever the number of rules.
 */
#ifndef WEIR_JUDGE_PLAN_H
#define WEIR_JUDGE_PLAN_H

#include "engine/rules/set.h"

#define WEIR_NO_RULE   UINT32_MAX
#define WEIR_NO_POLICY UINT32_MAX

/** Rules that can't hold without a hit unless this check does. */
struct weir_wake {
    const struct weir_check *check; // of one of the rules; NULL: they may hold whatever is there
    uint32_t first;                 // of the plan's `waking`
    uint32_t count;
};

/** Start it as `{0}`. Indices are those of the set. */
struct weir_plan {
    const struct weir_set *set;
    char hash[72];
    size_t owner_count;
    uint32_t *rule_of_owner;  // WEIR_NO_RULE: a topic's, a policy's, an except text's
    uint32_t *policy_of_rule; // WEIR_NO_POLICY: its pack has none
    struct weir_wake *wakes;  // what may make a rule hold without a hit
    size_t wake_count;
    uint32_t *waking;   // the rules of one after the other, each time rising
    uint32_t *by_score; // rules that read the score, rising; in neither of the others
    size_t by_score_count;
};

void weir_plan_fini(struct weir_plan *plan);

/** wakes.c: the part of a new plan that says which rules may hold without a hit. */
void weir_plan_find_wakes(struct weir_plan *plan, const struct weir_set *set);

/** Makes the plan of `set`, unless it is that already. Allocates only when the set is another. */
void weir_plan_use(struct weir_plan *plan, const struct weir_set *set);

#endif
