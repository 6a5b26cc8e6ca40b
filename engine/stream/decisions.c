// What moderators decided, on its way from Redis to the room. A decision that may be repeated stays
// pending in its stream until the platform has carried it out, so that whoever owns the room next
// goes on with it. One that must not be said twice leaves Redis once our spool has it: only we know
// then whether it was said.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/afterwards.h"
#include "engine/stream/campaign_entry.h"
#include "engine/sys/clock.h"

#include <stdlib.h>

#define IDS        4096 // of decisions that were handled
#define BACKLOG_MS 5000 // older than this it was decided while nobody took it
#define ON_SCREEN  256  // messages of a campaign that a decision reaches beside those on its card
#define LONGEST_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

struct pending {
    struct weir_room *room;
    struct weir_buffer id;
    struct weir_buffer entry;
    int64_t until_ms; // a decision that stands until then; 0: an action
};

struct weir_decisions {
    struct weir_service *service;
    struct weir_recent *handled; // so that a second delivery changes nothing
    struct pending *pending;     // under way, and pending in Redis
    size_t count;
    size_t capacity;
    struct weir_buffer scratch;
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
        weir_buffer_fini(&(*decisions)->scratch);
        free((*decisions)->pending);
        free(*decisions);
        *decisions = NULL;
    }
}

static void note_handled(struct weir_decisions *decisions, struct weir_span id)
{
    const struct weir_recent_answer handled = {0};
    if (id.length > 0 && !weir_recent_find(decisions->handled, id)) {
        weir_recent_add(decisions->handled, id, &handled);
    }
}

void weir_decisions_remember(struct weir_decisions *decisions, const struct weir_action *action)
{
    if (action->by_human) {
        note_handled(decisions, action->id);
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
                        struct weir_span id, struct weir_span entry, int64_t until_ms)
{
    size_t index;
    if (find_pending(decisions, id, &index)) {
        return;
    }
    decisions->pending = weir_grow(decisions->pending, &decisions->capacity, decisions->count + 1,
                                   sizeof(struct pending));
    struct pending *pending = &decisions->pending[decisions->count++];
    *pending = (struct pending){.room = room, .until_ms = until_ms};
    weir_buffer_add(&pending->id, id);
    weir_buffer_add(&pending->entry, entry);
}

static void end_pending(struct weir_decisions *decisions, size_t index)
{
    const struct pending *pending = &decisions->pending[index];
    weir_store_action_taken(decisions->service->store, weir_buffer_span(&pending->room->name),
                            weir_buffer_span(&pending->entry));
    forget(decisions, index);
}

void weir_decisions_end(struct weir_decisions *decisions, const struct weir_action *action)
{
    size_t index;
    if (find_pending(decisions, action->id, &index)) {
        end_pending(decisions, index);
    }
}

void weir_decisions_pend(struct weir_decisions *decisions, struct weir_room *room,
                         struct weir_span id, struct weir_span entry)
{
    note_handled(decisions, id);
    if (entry.length > 0) {
        add_pending(decisions, room, id, entry, 0);
    }
}

void weir_decisions_tick(struct weir_decisions *decisions, int64_t now_ms)
{
    for (size_t i = decisions->count; i-- > 0;) {
        if (decisions->pending[i].until_ms > 0 && decisions->pending[i].until_ms <= now_ms) {
            end_pending(decisions, i);
        }
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
        add_pending(decisions, room, action->id, entry, 0);
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
        add_pending(decisions, room, action->id, entry, 0);
    } else {
        weir_store_action_taken(decisions->service->store, weir_buffer_span(&room->name), entry);
    }
}

static void say_not_acted(struct weir_decisions *decisions, struct weir_room *room,
                          struct weir_span entry)
{
    struct weir_service *service = decisions->service;
    weir_room_count(service, room, WEIR_COUNT_NOT_ACTED, 1);
    weir_log_say(service->log, WEIR_LOG_WARN, weir_buffer_span(&room->name), "decision.not-acted",
                 "'act: false' is configured for this room");
    weir_store_action_taken(service->store, weir_buffer_span(&room->name), entry);
}

// --- campaigns ---

// What is on screen of it and on no card: rules had nothing against it, or it was too much at once.
static void reach_back(struct weir_room *room, const struct weir_standing *standing, int64_t now_ms)
{
    struct weir_said on_screen[ON_SCREEN];
    const struct weir_effect *effects[WEIR_STANDING_EFFECTS];
    struct weir_verdict_campaign campaign = {.sketch = &standing->sketch, .decided = standing};
    struct weir_verdict verdict = {
        .at_ms = now_ms, .effects = effects, .reason = {standing->reason, standing->reason}};
    size_t count =
        standing->effect_count > 0
            ? weir_memory_take_screen(room->memory, standing->campaign, on_screen, ON_SCREEN)
            : 0;
    for (size_t i = 0; i < standing->effect_count; i++) {
        enum weir_message_verdict of_message = weir_effect_message_verdict(&standing->effects[i]);
        enum weir_user_verdict of_user = weir_effect_user_verdict(&standing->effects[i]);
        effects[verdict.effect_count++] = &standing->effects[i];
        verdict.message_verdict = of_message ? of_message : verdict.message_verdict;
        verdict.user_verdict = of_user ? of_user : verdict.user_verdict;
    }
    weir_campaign_name(campaign.id, standing->campaign);
    verdict.campaign = &campaign;
    for (size_t i = 0; i < count; i++) {
        const struct weir_message message = {
            .room = weir_buffer_span(&room->name),
            .id = on_screen[i].message,
            .ts_ms = now_ms,
            .user = {.id = on_screen[i].user,
                     .name = on_screen[i].name,
                     .identity = WEIR_IDENTITY_STABLE},
        };
        weir_service_follow(room, &message, &verdict, now_ms);
    }
}

// It stays pending in Redis until it ends, so that whoever owns the room next goes on with it.
static void begin_standing(struct weir_decisions *decisions, struct weir_room *room,
                           struct weir_span entry, const struct weir_campaign_entry *begun)
{
    struct weir_service *service = decisions->service;
    int64_t now_ms = weir_clock_wall_ms();
    bool is_known = weir_recent_find(decisions->handled, begun->id) != NULL;
    size_t index;
    note_handled(decisions, begun->id);
    if (is_known && find_pending(decisions, begun->id, &index)) {
        return;
    }
    if (is_known || begun->standing.until_ms <= now_ms) {
        weir_store_action_taken(service->store, weir_buffer_span(&room->name), entry);
        return;
    }
    weir_log_say(service->log, WEIR_LOG_INFO, weir_buffer_span(&room->name), "campaign.decided",
                 "%.*s holds for all of the campaign for another %lld s",
                 WEIR_SPAN_ARGS(begun->standing.decision),
                 (long long)(begun->standing.until_ms - now_ms) / 1000);
    weir_room_count(service, room, WEIR_COUNT_HUMAN_ACTIONS, 1);
    add_pending(decisions, room, begun->id, entry, begun->standing.until_ms);
    weir_memory_decide_campaign(room->memory, &begun->standing);
    reach_back(room, &begun->standing, now_ms);
}

// An end may come before what it ends, where two processes relayed them.
static void end_standing(struct weir_decisions *decisions, struct weir_room *room,
                         struct weir_span entry, const struct weir_campaign_entry *end)
{
    struct weir_service *service = decisions->service;
    size_t index;
    if (weir_memory_end_decision(room->memory, end->standing.decision)) {
        weir_log_say(service->log, WEIR_LOG_INFO, weir_buffer_span(&room->name), "campaign.undone",
                     "%.*s is taken back", WEIR_SPAN_ARGS(end->standing.decision));
        weir_room_count(service, room, WEIR_COUNT_HUMAN_ACTIONS, 1);
    }
    note_handled(decisions, end->id);
    note_handled(decisions, end->begin);
    if (find_pending(decisions, end->begin, &index)) {
        end_pending(decisions, index);
    }
    weir_store_action_taken(service->store, weir_buffer_span(&room->name), entry);
}

static bool take_campaign(struct weir_decisions *decisions, struct weir_room *room,
                          struct weir_span entry, struct weir_span json)
{
    struct weir_campaign_entry campaign;
    enum weir_campaign_entry_kind kind =
        weir_campaign_entry_read(json, &decisions->scratch, &campaign);
    if (kind != WEIR_CAMPAIGN_ENTRY_GOOD) {
        return false; // an action, or to be refused like one
    }
    if (!room->attachment->config->act) {
        say_not_acted(decisions, room, entry);
    } else if (campaign.is_end) {
        end_standing(decisions, room, entry, &campaign);
    } else {
        begin_standing(decisions, room, entry, &campaign);
    }
    return true;
}

// --- what is to be undone later ---

// {"type":"later","at":MS,"action":{...}}; the action as it stands there.
static bool read_later(struct weir_span text, struct weir_buffer *scratch, int64_t *at_ms_out,
                       struct weir_span *action_out)
{
    struct weir_json json;
    struct weir_span name;
    struct weir_span type = {0};
    bool is_sound = true;
    weir_buffer_clear(scratch);
    weir_json_start(&json, text, scratch);
    if (!weir_json_enter_object(&json)) {
        return false;
    }
    while (is_sound && weir_json_next_member(&json, &name)) {
        if (weir_span_is(name, "type")) {
            is_sound = weir_json_take_string(&json, &type);
        } else if (weir_span_is(name, "at")) {
            is_sound = weir_json_take_i64(&json, at_ms_out);
        } else {
            size_t start = json.at;
            is_sound = weir_json_skip(&json);
            *action_out = weir_span_is(name, "action")
                              ? weir_span_trim(weir_span_slice(text, start, json.at))
                              : *action_out;
        }
    }
    return is_sound && weir_json_finish(&json) && weir_span_is(type, "later");
}

static bool take_later(struct weir_decisions *decisions, struct weir_room *room,
                       struct weir_span entry, struct weir_span json)
{
    struct weir_service *service = decisions->service;
    struct weir_span text = {0};
    int64_t at_ms = 0;
    if (!read_later(json, &decisions->scratch, &at_ms, &text)) {
        return false;
    }
    const struct weir_room_heard *heard = weir_room_hear(service->listener, text);
    if (heard->kind != WEIR_ROOM_HEARD_ACTION) {
        return false; // said to be refused, like any
    }
    bool is_handled = weir_recent_find(decisions->handled, heard->action.id) != NULL;
    if (is_handled && weir_outbox_has(room->attachment->outbox, heard->action.id)) {
        add_pending(decisions, room, heard->action.id, entry, 0);
    } else if (is_handled || !weir_planned_take(service->planned, at_ms, &heard->action, entry)) {
        weir_store_action_taken(service->store, weir_buffer_span(&room->name), entry);
    }
    return true;
}

void weir_decisions_on_entry(struct weir_decisions *decisions, struct weir_span room_name,
                             struct weir_span entry, struct weir_span action_json)
{
    struct weir_service *service = decisions->service;
    struct weir_room *room = weir_service_find_room(service, room_name);
    if (room && room->attachment &&
        (take_campaign(decisions, room, entry, action_json) ||
         take_later(decisions, room, entry, action_json))) {
        return;
    }
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
        weir_shortage_list(service, &action, "'act: false'");
        say_not_acted(decisions, room, entry);
    } else if (!weir_afterwards_address(room, action_json, &action)) {
        weir_store_action_taken(service->store, room_name, entry); // the rules have no word for it
    } else {
        take(decisions, room, entry, &action);
        weir_afterwards_said(room, action_json, &action, weir_clock_wall_ms());
    }
}
