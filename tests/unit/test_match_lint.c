#include "tests/unit/test.h"

#include "engine/base/alloc.h"
#include "engine/base/diagnostics.h"
#include "engine/match/lint.h"

// `found` names what is found, with the piece of the pattern that is to blame.
static const struct {
    const char *name;
    const char *pattern;
    const char *found;
} rows[] = {
    {"nested repeats", "ab(x+x+)+y", "slow-pattern (x+x+)+;"},
    {"a repeat of the same", "sale(a|a)*b", "slow-pattern (a|a)*;"},
    {"a repeat in a repeat", "buy(a+)+$", "slow-pattern (a+)+;"},
    {"what overlaps", "to(\\d+\\d+)+now", "slow-pattern (\\d+\\d+)+;"},
    {"of what may be empty", "go(\\s*|x)*on", "slow-pattern (\\s*|x)*;"},
    {"three gaps that may be anything", "a1.*b2.*.*.*c3", "slow-pattern .*;"},
    {"a repeat that ends where it must", "ab(x+y)+z", ""},
    {"possessive", "ab(?:x++)+y", ""},
    {"one gap", "free.*money", ""},
    {"two gaps", "free.*money.*now", ""},
    {"a bounded repeat", "free\\W{0,3}money", ""},
    {"letters with separators", "f+[\\W_]*u+[\\W_]*c+[\\W_]*k+",
     "spelt-out-regex f+[\\W_]*u+[\\W_]*c+[\\W_]*k+;"},
    {"Han with separators", "微\\W*信\\W*号", "spelt-out-regex 微\\W*信\\W*号;"},
    {"with any one character between", "x.?a.?n.?a.?x", "spelt-out-regex x.?a.?n.?a.?x;"},
    {"in a group", "(?:now )?(?:v\\s*i\\s*p)", "spelt-out-regex v\\s*i\\s*p;"},
    {"words with separators", "free\\W*money\\W*now", ""},
    {"only one gap", "vi\\W*p1", ""},
    {"numbers with separators", "call \\d\\W?\\d\\W?\\d", ""},
    {"nothing to look for", "\\w+\\s\\w+", "no-literal \\w+\\s\\w+;"},
    {"six digits are rare enough", "\\d{6,}", ""},
    {"a rare byte", "\\w+@\\w", ""},
    {"only literals", "a|b|colou?r", ""},
    {"a literal behind", "\\w{1,20}coin", ""},
};

struct collector {
    const struct weir_pattern *patterns;
    struct weir_buffer out;
    struct weir_pattern_lint last;
};

static void on_lint(void *user, size_t pattern, const struct weir_pattern_lint *lint)
{
    struct collector *collector = user;
    struct weir_span source =
        weir_span_slice(collector->patterns[pattern].text, lint->start, lint->end);
    weir_buffer_printf(&collector->out, "%s %.*s;", weir_pattern_lint_names[lint->kind],
                       WEIR_SPAN_ARGS(source));
    collector->last = *lint;
}

static struct weir_pattern regex_of(const char *text)
{
    return (struct weir_pattern){
        .kind = WEIR_PATTERN_REGEX, .views = 1u << WEIR_VIEW_FOLD, .text = weir_span_of(text)};
}

static void unwise_regexes_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct weir_pattern pattern = regex_of(rows[i].pattern);
        struct collector collector = {.patterns = &pattern};
        weir_patterns_lint(&pattern, 1, on_lint, &collector);
        EXPECT_TEXT(rows[i].name, weir_buffer_span(&collector.out), rows[i].found);
        weir_buffer_fini(&collector.out);
    }
    test_end_rows();
}

static void the_text_that_does_it_is_told(void **state)
{
    (void)state;
    struct weir_pattern pattern = regex_of("buy(a+)+$");
    struct collector collector = {.patterns = &pattern};
    weir_patterns_lint(&pattern, 1, on_lint, &collector);
    assert_int_equal(collector.last.kind, WEIR_PATTERN_SLOW);
    assert_in_range(collector.last.figure, 10, 50);
    assert_non_null(strstr(collector.last.cause, "'buy'"));
    assert_non_null(strstr(collector.last.cause, "x 'a'"));
    weir_buffer_fini(&collector.out);
}

static void the_view_to_use_is_named(void **state)
{
    (void)state;
    static const char *const patterns[] = {"v\\W*i\\W*p", "[vu]\\W*[i1l]\\W*p club"};
    static const char *const views[] = {"view: tight", "view: skeleton"};
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct weir_pattern pattern = regex_of(patterns[i]);
        struct collector collector = {.patterns = &pattern};
        weir_patterns_lint(&pattern, 1, on_lint, &collector);
        EXPECT(patterns[i], strstr(collector.last.cause, views[i]));
        EXPECT(patterns[i], strstr(collector.last.cause, "'vip"));
        weir_buffer_fini(&collector.out);
    }
    test_end_rows();
}

static void keywords_are_never_unwise(void **state)
{
    (void)state;
    struct weir_pattern pattern = regex_of("(a+)+$");
    pattern.kind = WEIR_PATTERN_WORD;
    struct collector collector = {.patterns = &pattern};
    weir_patterns_lint(&pattern, 1, on_lint, &collector);
    assert_int_equal(collector.out.length, 0);
}

// The same figures each time, and nothing for what PCRE2 never has to do.
static void costs_are_counted(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_pattern patterns[] = {regex_of("(.+)\\1{2,}"), regex_of("free.*money"),
                                      regex_of("hello|gg"), regex_of("[a-z]+\\d")};
    WEIR_AUTO(weir_matcher_destroy)
    struct weir_matcher *matcher = weir_matcher_create(patterns, ARRAY_LEN(patterns), &diagnostics);
    struct weir_pattern_cost costs[ARRAY_LEN(patterns)] = {0};
    struct weir_pattern_cost again[ARRAY_LEN(patterns)] = {0};
    size_t messages = weir_matcher_measure(matcher, costs);
    assert_int_equal(weir_matcher_measure(matcher, again), messages);
    assert_memory_equal(costs, again, sizeof(costs));
    assert_true(messages > 100);
    assert_true(costs[0].runs > messages / 2);
    assert_int_equal(costs[1].runs, 0);
    assert_int_equal(costs[2].runs, 0);
    assert_int_equal(costs[2].steps, 0);
    assert_in_range(costs[3].runs, 1, messages / 2);
    assert_true(costs[0].steps > 4 * costs[3].steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unwise_regexes_are_told),  cmocka_unit_test(the_text_that_does_it_is_told),
        cmocka_unit_test(the_view_to_use_is_named), cmocka_unit_test(keywords_are_never_unwise),
        cmocka_unit_test(costs_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
