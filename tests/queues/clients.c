// Connections. Each client has one call in the air, or a relayer a handful; who waits too long cuts
// the connection and does not know what became of its call.

#include "tests/queues/run.h"

#include "engine/base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US 700000
#define RELAYERS    4

// ---- the end of a connection ----

static void cut(struct run *run, struct client *client)
{
    if (client->state == STATE_BUSY) {
        on_no_answer(run, client);
    }
    if (client->fd >= 0) {
        close(client->fd);
    }
    client->fd = -1;
    client->state = STATE_DOWN;
    client->job = JOB_NONE;
    client->expected = 0;
    client->starts_over = true;
    client->entry_count = 0;
    client->written = 0;
    weir_buffer_clear(&client->entries);
    weir_buffer_clear(&client->out);
    weir_buffer_clear(&client->in);
    client->wake_us = wall_us() + 1000 + choose(&client->random, 10000);
}

// ---- writing ----

static void ask_for_replica(struct client *client)
{
    resp_begin(&client->out, 3);
    resp_word(&client->out, WEIR_SPAN("WAIT"));
    resp_word(&client->out, WEIR_SPAN("1"));
    resp_word(&client->out, WEIR_SPAN("250"));
    client->expected++;
}

static void write_more(struct run *run, struct client *client)
{
    size_t left = client->out.length - client->written;
    if (client->dies) {
        // It dies with all of its request written, or with half of it.
        left = choose(&client->random, 2) ? left : left / 2;
    }
    ssize_t wrote = send(client->fd, client->out.data + client->written, left, MSG_NOSIGNAL);
    if (wrote < 0 && errno != EAGAIN) {
        cut(run, client);
        return;
    }
    client->written += wrote > 0 ? (size_t)wrote : 0;
    if (client->dies) {
        client->dies = false;
        cut(run, client);
        client->held_count = 0;
    }
}

static void send_requests(struct run *run, struct client *client)
{
    if (run->options.failover && client->job != JOB_GREET) {
        ask_for_replica(client);
    }
    int64_t now_us = wall_us();
    client->state = STATE_BUSY;
    client->written = 0;
    client->call.began_us = now_us;
    client->deadline_us = now_us + PATIENCE_US;
    write_more(run, client);
}

static void greet(struct run *run, struct client *client)
{
    client->fd = socket_open(run->servers[run->master].socket);
    if (client->fd < 0) {
        client->wake_us = wall_us() + 5000;
        return;
    }
    struct epoll_event event = {EPOLLIN, {.u32 = client->number}};
    epoll_ctl(run->epoll, EPOLL_CTL_ADD, client->fd, &event);
    client->job = JOB_GREET;
    resp_begin(&client->out, 1);
    resp_word(&client->out, WEIR_SPAN("PING"));
    client->expected = 1;
    send_requests(run, client);
}

// ---- reading ----

// What was sent on older connections has happened by now, or never will.
static void on_greeted(struct run *run, struct client *client, const struct resp_reply *reply)
{
    if (reply->values[0].kind == '-') {
        cut(run, client);
        return;
    }
    for (unsigned i = 0; i < client->lost_count; i++) {
        run->history.calls[client->lost[i]].ended_us = wall_us();
    }
    client->lost_count = 0;
}

static bool has_all_replies(const struct client *client, struct resp_reply *reply)
{
    struct weir_span rest = weir_buffer_span(&client->in);
    for (unsigned i = 0; i < client->expected; i++) {
        size_t used = 0;
        if (resp_read(rest, reply, &used) != RESP_WHOLE) {
            return false;
        }
        rest = weir_span_slice(rest, used, rest.length);
    }
    return true;
}

static void handle_replies(struct run *run, struct client *client, struct resp_reply *reply)
{
    // The last of them is WAIT's.
    bool waits = run->options.failover && client->job != JOB_GREET;
    bool confirmed = !waits || reply->values[0].number >= 1;
    unsigned count = client->expected - waits;
    struct weir_buffer answers = client->in; // an answer may cut the connection
    client->in = (struct weir_buffer){0};
    struct weir_span rest = weir_buffer_span(&answers);
    client->expected = 0;
    client->state = STATE_IDLE;
    weir_buffer_clear(&client->out);
    for (unsigned i = 0; i < count && client->state == STATE_IDLE; i++) {
        size_t used = 0;
        resp_read(rest, reply, &used);
        rest = weir_span_slice(rest, used, rest.length);
        if (client->job == JOB_GREET) {
            on_greeted(run, client, reply);
        } else {
            on_answer(run, client, reply, confirmed);
        }
    }
    weir_buffer_fini(&answers);
}

static void on_readable(struct run *run, struct client *client, struct resp_reply *reply)
{
    ssize_t got = read(client->fd, weir_buffer_reserve(&client->in, 16384), 16384);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        cut(run, client);
        return;
    }
    client->in.length += got > 0 ? (size_t)got : 0;
    if (client->state != STATE_BUSY || !has_all_replies(client, reply)) {
        return;
    }
    handle_replies(run, client, reply);
    if (client->state == STATE_IDLE && client->deadline_us == 0) {
        cut(run, client);
    } else if (client->state == STATE_IDLE && client->expected > 0) {
        send_requests(run, client);
    }
}

// ---- turns ----

static void begin_work(struct run *run, struct client *client)
{
    if (client->role == ROLE_RELAY) {
        next_relay(run, client);
    } else if (client->role == ROLE_OWNER) {
        next_owner(run, client);
    } else {
        client->job = JOB_NONE;
        next_work(run, client);
    }
    if (client->expected > 0) {
        send_requests(run, client);
    }
}

static void wake(struct run *run, struct client *client, int64_t now_us)
{
    if (client->state == STATE_BUSY && client->deadline_us <= now_us) {
        cut(run, client);
    } else if (client->state == STATE_DOWN && client->wake_us <= now_us) {
        greet(run, client);
    } else if (client->state == STATE_IDLE && client->wake_us <= now_us) {
        begin_work(run, client);
    }
}

static unsigned clients_of(const struct run *run)
{
    return run->options.clients + RELAYERS + ROOMS;
}

void clients_open(struct run *run)
{
    unsigned count = clients_of(run);
    uint64_t random = run->options.seed;
    run->clients = weir_new_array(struct client, count);
    run->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < count; i++) {
        struct client *client = &run->clients[i];
        client->number = (uint16_t)i;
        client->fd = -1;
        client->random = next_random(&random);
        client->starts_over = true;
        client->role = i < run->options.clients              ? ROLE_ANY
                       : i < run->options.clients + RELAYERS ? ROLE_RELAY
                                                             : ROLE_OWNER;
    }
}

void clients_close(struct run *run)
{
    for (unsigned i = 0; i < clients_of(run); i++) {
        struct client *client = &run->clients[i];
        cut(run, client);
        weir_buffer_fini(&client->out);
        weir_buffer_fini(&client->in);
        weir_buffer_fini(&client->entries);
    }
    close(run->epoll);
    free(run->clients);
    run->clients = NULL;
}

void clients_cut(struct run *run, unsigned nth)
{
    for (unsigned i = 0; i < clients_of(run); i += nth) {
        cut(run, &run->clients[i]);
    }
}

// Who has not been let write all of its request tries again each millisecond: requests are small.
static void look_after_all(struct run *run, int64_t now_us)
{
    for (unsigned i = 0; i < clients_of(run); i++) {
        struct client *client = &run->clients[i];
        if (client->state == STATE_BUSY && client->written < client->out.length) {
            write_more(run, client);
        }
        wake(run, client, now_us);
    }
}

void clients_turn(struct run *run)
{
    struct epoll_event events[64];
    struct resp_reply reply = {0};
    int count = epoll_wait(run->epoll, events, ARRAY_LEN(events), 1);
    int64_t now_us = wall_us();
    for (int i = 0; i < count; i++) {
        struct client *client = &run->clients[events[i].data.u32];
        if (client->fd >= 0) {
            on_readable(run, client, &reply);
        }
        wake(run, client, now_us);
    }
    if (now_us >= run->looked_us + 1000) {
        run->looked_us = now_us;
        look_after_all(run, now_us);
    }
    resp_reply_fini(&reply);
}
