/** Redis's protocol, as much as a client of the checker needs: requests, and whole replies as a
 * list. */
#ifndef WEIR_TESTS_QUEUES_RESP_H
#define WEIR_TESTS_QUEUES_RESP_H

#include "engine/base/buffer.h"

/** Begins a request of `count` words; add each by resp_word(). */
void resp_begin(struct weir_buffer *out, size_t count);
void resp_word(struct weir_buffer *out, struct weir_span word);

/** A value of a reply. An array's elements follow it; `next` is the place behind all of it. */
struct resp_value {
    char kind;      // + - : $ * as on the wire; 0 = nil
    int64_t number; // an integer, or how many elements
    struct weir_span text;
    size_t next;
};

/** Start it as `{0}`. Texts point into what was read. */
struct resp_reply {
    struct resp_value *values;
    size_t count;
    size_t capacity;
};

void resp_reply_fini(struct resp_reply *reply);

enum resp_state { RESP_WHOLE, RESP_HALF, RESP_BROKEN };

/** Reads one reply at the front of `bytes`; `*used_out` is its length where it is whole. */
enum resp_state resp_read(struct weir_span bytes, struct resp_reply *reply, size_t *used_out);

/**
 * The text behind the word `name` in a flat list of names and values at `at`, whose first name
 * stands behind `skip` elements; empty where there is none.
 */
struct weir_span resp_field(const struct resp_reply *reply, size_t at, size_t skip,
                            const char *name);

#endif
