// Lines up to an empty one are regexes, the lines behind it texts. The matcher must find in each
// text what plain PCRE2 finds, one pattern at a time. The first byte chooses the view.

#include "tests/differential.h"

#define PATTERNS_MOST 24u
#define TEXTS_MOST    8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096) {
        return 0;
    }
    struct weir_span rest = {(const char *)data + 1, size - 1};
    struct differential differential;
    differential_init(&differential, data[0] & 1 ? WEIR_VIEW_RAW : WEIR_VIEW_FOLD);
    for (uint32_t i = 0; i < PATTERNS_MOST && rest.length > 0; i++) {
        struct weir_span pattern = weir_span_take_until(&rest, '\n');
        if (pattern.length == 0) {
            break;
        }
        differential_add(&differential, pattern);
    }
    differential_build(&differential);
    for (uint32_t i = 0; i < TEXTS_MOST && rest.length > 0; i++) {
        differential_check(&differential, weir_span_take_until(&rest, '\n'));
    }
    weir_assert(differential.differences == 0);
    differential_fini(&differential);
    return 0;
}
