#include "engine/stream/consequences.h"

#include "engine/base/hash.h"
#include "engine/base/room_protocol.h"
#include "engine/judge/standing.h"

#include <stdio.h>

static uint64_t chained_hash(uint64_t seed, struct weir_span room, struct weir_span cause,
                             struct weir_span variant)
{
    struct weir_hash_key key = {seed, seed};
    key.low = weir_hash(key, room);
    key.high = weir_hash(key, cause);
    return weir_hash(key, variant);
}

void weir_action_id(char out[40], struct weir_span room, struct weir_span cause,
                    struct weir_span variant)
{
    memcpy(out, "a-", 2);
    weir_hash_write(out + 2, chained_hash(1, room, cause, variant));
    weir_hash_write(out + 18, chained_hash(2, room, cause, variant));
    out[34] = '\0';
}

// A message's id; with its seq where it has none, or where an edit makes it a cause of its own.
static struct weir_span cause_of(const struct weir_message *message, char *space, size_t capacity)
{
    if (message->id.length > 0 && !message->is_edit) {
        return message->id;
    }
    int length = snprintf(space, capacity, "%.*s\n%llu\n%lld", WEIR_SPAN_ARGS(message->id),
                          (unsigned long long)message->seq,
                          message->has_seq ? 0 : (long long)message->ts_ms);
    return (struct weir_span){space, (size_t)length < capacity ? (size_t)length : capacity - 1};
}

struct builder {
    const struct weir_verdict *verdict;
    const struct weir_message *message;
    struct weir_consequences *out;
    struct weir_span cause;
};

static void fill_action(struct builder *builder, enum weir_do kind, const char *variant, char *id,
                        struct weir_action *action)
{
    const struct weir_message *message = builder->message;
    weir_action_id(id, message->room, builder->cause, weir_span_of(variant));
    *action = (struct weir_action){
        .id = weir_span_of(id),
        .room = message->room,
        .kind = kind,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .message = message->id,
        .user = message->user.id,
        .user_name = message->user.name,
        .reason = weir_bilingual_in(builder->verdict->reason, builder->verdict->prefers_zh),
        .rules = builder->out->rules,
        .rule_count = builder->out->rule_count,
    };
}

static struct weir_action *add_action(struct builder *builder, enum weir_do kind)
{
    struct weir_consequences *out = builder->out;
    char variant[32];
    if (out->count == WEIR_CONSEQUENCES) {
        return NULL;
    }
    snprintf(variant, sizeof(variant), "%s/%zu", weir_do_name(kind), out->count);
    fill_action(builder, kind, variant, out->ids[out->count], &out->actions[out->count]);
    out->lasts_s[out->count] = 0;
    return &out->actions[out->count++];
}

// Has its id from the same cause, but never that of an action: it is another one's place.
static struct weir_action *add_instead(struct builder *builder, enum weir_do kind)
{
    struct weir_consequences *out = builder->out;
    char variant[32];
    snprintf(variant, sizeof(variant), "%s/late", weir_do_name(kind));
    fill_action(builder, kind, variant, out->instead_id, &out->instead);
    out->has_instead = true;
    return &out->instead;
}

static bool has_message(const struct builder *builder)
{
    builder->out->no_target += builder->message->id.length == 0;
    return builder->message->id.length > 0;
}

static bool has_user(const struct builder *builder)
{
    const struct weir_user *user = &builder->message->user;
    bool has = user->id.length > 0 && user->identity != WEIR_IDENTITY_NONE &&
               user->identity != WEIR_IDENTITY_MASKED;
    builder->out->no_target += !has;
    return has;
}

// What is done to the message: natively, or by what stands in for it; where the gate's verdict does
// it, only should that come too late.
static void do_to_message(struct builder *builder, const struct weir_powers *powers)
{
    static const enum weir_do kinds[] = {
        [WEIR_GATE_HOLD] = WEIR_DO_HOLD,
        [WEIR_GATE_DELETE] = WEIR_DO_DELETE,
        [WEIR_GATE_MASK] = WEIR_DO_MASK,
    };
    struct weir_consequences *out = builder->out;
    if (out->gate == WEIR_GATE_PASS) {
        return;
    }
    enum weir_do kind = kinds[out->gate];
    if (!powers->can[kind] && kind != WEIR_DO_DELETE) {
        bool deletes = kind == WEIR_DO_HOLD ? powers->no_hold_deletes : powers->no_mask_deletes;
        out->mapped += !powers->is_gate;
        kind = WEIR_DO_DELETE;
        if (!deletes) {
            return;
        }
    }
    if (!powers->is_gate && !has_message(builder)) {
        return;
    }
    struct weir_action *action =
        powers->is_gate ? add_instead(builder, kind) : add_action(builder, kind);
    if (action && kind == WEIR_DO_MASK) {
        action->text = out->mask_text;
    }
}

static void add_room_mode(struct builder *builder, const struct weir_effect *effect)
{
    struct weir_action *action = add_action(builder, WEIR_DO_ROOM_MODE);
    if (action) {
        action->mode = effect->mode;
        action->seconds = effect->mode_seconds;
        builder->out->lasts_s[builder->out->count - 1] = (uint32_t)(effect->duration_ms / 1000);
    }
}

static void add_to_user(struct builder *builder, enum weir_do kind,
                        const struct weir_effect *effect)
{
    struct weir_action *action = has_user(builder) ? add_action(builder, kind) : NULL;
    if (action) {
        action->text = weir_bilingual_in(effect->text, builder->verdict->prefers_zh);
        action->seconds = kind == WEIR_DO_TIMEOUT ? (uint32_t)(effect->duration_ms / 1000) : 0;
    }
}

static void add_effect(struct builder *builder, const struct weir_effect *effect)
{
    struct weir_action *action;
    switch (effect->kind) {
    case WEIR_EFFECT_BAN:
        add_to_user(builder, WEIR_DO_BAN, effect);
        return;
    case WEIR_EFFECT_TIMEOUT:
        add_to_user(builder, WEIR_DO_TIMEOUT, effect);
        return;
    case WEIR_EFFECT_WARN:
        add_to_user(builder, WEIR_DO_WARN, effect);
        return;
    case WEIR_EFFECT_REPLY:
        action = add_action(builder, WEIR_DO_REPLY);
        if (action) {
            action->text = weir_bilingual_in(effect->text, builder->verdict->prefers_zh);
        }
        return;
    case WEIR_EFFECT_ROOM_MODE:
        add_room_mode(builder, effect);
        return;
    default:
        return; // delete, hold, mask: the message's part; flag: a card; strike: the judge's memory
    }
}

static enum weir_gate gate_of(enum weir_message_verdict verdict)
{
    switch (verdict) {
    case WEIR_MESSAGE_DELETE:
        return WEIR_GATE_DELETE;
    case WEIR_MESSAGE_HOLD:
        return WEIR_GATE_HOLD;
    case WEIR_MESSAGE_MASK:
        return WEIR_GATE_MASK;
    default:
        return WEIR_GATE_PASS;
    }
}

// A campaign is one thing: what is deleted of it now, its messages of before are too, as far as
// viewers may still see them. Each has the id that its own deletion would have had.
static void delete_earlier(struct builder *builder)
{
    const struct weir_verdict_campaign *campaign = builder->verdict->campaign;
    if (!campaign || builder->out->gate != WEIR_GATE_DELETE || builder->message->is_history) {
        return;
    }
    for (size_t i = 0; i < campaign->earlier_count; i++) {
        const struct weir_said *earlier = &campaign->earlier[i];
        struct weir_action *action = add_action(builder, WEIR_DO_DELETE);
        if (action) {
            char *id = builder->out->ids[builder->out->count - 1];
            weir_action_id(id, action->room, earlier->message, WEIR_SPAN("delete/0"));
            action->message = earlier->message;
            action->user = earlier->user;
            action->user_name = earlier->name;
        }
    }
}

void weir_consequences_of(const struct weir_verdict *verdict, const struct weir_message *message,
                          const struct weir_powers *powers, struct weir_consequences *out)
{
    char space[600];
    out->count = out->rule_count = 0;
    out->mapped = out->no_target = 0;
    out->has_instead = false;
    out->gate = gate_of(verdict->message_verdict);
    out->mask_text = verdict->masked_text;
    if (out->gate == WEIR_GATE_PASS && verdict->effect_count == 0) {
        return; // nearly every message
    }
    struct builder builder = {verdict, message, out, cause_of(message, space, sizeof(space))};
    for (size_t i = 0; i < verdict->fired_count && i < WEIR_CONSEQUENCE_RULES; i++) {
        out->rules[out->rule_count++] = verdict->fired[i]->id;
    }
    if (verdict->campaign && verdict->campaign->decided &&
        out->rule_count < WEIR_CONSEQUENCE_RULES) {
        out->rules[out->rule_count++] = verdict->campaign->decided->decision;
    }
    do_to_message(&builder, powers);
    for (size_t i = 0; i < verdict->effect_count; i++) {
        add_effect(&builder, verdict->effects[i]);
    }
    delete_earlier(&builder);
}
