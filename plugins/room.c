// weir.room.v1: our own protocol, and the reference for every other adapter. All reading and
// writing is base's (room_protocol.h), which `play` shares; what is left here is the order in which
// things are said, and how many rooms one connection may name.
//
// A server may name rooms that nobody asked for (then they are joined on its word, up to
// max_rooms), so the set of rooms is a hash of its own.

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/base/room_protocol.h"

#include <stdio.h>
#include <stdlib.h>

#define WELCOME_WITHIN_MS 10000
#define JOIN_NAMES_BYTES                                                                           \
    4096u // of names in one join frame: escaped and said twice they stay under 64 KiB

struct room_adapter {
    char *token;
    bool act;
    uint32_t max_rooms;
    struct weir_room_reader reader;
    struct weir_buffer out;
    struct weir_buffer self;
    int64_t opened_ms;
    bool is_welcomed;
    struct weir_hash_key key;
    struct weir_span *rooms; // hash with linear probing; a power of two slots, empty ones NULL
    size_t slot_count;
    size_t room_count;
};

static void *create(const struct weir_adapter_config *config)
{
    struct room_adapter *adapter = weir_new(struct room_adapter);
    adapter->token = weir_strndup(config->token.data, config->token.length);
    adapter->act = config->act;
    adapter->max_rooms = config->max_rooms;
    adapter->reader.max_object_bytes = config->max_object_bytes;
    adapter->key = (struct weir_hash_key){(uintptr_t)adapter, (uintptr_t)adapter->token};
    return adapter;
}

static void forget_rooms(struct room_adapter *adapter)
{
    for (size_t i = 0; i < adapter->slot_count; i++) {
        free((void *)adapter->rooms[i].data);
    }
    weir_free_at(&adapter->rooms);
    adapter->slot_count = 0;
    adapter->room_count = 0;
}

static void on_close(void *state)
{
    struct room_adapter *adapter = state;
    forget_rooms(adapter);
    adapter->is_welcomed = false;
    adapter->reader.batch = false;
}

static void destroy(void *state)
{
    struct room_adapter *adapter = state;
    forget_rooms(adapter);
    weir_room_reader_fini(&adapter->reader);
    weir_buffer_fini(&adapter->out);
    weir_buffer_fini(&adapter->self);
    free(adapter->token);
    free(adapter);
}

/** The slot of a room, or the empty one where it would be. There must be an empty one. */
static size_t slot_of(const struct room_adapter *adapter, struct weir_span room)
{
    size_t slot = weir_hash(adapter->key, room) & (adapter->slot_count - 1);
    while (adapter->rooms[slot].data && !weir_span_equals(adapter->rooms[slot], room)) {
        slot = (slot + 1) & (adapter->slot_count - 1);
    }
    return slot;
}

static bool has_room(const struct room_adapter *adapter, struct weir_span room)
{
    return adapter->slot_count > 0 && adapter->rooms[slot_of(adapter, room)].data;
}

static void grow_rooms(struct room_adapter *adapter)
{
    size_t old_count = adapter->slot_count;
    struct weir_span *old = adapter->rooms;
    adapter->slot_count = old_count ? old_count * 2 : 8;
    adapter->rooms = weir_new_array(struct weir_span, adapter->slot_count);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].data) {
            adapter->rooms[slot_of(adapter, old[i])] = old[i];
        }
    }
    free(old);
}

/** False where there are as many rooms as there may be. The room must be new. */
static bool add_room(struct room_adapter *adapter, struct weir_span room)
{
    if (adapter->room_count >= adapter->max_rooms) {
        return false;
    }
    if (adapter->room_count * 2 >= adapter->slot_count) {
        grow_rooms(adapter);
    }
    struct weir_span copy = {weir_strndup(room.data, room.length), room.length};
    adapter->rooms[slot_of(adapter, room)] = copy;
    adapter->room_count++;
    return true;
}

static void remove_room(struct room_adapter *adapter, struct weir_span room)
{
    size_t slot = slot_of(adapter, room);
    free((void *)adapter->rooms[slot].data);
    adapter->rooms[slot].data = NULL;
    adapter->room_count--;
    // Those behind it may have been pushed there by it: each is put in again.
    for (size_t i = (slot + 1) & (adapter->slot_count - 1); adapter->rooms[i].data;
         i = (i + 1) & (adapter->slot_count - 1)) {
        struct weir_span moved = adapter->rooms[i];
        adapter->rooms[i].data = NULL;
        adapter->rooms[slot_of(adapter, moved)] = moved;
    }
}

/** The address without its fragment, which names rooms: wss://chat.example/weir#r1,r2 */
static size_t resolve(struct weir_span url, char *out, size_t capacity,
                      void (*on_room)(void *user, struct weir_span room), void *user)
{
    struct weir_span rooms = url;
    struct weir_span address = weir_span_take_until(&rooms, '#');
    bool is_ours = weir_span_starts(address, WEIR_SPAN("ws://")) ||
                   weir_span_starts(address, WEIR_SPAN("wss://"));
    if (!is_ours || address.length > capacity) {
        return 0;
    }
    while (rooms.length > 0) {
        struct weir_span room = weir_span_take_until(&rooms, ',');
        if (room.length > 0) {
            on_room(user, room);
        }
    }
    memcpy(out, address.data, address.length);
    return address.length;
}

static void say(const struct weir_adapter_host *host, const struct weir_event *event)
{
    host->on_event(host->user, event);
}

static void send_out(struct room_adapter *adapter, const struct weir_adapter_host *host)
{
    host->send(host->user, weir_buffer_span(&adapter->out),
               WEIR_FRAME_TEXT | (adapter->reader.batch ? WEIR_FRAME_MAY_JOIN : 0));
    weir_buffer_clear(&adapter->out);
}

static void say_room(const struct weir_adapter_host *host, enum weir_event_kind kind,
                     struct weir_span room, struct weir_span cause)
{
    const struct weir_event event = {
        .kind = kind, .room = room, .cause = cause, .is_final = kind == WEIR_EVENT_LEFT};
    say(host, &event);
}

static void on_open(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    (void)host; // the server speaks first
    ((struct room_adapter *)state)->opened_ms = now_ms;
}

static void tick(void *state, const struct weir_adapter_host *host, int64_t now_ms)
{
    struct room_adapter *adapter = state;
    if (!adapter->is_welcomed && now_ms - adapter->opened_ms > WELCOME_WITHIN_MS) {
        const struct weir_event failed = {.kind = WEIR_EVENT_FAILED,
                                          .cause = WEIR_SPAN("no welcome within 10 s")};
        adapter->opened_ms = now_ms; // said once, should the connection stay
        say(host, &failed);
    }
}

static void refuse(struct room_adapter *adapter, const char *cause,
                   const struct weir_adapter_host *host)
{
    const struct weir_event *read = &adapter->reader.event;
    const struct weir_event refused = {.kind = WEIR_EVENT_REFUSED,
                                       .room = read->room,
                                       .id = read->id,
                                       .seq = read->seq,
                                       .has_seq = read->has_seq,
                                       .cause = weir_span_of(cause)};
    say(host, &refused);
}

static void on_welcome(struct room_adapter *adapter, const struct weir_event *event,
                       const struct weir_adapter_host *host)
{
    if (adapter->is_welcomed) {
        refuse(adapter, "a second 'welcome'", host);
        return;
    }
    adapter->is_welcomed = true;
    weir_buffer_clear(&adapter->self);
    weir_buffer_add(&adapter->self, event->self);
    // Rooms follow by join, which may come in portions; a hello may not.
    weir_room_write_hello(&adapter->out, weir_span_of(adapter->token), NULL, 0);
    send_out(adapter, host);
    say(host, event);
}

/** Whether the room of what was read is one of ours, or becomes one now. */
static bool admit_room(struct room_adapter *adapter, const struct weir_adapter_host *host)
{
    struct weir_span room = adapter->reader.event.room;
    if (room.length == 0) {
        refuse(adapter, "a frame without 'room'", host);
        return false;
    }
    if (has_room(adapter, room)) {
        return true;
    }
    if (!add_room(adapter, room)) {
        refuse(adapter, "names more rooms than max_rooms", host);
        return false;
    }
    say_room(host, WEIR_EVENT_JOINED, room, WEIR_SPAN("named by the server"));
    return true;
}

static void on_object(struct room_adapter *adapter, struct weir_span object,
                      const struct weir_adapter_host *host)
{
    const struct weir_event *event = weir_room_read(&adapter->reader, object);
    struct weir_message *message = &adapter->reader.message;
    switch (event->kind) {
    case WEIR_EVENT_READY:
        on_welcome(adapter, event, host);
        return;
    case WEIR_EVENT_DONE:
    case WEIR_EVENT_REFUSED:
    case WEIR_EVENT_UNKNOWN:
        say(host, event);
        return;
    default:
        break;
    }
    if (!adapter->is_welcomed) {
        refuse(adapter, "a frame before 'welcome'", host);
        return;
    }
    if (!admit_room(adapter, host)) {
        return;
    }
    if (event->kind == WEIR_EVENT_MESSAGE) {
        message->from_self = adapter->self.length > 0 &&
                             weir_span_equals(message->user.id, weir_buffer_span(&adapter->self));
    }
    say(host, event);
}

static void decode(void *state, struct weir_span frame, bool is_binary,
                   const struct weir_adapter_host *host, int64_t now_ms)
{
    struct room_adapter *adapter = state;
    (void)is_binary;
    (void)now_ms;
    if (frame.length > WEIR_ROOM_FRAME_BYTES) {
        const struct weir_event refused = {.kind = WEIR_EVENT_REFUSED,
                                           .cause = WEIR_SPAN("a frame longer than 1 MiB")};
        say(host, &refused);
        return;
    }
    // Without batches a LF is a blank inside of the one object.
    while (frame.length > 0 && adapter->reader.batch) {
        struct weir_span object = weir_span_take_until(&frame, '\n');
        if (weir_span_trim(object).length > 0) {
            on_object(adapter, object, host);
        }
    }
    if (frame.length > 0) {
        on_object(adapter, frame, host);
    }
}

/** Whether one more room may be joined; says why not. */
static bool take_request(struct room_adapter *adapter, const struct weir_room_request *request,
                         const struct weir_adapter_host *host)
{
    const char *cause = NULL;
    if (request->room.length == 0 || request->room.length > WEIR_ROOM_ID_BYTES) {
        cause = "a room's name has 1 to 512 bytes";
    } else if (!has_room(adapter, request->room) && !add_room(adapter, request->room)) {
        cause = "more rooms than max_rooms";
    }
    if (cause) {
        say_room(host, WEIR_EVENT_LEFT, request->room, weir_span_of(cause));
    }
    return !cause;
}

static void send_join(struct room_adapter *adapter, const struct weir_room_request *rooms,
                      size_t count, const struct weir_adapter_host *host)
{
    if (count > 0) {
        weir_room_write_join(&adapter->out, rooms, count);
        send_out(adapter, host);
    }
    // The protocol has no answer to a join: what was asked for is taken as given.
    for (size_t i = 0; i < count; i++) {
        say_room(host, WEIR_EVENT_JOINED, rooms[i].room, (struct weir_span){NULL, 0});
    }
}

static void join(void *state, const struct weir_room_request *rooms, size_t count,
                 const struct weir_adapter_host *host, int64_t now_ms)
{
    struct room_adapter *adapter = state;
    size_t first = 0;
    size_t bytes = 0;
    (void)now_ms;
    for (size_t i = 0; i < count; i++) {
        if (!take_request(adapter, &rooms[i], host)) {
            send_join(adapter, rooms + first, i - first, host);
            first = i + 1;
            bytes = 0;
            continue;
        }
        bytes += rooms[i].room.length;
        if (bytes >= JOIN_NAMES_BYTES || i - first >= 500) {
            send_join(adapter, rooms + first, i + 1 - first, host);
            first = i + 1;
            bytes = 0;
        }
    }
    send_join(adapter, rooms + first, count - first, host);
}

static void leave(void *state, struct weir_span room, const struct weir_adapter_host *host)
{
    struct room_adapter *adapter = state;
    if (has_room(adapter, room)) {
        remove_room(adapter, room);
        weir_room_write_leave(&adapter->out, room);
        send_out(adapter, host);
        say_room(host, WEIR_EVENT_LEFT, room, WEIR_SPAN("we left"));
    }
}

static enum weir_support supports(void *state, enum weir_do kind)
{
    (void)state;
    (void)kind;
    return WEIR_SUPPORT_NATIVE; // what a server can't do it answers itself
}

static void act(void *state, const struct weir_action *action, const struct weir_adapter_host *host,
                int64_t now_ms)
{
    struct room_adapter *adapter = state;
    (void)now_ms;
    if (!adapter->act || !has_room(adapter, action->room)) {
        const struct weir_event done = {
            .kind = WEIR_EVENT_DONE,
            .id = action->id,
            .refused = adapter->act ? WEIR_REFUSED_NOT_FOUND : WEIR_REFUSED_FORBIDDEN,
            .cause = adapter->act ? WEIR_SPAN("we are not in this room")
                                  : WEIR_SPAN("attached for reading only")};
        say(host, &done);
        return;
    }
    weir_room_write_action(&adapter->out, action);
    send_out(adapter, host);
}

static void verdict(void *state, const struct weir_message *message, enum weir_gate gate,
                    struct weir_span text, const struct weir_adapter_host *host)
{
    struct room_adapter *adapter = state;
    weir_room_write_verdict(&adapter->out, message, gate, text);
    send_out(adapter, host);
}

static void ack(void *state, struct weir_span room, uint64_t seq,
                const struct weir_adapter_host *host)
{
    struct room_adapter *adapter = state;
    weir_room_write_ack(&adapter->out, room, seq);
    send_out(adapter, host);
}

static const char *const schemes[] = {"ws", "wss", NULL};

extern const struct weir_adapter weir_adapter;

__attribute__((visibility("default"))) const struct weir_adapter weir_adapter = {
    .abi = WEIR_PLUGIN_ABI,
    .name = "room",
    .summary = "weir.room.v1, our own protocol: ws://HOST/PATH#ROOM,ROOM",
    .url_schemes = schemes,
    .subprotocols = WEIR_ROOM_SUBPROTOCOL,
    .create = create,
    .destroy = destroy,
    .resolve = resolve,
    .on_open = on_open,
    .on_close = on_close,
    .decode = decode,
    .tick = tick,
    .join = join,
    .leave = leave,
    .supports = supports,
    .act = act,
    .verdict = verdict,
    .ack = ack,
    .recognises_ids = true,
    .acts_within_decode = true,
};
