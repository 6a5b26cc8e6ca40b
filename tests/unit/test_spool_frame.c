#include "engine/store/spool_frame.h"
#include "tests/unit/test.h"

#include <stdlib.h>

struct seen {
    size_t count;
    uint64_t positions[64];
    struct weir_buffer text; // all payloads, one after the other
};

static void on_frame(void *user, const struct weir_spool_frame *frame)
{
    struct seen *seen = user;
    if (seen->count < ARRAY_LEN(seen->positions)) {
        seen->positions[seen->count] = frame->position;
    }
    seen->count++;
    weir_buffer_add(&seen->text, frame->payload);
}

static const char *const records[] = {"first", "", "third WRWRWR third", "the last"};

static void write_segment(struct weir_buffer *out, size_t starts[ARRAY_LEN(records) + 1])
{
    weir_spool_write_segment_head(out, 7);
    for (size_t i = 0; i < ARRAY_LEN(records); i++) {
        starts[i] = out->length;
        weir_spool_write_frame(out, 1, 7 + i, weir_span_of(records[i]));
    }
    starts[ARRAY_LEN(records)] = out->length;
}

static void frames_come_back_as_they_were_written(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer segment = {0};
    size_t starts[ARRAY_LEN(records) + 1];
    struct seen seen = {0};
    write_segment(&segment, starts);
    struct weir_spool_scan scan = weir_spool_scan(weir_buffer_span(&segment), on_frame, &seen);
    EXPECT_EQ("frames", scan.frame_count, 4);
    EXPECT_EQ("torn", scan.torn_bytes, 0);
    EXPECT_EQ("damaged", scan.damaged, 0);
    EXPECT_EQ("head", scan.has_head, true);
    EXPECT_EQ("highest", scan.max_position, 10);
    EXPECT_TEXT("payloads", weir_buffer_span(&seen.text), "firstthird WRWRWR thirdthe last");
    weir_buffer_fini(&seen.text);
    test_end_rows();
}

static void a_segment_torn_anywhere_keeps_its_whole_frames(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer segment = {0};
    size_t starts[ARRAY_LEN(records) + 1];
    write_segment(&segment, starts);
    for (size_t length = 0; length <= segment.length; length++) {
        // A copy of its exact size: the sanitizer sees a read past the end.
        char *torn = weir_strndup(segment.data, length);
        torn = weir_realloc_array(torn, length, 1);
        struct seen seen = {0};
        size_t whole = 0;
        while (whole < ARRAY_LEN(records) && starts[whole + 1] <= length) {
            whole++;
        }
        struct weir_spool_scan scan =
            weir_spool_scan((struct weir_span){torn, length}, on_frame, &seen);
        EXPECT_EQ("whole frames", seen.count, whole);
        EXPECT_EQ("all bytes accounted for", scan.good_bytes + scan.torn_bytes, length);
        EXPECT_EQ("damaged", scan.damaged, 0);
        weir_buffer_fini(&seen.text);
        free(torn);
    }
    test_end_rows();
}

static void a_flipped_bit_costs_one_record_at_most(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer segment = {0};
    size_t starts[ARRAY_LEN(records) + 1];
    write_segment(&segment, starts);
    for (size_t bit = 0; bit < segment.length * 8; bit++) {
        struct seen seen = {0};
        segment.data[bit / 8] ^= (char)(1 << (bit % 8));
        struct weir_spool_scan scan = weir_spool_scan(weir_buffer_span(&segment), on_frame, &seen);
        segment.data[bit / 8] ^= (char)(1 << (bit % 8));
        bool in_head = bit / 8 < WEIR_SPOOL_SEGMENT_HEAD_BYTES;
        bool in_last = bit / 8 >= starts[3];
        EXPECT_EQ("records left", seen.count, in_head ? 4 : 3);
        EXPECT_EQ("damaged", scan.damaged, in_last ? 0 : 1);
        EXPECT_EQ("torn", scan.torn_bytes > 0, in_last);
        weir_buffer_fini(&seen.text);
    }
    test_end_rows();
}

static void releases_count_for_the_highest_position(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer segment = {0};
    struct seen seen = {0};
    char list[8];
    weir_spool_put_u64(list, 99);
    weir_spool_write_segment_head(&segment, 7);
    weir_spool_write_frame(&segment, WEIR_SPOOL_FRAME_RELEASE, 0, (struct weir_span){list, 8});
    struct weir_spool_scan scan = weir_spool_scan(weir_buffer_span(&segment), on_frame, &seen);
    EXPECT_EQ("highest", scan.max_position, 99);
    weir_buffer_fini(&seen.text);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_as_they_were_written),
        cmocka_unit_test(a_segment_torn_anywhere_keeps_its_whole_frames),
        cmocka_unit_test(a_flipped_bit_costs_one_record_at_most),
        cmocka_unit_test(releases_count_for_the_highest_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
