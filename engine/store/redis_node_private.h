/** What the parts of a connection share: the connection itself, and how it proves the server. */
#ifndef WEIR_STORE_REDIS_NODE_PRIVATE_H
#define WEIR_STORE_REDIS_NODE_PRIVATE_H

#include "engine/base/buffer.h"
#include "engine/store/redis_node.h"

struct redisAsyncContext;

#define WEIR_REDIS_CAUSE_BYTES  256
#define WEIR_REDIS_SCRIPT_BYTES 48
#define WEIR_REDIS_NUMBERS      8 // addresses of one name that are tried

struct weir_redis_node {
    struct weir_loop *loop;
    struct weir_redis_node_options options;
    const struct weir_redis_node_events *events; // NULL once nobody is told any more
    void *user;
    struct redisAsyncContext *context;
    enum {
        WEIR_REDIS_BEGINNING,
        WEIR_REDIS_LOOKING_UP, // the host's name
        WEIR_REDIS_GREETING,   // connecting, proving, loading
        WEIR_REDIS_READY,
        WEIR_REDIS_OVER,
    } phase;
    size_t holders;             // the owner, and everything that will still call back
    struct weir_buffer command; // being written
    struct weir_timer *timer;
    int64_t tick_ms;
    int64_t heard_ms;
    int64_t looked_ms;
    int64_t connecting_ms;
    uint64_t waiting; // commands sent and not answered
    char numbers[WEIR_REDIS_NUMBERS][64];
    size_t number_count;
    size_t next_number;
    bool is_connected;
    bool has_functions;
    bool is_of_cluster;
    bool is_replica;
    char script_id[WEIR_REDIS_SCRIPT_BYTES]; // where there are no functions
    char run_id[64];
};

void weir_redis_node_lose(struct weir_redis_node *node, const char *cause);
void weir_redis_node_lose_because(struct weir_redis_node *node, const char *what,
                                  const struct redisReply *reply);
void weir_redis_node_be_ready(struct weir_redis_node *node);
void weir_redis_node_subscribe(struct weir_redis_node *node);
/** Sends before it is ready, too; `on_reply` gets the node. */
bool weir_redis_node_ask(struct weir_redis_node *node, const struct weir_span *args, size_t count,
                         weir_reply_fn on_reply);

// redis_greeting.c
/** Logs in and finds out whether the server will do; ends in ready or lost. */
void weir_redis_node_greet(struct weir_redis_node *node);
/** Finds out whether it still will. */
void weir_redis_node_look_again(struct weir_redis_node *node);

#endif
