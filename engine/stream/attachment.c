// One connection of the configuration: what its events mean, and what is written when a turn ends.

#include "engine/stream/scene.h"
#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/sys/clock.h"

#include <stdlib.h>

#define QUEUED_BYTES  ((size_t)1 << 20) // unsent bytes that stop reading
#define PLEDGED_BYTES ((size_t)16 << 20)
#define UNHOLD_MS     100
#define HURRY_US      200 // between two writes within one frame

// Events

static void learn_powers(struct weir_attachment *attachment)
{
    for (int kind = 0; kind < WEIR_DO_COUNT; kind++) {
        enum weir_support support = weir_link_supports(attachment->link, (enum weir_do)kind);
        attachment->powers.can[kind] = support != WEIR_SUPPORT_NONE;
    }
}

static struct weir_room *room_of(struct weir_attachment *attachment, const struct weir_event *event)
{
    if (event->room.length == 0) {
        return NULL;
    }
    struct weir_room *room = weir_service_find_room(attachment->service, event->room);
    return room && room->attachment == attachment ? room : NULL;
}

// A frame that is dealt with by counting it.
static void settle_event(struct weir_room *room, const struct weir_event *event)
{
    if (room && event->has_seq && weir_window_begin(&room->window, event->seq)) {
        weir_room_done(room, event->seq);
    }
}

static void on_gone(struct weir_attachment *attachment, struct weir_room *room,
                    const struct weir_event *event)
{
    weir_room_count(attachment->service, room, WEIR_COUNT_GONE, 1);
    if (room) {
        weir_service_record(attachment->service, event, weir_clock_wall_ms());
        if (event->kind == WEIR_EVENT_GONE) {
            weir_outbox_message_gone(attachment->outbox, room, event->id);
        } else {
            weir_outbox_user_gone(attachment->outbox, room, event->id);
        }
        bool waits = event->has_seq && weir_window_begin(&room->window, event->seq);
        weir_pledges_withdraw(room, event, waits);
        if (waits) {
            weir_room_done(room, event->seq);
        }
    }
}

static void on_room(struct weir_attachment *attachment, struct weir_room *room,
                    const struct weir_event *event)
{
    if (!room) {
        return;
    }
    weir_service_record(attachment->service, event, weir_clock_wall_ms());
    const struct weir_room_change change = {
        .state = event->state,
        .scene = event->scene,
        .has_scene = event->scene.length > 0,
        .scene_ends_ms = event->scene_ends_ms,
        .ends_ms = event->ends_ms,
    };
    weir_scene_change(room, &change, weir_clock_wall_ms());
}

static void on_gap(struct weir_attachment *attachment, struct weir_room *room,
                   const struct weir_event *event)
{
    uint64_t missing = event->seq_to >= event->seq ? event->seq_to - event->seq + 1 : 1;
    weir_room_count(attachment->service, room, WEIR_COUNT_GAPS, missing);
    weir_log_say(attachment->service->log, WEIR_LOG_WARN, event->room, "room.gap",
                 "messages %llu to %llu can no longer be replayed", (unsigned long long)event->seq,
                 (unsigned long long)event->seq_to);
    struct weir_event end = *event;
    end.seq = event->seq_to;
    end.has_seq = true;
    settle_event(room, &end);
}

static void on_refused(struct weir_attachment *attachment, struct weir_room *room,
                       const struct weir_event *event)
{
    struct weir_service *service = attachment->service;
    struct weir_span where = room ? event->room : weir_link_url(attachment->link);
    weir_room_count(service, room, WEIR_COUNT_FRAMES_REFUSED, 1);
    weir_log_say(service->log, WEIR_LOG_WARN, where, "frame.refused", "%.*s",
                 WEIR_SPAN_ARGS(event->cause));
    settle_event(room, event);
}

static void on_joined(struct weir_attachment *attachment, struct weir_room *room,
                      const struct weir_event *event)
{
    if (!room && attachment->takes_any_room) {
        room = weir_service_serve_room(attachment, event->room);
    }
    if (room && !room->is_joined && !room->is_refused) {
        room->is_joined = true;
        room->is_lost = false;
        weir_outbox_wake(attachment->outbox);
        weir_log_say(attachment->service->log, WEIR_LOG_INFO, event->room, "room.joined", "%.*s",
                     WEIR_SPAN_ARGS(weir_link_url(attachment->link)));
    }
}

static void on_left(struct weir_attachment *attachment, struct weir_room *room,
                    const struct weir_event *event)
{
    weir_log_say(attachment->service->log, WEIR_LOG_WARN, event->room, "room.left", "%.*s%s",
                 WEIR_SPAN_ARGS(event->cause), event->is_final ? "; not tried again" : "");
    if (room) {
        room->is_joined = false;
        room->is_lost = event->is_final;
        weir_outbox_wake(attachment->outbox);
    }
}

static void on_done(struct weir_attachment *attachment, const struct weir_event *event)
{
    weir_room_count(attachment->service, NULL, WEIR_COUNT_RATE_LIMITED,
                    event->refused == WEIR_REFUSED_RATE_LIMITED);
    if (!weir_outbox_done(attachment->outbox, event, weir_clock_wall_ms())) {
        weir_log_say(attachment->service->log, WEIR_LOG_INFO, weir_link_url(attachment->link),
                     "action.unexpected", "an answer to an action that is not under way");
    }
}

static void on_event(void *user, const struct weir_event *event)
{
    struct weir_attachment *attachment = user;
    struct weir_service *service = attachment->service;
    if (service->is_draining && event->kind != WEIR_EVENT_DONE) {
        return; // not settled, so it comes again to the next process
    }
    if (attachment->powers.is_gate && attachment->frame_us == 0) {
        attachment->frame_us = weir_clock_monotonic_us();
    }
    switch (event->kind) {
    case WEIR_EVENT_MESSAGE:
        weir_service_on_message(attachment, event);
        return;
    case WEIR_EVENT_READY:
        weir_gate_learn(attachment, event);
        return;
    case WEIR_EVENT_JOINED:
        on_joined(attachment, room_of(attachment, event), event);
        return;
    case WEIR_EVENT_LEFT:
        on_left(attachment, room_of(attachment, event), event);
        return;
    case WEIR_EVENT_GONE:
    case WEIR_EVENT_USER_GONE:
        on_gone(attachment, room_of(attachment, event), event);
        return;
    case WEIR_EVENT_ROOM:
        on_room(attachment, room_of(attachment, event), event);
        return;
    case WEIR_EVENT_GAP:
        on_gap(attachment, room_of(attachment, event), event);
        return;
    case WEIR_EVENT_DONE:
        on_done(attachment, event);
        return;
    case WEIR_EVENT_REFUSED:
        on_refused(attachment, room_of(attachment, event), event);
        return;
    case WEIR_EVENT_UNKNOWN:
        weir_room_count(service, NULL, WEIR_COUNT_FRAMES_UNKNOWN, 1);
        return;
    case WEIR_EVENT_FAILED:
    case WEIR_EVENT_MOVE:
        return; // the link hangs up, and says why
    }
}

// What goes out

static void on_frame_end(void *user)
{
    struct weir_attachment *attachment = user;
    if (attachment->answer_count > 0) {
        weir_gate_write_answers(attachment);
    }
    attachment->frame_us = 0;
}

static void on_up(void *user)
{
    struct weir_attachment *attachment = user;
    struct weir_service *service = attachment->service;
    int64_t now_ms = weir_clock_wall_ms();
    attachment->is_up = true;
    learn_powers(attachment);
    weir_outbox_set_up(attachment->outbox, true, now_ms);
    for (size_t i = 0; i < service->room_count; i++) {
        if (service->rooms[i]->attachment == attachment) {
            weir_pace_resume(&service->rooms[i]->pace, now_ms);
        }
    }
}

static void on_down(void *user, struct weir_span cause, int64_t retry_ms)
{
    struct weir_attachment *attachment = user;
    struct weir_service *service = attachment->service;
    (void)cause;
    (void)retry_ms;
    attachment->is_up = false;
    attachment->frame_us = 0;
    weir_gate_drop_answers(attachment);
    weir_room_count(service, NULL, WEIR_COUNT_DISCONNECTS, 1);
    weir_outbox_set_up(attachment->outbox, false, weir_clock_wall_ms());
    for (size_t i = 0; i < service->room_count; i++) {
        if (service->rooms[i]->attachment == attachment) {
            service->rooms[i]->is_joined = false;
        }
    }
}

static bool on_resume(void *user, struct weir_span room_name, uint64_t *seq_out)
{
    struct weir_attachment *attachment = user;
    struct weir_room *room = weir_service_find_room(attachment->service, room_name);
    if (!room || !room->window.has_settled) {
        return false;
    }
    weir_window_ask_again(&room->window);
    *seq_out = room->window.settled;
    return true;
}

static const struct weir_adapter *adapter_of(const struct weir_attachment *attachment,
                                             const struct weir_adapters *adapters,
                                             struct weir_error *err)
{
    const struct weir_config_connection *config = attachment->config;
    const struct weir_adapter *adapter =
        *config->adapter ? weir_adapters_find(adapters, weir_span_of(config->adapter))
                         : weir_adapters_for_url(adapters, weir_span_of(config->url));
    if (!adapter && *config->adapter) {
        weir_error_at(err, &config->place, "there is no adapter '%s'", config->adapter);
    } else if (!adapter) {
        weir_error_at(err, &config->place, "no adapter knows URLs like '%s'", config->url);
    }
    return adapter;
}

static bool open_link(struct weir_attachment *attachment, const struct weir_adapter *adapter,
                      struct weir_error *err)
{
    static const struct weir_link_events events = {
        .on_event = on_event,
        .on_frame_end = on_frame_end,
        .on_up = on_up,
        .on_down = on_down,
        .resume = on_resume,
    };
    struct weir_service *service = attachment->service;
    const struct weir_config_connection *config = attachment->config;
    const struct weir_link_options options = {
        .adapter = adapter,
        .url = weir_span_of(config->url),
        .name = weir_span_of(config->name),
        .token = weir_span_of(config->token),
        .ca_file = weir_span_of(config->ca_file),
        .act = config->act,
        .max_rooms = (uint32_t)service->config->max_rooms,
        .max_object_bytes = (uint32_t)service->config->max_object_bytes,
        .log = service->log,
        .random = service->key.low ^ (uint64_t)(uintptr_t)attachment,
    };
    struct weir_error cause = {0};
    attachment->link = weir_link_open(service->loop, &options, &events, attachment, &cause);
    return attachment->link || weir_error_at(err, &config->place, "%s", cause.text);
}

bool weir_attachment_open(struct weir_attachment *attachment, const struct weir_adapters *adapters,
                          struct weir_error *err)
{
    const struct weir_config_connection *config = attachment->config;
    const struct weir_adapter *adapter = adapter_of(attachment, adapters, err);
    if (!adapter) {
        return false;
    }
    attachment->outbox = weir_acting_create(attachment, adapter);
    attachment->powers.no_hold_deletes = config->no_hold == WEIR_INSTEAD_DELETE;
    attachment->powers.no_mask_deletes = config->no_mask == WEIR_INSTEAD_DELETE;
    attachment->takes_any_room = config->rooms.count == 0;
    attachment->may_hurry = adapter->acts_within_decode &&
                            (config->has_budget ? config->budget_count : adapter->limit_count) == 0;
    if (!open_link(attachment, adapter, err)) {
        return false;
    }
    for (size_t i = 0; i < weir_link_room_count(attachment->link); i++) { // named by the URL
        weir_service_serve_room(attachment, weir_link_room(attachment->link, i));
    }
    for (size_t i = 0; i < config->rooms.count; i++) {
        struct weir_span name = weir_span_of(config->rooms.items[i]);
        if (!weir_service_serve_room(attachment, name) || !weir_link_join(attachment->link, name)) {
            return weir_error_at(err, &config->place,
                                 "more rooms than limits.max_rooms allows (%llu)",
                                 (unsigned long long)attachment->service->config->max_rooms);
        }
    }
    return true;
}

void weir_attachment_close(struct weir_attachment *attachment)
{
    weir_link_close(&attachment->link);
    weir_outbox_destroy(&attachment->outbox);
    weir_buffer_fini(&attachment->answer_bytes);
    free(attachment->answers);
    attachment->answers = NULL;
}

// The end of a turn

static void end_room(struct weir_room *room)
{
    struct weir_attachment *attachment = room->attachment;
    struct weir_window *window = &room->window;
    room->is_dirty = false;
    if (attachment->is_full && window->count <= attachment->service->config->max_unsettled / 2) {
        attachment->is_full = false; // another room that still is will say so again
    }
    if (!attachment->is_up || !window->has_settled) {
        return;
    }
    if (room->owes_ack || !room->has_acked || room->acked < window->settled) {
        weir_link_ack(attachment->link, weir_buffer_span(&room->name), window->settled);
        room->acked = window->settled;
        room->has_acked = true;
        room->owes_ack = false;
    }
}

// What can't leave, or can't settle, holds reading back. Answers to actions come in on the same
// connection; what waits for them is kept in the spool after a while, and then settles.
static void weigh(struct weir_attachment *attachment)
{
    struct weir_service *service = attachment->service;
    bool pause = attachment->is_full || weir_link_queued(attachment->link) > QUEUED_BYTES ||
                 weir_pledges_bytes(service->pledges) > PLEDGED_BYTES;
    if (pause != attachment->is_paused) {
        attachment->is_paused = pause;
        weir_link_pause(attachment->link, pause);
    }
}

// The first action of a frame is not kept waiting for the rest of it, nor for what else there is to
// be done about its message. Those that follow closely leave together: each write costs the system
// more than judging does. Where a budget limits them, what the rest of the frame leads to may have
// to go first.
void weir_attachment_hurry(struct weir_attachment *attachment, int64_t now_ms)
{
    int64_t now_us = weir_clock_monotonic_us();
    if (attachment->is_up && attachment->may_hurry && now_us - attachment->hurried_us >= HURRY_US) {
        attachment->hurried_us = now_us;
        weir_link_cork(attachment->link);
        weir_outbox_pump(attachment->outbox, now_ms);
        weir_link_uncork(attachment->link);
    }
}

// A room that takes no actions would fill its window while they are waited for, and stop reading
// for all: what has waited a moment is kept at once.
static void unhold_if_filling(struct weir_attachment *attachment, int64_t now_ms)
{
    bool is_late = now_ms - attachment->unheld_ms >= UNHOLD_MS || now_ms < attachment->unheld_ms;
    if (attachment->is_filling && is_late) {
        attachment->is_filling = false;
        attachment->unheld_ms = now_ms;
        weir_acting_unhold(attachment, now_ms - UNHOLD_MS);
    }
}

void weir_service_end_turn(struct weir_service *service)
{
    int64_t now_ms = weir_clock_wall_ms();
    if (!service->is_draining) {
        weir_overflow_pump(service->overflow, weir_loop_now_ms(service->loop));
    }
    for (struct weir_room *room = weir_take(service->dirty), *next; room; room = next) {
        next = room->next_dirty;
        end_room(room);
    }
    for (size_t i = 0; i < service->attachment_count; i++) {
        if (service->attachments[i].link) {
            weir_outbox_pump(service->attachments[i].outbox, now_ms);
            unhold_if_filling(&service->attachments[i], now_ms);
            weigh(&service->attachments[i]);
        }
    }
}
