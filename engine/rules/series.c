// Series after all packs are read: the rules that they name are found, equal ones become one, and
// rules that count others' hits are put in an order in which the counted come first.

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/rules/loader.h"

#include <stdio.h>
#include <stdlib.h>

static void report_unknown(struct weir_loader *loader, const struct weir_reference *reference)
{
    WEIR_AUTO(weir_free_at)
    const char **names = weir_new_array(const char *, loader->rule_count + 1);
    for (size_t i = 0; i < loader->rule_count; i++) { // ids are copies that end in a NUL
        names[i] = loader->rules[i]->id.length > 0 ? loader->rules[i]->id.data : "";
    }
    const char *nearest = weir_nearest_name(reference->name, names, loader->rule_count);
    weir_diagnostics_error(loader->diagnostics, &reference->place, "unknown rule '%.*s'%s%s%s",
                           WEIR_SPAN_ARGS(reference->name), nearest ? "; did you mean '" : "",
                           nearest ? nearest : "", nearest ? "'?" : "");
}

static void find_rules(struct weir_loader *loader, struct weir_series *series)
{
    const struct weir_rule **rules =
        weir_arena_new_array(loader->arena, const struct weir_rule *, series->rule_count);
    size_t count = 0;
    for (size_t i = 0; series->references && i < series->rule_count; i++) {
        const struct weir_reference *reference = &series->references[i];
        const struct weir_rule *rule =
            reference->name.length > 0 ? weir_set_find_rule(loader->set, reference->name) : NULL;
        if (rule && rule->reads_score) {
            weir_diagnostics_error(loader->diagnostics, &reference->place,
                                   "rule '%.*s' reads the score, so it is judged too late to be "
                                   "counted",
                                   WEIR_SPAN_ARGS(rule->id));
        } else if (rule) {
            rules[count++] = rule;
        } else if (reference->name.length > 0) {
            report_unknown(loader, reference);
        }
    }
    series->rules = rules;
    series->rule_count = count;
}

static bool names_group(struct weir_span expression, const char *group)
{
    static const char *const forms[] = {"(?<%s>", "(?P<%s>", "(?'%s'"};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        char wanted[64];
        int length = snprintf(wanted, sizeof(wanted), forms[i], group);
        if (memmem(expression.data, expression.length, wanted, (size_t)length)) {
            return true;
        }
    }
    return false;
}

static bool has_capture(const struct weir_loader *loader, const struct weir_series *series)
{
    for (size_t i = 0; i < loader->pattern_count; i++) {
        const struct weir_pattern *pattern = &loader->patterns[i];
        if (pattern->kind == WEIR_PATTERN_REGEX && pattern->owner >= series->first_owner &&
            pattern->owner < series->first_owner + series->owner_count &&
            names_group(pattern->text, series->capture)) {
            return true;
        }
    }
    return false;
}

static void find_capture(struct weir_loader *loader, struct weir_series *series)
{
    struct weir_rule *rule = loader->rules[series->check->rule->index];
    rule->counts_captures = true;
    series->first_owner = rule->first_check;
    series->owner_count = rule->check_count;
    if (!has_capture(loader, series)) {
        weir_diagnostics_error(loader->diagnostics, &series->capture_place,
                               "no expression of this rule has a group (?<%s>...)",
                               series->capture);
    }
}

// By what it asks. Of a capture also by the rule, whose expression it is.
static uint64_t name_of(const struct weir_series *series)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    weir_buffer_printf(&text, "%d %d %d %u %u %lld %u %u %u %lld", (int)series->kind,
                       (int)series->of, (int)series->by, series->max, series->low,
                       (long long)series->per_ms, series->similarity, series->messages,
                       series->fresh, (long long)series->lasts_ms);
    for (size_t i = 0; i < series->rule_count; i++) {
        weir_buffer_printf(&text, " %.*s", WEIR_SPAN_ARGS(series->rules[i]->id));
    }
    if (series->capture) {
        weir_buffer_printf(&text, " (%s) %.*s", series->capture,
                           WEIR_SPAN_ARGS(series->check->rule->id));
    }
    return weir_hash((struct weir_hash_key){1, 2}, weir_buffer_span(&text));
}

static void take_slot(struct weir_loader *loader, struct weir_series *series)
{
    struct weir_set *set = loader->set;
    if (series->kind != WEIR_SERIES_CAMPAIGN) {
        return;
    }
    series->slot = set->campaign_checks++;
    set->needs_users = true;
    int64_t life_ms = series->per_ms > series->lasts_ms ? series->per_ms : series->lasts_ms;
    set->campaign_life_ms = set->campaign_life_ms > life_ms ? set->campaign_life_ms : life_ms;
    set->campaign_users = set->campaign_users > series->max ? set->campaign_users : series->max;
    if (set->campaign_checks > WEIR_CAMPAIGN_CHECKS) {
        weir_diagnostics_error(loader->diagnostics, &series->check->place,
                               "more than %d different questions about campaigns",
                               WEIR_CAMPAIGN_CHECKS);
    }
}

static void number_series(struct weir_loader *loader)
{
    struct weir_set *set = loader->set;
    const struct weir_series **kept =
        weir_arena_new_array(loader->arena, const struct weir_series *, loader->series_count);
    for (size_t i = 0; i < loader->series_count; i++) {
        struct weir_series *series = loader->series[i];
        series->id = name_of(series);
        size_t at = 0;
        while (at < set->series_count && kept[at]->id != series->id) {
            at++;
        }
        series->index = (uint32_t)at;
        if (at == set->series_count) {
            kept[set->series_count++] = series;
            take_slot(loader, series);
        }
    }
    set->series = kept;
}

/** A walk along "counts the hits of", to find the order and circles. */
struct walk {
    struct weir_loader *loader;
    uint8_t *marks; // by rule: 0 not seen, 1 being looked at, 2 done
};

static uint32_t stage_of(struct walk *walk, struct weir_rule *rule)
{
    if (walk->marks[rule->index] == 2) {
        return rule->stage;
    }
    if (walk->marks[rule->index] == 1) {
        weir_diagnostics_error(walk->loader->diagnostics, &rule->place,
                               "rule '%.*s' counts, by way of others, its own hits",
                               WEIR_SPAN_ARGS(rule->id));
        return 0;
    }
    walk->marks[rule->index] = 1;
    for (size_t i = 0; i < walk->loader->series_count; i++) {
        const struct weir_series *series = walk->loader->series[i];
        for (size_t j = 0; series->check->rule == rule && j < series->rule_count; j++) {
            uint32_t before = stage_of(walk, walk->loader->rules[series->rules[j]->index]);
            rule->stage = rule->stage > before + 1 ? rule->stage : before + 1;
        }
    }
    walk->marks[rule->index] = 2;
    return rule->stage;
}

static int compare_stages(const void *a, const void *b)
{
    const struct weir_rule *left = *(const struct weir_rule *const *)a;
    const struct weir_rule *right = *(const struct weir_rule *const *)b;
    return left->stage != right->stage
               ? (left->stage > right->stage ? 1 : -1)
               : (left->index > right->index) - (left->index < right->index);
}

static void order_rules(struct weir_loader *loader)
{
    WEIR_AUTO(weir_free_at) uint8_t *marks = weir_new_array(uint8_t, loader->rule_count + 1);
    struct walk walk = {loader, marks};
    size_t count = 0;
    for (size_t i = 0; i < loader->series_count; i++) {
        struct weir_rule *rule = loader->rules[loader->series[i]->check->rule->index];
        stage_of(&walk, rule);
    }
    const struct weir_rule **staged =
        weir_arena_new_array(loader->arena, const struct weir_rule *, loader->rule_count);
    for (size_t i = 0; i < loader->rule_count; i++) {
        if (loader->rules[i]->stage > 0 && !loader->rules[i]->reads_score) {
            staged[count++] = loader->rules[i];
        }
    }
    qsort(staged, count, sizeof(*staged), compare_stages);
    loader->set->staged = staged;
    loader->set->staged_count = count;
}

// Breakers count as rates do, and all in one place: as wide as the widest.
static void size_breakers(struct weir_set *set)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (size_t i = 0; i < set->policy_count; i++) {
        const struct weir_breaker *breaker = &set->policies[i].breaker;
        for (size_t j = 0; breaker->is_set && j < WEIR_BREAKER_KINDS; j++) {
            const struct weir_series *limit = &breaker->limits[j];
            size_t bytes = (limit->max + 1 + 2) * sizeof(int64_t);
            set->breaker_bytes = bytes > set->breaker_bytes ? bytes : set->breaker_bytes;
            weir_buffer_printf(&text, "%zu %u %lld;", i, limit->max, (long long)limit->per_ms);
        }
    }
    set->breakers_id = weir_hash((struct weir_hash_key){1, 3}, weir_buffer_span(&text));
}

void weir_loader_finish_series(struct weir_loader *loader)
{
    size_breakers(loader->set);
    if (loader->series_count == 0) {
        return;
    }
    for (size_t i = 0; i < loader->series_count; i++) {
        struct weir_series *series = loader->series[i];
        if (series->references) {
            find_rules(loader, series);
        }
        if (series->capture) {
            find_capture(loader, series);
        }
    }
    number_series(loader);
    order_rules(loader);
}
