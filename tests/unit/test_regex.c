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

static enum weir_regex_outcome find_with(const char *pattern, struct weir_span text,
                                         uint64_t *budget, struct weir_regex_match *match)
{
    struct weir_regex_error error = {0};
    struct weir_regex *regex = weir_regex_create(weir_span_of(pattern), false, &error);
    assert_non_null(regex);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    enum weir_regex_outcome outcome =
        weir_regex_find_within(regex, scratch, text, 0, budget, match);
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

static const char *const exploding[] = {
    "(a+)+$",   "(a|aa)+$",     "(a|a?)+$",     "(.*a){12}$", "(?:a*)*b",
    "(x+x+)+y", "(.+)\\1{2,}$", "(?:.*,){11}P", "([a-z]+)*=", "(?=(a+)+$)aab"};

// The count of what may have been done never passes the budget, and neither outcome is a guess: a
// regex whose budget was spent is a limit, then and for all that is asked later.
static void work_never_passes_its_budget(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (int i = 0; i < 2000; i++) {
        weir_buffer_add_byte(&text, i % 3 == 2 ? 'x' : 'a');
    }
    const char *texts[] = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                           "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,q", weir_buffer_text(&text)};
    for (size_t i = 0; i < ARRAY_LEN(exploding); i++) {
        for (size_t j = 0; j < ARRAY_LEN(texts); j++) {
            uint64_t budget = 500000;
            struct weir_regex_match within = {0};
            struct weir_regex_match plain = {0};
            enum weir_regex_outcome outcome =
                find_with(exploding[i], weir_span_of(texts[j]), &budget, &within);
            EXPECT(exploding[i], budget <= 500000);
            if (outcome != WEIR_REGEX_LIMIT) {
                EXPECT_EQ(exploding[i], outcome,
                          find_in(exploding[i], false, weir_span_of(texts[j]), &plain));
                EXPECT_EQ(exploding[i], within.end, plain.end);
            }
        }
    }
    uint64_t spent = 7;
    struct weir_regex_match match = {0};
    EXPECT_EQ("nothing left", find_with("abc", WEIR_SPAN("abc"), &spent, &match), WEIR_REGEX_LIMIT);
    EXPECT_EQ("nothing left", spent, 7);
    test_end_rows();
}

// Hits of a flood are charged for the way to each, not for the rest of the text.
static void a_flood_of_hits_costs_one_search(void **state)
{
    (void)state;
    struct weir_regex_error error = {0};
    struct weir_regex *regex = weir_regex_create(WEIR_SPAN("[ab]"), false, &error);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    char text[257];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    uint64_t budget = 500000;
    struct weir_regex_match match = {0};
    for (uint32_t from = 0; from < 256; from = match.end) {
        assert_int_equal(
            weir_regex_find_within(regex, scratch, weir_span_of(text), from, &budget, &match),
            WEIR_REGEX_HIT);
    }
    assert_true(500000 - budget <= 256 * 100);
    weir_regex_scratch_destroy(&scratch);
    weir_regex_destroy(&regex);
}

// A full JIT stack says nothing about the text: the interpreter has a try, which knows limits of
// its own. What it can't do either is told by its name.
static void what_fills_the_jit_stack_is_tried_again(void **state)
{
    (void)state;
    // Sixty groups make each step of the interpreter large, so that its memory ends before its
    // depth.
    static const char many_groups[] =
        "^(?:(a)(b)|(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)"
        "(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)"
        "(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c)(c))+"
        "$";
    static const struct {
        const char *name;
        const char *pattern;
        int times; // "ab" in the text
        const char *cause;
    } cases[] = {
        {"found without JIT", "^(?:(a)(b)|(c))+$", 12000, NULL},
        {"too deep", "^(?:(a)(b)|(c))+$", 40000, "depth limit"},
        {"too much memory", many_groups, 18000, "heap limit"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
        for (int j = 0; j < cases[i].times; j++) {
            weir_buffer_add_text(&text, "ab");
        }
        struct weir_regex_match match = {0};
        enum weir_regex_outcome outcome =
            find_in(cases[i].pattern, false, weir_buffer_span(&text), &match);
        EXPECT_EQ(cases[i].name, outcome, cases[i].cause ? WEIR_REGEX_LIMIT : WEIR_REGEX_HIT);
        EXPECT(cases[i].name,
               !cases[i].cause || (match.cause && strcmp(match.cause, cases[i].cause) == 0));
        EXPECT_EQ(cases[i].name, match.end, cases[i].cause ? 0 : text.length);
    }
    test_end_rows();
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
        cmocka_unit_test(work_never_passes_its_budget),
        cmocka_unit_test(a_flood_of_hits_costs_one_search),
        cmocka_unit_test(what_fills_the_jit_stack_is_tried_again),
        cmocka_unit_test(errors_tell_where),
        cmocka_unit_test(groups_are_found_by_name),
        cmocka_unit_test(threads_share_one_regex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
