#include "engine/judge/judge.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge_private.h"
#include "engine/judge/memory_private.h"
#include "engine/judge/prove.h"
#include "engine/triage/question.h"
#include "engine/triage/topic.h"

#include <stdlib.h>

// One message: views and scan, which rules hold (rulings.c), what follows (decide.c), and what
// others are shown of it (fill.c, mask.c).

struct weir_judge *weir_judge_create(uint32_t max_chars)
{
    struct weir_judge *judge = weir_new(struct weir_judge);
    judge->text = weir_text_create(max_chars);
    judge->scratch = weir_match_scratch_create();
    judge->words = weir_question_words_create();
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
    weir_question_words_destroy(&old->words);
    weir_plan_fini(&old->plan);
    weir_memory_destroy(&old->sample_memory);
    weir_evidence_fini(&old->evidence);
    weir_recall_fini(&old->recall);
    weir_buffer_fini(&old->masked_text);
    free(old->candidates);
    free(old->woken);
    free(old->rulings.items);
    free(old->found.items);
    free(old->unused.items);
    free(old->pack_scores);
    free(old->outcome.effects);
    free(old->shadow.effects);
    free(old->fired.items);
    free(old->shadow_fired.items);
    free(old->hits);
    free(old->readings);
    free(old->policies);
    free(old->degraded);
    free(old->masked);
    free(old);
}

void weir_judge_exchange_plan(struct weir_judge *judge, struct weir_plan *plan)
{
    struct weir_plan old = judge->plan;
    judge->plan = *plan;
    *plan = old;
}

void weir_judge_profile(struct weir_judge *judge, struct weir_profile *profile)
{
    judge->profile = profile;
    judge->evidence.profile = profile ? &profile->match : NULL;
    weir_match_scratch_profile(judge->scratch, judge->evidence.profile);
}

struct weir_text *weir_judge_text(struct weir_judge *judge)
{
    return judge->text;
}

static void find_topic(struct weir_judge *judge)
{
    if (!judge->verdict.is_question) {
        return;
    }
    const struct weir_view *tight = weir_text_view(judge->text, WEIR_VIEW_TIGHT);
    judge->verdict.asked = (struct weir_span){tight->bytes, tight->length};
    judge->unused.count = 0;
    judge->verdict.topic =
        weir_topic_of(judge->plan.set, &judge->evidence, &judge->unused, &judge->verdict.is_urgent);
}

static void judge_text(struct weir_judge *judge, const struct weir_set *set,
                       const struct weir_message *message)
{
    struct weir_suspensions *suspensions = &judge->memory->suspensions;
    struct weir_gate_owners resting[WEIR_SUSPENSIONS_MOST];
    weir_match_scratch_suspend(judge->scratch, resting,
                               weir_suspensions_begin(suspensions, &judge->plan, resting));
    const struct weir_hits *hits = weir_matcher_scan(set->matcher, judge->scratch, judge->text);
    weir_match_scratch_suspend(judge->scratch, NULL, 0);
    judge->verdict.suspended = weir_suspensions_note(suspensions, &judge->plan, hits);
    judge->verdict.is_question = weir_is_question(judge->words, judge->text, message);
    judge->input.is_question = judge->verdict.is_question;
    weir_evidence_set(&judge->evidence, judge->plan.owner_count, &judge->input, hits);
    weir_judge_recall(judge);
    if (judge->given) {
        weir_judge_give(judge);
    }
    weir_judge_rule(judge, hits);
    weir_judge_find_causes(judge, hits);
    weir_judge_decide(judge);
    weir_judge_learn(judge);
    find_topic(judge);
    weir_judge_fill_verdict(judge, hits);
}

const struct weir_verdict *weir_judge_message(struct weir_judge *judge, const struct weir_set *set,
                                              struct weir_memory *memory,
                                              const struct weir_room_view *room,
                                              const struct weir_message *message,
                                              int64_t arrival_ms)
{
    int64_t now_ms = weir_memory_tick(memory, message->ts_ms, arrival_ms);
    weir_plan_use(&judge->plan, set);
    judge->memory = memory;
    judge->verdict = (struct weir_verdict){.at_ms = now_ms};
    weir_text_set(judge->text, message->text, message->emotes, message->emote_count,
                  message->damaged);
    judge->verdict.prefers_zh = weir_memory_prefers_zh(memory, weir_text_facts(judge->text));
    judge->memo = (struct weir_check_memo){false};
    judge->input = (struct weir_check_input){.message = message,
                                             .room = room,
                                             .text = judge->text,
                                             .now_ms = now_ms,
                                             .memo = &judge->memo};
    judge->is_read = !message->from_self;
    if (judge->is_read) {
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
