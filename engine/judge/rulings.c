// Which rules hold: those that a hit concerns and those that need none, one after the other.

#include "engine/judge/judge_private.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"

#include <stdlib.h>

static void add_candidate(struct weir_judge *judge, uint32_t index)
{
    if (judge->woken[index] == judge->evidence.stamp) {
        return;
    }
    judge->woken[index] = judge->evidence.stamp;
    judge->candidates[judge->candidate_count++] = index;
}

void weir_judge_add_candidate_of(struct weir_judge *judge, uint32_t owner)
{
    uint32_t index = judge->plan.rule_of_owner[owner];
    if (index != WEIR_NO_RULE) {
        add_candidate(judge, index);
    }
}

static void make_room(struct weir_judge *judge)
{
    size_t count = judge->plan.set->rule_count;
    if (count > judge->candidate_capacity) {
        free(judge->candidates);
        free(judge->woken);
        judge->candidates = weir_new_array(uint32_t, count);
        judge->woken = weir_new_array(uint64_t, count);
        judge->candidate_capacity = count;
    }
}

// Under the clock every rule is looked at, so that each is charged with what it may cost.
static bool is_awake(const struct weir_judge *judge, const struct weir_check *check)
{
    if (!check || judge->profile) {
        return true;
    }
    return check->kind->may_hold ? check->kind->may_hold(&judge->input)
                                 : check->kind->holds(check, &judge->input, NULL);
}

static void collect_candidates(struct weir_judge *judge, const struct weir_hits *hits)
{
    const struct weir_plan *plan = &judge->plan;
    make_room(judge);
    judge->candidate_count = 0;
    for (size_t i = 0; i < plan->wake_count; i++) {
        const struct weir_wake *wake = &plan->wakes[i];
        uint32_t count = is_awake(judge, wake->check) ? wake->count : 0;
        for (uint32_t j = 0; j < count; j++) {
            add_candidate(judge, plan->waking[wake->first + j]);
        }
    }
    for (size_t i = 0; i < hits->count; i++) {
        if (i == 0 || hits->hits[i].owner != hits->hits[i - 1].owner) {
            weir_judge_add_candidate_of(judge, hits->hits[i].owner);
        }
    }
    for (size_t i = 0; i < hits->limit_count; i++) {
        weir_judge_add_candidate_of(judge, hits->limits[i].owner);
    }
}

static bool is_lower(const uint32_t *a, const uint32_t *b)
{
    return *a < *b;
}

WEIR_DEFINE_SORT(sort_candidates, uint32_t, is_lower)

static enum weir_truth evaluate(struct weir_judge *judge, const struct weir_rule *rule)
{
    struct weir_evidence *evidence = &judge->evidence;
    enum weir_truth when =
        weir_evidence_holds(evidence, rule->when, rule->except_owner, &judge->found);
    if (!rule->unless) {
        return when;
    }
    judge->unused.count = 0;
    enum weir_truth unless =
        weir_evidence_holds(evidence, rule->unless, WEIR_NO_OWNER, &judge->unused);
    if (when == WEIR_FALSE || unless == WEIR_TRUE) {
        return WEIR_FALSE;
    }
    return unless == WEIR_UNKNOWN ? WEIR_UNKNOWN : when;
}

static bool is_judged(const struct weir_judge *judge, const struct weir_rule *rule)
{
    return judge->alone ? rule == judge->alone : rule->mode != WEIR_MODE_DISABLED;
}

static bool is_exempt(struct weir_judge *judge, const struct weir_rule *rule)
{
    uint32_t index = judge->plan.policy_of_rule[rule->index];
    if (index == WEIR_NO_POLICY || !judge->plan.set->policies[index].exempt) {
        return false;
    }
    judge->unused.count = 0;
    return weir_evidence_holds(&judge->evidence, judge->plan.set->policies[index].exempt,
                               WEIR_NO_OWNER, &judge->unused) == WEIR_TRUE;
}

static void decide_on(struct weir_judge *judge, const struct weir_rule *rule)
{
    size_t before = judge->found.count;
    enum weir_truth truth = evaluate(judge, rule);
    if (truth == WEIR_FALSE || is_exempt(judge, rule)) {
        judge->found.count = before;
        return;
    }
    struct ruling_list *list = &judge->rulings;
    if (list->count == list->capacity) {
        list->items =
            weir_grow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
    }
    list->items[list->count++] =
        (struct ruling){rule, truth, before, judge->found.count, WEIR_BREAKER_CLOSED};
}

static void rule_on(struct weir_judge *judge, const struct weir_rule *rule)
{
    if (!is_judged(judge, rule)) {
        return;
    }
    if (!judge->profile) {
        decide_on(judge, rule);
        return;
    }
    struct weir_cost *cost = &judge->profile->rules[rule->index];
    size_t before = judge->rulings.count;
    uint64_t start_ns = judge->profile->match.now_ns();
    decide_on(judge, rule);
    weir_match_profile_add(&judge->profile->match, cost, start_ns);
    cost->matched += judge->rulings.count > before &&
                     judge->rulings.items[judge->rulings.count - 1].truth == WEIR_TRUE;
}

void weir_judge_rule(struct weir_judge *judge, const struct weir_hits *hits)
{
    collect_candidates(judge, hits);
    weir_judge_simulate_limits(judge);
    sort_candidates(judge->candidates, judge->candidate_count);
    const struct weir_set *set = judge->plan.set;
    judge->found.count = 0;
    judge->rulings.count = 0;
    for (size_t i = 0; i < judge->candidate_count; i++) {
        rule_on(judge, set->rules[judge->candidates[i]]);
    }
    for (size_t i = 0; i < set->staged_count; i++) { // they count what the others found
        weir_judge_recall_hits(judge, set->staged[i]);
        rule_on(judge, set->staged[i]);
    }
}

// Rules that read the score look at the sum of all others, and add none.
void weir_judge_rule_by_score(struct weir_judge *judge, int32_t score, enum weir_mode mode)
{
    judge->input.score = score;
    for (size_t i = 0; i < judge->plan.by_score_count; i++) {
        const struct weir_rule *rule = judge->plan.set->rules[judge->plan.by_score[i]];
        if (judge->alone ? mode == WEIR_MODE_LIVE : rule->mode == mode) {
            weir_judge_recall_hits(judge, rule);
            rule_on(judge, rule);
        }
    }
}
