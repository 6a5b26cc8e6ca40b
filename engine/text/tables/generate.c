// Writes the tables of tables.h from ICU's data. Runs while building; the only file of the engine
// that includes ICU, so that what a view shows depends on the build and on nothing else.

#include "engine/text/tables/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

#define LAST_CODE_POINT 0x10ffff
#define LONGEST         64

struct text {
    UChar32 at[LONGEST];
    size_t length;
};

static const UNormalizer2 *casefold;
static const UNormalizer2 *nfd;
static const UNormalizer2 *nfc;
static USpoofChecker *spoof;
static UTransliterator *simplify;
static UTransliterator *pinyin;
static UTransliterator *to_ascii;

static void check(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "generate: %s\n", what);
        exit(1);
    }
}

// ---- ICU on single characters and short strings

static struct text text_of(const UChar *units, int32_t length)
{
    struct text text = {0};
    for (int32_t i = 0; i < length;) {
        check(text.length < LONGEST, "a mapping is longer than expected");
        U16_NEXT(units, i, length, text.at[text.length]);
        text.length++;
    }
    return text;
}

static int32_t units_of(const struct text *text, UChar *units)
{
    int32_t length = 0;
    for (size_t i = 0; i < text->length; i++) {
        U16_APPEND_UNSAFE(units, length, text->at[i]);
    }
    return length;
}

static struct text one(UChar32 c)
{
    return (struct text){{c}, 1};
}

static bool same(const struct text *a, const struct text *b)
{
    return a->length == b->length && memcmp(a->at, b->at, a->length * sizeof(a->at[0])) == 0;
}

static struct text normalised(const UNormalizer2 *form, const struct text *text)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar in[2 * LONGEST];
    UChar out[4 * LONGEST];
    int32_t length = unorm2_normalize(form, in, units_of(text, in), out, 4 * LONGEST, &error);
    check(U_SUCCESS(error), "normalising failed");
    return text_of(out, length);
}

static struct text transliterated(const UTransliterator *rules, UChar32 c)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar units[4 * LONGEST];
    struct text single = one(c);
    int32_t length = units_of(&single, units);
    int32_t limit = length;
    utrans_transUChars(rules, units, &length, 4 * LONGEST, 0, &limit, &error);
    check(U_SUCCESS(error), "transliterating failed");
    return text_of(units, length);
}

static struct text skeleton_of(UChar32 c)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar in[4];
    UChar out[4 * LONGEST];
    struct text single = one(c);
    int32_t length =
        uspoof_getSkeleton(spoof, 0, in, units_of(&single, in), out, 4 * LONGEST, &error);
    check(U_SUCCESS(error), "the skeleton failed");
    return text_of(out, length);
}

static UTransliterator *open_rules(const char *id)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar name[64];
    u_charsToUChars(id, name, (int32_t)strlen(id) + 1);
    UTransliterator *rules = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &error);
    check(U_SUCCESS(error), id);
    return rules;
}

static void open_icu(void)
{
    UErrorCode error = U_ZERO_ERROR;
    casefold = unorm2_getNFKCCasefoldInstance(&error);
    nfd = unorm2_getNFDInstance(&error);
    nfc = unorm2_getNFCInstance(&error);
    spoof = uspoof_open(&error);
    check(U_SUCCESS(error), "ICU has no data");
    simplify = open_rules("Traditional-Simplified");
    pinyin = open_rules("Han-Latin; Latin-ASCII; Lower");
    to_ascii = open_rules("Latin-ASCII; Lower");
}

// ---- What a character is

static UScriptCode script_of(UChar32 c)
{
    UErrorCode error = U_ZERO_ERROR;
    return uscript_getScript(c, &error);
}

static bool is_between(UChar32 c, UChar32 first, UChar32 last)
{
    return c >= first && c <= last;
}

static bool is_ascii_letter(UChar32 c)
{
    return is_between(c, 'a', 'z');
}

static bool is_han(UChar32 c)
{
    return script_of(c) == USCRIPT_HAN && u_hasBinaryProperty(c, UCHAR_ALPHABETIC);
}

static bool is_invisible(UChar32 c)
{
    return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
           (u_charType(c) == U_CONTROL_CHAR && !u_isUWhiteSpace(c)) ||
           is_between(c, 0xfff9, 0xfffb);
}

// Marks that can be heaped on any letter. Those that a script is written with (Thai, Devanagari)
// stay.
static bool is_dropped_mark(UChar32 c)
{
    if (u_charType(c) == U_ENCLOSING_MARK) {
        return true;
    }
    if (u_charType(c) != U_NON_SPACING_MARK) {
        return false;
    }
    switch (script_of(c)) {
    case USCRIPT_INHERITED:
    case USCRIPT_COMMON:
    case USCRIPT_CYRILLIC:
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
        return true;
    default:
        return false;
    }
}

static bool is_emoji(UChar32 c)
{
    bool is_pictograph_block = is_between(c, 0x2600, 0x27bf) || c >= 0x1f000;
    return u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION) ||
           (is_pictograph_block && u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) &&
            u_charType(c) != U_UNASSIGNED);
}

static bool is_unspaced_script(UChar32 c)
{
    static const UScriptCode scripts[] = {
        USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_HANGUL,   USCRIPT_THAI,
        USCRIPT_LAO,      USCRIPT_KHMER,    USCRIPT_MYANMAR,  USCRIPT_TIBETAN,
        USCRIPT_BOPOMOFO, USCRIPT_YI,       USCRIPT_JAVANESE, USCRIPT_BALINESE,
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        if (uscript_hasScript(c, scripts[i])) {
            return true;
        }
    }
    return false;
}

static bool is_latin(UChar32 c)
{
    struct text single = one(c);
    struct text folded = normalised(casefold, &single);
    return script_of(c) == USCRIPT_LATIN || (folded.length == 1 && is_ascii_letter(folded.at[0]));
}

static enum char_class letter_class(UChar32 c)
{
    bool is_upper = u_hasBinaryProperty(c, UCHAR_UPPERCASE) || u_charType(c) == U_TITLECASE_LETTER;
    if (is_han(c)) {
        return CLASS_HAN;
    }
    if (is_latin(c)) {
        return is_upper ? CLASS_LATIN_UPPER : CLASS_LATIN_LOWER;
    }
    if (is_unspaced_script(c)) {
        return CLASS_UNSPACED;
    }
    return is_upper ? CLASS_SPACED_UPPER : CLASS_SPACED_LOWER;
}

static bool is_clause_end(UChar32 c)
{
    static const UChar32 ends[] = {',',    ';',    ':',    '!',    '?',    0x3001,
                                   0x3002, 0xff0c, 0xff1b, 0xff1a, 0xff01, 0xff1f,
                                   0xff61, 0xff64, 0x2026, 0x060c, 0x061b, 0x061f};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (c == ends[i]) {
            return true;
        }
    }
    return false;
}

// A number that is drawn in some shape: circled, dotted, of a market stall. -1: it is none.
static int number_shape(UChar32 c)
{
    bool is_shape = is_between(c, 0x2460, 0x249b) || is_between(c, 0x24ea, 0x24ff) ||
                    is_between(c, 0x2776, 0x2793) || is_between(c, 0x3021, 0x3029) ||
                    is_between(c, 0x1f100, 0x1f10c) || is_between(c, 0x3251, 0x325f) ||
                    is_between(c, 0x32b1, 0x32bf);
    double value = u_getNumericValue(c);
    return is_shape && value >= 0 && value < 100 ? (int)value : -1;
}

static enum char_class class_of(UChar32 c)
{
    if (U_IS_SURROGATE(c)) {
        return CLASS_SYMBOL;
    }
    if (is_invisible(c)) {
        return CLASS_INVISIBLE;
    }
    if (u_isUWhiteSpace(c)) {
        return CLASS_BLANK;
    }
    if (u_isdigit(c) || number_shape(c) >= 0) {
        return CLASS_DIGIT;
    }
    if (u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR)) {
        return CLASS_REGIONAL;
    }
    if (u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER)) {
        return CLASS_EMOJI_PART;
    }
    if (is_emoji(c)) {
        return CLASS_EMOJI;
    }
    if (is_dropped_mark(c)) {
        return CLASS_MARK;
    }
    if (u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || u_isalpha(c) ||
        (U_GET_GC_MASK(c) & U_GC_M_MASK)) {
        return letter_class(c);
    }
    return is_clause_end(c) ? CLASS_CLAUSE : CLASS_SYMBOL;
}

// ---- What a character becomes

static void append(struct text *text, UChar32 c)
{
    check(text->length < LONGEST, "a mapping is longer than expected");
    text->at[text->length++] = c;
}

static void append_number(struct text *text, int number)
{
    if (number >= 10) {
        append(text, '0' + number / 10);
    }
    append(text, '0' + number % 10);
}

// The steps that fold goes beyond NFKC_Casefold, for one character of its result.
static void append_further(struct text *text, UChar32 c)
{
    enum char_class class = class_of(c);
    if (class == CLASS_INVISIBLE || class == CLASS_MARK) {
        return;
    }
    if (u_charDigitValue(c) >= 0) {
        append(text, '0' + u_charDigitValue(c));
    } else if (number_shape(c) >= 0) {
        append_number(text, number_shape(c));
    } else if (c == 0x59b3) { // the feminine "you" of Traditional Chinese; ICU leaves it
        append(text, 0x4f60);
    } else if (class == CLASS_HAN) {
        struct text simple = transliterated(simplify, c);
        append(text, simple.length == 1 ? simple.at[0] : c);
    } else {
        append(text, c);
    }
}

// NFKC writes a letter in brackets as three characters; the brackets are the disguise.
static bool is_bracketed(UChar32 c, const struct text *folded)
{
    bool is_shape = is_between(c, 0x249c, 0x24b5) || is_between(c, 0x3220, 0x3243) ||
                    is_between(c, 0x1f110, 0x1f12a);
    return is_shape && folded->length == 3;
}

// An iota that hangs below other letters; alone, NFKC writes a blank before it, but none is typed.
#define HANGING_IOTA 0x37a

static struct text fold_of(UChar32 c)
{
    struct text single = one(c == HANGING_IOTA ? 0x3b9 : c);
    struct text folded = U_IS_SURROGATE(c) ? single : normalised(casefold, &single);
    struct text result = {0};
    if (number_shape(c) >= 0) {
        append_number(&result, number_shape(c));
    } else if (is_bracketed(c, &folded)) {
        append_further(&result, folded.at[1]);
    } else {
        for (size_t i = 0; i < folded.length; i++) {
            append_further(&result, folded.at[i]);
        }
    }
    return result;
}

static struct text decomposition_of(UChar32 c)
{
    struct text single = one(c);
    if (U_IS_SURROGATE(c)) {
        return single;
    }
    struct text folded = normalised(casefold, &single);
    return normalised(nfd, &folded);
}

// What the fold table makes of a character that ICU gave, without its marks; empty unless that is
// nothing but plain letters.
static struct text plain_letters(const struct text *text)
{
    struct text letters = {0};
    for (size_t i = 0; i < text->length; i++) {
        struct text parts = decomposition_of(text->at[i]);
        for (size_t k = 0; k < parts.length; k++) {
            if (class_of(parts.at[k]) == CLASS_MARK) {
                continue;
            }
            if (!is_ascii_letter(parts.at[k])) {
                return (struct text){0};
            }
            append(&letters, parts.at[k]);
        }
    }
    // UTS 39 writes m as rn, and so all that looks like m.
    if (letters.length == 2 && letters.at[0] == 'r' && letters.at[1] == 'n') {
        letters = one('m');
    }
    return letters;
}

// What people write for a letter and UTS 39 does not know: leet, upside down, Greek by its looks,
// money, boxes.
static const struct {
    UChar32 from;
    char to;
} lookalikes[] = {
    {'0', 'o'},    {'1', 'i'},     {'2', 'z'},    {'3', 'e'},    {'4', 'a'},    {'5', 's'},
    {'6', 'g'},    {'7', 't'},     {'8', 'b'},    {'9', 'g'},    {'@', 'a'},    {'$', 's'},
    {'!', 'i'},    {'|', 'l'},     {'+', 't'},    {0xa2, 'c'},   {0xa3, 'l'},   {0xa5, 'y'},
    {0xa7, 's'},   {0xa9, 'c'},    {0xae, 'r'},   {0xb0, 'o'},   {0xd7, 'x'},   {0x20ac, 'e'},
    {0x20bf, 'b'}, {0x250, 'a'},   {0x254, 'c'},  {0x1dd, 'e'},  {0x25f, 'f'},  {0x183, 'g'},
    {0x265, 'h'},  {0x1d09, 'i'},  {0x27e, 'j'},  {0x29e, 'k'},  {0x279, 'r'},  {0x287, 't'},
    {0x28c, 'v'},  {0x28d, 'w'},   {0x28e, 'y'},  {0x3b2, 'b'},  {0x3b5, 'e'},  {0x3b7, 'n'},
    {0x3bc, 'u'},  {0x3c0, 'n'},   {0x3c9, 'w'},  {0x3bb, 'a'},  {0x3b4, 'd'},  {0x437, 'e'},
    {0x493, 'f'},  {0x432, 'b'},   {0x2206, 'a'}, {0x2211, 'e'}, {0x221a, 'v'}, {0x13f1, 'r'},
    {0x1d22, 'z'}, {0x118c4, 'z'},
};

static struct text lookalike_of(UChar32 c)
{
    for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]); i++) {
        if (lookalikes[i].from == c) {
            return one(lookalikes[i].to);
        }
    }
    if (is_between(c, 0x1f150, 0x1f169)) { // white on black circles
        return one('a' + c - 0x1f150);
    }
    if (is_between(c, 0x1f170, 0x1f189)) { // white on black boxes
        return one('a' + c - 0x1f170);
    }
    if (is_between(c, 0x1f1e6, 0x1f1ff)) { // halves of flags
        return one('a' + c - 0x1f1e6);
    }
    return (struct text){0};
}

static struct text plain_of(UChar32 c)
{
    struct text found = lookalike_of(c);
    struct text single = one(c);
    if (found.length == 0) {
        struct text skeleton = skeleton_of(c);
        found = plain_letters(&skeleton);
    }
    if (found.length == 0) {
        // Fold made capitals small, and what looked like a letter as a capital looks like it still.
        struct text skeleton = skeleton_of(u_toupper(c));
        found = plain_letters(&skeleton);
    }
    if (found.length == 0) {
        // And of small Cherokee it made capitals.
        struct text skeleton = skeleton_of(u_tolower(c));
        found = plain_letters(&skeleton);
    }
    if (found.length == 0) {
        found = plain_letters(&single);
    }
    if (found.length == 0 && script_of(c) == USCRIPT_LATIN) {
        struct text ascii = transliterated(to_ascii, c);
        found = plain_letters(&ascii);
    }
    return found;
}

// Of the scripts without blanks between words, those whose letters are borrowed for their looks.
// Kana and Hangul stand beside Latin words too often.
static bool is_borrowed(UChar32 c)
{
    UScriptCode script = script_of(c);
    return script == USCRIPT_MYANMAR || script == USCRIPT_LAO || script == USCRIPT_KHMER;
}

static struct text skeleton_view_of(UChar32 c)
{
    enum char_class class = class_of(c);
    if (U_IS_SURROGATE(c) || is_ascii_letter(c) || class == CLASS_HAN ||
        (class == CLASS_UNSPACED && !is_borrowed(c)) || class == CLASS_BLANK ||
        class == CLASS_INVISIBLE || class == CLASS_MARK || (class == CLASS_CLAUSE && c != '!')) {
        return one(c);
    }
    struct text plain = plain_of(c);
    return plain.length > 0 ? plain : one(c);
}

static bool only_in_word(UChar32 c)
{
    enum char_class class = class_of(c);
    return class == CLASS_SYMBOL || class == CLASS_DIGIT || class == CLASS_CLAUSE ||
           class == CLASS_UNSPACED;
}

// ---- Collecting and writing

static unsigned char pool[1 << 20];
static size_t pool_length = 1; // so that no string stands at 0
static uint64_t digest = 0xcbf29ce484222325u;

static void digest_add(const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        digest = (digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    }
}

static uint32_t pool_place_of(const struct text *text)
{
    unsigned char entry[1 + 4 * LONGEST];
    int32_t length = 1;
    for (size_t i = 0; i < text->length; i++) {
        U8_APPEND_UNSAFE(entry, length, text->at[i]);
    }
    check(length <= 256, "a mapping is longer than a byte can say");
    entry[0] = (unsigned char)(length - 1);
    for (size_t at = 1; at < pool_length; at += pool[at] + 1u) {
        if (memcmp(pool + at, entry, (size_t)length) == 0) {
            return (uint32_t)at;
        }
    }
    check(pool_length + (size_t)length + 1 < sizeof(pool), "the pool is full");
    memcpy(pool + pool_length, entry, (size_t)length);
    pool_length += (size_t)length;
    return (uint32_t)(pool_length - (size_t)length);
}

static uint32_t value_of(UChar32 c, const struct text *text)
{
    struct text single = one(c);
    if (same(text, &single)) {
        return KIND_SAME << 21;
    }
    if (text->length == 0) {
        return (uint32_t)KIND_NONE << 21;
    }
    if (text->length == 1) {
        return KIND_ONE << 21 | (uint32_t)text->at[0];
    }
    return KIND_MANY << 21 | pool_place_of(text);
}

static uint32_t fold_value(UChar32 c)
{
    struct text text = fold_of(c);
    uint32_t value = value_of(c, &text) | (uint32_t)class_of(c) << 24;
    struct text whole = decomposition_of(c);
    bool joins = whole.length > 0 && !unorm2_hasBoundaryBefore(casefold, c);
    return joins ? value | VALUE_JOINS : value;
}

static uint32_t skeleton_value(UChar32 c)
{
    struct text text = skeleton_view_of(c);
    uint32_t value = value_of(c, &text) | (uint32_t)class_of(c) << 24;
    return only_in_word(c) && VALUE_KIND(value) != KIND_SAME ? value | VALUE_IN_WORD : value;
}

static uint32_t decomposition_value(UChar32 c)
{
    struct text text = decomposition_of(c);
    if (is_between(c, 0xac00, 0xd7a3)) {
        text = one(c);
    } else if (number_shape(c) >= 0 || is_bracketed(c, &text) || c == HANGING_IOTA) {
        text = fold_of(c);
    }
    return value_of(c, &text) | (uint32_t)u_getCombiningClass(c) << 24;
}

static char syllables[1024][8];
static size_t syllable_count = 1;

static bool read_syllable(UChar32 c, char *out)
{
    struct text sound = transliterated(pinyin, c);
    if (c == 0x5e7a) {
        sound = transliterated(pinyin, 0x4e00); // how a one is said in telephone numbers
    }
    if (sound.length == 0 || sound.length > 6) {
        return false;
    }
    for (size_t i = 0; i < sound.length; i++) {
        if (!is_ascii_letter(sound.at[i])) {
            return false;
        }
        out[i] = (char)sound.at[i];
    }
    out[sound.length] = '\0';
    return true;
}

static int compare_syllables(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void collect_syllables(void)
{
    for (UChar32 c = 0; c <= LAST_CODE_POINT; c++) {
        char sound[8];
        if (class_of(c) != CLASS_HAN || !read_syllable(c, sound)) {
            continue;
        }
        if (!bsearch(sound, syllables, syllable_count, sizeof(syllables[0]), compare_syllables)) {
            check(syllable_count < 1024, "too many syllables");
            strcpy(syllables[syllable_count++], sound);
            qsort(syllables, syllable_count, sizeof(syllables[0]), compare_syllables);
        }
    }
}

static uint32_t sound_value(UChar32 c)
{
    char sound[8];
    if (class_of(c) != CLASS_HAN || !read_syllable(c, sound)) {
        return 0;
    }
    const char(*found)[8] =
        bsearch(sound, syllables, syllable_count, sizeof(syllables[0]), compare_syllables);
    check(found != NULL, "a syllable was lost");
    return (uint32_t)(found - (const char(*)[8])syllables);
}

static void write_trie(const char *name, uint32_t (*value)(UChar32 c))
{
    static uint32_t blocks[TRIE_INDEX][TRIE_BLOCK];
    static uint16_t index[TRIE_INDEX];
    size_t count = 0;
    for (size_t i = 0; i < TRIE_INDEX; i++) {
        for (size_t k = 0; k < TRIE_BLOCK; k++) {
            blocks[count][k] = value((UChar32)(i * TRIE_BLOCK + k));
        }
        size_t found = 0;
        while (memcmp(blocks[found], blocks[count], sizeof(blocks[0])) != 0) {
            found++;
        }
        index[i] = (uint16_t)found;
        count += found == count;
    }
    digest_add(index, sizeof(index));
    digest_add(blocks, count * sizeof(blocks[0]));
    printf("static const uint32_t %s_blocks[] = {\n", name);
    for (size_t i = 0; i < count * TRIE_BLOCK; i++) {
        printf("%u,%s", blocks[i / TRIE_BLOCK][i % TRIE_BLOCK], i % 16 == 15 ? "\n" : "");
    }
    printf("};\nconst struct trie %s = {{\n", name);
    for (size_t i = 0; i < TRIE_INDEX; i++) {
        printf("%u,%s", index[i], i % 16 == 15 ? "\n" : "");
    }
    printf("}, %s_blocks};\n", name);
}

// What glance.c relies on.
static void check_emoji(UChar32 first, UChar32 last)
{
    for (UChar32 c = first; c <= last; c++) {
        struct text single = one(c);
        struct text folded = fold_of(c);
        struct text seen = skeleton_view_of(c);
        enum char_class class = class_of(c);
        check(same(&folded, &single) && same(&seen, &single) &&
                  (class == CLASS_SYMBOL || class >= CLASS_EMOJI),
              "not all emoji are plain");
    }
}

static void write_han_changes(void)
{
    uint32_t bits[HAN_BITS / 32];
    memset(bits, 0xff, sizeof(bits));
    for (UChar32 c = 0x4e00; c <= 0x9fff; c++) {
        struct text single = one(c);
        struct text folded = fold_of(c);
        struct text seen = skeleton_view_of(c);
        check(class_of(c) == CLASS_HAN && same(&seen, &single), "not all common Han are plain Han");
        unsigned char bytes[3] = {(unsigned char)(0xe0 | c >> 12),
                                  (unsigned char)(0x80 | (c >> 6 & 0x3f)),
                                  (unsigned char)(0x80 | (c & 0x3f))};
        uint32_t i = han_index(bytes);
        bits[i / 32] &= ~((uint32_t)same(&folded, &single) << i % 32);
    }
    printf("const uint32_t table_han_changes[] = {\n");
    for (size_t i = 0; i < HAN_BITS / 32; i++) {
        printf("%u,%s", bits[i], i % 16 == 15 ? "\n" : "");
    }
    printf("};\n");
}

static int compare_compositions(const void *a, const void *b)
{
    const struct composition *left = a;
    const struct composition *right = b;
    if (left->first != right->first) {
        return left->first < right->first ? -1 : 1;
    }
    return (left->second > right->second) - (left->second < right->second);
}

static void write_compositions(void)
{
    static struct composition found[4096];
    size_t count = 0;
    for (UChar32 c = 0; c <= LAST_CODE_POINT; c++) {
        UErrorCode error = U_ZERO_ERROR;
        UChar units[8];
        int32_t length = unorm2_getRawDecomposition(nfc, c, units, 8, &error);
        struct text parts = length > 0 ? text_of(units, length) : (struct text){0};
        if (parts.length != 2 || is_between(c, 0xac00, 0xd7a3) ||
            unorm2_composePair(nfc, parts.at[0], parts.at[1]) != c) {
            continue;
        }
        check(count < 4096, "too many compositions");
        found[count++] =
            (struct composition){(uint32_t)parts.at[0], (uint32_t)parts.at[1], (uint32_t)c};
    }
    qsort(found, count, sizeof(found[0]), compare_compositions);
    digest_add(found, count * sizeof(found[0]));
    printf("const struct composition table_compositions[] = {\n");
    for (size_t i = 0; i < count; i++) {
        printf("{%u, %u, %u},\n", found[i].first, found[i].second, found[i].composed);
    }
    printf("};\nconst size_t table_composition_count = %zu;\n", count);
}

static void write_pool(void)
{
    digest_add(pool, pool_length);
    printf("const unsigned char table_pool[] = {\n");
    for (size_t i = 0; i < pool_length; i++) {
        printf("%u,%s", pool[i], i % 32 == 31 ? "\n" : "");
    }
    printf("};\n");
}

static void write_syllables(void)
{
    digest_add(syllables, syllable_count * sizeof(syllables[0]));
    printf("const char *const table_syllables[] = {\n");
    for (size_t i = 0; i < syllable_count; i++) {
        printf("\"%s\",\n", syllables[i]);
    }
    printf("};\nconst size_t table_syllable_count = %zu;\n", syllable_count);
}

int main(void)
{
    open_icu();
    collect_syllables();
    printf("#include \"engine/text/tables/tables.h\"\n");
    write_trie("table_fold", fold_value);
    write_trie("table_decomposition", decomposition_value);
    write_trie("table_skeleton", skeleton_value);
    write_trie("table_sound", sound_value);
    check_emoji(0x1f300, 0x1f6ff);
    check_emoji(0x1f900, 0x1faff);
    write_han_changes();
    write_pool();
    write_compositions();
    write_syllables();
    printf("const char table_version[] = \"ICU %s, Unicode %s, tables %016llx\";\n", U_ICU_VERSION,
           U_UNICODE_VERSION, (unsigned long long)digest);
    return 0;
}
