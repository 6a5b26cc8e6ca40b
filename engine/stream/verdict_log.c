// The verdict log. A line is the verdict as `replay --json` writes it, with one member more, `log`:
// what only the daemon knows, and all that it takes to judge the message once more.

#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/judge/judge.h"
#include "engine/stream/service_private.h"
#include "engine/sys/clock.h"

// By a hash of the id with a key that is always the same: every process, and the same one after a
// restart, takes the same messages into the sample.
static bool is_in_sample(const struct weir_service *service, const struct weir_message *message)
{
    static const struct weir_hash_key key = {3, 5};
    uint64_t one_in = service->config->verdict_sample;
    struct weir_span name = message->id.length > 0 ? message->id : message->text;
    return one_in > 0 && weir_hash(key, name) % one_in == 0;
}

static void add_acted(struct weir_buffer *out, const struct weir_attachment *attachment,
                      const struct weir_message *message)
{
    const struct weir_consequences *consequences = &attachment->service->consequences;
    bool acts = attachment->config->act && !message->is_history;
    weir_json_add_name(out, "acted");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; acts && i < consequences->count; i++) {
        weir_json_add_comma(out);
        weir_buffer_add_byte(out, '{');
        weir_json_add_text_field(out, "do",
                                 weir_span_of(weir_do_name(consequences->actions[i].kind)));
        weir_json_add_text_field(out, "id", consequences->actions[i].id);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
    if (attachment->powers.is_gate) {
        enum weir_gate gate = attachment->config->act ? consequences->gate : WEIR_GATE_PASS;
        weir_json_add_text_field(out, "gate", weir_span_of(weir_gate_name(gate)));
    }
}

static void add_log(struct weir_buffer *out, const struct weir_attachment *attachment,
                    const struct weir_room *room, const struct weir_event *event, int64_t now_us,
                    bool is_sample)
{
    int64_t took_us = weir_clock_wall_us() - now_us;
    weir_json_add_name(out, "log");
    weir_buffer_add_byte(out, '{');
    weir_json_add_i64_field(out, "took_us", took_us > 0 ? took_us : 0); // clocks are set back, too
    if (is_sample) {
        weir_json_add_bool_field(out, "sample", true);
    }
    add_acted(out, attachment, event->message);
    weir_json_add_text_field(out, "state", weir_buffer_span(&room->state));
    weir_json_add_text_field(out, "scene", weir_buffer_span(&room->scene));
    if (attachment->service->config->verdict_text) {
        weir_json_add_name(out, "message");
        weir_room_write_recorded(out, event, now_us / 1000);
    }
    weir_buffer_add_byte(out, '}');
}

void weir_service_log_verdict(struct weir_attachment *attachment, const struct weir_room *room,
                              const struct weir_event *event, const struct weir_verdict *verdict,
                              int64_t now_us)
{
    struct weir_service *service = attachment->service;
    bool is_worth_it = weir_verdict_is_worth_logging(verdict);
    if (!is_worth_it && !is_in_sample(service, event->message)) {
        return;
    }
    struct weir_buffer *line = weir_journal_begin(service->verdicts);
    if (!line) {
        return;
    }
    bool with_text = service->config->verdict_text;
    struct weir_verdict shown = *verdict;
    shown.masked_text = with_text ? verdict->masked_text : (struct weir_span){NULL, 0};
    weir_verdict_write(&shown, service->set, event->message,
                       with_text ? weir_judge_text(service->judge) : NULL, line);
    line->length--; // its closing brace comes behind `log`
    add_log(line, attachment, room, event, now_us, !is_worth_it);
    weir_buffer_add_byte(line, '}');
    weir_journal_commit(service->verdicts);
}
