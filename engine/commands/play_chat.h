/**
 * A recorded chat in memory, ready to be served: each line already written as the tail of its
 * frame, so that sending it to any room at any time is a few copies.
 */
#ifndef WEIR_COMMANDS_PLAY_CHAT_H
#define WEIR_COMMANDS_PLAY_CHAT_H

#include "engine/base/error.h"
#include "engine/commands/name_table.h"

enum play_kind { PLAY_CHAT, PLAY_EDIT, PLAY_GONE, PLAY_ROOM };

/** One frame to be: `{"type":KIND,"room":..,"seq":..,"ts":..` and then `tail`. */
struct play_line {
    int64_t ts_ms;
    size_t tail_offset;
    uint32_t tail_length;
    uint32_t user; // number in the track's users, or NO_NAME
    uint32_t id;   // number in the track's ids, or NO_NAME
    enum play_kind kind;
};

/** The lines of one recorded room, by time; seq N of a room that plays it is line N - 1. */
struct play_track {
    struct play_line *lines;
    size_t count;
    size_t capacity;
    struct name_table users;
    struct name_table ids;
    uint32_t *line_of_id; // by number of the id: its latest chat line
    size_t id_capacity;
};

struct play_chat {
    struct weir_buffer tails;
    struct name_table rooms;
    struct play_track *tracks; // by number of the room
    size_t track_capacity;
    uint64_t bad_lines;
};

/**
 * Reads a recording; `merged` puts all its rooms into one track. Bad lines are counted and skipped.
 * False with `err` where the file can't be read to its end.
 */
bool play_chat_load(struct play_chat *chat, const char *path, bool merged, struct weir_error *err);
void play_chat_fini(struct play_chat *chat);

/** The line that the id names, or NULL; `*position_out` is its index in the track. */
const struct play_line *play_track_find(const struct play_track *track, struct weir_span id,
                                        size_t *position_out);

/** Adds line `position` of the track as one object, no LF. */
void play_chat_write(const struct play_chat *chat, const struct play_track *track, size_t position,
                     struct weir_span room_json, int64_t now_ms, struct weir_buffer *out);

#endif
