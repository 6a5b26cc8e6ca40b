// Both sides of a connection in one process and one loop; a peer that misbehaves is a plain socket
// that the test writes bytes into. No test sleeps: each runs the loop until what it waits for is
// there, or a deadline says that it never came.

#include "tests/unit/test.h"

#include "engine/net/websocket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEADLINE_MS 10000

struct peer {
    struct scene *scene;
    struct weir_websocket *socket; // NULL: not open, or no more
    struct weir_buffer heard;      // messages, each followed by a "|"
    size_t messages;
    size_t oversized;
    size_t drained;
    size_t closed;
    bool echoes;
    char cause[256];
};

struct scene {
    struct weir_loop *loop;
    struct weir_websocket_server *server;
    struct peer server_side; // of all clients together
    struct peer client;
    size_t accepted;
    size_t queued;
    size_t last_queued;
    size_t messages_while_paused;
    int64_t since_ms;
    bool oneshot;
    bool (*is_over)(struct scene *scene);
    bool is_late;
    char url[64];
};

static void on_open(void *user, struct weir_websocket *socket)
{
    struct peer *peer = user;
    peer->socket = socket;
}

static void on_message(void *user, struct weir_span message, bool is_binary)
{
    struct peer *peer = user;
    peer->messages++;
    if (peer->echoes) {
        weir_websocket_send(peer->socket, message, is_binary, false);
    } else if (peer->heard.length < 100000) {
        weir_buffer_add(&peer->heard, message);
        weir_buffer_add_byte(&peer->heard, '|');
    }
}

static void on_oversized(void *user, size_t bytes)
{
    ((struct peer *)user)->oversized += bytes;
}

static void on_drained(void *user)
{
    ((struct peer *)user)->drained++;
}

static void on_closed(void *user, struct weir_span cause)
{
    struct peer *peer = user;
    peer->closed++;
    peer->socket = NULL;
    snprintf(peer->cause, sizeof(peer->cause), "%.*s", WEIR_SPAN_ARGS(cause));
}

static const struct weir_websocket_events events = {on_open, on_message, on_oversized, on_drained,
                                                    on_closed};

static void *on_accept(void *user, struct weir_websocket *socket)
{
    (void)socket;
    struct scene *scene = user;
    scene->accepted++;
    return &scene->server_side;
}

static void look(void *user)
{
    struct scene *scene = user;
    if (scene->is_over && scene->is_over(scene)) {
        weir_loop_stop(scene->loop);
    }
}

static void give_up(void *user)
{
    struct scene *scene = user;
    scene->is_late = true;
    weir_loop_stop(scene->loop);
}

static void run_until(struct scene *scene, bool (*is_over)(struct scene *scene))
{
    scene->is_over = is_over;
    struct weir_timer *patience = weir_timer_start(scene->loop, DEADLINE_MS, 0, give_up, scene);
    struct weir_timer *often = weir_timer_start(scene->loop, 5, 5, look, scene);
    weir_loop_run(scene->loop);
    weir_timer_stop(&often);
    weir_timer_stop(&patience);
    scene->is_over = NULL;
    EXPECT("in time", !scene->is_late);
}

static void begin(struct scene *scene)
{
    struct weir_error err = {0};
    struct weir_websocket_server_options options = {
        .address = "127.0.0.1", .subprotocol = "weir.room.v1", .max_message_bytes = 100000};
    scene->loop = weir_loop_create(&err);
    assert_non_null(scene->loop);
    scene->server_side.scene = scene;
    scene->client.scene = scene;
    scene->server = weir_websocket_listen(scene->loop, &options, &events, on_accept, scene, &err);
    assert_non_null(scene->server);
    snprintf(scene->url, sizeof(scene->url), "ws://127.0.0.1:%u/",
             weir_websocket_server_port(scene->server));
}

static void finish(struct scene *scene)
{
    weir_websocket_server_close(&scene->server);
    weir_loop_destroy(&scene->loop);
    weir_buffer_fini(&scene->client.heard);
    weir_buffer_fini(&scene->server_side.heard);
    test_end_rows();
}

static struct weir_websocket *connect_to(struct scene *scene, const char *url)
{
    struct weir_websocket_options options = {.url = weir_span_of(url),
                                             .subprotocols = "weir.room.v1"};
    return weir_websocket_connect(scene->loop, &options, &events, &scene->client);
}

static bool is_closed(struct scene *scene)
{
    return scene->client.closed > 0;
}

static bool has_two_messages(struct scene *scene)
{
    return scene->client.messages >= 2 && scene->client.drained > 0;
}

static void on_open_say_three(void *user, struct weir_websocket *socket)
{
    on_open(user, socket);
    weir_websocket_send(socket, WEIR_SPAN("one"), false, true);
    weir_websocket_send(socket, WEIR_SPAN("two"), false, true);
    weir_websocket_send(socket, WEIR_SPAN("three"), false, false);
}

static void on_open_hurry(void *user, struct weir_websocket *socket)
{
    on_open(user, socket);
    weir_websocket_cork(socket);
    weir_websocket_send(socket, WEIR_SPAN("at once"), false, true);
    EXPECT_EQ("corked", weir_websocket_queued(socket), 7);
    weir_websocket_uncork(socket);
    EXPECT_EQ("written", weir_websocket_queued(socket), 0);
    weir_websocket_send(socket, WEIR_SPAN("first"), false, true);
    weir_websocket_cork(socket);
    weir_websocket_send(socket, WEIR_SPAN("second"), false, true);
    weir_websocket_uncork(socket);
    EXPECT_EQ("what waited keeps its place", weir_websocket_queued(socket), 12);
}

static bool has_heard_two(struct scene *scene)
{
    return scene->server_side.messages >= 2;
}

static void what_hurries_does_not_wait_for_the_loop(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct weir_websocket_events talker = events;
    begin(&scene);
    talker.on_open = on_open_hurry;
    struct weir_websocket_options options = {.url = weir_span_of(scene.url)};
    weir_websocket_connect(scene.loop, &options, &talker, &scene.client);
    run_until(&scene, has_heard_two);
    EXPECT_TEXT("heard", weir_buffer_span(&scene.server_side.heard), "at once|first\nsecond|");
    finish(&scene);
}

static void waiting_messages_leave_joined_and_come_back(void **state)
{
    (void)state;
    struct scene scene = {.server_side.echoes = true};
    struct weir_websocket_events talker = events;
    begin(&scene);
    talker.on_open = on_open_say_three;
    struct weir_websocket_options options = {.url = weir_span_of(scene.url)};
    weir_websocket_connect(scene.loop, &options, &talker, &scene.client);
    run_until(&scene, has_two_messages);
    EXPECT_TEXT("joined where it was allowed", weir_buffer_span(&scene.client.heard),
                "one\ntwo|three|");
    EXPECT_EQ("nothing left", scene.client.closed, 1);
    EXPECT_TEXT("a stopping loop closes", weir_span_of(scene.client.cause),
                "closed: shutting down");
    EXPECT_EQ("both ends know", scene.server_side.closed, 1);
    finish(&scene);
}

static bool big_one_is_back(struct scene *scene)
{
    return scene->client.messages >= 1;
}

static void on_open_say_big(void *user, struct weir_websocket *socket)
{
    on_open(user, socket);
    char *big = weir_alloc_zeroed(1, 100001);
    memset(big, 'x', 100001);
    weir_websocket_send(socket, (struct weir_span){big, 100001}, false, false);
    EXPECT_EQ("queued", weir_websocket_queued(socket), 100001);
    weir_websocket_send(socket, (struct weir_span){big, 100000}, true, false);
    free(big);
}

static void a_message_over_the_limit_is_dropped_alone(void **state)
{
    (void)state;
    struct scene scene = {.server_side.echoes = true};
    struct weir_websocket_events talker = events;
    begin(&scene);
    talker.on_open = on_open_say_big;
    struct weir_websocket_options options = {.url = weir_span_of(scene.url)};
    weir_websocket_connect(scene.loop, &options, &talker, &scene.client);
    run_until(&scene, big_one_is_back);
    EXPECT_EQ("one was too long", scene.server_side.oversized, 100001);
    EXPECT_EQ("the other arrived", scene.server_side.messages, 1);
    EXPECT_EQ("whole", scene.client.heard.length, 100001); // and its "|"
    finish(&scene);
}

static void failures_name_their_cause(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *url;
        const char *cause;
    } cases[] = {
        {"nobody listens", "ws://127.0.0.1:1/", "connection refused"},
        {"no such scheme", "http://127.0.0.1/", "the URL does not start with ws:// or wss://"},
        {"no TLS there", NULL, "the TLS handshake failed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene = {0};
        char url[80];
        begin(&scene);
        snprintf(url, sizeof(url), "wss%s", scene.url + 2);
        connect_to(&scene, cases[i].url ? cases[i].url : url);
        EXPECT_EQ("never from within connect", scene.client.closed, 0);
        run_until(&scene, is_closed);
        EXPECT_TEXT(cases[i].name, weir_span_of(scene.client.cause), cases[i].cause);
        finish(&scene);
    }
}

static bool is_open(struct scene *scene)
{
    if (scene->client.socket && scene->server_side.socket) {
        weir_websocket_close(scene->server_side.socket, "enough\nfor today");
    }
    return scene->client.closed > 0;
}

static void the_peers_goodbye_is_the_cause(void **state)
{
    (void)state;
    struct scene scene = {0};
    begin(&scene);
    connect_to(&scene, scene.url);
    run_until(&scene, is_open);
    EXPECT_TEXT("code and reason, printable", weir_span_of(scene.client.cause),
                "closed by peer: 1000 enough?for today");
    finish(&scene);
}

/** A client that speaks WebSocket by hand, byte for byte as the test wants it. */
static int connect_by_hand(struct scene *scene)
{
    static const char handshake[] = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    int hand = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(weir_websocket_server_port(scene->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(hand, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(hand, handshake, sizeof(handshake) - 1), sizeof(handshake) - 1);
    return hand;
}

// A masked frame; the mask is zero, so the payload stands as it is.
static void write_frame(int hand, unsigned first_byte, const char *payload)
{
    struct weir_buffer frame = {0};
    size_t length = strlen(payload);
    weir_buffer_add_byte(&frame, (char)first_byte);
    weir_buffer_add_byte(&frame, (char)(0x80 | length));
    weir_buffer_add(&frame, (struct weir_span){"\0\0\0\0", 4});
    weir_buffer_add_text(&frame, payload);
    assert_int_equal(write(hand, frame.data, frame.length), frame.length);
    weir_buffer_fini(&frame);
}

static bool server_heard_two(struct scene *scene)
{
    return scene->server_side.messages >= 2;
}

static void fragments_are_put_together(void **state)
{
    (void)state;
    struct scene scene = {0};
    begin(&scene);
    int hand = connect_by_hand(&scene);
    write_frame(hand, 0x01, "one");
    write_frame(hand, 0x89, "ping between");
    write_frame(hand, 0x00, "");
    write_frame(hand, 0x80, " piece");
    write_frame(hand, 0x81, "");
    run_until(&scene, server_heard_two);
    EXPECT_TEXT("whole messages", weir_buffer_span(&scene.server_side.heard), "one piece||");
    close(hand);
    finish(&scene);
}

static bool server_side_closed(struct scene *scene)
{
    return scene->server_side.closed > 0;
}

static void a_peer_that_is_cut_off_is_a_lost_connection(void **state)
{
    (void)state;
    struct scene scene = {0};
    begin(&scene);
    int hand = connect_by_hand(&scene);
    write_frame(hand, 0x01, "half of a message");
    shutdown(hand, SHUT_WR);
    run_until(&scene, server_side_closed);
    EXPECT_EQ("half a message is none", scene.server_side.messages, 0);
    EXPECT_TEXT("cause", weir_span_of(scene.server_side.cause), "connection lost");
    close(hand);
    finish(&scene);
}

/** Accepts in the system's queue only: nothing is ever answered. */
static int listen_and_say_nothing(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(silent, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(silent, 8), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&address, &length), 0);
    snprintf(url, size, "ws://127.0.0.1:%u/", ntohs(address.sin_port));
    return silent;
}

static void a_server_that_says_nothing_times_out(void **state)
{
    (void)state;
    struct scene scene = {0};
    char url[64];
    int silent = listen_and_say_nothing(url, sizeof(url));
    begin(&scene);
    struct weir_websocket_options options = {.url = weir_span_of(url), .connect_timeout_ms = 50};
    weir_websocket_connect(scene.loop, &options, &events, &scene.client);
    run_until(&scene, is_closed);
    EXPECT_TEXT("cause", weir_span_of(scene.client.cause),
                "timed out before the connection was open");
    close(silent);
    finish(&scene);
}

static void a_connection_given_up_early_still_ends(void **state)
{
    (void)state;
    struct scene scene = {0};
    begin(&scene);
    weir_websocket_close(connect_to(&scene, scene.url), "changed our mind");
    EXPECT_EQ("not from within", scene.client.closed, 0);
    run_until(&scene, is_closed);
    EXPECT_TEXT("cause", weir_span_of(scene.client.cause), "closed: changed our mind");
    finish(&scene);
}

static bool was_quiet_for_a_while(struct scene *scene)
{
    int64_t now_ms = weir_loop_now_ms(scene->loop);
    if (scene->since_ms == 0) {
        scene->since_ms = now_ms;
    }
    return scene->client.closed > 0 || now_ms - scene->since_ms > 400;
}

static void silence_ends_a_connection_unless_pings_are_answered(void **state)
{
    (void)state;
    static const uint32_t ping_ms[] = {0, 40};
    for (size_t i = 0; i < ARRAY_LEN(ping_ms); i++) {
        struct scene scene = {0};
        begin(&scene);
        struct weir_websocket_options options = {
            .url = weir_span_of(scene.url), .ping_ms = ping_ms[i], .timeout_ms = 120};
        weir_websocket_connect(scene.loop, &options, &events, &scene.client);
        run_until(&scene, was_quiet_for_a_while);
        EXPECT_TEXT(ping_ms[i] ? "pings" : "no pings", weir_span_of(scene.client.cause),
                    ping_ms[i] ? "closed: shutting down" : "timed out: nothing heard for 120 ms");
        finish(&scene);
    }
}

#define MANY 300

static bool all_are_open(struct scene *scene)
{
    return scene->accepted == MANY && scene->server_side.messages == MANY;
}

static void on_open_say_one(void *user, struct weir_websocket *socket)
{
    on_open(user, socket);
    weir_websocket_send(socket, WEIR_SPAN("here"), false, true);
}

static void many_connections_live_side_by_side(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct weir_websocket_events talker = events;
    begin(&scene);
    talker.on_open = on_open_say_one;
    struct weir_websocket_options options = {.url = weir_span_of(scene.url)};
    for (size_t i = 0; i < MANY; i++) {
        weir_websocket_connect(scene.loop, &options, &talker, &scene.client);
    }
    run_until(&scene, all_are_open);
    EXPECT_EQ("each ends", scene.client.closed, MANY);
    finish(&scene);
}

#define WAITING 20000

static bool paused_one_is_full(struct scene *scene)
{
    if (scene->server_side.socket && !scene->oneshot) {
        scene->oneshot = true;
        weir_websocket_pause(scene->server_side.socket, true);
        for (size_t i = 0; i < WAITING; i++) {
            char text[512] = "";
            memset(text, 'q', sizeof(text) - 1);
            weir_websocket_send(scene->client.socket, weir_span_of(text), false, i % 3 != 0);
        }
        scene->queued = weir_websocket_queued(scene->client.socket);
        return false;
    }
    size_t queued = scene->client.socket ? weir_websocket_queued(scene->client.socket) : 0;
    bool is_stuck = scene->oneshot && queued == scene->last_queued;
    scene->last_queued = queued;
    if (is_stuck && queued > 0 && scene->server_side.socket) {
        scene->messages_while_paused = scene->server_side.messages;
        weir_websocket_pause(scene->server_side.socket, false);
    }
    return scene->oneshot && queued == 0 && scene->client.drained > 0 &&
           scene->server_side.heard.length >= 100000;
}

static void a_paused_reader_holds_the_writer_back(void **state)
{
    (void)state;
    struct scene scene = {0};
    begin(&scene);
    connect_to(&scene, scene.url);
    run_until(&scene, paused_one_is_full);
    EXPECT("it was queued", scene.queued >= WAITING * 511u);
    EXPECT("little went through while paused", scene.messages_while_paused < WAITING / 2);
    EXPECT_EQ("nothing left", scene.client.closed, 1);
    finish(&scene);
}

static void a_port_in_use_is_said(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct weir_error err = {0};
    begin(&scene);
    struct weir_websocket_server_options options = {
        .address = "127.0.0.1", .port = weir_websocket_server_port(scene.server)};
    EXPECT("refused",
           !weir_websocket_listen(scene.loop, &options, &events, on_accept, &scene, &err));
    EXPECT("why", strstr(err.text, "Address already in use") != NULL);
    options.address = "nowhere";
    err = (struct weir_error){0};
    EXPECT("refused",
           !weir_websocket_listen(scene.loop, &options, &events, on_accept, &scene, &err));
    EXPECT("why", strstr(err.text, "not an IP address") != NULL);
    finish(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_hurries_does_not_wait_for_the_loop),
        cmocka_unit_test(waiting_messages_leave_joined_and_come_back),
        cmocka_unit_test(a_message_over_the_limit_is_dropped_alone),
        cmocka_unit_test(failures_name_their_cause),
        cmocka_unit_test(the_peers_goodbye_is_the_cause),
        cmocka_unit_test(fragments_are_put_together),
        cmocka_unit_test(a_peer_that_is_cut_off_is_a_lost_connection),
        cmocka_unit_test(a_server_that_says_nothing_times_out),
        cmocka_unit_test(a_connection_given_up_early_still_ends),
        cmocka_unit_test(silence_ends_a_connection_unless_pings_are_answered),
        cmocka_unit_test(many_connections_live_side_by_side),
        cmocka_unit_test(a_paused_reader_holds_the_writer_back),
        cmocka_unit_test(a_port_in_use_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
