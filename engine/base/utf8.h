/** UTF-8: check, walk, replace. */
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include "engine/base/buffer.h"

/** True when all of it is well-formed UTF-8 (no surrogates, nothing overlong). */
bool weir_utf8_is_valid(struct weir_span bytes);

/** What weir_utf8_next() does with a character of more than one byte. */
uint32_t weir_utf8_next_long(struct weir_span bytes, size_t *at);

/** The code point at `*at` of valid UTF-8; moves `*at` behind it. */
static inline uint32_t weir_utf8_next(struct weir_span bytes, size_t *at)
{
    if (*at < bytes.length && (signed char)bytes.data[*at] >= 0) {
        return (uint32_t)bytes.data[(*at)++];
    }
    return weir_utf8_next_long(bytes, at);
}

/** Adds a code point. */
void weir_utf8_add(struct weir_buffer *out, uint32_t code_point);

/** Adds `bytes` with each maximal ill-formed part as one U+FFFD; returns how many there were. */
size_t weir_utf8_add_repaired(struct weir_buffer *out, struct weir_span bytes);

/** Characters in valid UTF-8. */
size_t weir_utf8_count(struct weir_span bytes);

/** Columns that valid UTF-8 takes in a terminal: wide characters two, marks none. */
size_t weir_utf8_columns(struct weir_span bytes);

#endif
