/**
 * One connection to a platform: a WebSocket and the adapter that speaks on it, attached again
 * whenever it is lost, until the platform says that it is of no use or the owner closes it.
 *
 * A link knows nothing of rules, queues or disks: it turns frames into events, and actions into
 * frames. `weir run` builds on it, and so does `weir watch`.
 */
#ifndef WEIR_STREAM_LINK_H
#define WEIR_STREAM_LINK_H

#include "engine/net/loop.h"
#include "engine/sys/log.h"

struct weir_link;

struct weir_link_options {
    const struct weir_adapter *adapter;
    struct weir_span url;   // as configured; the adapter resolves it
    struct weir_span name;  // nick or account; may be empty
    struct weir_span token; // secret; may be empty
    struct weir_span ca_file;
    bool act;                  // false: read only
    uint32_t max_rooms;        // 0 = 10000
    uint32_t max_object_bytes; // 0 = 65536
    struct weir_log *log;      // may be NULL
    uint64_t random;           // seed of the jitter
};

/** `user` is the owner's. */
struct weir_link_events {
    /** What the adapter says; READY, LEFT, FAILED and MOVE are also dealt with here. */
    void (*on_event)(void *user, const struct weir_event *event);
    /** The adapter's call is over (a frame, a tick): only now may the owner act, ack or give
     * verdicts, because calls into an adapter never overlap. */
    void (*on_frame_end)(void *user);
    /** Login is over and rooms are being joined: actions may be sent from now on. */
    void (*on_up)(void *user);
    /** The connection is gone. `retry_ms` = when it is tried again, -1 = never: `cause` says why.
     */
    void (*on_down)(void *user, struct weir_span cause, int64_t retry_ms);
    /** The highest settled seq of a room that is about to be joined. False: none. May be NULL. */
    bool (*resume)(void *user, struct weir_span room, uint64_t *seq_out);
};

/**
 * Resolves the URL; rooms that it names are joined. Connects from the loop. NULL with `err` set
 * where the URL is not one of the adapter's.
 */
struct weir_link *weir_link_open(struct weir_loop *loop, const struct weir_link_options *options,
                                 const struct weir_link_events *events, void *user,
                                 struct weir_error *err);

/** Hangs up and frees at once; no event comes any more. */
void weir_link_close(struct weir_link **link);

/** A room to be in, now and after every reconnect. False where there are max_rooms already. */
bool weir_link_join(struct weir_link *link, struct weir_span room);
/** The same for a room that the platform put us in already: joined only after a reconnect. */
bool weir_link_adopt(struct weir_link *link, struct weir_span room);
void weir_link_leave(struct weir_link *link, struct weir_span room);
size_t weir_link_room_count(const struct weir_link *link);
struct weir_span weir_link_room(const struct weir_link *link, size_t index);

bool weir_link_is_up(const struct weir_link *link);
/** Whether it was given up for good, and why. */
bool weir_link_is_final(const struct weir_link *link);
struct weir_span weir_link_cause(const struct weir_link *link);
struct weir_span weir_link_url(const struct weir_link *link);
const struct weir_adapter *weir_link_adapter(const struct weir_link *link);

enum weir_support weir_link_supports(const struct weir_link *link, enum weir_do kind);

/** The next three only while it is up. Their answers come as events. */
void weir_link_act(struct weir_link *link, const struct weir_action *action);
void weir_link_verdict(struct weir_link *link, const struct weir_message *message,
                       enum weir_gate verdict, struct weir_span text);
void weir_link_ack(struct weir_link *link, struct weir_span room, uint64_t seq);

/** Between these two, what is acted waits; then it is written at once, if the system takes it. The
 * only calls that are allowed while an event is told, with act(), and only where the adapter's
 * `acts_within_decode` is true. */
void weir_link_cork(struct weir_link *link);
void weir_link_uncork(struct weir_link *link);

/** Bytes that wait to be written. */
size_t weir_link_queued(const struct weir_link *link);
/** Stops and resumes reading. */
void weir_link_pause(struct weir_link *link, bool paused);

#endif
