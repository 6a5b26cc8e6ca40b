/**
 * The human queues in Redis, seen from a daemon: cards go in, decisions of humans come out.
 *
 * Cards are taken only from the spool, so nothing here can lose one: Redis away means that they
 * wait. Everything that is repeated after an unknown outcome is idempotent by its id.
 */
#ifndef WEIR_STORE_STORE_H
#define WEIR_STORE_STORE_H

#include "engine/net/loop.h"
#include "engine/store/redis_tls.h"

struct weir_store;

struct weir_store_options {
    struct weir_span url;                  // as redis_url.h reads it; empty: a private server
    struct weir_span password;             // from a file or the environment
    struct weir_span sentinel_password;    // of the sentinels themselves
    struct weir_redis_tls_files tls_files; // of a URL with TLS
    const char *state;                     // directory for the private server and its data
    const char *redis_server;              // program to start; NULL = "redis-server"
    struct weir_span process; // name of this process in the registry and the consumer groups
};

struct weir_store_events {
    /** Usable from now on (functions loaded, policy checked), or no longer, with the cause; again
     * only where the cause is another. */
    void (*on_ready)(void *user);
    void (*on_lost)(void *user, struct weir_span cause);
    /** The card of this spool position has been seen to its end, or is older than its retention;
     * or all cards know of what was withdrawn under it. */
    void (*on_card_finished)(void *user, uint64_t position);
    /** A human decided: an action (JSON as weir.room.v1 writes it) for a room that we own. `entry`
     * names it until weir_store_action_taken(). May come again after a crash or a reconnect. */
    void (*on_action)(void *user, struct weir_span room, struct weir_span entry,
                      struct weir_span action_json);
    /** The room is ours, for the first time or again after another process had it. */
    void (*on_room_owned)(void *user, struct weir_span room);
    /** Another process owns this room. */
    void (*on_room_refused)(void *user, struct weir_span room, struct weir_span owner);
    /** A decision was undone, so a card of a room of ours is open that was finished: it is to be
     * spooled, and handed over, anew. */
    void (*on_card_reopened)(void *user, struct weir_span card_json);
};

/** Starts connecting; never fails for a Redis that is away, only for options that can't work. */
struct weir_store *weir_store_open(struct weir_loop *loop, const struct weir_store_options *options,
                                   const struct weir_store_events *events, void *user,
                                   struct weir_error *err);

/** Stops; a private server is shut down cleanly with its data. `on_closed` comes from the loop. */
void weir_store_close(struct weir_store **store, void (*on_closed)(void *user), void *user);

/** Hands over a durable spool record of kind CARD; it is added as soon as Redis is there. */
void weir_store_add(struct weir_store *store, uint64_t position, struct weir_span card_json);

/** Finishes up to `most` of the oldest cards, so that the spool has room: first those that are in
 * Redis, which lose only their copy here. Returns how many; `*lost_out` were in no Redis yet. */
size_t weir_store_give_up(struct weir_store *store, size_t most, size_t *lost_out);

/** What is gone from a room. */
struct weir_store_gone {
    struct weir_span room;
    struct weir_span id; // of a message; of a user, empty = everybody, where it is all of a user
    bool is_all_of_user;
};

/**
 * Messages are gone from their room: their questions are withdrawn, their flags say so. `position`
 * is that of a spool record which hands this over again after a crash, 0 = none.
 */
void weir_store_withdraw(struct weir_store *store, uint64_t position,
                         const struct weir_store_gone *what);

/** False where no open card can be about it. */
bool weir_store_may_have_card(struct weir_store *store, const struct weir_store_gone *gone);

/**
 * Hands over a durable record of kind REACTION: what an asker said to the answer of his card, as
 * {"do": "satisfied" | "reopen" | "automatic", "queue", "card", "message", "user", "text"};
 * `automatic` = was answered without a card; `ended` = the room `card` did at `message` (ms), and
 * `user` follows up what is open. It reaches the queue once Redis is there; then
 * on_card_finished() names the position. Where that is 0 it is only tried.
 */
void weir_store_react(struct weir_store *store, uint64_t position, struct weir_span json);

/** A scene or a stream ends, or has ended. */
struct weir_store_end {
    struct weir_span room;
    struct weir_span scene; // the one that ends, unless it is the stream
    bool is_stream;         // and with it every scene
    int64_t end_ms;         // by our clock
};

/** The open cards that were to be answered before are due then at the latest. May be repeated. */
void weir_store_hasten(struct weir_store *store, const struct weir_store_end *end);

/** Takes the room's lease and its stream of actions; renewed until given back. */
void weir_store_own_room(struct weir_store *store, struct weir_span name);
void weir_store_leave_room(struct weir_store *store, struct weir_span name);

/** The action of `entry` is in our own durable log now: Redis may forget it. */
void weir_store_action_taken(struct weir_store *store, struct weir_span room,
                             struct weir_span entry);

/** Puts something into the stream of a room, for whoever owns it; once for each id, however often
 * it is asked for. Nothing happens while Redis is away. */
void weir_store_put_action(struct weir_store *store, struct weir_span room, struct weir_span id,
                           struct weir_span json);

/** Users of one weir_store_remember(). */
#define WEIR_STORE_USERS 40

/**
 * Keeps what is known of users under `scope` (a room, a platform): pairs of a user and his record,
 * five numbers as `FIRST_MS STRIKES_MS STRIKES MESSAGES CLEAN`, of which the later strikes and the
 * longer history stay. `on_done` says whether Redis has them; it must not be gone before. False,
 * and nothing happens, unless Redis is there.
 */
bool weir_store_remember(struct weir_store *store, struct weir_span scope,
                         const struct weir_span *users_and_records, size_t count,
                         void (*on_done)(void *user, bool is_kept), void *user);

typedef void (*weir_store_user_fn)(void *user, struct weir_span name, struct weir_span record);

/** Reads a page of them; begin with the cursor "0" and go on until it is that again. An empty one
 * means that Redis went away: begin anew. False unless Redis is there. */
bool weir_store_recall(struct weir_store *store, struct weir_span scope, struct weir_span cursor,
                       weir_store_user_fn on_user,
                       void (*on_page)(void *user, struct weir_span next_cursor), void *user);

/** Numbers for status and metrics. */
struct weir_store_counters {
    uint64_t added;
    uint64_t merged;
    uint64_t repeated;  // adds that Redis had seen already
    uint64_t withdrawn; // questions whose messages went
    uint64_t refused;   // answers that were errors
    uint64_t reconnects;
    uint64_t waiting; // cards handed over, not yet in Redis
};
struct weir_store_counters weir_store_counters(const struct weir_store *store);

/** How a queue stood when Redis was asked last, every ten seconds; see queue_metrics.lua. */
struct weir_store_figures {
    struct weir_span queue;
    int64_t at_ms; // of Redis; 0 = not asked yet, and nothing else is known
    int64_t waiting;
    int64_t overdue;
    int64_t claimed;
    int64_t moving;
    int64_t present;
    int64_t oldest_ms; // when the oldest waiting card was asked, 0 = none waits
};

/** Calls on_figures for each queue that we know of. */
void weir_store_each_queue(const struct weir_store *store,
                           void (*on_figures)(void *user, const struct weir_store_figures *figures),
                           void *user);

#endif
