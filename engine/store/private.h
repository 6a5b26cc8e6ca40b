/**
 * A redis-server of our own, for who has none: on a UNIX socket in the state directory, its data
 * beside it, an append-only file against loss. It dies with us, also when we are killed with -9;
 * one that still runs there is adopted; one that dies is started again.
 */
#ifndef WEIR_STORE_PRIVATE_H
#define WEIR_STORE_PRIVATE_H

#include "engine/net/loop.h"

struct weir_private;

/**
 * Starts or adopts the server of `state`; returns before it answers. `program` NULL =
 * "redis-server". Call it from the thread that runs the loop until the process ends.
 * `on_trouble` comes when the server ends or can't be started again.
 */
struct weir_private *weir_private_start(struct weir_loop *loop, const char *state,
                                        const char *program,
                                        void (*on_trouble)(void *user, struct weir_span cause),
                                        void *user, struct weir_error *err);

/** Shuts it down with its data on disk; `on_stopped` comes from the loop, after which all is free.
 */
void weir_private_stop(struct weir_private **server, void (*on_stopped)(void *user), void *user);

/** The id of the server's process; 0 while there is none. */
int weir_private_pid(const struct weir_private *server);

/** How often it had to be started again. */
uint64_t weir_private_restarts(const struct weir_private *server);

#endif
