#include "tests/unit/test.h"

#include "engine/base/irc_line.h"

static void lines_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *tags, *nick, *user, *host, *command, *first, *last;
        size_t count;
    } cases[] = {
        {"PING :x y", "", "", "", "", "PING", "x y", "x y", 1},
        {":srv 001 weir :Welcome home", "", "srv", "", "", "001", "weir", "Welcome home", 2},
        {"@a=b;c :n!u@h PRIVMSG #live ::)", "a=b;c", "n", "u", "h", "PRIVMSG", "#live", ":)", 2},
        {":n!u@h  JOIN   #live  ", "", "n", "u", "h", "JOIN", "#live", "#live", 1},
        {":n@h PART #live :", "", "n", "", "h", "PART", "#live", "", 2},
        {"MODE #live +b :m:x!*@*", "", "", "", "", "MODE", "#live", "m:x!*@*", 3},
        {"C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "", "", "", "", "C", "1", "15 16", 15},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_irc_line line;
        EXPECT(cases[i].line, weir_irc_parse(weir_span_of(cases[i].line), &line));
        EXPECT_TEXT(cases[i].line, line.tags, cases[i].tags);
        EXPECT_TEXT(cases[i].line, line.nick, cases[i].nick);
        EXPECT_TEXT(cases[i].line, line.user, cases[i].user);
        EXPECT_TEXT(cases[i].line, line.host, cases[i].host);
        EXPECT_TEXT(cases[i].line, line.command, cases[i].command);
        EXPECT_TEXT(cases[i].line, weir_irc_param(&line, 0), cases[i].first);
        EXPECT_TEXT(cases[i].line, weir_irc_last(&line), cases[i].last);
        EXPECT_EQ(cases[i].line, (intmax_t)line.param_count, (intmax_t)cases[i].count);
    }
    test_end_rows();
}

static void what_has_no_command_is_no_line(void **state)
{
    (void)state;
    static const char *const cases[] = {"", " ", "@a=b", "@a=b ", ":prefix", ":prefix ", "@a :p"};
    struct weir_irc_line line;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT(cases[i], !weir_irc_parse(weir_span_of(cases[i]), &line));
    }
    test_end_rows();
}

static void tags_are_found_and_unescaped(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_irc_line line;
    struct weir_span value = {NULL, 0};
    assert_true(
        weir_irc_parse(WEIR_SPAN("@id=1;x;+draft/reply=a\\:b\\s\\\\c\\r\\n\\q\\;id=2 C"), &line));
    EXPECT("there", weir_irc_tag(&line, "x", &value) && value.length == 0);
    EXPECT("the last one counts", weir_irc_tag(&line, "id", &value) && weir_span_is(value, "2"));
    EXPECT("not there", !weir_irc_tag(&line, "i", &value));
    assert_true(weir_irc_tag(&line, "+draft/reply", &value));
    weir_irc_add_unescaped(&out, value);
    EXPECT_TEXT("unescaped", weir_buffer_span(&out), "a;b \\c\r\nq");
    weir_buffer_clear(&out);
    weir_irc_add_escaped(&out, WEIR_SPAN("a;b \\c\r\n\0d"));
    EXPECT_TEXT("escaped", weir_buffer_span(&out), "a\\:b\\s\\\\c\\r\\nd");
    test_end_rows();
}

static void times_are_exact_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *time;
        int64_t ms;
    } cases[] = {
        {"1970-01-01T00:00:00.001Z", 1},
        {"2026-11-21T20:54:46.716Z", 1795294486716},
        {"2024-02-29T23:59:59Z", 1709251199000},
        {"2000-03-01T00:00:00.000Z", 951868800000},
        {"2026-13-21T20:54:46.716Z", 0},
        {"2026-11-21 20:54:46.716Z", 0},
        {"2026-11-21T20:54:46.716", 0},
        {"1969-11-21T20:54:46.716Z", 0},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT_EQ(cases[i].time, weir_irc_time_ms(weir_span_of(cases[i].time)), cases[i].ms);
    }
    test_end_rows();
}

static void formatting_is_taken_off(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *plain;
    } cases[] = {
        {"\x02"
         "b\x02 \x1d\x1f\x1e\x11\x16\x0f"
         "c",
         "b c"},
        {"\x03"
         "4,12red\x03 plain",
         "red plain"},
        {"\x03"
         "123 is 3",
         "3 is 3"},
        {"\x03,5 comma", ",5 comma"},
        {"\x03"
         "4,x",
         ",x"},
        {"\x04"
         "ff00FFtext\x04"
         "12345 short",
         "text12345 short"},
        {"\x04"
         "ff00ff,00ff00two",
         "two"},
        {"加\x03"
         "04微\x0f信",
         "加微信"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
        weir_irc_add_plain(&out, weir_span_of(cases[i].text));
        EXPECT_TEXT(cases[i].plain, weir_buffer_span(&out), cases[i].plain);
    }
    test_end_rows();
}

static void frames_of_ctcp_are_taken_off(void **state)
{
    (void)state;
    struct weir_span text = WEIR_SPAN("\x01"
                                      "ACTION waves\x01");
    EXPECT("action", weir_irc_unwrap_action(&text));
    EXPECT_TEXT("what is done", text, "waves");
    text = WEIR_SPAN("\x01"
                     "ACTION waves");
    EXPECT("without its end", weir_irc_unwrap_action(&text));
    EXPECT_TEXT("the same", text, "waves");
    text = WEIR_SPAN("\x01VERSION\x01");
    EXPECT("another", !weir_irc_unwrap_action(&text));
    EXPECT_TEXT("its word", text, "VERSION");
    text = WEIR_SPAN("plain");
    EXPECT("none", !weir_irc_unwrap_action(&text));
    EXPECT_TEXT("untouched", text, "plain");
    test_end_rows();
}

static void nothing_can_end_a_line_or_cut_a_character(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_irc_add_clean(&out, WEIR_SPAN("a\r\nQUIT\0b"));
    EXPECT_TEXT("clean", weir_buffer_span(&out), "a  QUIT b");
    EXPECT_TEXT("whole", weir_irc_cut(WEIR_SPAN("发货"), 6), "发货");
    EXPECT_TEXT("cut", weir_irc_cut(WEIR_SPAN("发货"), 5), "发");
    EXPECT_TEXT("nothing", weir_irc_cut(WEIR_SPAN("发货"), 2), "");
    EXPECT("middle", weir_irc_is_middle(WEIR_SPAN("#live")));
    EXPECT("blank", !weir_irc_is_middle(WEIR_SPAN("#li ve")));
    EXPECT("line end", !weir_irc_is_middle(WEIR_SPAN("#li\nve")));
    EXPECT("colon", !weir_irc_is_middle(WEIR_SPAN(":live")));
    EXPECT("empty", !weir_irc_is_middle(WEIR_SPAN("")));
    test_end_rows();
}

static void bad_bytes_are_replaced(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    bool damaged = true;
    EXPECT_TEXT("good", weir_irc_sound(WEIR_SPAN("发货"), &scratch, &damaged), "发货");
    EXPECT("good", !damaged);
    EXPECT_TEXT("bad", weir_irc_sound(WEIR_SPAN("a\xff\0b\0"), &scratch, &damaged),
                "a\xef\xbf\xbd\xef\xbf\xbd"
                "b\xef\xbf\xbd");
    EXPECT("bad", damaged);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_taken_apart),
        cmocka_unit_test(what_has_no_command_is_no_line),
        cmocka_unit_test(tags_are_found_and_unescaped),
        cmocka_unit_test(times_are_exact_or_none),
        cmocka_unit_test(formatting_is_taken_off),
        cmocka_unit_test(frames_of_ctcp_are_taken_off),
        cmocka_unit_test(nothing_can_end_a_line_or_cut_a_character),
        cmocka_unit_test(bad_bytes_are_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
