#include "tests/unit/test.h"

#include "engine/rules/numbers.h"

static struct weir_span found;

static void keep_first(void *user, const struct weir_number *number)
{
    const struct weir_view *view = user;
    if (found.length == 0) {
        found = (struct weir_span){view->bytes + number->start, number->end - number->start};
    }
}

static struct weir_span find_in(const char *text, weir_number_fn is_wanted)
{
    static char bytes[4096 + WEIR_TEXT_PADDING]; // found points into it
    size_t length = strlen(text);
    assert_true(length <= 4096);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, text, length);
    struct weir_view view = {.bytes = bytes, .length = (uint32_t)length};
    found = (struct weir_span){"", 0};
    weir_numbers_find(&view, is_wanted, keep_first, &view);
    return found;
}

struct number_case {
    const char *text;
    const char *found; // "": nothing
};

static void check_cases(const struct number_case *cases, size_t count, weir_number_fn is_wanted)
{
    for (size_t i = 0; i < count; i++) {
        EXPECT_TEXT(cases[i].text, find_in(cases[i].text, is_wanted), cases[i].found);
    }
    test_end_rows();
}

static void phone_numbers_are_found_however_they_are_grouped(void **state)
{
    (void)state;
    static const struct number_case cases[] = {
        {"打13800138000", "13800138000"},
        {"138-0013-8000 找我", "138-0013-8000"},
        {"138 0013 8000", "138 0013 8000"},
        {"1 3 8 0 0 1 3 8 0 0 0", "1 3 8 0 0 1 3 8 0 0 0"},
        {"+86 13800138000", "86 13800138000"},
        {"幺三八零零幺三八零零零", "幺三八零零幺三八零零零"},
        {"一三八〇〇一三八〇〇〇", "一三八〇〇一三八〇〇〇"},
        {"2 件 13800138000", "13800138000"},
        {"call (555) 123-4567", ""},
        {"call (555) 234-4567", "555) 234-4567"},
        {"+44 20 7946 0958", "44 20 7946 0958"},
        {"010-62345678", "010-62345678"},
        {"12800138000", ""},
        {"138001380001", ""},
        {"1380013800", ""},
        {"23333333333", ""},
        {"订单20261121123456", ""},
        {"2026-11-21 13:00", ""},
        {"一二三四五六七八九十", ""},
        {"", ""},
    };
    check_cases(cases, ARRAY_LEN(cases), weir_number_is_phone);
}

static void an_id_card_is_one_by_its_check_digit(void **state)
{
    (void)state;
    static const struct number_case cases[] = {
        {"身份证11010519491231002x", "11010519491231002x"},
        {"110105 19491231 002x 是我", "110105 19491231 002x"},
        {"440524188001010014", ""},
        {"110105194912310029", ""},
        {"11010519491331002x", ""},
        {"11010519491231002xy", ""},
        {"1101051949123100", ""},
    };
    check_cases(cases, ARRAY_LEN(cases), weir_number_is_id_card);
}

static void a_bank_card_is_one_by_luhn_and_issuer(void **state)
{
    (void)state;
    static const struct number_case cases[] = {
        {"卡号4012888888881881", "4012888888881881"},
        {"4012 8888 8888 1881 谢谢", "4012 8888 8888 1881"},
        {"4012-8888-8888-1881", "4012-8888-8888-1881"},
        {"378282246310005", "378282246310005"},
        {"6222021234567890128", "6222021234567890128"},
        {"6222021234567890123", ""},
        {"4012888888881882", ""},
        {"2333333333333333", ""},
        {"9111111111111111", ""},
        {"0000000000000000", ""},
        {"41 11 11 11 11 11 11 11", ""},
    };
    check_cases(cases, ARRAY_LEN(cases), weir_number_is_bank_card);
}

static void a_long_wall_of_digits_ends(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer wall = {0};
    for (int i = 0; i < 2000; i++) {
        weir_buffer_add_text(&wall, i % 2 ? "9 " : "9-");
    }
    weir_buffer_add_text(&wall, "13800138000");
    EXPECT_TEXT("behind a wall", find_in(weir_buffer_text(&wall), weir_number_is_phone),
                "13800138000");
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phone_numbers_are_found_however_they_are_grouped),
        cmocka_unit_test(an_id_card_is_one_by_its_check_digit),
        cmocka_unit_test(a_bank_card_is_one_by_luhn_and_issuer),
        cmocka_unit_test(a_long_wall_of_digits_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
