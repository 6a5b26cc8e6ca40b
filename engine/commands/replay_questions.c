#include "engine/commands/replay_questions.h"

#include "engine/base/json.h"
#include "engine/base/terminal.h"

static const struct weir_card *question_of(const struct weir_triaged *triaged)
{
    bool has = triaged->count > 0 && triaged->cards[0].kind == WEIR_CARD_QUESTION;
    return has ? &triaged->cards[0] : NULL;
}

void weir_question_write_text(const struct weir_message *message,
                              const struct weir_triaged *triaged, struct weir_buffer *out)
{
    const struct weir_card *card = question_of(triaged);
    if (!card && !triaged->answered) {
        return;
    }
    const char *fate = triaged->answered ? "answered" : triaged->joins ? "again" : "new";
    weir_buffer_printf(out, "%-9s %.8s  ", fate, card ? card->fingerprint : "        ");
    weir_terminal_add(out, message->id);
    weir_buffer_add_text(out, "  ");
    weir_terminal_add(out, message->text);
    if (card && card->topic.length > 0) {
        weir_buffer_printf(out, "  [%.*s]", WEIR_SPAN_ARGS(card->topic));
    }
    if (triaged->answered) {
        weir_buffer_printf(out, "  [%.*s]", WEIR_SPAN_ARGS(triaged->answered->id));
    }
    weir_buffer_add_byte(out, '\n');
}

static void add_or_null(struct weir_buffer *out, const char *name, struct weir_span text)
{
    if (text.length > 0) {
        weir_json_add_text_field(out, name, text);
        return;
    }
    weir_json_add_name(out, name);
    weir_buffer_add_text(out, "null");
}

void weir_question_write_json(const struct weir_message *message,
                              const struct weir_verdict *verdict,
                              const struct weir_triaged *triaged, struct weir_buffer *out)
{
    static const struct weir_card none = {.target_ms = 0};
    const struct weir_span nothing = {NULL, 0};
    const struct weir_card *card = question_of(triaged);
    if (!card && !triaged->answered) {
        return;
    }
    const struct weir_card *shown = card ? card : &none;
    struct weir_span topic = verdict->topic ? verdict->topic->id : nothing;
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "room", message->room);
    weir_json_add_text_field(out, "id", message->id);
    weir_json_add_i64_field(out, "at", verdict->at_ms);
    weir_json_add_text_field(out, "text", message->text);
    add_or_null(out, "topic", card ? card->topic : topic);
    add_or_null(out, "card", weir_span_of(shown->fingerprint));
    add_or_null(out, "queue", shown->queue);
    weir_json_add_i64_field(out, "target_ms", shown->target_ms);
    weir_json_add_bool_field(out, "asked_again", triaged->joins);
    add_or_null(out, "answer", triaged->answered ? triaged->answered->id : nothing);
    weir_json_add_bool_field(out, "said", triaged->reply.length > 0);
    add_or_null(out, "suggestion", shown->suggestion);
    weir_buffer_add_text(out, "}\n");
}
