// What could not be decided as it should be: each cause has a policy, is named in the verdict, and
// can be forced, so that its policy is seen at work before it is needed.

#include "engine/judge/judge_private.h"

#include "engine/base/alloc.h"

static const char *const names[WEIR_CAUSES] = {"limit",  "hits",  "near",   "text",
                                               "memory", "redis", "breaker"};

static const char *const words[WEIR_CAUSES] = {
    [WEIR_CAUSE_LIMIT] = "match limit (simulated)",
    [WEIR_CAUSE_HITS] = "more hits than one scan keeps",
    [WEIR_CAUSE_NEAR] = "more hits than near compares",
    [WEIR_CAUSE_TEXT] = "text over the limit: only its beginning was judged",
    [WEIR_CAUSE_MEMORY] = "memory is full: something was forgotten before its time",
    [WEIR_CAUSE_REDIS] = "Redis is away: strikes given elsewhere may be missing",
};

const char *weir_cause_name(enum weir_cause cause)
{
    return names[cause];
}

bool weir_cause_find(struct weir_span name, enum weir_cause *cause_out)
{
    for (int i = 0; i < WEIR_CAUSE_BREAKER; i++) {
        if (weir_span_is(name, names[i])) {
            *cause_out = (enum weir_cause)i;
            return true;
        }
    }
    return false;
}

uint32_t weir_verdict_causes(const struct weir_verdict *verdict)
{
    uint32_t causes = 0;
    for (size_t i = 0; i < verdict->degraded_count; i++) {
        causes |= 1u << verdict->degraded[i].kind;
    }
    return causes;
}

void weir_judge_simulate(struct weir_judge *judge, uint32_t causes)
{
    judge->simulated = causes;
}

void weir_judge_set_redis_away(struct weir_judge *judge, bool is_away)
{
    judge->is_redis_away = is_away;
}

void weir_judge_simulate_limits(struct weir_judge *judge)
{
    const struct weir_set *set = judge->plan.set;
    if (!(judge->simulated & 1u << WEIR_CAUSE_LIMIT)) {
        return;
    }
    for (size_t i = 0; i < set->check_count; i++) {
        if (weir_span_is(weir_span_of(set->checks[i]->kind->name), "regex")) {
            weir_evidence_limit(&judge->evidence, (uint32_t)i);
            weir_judge_add_candidate_of(judge, (uint32_t)i);
        }
    }
}

void weir_judge_find_causes(struct weir_judge *judge, const struct weir_hits *hits)
{
    uint32_t found = judge->simulated & ~(1u << WEIR_CAUSE_LIMIT);
    found |= hits->more ? 1u << WEIR_CAUSE_HITS : 0;
    found |= judge->evidence.crowded > 0 ? 1u << WEIR_CAUSE_NEAR : 0;
    found |= weir_text_facts(judge->text)->truncated ? 1u << WEIR_CAUSE_TEXT : 0;
    found |= judge->recall.has_forgotten ? 1u << WEIR_CAUSE_MEMORY : 0;
    // Where nothing follows from it, every verdict of hours would say so, and go into the log for
    // it.
    bool follows = judge->plan.set->on_error[WEIR_CAUSE_REDIS] != WEIR_ON_ERROR_PASS;
    found |= judge->is_redis_away && follows ? 1u << WEIR_CAUSE_REDIS : 0;
    judge->causes = found;
}

void weir_outcome_add_on_error(struct weir_outcome *outcome, enum weir_on_error on_error)
{
    static const struct weir_effect hold = {.kind = WEIR_EFFECT_HOLD, .queue = {"review", 6}};
    static const struct weir_effect flag = {.kind = WEIR_EFFECT_FLAG, .queue = {"review", 6}};
    if (on_error != WEIR_ON_ERROR_PASS) {
        weir_outcome_add(outcome, on_error == WEIR_ON_ERROR_HOLD ? &hold : &flag);
    }
}

void weir_judge_add_causes(const struct weir_judge *judge, struct weir_outcome *outcome)
{
    for (int i = 0; judge->causes != 0 && i < WEIR_CAUSES; i++) {
        if ((judge->causes >> i & 1u) != 0) {
            weir_outcome_add_on_error(outcome, judge->plan.set->on_error[i]);
        }
    }
}

static void degrade(struct weir_judge *judge, const struct weir_rule *rule, enum weir_cause kind,
                    const char *cause)
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
    judge->degraded[(*count)++] = (struct weir_degraded){rule, kind, cause};
}

static void list_breakers(struct weir_judge *judge)
{
    for (size_t i = 0; i < judge->rulings.count; i++) {
        const struct ruling *ruling = &judge->rulings.items[i];
        if (ruling->breaker != WEIR_BREAKER_CLOSED) {
            degrade(judge, ruling->rule, WEIR_CAUSE_BREAKER,
                    ruling->breaker == WEIR_BREAKER_OPENED
                        ? "circuit breaker opened: it did more than its policy allows"
                        : "circuit breaker is open");
        }
    }
}

static void list_simulated_limits(struct weir_judge *judge)
{
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (judge->rulings.items[i].truth == WEIR_UNKNOWN) {
            degrade(judge, judge->rulings.items[i].rule, WEIR_CAUSE_LIMIT, words[WEIR_CAUSE_LIMIT]);
        }
    }
}

void weir_judge_list_causes(struct weir_judge *judge, const struct weir_hits *hits)
{
    list_breakers(judge);
    for (size_t i = 0; i < hits->limit_count; i++) {
        const struct weir_set *set = judge->plan.set;
        uint32_t owner = hits->limits[i].owner;
        degrade(judge, owner < set->check_count ? set->checks[owner]->rule : NULL, WEIR_CAUSE_LIMIT,
                hits->limits[i].cause);
    }
    if (judge->simulated & 1u << WEIR_CAUSE_LIMIT) {
        list_simulated_limits(judge);
    }
    for (int i = 0; judge->causes != 0 && i < WEIR_CAUSES; i++) {
        if ((judge->causes >> i & 1u) != 0) {
            degrade(judge, NULL, (enum weir_cause)i, words[i]);
        }
    }
    judge->verdict.degraded = judge->degraded;
}
