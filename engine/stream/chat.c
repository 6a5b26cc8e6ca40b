// The way of one message: judged once, answered at once, its cards on the way to the disk.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/judge/suspend.h"
#include "engine/store/spool.h"
#include "engine/stream/action_record.h"
#include "engine/stream/afterwards.h"
#include "engine/sys/clock.h"
#include "engine/triage/card.h"

void weir_service_record(struct weir_service *service, const struct weir_event *event,
                         int64_t arrived_ms)
{
    struct weir_buffer *line = service->record ? weir_journal_begin(service->record) : NULL;
    if (line) {
        weir_room_write_recorded(line, event, arrived_ms);
        weir_journal_commit(service->record);
    }
}

static void count_verdict(struct weir_service *service, struct weir_room *room,
                          const struct weir_message *message, const struct weir_verdict *verdict)
{
    static const enum weir_counter by_message[] = {
        [WEIR_MESSAGE_PASS] = WEIR_COUNT_PASSED,    [WEIR_MESSAGE_FLAG] = WEIR_COUNT_FLAGGED,
        [WEIR_MESSAGE_MASK] = WEIR_COUNT_MASKED,    [WEIR_MESSAGE_HOLD] = WEIR_COUNT_HELD,
        [WEIR_MESSAGE_DELETE] = WEIR_COUNT_DELETED,
    };
    static const enum weir_counter by_user[] = {
        [WEIR_USER_WARN] = WEIR_COUNT_WARNED,
        [WEIR_USER_TIMEOUT] = WEIR_COUNT_TIMED_OUT,
        [WEIR_USER_BAN] = WEIR_COUNT_BANNED,
    };
    weir_room_count(service, room, WEIR_COUNT_MESSAGES, 1);
    weir_room_count(service, room, by_message[verdict->message_verdict], 1);
    if (verdict->user_verdict != WEIR_USER_NONE) {
        weir_room_count(service, room, by_user[verdict->user_verdict], 1);
    }
    weir_room_count(service, room, WEIR_COUNT_EDITS, message->is_edit);
    weir_room_count(service, room, WEIR_COUNT_HISTORY, message->is_history);
    weir_room_count(service, room, WEIR_COUNT_QUESTIONS, verdict->is_question);
    weir_room_count(service, room, WEIR_COUNT_SHADOWED, verdict->has_shadow);
    weir_room_count(service, room, WEIR_COUNT_DAMAGED, message->damaged);
    weir_room_count(service, room, WEIR_COUNT_DEGRADED, verdict->degraded_count > 0);
    uint32_t causes = weir_verdict_causes(verdict);
    causes |= service->is_store_ready ? 0 : 1u << WEIR_CAUSE_REDIS; // whether or not it says so
    for (int i = 0; causes != 0 && i < WEIR_CAUSES; i++) {
        weir_room_count(service, room, (enum weir_counter)(WEIR_COUNT_CAUSES + i), causes >> i & 1);
    }
}

// Once for each time: until it is tried again, its verdicts say degraded.
static void tell_suspended(struct weir_service *service, struct weir_room *room,
                           const struct weir_message *message, const struct weir_verdict *verdict)
{
    const struct weir_rule *rule = verdict->suspended;
    if (rule) {
        weir_room_count(service, room, WEIR_COUNT_SUSPENDED, 1);
        weir_log_say(service->log, WEIR_LOG_WARN, message->room, "rule.suspended",
                     "rule=%.*s cause=\"met its limits in %u of %u messages\" messages=%u",
                     WEIR_SPAN_ARGS(rule->id), WEIR_SUSPEND_AFTER, WEIR_SUSPEND_WITHIN,
                     WEIR_SUSPEND_FOR);
    }
}

static struct weir_gate_answer *answer_gate(struct weir_attachment *attachment,
                                            struct weir_room *room,
                                            const struct weir_message *message, enum weir_gate gate,
                                            struct weir_span text)
{
    if (!attachment->powers.is_gate) {
        return NULL;
    }
    text = gate == WEIR_GATE_MASK ? text : WEIR_SPAN("");
    attachment->answers = weir_grow(attachment->answers, &attachment->answer_capacity,
                                    attachment->answer_count + 1, sizeof(struct weir_gate_answer));
    struct weir_gate_answer *answer = &attachment->answers[attachment->answer_count++];
    *answer = (struct weir_gate_answer){
        .room = room,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .gate = attachment->config->act ? gate : WEIR_GATE_PASS,
        .id_length = message->id.length,
        .text_length = text.length,
    };
    weir_buffer_add(&attachment->answer_bytes, message->id);
    weir_buffer_add(&attachment->answer_bytes, text);
    return answer;
}

// The first answer to a message: its seq waits until it is written, and what is to be done should
// that be too late goes with it.
static void answer_first(struct weir_attachment *attachment, struct weir_room *room,
                         const struct weir_message *message, int64_t now_ms)
{
    const struct weir_consequences *consequences = &attachment->service->consequences;
    struct weir_gate_answer *answer =
        answer_gate(attachment, room, message, consequences->gate, consequences->mask_text);
    if (!answer) {
        return;
    }
    answer->holds_seq = message->has_seq;
    if (answer->holds_seq) {
        weir_window_wait(&room->window, message->seq);
    }
    if (consequences->has_instead && attachment->config->act && !message->is_history) {
        size_t before = attachment->answer_bytes.length;
        weir_action_record_write(&attachment->answer_bytes, now_ms, &consequences->instead);
        answer->instead_length = attachment->answer_bytes.length - before;
    }
}

// By what a message is recognised when it comes again: an edit is told apart from what it edits.
static struct weir_span name_of(struct weir_service *service, const struct weir_message *message)
{
    if (!message->is_edit) {
        return message->id;
    }
    weir_buffer_clear(&service->scratch);
    weir_buffer_add(&service->scratch, message->id);
    weir_buffer_add_byte(&service->scratch, '\0');
    if (message->has_seq) {
        weir_buffer_add_u64(&service->scratch, message->seq);
    } else {
        weir_buffer_add(&service->scratch, message->text);
    }
    return weir_buffer_span(&service->scratch);
}

// Came again: not judged again, but answered again.
static void answer_again(struct weir_attachment *attachment, struct weir_room *room,
                         const struct weir_message *message)
{
    struct weir_service *service = attachment->service;
    const struct weir_recent_answer *answer =
        weir_recent_find(room->recent, name_of(service, message));
    weir_room_count(service, room, WEIR_COUNT_REPEATED, 1);
    struct weir_gate_answer *said =
        answer ? answer_gate(attachment, room, message, answer->gate, answer->text) : NULL;
    if (said) {
        said->is_repeat = true;
    }
    room->owes_ack = true;
    weir_room_touch(room);
}

static void spool_card(struct weir_service *service, struct weir_room *room,
                       const struct weir_message *message, const struct weir_card *card)
{
    weir_buffer_clear(&service->scratch);
    weir_card_write(card, &service->scratch);
    struct weir_span json = weir_buffer_span(&service->scratch);
    weir_service_make_room(service);
    uint64_t position = weir_spool_append(service->spool, WEIR_SPOOL_CARD, json);
    if (!position) {
        weir_room_count(service, room, WEIR_COUNT_CARDS_SHED, 1);
        weir_log_say(service->log, WEIR_LOG_ERROR, card->room, "card.shed",
                     "the spool is full; raise spool.max_mib, or see why Redis does not take "
                     "the cards");
        return;
    }
    weir_room_count(service, room, WEIR_COUNT_CARDS, 1);
    const struct weir_pledge pledge = {WEIR_PLEDGE_CARD, position, room, message->seq,
                                       message->has_seq};
    if (message->has_seq) {
        weir_window_wait(&room->window, message->seq);
    }
    weir_pledges_add(service->pledges, &pledge, json);
}

// A known answer, said at once. Its id derives from the question, so a repeat is recognised.
static void say_answer(struct weir_room *room, const struct weir_message *message,
                       const struct weir_triaged *triaged, int64_t now_ms)
{
    char id[40];
    weir_action_id(id, message->room, message->id, WEIR_SPAN("answer"));
    const struct weir_action action = {
        .id = weir_span_of(id),
        .room = message->room,
        .kind = WEIR_DO_REPLY,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .message = message->id,
        .user = message->user.id,
        .user_name = message->user.name,
        .text = triaged->reply,
        .rules = &triaged->answered->id,
        .rule_count = 1,
    };
    weir_acting_add(room, &action, 0, now_ms);
}

static void triage(struct weir_attachment *attachment, struct weir_room *room,
                   const struct weir_room_view *view, const struct weir_message *message,
                   const struct weir_verdict *verdict, int64_t now_ms)
{
    struct weir_service *service = attachment->service;
    struct weir_triaged *triaged = &service->triaged;
    if (!room->asked && verdict->is_question) {
        room->asked = weir_triage_room_create();
    }
    struct weir_heard heard;
    weir_afterwards_hear(room, message, verdict, now_ms, &heard);
    bool can_reply = attachment->config->act && attachment->powers.can[WEIR_DO_REPLY];
    weir_triage_message(service->triage, service->set, room->asked, can_reply, view, message,
                        verdict, triaged);
    if (heard.has_card) {
        spool_card(service, room, message, &heard.card);
    }
    if (triaged->answered && !heard.reopens) {
        weir_room_count(service, room, WEIR_COUNT_ANSWERED, 1);
        weir_afterwards_automatic(room, message, triaged->queue, now_ms);
    }
    if (triaged->reply.length > 0 && !heard.reopens) {
        say_answer(room, message, triaged, now_ms);
    }
    for (size_t i = 0; i < triaged->count; i++) {
        const struct weir_card *card = &triaged->cards[i];
        bool is_known = card->kind == WEIR_CARD_QUESTION &&
                        (heard.reopens || weir_afterwards_is_late(room, message, card, now_ms));
        if (!is_known) {
            spool_card(service, room, message, card);
        }
    }
}

static void act(struct weir_attachment *attachment, struct weir_room *room, int64_t now_ms)
{
    struct weir_service *service = attachment->service;
    struct weir_consequences *consequences = &service->consequences;
    weir_room_count(service, room, WEIR_COUNT_MAPPED, consequences->mapped);
    weir_room_count(service, room, WEIR_COUNT_NO_TARGET, consequences->no_target);
    if (!attachment->config->act) {
        weir_room_count(service, room, WEIR_COUNT_NOT_ACTED, consequences->count);
        return;
    }
    for (size_t i = 0; i < consequences->count; i++) {
        weir_acting_add(room, &consequences->actions[i], consequences->lasts_s[i], now_ms);
    }
    if (consequences->count > 0) {
        weir_attachment_hurry(attachment, now_ms);
    }
}

static void judge(struct weir_attachment *attachment, struct weir_room *room,
                  const struct weir_event *event, uint64_t name, int64_t now_us)
{
    const struct weir_message *message = event->message;
    int64_t now_ms = now_us / 1000;
    struct weir_service *service = attachment->service;
    struct weir_consequences *consequences = &service->consequences;
    const struct weir_room_view view = {
        .id = weir_buffer_span(&room->name),
        .state = weir_buffer_span(&room->state),
        .scene = weir_buffer_span(&room->scene),
        .scene_ends_ms = room->scene_ends_ms,
        .ends_ms = room->ends_ms,
    };
    const struct weir_verdict *verdict =
        weir_judge_message(service->judge, service->set, room->memory, &view, message, now_ms);
    count_verdict(service, room, message, verdict);
    tell_suspended(service, room, message, verdict);
    weir_consequences_of(verdict, message, &attachment->powers, consequences);
    answer_first(attachment, room, message, now_ms);
    if (!message->is_history) {
        act(attachment, room, now_ms);
    }
    weir_service_log_verdict(attachment, room, event, verdict, now_us);
    if (message->id.length > 0) {
        const struct weir_recent_answer answer = {
            consequences->gate,
            consequences->gate == WEIR_GATE_MASK ? consequences->mask_text : WEIR_SPAN("")};
        weir_recent_replace(room->recent, name, &answer);
    }
    if (!message->is_history) {
        triage(attachment, room, &view, message, verdict, now_ms);
    }
}

void weir_service_follow(struct weir_room *room, const struct weir_message *message,
                         const struct weir_verdict *verdict, int64_t now_ms)
{
    struct weir_attachment *attachment = room->attachment;
    const struct weir_room_view view = {
        .id = weir_buffer_span(&room->name),
        .state = weir_buffer_span(&room->state),
        .scene = weir_buffer_span(&room->scene),
    };
    struct weir_powers powers = attachment->powers;
    powers.is_gate = false; // it has passed
    weir_consequences_of(verdict, message, &powers, &attachment->service->consequences);
    act(attachment, room, now_ms);
    triage(attachment, room, &view, message, verdict, now_ms);
}

static bool came_before(struct weir_service *service, struct weir_room *room,
                        const struct weir_message *message, uint64_t *name_out)
{
    *name_out = 0;
    if (message->id.length == 0) {
        return false;
    }
    *name_out = weir_recent_name(room->recent, name_of(service, message));
    return weir_recent_find_named(room->recent, *name_out) != NULL;
}

// A platform that lost its count begins again at 1. What it sends then is new although its seq is
// not, and must not go unjudged; without a usable seq it is treated as if it had none.
static bool has_gone_back(struct weir_service *service, struct weir_room *room,
                          const struct weir_message *message)
{
    uint64_t name;
    bool is_old = room->window.has_settled && message->seq <= room->window.settled;
    if (!is_old || message->id.length == 0 || message->is_edit ||
        weir_window_asked_again(&room->window, message->seq) ||
        came_before(service, room, message, &name)) {
        return false;
    }
    weir_window_forget_asking(&room->window);
    weir_room_count(service, room, WEIR_COUNT_SEQ_BACK, 1);
    weir_log_say(service->log, WEIR_LOG_WARN, message->room, "room.seq-back",
                 "seq %llu after %llu, of a message that is new: judged, but not acknowledged",
                 (unsigned long long)message->seq, (unsigned long long)room->window.settled);
    return true;
}

static void take_message(struct weir_attachment *attachment, struct weir_room *room,
                         const struct weir_event *event)
{
    struct weir_service *service = attachment->service;
    const struct weir_message *message = event->message;
    int64_t now_us = weir_clock_wall_us();
    uint64_t name;
    attachment->is_full |= room->window.count > service->config->max_unsettled;
    attachment->is_filling |= room->window.count > service->config->max_unsettled / 2;
    if (message->from_self) {
        weir_room_count(service, room, WEIR_COUNT_OWN, 1);
    } else if (came_before(service, room, message, &name)) {
        answer_again(attachment, room, message);
    } else {
        weir_pace_count(&room->pace, now_us / 1000);
        weir_service_record(service, event, now_us / 1000);
        judge(attachment, room, event, name, now_us);
    }
    if (message->has_seq) {
        weir_room_done(room, message->seq);
    }
}

void weir_service_on_message(struct weir_attachment *attachment, const struct weir_event *event)
{
    struct weir_service *service = attachment->service;
    const struct weir_message *message = event->message;
    struct weir_room *room = weir_service_find_room(service, message->room);
    if (!room || room->attachment != attachment) {
        room =
            attachment->takes_any_room ? weir_service_serve_room(attachment, message->room) : NULL;
    }
    if (!room || room->is_refused) {
        weir_room_count(service, NULL, WEIR_COUNT_ROOMS_REFUSED, 1);
        weir_log_say(service->log, WEIR_LOG_WARN, message->room, "room.refused",
                     "a message of a room that is not ours");
        return;
    }
    if (!message->has_seq || weir_window_begin(&room->window, message->seq)) {
        take_message(attachment, room, event);
    } else if (has_gone_back(service, room, message)) {
        struct weir_message restarted = *message;
        struct weir_event again = *event;
        restarted.has_seq = false;
        again.message = &restarted;
        take_message(attachment, room, &again);
    } else {
        answer_again(attachment, room, message);
    }
}
