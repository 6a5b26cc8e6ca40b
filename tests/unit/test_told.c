// Who was answered, what they write next, and who asks the same a little later.

#include "tests/unit/test.h"

#include "engine/triage/reaction.h"
#include "engine/triage/told.h"

#include <stdio.h>

#define LATE_MS 600000

static struct weir_told_answer answer_of(const char *card, const char *fingerprint, int64_t at_ms)
{
    return (struct weir_told_answer){weir_span_of(card),
                                     WEIR_SPAN("sales"),
                                     weir_span_of(fingerprint),
                                     WEIR_SPAN("48小时内"),
                                     at_ms,
                                     (uint64_t)at_ms};
}

static void who_was_told_is_found_for_two_minutes(void **state)
{
    (void)state;
    struct weir_told *told = weir_told_create();
    struct weir_told_answer found;
    struct weir_told_answer one = answer_of("c-1", "f-1", 1000);
    struct weir_told_answer two = answer_of("c-2", "f-2", 2000);
    EXPECT_EQ("first", weir_told_add(told, &one), 0);
    weir_told_asker(told, WEIR_SPAN("u1"));
    weir_told_asker(told, WEIR_SPAN("u2"));
    EXPECT_EQ("second", weir_told_add(told, &two), 0);
    weir_told_asker(told, WEIR_SPAN("u2"));
    EXPECT("u1", weir_told_find_asker(told, WEIR_SPAN("u1"), 5000, &found));
    EXPECT_TEXT("his card", found.card, "c-1");
    EXPECT("u2", weir_told_find_asker(told, WEIR_SPAN("u2"), 5000, &found));
    EXPECT_TEXT("the last one", found.card, "c-2");
    EXPECT("stranger", !weir_told_find_asker(told, WEIR_SPAN("u3"), 5000, &found));
    EXPECT("just in time", weir_told_find_asker(told, WEIR_SPAN("u1"), 120999, &found));
    EXPECT("too late", !weir_told_find_asker(told, WEIR_SPAN("u1"), 121000, &found));
    weir_told_reacted(told, WEIR_SPAN("c-2"), WEIR_SPAN("u2"));
    EXPECT("the one before", weir_told_find_asker(told, WEIR_SPAN("u2"), 5000, &found));
    EXPECT_TEXT("its card", found.card, "c-1");
    EXPECT_EQ("forgotten", weir_told_forget(told, WEIR_SPAN("c-1")), 1000);
    EXPECT("no more", !weir_told_find_asker(told, WEIR_SPAN("u2"), 5000, &found));
    weir_told_destroy(&told);
    test_end_rows();
}

static void a_question_is_answered_for_as_long_as_the_rules_say(void **state)
{
    (void)state;
    struct weir_told *told = weir_told_create();
    struct weir_told_answer found;
    struct weir_told_answer one = answer_of("c-1", "f-1", 1000);
    weir_told_add(told, &one);
    EXPECT("asked again", weir_told_find_question(told, WEIR_SPAN("f-1"), 600999, LATE_MS, &found));
    EXPECT_TEXT("the answer", found.text, "48小时内");
    EXPECT("too late", !weir_told_find_question(told, WEIR_SPAN("f-1"), 601000, LATE_MS, &found));
    EXPECT("not wanted", !weir_told_find_question(told, WEIR_SPAN("f-1"), 1000, 0, &found));
    EXPECT("another", !weir_told_find_question(told, WEIR_SPAN("f-2"), 1000, LATE_MS, &found));
    EXPECT("no words", !weir_told_find_question(told, WEIR_SPAN(""), 1000, LATE_MS, &found));
    EXPECT_EQ("kept", weir_told_take_old(told, 600999, LATE_MS), 0);
    EXPECT_EQ("two minutes at least", weir_told_take_old(told, 120999, 0), 0);
    EXPECT_EQ("old", weir_told_take_old(told, 601000, LATE_MS), 1000);
    EXPECT_EQ("gone", weir_told_take_old(told, 601000, LATE_MS), 0);
    weir_told_destroy(&told);
    test_end_rows();
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct weir_told *told = weir_told_create();
    struct weir_told_answer found;
    uint64_t dropped = 0;
    char card[32];
    for (int i = 1; i <= WEIR_TOLD_ANSWERS + 1; i++) {
        snprintf(card, sizeof(card), "c-%d", i);
        struct weir_told_answer one = answer_of(card, card, i);
        dropped = weir_told_add(told, &one);
    }
    EXPECT_EQ("its record", dropped, 1);
    EXPECT("first", !weir_told_find_question(told, WEIR_SPAN("c-1"), 100, LATE_MS, &found));
    EXPECT("second", weir_told_find_question(told, WEIR_SPAN("c-2"), 100, LATE_MS, &found));
    struct weir_told_answer again = answer_of("c-2", "c-2", 900);
    EXPECT_EQ("a card has one answer", weir_told_add(told, &again), 2);
    for (int i = 0; i < WEIR_TOLD_ASKERS + 5; i++) {
        snprintf(card, sizeof(card), "u%d", i);
        weir_told_asker(told, weir_span_of(card));
    }
    EXPECT("within", weir_told_find_asker(told, WEIR_SPAN("u199"), 1000, &found));
    EXPECT("beyond", !weir_told_find_asker(told, WEIR_SPAN("u200"), 1000, &found));
    weir_told_destroy(&told);
    test_end_rows();
}

static const struct weir_span zh_glad[] = {{"谢谢", 6}, {"明白了", 9}};
static const struct weir_span en_glad[] = {{"thanks", 6}, {"Got it", 6}, {"ty", 2}};
static const struct weir_span zh_not[] = {{"还是不行", 12}, {"不明白", 9}};
static const struct weir_span en_not[] = {{"not what I asked", 16}, {"still not", 9}};
static const struct weir_afterwards words = {
    .satisfied = {zh_glad, ARRAY_LEN(zh_glad), en_glad, ARRAY_LEN(en_glad)},
    .unsatisfied = {zh_not, ARRAY_LEN(zh_not), en_not, ARRAY_LEN(en_not)},
};

static void a_reaction_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum weir_reaction reaction;
    } rows[] = {
        {"谢谢主播", WEIR_REACTION_SATISFIED},
        {"明 白 了", WEIR_REACTION_SATISFIED},
        {"謝謝", WEIR_REACTION_SATISFIED},
        {"THANKS!!", WEIR_REACTION_SATISFIED},
        {"ok, got it", WEIR_REACTION_SATISFIED},
        {"ty", WEIR_REACTION_SATISFIED},
        {"quality", WEIR_REACTION_NONE},
        {"还是不行啊", WEIR_REACTION_UNSATISFIED},
        {"谢谢，但还是不行", WEIR_REACTION_UNSATISFIED},
        {"不明白", WEIR_REACTION_UNSATISFIED},
        {"that's not what i asked", WEIR_REACTION_UNSATISFIED},
        {"thanks but it is still not there", WEIR_REACTION_UNSATISFIED},
        {"今天真热", WEIR_REACTION_NONE},
        {"1", WEIR_REACTION_NONE},
        {"", WEIR_REACTION_NONE},
    };
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EXPECT_EQ(rows[i].text, weir_reaction_of(&words, weir_span_of(rows[i].text), &scratch),
                  rows[i].reaction);
    }
    struct weir_afterwards rated = words;
    rated.rating.zh = WEIR_SPAN("有用回1，没用回2");
    EXPECT_EQ("1", weir_reaction_of(&rated, WEIR_SPAN("１"), &scratch), WEIR_REACTION_SATISFIED);
    EXPECT_EQ("2", weir_reaction_of(&rated, WEIR_SPAN(" 2"), &scratch), WEIR_REACTION_UNSATISFIED);
    EXPECT_EQ("12", weir_reaction_of(&rated, WEIR_SPAN("12"), &scratch), WEIR_REACTION_NONE);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_told_is_found_for_two_minutes),
        cmocka_unit_test(a_question_is_answered_for_as_long_as_the_rules_say),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(a_reaction_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
