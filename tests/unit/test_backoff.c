#include "tests/unit/test.h"

#include "engine/stream/backoff.h"

static void the_wait_doubles_up_to_a_minute(void **state)
{
    (void)state;
    static const int64_t limits_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
    struct weir_backoff backoff = {0};
    for (size_t i = 0; i < ARRAY_LEN(limits_ms); i++) {
        uint64_t almost_all = (uint64_t)limits_ms[i] - 1;
        EXPECT_EQ("longest", weir_backoff_down(&backoff, 0, almost_all), limits_ms[i] - 1);
    }
    EXPECT_EQ("any time up to it", weir_backoff_down(&backoff, 0, 60000), 0);
    test_end_rows();
}

static void a_minute_of_health_starts_over(void **state)
{
    (void)state;
    struct weir_backoff backoff = {0};
    for (int i = 0; i < 9; i++) {
        weir_backoff_down(&backoff, 1000, 0);
    }
    weir_backoff_up(&backoff, 1000);
    EXPECT_EQ("lost too soon", weir_backoff_down(&backoff, 60999, 59999), 59999);
    weir_backoff_up(&backoff, 100000);
    EXPECT_EQ("healthy", weir_backoff_down(&backoff, 160000, 59999), 59999 % 1000);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wait_doubles_up_to_a_minute),
        cmocka_unit_test(a_minute_of_health_starts_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
