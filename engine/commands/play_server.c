// A room's positions are the lines of its track, so a replay needs no store of its own: what is
// asked for again is written again. Each client has a place in each room that it joined; places
// that have something to send take turns, and nothing is written ahead of what the client reads and
// settles.

#include "engine/commands/play_server.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/commands/play_room.h"
#include "engine/net/ticker.h"
#include "engine/net/websocket.h"
#include "engine/sys/clock.h"

#include <inttypes.h>
#include <stdlib.h>

#define CHUNK_BYTES  65536u
#define AHEAD_BYTES  (8 * CHUNK_BYTES)  // queued for one client before we wait
#define UNREAD_BYTES (64 * CHUNK_BYTES) // answers that it does not read before we stop listening
#define TICK_MS      5u
#define LINGER_MS    300
#define FINEST_US    50 // between two ticks
#define ONLOOKER_MS  1000

/** Where a client stands in a room. */
struct place {
    struct play_room *room;
    size_t cursor;  // position that it gets next
    uint64_t acked; // what it acknowledged itself
    bool is_gone;   // it left
};

struct client {
    struct play_server *server;
    struct client *next;
    struct client **link;
    struct weir_websocket *socket; // NULL: closed
    struct place *places;
    size_t place_count;
    size_t place_capacity;
    uint32_t *place_of_room; // by number of the room: place + 1
    uint32_t *active;        // places that may have something to send
    size_t active_count;
    size_t active_capacity;
    size_t turn;
    uint64_t unacked;
    struct weir_buffer out;
    uint64_t number;
    int64_t stalled_ms; // since when it is full of messages that it did not ack, 0 = it is not
    bool has_said_hello;
    bool is_deaf;
    bool has_acked;
    bool only_looks; // acks nothing: the window is not for it
};

struct answered {
    uint64_t times;
    enum weir_refused refused;
};

struct play_server {
    struct weir_loop *loop;
    const struct play_chat *chat;
    struct play_options options;
    struct weir_websocket_server *listener;
    struct weir_room_listener *ear;
    struct name_table room_names;
    struct play_room *rooms; // by number of the name
    struct name_table action_ids;
    struct answered *answers; // by number of the action's id
    size_t answer_capacity;
    struct client *clients;
    struct play_report report;
    struct weir_buffer line; // scratch
    int64_t progress_ms;     // when something was last sent or heard
    int64_t over_ms;         // since when it is, 0 = it is not
    bool has_cut;
};

static uint64_t now_in_us(void)
{
    return (uint64_t)weir_clock_monotonic_us();
}

static void flush(struct client *client)
{
    if (client->out.length > 0 && client->socket) {
        weir_websocket_send(client->socket, weir_buffer_span(&client->out), false, true);
    }
    weir_buffer_clear(&client->out);
}

// Begins a frame in the client's buffer, behind what is there where frames may be joined.
static struct weir_buffer *open_frame(struct client *client)
{
    if (client->out.length > 0) {
        if (!client->server->options.batch || client->out.length >= CHUNK_BYTES) {
            flush(client);
        } else {
            weir_buffer_add_byte(&client->out, '\n');
        }
    }
    return &client->out;
}

static void close_frame(struct client *client)
{
    if (!client->server->options.batch) {
        weir_websocket_send(client->socket, weir_buffer_span(&client->out), false, false);
        weir_buffer_clear(&client->out);
    }
}

static void say(struct client *client, const struct weir_event *event)
{
    weir_room_write_event(open_frame(client), event);
    close_frame(client);
}

static void say_welcome(struct client *client)
{
    const struct play_options *options = &client->server->options;
    struct weir_buffer *out = open_frame(client);
    weir_buffer_add_text(out, options->gate ? "{\"type\":\"welcome\",\"mode\":\"gate\""
                                            : "{\"type\":\"welcome\",\"mode\":\"observe\"");
    if (options->gate) {
        weir_json_add_u64_field(out, "deadline_ms", options->deadline_ms);
        weir_json_add_text_field(out, "late", weir_span_of(weir_gate_name(options->late)));
    }
    weir_buffer_add_text(out, ",\"self\":{\"id\":\"weir-bot\"}");
    weir_json_add_bool_field(out, "batch", options->batch);
    weir_buffer_add_byte(out, '}');
    close_frame(client);
}

static void cut_everybody(struct play_server *server)
{
    server->has_cut = true;
    for (struct client *client = server->clients; client; client = client->next) {
        weir_buffer_clear(&client->out);
        if (client->socket) {
            weir_websocket_cut(client->socket);
        }
    }
}

static void count_sent(struct play_server *server, struct play_room *room, size_t position,
                       uint64_t now_us)
{
    enum play_kind kind = room->track->lines[position].kind;
    bool is_again = room->sent_us[position] != 0;
    room->sent_us[position] = now_us;
    if (kind != PLAY_ROOM && position + 1 > room->last_seq) {
        room->last_seq = position + 1;
    }
    if (kind != PLAY_CHAT && kind != PLAY_EDIT) {
        return;
    }
    if (is_again) {
        server->report.resent++;
    } else {
        server->report.sent++;
    }
    if (server->report.first_sent_us == 0) {
        server->report.first_sent_us = now_us;
    }
}

static bool is_due(const struct play_server *server, const struct play_room *room, size_t position,
                   uint64_t now_us)
{
    if (server->options.speed <= 0 && server->options.rate == 0) {
        return true;
    }
    const struct play_line *lines = room->track->lines;
    double elapsed_ms = (double)((int64_t)now_us - room->started_us) / 1000;
    if (server->options.rate > 0) {
        return (double)position * 1000.0 <= elapsed_ms * server->options.rate;
    }
    return (double)(lines[position].ts_ms - lines[0].ts_ms) <= elapsed_ms * server->options.speed;
}

// Takes the place's next position and sends it unless it is withheld or gone. False: nothing is
// due.
static bool send_next(struct client *client, struct place *place, uint64_t now_us, int64_t unix_ms)
{
    struct play_server *server = client->server;
    struct play_room *room = place->room;
    size_t position = place->cursor;
    if (position == room->live) {
        if (!is_due(server, room, position, now_us)) {
            return false;
        }
        if (!play_room_release(room)) {
            server->report.withheld++;
        }
    }
    place->cursor++;
    if (!play_room_may_send(room, position)) {
        return true;
    }
    play_chat_write(server->chat, room->track, position, weir_buffer_span(&room->name_json),
                    unix_ms, open_frame(client));
    close_frame(client);
    count_sent(server, room, position, now_us);
    client->unacked += room->track->lines[position].kind != PLAY_ROOM;
    return true;
}

static bool may_send_more(const struct client *client)
{
    return (client->only_looks || client->unacked < client->server->options.window) &&
           weir_websocket_queued(client->socket) < AHEAD_BYTES;
}

// One round: each active place sends one message. False when there was nothing to send.
static bool send_round(struct client *client)
{
    uint64_t now_us = now_in_us();
    int64_t unix_ms = weir_clock_wall_ms();
    bool has_sent = false;
    // Few rooms send many each round, so that the clocks are read seldom; many rooms one each.
    size_t steps = client->active_count < 64 ? 64 : client->active_count;
    for (size_t i = 0; i < steps && client->active_count > 0 && may_send_more(client); i++) {
        client->turn = client->turn + 1 < client->active_count ? client->turn + 1 : 0;
        struct place *place = &client->places[client->active[client->turn]];
        if (place->is_gone || place->cursor >= place->room->track->count) {
            client->active[client->turn] = client->active[--client->active_count];
            continue;
        }
        has_sent |= send_next(client, place, now_us, unix_ms);
    }
    return has_sent;
}

static void pump(struct client *client)
{
    struct play_server *server = client->server;
    if (!client->socket || !client->has_said_hello || client->active_count == 0) {
        return;
    }
    while (may_send_more(client) && send_round(client)) {
        server->progress_ms = weir_loop_now_ms(server->loop);
        if (server->options.cut_after > 0 && !server->has_cut &&
            server->report.sent >= server->options.cut_after) {
            cut_everybody(server);
            return;
        }
    }
    flush(client);
}

static void pump_all(void *user)
{
    struct play_server *server = user;
    for (struct client *client = server->clients; client; client = client->next) {
        pump(client);
    }
}

static void say_gap(struct client *client, struct play_room *room, uint64_t from, uint64_t to)
{
    client->server->report.gaps++;
    say(client, &(struct weir_event){.kind = WEIR_EVENT_GAP,
                                     .room = weir_buffer_span(&room->name),
                                     .seq = from,
                                     .has_seq = true,
                                     .seq_to = to});
}

static void settle(struct play_server *server, struct play_room *room, uint64_t seq)
{
    uint64_t now_us = now_in_us();
    uint64_t end = seq < room->live ? seq : room->live;
    for (; room->acked < end; room->acked++) {
        size_t position = (size_t)room->acked;
        enum play_kind kind = room->track->lines[position].kind;
        if (room->sent_us[position] != 0 && (kind == PLAY_CHAT || kind == PLAY_EDIT)) {
            server->report.judged++;
            play_times_add(&server->report.ack_times, now_us - room->sent_us[position]);
        }
    }
    server->report.last_ack_us = now_us;
}

// What a client resumes behind is settled, although its ack may have been lost with the connection.
// It may even be more than this run of `play` has sent: that is over too, and never sent.
static void settle_before(struct play_server *server, struct play_room *room, uint64_t seq)
{
    settle(server, room, seq);
    uint64_t end = seq < room->track->count ? seq : room->track->count;
    while (room->live < end) {
        play_room_release(room);
        room->flags[room->live - 1] |= PLAY_WITHHELD;
    }
    if (room->acked < end) {
        room->acked = end;
    }
}

static void join(struct client *client, const struct weir_room_request *request)
{
    struct play_server *server = client->server;
    uint32_t number = name_table_find(&server->room_names, request->room);
    if (number == NO_NAME) {
        server->report.unknown_rooms++;
        return;
    }
    struct play_room *room = &server->rooms[number];
    if (client->place_of_room[number] != 0) {
        return; // it is in there already
    }
    if (!room->has_started) {
        room->has_started = true;
        room->started_us = weir_clock_monotonic_us();
    }
    if (request->has_resume) {
        settle_before(server, room, request->resume);
    }
    uint64_t from = room->acked;
    if (room->live - from > server->options.replay) {
        from = room->live - server->options.replay;
        say_gap(client, room, room->acked + 1, from);
    }
    client->places = weir_grow(client->places, &client->place_capacity, client->place_count + 1,
                               sizeof(*client->places));
    client->places[client->place_count] = (struct place){room, (size_t)from, from, false};
    client->active = weir_grow(client->active, &client->active_capacity, client->active_count + 1,
                               sizeof(*client->active));
    client->active[client->active_count++] = (uint32_t)client->place_count;
    client->place_of_room[number] = (uint32_t)++client->place_count;
    say(client, &(struct weir_event){.kind = WEIR_EVENT_ROOM,
                                     .room = weir_buffer_span(&room->name),
                                     .state = WEIR_SPAN("live")});
}

static void leave(struct client *client, struct weir_span name)
{
    uint32_t number = name_table_find(&client->server->room_names, name);
    if (number != NO_NAME && client->place_of_room[number] != 0) {
        client->places[client->place_of_room[number] - 1].is_gone = true;
        client->place_of_room[number] = 0;
    }
}

static void settle_for_client(struct client *client, struct place *place, uint64_t seq)
{
    uint64_t end = seq < place->cursor ? seq : place->cursor;
    for (; place->acked < end; place->acked++) {
        size_t position = (size_t)place->acked;
        bool was_sent = place->room->sent_us[position] != 0 &&
                        place->room->track->lines[position].kind != PLAY_ROOM;
        client->unacked -= was_sent && client->unacked > 0;
    }
}

static void hear_ack(struct client *client, const struct weir_room_heard *heard)
{
    struct play_server *server = client->server;
    uint32_t number = name_table_find(&server->room_names, heard->room);
    if (number == NO_NAME) {
        server->report.unknown_rooms++;
        return;
    }
    client->has_acked = true;
    if (client->place_of_room[number] != 0) {
        settle_for_client(client, &client->places[client->place_of_room[number] - 1], heard->seq);
    }
    settle(server, &server->rooms[number], heard->seq);
}

static void measure_action(struct play_server *server, struct play_room *room,
                           const struct weir_action *action)
{
    size_t position = 0;
    if (action->by_human || action->message.length == 0 ||
        !play_room_find(room, action->message, action->seq, action->has_seq, &position) ||
        (room->flags[position] & PLAY_ACTED_ON) || room->sent_us[position] == 0) {
        return;
    }
    room->flags[position] |= PLAY_ACTED_ON;
    play_times_add(&server->report.action_times, now_in_us() - room->sent_us[position]);
}

static enum weir_refused act(struct play_server *server, const struct weir_action *action)
{
    uint32_t number = name_table_find(&server->room_names, action->room);
    server->report.actions[action->kind]++;
    server->report.actions_by_human += action->by_human;
    if (number == NO_NAME) {
        return WEIR_REFUSED_NOT_FOUND;
    }
    measure_action(server, &server->rooms[number], action);
    return play_room_act(&server->rooms[number], action);
}

// An id that was heard before is answered as before, and nothing is done again.
static void hear_action(struct client *client, const struct weir_action *action)
{
    struct play_server *server = client->server;
    uint32_t number = name_table_add(&server->action_ids, action->id);
    if (number >= server->answer_capacity || server->answers[number].times == 0) {
        size_t old = server->answer_capacity;
        server->answers = weir_grow(server->answers, &server->answer_capacity, (size_t)number + 1,
                                    sizeof(*server->answers));
        for (; old < server->answer_capacity; old++) {
            server->answers[old] = (struct answered){0};
        }
        enum weir_refused refused = act(server, action);
        server->answers[number].refused = refused;
        server->report.applied += refused == WEIR_REFUSED_NOT;
        server->report.refused[refused]++;
    } else {
        server->report.repeated_actions++;
    }
    struct answered *answer = &server->answers[number];
    answer->times++;
    if (answer->times > server->report.most_repeats + 1) {
        server->report.most_repeats = answer->times - 1;
    }
    say(client, &(struct weir_event){
                    .kind = WEIR_EVENT_DONE, .id = action->id, .refused = answer->refused});
}

static void hear_verdict(struct client *client, const struct weir_room_heard *heard)
{
    struct play_server *server = client->server;
    struct play_report *report = &server->report;
    uint32_t number = name_table_find(&server->room_names, heard->room);
    size_t position = 0;
    if (number == NO_NAME || !play_room_find(&server->rooms[number], heard->message, heard->seq,
                                             heard->seq > 0, &position)) {
        report->unknown_rooms++;
        return;
    }
    struct play_room *room = &server->rooms[number];
    if (room->flags[position] & PLAY_HAS_VERDICT) {
        report->repeated_verdicts++;
        return;
    }
    uint64_t took_us = now_in_us() - room->sent_us[position];
    play_times_add(&report->verdict_times, took_us);
    bool is_late = took_us > (uint64_t)server->options.deadline_ms * 1000;
    report->late_verdicts += is_late;
    report->verdicts[heard->verdict]++;
    // A platform does not wait: once the deadline is over its own policy has been carried out.
    play_room_judge(room, position, is_late ? server->options.late : heard->verdict);
}

static void hear_hello(struct client *client, const struct weir_room_heard *heard)
{
    struct play_server *server = client->server;
    if (server->options.token.length > 0 &&
        !weir_span_equals(heard->token, server->options.token)) {
        server->report.wrong_tokens++;
        weir_websocket_close(client->socket, "wrong token");
        return;
    }
    client->has_said_hello = true;
    for (size_t i = 0; i < heard->room_count; i++) {
        join(client, &heard->rooms[i]);
    }
}

static void hear_bad(struct client *client, const struct weir_room_heard *heard)
{
    client->server->report.bad_frames++;
    if (heard->action.id.length > 0) {
        say(client, &(struct weir_event){.kind = WEIR_EVENT_DONE,
                                         .id = heard->action.id,
                                         .refused = WEIR_REFUSED_INVALID});
    }
}

static void hear_member(struct client *client, const struct weir_room_heard *heard)
{
    switch (heard->kind) {
    case WEIR_ROOM_HEARD_JOIN:
        for (size_t i = 0; i < heard->room_count; i++) {
            join(client, &heard->rooms[i]);
        }
        break;
    case WEIR_ROOM_HEARD_LEAVE:
        for (size_t i = 0; i < heard->room_count; i++) {
            leave(client, heard->rooms[i].room);
        }
        break;
    case WEIR_ROOM_HEARD_ACTION:
        hear_action(client, &heard->action);
        break;
    case WEIR_ROOM_HEARD_VERDICT:
        hear_verdict(client, heard);
        break;
    case WEIR_ROOM_HEARD_ACK:
        hear_ack(client, heard);
        break;
    default:
        break;
    }
}

static void hear(struct client *client, struct weir_span object)
{
    struct play_server *server = client->server;
    const struct weir_room_heard *heard = weir_room_hear(server->ear, object);
    if (heard->kind == WEIR_ROOM_HEARD_BAD) {
        hear_bad(client, heard);
    } else if (heard->kind == WEIR_ROOM_HEARD_UNKNOWN) {
        server->report.unknown_frames++;
    } else if (heard->kind == WEIR_ROOM_HEARD_HELLO) {
        hear_hello(client, heard);
    } else if (client->has_said_hello) {
        hear_member(client, heard);
    } else {
        server->report.bad_frames++; // nobody yet
    }
}

static void log_heard(struct client *client, const char *name, struct weir_span text)
{
    struct play_server *server = client->server;
    if (!server->options.log) {
        return;
    }
    struct weir_buffer *line = &server->line;
    weir_buffer_clear(line);
    weir_buffer_add_byte(line, '{');
    weir_json_add_u64_field(line, "at", (uint64_t)weir_clock_wall_ms());
    weir_json_add_u64_field(line, "connection", client->number);
    weir_json_add_text_field(line, name, text);
    weir_buffer_add_text(line, "}\n");
    fwrite(line->data, 1, line->length, server->options.log);
    fflush(server->options.log); // whoever follows the log must not wait for a full buffer
}

static void on_message(void *user, struct weir_span message, bool is_binary)
{
    struct client *client = user;
    (void)is_binary;
    client->server->progress_ms = weir_loop_now_ms(client->server->loop);
    while (message.length > 0) {
        struct weir_span object = weir_span_take_until(&message, '\n');
        log_heard(client, "frame", object);
        hear(client, object);
    }
    flush(client);
    if (client->socket && weir_websocket_queued(client->socket) > UNREAD_BYTES) {
        client->is_deaf = true;
        weir_websocket_pause(client->socket, true);
    }
}

static void on_open(void *user, struct weir_websocket *socket)
{
    struct client *client = user;
    client->socket = socket;
    client->server->report.connections++;
    log_heard(client, "event", WEIR_SPAN("open"));
    say_welcome(client);
    flush(client);
}

static void on_oversized(void *user, size_t bytes)
{
    struct client *client = user;
    (void)bytes;
    client->server->report.bad_frames++;
}

static void on_drained(void *user)
{
    struct client *client = user;
    if (client->is_deaf) {
        client->is_deaf = false;
        weir_websocket_pause(client->socket, false);
    }
    pump(client);
}

static void free_client(struct client *client)
{
    *client->link = client->next;
    if (client->next) {
        client->next->link = client->link;
    }
    weir_buffer_fini(&client->out);
    free(client->places);
    free(client->place_of_room);
    free(client->active);
    free(client);
}

static void on_closed(void *user, struct weir_span cause)
{
    struct client *client = user;
    log_heard(client, "event", cause);
    free_client(client);
}

static void *on_accept(void *user, struct weir_websocket *socket)
{
    struct play_server *server = user;
    struct client *client = weir_new(struct client);
    client->server = server;
    client->number = server->report.connections + 1;
    client->place_of_room = weir_new_array(uint32_t, server->room_names.count);
    client->next = server->clients;
    client->link = &server->clients;
    if (client->next) {
        client->next->link = &client->next;
    }
    server->clients = client;
    (void)socket;
    return client;
}

bool play_server_is_over(const struct play_server *server)
{
    bool has_any = false;
    for (size_t i = 0; i < server->room_names.count; i++) {
        const struct play_room *room = &server->rooms[i];
        has_any |= room->has_started;
        if (room->has_started && !play_room_is_over(room)) {
            return false;
        }
    }
    return has_any;
}

static bool is_all_sent(const struct play_server *server)
{
    for (size_t i = 0; i < server->room_names.count; i++) {
        const struct play_room *room = &server->rooms[i];
        if (room->has_started && room->live < room->track->count) {
            return false;
        }
    }
    return server->report.first_sent_us > 0;
}

// `weir watch` and its like settle nothing. Whoever has let a full window lie for so long without a
// single ack is one of them, and gets the rest as fast as it reads.
static void look_for_onlookers(struct play_server *server)
{
    int64_t now_ms = weir_loop_now_ms(server->loop);
    for (struct client *client = server->clients; client; client = client->next) {
        if (client->has_acked || client->unacked < server->options.window) {
            client->stalled_ms = 0;
        } else if (client->stalled_ms == 0) {
            client->stalled_ms = now_ms;
        } else if (now_ms - client->stalled_ms > ONLOOKER_MS) {
            client->only_looks = true;
        }
    }
}

// Stragglers (an action behind the last ack) get a moment; acks that never come, or a client that
// never comes back, get `grace_ms` after the last thing that was sent or heard.
static void on_tick(void *user)
{
    struct play_server *server = user;
    look_for_onlookers(server);
    pump_all(server);
    if (!server->options.once) {
        return;
    }
    bool is_over = play_server_is_over(server);
    bool is_stuck = is_all_sent(server) || (!server->clients && server->report.connections > 0);
    int64_t silent_ms = weir_loop_now_ms(server->loop) - server->progress_ms;
    if (!is_over || server->over_ms == 0) {
        server->over_ms = is_over ? weir_loop_now_ms(server->loop) : 0;
    }
    if ((is_over && weir_loop_now_ms(server->loop) - server->over_ms > LINGER_MS) ||
        (is_stuck && !is_over && silent_ms > (int64_t)server->options.grace_ms)) {
        weir_loop_stop(server->loop);
    }
}

static void create_rooms(struct play_server *server)
{
    const struct play_chat *chat = server->chat;
    uint32_t copies = server->options.copies;
    size_t count = copies ? copies : chat->rooms.count;
    server->rooms = weir_new_array(struct play_room, count);
    for (uint32_t i = 0; i < count; i++) {
        char copy[16];
        snprintf(copy, sizeof(copy), "r%" PRIu32, i + 1);
        struct weir_span name = copies ? weir_span_of(copy) : name_table_text(&chat->rooms, i);
        play_room_init(&server->rooms[i], name, &chat->tracks[copies ? 0 : i]);
        name_table_add(&server->room_names, name);
    }
}

struct play_server *play_server_create(struct weir_loop *loop, const struct play_chat *chat,
                                       const struct play_options *options, struct weir_error *err)
{
    static const struct weir_websocket_events events = {on_open, on_message, on_oversized,
                                                        on_drained, on_closed};
    struct weir_websocket_server_options listen = {
        .address = options->address,
        .port = options->port,
        .subprotocol = WEIR_ROOM_SUBPROTOCOL,
        .max_message_bytes = WEIR_ROOM_FRAME_BYTES,
    };
    WEIR_AUTO(play_server_destroy) struct play_server *server = weir_new(struct play_server);
    server->loop = loop;
    server->chat = chat;
    server->options = *options;
    server->report.is_gate = options->gate;
    server->ear = weir_room_listener_create();
    create_rooms(server);
    server->listener = weir_websocket_listen(loop, &listen, &events, on_accept, server, err);
    if (!server->listener) {
        return NULL;
    }
    // A steady rate should not come in bursts: the turns of the loop send what is due.
    if (options->rate > 0) {
        uint64_t every_us = options->rate < 1000 ? 1000 : 1000000 / options->rate;
        if (!weir_ticker_start(loop, every_us < FINEST_US ? FINEST_US : every_us, err)) {
            return NULL;
        }
    }
    weir_timer_start(loop, TICK_MS, TICK_MS, on_tick, server);
    weir_loop_on_turn(loop, pump_all, server);
    return weir_take(server);
}

void play_server_destroy(struct play_server **server_at)
{
    struct play_server *server = *server_at;
    if (!server) {
        return;
    }
    for (struct client *next, *client = server->clients; client; client = next) {
        next = client->next;
        free_client(client);
    }
    for (size_t i = 0; i < server->room_names.count; i++) {
        play_room_fini(&server->rooms[i]);
    }
    free(server->rooms);
    name_table_fini(&server->room_names);
    name_table_fini(&server->action_ids);
    free(server->answers);
    weir_room_listener_destroy(&server->ear);
    weir_buffer_fini(&server->line);
    free(server);
    *server_at = NULL;
}

uint16_t play_server_port(const struct play_server *server)
{
    return weir_websocket_server_port(server->listener);
}

const struct play_report *play_server_report(const struct play_server *server)
{
    return &server->report;
}
