// Which rules must be looked at although nothing hit, and what has to be there for it.

#include "engine/judge/plan.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/rules/checks.h"

#include <stdlib.h>

// Whether a condition could come out true, and whether it could come out false, on a message in
// which no text check hits. What is not text may say anything.
struct prospect {
    bool may_hold;
    bool may_fail;
};

static struct prospect prospect_of(const struct weir_condition *condition);

static struct prospect prospect_of_all(const struct weir_condition *condition)
{
    struct prospect all = {.may_hold = true, .may_fail = false};
    for (size_t i = 0; i < condition->child_count; i++) {
        struct prospect one = prospect_of(condition->children[i]);
        all.may_hold = all.may_hold && one.may_hold;
        all.may_fail = all.may_fail || one.may_fail;
    }
    return all;
}

static struct prospect prospect_of_any(const struct weir_condition *condition)
{
    struct prospect any = {.may_hold = false, .may_fail = true};
    for (size_t i = 0; i < condition->child_count; i++) {
        struct prospect one = prospect_of(condition->children[i]);
        any.may_hold = any.may_hold || one.may_hold;
        any.may_fail = any.may_fail && one.may_fail;
    }
    return any;
}

static struct prospect prospect_of(const struct weir_condition *condition)
{
    switch (condition->kind) {
    case WEIR_CONDITION_ALL:
        return prospect_of_all(condition);
    case WEIR_CONDITION_ANY:
        return prospect_of_any(condition);
    case WEIR_CONDITION_NOT: {
        struct prospect child = prospect_of(condition->children[0]);
        return (struct prospect){.may_hold = child.may_fail, .may_fail = child.may_hold};
    }
    case WEIR_CONDITION_CHECK:
        return (struct prospect){.may_hold = !condition->check->kind->is_text, .may_fail = true};
    }
    return (struct prospect){true, true};
}

// --- what may make a rule hold without a hit ---

#define GATES_MOST 4

// Checks of which one must hold, or the condition does not.
struct gates {
    const struct weir_check *items[GATES_MOST];
    size_t count;
    bool is_open; // it may hold whatever they say
};

// What is asked before each message had better be cheap, and seldom answered with yes.
static int rank_of(const struct gates *gates)
{
    int worst = gates->is_open ? 2 : 0;
    for (size_t i = 0; i < gates->count && worst < 1; i++) {
        const struct weir_check_kind *kind = gates->items[i]->kind;
        worst = kind->may_hold || kind->holds == weir_holds_series ? 0 : 1;
    }
    return worst;
}

static struct gates gates_of(const struct weir_condition *condition);

static struct gates gates_of_all(const struct weir_condition *condition)
{
    struct gates best = {.is_open = true};
    for (size_t i = 0; i < condition->child_count; i++) {
        struct gates one = gates_of(condition->children[i]);
        best = rank_of(&one) < rank_of(&best) ? one : best;
    }
    return best;
}

static struct gates gates_of_any(const struct weir_condition *condition)
{
    struct gates any = {.count = 0};
    for (size_t i = 0; i < condition->child_count; i++) {
        struct gates one = gates_of(condition->children[i]);
        if (one.is_open || any.count + one.count > GATES_MOST) {
            return (struct gates){.is_open = true};
        }
        memcpy(any.items + any.count, one.items, one.count * sizeof(one.items[0]));
        any.count += one.count;
    }
    return any;
}

static struct gates gates_of(const struct weir_condition *condition)
{
    if (!prospect_of(condition).may_hold) {
        return (struct gates){.count = 0};
    }
    switch (condition->kind) {
    case WEIR_CONDITION_ALL:
        return gates_of_all(condition);
    case WEIR_CONDITION_ANY:
        return gates_of_any(condition);
    case WEIR_CONDITION_CHECK:
        if (!condition->check->kind->has_spans || condition->check->kind->may_hold) {
            return (struct gates){{condition->check}, 1, false};
        }
        break;
    case WEIR_CONDITION_NOT:
        break;
    }
    return (struct gates){.is_open = true};
}

// A rule and one of its gates.
struct sleeper {
    uint64_t gate; // equal where one answer does for both
    const struct weir_check *check;
    uint32_t rule;
};

// Lists are a pack's own, so what is written alike is only alike within it.
static uint64_t name_of_gate(const struct weir_check *check)
{
    const struct weir_check_kind *kind = check->kind;
    uint64_t parts[3] = {weir_hash((struct weir_hash_key){12, 13}, weir_span_of(kind->name)), 0, 0};
    if (kind->holds == weir_holds_series) {
        parts[1] = ((const struct weir_series *)check->arguments)->index;
    } else if (!kind->may_hold) {
        parts[1] = check->argument_hash;
        parts[2] = weir_hash((struct weir_hash_key){14, 15}, check->rule->pack);
    }
    struct weir_span bytes = {(const char *)parts, sizeof(parts)};
    return weir_hash((struct weir_hash_key){16, 17}, bytes) | 1;
}

static int compare_sleepers(const void *a, const void *b)
{
    const struct sleeper *left = a;
    const struct sleeper *right = b;
    return left->gate != right->gate ? (left->gate > right->gate) - (left->gate < right->gate)
                                     : (left->rule > right->rule) - (left->rule < right->rule);
}

static size_t add_sleepers(struct sleeper *sleepers, size_t count, const struct weir_rule *rule)
{
    struct gates gates = gates_of(rule->when);
    if (gates.is_open) {
        sleepers[count++] = (struct sleeper){0, NULL, rule->index};
    }
    for (size_t i = 0; i < gates.count && !gates.is_open; i++) {
        sleepers[count++] =
            (struct sleeper){name_of_gate(gates.items[i]), gates.items[i], rule->index};
    }
    return count;
}

void weir_plan_find_wakes(struct weir_plan *plan, const struct weir_set *set)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at)
    struct sleeper *sleepers = weir_new_array(struct sleeper, set->rule_count * GATES_MOST + 1);
    for (size_t i = 0; i < set->rule_count; i++) {
        if (set->rules[i]->stage == 0 && !set->rules[i]->reads_score) {
            count = add_sleepers(sleepers, count, set->rules[i]);
        }
    }
    qsort(sleepers, count, sizeof(*sleepers), compare_sleepers);
    plan->wakes = weir_new_array(struct weir_wake, count + 1);
    plan->waking = weir_new_array(uint32_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        plan->waking[i] = sleepers[i].rule;
        if (i == 0 || sleepers[i].gate != sleepers[i - 1].gate) {
            plan->wakes[plan->wake_count++] = (struct weir_wake){sleepers[i].check, (uint32_t)i, 0};
        }
        plan->wakes[plan->wake_count - 1].count++;
    }
}
