#include "engine/judge/outcome.h"

#include "engine/base/alloc.h"

// Where an effect stands among the others; two of one slot exclude each other.
enum slot {
    SLOT_MESSAGE,
    SLOT_USER,
    SLOT_FLAG,
    SLOT_STRIKE,
    SLOT_REPLY,
    SLOT_ROOM_MODE,
};

static enum slot slot_of(const struct weir_effect *effect)
{
    switch (effect->kind) {
    case WEIR_EFFECT_DELETE:
    case WEIR_EFFECT_HOLD:
    case WEIR_EFFECT_MASK:
        return SLOT_MESSAGE;
    case WEIR_EFFECT_BAN:
    case WEIR_EFFECT_TIMEOUT:
    case WEIR_EFFECT_WARN:
        return SLOT_USER;
    case WEIR_EFFECT_FLAG:
        return SLOT_FLAG;
    case WEIR_EFFECT_STRIKE:
        return SLOT_STRIKE;
    case WEIR_EFFECT_REPLY:
        return SLOT_REPLY;
    case WEIR_EFFECT_ROOM_MODE:
        return SLOT_ROOM_MODE;
    }
    return SLOT_ROOM_MODE;
}

enum weir_message_verdict weir_effect_message_verdict(const struct weir_effect *effect)
{
    switch (effect->kind) {
    case WEIR_EFFECT_DELETE:
        return WEIR_MESSAGE_DELETE;
    case WEIR_EFFECT_HOLD:
        return WEIR_MESSAGE_HOLD;
    case WEIR_EFFECT_MASK:
        return WEIR_MESSAGE_MASK;
    case WEIR_EFFECT_FLAG:
        return WEIR_MESSAGE_FLAG;
    default:
        return WEIR_MESSAGE_PASS;
    }
}

enum weir_user_verdict weir_effect_user_verdict(const struct weir_effect *effect)
{
    switch (effect->kind) {
    case WEIR_EFFECT_BAN:
        return WEIR_USER_BAN;
    case WEIR_EFFECT_TIMEOUT:
        return WEIR_USER_TIMEOUT;
    case WEIR_EFFECT_WARN:
        return WEIR_USER_WARN;
    default:
        return WEIR_USER_NONE;
    }
}

void weir_outcome_clear(struct weir_outcome *outcome)
{
    outcome->message_verdict = WEIR_MESSAGE_PASS;
    outcome->user_verdict = WEIR_USER_NONE;
    outcome->score = 0;
    outcome->effect_count = 0;
    outcome->made_count = 0;
}

static void append(struct weir_outcome *outcome, const struct weir_effect *effect)
{
    if (outcome->effect_count == outcome->effect_capacity) {
        outcome->effects = weir_grow(outcome->effects, &outcome->effect_capacity,
                                     outcome->effect_count + 1, sizeof(*outcome->effects));
    }
    outcome->effects[outcome->effect_count++] = effect;
}

static bool is_same_text(const struct weir_effect *a, const struct weir_effect *b)
{
    return weir_span_equals(a->text.zh, b->text.zh) && weir_span_equals(a->text.en, b->text.en);
}

// Whether two effects are about the same thing, so that only one of them may stay.
static bool is_rival(const struct weir_effect *a, const struct weir_effect *b)
{
    if (slot_of(a) != slot_of(b)) {
        return false;
    }
    switch (slot_of(a)) {
    case SLOT_MESSAGE:
    case SLOT_USER:
    case SLOT_STRIKE:
        return true;
    case SLOT_FLAG:
        return weir_span_equals(a->queue, b->queue);
    case SLOT_REPLY:
        return is_same_text(a, b);
    case SLOT_ROOM_MODE:
        return weir_span_equals(a->mode, b->mode);
    }
    return false;
}

static bool is_sooner(int64_t target_ms, int64_t than_ms)
{
    return target_ms > 0 && (than_ms == 0 || target_ms < than_ms);
}

// A room mode without a duration lasts until somebody ends it: longer than any.
static bool is_longer(const struct weir_effect *a, const struct weir_effect *b)
{
    if (a->mode_seconds != b->mode_seconds) {
        return a->mode_seconds > b->mode_seconds;
    }
    return b->duration_ms != 0 && (a->duration_ms == 0 || a->duration_ms > b->duration_ms);
}

static bool is_stronger(const struct weir_effect *a, const struct weir_effect *b)
{
    switch (slot_of(a)) {
    case SLOT_MESSAGE:
        if (a->kind == WEIR_EFFECT_HOLD && b->kind == WEIR_EFFECT_HOLD) {
            return is_sooner(a->target_ms, b->target_ms);
        }
        return weir_effect_message_verdict(a) > weir_effect_message_verdict(b);
    case SLOT_USER:
        if (a->kind == WEIR_EFFECT_TIMEOUT && b->kind == WEIR_EFFECT_TIMEOUT) {
            return a->duration_ms > b->duration_ms;
        }
        return weir_effect_user_verdict(a) > weir_effect_user_verdict(b);
    case SLOT_FLAG:
        return is_sooner(a->target_ms, b->target_ms);
    case SLOT_ROOM_MODE:
        return is_longer(a, b);
    default:
        return false;
    }
}

static struct weir_effect *make_effect(struct weir_outcome *outcome,
                                       const struct weir_effect *pattern)
{
    if (outcome->made_count == WEIR_OUTCOME_MADE) {
        return NULL;
    }
    struct weir_effect *made = &outcome->made[outcome->made_count++];
    *made = *pattern;
    return made;
}

// Strikes add up. The sum is an effect of ours, made once and then raised.
static const struct weir_effect *sum_of_strikes(struct weir_outcome *outcome,
                                                const struct weir_effect *a,
                                                const struct weir_effect *b)
{
    for (size_t i = 0; i < outcome->made_count; i++) {
        if (a == &outcome->made[i]) {
            outcome->made[i].points += b->points;
            return a;
        }
    }
    struct weir_effect *sum = make_effect(outcome, a);
    if (!sum) {
        return a;
    }
    sum->points += b->points;
    return sum;
}

// A queue of its own that a rule named (a crisis team's) hears of the message even where something
// stronger than the hold is done to it. The common one need not review what is settled.
static void flag_instead(struct weir_outcome *outcome, const struct weir_effect *covered,
                         const struct weir_effect *by)
{
    if (covered->kind != WEIR_EFFECT_HOLD || weir_span_is(covered->queue, "review") ||
        (by->kind == WEIR_EFFECT_HOLD && weir_span_equals(by->queue, covered->queue))) {
        return;
    }
    struct weir_effect *flag = make_effect(outcome, covered);
    if (flag) {
        flag->kind = WEIR_EFFECT_FLAG;
        weir_outcome_add(outcome, flag);
    }
}

static void settle_rivals(struct weir_outcome *outcome, size_t index,
                          const struct weir_effect *effect)
{
    const struct weir_effect *there = outcome->effects[index];
    if (slot_of(there) == SLOT_STRIKE) {
        outcome->effects[index] = sum_of_strikes(outcome, there, effect);
    } else if (is_stronger(effect, there)) {
        outcome->effects[index] = effect;
        flag_instead(outcome, there, effect);
    } else {
        flag_instead(outcome, effect, there);
    }
}

void weir_outcome_add(struct weir_outcome *outcome, const struct weir_effect *effect)
{
    enum weir_message_verdict message_verdict = weir_effect_message_verdict(effect);
    enum weir_user_verdict user_verdict = weir_effect_user_verdict(effect);
    if (message_verdict > outcome->message_verdict) {
        outcome->message_verdict = message_verdict;
    }
    if (user_verdict > outcome->user_verdict) {
        outcome->user_verdict = user_verdict;
    }
    for (size_t i = 0; i < outcome->effect_count; i++) {
        if (is_rival(outcome->effects[i], effect)) {
            settle_rivals(outcome, i, effect);
            return;
        }
    }
    append(outcome, effect);
}

uint32_t weir_outcome_strikes(const struct weir_outcome *outcome)
{
    uint32_t points = 0;
    for (size_t i = 0; i < outcome->effect_count; i++) {
        if (outcome->effects[i]->kind == WEIR_EFFECT_STRIKE) {
            points += outcome->effects[i]->points;
        }
    }
    return points;
}

void weir_outcome_drop(struct weir_outcome *outcome, size_t index)
{
    outcome->effect_count--;
    memmove(&outcome->effects[index], &outcome->effects[index + 1],
            (outcome->effect_count - index) * sizeof(*outcome->effects));
}

void weir_outcome_set_duration(struct weir_outcome *outcome, size_t index, int64_t duration_ms)
{
    struct weir_effect *made = make_effect(outcome, outcome->effects[index]);
    if (made) {
        made->duration_ms = duration_ms;
        outcome->effects[index] = made;
    }
}

void weir_outcome_finish(struct weir_outcome *outcome)
{
    // A handful at most, and what came first stays first: insertion is right.
    for (size_t i = 1; i < outcome->effect_count; i++) {
        const struct weir_effect *effect = outcome->effects[i];
        size_t at = i;
        while (at > 0 && slot_of(outcome->effects[at - 1]) > slot_of(effect)) {
            outcome->effects[at] = outcome->effects[at - 1];
            at--;
        }
        outcome->effects[at] = effect;
    }
}
