#include "tests/unit/test.h"

#include "engine/base/utf8.h"
#include "engine/commands/timeline.h"

static const char *const names[WEIR_TIMELINE_SERIES] = {"messages", "hits", "questions"};

static uint64_t sum_of(const struct weir_timeline *timeline, size_t series)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < WEIR_TIMELINE_STEPS; i++) {
        sum += timeline->counts[series][i];
    }
    return sum;
}

static void whatever_comes_when_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t times[5];
    } cases[] = {
        {"forwards", {1000, 2000, 90000000, 90000001, 900000000}},
        {"backwards", {1700000000000, 1600000000000, 5000, 4000, 0}},
        {"mad clocks", {INT64_MAX, INT64_MIN, 0, -1, 1700000000000}},
        {"one moment", {7, 7, 7, 7, 7}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static struct weir_timeline timeline;
        memset(&timeline, 0, sizeof(timeline));
        for (size_t j = 0; j < ARRAY_LEN(cases[i].times); j++) {
            weir_timeline_add(&timeline, j % 2, cases[i].times[j]);
        }
        EXPECT_EQ(cases[i].name, sum_of(&timeline, 0), 3);
        EXPECT_EQ(cases[i].name, sum_of(&timeline, 1), 2);
    }
    test_end_rows();
}

// The plot's lines: each as wide as was asked for, at most.
static void a_plot_fits_its_terminal(void **state)
{
    (void)state;
    static struct weir_timeline timeline;
    memset(&timeline, 0, sizeof(timeline));
    for (int64_t i = 0; i < 20000; i++) {
        weir_timeline_add(&timeline, 0, 1700000000000 + i * 250);
        if (i % 100 == 0) {
            weir_timeline_add(&timeline, 1, 1700000000000 + i * 250);
        }
    }
    static const size_t widths[] = {60, 80, 81, 133, 300};
    for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
        weir_timeline_plot(&timeline, names, widths[i], &out);
        struct weir_span rest = weir_buffer_span(&out);
        size_t lines = 0;
        size_t widest = 0;
        for (; rest.length > 0; lines++) {
            size_t columns = weir_utf8_columns(weir_span_take_until(&rest, '\n'));
            widest = columns > widest ? columns : widest;
        }
        EXPECT_EQ("lines", lines, 7);
        EXPECT("width", widest <= widths[i] && widest > widths[i] / 2);
        EXPECT("bars", strstr(weir_buffer_text(&out), "█"));
        EXPECT("start", strstr(weir_buffer_text(&out), "2023-11-14T22:13:20"));
    }
    test_end_rows();
}

static void a_moment_is_no_plot(void **state)
{
    (void)state;
    static struct weir_timeline timeline;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    memset(&timeline, 0, sizeof(timeline));
    weir_timeline_plot(&timeline, names, 80, &out);
    weir_timeline_add(&timeline, 0, 5);
    weir_timeline_plot(&timeline, names, 80, &out);
    EXPECT_EQ("nothing", out.length, 0);
    weir_timeline_add(&timeline, 0, 6);
    weir_timeline_plot(&timeline, names, 5, &out);
    EXPECT("the narrowest", out.length > 0);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_when_is_counted),
        cmocka_unit_test(a_plot_fits_its_terminal),
        cmocka_unit_test(a_moment_is_no_plot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
