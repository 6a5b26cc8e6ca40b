// Numbers as eight little-endian bytes, texts as a number and their bytes. The first number is the
// version, so that a later weir knows what an earlier one left in the spool.

#include "engine/stream/action_record.h"

#define VERSION 1

static void add_number(struct weir_buffer *out, uint64_t number)
{
    for (int i = 0; i < 8; i++) {
        weir_buffer_add_byte(out, (char)(number >> (8 * i)));
    }
}

static void add_text(struct weir_buffer *out, struct weir_span text)
{
    add_number(out, text.length);
    weir_buffer_add(out, text);
}

static bool take_number(struct weir_span *rest, uint64_t *number_out)
{
    if (rest->length < 8) {
        return false;
    }
    *number_out = 0;
    for (int i = 0; i < 8; i++) {
        *number_out |= (uint64_t)(unsigned char)rest->data[i] << (8 * i);
    }
    *rest = weir_span_slice(*rest, 8, rest->length);
    return true;
}

static bool take_text(struct weir_span *rest, struct weir_span *text_out)
{
    uint64_t length;
    if (!take_number(rest, &length) || length > rest->length) {
        return false;
    }
    *text_out = weir_span_slice(*rest, 0, length);
    *rest = weir_span_slice(*rest, length, rest->length);
    return true;
}

void weir_action_record_write(struct weir_buffer *out, int64_t when_ms,
                              const struct weir_action *action)
{
    size_t rules = action->rule_count < WEIR_ACTION_RECORD_RULES ? action->rule_count
                                                                 : WEIR_ACTION_RECORD_RULES;
    add_number(out, VERSION);
    add_number(out, (uint64_t)when_ms);
    add_number(out, action->kind);
    add_number(out, action->seq);
    add_number(out, (action->has_seq ? 1u : 0u) | (action->by_human ? 2u : 0u));
    add_number(out, action->seconds);
    add_text(out, action->id);
    add_text(out, action->room);
    add_text(out, action->message);
    add_text(out, action->user);
    add_text(out, action->user_name);
    add_text(out, action->text);
    add_text(out, action->mode);
    add_text(out, action->reason);
    add_number(out, rules);
    for (size_t i = 0; i < rules; i++) {
        add_text(out, action->rules[i]);
    }
}

bool weir_action_record_read(struct weir_span record, int64_t *when_ms_out,
                             struct weir_action *action_out,
                             struct weir_span rules[WEIR_ACTION_RECORD_RULES])
{
    uint64_t version, when_ms, kind, flags, seconds, rule_count;
    struct weir_action action = {0};
    if (!take_number(&record, &version) || version != VERSION || !take_number(&record, &when_ms) ||
        !take_number(&record, &kind) || kind >= WEIR_DO_COUNT ||
        !take_number(&record, &action.seq) || !take_number(&record, &flags) ||
        !take_number(&record, &seconds) || seconds > UINT32_MAX ||
        !take_text(&record, &action.id) || !take_text(&record, &action.room) ||
        !take_text(&record, &action.message) || !take_text(&record, &action.user) ||
        !take_text(&record, &action.user_name) || !take_text(&record, &action.text) ||
        !take_text(&record, &action.mode) || !take_text(&record, &action.reason) ||
        !take_number(&record, &rule_count) || rule_count > WEIR_ACTION_RECORD_RULES) {
        return false;
    }
    for (size_t i = 0; i < rule_count; i++) {
        if (!take_text(&record, &rules[i])) {
            return false;
        }
    }
    action.kind = (enum weir_do)kind;
    action.has_seq = flags & 1;
    action.by_human = (flags & 2) != 0;
    action.seconds = (uint32_t)seconds;
    action.rules = rules;
    action.rule_count = rule_count;
    *when_ms_out = (int64_t)when_ms;
    *action_out = action;
    return record.length == 0;
}
