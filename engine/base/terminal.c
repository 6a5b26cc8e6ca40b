#include "engine/base/terminal.h"

#include "engine/base/utf8.h"

#define CONTROL_PICTURES 0x2400u
#define REPLACEMENT      0xfffdu

// Line and paragraph separators, and what turns the direction of text around.
static bool moves_the_line(uint32_t code_point)
{
    return (code_point >= 0x2028 && code_point <= 0x202e) ||
           (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0x200e ||
           code_point == 0x200f || code_point == 0x061c;
}

static uint32_t shown_as(uint32_t code_point)
{
    if (code_point < 0x20) {
        return CONTROL_PICTURES + code_point;
    }
    bool is_upper_control = code_point >= 0x7f && code_point < 0xa0;
    return is_upper_control || moves_the_line(code_point) ? REPLACEMENT : code_point;
}

void weir_terminal_add(struct weir_buffer *out, struct weir_span text)
{
    for (size_t at = 0; at < text.length;) {
        weir_utf8_add(out, shown_as(weir_utf8_next(text, &at)));
    }
}

void weir_terminal_add_cut(struct weir_buffer *out, struct weir_span text, size_t columns)
{
    struct weir_buffer shown = {0};
    weir_terminal_add(&shown, text);
    size_t used = 0;
    for (size_t at = 0; at < shown.length;) {
        size_t start = at;
        weir_utf8_next(weir_buffer_span(&shown), &at);
        struct weir_span character = weir_span_slice(weir_buffer_span(&shown), start, at);
        used += weir_utf8_columns(character);
        if (used > columns) {
            weir_buffer_add_text(out, "...");
            break;
        }
        weir_buffer_add(out, character);
    }
    weir_buffer_fini(&shown);
}

void weir_terminal_add_padded(struct weir_buffer *out, struct weir_span text, size_t columns)
{
    size_t used = 0;
    for (size_t at = 0; at < text.length;) {
        size_t start = at;
        weir_utf8_next(text, &at);
        struct weir_span character = weir_span_slice(text, start, at);
        size_t width = weir_utf8_columns(character);
        if (used + width > columns) {
            break;
        }
        weir_buffer_add(out, character);
        used += width;
    }
    for (; used < columns; used++) {
        weir_buffer_add_byte(out, ' ');
    }
}
