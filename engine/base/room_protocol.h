/**
 * weir.room.v1, both sides of it: frames of the room server become events, what weir says becomes
 * frames. The room adapter, `play`, recordings and `replay` share this one reading of the protocol
 * (design.md 3).
 */
#ifndef WEIR_BASE_ROOM_PROTOCOL_H
#define WEIR_BASE_ROOM_PROTOCOL_H

#include "engine/base/buffer.h"

/** Longest object and longest frame that either side accepts. */
#define WEIR_ROOM_OBJECT_BYTES 65536u
#define WEIR_ROOM_FRAME_BYTES  1048576u
#define WEIR_ROOM_SUBPROTOCOL  "weir.room.v1"
/** Longest id of a room, message, user, action or rule; what carries a longer one is refused. */
#define WEIR_ROOM_ID_BYTES 512u

struct weir_room_lists;

/** Memory that reading needs, reused from frame to frame. Start it as `{0}`. */
struct weir_room_reader {
    struct weir_buffer scratch;
    struct weir_room_lists *lists;
    uint32_t max_object_bytes; // 0 = WEIR_ROOM_OBJECT_BYTES
    struct weir_message message;
    struct weir_event event;
    char cause[128];
    int64_t arrived_ms; // recordings: when the last frame came in; 0 = not recorded
    bool batch;         // the last welcome said so
};

void weir_room_reader_fini(struct weir_room_reader *reader);

/**
 * Reads one object that a room server says (also a line of a recording: without `type` it is a chat
 * line). Always gives an event: what can't be read is WEIR_EVENT_REFUSED with the cause and, as far
 * as they could be read, room, seq and id. The event lives in `reader` until the next call, its
 * spans in `reader` or in `object`.
 *
 * Room, id and time may be missing (empty, 0): in a recording that is allowed, an adapter refuses a
 * frame without a room. A user is an object or a plain id; without a user the identity is none.
 * Emotes that do not lie in the text are dropped. The fields that only recordings have (see
 * weir_room_write_recorded) are understood too.
 */
const struct weir_event *weir_room_read(struct weir_room_reader *reader, struct weir_span object);

/** What weir says. Each adds one object, no LF. */
void weir_room_write_hello(struct weir_buffer *out, struct weir_span token,
                           const struct weir_room_request *rooms, size_t count);
void weir_room_write_join(struct weir_buffer *out, const struct weir_room_request *rooms,
                          size_t count);
void weir_room_write_leave(struct weir_buffer *out, struct weir_span room);
void weir_room_write_action(struct weir_buffer *out, const struct weir_action *action);
void weir_room_write_verdict(struct weir_buffer *out, const struct weir_message *message,
                             enum weir_gate verdict, struct weir_span text);
void weir_room_write_ack(struct weir_buffer *out, struct weir_span room, uint64_t seq);

/**
 * What a server says, for `play`: welcome (READY; it offers batches), chat or edit, gone, room,
 * gap, done. Adds one object, no LF. USER_GONE is a `gone` with `user` and no `id` (an empty user:
 * all of the room's messages), which is ours. Events that no frame can say add nothing.
 */
void weir_room_write_event(struct weir_buffer *out, const struct weir_event *event);

/**
 * The same with what a recording must keep so that replaying gives the same verdicts: when it
 * arrived (0 = not known), and `from_self`, `history`, `damaged` where they are true.
 */
void weir_room_write_recorded(struct weir_buffer *out, const struct weir_event *event,
                              int64_t arrived_ms);

/** What a server hears. */
enum weir_room_heard_kind {
    WEIR_ROOM_HEARD_HELLO,
    WEIR_ROOM_HEARD_JOIN,
    WEIR_ROOM_HEARD_LEAVE,
    WEIR_ROOM_HEARD_ACTION,
    WEIR_ROOM_HEARD_VERDICT,
    WEIR_ROOM_HEARD_ACK,
    WEIR_ROOM_HEARD_BAD,     // cause says why; action.id is set where an action's could be read
    WEIR_ROOM_HEARD_UNKNOWN, // of a type that we do not know: counted and ignored
};

struct weir_room_heard {
    enum weir_room_heard_kind kind;
    struct weir_span token;
    const struct weir_room_request *rooms; // hello, join, leave
    size_t room_count;
    struct weir_action action;
    struct weir_span room; // verdict, ack
    struct weir_span message;
    uint64_t seq;
    enum weir_gate verdict;
    struct weir_span text;
    const char *cause;
};

struct weir_room_listener; // memory that hearing needs
struct weir_room_listener *weir_room_listener_create(void);
void weir_room_listener_destroy(struct weir_room_listener **listener);
/** Reads one object that weir said; lives until the next call. */
const struct weir_room_heard *weir_room_hear(struct weir_room_listener *listener,
                                             struct weir_span object);

/** The protocol's words. Names are NULL-safe both ways; find_ returns false for an unknown one. */
const char *weir_do_name(enum weir_do kind);
bool weir_do_find(struct weir_span name, enum weir_do *kind_out);
const char *weir_gate_name(enum weir_gate gate);
bool weir_gate_find(struct weir_span name, enum weir_gate *gate_out);
const char *weir_refused_name(enum weir_refused refused);
bool weir_refused_find(struct weir_span name, enum weir_refused *refused_out);
const char *weir_role_name(uint32_t role_bit);
bool weir_role_find(struct weir_span name, uint32_t *role_bit_out);
const char *weir_identity_name(enum weir_identity identity);
bool weir_identity_find(struct weir_span name, enum weir_identity *identity_out);

#endif
