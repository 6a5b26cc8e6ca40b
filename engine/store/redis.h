/**
 * One connection to a Redis, kept up: it connects, proves that the server may keep our cards, loads
 * the function library, watches that it answers, and begins anew after each failure.
 *
 * A reply of NULL means that the outcome is not known: the connection ended first. Everything that
 * is sent here is idempotent, so whoever gets NULL repeats it once the connection is ready again.
 */
#ifndef WEIR_STORE_REDIS_H
#define WEIR_STORE_REDIS_H

#include "engine/net/loop.h"
#include "engine/store/redis_url.h"

struct redisReply;
struct weir_redis;

typedef void (*weir_reply_fn)(void *user, const struct redisReply *reply);

struct weir_redis_options {
    struct weir_redis_url url;
    struct weir_span password;
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

/** Begins to connect at the next turn of the loop. */
struct weir_redis *weir_redis_open(struct weir_loop *loop, const struct weir_redis_options *options,
                                   const struct weir_redis_events *events, void *user);

/** Ends at once; what was sent gets its NULL reply before this returns, events come no more. */
void weir_redis_close(struct weir_redis **redis);

bool weir_redis_is_ready(const struct weir_redis *redis);

/** Sends a command. False (and `on_reply` is not called) unless ready. */
bool weir_redis_send(struct weir_redis *redis, const struct weir_span *args, size_t count,
                     weir_reply_fn on_reply, void *user);

/** Calls weir_NAME of the library with one key. As weir_redis_send(). */
bool weir_redis_call(struct weir_redis *redis, const char *name, struct weir_span key,
                     const struct weir_span *args, size_t count, weir_reply_fn on_reply,
                     void *user);

/** Tries at once instead of when the back-off is over. */
void weir_redis_hurry(struct weir_redis *redis);

/** The value of a line `name:value` of INFO; empty if there is none. */
struct weir_span weir_redis_info_find(struct weir_span info, const char *name);

/** Largest number of arguments of one call. */
#define WEIR_REDIS_ARGS 96

#endif
