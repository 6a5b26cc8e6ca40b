#include "tests/unit/test.h"

#include "engine/base/room_protocol.h"

#include <stdlib.h>

static void a_chat_line_is_read_whole(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    const struct weir_event *event = weir_room_read(
        &reader,
        WEIR_SPAN(
            "{\"type\":\"chat\",\"room\":\"r1\",\"seq\":123,\"id\":\"m-123\",\"ts\":1700000000123,"
            "\"user\":{\"id\":\"u1\",\"name\":\"小明\",\"roles\":[\"subscriber\",\"vip\",\"king\"],"
            "\"tier\":2,\"identity\":\"session\"},\"text\":\"什么时候发货?\","
            "\"emotes\":[{\"start\":0,\"end\":2}],\"reply_to\":\"m-100\",\"new\":{\"x\":[1]}}"));
    assert_int_equal(event->kind, WEIR_EVENT_MESSAGE);
    const struct weir_message *message = event->message;
    EXPECT_TEXT("room", message->room, "r1");
    EXPECT_TEXT("id", message->id, "m-123");
    EXPECT_EQ("seq", (intmax_t)message->seq, 123);
    EXPECT("has seq", message->has_seq);
    EXPECT_EQ("ts", message->ts_ms, 1700000000123);
    EXPECT_TEXT("user", message->user.id, "u1");
    EXPECT_TEXT("name", message->user.name, "小明");
    EXPECT_EQ("roles", message->user.roles, WEIR_ROLE_SUBSCRIBER | WEIR_ROLE_VIP);
    EXPECT_EQ("tier", message->user.tier, 2);
    EXPECT_EQ("identity", message->user.identity, WEIR_IDENTITY_SESSION);
    EXPECT_TEXT("text", message->text, "什么时候发货?");
    EXPECT_TEXT("reply", message->reply_to, "m-100");
    EXPECT_EQ("emotes", (intmax_t)message->emote_count, 1);
    EXPECT("not damaged", !message->damaged && !message->is_edit && !message->from_self);
    test_end_rows();
}

// What may be read in one walk, and what only looks like it: the same with a blank in front, which
// no walk takes.
static void a_plain_line_says_what_any_other_says(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"type\":\"chat\",\"room\":\"r1\",\"seq\":7,\"id\":\"m\",\"ts\":9,\"user\":{\"id\":\"u\","
        "\"name\":\"小明\",\"roles\":[\"vip\",\"king\"],\"tier\":2,\"identity\":\"session\"},"
        "\"text\":\"a\"}",
        "{\"type\":\"chat\",\"text\":\"什么时候发货, and a text of more than sixteen "
        "bytes\",\"ts\":0,"
        "\"id\":\"m\",\"seq\":0,\"room\":\"r\"}",
        "{\"type\":\"chat\",\"user\":\"u1\",\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":\"\",\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":{\"name\":\"n\",\"roles\":[]},\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":{\"id\":\"0\",\"identity\":\"none\",\"name\":\"n\"},\"text\":"
        "\"\"}",
        "{\"type\":\"chat\",\"user\":{\"id\":\"0\",\"identity\":\"perhaps\"},\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":{\"id\":\"0\",\"tier\":99999999999},\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":{\"id\":\"1\",\"id\":\"2\"},\"text\":\"x\",\"text\":\"y\"}",
        "{\"type\":\"chat\",\"user\":{},\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":{\"id\":\"u\",},\"text\":\"\"}",
        "{\"type\":\"chat\",\"user\":{\"id\":\"u\",\"roles\":[\"vip\",]},\"text\":\"\"}",
        "{\"type\":\"chat\",\"text\":\"a\\n\\u0041\"}",
        "{\"type\":\"chat\",\"text\":\"bad \xff byte, far behind sixteen others\"}",
        "{\"type\":\"chat\",\"text\":\"a\tb\"}",
        "{\"type\":\"chat\",\"text\":\"a\",\"seq\":01}",
        "{\"type\":\"chat\",\"text\":\"a\",\"seq\":1e3}",
        "{\"type\":\"chat\",\"text\":\"a\",\"seq\":123456789012345678901234567890}",
        "{\"type\":\"chat\",\"text\":\"a\",\"ts\":-5}",
        "{\"type\":\"chat\",\"text\":\"a\",\"ts\":}",
        "{\"type\":\"chat\",\"text\":\"a\",\"reply_to\":\"m-1\",\"emotes\":[{\"start\":0,\"end\":1}"
        "]}",
        "{\"type\":\"chat\",\"text\":\"a\",\"history\":true,\"arrived_ms\":5}",
        "{\"type\":\"chat\",\"room\":\"r\",\"id\":\"no text\"}",
        "{\"type\":\"chat\",\"text\":\"a\"} ",
        "{\"type\":\"chat\",\"text\":\"a\"}}",
        "{\"type\":\"chat\",\"text\":\"a\"",
        "{\"type\":\"chat\",\"text\":\"a",
        "{\"type\":\"chat\"",
        "{\"type\":\"chatter\",\"text\":\"a\"}",
        "",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
        WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader other = {0};
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer blank = {0};
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer said = {0};
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer otherwise = {0};
        weir_buffer_printf(&blank, " %s", lines[i]);
        weir_room_write_recorded(&said, weir_room_read(&reader, weir_span_of(lines[i])), 5);
        weir_room_write_recorded(&otherwise, weir_room_read(&other, weir_buffer_span(&blank)), 5);
        EXPECT_EQ(lines[i], reader.event.kind, other.event.kind);
        EXPECT(lines[i], weir_span_equals(weir_buffer_span(&said), weir_buffer_span(&otherwise)));
    }
    test_end_rows();
}

static void frames_are_understood_or_refused_with_a_cause(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        enum weir_event_kind kind;
        const char *cause;
    } cases[] = {
        {"{\"text\":\"a line of a recording\"}", WEIR_EVENT_MESSAGE, ""},
        {"{\"type\":\"chat\",\"text\":\"\"}", WEIR_EVENT_MESSAGE, ""},
        {"{\"type\":\"chat\",\"text\":\"a\",\"user\":null,\"emotes\":null}", WEIR_EVENT_MESSAGE,
         ""},
        {"{\"type\":\"chat\",\"text\":\"a\",\"mode\":7,\"from\":\"there\"}", WEIR_EVENT_MESSAGE,
         ""},
        {"{\"type\":\"chat\"}", WEIR_EVENT_REFUSED, "a chat line without 'text'"},
        {"{\"type\":\"chat\",\"text\":null}", WEIR_EVENT_REFUSED, "a chat line without 'text'"},
        {"{\"type\":\"chat\",\"text\":5}", WEIR_EVENT_REFUSED, "'text' must be a string"},
        {"{\"type\":\"chat\",\"text\":\"a\",\"seq\":\"1\"}", WEIR_EVENT_REFUSED,
         "'seq' must be a number"},
        {"{\"type\":\"chat\",\"text\":\"a\",\"seq\":-1}", WEIR_EVENT_REFUSED,
         "'seq' is out of range"},
        {"{\"type\":\"chat\",\"text\":\"a\",\"seq\":1e99}", WEIR_EVENT_REFUSED,
         "'seq' is out of range"},
        {"{\"type\":\"chat\",\"text\":\"a\",\"user\":7}", WEIR_EVENT_REFUSED,
         "'user' must be an object or a string"},
        {"{\"type\":\"chat\",\"text\":\"a\",\"user\":{\"id\":7}}", WEIR_EVENT_REFUSED,
         "'user.id' must be a string"},
        {"{\"type\":\"chat\",\"text\":\"a\",\"emotes\":{}}", WEIR_EVENT_REFUSED,
         "'emotes' must be a list"},
        {"{\"type\":\"edit\",\"id\":\"m\",\"text\":\"a\"}", WEIR_EVENT_MESSAGE, ""},
        {"{\"type\":\"edit\",\"text\":\"a\"}", WEIR_EVENT_REFUSED, "an edit without 'id'"},
        {"{\"type\":\"gone\",\"id\":\"m\"}", WEIR_EVENT_GONE, ""},
        {"{\"type\":\"gone\",\"user\":\"u\"}", WEIR_EVENT_USER_GONE, ""},
        {"{\"type\":\"gone\"}", WEIR_EVENT_REFUSED, "a 'gone' without 'id'"},
        {"{\"type\":\"room\",\"scene\":\"item-7\"}", WEIR_EVENT_ROOM, ""},
        {"{\"type\":\"room\",\"state\":\"asleep\"}", WEIR_EVENT_REFUSED,
         "'state' must be live, paused or ended"},
        {"{\"type\":\"gap\",\"from\":90,\"to\":99}", WEIR_EVENT_GAP, ""},
        {"{\"type\":\"gap\",\"from\":99,\"to\":90}", WEIR_EVENT_REFUSED,
         "a 'gap' needs 'from' and 'to' in this order"},
        {"{\"type\":\"done\",\"action\":\"a\",\"ok\":true}", WEIR_EVENT_DONE, ""},
        {"{\"type\":\"done\",\"action\":\"a\"}", WEIR_EVENT_REFUSED,
         "a 'done' needs 'action' and 'ok'"},
        {"{\"type\":\"welcome\",\"mode\":\"observe\"}", WEIR_EVENT_READY, ""},
        {"{\"type\":\"welcome\",\"mode\":\"obey\"}", WEIR_EVENT_REFUSED,
         "'mode' must be observe or gate"},
        {"{\"type\":\"welcome\",\"late\":\"mask\"}", WEIR_EVENT_REFUSED,
         "'late' must be pass or hold"},
        {"{\"type\":\"tip\",\"text\":\"a\"}", WEIR_EVENT_UNKNOWN, "a frame of an unknown type"},
        {"{\"type\":7}", WEIR_EVENT_REFUSED, "'type' must be a string"},
        {"[]", WEIR_EVENT_REFUSED, "not JSON: an object was expected at byte 0"},
        {"hello", WEIR_EVENT_REFUSED, "not JSON: a value was expected at byte 0"},
        {"", WEIR_EVENT_REFUSED, "not JSON: the text ends early at byte 0"},
        {"{\"text\":\"a\"} {}", WEIR_EVENT_REFUSED,
         "not JSON: something follows the end at byte 13"},
    };
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct weir_event *event = weir_room_read(&reader, weir_span_of(cases[i].object));
        EXPECT_EQ(cases[i].object, event->kind, cases[i].kind);
        EXPECT_TEXT(cases[i].object, event->cause, cases[i].cause);
    }
    test_end_rows();
}

static void a_refused_frame_names_its_place_where_it_can(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {.max_object_bytes = 200};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    weir_buffer_printf(&text, "{\"text\":\"%0300d\",\"room\":\"r1\",\"seq\":9,\"id\":\"m\"}", 0);
    const char *objects[] = {
        "{\"text\":7,\"room\":\"r1\",\"seq\":9,\"id\":\"m\"}",
        "{\"room\":\"r1\",\"seq\":9,\"id\":\"m\",\"text\":\"a",
        weir_buffer_text(&text),
    };
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        const struct weir_event *event = weir_room_read(&reader, weir_span_of(objects[i]));
        EXPECT_EQ(objects[i], event->kind, WEIR_EVENT_REFUSED);
        EXPECT_TEXT(objects[i], event->room, "r1");
        EXPECT_TEXT(objects[i], event->id, "m");
        EXPECT(objects[i], event->has_seq && event->seq == 9);
    }
    EXPECT_TEXT("over the limit", reader.event.cause, "longer than 200 bytes");
    test_end_rows();
}

static void ids_have_a_longest(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer object = {0};
    weir_buffer_printf(&object, "{\"id\":\"%0512d\",\"text\":\"a\"}", 0);
    EXPECT_EQ("512", weir_room_read(&reader, weir_buffer_span(&object))->kind, WEIR_EVENT_MESSAGE);
    weir_buffer_clear(&object);
    weir_buffer_printf(&object, "{\"user\":{\"id\":\"%0513d\"},\"room\":\"r\",\"text\":\"a\"}", 0);
    const struct weir_event *event = weir_room_read(&reader, weir_buffer_span(&object));
    EXPECT_TEXT("513", event->cause, "'user.id' is longer than 512 bytes");
    EXPECT_TEXT("its room", event->room, "r");
    test_end_rows();
}

static void users_are_as_sure_as_their_ids(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        const char *id;
        const char *name;
        enum weir_identity identity;
    } cases[] = {
        {"{\"text\":\"\",\"user\":\"u1\"}", "u1", "u1", WEIR_IDENTITY_STABLE},
        {"{\"text\":\"\",\"user\":{\"id\":\"u1\"}}", "u1", "u1", WEIR_IDENTITY_STABLE},
        {"{\"text\":\"\",\"user\":{\"name\":\"n\"}}", "", "n", WEIR_IDENTITY_NONE},
        {"{\"text\":\"\",\"user\":{\"id\":\"0\",\"identity\":\"none\",\"name\":\"n\"}}", "", "n",
         WEIR_IDENTITY_NONE},
        {"{\"text\":\"\",\"user\":{\"id\":\"0\",\"identity\":\"masked\"}}", "0", "0",
         WEIR_IDENTITY_MASKED},
        {"{\"text\":\"\",\"user\":{\"id\":\"0\",\"identity\":\"perhaps\"}}", "0", "0",
         WEIR_IDENTITY_MASKED},
        {"{\"text\":\"\"}", "", "", WEIR_IDENTITY_NONE},
    };
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        weir_room_read(&reader, weir_span_of(cases[i].object));
        EXPECT_TEXT(cases[i].object, reader.message.user.id, cases[i].id);
        EXPECT_TEXT(cases[i].object, reader.message.user.name, cases[i].name);
        EXPECT_EQ(cases[i].object, reader.message.user.identity, cases[i].identity);
    }
    test_end_rows();
}

static void emotes_outside_the_text_are_dropped(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    weir_room_read(&reader,
                   WEIR_SPAN("{\"emotes\":[{\"start\":1,\"end\":3},{\"start\":1,\"end\":4},"
                             "{\"start\":2,\"end\":2},{\"start\":-1,\"end\":1},"
                             "{\"start\":0},7,{\"end\":1e30,\"start\":0},"
                             "{\"start\":0,\"end\":\"1\"},{\"start\":0,\"end\":1}],"
                             "\"text\":\"发货吗\"}"));
    assert_int_equal(reader.event.kind, WEIR_EVENT_MESSAGE);
    EXPECT_EQ("kept", (intmax_t)reader.message.emote_count, 2);
    EXPECT_EQ("the first", reader.message.emotes[0].end, 3);
    EXPECT_EQ("the last", reader.message.emotes[1].end, 1);
    test_end_rows();
}

static void damaged_text_is_still_read(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    weir_room_read(&reader, WEIR_SPAN("{\"text\":\"a\\u0000\\ud800\xff\"}"));
    assert_int_equal(reader.event.kind, WEIR_EVENT_MESSAGE);
    EXPECT("damaged", reader.message.damaged);
    EXPECT_TEXT("text", reader.message.text, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    weir_room_read(&reader, WEIR_SPAN("{\"text\":\"a\"}"));
    EXPECT("the next one is not", !reader.message.damaged);
    test_end_rows();
}

static void what_a_server_writes_weir_reads(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "{\"type\":\"welcome\",\"mode\":\"observe\",\"self\":{\"id\":\"weir-bot\"},\"batch\":true}",
        "{\"type\":\"welcome\",\"mode\":\"gate\",\"deadline_ms\":50,\"late\":\"hold\","
        "\"self\":{\"id\":\"weir-bot\"},\"batch\":true}",
        "{\"type\":\"chat\",\"room\":\"r1\",\"seq\":123,\"id\":\"m-123\",\"ts\":1700000000123,"
        "\"user\":{\"id\":\"u1\",\"name\":\"小明\",\"roles\":[\"moderator\",\"subscriber\"],"
        "\"tier\":2,\"identity\":\"stable\"},\"text\":\"什么\",\"emotes\":[{\"start\":0,\"end\":2}]"
        ","
        "\"reply_to\":\"m-100\"}",
        "{\"type\":\"edit\",\"room\":\"r1\",\"seq\":124,\"id\":\"m-123\",\"text\":\"...\"}",
        "{\"type\":\"gone\",\"room\":\"r1\",\"seq\":125,\"id\":\"m-123\"}",
        "{\"type\":\"gone\",\"room\":\"r1\",\"user\":\"u1\"}",
        "{\"type\":\"gone\",\"room\":\"r1\",\"user\":\"\"}",
        "{\"type\":\"room\",\"room\":\"r1\",\"state\":\"live\",\"scene\":\"item-7\"}",
        "{\"type\":\"gap\",\"room\":\"r1\",\"from\":90,\"to\":99}",
        "{\"type\":\"done\",\"action\":\"a-1\",\"ok\":true}",
        "{\"type\":\"done\",\"action\":\"a-1\",\"ok\":false,\"error\":\"rate_limited\",\"retry_"
        "ms\":5}",
    };
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        weir_buffer_clear(&out);
        weir_room_write_event(&out, weir_room_read(&reader, weir_span_of(objects[i])));
        EXPECT_TEXT("again", weir_buffer_span(&out), objects[i]);
    }
    struct weir_event joined = {.kind = WEIR_EVENT_JOINED};
    weir_buffer_clear(&out);
    weir_room_write_event(&out, &joined);
    EXPECT_EQ("no frame says it", (intmax_t)out.length, 0);
    test_end_rows();
}

static void a_recording_keeps_what_the_wire_does_not_say(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_message message = {.room = WEIR_SPAN("r"),
                                   .text = WEIR_SPAN("hi"),
                                   .user = {.identity = WEIR_IDENTITY_NONE},
                                   .from_self = true,
                                   .is_history = true,
                                   .damaged = true};
    struct weir_event event = {.kind = WEIR_EVENT_MESSAGE, .message = &message};
    weir_room_write_recorded(&out, &event, 1700000000001);
    weir_room_read(&reader, weir_buffer_span(&out));
    EXPECT_EQ("arrived", reader.arrived_ms, 1700000000001);
    EXPECT("self", reader.message.from_self);
    EXPECT("history", reader.message.is_history);
    EXPECT("damaged", reader.message.damaged);
    EXPECT_EQ("nobody", reader.message.user.identity, WEIR_IDENTITY_NONE);
    test_end_rows();
}

static const struct weir_room_heard *hear(struct weir_room_listener *listener,
                                          const struct weir_buffer *frame)
{
    return weir_room_hear(listener, weir_buffer_span(frame));
}

static void rooms_are_heard_with_their_resume(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_listener_destroy)
    struct weir_room_listener *listener = weir_room_listener_create();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_room_request rooms[] = {{WEIR_SPAN("r1"), 0, false},
                                        {WEIR_SPAN("r2"), 122, true},
                                        {WEIR_SPAN("房间"), UINT64_MAX, true}};
    weir_room_write_hello(&out, WEIR_SPAN("secret"), rooms, 3);
    EXPECT_TEXT("hello", weir_buffer_span(&out),
                "{\"type\":\"hello\",\"token\":\"secret\",\"rooms\":[\"r1\",\"r2\",\"房间\"],"
                "\"resume\":{\"r2\":122,\"房间\":18446744073709551615}}");
    const struct weir_room_heard *heard = hear(listener, &out);
    EXPECT_EQ("hello", heard->kind, WEIR_ROOM_HEARD_HELLO);
    EXPECT_TEXT("token", heard->token, "secret");
    assert_int_equal(heard->room_count, 3);
    for (size_t i = 0; i < 3; i++) {
        EXPECT("room", weir_span_equals(heard->rooms[i].room, rooms[i].room));
        EXPECT("resume", heard->rooms[i].resume == rooms[i].resume);
        EXPECT("has resume", heard->rooms[i].has_resume == rooms[i].has_resume);
    }
    weir_buffer_clear(&out);
    weir_room_write_join(&out, rooms, 1);
    EXPECT_EQ("join", hear(listener, &out)->kind, WEIR_ROOM_HEARD_JOIN);
    weir_buffer_clear(&out);
    weir_room_write_leave(&out, WEIR_SPAN("r1"));
    heard = hear(listener, &out);
    EXPECT_EQ("leave", heard->kind, WEIR_ROOM_HEARD_LEAVE);
    EXPECT_EQ("one", (intmax_t)heard->room_count, 1);
    test_end_rows();
}

static void actions_are_heard_as_they_were_said(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_listener_destroy)
    struct weir_room_listener *listener = weir_room_listener_create();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_span rules[] = {WEIR_SPAN("solicit.contact")};
    struct weir_action action = {.id = WEIR_SPAN("a-1"),
                                 .room = WEIR_SPAN("r1"),
                                 .kind = WEIR_DO_TIMEOUT,
                                 .seq = 123,
                                 .has_seq = true,
                                 .message = WEIR_SPAN("m-123"),
                                 .user = WEIR_SPAN("u1"),
                                 .seconds = 600,
                                 .reason = WEIR_SPAN("请勿发布联系方式"),
                                 .rules = rules,
                                 .rule_count = 1};
    weir_room_write_action(&out, &action);
    EXPECT_TEXT(
        "frame", weir_buffer_span(&out),
        "{\"type\":\"action\",\"id\":\"a-1\",\"room\":\"r1\",\"seq\":123,\"do\":\"timeout\","
        "\"message\":\"m-123\",\"user\":\"u1\",\"seconds\":600,\"text\":null,\"mode\":null,"
        "\"reason\":\"请勿发布联系方式\",\"rules\":[\"solicit.contact\"],\"by\":\"rule\"}");
    const struct weir_room_heard *heard = hear(listener, &out);
    assert_int_equal(heard->kind, WEIR_ROOM_HEARD_ACTION);
    EXPECT_EQ("kind", heard->action.kind, WEIR_DO_TIMEOUT);
    EXPECT_EQ("seconds", heard->action.seconds, 600);
    EXPECT_TEXT("user", heard->action.user, "u1");
    EXPECT_TEXT("message", heard->action.message, "m-123");
    EXPECT_EQ("rules", (intmax_t)heard->action.rule_count, 1);
    EXPECT("by a rule", !heard->action.by_human);

    const char *decided = "{\"type\":\"action\",\"id\":\"a-2\",\"room\":\"#r\",\"do\":\"ban\","
                          "\"user\":\"u1\",\"name\":\"Mallory\",\"by\":\"human\"}";
    heard = weir_room_hear(listener, weir_span_of(decided));
    EXPECT_TEXT("name, for platforms that act by it", heard->action.user_name, "Mallory");
    EXPECT("by a human", heard->action.by_human);
    test_end_rows();
}

static void verdicts_and_acks_are_heard(void **state)
{
    (void)state;
    WEIR_AUTO(weir_room_listener_destroy)
    struct weir_room_listener *listener = weir_room_listener_create();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_message message = {
        .room = WEIR_SPAN("r1"), .id = WEIR_SPAN("m-1"), .seq = 7, .has_seq = true};
    weir_room_write_verdict(&out, &message, WEIR_GATE_MASK, WEIR_SPAN("***"));
    const struct weir_room_heard *heard = hear(listener, &out);
    EXPECT_EQ("verdict", heard->kind, WEIR_ROOM_HEARD_VERDICT);
    EXPECT_EQ("mask", heard->verdict, WEIR_GATE_MASK);
    EXPECT_TEXT("id", heard->message, "m-1");
    EXPECT_TEXT("text", heard->text, "***");
    weir_buffer_clear(&out);
    weir_room_write_ack(&out, WEIR_SPAN("r1"), 7);
    heard = hear(listener, &out);
    EXPECT_EQ("ack", heard->kind, WEIR_ROOM_HEARD_ACK);
    EXPECT_TEXT("room", heard->room, "r1");
    EXPECT_EQ("seq", (intmax_t)heard->seq, 7);
    test_end_rows();
}

static void what_a_client_should_not_say_is_heard_as_bad(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        enum weir_room_heard_kind kind;
    } cases[] = {
        {"{\"type\":\"action\",\"id\":\"a\",\"room\":\"r\",\"do\":\"explode\"}",
         WEIR_ROOM_HEARD_BAD},
        {"{\"type\":\"action\",\"id\":\"a\",\"do\":\"ban\"}", WEIR_ROOM_HEARD_BAD},
        {"{\"type\":\"ack\",\"room\":\"r\"}", WEIR_ROOM_HEARD_BAD},
        {"{\"type\":\"verdict\",\"verdict\":\"maybe\"}", WEIR_ROOM_HEARD_BAD},
        {"{\"type\":\"hello\",\"rooms\":\"r1\"}", WEIR_ROOM_HEARD_BAD},
        {"{\"type\":\"hello\",\"rooms\":[1]}", WEIR_ROOM_HEARD_BAD},
        {"{\"type\":\"dance\"}", WEIR_ROOM_HEARD_UNKNOWN},
        {"{}", WEIR_ROOM_HEARD_UNKNOWN},
        {"{", WEIR_ROOM_HEARD_BAD},
    };
    WEIR_AUTO(weir_room_listener_destroy)
    struct weir_room_listener *listener = weir_room_listener_create();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct weir_room_heard *heard =
            weir_room_hear(listener, weir_span_of(cases[i].object));
        EXPECT_EQ(cases[i].object, heard->kind, cases[i].kind);
        EXPECT(cases[i].object, heard->cause != NULL);
    }
    weir_room_hear(listener, weir_span_of(cases[0].object));
    EXPECT_TEXT("the id, for the answer",
                weir_room_hear(listener, weir_span_of(cases[0].object))->action.id, "a");
    test_end_rows();
}

static void words_are_found_by_their_names(void **state)
{
    (void)state;
    for (int i = 0; i < WEIR_DO_COUNT; i++) {
        enum weir_do kind = WEIR_DO_COUNT;
        const char *name = weir_do_name((enum weir_do)i);
        EXPECT(name, weir_do_find(weir_span_of(name), &kind));
        EXPECT_EQ(name, kind, i);
    }
    uint32_t role = 0;
    enum weir_identity identity = WEIR_IDENTITY_NONE;
    enum weir_refused refused = WEIR_REFUSED_NOT;
    EXPECT("role", weir_role_find(WEIR_SPAN("bot"), &role) && role == WEIR_ROLE_BOT);
    EXPECT_TEXT("role", weir_span_of(weir_role_name(WEIR_ROLE_MEMBER)), "member");
    EXPECT("identity", weir_identity_find(WEIR_SPAN("stable"), &identity) && identity == 0);
    EXPECT("refused", weir_refused_find(WEIR_SPAN("internal"), &refused));
    EXPECT_EQ("refused", refused, WEIR_REFUSED_INTERNAL);
    EXPECT("unknown", !weir_role_find(WEIR_SPAN("king"), &role) && role == WEIR_ROLE_BOT);
    EXPECT("empty", !weir_role_find((struct weir_span){NULL, 0}, &role));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chat_line_is_read_whole),
        cmocka_unit_test(a_plain_line_says_what_any_other_says),
        cmocka_unit_test(frames_are_understood_or_refused_with_a_cause),
        cmocka_unit_test(a_refused_frame_names_its_place_where_it_can),
        cmocka_unit_test(ids_have_a_longest),
        cmocka_unit_test(users_are_as_sure_as_their_ids),
        cmocka_unit_test(emotes_outside_the_text_are_dropped),
        cmocka_unit_test(damaged_text_is_still_read),
        cmocka_unit_test(what_a_server_writes_weir_reads),
        cmocka_unit_test(a_recording_keeps_what_the_wire_does_not_say),
        cmocka_unit_test(rooms_are_heard_with_their_resume),
        cmocka_unit_test(actions_are_heard_as_they_were_said),
        cmocka_unit_test(verdicts_and_acks_are_heard),
        cmocka_unit_test(what_a_client_should_not_say_is_heard_as_bad),
        cmocka_unit_test(words_are_found_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
