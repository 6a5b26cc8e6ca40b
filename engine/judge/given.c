#include "engine/judge/given.h"

#include "engine/judge/judge_private.h"
#include "engine/rules/checks.h"

static const struct weir_given_reading *find_reading(const struct weir_given *given,
                                                     const struct weir_rule *rule,
                                                     const struct weir_check *check)
{
    struct weir_span path = weir_span_of(check->path);
    for (size_t i = 0; i < given->count; i++) {
        struct weir_span name = given->readings[i].name;
        if (name.length == rule->id.length + 1 + path.length && weir_span_starts(name, rule->id) &&
            name.data[rule->id.length] == '/' &&
            weir_span_equals(weir_span_slice(name, rule->id.length + 1, name.length), path)) {
            return &given->readings[i];
        }
    }
    return NULL;
}

// A count that a rule had read and fired on was over its threshold; where it had been over the
// upper one before, the lower one was enough.
void weir_judge_give(struct weir_judge *judge)
{
    const struct weir_set *set = judge->plan.set;
    for (size_t i = 0; i < set->check_count && judge->input.readings; i++) {
        const struct weir_check *check = set->checks[i];
        if (!check->rule || check->kind->value != weir_value_series) {
            continue;
        }
        const struct weir_series *series = check->arguments;
        const struct weir_given_reading *found = find_reading(judge->given, check->rule, check);
        uint32_t value = found ? (uint32_t)(found->value_milli / 1000) : 0;
        if (found || judge->recall.readings[series->index].value == WEIR_READING_OPEN) {
            judge->recall.readings[series->index] = (struct weir_reading){
                found && value > (series->low ? series->low : series->max), value};
        }
    }
}

static const struct weir_given_reading *find_kind(const struct weir_judge *judge,
                                                  const struct weir_set *set, const char *kind)
{
    for (size_t i = 0; i < set->check_count; i++) {
        const struct weir_check *check = set->checks[i];
        const struct weir_given_reading *found =
            check->rule && strcmp(check->kind->name, kind) == 0
                ? find_reading(judge->given, check->rule, check)
                : NULL;
        if (found) {
            return found;
        }
    }
    return NULL;
}

// `trust` leaves only one of the numbers that it reads; the rule fired, so the others were enough.
static struct weir_user_record record_of(const struct weir_judge *judge, const struct weir_set *set,
                                         uint32_t strikes_milli)
{
    const struct weir_given_reading *first = find_kind(judge, set, "first_message");
    const struct weir_given_reading *trust = find_kind(judge, set, "trust");
    return (struct weir_user_record){
        .key = weir_memory_user_key(judge->sample.user.id),
        .first_ms = 0,
        .strikes_ms = judge->given->at_ms,
        .strikes_milli = strikes_milli,
        .messages = first   ? (uint32_t)(first->value_milli / 1000)
                    : trust ? INT32_MAX
                            : 0,
        .clean = trust ? (uint32_t)(trust->value_milli / 1000) : 0,
    };
}

static const struct weir_verdict *judge_with(struct weir_judge *judge, const struct weir_set *set,
                                             const struct weir_room_view *room,
                                             const struct weir_message *message,
                                             uint32_t strikes_milli)
{
    weir_memory_destroy(&judge->sample_memory);
    judge->sample_memory = weir_memory_create();
    struct weir_user_record record = record_of(judge, set, strikes_milli);
    if (message->user.id.length > 0 && (strikes_milli > 0 || record.messages > 0)) {
        weir_memory_restore_user(judge->sample_memory, &record);
    }
    return weir_judge_message(judge, set, judge->sample_memory, room, message, judge->given->at_ms);
}

const struct weir_verdict *weir_judge_given(struct weir_judge *judge, const struct weir_set *set,
                                            const struct weir_room_view *room,
                                            const struct weir_message *message,
                                            const struct weir_given *given)
{
    judge->given = given;
    judge->sample = *message;
    judge->sample_room = *room;
    judge->sample.ts_ms = given->at_ms;
    const struct weir_verdict *verdict =
        judge_with(judge, set, &judge->sample_room, &judge->sample, 0);
    uint32_t own = verdict->strikes_milli; // what the message itself adds
    if (given->strikes_milli > own) {
        verdict =
            judge_with(judge, set, &judge->sample_room, &judge->sample, given->strikes_milli - own);
    }
    judge->given = NULL;
    return verdict;
}
