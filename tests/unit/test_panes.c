#include "engine/commands/panes.h"

#include "tests/unit/test.h"

static const char *const titles[WEIR_PANE_COUNT] = {"room", "verdicts", "queue"};

static bool draws(struct weir_panes *panes, size_t columns, size_t rows, const char *expected)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_panes_draw(panes, columns, rows, &out);
    return strstr(weir_buffer_text(&out), expected) != NULL;
}

static void a_line_is_cut_at_whole_wide_characters(void **state)
{
    (void)state;
    WEIR_AUTO(weir_panes_destroy) struct weir_panes *panes = weir_panes_create(titles);
    weir_panes_add(panes, 0, WEIR_SPAN("m1"), WEIR_SPAN("什么时候发货"), WEIR_LOOK_PLAIN);

    // 29 columns are three panes of 9: four wide characters, one blank.
    EXPECT("wide", draws(panes, 29, 5, "什么时候 \x1b[0m"));
    test_end_rows();
}

static void a_line_changes_its_looks_by_its_key(void **state)
{
    (void)state;
    WEIR_AUTO(weir_panes_destroy) struct weir_panes *panes = weir_panes_create(titles);
    weir_panes_add(panes, 1, WEIR_SPAN("m1"), WEIR_SPAN("bad"), WEIR_LOOK_PLAIN);

    EXPECT("known", weir_panes_restyle(panes, 1, WEIR_SPAN("m1"), WEIR_LOOK_REMOVED));
    EXPECT("unknown", !weir_panes_restyle(panes, 1, WEIR_SPAN("m2"), WEIR_LOOK_REMOVED));
    EXPECT("other pane", !weir_panes_restyle(panes, 0, WEIR_SPAN("m1"), WEIR_LOOK_REMOVED));
    EXPECT("struck through", draws(panes, 80, 5, "\x1b[31;9mbad"));
    test_end_rows();
}

static void only_the_last_lines_are_shown(void **state)
{
    (void)state;
    WEIR_AUTO(weir_panes_destroy) struct weir_panes *panes = weir_panes_create(titles);
    for (int i = 0; i < 1000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "line%d.", i);
        weir_panes_add(panes, 2, weir_span_of(text), weir_span_of(text), WEIR_LOOK_PLAIN);
    }
    EXPECT("the last", draws(panes, 80, 5, "line999."));
    EXPECT("one that scrolled away", !draws(panes, 80, 5, "line996."));
    weir_panes_clear(panes, 2);
    EXPECT("emptied", !draws(panes, 80, 5, "line999."));
    test_end_rows();
}

static void text_from_chat_is_never_obeyed(void **state)
{
    (void)state;
    WEIR_AUTO(weir_panes_destroy) struct weir_panes *panes = weir_panes_create(titles);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_panes_add(panes, 0, WEIR_SPAN(""), WEIR_SPAN("a\x1b[2Jb\x7f\xc2\x9b"), WEIR_LOOK_PLAIN);
    EXPECT("drawn", !draws(panes, 80, 5, "\x1b[2J"));

    weir_panes_print(panes, 0, WEIR_SPAN("a\x1b[2J\n"), &out);
    EXPECT_TEXT("printed", weir_buffer_span(&out), "room | a\u241b[2J\u240a\n");
    test_end_rows();
}

static void a_tiny_terminal_does_no_harm(void **state)
{
    (void)state;
    WEIR_AUTO(weir_panes_destroy) struct weir_panes *panes = weir_panes_create(titles);
    weir_panes_add(panes, 0, WEIR_SPAN(""), WEIR_SPAN("abc"), WEIR_LOOK_PLAIN);
    for (size_t columns = 0; columns < 12; columns++) {
        for (size_t rows = 0; rows < 5; rows++) {
            EXPECT("drawn", draws(panes, columns, rows, "\x1b[H"));
        }
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_cut_at_whole_wide_characters),
        cmocka_unit_test(a_line_changes_its_looks_by_its_key),
        cmocka_unit_test(only_the_last_lines_are_shown),
        cmocka_unit_test(text_from_chat_is_never_obeyed),
        cmocka_unit_test(a_tiny_terminal_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
