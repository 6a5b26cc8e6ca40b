#include "engine/store/spool_frame.h"

#include "engine/base/alloc.h"

#include <zlib.h>

// All numbers are little endian.
//
//   segment head  8 bytes magic, u64 the position that the next record would have had,
//                 u32 zero, u32 crc of the 20 bytes before it
//   frame head    u16 magic, u8 kind, u8 zero, u32 length, u64 position, u32 crc of the payload,
//                 u32 crc of the 20 bytes of the head before it
//
// A payload is JSON of ours, which holds no NUL, so nothing that a viewer typed can look like the
// head of a frame when the reader searches for the next one behind damage.

#define FRAME_MAGIC 0x5257u

static const char segment_magic[8] = {'w', 'e', 'i', 'r', 's', 'p', 'l', '1'};

static void put_u32(char *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++) {
        bytes[i] = (char)(number >> (8 * i));
    }
}

static uint32_t get_u32(const char *bytes)
{
    uint32_t number = 0;
    for (int i = 3; i >= 0; i--) {
        number = number << 8 | (uint8_t)bytes[i];
    }
    return number;
}

void weir_spool_put_u64(char bytes[8], uint64_t number)
{
    put_u32(bytes, (uint32_t)number);
    put_u32(bytes + 4, (uint32_t)(number >> 32));
}

uint64_t weir_spool_get_u64(const char bytes[8])
{
    return get_u32(bytes) | (uint64_t)get_u32(bytes + 4) << 32;
}

static uint32_t checksum(const char *bytes, size_t length)
{
    return (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)bytes, (uInt)length);
}

void weir_spool_write_segment_head(struct weir_buffer *out, uint64_t position)
{
    char head[WEIR_SPOOL_SEGMENT_HEAD_BYTES] = {0};
    memcpy(head, segment_magic, sizeof(segment_magic));
    weir_spool_put_u64(head + 8, position);
    put_u32(head + 20, checksum(head, 20));
    weir_buffer_add(out, (struct weir_span){head, sizeof(head)});
}

void weir_spool_write_frame(struct weir_buffer *out, uint8_t kind, uint64_t position,
                            struct weir_span payload)
{
    char head[WEIR_SPOOL_FRAME_HEAD_BYTES];
    put_u32(head, FRAME_MAGIC | (uint32_t)kind << 16);
    put_u32(head + 4, (uint32_t)payload.length);
    weir_spool_put_u64(head + 8, position);
    put_u32(head + 16, checksum(payload.length ? payload.data : "", payload.length));
    put_u32(head + 20, checksum(head, 20));
    weir_buffer_add(out, (struct weir_span){head, sizeof(head)});
    weir_buffer_add(out, payload);
}

static bool has_frame_head(struct weir_span segment, uint64_t offset)
{
    if (offset > segment.length || segment.length - offset < WEIR_SPOOL_FRAME_HEAD_BYTES) {
        return false;
    }
    const char *head = segment.data + offset;
    return (get_u32(head) & 0xff00ffffu) == FRAME_MAGIC && get_u32(head + 20) == checksum(head, 20);
}

bool weir_spool_read_frame(struct weir_span segment, uint64_t offset,
                           struct weir_spool_frame *frame_out)
{
    if (!has_frame_head(segment, offset)) {
        return false;
    }
    const char *head = segment.data + offset;
    uint64_t start = offset + WEIR_SPOOL_FRAME_HEAD_BYTES;
    uint32_t length = get_u32(head + 4);
    if (length > WEIR_SPOOL_FRAME_MAX_BYTES || length > segment.length - start) {
        return false;
    }
    *frame_out = (struct weir_spool_frame){
        .kind = (uint8_t)head[2],
        .position = weir_spool_get_u64(head + 8),
        .offset = offset,
        .payload = weir_span_slice(segment, start, start + length),
    };
    return checksum(segment.data + start, length) == get_u32(head + 16);
}

// Behind bytes that are no frame: where the next one starts, or the end of the segment.
static uint64_t find_next_frame(struct weir_span segment, uint64_t offset)
{
    struct weir_spool_frame frame;
    for (; offset < segment.length; offset++) {
        const char *found =
            memchr(segment.data + offset, FRAME_MAGIC & 0xff, segment.length - (size_t)offset);
        if (!found) {
            break;
        }
        offset = (uint64_t)(found - segment.data);
        if (weir_spool_read_frame(segment, offset, &frame)) {
            return offset;
        }
    }
    return segment.length;
}

static void note_position(struct weir_spool_scan *scan, uint64_t position)
{
    if (position > scan->max_position) {
        scan->max_position = position;
    }
}

static void note_frame(struct weir_spool_scan *scan, const struct weir_spool_frame *frame)
{
    scan->frame_count++;
    note_position(scan, frame->position);
    if (frame->kind != WEIR_SPOOL_FRAME_RELEASE) {
        return;
    }
    for (size_t at = 0; at + 8 <= frame->payload.length; at += 8) {
        note_position(scan, weir_spool_get_u64(frame->payload.data + at));
    }
}

// A head that is torn or rotten costs nothing but itself: the frames behind it are searched for.
static void read_segment_head(struct weir_span segment, struct weir_spool_scan *scan)
{
    if (segment.length < WEIR_SPOOL_SEGMENT_HEAD_BYTES ||
        memcmp(segment.data, segment_magic, sizeof(segment_magic)) != 0 ||
        get_u32(segment.data + 20) != checksum(segment.data, 20)) {
        return;
    }
    scan->has_head = true;
    scan->max_position = weir_spool_get_u64(segment.data + 8) - 1;
    scan->good_bytes = WEIR_SPOOL_SEGMENT_HEAD_BYTES;
}

struct weir_spool_scan
weir_spool_scan(struct weir_span segment,
                void (*on_frame)(void *user, const struct weir_spool_frame *frame), void *user)
{
    struct weir_spool_scan scan = {0};
    read_segment_head(segment, &scan);
    while (scan.good_bytes < segment.length) {
        struct weir_spool_frame frame;
        uint64_t offset = scan.good_bytes;
        if (!weir_spool_read_frame(segment, offset, &frame)) {
            offset = find_next_frame(segment, offset + 1);
            if (offset == segment.length) {
                break;
            }
            scan.damaged++;
            weir_assert(weir_spool_read_frame(segment, offset, &frame));
        }
        scan.good_bytes = offset + WEIR_SPOOL_FRAME_HEAD_BYTES + frame.payload.length;
        note_frame(&scan, &frame);
        on_frame(user, &frame);
    }
    scan.torn_bytes = segment.length - scan.good_bytes;
    return scan;
}
