/**
 * Finds which of many byte strings occur in a text, in one pass whose cost hardly depends on how
 * many there are.
 *
 * Each literal is filed under the four bytes of it that are rarest in chat. A branch-free loop asks
 * a bitmap about the four bytes at every position of the text; the few positions that pass look
 * into a bucket and compare. Literals of less than four bytes have a map of two bytes beside it.
 */
#ifndef WEIR_MATCH_LITERAL_INDEX_H
#define WEIR_MATCH_LITERAL_INDEX_H

#include "engine/base/span.h"

#define WEIR_LITERAL_MAX_BYTES 65535u

/** Bytes that are read, never believed, behind the end of a text that is scanned. */
#define WEIR_LITERAL_PADDING 16u

struct weir_literal {
    struct weir_span bytes; // not empty, at most WEIR_LITERAL_MAX_BYTES
    uint32_t id;            // the caller's number
};

struct weir_literal_index;

/** Indexes `literals`; copies their bytes. Equal ones are found once each. */
struct weir_literal_index *weir_literal_index_create(const struct weir_literal *literals,
                                                     size_t count);
void weir_literal_index_destroy(struct weir_literal_index **index);

typedef void (*weir_literal_fn)(void *user, uint32_t id, uint32_t start, uint32_t end);

/**
 * Calls `on_literal` for every occurrence of every literal, overlapping ones too, in no order that
 * may be relied on. WEIR_LITERAL_PADDING bytes behind `length` must be readable.
 */
void weir_literal_index_scan(const struct weir_literal_index *index, const char *bytes,
                             uint32_t length, weir_literal_fn on_literal, void *user);

/** Memory it takes, for the benchmarks. */
size_t weir_literal_index_size(const struct weir_literal_index *index);

#endif
