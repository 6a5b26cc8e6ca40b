// A regex is dear, and in `all: [word, regex]` it decides nothing where the word is not there. So
// each regex is given the keywords without which its rule can't come to hold, whatever it finds;
// and beside `language: zh` it is not run in a text without Han.

#include "engine/base/alloc.h"
#include "engine/rules/checks.h"

// What is known of a branch of a condition.
struct branch {
    bool needs_hit; // does not hold where none of its text checks hits
    bool has_regex; // one of them is not decided by its literals alone
    uint32_t first; // owner numbers of its text checks, and perhaps others between them
    uint32_t end;
};

static bool is_regex(const struct weir_check *check)
{
    return weir_span_is(weir_span_of(check->kind->name), "regex") ||
           weir_span_is(weir_span_of(check->kind->name), "glob");
}

static struct branch look_at_check(const struct weir_check *check)
{
    if (!check->kind->is_text) {
        return (struct branch){.first = UINT32_MAX};
    }
    return (struct branch){true, is_regex(check), check->owner, check->owner + 1};
}

static void take_in(struct branch *whole, struct branch part)
{
    whole->has_regex = whole->has_regex || part.has_regex;
    whole->first = part.first < whole->first ? part.first : whole->first;
    whole->end = part.end > whole->end ? part.end : whole->end;
}

// `not` may hold without a hit, so it needs none, whatever stands below it.
static struct branch look_at(const struct weir_condition *condition)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        return look_at_check(condition->check);
    }
    bool is_any = condition->kind == WEIR_CONDITION_ANY;
    struct branch whole = {.needs_hit = is_any && condition->child_count > 0, .first = UINT32_MAX};
    for (size_t i = 0; i < condition->child_count; i++) {
        struct branch part = look_at(condition->children[i]);
        if (is_any) {
            whole.needs_hit = whole.needs_hit && part.needs_hit;
        } else if (condition->kind == WEIR_CONDITION_ALL) {
            whole.needs_hit = whole.needs_hit || part.needs_hit;
        }
        take_in(&whole, part);
    }
    return whole;
}

static bool is_gate(struct branch branch)
{
    return branch.needs_hit && !branch.has_regex;
}

static bool needs_han(const struct weir_condition *condition)
{
    return condition->kind == WEIR_CONDITION_CHECK &&
           condition->check->kind->holds == weir_holds_language &&
           weir_language_is_zh(condition->check);
}

// The nearest gate is as good as one further up: either alone keeps the rule from holding.
static void set_gates(const struct weir_condition *condition, struct weir_gate_owners gate,
                      struct weir_gate_owners *gates)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        gates[condition->check->owner] = gate;
        return;
    }
    for (size_t i = 0; i < condition->child_count; i++) {
        struct weir_gate_owners inner = gate;
        for (size_t j = 0; condition->kind == WEIR_CONDITION_ALL && j < condition->child_count;
             j++) {
            struct branch sibling = look_at(condition->children[j]);
            if (j != i && is_gate(sibling)) {
                inner.first = sibling.first;
                inner.end = sibling.end;
            }
            inner.needs_han = inner.needs_han || needs_han(condition->children[j]);
        }
        set_gates(condition->children[i], inner, gates);
    }
}

struct weir_gate_owners *weir_loader_find_gates(const struct weir_set *set)
{
    static const struct weir_gate_owners open = {0, 0, false};
    struct weir_gate_owners *gates = weir_new_array(struct weir_gate_owners, set->owner_count + 1);
    for (size_t i = 0; i < set->rule_count; i++) {
        if (set->rules[i]->counts_captures) {
            continue; // what an expression captures is counted in any company
        }
        set_gates(set->rules[i]->when, open, gates);
        if (set->rules[i]->unless) {
            set_gates(set->rules[i]->unless, open, gates);
        }
    }
    for (size_t i = 0; i < set->topic_count; i++) {
        set_gates(set->topics[i].when, open, gates);
    }
    return gates;
}

void weir_loader_set_gates(struct weir_set *set)
{
    WEIR_AUTO(weir_free_at) struct weir_gate_owners *gates = weir_loader_find_gates(set);
    weir_matcher_set_gates(set->matcher, gates, set->owner_count);
}
