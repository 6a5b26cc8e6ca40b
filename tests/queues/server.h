/** Real redis-servers to break: each has a folder, a UNIX socket and a port of its own and dies
 * with us. */
#ifndef WEIR_TESTS_QUEUES_SERVER_H
#define WEIR_TESTS_QUEUES_SERVER_H

#include "tests/queues/resp.h"

#include <sys/types.h>

struct server {
    char folder[64];
    char socket[104]; // no longer than sun_path
    int port;
    pid_t pid;         // 0 = it does not run
    const char *fsync; // appendfsync
};

/** Makes the folder inside `parent` and finds a free port. Ends the program where that fails. */
void server_init(struct server *server, const char *parent, int number, const char *fsync);

/** Starts it on what its folder holds, as a replica of `master` unless that is NULL. */
void server_start(struct server *server, const struct server *master);

/** kill -9; returns when it is gone. */
void server_kill(struct server *server);

/** SIGSTOP and SIGCONT. */
void server_hang(const struct server *server);
void server_resume(const struct server *server);

/**
 * Asks on a connection of its own and waits. `words` end with NULL. False where no whole answer
 * came within `limit_ms`; `bytes` holds what `reply` points into.
 */
bool server_ask(const struct server *server, int limit_ms, const char *const *words,
                struct weir_buffer *bytes, struct resp_reply *reply);

/** As server_ask(), for an answer that must come: ends the program after `limit_ms` without one. */
void server_must(const struct server *server, int limit_ms, const char *const *words);

/** Whether it answers, does not load, and, where asked, has a replica that keeps up. */
bool server_is_ready(const struct server *server, bool with_replica);

/** A socket to the server at `path`, connected and non-blocking; -1 where there is none. */
int socket_open(const char *path);

int64_t wall_us(void);

#endif
