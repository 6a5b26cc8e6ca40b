#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/terminal.h"
#include "engine/base/utf8.h"
#include "engine/commands/eval_tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define RULES_SHOWN  20 // in the text report; --json has them all
#define TEXT_COLUMNS 160

static const struct {
    const char *name;
    struct weir_proportion (*of)(const struct weir_confusion *confusion);
} figures[] = {
    {"precision", weir_precision_of},
    {"recall", weir_recall_of},
    {"f1", weir_f1_of},
    {"fpr", weir_false_positive_rate_of},
};

static uint64_t caught_of(const struct weir_confusion *confusion)
{
    return confusion->true_positives + confusion->false_positives;
}

static uint64_t positives_of(const struct weir_confusion *confusion)
{
    return confusion->true_positives + confusion->false_negatives;
}

static uint64_t negatives_of(const struct weir_confusion *confusion)
{
    return confusion->false_positives + confusion->true_negatives;
}

// Which rules to show first: those that are wrong most often, then those that do most.
struct ranked_rule {
    const struct weir_rule *rule;
    struct weir_eval_rule tally;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked_rule *left = a;
    const struct ranked_rule *right = b;
    if (left->tally.wrong != right->tally.wrong) {
        return left->tally.wrong > right->tally.wrong ? -1 : 1;
    }
    if (left->tally.right != right->tally.right) {
        return left->tally.right > right->tally.right ? -1 : 1;
    }
    return left->rule->index < right->rule->index ? -1 : 1;
}

// The caller frees it.
static struct ranked_rule *rank_rules(const struct weir_eval_tally *tally, size_t *count_out)
{
    struct ranked_rule *ranked = weir_new_array(struct ranked_rule, tally->set->rule_count + 1);
    *count_out = 0;
    for (size_t i = 0; i < tally->set->rule_count; i++) {
        if (tally->rules[i].right + tally->rules[i].wrong > 0) {
            ranked[(*count_out)++] = (struct ranked_rule){tally->set->rules[i], tally->rules[i]};
        }
    }
    qsort(ranked, *count_out, sizeof(*ranked), compare_ranked);
    return ranked;
}

// --- for people ---

static void add_figure(struct weir_buffer *out, struct weir_proportion figure)
{
    if (figure.is_known) {
        weir_buffer_printf(out, "%6.3f  (%.3f to %.3f)", figure.value, figure.low, figure.high);
    } else {
        weir_buffer_add_text(out, "     -  (nothing to count)");
    }
}

static void add_counts(struct weir_buffer *out, const struct weir_eval_tally *tally)
{
    const struct weir_confusion *c = &tally->confusion;
    weir_buffer_printf(out, "%" PRIu64 " lines", positives_of(c) + negatives_of(c));
    if (tally->left_out > 0) {
        weir_buffer_printf(out, ", %" PRIu64 " left out", tally->left_out);
    }
    if (tally->skipped > 0) {
        weir_buffer_printf(out, ", %" PRIu64 " could not be read", tally->skipped);
    }
    weir_buffer_printf(out, "\n%-10s %10s %10s %10s\n", "", "caught", "spared", "lines");
    weir_buffer_printf(out, "%-10s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", "positive",
                       c->true_positives, c->false_negatives, positives_of(c));
    weir_buffer_printf(out, "%-10s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n\n", "negative",
                       c->false_positives, c->true_negatives, negatives_of(c));
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        weir_buffer_printf(out, "%-10s ", figures[i].name);
        add_figure(out, figures[i].of(c));
        weir_buffer_add_byte(out, '\n');
    }
}

static size_t widest_group(const struct weir_eval_tally *tally)
{
    size_t widest = 6;
    for (size_t i = 0; i < tally->group_count; i++) {
        size_t width = weir_utf8_columns(weir_span_of(tally->groups[i].name));
        widest = width > widest ? width : widest;
    }
    return widest < 40 ? widest : 40;
}

static void add_groups(struct weir_buffer *out, const struct weir_eval_tally *tally)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    size_t width = widest_group(tally);
    if (tally->group_count == 0) {
        return;
    }
    weir_buffer_printf(out, "\n%-*s %8s %8s %8s %8s\n", (int)width, "", "lines", "positive",
                       "caught", "share");
    for (size_t i = 0; i < tally->group_count; i++) {
        const struct weir_confusion *c = &tally->groups[i].confusion;
        struct weir_proportion share =
            weir_proportion_of(caught_of(c), positives_of(c) + negatives_of(c));
        weir_buffer_clear(&name);
        weir_terminal_add(&name, weir_span_of(tally->groups[i].name));
        weir_terminal_add_padded(out, weir_buffer_span(&name), width);
        weir_buffer_printf(out, " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8.3f\n",
                           positives_of(c) + negatives_of(c), positives_of(c), caught_of(c),
                           share.value);
    }
}

static void add_rules(struct weir_buffer *out, const struct weir_eval_tally *tally)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at) struct ranked_rule *ranked = rank_rules(tally, &count);
    if (count == 0) {
        return;
    }
    weir_buffer_printf(out, "\n%8s %8s %10s %14s  %s\n", "right", "wrong", "precision",
                       "wrong, alone", "rule");
    for (size_t i = 0; i < count && i < RULES_SHOWN; i++) {
        const struct weir_eval_rule *rule = &ranked[i].tally;
        struct weir_proportion precision =
            weir_proportion_of(rule->right, rule->right + rule->wrong);
        weir_buffer_printf(out, "%8" PRIu64 " %8" PRIu64 " %10.3f %14" PRIu64 "  %.*s\n",
                           rule->right, rule->wrong, precision.value, rule->wrong_alone,
                           WEIR_SPAN_ARGS(ranked[i].rule->id));
    }
    if (count > RULES_SHOWN) {
        weir_buffer_printf(out, "%8s and %zu rules more; --json has them all\n", "",
                           count - RULES_SHOWN);
    }
}

static void add_mistake(struct weir_buffer *out, const struct weir_eval_mistake *mistake,
                        size_t columns)
{
    weir_buffer_add_text(out, "  ");
    weir_terminal_add(out, weir_span_of(mistake->file));
    weir_buffer_printf(out, ":%" PRIu64 "  %s", mistake->line,
                       weir_message_verdict_name(mistake->verdict));
    if (mistake->user_verdict != WEIR_USER_NONE) {
        weir_buffer_printf(out, "+%s", weir_user_verdict_name(mistake->user_verdict));
    }
    weir_buffer_printf(out, " %d%s", mistake->score, mistake->is_question ? " question" : "");
    weir_buffer_printf(out, "%s%s", *mistake->topic ? ": " : "", mistake->topic);
    if (*mistake->label) {
        weir_buffer_add_text(out, "  label ");
        weir_terminal_add_cut(out, weir_span_of(mistake->label), 40);
    }
    weir_buffer_printf(out, "%s%s\n      ", *mistake->rules ? "  " : "", mistake->rules);
    weir_terminal_add_cut(out, weir_span_of(mistake->text), columns);
    weir_buffer_add_byte(out, '\n');
}

static void add_mistakes(struct weir_buffer *out, const char *title,
                         const struct weir_eval_mistakes *mistakes, size_t columns)
{
    if (mistakes->count > 0) {
        weir_buffer_printf(out, "\n%s\n", title);
    }
    for (size_t i = 0; i < mistakes->count; i++) {
        add_mistake(out, &mistakes->items[i], columns);
    }
}

void weir_eval_write_text(const struct weir_eval_tally *tally,
                          const struct weir_eval_limit limits[WEIR_EVAL_LIMITS], size_t columns,
                          struct weir_buffer *out)
{
    size_t for_text = columns > 40 ? columns - 10 : TEXT_COLUMNS;
    add_counts(out, tally);
    add_groups(out, tally);
    add_rules(out, tally);
    add_mistakes(out, "worst false positives: caught, though negative", &tally->false_positives,
                 for_text);
    add_mistakes(out, "worst false negatives: spared, though positive", &tally->false_negatives,
                 for_text);
    for (enum weir_eval_limit_kind kind = 0; kind < WEIR_EVAL_LIMITS; kind++) {
        if (limits[kind].is_given) {
            bool holds = weir_eval_limit_holds(&limits[kind], kind, &tally->confusion);
            weir_buffer_printf(out, "%s%s: %s %s %g\n", kind == 0 ? "\n" : "",
                               holds ? "ok" : "MISSED", limits[kind].figure,
                               limits[kind].is_least ? "at least" : "at most", limits[kind].limit);
        }
    }
}

// --- for machines ---

static void add_number(struct weir_buffer *out, const char *name, double value)
{
    weir_json_add_name(out, name);
    weir_buffer_printf(out, "%.6f", value);
}

static void add_figure_object(struct weir_buffer *out, const char *name,
                              struct weir_proportion figure)
{
    weir_json_add_name(out, name);
    if (!figure.is_known) {
        weir_buffer_add_text(out, "null");
        return;
    }
    weir_buffer_add_byte(out, '{');
    add_number(out, "value", figure.value);
    add_number(out, "low", figure.low);
    add_number(out, "high", figure.high);
    weir_buffer_add_byte(out, '}');
}

static void add_confusion(struct weir_buffer *out, const struct weir_confusion *confusion)
{
    weir_json_add_u64_field(out, "lines", positives_of(confusion) + negatives_of(confusion));
    weir_json_add_u64_field(out, "positive", positives_of(confusion));
    weir_json_add_u64_field(out, "caught", caught_of(confusion));
    weir_json_add_u64_field(out, "true_positives", confusion->true_positives);
    weir_json_add_u64_field(out, "false_positives", confusion->false_positives);
    weir_json_add_u64_field(out, "true_negatives", confusion->true_negatives);
    weir_json_add_u64_field(out, "false_negatives", confusion->false_negatives);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        add_figure_object(out, figures[i].name, figures[i].of(confusion));
    }
}

static void add_group_list(struct weir_buffer *out, const struct weir_eval_tally *tally)
{
    weir_json_open_list(out, "by");
    for (size_t i = 0; i < tally->group_count; i++) {
        weir_json_open_item(out);
        weir_json_add_text_field(out, "is", weir_span_of(tally->groups[i].name));
        add_confusion(out, &tally->groups[i].confusion);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_rule_list(struct weir_buffer *out, const struct weir_eval_tally *tally)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at) struct ranked_rule *ranked = rank_rules(tally, &count);
    weir_json_open_list(out, "rules");
    for (size_t i = 0; i < count; i++) {
        const struct weir_eval_rule *rule = &ranked[i].tally;
        weir_json_open_item(out);
        weir_json_add_text_field(out, "rule", ranked[i].rule->id);
        weir_json_add_text_field(out, "pack", ranked[i].rule->pack);
        weir_json_add_u64_field(out, "right", rule->right);
        weir_json_add_u64_field(out, "wrong", rule->wrong);
        weir_json_add_u64_field(out, "right_alone", rule->right_alone);
        weir_json_add_u64_field(out, "wrong_alone", rule->wrong_alone);
        add_figure_object(out, "precision",
                          weir_proportion_of(rule->right, rule->right + rule->wrong));
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_mistake_list(struct weir_buffer *out, const char *name,
                             const struct weir_eval_mistakes *mistakes)
{
    weir_json_open_list(out, name);
    for (size_t i = 0; i < mistakes->count; i++) {
        const struct weir_eval_mistake *mistake = &mistakes->items[i];
        weir_json_open_item(out);
        weir_json_add_text_field(out, "file", weir_span_of(mistake->file));
        weir_json_add_u64_field(out, "line", mistake->line);
        weir_json_add_text_field(out, "text", weir_span_of(mistake->text));
        weir_json_add_text_field(out, "label", weir_span_of(mistake->label));
        weir_json_add_text_field(out, "verdict",
                                 weir_span_of(weir_message_verdict_name(mistake->verdict)));
        weir_json_add_text_field(out, "user_verdict",
                                 weir_span_of(weir_user_verdict_name(mistake->user_verdict)));
        weir_json_add_i64_field(out, "score", mistake->score);
        weir_json_add_text_field(out, "rules", weir_span_of(mistake->rules));
        weir_json_add_bool_field(out, "question", mistake->is_question);
        weir_json_add_text_field(out, "topic", weir_span_of(mistake->topic));
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_limit_list(struct weir_buffer *out, const struct weir_eval_limit *limits,
                           const struct weir_confusion *confusion)
{
    bool all_hold = true;
    weir_json_open_list(out, "limits");
    for (enum weir_eval_limit_kind kind = 0; kind < WEIR_EVAL_LIMITS; kind++) {
        if (!limits[kind].is_given) {
            continue;
        }
        bool holds = weir_eval_limit_holds(&limits[kind], kind, confusion);
        all_hold = all_hold && holds;
        weir_json_open_item(out);
        weir_json_add_text_field(out, "figure", weir_span_of(limits[kind].figure));
        add_number(out, limits[kind].is_least ? "at_least" : "at_most", limits[kind].limit);
        weir_json_add_bool_field(out, "ok", holds);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
    weir_json_add_bool_field(out, "ok", all_hold);
}

void weir_eval_write_json(const struct weir_eval_tally *tally,
                          const struct weir_eval_limit limits[WEIR_EVAL_LIMITS],
                          struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    add_confusion(out, &tally->confusion);
    weir_json_add_u64_field(out, "left_out", tally->left_out);
    weir_json_add_u64_field(out, "skipped", tally->skipped);
    add_group_list(out, tally);
    add_rule_list(out, tally);
    add_mistake_list(out, "false_positives_worst", &tally->false_positives);
    add_mistake_list(out, "false_negatives_worst", &tally->false_negatives);
    add_limit_list(out, limits, &tally->confusion);
    weir_json_add_text_field(out, "set", weir_span_of(tally->set->hash));
    weir_buffer_add_text(out, "}\n");
}
