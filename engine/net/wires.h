/**
 * libwebsockets on our loop: its context, what it trusts, and its one callback. Private to net;
 * connections and servers as others see them are in websocket.h.
 */
#ifndef WEIR_NET_WIRES_H
#define WEIR_NET_WIRES_H

#include "engine/net/connection.h"

struct weir_wires;
struct lws_vhost;

/** The wires of a loop, laid with its first connection. NULL with `err` if the library refuses. */
struct weir_wires *weir_wires_of(struct weir_loop *loop, struct weir_error *err);

/** How many connections have not ended yet. */
size_t weir_wires_open(const struct weir_wires *wires);
/** Closes every connection, kindly; the loop must run on until weir_wires_open() is 0. */
void weir_wires_say_goodbye(struct weir_wires *wires);
/** Ends what is still open without telling anybody, and frees everything. Accepts NULL. */
void weir_wires_destroy(struct weir_wires **wires);

struct weir_loop *weir_wires_loop(const struct weir_wires *wires);
/** Where open connections are listed. */
struct weir_websocket **weir_wires_sockets(struct weir_wires *wires);

/** What a client connection is made with; `ca_file` "" trusts what the system trusts. */
struct weir_call {
    const char *address; // numeric
    uint16_t port;
    const char *authority;
    const char *origin;
    const char *path;
    const char *subprotocols; // NULL: none
    const char *ca_file;
    bool is_tls;
    bool accept_any_certificate;
};

/** Starts a connection for `socket`. NULL where it failed at once, with one clause in `err`. */
struct lws *weir_wires_call(struct weir_wires *wires, const struct weir_call *call,
                            struct weir_websocket *socket, struct weir_error *err);

#endif
