#include "engine/judge/prove.h"

#include "engine/base/alloc.h"

// What a sample that failed was read as: the author sees which check it was, not only that.
struct prover {
    const struct weir_set *set;
    struct weir_judge *judge;
    struct weir_diagnostics *diagnostics;
    struct weir_proof proof;
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

static bool holds(struct prover *prover, const struct weir_rule *rule,
                  const struct weir_sample *sample, const struct weir_verdict **verdict_out)
{
    WEIR_AUTO(weir_memory_destroy) struct weir_memory *memory = weir_memory_create();
    struct weir_message message = message_of(sample);
    struct weir_room_view room = {
        .id = message.room, .state = WEIR_SPAN("live"), .scene = sample->scene};
    const struct weir_verdict *verdict =
        weir_judge_alone(prover->judge, prover->set, memory, &room, &message, rule);
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
    weir_diagnostics_error(prover->diagnostics, &sample->place,
                           "this `hit` line does not fire rule '%.*s'%s%s",
                           WEIR_SPAN_ARGS(rule->id), verdict->degraded_count > 0 ? ": " : "",
                           verdict->degraded_count > 0 ? verdict->degraded[0].cause : "");
}

static void prove_sample(struct prover *prover, const struct weir_rule *rule,
                         const struct weir_sample *sample)
{
    const struct weir_verdict *verdict = NULL;
    bool fires = holds(prover, rule, sample, &verdict);
    if (fires == sample->expect_hit) {
        prover->proof.passed++;
        return;
    }
    prover->proof.failed++;
    if (fires) {
        report_unwanted(prover, rule, sample, verdict);
    } else {
        report_missing(prover, rule, sample, verdict);
    }
}

struct weir_proof weir_set_count_proof(const struct weir_set *set,
                                       struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(weir_judge_destroy)
    struct weir_judge *judge = weir_judge_create(WEIR_PROVE_CHARS);
    struct prover prover = {.set = set, .judge = judge, .diagnostics = diagnostics};
    for (size_t i = 0; i < set->rule_count; i++) {
        const struct weir_rule *rule = set->rules[i];
        for (size_t j = 0; j < rule->sample_count; j++) {
            prove_sample(&prover, rule, &rule->samples[j]);
        }
    }
    return prover.proof;
}

bool weir_set_prove(const struct weir_set *set, struct weir_diagnostics *diagnostics)
{
    return weir_set_count_proof(set, diagnostics).failed == 0;
}
