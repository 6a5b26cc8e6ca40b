#include "tests/unit/test.h"

#include "engine/stream/budget.h"

#define ALL_KINDS ((1u << WEIR_DO_COUNT) - 1)

static const int room_a, room_b;

static const struct weir_limit hundred_in_30_s = {
    .kinds = ALL_KINDS, .count = 100, .per_ms = 30000};

// Asks in every millisecond, and finds the most that left within any `per_ms`.
static uint32_t most_in_a_stretch(const struct weir_limit *limit, enum weir_class class)
{
    enum { STEPS = 200000 };
    static uint16_t left[STEPS];
    struct weir_budget *budget = weir_budget_create(limit, 1);
    uint32_t within = 0, most = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        left[i] = 0;
        while (weir_budget_take(budget, &room_a, WEIR_DO_DELETE, class, 1000000 + i) == 0) {
            left[i]++;
        }
        within += left[i];
        within -= i >= limit->per_ms ? left[i - limit->per_ms] : 0;
        most = within > most ? within : most;
    }
    weir_budget_destroy(&budget);
    return most;
}

static void no_stretch_holds_more_than_the_platform_allows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct weir_limit limit;
    } cases[] = {
        {"100 in 30 s", {.kinds = ALL_KINDS, .count = 100, .per_ms = 30000}},
        {"20 in 30 s", {.kinds = ALL_KINDS, .count = 20, .per_ms = 30000}},
        {"800 a minute", {.kinds = ALL_KINDS, .count = 800, .per_ms = 60000}},
        {"one in 2 s", {.kinds = ALL_KINDS, .count = 1, .per_ms = 2000}},
        {"two a second", {.kinds = ALL_KINDS, .count = 2, .per_ms = 1000}},
        {"three in 7 ms", {.kinds = ALL_KINDS, .count = 3, .per_ms = 7}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT_EQ(cases[i].name, most_in_a_stretch(&cases[i].limit, WEIR_CLASS_PROTECT),
                  cases[i].limit.count);
    }
    test_end_rows();
}

static uint32_t take_all(struct weir_budget *budget, const void *room, enum weir_do kind,
                         enum weir_class class, int64_t now_ms)
{
    uint32_t count = 0;
    while (weir_budget_take(budget, room, kind, class, now_ms) == 0) {
        count++;
    }
    return count;
}

static void what_matters_less_leaves_some_to_what_matters_more(void **state)
{
    (void)state;
    struct weir_budget *budget = weir_budget_create(&hundred_in_30_s, 1);
    EXPECT_EQ("talk", take_all(budget, &room_a, WEIR_DO_REPLY, WEIR_CLASS_TALK, 1000), 38);
    EXPECT_EQ("clean-up", take_all(budget, &room_a, WEIR_DO_UNBAN, WEIR_CLASS_CLEAN_UP, 1000), 7);
    EXPECT_EQ("human", take_all(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_HUMAN, 1000), 5);
    EXPECT_EQ("none left", take_all(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_PROTECT, 1000), 0);
    weir_budget_destroy(&budget);
    test_end_rows();
}

static void it_says_when_asking_again_is_of_use(void **state)
{
    (void)state;
    struct weir_budget *budget = weir_budget_create(&hundred_in_30_s, 1);
    int64_t now_ms = 1000;
    take_all(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_PROTECT, now_ms);
    for (int i = 0; i < 50; i++) {
        int64_t at_ms = weir_budget_take(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_PROTECT, now_ms);
        EXPECT("later", at_ms > now_ms);
        EXPECT("not before", weir_budget_take(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_PROTECT,
                                              at_ms - 1) == at_ms);
        EXPECT("then",
               weir_budget_take(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_PROTECT, at_ms) == 0);
        now_ms = at_ms;
    }
    weir_budget_destroy(&budget);
    test_end_rows();
}

static void rooms_share_a_limit_or_have_their_own(void **state)
{
    (void)state;
    const struct weir_limit limits[] = {
        {.kinds = 1u << WEIR_DO_REPLY, .count = 20, .per_ms = 30000},
        {.kinds = 1u << WEIR_DO_BAN, .count = 20, .per_ms = 30000, .each_room = true},
    };
    struct weir_budget *budget = weir_budget_create(limits, ARRAY_LEN(limits));
    EXPECT_EQ("a", take_all(budget, &room_a, WEIR_DO_REPLY, WEIR_CLASS_HUMAN, 1000), 10);
    EXPECT_EQ("b", take_all(budget, &room_b, WEIR_DO_REPLY, WEIR_CLASS_HUMAN, 1000), 0);
    EXPECT_EQ("a's own", take_all(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_HUMAN, 1000), 10);
    EXPECT_EQ("b's own", take_all(budget, &room_b, WEIR_DO_BAN, WEIR_CLASS_HUMAN, 1000), 10);
    EXPECT("no limit names it",
           weir_budget_take(budget, &room_a, WEIR_DO_DELETE, WEIR_CLASS_TALK, 1000) == 0);
    weir_budget_destroy(&budget);
    test_end_rows();
}

static void a_refusal_pauses_its_kind_in_its_room(void **state)
{
    (void)state;
    struct weir_budget *budget = weir_budget_create(NULL, 0);
    EXPECT_EQ("as it says", weir_budget_refused(budget, &room_a, WEIR_DO_BAN, 700, 1000), 1700);
    EXPECT_EQ("paused", weir_budget_take(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_PROTECT, 1500),
              1700);
    EXPECT_EQ("another kind",
              weir_budget_take(budget, &room_a, WEIR_DO_DELETE, WEIR_CLASS_TALK, 1500), 0);
    EXPECT_EQ("another room", weir_budget_take(budget, &room_b, WEIR_DO_BAN, WEIR_CLASS_TALK, 1500),
              0);
    EXPECT_EQ("over", weir_budget_take(budget, &room_a, WEIR_DO_BAN, WEIR_CLASS_TALK, 1700), 0);
    weir_budget_destroy(&budget);
    test_end_rows();
}

static void without_a_time_the_pause_doubles_until_one_is_taken(void **state)
{
    (void)state;
    struct weir_budget *budget = weir_budget_create(NULL, 0);
    int64_t now_ms = 1000;
    for (int64_t pause_ms = 1000; pause_ms <= 32000; pause_ms *= 2) {
        int64_t end_ms = weir_budget_refused(budget, &room_a, WEIR_DO_BAN, 0, now_ms);
        EXPECT_EQ("twice as long", end_ms - now_ms, pause_ms);
        EXPECT_EQ("said by another one, too",
                  weir_budget_refused(budget, &room_a, WEIR_DO_BAN, 0, now_ms), end_ms);
        now_ms = end_ms;
    }
    EXPECT_EQ("but not for ever",
              weir_budget_refused(budget, &room_a, WEIR_DO_BAN, 0, now_ms) - now_ms, 32000);
    weir_budget_accepted(budget, &room_a, WEIR_DO_BAN);
    now_ms += 40000;
    EXPECT_EQ("from the start",
              weir_budget_refused(budget, &room_a, WEIR_DO_BAN, 0, now_ms) - now_ms, 1000);
    weir_budget_destroy(&budget);
    test_end_rows();
}

static void many_rooms_and_a_clock_that_goes_back_do_no_harm(void **state)
{
    (void)state;
    static const char rooms[5000];
    const struct weir_limit limit = {
        .kinds = ALL_KINDS, .count = 4, .per_ms = 1000, .each_room = true};
    struct weir_budget *budget = weir_budget_create(&limit, 1);
    size_t granted = 0;
    for (int64_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(rooms); i++) {
            granted +=
                take_all(budget, &rooms[i], WEIR_DO_BAN, WEIR_CLASS_PROTECT, 1000000 - round * 500);
        }
    }
    EXPECT_EQ("each its burst, once", granted, 2 * sizeof(rooms));
    weir_budget_destroy(&budget);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_stretch_holds_more_than_the_platform_allows),
        cmocka_unit_test(what_matters_less_leaves_some_to_what_matters_more),
        cmocka_unit_test(it_says_when_asking_again_is_of_use),
        cmocka_unit_test(rooms_share_a_limit_or_have_their_own),
        cmocka_unit_test(a_refusal_pauses_its_kind_in_its_room),
        cmocka_unit_test(without_a_time_the_pause_doubles_until_one_is_taken),
        cmocka_unit_test(many_rooms_and_a_clock_that_goes_back_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
