#include "engine/base/utf8.h"

#include "engine/base/alloc.h"

struct code_range {
    uint32_t first;
    uint32_t last;
};

#include "engine/base/columns.inc"

#define REPLACEMENT "\xef\xbf\xbd"

// What stands at one place of any bytes: a character, or the longest part that no well-formed text
// could continue (Unicode 3.9, "maximal subpart"), which readers replace by one U+FFFD.
struct unit {
    uint32_t code_point;
    uint32_t length;
    bool is_valid;
};

// Only the second byte is restricted by the first (surrogates, overlong, beyond U+10FFFF).
static bool is_second_byte(unsigned char lead, unsigned char byte)
{
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return byte >= low && byte <= high;
}

static struct unit unit_at(const unsigned char *bytes, size_t length)
{
    unsigned char lead = bytes[0];
    if (lead < 0x80) {
        return (struct unit){lead, 1, true};
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return (struct unit){0, 1, false};
    }
    uint32_t wanted = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code_point = lead & (0xffu >> (wanted + 1));
    for (uint32_t i = 1; i < wanted; i++) {
        if (i >= length || (i == 1 ? !is_second_byte(lead, bytes[1]) : (bytes[i] & 0xc0) != 0x80)) {
            return (struct unit){0, i, false};
        }
        code_point = code_point << 6 | (bytes[i] & 0x3fu);
    }
    return (struct unit){code_point, wanted, true};
}

// Most chat is ASCII, or none of it: eight bytes at a time cost next to nothing either way.
static size_t skip_ascii(struct weir_span bytes, size_t at)
{
    while (at + 8 <= bytes.length) {
        uint64_t eight;
        memcpy(&eight, bytes.data + at, 8);
        if (eight & 0x8080808080808080u) {
            break;
        }
        at += 8;
    }
    while (at < bytes.length && (unsigned char)bytes.data[at] < 0x80) {
        at++;
    }
    return at;
}

static bool follows(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

// Characters of three and four bytes whose first allows any second: most Han, Kana and Hangul; and
// emoji.
static size_t skip_long(struct weir_span bytes, size_t at)
{
    const unsigned char *here = (const unsigned char *)bytes.data;
    while (at + 3 <= bytes.length) {
        unsigned char lead = here[at];
        bool is_long = lead >= 0xe1 && lead <= 0xef && lead != 0xed;
        if (is_long && follows(here[at + 1]) && follows(here[at + 2])) {
            at += 3;
        } else if (lead == 0xf0 && here[at + 1] == 0x9f && follows(here[at + 2]) &&
                   at + 4 <= bytes.length && follows(here[at + 3])) {
            at += 4;
        } else {
            break;
        }
    }
    return at;
}

// The end of the well-formed part that starts at `at`.
static size_t valid_until(struct weir_span bytes, size_t at)
{
    at = skip_long(bytes, at);
    while ((at = skip_ascii(bytes, at)) < bytes.length) {
        struct unit unit = unit_at((const unsigned char *)bytes.data + at, bytes.length - at);
        if (!unit.is_valid) {
            break;
        }
        at = skip_long(bytes, at + unit.length);
    }
    return at;
}

bool weir_utf8_is_valid(struct weir_span bytes)
{
    return valid_until(bytes, 0) == bytes.length;
}

uint32_t weir_utf8_next_long(struct weir_span bytes, size_t *at)
{
    weir_assert(*at < bytes.length);
    struct unit unit = unit_at((const unsigned char *)bytes.data + *at, bytes.length - *at);
    weir_assert(unit.is_valid);
    *at += unit.length;
    return unit.code_point;
}

void weir_utf8_add(struct weir_buffer *out, uint32_t code_point)
{
    weir_assert(code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff));
    char *end = weir_buffer_reserve(out, 4);
    if (code_point < 0x80) {
        end[0] = (char)code_point;
        out->length += 1;
    } else if (code_point < 0x800) {
        end[0] = (char)(0xc0 | code_point >> 6);
        end[1] = (char)(0x80 | (code_point & 0x3f));
        out->length += 2;
    } else if (code_point < 0x10000) {
        end[0] = (char)(0xe0 | code_point >> 12);
        end[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        end[2] = (char)(0x80 | (code_point & 0x3f));
        out->length += 3;
    } else {
        end[0] = (char)(0xf0 | code_point >> 18);
        end[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
        end[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
        end[3] = (char)(0x80 | (code_point & 0x3f));
        out->length += 4;
    }
}

size_t weir_utf8_add_repaired(struct weir_buffer *out, struct weir_span bytes)
{
    size_t replaced = 0;
    size_t at = 0;
    while (at < bytes.length) {
        size_t end = valid_until(bytes, at);
        weir_buffer_add(out, weir_span_slice(bytes, at, end));
        if (end < bytes.length) {
            weir_buffer_add(out, WEIR_SPAN(REPLACEMENT));
            replaced++;
            end += unit_at((const unsigned char *)bytes.data + end, bytes.length - end).length;
        }
        at = end;
    }
    return replaced;
}

size_t weir_utf8_count(struct weir_span bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        count += ((unsigned char)bytes.data[i] & 0xc0) != 0x80;
    }
    return count;
}

static bool is_in(const struct code_range *ranges, size_t count, uint32_t code_point)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (code_point > ranges[middle].last) {
            low = middle + 1;
        } else if (code_point < ranges[middle].first) {
            count = middle;
        } else {
            return true;
        }
    }
    return false;
}

static size_t columns_of(uint32_t code_point)
{
    if (code_point < 0x300) {
        return 1;
    }
    if (is_in(no_column, ARRAY_LEN(no_column), code_point)) {
        return 0;
    }
    return is_in(two_columns, ARRAY_LEN(two_columns), code_point) ? 2 : 1;
}

size_t weir_utf8_columns(struct weir_span bytes)
{
    size_t columns = 0;
    for (size_t at = 0; at < bytes.length;) {
        columns += columns_of(weir_utf8_next(bytes, &at));
    }
    return columns;
}
