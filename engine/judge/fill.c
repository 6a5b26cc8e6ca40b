// The verdict as others see it: which rules fired, where they hit, why, and what could not be
// decided.

#include "engine/judge/judge_private.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"
#include "engine/rules/checks.h"

#include <stdio.h>

static void add_rule(struct rule_list *list, const struct weir_rule *rule)
{
    if (list->count == list->capacity) {
        list->items =
            weir_grow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
    }
    list->items[list->count++] = rule;
}

// Rules that read the score came last; among the others they stand by id again.
static void sort_rulings(struct weir_judge *judge)
{
    struct ruling *items = judge->rulings.items;
    for (size_t i = 1; i < judge->rulings.count; i++) {
        struct ruling ruling = items[i];
        size_t at = i;
        while (at > 0 && items[at - 1].rule->index > ruling.rule->index) {
            items[at] = items[at - 1];
            at--;
        }
        items[at] = ruling;
    }
}

static void list_fired(struct weir_judge *judge)
{
    judge->fired.count = 0;
    judge->shadow_fired.count = 0;
    for (size_t i = 0; i < judge->rulings.count; i++) {
        const struct ruling *ruling = &judge->rulings.items[i];
        if (ruling->truth == WEIR_TRUE) {
            add_rule(weir_ruling_counts(ruling, false) ? &judge->fired : &judge->shadow_fired,
                     ruling->rule);
        }
    }
}

static bool is_shown_before(const struct weir_found *a, const struct weir_found *b)
{
    int by_path = a->check == b->check ? 0 : strcmp(a->check->path, b->check->path);
    if (by_path != 0) {
        return by_path < 0;
    }
    if (a->view != b->view) {
        return a->view < b->view;
    }
    if (a->range.start != b->range.start) {
        return a->range.start < b->range.start;
    }
    return a->range.end < b->range.end;
}

WEIR_DEFINE_SORT(sort_found, struct weir_found, is_shown_before)

static void add_hits_of(struct weir_judge *judge, const struct ruling *ruling)
{
    struct weir_found *found = judge->found.items + ruling->found;
    size_t count = ruling->found_end - ruling->found;
    if (count == 0) {
        return;
    }
    sort_found(found, count);
    size_t shown = count < WEIR_VERDICT_HITS_PER_RULE ? count : WEIR_VERDICT_HITS_PER_RULE;
    struct weir_verdict *verdict = &judge->verdict;
    if (verdict->hit_count + shown > judge->hit_capacity) {
        judge->hits = weir_grow(judge->hits, &judge->hit_capacity, verdict->hit_count + shown,
                                sizeof(*judge->hits));
    }
    for (size_t i = 0; i < shown; i++) {
        judge->hits[verdict->hit_count++] = (struct weir_verdict_hit){
            ruling->rule, found[i].check, found[i].view, found[i].range, 0};
    }
    judge->hits[verdict->hit_count - 1].more = (uint32_t)(count - shown);
}

static void list_hits(struct weir_judge *judge)
{
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (judge->rulings.items[i].truth == WEIR_TRUE) {
            add_hits_of(judge, &judge->rulings.items[i]);
        }
    }
    judge->verdict.hits = judge->hits;
}

static void add_readings_of(struct weir_judge *judge, const struct weir_rule *rule)
{
    struct weir_verdict *verdict = &judge->verdict;
    for (uint32_t i = 0; i < rule->check_count; i++) {
        const struct weir_check *check = judge->plan.set->checks[rule->first_check + i];
        if (!check->kind->value) {
            continue;
        }
        if (verdict->reading_count == judge->reading_capacity) {
            judge->readings = weir_grow(judge->readings, &judge->reading_capacity,
                                        verdict->reading_count + 1, sizeof(*judge->readings));
        }
        judge->readings[verdict->reading_count++] =
            (struct weir_verdict_reading){rule, check, check->kind->value(check, &judge->input)};
    }
}

static void list_readings(struct weir_judge *judge)
{
    for (size_t i = 0; judge->recall.is_in_use && i < judge->rulings.count; i++) {
        if (judge->rulings.items[i].truth == WEIR_TRUE) {
            add_readings_of(judge, judge->rulings.items[i].rule);
        }
    }
    judge->verdict.readings = judge->readings;
}

static bool asks_for_campaign(const struct weir_judge *judge)
{
    for (size_t i = 0; i < judge->verdict.reading_count; i++) {
        const struct weir_verdict_reading *reading = &judge->readings[i];
        const struct weir_series *series = reading->check->arguments;
        if (reading->check->kind->holds == weir_holds_series &&
            series->kind == WEIR_SERIES_CAMPAIGN && reading->rule->mode == WEIR_MODE_LIVE) {
            return true;
        }
    }
    return false;
}

static void fill_campaign(struct weir_judge *judge)
{
    const struct weir_campaign *campaign = judge->recall.campaign;
    const struct weir_standing *standing = judge->recall.standing;
    if (!campaign || !(standing || asks_for_campaign(judge))) {
        return;
    }
    struct weir_verdict_campaign *filled = &judge->campaign;
    weir_campaign_name(filled->id, standing ? standing->campaign : campaign->id);
    filled->accounts = campaign->accounts;
    filled->messages = campaign->messages;
    filled->first_ms = campaign->first_ms;
    filled->last_ms = campaign->last_ms;
    filled->text = (struct weir_span){campaign->text, campaign->text_length};
    filled->sketch = &campaign->sketch;
    filled->decided = standing;
    filled->earlier_count =
        judge->outcome.effect_count > 0
            ? weir_screen_take(&judge->memory->campaigns.screen, campaign->id,
                               judge->input.message->id.length > 0, judge->input.now_ms,
                               filled->earlier, WEIR_VERDICT_EARLIER)
            : 0;
    judge->verdict.campaign = filled;
}

// How much a rule weighs as the reason: what it does itself, then what it adds.
static uint64_t weight_of(const struct weir_rule *rule)
{
    uint64_t message_verdict = 0;
    uint64_t user_verdict = 0;
    for (size_t i = 0; i < rule->effect_count; i++) {
        uint64_t of_message = weir_effect_message_verdict(&rule->effects[i]);
        uint64_t of_user = weir_effect_user_verdict(&rule->effects[i]);
        message_verdict = of_message > message_verdict ? of_message : message_verdict;
        user_verdict = of_user > user_verdict ? of_user : user_verdict;
    }
    uint64_t score = rule->score > 0 ? (uint64_t)rule->score : 0;
    return message_verdict << 48 | user_verdict << 40 | score;
}

static struct weir_bilingual reason_of(const struct weir_judge *judge)
{
    struct weir_bilingual reason = {{NULL, 0}, {NULL, 0}};
    uint64_t heaviest = 0;
    bool has_one = false;
    for (size_t i = 0; i < judge->fired.count; i++) {
        const struct weir_rule *rule = judge->fired.items[i];
        bool says = rule->reason.zh.length > 0 || rule->reason.en.length > 0;
        if (says && (!has_one || weight_of(rule) > heaviest)) {
            reason = rule->reason;
            heaviest = weight_of(rule);
            has_one = true;
        }
    }
    return reason;
}

static void write_shadow(struct weir_judge *judge, struct weir_verdict *verdict)
{
    const struct weir_outcome *live = &judge->outcome;
    const struct weir_outcome *shadow = &judge->shadow;
    verdict->shadow_fired = judge->shadow_fired.items;
    verdict->shadow_fired_count = judge->shadow_fired.count;
    verdict->has_shadow =
        weir_judge_has_shadow(judge) &&
        (shadow->message_verdict != live->message_verdict ||
         shadow->user_verdict != live->user_verdict || shadow->score != live->score);
    verdict->shadow_message_verdict = shadow->message_verdict;
    verdict->shadow_user_verdict = shadow->user_verdict;
    verdict->shadow_score = shadow->score;
    verdict->shadow_effects = shadow->effects;
    verdict->shadow_effect_count = shadow->effect_count;
}

void weir_judge_fill_verdict(struct weir_judge *judge, const struct weir_hits *hits)
{
    struct weir_verdict *verdict = &judge->verdict;
    sort_rulings(judge);
    list_fired(judge);
    list_hits(judge);
    list_readings(judge);
    fill_campaign(judge);
    verdict->message_verdict = judge->outcome.message_verdict;
    verdict->user_verdict = judge->outcome.user_verdict;
    verdict->score = judge->outcome.score;
    verdict->effects = judge->outcome.effects;
    verdict->effect_count = judge->outcome.effect_count;
    verdict->fired = judge->fired.items;
    verdict->fired_count = judge->fired.count;
    verdict->reason = reason_of(judge);
    if (judge->recall.standing && judge->recall.standing->reason.length > 0) {
        verdict->reason =
            (struct weir_bilingual){judge->recall.standing->reason, judge->recall.standing->reason};
    }
    write_shadow(judge, verdict);
    if (verdict->message_verdict == WEIR_MESSAGE_MASK) {
        verdict->masked_text = weir_judge_mask(judge);
    }
    weir_judge_list_causes(judge, hits);
}
