#include "engine/judge/suspend.h"

#include "engine/judge/judge_private.h"

static uint64_t key_of(const struct weir_rule *rule)
{
    return weir_memory_user_key(rule->id); // any hash that is the same for good
}

// The rule in the set of today, which may have moved; NULL where it is no more.
static const struct weir_rule *find_rule(struct weir_suspension *item, const struct weir_set *set)
{
    if (item->index < set->rule_count && key_of(set->rules[item->index]) == item->key) {
        return set->rules[item->index];
    }
    for (size_t i = 0; i < set->rule_count; i++) {
        if (key_of(set->rules[i]) == item->key) {
            item->index = (uint32_t)i;
            return set->rules[i];
        }
    }
    return NULL;
}

size_t weir_suspensions_begin(struct weir_suspensions *suspensions, const struct weir_plan *plan,
                              struct weir_gate_owners *owners_out)
{
    size_t count = 0;
    suspensions->messages++;
    for (uint32_t i = 0; i < suspensions->count; i++) {
        struct weir_suspension *item = &suspensions->items[i];
        const struct weir_rule *rule =
            item->until >= suspensions->messages ? find_rule(item, plan->set) : NULL;
        if (rule) {
            owners_out[count++] =
                (struct weir_gate_owners){rule->first_check, rule->first_check + rule->check_count};
        }
    }
    return count;
}

static bool matters_less(const struct weir_suspension *a, const struct weir_suspension *b)
{
    return a->until != b->until ? a->until < b->until : a->last < b->last;
}

// The rule's entry; a new one takes the place of the one that matters least.
static struct weir_suspension *entry_of(struct weir_suspensions *suspensions,
                                        const struct weir_rule *rule)
{
    uint64_t key = key_of(rule);
    struct weir_suspension *least = &suspensions->items[0];
    for (uint32_t i = 0; i < suspensions->count; i++) {
        struct weir_suspension *item = &suspensions->items[i];
        if (item->key == key) {
            return item;
        }
        least = matters_less(item, least) ? item : least;
    }
    struct weir_suspension *item = suspensions->count < WEIR_SUSPENSIONS_MOST
                                       ? &suspensions->items[suspensions->count++]
                                       : least;
    *item = (struct weir_suspension){.key = key, .index = rule->index};
    return item;
}

// True where that was once too often.
static bool note(struct weir_suspension *item, uint64_t message)
{
    if (item->last == message) { // one of its other regexes, or in another view
        return false;
    }
    if (item->met == 0 || message - item->since >= WEIR_SUSPEND_WITHIN) {
        item->met = 0;
        item->since = message;
    }
    item->last = message;
    if (++item->met < WEIR_SUSPEND_AFTER) {
        return false;
    }
    item->met = 0;
    item->until = message + WEIR_SUSPEND_FOR;
    return true;
}

const struct weir_rule *weir_suspensions_note(struct weir_suspensions *suspensions,
                                              const struct weir_plan *plan,
                                              const struct weir_hits *hits)
{
    const struct weir_rule *suspended = NULL;
    for (size_t i = 0; i < hits->limit_count; i++) {
        uint32_t index = plan->rule_of_owner[hits->limits[i].owner];
        if (index == WEIR_NO_RULE || hits->limits[i].cause == weir_match_suspended) {
            continue;
        }
        const struct weir_rule *rule = plan->set->rules[index];
        bool is_suspended = note(entry_of(suspensions, rule), suspensions->messages);
        suspended = is_suspended && !suspended ? rule : suspended;
    }
    return suspended;
}
