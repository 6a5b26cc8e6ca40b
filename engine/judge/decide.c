// What follows from the rulings: their effects and what policies say to the sum of their scores.
// Shadow rules are judged with the others; what they would have changed is worked out by putting
// everything together a second time, with them.

#include "engine/judge/judge_private.h"

#include "engine/base/alloc.h"
#include "engine/judge/strikes.h"

// Strikes never go to somebody whose id is not one person's (design.md 8.8).
static void add_effect(struct weir_judge *judge, struct weir_outcome *outcome,
                       const struct weir_effect *effect)
{
    if (effect->kind != WEIR_EFFECT_STRIKE || judge->input.user.is_known) {
        weir_outcome_add(outcome, effect);
    }
}

// Of a rule that did too much nothing is done but what asks a human.
static void add_tripped(struct weir_judge *judge, struct weir_outcome *outcome,
                        const struct ruling *ruling)
{
    const struct weir_breaker *breaker =
        &judge->plan.set->policies[judge->plan.policy_of_rule[ruling->rule->index]].breaker;
    weir_outcome_add_on_error(outcome, breaker->holds ? WEIR_ON_ERROR_HOLD : WEIR_ON_ERROR_FLAG);
    if (ruling->breaker == WEIR_BREAKER_OPENED) {
        weir_outcome_add(outcome, &breaker->alarm);
    }
}

static void add_consequences(struct weir_judge *judge, struct weir_outcome *outcome,
                             const struct ruling *ruling)
{
    const struct weir_rule *rule = ruling->rule;
    if (ruling->breaker != WEIR_BREAKER_CLOSED) {
        add_tripped(judge, outcome, ruling);
        return;
    }
    if (ruling->truth == WEIR_UNKNOWN) {
        weir_outcome_add_on_error(outcome, rule->on_error);
        return;
    }
    for (size_t i = 0; i < rule->effect_count; i++) {
        add_effect(judge, outcome, &rule->effects[i]);
    }
    uint32_t policy = judge->plan.policy_of_rule[rule->index];
    if (policy != WEIR_NO_POLICY && !rule->reads_score) {
        judge->pack_scores[policy] += rule->score;
    }
}

static const struct weir_threshold *reached_by(const struct weir_threshold *thresholds,
                                               size_t count, int32_t score)
{
    const struct weir_threshold *reached = NULL;
    for (size_t i = 0; i < count && score >= thresholds[i].score; i++) {
        reached = &thresholds[i];
    }
    return reached;
}

const struct weir_threshold *weir_judge_threshold(const struct weir_judge *judge, size_t policy)
{
    const struct weir_policy *of = &judge->plan.set->policies[policy];
    return judge->room_policy && judge->room_policy->is_alone
               ? NULL
               : reached_by(of->thresholds, of->threshold_count, judge->pack_scores[policy]);
}

const struct weir_threshold *weir_judge_room_threshold(const struct weir_judge *judge,
                                                       int32_t score)
{
    const struct weir_room_policy *policy = judge->room_policy;
    return policy && !judge->is_room_exempt
               ? reached_by(policy->thresholds, policy->threshold_count, score)
               : NULL;
}

static void add_threshold(struct weir_judge *judge, struct weir_outcome *outcome,
                          const struct weir_verdict_policy *policy)
{
    struct weir_verdict *verdict = &judge->verdict;
    for (size_t i = 0; i < policy->reached->effect_count; i++) {
        add_effect(judge, outcome, &policy->reached->effects[i]);
    }
    judge->policies = weir_grow(judge->policies, &judge->policy_capacity, verdict->policy_count + 1,
                                sizeof(*judge->policies));
    judge->policies[verdict->policy_count++] = *policy;
    verdict->policies = judge->policies;
}

static void add_policies(struct weir_judge *judge, struct weir_outcome *outcome)
{
    const struct weir_set *set = judge->plan.set;
    judge->verdict.policy_count = 0;
    for (size_t i = 0; i < set->policy_count; i++) {
        const struct weir_verdict_policy policy = {
            .pack = set->policies[i].pack,
            .score = judge->pack_scores[i],
            .reached = weir_judge_threshold(judge, i),
        };
        if (policy.reached) {
            add_threshold(judge, outcome, &policy);
        }
    }
    const struct weir_verdict_policy of_room = {
        .pack = judge->room_policy ? judge->room_policy->pack : (struct weir_span){0},
        .is_room = true,
        .score = outcome->score,
        .reached = weir_judge_room_threshold(judge, outcome->score),
    };
    if (of_room.reached) {
        add_threshold(judge, outcome, &of_room);
    }
}

static bool holds_for(struct weir_judge *judge, const struct weir_condition *condition)
{
    judge->unused.count = 0;
    return weir_evidence_holds(&judge->evidence, condition, WEIR_NO_OWNER, &judge->unused) ==
           WEIR_TRUE;
}

// The first that is for the room, also where it exempts the user.
static void find_room_policy(struct weir_judge *judge)
{
    const struct weir_set *set = judge->plan.set;
    judge->room_policy = NULL;
    for (size_t i = 0; i < set->room_policy_count && !judge->alone; i++) {
        const struct weir_room_policy *policy = &set->room_policies[i];
        if (!policy->in || holds_for(judge, policy->in)) {
            judge->room_policy = policy;
            judge->is_room_exempt = policy->exempt && holds_for(judge, policy->exempt);
            break;
        }
    }
    judge->verdict.has_room_policy = judge->room_policy != NULL;
}

// A step of the ladder is taken when a strike is added, never by those of before alone.
static void climb_ladder(struct weir_judge *judge, struct weir_outcome *outcome)
{
    const struct weir_strike_policy *policy = &judge->plan.set->strikes;
    uint32_t points = weir_outcome_strikes(outcome);
    judge->step = NULL; // of the shadow, which came before
    if (points == 0 || policy->ladder_count == 0) {
        return;
    }
    const struct weir_threshold *step =
        weir_strikes_step(policy, judge->input.user.strikes_milli + points * 1000);
    for (size_t i = 0; step && i < step->effect_count; i++) {
        weir_outcome_add(outcome, &step->effects[i]);
    }
    judge->step = step;
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
        if (ruling->truth == WEIR_TRUE && weir_ruling_counts(ruling, with_shadow) &&
            !ruling->rule->reads_score && ruling->breaker == WEIR_BREAKER_CLOSED) {
            sum += ruling->rule->score;
        }
    }
    return sum;
}

// What a moderator decided of a campaign holds for whoever joins it, but for those who run the
// room.
static void add_standing(struct weir_judge *judge, struct weir_outcome *outcome)
{
    const struct weir_standing *standing = judge->recall.standing;
    const uint32_t exempt = WEIR_ROLE_STREAMER | WEIR_ROLE_MODERATOR;
    for (size_t i = 0; standing && i < standing->effect_count; i++) {
        if ((judge->input.message->user.roles & exempt) == 0) {
            add_effect(judge, outcome, &standing->effects[i]);
        }
    }
}

static void put_together(struct weir_judge *judge, struct weir_outcome *outcome, bool with_shadow)
{
    clear_pack_scores(judge);
    outcome->score = sum_of_scores(judge, with_shadow);
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (weir_ruling_counts(&judge->rulings.items[i], with_shadow)) {
            add_consequences(judge, outcome, &judge->rulings.items[i]);
        }
    }
    add_policies(judge, outcome);
    add_standing(judge, outcome);
    climb_ladder(judge, outcome);
    weir_judge_add_causes(judge, outcome);
    weir_outcome_finish(outcome);
}

// A mode that is on needs no asking; what was written before we came is no reason for one.
static void enter_modes(struct weir_judge *judge, struct weir_outcome *outcome)
{
    for (size_t i = outcome->effect_count; i-- > 0;) {
        int64_t for_ms = 0;
        const struct weir_effect *effect = outcome->effects[i];
        if (effect->kind != WEIR_EFFECT_ROOM_MODE || judge->input.message->is_history) {
            continue;
        }
        if (!weir_mode_enter(judge->memory->modes, effect, judge->input.now_ms, &for_ms)) {
            weir_outcome_drop(outcome, i);
        } else if (for_ms != effect->duration_ms) {
            weir_outcome_set_duration(outcome, i, for_ms);
        }
    }
}

bool weir_judge_has_shadow(const struct weir_judge *judge)
{
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (judge->rulings.items[i].rule->mode == WEIR_MODE_SHADOW) {
            return true;
        }
    }
    return false;
}

void weir_judge_decide(struct weir_judge *judge)
{
    weir_outcome_clear(&judge->outcome);
    weir_outcome_clear(&judge->shadow);
    judge->step = NULL;
    weir_judge_check_breakers(judge);
    weir_judge_rule_by_score(judge, sum_of_scores(judge, false), WEIR_MODE_LIVE);
    weir_judge_rule_by_score(judge, sum_of_scores(judge, true), WEIR_MODE_SHADOW);
    if (judge->rulings.count == 0 && judge->causes == 0 && !judge->recall.standing) {
        return; // as nearly always: nothing follows from nothing, the least threshold is 1
    }
    find_room_policy(judge);
    if (weir_judge_has_shadow(judge)) {
        put_together(judge, &judge->shadow, true);
    }
    put_together(judge, &judge->outcome, false); // last: masking asks for the packs' live scores
    weir_judge_count_actions(judge);
    enter_modes(judge, &judge->outcome);
}
