// Any bytes as a segment: nothing is read outside of it, what is found stands in it, and writing
// what was found gives a segment that reads the same.

#include "engine/base/alloc.h"
#include "engine/store/spool_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct found {
    struct weir_span segment;
    struct weir_buffer again;
    uint64_t count;
    uint64_t end;
};

static void on_frame(void *user, const struct weir_spool_frame *frame)
{
    struct found *found = user;
    weir_assert(frame->offset >= found->end);
    found->end = frame->offset + WEIR_SPOOL_FRAME_HEAD_BYTES + frame->payload.length;
    weir_assert(found->end <= found->segment.length);
    weir_spool_write_frame(&found->again, frame->kind, frame->position, frame->payload);
    found->count++;
}

static void count_frame(void *user, const struct weir_spool_frame *frame)
{
    uint64_t *count = user;
    (void)frame;
    (*count)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct found found = {.segment = {(const char *)data, size}};
    weir_spool_write_segment_head(&found.again, 1);
    struct weir_spool_scan scan = weir_spool_scan(found.segment, on_frame, &found);
    weir_assert(scan.good_bytes + scan.torn_bytes == size);
    weir_assert(scan.frame_count == found.count);

    uint64_t count = 0;
    scan = weir_spool_scan(weir_buffer_span(&found.again), count_frame, &count);
    weir_assert(count == found.count && scan.damaged == 0 && scan.torn_bytes == 0);
    weir_buffer_fini(&found.again);
    return 0;
}
