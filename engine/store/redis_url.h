/**
 * Where a Redis is:
 *
 *     redis://[USER@]HOST[:PORT][/DB]                  one server, or any nodes of a cluster
 *     redis://HOST:PORT,HOST:PORT                      (up to eight addresses of it)
 *     redis+cluster://HOST:PORT,HOST:PORT              a cluster, and nothing else
 *     redis+sentinel://HOST[:PORT],HOST.../MASTER[/DB] whatever these sentinels call MASTER
 *     unix:///PATH[?db=N&user=USER]                    a socket of this machine
 *
 * With `rediss` in place of `redis` all of it goes over TLS. A password never stands in it.
 */
#ifndef WEIR_STORE_REDIS_URL_H
#define WEIR_STORE_REDIS_URL_H

#include "engine/base/error.h"

/** The longest path of a UNIX socket, NUL included. */
#define WEIR_SOCKET_PATH_BYTES 108
/** Addresses of one URL. */
#define WEIR_REDIS_HOSTS 8

enum weir_redis_kind {
    WEIR_REDIS_PLAIN, // a server; or a cluster, where it says that it is a node of one
    WEIR_REDIS_SENTINEL,
    WEIR_REDIS_CLUSTER,
};

struct weir_redis_address {
    char host[256];
    uint16_t port;
};

struct weir_redis_url {
    enum weir_redis_kind kind;
    bool has_tls;
    char path[WEIR_SOCKET_PATH_BYTES]; // of the socket; "" = the hosts
    struct weir_redis_address hosts[WEIR_REDIS_HOSTS];
    size_t host_count;
    char user[128];   // "" = the server's default user
    char master[128]; // its name, where sentinels are asked
    uint32_t database;
};

/** False with one clause that says what is wrong with `url`. */
bool weir_redis_url_parse(struct weir_span url, struct weir_redis_url *url_out,
                          struct weir_error *err);

/** The socket of a private server of this state directory. */
bool weir_redis_url_private(const char *state, struct weir_redis_url *url_out,
                            struct weir_error *err);

/** As people write it, for messages. */
void weir_redis_url_write(const struct weir_redis_url *url, struct weir_buffer *out);

/** HOST:PORT, or [HOST]:PORT where the host has colons. */
void weir_redis_address_write(const struct weir_redis_address *address, struct weir_buffer *out);

/** Reads HOST[:PORT] or [HOST]:PORT; without a port it is `usual_port`. */
bool weir_redis_address_parse(struct weir_span text, uint16_t usual_port,
                              struct weir_redis_address *address_out, struct weir_error *err);

#endif
