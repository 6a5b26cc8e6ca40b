#include "tests/unit/test.h"

#include "engine/stream/lately.h"

static const struct weir_hash_key key = {1, 2};
static const struct weir_span room = {"r", 1};

static bool take(struct weir_lately *lately, const char *name, int64_t now_ms)
{
    return weir_lately_take(lately, room, weir_span_of(name), now_ms);
}

static void once_within_its_time(void **state)
{
    (void)state;
    struct weir_lately *lately = weir_lately_create(8, 60000, key);
    EXPECT("new", take(lately, "u1", 1000));
    EXPECT("again", !take(lately, "u1", 60999));
    EXPECT("another user", take(lately, "u2", 2000));
    EXPECT("another room", weir_lately_take(lately, WEIR_SPAN("s"), WEIR_SPAN("u1"), 2000));
    EXPECT("has", weir_lately_has(lately, room, WEIR_SPAN("u1"), 2000));
    EXPECT("a minute later", take(lately, "u1", 61000));
    EXPECT("and not twice", !take(lately, "u1", 61001));
    weir_lately_destroy(&lately);
    test_end_rows();
}

static void what_did_not_happen_is_forgotten(void **state)
{
    (void)state;
    struct weir_lately *lately = weir_lately_create(8, 60000, key);
    weir_lately_forget(lately, room, WEIR_SPAN("u1"));
    EXPECT("new", take(lately, "u1", 1000));
    weir_lately_forget(lately, room, WEIR_SPAN("u1"));
    EXPECT("new again", take(lately, "u1", 1001));
    EXPECT("once", !take(lately, "u1", 1002));
    weir_lately_destroy(&lately);
    test_end_rows();
}

static void where_more_come_than_it_holds_the_rest_is_known(void **state)
{
    (void)state;
    struct weir_lately *lately = weir_lately_create(100, 1000, key);
    for (int64_t second = 0; second < 50; second++) {
        int taken = 0;
        for (int i = 0; i < 150; i++) {
            char name[24];
            snprintf(name, sizeof(name), "u%d", i);
            taken += take(lately, name, second * 1000 + i);
        }
        EXPECT_EQ("as many as it holds", taken, 100);
    }
    weir_lately_destroy(&lately);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_within_its_time),
        cmocka_unit_test(what_did_not_happen_is_forgotten),
        cmocka_unit_test(where_more_come_than_it_holds_the_rest_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
