#include "tests/unit/test.h"

#include "engine/text/lattice.h"

#include <stdlib.h>

static bool is_vetoed(struct weir_text *text, struct weir_span term, struct weir_span line)
{
    weir_text_set(text, line, NULL, 0, false);
    const struct weir_view *view = weir_text_view(text, WEIR_VIEW_FOLD);
    const char *from = view->bytes;
    size_t left = view->length;
    // One occurrence that is not vetoed is a hit.
    for (const char *at; (at = memmem(from, left, term.data, term.length)) != NULL;) {
        uint32_t start = (uint32_t)(at - view->bytes);
        int32_t margin = weir_lattice_margin(view, start, start + (uint32_t)term.length);
        assert_true(margin >= 0);
        if (margin <= WEIR_LATTICE_VETO) {
            return false;
        }
        from = at + term.length;
        left = view->length - (size_t)(from - view->bytes);
    }
    return true;
}

static bool is_han(struct weir_span term)
{
    return term.length > 0 && (unsigned char)term.data[0] >= 0xe4 &&
           (unsigned char)term.data[0] <= 0xe9;
}

static void words_are_told_from_pieces_of_words(void **state)
{
    (void)state;
    WEIR_AUTO(weir_text_destroy) struct weir_text *text = weir_text_create(200);
    char path[4096];
    snprintf(path, sizeof(path), "%s/tests/cases/cjk/word.tsv", getenv("WEIR_SOURCE_ROOT"));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[512];
    int cases = 0;
    while (fgets(line, sizeof(line), file)) {
        struct weir_span rest = weir_span_trim(weir_span_of(line));
        if (rest.length == 0 || rest.data[0] == '#') {
            continue;
        }
        struct weir_span term = weir_span_take_until(&rest, '\t');
        struct weir_span sentence = weir_span_take_until(&rest, '\t');
        if (is_han(term)) {
            EXPECT_EQ(line, is_vetoed(text, term, sentence), weir_span_is(rest, "miss"));
            cases++;
        }
    }
    fclose(file);
    assert_true(cases >= 200);
    test_end_rows();
}

static void nothing_objects_where_no_han_stands_on_both_sides(void **state)
{
    (void)state;
    WEIR_AUTO(weir_text_destroy) struct weir_text *text = weir_text_create(2000);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    for (int i = 0; i < 2000; i++) {
        weir_buffer_add_text(&line, "路");
    }
    weir_text_set(text, weir_buffer_span(&line), NULL, 0, false);
    const struct weir_view *view = weir_text_view(text, WEIR_VIEW_FOLD);
    EXPECT_EQ("whole text", weir_lattice_margin(view, 0, view->length), 0);
    EXPECT_EQ("nothing", weir_lattice_margin(view, 3, 3), 0);
    EXPECT_EQ("too long", weir_lattice_margin(view, 3, 60), 0);
    EXPECT("in the middle", weir_lattice_margin(view, 3000, 3006) >= 0);
    EXPECT("longest", weir_lattice_margin(view, 3000, 3036) >= 0);
    EXPECT("at the end", weir_lattice_margin(view, 5994, 6000) >= 0);
    weir_text_set(text, WEIR_SPAN("ab口交cd"), NULL, 0, false);
    EXPECT_EQ("letters", weir_lattice_margin(weir_text_view(text, WEIR_VIEW_FOLD), 2, 8), 0);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_told_from_pieces_of_words),
        cmocka_unit_test(nothing_objects_where_no_han_stands_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
