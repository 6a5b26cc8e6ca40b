#include "engine/match/glob.h"

#include "engine/base/alloc.h"

// What `*` stands for, and what must not stand beside a word of a spaced script. Blanks and symbols
// end a word; scripts without blanks between words have no edges to ask for.
#define WORD_CHARACTER "[\\p{L}\\p{N}\\p{M}]"
#define SPACED_CHARACTER                                                                           \
    "[^\\P{Xan}\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Bopomofo}\\p{Thai}\\p{Lao}\\p{Khmer}"         \
    "\\p{Myanmar}]"

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
static void add_run(bool at_end, struct weir_buffer *out)
{
    weir_buffer_add_text(out, at_end ? WORD_CHARACTER "*" : WORD_CHARACTER "*?");
}

bool weir_glob_to_regex(enum weir_view_kind view, struct weir_span glob, struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer piece = {0};
    struct weir_span rest = weir_span_trim(glob);
    bool has_literal = false;
    bool begins_open = rest.length > 0 && rest.data[0] == '*';
    bool ends_open = rest.length > 0 && rest.data[rest.length - 1] == '*';
    if (!begins_open) {
        weir_buffer_add_text(out, "(?:(?<!" SPACED_CHARACTER ")|(?!" SPACED_CHARACTER "))");
    }
    while (rest.length > 0) {
        struct weir_span before = rest;
        struct weir_span word = weir_span_take_until(&rest, '*');
        bool star = word.length < before.length;
        weir_buffer_clear(&piece);
        weir_text_normalise(view, word, &piece);
        add_quoted(weir_buffer_span(&piece), out);
        has_literal |= piece.length > 0;
        if (star) {
            add_run(rest.length == 0 || !has_literal, out);
        }
    }
    if (!ends_open) {
        weir_buffer_add_text(out, "(?:(?!" SPACED_CHARACTER ")|(?<!" SPACED_CHARACTER "))");
    }
    return has_literal;
}
