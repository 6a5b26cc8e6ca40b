/**
 * What a room is doing: live or ended, what is on screen, and when that ends. Told by the platform
 * or by a moderator, whoever spoke last; kept in the spool.
 */
#ifndef WEIR_STREAM_SCENE_H
#define WEIR_STREAM_SCENE_H

#include "engine/stream/service_private.h"

/** Spans borrow. */
struct weir_room_change {
    struct weir_span room;
    struct weir_span state; // live, paused, ended; empty: stays
    struct weir_span scene;
    struct weir_span moderator; // who follows up what is open when the room ends; empty: stays
    bool has_scene;             // it changes, to nothing where it is empty
    int64_t scene_ends_ms;      // 0 = not said
    int64_t ends_ms;            // of the stream, 0 = not said
    int64_t ended_ms;           // when it did, 0 = not said
};

/**
 * Reads {"room", "state", "scene", "moderator", "scene_ends", "ends", "ended"} and ignores other
 * members; `scene_ends_in` and `ends_in` are relative to `now_ms`. False: no such object. `scratch`
 * lends the room for strings.
 */
bool weir_room_change_read(struct weir_span json, int64_t now_ms, struct weir_buffer *scratch,
                           struct weir_room_change *out);

/** The room changes: what was to be answered before is due, and it is kept for a restart. */
void weir_scene_change(struct weir_room *room, const struct weir_room_change *change,
                       int64_t now_ms);

/** The record that weir_scene_change() kept, found in the spool. */
void weir_scene_resume(struct weir_service *service, uint64_t position, struct weir_span record);

/** The room is ours, perhaps for the first time: tells the queues again what ends or has ended. */
void weir_scene_owned(struct weir_room *room);

/** Answers {"do": "set", "room": ...} of the control socket. */
void weir_scene_on_request(struct weir_service *service, struct weir_span request,
                           struct weir_buffer *json);

#endif
