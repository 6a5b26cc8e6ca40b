#include "tests/unit/test.h"

#include "engine/match/regex.h"

#include <pthread.h>

static enum weir_regex_outcome find_in(const char *pattern, bool caseless, struct weir_span text,
                                       struct weir_regex_match *match)
{
    struct weir_regex_error error = {0};
    struct weir_regex *regex = weir_regex_create(weir_span_of(pattern), caseless, &error);
    assert_non_null(regex);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    enum weir_regex_outcome outcome = weir_regex_find(regex, scratch, text, 0, match);
    weir_regex_scratch_destroy(&scratch);
    weir_regex_destroy(&regex);
    return outcome;
}

static const struct {
    const char *pattern;
    bool caseless;
    const char *text;
    enum weir_regex_outcome outcome;
    uint32_t start;
    uint32_t end;
} rows[] = {
    {"代练", false, "找代练", WEIR_REGEX_HIT, 3, 9},
    {"ABC", true, "xabc", WEIR_REGEX_HIT, 1, 4},
    {"ABC", false, "xabc", WEIR_REGEX_MISS, 0, 0},
    {"a*", false, "baa", WEIR_REGEX_HIT, 1, 3},
    {"a*", false, "b", WEIR_REGEX_MISS, 0, 0},
    {"^.$", false, "中", WEIR_REGEX_HIT, 0, 3},
    {"(a+)+$", false, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", WEIR_REGEX_LIMIT, 0, 0},
    {"(a|aa)+$", false, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", WEIR_REGEX_LIMIT, 0, 0},
    {"", false, "x", WEIR_REGEX_MISS, 0, 0},
};

static void finds_and_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct weir_regex_match match = {0};
        EXPECT_EQ(rows[i].pattern,
                  find_in(rows[i].pattern, rows[i].caseless, weir_span_of(rows[i].text), &match),
                  rows[i].outcome);
        EXPECT_EQ(rows[i].pattern, match.start, rows[i].start);
        EXPECT_EQ(rows[i].pattern, match.end, rows[i].end);
        EXPECT(rows[i].pattern, (match.cause != NULL) == (rows[i].outcome == WEIR_REGEX_LIMIT));
    }
    test_end_rows();
}

static void a_full_jit_stack_is_never_a_miss(void **state)
{
    (void)state;
    // Half a megabyte of JIT stack is not enough for this one; the interpreter's heap limit is met
    // in turn, or it finds the match. Both may be told; a miss would be a lie.
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (int i = 0; i < 40000; i++) {
        weir_buffer_add_text(&text, "ab");
    }
    struct weir_regex_match match = {0};
    assert_int_not_equal(find_in("^(?:(a)(b)|(c))+$", false, weir_buffer_span(&text), &match),
                         WEIR_REGEX_MISS);
}

static void errors_tell_where(void **state)
{
    (void)state;
    struct weir_regex_error error = {0};
    assert_null(weir_regex_create(weir_span_of("ab[cd"), false, &error));
    assert_int_equal(error.offset, 5);
    assert_true(strlen(error.text) > 0);
    assert_null(weir_regex_create(weir_span_of("a\\Cb"), false, &error));
}

static void groups_are_found_by_name(void **state)
{
    (void)state;
    struct weir_regex_error error = {0};
    struct weir_regex *regex =
        weir_regex_create(weir_span_of("(?<app>vx|qq)(?<number>\\d+)?"), true, &error);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    struct weir_span text = WEIR_SPAN("加vx12345");
    EXPECT_TEXT("app", weir_regex_capture(regex, scratch, text, 0, "app"), "vx");
    EXPECT_TEXT("number", weir_regex_capture(regex, scratch, text, 0, "number"), "12345");
    EXPECT_TEXT("unknown", weir_regex_capture(regex, scratch, text, 0, "other"), "");
    EXPECT_TEXT("no part", weir_regex_capture(regex, scratch, WEIR_SPAN("qq"), 0, "number"), "");
    EXPECT("has", weir_regex_has_group(regex, "app") && !weir_regex_has_group(regex, "other"));
    weir_regex_scratch_destroy(&scratch);
    weir_regex_destroy(&regex);
    test_end_rows();
}

static void *find_often(void *user)
{
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    struct weir_regex_match match = {0};
    intptr_t found = 0;
    for (int i = 0; i < 200; i++) {
        found += weir_regex_find(user, scratch, WEIR_SPAN("xx123"), 0, &match) == WEIR_REGEX_HIT;
    }
    weir_regex_scratch_destroy(&scratch);
    return (void *)found;
}

static void threads_share_one_regex(void **state)
{
    (void)state;
    struct weir_regex_error error = {0};
    struct weir_regex *regex = weir_regex_create(weir_span_of("\\d{3}"), true, &error);
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, find_often, regex), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *found = NULL;
        pthread_join(threads[i], &found);
        assert_int_equal((intptr_t)found, 200);
    }
    weir_regex_destroy(&regex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_limits),
        cmocka_unit_test(a_full_jit_stack_is_never_a_miss),
        cmocka_unit_test(errors_tell_where),
        cmocka_unit_test(groups_are_found_by_name),
        cmocka_unit_test(threads_share_one_regex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
