/**
 * The Redis that keeps the cards, kept up: one server, whatever server the sentinels call the
 * master, or all masters of a cluster. It connects, proves that the server may keep our cards,
 * loads the function library, watches that it answers, and begins anew after each failure.
 *
 * A reply of NULL means that the outcome is not known: the connection ended first. Everything that
 * is sent here is idempotent, so whoever gets NULL repeats it once the connection is ready again.
 */
#ifndef WEIR_STORE_REDIS_H
#define WEIR_STORE_REDIS_H

#include "engine/store/redis_node.h"
#include "engine/store/redis_tls.h"

struct weir_redis;

struct weir_redis_options {
    struct weir_redis_url url;
    struct weir_span password;
    struct weir_span sentinel_password; // of the sentinels themselves
    struct weir_redis_tls_files tls_files;
    const char *channel; // NULL, or subscribe to this one instead: a connection only for listening
};

struct weir_redis_events {
    /** Usable. `run_id` is another one where the server was restarted or is another one. */
    void (*on_ready)(void *user, struct weir_span run_id);
    /** No longer, or still not: `cause` is one clause. Comes once per attempt. */
    void (*on_lost)(void *user, struct weir_span cause);
    /** Something was published on the channel. May be NULL without one. */
    void (*on_heard)(void *user, struct weir_span text);
};

/** Begins to connect at the next turn of the loop. NULL only where the URL asks for TLS and there
 * is none, or its files can't be read. */
struct weir_redis *weir_redis_open(struct weir_loop *loop, const struct weir_redis_options *options,
                                   const struct weir_redis_events *events, void *user,
                                   struct weir_error *err);

/** Ends at once; what was sent gets its NULL reply before this returns, events come no more. */
void weir_redis_close(struct weir_redis **redis);

bool weir_redis_is_ready(const struct weir_redis *redis);

/** Sends a command; in a cluster to whom its key belongs (the first argument, or the one behind
 * STREAMS). False (and `on_reply` is not called) unless ready. */
bool weir_redis_send(struct weir_redis *redis, const struct weir_span *args, size_t count,
                     weir_reply_fn on_reply, void *user);

/** Calls weir_NAME of the library with one key. As weir_redis_send(). */
bool weir_redis_call(struct weir_redis *redis, const char *name, struct weir_span key,
                     const struct weir_span *args, size_t count, weir_reply_fn on_reply,
                     void *user);

/** Sends a command to the server that has `key`. As weir_redis_send(). */
bool weir_redis_send_to(struct weir_redis *redis, struct weir_span key,
                        const struct weir_span *args, size_t count, weir_reply_fn on_reply,
                        void *user);

/** A number that stays the same as long as all commands about one key go to one connection: what
 * WAIT says is true only of those that went before on its own. */
uint64_t weir_redis_epoch(const struct weir_redis *redis);

/** Tries at once instead of when the back-off is over. */
void weir_redis_hurry(struct weir_redis *redis);

#endif
