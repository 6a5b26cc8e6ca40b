#include "engine/match/edges.h"

// How a character behaves at a word's edge.
enum edge_class {
    EDGE_OPEN,   // blanks, symbols, emoji: words end here
    EDGE_FREE,   // scripts without blanks between words: no edge is written, so none is asked for
    EDGE_LETTER, // scripts with blanks between words
    EDGE_DIGIT,
};

struct class_range {
    uint32_t first;
    uint32_t last;
    enum edge_class class;
};

// What is not listed is open. Hangul is free: Korean writes particles and suffixes onto its words.
// Coarse on purpose: a symbol inside a block of letters does no harm.
static const struct class_range ranges[] = {
    {0x00AA, 0x00AA, EDGE_LETTER},   {0x00B5, 0x00B5, EDGE_LETTER},
    {0x00BA, 0x00BA, EDGE_LETTER},   {0x00C0, 0x00D6, EDGE_LETTER},
    {0x00D8, 0x00F6, EDGE_LETTER},   {0x00F8, 0x02C1, EDGE_LETTER},
    {0x0300, 0x0374, EDGE_LETTER},   {0x0376, 0x037D, EDGE_LETTER},
    {0x037F, 0x0383, EDGE_LETTER},   {0x0386, 0x0386, EDGE_LETTER},
    {0x0388, 0x0481, EDGE_LETTER},   {0x0483, 0x0559, EDGE_LETTER},
    {0x0560, 0x0588, EDGE_LETTER},   {0x0591, 0x05BD, EDGE_LETTER},
    {0x05D0, 0x05F2, EDGE_LETTER},   {0x0610, 0x061A, EDGE_LETTER},
    {0x0620, 0x065F, EDGE_LETTER},   {0x0660, 0x0669, EDGE_DIGIT},
    {0x066E, 0x06D3, EDGE_LETTER},   {0x06D5, 0x06DC, EDGE_LETTER},
    {0x06DF, 0x06E8, EDGE_LETTER},   {0x06EA, 0x06EF, EDGE_LETTER},
    {0x06F0, 0x06F9, EDGE_DIGIT},    {0x06FA, 0x06FC, EDGE_LETTER},
    {0x0710, 0x07F5, EDGE_LETTER},   {0x0800, 0x0963, EDGE_LETTER},
    {0x0966, 0x096F, EDGE_DIGIT},    {0x0971, 0x0DF3, EDGE_LETTER},
    {0x0E01, 0x0E3A, EDGE_FREE},     {0x0E40, 0x0E4E, EDGE_FREE},
    {0x0E50, 0x0E59, EDGE_DIGIT},    {0x0E81, 0x0EDF, EDGE_FREE},
    {0x0F00, 0x0FBC, EDGE_FREE},     {0x1000, 0x109F, EDGE_FREE},
    {0x10A0, 0x10FA, EDGE_LETTER},   {0x10FC, 0x10FF, EDGE_LETTER},
    {0x1100, 0x11FF, EDGE_FREE},     {0x1200, 0x135F, EDGE_LETTER},
    {0x1380, 0x138F, EDGE_LETTER},   {0x13A0, 0x13FD, EDGE_LETTER},
    {0x1401, 0x166C, EDGE_LETTER},   {0x1681, 0x169A, EDGE_LETTER},
    {0x16A0, 0x16EA, EDGE_LETTER},   {0x1700, 0x1734, EDGE_LETTER},
    {0x1780, 0x17D3, EDGE_FREE},     {0x1820, 0x18AA, EDGE_LETTER},
    {0x18B0, 0x193F, EDGE_LETTER},   {0x1950, 0x19DF, EDGE_FREE},
    {0x1A00, 0x1FBC, EDGE_LETTER},   {0x1FC2, 0x1FCC, EDGE_LETTER},
    {0x1FD0, 0x1FDB, EDGE_LETTER},   {0x1FE0, 0x1FEC, EDGE_LETTER},
    {0x1FF2, 0x1FFC, EDGE_LETTER},   {0x2071, 0x2071, EDGE_LETTER},
    {0x207F, 0x207F, EDGE_LETTER},   {0x2090, 0x209C, EDGE_LETTER},
    {0x20D0, 0x20F0, EDGE_LETTER},   {0x2C00, 0x2CE4, EDGE_LETTER},
    {0x2CEB, 0x2CF3, EDGE_LETTER},   {0x2D00, 0x2DFF, EDGE_LETTER},
    {0x2E80, 0x2FDF, EDGE_FREE},     {0x3005, 0x3007, EDGE_FREE},
    {0x3021, 0x302F, EDGE_FREE},     {0x3031, 0x303C, EDGE_FREE},
    {0x3041, 0x30FA, EDGE_FREE},     {0x30FC, 0x312F, EDGE_FREE},
    {0x3131, 0x318E, EDGE_FREE},     {0x31A0, 0x31FF, EDGE_FREE},
    {0x3400, 0x4DBF, EDGE_FREE},     {0x4E00, 0xA4CF, EDGE_FREE},
    {0xA4D0, 0xA4FD, EDGE_LETTER},   {0xA500, 0xA60C, EDGE_LETTER},
    {0xA610, 0xA6EF, EDGE_LETTER},   {0xA717, 0xA788, EDGE_LETTER},
    {0xA78B, 0xA827, EDGE_LETTER},   {0xA840, 0xA9DF, EDGE_LETTER},
    {0xA9E0, 0xAADF, EDGE_FREE},     {0xAAE0, 0xABFF, EDGE_LETTER},
    {0xAC00, 0xD7FB, EDGE_FREE},     {0xF900, 0xFAFF, EDGE_FREE},
    {0xFB00, 0xFD3D, EDGE_LETTER},   {0xFD50, 0xFDFB, EDGE_LETTER},
    {0xFE20, 0xFE2F, EDGE_LETTER},   {0xFE70, 0xFEFC, EDGE_LETTER},
    {0xFF10, 0xFF19, EDGE_DIGIT},    {0xFF21, 0xFF3A, EDGE_LETTER},
    {0xFF41, 0xFF5A, EDGE_LETTER},   {0xFF66, 0xFF9F, EDGE_FREE},
    {0xFFA0, 0xFFDC, EDGE_LETTER},   {0x10000, 0x100FA, EDGE_LETTER},
    {0x10280, 0x16FDF, EDGE_LETTER}, {0x16FE0, 0x18CFF, EDGE_FREE},
    {0x1AFF0, 0x1B2FF, EDGE_FREE},   {0x1D400, 0x1D7CB, EDGE_LETTER},
    {0x1D7CE, 0x1D7FF, EDGE_DIGIT},  {0x1E000, 0x1EEFF, EDGE_LETTER},
    {0x1FBF0, 0x1FBF9, EDGE_DIGIT},  {0x20000, 0x3FFFF, EDGE_FREE},
};

static enum edge_class class_of_ascii(unsigned char byte)
{
    if (byte >= '0' && byte <= '9') {
        return EDGE_DIGIT;
    }
    unsigned char lower = byte | 0x20;
    return lower >= 'a' && lower <= 'z' ? EDGE_LETTER : EDGE_OPEN;
}

static enum edge_class class_of(uint32_t character)
{
    if (character < 0x80) {
        return class_of_ascii((unsigned char)character);
    }
    if (character >= 0x4E00 && character <= 0x9FFF) { // nearly all Han that is written
        return EDGE_FREE;
    }
    size_t low = 0;
    size_t high = ARRAY_LEN(ranges);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ARRAY_LEN(ranges) && ranges[low].first <= character ? ranges[low].class
                                                                     : EDGE_OPEN;
}

static uint32_t decode(const unsigned char *bytes)
{
    if (bytes[0] < 0x80) {
        return bytes[0];
    }
    if (bytes[0] < 0xE0) {
        return (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu);
    }
    if (bytes[0] < 0xF0) {
        return (bytes[0] & 0xFu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
    }
    return (bytes[0] & 7u) << 18 | (bytes[1] & 0x3Fu) << 12 | (bytes[2] & 0x3Fu) << 6 |
           (bytes[3] & 0x3Fu);
}

static enum edge_class class_at(struct weir_span text, uint32_t at)
{
    return at < text.length ? class_of(decode((const unsigned char *)text.data + at)) : EDGE_OPEN;
}

// Where the character before `at` begins; `at` is not 0.
static uint32_t step_back(struct weir_span text, uint32_t at)
{
    do {
        at--;
    } while (at > 0 && ((unsigned char)text.data[at] & 0xC0) == 0x80);
    return at;
}

static enum edge_class class_before(struct weir_span text, uint32_t at)
{
    return at > 0 ? class_at(text, step_back(text, at)) : EDGE_OPEN;
}

static bool is_spaced(enum edge_class class)
{
    return class == EDGE_LETTER || class == EDGE_DIGIT;
}

static bool is_joiner(char byte)
{
    return byte == '-' || byte == '\'' || byte == '_';
}

// One or two letters are too little to stand on their own inside a compound: fu in Kung-Fu, ll in
// he'll. Longer ones do: ass in dumb-ass.
static bool is_part_of_compound(struct weir_span text, uint32_t start, uint32_t end)
{
    if (end - start > 2) {
        return false;
    }
    bool left = start > 1 && is_joiner(text.data[start - 1]) &&
                class_before(text, start - 1) == EDGE_LETTER;
    bool right = end + 1 < text.length && is_joiner(text.data[end]) &&
                 class_at(text, end + 1) == EDGE_LETTER;
    return left || right;
}

// Three digits or more behind a word are a number of their own: qq123456, but neither ps5 nor mp3.
static bool number_follows(struct weir_span text, uint32_t at)
{
    uint32_t digits = 0;
    while (at < text.length && text.data[at] >= '0' && text.data[at] <= '9') {
        at++;
        digits++;
    }
    return digits >= 3 && class_at(text, at) != EDGE_LETTER;
}

static bool has_left_edge(struct weir_span text, uint32_t start)
{
    return !is_spaced(class_at(text, start)) || !is_spaced(class_before(text, start));
}

static bool has_right_edge(struct weir_span text, uint32_t end)
{
    enum edge_class last = class_before(text, end);
    if (!is_spaced(last) || !is_spaced(class_at(text, end))) {
        return true;
    }
    return last == EDGE_LETTER && number_follows(text, end);
}

// A single Han or Kana character in a row of its like is laughter or emphasis (草草草), not that
// word.
static bool is_one_of_a_row(struct weir_span text, uint32_t start, uint32_t end)
{
    uint32_t length = end - start;
    if (step_back(text, end) != start || class_at(text, start) != EDGE_FREE) {
        return false;
    }
    const char *character = text.data + start;
    return (start >= length && memcmp(character - length, character, length) == 0) ||
           (text.length - end >= length && memcmp(text.data + end, character, length) == 0);
}

bool weir_word_stands(struct weir_span text, uint32_t start, uint32_t end)
{
    return has_left_edge(text, start) && has_right_edge(text, end) &&
           !is_part_of_compound(text, start, end) && !is_one_of_a_row(text, start, end);
}
