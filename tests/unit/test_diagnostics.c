#include "tests/unit/test.h"

#include "engine/base/diagnostics.h"

static struct weir_span source_of(void *user, const char *file)
{
    (void)file;
    return weir_span_of(user);
}

static void the_marker_stands_under_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *source;
        struct weir_place place;
        const char *expected;
    } cases[] = {
        {"ascii",
         "a\n  - do: [timout]\n",
         {"f", 2, 10, 6},
         "f:2:10: wrong\n    - do: [timout]\n           ^^^^^^\n"},
        {"wide before and under",
         "词: 微信号 x",
         {"f", 1, 4, 2},
         "f:1:4: wrong\n    词: 微信号 x\n        ^^^^\n"},
        {"at the end of the line", "ab", {"f", 1, 3, 1}, "f:1:3: wrong\n    ab\n      ^\n"},
        {"beyond the line", "ab", {"f", 1, 30, 9}, "f:1:30: wrong\n    ab\n      ^\n"},
        {"crlf", "a\r\nbc\r\n", {"f", 2, 2, 1}, "f:2:2: wrong\n    bc\n     ^\n"},
        {"escape codes are not obeyed",
         "\x1b[31mred",
         {"f", 1, 2, 4},
         "f:1:2: wrong\n    \xEF\xBF\xBD[31mred\n     ^^^^\n"},
        {"not UTF-8",
         "a\xFF"
         "b",
         {"f", 1, 3, 1},
         "f:1:3: wrong\n    a\xEF\xBF\xBD"
         "b\n      ^\n"},
        {"a file without a line", "ab", {"f", 0, 0, 0}, "f: wrong\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
        EXPECT(cases[i].name, !weir_diagnostics_error(&diagnostics, &cases[i].place, "wrong"));
        weir_diagnostics_write(&diagnostics, source_of, (void *)cases[i].source, &out);
        EXPECT_TEXT(cases[i].name, weir_buffer_span(&out), cases[i].expected);
    }
    test_end_rows();
}

static void a_very_long_line_is_shown_around_its_marker(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer source = {0};
    for (int i = 0; i < 1000000; i++) {
        weir_buffer_add_byte(&source, i == 500000 ? '!' : 'x');
    }
    struct weir_place place = {"f", 1, 500001, 1};
    weir_diagnostics_error(&diagnostics, &place, "wrong");
    weir_diagnostics_write(&diagnostics, source_of, (void *)weir_buffer_text(&source), &out);
    assert_true(out.length < 400);
    struct weir_span rest = weir_buffer_span(&out);
    weir_span_take_until(&rest, '\n');
    struct weir_span line = weir_span_take_until(&rest, '\n');
    const char *mark = memchr(line.data, '!', line.length);
    assert_non_null(mark);
    assert_int_equal(rest.data[mark - line.data], '^');
}

static void mistakes_are_told_in_the_order_of_the_file(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_diagnostics_error(&diagnostics, &(struct weir_place){"b", 1, 1, 1}, "four");
    weir_diagnostics_error(&diagnostics, &(struct weir_place){"a", 2, 1, 1}, "two");
    weir_diagnostics_warn(&diagnostics, "idle", &(struct weir_place){"a", 2, 1, 1}, "three");
    weir_diagnostics_error(&diagnostics, &(struct weir_place){"a", 1, 9, 1}, "one");
    weir_diagnostics_sort(&diagnostics);
    weir_diagnostics_write(&diagnostics, NULL, NULL, &out);
    EXPECT_TEXT("all", weir_buffer_span(&out),
                "a:1:9: one\na:2:1: two\na:2:1: warning: three [idle]\nb:1:1: four\n");
    EXPECT_EQ("errors", diagnostics.error_count, 3);
    test_end_rows();
}

static void a_flood_of_mistakes_is_counted_not_kept(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        weir_diagnostics_error(&diagnostics, &(struct weir_place){"a", i + 1, 1, 1}, "wrong");
    }
    EXPECT_EQ("kept", diagnostics.count, 1000);
    EXPECT_EQ("counted", diagnostics.error_count, 5000);
    EXPECT_EQ("dropped", diagnostics.dropped, 4000);
    test_end_rows();
}

static void a_slip_finds_the_name_that_was_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"delete", "timeout", "reply", "all", "id", "when"};
    static const struct {
        const char *wrong;
        const char *meant;
    } cases[] = {
        {"timout", "timeout"}, {"delte", "delete"}, {"relpy", "reply"}, {"al", "all"},
        {"wehn", "when"},      {"quite", NULL},     {"", NULL},         {"x", NULL},
        {"一二三四", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *found =
            weir_nearest_name(weir_span_of(cases[i].wrong), names, ARRAY_LEN(names));
        EXPECT_TEXT(cases[i].wrong, weir_span_of(found ? found : "-"),
                    cases[i].meant ? cases[i].meant : "-");
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_marker_stands_under_what_is_wrong),
        cmocka_unit_test(a_very_long_line_is_shown_around_its_marker),
        cmocka_unit_test(mistakes_are_told_in_the_order_of_the_file),
        cmocka_unit_test(a_flood_of_mistakes_is_counted_not_kept),
        cmocka_unit_test(a_slip_finds_the_name_that_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
