#include "engine/judge/plan.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"

#include <stdlib.h>

void weir_plan_fini(struct weir_plan *plan)
{
    free(plan->rule_of_owner);
    free(plan->policy_of_rule);
    free(plan->wakes);
    free(plan->waking);
    free(plan->by_score);
    *plan = (struct weir_plan){0};
}

static void claim_owners(struct weir_plan *plan, const struct weir_set *set)
{
    for (size_t i = 0; i < plan->owner_count; i++) {
        const struct weir_rule *rule = i < set->check_count ? set->checks[i]->rule : NULL;
        plan->rule_of_owner[i] =
            rule && !rule->reads_score && rule->stage == 0 ? rule->index : WEIR_NO_RULE;
    }
}

static uint32_t find_policy(const struct weir_set *set, struct weir_span pack)
{
    for (size_t i = 0; i < set->policy_count; i++) {
        if (weir_span_equals(set->policies[i].pack, pack)) {
            return (uint32_t)i;
        }
    }
    return WEIR_NO_POLICY;
}

static void plan_rule(struct weir_plan *plan, const struct weir_set *set, uint32_t index)
{
    const struct weir_rule *rule = set->rules[index];
    plan->policy_of_rule[index] = find_policy(set, rule->pack);
    if (rule->reads_score) {
        plan->by_score[plan->by_score_count++] = index;
    }
}

void weir_plan_use(struct weir_plan *plan, const struct weir_set *set)
{
    // The address alone is not enough: a new set may stand where an old one stood.
    if (plan->set == set && memcmp(plan->hash, set->hash, sizeof(plan->hash)) == 0) {
        return;
    }
    weir_plan_fini(plan);
    plan->set = set;
    memcpy(plan->hash, set->hash, sizeof(plan->hash));
    plan->owner_count = set->owner_count;
    plan->rule_of_owner = weir_new_array(uint32_t, plan->owner_count + 1);
    claim_owners(plan, set);
    plan->policy_of_rule = weir_new_array(uint32_t, set->rule_count + 1);
    plan->by_score = weir_new_array(uint32_t, set->rule_count + 1);
    for (size_t i = 0; i < set->rule_count; i++) {
        plan_rule(plan, set, (uint32_t)i);
    }
    weir_plan_find_wakes(plan, set);
}

struct weir_plan *weir_plan_create(const struct weir_set *set)
{
    struct weir_plan *plan = weir_new(struct weir_plan);
    weir_plan_use(plan, set);
    return plan;
}

void weir_plan_destroy(struct weir_plan **plan)
{
    if (*plan) {
        weir_plan_fini(*plan);
        free(*plan);
        *plan = NULL;
    }
}
