// Rules that look for the same as another one, and rules whose every hit is another one's as well.

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/rules/loader.h"

#include <stdlib.h>

static const struct weir_hash_key hash_key = {0x6c696e74, 0x72756c65};

struct numbers {
    uint64_t *items;
    size_t count;
    size_t capacity;
};

static void add_number(struct numbers *numbers, uint64_t number)
{
    numbers->items =
        weir_grow(numbers->items, &numbers->capacity, numbers->count + 1, sizeof(uint64_t));
    numbers->items[numbers->count++] = number;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static uint64_t hash_numbers(const struct numbers *numbers)
{
    return weir_hash(hash_key, (struct weir_span){(const char *)numbers->items,
                                                  numbers->count * sizeof(uint64_t)});
}

// The order and the repeats of what is combined by all and any mean nothing.
static uint64_t hash_as_set(struct numbers *numbers, size_t from)
{
    if (numbers->count > from) {
        qsort(numbers->items + from, numbers->count - from, sizeof(uint64_t), compare_numbers);
    }
    size_t kept = from;
    for (size_t i = from; i < numbers->count; i++) {
        if (kept == from || numbers->items[kept - 1] != numbers->items[i]) {
            numbers->items[kept++] = numbers->items[i];
        }
    }
    numbers->count = kept;
    return hash_numbers(numbers);
}

uint64_t weir_lint_hash(const struct weir_yaml *node)
{
    struct numbers numbers = {0};
    add_number(&numbers, node->kind);
    if (node->kind == WEIR_YAML_SCALAR) {
        add_number(&numbers, weir_hash(hash_key, node->text));
    }
    for (size_t i = 0; i < node->count; i++) {
        uint64_t pair[2] = {node->kind == WEIR_YAML_MAP ? weir_lint_hash(node->keys[i]) : 0,
                            weir_lint_hash(node->items[i])};
        add_number(&numbers, weir_hash(hash_key, (struct weir_span){(char *)pair, sizeof(pair)}));
    }
    uint64_t hash = hash_as_set(&numbers, 1);
    free(numbers.items);
    return hash;
}

/** What is known of each owner and each rule while rules are compared. */
struct rule_linter {
    struct weir_loader *loader;
    const struct weir_lint_cover *covers;
    uint64_t *text_hashes; // by owner: of its patterns; the same for the same ones in any order
    uint64_t *rule_hashes; // by rule: of all that decides where it fires
};

// Addition, so that order means nothing; a word that stands twice makes no difference worth
// finding.
static void hash_patterns(struct rule_linter *linter)
{
    const struct weir_loader *loader = linter->loader;
    for (size_t i = 0; i < loader->pattern_count; i++) {
        const struct weir_pattern *pattern = &loader->patterns[i];
        uint64_t parts[] = {pattern->kind, pattern->views, pattern->trusted_edges,
                            weir_hash(hash_key, pattern->text)};
        linter->text_hashes[pattern->owner] +=
            weir_hash(hash_key, (struct weir_span){(char *)parts, sizeof(parts)});
    }
}

static uint64_t hash_condition(const struct rule_linter *linter,
                               const struct weir_condition *condition)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        const struct weir_check *check = condition->check;
        uint64_t parts[] = {weir_hash(hash_key, weir_span_of(check->kind->name)),
                            check->kind->is_text ? linter->text_hashes[check->owner]
                                                 : check->argument_hash};
        return weir_hash(hash_key, (struct weir_span){(char *)parts, sizeof(parts)});
    }
    struct numbers numbers = {0};
    add_number(&numbers, condition->kind);
    add_number(&numbers, condition->near_chars);
    for (size_t i = 0; i < condition->child_count; i++) {
        add_number(&numbers, hash_condition(linter, condition->children[i]));
    }
    uint64_t hash = hash_as_set(&numbers, 2);
    free(numbers.items);
    return hash;
}

static uint64_t hash_rule(const struct rule_linter *linter, const struct weir_rule *rule)
{
    uint64_t parts[] = {
        hash_condition(linter, rule->when), rule->unless ? hash_condition(linter, rule->unless) : 0,
        rule->except_owner != UINT32_MAX ? linter->text_hashes[rule->except_owner] : 0, rule->mode};
    return weir_hash(hash_key, (struct weir_span){(char *)parts, sizeof(parts)});
}

static bool stands_before(const struct weir_place *a, const struct weir_place *b)
{
    int order = strcmp(a->file, b->file);
    return order < 0 || (order == 0 && a->line < b->line);
}

struct hashed_rule {
    uint64_t hash;
    const struct weir_rule *rule;
};

static int compare_hashed(const void *a, const void *b)
{
    const struct hashed_rule *left = a;
    const struct hashed_rule *right = b;
    if (left->hash != right->hash) {
        return left->hash < right->hash ? -1 : 1;
    }
    return stands_before(&left->rule->place, &right->rule->place) ? -1 : 1;
}

// A trial of a rule in shadow mode beside the rule itself is as it should be, so modes count.
static void report_duplicates(const struct rule_linter *linter, bool *is_duplicate)
{
    struct weir_loader *loader = linter->loader;
    WEIR_AUTO(weir_free_at)
    struct hashed_rule *sorted = weir_new_array(struct hashed_rule, loader->rule_count);
    size_t count = 0;
    for (size_t i = 0; i < loader->rule_count; i++) {
        if (loader->rules[i]->mode != WEIR_MODE_DISABLED) {
            sorted[count++] = (struct hashed_rule){linter->rule_hashes[i], loader->rules[i]};
        }
    }
    qsort(sorted, count, sizeof(*sorted), compare_hashed);
    for (size_t i = 1, first = 0; i < count; i++) {
        const struct weir_rule *rule = sorted[i].rule;
        if (sorted[i].hash != sorted[first].hash) {
            first = i;
            continue;
        }
        is_duplicate[rule->index] = true;
        weir_loader_warn(loader, rule->lint_allowed, WEIR_LINT_DUPLICATE_RULE, &rule->place,
                         "looks for the same as rule '%.*s' (%s:%u)",
                         WEIR_SPAN_ARGS(sorted[first].rule->id), sorted[first].rule->place.file,
                         sorted[first].rule->place.line);
    }
}

static bool is_covered_by(const struct rule_linter *linter, const struct weir_condition *condition,
                          uint32_t rule)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        const struct weir_lint_cover *cover = &linter->covers[condition->check->owner];
        for (size_t i = 0; i < cover->count; i++) {
            if (cover->rules[i] == rule) {
                return true;
            }
        }
        return false;
    }
    bool wants_all = condition->kind == WEIR_CONDITION_ANY;
    for (size_t i = 0; i < condition->child_count; i++) {
        if (is_covered_by(linter, condition->children[i], rule) != wants_all) {
            return !wants_all && condition->kind == WEIR_CONDITION_ALL;
        }
    }
    return wants_all;
}

// Whether an effect of the one is there in the other as well, at least as strong.
static bool does_too(const struct weir_rule *rule, const struct weir_effect *effect)
{
    for (size_t i = 0; i < rule->effect_count; i++) {
        const struct weir_effect *other = &rule->effects[i];
        if (other->kind == effect->kind && other->duration_ms >= effect->duration_ms &&
            other->points >= effect->points && weir_span_equals(other->queue, effect->queue) &&
            weir_span_equals(other->mode, effect->mode)) {
            return true;
        }
    }
    return false;
}

static bool does_all_of(const struct weir_rule *outer, const struct weir_rule *inner)
{
    for (size_t i = 0; i < inner->effect_count; i++) {
        if (!does_too(outer, &inner->effects[i])) {
            return false;
        }
    }
    return outer->score >= inner->score;
}

static bool exempts_others(const struct weir_set *set, const struct weir_rule *outer,
                           const struct weir_rule *inner)
{
    for (size_t i = 0; i < set->policy_count && !weir_span_equals(outer->pack, inner->pack); i++) {
        if (weir_span_equals(set->policies[i].pack, outer->pack) && set->policies[i].exempt) {
            return true;
        }
    }
    return false;
}

// Whether `outer` fires wherever `inner` does, as far as their words are concerned.
static bool shadows(const struct rule_linter *linter, const struct weir_rule *outer,
                    const struct weir_rule *inner)
{
    return outer->mode == inner->mode &&
           (!outer->unless || (inner->unless && hash_condition(linter, outer->unless) ==
                                                    hash_condition(linter, inner->unless))) &&
           !exempts_others(linter->loader->set, outer, inner) && does_all_of(outer, inner) &&
           is_covered_by(linter, inner->when, outer->index);
}

static const struct weir_rule *find_shadower(const struct rule_linter *linter,
                                             const struct weir_rule *inner)
{
    for (uint32_t i = 0; i < inner->check_count; i++) {
        const struct weir_lint_cover *cover = &linter->covers[inner->first_check + i];
        for (size_t j = 0; j < cover->count; j++) {
            const struct weir_rule *outer = linter->loader->rules[cover->rules[j]];
            // Two rules that shadow each other: the first of them stays.
            if (shadows(linter, outer, inner) &&
                (stands_before(&outer->place, &inner->place) || !shadows(linter, inner, outer))) {
                return outer;
            }
        }
    }
    return NULL;
}

void weir_lint_rules(struct weir_loader *loader, const struct weir_lint_cover *covers)
{
    struct rule_linter linter = {.loader = loader,
                                 .covers = covers,
                                 .text_hashes = weir_new_array(uint64_t, loader->set->owner_count),
                                 .rule_hashes = weir_new_array(uint64_t, loader->rule_count)};
    WEIR_AUTO(weir_free_at) bool *is_duplicate = weir_new_array(bool, loader->rule_count);
    hash_patterns(&linter);
    for (size_t i = 0; i < loader->rule_count; i++) {
        linter.rule_hashes[i] = hash_rule(&linter, loader->rules[i]);
    }
    report_duplicates(&linter, is_duplicate);
    for (size_t i = 0; i < loader->rule_count; i++) {
        const struct weir_rule *rule = loader->rules[i];
        const struct weir_rule *outer = is_duplicate[i] || rule->mode == WEIR_MODE_DISABLED
                                            ? NULL
                                            : find_shadower(&linter, rule);
        if (outer) {
            weir_loader_warn(loader, rule->lint_allowed, WEIR_LINT_SHADOWED_RULE, &rule->place,
                             "wherever it fires, rule '%.*s' fires too and does as much (%s:%u)",
                             WEIR_SPAN_ARGS(outer->id), outer->place.file, outer->place.line);
        }
    }
    free(linter.text_hashes);
    free(linter.rule_hashes);
}
