/** Bytes that grow. */
#ifndef WEIR_BASE_BUFFER_H
#define WEIR_BASE_BUFFER_H

#include "engine/base/span.h"

/** Start it as `{0}`; empty it with weir_buffer_fini(). `data` moves when it grows. */
struct weir_buffer {
    char *data;
    size_t length;
    size_t capacity;
};

/** Frees what it holds and makes it `{0}` again. */
void weir_buffer_fini(struct weir_buffer *buffer);

/** Forgets the content, keeps the memory. */
static inline void weir_buffer_clear(struct weir_buffer *buffer)
{
    buffer->length = 0;
}

static inline struct weir_span weir_buffer_span(const struct weir_buffer *buffer)
{
    return (struct weir_span){buffer->data, buffer->length};
}

/** The rare half of weir_buffer_reserve(). */
char *weir_buffer_enlarge(struct weir_buffer *buffer, size_t extra);

/** Makes room for `extra` more bytes and returns where they go; add to `length` what was written.
 */
static inline char *weir_buffer_reserve(struct weir_buffer *buffer, size_t extra)
{
    if (__builtin_expect(extra > buffer->capacity - buffer->length || !buffer->data, 0)) {
        return weir_buffer_enlarge(buffer, extra);
    }
    return buffer->data + buffer->length;
}

static inline void weir_buffer_add(struct weir_buffer *buffer, struct weir_span bytes)
{
    if (bytes.length > 0) {
        memcpy(weir_buffer_reserve(buffer, bytes.length), bytes.data, bytes.length);
        buffer->length += bytes.length;
    }
}

static inline void weir_buffer_add_byte(struct weir_buffer *buffer, char byte)
{
    *weir_buffer_reserve(buffer, 1) = byte;
    buffer->length++;
}

/** Most digits of a number. */
#define WEIR_DIGITS 20

/** Writes a number in decimal, no NUL behind; returns how many digits it has. */
size_t weir_digits_of(char out[WEIR_DIGITS], uint64_t number);

void weir_buffer_add_text(struct weir_buffer *buffer, const char *text);
void weir_buffer_add_u64(struct weir_buffer *buffer, uint64_t number);
__attribute__((format(printf, 2, 3))) void weir_buffer_printf(struct weir_buffer *buffer,
                                                              const char *format, ...);

/** Removes the first `count` bytes. */
void weir_buffer_drop_front(struct weir_buffer *buffer, size_t count);

/** The content as a C string (a NUL is kept behind it, outside `length`). */
const char *weir_buffer_text(struct weir_buffer *buffer);

#endif
