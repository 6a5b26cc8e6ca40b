#include "engine/commands/eval_tally.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <stdlib.h>

void weir_eval_tally_init(struct weir_eval_tally *tally, const struct weir_set *set, size_t worst)
{
    *tally = (struct weir_eval_tally){.set = set};
    tally->rules = weir_new_array(struct weir_eval_rule, set->rule_count + 1);
    tally->false_positives.most = worst;
    tally->false_negatives.most = worst;
    tally->false_positives.items = weir_new_array(struct weir_eval_mistake, worst + 1);
    tally->false_negatives.items = weir_new_array(struct weir_eval_mistake, worst + 1);
}

static void fini_mistake(struct weir_eval_mistake *mistake)
{
    free(mistake->file);
    free(mistake->text);
    free(mistake->label);
    free(mistake->rules);
    free(mistake->topic);
}

static void fini_mistakes(struct weir_eval_mistakes *mistakes)
{
    for (size_t i = 0; i < mistakes->count; i++) {
        fini_mistake(&mistakes->items[i]);
    }
    free(mistakes->items);
}

void weir_eval_tally_fini(struct weir_eval_tally *tally)
{
    for (size_t i = 0; i < tally->group_count; i++) {
        free(tally->groups[i].name);
    }
    free(tally->groups);
    free(tally->rules);
    fini_mistakes(&tally->false_positives);
    fini_mistakes(&tally->false_negatives);
    *tally = (struct weir_eval_tally){0};
}

static void count(struct weir_confusion *confusion, const struct weir_eval_case *of)
{
    confusion->true_positives += of->is_positive && of->is_caught;
    confusion->false_positives += !of->is_positive && of->is_caught;
    confusion->true_negatives += !of->is_positive && !of->is_caught;
    confusion->false_negatives += of->is_positive && !of->is_caught;
}

static struct weir_eval_group *add_group(struct weir_eval_tally *tally, size_t at,
                                         struct weir_span name)
{
    tally->groups = weir_grow(tally->groups, &tally->group_capacity, tally->group_count + 1,
                              sizeof(*tally->groups));
    struct weir_eval_group *group = &tally->groups[at];
    memmove(group + 1, group, (tally->group_count - at) * sizeof(*group));
    *group = (struct weir_eval_group){.name = weir_strndup(name.data, name.length)};
    tally->group_count++;
    return group;
}

static struct weir_eval_group *group_of(struct weir_eval_tally *tally, struct weir_span name)
{
    size_t low = 0;
    size_t high = tally->group_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = weir_span_compare(weir_span_of(tally->groups[middle].name), name);
        if (order == 0) {
            return &tally->groups[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    struct weir_span others = WEIR_SPAN("(others)");
    if (tally->group_count >= WEIR_EVAL_GROUPS && !weir_span_equals(name, others)) {
        return group_of(tally, others);
    }
    return add_group(tally, low, name);
}

static void count_rules(struct weir_eval_tally *tally, const struct weir_eval_case *of)
{
    for (size_t i = 0; i < of->rule_count; i++) {
        struct weir_eval_rule *rule = &tally->rules[of->rules[i]->index];
        rule->right += of->is_positive;
        rule->wrong += !of->is_positive;
        rule->right_alone += of->is_positive && of->rule_count == 1;
        rule->wrong_alone += !of->is_positive && of->rule_count == 1;
    }
}

// The harder the rules came down on a line that was fine, the worse; a line that was missed is the
// worse the less was seen of it.
static uint64_t weight_of(const struct weir_eval_case *of)
{
    const struct weir_verdict *verdict = of->verdict;
    uint64_t score = verdict->score > 0 ? (uint64_t)verdict->score : 0;
    uint64_t strength = (uint64_t)verdict->user_verdict << 50 |
                        (uint64_t)verdict->message_verdict << 44 | score << 12 |
                        (verdict->fired_count < 4096 ? verdict->fired_count : 4095);
    return of->is_caught ? strength : UINT64_MAX - strength;
}

static char *names_of_rules(const struct weir_eval_case *of)
{
    struct weir_buffer names = {0};
    for (size_t i = 0; i < of->rule_count; i++) {
        weir_buffer_add_text(&names, i > 0 ? "," : "");
        weir_buffer_add(&names, of->rules[i]->id);
    }
    weir_buffer_text(&names);
    return names.data;
}

static struct weir_eval_mistake copy_of(const struct weir_eval_case *of, uint64_t weight,
                                        uint64_t order)
{
    const struct weir_verdict *verdict = of->verdict;
    struct weir_span topic = verdict->topic ? verdict->topic->id : WEIR_SPAN("");
    return (struct weir_eval_mistake){
        .file = weir_strdup(of->file),
        .line = of->line,
        .text = weir_strndup(of->text.data, of->text.length),
        .label = weir_strndup(of->label.data, of->label.length),
        .rules = names_of_rules(of),
        .topic = weir_strndup(topic.data, topic.length),
        .verdict = verdict->message_verdict,
        .user_verdict = verdict->user_verdict,
        .score = verdict->score,
        .is_question = verdict->is_question,
        .weight = weight,
        .order = order,
    };
}

static void keep_mistake(struct weir_eval_mistakes *mistakes, const struct weir_eval_case *of)
{
    static const struct weir_hash_key always_the_same = {1, 2};
    uint64_t weight = weight_of(of);
    uint64_t order = weir_hash(always_the_same, of->text);
    size_t at = mistakes->count;
    while (at > 0 &&
           (mistakes->items[at - 1].weight < weight ||
            (mistakes->items[at - 1].weight == weight && mistakes->items[at - 1].order > order))) {
        at--;
    }
    bool is_known = at > 0 && mistakes->items[at - 1].weight == weight &&
                    weir_span_is(of->text, mistakes->items[at - 1].text);
    if (at >= mistakes->most || is_known) {
        return;
    }
    memmove(&mistakes->items[at + 1], &mistakes->items[at],
            (mistakes->count - at) * sizeof(*mistakes->items));
    mistakes->items[at] = copy_of(of, weight, order);
    if (mistakes->count < mistakes->most) {
        mistakes->count++;
    } else {
        fini_mistake(&mistakes->items[mistakes->most]);
    }
}

void weir_eval_tally_add(struct weir_eval_tally *tally, const struct weir_eval_case *of,
                         const struct weir_span *group)
{
    count(&tally->confusion, of);
    if (group) {
        count(&group_of(tally, *group)->confusion, of);
    }
    if (of->is_caught) {
        count_rules(tally, of);
    }
    if (of->is_caught != of->is_positive) {
        keep_mistake(of->is_caught ? &tally->false_positives : &tally->false_negatives, of);
    }
}

static struct weir_proportion figure_of(enum weir_eval_limit_kind kind,
                                        const struct weir_confusion *confusion)
{
    uint64_t caught = confusion->true_positives + confusion->false_positives;
    uint64_t lines = caught + confusion->true_negatives + confusion->false_negatives;
    switch (kind) {
    case WEIR_EVAL_MIN_PRECISION:
        return weir_precision_of(confusion);
    case WEIR_EVAL_MIN_RECALL:
        return weir_recall_of(confusion);
    case WEIR_EVAL_MIN_F1:
        return weir_f1_of(confusion);
    case WEIR_EVAL_MAX_FPR:
        return weir_false_positive_rate_of(confusion);
    case WEIR_EVAL_MIN_CAUGHT:
        return (struct weir_proportion){.is_known = true, .value = (double)caught};
    default:
        return (struct weir_proportion){.is_known = true, .value = (double)lines};
    }
}

bool weir_eval_limit_holds(const struct weir_eval_limit *limit, enum weir_eval_limit_kind kind,
                           const struct weir_confusion *confusion)
{
    struct weir_proportion figure = figure_of(kind, confusion);
    return figure.is_known &&
           (limit->is_least ? figure.value >= limit->limit : figure.value <= limit->limit);
}
