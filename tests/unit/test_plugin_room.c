#include "tests/unit/adapter_peer.h"

#define WELCOME                                                                                    \
    "{\"type\":\"welcome\",\"mode\":\"observe\",\"self\":{\"id\":\"weir-bot\"},\"batch\":true}"
#define HELLO "{\"type\":\"hello\",\"token\":\"secret\",\"rooms\":[],\"resume\":{}}"

static const struct weir_adapter_config config = {
    .token = {"secret", 6}, .act = true, .max_rooms = 3, .max_object_bytes = 300};

static void peer_welcomed(struct adapter_peer *peer, const struct weir_adapter_config *with)
{
    peer_start(peer, with);
    peer_open(peer);
    peer_feed_text(peer, WELCOME);
    peer_forget(peer);
}

static void the_server_speaks_first(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    peer_open(&peer);
    peer_expect(&peer, "nothing is said", "");
    peer_feed_text(&peer, "{\"type\":\"chat\",\"room\":\"r1\",\"text\":\"a\"}");
    peer_expect(&peer, "too early", "* REFUSED room=r1 cause=[a frame before 'welcome']\n");
    peer_feed_text(&peer, WELCOME);
    peer_expect(&peer, "welcome", "> " HELLO "\n* READY self=weir-bot\n");
    peer_feed_text(&peer, WELCOME);
    peer_expect(&peer, "again", "* REFUSED cause=[a second 'welcome']\n");
    test_end_rows();
}

static void a_silent_server_is_given_up(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    peer_open(&peer);
    peer_wait(&peer, 10000);
    peer_expect(&peer, "ten seconds", "");
    peer_wait(&peer, 1000);
    peer_expect(&peer, "eleven", "* FAILED cause=[no welcome within 10 s]\n");
    test_end_rows();
}

static void rooms_are_joined_with_what_is_settled(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_room_request rooms[] = {{WEIR_SPAN("r1"), 122, true}, {WEIR_SPAN("r2"), 0, false}};
    peer_welcomed(&peer, &config);
    peer.write_flags = true;
    weir_adapter.join(peer.state, rooms, 2, &peer.host, peer.now_ms);
    peer_expect(&peer, "one frame",
                ">+ {\"type\":\"join\",\"rooms\":[\"r1\",\"r2\"],\"resume\":{\"r1\":122}}\n"
                "* JOINED room=r1\n* JOINED room=r2\n");
    weir_adapter.leave(peer.state, WEIR_SPAN("r1"), &peer.host);
    peer_expect(
        &peer, "left",
        ">+ {\"type\":\"leave\",\"rooms\":[\"r1\"]}\n* LEFT room=r1 final cause=[we left]\n");
    test_end_rows();
}

static void thousands_of_rooms_come_in_portions(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_adapter_config many = config;
    struct weir_room_request *rooms = weir_new_array(struct weir_room_request, COUNT);
    char(*names)[16] = weir_alloc_zeroed(COUNT, sizeof(*names));
    many.max_rooms = COUNT - 1;
    peer_welcomed(&peer, &many);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "room-%zu", i);
        rooms[i].room = weir_span_of(names[i]);
    }
    weir_adapter.join(peer.state, rooms, COUNT, &peer.host, peer.now_ms);
    size_t frames = 0;
    size_t joined = 0;
    struct weir_span log = weir_buffer_span(&peer.log);
    while (log.length > 0) {
        struct weir_span line = weir_span_take_until(&log, '\n');
        frames += line.data[0] == '>';
        joined += weir_span_starts(line, WEIR_SPAN("* JOINED"));
        EXPECT("a frame stays under the limit", line.length < WEIR_ROOM_OBJECT_BYTES);
    }
    EXPECT_EQ("joined", (intmax_t)joined, COUNT - 1);
    EXPECT("portions", frames > 5 && frames < 50);
    EXPECT("the last is refused",
           strstr(weir_buffer_text(&peer.log),
                  "* LEFT room=room-4999 final cause=[more rooms than max_rooms]"));
    free(rooms);
    free(names);
    test_end_rows();
}

static void a_server_names_no_more_rooms_than_it_may(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_welcomed(&peer, &config);
    for (int i = 0; i < 100000; i++) {
        char frame[100];
        snprintf(frame, sizeof(frame), "{\"type\":\"room\",\"room\":\"x%d\",\"state\":\"live\"}",
                 i);
        peer_feed_text(&peer, frame);
        if (i >= 3) {
            peer_forget(&peer);
        }
    }
    peer_feed_text(&peer, "{\"type\":\"gone\",\"room\":\"new\",\"seq\":5,\"id\":\"m\"}");
    peer_expect(&peer, "one too many",
                "* REFUSED room=new id=m seq=5 cause=[names more rooms than max_rooms]\n");
    peer_feed_text(&peer, "{\"type\":\"gone\",\"room\":\"x1\",\"seq\":5,\"id\":\"m\"}");
    peer_expect(&peer, "known", "* GONE room=x1 id=m seq=5\n");
    weir_adapter.leave(peer.state, WEIR_SPAN("x0"), &peer.host);
    weir_adapter.leave(peer.state, WEIR_SPAN("x2"), &peer.host);
    peer_forget(&peer);
    peer_feed_text(&peer, "{\"type\":\"gone\",\"room\":\"x1\",\"seq\":6,\"id\":\"m\"}");
    peer_expect(&peer, "still known", "* GONE room=x1 id=m seq=6\n");
    peer_feed_text(&peer, "{\"type\":\"gone\",\"room\":\"y\",\"id\":\"m\"}");
    peer_expect(&peer, "there is a place again",
                "* JOINED room=y cause=[named by the server]\n* GONE room=y id=m\n");
    test_end_rows();
}

static void several_objects_share_a_frame(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_welcomed(&peer, &config);
    peer_join(&peer, "r1");
    peer_forget(&peer);
    peer_feed_text(&peer,
                   "{\"type\":\"chat\",\"room\":\"r1\",\"seq\":1,\"id\":\"a\",\"text\":\"hi\","
                   "\"user\":{\"id\":\"u\",\"name\":\"U\"}}\n"
                   "\n"
                   "{\"type\":\"chat\",\"room\":\"r1\",\"seq\":2,\"id\":\"b\",\"text\":\n"
                   "{\"type\":\"chat\",\"room\":\"r1\",\"seq\":3,\"id\":\"c\",\"text\":\"me\","
                   "\"user\":\"weir-bot\"}\n");
    peer_expect(&peer, "three",
                "* MESSAGE room=r1 id=a seq=1 user=u name=U identity=stable text=[hi]\n"
                "* REFUSED room=r1 id=b seq=2 cause=[not JSON: the text ends early at byte 51]\n"
                "* MESSAGE room=r1 id=c seq=3 self user=weir-bot name=weir-bot identity=stable "
                "text=[me]\n");
    test_end_rows();
}

static void without_batches_a_frame_is_one_object(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    peer.write_flags = true;
    peer_open(&peer);
    peer_feed_text(&peer, "{\"type\":\"welcome\",\n \"mode\":\"gate\",\"deadline_ms\":50,"
                          "\"late\":\"hold\"}");
    peer_expect(&peer, "gate", "> " HELLO "\n* READY gate=50,hold\n");
    peer_feed_text(&peer, "{\"type\":\"chat\",\"room\":\"r1\",\n\"id\":\"a\",\"text\":\"hi\"}");
    peer_expect(&peer, "blanks",
                "* JOINED room=r1 cause=[named by the server]\n"
                "* MESSAGE room=r1 id=a identity=none text=[hi]\n");
    test_end_rows();
}

static void what_weir_says_is_what_the_protocol_says(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_welcomed(&peer, &config);
    peer_join(&peer, "r1");
    peer_forget(&peer);
    struct weir_message message = {
        .room = WEIR_SPAN("r1"), .id = WEIR_SPAN("m"), .seq = 7, .has_seq = true};
    weir_adapter.verdict(peer.state, &message, WEIR_GATE_HOLD, WEIR_SPAN(""), &peer.host);
    weir_adapter.ack(peer.state, WEIR_SPAN("r1"), 7, &peer.host);
    peer_expect(
        &peer, "verdict and ack",
        "> {\"type\":\"verdict\",\"room\":\"r1\",\"seq\":7,\"id\":\"m\",\"verdict\":\"hold\"}\n"
        "> {\"type\":\"ack\",\"room\":\"r1\",\"seq\":7}\n");
    struct weir_action action = {.id = WEIR_SPAN("a-1"),
                                 .room = WEIR_SPAN("r1"),
                                 .kind = WEIR_DO_DELETE,
                                 .message = WEIR_SPAN("m")};
    peer_act(&peer, &action);
    peer_expect(&peer, "action",
                "> {\"type\":\"action\",\"id\":\"a-1\",\"room\":\"r1\",\"do\":\"delete\","
                "\"message\":\"m\",\"user\":null,\"text\":null,\"mode\":null,\"reason\":null,"
                "\"rules\":[],\"by\":\"rule\"}\n");
    peer_feed_text(&peer, "{\"type\":\"done\",\"action\":\"a-1\",\"ok\":false,"
                          "\"error\":\"rate_limited\",\"retry_ms\":500}");
    peer_expect(&peer, "done",
                "* DONE id=a-1 refused=rate_limited retry=500 cause=[rate_limited]\n");
    action.room = WEIR_SPAN("elsewhere");
    peer_act(&peer, &action);
    peer_expect(&peer, "elsewhere",
                "* DONE id=a-1 refused=not_found cause=[we are not in this room]\n");
    test_end_rows();
}

static void a_reader_does_not_act(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_adapter_config reading = config;
    reading.act = false;
    peer_welcomed(&peer, &reading);
    peer_join(&peer, "r1");
    peer_forget(&peer);
    struct weir_action action = {.id = WEIR_SPAN("a-1"), .room = WEIR_SPAN("r1")};
    peer_act(&peer, &action);
    peer_expect(&peer, "refused",
                "* DONE id=a-1 refused=forbidden cause=[attached for reading only]\n");
    test_end_rows();
}

static void frames_over_the_limits_are_refused_and_nothing_else(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer frame = {0};
    peer_welcomed(&peer, &config);
    weir_buffer_printf(&frame, "{\"type\":\"chat\",\"text\":\"%0300d\",\"room\":\"r\",\"seq\":9}",
                       0);
    peer_feed(&peer, weir_buffer_span(&frame));
    peer_expect(&peer, "an object", "* REFUSED room=r seq=9 cause=[longer than 300 bytes]\n");
    memset(weir_buffer_reserve(&frame, WEIR_ROOM_FRAME_BYTES), ' ', WEIR_ROOM_FRAME_BYTES);
    frame.length += WEIR_ROOM_FRAME_BYTES;
    peer_feed(&peer, weir_buffer_span(&frame));
    peer_expect(&peer, "a frame", "* REFUSED cause=[a frame longer than 1 MiB]\n");
    peer_feed_text(&peer, "{\"type\":\"chat\",\"room\":\"r\",\"text\":\"a\"}");
    peer_expect(&peer, "the next",
                "* JOINED room=r cause=[named by the server]\n"
                "* MESSAGE room=r identity=none text=[a]\n");
    test_end_rows();
}

static void after_a_reconnect_all_begins_again(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_welcomed(&peer, &config);
    peer_join(&peer, "r1");
    weir_adapter.on_close(peer.state);
    peer_forget(&peer);
    peer_open(&peer);
    peer_feed_text(&peer, WELCOME);
    peer_expect(&peer, "welcome", "> " HELLO "\n* READY self=weir-bot\n");
    test_end_rows();
}

static void on_url_room(void *user, struct weir_span room)
{
    weir_buffer_printf(user, "[%.*s]", WEIR_SPAN_ARGS(room));
}

static void a_url_names_rooms_in_its_fragment(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *address;
        const char *rooms;
    } cases[] = {
        {"ws://127.0.0.1:8080/weir", "ws://127.0.0.1:8080/weir", ""},
        {"wss://chat.example/weir#r1,,房间", "wss://chat.example/weir", "[r1][房间]"},
        {"http://chat.example", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer rooms = {0};
        char address[100];
        size_t length = weir_adapter.resolve(weir_span_of(cases[i].url), address, sizeof(address),
                                             on_url_room, &rooms);
        EXPECT_TEXT(cases[i].url, ((struct weir_span){address, length}), cases[i].address);
        EXPECT_TEXT(cases[i].url, weir_buffer_span(&rooms), cases[i].rooms);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_speaks_first),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(rooms_are_joined_with_what_is_settled),
        cmocka_unit_test(thousands_of_rooms_come_in_portions),
        cmocka_unit_test(a_server_names_no_more_rooms_than_it_may),
        cmocka_unit_test(several_objects_share_a_frame),
        cmocka_unit_test(without_batches_a_frame_is_one_object),
        cmocka_unit_test(what_weir_says_is_what_the_protocol_says),
        cmocka_unit_test(a_reader_does_not_act),
        cmocka_unit_test(frames_over_the_limits_are_refused_and_nothing_else),
        cmocka_unit_test(after_a_reconnect_all_begins_again),
        cmocka_unit_test(a_url_names_rooms_in_its_fragment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
