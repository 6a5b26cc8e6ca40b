#include "engine/text/views.h"

// How a text sounds when it is read aloud: Han as toneless pinyin, digits and single letters by
// their names, words that are pinyin syllable by syllable. Every syllable stands between blanks,
// the first and the last of a text too, so that a keyword (" wei xin ") can only match whole
// syllables, and 微信 is not found in 卫星 (" wei xing "). What is not read aloud stands as it is,
// between blanks as well.
//
// Many English words end as pinyin may (made, name, like). Among other English words, and no Han,
// they are read as what they are; weixin and caonima are pinyin anywhere.

#define LONGEST_PINYIN_WORD 30
#define LONGEST_SYLLABLE    6

enum language {
    LANGUAGE_UNKNOWN, // not asked yet
    LANGUAGE_ENGLISH,
    LANGUAGE_OTHER,
};

struct reader {
    const struct weir_view *in;
    struct view_space *out;
    enum language language;
};

static void add_blank(struct reader *reader, uint32_t place)
{
    space_add(reader->out, " ", 1, place, place);
}

// A syllable, or whatever stands in its place.
static void add_token(struct reader *reader, const char *bytes, uint32_t length, uint32_t start,
                      uint32_t end)
{
    struct view_space *out = reader->out;
    struct byte_range origin = origin_of(reader->in, start, end);
    if (!has_room(out, (size_t)length + 2)) {
        return;
    }
    if (out->length == 0) {
        add_blank(reader, origin.start);
    }
    space_add(out, bytes, length, origin.start, origin.end);
    add_blank(reader, origin.end);
}

static void add_as_it_is(struct reader *reader, uint32_t start, uint32_t end)
{
    struct view_space *out = reader->out;
    if (has_room(out, (size_t)(end - start) + 2)) {
        if (out->length == 0) {
            add_blank(reader, reader->in->from[start]);
        }
        space_copy(out, reader->in, start, end);
        add_blank(reader, reader->in->to[end - 1]);
    }
}

static void add_text_token(struct reader *reader, const char *text, uint32_t start, uint32_t end)
{
    // Many say z, c and s for zh, ch and sh, and so write them.
    char plain[LONGEST_SYLLABLE + 1];
    uint32_t length = 0;
    for (const char *letter = text; *letter; letter++) {
        if (*letter != 'h' || letter == text) {
            plain[length++] = *letter;
        }
    }
    add_token(reader, plain, length, start, end);
}

static void add_han(struct reader *reader, uint32_t code_point, uint32_t start, uint32_t end)
{
    const char *syllable = table_syllables[trie_find(&table_sound, code_point)];
    if (syllable[0]) {
        add_text_token(reader, syllable, start, end);
    } else {
        add_as_it_is(reader, start, end);
    }
}

static void add_digit(struct reader *reader, uint32_t code_point, uint32_t start)
{
    static const char *const names[] = {"ling", "yi",  "er", "san", "si",
                                        "wu",   "liu", "qi", "ba",  "jiu"};
    add_text_token(reader, names[code_point - '0'], start, start + 1);
}

// The names of letters as Chinese chat uses them for a syllable: 傻b, v我, j8. The others are not.
static const char *letter_name(char letter)
{
    static const char *const names[26] = {
        ['b' - 'a'] = "bi",  ['c' - 'a'] = "xi",  ['d' - 'a'] = "di", ['e' - 'a'] = "yi",
        ['g' - 'a'] = "ji",  ['i' - 'a'] = "ai",  ['j' - 'a'] = "ji", ['o' - 'a'] = "ou",
        ['p' - 'a'] = "pi",  ['q' - 'a'] = "qiu", ['t' - 'a'] = "ti", ['u' - 'a'] = "you",
        ['v' - 'a'] = "wei", ['y' - 'a'] = "wai",
    };
    return names[letter - 'a'];
}

// ---- Words that are pinyin

static bool is_vowel(char letter)
{
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u' ||
           letter == 'v'; // for which keyboards need it
}

static const char *find_syllable(const char *bytes, uint32_t length)
{
    char wanted[LONGEST_SYLLABLE + 1] = {0};
    bool has_vowel = false;
    for (uint32_t i = 0; i < length; i++) {
        // Keyboards write ü as v.
        wanted[i] =
            i > 0 && bytes[i] == 'v' && (bytes[0] == 'n' || bytes[0] == 'l') ? 'u' : bytes[i];
        has_vowel |= is_vowel(wanted[i]);
    }
    size_t low = 1;
    size_t high = has_vowel ? table_syllable_count : low;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = wanted[0] - table_syllables[middle][0];
        order = order ? order : strcmp(wanted, table_syllables[middle]);
        if (order == 0) {
            return table_syllables[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

// Turns most other words down at a glance: in pinyin a vowel stands behind every consonant but h
// in zh, ch, sh and what ends a syllable (n, ng, er).
static bool may_be_pinyin(const char *word, uint32_t length)
{
    char before = 'a';
    for (uint32_t i = 0; i < length; i++) {
        char letter = word[i];
        bool is_end = letter == 'n' || (letter == 'g' && before == 'n') || letter == 'r';
        bool is_behind = i + 1 < length && is_vowel(word[i + 1]);
        bool has_h = (letter == 'z' || letter == 'c' || letter == 's') && word[i + 1] == 'h';
        if (!is_vowel(letter) && !is_behind && !is_end && !(has_h && i + 1 < length)) {
            return false;
        }
        before = letter;
    }
    return true;
}

// Cuts a word into the fewest syllables; `lengths[i]` is then that of the syllable at i. False
// where something is left over. Only places that syllables lead to are tried, which most words that
// are no pinyin run out of at once.
static bool cut_into_syllables(const char *word, uint32_t length, uint8_t *lengths)
{
    uint8_t count[LONGEST_PINYIN_WORD + 1];
    uint8_t last[LONGEST_PINYIN_WORD + 1] = {0};
    memset(count, UINT8_MAX, sizeof(count));
    count[0] = 0;
    for (uint32_t start = 0; start < length; start++) {
        for (uint32_t size = 1; size <= LONGEST_SYLLABLE && start + size <= length; size++) {
            if (count[start] < UINT8_MAX && count[start] + 1 < count[start + size] &&
                find_syllable(word + start, size)) {
                count[start + size] = count[start] + 1;
                last[start + size] = (uint8_t)size;
            }
        }
    }
    if (count[length] == UINT8_MAX) {
        return false;
    }
    for (uint32_t end = length; end > 0; end -= last[end]) {
        lengths[end - last[end]] = last[end];
    }
    return true;
}

static bool is_plain(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static uint32_t latin_end(const struct weir_view *in, uint32_t at)
{
    while (at < in->length && is_plain(in->bytes[at])) {
        at++;
    }
    return at;
}

static bool is_pinyin(const char *word, uint32_t length, uint8_t *lengths)
{
    return length <= LONGEST_PINYIN_WORD && may_be_pinyin(word, length) &&
           cut_into_syllables(word, length, lengths);
}

// No Han, and a word that is no pinyin.
static enum language language_of(const struct weir_view *in)
{
    uint8_t lengths[LONGEST_PINYIN_WORD];
    bool has_other_word = false;
    for (uint32_t at = 0; at < in->length;) {
        if (is_common_han(in->bytes + at)) {
            return LANGUAGE_OTHER;
        }
        uint32_t end = latin_end(in, at);
        has_other_word =
            has_other_word || (end - at > 1 && !is_pinyin(in->bytes + at, end - at, lengths));
        at = end > at ? end : at + 1;
    }
    return has_other_word ? LANGUAGE_ENGLISH : LANGUAGE_OTHER;
}

// Whether a word of pinyin is rather an English one: two syllables, the second a consonant and e.
static bool is_english(struct reader *reader, const char *word, uint32_t length,
                       const uint8_t *lengths)
{
    bool ends_alike = lengths[0] + 2u == length && word[length - 1] == 'e';
    if (ends_alike && reader->language == LANGUAGE_UNKNOWN) {
        reader->language = language_of(reader->in);
    }
    return ends_alike && reader->language == LANGUAGE_ENGLISH;
}

static uint32_t add_latin(struct reader *reader, uint32_t start)
{
    const char *bytes = reader->in->bytes;
    uint32_t end = latin_end(reader->in, start);
    uint8_t lengths[LONGEST_PINYIN_WORD];
    if (end - start == 1 && letter_name(bytes[start])) {
        add_text_token(reader, letter_name(bytes[start]), start, end);
    } else if (is_pinyin(bytes + start, end - start, lengths) &&
               !is_english(reader, bytes + start, end - start, lengths)) {
        for (uint32_t at = start; at < end; at += lengths[at - start]) {
            uint32_t size = lengths[at - start];
            add_text_token(reader, find_syllable(bytes + at, size), at, at + size);
        }
    } else {
        add_as_it_is(reader, start, end);
    }
    return end;
}

// ---- The view

static bool is_other_letter(uint32_t code_point)
{
    enum char_class class = class_of(code_point);
    return class == CLASS_UNSPACED ||
           (is_spaced(class) && class != CLASS_DIGIT && (code_point < 'a' || code_point > 'z'));
}

static uint32_t add_other_word(struct reader *reader, uint32_t start)
{
    uint32_t end = start;
    while (end < reader->in->length) {
        struct character next = character_at(reader->in->bytes, end);
        if (!is_other_letter(next.code_point)) {
            break;
        }
        end += next.length;
    }
    add_as_it_is(reader, start, end);
    return end;
}

static uint32_t read_aloud(struct reader *reader, uint32_t at)
{
    struct character next = character_at(reader->in->bytes, at);
    uint32_t end = at + next.length;
    enum char_class class = class_of(next.code_point);
    if (next.code_point - 'a' < 26) {
        return add_latin(reader, at);
    }
    if (next.code_point - '0' < 10) {
        add_digit(reader, next.code_point, at);
    } else if (class == CLASS_HAN) {
        add_han(reader, next.code_point, at, end);
    } else if (is_other_letter(next.code_point)) {
        return add_other_word(reader, at);
    } else if (class != CLASS_BLANK) {
        add_as_it_is(reader, at, end);
    }
    return end;
}

void make_sound(struct weir_text *text)
{
    const struct weir_view *in = &text->views[WEIR_VIEW_TIGHT];
    struct reader reader = {.in = in, .out = &text->spaces[WEIR_VIEW_SOUND]};
    reader.out->length = 0;
    // What is drawn out is no other syllable: tight's first reading says it all.
    for (uint32_t at = 0; at < in->length && in->bytes[at] != WEIR_READING_SEPARATOR;) {
        at = read_aloud(&reader, at);
    }
    text->views[WEIR_VIEW_SOUND] = space_view(reader.out, (uint32_t)text->raw.length);
}
