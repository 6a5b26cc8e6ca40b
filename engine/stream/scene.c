#include "engine/stream/scene.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/sys/clock.h"

#include <stdio.h>

#define STATE_BYTES 32
#define SCENE_BYTES 512
#define LONGEST_MS  ((int64_t)366 * 24 * 3600 * 1000)

static bool take_time(struct weir_json *json, int64_t from_ms, int64_t *time_ms)
{
    int64_t number;
    if (!weir_json_take_i64(json, &number) || number < 0 || number > INT64_MAX - LONGEST_MS ||
        (from_ms > 0 && number > LONGEST_MS)) {
        return false;
    }
    *time_ms = from_ms + number;
    return true;
}

static bool take_member(struct weir_json *json, struct weir_span name, int64_t now_ms,
                        struct weir_room_change *out)
{
    if (weir_span_is(name, "room")) {
        return weir_json_take_string(json, &out->room);
    }
    if (weir_span_is(name, "state")) {
        return weir_json_take_string(json, &out->state);
    }
    if (weir_span_is(name, "moderator")) {
        return weir_json_take_string(json, &out->moderator);
    }
    if (weir_span_is(name, "scene")) {
        out->has_scene = true;
        return weir_json_take_string(json, &out->scene);
    }
    if (weir_span_is(name, "scene_ends")) {
        return take_time(json, 0, &out->scene_ends_ms);
    }
    if (weir_span_is(name, "scene_ends_in")) {
        return take_time(json, now_ms, &out->scene_ends_ms);
    }
    if (weir_span_is(name, "ends")) {
        return take_time(json, 0, &out->ends_ms);
    }
    if (weir_span_is(name, "ends_in")) {
        return take_time(json, now_ms, &out->ends_ms);
    }
    if (weir_span_is(name, "ended")) {
        return take_time(json, 0, &out->ended_ms);
    }
    return weir_json_skip(json);
}

bool weir_room_change_read(struct weir_span text, int64_t now_ms, struct weir_buffer *scratch,
                           struct weir_room_change *out)
{
    struct weir_json json;
    struct weir_span name;
    *out = (struct weir_room_change){.room = {NULL, 0}};
    weir_buffer_clear(scratch);
    weir_buffer_reserve(scratch, 3 * text.length + 1); // so that no span of it moves
    weir_json_start(&json, text, scratch);
    if (!weir_json_enter_object(&json)) {
        return false;
    }
    while (weir_json_next_member(&json, &name)) {
        if (!take_member(&json, name, now_ms, out)) {
            return false;
        }
    }
    bool is_state = out->state.length == 0 || weir_span_is(out->state, "live") ||
                    weir_span_is(out->state, "paused") || weir_span_is(out->state, "ended");
    return weir_json_finish(&json) && is_state;
}

static void keep(struct weir_room *room)
{
    struct weir_service *service = room->attachment->service;
    struct weir_buffer *json = &service->scratch;
    weir_buffer_clear(json);
    weir_buffer_add_byte(json, '{');
    weir_json_add_text_field(json, "room", weir_buffer_span(&room->name));
    weir_json_add_text_field(json, "state", weir_buffer_span(&room->state));
    weir_json_add_text_field(json, "scene", weir_buffer_span(&room->scene));
    weir_json_add_text_field(json, "moderator", weir_buffer_span(&room->moderator));
    weir_json_add_i64_field(json, "scene_ends", room->scene_ends_ms);
    weir_json_add_i64_field(json, "ends", room->ends_ms);
    weir_json_add_i64_field(json, "ended", room->ended_ms);
    weir_buffer_add_byte(json, '}');
    uint64_t position = weir_spool_append(service->spool, WEIR_SPOOL_ROOM, weir_buffer_span(json));
    if (position && room->scene_position) {
        weir_spool_release(service->spool, room->scene_position);
    }
    room->scene_position = position ? position : room->scene_position;
}

static void set_text(struct weir_buffer *kept, struct weir_span text, size_t most)
{
    weir_buffer_clear(kept);
    weir_buffer_add(kept, weir_span_slice(text, 0, text.length < most ? text.length : most));
}

// An end that was announced holds for the scene, and the stream, that it was said of. False where
// nothing changed.
static bool take_over(struct weir_room *room, const struct weir_room_change *change)
{
    struct weir_span old_state = weir_buffer_span(&room->state);
    bool is_other =
        change->has_scene && !weir_span_equals(change->scene, weir_buffer_span(&room->scene));
    bool begins = weir_span_is(change->state, "live") && weir_span_is(old_state, "ended");
    bool is_other_state = change->state.length > 0 && !weir_span_equals(change->state, old_state);
    if (is_other || begins || change->scene_ends_ms) {
        room->scene_ends_ms = change->scene_ends_ms;
    }
    if (begins || change->ends_ms) {
        room->ends_ms = change->ends_ms;
    }
    if (change->state.length > 0) {
        set_text(&room->state, change->state, STATE_BYTES);
    }
    if (is_other) {
        set_text(&room->scene, change->scene, SCENE_BYTES);
    }
    if (change->moderator.length > 0) {
        set_text(&room->moderator, change->moderator, SCENE_BYTES);
    }
    return is_other || begins || is_other_state || change->moderator.length > 0 ||
           change->scene_ends_ms || change->ends_ms;
}

static void end_scene(struct weir_room *room, struct weir_span scene, int64_t end_ms)
{
    const struct weir_store_end end = {
        .room = weir_buffer_span(&room->name), .scene = scene, .end_ms = end_ms};
    weir_store_hasten(room->attachment->service->store, &end);
}

static void end_stream(struct weir_room *room, int64_t end_ms)
{
    const struct weir_store_end end = {
        .room = weir_buffer_span(&room->name), .is_stream = true, .end_ms = end_ms};
    weir_store_hasten(room->attachment->service->store, &end);
}

static void tell_ends(struct weir_room *room)
{
    if (weir_span_is(weir_buffer_span(&room->state), "ended")) {
        end_stream(room, room->ended_ms);
        return;
    }
    if (room->scene_ends_ms) {
        end_scene(room, weir_buffer_span(&room->scene), room->scene_ends_ms);
    }
    if (room->ends_ms) {
        end_stream(room, room->ends_ms);
    }
}

// What is open now is to be followed up; that is on disk before Redis knows.
static void keep_end(struct weir_room *room)
{
    struct weir_service *service = room->attachment->service;
    struct weir_buffer *json = &service->scratch;
    char when[32];
    snprintf(when, sizeof(when), "%lld", (long long)room->ended_ms);
    weir_buffer_clear(json);
    weir_buffer_add_text(json, "{\"do\":\"ended\"");
    weir_json_add_text_field(json, "card", weir_buffer_span(&room->name));
    weir_json_add_text_field(json, "message", weir_span_of(when));
    weir_json_add_text_field(json, "user", weir_buffer_span(&room->moderator));
    weir_buffer_add_byte(json, '}');
    const struct weir_pledge pledge = {
        .kind = WEIR_PLEDGE_REACTION,
        .position = weir_spool_append(service->spool, WEIR_SPOOL_REACTION, weir_buffer_span(json)),
        .room = room,
    };
    if (pledge.position) {
        weir_pledges_add(service->pledges, &pledge, weir_buffer_span(json));
    } else {
        weir_store_react(service->store, 0, weir_buffer_span(json)); // the spool is full
    }
}

void weir_scene_change(struct weir_room *room, const struct weir_room_change *change,
                       int64_t now_ms)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer old_scene = {0};
    bool was_ended = weir_span_is(weir_buffer_span(&room->state), "ended");
    weir_buffer_add(&old_scene, weir_buffer_span(&room->scene));
    if (!take_over(room, change)) {
        return;
    }
    if (!was_ended && weir_span_is(weir_buffer_span(&room->state), "ended")) {
        room->ended_ms = change->ended_ms ? change->ended_ms : now_ms;
    }
    keep(room);
    if (weir_span_is(weir_buffer_span(&room->state), "ended") &&
        (!was_ended || change->moderator.length > 0)) {
        keep_end(room);
    }
    if (!weir_span_equals(weir_buffer_span(&old_scene), weir_buffer_span(&room->scene))) {
        end_scene(room, weir_buffer_span(&old_scene), now_ms);
    }
    tell_ends(room);
}

void weir_scene_resume(struct weir_service *service, uint64_t position, struct weir_span record)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_room_change kept;
    if (!weir_room_change_read(record, 0, &scratch, &kept) || kept.room.length == 0) {
        weir_spool_release(service->spool, position);
        return;
    }
    struct weir_room *room = weir_service_find_room(service, kept.room);
    room = room ? room : weir_service_add_room(service, kept.room);
    if (room->scene_position) {
        weir_spool_release(service->spool, room->scene_position);
    }
    room->scene_position = position;
    room->ended_ms = kept.ended_ms;
    take_over(room, &kept);
}

void weir_scene_owned(struct weir_room *room)
{
    tell_ends(room);
}

static void write_room(const struct weir_room *room, struct weir_buffer *json)
{
    weir_buffer_add_text(json, "{\"ok\":true");
    weir_json_add_text_field(json, "room", weir_buffer_span(&room->name));
    weir_json_add_text_field(json, "state", weir_buffer_span(&room->state));
    weir_json_add_text_field(json, "scene", weir_buffer_span(&room->scene));
    weir_json_add_i64_field(json, "scene_ends", room->scene_ends_ms);
    weir_json_add_i64_field(json, "ends", room->ends_ms);
    weir_buffer_add_byte(json, '}');
}

void weir_scene_on_request(struct weir_service *service, struct weir_span request,
                           struct weir_buffer *json)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_room_change change;
    int64_t now_ms = weir_clock_wall_ms();
    if (!weir_room_change_read(request, now_ms, &scratch, &change)) {
        weir_buffer_add_text(json, "{\"ok\":false,\"error\":\"what the room is doing can't be read "
                                   "(live, paused, ended; times in ms)\"}");
        return;
    }
    struct weir_room *room = weir_service_find_room(service, change.room);
    if (!room || !room->attachment || room->is_refused) {
        weir_buffer_add_text(json, "{\"ok\":false,\"error\":\"the daemon does not serve such a "
                                   "room; see 'weir rooms'\"}");
        return;
    }
    weir_scene_change(room, &change, now_ms);
    weir_log_say(service->log, WEIR_LOG_INFO, change.room, "room.set", "state=%s scene=%.*s",
                 weir_buffer_text(&room->state), WEIR_SPAN_ARGS(weir_buffer_span(&room->scene)));
    write_room(room, json);
}
