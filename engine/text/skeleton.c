#include "engine/text/views.h"

// Look-alikes become the plain letter that they look like (UTS 39, but m stays m), wherever they
// stand; digits and symbols only inside a word that has a letter: h3||0, never 3:0.
//
// A 1, or a capital I between small letters, may be an i or an l; a ! is an i and a | an l, though
// they may be the other as well; and a sign at the edge of a word may be a letter (@ss, +its) or
// none (@name, +1). As in tight, a text with such a word is read several times over.

// What a reading of the text is, by the bits of its number.
enum choice {
    CHOICE_ELL = 1,   // the first stroke that may be both is l, not i
    CHOICE_OTHER = 2, // those behind it are the other letter, and so are every second word's
    CHOICE_ODD = 4,   // a ! is l and a | is i
    CHOICE_EDGE = 8,  // a sign at an edge is a letter
    CHOICES = 16,
};

struct skeleton {
    struct weir_text *text;
    const struct weir_view *in;
    struct view_space *out;
    uint32_t reading; // the choices of the one that is written
    uint32_t choices; // all that the words seen so far leave open
    uint32_t words;   // with a stroke, so far in this reading
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

// Punctuation at the edge of a word is punctuation first of all: hell! is no hellI.
static bool is_edge_sign(uint32_t code_point, bool is_leading)
{
    return code_point == '!' || code_point == '|' || code_point == '@' ||
           (is_leading && code_point == '+');
}

// But one or two of them may be letters all the same; exclamations and a !command are none, unless
// the word is disguised elsewhere too.
static bool are_edge_letters(const struct piece *signs, uint32_t count, bool is_disguised)
{
    bool may_be = is_disguised && count == 1;
    for (uint32_t i = 0; i < count; i++) {
        may_be |= signs[i].code_point != '!';
    }
    return may_be && count <= 2;
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
    uint32_t typed = character_at(raw, place).code_point;
    return typed >= 0x80 && typed != 0x0130 && is_capital(typed); // with a dot it is an i
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

// Whether these letters stand behind numbers.
static bool is_unit(const struct piece *letters, uint32_t count)
{
    static const char *const units[] = {
        "a",   "am", "b",  "bn", "c",  "cm", "d",  "e",  "f",  "fp", "ft", "g",  "gb",
        "ghz", "gs", "h",  "hp", "hr", "hz", "i",  "in", "k",  "kb", "kg", "km", "ks",
        "l",   "lb", "m",  "mb", "mg", "mm", "mo", "mp", "ms", "n",  "nd", "nm", "o",
        "p",   "pc", "pm", "pp", "ps", "pt", "px", "rd", "s",  "sh", "st", "t",  "tb",
        "th",  "u",  "ul", "v",  "vs", "w",  "x",  "xp", "yo", "yr",
    };
    char unit[4] = {0}; // one more than any has
    for (uint32_t i = 0; i < count && i < sizeof(unit) - 1; i++) {
        unit[i] = is_plain(letters[i].code_point) ? (char)letters[i].code_point : '?';
    }
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (strcmp(units[i], unit) == 0) {
            return true;
        }
    }
    return false;
}

// p15 and 3v1, whose only letter has two digits; but 9u8 is gub and n08 nob. Of 93y is_unit()
// knows.
static bool is_letter_of_number(const struct piece *word, bool differ)
{
    static const char between[] = "dehkmsvx";
    if (is_digit(&word[0])) {
        return differ && is_digit(&word[2]) && is_plain(word[1].code_point) &&
               strchr(between, (char)word[1].code_point);
    }
    uint32_t last = word[2].code_point;
    return differ &&
           (word[1].code_point != '0' || last == '1' || last == '2' || last == '4' || last == '6');
}

// abc123 and win200 are names, and so is whatever has another number of digits at its end; fuckh013
// is none.
static bool is_name(const struct piece *digits, uint32_t letters, uint32_t count, bool differ)
{
    bool has_vowel = false;
    bool has_rare = false; // 2 and 6 are seldom meant as letters
    for (uint32_t i = 0; i < count; i++) {
        uint32_t digit = digits[i].code_point;
        has_vowel |= digit == '0' || digit == '1' || digit == '3' || digit == '4';
        has_rare |= digit == '2' || digit == '6';
    }
    bool is_round = digits[count - 1].code_point == '0' && digits[count - 2].code_point == '0';
    return count > 3 || letters < 3 || !has_vowel || has_rare || is_round || !differ;
}

// 600k and f100 are numbers with a unit or a name, not gook and floo: their digits stand together
// at one end and are too many for letters.
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
    if (leading == digits && leading >= 2) {
        return is_unit(word + leading, count - leading);
    }
    if (trailing == digits && trailing >= 3) {
        return is_name(word + count - trailing, count - trailing, trailing, differ);
    }
    return count == 3 && digits == 2 && is_letter_of_number(word, differ);
}

// What was typed looks like another letter than what fold made of it: a lunate sigma like a c and
// no o, a long s like an f, a capital iota like an l. 0 for all others.
static char typed_letter(const struct skeleton *skeleton, const struct piece *part)
{
    if (part->code_point != 0x03c3 && part->code_point != 's' && part->code_point != 0x0269) {
        return 0;
    }
    const char *raw = skeleton->text->raw.data + skeleton->in->from[part->from];
    uint32_t typed = character_at(raw, 0).code_point;
    if (typed == 0x03f2 || typed == 0x03f9) {
        return 'c';
    }
    return typed == 0x017f ? 'f' : typed == 0x0196 ? 'l' : 0;
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
        space_add_byte(skeleton->out, letter, from, to);
    } else if (is_plain(part->code_point)) {
        space_add_byte(skeleton->out, (char)part->code_point, from, to);
    } else if (VALUE_KIND(value) == KIND_SAME) {
        space_copy(skeleton->out, in, part->from, part->to);
    } else if (VALUE_KIND(value) == KIND_ONE) {
        space_add_code_point(skeleton->out, VALUE_PAYLOAD(value), from, to);
    } else {
        const unsigned char *entry = table_pool + VALUE_PAYLOAD(value);
        space_add(skeleton->out, (const char *)entry + 1, entry[0], from, to);
    }
}

static bool may_be_both(const struct piece *part)
{
    return part->code_point != '!' && part->code_point != '|';
}

// Whether there are such strokes in the word beside the run of them that one at `at` ends.
static bool has_other_strokes(const struct skeleton *skeleton, const struct piece *word,
                              uint32_t count, uint32_t at)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 != at && i != at && may_be_both(&word[i]) && is_stroke(skeleton, &word[i])) {
            return true;
        }
    }
    return false;
}

// What a stroke of a word is; `number` counts those before it that may be both. Two of them in a
// row are one where others follow: p!11ow6i1er is more often pillow than piliow.
static char read_stroke(struct skeleton *skeleton, const struct piece *word, uint32_t count,
                        uint32_t at, uint32_t *number)
{
    uint32_t typed = word[at].code_point;
    if (!may_be_both(&word[at])) {
        skeleton->choices |= CHOICE_ODD;
        return (typed == '|') ^ ((skeleton->reading & CHOICE_ODD) != 0) ? 'l' : 'i';
    }
    bool is_ell = skeleton->reading & CHOICE_ELL;
    bool is_doubled = is_ell && at > 0 && word[at - 1].code_point == typed &&
                      has_other_strokes(skeleton, word, count, at);
    skeleton->words += *number == 0;
    *number += !is_doubled;
    bool is_first = *number == 1 && skeleton->words == 1;
    skeleton->choices |= is_first ? CHOICE_ELL : CHOICE_OTHER;
    if (skeleton->reading & CHOICE_OTHER) {
        is_ell ^= (*number > 1) ^ (skeleton->words % 2 == 0);
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

static bool is_read_otherwise(const struct skeleton *skeleton, const struct piece *part)
{
    return VALUE_KIND(trie_find(&table_skeleton, part->code_point)) != KIND_SAME ||
           is_stroke(skeleton, part) || typed_letter(skeleton, part);
}

static bool is_word_changed(const struct skeleton *skeleton, const struct piece *word,
                            uint32_t count)
{
    bool keeps_digits = is_number(word, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!(keeps_digits && is_digit(&word[i])) && is_read_otherwise(skeleton, &word[i])) {
            return true;
        }
    }
    return false;
}

static void add_word(struct skeleton *skeleton, const struct piece *word, uint32_t count)
{
    const struct weir_view *in = skeleton->in;
    bool keeps_digits = is_number(word, count);
    uint32_t strokes = 0;
    if (!is_word_changed(skeleton, word, count)) {
        return;
    }
    space_copy(skeleton->out, in, skeleton->copied, word[0].from);
    skeleton->copied = word[count - 1].to;
    skeleton->is_changed = true;
    uint32_t start = skeleton->out->length;
    for (uint32_t i = 0; i < count; i++) {
        if (keeps_digits && is_digit(&word[i])) {
            space_copy(skeleton->out, in, word[i].from, word[i].to);
        } else {
            bool is_one = is_stroke(skeleton, &word[i]);
            add_part(skeleton, &word[i],
                     is_one ? read_stroke(skeleton, word, count, i, &strokes) : 0);
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
    bool is_disguised = end - start >= 3 && is_word_changed(skeleton, word + start, end - start);
    bool may_lead = are_edge_letters(word, start, is_disguised);
    bool may_trail = are_edge_letters(word + end, *count - end, is_disguised);
    if (may_lead || may_trail) {
        skeleton->choices |= CHOICE_EDGE;
    }
    if (skeleton->reading & CHOICE_EDGE) {
        start = may_lead ? 0 : start;
        end = may_trail ? *count : end;
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
    while (at < skeleton->in->length && count < skeleton->text->piece_capacity) {
        struct character next = character_at(skeleton->in->bytes, at);
        if (!is_plain(next.code_point)) {
            uint32_t value = trie_find(&table_skeleton, next.code_point);
            if (!is_word_part(next.code_point, value)) {
                break;
            }
            has_letter |= is_letter(next.code_point, value);
        } else {
            has_letter = true;
        }
        word[count++] = (struct piece){next.code_point, at, at + next.length, 0};
        at += next.length;
    }
    if (has_letter) {
        word = without_edges(skeleton, word, &count);
        add_word(skeleton, word, count);
    }
    return at;
}

static bool is_in_word(uint32_t code_point)
{
    return is_plain(code_point) || is_word_part(code_point, trie_find(&table_skeleton, code_point));
}

// Reads the word that the place is in, if it is in any; returns where to go on.
static uint32_t read_at(struct skeleton *skeleton, uint32_t least, uint32_t place)
{
    const char *bytes = skeleton->in->bytes;
    struct character here = character_at(bytes, place);
    if (!is_in_word(here.code_point)) {
        return place + here.length;
    }
    uint32_t start = place;
    while (start > least) {
        uint32_t before = character_before(bytes, start);
        if (!is_in_word(character_at(bytes, before).code_point)) {
            break;
        }
        start = before;
    }
    return read_word(skeleton, start);
}

static void read_text(struct skeleton *skeleton)
{
    const uint32_t *places = skeleton->text->skeleton_places;
    uint32_t end = skeleton->in->length;
    skeleton->copied = 0;
    skeleton->words = 0;
    for (uint32_t at = 0; at < end;) {
        uint32_t place = next_place(places, at, end);
        at = place < end ? read_at(skeleton, at, place) : end;
    }
    if (skeleton->is_changed || skeleton->choices) {
        space_copy(skeleton->out, skeleton->in, skeleton->copied, end);
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
    if (in->bytes != text->views[WEIR_VIEW_FOLD].bytes) {
        glance_at(text, in);
    }
    if (!text->may_look_alike) {
        text->views[WEIR_VIEW_SKELETON] = *in;
        return;
    }
    struct skeleton skeleton = {.text = text, .in = in, .out = &text->spaces[WEIR_VIEW_SKELETON]};
    skeleton.out->length = 0;
    read_text(&skeleton);
    uint32_t readings = text->is_keyword ? 1 : CHOICES;
    while (++skeleton.reading < readings && has_room_for_reading(&skeleton)) {
        bool is_too_odd = (skeleton.reading & CHOICE_ODD) && (skeleton.reading & CHOICE_OTHER);
        if ((skeleton.reading & ~skeleton.choices) == 0 && !is_too_odd) {
            space_separate(skeleton.out, (uint32_t)text->raw.length);
            read_text(&skeleton);
        }
    }
    text->views[WEIR_VIEW_SKELETON] =
        skeleton.is_changed ? space_view(skeleton.out, (uint32_t)text->raw.length) : *in;
}
