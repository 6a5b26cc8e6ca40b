#include "engine/text/views.h"

// Look-alikes become the plain letter that they look like (UTS 39, but m stays m), wherever they
// stand; digits and symbols only inside a word that has a letter: h3||0, never 3:0.
//
// A 1, ! or |, or a capital I between small letters, may be an i or an l, and a sign at the edge of
// a word may be a letter (@ss, +its) or none (@name, +1); as in tight, a text with such a word is
// read several times over.

// What a reading of the text is, by the bits of its number.
enum choice {
    CHOICE_ELL = 1,   // the first stroke of a word is l, not i
    CHOICE_OTHER = 2, // the strokes behind it are the other letter, and so are every second word's
    CHOICE_EDGE = 4,  // a sign at an edge is a letter
    CHOICES = 8,
};

struct skeleton {
    struct weir_text *text;
    const struct weir_view *in;
    struct view_space *out;
    uint32_t reading; // the choices of the one that is written
    uint32_t choices; // all that the words seen so far leave open
    uint32_t words;   // with a stroke, so far in this reading
    uint32_t copied;
    bool has_hidden; // has_hidden_letter()
    bool is_changed;
};

static bool is_letter(uint32_t code_point, uint32_t value)
{
    enum char_class class = class_of(code_point);
    bool is_always_letter = VALUE_KIND(value) != KIND_SAME && !(value & VALUE_IN_WORD);
    return is_always_letter || (is_spaced(class) && class != CLASS_DIGIT);
}

static bool is_word_part(uint32_t code_point, uint32_t value)
{
    return VALUE_KIND(value) != KIND_SAME || is_spaced(class_of(code_point));
}

static bool is_plain(uint32_t code_point)
{
    return code_point - 'a' < 26;
}

// Punctuation at the edge of a word is punctuation first of all: hell! is no hellI.
static bool is_edge_sign(uint32_t code_point, bool is_leading)
{
    return code_point == '!' || code_point == '|' || code_point == '@' ||
           (is_leading && code_point == '+');
}

// But all of them may be letters, if but one stands there; an exclamation or a !command is none.
static bool is_edge_letter(uint32_t code_point)
{
    return code_point != '!';
}

static bool is_capital(uint32_t code_point)
{
    enum char_class class = class_of(code_point);
    return class == CLASS_LATIN_UPPER || class == CLASS_SPACED_UPPER;
}

// Whether this i was typed as a stroke that may be a small l as well: asshoIe, аsshоІе.
static bool is_capital_stroke(const struct skeleton *skeleton, uint32_t at)
{
    const char *raw = skeleton->text->raw.data;
    uint32_t place = skeleton->in->from[at];
    if (raw[place] == 'I') {
        return place > 0 && is_plain((unsigned char)raw[place - 1]);
    }
    return (signed char)raw[place] < 0 && is_capital(character_at(raw, place).code_point);
}

static bool is_stroke(const struct skeleton *skeleton, const struct piece *part)
{
    switch (part->code_point) {
    case '1':
    case '!':
    case '|':
    case 0x04cf: // palochka
        return true;
    case 'i':
    case 0x0456: // Cyrillic
    case 0x03b9: // Greek
        return is_capital_stroke(skeleton, part->from);
    default:
        return false;
    }
}

static bool is_digit(const struct piece *part)
{
    return part->code_point - '0' < 10;
}

// 600k and f100 are numbers with a unit or a name, not gook and floo: their digits stand together
// at one end and are too many for letters. So are p15 and 3v1, whose only letter has several
// digits.
static bool is_number(const struct piece *word, uint32_t count)
{
    uint32_t leading = 0;
    uint32_t trailing = 0;
    uint32_t digits = 0;
    uint32_t first = 0;
    bool differ = false;
    while (leading < count && is_digit(&word[leading])) {
        leading++;
    }
    while (trailing < count && is_digit(&word[count - 1 - trailing])) {
        trailing++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (is_digit(&word[i])) {
            first = digits++ == 0 ? word[i].code_point : first;
            differ |= word[i].code_point != first;
        }
    }
    bool has_unit = leading == digits && leading >= 2 && count - leading <= 2;
    bool has_name = trailing == digits && trailing >= 3;
    bool has_one_letter = count == 3 && digits == 2 && differ;
    return has_unit || has_name || has_one_letter;
}

// What was typed looks like another letter than what fold made of it: a lunate sigma like a c and
// no o, a long s like an f. 0 for all others.
static char typed_letter(const struct skeleton *skeleton, const struct piece *part)
{
    if (part->code_point != 0x03c3 && part->code_point != 's') {
        return 0;
    }
    const char *raw = skeleton->text->raw.data + skeleton->in->from[part->from];
    uint32_t typed = character_at(raw, 0).code_point;
    if (typed == 0x03f2 || typed == 0x03f9) {
        return 'c';
    }
    return typed == 0x017f ? 'f' : 0;
}

// `stroke` is what 1 and its like are here; 0 where the character is none.
static void add_part(struct skeleton *skeleton, const struct piece *part, char stroke)
{
    const struct weir_view *in = skeleton->in;
    uint32_t from = in->from[part->from];
    uint32_t to = in->to[part->to - 1];
    uint32_t value = trie_find(&table_skeleton, part->code_point);
    char letter = stroke ? stroke : typed_letter(skeleton, part);
    if (letter) {
        space_add(skeleton->out, &letter, 1, from, to);
    } else if (VALUE_KIND(value) == KIND_SAME) {
        space_copy(skeleton->out, in, part->from, part->to);
    } else if (VALUE_KIND(value) == KIND_ONE) {
        space_add_code_point(skeleton->out, VALUE_PAYLOAD(value), from, to);
    } else {
        const unsigned char *entry = table_pool + VALUE_PAYLOAD(value);
        space_add(skeleton->out, (const char *)entry + 1, entry[0], from, to);
    }
}

// What the stroke with that number in its word is.
static char next_stroke(struct skeleton *skeleton, uint32_t number)
{
    skeleton->words += number == 0;
    bool is_first = number == 0 && skeleton->words == 1;
    skeleton->choices |= is_first ? CHOICE_ELL : CHOICE_OTHER;
    bool is_ell = skeleton->reading & CHOICE_ELL;
    if (skeleton->reading & CHOICE_OTHER) {
        is_ell ^= (number > 0) ^ (skeleton->words % 2 == 0);
    }
    return is_ell ? 'l' : 'i';
}

// Letters that look alike can be drawn out together (fuսսck), which tight could not see: the third
// of them joins the second.
static void squeeze_last(struct skeleton *skeleton, uint32_t word_start)
{
    struct view_space *out = skeleton->out;
    const char *last = out->bytes + out->length - 1;
    if (out->length - word_start >= 3 && is_plain((unsigned char)*last) && last[-1] == *last &&
        last[-2] == *last) {
        out->length--;
        if (out->to[out->length - 1] < out->to[out->length]) {
            out->to[out->length - 1] = out->to[out->length];
        }
    }
}

static void add_word(struct skeleton *skeleton, const struct piece *word, uint32_t count)
{
    const struct weir_view *in = skeleton->in;
    bool keeps_digits = is_number(word, count);
    uint32_t strokes = 0;
    space_copy(skeleton->out, in, skeleton->copied, word[0].from);
    skeleton->copied = word[count - 1].to;
    skeleton->is_changed = true;
    uint32_t start = skeleton->out->length;
    for (uint32_t i = 0; i < count; i++) {
        if (keeps_digits && is_digit(&word[i])) {
            space_copy(skeleton->out, in, word[i].from, word[i].to);
        } else {
            bool is_one = is_stroke(skeleton, &word[i]);
            add_part(skeleton, &word[i], is_one ? next_stroke(skeleton, strokes++) : 0);
            squeeze_last(skeleton, start);
        }
    }
}

// Leaves the signs at the edges of a word outside, or in another reading those that may be letters.
static struct piece *without_edges(struct skeleton *skeleton, struct piece *word, uint32_t *count)
{
    uint32_t start = 0;
    uint32_t end = *count;
    while (end > 0 && is_edge_sign(word[end - 1].code_point, false)) {
        end--;
    }
    while (start < end && is_edge_sign(word[start].code_point, true)) {
        start++;
    }
    bool may_lead = start == 1 && is_edge_letter(word[0].code_point);
    bool may_trail = end + 1 == *count && is_edge_letter(word[end].code_point);
    if (may_lead || may_trail) {
        skeleton->choices |= CHOICE_EDGE;
    }
    if (skeleton->reading & CHOICE_EDGE) {
        start -= may_lead;
        end += may_trail;
    }
    *count = end - start;
    return word + start;
}

// Reads the word at `start`; returns where it ends.
static uint32_t read_word(struct skeleton *skeleton, uint32_t start)
{
    struct piece *word = skeleton->text->pieces;
    uint32_t count = 0;
    uint32_t at = start;
    bool has_letter = false;
    bool has_lookalike = false;
    while (at < skeleton->in->length && count < skeleton->text->piece_capacity) {
        struct character next = character_at(skeleton->in->bytes, at);
        uint32_t value = trie_find(&table_skeleton, next.code_point);
        if (!is_plain(next.code_point) && !is_word_part(next.code_point, value)) {
            break;
        }
        has_letter |= is_plain(next.code_point) || is_letter(next.code_point, value);
        word[count] = (struct piece){next.code_point, at, at + next.length, 0};
        has_lookalike |= VALUE_KIND(value) != KIND_SAME || is_stroke(skeleton, &word[count]) ||
                         typed_letter(skeleton, &word[count]);
        count++;
        at += next.length;
    }
    word = without_edges(skeleton, word, &count);
    if (has_letter && has_lookalike && count > 0) {
        add_word(skeleton, word, count);
    }
    return at;
}

// Skips words that are read as they stand: ASCII without a letter or without a sign that could be
// one, and Han. Returns where the first other word starts, or the end.
static uint32_t skip_plain(const struct skeleton *skeleton, uint32_t at)
{
    const struct weir_view *in = skeleton->in;
    while (at < in->length) {
        uint32_t start = at;
        bool has_letter = false;
        bool has_sign = false;
        for (; at < in->length && (signed char)in->bytes[at] > ' '; at++) {
            bool is_letter_here = is_plain((unsigned char)in->bytes[at]);
            has_letter |= is_letter_here;
            has_sign |= !is_letter_here ||
                        (skeleton->has_hidden && (in->bytes[at] == 'i' || in->bytes[at] == 's'));
        }
        if (has_letter && has_sign) {
            return start;
        }
        if (at < in->length && is_common_han(in->bytes[at])) {
            at += 3;
        } else if (at < in->length && (signed char)in->bytes[at] < 0) {
            return start;
        } else {
            at++;
        }
    }
    return in->length;
}

// Whether a letter and a digit or a sign that may be one is here, or anything but ASCII and common
// Han.
static bool needs_reading(const struct weir_view *in)
{
    uint8_t letters = 0;
    uint8_t signs = 0;
    uint8_t others = 0;
    for (uint32_t i = 0; i < in->length; i++) {
        uint8_t byte = (uint8_t)in->bytes[i];
        letters |= (uint8_t)(byte - 'a') < 26;
        signs |= (uint8_t)(byte - '0') < 10;
        signs |= (byte == '@') | (byte == '$') | (byte == '!') | (byte == '|') | (byte == '+');
        others |= (byte >= 0xc0) & ((uint8_t)(byte - 0xe5) > 4);
    }
    return others || (letters && signs);
}

// Whether what fold made a plain i or s may have been typed as something else: a capital I behind a
// small letter, one of mathematics or of full width, or a long s.
static bool has_hidden_letter(const struct weir_view *raw)
{
    uint8_t found = 0;
    for (uint32_t i = 0; i < raw->length; i++) { // what is behind the end is zero
        uint8_t byte = (uint8_t)raw->bytes[i];
        uint8_t next = (uint8_t)raw->bytes[i + 1];
        found |= (next == 'I') & ((uint8_t)(byte - 'a') < 26);
        found |= (byte == 0xf0) & (next == 0x9d);
        found |= (byte == 0xbc) & (next == 0xa9);
        found |= (byte == 0xc5) & (next == 0xbf);
    }
    return found;
}

// Reads a word, or passes over a character that is part of none; returns where to go on.
static uint32_t read_part(struct skeleton *skeleton, uint32_t at)
{
    struct character next = character_at(skeleton->in->bytes, at);
    uint32_t value = trie_find(&table_skeleton, next.code_point);
    bool is_word = is_plain(next.code_point) || is_word_part(next.code_point, value);
    return is_word ? read_word(skeleton, at) : at + next.length;
}

static void read_text(struct skeleton *skeleton)
{
    const struct weir_view *in = skeleton->in;
    skeleton->copied = 0;
    skeleton->words = 0;
    for (uint32_t at = skip_plain(skeleton, 0); at < in->length; at = skip_plain(skeleton, at)) {
        do { // up to where skip_plain() has looked, or %2e%2e%2e would be looked at again and again
            at = read_part(skeleton, at);
        } while (at < in->length && (signed char)in->bytes[at] > ' ');
    }
    if (skeleton->is_changed) {
        space_copy(skeleton->out, in, skeleton->copied, in->length);
    }
}

// Look-alikes may grow (a dz of one character), but by no more than three times.
static bool has_room_for_reading(const struct skeleton *skeleton)
{
    return has_room(skeleton->out, (size_t)skeleton->in->length * 3 + 1);
}

void make_skeleton(struct weir_text *text)
{
    const struct weir_view *in = &text->views[WEIR_VIEW_TIGHT];
    bool has_hidden = has_hidden_letter(&text->views[WEIR_VIEW_RAW]);
    if (!has_hidden && !needs_reading(in)) {
        text->views[WEIR_VIEW_SKELETON] = *in;
        return;
    }
    struct skeleton skeleton = {
        .text = text, .in = in, .out = &text->spaces[WEIR_VIEW_SKELETON], .has_hidden = has_hidden};
    skeleton.out->length = 0;
    read_text(&skeleton);
    uint32_t readings = text->is_keyword ? 1 : CHOICES;
    while (++skeleton.reading < readings && has_room_for_reading(&skeleton)) {
        if ((skeleton.reading & ~skeleton.choices) == 0) {
            space_separate(skeleton.out, (uint32_t)text->raw.length);
            read_text(&skeleton);
        }
    }
    text->views[WEIR_VIEW_SKELETON] =
        skeleton.is_changed ? space_view(skeleton.out, (uint32_t)text->raw.length) : *in;
}
