/**
 * What a Redis Cluster says about who has what. Pure: bytes in, numbers and addresses out.
 * (Redis Cluster specification: key hash tags, redirections.)
 */
#ifndef WEIR_STORE_REDIS_SLOTS_H
#define WEIR_STORE_REDIS_SLOTS_H

#include "engine/store/redis_url.h"

#define WEIR_REDIS_SLOTS 16384u

/** The slot of a key: of what stands between its first braces, where something does. */
uint32_t weir_redis_slot_of(struct weir_span key);

/** The key that decides where a command goes; empty where any server will do. */
struct weir_span weir_redis_key_of(const struct weir_span *args, size_t count);

/** What an error of a cluster asks for. */
enum weir_redis_turn {
    WEIR_REDIS_TURN_NONE,  // it is an error like any other
    WEIR_REDIS_TURN_MOVED, // the slot is another node's now
    WEIR_REDIS_TURN_ASK,   // this once, ask the node that the slot is moving to
    WEIR_REDIS_TURN_WAIT,  // the slot is between two nodes, or nobody's at the moment
};

struct weir_redis_redirect {
    enum weir_redis_turn turn;
    uint32_t slot;
    struct weir_redis_address address; // of MOVED and ASK; an empty host = the one that said it
};

struct weir_redis_redirect weir_redis_redirect_of(struct weir_span error);

#endif
