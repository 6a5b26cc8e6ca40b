#include "engine/text/views.h"

// How much of a hit was disguised: each character of the original weighs by what a view had to do
// to it, and the sum stands against all of them being disguised wholly.

enum weight {
    WEIGHT_NONE = 0,   // the same, another case, Traditional Han: ordinary ways to write
    WEIGHT_SHAPE = 1,  // full width, circled, an accent: decoration
    WEIGHT_HIDDEN = 4, // invisible characters, look-alikes, separators between letters
};

static enum weight weight_of_removed(uint32_t code_point)
{
    return class_of(code_point) == CLASS_BLANK ? WEIGHT_SHAPE + 1 : WEIGHT_HIDDEN;
}

static uint32_t folded_alone(uint32_t code_point)
{
    uint32_t value = trie_find(&table_fold, code_point);
    return VALUE_KIND(value) == KIND_ONE ? VALUE_PAYLOAD(value) : code_point;
}

static bool is_han(uint32_t code_point)
{
    return class_of(code_point) == CLASS_HAN;
}

static bool is_case_of(uint32_t typed, uint32_t shown)
{
    enum char_class class = class_of(typed);
    bool is_upper = class == CLASS_LATIN_UPPER || class == CLASS_SPACED_UPPER;
    bool is_wide = typed >= 0xff00 || (typed >= 0x2000 && typed < 0x2c00);
    return is_upper && !is_wide && folded_alone(typed) == shown;
}

static enum weight weight_of_read(uint32_t typed, uint32_t shown, bool is_sound)
{
    uint32_t folded = folded_alone(typed);
    if (typed == shown || is_case_of(typed, shown) ||
        (is_han(typed) && (is_sound || is_han(shown)))) {
        return WEIGHT_NONE;
    }
    // A number or letter that sound reads aloud was typed as it is.
    return folded == shown || is_sound ? WEIGHT_SHAPE : WEIGHT_HIDDEN;
}

static uint32_t weigh_removed(const struct weir_view *raw, uint32_t start, uint32_t end)
{
    uint32_t weight = 0;
    for (uint32_t at = start; at < end;) {
        struct character next = character_at(raw->bytes, at);
        weight += weight_of_removed(next.code_point);
        at += next.length;
    }
    return weight;
}

// What the bytes of raw that one character of the view stands for weigh.
static uint32_t weigh_read(const struct weir_view *raw, uint32_t start, uint32_t end,
                           uint32_t shown, bool is_sound)
{
    struct character typed = character_at(raw->bytes, start);
    uint32_t weight = weight_of_read(typed.code_point, shown, is_sound);
    return weight + weigh_removed(raw, start + typed.length, end);
}

uint32_t weir_text_evasion(struct weir_text *text, enum weir_view_kind kind, uint32_t start,
                           uint32_t end)
{
    const struct weir_view *raw = weir_text_view(text, WEIR_VIEW_RAW);
    const struct weir_view *view = weir_text_view(text, kind);
    struct weir_text_range range = weir_text_range_of(text, kind, start, end);
    uint32_t weight = 0;
    uint32_t behind = range.start; // the end of what was weighed
    for (uint32_t at = start; at < end;) {
        struct character shown = character_at(view->bytes, at);
        uint32_t from = view->from[at];
        uint32_t to = view->to[at + shown.length - 1];
        at += shown.length;
        if (from >= behind && from < to) {
            weight += weigh_removed(raw, behind, from);
            weight += weigh_read(raw, from, to, shown.code_point, kind == WEIR_VIEW_SOUND);
            behind = to;
        }
    }
    uint32_t chars = range.end_char - range.start_char;
    uint32_t evasion = chars > 0 ? 100 * weight / (WEIGHT_HIDDEN * chars) : 0;
    if (text->facts.damaged && evasion < 25) {
        evasion = 25; // broken bytes are no accident of a keyboard
    }
    return evasion > 100 ? 100 : evasion;
}
