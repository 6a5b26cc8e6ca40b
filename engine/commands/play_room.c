#include "engine/commands/play_room.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"

#include <stdlib.h>

void play_room_init(struct play_room *room, struct weir_span name, const struct play_track *track)
{
    *room = (struct play_room){.track = track};
    weir_buffer_add(&room->name, name);
    weir_json_add_string(&room->name_json, name);
}

void play_room_fini(struct play_room *room)
{
    weir_buffer_fini(&room->name);
    weir_buffer_fini(&room->name_json);
    free(room->flags);
    free(room->sent_us);
    free(room->muted_until_ms);
}

static bool is_muted(const struct play_room *room, const struct play_line *line)
{
    return room->muted_until_ms && line->user != NO_NAME &&
           line->ts_ms < room->muted_until_ms[line->user];
}

bool play_room_release(struct play_room *room)
{
    const struct play_line *line = &room->track->lines[room->live];
    bool is_withheld = is_muted(room, line);
    size_t needed = room->live + 1;
    room->flags = weir_grow(room->flags, &room->flag_capacity, needed, sizeof(*room->flags));
    room->sent_us = weir_grow(room->sent_us, &room->sent_capacity, needed, sizeof(*room->sent_us));
    room->flags[room->live] = is_withheld ? PLAY_WITHHELD : 0;
    room->sent_us[room->live] = 0;
    room->live = needed;
    return !is_withheld;
}

static bool is_line_with_id(const struct play_track *track, size_t position, struct weir_span id)
{
    uint32_t number = track->lines[position].id;
    return number != NO_NAME && weir_span_equals(name_table_text(&track->ids, number), id);
}

bool play_room_find(const struct play_room *room, struct weir_span id, uint64_t seq, bool has_seq,
                    size_t *position_out)
{
    if (has_seq && seq > 0 && seq <= room->live && is_line_with_id(room->track, seq - 1, id)) {
        *position_out = seq - 1;
        return true;
    }
    return play_track_find(room->track, id, position_out) && *position_out < room->live;
}

static int64_t time_of(const struct play_room *room)
{
    return room->live > 0 ? room->track->lines[room->live - 1].ts_ms : 0;
}

static void mute(struct play_room *room, uint32_t user, int64_t until_ms)
{
    if (!room->muted_until_ms) {
        room->muted_until_ms = weir_new_array(int64_t, room->track->users.count);
        for (size_t i = 0; i < room->track->users.count; i++) {
            room->muted_until_ms[i] = INT64_MIN;
        }
    }
    room->muted_until_ms[user] = until_ms;
}

static void act_on_message(struct play_room *room, enum weir_do kind, size_t position)
{
    switch (kind) {
    case WEIR_DO_DELETE:
        room->flags[position] |= PLAY_DELETED;
        break;
    case WEIR_DO_HOLD:
        room->flags[position] |= PLAY_HELD;
        break;
    case WEIR_DO_RELEASE:
        room->flags[position] &= (uint8_t)~PLAY_HELD;
        break;
    case WEIR_DO_MASK:
        room->flags[position] |= PLAY_MASKED;
        break;
    default:
        break;
    }
}

static enum weir_refused find_and_act_on_message(struct play_room *room,
                                                 const struct weir_action *action)
{
    size_t position = 0;
    if (action->message.length == 0) {
        return WEIR_REFUSED_INVALID;
    }
    if (!play_room_find(room, action->message, action->seq, action->has_seq, &position)) {
        return WEIR_REFUSED_NOT_FOUND;
    }
    act_on_message(room, action->kind, position);
    return WEIR_REFUSED_NOT;
}

static enum weir_refused act_on_user(struct play_room *room, const struct weir_action *action)
{
    uint32_t user = name_table_find(&room->track->users, action->user);
    if (action->user.length == 0 || (action->kind == WEIR_DO_TIMEOUT && action->seconds == 0) ||
        (action->kind == WEIR_DO_WARN && action->text.length + action->reason.length == 0)) {
        return WEIR_REFUSED_INVALID;
    }
    if (user == NO_NAME) {
        return WEIR_REFUSED_NOT_FOUND;
    }
    if (action->kind == WEIR_DO_BAN) {
        mute(room, user, INT64_MAX);
    } else if (action->kind == WEIR_DO_TIMEOUT) {
        mute(room, user, time_of(room) + (int64_t)action->seconds * 1000);
    } else if (action->kind != WEIR_DO_WARN) {
        mute(room, user, INT64_MIN);
    }
    return WEIR_REFUSED_NOT;
}

enum weir_refused play_room_act(struct play_room *room, const struct weir_action *action)
{
    switch (action->kind) {
    case WEIR_DO_DELETE:
    case WEIR_DO_HOLD:
    case WEIR_DO_RELEASE:
    case WEIR_DO_MASK:
        return find_and_act_on_message(room, action);
    case WEIR_DO_WARN:
    case WEIR_DO_TIMEOUT:
    case WEIR_DO_UNTIMEOUT:
    case WEIR_DO_BAN:
    case WEIR_DO_UNBAN:
        return act_on_user(room, action);
    case WEIR_DO_REPLY:
        if (action->message.length > 0) {
            return action->text.length > 0 ? find_and_act_on_message(room, action)
                                           : WEIR_REFUSED_INVALID;
        }
        return action->text.length > 0 ? WEIR_REFUSED_NOT : WEIR_REFUSED_INVALID;
    case WEIR_DO_ANNOUNCE:
        return action->text.length > 0 ? WEIR_REFUSED_NOT : WEIR_REFUSED_INVALID;
    case WEIR_DO_ROOM_MODE:
        return action->mode.length > 0 ? WEIR_REFUSED_NOT : WEIR_REFUSED_INVALID;
    default:
        return WEIR_REFUSED_UNSUPPORTED;
    }
}

void play_room_judge(struct play_room *room, size_t position, enum weir_gate verdict)
{
    static const enum weir_do deeds[] = {
        [WEIR_GATE_PASS] = WEIR_DO_RELEASE,
        [WEIR_GATE_HOLD] = WEIR_DO_HOLD,
        [WEIR_GATE_DELETE] = WEIR_DO_DELETE,
        [WEIR_GATE_MASK] = WEIR_DO_MASK,
    };
    act_on_message(room, deeds[verdict], position);
    room->flags[position] |= PLAY_HAS_VERDICT;
}
