// Reading any pattern must not read past its end, recurse without bound or hang; and whatever PCRE2
// accepts and then matches, in a text made of the pattern itself, must have what was required of
// it.

#include "engine/base/utf8.h"
#include "engine/match/regex.h"
#include "engine/match/required.h"

#include "engine/base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool contains(struct weir_span text, struct weir_span part)
{
    return memmem(text.data, text.length, part.data, part.length) != NULL;
}

static void expect_a_literal(const struct regex_required *required, struct weir_span text)
{
    bool has_one = required->literal_count == 0;
    for (uint32_t i = 0; i < required->literal_count && !has_one; i++) {
        has_one = contains(text, required->literals[i]);
    }
    weir_assert(has_one);
    weir_assert(required->least_chars <= weir_utf8_count(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_span pattern = {(const char *)data, size};
    if (size > 2000 || !weir_utf8_is_valid(pattern)) {
        return 0;
    }
    struct weir_arena arena = {0};
    struct regex_syntax syntax;
    struct regex_required required;
    weir_regex_read(pattern, true, &arena, &syntax);
    weir_regex_require(&syntax, &arena, &required);
    weir_regex_read(pattern, false, &arena, &syntax);
    weir_regex_require(&syntax, &arena, &required);
    struct weir_regex_error error;
    struct weir_regex *regex = syntax.refused ? NULL : weir_regex_create(pattern, false, &error);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    struct weir_regex_match match;
    if (regex && weir_regex_find(regex, scratch, pattern, 0, &match) == WEIR_REGEX_HIT) {
        expect_a_literal(&required, pattern);
    }
    weir_regex_scratch_destroy(&scratch);
    weir_regex_destroy(&regex);
    weir_arena_fini(&arena);
    return 0;
}
