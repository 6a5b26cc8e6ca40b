/**
 * One connection as the library's callback sees it. Private to net.
 */
#ifndef WEIR_NET_CONNECTION_H
#define WEIR_NET_CONNECTION_H

#include "engine/net/outgoing.h"
#include "engine/net/websocket.h"

struct lws;
struct weir_dial;
struct weir_wires;

/** What a handler wants of the library: go on, or close this connection. */
enum weir_flow { WEIR_FLOW_KEEP, WEIR_FLOW_DROP };

enum weir_websocket_state {
    WEIR_WEBSOCKET_DIALLING,
    WEIR_WEBSOCKET_OPEN,
    WEIR_WEBSOCKET_CLOSING, // our goodbye is queued or sent
};

struct weir_websocket {
    struct weir_wires *wires;
    struct lws *wsi; // NULL while there is no socket of the system's
    struct weir_websocket *next;
    struct weir_websocket **link; // what points to us
    struct weir_websocket_events events;
    void *user;
    enum weir_websocket_state state;
    struct weir_outgoing outgoing;
    struct weir_buffer incoming; // fragments of the message that is under way
    size_t oversized_bytes;      // of a message that is being thrown away
    size_t max_message_bytes;
    struct weir_dial *dial;      // client, until it is open
    struct weir_timer *deadline; // for the handshake, later for the goodbye
    struct weir_timer *pulse;
    int64_t heard_ms;
    uint32_t ping_ms;
    uint32_t timeout_ms;
    bool wants_ping;
    bool is_ping_open; // a ping waits for its answer
    bool is_draining;  // something was queued since the last on_drained
    bool is_paused;
    bool is_corked;  // nobody is asked yet when it may be written to
    char cause[256]; // why it ends, "" while nobody knows
    char goodbye[124];
};

/** A connection that exists from now on; the caller sets `wsi` or dials. */
struct weir_websocket *weir_connection_create(struct weir_wires *wires,
                                              const struct weir_websocket_events *events,
                                              void *user, size_t max_message_bytes);
/** Tells its owner why, and frees it: the last thing to be done with it. */
void weir_connection_end(struct weir_websocket *socket);
/** Frees it without a word. */
void weir_connection_forget(struct weir_websocket *socket);

// What the library reports.
enum weir_flow weir_connection_opened(struct weir_websocket *socket);
enum weir_flow weir_connection_received(struct weir_websocket *socket, struct weir_span part,
                                        bool is_first, bool is_last, bool is_binary);
enum weir_flow weir_connection_writeable(struct weir_websocket *socket);
enum weir_flow weir_connection_timer(struct weir_websocket *socket);
void weir_connection_heard(struct weir_websocket *socket);
/** The peer says goodbye: the code and reason of its close frame. */
void weir_connection_peer_closes(struct weir_websocket *socket, struct weir_span body);
/** What is known of why a client connection did not come about. */
struct weir_refusal {
    unsigned http_status;          // 0: there was no answer
    int system_error;              // errno of the socket, 0: none
    const char *certificate_error; // NULL: none
    struct weir_span words;        // the library's own
};
void weir_connection_refused(struct weir_websocket *socket, const struct weir_refusal *refusal);

#endif
