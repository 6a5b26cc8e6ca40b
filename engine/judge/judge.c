#include "engine/judge/judge.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"
#include "engine/base/utf8.h"
#include "engine/judge/evidence.h"
#include "engine/judge/memory.h"
#include "engine/judge/outcome.h"
#include "engine/judge/plan.h"
#include "engine/judge/prove.h"
#include "engine/triage/question.h"
#include "engine/triage/topic.h"

#include <stdlib.h>

// One message: views and scan, then the rules that a hit concerns or that need none, then those
// that read the score, then policies. Shadow rules are judged with the others; what they would have
// changed is worked out by putting everything together a second time, with them.

// A rule that came out true, or could not be decided.
struct ruling {
    const struct weir_rule *rule;
    enum weir_truth truth;
    size_t found; // first of its hits in the list
    size_t found_end;
};

struct ruling_list {
    struct ruling *items;
    size_t count;
    size_t capacity;
};

struct rule_list {
    const struct weir_rule **items;
    size_t count;
    size_t capacity;
};

struct weir_judge {
    struct weir_text *text;
    struct weir_match_scratch *scratch;
    struct weir_plan plan;
    struct weir_evidence evidence;
    struct weir_check_input input;
    const struct weir_rule *alone; // prove: judge this one only

    uint32_t *candidates; // rules to look at, rising
    size_t candidate_count;
    size_t candidate_capacity;
    struct ruling_list rulings;
    struct weir_found_list found;
    struct weir_found_list unused; // hits of conditions that nobody is shown

    int32_t *pack_scores; // by policy
    size_t pack_score_capacity;
    struct weir_outcome outcome;
    struct weir_outcome shadow;

    struct rule_list fired;
    struct rule_list shadow_fired;
    struct weir_verdict_hit *hits;
    size_t hit_capacity;
    struct weir_degraded *degraded;
    size_t degraded_capacity;
    struct weir_text_range *masked;
    size_t masked_capacity;
    struct weir_buffer masked_text;
    struct weir_verdict verdict;
};

static const struct weir_effect hold_undecided = {.kind = WEIR_EFFECT_HOLD, .queue = {"review", 6}};
static const struct weir_effect flag_undecided = {.kind = WEIR_EFFECT_FLAG, .queue = {"review", 6}};

struct weir_judge *weir_judge_create(uint32_t max_chars)
{
    struct weir_judge *judge = weir_new(struct weir_judge);
    judge->text = weir_text_create(max_chars);
    judge->scratch = weir_match_scratch_create();
    return judge;
}

void weir_judge_destroy(struct weir_judge **judge)
{
    struct weir_judge *old = weir_take(*judge);
    if (!old) {
        return;
    }
    weir_text_destroy(&old->text);
    weir_match_scratch_destroy(&old->scratch);
    weir_plan_fini(&old->plan);
    weir_evidence_fini(&old->evidence);
    weir_buffer_fini(&old->masked_text);
    free(old->candidates);
    free(old->rulings.items);
    free(old->found.items);
    free(old->unused.items);
    free(old->pack_scores);
    free(old->outcome.effects);
    free(old->shadow.effects);
    free(old->fired.items);
    free(old->shadow_fired.items);
    free(old->hits);
    free(old->degraded);
    free(old->masked);
    free(old);
}

struct weir_text *weir_judge_text(struct weir_judge *judge)
{
    return judge->text;
}

// --- which rules hold ---

static void add_candidate(struct weir_judge *judge, uint32_t index)
{
    if (judge->candidate_count == judge->candidate_capacity) {
        judge->candidates = weir_grow(judge->candidates, &judge->candidate_capacity,
                                      judge->candidate_count + 1, sizeof(uint32_t));
    }
    size_t at = judge->candidate_count;
    while (at > 0 && judge->candidates[at - 1] > index) {
        at--;
    }
    if (at > 0 && judge->candidates[at - 1] == index) {
        return;
    }
    memmove(judge->candidates + at + 1, judge->candidates + at,
            (judge->candidate_count - at) * sizeof(uint32_t));
    judge->candidates[at] = index;
    judge->candidate_count++;
}

static void add_candidate_of(struct weir_judge *judge, uint32_t owner)
{
    uint32_t index = judge->plan.rule_of_owner[owner];
    if (index != WEIR_NO_RULE) {
        add_candidate(judge, index);
    }
}

static void collect_candidates(struct weir_judge *judge, const struct weir_hits *hits)
{
    judge->candidate_count = 0;
    for (size_t i = 0; i < judge->plan.always_count; i++) {
        add_candidate(judge, judge->plan.always[i]);
    }
    for (size_t i = 0; i < hits->count; i++) {
        if (i == 0 || hits->hits[i].owner != hits->hits[i - 1].owner) {
            add_candidate_of(judge, hits->hits[i].owner);
        }
    }
    for (size_t i = 0; i < hits->limit_count; i++) {
        add_candidate_of(judge, hits->limits[i].owner);
    }
}

static enum weir_truth evaluate(struct weir_judge *judge, const struct weir_rule *rule)
{
    struct weir_evidence *evidence = &judge->evidence;
    enum weir_truth when =
        weir_evidence_holds(evidence, rule->when, rule->except_owner, &judge->found);
    if (!rule->unless) {
        return when;
    }
    judge->unused.count = 0;
    enum weir_truth unless =
        weir_evidence_holds(evidence, rule->unless, WEIR_NO_OWNER, &judge->unused);
    if (when == WEIR_FALSE || unless == WEIR_TRUE) {
        return WEIR_FALSE;
    }
    return unless == WEIR_UNKNOWN ? WEIR_UNKNOWN : when;
}

static bool is_judged(const struct weir_judge *judge, const struct weir_rule *rule)
{
    return judge->alone ? rule == judge->alone : rule->mode != WEIR_MODE_DISABLED;
}

static bool is_exempt(struct weir_judge *judge, const struct weir_rule *rule)
{
    uint32_t index = judge->plan.policy_of_rule[rule->index];
    if (index == WEIR_NO_POLICY || !judge->plan.set->policies[index].exempt) {
        return false;
    }
    judge->unused.count = 0;
    return weir_evidence_holds(&judge->evidence, judge->plan.set->policies[index].exempt,
                               WEIR_NO_OWNER, &judge->unused) == WEIR_TRUE;
}

static void rule_on(struct weir_judge *judge, const struct weir_rule *rule)
{
    if (!is_judged(judge, rule)) {
        return;
    }
    size_t before = judge->found.count;
    enum weir_truth truth = evaluate(judge, rule);
    if (truth == WEIR_FALSE || is_exempt(judge, rule)) {
        judge->found.count = before;
        return;
    }
    struct ruling_list *list = &judge->rulings;
    if (list->count == list->capacity) {
        list->items =
            weir_grow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
    }
    list->items[list->count++] = (struct ruling){rule, truth, before, judge->found.count};
}

static void rule_on_candidates(struct weir_judge *judge)
{
    const struct weir_set *set = judge->plan.set;
    judge->found.count = 0;
    judge->rulings.count = 0;
    for (size_t i = 0; i < judge->candidate_count; i++) {
        rule_on(judge, set->rules[judge->candidates[i]]);
    }
}

// --- what follows ---

static bool counts(const struct ruling *ruling, bool with_shadow)
{
    return with_shadow || ruling->rule->mode != WEIR_MODE_SHADOW;
}

static void add_undecided(struct weir_outcome *outcome, const struct weir_rule *rule)
{
    if (rule->on_error == WEIR_ON_ERROR_HOLD) {
        weir_outcome_add(outcome, &hold_undecided);
    } else if (rule->on_error == WEIR_ON_ERROR_FLAG) {
        weir_outcome_add(outcome, &flag_undecided);
    }
}

static void add_consequences(struct weir_judge *judge, struct weir_outcome *outcome,
                             const struct ruling *ruling)
{
    const struct weir_rule *rule = ruling->rule;
    if (ruling->truth == WEIR_UNKNOWN) {
        add_undecided(outcome, rule);
        return;
    }
    for (size_t i = 0; i < rule->effect_count; i++) {
        weir_outcome_add(outcome, &rule->effects[i]);
    }
    uint32_t policy = judge->plan.policy_of_rule[rule->index];
    if (policy != WEIR_NO_POLICY && !rule->reads_score) {
        judge->pack_scores[policy] += rule->score;
    }
}

static const struct weir_threshold *threshold_of(const struct weir_judge *judge, size_t policy)
{
    const struct weir_policy *of = &judge->plan.set->policies[policy];
    const struct weir_threshold *reached = NULL;
    for (size_t i = 0; i < of->threshold_count; i++) {
        if (judge->pack_scores[policy] >= of->thresholds[i].score) {
            reached = &of->thresholds[i];
        }
    }
    return reached;
}

static void add_policies(struct weir_judge *judge, struct weir_outcome *outcome)
{
    for (size_t i = 0; i < judge->plan.set->policy_count; i++) {
        const struct weir_threshold *threshold = threshold_of(judge, i);
        for (size_t j = 0; threshold && j < threshold->effect_count; j++) {
            weir_outcome_add(outcome, &threshold->effects[j]);
        }
    }
}

static void clear_pack_scores(struct weir_judge *judge)
{
    size_t count = judge->plan.set->policy_count;
    if (count > judge->pack_score_capacity) {
        judge->pack_scores = weir_realloc_array(judge->pack_scores, count, sizeof(int32_t));
        judge->pack_score_capacity = count;
    }
    if (count > 0) {
        memset(judge->pack_scores, 0, count * sizeof(int32_t));
    }
}

static int32_t sum_of_scores(const struct weir_judge *judge, bool with_shadow)
{
    int32_t sum = 0;
    for (size_t i = 0; i < judge->rulings.count; i++) {
        const struct ruling *ruling = &judge->rulings.items[i];
        if (ruling->truth == WEIR_TRUE && counts(ruling, with_shadow) &&
            !ruling->rule->reads_score) {
            sum += ruling->rule->score;
        }
    }
    return sum;
}

// Rules that read the score look at the sum of all others, and add none.
static void rule_by_score(struct weir_judge *judge, int32_t score, enum weir_mode mode)
{
    judge->input.score = score;
    for (size_t i = 0; i < judge->plan.by_score_count; i++) {
        const struct weir_rule *rule = judge->plan.set->rules[judge->plan.by_score[i]];
        if (judge->alone ? mode == WEIR_MODE_LIVE : rule->mode == mode) {
            rule_on(judge, rule);
        }
    }
}

static void put_together(struct weir_judge *judge, struct weir_outcome *outcome, bool with_shadow)
{
    clear_pack_scores(judge);
    outcome->score = sum_of_scores(judge, with_shadow);
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (counts(&judge->rulings.items[i], with_shadow)) {
            add_consequences(judge, outcome, &judge->rulings.items[i]);
        }
    }
    add_policies(judge, outcome);
    if (weir_text_facts(judge->text)->truncated) {
        weir_outcome_add(outcome, &flag_undecided);
    }
    weir_outcome_finish(outcome);
}

static bool has_shadow_ruling(const struct weir_judge *judge)
{
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (judge->rulings.items[i].rule->mode == WEIR_MODE_SHADOW) {
            return true;
        }
    }
    return false;
}

static void decide(struct weir_judge *judge)
{
    weir_outcome_clear(&judge->outcome);
    weir_outcome_clear(&judge->shadow);
    rule_by_score(judge, sum_of_scores(judge, false), WEIR_MODE_LIVE);
    rule_by_score(judge, sum_of_scores(judge, true), WEIR_MODE_SHADOW);
    if (has_shadow_ruling(judge)) {
        put_together(judge, &judge->shadow, true);
    }
    put_together(judge, &judge->outcome, false); // last: masking asks for the packs' live scores
}

// --- the verdict ---

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
            add_rule(counts(ruling, false) ? &judge->fired : &judge->shadow_fired, ruling->rule);
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

static void degrade(struct weir_judge *judge, const struct weir_rule *rule, const char *cause)
{
    size_t *count = &judge->verdict.degraded_count;
    for (size_t i = 0; i < *count; i++) {
        if (judge->degraded[i].rule == rule && strcmp(judge->degraded[i].cause, cause) == 0) {
            return;
        }
    }
    if (*count == judge->degraded_capacity) {
        judge->degraded = weir_grow(judge->degraded, &judge->degraded_capacity, *count + 1,
                                    sizeof(*judge->degraded));
    }
    judge->degraded[(*count)++] = (struct weir_degraded){rule, cause};
}

static void list_degraded(struct weir_judge *judge, const struct weir_hits *hits)
{
    for (size_t i = 0; i < hits->limit_count; i++) {
        uint32_t index = judge->plan.rule_of_owner[hits->limits[i].owner];
        degrade(judge, index == WEIR_NO_RULE ? NULL : judge->plan.set->rules[index],
                hits->limits[i].cause);
    }
    if (hits->more) {
        degrade(judge, NULL, "more hits than one scan keeps");
    }
    if (judge->evidence.crowded > 0) {
        degrade(judge, NULL, "more hits than near compares");
    }
    if (weir_text_facts(judge->text)->truncated) {
        degrade(judge, NULL, "text over the limit: only its beginning was judged");
    }
    judge->verdict.degraded = judge->degraded;
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

// --- masking ---

static bool has_mask(const struct weir_effect *effects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (effects[i].kind == WEIR_EFFECT_MASK) {
            return true;
        }
    }
    return false;
}

// A rule's hits are masked where it says so itself, or adds to a score that does.
static bool asks_for_mask(const struct weir_judge *judge, const struct weir_rule *rule)
{
    if (has_mask(rule->effects, rule->effect_count)) {
        return true;
    }
    uint32_t policy = judge->plan.policy_of_rule[rule->index];
    if (policy == WEIR_NO_POLICY || rule->score <= 0) {
        return false;
    }
    const struct weir_threshold *threshold = threshold_of(judge, policy);
    return threshold && has_mask(threshold->effects, threshold->effect_count);
}

static size_t collect_masked(struct weir_judge *judge)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->rulings.count; i++) {
        const struct ruling *ruling = &judge->rulings.items[i];
        if (ruling->truth != WEIR_TRUE || !counts(ruling, false) ||
            !asks_for_mask(judge, ruling->rule)) {
            continue;
        }
        size_t more = ruling->found_end - ruling->found;
        if (count + more > judge->masked_capacity) {
            judge->masked = weir_grow(judge->masked, &judge->masked_capacity, count + more,
                                      sizeof(*judge->masked));
        }
        for (size_t j = ruling->found; j < ruling->found_end; j++) {
            judge->masked[count++] = judge->found.items[j].range;
        }
    }
    return count;
}

static bool begins_before(const struct weir_text_range *a, const struct weir_text_range *b)
{
    return a->start < b->start;
}

WEIR_DEFINE_SORT(sort_ranges, struct weir_text_range, begins_before)

static void add_stars(struct weir_judge *judge, struct weir_span raw)
{
    for (size_t left = weir_utf8_count(raw); left > 0; left--) {
        weir_buffer_add_byte(&judge->masked_text, '*');
    }
}

// The text with a star for each character that a masking rule hit; all of it where such a rule
// (`caps`, say) has no place that it hit.
static struct weir_span mask(struct weir_judge *judge)
{
    const struct weir_view *view = weir_text_view(judge->text, WEIR_VIEW_RAW);
    struct weir_span raw = {view->bytes, view->length};
    size_t count = collect_masked(judge);
    weir_buffer_clear(&judge->masked_text);
    if (count == 0) {
        add_stars(judge, raw);
        return weir_buffer_span(&judge->masked_text);
    }
    sort_ranges(judge->masked, count);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct weir_text_range range = judge->masked[i];
        size_t start = range.start > at ? range.start : at;
        if (range.end <= start) {
            continue;
        }
        weir_buffer_add(&judge->masked_text, weir_span_slice(raw, at, start));
        add_stars(judge, weir_span_slice(raw, start, range.end));
        at = range.end;
    }
    weir_buffer_add(&judge->masked_text, weir_span_slice(raw, at, raw.length));
    return weir_buffer_span(&judge->masked_text);
}

static void write_shadow(struct weir_judge *judge, struct weir_verdict *verdict)
{
    const struct weir_outcome *live = &judge->outcome;
    const struct weir_outcome *shadow = &judge->shadow;
    verdict->shadow_fired = judge->shadow_fired.items;
    verdict->shadow_fired_count = judge->shadow_fired.count;
    verdict->has_shadow =
        has_shadow_ruling(judge) &&
        (shadow->message_verdict != live->message_verdict ||
         shadow->user_verdict != live->user_verdict || shadow->score != live->score);
    verdict->shadow_message_verdict = shadow->message_verdict;
    verdict->shadow_user_verdict = shadow->user_verdict;
    verdict->shadow_score = shadow->score;
}

static void write_verdict(struct weir_judge *judge)
{
    struct weir_verdict *verdict = &judge->verdict;
    sort_rulings(judge);
    list_fired(judge);
    list_hits(judge);
    verdict->message_verdict = judge->outcome.message_verdict;
    verdict->user_verdict = judge->outcome.user_verdict;
    verdict->score = judge->outcome.score;
    verdict->effects = judge->outcome.effects;
    verdict->effect_count = judge->outcome.effect_count;
    verdict->fired = judge->fired.items;
    verdict->fired_count = judge->fired.count;
    verdict->reason = reason_of(judge);
    write_shadow(judge, verdict);
    if (verdict->message_verdict == WEIR_MESSAGE_MASK) {
        verdict->masked_text = mask(judge);
    }
}

static void find_topic(struct weir_judge *judge)
{
    if (!judge->verdict.is_question) {
        return;
    }
    judge->unused.count = 0;
    judge->verdict.topic =
        weir_topic_of(judge->plan.set, &judge->evidence, &judge->unused, &judge->verdict.is_urgent);
}

static void judge_text(struct weir_judge *judge, const struct weir_set *set,
                       const struct weir_message *message)
{
    const struct weir_hits *hits = weir_matcher_scan(set->matcher, judge->scratch, judge->text);
    judge->verdict.is_question = weir_is_question(judge->text, message);
    judge->input.is_question = judge->verdict.is_question;
    weir_evidence_set(&judge->evidence, judge->plan.owner_count, &judge->input, hits);
    collect_candidates(judge, hits);
    rule_on_candidates(judge);
    decide(judge);
    find_topic(judge);
    write_verdict(judge);
    list_degraded(judge, hits);
}

const struct weir_verdict *weir_judge_message(struct weir_judge *judge, const struct weir_set *set,
                                              struct weir_memory *memory,
                                              const struct weir_room_view *room,
                                              const struct weir_message *message,
                                              int64_t arrival_ms)
{
    int64_t now_ms = weir_memory_tick(memory, message->ts_ms, arrival_ms);
    weir_plan_use(&judge->plan, set);
    judge->verdict = (struct weir_verdict){.at_ms = now_ms};
    weir_text_set(judge->text, message->text, message->emotes, message->emote_count,
                  message->damaged);
    judge->verdict.prefers_zh = weir_memory_prefers_zh(memory, weir_text_facts(judge->text));
    judge->input = (struct weir_check_input){
        .message = message, .room = room, .text = judge->text, .now_ms = now_ms};
    if (!message->from_self) {
        judge_text(judge, set, message);
    }
    return &judge->verdict;
}

const struct weir_verdict *weir_judge_alone(struct weir_judge *judge, const struct weir_set *set,
                                            struct weir_memory *memory,
                                            const struct weir_room_view *room,
                                            const struct weir_message *message,
                                            const struct weir_rule *rule)
{
    judge->alone = rule;
    const struct weir_verdict *verdict =
        weir_judge_message(judge, set, memory, room, message, message->ts_ms);
    judge->alone = NULL;
    return verdict;
}

bool weir_verdict_is_worth_logging(const struct weir_verdict *verdict)
{
    return verdict->message_verdict != WEIR_MESSAGE_PASS ||
           verdict->user_verdict != WEIR_USER_NONE || verdict->is_question ||
           verdict->fired_count > 0 || verdict->shadow_fired_count > 0 ||
           verdict->degraded_count > 0;
}

const char *weir_message_verdict_name(enum weir_message_verdict verdict)
{
    static const char *const names[] = {"pass", "flag", "mask", "hold", "delete"};
    weir_assert((size_t)verdict < ARRAY_LEN(names));
    return names[verdict];
}

const char *weir_user_verdict_name(enum weir_user_verdict verdict)
{
    static const char *const names[] = {"none", "warn", "timeout", "ban"};
    weir_assert((size_t)verdict < ARRAY_LEN(names));
    return names[verdict];
}
