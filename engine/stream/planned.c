// What is to be undone at a time: time-outs that the platform can't end by itself, modes that last.
// It stands in two places. Our spool has it before what it undoes is done, so that a crash leaves
// nobody muted for good; and the room's stream of actions has it, so that whoever owns the room by
// then undoes it, on whatever machine. There it waits as {"type":"later","at":MS,"action":{...}},
// given to the owner and not taken until the undo is done.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/action_record.h"
#include "engine/sys/clock.h"

#include <stdlib.h>

#define ROOM_WAIT_MS 5000 // until an action for a room that is not known yet is tried again

struct undo {
    int64_t at_ms;
    uint64_t position;
    uint64_t subject; // what it undoes: of a room a user or a mode; 0 = nothing
    struct weir_buffer record;
    struct weir_buffer entry; // in the room's stream; empty: it is not known to be there
};

struct weir_planned {
    struct weir_service *service;
    struct undo *undos;
    size_t count;
    size_t capacity;
};

struct weir_planned *weir_planned_create(struct weir_service *service)
{
    struct weir_planned *planned = weir_new(struct weir_planned);
    planned->service = service;
    return planned;
}

static void forget(struct weir_planned *planned, size_t index)
{
    weir_buffer_fini(&planned->undos[index].record);
    weir_buffer_fini(&planned->undos[index].entry);
    planned->undos[index] = planned->undos[--planned->count];
}

void weir_planned_destroy(struct weir_planned **planned)
{
    if (*planned) {
        while ((*planned)->count > 0) {
            forget(*planned, 0);
        }
        free((*planned)->undos);
        free(weir_take(*planned));
    }
}

static uint64_t subject_of(const struct weir_action *action)
{
    struct weir_hash_key key = {action->kind, 0x756e646f};
    key.low = weir_hash(key, action->room);
    key.high = weir_hash(key, action->user);
    return weir_hash(key, action->mode) | 1;
}

static struct undo *add(struct weir_planned *planned, int64_t at_ms, uint64_t position,
                        uint64_t subject, struct weir_span record)
{
    planned->undos =
        weir_grow(planned->undos, &planned->capacity, planned->count + 1, sizeof(struct undo));
    struct undo *undo = &planned->undos[planned->count++];
    *undo = (struct undo){.at_ms = at_ms, .position = position, .subject = subject};
    weir_buffer_add(&undo->record, record);
    return undo;
}

static void take_entry(struct weir_planned *planned, const struct undo *undo)
{
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t at_ms;
    if (undo->entry.length > 0 &&
        weir_action_record_read(weir_buffer_span(&undo->record), &at_ms, &action, rules)) {
        weir_store_action_taken(planned->service->store, action.room,
                                weir_buffer_span(&undo->entry));
    }
}

// What is muted, or a mode that is on, for longer than it was to be is undone once, at the later
// time. Returns that.
static int64_t latest_of(const struct weir_planned *planned, uint64_t subject, int64_t at_ms)
{
    for (size_t i = 0; i < planned->count; i++) {
        const struct undo *undo = &planned->undos[i];
        at_ms = undo->subject == subject && undo->at_ms > at_ms ? undo->at_ms : at_ms;
    }
    return at_ms;
}

static void drop_others(struct weir_planned *planned, uint64_t subject, uint64_t except)
{
    for (size_t i = planned->count; i-- > 0;) {
        struct undo *undo = &planned->undos[i];
        if (undo->subject == subject && undo->position != except) {
            weir_spool_release(planned->service->spool, undo->position);
            take_entry(planned, undo);
            forget(planned, i);
        }
    }
}

static void share(struct weir_planned *planned, int64_t at_ms, const struct weir_action *action)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    weir_buffer_add_byte(&json, '{');
    weir_json_add_text_field(&json, "type", WEIR_SPAN("later"));
    weir_json_add_i64_field(&json, "at", at_ms);
    weir_json_add_name(&json, "action");
    weir_room_write_action(&json, action);
    weir_buffer_add_byte(&json, '}');
    weir_store_put_action(planned->service->store, action->room, action->id,
                          weir_buffer_span(&json));
}

static struct undo *keep(struct weir_planned *planned, int64_t at_ms,
                         const struct weir_action *action)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer record = {0};
    uint64_t subject = subject_of(action);
    weir_action_record_write(&record, at_ms, action);
    uint64_t position =
        weir_spool_append(planned->service->spool, WEIR_SPOOL_UNDO, weir_buffer_span(&record));
    if (!position) {
        return NULL;
    }
    // On disk before the one that it replaces is gone: the log is in order.
    drop_others(planned, subject, position);
    return add(planned, at_ms, position, subject, weir_buffer_span(&record));
}

uint64_t weir_planned_keep(struct weir_planned *planned, int64_t at_ms,
                           const struct weir_action *action)
{
    at_ms = latest_of(planned, subject_of(action), at_ms);
    const struct undo *undo = keep(planned, at_ms, action);
    if (undo) {
        share(planned, at_ms, action);
    }
    return undo ? undo->position : 0;
}

// What was put there while Redis was away, or before it came back empty. It knows by their ids what
// it has already.
void weir_planned_share(struct weir_planned *planned)
{
    for (size_t i = 0; i < planned->count; i++) {
        struct weir_span rules[WEIR_ACTION_RECORD_RULES];
        struct weir_action action;
        int64_t at_ms;
        struct undo *undo = &planned->undos[i];
        weir_buffer_clear(&undo->entry); // it will be given again
        if (undo->subject &&
            weir_action_record_read(weir_buffer_span(&undo->record), &at_ms, &action, rules)) {
            share(planned, at_ms, &action);
        }
    }
}

bool weir_planned_take(struct weir_planned *planned, int64_t at_ms,
                       const struct weir_action *action, struct weir_span entry)
{
    uint64_t subject = subject_of(action);
    for (size_t i = 0; i < planned->count; i++) {
        struct undo *undo = &planned->undos[i];
        if (undo->subject == subject && undo->at_ms >= at_ms) {
            bool is_same = undo->at_ms == at_ms;
            if (is_same) {
                weir_buffer_clear(&undo->entry);
                weir_buffer_add(&undo->entry, entry);
            }
            return is_same;
        }
    }
    struct undo *undo = keep(planned, at_ms, action);
    if (undo) {
        weir_buffer_add(&undo->entry, entry);
    } else {
        weir_log_say(planned->service->log, WEIR_LOG_ERROR, action->room, "undo.delayed",
                     "the spool is full; it is left in Redis");
    }
    return true;
}

void weir_planned_send(struct weir_planned *planned, uint64_t position, struct weir_span record)
{
    struct weir_service *service = planned->service;
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t when_ms;
    if (!weir_action_record_read(record, &when_ms, &action, rules)) {
        weir_log_say(service->log, WEIR_LOG_ERROR, WEIR_SPAN(""), "spool.unreadable",
                     "an action that this version can't read was dropped");
        weir_spool_release(service->spool, position);
    } else if (!weir_acting_resume(service, &action, position, when_ms)) {
        add(planned, weir_clock_wall_ms() + ROOM_WAIT_MS, position, 0, record);
    }
}

// Another process has the room: that one has the undo from Redis, unless it never got there.
static void leave_to_owner(struct weir_planned *planned, const struct undo *undo,
                           const struct weir_action *action)
{
    share(planned, undo->at_ms, action);
    weir_spool_release(planned->service->spool, undo->position);
}

static void send(struct weir_planned *planned, const struct undo *undo)
{
    struct weir_service *service = planned->service;
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t at_ms;
    bool is_read = weir_action_record_read(weir_buffer_span(&undo->record), &at_ms, &action, rules);
    struct weir_room *room = is_read ? weir_service_find_room(service, action.room) : NULL;
    if (room && room->is_refused) {
        leave_to_owner(planned, undo, &action);
        return;
    }
    if (room && undo->subject) {
        weir_room_count(service, NULL, WEIR_COUNT_UNDONE, 1);
        weir_decisions_pend(service->decisions, room, action.id, weir_buffer_span(&undo->entry));
    }
    weir_planned_send(planned, undo->position, weir_buffer_span(&undo->record));
}

void weir_planned_tick(struct weir_planned *planned, int64_t now_ms)
{
    for (size_t i = planned->count; i-- > 0;) {
        if (planned->undos[i].at_ms <= now_ms) {
            struct undo due = planned->undos[i];
            planned->undos[i] = planned->undos[--planned->count];
            send(planned, &due);
            weir_buffer_fini(&due.record);
            weir_buffer_fini(&due.entry);
        }
    }
}

void weir_planned_recover(struct weir_planned *planned, uint64_t position, struct weir_span record)
{
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t at_ms = 0;
    if (weir_action_record_read(record, &at_ms, &action, rules)) {
        add(planned, at_ms, position, subject_of(&action), record);
    } else {
        weir_spool_release(planned->service->spool, position);
    }
}
