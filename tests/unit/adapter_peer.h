/**
 * The other side of an adapter under test: what it sends and says is written down as lines, so that
 * a test is a conversation that reads like one.
 *
 *     > text of a frame that it sent
 *     * EVENT field=value ...
 */
#ifndef WEIR_TESTS_UNIT_ADAPTER_PEER_H
#define WEIR_TESTS_UNIT_ADAPTER_PEER_H

#include "tests/unit/test.h"

#include "engine/base/room_protocol.h"

#include <stdlib.h>

extern const struct weir_adapter weir_adapter;

struct adapter_peer {
    struct weir_adapter_host host;
    void *state;
    int64_t now_ms;
    struct weir_buffer log;
    bool write_flags; // frames that may share a message are marked >+
};

static inline void peer_field(struct weir_buffer *log, const char *name, struct weir_span value)
{
    if (value.length > 0) {
        weir_buffer_printf(log, " %s=%.*s", name, WEIR_SPAN_ARGS(value));
    }
}

static inline void peer_flag(struct weir_buffer *log, const char *name, bool value)
{
    if (value) {
        weir_buffer_printf(log, " %s", name);
    }
}

static inline void peer_seq(struct weir_buffer *log, uint64_t seq, bool has_seq)
{
    if (has_seq) {
        weir_buffer_printf(log, " seq=%" PRIu64, seq);
    }
}

static inline void peer_message(struct weir_buffer *log, const struct weir_message *message)
{
    peer_field(log, "room", message->room);
    peer_field(log, "id", message->id);
    peer_seq(log, message->seq, message->has_seq);
    peer_flag(log, "self", message->from_self);
    peer_flag(log, "history", message->is_history);
    peer_flag(log, "edit", message->is_edit);
    peer_flag(log, "damaged", message->damaged);
    if (message->ts_ms) {
        weir_buffer_printf(log, " ts=%" PRId64, message->ts_ms);
    }
    peer_field(log, "user", message->user.id);
    peer_field(log, "name", message->user.name);
    for (uint32_t bit = 1; bit <= WEIR_ROLE_BOT; bit <<= 1) {
        peer_flag(log, weir_role_name(bit), message->user.roles & bit);
    }
    if (message->user.tier) {
        weir_buffer_printf(log, " tier=%" PRIu32, message->user.tier);
    }
    peer_field(log, "identity", weir_span_of(weir_identity_name(message->user.identity)));
    peer_field(log, "reply", message->reply_to);
    for (size_t i = 0; i < message->emote_count; i++) {
        weir_buffer_printf(log, " emote=%" PRIu32 "-%" PRIu32, message->emotes[i].start,
                           message->emotes[i].end);
    }
    weir_buffer_printf(log, " text=[%.*s]", WEIR_SPAN_ARGS(message->text));
}

static inline void peer_on_event(void *user, const struct weir_event *event)
{
    static const char *const kinds[] = {"READY",     "JOINED", "LEFT", "MESSAGE", "GONE",
                                        "USER_GONE", "ROOM",   "GAP",  "DONE",    "REFUSED",
                                        "UNKNOWN",   "FAILED", "MOVE"};
    struct adapter_peer *peer = user;
    struct weir_buffer *log = &peer->log;
    weir_buffer_printf(log, "* %s", kinds[event->kind]);
    if (event->kind == WEIR_EVENT_MESSAGE) {
        peer_message(log, event->message);
    } else {
        peer_field(log, "room", event->room);
        peer_field(log, "id", event->id);
        peer_seq(log, event->seq, event->has_seq);
    }
    if (event->kind == WEIR_EVENT_GAP) {
        weir_buffer_printf(log, " to=%" PRIu64, event->seq_to);
    }
    if (event->gate) {
        weir_buffer_printf(log, " gate=%" PRIu32 ",%s", event->deadline_ms,
                           weir_gate_name(event->late));
    }
    peer_field(log, "state", event->state);
    peer_field(log, "scene", event->scene);
    peer_field(log, "self", event->self);
    if (event->kind == WEIR_EVENT_DONE) {
        peer_field(log, "refused", weir_span_of(weir_refused_name(event->refused)));
    }
    if (event->retry_ms) {
        weir_buffer_printf(log, " retry=%" PRIu32, event->retry_ms);
    }
    peer_flag(log, "final", event->is_final);
    if (event->cause.length > 0) {
        weir_buffer_printf(log, " cause=[%.*s]", WEIR_SPAN_ARGS(event->cause));
    }
    weir_buffer_add_byte(log, '\n');
}

static inline void peer_on_send(void *user, struct weir_span bytes, uint32_t flags)
{
    struct adapter_peer *peer = user;
    bool marked = peer->write_flags && (flags & WEIR_FRAME_MAY_JOIN);
    weir_buffer_printf(&peer->log, "%s %.*s\n", marked ? ">+" : ">", WEIR_SPAN_ARGS(bytes));
}

static inline void peer_start(struct adapter_peer *peer, const struct weir_adapter_config *config)
{
    *peer = (struct adapter_peer){.host = {peer, peer_on_event, peer_on_send}, .now_ms = 1000000};
    peer->state = weir_adapter.create(config);
}

static inline void peer_end(struct adapter_peer *peer)
{
    if (peer->state) {
        weir_adapter.destroy(peer->state);
        peer->state = NULL;
    }
    weir_buffer_fini(&peer->log);
}

static inline void peer_open(struct adapter_peer *peer)
{
    weir_adapter.on_open(peer->state, &peer->host, peer->now_ms);
}

/** One WebSocket message from the platform. */
static inline void peer_feed(struct adapter_peer *peer, struct weir_span frame)
{
    // A copy of its exact size, so that the sanitizer sees a read past its end.
    char *copy = malloc(frame.length ? frame.length : 1);
    if (frame.length > 0) {
        memcpy(copy, frame.data, frame.length);
    }
    weir_adapter.decode(peer->state, (struct weir_span){copy, frame.length}, false, &peer->host,
                        peer->now_ms);
    free(copy);
}

static inline void peer_feed_text(struct adapter_peer *peer, const char *text)
{
    peer_feed(peer, weir_span_of(text));
}

/** Time passes; ticks come once a second as the engine promises. */
static inline void peer_wait(struct adapter_peer *peer, int64_t ms)
{
    for (int64_t end = peer->now_ms + ms; peer->now_ms < end;) {
        peer->now_ms += end - peer->now_ms > 1000 ? 1000 : end - peer->now_ms;
        if (weir_adapter.tick) {
            weir_adapter.tick(peer->state, &peer->host, peer->now_ms);
        }
    }
}

static inline void peer_join(struct adapter_peer *peer, const char *room)
{
    struct weir_room_request request = {.room = weir_span_of(room)};
    weir_adapter.join(peer->state, &request, 1, &peer->host, peer->now_ms);
}

static inline void peer_act(struct adapter_peer *peer, const struct weir_action *action)
{
    weir_adapter.act(peer->state, action, &peer->host, peer->now_ms);
}

/** What happened since the last time it was asked must be exactly this. */
static inline void peer_expect(struct adapter_peer *peer, const char *name, const char *expected)
{
    EXPECT_TEXT(name, weir_buffer_span(&peer->log), expected);
    weir_buffer_clear(&peer->log);
}

/** Forgets what happened so far. */
static inline void peer_forget(struct adapter_peer *peer)
{
    weir_buffer_clear(&peer->log);
}

#endif
