#include "engine/commands/explain_view.h"

#include "engine/base/alloc.h"
#include "engine/base/terminal.h"
#include "engine/base/utf8.h"
#include "engine/commands/readings.h"
#include "engine/triage/triage.h"

#include <inttypes.h>

struct explanation {
    struct weir_judge *judge;
    const struct weir_set *set;
    const struct weir_room_view *room;
    const struct weir_message *message;
    const struct weir_verdict *verdict;
    struct weir_text *text;
    struct weir_span raw;
    struct weir_buffer *out;
};

static size_t columns_of(struct weir_span text)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer shown = {0};
    weir_terminal_add(&shown, text);
    return weir_utf8_columns(weir_buffer_span(&shown));
}

static void add_repeated(struct weir_buffer *out, char byte, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        weir_buffer_add_byte(out, byte);
    }
}

// The message with a mark under what was found, as wide as it stands in a terminal.
static void add_underlined(struct explanation *explanation, struct weir_text_range range)
{
    struct weir_buffer *out = explanation->out;
    size_t before = columns_of(weir_span_slice(explanation->raw, 0, range.start));
    size_t width = columns_of(weir_span_slice(explanation->raw, range.start, range.end));
    weir_buffer_add_text(out, "    ");
    weir_terminal_add(out, explanation->raw);
    weir_buffer_add_text(out, "\n    ");
    add_repeated(out, ' ', before);
    add_repeated(out, '^', width > 0 ? width : 1);
    weir_buffer_add_byte(out, '\n');
}

static bool is_same_find(const struct weir_verdict_hit *a, const struct weir_verdict_hit *b)
{
    return a->check == b->check && a->range.start == b->range.start && a->range.end == b->range.end;
}

// What one check found at one place is one find, in however many views.
static bool is_shown_already(const struct weir_verdict *verdict, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_same_find(&verdict->hits[i], &verdict->hits[at])) {
            return true;
        }
    }
    return false;
}

static void add_views_of_hit(struct weir_buffer *out, const struct weir_verdict *verdict, size_t at)
{
    weir_buffer_add_text(out, weir_view_name(verdict->hits[at].view));
    for (size_t i = at + 1; i < verdict->hit_count; i++) {
        if (is_same_find(&verdict->hits[at], &verdict->hits[i])) {
            weir_buffer_printf(out, ", %s", weir_view_name(verdict->hits[i].view));
        }
    }
}

static void add_hit(struct explanation *explanation, size_t at)
{
    const struct weir_verdict_hit *hit = &explanation->verdict->hits[at];
    struct weir_buffer *out = explanation->out;
    weir_buffer_printf(out, "\nhit       %.*s  %s  view ", WEIR_SPAN_ARGS(hit->rule->id),
                       hit->check->path);
    add_views_of_hit(out, explanation->verdict, at);
    weir_buffer_printf(out, "  %u-%u%s\n", hit->range.start_char, hit->range.end_char,
                       hit->rule->mode == WEIR_MODE_SHADOW ? "  (shadow)" : "");
    add_underlined(explanation, hit->range);
}

static void add_hits(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    for (size_t i = 0; i < verdict->hit_count; i++) {
        if (!is_shown_already(verdict, i)) {
            add_hit(explanation, i);
        }
        if (verdict->hits[i].more > 0) {
            weir_buffer_printf(explanation->out, "    and %u more\n", verdict->hits[i].more);
        }
    }
}

static bool has_fired(const struct weir_verdict *verdict, const struct weir_rule *rule)
{
    for (size_t i = 0; i < verdict->fired_count; i++) {
        if (verdict->fired[i] == rule) {
            return true;
        }
    }
    for (size_t i = 0; i < verdict->shadow_fired_count; i++) {
        if (verdict->shadow_fired[i] == rule) {
            return true;
        }
    }
    return false;
}

// The hits of a check as the scan has them: rules that did not fire have none in the verdict.
static const struct weir_hit *find_hit(const struct explanation *explanation, uint32_t owner)
{
    const struct weir_hits *hits = weir_judge_hits(explanation->judge);
    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hits[i].owner == owner) {
            return &hits->hits[i];
        }
    }
    return NULL;
}

static void add_check(struct explanation *explanation, const struct weir_check *check)
{
    struct weir_buffer *out = explanation->out;
    const struct weir_hit *hit = find_hit(explanation, check->owner);
    bool holds = weir_judge_check_holds(explanation->judge, check);
    weir_buffer_printf(out, "    %-20s ", check->path);
    if (!hit) {
        weir_buffer_add_text(out, holds ? "holds" : "no");
    } else {
        weir_buffer_add_text(out, "found '");
        weir_terminal_add(out, weir_span_slice(explanation->raw, hit->range.start, hit->range.end));
        weir_buffer_printf(out, "' in %s%s", weir_view_name(hit->view),
                           holds ? "" : ", inside an exception");
    }
    if (check->kind->value) {
        int64_t milli = check->kind->value(check, weir_judge_input(explanation->judge));
        weir_buffer_printf(out, " (reads %.3g)", (double)milli / 1000);
    }
    weir_buffer_add_byte(out, '\n');
}

// A rule that found something and did not fire all the same is what an author asks about.
static void add_near_miss(struct explanation *explanation, const struct weir_rule *rule)
{
    struct weir_buffer *out = explanation->out;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer why = {0};
    weir_judge_why_not(explanation->judge, rule, &why);
    weir_buffer_printf(out, "\nnot fired %.*s%s%s\n", WEIR_SPAN_ARGS(rule->id),
                       why.length > 0 ? ": " : "", weir_buffer_text(&why));
    for (uint32_t i = 0; i < rule->check_count; i++) {
        add_check(explanation, explanation->set->checks[rule->first_check + i]);
    }
}

static void add_near_misses(struct explanation *explanation)
{
    const struct weir_set *set = explanation->set;
    const struct weir_hits *hits = weir_judge_hits(explanation->judge);
    const struct weir_rule *last = NULL;
    for (size_t i = 0; i < hits->count; i++) { // by owner, so those of one rule stand together
        uint32_t owner = hits->hits[i].owner;
        const struct weir_rule *rule = owner < set->check_count ? set->checks[owner]->rule : NULL;
        if (rule && rule != last && !has_fired(explanation->verdict, rule)) {
            add_near_miss(explanation, rule);
        }
        last = rule ? rule : last;
    }
}

static void add_counters(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    for (size_t i = 0; i < verdict->reading_count; i++) {
        const struct weir_verdict_reading *reading = &verdict->readings[i];
        weir_buffer_printf(explanation->out, "counter   %.*s %s reads %.3g\n",
                           WEIR_SPAN_ARGS(reading->rule->id), reading->check->path,
                           (double)reading->value_milli / 1000);
    }
    if (verdict->strikes_milli > 0) {
        weir_buffer_printf(explanation->out, "strikes   %.3g, those of this message included\n",
                           (double)verdict->strikes_milli / 1000);
    }
}

static void add_rules(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    for (size_t i = 0; i < verdict->fired_count; i++) {
        const struct weir_rule *rule = verdict->fired[i];
        weir_buffer_printf(explanation->out, "rule      %.*s  score %d  %.*s\n",
                           WEIR_SPAN_ARGS(rule->id), rule->reads_score ? 0 : rule->score,
                           WEIR_SPAN_ARGS(rule->about));
    }
    for (size_t i = 0; i < verdict->degraded_count; i++) {
        const struct weir_degraded *degraded = &verdict->degraded[i];
        struct weir_span id = degraded->rule ? degraded->rule->id : WEIR_SPAN("all");
        weir_buffer_printf(explanation->out, "degraded  %.*s: %s\n", WEIR_SPAN_ARGS(id),
                           degraded->cause);
    }
}

static void add_answer(struct weir_buffer *out, const struct weir_triaged *triaged)
{
    struct weir_span text = triaged->reply;
    if (triaged->answered) {
        weir_buffer_printf(
            out, "answer    %.*s, given at once: ", WEIR_SPAN_ARGS(triaged->answered->id));
    } else if (triaged->count > 0 && triaged->cards[0].suggestion.length > 0) {
        text = triaged->cards[0].suggestion;
        weir_buffer_add_text(out, "answer    suggested on the card: ");
    } else {
        return;
    }
    weir_terminal_add(out, text);
    weir_buffer_add_byte(out, '\n');
}

static void add_question(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    struct weir_buffer *out = explanation->out;
    WEIR_AUTO(weir_triage_destroy) struct weir_triage *triage = weir_triage_create();
    struct weir_triaged triaged;
    weir_triage_message(triage, explanation->set, NULL, true, explanation->room,
                        explanation->message, verdict, &triaged);
    struct weir_span topic = verdict->topic ? verdict->topic->id : WEIR_SPAN("none");
    weir_buffer_printf(out, "question  topic %.*s%s\n", WEIR_SPAN_ARGS(topic),
                       verdict->is_urgent ? ", urgent" : "");
    add_answer(out, &triaged);
    if (triaged.count > 0 && triaged.cards[0].kind == WEIR_CARD_QUESTION) {
        weir_buffer_printf(out, "card      in %.*s, due after %" PRId64 " s\n",
                           WEIR_SPAN_ARGS(triaged.cards[0].queue),
                           triaged.cards[0].target_ms / 1000);
    }
}

// Which thresholds the scores reached, and what stands there.
static void add_policies(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    struct weir_buffer *out = explanation->out;
    for (size_t i = 0; i < verdict->policy_count; i++) {
        const struct weir_verdict_policy *policy = &verdict->policies[i];
        weir_buffer_printf(out, "policy    %s %.*s: score %d reaches %d:",
                           policy->is_room ? "of the room, in pack" : "of pack",
                           WEIR_SPAN_ARGS(policy->pack), policy->score, policy->reached->score);
        for (size_t j = 0; j < policy->reached->effect_count; j++) {
            weir_buffer_printf(out, "%s %s", j > 0 ? "," : "",
                               weir_effect_name(policy->reached->effects[j].kind));
        }
        weir_buffer_add_byte(out, '\n');
    }
}

static void add_outcome(struct explanation *explanation)
{
    const struct weir_verdict *verdict = explanation->verdict;
    struct weir_buffer *out = explanation->out;
    weir_buffer_add_byte(out, '\n');
    add_rules(explanation);
    add_policies(explanation);
    add_counters(explanation);
    if (verdict->is_question) {
        add_question(explanation);
    }
    if (verdict->has_shadow) {
        weir_buffer_printf(out, "shadow    would be %s, user %s, score %d\n",
                           weir_message_verdict_name(verdict->shadow_message_verdict),
                           weir_user_verdict_name(verdict->shadow_user_verdict),
                           verdict->shadow_score);
    }
    weir_buffer_printf(out, "verdict   %s, user %s, score %d\n",
                       weir_message_verdict_name(verdict->message_verdict),
                       weir_user_verdict_name(verdict->user_verdict), verdict->score);
    if (verdict->masked_text.length > 0) {
        weir_buffer_add_text(out, "shown as  ");
        weir_terminal_add(out, verdict->masked_text);
        weir_buffer_add_byte(out, '\n');
    }
}

void weir_explain_view(struct weir_judge *judge, const struct weir_set *set,
                       const struct weir_room_view *room, const struct weir_message *message,
                       const struct weir_verdict *verdict, struct weir_buffer *out)
{
    struct weir_text *text = weir_judge_text(judge);
    const struct weir_view *raw = weir_text_view(text, WEIR_VIEW_RAW);
    struct explanation explanation = {.judge = judge,
                                      .set = set,
                                      .room = room,
                                      .message = message,
                                      .verdict = verdict,
                                      .text = text,
                                      .raw = {raw->bytes, raw->length},
                                      .out = out};
    weir_readings_add(text, "", false, out);
    add_hits(&explanation);
    add_near_misses(&explanation);
    add_outcome(&explanation);
}
