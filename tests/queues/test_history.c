// The judge of histories itself, on histories of a few calls: what it must find, and what it must
// let pass because an answer that got lost may explain it.

#include "tests/queues/verify.h"
#include "tests/unit/test.h"

#include <stdlib.h>

#define CARDS 4
#define MOST  10
#define S     1000000 // microseconds

/** At `second` a call about `card_` that took a tenth of one. */
#define CALL_OF(card_, outcome_, kind_, second, ...)                                               \
    {                                                                                              \
        .kind = CALL_##kind_, .began_us = (second)*S, .ended_us = (second)*S + S / 10,             \
        .card = (card_), .outcome = CALL_##outcome_, __VA_ARGS__                                   \
    }
#define CALL(kind_, second, ...)       CALL_OF(1, DONE, kind_, second, __VA_ARGS__)
#define UNANSWERED(kind_, second, ...) CALL_OF(1, UNKNOWN, kind_, second, __VA_ARGS__)
#define ADDED(second, card_, due)                                                                  \
    CALL_OF(card_, DONE, ADD, second, .answer = ANSWER_ADDED, .due_ms = (due))
/** Card 2 joined card 1. */
#define JOINED(second) CALL_OF(2, DONE, ADD, second, .answer = ANSWER_MERGED, .head = 1)
/** Claimed at `second` for ten seconds; its token is the time. */
#define CLAIMED(second, card_, due)                                                                \
    CALL_OF(card_, DONE, CLAIM, second, .due_ms = (due), .token = (second)*1000,                   \
            .now_ms = (second)*1000 + 50, .lease_ms = (second)*1000 + 10050)

#define OPEN(due)                                                                                  \
    {                                                                                              \
        .exists = true, .is_open = true, .due_ms = (due), .ready_ms = (due), .lease_ms = -1,       \
        .into = NO_CARD, .count = 1                                                                \
    }
#define DONE(token)                                                                                \
    {                                                                                              \
        .exists = true, .is_done = true, .in_done = true, .decision = (token), .ready_ms = -1,     \
        .lease_ms = -1, .into = NO_CARD, .count = 1                                                \
    }
#define HEAD(count_)                                                                               \
    {                                                                                              \
        .exists = true, .is_open = true, .due_ms = 9, .ready_ms = 9, .lease_ms = -1,               \
        .into = NO_CARD, .count = (count_)                                                         \
    }
#define MERGED(head)                                                                               \
    {                                                                                              \
        .exists = true, .ready_ms = -1, .lease_ms = -1, .into = (head)                             \
    }
#define NOWHERE                                                                                    \
    {                                                                                              \
        .ready_ms = -1, .lease_ms = -1, .into = NO_CARD                                            \
    }

#define CLEAN FINDINGS

static const struct {
    const char *name;
    struct call calls[MOST];
    struct final_card finals[CARDS]; // of cards 1 and 2; others do not exist
    enum finding expected;
} cases[] = {
    {"a card that waits", {ADDED(1, 1, 9)}, {OPEN(9)}, CLEAN},
    {"a card that is nowhere", {ADDED(1, 1, 9)}, {NOWHERE}, FOUND_LOST},
    {"nobody was told that it was added", {UNANSWERED(ADD, 1, .due_ms = 0)}, {NOWHERE}, CLEAN},
    {"open and in no list",
     {ADDED(1, 1, 9)},
     {{.exists = true,
       .is_open = true,
       .ready_ms = -1,
       .lease_ms = -1,
       .into = NO_CARD,
       .count = 1}},
     FOUND_LOST},
    {"added twice", {ADDED(1, 1, 9), ADDED(2, 1, 9)}, {OPEN(9)}, FOUND_COUNTED_TWICE},
    {"added and repeated",
     {ADDED(1, 1, 9), CALL(ADD, 2, .answer = ANSWER_REPEATED)},
     {OPEN(9)},
     CLEAN},
    {"two are counted as three",
     {ADDED(1, 1, 9), JOINED(2)},
     {HEAD(3), MERGED(1)},
     FOUND_COUNTED_TWICE},
    {"one of two may be taken back",
     {ADDED(1, 1, 9), JOINED(2), CALL_OF(2, UNKNOWN, WITHDRAW, 3, .due_ms = 0)},
     {HEAD(1), MERGED(1)},
     CLEAN},
    {"one of two was not taken back",
     {ADDED(1, 1, 9), JOINED(2)},
     {HEAD(1), MERGED(1)},
     FOUND_COUNTED_TWICE},
    {"joined an answered card",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000), JOINED(4)},
     {{.exists = true,
       .is_done = true,
       .in_done = true,
       .decision = 2000,
       .ready_ms = -1,
       .lease_ms = -1,
       .into = NO_CARD,
       .count = 2},
      MERGED(1)},
     FOUND_LOST},
    {"claimed while it is held",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CLAIMED(5, 1, 9)},
     {OPEN(9)},
     FOUND_TWO_OWNERS},
    {"claimed when the lease was over",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CLAIMED(13, 1, 9)},
     {OPEN(9)},
     CLEAN},
    {"claimed after it was given up",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(RELEASE, 3, .token = 2000), CLAIMED(5, 1, 9)},
     {OPEN(9)},
     CLEAN},
    {"claimed after it was perhaps given up",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), UNANSWERED(RELEASE, 3, .token = 2000), CLAIMED(5, 1, 9)},
     {OPEN(9)},
     CLEAN},
    {"claimed while it was held for longer",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(EXTEND, 11, .token = 2000, .lease_ms = 20000),
      CLAIMED(13, 1, 9)},
     {OPEN(9)},
     FOUND_TWO_OWNERS},
    {"claimed after its owner left",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL_OF(NO_CARD, DONE, LEAVE, 3, .due_ms = 0),
      CLAIMED(5, 1, 9)},
     {OPEN(9)},
     CLEAN},
    {"an answer of somebody who left",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL_OF(NO_CARD, DONE, LEAVE, 3, .due_ms = 0),
      CALL(ANSWER, 4, .token = 2000)},
     {DONE(2000)},
     FOUND_TWO_OWNERS},
    {"claimed after its owner was heard of no more",
     {ADDED(1, 1, 9), CALL_OF(NO_CARD, DONE, PRESENT, 1, .lease_ms = 2000), CLAIMED(2, 1, 9),
      CLAIMED(5, 1, 9)},
     {OPEN(9)},
     CLEAN},
    {"claimed while its owner was there",
     {ADDED(1, 1, 9), CALL_OF(NO_CARD, DONE, PRESENT, 1, .lease_ms = 8000), CLAIMED(2, 1, 9),
      CLAIMED(5, 1, 9)},
     {OPEN(9)},
     FOUND_TWO_OWNERS},
    {"one token for two",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9),
      CALL(CLAIM, 13, .token = 2000, .now_ms = 13050, .lease_ms = 23000, .due_ms = 9)},
     {OPEN(9)},
     FOUND_TWO_OWNERS},
    {"an answer after the lease",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 13, .token = 2000)},
     {DONE(2000)},
     FOUND_TWO_OWNERS},
    {"an answer with the token before",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(RELEASE, 3, .token = 2000), CLAIMED(4, 1, 9),
      CALL(ANSWER, 5, .token = 2000)},
     {DONE(2000)},
     FOUND_TWO_OWNERS},
    {"the same answer again, late",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000),
      CALL(ANSWER, 14, .token = 2000)},
     {DONE(2000)},
     CLEAN},
    {"claimed after its answer",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000), CLAIMED(13, 1, 9)},
     {DONE(2000)},
     FOUND_ANSWERED_TWICE},
    {"answered, taken back, answered",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000),
      CALL(UNDO, 4, .token = 2000, .answer = ANSWER_REMOVED), CLAIMED(5, 1, 9),
      CALL(ANSWER, 6, .token = 5000)},
     {DONE(5000)},
     CLEAN},
    {"taken back, which was impossible, and answered again",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000),
      CALL(UNDO, 4, .token = 2000, .answer = ANSWER_IMPOSSIBLE), CLAIMED(5, 1, 9),
      CALL(ANSWER, 6, .token = 5000)},
     {DONE(5000)},
     FOUND_ANSWERED_TWICE},
    {"an answer that is gone",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000)},
     {OPEN(9)},
     FOUND_LOST},
    {"an answer that nobody was told of",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), UNANSWERED(ANSWER, 3, .token = 2000)},
     {OPEN(9)},
     CLEAN},
    {"decided by nobody", {ADDED(1, 1, 9), CLAIMED(2, 1, 9)}, {DONE(2000)}, FOUND_BROKEN},
    {"said twice",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000),
      CALL(DELIVERED, 4, .token = 2000, .entry = 1), CALL(DELIVERED, 5, .token = 2000, .entry = 2)},
     {DONE(2000)},
     FOUND_ANSWERED_TWICE},
    {"given to the room's owner again",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000),
      CALL(DELIVERED, 4, .token = 2000, .entry = 1), CALL(DELIVERED, 5, .token = 2000, .entry = 1)},
     {DONE(2000)},
     CLEAN},
    {"taken back and said",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000),
      CALL(UNDO, 4, .token = 2000, .answer = ANSWER_REMOVED),
      CALL(DELIVERED, 5, .token = 2000, .entry = 1)},
     {OPEN(9)},
     FOUND_ANSWERED_TWICE},
    {"never said",
     {ADDED(1, 1, 9), CLAIMED(2, 1, 9), CALL(ANSWER, 3, .token = 2000)},
     {{.exists = true,
       .is_done = true,
       .in_done = true,
       .decision = 2000,
       .says_something = true,
       .ready_ms = -1,
       .lease_ms = -1,
       .into = NO_CARD,
       .count = 1}},
     FOUND_LOST},
    {"the later one first",
     {ADDED(1, 1, 9), ADDED(2, 2, 90), CLAIMED(4, 2, 90)},
     {OPEN(9), OPEN(90)},
     FOUND_OUT_OF_ORDER},
    {"the later one, while the earlier came",
     {ADDED(4, 1, 9), ADDED(2, 2, 90), CLAIMED(4, 2, 90)},
     {OPEN(9), OPEN(90)},
     CLEAN},
    {"the later one, while the earlier was claimed",
     {ADDED(1, 1, 9), ADDED(2, 2, 90), CLAIMED(4, 2, 90), CLAIMED(4, 1, 9)},
     {OPEN(9), OPEN(90)},
     CLEAN},
    {"the later one, while somebody may have the earlier",
     {ADDED(1, 1, 9), ADDED(2, 2, 90), CALL_OF(NO_CARD, UNKNOWN, CLAIM, 3, .lease_ms = 5000),
      CLAIMED(4, 2, 90)},
     {OPEN(9), OPEN(90)},
     CLEAN},
    {"the later one, when nobody can have the earlier any more",
     {ADDED(1, 1, 9), ADDED(2, 2, 90), CALL_OF(NO_CARD, UNKNOWN, CLAIM, 3, .lease_ms = 500),
      CLAIMED(4, 2, 90)},
     {OPEN(9), OPEN(90)},
     FOUND_OUT_OF_ORDER},
    {"the later one, after the earlier one's lease",
     {ADDED(1, 1, 9), ADDED(2, 2, 90), CLAIMED(3, 1, 9), CLAIMED(14, 2, 90)},
     {OPEN(9), OPEN(90)},
     FOUND_OUT_OF_ORDER},
    {"nothing, though one was ready",
     {ADDED(1, 1, 9), CALL_OF(NO_CARD, DONE, CLAIM, 3, .due_ms = 0)},
     {OPEN(9)},
     FOUND_OUT_OF_ORDER},
    {"nothing, while its only message may be gone",
     {ADDED(1, 1, 9), UNANSWERED(WITHDRAW, 2, .due_ms = 0),
      CALL_OF(NO_CARD, DONE, CLAIM, 3, .due_ms = 0)},
     {OPEN(9)},
     CLEAN},
};

static void histories_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history history = {0};
        struct final_card finals[CARDS] = {NOWHERE, cases[i].finals[0], cases[i].finals[1],
                                           NOWHERE};
        struct verdicts verdicts = {0};
        if (!finals[2].exists) {
            finals[2] = finals[0];
        }
        for (size_t k = 0; k < MOST && cases[i].calls[k].ended_us; k++) {
            struct call call = cases[i].calls[k];
            call.head = call.answer == ANSWER_MERGED ? call.head : NO_CARD;
            history_add(&history, &call);
        }
        verify(&history, finals, CARDS, &verdicts);
        for (int finding = 0; finding < FINDINGS; finding++) {
            if (finding == (int)cases[i].expected) {
                EXPECT(cases[i].name, verdicts.found[finding] > 0);
            } else if (cases[i].expected == CLEAN) {
                EXPECT_EQ(cases[i].name, verdicts.found[finding], 0);
            }
        }
        history_fini(&history);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(histories_are_judged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
