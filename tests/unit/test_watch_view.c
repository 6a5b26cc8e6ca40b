#include "tests/unit/test.h"

#include "engine/commands/watch_view.h"

static struct weir_rule rule = {.id = {"chat.bad", 8}, .mode = WEIR_MODE_LIVE};
static const struct weir_rule *const fired[] = {&rule};

static void show(bool has_color, struct weir_span text, const struct weir_verdict *verdict,
                 struct weir_buffer *out)
{
    struct watch_view view = {.has_color = has_color};
    struct weir_message message = {.user = {.id = WEIR_SPAN("u1")}, .text = text};
    watch_view_add_message(&view, &message, verdict, 0, out);
    watch_view_fini(&view);
}

static void a_hit_is_underlined_and_named(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_verdict_hit hits[] = {{.rule = &rule, .range = {.start = 4, .end = 7}},
                                      {.rule = &rule, .range = {.start = 6, .end = 8}}};
    struct weir_verdict verdict = {.message_verdict = WEIR_MESSAGE_DELETE,
                                   .user_verdict = WEIR_USER_BAN,
                                   .score = 6,
                                   .fired = fired,
                                   .fired_count = 1,
                                   .hits = hits,
                                   .hit_count = 2};
    show(true, WEIR_SPAN("you bad one"), &verdict, &out);
    const char *line = weir_buffer_text(&out);
    EXPECT("one underline for hits that overlap", strstr(line, "you \x1b[4mbad \x1b[0mone"));
    EXPECT("verdict", strstr(line, "delete+ban"));
    EXPECT("rule and score", strstr(line, "<- chat.bad +6"));
    test_end_rows();
}

static void without_color_nothing_is_for_the_terminal_to_obey(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_verdict verdict = {.is_question = true, .is_urgent = true};
    show(false, WEIR_SPAN("\x1b]0;title\x07 \r\n \xe2\x80\xae"), &verdict, &out);
    EXPECT("one line", memchr(out.data, '\n', out.length) == out.data + out.length - 1);
    for (size_t i = 0; i + 1 < out.length; i++) {
        EXPECT("no control character", (unsigned char)out.data[i] >= ' ');
    }
    EXPECT("the question is marked", strstr(weir_buffer_text(&out), "?!"));
    test_end_rows();
}

static void a_hit_beyond_the_text_marks_nothing(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_verdict_hit hits[] = {{.rule = &rule, .range = {.start = 2, .end = 900}}};
    struct weir_verdict verdict = {.hits = hits, .hit_count = 1};
    show(true, WEIR_SPAN("abc"), &verdict, &out);
    EXPECT("to the end", strstr(weir_buffer_text(&out), "ab\x1b[4mc\x1b[0m"));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hit_is_underlined_and_named),
        cmocka_unit_test(without_color_nothing_is_for_the_terminal_to_obey),
        cmocka_unit_test(a_hit_beyond_the_text_marks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
