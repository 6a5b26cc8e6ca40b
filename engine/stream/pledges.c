// What waits for the disk, in the order of positions.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/action_record.h"
#include "engine/stream/afterwards.h"
#include "engine/stream/scene.h"
#include "engine/sys/clock.h"

#include <stdlib.h>

#define UNCLAIMED_MS 30000
#define RECOVERED    4096 // records that are read when the spool is opened

struct entry {
    struct weir_pledge pledge;
    struct weir_buffer bytes; // kept for reuse
};

struct intent {
    uint64_t position;
    struct weir_buffer id;
};

// What the spool held: it waits until all records are read, because the intents that say whether an
// action was sent stand behind it, and nothing can be released while the spool is being opened.
struct recovered {
    int kind;
    uint64_t position;
    struct weir_buffer record;
};

struct weir_pledges {
    struct weir_service *service;
    struct entry *entries; // a ring
    size_t head;
    size_t count;
    size_t capacity; // power of two
    size_t bytes;
    struct intent *intents;
    size_t intent_count;
    size_t intent_capacity;
    struct recovered *recovered;
    size_t recovered_count;
    size_t recovered_capacity;
    int64_t up_since_ms; // all connections
};

struct weir_pledges *weir_pledges_create(struct weir_service *service)
{
    struct weir_pledges *pledges = weir_new(struct weir_pledges);
    pledges->service = service;
    return pledges;
}

void weir_pledges_destroy(struct weir_pledges **pledges)
{
    struct weir_pledges *p = weir_take(*pledges);
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->capacity; i++) {
        weir_buffer_fini(&p->entries[i].bytes);
    }
    for (size_t i = 0; i < p->intent_count; i++) {
        weir_buffer_fini(&p->intents[i].id);
    }
    for (size_t i = 0; i < p->recovered_count; i++) {
        weir_buffer_fini(&p->recovered[i].record);
    }
    free(p->entries);
    free(p->intents);
    free(p->recovered);
    free(p);
}

static void grow_ring(struct weir_pledges *pledges)
{
    size_t capacity = pledges->capacity ? pledges->capacity * 2 : 64;
    struct entry *larger = weir_new_array(struct entry, capacity);
    for (size_t i = 0; i < pledges->count; i++) {
        larger[i] = pledges->entries[(pledges->head + i) & (pledges->capacity - 1)];
    }
    free(pledges->entries);
    pledges->entries = larger;
    pledges->head = 0;
    pledges->capacity = capacity;
}

void weir_pledges_add(struct weir_pledges *pledges, const struct weir_pledge *pledge,
                      struct weir_span bytes)
{
    if (pledges->count == pledges->capacity) {
        grow_ring(pledges);
    }
    struct entry *entry =
        &pledges->entries[(pledges->head + pledges->count++) & (pledges->capacity - 1)];
    entry->pledge = *pledge;
    weir_buffer_clear(&entry->bytes);
    weir_buffer_add(&entry->bytes, bytes);
    pledges->bytes += bytes.length;
}

size_t weir_pledges_count(const struct weir_pledges *pledges)
{
    return pledges->count;
}

size_t weir_pledges_bytes(const struct weir_pledges *pledges)
{
    return pledges->bytes;
}

// The undo is kept, so what it undoes may be done.
static void act_at_last(struct weir_service *service, const struct weir_pledge *pledge,
                        struct weir_span record)
{
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t created_ms;
    bool readable = weir_action_record_read(record, &created_ms, &action, rules);
    weir_assert(readable);
    const struct weir_outbox_cause cause = {.position = pledge->position};
    if (!weir_acting_put_out_or_leave(pledge->room, &action, &cause, created_ms)) {
        weir_spool_release(service->spool, pledge->position);
    }
}

void weir_pledges_withdraw(struct weir_room *room, const struct weir_event *event, bool waits)
{
    struct weir_service *service = room->attachment->service;
    bool is_user = event->kind == WEIR_EVENT_USER_GONE;
    struct weir_span name = weir_buffer_span(&room->name);
    const struct weir_store_gone gone = {name, event->id, is_user};
    // A card that still waits for the disk is none that the store can know of.
    if ((event->id.length == 0 && !is_user) ||
        (service->pledges->count == 0 && !weir_store_may_have_card(service->store, &gone))) {
        return;
    }
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer record = {0};
    weir_buffer_add_u64(&record, name.length);
    weir_buffer_add_byte(&record, ' ');
    weir_buffer_add(&record, name);
    weir_buffer_add(&record, event->id);
    struct weir_span bytes = weir_buffer_span(&record);
    int kind = is_user ? WEIR_SPOOL_USER_GONE : WEIR_SPOOL_GONE;
    const struct weir_pledge pledge = {is_user ? WEIR_PLEDGE_USER_GONE : WEIR_PLEDGE_GONE,
                                       weir_spool_append(service->spool, kind, bytes), room,
                                       event->seq, waits};
    if (!pledge.position) {
        weir_store_withdraw(service->store, 0, &gone); // the spool is full
        return;
    }
    if (waits) {
        weir_window_wait(&room->window, event->seq);
    }
    weir_pledges_add(service->pledges, &pledge, bytes);
}

static void withdraw(struct weir_service *service, uint64_t position, struct weir_span record,
                     bool is_all_of_user)
{
    uint64_t length;
    struct weir_span number = weir_span_take_until(&record, ' ');
    if (!weir_span_to_u64(number, &length) || length > record.length) {
        weir_spool_release(service->spool, position);
        return;
    }
    const struct weir_store_gone gone = {weir_span_slice(record, 0, length),
                                         weir_span_slice(record, length, record.length),
                                         is_all_of_user};
    weir_store_withdraw(service->store, position, &gone);
}

static void keep_promise(struct weir_service *service, const struct weir_pledge *pledge,
                         struct weir_span bytes)
{
    switch (pledge->kind) {
    case WEIR_PLEDGE_CARD:
        weir_store_add(service->store, pledge->position, bytes);
        break;
    case WEIR_PLEDGE_HUMAN:
        weir_store_action_taken(service->store, weir_buffer_span(&pledge->room->name), bytes);
        break;
    case WEIR_PLEDGE_UNDO:
        act_at_last(service, pledge, bytes);
        break;
    case WEIR_PLEDGE_GONE:
    case WEIR_PLEDGE_USER_GONE:
        withdraw(service, pledge->position, bytes, pledge->kind == WEIR_PLEDGE_USER_GONE);
        break;
    case WEIR_PLEDGE_REACTION:
        weir_store_react(service->store, pledge->position, bytes);
        break;
    case WEIR_PLEDGE_ACTION:
        break;
    }
    if (pledge->has_seq) {
        weir_room_done(pledge->room, pledge->seq);
    }
}

void weir_pledges_on_durable(struct weir_pledges *pledges, uint64_t position)
{
    while (pledges->count > 0 && pledges->entries[pledges->head].pledge.position <= position) {
        struct entry *entry = &pledges->entries[pledges->head];
        pledges->head = (pledges->head + 1) & (pledges->capacity - 1);
        pledges->count--;
        pledges->bytes -= entry->bytes.length;
        keep_promise(pledges->service, &entry->pledge, weir_buffer_span(&entry->bytes));
    }
}

// What the crash cut off comes again soon after the rooms are back. An intent that nothing asks for
// by then belongs to a message that the platform does not send again.
static void drop_unclaimed_intents(struct weir_pledges *pledges, int64_t now_ms)
{
    struct weir_service *service = pledges->service;
    bool is_up = !weir_overflow_has_left(service->overflow);
    for (size_t i = 0; i < service->attachment_count; i++) {
        is_up = is_up && service->attachments[i].is_up;
    }
    pledges->up_since_ms = is_up && pledges->up_since_ms > 0 ? pledges->up_since_ms : now_ms;
    if (pledges->intent_count == 0 || now_ms - pledges->up_since_ms < UNCLAIMED_MS) {
        return;
    }
    weir_log_say(service->log, WEIR_LOG_WARN, WEIR_SPAN(""), "intents.dropped",
                 "%zu replies may or may not have been said before the crash; what they answered "
                 "did not come again",
                 pledges->intent_count);
    weir_room_count(service, NULL, WEIR_COUNT_INTENTS_DROPPED, pledges->intent_count);
    while (pledges->intent_count > 0) {
        uint64_t position = pledges->intents[0].position;
        weir_spool_release(service->spool, position);
        weir_pledges_forget_intent(pledges, position);
    }
}

void weir_pledges_tick(struct weir_pledges *pledges, int64_t now_ms)
{
    drop_unclaimed_intents(pledges, now_ms);
}

// What the spool held

static void on_settled(struct weir_service *service, uint64_t position, struct weir_span record)
{
    uint64_t seq;
    struct weir_span number = weir_span_take_until(&record, ' ');
    if (!weir_span_to_u64(number, &seq) || record.length == 0) {
        weir_spool_release(service->spool, position);
        return;
    }
    struct weir_room *room = weir_service_find_room(service, record);
    room = room ? room : weir_service_add_room(service, record);
    if (room->saved_position) {
        weir_spool_release(service->spool, room->saved_position);
    }
    room->saved_position = position;
    room->saved = seq;
    weir_window_resume(&room->window, seq);
}

static void add_intent(struct weir_pledges *pledges, uint64_t position, struct weir_span id)
{
    pledges->intents = weir_grow(pledges->intents, &pledges->intent_capacity,
                                 pledges->intent_count + 1, sizeof(struct intent));
    struct intent *intent = &pledges->intents[pledges->intent_count++];
    *intent = (struct intent){position, {0}};
    weir_buffer_add(&intent->id, id);
}

static void add_recovered(struct weir_pledges *pledges, int kind, uint64_t position,
                          struct weir_span record)
{
    pledges->recovered = weir_grow(pledges->recovered, &pledges->recovered_capacity,
                                   pledges->recovered_count + 1, sizeof(struct recovered));
    struct recovered *recovered = &pledges->recovered[pledges->recovered_count++];
    *recovered = (struct recovered){kind, position, {0}};
    weir_buffer_add(&recovered->record, record);
}

// Of a flood only the first are kept in memory; a moderator's never wait behind others.
static bool leave_in_spool(struct weir_pledges *pledges, uint64_t position, struct weir_span record)
{
    struct weir_span rules[WEIR_ACTION_RECORD_RULES];
    struct weir_action action;
    int64_t when_ms;
    return pledges->recovered_count >= RECOVERED &&
           weir_action_record_read(record, &when_ms, &action, rules) && !action.by_human &&
           weir_overflow_add_left(pledges->service->overflow, action.id, position);
}

void weir_pledges_on_record(struct weir_pledges *pledges, int kind, uint64_t position,
                            struct weir_span record)
{
    if (kind == WEIR_SPOOL_CARD) {
        weir_store_add(pledges->service->store, position, record);
    } else if (kind != WEIR_SPOOL_ACTION || !leave_in_spool(pledges, position, record)) {
        add_recovered(pledges, kind, position, record);
    }
}

static void take_up(struct weir_pledges *pledges, const struct recovered *recovered)
{
    struct weir_span record = weir_buffer_span(&recovered->record);
    switch (recovered->kind) {
    case WEIR_SPOOL_SETTLED:
        on_settled(pledges->service, recovered->position, record);
        return;
    case WEIR_SPOOL_ROOM:
        weir_scene_resume(pledges->service, recovered->position, record);
        return;
    case WEIR_SPOOL_TOLD:
        weir_afterwards_resume(pledges->service, recovered->position, record);
        return;
    case WEIR_SPOOL_REACTION:
        weir_store_react(pledges->service->store, recovered->position, record);
        return;
    case WEIR_SPOOL_UNDO:
        weir_planned_recover(pledges->service->planned, recovered->position, record);
        return;
    case WEIR_SPOOL_GONE:
    case WEIR_SPOOL_USER_GONE:
        withdraw(pledges->service, recovered->position, record,
                 recovered->kind == WEIR_SPOOL_USER_GONE);
        return;
    case WEIR_SPOOL_INTENT:
        add_intent(pledges, recovered->position, record);
        return;
    default:
        return; // actions come second; what a later version wrote is left alone
    }
}

void weir_pledges_take_up(struct weir_pledges *pledges)
{
    for (size_t i = 0; i < pledges->recovered_count; i++) {
        take_up(pledges, &pledges->recovered[i]);
    }
}

void weir_pledges_send_recovered(struct weir_pledges *pledges)
{
    for (size_t i = 0; i < pledges->recovered_count; i++) {
        struct recovered *recovered = &pledges->recovered[i];
        if (recovered->kind == WEIR_SPOOL_ACTION) {
            weir_planned_send(pledges->service->planned, recovered->position,
                              weir_buffer_span(&recovered->record));
        }
        weir_buffer_fini(&recovered->record);
    }
    pledges->recovered_count = 0;
}

uint64_t weir_pledges_find_intent(const struct weir_pledges *pledges, struct weir_span action_id)
{
    for (size_t i = 0; i < pledges->intent_count; i++) {
        if (weir_span_equals(weir_buffer_span(&pledges->intents[i].id), action_id)) {
            return pledges->intents[i].position;
        }
    }
    return 0;
}

void weir_pledges_forget_intent(struct weir_pledges *pledges, uint64_t position)
{
    for (size_t i = 0; i < pledges->intent_count; i++) {
        if (pledges->intents[i].position == position) {
            weir_buffer_fini(&pledges->intents[i].id);
            pledges->intents[i] = pledges->intents[--pledges->intent_count];
            return;
        }
    }
}
