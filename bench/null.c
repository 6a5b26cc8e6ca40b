// The floor that the engine is measured on: the same loop, the same WebSocket client, the same acks
// and as many replies, but no reading of what the messages say. It finds room and seq where `weir
// play` writes them, at the start of each object, and looks at nothing else.
//
// usage: null URL#ROOM[,ROOM...] [ACT_EVERY]    every so many messages one is "deleted"; 0 = never

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/net/websocket.h"
#include "engine/sys/clock.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_ROOMS 10000
#define HURRY_US  200 // between two writes within one frame

struct null_client {
    struct weir_loop *loop;
    struct weir_websocket *socket;
    struct weir_room_request rooms[MAX_ROOMS];
    uint64_t seqs[MAX_ROOMS];  // highest of the frame
    uint32_t dirty[MAX_ROOMS]; // rooms that the frame moved
    size_t dirty_count;
    size_t room_count;
    size_t last_room;
    struct weir_buffer out;
    uint64_t messages;
    uint64_t act_every;
    int64_t hurried_us;
};

static void on_open(void *user, struct weir_websocket *socket)
{
    struct null_client *client = user;
    client->socket = socket;
    weir_room_write_hello(&client->out, (struct weir_span){NULL, 0}, client->rooms,
                          client->room_count);
    weir_websocket_send(socket, weir_buffer_span(&client->out), false, true);
    weir_buffer_clear(&client->out);
}

// Rooms take turns in a frame, so the next one is nearly always the one behind the last.
static size_t find_room(struct null_client *client, struct weir_span name)
{
    for (size_t i = 0; i < client->room_count; i++) {
        client->last_room = client->last_room + 1 < client->room_count ? client->last_room + 1 : 0;
        if (weir_span_equals(client->rooms[client->last_room].room, name)) {
            return client->last_room;
        }
    }
    return SIZE_MAX;
}

static void separate(struct weir_buffer *out)
{
    if (out->length > 0) {
        weir_buffer_add_byte(out, '\n');
    }
}

static void act(struct null_client *client, struct weir_span room, uint64_t seq,
                struct weir_span rest)
{
    char id[32];
    int length = snprintf(id, sizeof(id), "%zu-%" PRIu64, client->last_room, seq);
    const char *start = memmem(rest.data, rest.length, "\"id\":\"", 6);
    if (!start) {
        return;
    }
    struct weir_span message = weir_span_slice(rest, (size_t)(start - rest.data) + 6, rest.length);
    message = weir_span_take_until(&message, '"');
    separate(&client->out);
    weir_room_write_action(&client->out, &(struct weir_action){.id = {id, (size_t)length},
                                                               .room = room,
                                                               .kind = WEIR_DO_DELETE,
                                                               .seq = seq,
                                                               .has_seq = true,
                                                               .message = message});
}

// Writes what there is at once, as weir does.
static void hurry(struct null_client *client)
{
    int64_t now_us = weir_clock_monotonic_us();
    if (now_us - client->hurried_us >= HURRY_US) {
        client->hurried_us = now_us;
        weir_websocket_cork(client->socket);
        weir_websocket_send(client->socket, weir_buffer_span(&client->out), false, true);
        weir_buffer_clear(&client->out);
        weir_websocket_uncork(client->socket);
    }
}

static void hear(struct null_client *client, struct weir_span object)
{
    static const struct weir_span opening = {"{\"type\":\"chat\",\"room\":\"", 23};
    if (!weir_span_starts(object, opening)) {
        return;
    }
    struct weir_span rest = weir_span_slice(object, opening.length, object.length);
    struct weir_span room = weir_span_take_until(&rest, '"');
    rest = weir_span_slice(rest, 7, rest.length); // ,"seq":
    struct weir_span digits = weir_span_take_until(&rest, ',');
    uint64_t seq = 0;
    size_t number = find_room(client, room);
    if (number == SIZE_MAX || !weir_span_to_u64(digits, &seq)) {
        return;
    }
    if (client->seqs[number] == 0) {
        client->dirty[client->dirty_count++] = (uint32_t)number;
    }
    client->seqs[number] = seq;
    client->messages++;
    if (client->act_every > 0 && client->messages % client->act_every == 0) {
        act(client, room, seq, rest);
        hurry(client);
    }
}

static void on_message(void *user, struct weir_span message, bool is_binary)
{
    struct null_client *client = user;
    (void)is_binary;
    while (message.length > 0) {
        hear(client, weir_span_take_until(&message, '\n'));
    }
    for (size_t i = 0; i < client->dirty_count; i++) {
        uint32_t number = client->dirty[i];
        separate(&client->out);
        weir_room_write_ack(&client->out, client->rooms[number].room, client->seqs[number]);
        client->seqs[number] = 0;
    }
    client->dirty_count = 0;
    if (client->out.length > 0) {
        weir_websocket_send(client->socket, weir_buffer_span(&client->out), false, true);
        weir_buffer_clear(&client->out);
    }
}

static void on_oversized(void *user, size_t bytes)
{
    (void)user;
    fprintf(stderr, "null: a message of %zu bytes\n", bytes);
}

static void on_closed(void *user, struct weir_span cause)
{
    struct null_client *client = user;
    fprintf(stderr, "null: %.*s after %" PRIu64 " messages\n", WEIR_SPAN_ARGS(cause),
            client->messages);
    weir_loop_stop(client->loop);
}

static void on_signal(void *user, int number)
{
    (void)number;
    weir_loop_stop(user);
}

int main(int argc, char **argv)
{
    static const struct weir_websocket_events events = {on_open, on_message, on_oversized, NULL,
                                                        on_closed};
    static struct null_client client; // large
    struct weir_error err = {0};
    if (argc < 2) {
        fputs("usage: null URL#ROOM[,ROOM...] [ACT_EVERY]\n", stderr);
        return 3;
    }
    struct weir_span rooms = weir_span_of(argv[1]);
    struct weir_websocket_options options = {.url = weir_span_take_until(&rooms, '#'),
                                             .subprotocols = WEIR_ROOM_SUBPROTOCOL};
    while (rooms.length > 0 && client.room_count < MAX_ROOMS) {
        client.rooms[client.room_count++].room = weir_span_take_until(&rooms, ',');
    }
    client.act_every = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    client.loop = weir_loop_create(&err);
    if (!client.loop) {
        fprintf(stderr, "null: %s\n", err.text);
        return 1;
    }
    weir_loop_on_signal(client.loop, SIGTERM, on_signal, client.loop);
    weir_websocket_connect(client.loop, &options, &events, &client);
    weir_loop_run(client.loop);
    weir_loop_destroy(&client.loop);
    weir_buffer_fini(&client.out);
    return 0;
}
