/** Inside engine/judge: what its parts hand to each other, in the order of a message's way. */
#ifndef WEIR_JUDGE_JUDGE_PRIVATE_H
#define WEIR_JUDGE_JUDGE_PRIVATE_H

#include "engine/judge/evidence.h"
#include "engine/judge/given.h"
#include "engine/judge/judge.h"
#include "engine/judge/outcome.h"
#include "engine/judge/plan.h"
#include "engine/judge/recall.h"

// Whether a rule did more than its policy allows.
enum breaker_state {
    WEIR_BREAKER_CLOSED,
    WEIR_BREAKER_OPENED, // by this message: it raises the alarm
    WEIR_BREAKER_OPEN,
};

// A rule that came out true, or could not be decided.
struct ruling {
    const struct weir_rule *rule;
    enum weir_truth truth;
    size_t found; // first of its hits in the list
    size_t found_end;
    enum breaker_state breaker;
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
    struct weir_question_words *words;
    struct weir_plan plan;
    struct weir_evidence evidence;
    struct weir_check_input input;
    struct weir_check_memo memo; // what it points to
    struct weir_memory *memory;  // of the room of the message in hand
    struct weir_recall recall;
    uint32_t simulated; // causes that are there for every message
    bool is_redis_away;
    uint32_t causes;               // of this message as a whole
    const struct weir_rule *alone; // prove: judge this one only
    struct weir_profile *profile;  // NULL: nobody looks at the clock
    struct weir_message sample;    // prove: what `input` is about, and where it was said
    struct weir_room_view sample_room;
    struct weir_memory *sample_memory;
    const struct weir_given *given; // instead of the memory; NULL: the memory
    bool is_read;                   // the last message was looked at, so `evidence` is about it

    uint32_t *candidates; // rules to look at, rising
    uint64_t *woken;      // by rule: the stamp of the message that it was a candidate of last
    size_t candidate_count;
    size_t candidate_capacity;
    struct ruling_list rulings;
    struct weir_found_list found;
    struct weir_found_list unused; // hits of conditions that nobody is shown

    int32_t *pack_scores; // by policy
    size_t pack_score_capacity;
    struct weir_outcome outcome;
    struct weir_outcome shadow;
    const struct weir_threshold *step; // of the ladder that the last outcome took; NULL: none
    const struct weir_room_policy *room_policy; // that is for the room; NULL: none
    bool is_room_exempt;                        // but not for this user
    struct weir_verdict_policy *policies;       // thresholds that the last outcome reached
    size_t policy_capacity;

    struct rule_list fired;
    struct rule_list shadow_fired;
    struct weir_verdict_hit *hits;
    size_t hit_capacity;
    struct weir_verdict_reading *readings;
    size_t reading_capacity;
    struct weir_degraded *degraded;
    size_t degraded_capacity;
    struct weir_text_range *masked;
    size_t masked_capacity;
    struct weir_buffer masked_text;
    struct weir_verdict_campaign campaign;
    struct weir_verdict verdict;
};

/** Whether a ruling counts for what is done; with shadow, for what would be. */
static inline bool weir_ruling_counts(const struct ruling *ruling, bool with_shadow)
{
    return with_shadow || ruling->rule->mode != WEIR_MODE_SHADOW;
}

/** recall.c: what the memory says before anything is judged; counts this message. */
void weir_judge_recall(struct weir_judge *judge);
/** The same for the series of `rule` that count hits of rules that were judged before it. */
void weir_judge_recall_hits(struct weir_judge *judge, const struct weir_rule *rule);
/** given.c: puts what is given in the place of what the memory said. */
void weir_judge_give(struct weir_judge *judge);
/** What the memory keeps of the outcome: strikes, and the user's history. */
void weir_judge_learn(struct weir_judge *judge);

/** rulings.c: the rule of a check is to be looked at for this message. */
void weir_judge_add_candidate_of(struct weir_judge *judge, uint32_t owner);
/** rulings.c: which rules hold; fills `rulings` and `found`. */
void weir_judge_rule(struct weir_judge *judge, const struct weir_hits *hits);
/** The same for the rules that read the score. */
void weir_judge_rule_by_score(struct weir_judge *judge, int32_t score, enum weir_mode mode);

/** breaker.c: marks the rulings of rules that have done too much; before decide. */
void weir_judge_check_breakers(struct weir_judge *judge);
/** Counts what the rules did; after decide. */
void weir_judge_count_actions(struct weir_judge *judge);

/** causes.c: what could not be decided as it should be. Before the rules are ruled on: */
void weir_judge_simulate_limits(struct weir_judge *judge);
/** After: which causes concern the whole message. */
void weir_judge_find_causes(struct weir_judge *judge, const struct weir_hits *hits);
void weir_judge_add_causes(const struct weir_judge *judge, struct weir_outcome *outcome);
void weir_judge_list_causes(struct weir_judge *judge, const struct weir_hits *hits);
void weir_outcome_add_on_error(struct weir_outcome *outcome, enum weir_on_error on_error);

/** decide.c: what follows from the rulings; fills `outcome` and `shadow`. */
void weir_judge_decide(struct weir_judge *judge);
/** The highest threshold of a pack's policy, or of the room's, that the live scores reach, or NULL.
 */
const struct weir_threshold *weir_judge_threshold(const struct weir_judge *judge, size_t policy);
const struct weir_threshold *weir_judge_room_threshold(const struct weir_judge *judge,
                                                       int32_t score);
bool weir_judge_has_shadow(const struct weir_judge *judge);

/** fill.c: the verdict as others see it, after decide. */
void weir_judge_fill_verdict(struct weir_judge *judge, const struct weir_hits *hits);

/** mask.c: the text with a star for each character that a masking rule hit. */
struct weir_span weir_judge_mask(struct weir_judge *judge);

#endif
