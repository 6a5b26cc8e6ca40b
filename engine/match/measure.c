// What patterns cost on ordinary chat, before they meet any. Counted in steps of PCRE2, so that the
// same set gets the same answer on every machine and under every load.

#include "engine/base/alloc.h"
#include "engine/match/matcher.h"
#include "engine/match/sample_chat.h"

#define CHARS 400u // none of the sample is longer

size_t weir_matcher_measure(const struct weir_matcher *matcher, struct weir_pattern_cost *costs)
{
    WEIR_AUTO(weir_match_scratch_destroy)
    struct weir_match_scratch *scratch = weir_match_scratch_create();
    WEIR_AUTO(weir_text_destroy) struct weir_text *text = weir_text_create(CHARS);
    weir_match_scratch_count(scratch, costs);
    for (size_t i = 0; i < weir_sample_chat_count; i++) {
        weir_text_set(text, weir_span_of(weir_sample_chat[i]), NULL, 0, false);
        weir_matcher_scan(matcher, scratch, text);
    }
    return weir_sample_chat_count;
}
