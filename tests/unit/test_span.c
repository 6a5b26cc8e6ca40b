#include "tests/unit/test.h"

static void blanks_are_trimmed_at_both_ends(void **state)
{
    (void)state;
    EXPECT_TEXT("both", weir_span_trim(WEIR_SPAN(" \t a b\r\n")), "a b");
    EXPECT_TEXT("only blanks", weir_span_trim(WEIR_SPAN("  ")), "");
    EXPECT_TEXT("nothing", weir_span_trim((struct weir_span){NULL, 0}), "");
    test_end_rows();
}

static void a_span_is_taken_apart_at_separators(void **state)
{
    (void)state;
    struct weir_span rest = WEIR_SPAN("a,,b");
    EXPECT_TEXT("first", weir_span_take_until(&rest, ','), "a");
    EXPECT_TEXT("empty", weir_span_take_until(&rest, ','), "");
    EXPECT_TEXT("last", weir_span_take_until(&rest, ','), "b");
    EXPECT_TEXT("nothing left", weir_span_take_until(&rest, ','), "");
    test_end_rows();
}

static void numbers_fit_or_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_number;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"1 ", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t value = 0;
        EXPECT_EQ(cases[i].text, weir_span_to_u64(weir_span_of(cases[i].text), &value),
                  cases[i].is_number);
        EXPECT_EQ(cases[i].text, (intmax_t)value, (intmax_t)cases[i].value);
    }
    test_end_rows();
}

static void a_slice_stays_within_its_span(void **state)
{
    (void)state;
    EXPECT_TEXT("middle", weir_span_slice(WEIR_SPAN("abcd"), 1, 3), "bc");
    EXPECT_TEXT("past the end", weir_span_slice(WEIR_SPAN("abcd"), 2, 9), "cd");
    EXPECT_TEXT("backwards", weir_span_slice(WEIR_SPAN("abcd"), 3, 1), "");
    test_end_rows();
}

static void a_star_stands_for_anything(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *pattern;
        bool fits;
    } cases[] = {
        {"", "", true},
        {"a", "", false},
        {"", "*", true},
        {"spam", "spam", true},
        {"spam", "spa", false},
        {"spam.ads", "spam.*", true},
        {"spam", "spam.*", false},
        {"abcabd", "*abd", true},
        {"abcabd", "a*c*d", true},
        {"abcabd", "a*x*d", false},
        {"a*b", "a*b", true},
        {"aaaaaaab", "*a*a*a*a*c", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT_EQ(cases[i].pattern,
                  weir_span_fits(weir_span_of(cases[i].text), weir_span_of(cases[i].pattern)),
                  cases[i].fits);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_are_trimmed_at_both_ends),
        cmocka_unit_test(a_span_is_taken_apart_at_separators),
        cmocka_unit_test(numbers_fit_or_are_refused),
        cmocka_unit_test(a_slice_stays_within_its_span),
        cmocka_unit_test(a_star_stands_for_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
