#include "engine/commands/play_chat.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/sys/recording.h"

#include <inttypes.h>
#include <stdlib.h>

static struct play_track *track_of(struct play_chat *chat, struct weir_span room)
{
    size_t known = chat->rooms.count;
    uint32_t number = name_table_add(&chat->rooms, room);
    if (number == known) {
        chat->tracks =
            weir_grow(chat->tracks, &chat->track_capacity, known + 1, sizeof(*chat->tracks));
        chat->tracks[number] = (struct play_track){0};
    }
    return &chat->tracks[number];
}

static bool is_served(const struct weir_event *event)
{
    return event->kind == WEIR_EVENT_MESSAGE || event->kind == WEIR_EVENT_GONE ||
           event->kind == WEIR_EVENT_ROOM;
}

// The protocol's writer gives the whole object; what follows its room is the same for every room
// and every seq that the line will be served with.
static void add_tail(struct play_chat *chat, const struct weir_event *event, struct play_line *line)
{
    static const char room_field[] = "\"room\":\"\"";
    struct weir_message message = {0};
    struct weir_event bare = *event;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer object = {0};
    bare.room = (struct weir_span){NULL, 0};
    bare.has_seq = false;
    if (event->message) {
        message = *event->message;
        message.room = bare.room;
        message.has_seq = false;
        message.ts_ms = 0;
        bare.message = &message;
    }
    weir_room_write_event(&object, &bare);
    char *field = memmem(object.data, object.length, room_field, sizeof(room_field) - 1);
    weir_assert(field != NULL);
    size_t start = (size_t)(field - object.data) + sizeof(room_field) - 1;
    line->tail_offset = chat->tails.length;
    line->tail_length = (uint32_t)(object.length - start);
    weir_buffer_add(&chat->tails, weir_span_slice(weir_buffer_span(&object), start, object.length));
}

static enum play_kind kind_of(const struct weir_event *event)
{
    if (event->kind == WEIR_EVENT_MESSAGE) {
        return event->message->is_edit ? PLAY_EDIT : PLAY_CHAT;
    }
    return event->kind == WEIR_EVENT_GONE ? PLAY_GONE : PLAY_ROOM;
}

static void index_message(struct play_track *track, const struct weir_message *message,
                          struct play_line *line)
{
    line->ts_ms = message->ts_ms;
    if (message->user.id.length > 0) {
        line->user = name_table_add(&track->users, message->user.id);
    }
    line->id = name_table_add(&track->ids, message->id);
}

static void add_line(struct play_chat *chat, struct play_track *track,
                     const struct weir_event *event)
{
    struct play_line line = {.kind = kind_of(event), .user = NO_NAME, .id = NO_NAME};
    line.ts_ms = track->count > 0 ? track->lines[track->count - 1].ts_ms : 0;
    add_tail(chat, event, &line);
    if (event->message) {
        index_message(track, event->message, &line);
    }
    track->lines =
        weir_grow(track->lines, &track->capacity, track->count + 1, sizeof(*track->lines));
    track->lines[track->count++] = line;
}

static int by_time(const void *left, const void *right)
{
    const struct play_line *a = left, *b = right;
    if (a->ts_ms != b->ts_ms) {
        return a->ts_ms < b->ts_ms ? -1 : 1;
    }
    return (a->tail_offset > b->tail_offset) - (a->tail_offset < b->tail_offset);
}

// What happens before the first message has no time of its own: it happens with that message.
static void date_the_start(struct play_track *track)
{
    size_t first = 0;
    while (first < track->count && track->lines[first].ts_ms == 0) {
        first++;
    }
    for (size_t i = 0; i < first && first < track->count; i++) {
        track->lines[i].ts_ms = track->lines[first].ts_ms;
    }
}

static void finish_track(struct play_track *track)
{
    date_the_start(track);
    if (track->count > 0) {
        qsort(track->lines, track->count, sizeof(*track->lines), by_time);
    }
    track->line_of_id = weir_new_array(uint32_t, track->ids.count + 1);
    for (size_t i = 0; i < track->count; i++) {
        const struct play_line *line = &track->lines[i];
        if (line->id != NO_NAME && line->kind == PLAY_CHAT) {
            track->line_of_id[line->id] = (uint32_t)i + 1; // 0: only ever edited
        }
    }
}

bool play_chat_load(struct play_chat *chat, const char *path, bool merged, struct weir_error *err)
{
    WEIR_AUTO(weir_recording_close)
    struct weir_recording *recording = weir_recording_open(path, 0, NULL, NULL, err);
    const struct weir_event *event = NULL;
    if (!recording) {
        return false;
    }
    track_of(chat, merged ? WEIR_SPAN("") : weir_recording_room(recording));
    while ((event = weir_recording_next(recording)) != NULL) {
        if (is_served(event)) {
            struct weir_span room = merged ? WEIR_SPAN("") : event->room;
            add_line(chat, track_of(chat, room), event);
        }
    }
    chat->bad_lines = weir_recording_bad_lines(recording);
    for (size_t i = 0; i < chat->rooms.count; i++) {
        finish_track(&chat->tracks[i]);
    }
    const char *failure = weir_recording_failure(recording);
    return !failure || weir_error_set(err, "cannot read %s to its end: %s", path, failure);
}

void play_chat_fini(struct play_chat *chat)
{
    for (size_t i = 0; i < chat->rooms.count; i++) {
        struct play_track *track = &chat->tracks[i];
        free(track->lines);
        free(track->line_of_id);
        name_table_fini(&track->users);
        name_table_fini(&track->ids);
    }
    free(chat->tracks);
    name_table_fini(&chat->rooms);
    weir_buffer_fini(&chat->tails);
}

const struct play_line *play_track_find(const struct play_track *track, struct weir_span id,
                                        size_t *position_out)
{
    uint32_t number = name_table_find(&track->ids, id);
    if (number == NO_NAME || track->line_of_id[number] == 0) {
        return NULL;
    }
    *position_out = track->line_of_id[number] - 1;
    return &track->lines[*position_out];
}

static struct weir_span opening_of(enum play_kind kind)
{
    switch (kind) {
    case PLAY_EDIT:
        return WEIR_SPAN("{\"type\":\"edit\",\"room\":");
    case PLAY_GONE:
        return WEIR_SPAN("{\"type\":\"gone\",\"room\":");
    case PLAY_ROOM:
        return WEIR_SPAN("{\"type\":\"room\",\"room\":");
    default:
        return WEIR_SPAN("{\"type\":\"chat\",\"room\":");
    }
}

void play_chat_write(const struct play_chat *chat, const struct play_track *track, size_t position,
                     struct weir_span room_json, int64_t now_ms, struct weir_buffer *out)
{
    const struct play_line *line = &track->lines[position];
    weir_buffer_add(out, opening_of(line->kind));
    weir_buffer_add(out, room_json);
    if (line->kind != PLAY_ROOM) {
        weir_buffer_add(out, WEIR_SPAN(",\"seq\":"));
        weir_buffer_add_u64(out, position + 1);
    }
    if (line->kind == PLAY_CHAT || line->kind == PLAY_EDIT) {
        weir_buffer_add(out, WEIR_SPAN(",\"ts\":"));
        weir_buffer_add_u64(out, (uint64_t)now_ms);
    }
    weir_buffer_add(out,
                    (struct weir_span){chat->tails.data + line->tail_offset, line->tail_length});
}
