/**
 * How the spool's records stand in a file. Pure: bytes in, frames out; so that a test can tear a
 * segment at every byte and a fuzzer can feed it anything.
 *
 * A segment is a head and then frames. The head of a frame has a checksum of its own, so that a
 * record whose bytes rotted costs that one record: the reader still knows where the next begins.
 */
#ifndef WEIR_STORE_SPOOL_FRAME_H
#define WEIR_STORE_SPOOL_FRAME_H

#include "engine/base/buffer.h"

#define WEIR_SPOOL_SEGMENT_HEAD_BYTES 24u
#define WEIR_SPOOL_FRAME_HEAD_BYTES   24u
/** Longest payload of a frame. */
#define WEIR_SPOOL_FRAME_MAX_BYTES (1u << 20)
/** Kind of the frames that list positions no longer needed, 8 bytes each. Their position is 0. */
#define WEIR_SPOOL_FRAME_RELEASE 255u

/** One whole frame, its checksums proved. The payload is borrowed from the segment. */
struct weir_spool_frame {
    uint8_t kind;
    uint64_t position;
    uint64_t offset; // of the frame's first byte in the segment
    struct weir_span payload;
};

/** What a segment was like. */
struct weir_spool_scan {
    bool has_head;         // false: not one of ours, torn before its head was whole, or rotten
    uint64_t good_bytes;   // up to the end of the last whole frame
    uint64_t torn_bytes;   // behind that: a write that was cut off
    uint64_t damaged;      // places before it where bytes were no frame
    uint64_t frame_count;  // whole ones
    uint64_t max_position; // highest that was ever given out, as far as this segment knows
};

void weir_spool_write_segment_head(struct weir_buffer *out, uint64_t position);
void weir_spool_write_frame(struct weir_buffer *out, uint8_t kind, uint64_t position,
                            struct weir_span payload);

/** Calls `on_frame` for every whole frame, in the order of the file, past what is damaged. */
struct weir_spool_scan
weir_spool_scan(struct weir_span segment,
                void (*on_frame)(void *user, const struct weir_spool_frame *frame), void *user);

/** Reads the frame at `offset`; false where none stands whole. */
bool weir_spool_read_frame(struct weir_span segment, uint64_t offset,
                           struct weir_spool_frame *frame_out);

void weir_spool_put_u64(char bytes[8], uint64_t number);
uint64_t weir_spool_get_u64(const char bytes[8]);

#endif
