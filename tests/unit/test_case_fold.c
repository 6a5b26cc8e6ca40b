// The table against the PCRE2 that is installed: a pair that one of them lacks would lose matches.

#include "tests/unit/test.h"

#include "engine/base/utf8.h"
#include "engine/match/case_fold.h"
#include "engine/match/regex.h"
#include "engine/text/text.h"

#include <stdlib.h>

#define CODE_POINTS 0x110000u

static bool is_scalar(uint32_t character)
{
    return character < 0xD800 || character > 0xDFFF;
}

// Which characters the table joins with another one.
static bool *cased_characters(void)
{
    bool *cased = weir_new_array(bool, CODE_POINTS);
    for (uint32_t character = 0; character < CODE_POINTS; character++) {
        uint32_t folded = weir_case_fold(character);
        if (folded != character) {
            cased[character] = true;
            cased[folded] = true;
        }
    }
    return cased;
}

static struct weir_regex *regex_of(uint32_t character)
{
    char pattern[24];
    struct weir_regex_error error = {0};
    snprintf(pattern, sizeof(pattern), "\\x{%X}", character);
    struct weir_regex *regex = weir_regex_create(weir_span_of(pattern), true, &error);
    assert_non_null(regex);
    return regex;
}

// Every character of `text` that PCRE2 takes for `character`, case aside, must fold as it does; and
// there must be as many as the table says.
static void expect_same_company(struct weir_regex_scratch *scratch, uint32_t character,
                                struct weir_span text)
{
    char name[16];
    uint32_t in_table = 0;
    uint32_t in_pcre2 = 0;
    snprintf(name, sizeof(name), "U+%04X", character);
    for (size_t at = 0; at < text.length;) {
        in_table += weir_case_fold(weir_utf8_next(text, &at)) == weir_case_fold(character);
    }
    struct weir_regex *regex = regex_of(character);
    struct weir_regex_match match = {0};
    while (weir_regex_find(regex, scratch, text, match.end, &match) == WEIR_REGEX_HIT) {
        size_t at = match.start;
        uint32_t other = weir_utf8_next(text, &at);
        EXPECT(name, weir_case_fold(other) == weir_case_fold(character));
        in_pcre2++;
    }
    weir_regex_destroy(&regex);
    EXPECT_EQ(name, in_pcre2, in_table);
}

static void cased_characters_keep_the_same_company(void **state)
{
    (void)state;
    bool *cased = cased_characters();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (uint32_t character = 0; character < CODE_POINTS; character++) {
        if (cased[character] && weir_case_is_settled(character)) {
            weir_utf8_add(&text, character);
        }
    }
    assert_true(text.length > 4000);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    for (size_t at = 0; at < text.length;) {
        expect_same_company(scratch, weir_utf8_next(weir_buffer_span(&text), &at),
                            weir_buffer_span(&text));
    }
    weir_regex_scratch_destroy(&scratch);
    free(cased);
    test_end_rows();
}

// No character that the table joins with others is joined by PCRE2 with one that it leaves alone.
static void characters_without_case_are_left_alone(void **state)
{
    (void)state;
    bool *cased = cased_characters();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer class = {0};
    weir_buffer_add_byte(&class, '[');
    for (uint32_t character = 1; character < CODE_POINTS; character++) {
        if (!is_scalar(character) || !weir_case_is_settled(character)) {
            continue;
        }
        if (cased[character]) {
            weir_buffer_printf(&class, "\\x{%X}", character);
        } else {
            weir_utf8_add(&text, character);
        }
    }
    weir_buffer_add_byte(&class, ']');
    struct weir_regex_error error = {0};
    struct weir_regex_match match = {0};
    struct weir_regex *regex = weir_regex_create(weir_buffer_span(&class), true, &error);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    assert_non_null(regex);
    assert_int_equal(weir_regex_find(regex, scratch, weir_buffer_span(&text), 0, &match),
                     WEIR_REGEX_MISS);
    weir_regex_destroy(&regex);
    weir_regex_scratch_destroy(&scratch);
    free(cased);
}

static void expect_folded(struct weir_span text)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer folded = {0};
    weir_text_normalise(WEIR_VIEW_FOLD, text, &folded);
    for (size_t at = 0; at < folded.length;) {
        char name[16];
        uint32_t character = weir_utf8_next(weir_buffer_span(&folded), &at);
        snprintf(name, sizeof(name), "U+%04X", character);
        EXPECT(name, weir_case_fold(character) == character || !weir_case_is_settled(character));
    }
}

// What makes exact literals enough in the folded views: their text holds no character that PCRE2
// would take for another one.
static void folded_text_is_folded_for_pcre2_too(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (uint32_t character = 1; character < CODE_POINTS; character++) {
        if (is_scalar(character)) {
            weir_utf8_add(&text, character);
            weir_buffer_add_byte(&text, ' ');
        }
        if (text.length > 1000 || character == CODE_POINTS - 1) {
            expect_folded(weir_buffer_span(&text));
            weir_buffer_clear(&text);
        }
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cased_characters_keep_the_same_company),
        cmocka_unit_test(characters_without_case_are_left_alone),
        cmocka_unit_test(folded_text_is_folded_for_pcre2_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
