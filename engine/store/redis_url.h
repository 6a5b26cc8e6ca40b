/** Where a Redis is: redis://host:port/db or unix:///path, with ?db=N. */
#ifndef WEIR_STORE_REDIS_URL_H
#define WEIR_STORE_REDIS_URL_H

#include "engine/base/error.h"

/** The longest path of a UNIX socket, NUL included. */
#define WEIR_SOCKET_PATH_BYTES 108

struct weir_redis_url {
    char path[WEIR_SOCKET_PATH_BYTES]; // of the socket; "" = host and port
    char host[256];
    uint16_t port;
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

#endif
