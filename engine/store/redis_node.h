/**
 * One connection to one server that speaks Redis's protocol, from connecting to its end: it logs
 * in, proves that the server may keep our cards, loads the function library, and watches that it
 * answers. It never comes back by itself; whoever owns it opens another one.
 */
#ifndef WEIR_STORE_REDIS_NODE_H
#define WEIR_STORE_REDIS_NODE_H

#include "engine/net/loop.h"
#include "engine/store/redis_url.h"

struct redisReply;
struct weir_redis_node;
struct weir_redis_tls;

/** A reply of NULL: the connection ended first, the outcome is not known. */
typedef void (*weir_reply_fn)(void *user, const struct redisReply *reply);

struct weir_redis_node_options {
    enum weir_redis_purpose {
        WEIR_REDIS_FOR_CARDS,     // a master that may keep them and has the library
        WEIR_REDIS_FOR_LISTENING, // to `channel`, and nothing else can be sent
        WEIR_REDIS_FOR_ASKING,    // a sentinel, or a cluster's node about the cluster
    } purpose;
    const char *path; // of a UNIX socket, or NULL
    struct weir_redis_address address;
    struct weir_redis_tls *tls; // NULL: in clear; outlives the node
    const char *user;           // "": the server's default user
    struct weir_span password;  // empty: none; outlives the node
    uint32_t database;
    const char *channel;
    bool may_be_cluster; // a node of a cluster is not what others may be reached through
};

/** Both come at most once, `on_lost` is the end. The node may be closed from within them. */
struct weir_redis_node_events {
    void (*on_ready)(void *user, struct weir_redis_node *node);
    void (*on_lost)(void *user, struct weir_redis_node *node, struct weir_span cause);
    void (*on_heard)(void *user, struct weir_span text); // only for listening
};

/** Begins to connect at the next turn of the loop; names are looked up beside it. */
struct weir_redis_node *weir_redis_node_open(struct weir_loop *loop,
                                             const struct weir_redis_node_options *options,
                                             const struct weir_redis_node_events *events,
                                             void *user);

/** Ends at once, without an event; what waits for an answer gets NULL (before this returns, unless
 * it is called from within a reply). */
void weir_redis_node_close(struct weir_redis_node **node);

bool weir_redis_node_is_ready(const struct weir_redis_node *node);
/** Whether everything that was sent has been answered. */
bool weir_redis_node_is_idle(const struct weir_redis_node *node);
/** What INFO said of the server: its id, and whether it is a node of a cluster. */
struct weir_span weir_redis_node_run_id(const struct weir_redis_node *node);
bool weir_redis_node_is_of_cluster(const struct weir_redis_node *node);
const struct weir_redis_address *weir_redis_node_address(const struct weir_redis_node *node);
/** False where its functions must be called by EVALSHA with this id. */
bool weir_redis_node_has_functions(const struct weir_redis_node *node);
struct weir_span weir_redis_node_script(const struct weir_redis_node *node);

/** Sends a command. False (and `on_reply` is not called) unless it is ready. */
bool weir_redis_node_send(struct weir_redis_node *node, const struct weir_span *args, size_t count,
                          weir_reply_fn on_reply, void *user);
/** The same for a command as the protocol writes it. */
bool weir_redis_node_send_written(struct weir_redis_node *node, struct weir_span command,
                                  weir_reply_fn on_reply, void *user);

/** A command as the protocol writes it. */
void weir_redis_write_command(struct weir_buffer *out, const struct weir_span *args, size_t count);

/** The value of a line `name:value` of INFO; empty if there is none. */
struct weir_span weir_redis_info_find(struct weir_span info, const char *name);

/** Largest number of arguments of one call. */
#define WEIR_REDIS_ARGS 96

#endif
