// Gate mode: the platform shows a message once it has our verdict, or does as its `late` policy
// says when the deadline is over. A verdict that comes too late would contradict what viewers have
// seen already, so then the policy is what we say too, and what the verdict wanted is done by an
// action.

#include "engine/stream/service_private.h"

#include "engine/stream/action_record.h"
#include "engine/sys/clock.h"

#define DEADLINE_MS 50 // where the platform does not name one

void weir_gate_learn(struct weir_attachment *attachment, const struct weir_event *event)
{
    attachment->powers.is_gate = event->gate;
    attachment->deadline_ms = event->deadline_ms ? event->deadline_ms : DEADLINE_MS;
    attachment->late = event->late;
}

static void release(struct weir_room *room, const struct weir_message *message, int64_t now_ms)
{
    char id[40];
    weir_action_id(id, message->room, message->id, WEIR_SPAN("release/late"));
    const struct weir_action action = {
        .id = weir_span_of(id),
        .room = message->room,
        .kind = WEIR_DO_RELEASE,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .message = message->id,
    };
    weir_acting_add(room, &action, 0, now_ms);
}

// What the late policy did is put right. Held already is as good as held.
static void make_good(struct weir_attachment *attachment, const struct weir_gate_answer *answer,
                      const struct weir_message *message, struct weir_span instead)
{
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t decided_ms;
    bool is_held = attachment->late == WEIR_GATE_HOLD;
    bool is_read =
        instead.length > 0 && weir_action_record_read(instead, &decided_ms, &action, rules);
    if (is_read && !(is_held && answer->gate == WEIR_GATE_HOLD)) {
        action.has_seq = answer->holds_seq;
        weir_acting_add(answer->room, &action, 0, decided_ms);
    }
    if (is_held && answer->gate != WEIR_GATE_HOLD && answer->gate != WEIR_GATE_DELETE) {
        release(answer->room, message, weir_clock_wall_ms());
    }
}

static void write_answer(struct weir_attachment *attachment, const struct weir_gate_answer *answer,
                         size_t at, bool is_late)
{
    const char *bytes = attachment->answer_bytes.data;
    const struct weir_message message = {
        .room = weir_buffer_span(&answer->room->name),
        .id = {bytes + at, answer->id_length},
        .seq = answer->seq,
        .has_seq = answer->has_seq,
    };
    const struct weir_span text = {bytes + at + answer->id_length, answer->text_length};
    const struct weir_span instead = {bytes + at + answer->id_length + answer->text_length,
                                      answer->instead_length};
    if (!is_late || answer->is_repeat) {
        weir_link_verdict(attachment->link, &message, answer->gate, text);
        return;
    }
    weir_link_verdict(attachment->link, &message, attachment->late, WEIR_SPAN(""));
    if (attachment->config->act) {
        make_good(attachment, answer, &message, instead);
    }
}

void weir_gate_write_answers(struct weir_attachment *attachment)
{
    int64_t spent_us = weir_clock_monotonic_us() - attachment->frame_us;
    bool is_late = spent_us > (int64_t)attachment->deadline_ms * 1000;
    size_t at = 0;
    for (size_t i = 0; i < attachment->answer_count; i++) {
        const struct weir_gate_answer *answer = &attachment->answers[i];
        write_answer(attachment, answer, at, is_late);
        at += answer->id_length + answer->text_length + answer->instead_length;
        weir_room_count(attachment->service, answer->room, WEIR_COUNT_LATE, is_late);
        if (answer->holds_seq) {
            weir_room_done(answer->room, answer->seq);
        }
    }
    attachment->answer_count = 0;
    weir_buffer_clear(&attachment->answer_bytes);
}

void weir_gate_drop_answers(struct weir_attachment *attachment)
{
    for (size_t i = 0; i < attachment->answer_count; i++) {
        if (attachment->answers[i].holds_seq) {
            weir_room_done(attachment->answers[i].room, attachment->answers[i].seq);
        }
    }
    attachment->answer_count = 0;
    weir_buffer_clear(&attachment->answer_bytes);
}
