/** What the ways to a Redis share: its name and secrets, and the two that are more than one server.
 * Only for redis*.c. */
#ifndef WEIR_STORE_REDIS_PRIVATE_H
#define WEIR_STORE_REDIS_PRIVATE_H

#include "engine/base/buffer.h"
#include "engine/store/redis_node.h"

/** How connections are made; outlives them. */
struct weir_redis_door {
    struct weir_loop *loop;
    struct weir_redis_url url;
    struct weir_redis_tls *tls; // NULL: in clear
    struct weir_buffer password;
    struct weir_buffer sentinel_password;
};

/** A connection for cards through this door, to one of its addresses. */
struct weir_redis_node_options weir_redis_door_options(const struct weir_redis_door *door,
                                                       const struct weir_redis_address *address);

bool weir_redis_address_equals(const struct weir_redis_address *a,
                               const struct weir_redis_address *b);

// redis_sentinel.c: asks one sentinel after the other, again and again, where the master is

struct weir_sentinel;
struct weir_sentinel_events {
    /** Comes every second while a sentinel answers. */
    void (*on_master)(void *user, const struct weir_redis_address *master);
    /** This one does not answer, or knows no such master; the next is asked a little later. */
    void (*on_failed)(void *user, struct weir_span cause);
};
struct weir_sentinel *weir_sentinel_open(const struct weir_redis_door *door,
                                         const struct weir_sentinel_events *events, void *user);
void weir_sentinel_close(struct weir_sentinel **sentinel);
/** What it said was of no use: another one is asked next. */
void weir_sentinel_doubt(struct weir_sentinel *sentinel);

// redis_cluster.c: a connection to every master, and who has what

struct weir_redis_cluster;
struct weir_redis_cluster_events {
    /** Every slot has a master, all of them are ready. */
    void (*on_ready)(void *user, struct weir_span run_id);
    /** One of them is not. It is to be closed, and may be from within this. */
    void (*on_lost)(void *user, struct weir_span cause);
};
/** Asks the node at `seed` first who is there. */
struct weir_redis_cluster *weir_redis_cluster_open(const struct weir_redis_door *door,
                                                   const struct weir_redis_address *seed,
                                                   const struct weir_redis_cluster_events *events,
                                                   void *user);
void weir_redis_cluster_close(struct weir_redis_cluster **cluster);
/** The server of `key`; of any where it is empty. */
struct weir_redis_node *weir_redis_cluster_node_of(const struct weir_redis_cluster *cluster,
                                                   struct weir_span key);
/** `is_call`: of the library, which needs the whole queue in one place. */
bool weir_redis_cluster_send(struct weir_redis_cluster *cluster, struct weir_span key,
                             struct weir_span command, bool is_call, weir_reply_fn on_reply,
                             void *user);
/** How often an answer sent a command somewhere else. */
uint64_t weir_redis_cluster_redirects(const struct weir_redis_cluster *cluster);
/** Its masters, to begin with should those of the URL be gone. */
size_t weir_redis_cluster_members(const struct weir_redis_cluster *cluster,
                                  struct weir_redis_address *out, size_t capacity);

#endif
