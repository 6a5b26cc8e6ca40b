#include "engine/stream/link.h"

#include "engine/base/alloc.h"
#include "engine/net/websocket.h"
#include "engine/stream/backoff.h"

#include <stdio.h>

#include <stdlib.h>

#define MAX_ROOMS        10000
#define MAX_OBJECT_BYTES 65536
#define MAX_FRAME_BYTES  (1u << 20)
#define PING_MS          20000
#define TIMEOUT_MS       45000
#define URL_BYTES        2048

struct weir_link {
    struct weir_loop *loop;
    const struct weir_adapter *adapter;
    void *state; // the adapter's
    struct weir_link_events events;
    void *user;
    struct weir_log *log;
    char *url;
    char *address; // where the adapter says that it is
    char *ca_file;
    uint32_t max_rooms;
    struct weir_buffer *rooms;
    size_t room_count;
    size_t room_capacity;
    struct weir_websocket *socket; // NULL while there is none
    struct socket_ticket *ticket;
    struct weir_timer *timer; // for connecting again; while connected, for the adapter's tick
    struct weir_backoff backoff;
    uint64_t random;
    char cause[256]; // why the connection is being ended by us, or was given up
    bool is_ready;   // login is over; rooms are joined once the adapter's call has returned
    bool is_ending;
    bool is_up;
    bool is_final;
    bool is_moving; // the platform asked for a new connection: no backoff
    bool is_paused;
};

// What a socket calls back on. A link may be closed before its socket has ended; then nobody
// listens.
struct socket_ticket {
    struct weir_link *link;
};

static void on_tick(void *user);
static void connect_now(void *user);

static uint64_t next_random(struct weir_link *link)
{
    link->random ^= link->random << 13;
    link->random ^= link->random >> 7;
    link->random ^= link->random << 17;
    return link->random;
}

static void keep_cause(struct weir_link *link, struct weir_span cause)
{
    snprintf(link->cause, sizeof(link->cause), "%.*s", WEIR_SPAN_ARGS(cause));
}

static void hang_up(struct weir_link *link, const char *reason)
{
    if (link->socket) {
        weir_websocket_close(link->socket, reason);
    }
}

static int64_t now_of(const struct weir_link *link)
{
    return weir_loop_now_ms(link->loop);
}

static void host_send(void *user, struct weir_span bytes, uint32_t flags)
{
    struct weir_link *link = user;
    if (link->socket) {
        weir_websocket_send(link->socket, bytes, (flags & WEIR_FRAME_BINARY) != 0,
                            (flags & WEIR_FRAME_MAY_JOIN) != 0);
    }
}

static void host_event(void *user, const struct weir_event *event);

static struct weir_adapter_host host_of(struct weir_link *link)
{
    return (struct weir_adapter_host){link, host_event, host_send};
}

static void join_rooms(struct weir_link *link, size_t first)
{
    size_t count = link->room_count - first;
    struct weir_room_request *requests = weir_new_array(struct weir_room_request, count);
    for (size_t i = 0; i < count; i++) {
        requests[i].room = weir_buffer_span(&link->rooms[first + i]);
        requests[i].has_resume =
            link->events.resume &&
            link->events.resume(link->user, requests[i].room, &requests[i].resume);
    }
    struct weir_adapter_host host = host_of(link);
    link->adapter->join(link->state, requests, count, &host, now_of(link));
    free(requests);
}

static void go_up(struct weir_link *link)
{
    link->is_ready = false;
    link->is_up = true;
    weir_backoff_up(&link->backoff, now_of(link));
    weir_log_say(link->log, WEIR_LOG_INFO, (struct weir_span){0}, "link.up", "%s", link->url);
    join_rooms(link, 0);
    link->events.on_up(link->user);
}

// Calls into an adapter never overlap, so what its events ask for is done when its call is over.
static void end_of_call(struct weir_link *link)
{
    if (link->is_ending) {
        link->is_ending = false;
        hang_up(link, link->is_moving ? "moving" : "of no use");
        return;
    }
    if (link->is_ready) {
        go_up(link);
    }
    link->events.on_frame_end(link->user);
}

static size_t find_room(const struct weir_link *link, struct weir_span room)
{
    size_t i = 0;
    while (i < link->room_count && !weir_span_equals(weir_buffer_span(&link->rooms[i]), room)) {
        i++;
    }
    return i;
}

static void forget_room(struct weir_link *link, struct weir_span room)
{
    size_t index = find_room(link, room);
    if (index < link->room_count) {
        weir_buffer_fini(&link->rooms[index]);
        link->rooms[index] = link->rooms[--link->room_count];
    }
}

static void host_event(void *user, const struct weir_event *event)
{
    struct weir_link *link = user;
    link->events.on_event(link->user, event);
    switch (event->kind) {
    case WEIR_EVENT_READY:
        link->is_ready = true;
        return;
    case WEIR_EVENT_FAILED:
        keep_cause(link, event->cause);
        link->is_final = event->is_final;
        link->is_ending = true;
        return;
    case WEIR_EVENT_MOVE:
        keep_cause(link, event->cause);
        link->is_moving = true;
        link->is_ending = true;
        return;
    case WEIR_EVENT_LEFT:
        if (event->is_final) {
            forget_room(link, event->room);
        }
        return;
    default:
        return;
    }
}

static void on_open(void *user, struct weir_websocket *socket)
{
    struct weir_link *link = ((struct socket_ticket *)user)->link;
    if (!link) {
        return;
    }
    link->socket = socket;
    weir_timer_stop(&link->timer);
    link->timer = weir_timer_start(link->loop, 1000, 1000, on_tick, link);
    if (link->is_paused) {
        weir_websocket_pause(socket, true);
    }
    struct weir_adapter_host host = host_of(link);
    link->adapter->on_open(link->state, &host, now_of(link));
    end_of_call(link);
}

static void on_message(void *user, struct weir_span message, bool is_binary)
{
    struct weir_link *link = ((struct socket_ticket *)user)->link;
    if (link && link->socket) {
        struct weir_adapter_host host = host_of(link);
        link->adapter->decode(link->state, message, is_binary, &host, now_of(link));
        end_of_call(link);
    }
}

static void on_oversized(void *user, size_t bytes)
{
    struct weir_link *link = ((struct socket_ticket *)user)->link;
    char cause[64];
    if (link) {
        snprintf(cause, sizeof(cause), "a frame of %zu bytes is over the limit", bytes);
        const struct weir_event refused = {.kind = WEIR_EVENT_REFUSED,
                                           .cause = weir_span_of(cause)};
        link->events.on_event(link->user, &refused);
        link->events.on_frame_end(link->user);
    }
}

static int64_t plan_retry(struct weir_link *link)
{
    if (link->is_final) {
        return -1;
    }
    int64_t wait_ms = weir_backoff_down(&link->backoff, now_of(link), next_random(link));
    wait_ms = link->is_moving ? 0 : wait_ms;
    link->timer = weir_timer_start(link->loop, (uint64_t)wait_ms, 0, connect_now, link);
    return wait_ms;
}

static void say_down(struct weir_link *link, struct weir_span cause, int64_t retry_ms)
{
    struct weir_span nobody = {0};
    if (retry_ms < 0) {
        weir_log_say(link->log, WEIR_LOG_ERROR, nobody, "link.given-up", "%s: %.*s", link->url,
                     WEIR_SPAN_ARGS(cause));
    } else {
        weir_log_say(link->log, WEIR_LOG_WARN, nobody, "link.down", "%s: %.*s; again in %lld ms",
                     link->url, WEIR_SPAN_ARGS(cause), (long long)retry_ms);
    }
}

static void on_closed(void *user, struct weir_span cause)
{
    struct socket_ticket *ticket = user;
    struct weir_link *link = ticket->link;
    free(ticket);
    if (!link) {
        return;
    }
    weir_timer_stop(&link->timer);
    if (link->socket) {
        link->adapter->on_close(link->state);
    }
    link->socket = NULL;
    link->ticket = NULL;
    link->is_up = link->is_ready = link->is_ending = false;
    if (link->cause[0] == '\0') {
        keep_cause(link, cause);
    }
    // A copy: the owner may close the link while it is told.
    char why[sizeof(link->cause)];
    memcpy(why, link->cause, sizeof(why));
    int64_t retry_ms = plan_retry(link);
    link->is_moving = false;
    say_down(link, weir_span_of(why), retry_ms);
    link->events.on_down(link->user, weir_span_of(why), retry_ms);
}

static void connect_now(void *user)
{
    struct weir_link *link = user;
    weir_timer_stop(&link->timer);
    static const struct weir_websocket_events events = {
        .on_open = on_open,
        .on_message = on_message,
        .on_oversized = on_oversized,
        .on_closed = on_closed,
    };
    const struct weir_websocket_options options = {
        .url = weir_span_of(link->address),
        .subprotocols = link->adapter->subprotocols,
        .max_message_bytes = MAX_FRAME_BYTES,
        .ping_ms = PING_MS,
        .timeout_ms = TIMEOUT_MS,
        .ca_file = weir_span_of(link->ca_file),
    };
    link->cause[0] = '\0';
    link->ticket = weir_new(struct socket_ticket);
    link->ticket->link = link;
    // Kept in `socket` only once it is open: until then nothing may be sent.
    weir_websocket_connect(link->loop, &options, &events, link->ticket);
}

static void on_tick(void *user)
{
    struct weir_link *link = user;
    if (link->socket && link->adapter->tick) {
        struct weir_adapter_host host = host_of(link);
        link->adapter->tick(link->state, &host, now_of(link));
        end_of_call(link);
    }
}

static void on_url_room(void *user, struct weir_span room)
{
    weir_link_join(user, room);
}

static bool resolve(struct weir_link *link, struct weir_span url, struct weir_error *err)
{
    if (!link->adapter->resolve) {
        link->address = weir_strndup(url.data, url.length);
        return true;
    }
    char address[URL_BYTES];
    size_t length = link->adapter->resolve(url, address, sizeof(address), on_url_room, link);
    if (length == 0 || length >= sizeof(address)) {
        return weir_error_set(err, "'%.*s' is not a URL that the adapter '%s' understands",
                              WEIR_SPAN_ARGS(url), link->adapter->name);
    }
    link->address = weir_strndup(address, length);
    return true;
}

static void free_link(struct weir_link *link)
{
    weir_timer_stop(&link->timer);
    if (link->state) {
        link->adapter->destroy(link->state);
    }
    for (size_t i = 0; i < link->room_count; i++) {
        weir_buffer_fini(&link->rooms[i]);
    }
    free(link->rooms);
    free(link->url);
    free(link->address);
    free(link->ca_file);
    free(link);
}

struct weir_link *weir_link_open(struct weir_loop *loop, const struct weir_link_options *options,
                                 const struct weir_link_events *events, void *user,
                                 struct weir_error *err)
{
    struct weir_link *link = weir_new(struct weir_link);
    link->loop = loop;
    link->adapter = options->adapter;
    link->events = *events;
    link->user = user;
    link->log = options->log;
    link->url = weir_strndup(options->url.data, options->url.length);
    link->ca_file = weir_strndup(options->ca_file.data, options->ca_file.length);
    link->max_rooms = options->max_rooms ? options->max_rooms : MAX_ROOMS;
    link->random = options->random | 1;
    if (!resolve(link, options->url, err)) {
        free_link(link);
        return NULL;
    }
    const struct weir_adapter_config config = {
        .url = options->url,
        .name = options->name,
        .token = options->token,
        .act = options->act,
        .max_rooms = link->max_rooms,
        .max_object_bytes =
            options->max_object_bytes ? options->max_object_bytes : MAX_OBJECT_BYTES,
    };
    link->state = link->adapter->create(&config);
    link->timer = weir_timer_start(loop, 0, 0, connect_now, link);
    return link;
}

void weir_link_close(struct weir_link **link)
{
    if (*link) {
        if ((*link)->ticket) {
            (*link)->ticket->link = NULL; // frees itself when the socket has ended
        }
        hang_up(*link, "bye");
        free_link(*link);
        *link = NULL;
    }
}

bool weir_link_adopt(struct weir_link *link, struct weir_span room)
{
    if (find_room(link, room) < link->room_count) {
        return true;
    }
    if (link->room_count >= link->max_rooms) {
        return false;
    }
    link->rooms = weir_grow(link->rooms, &link->room_capacity, link->room_count + 1,
                            sizeof(struct weir_buffer));
    link->rooms[link->room_count] = (struct weir_buffer){0};
    weir_buffer_add(&link->rooms[link->room_count++], room);
    return true;
}

bool weir_link_join(struct weir_link *link, struct weir_span room)
{
    size_t before = link->room_count;
    if (!weir_link_adopt(link, room)) {
        return false;
    }
    if (link->is_up && link->room_count > before) {
        join_rooms(link, before);
    }
    return true;
}

void weir_link_leave(struct weir_link *link, struct weir_span room)
{
    if (link->is_up) {
        struct weir_adapter_host host = host_of(link);
        link->adapter->leave(link->state, room, &host);
    }
    forget_room(link, room);
}

size_t weir_link_room_count(const struct weir_link *link)
{
    return link->room_count;
}

struct weir_span weir_link_room(const struct weir_link *link, size_t index)
{
    return weir_buffer_span(&link->rooms[index]);
}

bool weir_link_is_up(const struct weir_link *link)
{
    return link->is_up;
}

bool weir_link_is_final(const struct weir_link *link)
{
    return link->is_final;
}

struct weir_span weir_link_cause(const struct weir_link *link)
{
    return weir_span_of(link->cause);
}

struct weir_span weir_link_url(const struct weir_link *link)
{
    return weir_span_of(link->url);
}

const struct weir_adapter *weir_link_adapter(const struct weir_link *link)
{
    return link->adapter;
}

enum weir_support weir_link_supports(const struct weir_link *link, enum weir_do kind)
{
    return link->adapter->supports(link->state, kind);
}

void weir_link_act(struct weir_link *link, const struct weir_action *action)
{
    struct weir_adapter_host host = host_of(link);
    link->adapter->act(link->state, action, &host, now_of(link));
}

void weir_link_verdict(struct weir_link *link, const struct weir_message *message,
                       enum weir_gate verdict, struct weir_span text)
{
    if (link->adapter->verdict) {
        struct weir_adapter_host host = host_of(link);
        link->adapter->verdict(link->state, message, verdict, text, &host);
    }
}

void weir_link_ack(struct weir_link *link, struct weir_span room, uint64_t seq)
{
    if (link->adapter->ack) {
        struct weir_adapter_host host = host_of(link);
        link->adapter->ack(link->state, room, seq, &host);
    }
}

void weir_link_cork(struct weir_link *link)
{
    if (link->socket) {
        weir_websocket_cork(link->socket);
    }
}

void weir_link_uncork(struct weir_link *link)
{
    if (link->socket) {
        weir_websocket_uncork(link->socket);
    }
}

size_t weir_link_queued(const struct weir_link *link)
{
    return link->socket ? weir_websocket_queued(link->socket) : 0;
}

void weir_link_pause(struct weir_link *link, bool paused)
{
    if (link->is_paused != paused) {
        link->is_paused = paused;
        if (link->socket) {
            weir_websocket_pause(link->socket, paused);
        }
    }
}
