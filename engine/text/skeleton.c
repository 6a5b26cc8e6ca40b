#include "engine/text/views.h"

// Look-alikes become the plain letter that they look like (UTS 39, but m stays m), wherever they
// stand; digits and symbols only inside a word that has a letter: h3||0, never 3:0.
//
// A 1 or ! may be an i or an l, and a leading @ a letter or a mention's sign; as in tight, a text
// with such a word is read several times over.

// What a reading of the text is, by the bits of its number.
enum choice {
    CHOICE_ELL = 1,    // 1 and ! are l, not i
    CHOICE_LETTER = 2, // a leading @ is a letter, not a sign
};

struct skeleton {
    struct weir_text *text;
    const struct weir_view *in;
    struct view_space *out;
    uint32_t reading; // the choices of the one that is written
    uint32_t choices; // all that the words seen so far leave open
    uint32_t copied;
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

// Punctuation at the edge of a word is punctuation: hell! is no hellI.
static bool is_edge_sign(uint32_t code_point, bool is_leading)
{
    return code_point == '!' || code_point == '|' || (is_leading && code_point == '+') ||
           (!is_leading && code_point == '@');
}

static bool is_ambiguous(uint32_t code_point)
{
    return code_point == '1' || code_point == '!';
}

static bool is_digit(const struct piece *part)
{
    return part->code_point - '0' < 10;
}

// 600k and f100 are numbers with a unit or a name, not gook and floo: their digits stand together
// at one end and are too many for letters.
static bool is_number(const struct piece *word, uint32_t count)
{
    uint32_t leading = 0;
    uint32_t trailing = 0;
    uint32_t digits = 0;
    while (leading < count && is_digit(&word[leading])) {
        leading++;
    }
    while (trailing < count && is_digit(&word[count - 1 - trailing])) {
        trailing++;
    }
    for (uint32_t i = 0; i < count; i++) {
        digits += is_digit(&word[i]);
    }
    bool has_unit = leading == digits && leading >= 2 && count - leading <= 2;
    bool has_name = trailing == digits && trailing >= 3;
    return has_unit || has_name;
}

static void add_part(struct skeleton *skeleton, const struct piece *part, bool is_kept)
{
    const struct weir_view *in = skeleton->in;
    uint32_t from = in->from[part->from];
    uint32_t to = in->to[part->to - 1];
    uint32_t value = trie_find(&table_skeleton, part->code_point);
    if (VALUE_KIND(value) == KIND_SAME || is_kept) {
        space_copy(skeleton->out, in, part->from, part->to);
    } else if (is_ambiguous(part->code_point)) {
        skeleton->choices |= CHOICE_ELL;
        space_add(skeleton->out, skeleton->reading & CHOICE_ELL ? "l" : "i", 1, from, to);
    } else if (VALUE_KIND(value) == KIND_ONE) {
        space_add_code_point(skeleton->out, VALUE_PAYLOAD(value), from, to);
    } else {
        const unsigned char *entry = table_pool + VALUE_PAYLOAD(value);
        space_add(skeleton->out, (const char *)entry + 1, entry[0], from, to);
    }
}

static void add_word(struct skeleton *skeleton, const struct piece *word, uint32_t count)
{
    bool keeps_digits = is_number(word, count);
    space_copy(skeleton->out, skeleton->in, skeleton->copied, word[0].from);
    skeleton->copied = word[count - 1].to;
    skeleton->is_changed = true;
    for (uint32_t i = 0; i < count; i++) {
        bool is_leader = i == 0 && word[0].code_point == '@';
        if (is_leader) {
            skeleton->choices |= CHOICE_LETTER;
        }
        bool is_kept = (is_leader && !(skeleton->reading & CHOICE_LETTER)) ||
                       (keeps_digits && is_digit(&word[i]));
        add_part(skeleton, &word[i], is_kept);
    }
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
        has_lookalike |= VALUE_KIND(value) != KIND_SAME;
        word[count++] = (struct piece){next.code_point, at, at + next.length, 0};
        at += next.length;
    }
    while (count > 0 && is_edge_sign(word[count - 1].code_point, false)) {
        count--;
    }
    while (count > 0 && is_edge_sign(word->code_point, true)) {
        word++;
        count--;
    }
    if (has_letter && has_lookalike && count > 0) {
        add_word(skeleton, word, count);
    }
    return at;
}

// Skips words that are read as they stand: ASCII without a letter or without a sign that could be
// one, and Han. Returns where the first other word starts, or the end.
static uint32_t skip_plain(const struct weir_view *in, uint32_t at)
{
    while (at < in->length) {
        uint32_t start = at;
        bool has_letter = false;
        bool has_sign = false;
        for (; at < in->length && (signed char)in->bytes[at] > ' '; at++) {
            bool is_letter_here = is_plain((unsigned char)in->bytes[at]);
            has_letter |= is_letter_here;
            has_sign |= !is_letter_here;
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

// Whether a digit, a sign that may be a letter, or anything but ASCII and common Han is here.
static bool needs_reading(const struct weir_view *in)
{
    uint8_t found = 0;
    for (uint32_t i = 0; i < in->length; i++) {
        uint8_t byte = (uint8_t)in->bytes[i];
        found |= (uint8_t)(byte - '0') < 10;
        found |= (byte == '@') | (byte == '$') | (byte == '!') | (byte == '|') | (byte == '+');
        found |= (byte >= 0xc0) & ((uint8_t)(byte - 0xe5) > 4);
    }
    return found;
}

static void read_text(struct skeleton *skeleton)
{
    const struct weir_view *in = skeleton->in;
    skeleton->copied = 0;
    for (uint32_t at = skip_plain(in, 0); at < in->length; at = skip_plain(in, at)) {
        struct character next = character_at(in->bytes, at);
        uint32_t value = trie_find(&table_skeleton, next.code_point);
        bool is_word = is_plain(next.code_point) || is_word_part(next.code_point, value);
        at = is_word ? read_word(skeleton, at) : at + next.length;
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
    if (!needs_reading(in)) {
        text->views[WEIR_VIEW_SKELETON] = *in;
        return;
    }
    struct skeleton skeleton = {.text = text, .in = in, .out = &text->spaces[WEIR_VIEW_SKELETON]};
    skeleton.out->length = 0;
    read_text(&skeleton);
    uint32_t most = text->is_keyword ? 0 : CHOICE_ELL | CHOICE_LETTER;
    while (++skeleton.reading <= most && has_room_for_reading(&skeleton)) {
        if ((skeleton.reading & ~skeleton.choices) == 0) {
            space_separate(skeleton.out, (uint32_t)text->raw.length);
            read_text(&skeleton);
        }
    }
    text->views[WEIR_VIEW_SKELETON] =
        skeleton.is_changed ? space_view(skeleton.out, (uint32_t)text->raw.length) : *in;
}
