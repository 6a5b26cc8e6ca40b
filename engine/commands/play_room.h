/**
 * One live room that `play` serves, and what has been done to it. Knows no sockets and no clock;
 * the room's time is that of the recording, so a mute of ten minutes silences ten minutes of the
 * recording at any speed.
 */
#ifndef WEIR_COMMANDS_PLAY_ROOM_H
#define WEIR_COMMANDS_PLAY_ROOM_H

#include "engine/commands/play_chat.h"

/** What is known of a position, as bits. */
enum play_flag {
    PLAY_WITHHELD = 1u << 0, // its author was muted: never sent
    PLAY_DELETED = 1u << 1,
    PLAY_HELD = 1u << 2,
    PLAY_MASKED = 1u << 3,
    PLAY_ACTED_ON = 1u << 4,
    PLAY_HAS_VERDICT = 1u << 5,
};

struct play_room {
    const struct play_track *track;
    struct weir_buffer name;
    struct weir_buffer name_json;
    size_t live;       // positions that the room has reached: sent, or withheld for good
    uint64_t acked;    // highest seq that will never be asked for again
    uint64_t last_seq; // highest seq that was sent
    uint8_t *flags;    // by position, up to `live`
    uint64_t *sent_us; // by position
    size_t flag_capacity;
    size_t sent_capacity;
    int64_t *muted_until_ms; // by number of the user, in the recording's time; NULL: nobody is
    int64_t started_us;      // when somebody joined first, by the monotonic clock
    bool has_started;
};

void play_room_init(struct play_room *room, struct weir_span name, const struct play_track *track);
void play_room_fini(struct play_room *room);

/** Reaches the next position. False where it is withheld. */
bool play_room_release(struct play_room *room);

/** The position that seq or else id name, among those the room has reached. */
bool play_room_find(const struct play_room *room, struct weir_span id, uint64_t seq, bool has_seq,
                    size_t *position_out);

/** Does what the action says, or tells why not. */
enum weir_refused play_room_act(struct play_room *room, const struct weir_action *action);

/** A verdict of gate mode for a position. */
void play_room_judge(struct play_room *room, size_t position, enum weir_gate verdict);

/** Whether a position may be sent (again). */
static inline bool play_room_may_send(const struct play_room *room, size_t position)
{
    return (room->flags[position] & (PLAY_WITHHELD | PLAY_DELETED)) == 0;
}

/** Whether everything was sent and acknowledged. */
static inline bool play_room_is_over(const struct play_room *room)
{
    return room->live == room->track->count && room->acked >= room->last_seq;
}

#endif
