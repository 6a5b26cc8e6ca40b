/**
 * WebSocket connections, as client and as server; the only place that knows libwebsockets.
 *
 * What arrives is handed over as whole messages, joined from fragments up to a limit. What is
 * sent is queued here, in order, and leaves in as few writes as possible. A connection belongs to
 * net: it dies after on_closed, which is always the last call, whoever ended it.
 */
#ifndef WEIR_NET_WEBSOCKET_H
#define WEIR_NET_WEBSOCKET_H

#include "engine/net/loop.h"

struct weir_websocket;

/** What the owner of a connection hears. `user` is the owner's. */
struct weir_websocket_events {
    /** Client: the handshake is done. Server: somebody connected. */
    void (*on_open)(void *user, struct weir_websocket *socket);
    /** One whole message. */
    void (*on_message)(void *user, struct weir_span message, bool is_binary);
    /** A message over the limit was thrown away whole; the connection lives. */
    void (*on_oversized)(void *user, size_t bytes);
    /** All that was queued has been handed to the kernel. May be NULL. */
    void (*on_drained)(void *user);
    /** The end, in one clause: "refused: HTTP 403", "timed out", "closed by peer: 1001", ... Forget
     * the socket. */
    void (*on_closed)(void *user, struct weir_span cause);
};

struct weir_websocket_options {
    struct weir_span url;        // ws:// or wss://
    const char *subprotocols;    // comma separated, NULL: none asked for
    struct weir_span origin;     // empty: the scheme and host of the URL
    size_t max_message_bytes;    // 0 = 1 MiB
    uint32_t connect_timeout_ms; // 0 = 10 s, handshake included
    uint32_t ping_ms;            // ping when nothing was heard for so long; 0 = never
    uint32_t timeout_ms;         // hang up when nothing was heard for so long; 0 = never
    bool accept_any_certificate; // for tests of other things than certificates
    struct weir_span ca_file;    // trust these instead of the system's
};

/**
 * Connects. Always ends in on_closed, also when it never opened (from the loop, never from within
 * this call). The returned socket may be closed and sent on after on_open.
 */
struct weir_websocket *weir_websocket_connect(struct weir_loop *loop,
                                              const struct weir_websocket_options *options,
                                              const struct weir_websocket_events *events,
                                              void *user);

/** Queues a message. `may_join`: messages with it that wait together leave as one, a LF between. */
void weir_websocket_send(struct weir_websocket *socket, struct weir_span message, bool is_binary,
                         bool may_join);

/**
 * What is sent from here on waits for weir_websocket_uncork(), which writes a frame of it at once
 * where the system takes it, and leaves the rest to the loop. For what is worth a call to the
 * system of its own.
 */
void weir_websocket_cork(struct weir_websocket *socket);
void weir_websocket_uncork(struct weir_websocket *socket);

/** Bytes that are queued and not yet the kernel's. */
size_t weir_websocket_queued(const struct weir_websocket *socket);

/** Stops and resumes reading: back-pressure instead of memory. */
void weir_websocket_pause(struct weir_websocket *socket, bool paused);

/** Says goodbye (code 1000 and a reason) and closes; on_closed follows. */
void weir_websocket_close(struct weir_websocket *socket, const char *reason);

/** Hangs up without a goodbye, as a broken network would; on_closed follows. */
void weir_websocket_cut(struct weir_websocket *socket);

struct weir_websocket_server;

struct weir_websocket_server_options {
    const char *address; // "127.0.0.1"
    uint16_t port;       // 0: any free one, see weir_websocket_server_port()
    const char *subprotocol;
    size_t max_message_bytes;
};

/** Listens. on_accept returns the `user` of the new connection; its events then come with that. */
struct weir_websocket_server *
weir_websocket_listen(struct weir_loop *loop, const struct weir_websocket_server_options *options,
                      const struct weir_websocket_events *events,
                      void *(*on_accept)(void *user, struct weir_websocket *socket), void *user,
                      struct weir_error *err);
uint16_t weir_websocket_server_port(const struct weir_websocket_server *server);
void weir_websocket_server_close(struct weir_websocket_server **server);

#endif
