#include "engine/text/views.h"

// U+202E shows everything up to U+202C, whatever its script, from right to left: a word typed
// backwards behind it is read forwards. Overrides inside overrides are not looked at.

static const char override_mark[] = {(char)0xe2, (char)0x80, (char)0xae, '\0'}; // U+202E
static const char pop_mark[] = {(char)0xe2, (char)0x80, (char)0xac, '\0'};      // U+202C

static uint32_t find_mark(const struct weir_text *text, const char *mark, uint32_t at)
{
    const char *raw = text->raw.data;
    const char *found = memmem(raw + at, text->raw.length - at, mark, strlen(mark));
    return found ? (uint32_t)(found - raw) : (uint32_t)text->raw.length;
}

// The end of what stands for raw up to `place`.
static uint32_t skip_to(const struct weir_view *in, uint32_t at, uint32_t place)
{
    while (at < in->length && in->from[at] < place) {
        at++;
    }
    return at;
}

static void copy_backwards(struct view_space *out, const struct weir_view *in, uint32_t start,
                           uint32_t end)
{
    while (end > start) {
        uint32_t last = end;
        do {
            last--;
        } while (last > start && (in->bytes[last] & 0xc0) == 0x80);
        space_copy(out, in, last, end);
        end = last;
    }
}

struct weir_view turn_back(struct weir_text *text, const struct weir_view *in)
{
    struct view_space *out = &text->turned;
    out->length = 0;
    uint32_t at = 0;
    for (uint32_t place = 0; at < in->length;) {
        uint32_t start = find_mark(text, override_mark, place);
        place = find_mark(text, pop_mark, start);
        uint32_t first = skip_to(in, at, start);
        uint32_t last = skip_to(in, first, place);
        space_copy(out, in, at, first);
        copy_backwards(out, in, first, last);
        at = last;
    }
    return space_view(out, (uint32_t)text->raw.length);
}
