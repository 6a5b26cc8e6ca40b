/**
 * What the build generated from ICU's data (tables/generate.c): every code point's class, and what
 * it becomes in each view. Private to engine/text.
 */
#ifndef WEIR_TEXT_TABLES_TABLES_H
#define WEIR_TEXT_TABLES_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a character is to us. Marks that are part of how a script is written count as letters. */
enum char_class {
    CLASS_SYMBOL, // everything that is nothing else
    CLASS_CLAUSE, // punctuation that ends a sentence or a clause
    CLASS_BLANK,
    CLASS_DIGIT,
    CLASS_LATIN_LOWER,
    CLASS_LATIN_UPPER,
    CLASS_SPACED_LOWER, // letters of other scripts that put blanks between words
    CLASS_SPACED_UPPER,
    CLASS_UNSPACED, // Thai, Kana, Hangul (whose particles join the word before them), ...
    CLASS_HAN,
    CLASS_INVISIBLE, // draws nothing and takes no room; no view shows it
    CLASS_MARK,      // drawn on the character before it; no view but raw shows it
    CLASS_EMOJI,
    CLASS_EMOJI_PART, // skin tones
    CLASS_REGIONAL,   // half a flag
};

// A value of the fold and skeleton tables: what a code point becomes, and what it is.
#define VALUE_PAYLOAD(value) ((value)&0x1fffffu)
#define VALUE_KIND(value)    ((value) >> 21 & 3u)
#define VALUE_JOINS          0x800000u // fold: may combine with what stands before it
#define VALUE_IN_WORD        0x800000u // skeleton: only in a word that has letters
#define VALUE_CLASS(value)   ((enum char_class)((value) >> 24 & 15u))

enum value_kind {
    KIND_SAME, // itself
    KIND_ONE,  // another code point, the payload
    KIND_MANY, // a string: the payload is the place in the pool of its length, then its bytes
    KIND_NONE, // nothing
};

#define TRIE_SHIFT 6
#define TRIE_BLOCK (1u << TRIE_SHIFT)
#define TRIE_INDEX (0x110000u >> TRIE_SHIFT)

/** A map from code points in two steps; equal blocks are stored once. */
struct trie {
    uint16_t index[TRIE_INDEX];
    const uint32_t *blocks;
};

static inline uint32_t trie_find(const struct trie *trie, uint32_t code_point)
{
    return trie->blocks[(size_t)trie->index[code_point >> TRIE_SHIFT] * TRIE_BLOCK +
                        (code_point & (TRIE_BLOCK - 1))];
}

extern const struct trie table_fold;

/**
 * Bits for U+4000 to U+9FFF by han_index(): 0 where it is common Han (U+4E00 on) that fold leaves
 * alone. Small enough to stay in the nearest cache, where the fold table's rows for Han do not.
 */
#define HAN_BITS 0x8000u
extern const uint32_t table_han_changes[HAN_BITS / 32];

/** Of a character of three bytes, the first of them e4 to e9; in bounds for all others. */
static inline uint32_t han_index(const unsigned char *bytes)
{
    uint32_t code = (uint32_t)bytes[0] << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
    return (code ^ 0x4000u) % HAN_BITS;
}

extern const struct trie table_skeleton;
/** NFD of NFKC_Casefold (payload and kind as above), canonical combining class in bits 24 to 31. */
extern const struct trie table_decomposition;
#define VALUE_COMBINING(value) ((uint8_t)((value) >> 24))

/** Index into table_syllables, 0 where there is no reading. */
extern const struct trie table_sound;

extern const unsigned char table_pool[];

/** Canonical compositions, sorted by first and second. Hangul is computed. */
struct composition {
    uint32_t first;
    uint32_t second;
    uint32_t composed;
};
extern const struct composition table_compositions[];
extern const size_t table_composition_count;

/** Toneless pinyin, sorted; entry 0 is "". */
extern const char *const table_syllables[];
extern const size_t table_syllable_count;

/** ICU's and Unicode's version and a digest of all tables. */
extern const char table_version[];

#endif
