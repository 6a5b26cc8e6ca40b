#include "tests/unit/test.h"

#include "engine/base/lanes.h"

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

static void the_machines_bits_and_plain_ones_agree(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 10000; round++) {
        char bytes[WEIR_LANES];
        uint32_t expected = 0;
        for (uint32_t i = 0; i < WEIR_LANES; i++) {
            bytes[i] = (char)next_random(&random);
            expected |= (uint32_t)((unsigned char)bytes[i] >> 7) << i;
        }
        weir_lanes lanes = weir_lanes_load(bytes);
        EXPECT_EQ("bits", weir_lanes_bits(lanes), expected);
        EXPECT_EQ("bits in words", weir_lanes_bits_in_words(lanes), expected);
    }
    test_end_rows();
}

static void bytes_are_compared_without_a_sign(void **state)
{
    (void)state;
    static const uint8_t limits[][2] = {{'a', 'z'}, {0, 0}, {0x80, 0xff}, {0x7f, 0x80}, {0, 0xff}};
    for (size_t row = 0; row < ARRAY_LEN(limits); row++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            weir_lanes lanes = weir_lanes_of((uint8_t)byte);
            bool is_between = byte >= limits[row][0] && byte <= limits[row][1];
            bool is_first = byte == limits[row][0];
            EXPECT_EQ("between",
                      weir_lanes_bits(weir_lanes_between(lanes, limits[row][0], limits[row][1])),
                      is_between ? 0xffff : 0);
            EXPECT_EQ("are", weir_lanes_bits(weir_lanes_are(lanes, limits[row][0])),
                      is_first ? 0xffff : 0);
        }
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machines_bits_and_plain_ones_agree),
        cmocka_unit_test(bytes_are_compared_without_a_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
