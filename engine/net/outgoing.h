/**
 * What waits to be sent on one connection, in order, laid out as libwebsockets wants to write it.
 * Messages that may share a frame are joined as they come in, so a busy turn leaves in one write.
 */
#ifndef WEIR_NET_OUTGOING_H
#define WEIR_NET_OUTGOING_H

#include "engine/base/buffer.h"

/** One WebSocket frame to be; its first bytes are room for the library's own header. */
struct weir_frame_out {
    struct weir_frame_out *next;
    struct weir_buffer bytes;
    bool is_binary;
    bool may_join;
};

/** Start it as `{0}`. */
struct weir_outgoing {
    struct weir_frame_out *first;
    struct weir_frame_out *last;
    struct weir_frame_out *spare; // an empty one that keeps its memory
    size_t queued_bytes;          // of messages, headers not counted
};

void weir_outgoing_fini(struct weir_outgoing *queue);

/** Copies `message` behind what waits, into its last frame where both may join. */
void weir_outgoing_add(struct weir_outgoing *queue, struct weir_span message, bool is_binary,
                       bool may_join);

/** The frame that leaves next, or NULL. `*payload_out` points behind the room for the header. */
const struct weir_frame_out *weir_outgoing_peek(const struct weir_outgoing *queue,
                                                unsigned char **payload_out, size_t *length_out);
/** Forgets the frame that weir_outgoing_peek() gave. */
void weir_outgoing_drop(struct weir_outgoing *queue);

#endif
