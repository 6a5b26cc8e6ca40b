#include "engine/triage/card.h"

#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/base/utf8.h"
#include "engine/judge/standing.h"
#include "engine/triage/question_parts.h"

#include <inttypes.h>

static void add_roles(struct weir_buffer *out, uint32_t roles)
{
    weir_json_add_name(out, "roles");
    weir_buffer_add_byte(out, '[');
    for (uint32_t bit = WEIR_ROLE_STREAMER; bit <= WEIR_ROLE_BOT; bit <<= 1) {
        if ((roles & bit) == 0) {
            continue;
        }
        if (out->data[out->length - 1] != '[') {
            weir_buffer_add_byte(out, ',');
        }
        weir_json_add_string(out, weir_span_of(weir_role_name(bit)));
    }
    weir_buffer_add_byte(out, ']');
}

static void add_user(struct weir_buffer *out, const struct weir_user *user)
{
    weir_json_add_text_field(out, "user", user->id);
    weir_json_add_text_field(out, "name", user->name);
    add_roles(out, user->roles);
    weir_json_add_u64_field(out, "tier", user->tier);
    weir_json_add_text_field(out, "identity", weir_span_of(weir_identity_name(user->identity)));
}

static void add_rules(struct weir_buffer *out, const struct weir_card *card)
{
    weir_json_add_name(out, "rules");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < card->rule_count; i++) {
        if (i > 0) {
            weir_buffer_add_byte(out, ',');
        }
        weir_json_add_string(out, card->rules[i]->id);
    }
    weir_buffer_add_byte(out, ']');
}

static void add_flag(struct weir_buffer *out, const struct weir_card *card)
{
    weir_json_add_text_field(out, "verdict", card->verdict);
    add_rules(out, card);
    weir_json_add_text_field(out, "reason",
                             weir_bilingual_in(card->reason, card->reason.zh.length > 0));
}

static void add_earlier(struct weir_buffer *out, const struct weir_verdict_campaign *campaign)
{
    weir_json_add_name(out, "earlier");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < campaign->earlier_count; i++) {
        const struct weir_said *said = &campaign->earlier[i];
        weir_buffer_add_text(out, i > 0 ? ",[" : "[");
        weir_json_add_string(out, said->message);
        weir_buffer_add_byte(out, ',');
        weir_json_add_string(out, said->user);
        weir_buffer_add_byte(out, ',');
        weir_json_add_string(out, said->name);
        weir_buffer_add_byte(out, ']');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_campaign(struct weir_buffer *out, const struct weir_verdict_campaign *campaign)
{
    char sketch[WEIR_SKETCH_TEXT];
    weir_sketch_write(sketch, campaign->sketch);
    weir_json_add_text_field(out, "campaign", weir_span_of(campaign->id));
    weir_json_add_u64_field(out, "accounts", campaign->accounts);
    weir_json_add_u64_field(out, "messages", campaign->messages);
    weir_json_add_i64_field(out, "first", campaign->first_ms);
    weir_json_add_i64_field(out, "last", campaign->last_ms);
    weir_json_add_text_field(out, "sketch", weir_span_of(sketch));
    if (campaign->earlier_count > 0) {
        add_earlier(out, campaign);
    }
    if (campaign->decided) {
        weir_json_add_text_field(out, "decision", campaign->decided->decision);
        weir_json_add_text_field(out, "head", campaign->decided->card);
    }
}

static bool is_in_chinese(struct weir_span text)
{
    for (size_t at = 0; at < text.length;) {
        if (weir_is_han(weir_utf8_next(text, &at))) {
            return true;
        }
    }
    return false;
}

// Skills of who answers, sorted by the library.
static void add_needs(struct weir_buffer *out, const struct weir_topic *topic,
                      struct weir_span text)
{
    weir_json_add_name(out, "needs");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < topic->needs_count; i++) {
        struct weir_span need = topic->needs[i];
        if (weir_span_is(need, "language")) {
            need = is_in_chinese(text) ? WEIR_SPAN("zh") : WEIR_SPAN("en");
        }
        weir_buffer_add_text(out, i > 0 ? "," : "");
        weir_json_add_string(out, need);
    }
    weir_buffer_add_byte(out, ']');
}

// As the library wants it: `AFTER_MS QUEUE,AFTER_MS QUEUE`.
static void add_escalations(struct weir_buffer *out, const struct weir_topic *topic)
{
    weir_json_add_name(out, "escalate");
    weir_buffer_add_byte(out, '"');
    for (size_t i = 0; i < topic->escalation_count; i++) {
        const struct weir_escalation *step = &topic->escalations[i];
        weir_buffer_printf(out, "%s%" PRId64 " %.*s", i > 0 ? "," : "", step->after_ms,
                           WEIR_SPAN_ARGS(step->queue)); // names of queues need no escapes
    }
    weir_buffer_add_byte(out, '"');
}

static void add_topic_rules(struct weir_buffer *out, const struct weir_card *card)
{
    const struct weir_topic *topic = card->rules_of_topic;
    if (topic && topic->needs_count > 0) {
        add_needs(out, topic, card->text);
    }
    if (topic && topic->escalation_count > 0) {
        add_escalations(out, topic);
    }
}

void weir_card_write(const struct weir_card *card, struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "id", weir_span_of(card->id));
    weir_json_add_text_field(out, "fp", weir_span_of(card->fingerprint));
    weir_json_add_text_field(out, "queue", card->queue);
    weir_json_add_text_field(
        out, "kind", card->kind == WEIR_CARD_QUESTION ? WEIR_SPAN("question") : WEIR_SPAN("flag"));
    weir_json_add_text_field(out, "room", card->room);
    if (card->kind == WEIR_CARD_QUESTION) {
        weir_json_add_text_field(out, "topic", card->topic);
        weir_json_add_text_field(out, "scene", card->scene);
        weir_json_add_text_field(out, "before", card->before);
    }
    weir_json_add_text_field(out, "text", card->text);
    weir_json_add_text_field(out, "message", card->message);
    if (card->has_seq) {
        weir_json_add_u64_field(out, "seq", card->seq);
    }
    add_user(out, &card->user);
    weir_json_add_i64_field(out, "at", card->at_ms);
    weir_json_add_i64_field(out, "target", card->target_ms);
    weir_json_add_bool_field(out, "urgent", card->urgent);
    if (card->kind == WEIR_CARD_FLAG) {
        add_flag(out, card);
        if (card->campaign) {
            add_campaign(out, card->campaign);
        }
    } else {
        weir_json_add_text_field(out, "suggestion", card->suggestion);
        if (card->complaint) {
            weir_json_add_bool_field(out, "complaint", true);
        }
        add_topic_rules(out, card);
    }
    weir_buffer_add_byte(out, '}');
}
