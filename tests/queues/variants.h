/** The library with one mistake in it, which the checker must find. */
#ifndef WEIR_TESTS_QUEUES_VARIANTS_H
#define WEIR_TESTS_QUEUES_VARIANTS_H

#include "tests/queues/verify.h"

#include "engine/base/buffer.h"

struct variant {
    const char *name;
    const char *about;
    enum finding finding;   // what it must lead to
    const char *patches[6]; // what stands in queue.lua once, and what instead; in pairs
};

extern const struct variant variants[];
extern const size_t variant_count;

const struct variant *variant_find(const char *name);

/** Makes the mistake in `library`. False, with a sentence on stderr, where its place is not there
 * once. */
bool variant_apply(const struct variant *variant, struct weir_buffer *library);

#endif
