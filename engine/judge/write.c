#include "engine/base/json.h"
#include "engine/judge/judge.h"
#include "engine/judge/standing.h"

#include <stdio.h>

// The order of fields is part of the contract (design.md 4): replay and the verdict log are
// compared byte for byte, and people read them with their eyes.

static void add_text_or_null(struct weir_buffer *out, const char *name, struct weir_span text)
{
    if (text.length > 0) {
        weir_json_add_text_field(out, name, text);
        return;
    }
    weir_json_add_name(out, name);
    weir_buffer_add(out, WEIR_SPAN("null"));
}

static void open_object(struct weir_buffer *out)
{
    if (out->length > 0 && out->data[out->length - 1] != '[') {
        weir_buffer_add_byte(out, ',');
    }
    weir_buffer_add_byte(out, '{');
}

static void add_for_queue(struct weir_buffer *out, const struct weir_effect *effect)
{
    weir_json_add_text_field(out, "queue", effect->queue);
    if (effect->target_ms > 0) {
        weir_json_add_i64_field(out, "target_ms", effect->target_ms);
    }
}

static void add_room_mode(struct weir_buffer *out, const struct weir_effect *effect)
{
    weir_json_add_text_field(out, "mode", effect->mode);
    if (effect->mode_seconds > 0) {
        weir_json_add_u64_field(out, "seconds", effect->mode_seconds);
    }
    if (effect->duration_ms > 0) {
        weir_json_add_i64_field(out, "for_ms", effect->duration_ms);
    }
}

const char *weir_effect_name(enum weir_effect_kind kind)
{
    switch (kind) {
    case WEIR_EFFECT_DELETE:
        return "delete";
    case WEIR_EFFECT_HOLD:
        return "hold";
    case WEIR_EFFECT_MASK:
        return "mask";
    case WEIR_EFFECT_BAN:
        return "ban";
    case WEIR_EFFECT_WARN:
        return "warn";
    case WEIR_EFFECT_TIMEOUT:
        return "timeout";
    case WEIR_EFFECT_FLAG:
        return "flag";
    case WEIR_EFFECT_STRIKE:
        return "strike";
    case WEIR_EFFECT_REPLY:
        return "reply";
    case WEIR_EFFECT_ROOM_MODE:
        return "room_mode";
    }
    return "";
}

static void add_action(struct weir_buffer *out, const struct weir_verdict *verdict,
                       const struct weir_effect *effect)
{
    open_object(out);
    weir_json_add_text_field(out, "do", weir_span_of(weir_effect_name(effect->kind)));
    switch (effect->kind) {
    case WEIR_EFFECT_HOLD:
    case WEIR_EFFECT_FLAG:
        add_for_queue(out, effect);
        break;
    case WEIR_EFFECT_MASK:
        add_text_or_null(out, "text", verdict->masked_text);
        break;
    case WEIR_EFFECT_TIMEOUT:
        weir_json_add_i64_field(out, "seconds", effect->duration_ms / 1000);
        break;
    case WEIR_EFFECT_STRIKE:
        weir_json_add_u64_field(out, "points", effect->points);
        break;
    case WEIR_EFFECT_WARN:
    case WEIR_EFFECT_REPLY:
        add_text_or_null(out, "text", weir_bilingual_in(effect->text, verdict->prefers_zh));
        break;
    case WEIR_EFFECT_ROOM_MODE:
        add_room_mode(out, effect);
        break;
    case WEIR_EFFECT_DELETE:
    case WEIR_EFFECT_BAN:
        break;
    }
    weir_buffer_add_byte(out, '}');
}

static void add_effects(struct weir_buffer *out, const struct weir_verdict *verdict,
                        const struct weir_effect *const *effects, size_t count)
{
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        add_action(out, verdict, effects[i]);
    }
    weir_buffer_add_byte(out, ']');
}

static void add_hit(struct weir_buffer *out, const struct weir_verdict_hit *hit,
                    const struct weir_view *raw)
{
    open_object(out);
    weir_json_add_text_field(out, "rule", hit->rule->id);
    weir_json_add_text_field(out, "check", weir_span_of(hit->check->path));
    weir_json_add_text_field(out, "view", weir_span_of(weir_view_name(hit->view)));
    weir_json_add_u64_field(out, "start", hit->range.start_char);
    weir_json_add_u64_field(out, "end", hit->range.end_char);
    if (raw) {
        struct weir_span whole = {raw->bytes, raw->length};
        weir_json_add_text_field(out, "text",
                                 weir_span_slice(whole, hit->range.start, hit->range.end));
    }
    if (hit->rule->mode == WEIR_MODE_SHADOW) {
        weir_json_add_bool_field(out, "shadow", true);
    }
    if (hit->more > 0) {
        weir_json_add_u64_field(out, "more", hit->more);
    }
    weir_buffer_add_byte(out, '}');
}

static void add_hits(struct weir_buffer *out, const struct weir_verdict *verdict,
                     struct weir_text *text)
{
    weir_json_add_name(out, "hits");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < verdict->hit_count; i++) {
        add_hit(out, &verdict->hits[i], text ? weir_text_view(text, WEIR_VIEW_RAW) : NULL);
    }
    weir_buffer_add_byte(out, ']');
}

static void add_question(struct weir_buffer *out, const struct weir_verdict *verdict)
{
    weir_json_add_name(out, "question");
    if (!verdict->is_question) {
        weir_buffer_add(out, WEIR_SPAN("null"));
        return;
    }
    weir_buffer_add_byte(out, '{');
    add_text_or_null(out, "topic",
                     verdict->topic ? verdict->topic->id : (struct weir_span){NULL, 0});
    if (verdict->is_urgent) {
        weir_json_add_bool_field(out, "urgent", true);
    }
    weir_buffer_add_byte(out, '}');
}

static void add_rules(struct weir_buffer *out, const char *name,
                      const struct weir_rule *const *rules, size_t count)
{
    weir_json_add_name(out, name);
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        char version[20];
        snprintf(version, sizeof(version), "@%08x", (unsigned)(rules[i]->version >> 32));
        weir_buffer_add_text(out, i > 0 ? ",\"" : "\"");
        weir_buffer_add(out, rules[i]->id);
        weir_buffer_add_text(out, version);
        weir_buffer_add_byte(out, '"');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_shadow(struct weir_buffer *out, const struct weir_verdict *verdict)
{
    weir_json_add_name(out, "shadow");
    if (!verdict->has_shadow) {
        weir_buffer_add(out, WEIR_SPAN("null"));
        return;
    }
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(
        out, "verdict", weir_span_of(weir_message_verdict_name(verdict->shadow_message_verdict)));
    weir_json_add_text_field(out, "user_verdict",
                             weir_span_of(weir_user_verdict_name(verdict->shadow_user_verdict)));
    weir_json_add_i64_field(out, "score", verdict->shadow_score);
    weir_json_add_name(out, "actions");
    add_effects(out, verdict, verdict->shadow_effects, verdict->shadow_effect_count);
    weir_buffer_add_byte(out, '}');
}

// Thousandths as a JSON number without zeros that say nothing.
static void add_milli(struct weir_buffer *out, int64_t milli)
{
    weir_buffer_printf(out, "%lld", (long long)(milli / 1000));
    if (milli % 1000 != 0) {
        weir_buffer_printf(out, ".%03lld", (long long)(milli % 1000));
        while (out->data[out->length - 1] == '0') {
            out->length--;
        }
    }
}

static void add_read(struct weir_buffer *out, const struct weir_verdict *verdict)
{
    weir_json_add_name(out, "read");
    weir_buffer_add_byte(out, '{');
    if (verdict->strikes_milli > 0) {
        weir_buffer_add(out, WEIR_SPAN("\"strikes\":"));
        add_milli(out, verdict->strikes_milli);
    }
    for (size_t i = 0; i < verdict->reading_count; i++) {
        const struct weir_verdict_reading *reading = &verdict->readings[i];
        // Ids and paths are of our own alphabet: nothing in them needs escaping.
        weir_buffer_printf(out, "%s\"%.*s/%s\":", out->data[out->length - 1] == '{' ? "" : ",",
                           WEIR_SPAN_ARGS(reading->rule->id), reading->check->path);
        add_milli(out, reading->value_milli);
    }
    weir_buffer_add_byte(out, '}');
}

// Where a room has a policy of its own, scores alone don't tell which one acted.
static void add_policies(struct weir_buffer *out, const struct weir_verdict *verdict)
{
    weir_json_add_name(out, "policies");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < verdict->policy_count; i++) {
        const struct weir_verdict_policy *policy = &verdict->policies[i];
        open_object(out);
        weir_json_add_text_field(out, "of",
                                 policy->is_room ? WEIR_SPAN("room") : WEIR_SPAN("pack"));
        weir_json_add_text_field(out, "pack", policy->pack);
        weir_json_add_i64_field(out, "score", policy->score);
        weir_json_add_i64_field(out, "reached", policy->reached->score);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_campaign(struct weir_buffer *out, const struct weir_verdict_campaign *campaign)
{
    weir_json_add_name(out, "campaign");
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "id", weir_span_of(campaign->id));
    weir_json_add_u64_field(out, "accounts", campaign->accounts);
    weir_json_add_u64_field(out, "messages", campaign->messages);
    weir_json_add_i64_field(out, "first", campaign->first_ms);
    weir_json_add_i64_field(out, "last", campaign->last_ms);
    weir_json_add_text_field(out, "text", campaign->text);
    weir_json_add_name(out, "earlier");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < campaign->earlier_count; i++) {
        weir_buffer_add_text(out, i > 0 ? "," : "");
        weir_json_add_string(out, campaign->earlier[i].message);
    }
    weir_buffer_add_byte(out, ']');
    if (campaign->decided) {
        weir_json_add_text_field(out, "decision", campaign->decided->decision);
        weir_json_add_i64_field(out, "until", campaign->decided->until_ms);
    }
    weir_buffer_add_byte(out, '}');
}

static void add_degraded(struct weir_buffer *out, const struct weir_verdict *verdict)
{
    weir_json_add_name(out, "degraded");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < verdict->degraded_count; i++) {
        const struct weir_degraded *degraded = &verdict->degraded[i];
        open_object(out);
        add_text_or_null(out, "rule",
                         degraded->rule ? degraded->rule->id : (struct weir_span){NULL, 0});
        weir_json_add_text_field(out, "cause", weir_span_of(degraded->cause));
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

void weir_verdict_write_actions(const struct weir_verdict *verdict, struct weir_buffer *out)
{
    add_effects(out, verdict, verdict->effects, verdict->effect_count);
}

void weir_verdict_write(const struct weir_verdict *verdict, const struct weir_set *set,
                        const struct weir_message *message, struct weir_text *text,
                        struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    add_text_or_null(out, "room", message->room);
    add_text_or_null(out, "id", message->id);
    add_text_or_null(out, "user", message->user.id);
    weir_json_add_i64_field(out, "at", verdict->at_ms);
    weir_json_add_text_field(out, "verdict",
                             weir_span_of(weir_message_verdict_name(verdict->message_verdict)));
    weir_json_add_text_field(out, "user_verdict",
                             weir_span_of(weir_user_verdict_name(verdict->user_verdict)));
    weir_json_add_i64_field(out, "score", verdict->score);
    weir_json_add_name(out, "actions");
    weir_verdict_write_actions(verdict, out);
    add_rules(out, "rules", verdict->fired, verdict->fired_count);
    add_hits(out, verdict, text);
    add_question(out, verdict);
    add_shadow(out, verdict);
    if (verdict->shadow_fired_count > 0) {
        add_rules(out, "shadow_rules", verdict->shadow_fired, verdict->shadow_fired_count);
    }
    add_read(out, verdict);
    if (verdict->has_room_policy) {
        add_policies(out, verdict);
    }
    if (verdict->campaign) {
        add_campaign(out, verdict->campaign);
    }
    add_degraded(out, verdict);
    weir_json_add_text_field(out, "set", weir_span_of(set->hash));
    weir_buffer_add_byte(out, '}');
}
