#include "engine/base/buffer.h"

#include "engine/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void weir_buffer_fini(struct weir_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct weir_buffer){0};
}

char *weir_buffer_enlarge(struct weir_buffer *buffer, size_t extra)
{
    buffer->data = weir_grow(buffer->data, &buffer->capacity, buffer->length + extra, 1);
    return buffer->data + buffer->length;
}

void weir_buffer_add_text(struct weir_buffer *buffer, const char *text)
{
    weir_buffer_add(buffer, weir_span_of(text));
}

size_t weir_digits_of(char out[WEIR_DIGITS], uint64_t number)
{
    size_t count = 1;
    for (uint64_t rest = number; rest >= 10; rest /= 10) {
        count++;
    }
    for (size_t i = count; i > 0; i--) {
        out[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    return count;
}

void weir_buffer_add_u64(struct weir_buffer *buffer, uint64_t number)
{
    buffer->length += weir_digits_of(weir_buffer_reserve(buffer, WEIR_DIGITS), number);
}

void weir_buffer_printf(struct weir_buffer *buffer, const char *format, ...)
{
    va_list args;
    size_t room = 128;
    for (;;) {
        char *end = weir_buffer_reserve(buffer, room);
        va_start(args, format);
        int length = vsnprintf(end, room, format, args);
        va_end(args);
        weir_assert(length >= 0);
        if ((size_t)length < room) {
            buffer->length += (size_t)length;
            return;
        }
        room = (size_t)length + 1;
    }
}

void weir_buffer_drop_front(struct weir_buffer *buffer, size_t count)
{
    weir_assert(count <= buffer->length);
    buffer->length -= count;
    if (count > 0 && buffer->length > 0) {
        memmove(buffer->data, buffer->data + count, buffer->length);
    }
}

const char *weir_buffer_text(struct weir_buffer *buffer)
{
    *weir_buffer_reserve(buffer, 1) = '\0';
    return buffer->data;
}
