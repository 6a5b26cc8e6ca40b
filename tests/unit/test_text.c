#include "tests/unit/test.h"

#include "engine/base/utf8.h"
#include "engine/text/text.h"

#define MAX_CHARS 2000

static struct weir_text *text;

static int open_text(void **state)
{
    (void)state;
    text = weir_text_create(MAX_CHARS);
    return 0;
}

static int close_text(void **state)
{
    (void)state;
    weir_text_destroy(&text);
    return 0;
}

static void set(const char *raw)
{
    weir_text_set(text, weir_span_of(raw), NULL, 0, false);
}

static struct weir_span view_of(enum weir_view_kind kind)
{
    const struct weir_view *view = weir_text_view(text, kind);
    return (struct weir_span){view->bytes, view->length};
}

struct view_case {
    const char *raw;
    const char *shown;
};

static void expect_views(enum weir_view_kind kind, const struct view_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        set(cases[i].raw);
        EXPECT_TEXT(cases[i].raw, view_of(kind), cases[i].shown);
    }
    test_end_rows();
}

static void fold_reads_through_case_width_and_heaps(void **state)
{
    (void)state;
    static const struct view_case cases[] = {
        {"", ""},
        {"Hello WORLD, this is LONG", "hello world, this is long"},
        {"ｆｕｌｌ　Ｗｉｄｔｈ", "full width"},
        {"ⓦⓧ", "wx"},
        {"①②❸⑴⒈㊀㈠⑽", "123"
                       "11"
                       "一一10"},
        {"٣४", "34"},
        {"繁體漢字妳爲", "繁体汉字你为"},
        {"z\u200be\u200dr\u2060o\ufeff\u00ad!", "zero!"},
        {"c\x01o\x1fn", "con"},
        {"f\u0336u\u0336c\u0336k\u0336", "fuck"},
        {"Z\u0351\u036b\u0343a\u0489l\u0321\u0353g\u0353o\u0321", "zalgo"},
        {"cafe\u0301 CAFÉ", "café café"},
        {"\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"},
        {"か\u3099", "が"},
        {"ﬁne ß ſ K", "fine ss s k"},
        {"½ ﷺ ㍿", "1⁄2 صلى الله عليه وسلم 株式会社"},
        {"a\u0327\u0301 a\u0301\u0327", "á á"},
        {"e\u200d\u0301", "é"},
        {"İ", "i"},
        {"𝐇𝓮𝕝𝖑𝘰", "hello"},
        {"ไก่ नमस्ते", "ไก่ नमस्ते"},
        {"12345678\x7f", "12345678"},
    };
    expect_views(WEIR_VIEW_FOLD, cases, ARRAY_LEN(cases));
}

static void a_range_is_exact_in_the_original(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        enum weir_view_kind kind;
        const char *found;
        const char *original;
    } cases[] = {
        {"abc DEF", WEIR_VIEW_FOLD, "def", "DEF"},
        {"请加ＶＸ谢谢", WEIR_VIEW_FOLD, "vx", "ＶＸ"},
        {"x㍿y", WEIR_VIEW_FOLD, "式会", "㍿"},
        {"x½y", WEIR_VIEW_FOLD, "1", "½"},
        {"a ﷺ b", WEIR_VIEW_FOLD, "الله", "ﷺ"},
        {"no z\u200be\u200dr\u2060o no", WEIR_VIEW_FOLD, "zero", "z\u200be\u200dr\u2060o"},
        {"f\u0336u\u0336c\u0336k\u0336!", WEIR_VIEW_FOLD, "fuck", "f\u0336u\u0336c\u0336k\u0336"},
        {"x e\u0301 y", WEIR_VIEW_FOLD, "é", "e\u0301"},
        {"x \u1112\u1161\u11ab y", WEIR_VIEW_FOLD, "한", "\u1112\u1161\u11ab"},
        {"\u200b\u200bhi\u200b", WEIR_VIEW_FOLD, "hi", "hi"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set(cases[i].raw);
        struct weir_span shown = view_of(cases[i].kind);
        struct weir_span found = weir_span_of(cases[i].found);
        const char *at = memmem(shown.data, shown.length, found.data, found.length);
        EXPECT(cases[i].raw, at != NULL);
        if (!at) {
            continue;
        }
        uint32_t start = (uint32_t)(at - shown.data);
        struct weir_text_range range =
            weir_text_range_of(text, cases[i].kind, start, start + (uint32_t)found.length);
        struct weir_span raw = weir_span_of(cases[i].raw);
        struct weir_span original = weir_span_slice(raw, range.start, range.end);
        EXPECT_TEXT(cases[i].raw, original, cases[i].original);
        EXPECT_EQ(cases[i].raw, range.start_char,
                  weir_utf8_count(weir_span_slice(raw, 0, range.start)));
        EXPECT_EQ(cases[i].raw, range.end_char,
                  weir_utf8_count(weir_span_slice(raw, 0, range.end)));
    }
    test_end_rows();
}

static void emotes_are_set_aside(void **state)
{
    (void)state;
    static const struct weir_emote emotes[] = {{0, 5},   {1, 3},    {10, 14},
                                               {13, 14}, {99, 100}, {7, 7}};
    weir_text_set(text, WEIR_SPAN("KAPPA 中文 KAPPA"), emotes, ARRAY_LEN(emotes), false);
    EXPECT_TEXT("fold", view_of(WEIR_VIEW_FOLD), "\ufffc 中文 k\ufffc");
    EXPECT_TEXT("raw", view_of(WEIR_VIEW_RAW), "KAPPA 中文 KAPPA");
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_reads_through_case_width_and_heaps),
        cmocka_unit_test(a_range_is_exact_in_the_original),
        cmocka_unit_test(emotes_are_set_aside),
    };
    return cmocka_run_group_tests(tests, open_text, close_text);
}
