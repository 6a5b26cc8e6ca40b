#include "tests/unit/test.h"

#include "engine/match/required.h"

// The literals with spaces between, "=" before them where they are all that the pattern matches.
static const struct {
    const char *pattern;
    const char *literals;
    uint32_t chars;
    uint32_t digits;
} caseless_rows[] = {
    {"Herbal", "=herbal", 6, 0},
    {"微信|威信", "=微信 威信", 2, 0},
    {"(?:a|b)c?", "=ac a bc b", 1, 0},
    {"(?:a|b)c?\?", "=a ac b bc", 1, 0},
    {"colou?r", "=colour color", 5, 0},
    {"gr[ae]y", "=gray grey", 4, 0},
    {"(ab){2}", "=abab", 4, 0},
    {"啊对{3,}", "啊对对对", 4, 0},
    {"^出院", "出院", 2, 0},
    {"\\bfree money\\b", "free money", 10, 0},
    {"(?i)Fuck", "=fuck", 4, 0},
    {"(?-i)Fuck", "fuck", 4, 0},
    {"the.*quetzalcoatl", "quetzalcoatl", 15, 0},
    {"\\d{6,11}", "", 6, 6},
    {"[0-9]\\d?[a-z]", "", 2, 1},
    {"a(?#comment)?b", "=ab b", 1, 0},
    {"\\Qa.b\\E+", "a.b", 3, 0},
    {"\\Q*|(\\E", "=*|(", 3, 0},
    {"x(?=secret)", "secret", 1, 0},
    {"x(?!secret)y", "xy", 2, 0},
    {"(?<=qq)\\d+", "qq", 1, 1},
    {"(?<name>qqq)+", "qqq", 3, 0},
    {"(?P<name>qqq)", "=qqq", 3, 0},
    {"(?'name'qqq)", "=qqq", 3, 0},
    {"(?>qqq|q)", "qqq q", 1, 0},
    {"(?|aaa|bbb)", "=aaa bbb", 3, 0},
    {"(a)\\1zz", "zz", 3, 0},
    {"\\x41\\x{42}", "=ab", 2, 0},
    {"\\.com\\b", ".com", 4, 0},
    {"[.]com", "=.com", 4, 0},
    {"[^x]com", "com", 4, 0},
    {"[]x]com", "=]com xcom", 4, 0},
    {"[[:alpha:]]com", "com", 4, 0},
    {"[a-c-]zz", "=azz bzz czz -zz", 3, 0},
    {"[\\w.]zzz", "zzz", 4, 0},
    {"a{,3}b", "", 0, 0},
    {"a{x", "=a{x", 3, 0},
    {"a||b", "", 0, 0},
    {"(?x) a b", "", 0, 0},
    {"(?(1)a|b)", "", 0, 0},
    {"a(*SKIP)(*F)|b", "", 0, 0},
    {"ab\\Kcd", "abcd", 4, 0},
    {"(?:ab)?", "", 0, 0},
    {"(?:ab)*cd", "cd", 2, 0},
    {"(?:ab)+cd", "abcd", 4, 0},
    {"Стоп", "=стоп", 4, 0},
    {"\\p{Han}{2}abc", "abc", 5, 0},
    {"a*+b", "b", 1, 0},
    {"ab?+", "a", 1, 0},
    {"[kK]elvin", "=kelvin", 6, 0},
};

static void add_literals(const struct regex_required *required, struct weir_buffer *out)
{
    weir_buffer_add_text(out, required->only_literals ? "=" : "");
    for (uint32_t i = 0; i < required->literal_count; i++) {
        weir_buffer_add_text(out, i ? " " : "");
        weir_buffer_add(out, required->literals[i]);
    }
}

static void read_required(const char *pattern, bool caseless, struct weir_arena *arena,
                          struct regex_syntax *syntax, struct regex_required *required)
{
    weir_arena_clear(arena);
    weir_regex_read(weir_span_of(pattern), caseless, arena, syntax);
    weir_regex_require(syntax, arena, required);
}

static void literals_that_must_occur(void **state)
{
    (void)state;
    struct weir_arena arena = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer found = {0};
    for (size_t i = 0; i < ARRAY_LEN(caseless_rows); i++) {
        struct regex_syntax syntax;
        struct regex_required required;
        read_required(caseless_rows[i].pattern, true, &arena, &syntax, &required);
        weir_buffer_clear(&found);
        add_literals(&required, &found);
        EXPECT_TEXT(caseless_rows[i].pattern, weir_buffer_span(&found), caseless_rows[i].literals);
        EXPECT_EQ(caseless_rows[i].pattern, required.least_chars, caseless_rows[i].chars);
        EXPECT_EQ(caseless_rows[i].pattern, required.least_digits, caseless_rows[i].digits);
    }
    weir_arena_fini(&arena);
    test_end_rows();
}

static const struct {
    const char *pattern;
    const char *literals;
} raw_rows[] = {
    {"Herbal", "=Herbal"},      {"(?i)Herbal", ""}, {"(?i)微信", "=微信"},
    {"(?i:a)Herbal", "Herbal"}, {"x(?i)y|z", ""},   {"(x(?i)y)Zed", "Zed"},
};

static void raw_text_keeps_its_case(void **state)
{
    (void)state;
    struct weir_arena arena = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer found = {0};
    for (size_t i = 0; i < ARRAY_LEN(raw_rows); i++) {
        struct regex_syntax syntax;
        struct regex_required required;
        read_required(raw_rows[i].pattern, false, &arena, &syntax, &required);
        weir_buffer_clear(&found);
        add_literals(&required, &found);
        EXPECT_TEXT(raw_rows[i].pattern, weir_buffer_span(&found), raw_rows[i].literals);
    }
    weir_arena_fini(&arena);
    test_end_rows();
}

static const struct {
    const char *pattern;
    size_t start;
} refused_rows[] = {
    {"ab\\Cd", 2},    {"a(?R)", 1},        {"(a)(?1)", 3},
    {"(a)(?-1)", 3},  {"(?<n>a)(?&n)", 7}, {"(?<n>a)(?P>n)", 7},
    {"(a)\\g<1>", 3}, {"a(?C1)b", 1},      {"(*LIMIT_MATCH=9)a", 0},
};

static void what_rules_may_not_use_is_refused_at_its_place(void **state)
{
    (void)state;
    struct weir_arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(refused_rows); i++) {
        struct regex_syntax syntax;
        struct regex_required required;
        read_required(refused_rows[i].pattern, true, &arena, &syntax, &required);
        EXPECT(refused_rows[i].pattern, syntax.refused != NULL);
        EXPECT_EQ(refused_rows[i].pattern, syntax.refused_start, refused_rows[i].start);
    }
    weir_arena_fini(&arena);
    test_end_rows();
}

static void only_assertions_take_no_text(void **state)
{
    (void)state;
    static const char *const patterns[] = {"^", "$", "(?=foo)", "\\b", "(?!x)|^", "(?:^|$)"};
    struct weir_arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct regex_syntax syntax;
        struct regex_required required;
        read_required(patterns[i], true, &arena, &syntax, &required);
        EXPECT(patterns[i], !required.takes_text);
    }
    weir_arena_fini(&arena);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_that_must_occur),
        cmocka_unit_test(raw_text_keeps_its_case),
        cmocka_unit_test(what_rules_may_not_use_is_refused_at_its_place),
        cmocka_unit_test(only_assertions_take_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
