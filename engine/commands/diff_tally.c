#include "engine/commands/diff_tally.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <inttypes.h>
#include <stdlib.h>

static void fini_sample(struct weir_diff_sample *sample)
{
    free(sample->file);
    free(sample->id);
    free(sample->text);
    free(sample->sides[WEIR_SIDE_OLD]);
    free(sample->sides[WEIR_SIDE_NEW]);
}

static void fini_rule(struct weir_diff_rule *rule)
{
    for (size_t change = 0; change < WEIR_CHANGES; change++) {
        for (size_t i = 0; i < rule->samples[change].count; i++) {
            fini_sample(&rule->samples[change].items[i]);
        }
        free(rule->samples[change].items);
    }
    free(rule->id);
}

void weir_diff_tally_fini(struct weir_diff_tally *tally)
{
    for (size_t i = 0; i < tally->rule_count; i++) {
        fini_rule(&tally->rules[i]);
    }
    free(tally->rules);
    *tally = (struct weir_diff_tally){0};
}

static bool does_something(const struct weir_diff_outcome *outcome)
{
    return !weir_span_is(outcome->verdict, "pass") || !weir_span_is(outcome->user_verdict, "none");
}

static bool fires_the_same(const struct weir_diff_outcome *a, const struct weir_diff_outcome *b)
{
    bool same = a->rule_count == b->rule_count && a->score == b->score;
    for (size_t i = 0; same && i < a->rule_count; i++) {
        same = weir_span_equals(a->rules[i], b->rules[i]);
    }
    return same;
}

enum weir_change weir_change_of(const struct weir_diff_case *of)
{
    const struct weir_diff_outcome *a = &of->sides[WEIR_SIDE_OLD];
    const struct weir_diff_outcome *b = &of->sides[WEIR_SIDE_NEW];
    if (does_something(a) != does_something(b)) {
        return does_something(a) ? WEIR_CHANGE_SPARED : WEIR_CHANGE_CAUGHT;
    }
    if (!weir_span_equals(a->verdict, b->verdict) ||
        !weir_span_equals(a->user_verdict, b->user_verdict) ||
        !weir_span_equals(a->actions, b->actions)) {
        return WEIR_CHANGE_ACTION;
    }
    if (!weir_span_equals(a->question, b->question)) {
        return WEIR_CHANGE_QUESTION;
    }
    return fires_the_same(a, b) ? WEIR_CHANGE_NONE : WEIR_CHANGE_WAY;
}

static struct weir_diff_rule *rule_of(struct weir_diff_tally *tally, struct weir_span id)
{
    size_t low = 0;
    size_t high = tally->rule_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = weir_span_compare(weir_span_of(tally->rules[middle].id), id);
        if (order == 0) {
            return &tally->rules[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    tally->rules = weir_grow(tally->rules, &tally->rule_capacity, tally->rule_count + 1,
                             sizeof(*tally->rules));
    struct weir_diff_rule *rule = &tally->rules[low];
    memmove(rule + 1, rule, (tally->rule_count - low) * sizeof(*rule));
    *rule = (struct weir_diff_rule){.id = weir_strndup(id.data, id.length)};
    tally->rule_count++;
    return rule;
}

static char *shown(const struct weir_diff_outcome *outcome)
{
    struct weir_buffer text = {0};
    weir_buffer_add(&text, outcome->verdict);
    if (!weir_span_is(outcome->user_verdict, "none")) {
        weir_buffer_add_byte(&text, '+');
        weir_buffer_add(&text, outcome->user_verdict);
    }
    weir_buffer_printf(&text, " %" PRId64, outcome->score);
    if (outcome->question.length > 0) {
        weir_buffer_add_text(&text, " question: ");
        weir_buffer_add(&text, outcome->question);
    }
    weir_buffer_text(&text);
    return text.data;
}

static char *copy_of(struct weir_span text)
{
    return weir_strndup(text.data, text.length);
}

static struct weir_diff_sample sample_of(const struct weir_diff_case *of, uint64_t order)
{
    return (struct weir_diff_sample){
        .file = copy_of(of->file),
        .line = of->line,
        .id = copy_of(of->id),
        .text = copy_of(of->text),
        .sides = {shown(&of->sides[WEIR_SIDE_OLD]), shown(&of->sides[WEIR_SIDE_NEW])},
        .order = order,
    };
}

static void keep_sample(struct weir_diff_samples *samples, const struct weir_diff_case *of,
                        size_t most)
{
    static const struct weir_hash_key always_the_same = {1, 2};
    uint64_t order = weir_hash(always_the_same, of->text);
    size_t at = samples->count;
    while (at > 0 && samples->items[at - 1].order > order) {
        at--;
    }
    if (at >= most || (at > 0 && samples->items[at - 1].order == order)) {
        return;
    }
    if (!samples->items) {
        samples->items = weir_new_array(struct weir_diff_sample, most + 1);
    }
    memmove(&samples->items[at + 1], &samples->items[at],
            (samples->count - at) * sizeof(*samples->items));
    samples->items[at] = sample_of(of, order);
    if (samples->count < most) {
        samples->count++;
    } else {
        fini_sample(&samples->items[most]);
    }
}

static void blame(struct weir_diff_tally *tally, struct weir_diff_rule *rule,
                  const struct weir_diff_case *of, enum weir_change change)
{
    rule->changes[change]++;
    if (change != WEIR_CHANGE_NONE) {
        keep_sample(&rule->samples[change], of, tally->samples);
    }
}

// Walks both sides' rules, which are sorted, and hands those of one side alone their part in the
// change. True if there was one.
static bool count_rules(struct weir_diff_tally *tally, const struct weir_diff_case *of,
                        enum weir_change change)
{
    const struct weir_diff_outcome *a = &of->sides[WEIR_SIDE_OLD];
    const struct weir_diff_outcome *b = &of->sides[WEIR_SIDE_NEW];
    size_t i = 0;
    size_t j = 0;
    bool is_explained = false;
    while (i < a->rule_count || j < b->rule_count) {
        int order = i == a->rule_count   ? 1
                    : j == b->rule_count ? -1
                                         : weir_span_compare(a->rules[i], b->rules[j]);
        struct weir_diff_rule *rule = rule_of(tally, order <= 0 ? a->rules[i] : b->rules[j]);
        rule->hits[WEIR_SIDE_OLD] += order <= 0;
        rule->hits[WEIR_SIDE_NEW] += order >= 0;
        rule->lost += order < 0;
        rule->gained += order > 0;
        if (order != 0 && change != WEIR_CHANGE_NONE) {
            blame(tally, rule, of, change);
            is_explained = true;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return is_explained;
}

void weir_diff_tally_add(struct weir_diff_tally *tally, const struct weir_diff_case *of)
{
    enum weir_change change = weir_change_of(of);
    tally->messages++;
    tally->changes[change]++;
    if (!count_rules(tally, of, change) && change != WEIR_CHANGE_NONE) {
        blame(tally, rule_of(tally, WEIR_SPAN("")), of, change);
    }
}

uint64_t weir_diff_changed(const struct weir_diff_tally *tally)
{
    return tally->changes[WEIR_CHANGE_QUESTION] + tally->changes[WEIR_CHANGE_ACTION] +
           tally->changes[WEIR_CHANGE_SPARED] + tally->changes[WEIR_CHANGE_CAUGHT];
}
