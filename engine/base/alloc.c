#include "engine/base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must_have(void *memory)
{
    if (!memory) {
        fputs("weir: out of memory\n", stderr);
        abort();
    }
    return memory;
}

// glibc keeps what was freed by a thread at hand for malloc(), but not for calloc() (before 2.41):
// clearing what is small ourselves is several times as quick.
#define SMALL_BYTES 1024u

void *weir_alloc_zeroed(size_t count, size_t size)
{
    size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes <= SMALL_BYTES) {
        return memset(must_have(malloc(bytes ? bytes : 1)), 0, bytes);
    }
    return must_have(calloc(count, size));
}

void *weir_realloc_array(void *old, size_t count, size_t size)
{
    return must_have(reallocarray(old, count ? count : 1, size ? size : 1));
}

void *weir_grow(void *old, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity) {
        return old;
    }
    size_t wanted = *capacity ? *capacity : 8;
    while (wanted < needed) {
        weir_assert(wanted <= SIZE_MAX / 2);
        wanted *= 2;
    }
    *capacity = wanted;
    return weir_realloc_array(old, wanted, size);
}

char *weir_strdup(const char *text)
{
    return must_have(strdup(text));
}

char *weir_strndup(const char *bytes, size_t length)
{
    char *copy = must_have(malloc(length + 1));
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    return copy;
}

void weir_free_at(void *pointer)
{
    void **owner = pointer;
    free(*owner);
    *owner = NULL;
}

void weir_assert_failed(const char *promise, const char *file, int line)
{
    fprintf(stderr, "weir: broken promise at %s:%d: %s\n", file, line, promise);
    abort();
}
