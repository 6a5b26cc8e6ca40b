/**
 * Memory that is there or the process is not, and the habits of owning it.
 *
 * A destroyer takes the address of the owner's pointer, nulls it and accepts NULL; that is the
 * shape that WEIR_AUTO needs. Limits are checked where a size comes from outside, so running out of
 * memory is a broken promise of the machine and ends the process.
 */
#ifndef WEIR_BASE_ALLOC_H
#define WEIR_BASE_ALLOC_H

#include <stddef.h>

/** Calls `destroy(&variable)` when the variable leaves its scope. */
#define WEIR_AUTO(destroy) __attribute__((cleanup(destroy)))

/** Yields a pointer and leaves NULL behind: ownership moves to whoever gets it. */
#define weir_take(pointer)                                                                         \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

/** One zeroed `type` on the heap. */
#define weir_new(type) ((type *)weir_alloc_zeroed(1, sizeof(type)))
/** `count` zeroed `type`s on the heap. */
#define weir_new_array(type, count) ((type *)weir_alloc_zeroed((count), sizeof(type)))

/** Room for `count` things of `size` bytes, all zero. Never NULL; free it with free(). */
void *weir_alloc_zeroed(size_t count, size_t size);

/** As reallocarray(), never NULL. What is new is not cleared. */
void *weir_realloc_array(void *old, size_t count, size_t size);

/** Doubles `*capacity` (from 8) until `needed` fit and moves `old` along. For growing arrays. */
void *weir_grow(void *old, size_t *capacity, size_t needed, size_t size);

/** A C string of its own, for text of ours. */
char *weir_strdup(const char *text);
/** The bytes as a C string of its own, for text that holds no NUL. */
char *weir_strndup(const char *bytes, size_t length);

/** For WEIR_AUTO on plain memory: frees `*(void **)pointer`. */
void weir_free_at(void *pointer);

/** Ends the process with the place of a broken promise of ours. On in release builds too. */
#define weir_assert(promise)                                                                       \
    do {                                                                                           \
        if (__builtin_expect(!(promise), 0)) {                                                     \
            weir_assert_failed(#promise, __FILE__, __LINE__);                                      \
        }                                                                                          \
    } while (0)

_Noreturn void weir_assert_failed(const char *promise, const char *file, int line);

#endif
