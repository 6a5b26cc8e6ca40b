#include "tests/unit/adapter_peer.h"

static const struct weir_adapter_config config = {.max_rooms = 30};

#define HELLO                                                                                      \
    ":tmi.twitch.tv 001 justinfan1 :Welcome, GLHF!\r\n:tmi.twitch.tv 376 justinfan1 :>\r\n"

static void peer_in_room(struct adapter_peer *peer)
{
    peer_start(peer, &config);
    peer_open(peer);
    peer_feed_text(peer, HELLO);
    peer_join(peer, "live");
    peer_feed_text(peer, ":justinfan1!j@j.tmi.twitch.tv JOIN #live\r\n"
                         "@emote-only=0;room-id=1 :tmi.twitch.tv ROOMSTATE #live\r\n");
    peer_forget(peer);
}

static void anybody_may_read(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_start(&peer, &config);
    peer_open(&peer);
    EXPECT("caps first",
           weir_span_starts(weir_buffer_span(&peer.log),
                            WEIR_SPAN("> CAP REQ :twitch.tv/tags twitch.tv/commands\r\n"
                                      "\n> NICK justinfan")));
    peer_forget(&peer);
    peer_feed_text(&peer, ":tmi.twitch.tv CAP * ACK :twitch.tv/tags\r\n" HELLO);
    peer_expect(&peer, "ready", "* READY self=justinfan1\n");
    peer_join(&peer, "Live");
    peer_expect(&peer, "lower case", "> JOIN #live\r\n\n");
    peer_feed_text(&peer, "@emote-only=0;room-id=1 :tmi.twitch.tv ROOMSTATE #live\r\n"
                          "@slow=10;room-id=1 :tmi.twitch.tv ROOMSTATE #live\r\n");
    peer_expect(&peer, "once", "* JOINED room=Live\n");
    test_end_rows();
}

static void an_account_logs_in(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_adapter_config with_token = config;
    with_token.name = WEIR_SPAN("weirbot");
    with_token.token = WEIR_SPAN("abc");
    peer_start(&peer, &with_token);
    peer_open(&peer);
    peer_expect(&peer, "login",
                "> CAP REQ :twitch.tv/tags twitch.tv/commands\r\n\n"
                "> PASS oauth:abc\r\n\n> NICK weirbot\r\n\n");
    peer_feed_text(&peer, ":tmi.twitch.tv NOTICE * :Login authentication failed\r\n");
    peer_expect(&peer, "final", "* FAILED final cause=[Login authentication failed]\n");
    test_end_rows();
}

static void messages_carry_what_the_tags_say(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_in_room(&peer);
    peer_feed_text(
        &peer,
        "@badge-info=subscriber/14;badges=broadcaster/1,subscriber/12;display-name=小\\s明;"
        "emotes=25:0-4,6-10/1902:12-14,99-100;id=m-1;mod=0;reply-parent-msg-id=m-0;"
        "tmi-sent-ts=1700000000123;user-id=42 :login!login@login.tmi.twitch.tv PRIVMSG #live "
        ":Kappa Kappa Kee\r\n");
    peer_expect(
        &peer, "all of it",
        "* MESSAGE room=live id=m-1 ts=1700000000123 user=42 name=小 明 streamer subscriber "
        "tier=14 identity=stable reply=m-0 emote=0-5 emote=6-11 emote=12-15 "
        "text=[Kappa Kappa Kee]\n");
    peer_feed_text(&peer, "@emotes=1:3-7;mod=1;vip=;user-id=7;id=m-2;display-name= "
                          ":login!l@l PRIVMSG #live :\x01"
                          "ACTION 发货 Kappa\x01\r\n");
    peer_expect(&peer, "positions are of the text alone",
                "* MESSAGE room=live id=m-2 user=7 name=login moderator vip identity=stable "
                "emote=3-8 text=[发货 Kappa]\n");
    peer_feed_text(&peer, "@badges=founder/0;login=fan;user-id=8;id=m-3;msg-id=resub;"
                          "system-msg=a\\sb :tmi.twitch.tv USERNOTICE #live :13 months!\r\n"
                          "@login=fan;user-id=8;msg-id=raid :tmi.twitch.tv USERNOTICE #live\r\n");
    peer_expect(&peer, "a notice with a text",
                "* MESSAGE room=live id=m-3 user=8 name=fan subscriber identity=stable "
                "text=[13 months!]\n");
    test_end_rows();
}

static void a_shared_message_is_judged_once(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_in_room(&peer);
    peer_join(&peer, "other");
    peer_forget(&peer);
    peer_feed_text(&peer, "@id=a;source-id=s;user-id=1 :x!x@x PRIVMSG #live :hi\r\n"
                          "@id=b;source-id=s;user-id=1 :x!x@x PRIVMSG #other :hi\r\n");
    peer_expect(&peer, "once",
                "* MESSAGE room=live id=a user=1 name=x identity=stable text=[hi]\n");
    test_end_rows();
}

static void what_moderators_do_is_told(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_in_room(&peer);
    peer_feed_text(&peer,
                   "@login=a;room-id=;target-msg-id=m-1 :tmi.twitch.tv CLEARMSG #live :Kappa\r\n"
                   "@ban-duration=600;target-user-id=42 :tmi.twitch.tv CLEARCHAT #live :login\r\n"
                   ":tmi.twitch.tv CLEARCHAT #live\r\n");
    peer_expect(&peer, "gone",
                "* GONE room=live id=m-1\n* USER_GONE room=live id=42\n* USER_GONE room=live\n");
    test_end_rows();
}

static void joins_keep_to_the_limit(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_room_request rooms[26];
    char names[26][2];
    peer_start(&peer, &config);
    peer_open(&peer);
    peer_feed_text(&peer, HELLO);
    peer_forget(&peer);
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        snprintf(names[i], sizeof(names[i]), "%c", (char)('a' + i));
        rooms[i] = (struct weir_room_request){.room = weir_span_of(names[i])};
    }
    weir_adapter.join(peer.state, rooms, ARRAY_LEN(rooms), &peer.host, peer.now_ms);
    peer_expect(&peer, "twenty",
                "> JOIN #a,#b,#c,#d,#e,#f,#g,#h,#i,#j,#k,#l,#m,#n,#o,#p,#q,#r,#s,#t\r\n\n");
    peer_wait(&peer, 9000);
    peer_expect(&peer, "wait", "");
    peer_wait(&peer, 1000);
    peer_expect(&peer, "the rest", "> JOIN #u,#v,#w,#x,#y,#z\r\n\n");
    test_end_rows();
}

static void a_room_that_does_not_answer_is_told(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_in_room(&peer);
    peer_join(&peer, "nobody");
    peer_join(&peer, "banned");
    peer_join(&peer, "no such name");
    peer_forget(&peer);
    peer_feed_text(&peer, "@msg-id=msg_banned :tmi.twitch.tv NOTICE #banned :You are banned\r\n");
    peer_wait(&peer, 11000);
    peer_expect(&peer, "no answer",
                "* LEFT room=banned final cause=[You are banned]\n"
                "* LEFT room=nobody cause=[no answer to JOIN: does this channel exist?]\n");
    test_end_rows();
}

static void a_connection_is_kept_alive(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    peer_in_room(&peer);
    peer_feed_text(&peer, "PING :tmi.twitch.tv\r\n");
    peer_expect(&peer, "pong", "> PONG :tmi.twitch.tv\r\n\n");
    peer_feed_text(&peer, ":tmi.twitch.tv RECONNECT\r\n");
    peer_expect(&peer, "move", "* MOVE cause=[Twitch asks to connect anew]\n");
    peer_wait(&peer, 331000);
    peer_expect(&peer, "idle", "> PING :weir\r\n\n");
    peer_wait(&peer, 30000);
    peer_expect(&peer, "dead", "* FAILED cause=[no answer to PING]\n");
    test_end_rows();
}

static void actions_are_answered_unsupported(void **state)
{
    (void)state;
    WEIR_AUTO(peer_end) struct adapter_peer peer;
    struct weir_action action = {.id = WEIR_SPAN("a-1"), .room = WEIR_SPAN("live")};
    peer_in_room(&peer);
    peer_act(&peer, &action);
    peer_expect(&peer, "read only",
                "* DONE id=a-1 refused=unsupported cause=[Twitch's chat is read only; moderators "
                "act through its HTTP interface]\n");
    test_end_rows();
}

static void on_url_room(void *user, struct weir_span room)
{
    weir_buffer_printf(user, "[%.*s]", WEIR_SPAN_ARGS(room));
}

static void urls_name_channels(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *address;
        const char *rooms;
    } cases[] = {
        {"twitch:Live", "wss://irc-ws.chat.twitch.tv:443", "[live]"},
        {"twitch:a,#b", "wss://irc-ws.chat.twitch.tv:443", "[a][b]"},
        {"twitch+ws://127.0.0.1:9/x#a", "ws://127.0.0.1:9/x", "[a]"},
        {"twitch:", "", ""},
        {"twitch:a b", "", ""},
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
        cmocka_unit_test(anybody_may_read),
        cmocka_unit_test(an_account_logs_in),
        cmocka_unit_test(messages_carry_what_the_tags_say),
        cmocka_unit_test(a_shared_message_is_judged_once),
        cmocka_unit_test(what_moderators_do_is_told),
        cmocka_unit_test(joins_keep_to_the_limit),
        cmocka_unit_test(a_room_that_does_not_answer_is_told),
        cmocka_unit_test(a_connection_is_kept_alive),
        cmocka_unit_test(actions_are_answered_unsupported),
        cmocka_unit_test(urls_name_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
