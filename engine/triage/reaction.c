#include "engine/triage/reaction.h"

#include "engine/base/alloc.h"
#include "engine/text/text.h"

#include <string.h>

#define MOST_BYTES 300 // who writes more tells a story, and a human should read it as a new one

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '\'';
}

// A phrase of a spaced script stands between word edges: "ok" is not in "book".
static bool stands_at(struct weir_span text, size_t at, struct weir_span phrase)
{
    size_t end = at + phrase.length;
    bool starts = at == 0 || !is_letter(phrase.data[0]) || !is_letter(text.data[at - 1]);
    bool ends = end == text.length || !is_letter(phrase.data[phrase.length - 1]) ||
                !is_letter(text.data[end]);
    return starts && ends;
}

static bool contains(struct weir_span text, struct weir_span phrase)
{
    for (size_t at = 0; phrase.length > 0 && at + phrase.length <= text.length; at++) {
        if (memcmp(text.data + at, phrase.data, phrase.length) == 0 &&
            stands_at(text, at, phrase)) {
            return true;
        }
    }
    return false;
}

static bool holds_one(struct weir_span text, const struct weir_span *phrases, size_t count)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer tight = {0};
    for (size_t i = 0; i < count; i++) {
        weir_buffer_clear(&tight);
        weir_text_normalise(WEIR_VIEW_TIGHT, phrases[i], &tight);
        if (contains(text, weir_buffer_span(&tight))) {
            return true;
        }
    }
    return false;
}

static bool says(struct weir_span text, const struct weir_phrases *phrases)
{
    return holds_one(text, phrases->zh, phrases->zh_count) ||
           holds_one(text, phrases->en, phrases->en_count);
}

enum weir_reaction weir_reaction_of(const struct weir_afterwards *afterwards, struct weir_span text,
                                    struct weir_buffer *scratch)
{
    if (text.length > MOST_BYTES) {
        return WEIR_REACTION_NONE;
    }
    weir_buffer_clear(scratch);
    weir_text_normalise(WEIR_VIEW_TIGHT, text, scratch);
    struct weir_span tight = weir_span_trim(weir_buffer_span(scratch));
    bool rates = afterwards->rating.zh.length > 0 || afterwards->rating.en.length > 0;
    if (says(tight, &afterwards->unsatisfied) || (rates && weir_span_is(tight, "2"))) {
        return WEIR_REACTION_UNSATISFIED;
    }
    if (says(tight, &afterwards->satisfied) || (rates && weir_span_is(tight, "1"))) {
        return WEIR_REACTION_SATISFIED;
    }
    return WEIR_REACTION_NONE;
}
