#include "tests/unit/test.h"

#include "engine/commands/proportion.h"

#include <math.h>

static bool is_near(double found, double expected)
{
    return fabs(found - expected) < 0.0005;
}

static void intervals_are_those_of_wilson(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t part;
        uint64_t whole;
        double low;
        double high;
    } cases[] = {
        // Computed by hand from the formula, and the textbook's 81 of 263 and 15 of 148.
        {"none of ten", 0, 10, 0.0, 0.2775},    {"all of ten", 10, 10, 0.7225, 1.0},
        {"five of ten", 5, 10, 0.2366, 0.7634}, {"81 of 263", 81, 263, 0.2553, 0.3662},
        {"15 of 148", 15, 148, 0.0624, 0.1605},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_proportion found = weir_proportion_of(cases[i].part, cases[i].whole);
        EXPECT(cases[i].name, found.is_known);
        EXPECT(cases[i].name, is_near(found.low, cases[i].low));
        EXPECT(cases[i].name, is_near(found.high, cases[i].high));
        EXPECT(cases[i].name, found.low <= found.value && found.value <= found.high);
    }
    EXPECT("nothing of nothing", !weir_proportion_of(0, 0).is_known);
    test_end_rows();
}

static void figures_are_what_their_names_say(void **state)
{
    (void)state;
    const struct weir_confusion c = {
        .true_positives = 6, .false_positives = 2, .true_negatives = 88, .false_negatives = 4};
    EXPECT("precision", is_near(weir_precision_of(&c).value, 0.75));
    EXPECT("recall", is_near(weir_recall_of(&c).value, 0.6));
    EXPECT("fpr", is_near(weir_false_positive_rate_of(&c).value, 2.0 / 90));
    EXPECT("f1", is_near(weir_f1_of(&c).value, 2 * 0.75 * 0.6 / (0.75 + 0.6)));
    EXPECT("f1 within",
           weir_f1_of(&c).low < weir_f1_of(&c).value && weir_f1_of(&c).value < weir_f1_of(&c).high);
    const struct weir_confusion none = {.true_negatives = 5};
    EXPECT("nothing caught", !weir_precision_of(&none).is_known);
    EXPECT("nothing to catch", !weir_f1_of(&none).is_known);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_wilson),
        cmocka_unit_test(figures_are_what_their_names_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
