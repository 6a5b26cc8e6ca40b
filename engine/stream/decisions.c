// What moderators decided, on its way from Redis to the room. A decision that may be repeated stays
// pending in its stream until the platform has carried it out, so that whoever owns the room next
// goes on with it. One that must not be said twice leaves Redis once our spool has it: only we know
// then whether it was said.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/sys/clock.h"

#include <stdlib.h>

#define IDS        4096 // of decisions that were handled
#define BACKLOG_MS 5000 // older than this it was decided while nobody took it
#define LONGEST_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

struct pending {
    struct weir_room *room;
    struct weir_buffer id;
    struct weir_buffer entry;
};

struct weir_decisions {
    struct weir_service *service;
    struct weir_recent *handled; // so that a second delivery changes nothing
    struct pending *pending;     // under way, and pending in Redis
    size_t count;
    size_t capacity;
};

struct weir_decisions *weir_decisions_create(struct weir_service *service)
{
    struct weir_decisions *decisions = weir_new(struct weir_decisions);
    decisions->service = service;
    decisions->handled = weir_recent_create(IDS, service->key);
    return decisions;
}

static void forget(struct weir_decisions *decisions, size_t index)
{
    weir_buffer_fini(&decisions->pending[index].id);
    weir_buffer_fini(&decisions->pending[index].entry);
    decisions->pending[index] = decisions->pending[--decisions->count];
}

void weir_decisions_destroy(struct weir_decisions **decisions)
{
    if (*decisions) {
        while ((*decisions)->count > 0) {
            forget(*decisions, 0);
        }
        weir_recent_destroy(&(*decisions)->handled);
        free((*decisions)->pending);
        free(*decisions);
        *decisions = NULL;
    }
}

void weir_decisions_remember(struct weir_decisions *decisions, const struct weir_action *action)
{
    const struct weir_recent_answer handled = {0};
    if (action->by_human && !weir_recent_find(decisions->handled, action->id)) {
        weir_recent_add(decisions->handled, action->id, &handled);
    }
}

static struct pending *find_pending(const struct weir_decisions *decisions, struct weir_span id,
                                    size_t *index_out)
{
    for (size_t i = 0; i < decisions->count; i++) {
        if (weir_span_equals(weir_buffer_span(&decisions->pending[i].id), id)) {
            *index_out = i;
            return &decisions->pending[i];
        }
    }
    return NULL;
}

static void add_pending(struct weir_decisions *decisions, struct weir_room *room,
                        struct weir_span id, struct weir_span entry)
{
    size_t index;
    if (find_pending(decisions, id, &index)) {
        return;
    }
    decisions->pending = weir_grow(decisions->pending, &decisions->capacity, decisions->count + 1,
                                   sizeof(struct pending));
    struct pending *pending = &decisions->pending[decisions->count++];
    *pending = (struct pending){.room = room};
    weir_buffer_add(&pending->id, id);
    weir_buffer_add(&pending->entry, entry);
}

void weir_decisions_end(struct weir_decisions *decisions, const struct weir_action *action)
{
    size_t index;
    const struct pending *pending = find_pending(decisions, action->id, &index);
    if (pending) {
        weir_store_action_taken(decisions->service->store, weir_buffer_span(&pending->room->name),
                                weir_buffer_span(&pending->entry));
        forget(decisions, index);
    }
}

// An entry's name begins with the time of Redis. What waited there was decided then, so that a
// time-out ends when the moderator meant it to end.
static int64_t decided_at(struct weir_span entry, int64_t now_ms)
{
    uint64_t entry_ms;
    struct weir_span number = weir_span_take_until(&entry, '-');
    if (!weir_span_to_u64(number, &entry_ms) || entry_ms > INT64_MAX) {
        return now_ms;
    }
    int64_t age_ms = now_ms - (int64_t)entry_ms;
    return age_ms > BACKLOG_MS && age_ms < LONGEST_MS ? now_ms - age_ms : now_ms;
}

// Who was let off must not be banned again at the next small thing.
static void forgive(struct weir_room *room, const struct weir_action *action)
{
    if (action->kind == WEIR_DO_UNBAN || action->kind == WEIR_DO_UNTIMEOUT) {
        weir_memory_forgive(room->memory, action->user, UINT32_MAX);
    }
}

static void take(struct weir_decisions *decisions, struct weir_room *room, struct weir_span entry,
                 const struct weir_action *action)
{
    struct weir_service *service = decisions->service;
    int64_t decided_ms = decided_at(entry, weir_clock_wall_ms());
    bool may_repeat = weir_outbox_may_repeat(
        action->kind, weir_link_adapter(room->attachment->link)->recognises_ids);
    struct weir_outbox_cause cause = {.position = weir_acting_keep(service, action, decided_ms)};
    if (!cause.position) {
        // Redis keeps it, and gives it again.
        weir_log_say(service->log, WEIR_LOG_ERROR, action->room, "decision.delayed",
                     "the spool is full");
        return;
    }
    weir_decisions_remember(decisions, action);
    weir_room_count(service, room, WEIR_COUNT_HUMAN_ACTIONS, 1);
    forgive(room, action);
    if (may_repeat) {
        add_pending(decisions, room, action->id, entry);
    } else {
        const struct weir_pledge pledge = {
            .kind = WEIR_PLEDGE_HUMAN, .position = cause.position, .room = room};
        weir_pledges_add(service->pledges, &pledge, entry);
    }
    if (!weir_acting_put_out(room, action, &cause, decided_ms)) {
        weir_spool_release(service->spool, cause.position);
    }
}

// Given again: under way, then its end is told to Redis, or over.
static void take_again(struct weir_decisions *decisions, struct weir_room *room,
                       struct weir_span entry, const struct weir_action *action)
{
    if (weir_outbox_has(room->attachment->outbox, action->id)) {
        add_pending(decisions, room, action->id, entry);
    } else {
        weir_store_action_taken(decisions->service->store, weir_buffer_span(&room->name), entry);
    }
}

void weir_decisions_on_entry(struct weir_decisions *decisions, struct weir_span room_name,
                             struct weir_span entry, struct weir_span action_json)
{
    struct weir_service *service = decisions->service;
    struct weir_room *room = weir_service_find_room(service, room_name);
    const struct weir_room_heard *heard = weir_room_hear(service->listener, action_json);
    if (heard->kind != WEIR_ROOM_HEARD_ACTION || !room || !room->attachment) {
        weir_log_say(service->log, WEIR_LOG_ERROR, room_name, "decision.refused", "%s",
                     room ? "an action that can't be read" : "a room that we do not serve");
        weir_store_action_taken(service->store, room_name, entry);
        return;
    }
    struct weir_action action = heard->action;
    action.by_human = true;
    action.has_seq = false; // its message has settled without it
    if (weir_recent_find(decisions->handled, action.id)) {
        take_again(decisions, room, entry, &action);
    } else if (!room->attachment->config->act) {
        weir_room_count(service, room, WEIR_COUNT_NOT_ACTED, 1);
        weir_log_say(service->log, WEIR_LOG_WARN, room_name, "decision.not-acted",
                     "'act: false' is configured for this room");
        weir_shortage_list(service, &action, "'act: false'");
        weir_store_action_taken(service->store, room_name, entry);
    } else {
        take(decisions, room, entry, &action);
    }
}
