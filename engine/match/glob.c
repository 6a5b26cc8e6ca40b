#include "engine/match/glob.h"

#include "engine/base/alloc.h"

// What `*` stands for, and what must not stand beside a word of a spaced script. Blanks and symbols
// end a word; scripts without blanks between words have no edges to ask for.
#define WORD_CHARACTER "[\\p{L}\\p{N}\\p{M}]"
#define SPACED_CHARACTER                                                                           \
    "[^\\P{Xan}\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Bopomofo}\\p{Hangul}\\p{Thai}\\p{Lao}\\p{"    \
    "Khmer}"                                                                                       \
    "\\p{Myanmar}]"

#define LEFT_EDGE  "(?:(?<!" SPACED_CHARACTER ")|(?!" SPACED_CHARACTER "))"
#define RIGHT_EDGE "(?:(?!" SPACED_CHARACTER ")|(?<!" SPACED_CHARACTER "))"

static void add_quoted(struct weir_span literal, struct weir_buffer *out)
{
    for (size_t i = 0; i < literal.length; i++) {
        unsigned char byte = (unsigned char)literal.data[i];
        bool is_symbol = byte < 0x80 && !((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') &&
                         !(byte >= '0' && byte <= '9') && byte > ' ';
        if (is_symbol) {
            weir_buffer_add_byte(out, '\\');
        }
        weir_buffer_add_byte(out, (char)byte);
    }
}

// A run at either end reaches to the end of the word; one inside takes as little as it can.
static void add_run(enum weir_view_kind view, bool at_end, struct weir_buffer *out)
{
    const char *run = view == WEIR_VIEW_SOUND ? "(?:" WORD_CHARACTER "++ )*" : WORD_CHARACTER "*";
    weir_buffer_add_text(out, run);
    weir_buffer_add_text(out, at_end ? "" : "?");
}

static void add_words_with_runs(enum weir_view_kind view, struct weir_span glob, bool *has_literal,
                                struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer piece = {0};
    while (glob.length > 0) {
        size_t length = glob.length;
        struct weir_span word = weir_span_take_until(&glob, '*');
        weir_buffer_clear(&piece);
        weir_text_normalise(view, word, &piece);
        struct weir_span literal = weir_span_trim(weir_buffer_span(&piece));
        add_quoted(literal, out);
        bool syllables = view == WEIR_VIEW_SOUND && literal.length > 0;
        weir_buffer_add_text(out, syllables ? " " : "");
        *has_literal |= literal.length > 0;
        if (word.length < length) {
            add_run(view, glob.length == 0 || !*has_literal, out);
        }
    }
}

bool weir_glob_to_regex(enum weir_view_kind view, struct weir_span glob, struct weir_buffer *out)
{
    struct weir_span trimmed = weir_span_trim(glob);
    bool has_literal = false;
    if (trimmed.length == 0) {
        return false;
    }
    if (view == WEIR_VIEW_SOUND) { // blanks stand around every syllable, the first one too
        weir_buffer_add_text(out, " ");
        add_words_with_runs(view, trimmed, &has_literal, out);
        return has_literal;
    }
    weir_buffer_add_text(out, trimmed.data[0] == '*' ? "" : LEFT_EDGE);
    add_words_with_runs(view, trimmed, &has_literal, out);
    weir_buffer_add_text(out, trimmed.data[trimmed.length - 1] == '*' ? "" : RIGHT_EDGE);
    return has_literal;
}
