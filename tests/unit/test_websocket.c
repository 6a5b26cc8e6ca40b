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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_messages_leave_joined_and_come_back),
        cmocka_unit_test(a_message_over_the_limit_is_dropped_alone),
        cmocka_unit_test(failures_name_their_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
