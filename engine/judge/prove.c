#include "engine/judge/prove.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge_private.h"
#include "engine/judge/why.h"

struct prover {
    const struct weir_set *set;
    struct weir_judge *judge;
    struct weir_diagnostics *diagnostics;
};

static struct weir_message message_of(const struct weir_sample *sample)
{
    return (struct weir_message){
        .room = WEIR_SPAN("sample"),
        .id = WEIR_SPAN("sample"),
        .ts_ms = 1,
        .user = {.id = sample->user_id,
                 .roles = sample->roles,
                 .tier = sample->tier,
                 .identity = sample->identity},
        .text = sample->text,
    };
}

// All that the checks were asked with stays in the judge, for those who ask why.
static bool fires(struct prover *prover, const struct weir_rule *rule,
                  const struct weir_sample *sample, const struct weir_verdict **verdict_out)
{
    struct weir_judge *judge = prover->judge;
    weir_memory_destroy(&judge->sample_memory);
    judge->sample_memory = weir_memory_create();
    judge->sample = message_of(sample);
    judge->sample_room = (struct weir_room_view){
        .id = judge->sample.room, .state = WEIR_SPAN("live"), .scene = sample->scene};
    const struct weir_verdict *verdict = weir_judge_alone(
        judge, prover->set, judge->sample_memory, &judge->sample_room, &judge->sample, rule);
    *verdict_out = verdict;
    return verdict->fired_count + verdict->shadow_fired_count > 0;
}

static void report_unwanted(struct prover *prover, const struct weir_rule *rule,
                            const struct weir_sample *sample, const struct weir_verdict *verdict)
{
    if (verdict->hit_count == 0) {
        weir_diagnostics_error(prover->diagnostics, &sample->place,
                               "this `miss` line fires rule '%.*s'", WEIR_SPAN_ARGS(rule->id));
        return;
    }
    const struct weir_verdict_hit *hit = &verdict->hits[0];
    const struct weir_view *raw = weir_text_view(weir_judge_text(prover->judge), WEIR_VIEW_RAW);
    weir_diagnostics_error(prover->diagnostics, &sample->place,
                           "this `miss` line fires rule '%.*s': %s found '%.*s' in view %s",
                           WEIR_SPAN_ARGS(rule->id), hit->check->path,
                           (int)(hit->range.end - hit->range.start), raw->bytes + hit->range.start,
                           weir_view_name(hit->view));
}

static void report_missing(struct prover *prover, const struct weir_rule *rule,
                           const struct weir_sample *sample, const struct weir_verdict *verdict)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer why = {0};
    if (verdict->degraded_count > 0) {
        weir_buffer_add_text(&why, verdict->degraded[0].cause);
    } else {
        weir_judge_why_not(prover->judge, rule, &why);
    }
    weir_diagnostics_error(prover->diagnostics, &sample->place,
                           "this `hit` line does not fire rule '%.*s': %s",
                           WEIR_SPAN_ARGS(rule->id), weir_buffer_text(&why));
}

bool weir_sample_prove(struct weir_judge *judge, const struct weir_set *set,
                       const struct weir_rule *rule, const struct weir_sample *sample,
                       struct weir_diagnostics *diagnostics,
                       const struct weir_verdict **verdict_out)
{
    struct prover prover = {set, judge, diagnostics};
    bool does_fire = fires(&prover, rule, sample, verdict_out);
    if (does_fire == sample->expect_hit) {
        return true;
    }
    if (does_fire) {
        report_unwanted(&prover, rule, sample, *verdict_out);
    } else {
        report_missing(&prover, rule, sample, *verdict_out);
    }
    return false;
}

bool weir_set_prove(const struct weir_set *set, struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(weir_judge_destroy) struct weir_judge *judge = weir_judge_create(WEIR_PROVE_CHARS);
    bool all_good = true;
    for (size_t i = 0; i < set->rule_count; i++) {
        const struct weir_rule *rule = set->rules[i];
        for (size_t j = 0; j < rule->sample_count; j++) {
            const struct weir_verdict *verdict;
            all_good =
                weir_sample_prove(judge, set, rule, &rule->samples[j], diagnostics, &verdict) &&
                all_good;
        }
    }
    return all_good;
}
