// A connection's own side of things: what is collected, what waits, what is due, and why it ended.
// Messages arrive in pieces that follow neither frames nor messages, so they are put together here,
// with a limit of ours; one that comes in one piece is handed over where it lies.

#include "engine/net/websocket.h"

#include "engine/base/alloc.h"
#include "engine/net/dial.h"
#include "engine/net/loop_private.h"
#include "engine/net/wires.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_BYTES 1048576u
#define GOODBYE_MS    3000u

struct weir_websocket *weir_connection_create(struct weir_wires *wires,
                                              const struct weir_websocket_events *events,
                                              void *user, size_t max_message_bytes)
{
    struct weir_websocket *socket = weir_new(struct weir_websocket);
    struct weir_websocket **sockets = weir_wires_sockets(wires);
    socket->wires = wires;
    socket->events = *events;
    socket->user = user;
    socket->max_message_bytes = max_message_bytes ? max_message_bytes : MESSAGE_BYTES;
    socket->next = *sockets;
    socket->link = sockets;
    if (socket->next) {
        socket->next->link = &socket->next;
    }
    *sockets = socket;
    return socket;
}

void weir_connection_forget(struct weir_websocket *socket)
{
    *socket->link = socket->next;
    if (socket->next) {
        socket->next->link = socket->link;
    }
    weir_dial_destroy(&socket->dial);
    weir_timer_stop(&socket->deadline);
    weir_timer_stop(&socket->pulse);
    weir_outgoing_fini(&socket->outgoing);
    weir_buffer_fini(&socket->incoming);
    free(socket);
}

void weir_connection_end(struct weir_websocket *socket)
{
    const char *cause = socket->cause[0] ? socket->cause : "connection lost";
    socket->events.on_closed(socket->user, weir_span_of(cause));
    weir_connection_forget(socket);
}

__attribute__((format(printf, 2, 3))) static void set_cause(struct weir_websocket *socket,
                                                            const char *format, ...)
{
    if (!socket->cause[0]) { // what comes later only follows from it
        va_list args;
        va_start(args, format);
        vsnprintf(socket->cause, sizeof(socket->cause), format, args);
        va_end(args);
    }
}

void weir_connection_heard(struct weir_websocket *socket)
{
    socket->heard_ms = weir_loop_now_ms(weir_wires_loop(socket->wires));
    socket->is_ping_open = false;
}

// Closes the socket of the system without more words; the library reports it from the loop.
static void hang_up(struct weir_websocket *socket)
{
    lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    lws_cancel_service(lws_get_context(socket->wsi)); // else nobody looks before the next frame
}

static void feel_pulse(void *user)
{
    struct weir_websocket *socket = user;
    int64_t silent_ms = weir_loop_now_ms(weir_wires_loop(socket->wires)) - socket->heard_ms;
    if (socket->is_paused || !socket->wsi) {
        return; // we are the one who does not listen
    }
    if (socket->timeout_ms && silent_ms >= socket->timeout_ms) {
        set_cause(socket, "timed out: nothing heard for %u ms", socket->timeout_ms);
        hang_up(socket);
    } else if (socket->ping_ms && silent_ms >= socket->ping_ms && !socket->is_ping_open) {
        socket->wants_ping = true;
        socket->is_ping_open = true;
        lws_callback_on_writable(socket->wsi);
    }
}

static void start_pulse(struct weir_websocket *socket)
{
    uint32_t ping_ms = socket->ping_ms ? socket->ping_ms : socket->timeout_ms;
    uint32_t timeout_ms = socket->timeout_ms ? socket->timeout_ms : ping_ms;
    uint32_t shorter_ms = ping_ms < timeout_ms ? ping_ms : timeout_ms;
    if (shorter_ms > 0) {
        uint32_t every_ms = shorter_ms / 4 > 0 ? shorter_ms / 4 : 1;
        socket->pulse = weir_timer_start(weir_wires_loop(socket->wires), every_ms, every_ms,
                                         feel_pulse, socket);
    }
}

enum weir_flow weir_connection_opened(struct weir_websocket *socket)
{
    if (socket->state == WEIR_WEBSOCKET_CLOSING) { // given up while the handshake went on
        return WEIR_FLOW_DROP;
    }
    weir_dial_destroy(&socket->dial);
    weir_timer_stop(&socket->deadline);
    socket->state = WEIR_WEBSOCKET_OPEN;
    weir_connection_heard(socket);
    start_pulse(socket);
    if (socket->outgoing.first) { // sent before it was open
        lws_callback_on_writable(socket->wsi);
    }
    socket->events.on_open(socket->user, socket);
    return WEIR_FLOW_KEEP;
}

static void deliver(struct weir_websocket *socket, struct weir_span message, bool is_binary)
{
    socket->events.on_message(socket->user, message, is_binary);
}

// A connection that was large once must not stay large.
static void clear_incoming(struct weir_websocket *socket)
{
    if (socket->incoming.capacity > socket->max_message_bytes / 4) {
        weir_buffer_fini(&socket->incoming);
    }
    weir_buffer_clear(&socket->incoming);
}

static void throw_away(struct weir_websocket *socket, struct weir_span part, bool is_last)
{
    socket->oversized_bytes += socket->incoming.length + part.length;
    weir_buffer_fini(&socket->incoming);
    if (is_last) {
        size_t bytes = socket->oversized_bytes;
        socket->oversized_bytes = 0;
        socket->events.on_oversized(socket->user, bytes);
    }
}

enum weir_flow weir_connection_received(struct weir_websocket *socket, struct weir_span part,
                                        bool is_first, bool is_last, bool is_binary)
{
    weir_connection_heard(socket);
    if (socket->state == WEIR_WEBSOCKET_CLOSING) {
        return WEIR_FLOW_KEEP; // we said goodbye; the owner wants no more
    }
    if (socket->oversized_bytes > 0 ||
        socket->incoming.length + part.length > socket->max_message_bytes) {
        throw_away(socket, part, is_last);
    } else if (is_first && is_last && socket->incoming.length == 0) {
        deliver(socket, part, is_binary);
    } else {
        weir_buffer_add(&socket->incoming, part);
        if (is_last) {
            deliver(socket, weir_buffer_span(&socket->incoming), is_binary);
            clear_incoming(socket);
        }
    }
    return WEIR_FLOW_KEEP;
}

static enum weir_flow send_ping(struct weir_websocket *socket)
{
    unsigned char frame[LWS_PRE + 4] = {0};
    socket->wants_ping = false;
    bool is_sent = lws_write(socket->wsi, frame + LWS_PRE, 0, LWS_WRITE_PING) >= 0;
    lws_callback_on_writable(socket->wsi);
    return is_sent ? WEIR_FLOW_KEEP : WEIR_FLOW_DROP;
}

// A connection dropped from within its WRITEABLE callback is cut without the close frame; one that
// is dropped from a timer of the library gets it. The peer's answer then ends the connection.
static enum weir_flow say_goodbye(struct weir_websocket *socket)
{
    lws_close_reason(socket->wsi, LWS_CLOSE_STATUS_NORMAL, (unsigned char *)socket->goodbye,
                     strlen(socket->goodbye));
    lws_set_timer_usecs(socket->wsi, 1);
    return WEIR_FLOW_KEEP;
}

enum weir_flow weir_connection_timer(struct weir_websocket *socket)
{
    return socket->state == WEIR_WEBSOCKET_CLOSING ? WEIR_FLOW_DROP : WEIR_FLOW_KEEP;
}

// Asking to be called once more is two system calls and a turn of the loop.
static bool wants_another_call(const struct weir_websocket *socket)
{
    return socket->outgoing.first || socket->wants_ping ||
           socket->state == WEIR_WEBSOCKET_CLOSING || socket->events.on_drained;
}

static enum weir_flow send_frame(struct weir_websocket *socket)
{
    unsigned char *payload = NULL;
    size_t length = 0;
    const struct weir_frame_out *frame = weir_outgoing_peek(&socket->outgoing, &payload, &length);
    enum lws_write_protocol kind = frame->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
    if (lws_write(socket->wsi, payload, length, kind) < 0) {
        return WEIR_FLOW_DROP;
    }
    weir_outgoing_drop(&socket->outgoing);
    if (wants_another_call(socket)) {
        lws_callback_on_writable(socket->wsi);
    }
    return WEIR_FLOW_KEEP;
}

enum weir_flow weir_connection_writeable(struct weir_websocket *socket)
{
    if (socket->state == WEIR_WEBSOCKET_DIALLING) {
        return WEIR_FLOW_KEEP;
    }
    if (socket->wants_ping) {
        return send_ping(socket);
    }
    if (socket->outgoing.first) {
        return send_frame(socket);
    }
    if (socket->state == WEIR_WEBSOCKET_CLOSING) {
        return say_goodbye(socket);
    }
    if (socket->is_draining && !lws_partial_buffered(socket->wsi)) {
        socket->is_draining = false;
        if (socket->events.on_drained) {
            socket->events.on_drained(socket->user);
        }
    }
    return WEIR_FLOW_KEEP;
}

// The reason is the peer's text and ends in a log line.
static void make_printable(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

void weir_connection_peer_closes(struct weir_websocket *socket, struct weir_span body)
{
    if (body.length < 2) {
        set_cause(socket, "closed by peer, without a code");
        return;
    }
    unsigned code = (unsigned)(unsigned char)body.data[0] << 8 | (unsigned char)body.data[1];
    struct weir_span reason = weir_span_slice(body, 2, body.length);
    set_cause(socket, "closed by peer: %u%s%.*s", code, reason.length ? " " : "",
              WEIR_SPAN_ARGS(reason));
    make_printable(socket->cause);
}

struct weir_websocket *weir_websocket_connect(struct weir_loop *loop,
                                              const struct weir_websocket_options *options,
                                              const struct weir_websocket_events *events,
                                              void *user)
{
    struct weir_error err = {0};
    struct weir_wires *wires = weir_wires_of(loop, &err);
    weir_assert(wires != NULL); // it needs memory and two descriptors, no more
    struct weir_websocket *socket =
        weir_connection_create(wires, events, user, options->max_message_bytes);
    socket->ping_ms = options->ping_ms;
    socket->timeout_ms = options->timeout_ms;
    weir_dial_start(socket, options);
    return socket;
}

void weir_websocket_send(struct weir_websocket *socket, struct weir_span message, bool is_binary,
                         bool may_join)
{
    if (socket->state == WEIR_WEBSOCKET_CLOSING) {
        return;
    }
    bool was_empty = socket->outgoing.first == NULL;
    weir_outgoing_add(&socket->outgoing, message, is_binary, may_join);
    socket->is_draining = true;
    if (was_empty && socket->state == WEIR_WEBSOCKET_OPEN && !socket->is_corked) {
        lws_callback_on_writable(socket->wsi);
    }
}

// Within a frame that asks for it something may wait already, for which the loop has been asked: it
// keeps its place before the new ones.
void weir_websocket_cork(struct weir_websocket *socket)
{
    socket->is_corked = socket->outgoing.first == NULL;
}

void weir_websocket_uncork(struct weir_websocket *socket)
{
    bool was_corked = socket->is_corked;
    socket->is_corked = false;
    if (!was_corked || !socket->outgoing.first || socket->state != WEIR_WEBSOCKET_OPEN) {
        return;
    }
    if (lws_partial_buffered(socket->wsi) || lws_send_pipe_choked(socket->wsi)) {
        lws_callback_on_writable(socket->wsi);
    } else if (send_frame(socket) == WEIR_FLOW_DROP) {
        set_cause(socket, "connection lost while writing");
        hang_up(socket);
    }
}

size_t weir_websocket_queued(const struct weir_websocket *socket)
{
    return socket->outgoing.queued_bytes;
}

void weir_websocket_pause(struct weir_websocket *socket, bool paused)
{
    if (socket->is_paused != paused && socket->state == WEIR_WEBSOCKET_OPEN) {
        socket->is_paused = paused;
        lws_rx_flow_control(socket->wsi, paused ? 0 : 1);
        weir_connection_heard(socket); // silence counts from here
    }
}

static void lose_patience(void *user)
{
    struct weir_websocket *socket = user;
    weir_timer_stop(&socket->deadline);
    if (socket->wsi) {
        hang_up(socket);
    } else {
        weir_connection_end(socket);
    }
}

void weir_websocket_close(struct weir_websocket *socket, const char *reason)
{
    struct weir_loop *loop = weir_wires_loop(socket->wires);
    if (socket->state == WEIR_WEBSOCKET_CLOSING) {
        return;
    }
    bool was_open = socket->state == WEIR_WEBSOCKET_OPEN;
    weir_websocket_pause(socket, false); // or the peer's goodbye would never be read
    socket->state = WEIR_WEBSOCKET_CLOSING;
    snprintf(socket->goodbye, sizeof(socket->goodbye), "%s", reason ? reason : "");
    set_cause(socket, "closed: %s", reason ? reason : "no longer needed");
    weir_dial_destroy(&socket->dial);
    weir_timer_stop(&socket->deadline);
    socket->deadline = weir_timer_start(loop, was_open ? GOODBYE_MS : 0, 0, lose_patience, socket);
    if (was_open) {
        lws_callback_on_writable(socket->wsi);
    }
}

void weir_websocket_cut(struct weir_websocket *socket)
{
    if (socket->state == WEIR_WEBSOCKET_OPEN) {
        socket->state = WEIR_WEBSOCKET_CLOSING;
        set_cause(socket, "cut");
        hang_up(socket);
    }
}
