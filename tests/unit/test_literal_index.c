#include "tests/unit/test.h"

#include "engine/match/literal_index.h"

#include <stdlib.h>

#define LITERALS_MOST 400

static uint64_t random_state = 0x2545F4914F6CDD1Du;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state % limit);
}

struct sum {
    uint64_t hash;
    uint32_t count;
};

static void add_occurrence(void *user, uint32_t id, uint32_t start, uint32_t end)
{
    struct sum *sum = user;
    sum->hash += (id * 1000003ull + start * 31ull + end) * 0x9E3779B97F4A7C15u;
    sum->count++;
}

static struct sum found_by_index(const struct weir_literal *literals, size_t count,
                                 const char *text, uint32_t length)
{
    struct sum sum = {0};
    struct weir_literal_index *index = weir_literal_index_create(literals, count);
    // Its exact size and the promised padding, so that the sanitizer sees a read too far.
    char *copy = malloc(length + WEIR_LITERAL_PADDING);
    memcpy(copy, text, length);
    memset(copy + length, 'a', WEIR_LITERAL_PADDING);
    weir_literal_index_scan(index, copy, length, add_occurrence, &sum);
    free(copy);
    weir_literal_index_destroy(&index);
    return sum;
}

static struct sum found_one_by_one(const struct weir_literal *literals, size_t count,
                                   const char *text, uint32_t length)
{
    struct sum sum = {0};
    for (size_t i = 0; i < count; i++) {
        struct weir_span bytes = literals[i].bytes;
        for (uint32_t at = 0; at + bytes.length <= length; at++) {
            if (memcmp(text + at, bytes.data, bytes.length) == 0) {
                add_occurrence(&sum, literals[i].id, at, at + (uint32_t)bytes.length);
            }
        }
    }
    return sum;
}

static void random_literals_are_found_where_memcmp_finds_them(void **state)
{
    (void)state;
    static const char alphabet[] = "ab\xE4\xBD\xA0"
                                   "c";
    char text[700];
    char bytes[LITERALS_MOST][12];
    struct weir_literal literals[LITERALS_MOST];
    for (uint32_t round = 0; round < 300; round++) {
        uint32_t letters = 2 + random_below(5);
        uint32_t count = 1 + random_below(round % 10 == 0 ? LITERALS_MOST : 20);
        uint32_t length = random_below(sizeof(text));
        for (uint32_t i = 0; i < length; i++) {
            text[i] = alphabet[random_below(letters)];
        }
        for (uint32_t i = 0; i < count; i++) {
            uint32_t size = 1 + random_below(sizeof(bytes[i]));
            for (uint32_t j = 0; j < size; j++) {
                bytes[i][j] = alphabet[random_below(letters)];
            }
            literals[i] = (struct weir_literal){{bytes[i], size}, i};
        }
        struct sum found = found_by_index(literals, count, text, length);
        struct sum expected = found_one_by_one(literals, count, text, length);
        EXPECT_EQ("count", found.count, expected.count);
        EXPECT_EQ("which and where", found.hash, expected.hash);
    }
    test_end_rows();
}

static const struct {
    const char *name;
    const char *literal;
    const char *text;
    uint32_t expected;
} rows[] = {
    {"one byte", "a", "banana", 3},
    {"one byte at the very end", "z", "xyz", 1},
    {"two bytes at the very end", "yz", "xyz", 1},
    {"a literal as long as the text", "xyz", "xyz", 1},
    {"a literal longer than the text", "xyzaa", "xyz", 0},
    {"what stands behind the text is not part of it", "za", "xyz", 0},
    {"Han", "代练", "找代练加我，代练", 2},
    {"overlapping", "aaaa", "aaaaaa", 3},
    {"eight bytes", "12345678", "x12345678x", 1},
    {"nine bytes, the last differs", "123456789", "123456780", 0},
    {"empty text", "a", "", 0},
};

static void edges_of_texts_and_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct weir_literal literal = {weir_span_of(rows[i].literal), 0};
        struct sum found =
            found_by_index(&literal, 1, rows[i].text, (uint32_t)strlen(rows[i].text));
        EXPECT_EQ(rows[i].name, found.count, rows[i].expected);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_literals_are_found_where_memcmp_finds_them),
        cmocka_unit_test(edges_of_texts_and_literals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
