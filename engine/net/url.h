/** The parts of a ws:// or wss:// address. */
#ifndef WEIR_NET_URL_H
#define WEIR_NET_URL_H

#include "engine/base/error.h"

struct weir_url {
    bool is_tls;
    char host[256];      // without the brackets of an IPv6 address
    char authority[272]; // host and port as the Host header wants them
    char origin[288];    // scheme, host and port as the Origin header wants them
    char path[2048];     // "/" at least, query included
    uint16_t port;
};

/** Reads a URL. False, with one clause in `err`, where we could not connect to it as it is. */
bool weir_url_parse(struct weir_span text, struct weir_url *url_out, struct weir_error *err);

#endif
