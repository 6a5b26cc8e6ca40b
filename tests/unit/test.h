/** What every unit test needs: cmocka behind the headers that it wants first, and soft
 * expectations. */
#ifndef WEIR_TESTS_UNIT_TEST_H
#define WEIR_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/base/alloc.h"
#include "engine/base/buffer.h"

#include <inttypes.h>
#include <stdio.h>

// Soft expectations: they name the row, go on, and fail the test at its end by test_end_rows().
static int failed_rows_;

#define EXPECT(name, condition)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            failed_rows_++;                                                                        \
            fprintf(stderr, "%s:%d: [%s] expected %s\n", __FILE__, __LINE__, (name), #condition);  \
        }                                                                                          \
    } while (0)

#define EXPECT_EQ(name, found, expected)                                                           \
    do {                                                                                           \
        intmax_t found_ = (intmax_t)(found);                                                       \
        intmax_t expected_ = (intmax_t)(expected);                                                 \
        if (found_ != expected_) {                                                                 \
            failed_rows_++;                                                                        \
            fprintf(stderr, "%s:%d: [%s] %s: expected %jd, found %jd\n", __FILE__, __LINE__,       \
                    (name), #found, expected_, found_);                                            \
        }                                                                                          \
    } while (0)

#define EXPECT_TEXT(name, found, expected)                                                         \
    do {                                                                                           \
        struct weir_span found_ = (found);                                                         \
        struct weir_span expected_ = weir_span_of(expected);                                       \
        if (!weir_span_equals(found_, expected_)) {                                                \
            failed_rows_++;                                                                        \
            fprintf(stderr, "%s:%d: [%s] expected '%.*s', found '%.*s'\n", __FILE__, __LINE__,     \
                    (name), WEIR_SPAN_ARGS(expected_), WEIR_SPAN_ARGS(found_));                    \
        }                                                                                          \
    } while (0)

/** The last line of a test that uses EXPECT. */
static inline void test_end_rows(void)
{
    int failed = failed_rows_;
    failed_rows_ = 0;
    assert_int_equal(failed, 0);
}

#endif
