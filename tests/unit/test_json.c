#include "tests/unit/test.h"

#include "engine/base/json.h"

#include <stdlib.h>

/** Bytes with a NUL in them need their length. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

static bool is_json(struct weir_span text, bool *damaged_out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_json json;
    weir_json_start(&json, text, &scratch);
    bool good = weir_json_skip(&json) && weir_json_finish(&json);
    *damaged_out = json.damaged;
    return good;
}

static void only_json_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"null", true},
        {" { } ", true},
        {"[]", true},
        {"[1,2]", true},
        {"{\"a\":[{\"b\":null}],\"c\":-0.5e+3}", true},
        {"\"\\ud83d\\ude00\"", true},
        {"[1,]", false},
        {"[,1]", false},
        {"[1 2]", false},
        {"{\"a\":1,}", false},
        {"{\"a\" 1}", false},
        {"{a:1}", false},
        {"{\"a\":}", false},
        {"{", false},
        {"[", false},
        {"", false},
        {"  ", false},
        {"nul", false},
        {"nullx", false},
        {"tru", false},
        {"True", false},
        {"01", false},
        {"-", false},
        {"1.", false},
        {".5", false},
        {"1e", false},
        {"1e+", false},
        {"+1", false},
        {"NaN", false},
        {"\"", false},
        {"\"\\\"", false},
        {"\"\\x\"", false},
        {"\"\\u12\"", false},
        {"\"\\u12g4\"", false},
        {"\"a\nb\"", false},
        {"'a'", false},
        {"{} {}", false},
        {"[1]]", false},
        {"[1}", false},
        {"{\"a\":1]", false},
        {"// x\n1", false},
        {"\xef\xbb\xbf{}", false},
        {"\xc3\xa4", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool damaged = false;
        EXPECT_EQ(cases[i].text, is_json(weir_span_of(cases[i].text), &damaged), cases[i].good);
    }
    test_end_rows();
}

static void a_string_comes_out_as_it_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct weir_span text;
        const char *value;
        bool damaged;
    } cases[] = {
        {"plain", BYTES("\"abc\""), "abc", false},
        {"empty", BYTES("\"\""), "", false},
        {"han", BYTES("\"什么时候发货?\""), "什么时候发货?", false},
        {"escapes", BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\/\b\f\n\r\t", false},
        {"unit", BYTES("\"\\u4ec0\\u4E48\""), "什么", false},
        {"pair", BYTES("\"\\ud83d\\ude00!\""), "\xf0\x9f\x98\x80!", false},
        {"lone high", BYTES("\"a\\ud83db\""),
         "a\xef\xbf\xbd"
         "b",
         true},
        {"lone low", BYTES("\"\\ude00\""), "\xef\xbf\xbd", true},
        {"high and no low", BYTES("\"\\ud83d\\u0041\""),
         "\xef\xbf\xbd"
         "A",
         true},
        {"two highs and a low", BYTES("\"\\ud83d\\ud83d\\ude00\""), "\xef\xbf\xbd\xf0\x9f\x98\x80",
         true},
        {"NUL escaped", BYTES("\"a\\u0000b\""),
         "a\xef\xbf\xbd"
         "b",
         true},
        {"NUL raw", BYTES("\"a\0b\""),
         "a\xef\xbf\xbd"
         "b",
         true},
        {"bad byte",
         BYTES("\"a\xff"
               "b\""),
         "a\xef\xbf\xbd"
         "b",
         true},
        {"overlong", BYTES("\"\xc0\xaf\""), "\xef\xbf\xbd\xef\xbf\xbd", true},
        {"bad byte behind an escape", BYTES("\"\\n\xe4\xbb\""), "\n\xef\xbf\xbd", true},
        {"escape in eight and more", BYTES("\"0123456789abcde\\nf0123456789abcdef\""),
         "0123456789abcde\nf0123456789abcdef", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
        struct weir_json json;
        struct weir_span value = {NULL, 0};
        weir_json_start(&json, cases[i].text, &scratch);
        EXPECT(cases[i].name, weir_json_take_string(&json, &value));
        EXPECT(cases[i].name, weir_json_finish(&json));
        EXPECT_TEXT(cases[i].name, value, cases[i].value);
        EXPECT_EQ(cases[i].name, json.damaged, cases[i].damaged);
    }
    test_end_rows();
}

static void a_string_stays_where_it_is_until_the_next_text(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_json json;
    struct weir_span first;
    struct weir_span later;
    weir_json_start(&json, WEIR_SPAN("[\"\\n\",\"\xff\xff\xff\xff\xff\xff\xff\xff\\u0000\\t\"]"),
                    &scratch);
    assert_true(weir_json_enter_array(&json) && weir_json_next_element(&json));
    assert_true(weir_json_take_string(&json, &first) && weir_json_next_element(&json));
    const char *before = scratch.data;
    assert_true(weir_json_take_string(&json, &later));
    assert_ptr_equal(before, scratch.data);
    EXPECT_TEXT("first", first, "\n");
    EXPECT_EQ("ten replaced or kept", (intmax_t)later.length, 9 * 3 + 1);
    test_end_rows();
}

static void numbers_are_whole_and_exact_or_out_of_range(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"1700000000123", true, 1700000000123},
        {"1700000000123.75", true, 1700000000123},
        {"1.700000000123e12", true, 1700000000123},
        {"17e11", true, 1700000000000},
        {"-12.5E1", true, -125},
        {"0.00099e4", true, 9},
        {"123e-1", true, 12},
        {"123e-9999999999999", true, 0},
        {"0e9999999999999", true, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"1e400", false, 0},
        {"-1e999999999999999999999", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
        struct weir_json json;
        int64_t value = 0;
        weir_json_start(&json, weir_span_of(cases[i].text), &scratch);
        EXPECT_EQ(cases[i].text, weir_json_take_i64(&json, &value), cases[i].fits);
        EXPECT_EQ(cases[i].text, value, cases[i].value);
    }
    uint64_t large = 0;
    EXPECT("largest", weir_json_number_to_u64(WEIR_SPAN("18446744073709551615"), &large));
    EXPECT("largest is exact", large == UINT64_MAX);
    EXPECT("one more", !weir_json_number_to_u64(WEIR_SPAN("18446744073709551616"), &large));
    EXPECT("negative", !weir_json_number_to_u64(WEIR_SPAN("-1"), &large));
    test_end_rows();
}

static void nesting_has_a_floor(void **state)
{
    (void)state;
    char text[2 * WEIR_JSON_DEPTH + 2];
    bool damaged;
    for (size_t depth = WEIR_JSON_DEPTH; depth <= WEIR_JSON_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(is_json((struct weir_span){text, 2 * depth}, &damaged),
                         depth <= WEIR_JSON_DEPTH);
    }
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer many = {0};
    memset(weir_buffer_reserve(&many, 100000), '[', 100000);
    many.length = 100000;
    assert_false(is_json(weir_buffer_span(&many), &damaged));
}

static void members_are_walked_in_their_order(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_json json;
    struct weir_span name = {NULL, 0};
    uint64_t number = 0;
    bool flag = false;
    weir_json_start(&json, WEIR_SPAN("{\"a\":{\"x\":[]},\"a\":7,\"b\":true}"), &scratch);
    assert_true(weir_json_enter_object(&json));
    assert_true(weir_json_next_member(&json, &name) && weir_json_skip(&json));
    assert_true(weir_json_next_member(&json, &name) && weir_json_take_u64(&json, &number));
    EXPECT_TEXT("the second a", name, "a");
    EXPECT_EQ("its value", (intmax_t)number, 7);
    assert_true(weir_json_next_member(&json, &name) && weir_json_take_bool(&json, &flag));
    EXPECT_TEXT("b", name, "b");
    EXPECT("b is true", flag);
    EXPECT("no more", !weir_json_next_member(&json, &name));
    EXPECT("to the end", weir_json_finish(&json));
    test_end_rows();
}

static void an_error_is_kept_and_ends_the_walk(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_json json;
    uint64_t number;
    weir_json_start(&json, WEIR_SPAN("[\"a\"]"), &scratch);
    assert_true(weir_json_enter_array(&json) && weir_json_next_element(&json));
    assert_false(weir_json_take_u64(&json, &number));
    assert_string_equal(json.error, "a number was expected");
    assert_int_equal(weir_json_peek(&json), WEIR_JSON_BAD);
    assert_false(weir_json_next_element(&json));
    assert_false(weir_json_finish(&json));
}

static void what_is_written_can_be_read(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_buffer_add_byte(&out, '{');
    weir_json_add_text_field(&out, "t", WEIR_SPAN("a\"b\\c\n\t\x01\x7f什\xff么"));
    weir_json_add_i64_field(&out, "i", INT64_MIN);
    weir_json_add_u64_field(&out, "u", UINT64_MAX);
    weir_json_add_bool_field(&out, "b", false);
    weir_json_add_name(&out, "l");
    weir_buffer_add_byte(&out, '[');
    for (int i = 0; i < 2; i++) {
        weir_json_add_comma(&out);
        weir_json_add_string(&out, WEIR_SPAN(""));
    }
    weir_buffer_add_text(&out, "]}");
    EXPECT_TEXT("object", weir_buffer_span(&out),
                "{\"t\":\"a\\\"b\\\\c\\n\\u0009\\u0001\x7f什\xef\xbf\xbd么\","
                "\"i\":-9223372036854775808,\"u\":18446744073709551615,\"b\":false,"
                "\"l\":[\"\",\"\"]}");
    bool damaged;
    EXPECT("it is JSON", is_json(weir_buffer_span(&out), &damaged));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_json_is_read),
        cmocka_unit_test(a_string_comes_out_as_it_was_meant),
        cmocka_unit_test(a_string_stays_where_it_is_until_the_next_text),
        cmocka_unit_test(numbers_are_whole_and_exact_or_out_of_range),
        cmocka_unit_test(nesting_has_a_floor),
        cmocka_unit_test(members_are_walked_in_their_order),
        cmocka_unit_test(an_error_is_kept_and_ends_the_walk),
        cmocka_unit_test(what_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
