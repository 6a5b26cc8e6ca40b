#include "tests/unit/test.h"

#include "engine/base/utf8.h"

static void ill_formed_bytes_are_seen_and_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        const char *repaired;
        size_t replaced;
    } cases[] = {
        {"", "", 0},
        {"plain \xe4\xb8\xad \xf0\x9f\x98\x80", "plain 中 😀", 0},
        {"a\x80"
         "b",
         "a\xef\xbf\xbd"
         "b",
         1},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", 2},                                 // overlong
        {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3},                 // overlong
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3},                 // surrogate
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 4}, // too large
        {"\xe4\xb8", "\xef\xbf\xbd", 1},                                             // cut off
        {"\xf0\x9f\x98z", "\xef\xbf\xbdz", 1},                                       // cut off
        {"\xe4\xb8\xe4\xb8\xad", "\xef\xbf\xbd中", 1},                               // cut off
        {"\xf5\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3},                 // never
        {"12345678\xe4\xb8\xad\xc2", "12345678中\xef\xbf\xbd", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
        struct weir_span bytes = weir_span_of(cases[i].bytes);
        char name[32];
        snprintf(name, sizeof(name), "row %zu", i);
        EXPECT_EQ(name, weir_utf8_is_valid(bytes), cases[i].replaced == 0);
        EXPECT_EQ(name, weir_utf8_add_repaired(&out, bytes), cases[i].replaced);
        EXPECT_TEXT(name, weir_buffer_span(&out), cases[i].repaired);
    }
    test_end_rows();
}

static void every_code_point_comes_back_from_its_bytes(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        if (code_point >= 0xd800 && code_point <= 0xdfff) {
            continue;
        }
        weir_buffer_clear(&out);
        weir_utf8_add(&out, code_point);
        size_t at = 0;
        uint32_t found = weir_utf8_next(weir_buffer_span(&out), &at);
        if (found != code_point || at != out.length ||
            !weir_utf8_is_valid(weir_buffer_span(&out)) ||
            weir_utf8_count(weir_buffer_span(&out)) != 1) {
            EXPECT_EQ("code point", found, code_point);
            EXPECT_EQ("length", at, out.length);
        }
    }
    test_end_rows();
}

static void columns_are_those_of_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
        size_t characters;
    } cases[] = {
        {"", 0, 0},     {"abc", 3, 3},        {"中文", 4, 2},     {"ｆｕ", 4, 2},
        {"ﾊﾝ", 2, 2},   {"e\u0301", 1, 2},    {"a\u200db", 2, 3}, {"😀", 2, 1},
        {"한글", 4, 2}, {"\U00020000", 2, 1}, {"é", 1, 1},        {"—", 1, 1},
        {"。", 2, 1},   {"❤\ufe0f", 1, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_span text = weir_span_of(cases[i].text);
        EXPECT_EQ(cases[i].text, weir_utf8_columns(text), cases[i].columns);
        EXPECT_EQ(cases[i].text, weir_utf8_count(text), cases[i].characters);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ill_formed_bytes_are_seen_and_replaced),
        cmocka_unit_test(every_code_point_comes_back_from_its_bytes),
        cmocka_unit_test(columns_are_those_of_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
