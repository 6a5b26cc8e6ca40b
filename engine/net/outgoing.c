#include "engine/net/outgoing.h"

#include "engine/base/alloc.h"

#include <libwebsockets.h>
#include <stdlib.h>

// A frame takes no more messages beyond this, so that the peer can begin to work, and the limit
// that room servers put on a frame (1 MiB) stays far away.
#define FULL_FRAME_BYTES 262144u
// What a spare frame may keep of its memory.
#define SPARE_BYTES (4 * FULL_FRAME_BYTES)

static void free_frame(struct weir_frame_out *frame)
{
    if (frame) {
        weir_buffer_fini(&frame->bytes);
        free(frame);
    }
}

void weir_outgoing_fini(struct weir_outgoing *queue)
{
    while (queue->first) {
        struct weir_frame_out *frame = queue->first;
        queue->first = frame->next;
        free_frame(frame);
    }
    free_frame(queue->spare);
    *queue = (struct weir_outgoing){0};
}

static struct weir_frame_out *add_frame(struct weir_outgoing *queue)
{
    struct weir_frame_out *frame = queue->spare ? queue->spare : weir_new(struct weir_frame_out);
    queue->spare = NULL;
    frame->next = NULL;
    weir_buffer_reserve(&frame->bytes, LWS_PRE);
    frame->bytes.length = LWS_PRE;
    if (queue->last) {
        queue->last->next = frame;
    } else {
        queue->first = frame;
    }
    queue->last = frame;
    return frame;
}

static bool fits_into(const struct weir_frame_out *frame, size_t length)
{
    return frame && frame->may_join &&
           frame->bytes.length - LWS_PRE + 1 + length <= FULL_FRAME_BYTES;
}

void weir_outgoing_add(struct weir_outgoing *queue, struct weir_span message, bool is_binary,
                       bool may_join)
{
    struct weir_frame_out *frame = queue->last;
    if (may_join && fits_into(frame, message.length) && frame->is_binary == is_binary) {
        weir_buffer_add_byte(&frame->bytes, '\n');
        queue->queued_bytes++;
    } else {
        frame = add_frame(queue);
        frame->is_binary = is_binary;
        frame->may_join = may_join;
    }
    weir_buffer_add(&frame->bytes, message);
    queue->queued_bytes += message.length;
}

const struct weir_frame_out *weir_outgoing_peek(const struct weir_outgoing *queue,
                                                unsigned char **payload_out, size_t *length_out)
{
    struct weir_frame_out *frame = queue->first;
    if (frame) {
        *payload_out = (unsigned char *)frame->bytes.data + LWS_PRE;
        *length_out = frame->bytes.length - LWS_PRE;
    }
    return frame;
}

void weir_outgoing_drop(struct weir_outgoing *queue)
{
    struct weir_frame_out *frame = queue->first;
    weir_assert(frame != NULL);
    queue->queued_bytes -= frame->bytes.length - LWS_PRE;
    queue->first = frame->next;
    if (!queue->first) {
        queue->last = NULL;
    }
    if (queue->spare || frame->bytes.capacity > SPARE_BYTES) {
        free_frame(frame);
    } else {
        queue->spare = frame;
    }
}
