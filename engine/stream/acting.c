// Actions of rules and of humans: into the outbox, and what follows when they have ended.

#include "engine/stream/service_private.h"

#include "engine/base/room_protocol.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/action_record.h"
#include "engine/sys/clock.h"
#include "engine/triage/card.h"

#include <stdio.h>

uint64_t weir_acting_keep(struct weir_service *service, const struct weir_action *action,
                          int64_t created_ms)
{
    weir_buffer_clear(&service->scratch);
    weir_action_record_write(&service->scratch, created_ms, action);
    return weir_spool_append(service->spool, WEIR_SPOOL_ACTION,
                             weir_buffer_span(&service->scratch));
}

void weir_acting_card(struct weir_room *room, const struct weir_action *action, const char *text,
                      const char *kind)
{
    struct weir_service *service = room->attachment->service;
    int64_t now_ms = weir_clock_wall_ms();
    struct weir_card card = {
        .kind = WEIR_CARD_FLAG,
        .queue = WEIR_SPAN("review"),
        .room = action->room,
        .text = weir_span_of(text),
        .message = action->message,
        .seq = action->seq,
        .has_seq = action->has_seq,
        .user = {.id = action->user, .name = action->user_name},
        .at_ms = now_ms,
        .target_ms = 300000,
        .verdict = WEIR_SPAN("flag"),
    };
    char id[40], when[32];
    snprintf(when, sizeof(when), "%lld", (long long)now_ms);
    weir_action_id(id, action->room, action->id.length > 0 ? action->id : weir_span_of(when),
                   WEIR_SPAN("alarm"));
    snprintf(card.id, sizeof(card.id), "%s", id);
    weir_action_id(id, action->room, weir_span_of(kind), weir_span_of(weir_do_name(action->kind)));
    snprintf(card.fingerprint, sizeof(card.fingerprint), "%s", id);
    weir_buffer_clear(&service->scratch);
    weir_card_write(&card, &service->scratch);
    struct weir_span json = weir_buffer_span(&service->scratch);
    weir_service_make_room(service);
    const struct weir_pledge pledge = {
        .kind = WEIR_PLEDGE_CARD,
        .position = weir_spool_append(service->spool, WEIR_SPOOL_CARD, json),
        .room = room,
    };
    weir_room_count(service, room, pledge.position ? WEIR_COUNT_CARDS : WEIR_COUNT_CARDS_SHED, 1);
    if (pledge.position) {
        weir_pledges_add(service->pledges, &pledge, json);
    }
}

// One card for all of a kind, or a platform that refuses everything would bury the queue.
void weir_acting_alarm(struct weir_room *room, const struct weir_action *action, const char *what)
{
    char text[128];
    snprintf(text, sizeof(text), "%s: %s", weir_do_name(action->kind), what);
    weir_acting_card(room, action, text, what);
}

// The outbox's events

// A room that we are not in yet must not be acted on: the platform would say that there is no such
// thing, which reads like done. One that we left for good may, for just that answer.
static bool may_send(void *user, const void *which)
{
    const struct weir_room *room = which;
    (void)user;
    return room->is_joined || (room->is_lost && !room->is_refused);
}

static void on_send(void *user, const struct weir_action *action)
{
    struct weir_attachment *attachment = user;
    struct weir_room *room = weir_service_find_room(attachment->service, action->room);
    weir_room_count(attachment->service, room, WEIR_COUNT_ACTIONS_SENT, 1);
    weir_link_act(attachment->link, action);
}

static uint64_t keep_intent(void *user, struct weir_span action_id)
{
    struct weir_attachment *attachment = user;
    return weir_spool_append(attachment->service->spool, WEIR_SPOOL_INTENT, action_id);
}

static const enum weir_counter counter_of[] = {
    [WEIR_OUTCOME_DONE] = WEIR_COUNT_ACTIONS_DONE,
    [WEIR_OUTCOME_REFUSED] = WEIR_COUNT_ACTIONS_REFUSED,
    [WEIR_OUTCOME_EXPIRED] = WEIR_COUNT_ACTIONS_EXPIRED,
    [WEIR_OUTCOME_CANCELLED] = WEIR_COUNT_ACTIONS_CANCELLED,
    [WEIR_OUTCOME_UNKNOWN] = WEIR_COUNT_ACTIONS_UNKNOWN,
    [WEIR_OUTCOME_COALESCED] = WEIR_COUNT_ACTIONS_COALESCED,
};

// Gone already is as good as done. Harm that could not be stopped, words of which nobody knows
// whether they were said, and what a moderator believes to be done, are for a human.
static const char *alarm_of(const struct weir_outbox_end *end)
{
    switch (end->outcome) {
    case WEIR_OUTCOME_UNKNOWN:
        return "interrupted, perhaps done: look before repeating it";
    case WEIR_OUTCOME_REFUSED:
        return end->refused == WEIR_REFUSED_NOT_FOUND ? NULL : "the platform refused it";
    case WEIR_OUTCOME_EXPIRED:
        return end->action->by_human ? "a moderator's decision came too late to be carried out"
                                     : NULL;
    default:
        return NULL;
    }
}

static void list_undone(struct weir_service *service, const struct weir_outbox_end *end)
{
    static const char *const why[] = {
        [WEIR_OUTCOME_REFUSED] = "refused",
        [WEIR_OUTCOME_EXPIRED] = "expired",
        [WEIR_OUTCOME_UNKNOWN] = "unknown",
        [WEIR_OUTCOME_COALESCED] = NULL,
    };
    bool was_over = end->refused == WEIR_REFUSED_NOT_FOUND ||
                    (end->outcome == WEIR_OUTCOME_EXPIRED && end->was_sent);
    if (why[end->outcome] && !was_over) {
        weir_shortage_list(service, end->action, why[end->outcome]);
    }
}

// A platform that refuses everything is told of once a minute and kind; each refusal is counted and
// listed all the same.
static bool is_news(struct weir_service *service, const struct weir_outbox_end *end)
{
    return end->outcome != WEIR_OUTCOME_REFUSED ||
           weir_lately_take(service->alarms, end->action->room,
                            weir_span_of(weir_do_name(end->action->kind)), weir_clock_wall_ms());
}

static void say_not_done(struct weir_service *service, const struct weir_outbox_end *end)
{
    static const char *const events[] = {
        [WEIR_OUTCOME_REFUSED] = "action.refused",
        [WEIR_OUTCOME_EXPIRED] = "action.expired",
        [WEIR_OUTCOME_UNKNOWN] = "action.unknown",
        [WEIR_OUTCOME_COALESCED] = NULL,
    };
    weir_log_say(service->log, WEIR_LOG_WARN, end->action->room, events[end->outcome],
                 "%s %s%s%.*s", weir_do_name(end->action->kind), weir_refused_name(end->refused),
                 end->text.length ? ": " : "", WEIR_SPAN_ARGS(end->text));
}

static void on_end(void *user, const struct weir_outbox_end *end)
{
    struct weir_attachment *attachment = user;
    struct weir_service *service = attachment->service;
    struct weir_room *room = end->cause.room;
    weir_room_count(service, room, counter_of[end->outcome], 1);
    list_undone(service, end);
    const char *alarm = alarm_of(end);
    if (alarm) {
        say_not_done(service, end);
    }
    if (alarm && is_news(service, end)) {
        weir_acting_alarm(room, end->action, alarm);
    }
    if (end->cause.position) {
        weir_spool_release(service->spool, end->cause.position);
    }
    if (end->cause.intent) {
        weir_spool_release(service->spool, end->cause.intent);
        weir_pledges_forget_intent(service->pledges, end->cause.intent);
    }
    if (end->cause.has_seq) {
        weir_room_done(room, end->cause.seq);
    }
    bool is_undo = end->action->kind == WEIR_DO_UNTIMEOUT || end->action->kind == WEIR_DO_ROOM_MODE;
    if (end->action->by_human || is_undo) {
        weir_decisions_end(service->decisions, end->action);
    }
}

struct weir_outbox *weir_acting_create(struct weir_attachment *attachment,
                                       const struct weir_adapter *adapter)
{
    static const struct weir_outbox_events events = {
        .send = on_send,
        .keep_intent = keep_intent,
        .on_end = on_end,
        .may_send = may_send,
        .worth_ms = weir_shortage_worth_ms,
        .on_many_deletes = weir_shortage_on_many_deletes,
        .on_short = weir_shortage_on_short,
        .on_wait = weir_shortage_on_wait,
    };
    const struct weir_config_connection *config = attachment->config;
    const struct weir_outbox_options options = {
        .max_actions = attachment->service->config->max_actions,
        .max_flying = adapter->max_flying,
        .recognises_ids = adapter->recognises_ids,
        .limits = config->has_budget ? config->budget : adapter->limits,
        .limit_count = config->has_budget ? config->budget_count : adapter->limit_count,
        .clears = config->has_clears ? config->clears : adapter->clears,
    };
    return weir_outbox_create(&options, &events, attachment);
}

// Ways in

bool weir_acting_put_out(struct weir_room *room, const struct weir_action *action,
                         const struct weir_outbox_cause *cause, int64_t created_ms)
{
    struct weir_attachment *attachment = room->attachment;
    struct weir_outbox_cause full = *cause;
    full.room = room;
    full.intent = weir_pledges_find_intent(attachment->service->pledges, action->id);
    if (weir_overflow_has(attachment->service->overflow, action->id) ||
        !weir_outbox_add(attachment->outbox, action, &full, created_ms, full.intent != 0)) {
        return false;
    }
    if (full.has_seq) {
        weir_window_wait(&room->window, full.seq);
    }
    weir_room_count(attachment->service, room, WEIR_COUNT_ACTIONS, 1);
    return true;
}

bool weir_acting_put_out_or_leave(struct weir_room *room, const struct weir_action *action,
                                  const struct weir_outbox_cause *cause, int64_t created_ms)
{
    struct weir_service *service = room->attachment->service;
    bool was_sent = weir_pledges_find_intent(service->pledges, action->id) != 0;
    if (was_sent || action->by_human || weir_outbox_takes(room->attachment->outbox, room) ||
        weir_outbox_has(room->attachment->outbox, action->id)) {
        return weir_acting_put_out(room, action, cause, created_ms);
    }
    if (!weir_overflow_add(service->overflow, room, action->id, cause->position)) {
        return false;
    }
    weir_room_count(service, room, WEIR_COUNT_ACTIONS_SPILLED, 1);
    return true;
}

static bool opposite_of(const struct weir_action *action, char id[40], char mode[40],
                        struct weir_action *out)
{
    *out = (struct weir_action){
        .room = action->room, .user = action->user, .user_name = action->user_name};
    weir_action_id(id, action->room, action->id, WEIR_SPAN("undo"));
    out->id = weir_span_of(id);
    if (action->kind == WEIR_DO_TIMEOUT) {
        out->kind = WEIR_DO_UNTIMEOUT;
        return true;
    }
    out->kind = WEIR_DO_ROOM_MODE;
    snprintf(mode, 40, "-%.*s", WEIR_SPAN_ARGS(weir_span_slice(action->mode, 0, 38)));
    out->mode = weir_span_of(mode);
    return action->kind == WEIR_DO_ROOM_MODE;
}

// What we must undo ourselves is done only once the undo is on disk, and itself behind it: a crash
// in between must not leave somebody muted for good.
static bool plan_undo(struct weir_room *room, const struct weir_action *action, uint32_t lasts_s,
                      int64_t now_ms)
{
    struct weir_service *service = room->attachment->service;
    struct weir_action undo;
    char id[40], mode[40];
    if (!opposite_of(action, id, mode, &undo)) {
        return false;
    }
    bool is_planned =
        weir_planned_keep(service->planned, now_ms + (int64_t)lasts_s * 1000, &undo) != 0;
    const struct weir_pledge pledge = {
        .kind = WEIR_PLEDGE_UNDO,
        .position = is_planned ? weir_acting_keep(service, action, now_ms) : 0,
        .room = room,
        .seq = action->seq,
        .has_seq = action->has_seq,
    };
    if (!pledge.position) {
        weir_log_say(service->log, WEIR_LOG_ERROR, action->room, "action.shed",
                     "the spool is full: %s is left out, its end could not be kept",
                     weir_do_name(action->kind));
        weir_room_count(service, room, WEIR_COUNT_ACTIONS_SHED, 1);
        weir_shortage_list(service, action, "its end could not be kept");
        return true;
    }
    if (pledge.has_seq) {
        weir_window_wait(&room->window, pledge.seq);
    }
    weir_pledges_add(service->pledges, &pledge, weir_buffer_span(&service->scratch));
    return true; // as weir_acting_keep() wrote it there
}

static bool is_told_too_often(struct weir_room *room, const struct weir_action *action,
                              int64_t now_ms)
{
    struct weir_service *service = room->attachment->service;
    if (action->kind != WEIR_DO_WARN || action->by_human ||
        weir_lately_take(service->notices, action->room, action->user, now_ms)) {
        return false;
    }
    weir_room_count(service, room, WEIR_COUNT_NOTICES_SPARED, 1);
    return true;
}

static void say_shed(struct weir_room *room, const struct weir_action *action)
{
    struct weir_service *service = room->attachment->service;
    weir_room_count(service, room, WEIR_COUNT_ACTIONS_SHED, 1);
    weir_shortage_list(service, action, "too many actions wait");
    weir_log_say(service->log, WEIR_LOG_ERROR, action->room, "action.shed",
                 "too many actions wait for the platform, and the spool is full: %s",
                 weir_do_name(action->kind));
}

// There is no memory for it: it waits in the spool, and its seq only for the disk.
static void spill(struct weir_room *room, const struct weir_action *action, int64_t now_ms)
{
    struct weir_service *service = room->attachment->service;
    if (weir_outbox_has(room->attachment->outbox, action->id) ||
        weir_overflow_has(service->overflow, action->id)) {
        return;
    }
    const struct weir_pledge pledge = {.kind = WEIR_PLEDGE_ACTION,
                                       .position = weir_acting_keep(service, action, now_ms),
                                       .room = room,
                                       .seq = action->seq,
                                       .has_seq = action->has_seq};
    if (!pledge.position) {
        say_shed(room, action);
        return;
    }
    if (room->overflow.count == 0) {
        weir_log_say(service->log, WEIR_LOG_WARN, action->room, "actions.spilled",
                     "the room takes too few actions; more wait in the spool");
    }
    weir_room_count(service, room, WEIR_COUNT_ACTIONS_SPILLED, 1);
    weir_overflow_add(service->overflow, room, action->id, pledge.position);
    if (pledge.has_seq) {
        weir_window_wait(&room->window, pledge.seq);
        weir_pledges_add(service->pledges, &pledge, WEIR_SPAN(""));
    }
}

// Where there is too much already, it may wait in the spool instead.
static void add(struct weir_room *room, const struct weir_action *action, uint32_t lasts_s,
                int64_t now_ms, bool may_spill)
{
    struct weir_attachment *attachment = room->attachment;
    struct weir_service *service = attachment->service;
    struct weir_outbox_cause cause = {.seq = action->seq, .has_seq = action->has_seq};
    // Asked each time: an adapter may learn only while connected what its server can do.
    if (action->kind == WEIR_DO_TIMEOUT &&
        weir_link_supports(attachment->link, WEIR_DO_TIMEOUT) == WEIR_SUPPORT_EMULATED) {
        lasts_s = action->seconds;
    }
    if (lasts_s > 0 && plan_undo(room, action, lasts_s, now_ms)) {
        return;
    }
    if (may_spill && !weir_outbox_takes(attachment->outbox, room)) {
        spill(room, action, now_ms);
        return;
    }
    if (!cause.has_seq) { // nothing would bring it back after a crash
        cause.position = weir_acting_keep(service, action, now_ms);
    }
    if (!weir_acting_put_out(room, action, &cause, now_ms) && cause.position) {
        weir_spool_release(service->spool, cause.position);
    }
}

void weir_acting_add(struct weir_room *room, const struct weir_action *action, uint32_t lasts_s,
                     int64_t now_ms)
{
    if (!is_told_too_often(room, action, now_ms)) {
        add(room, action, lasts_s, now_ms, true);
    }
}

void weir_acting_add_always(struct weir_room *room, const struct weir_action *action,
                            uint32_t lasts_s, int64_t now_ms)
{
    add(room, action, lasts_s, now_ms, false);
}

static bool may_room_come(const struct weir_service *service)
{
    for (size_t i = 0; i < service->attachment_count; i++) {
        if (service->attachments[i].takes_any_room) {
            return true;
        }
    }
    return false;
}

bool weir_acting_resume(struct weir_service *service, const struct weir_action *action,
                        uint64_t position, int64_t created_ms)
{
    struct weir_room *room = weir_service_find_room(service, action->room);
    const struct weir_outbox_cause cause = {.position = position};
    bool is_served = room && room->attachment;
    weir_decisions_remember(service->decisions, action);
    if (!is_served && may_room_come(service)) {
        return false;
    }
    if (!is_served) {
        weir_log_say(service->log, WEIR_LOG_WARN, action->room, "action.dropped",
                     "%s was left for a room that the configuration no longer names",
                     weir_do_name(action->kind));
        weir_spool_release(service->spool, position);
    } else if (!weir_acting_put_out_or_leave(room, action, &cause, created_ms)) {
        weir_spool_release(service->spool, position);
    }
    return true;
}

static uint64_t keep_held(void *user, const struct weir_action *action,
                          const struct weir_outbox_cause *cause, int64_t created_ms)
{
    struct weir_attachment *attachment = user;
    struct weir_service *service = attachment->service;
    uint64_t position = weir_acting_keep(service, action, created_ms);
    if (position) {
        const struct weir_pledge pledge = {WEIR_PLEDGE_ACTION, position, cause->room, cause->seq,
                                           true};
        weir_pledges_add(service->pledges, &pledge, WEIR_SPAN(""));
    }
    return position;
}

void weir_acting_unhold(struct weir_attachment *attachment, int64_t before_ms)
{
    weir_outbox_unhold(attachment->outbox, before_ms, keep_held);
}
