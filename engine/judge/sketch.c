#include "engine/judge/sketch.h"

#include "engine/base/hash.h"
#include "engine/base/utf8.h"

// Pairs of letters, because chat is short: one changed letter of ten leaves seven of eleven pairs,
// but only five of eleven triples.

#define LONGEST_EMOTE 48u
// Up to so many letters sorting as they come is quickest.
#define FEW_LETTERS   20u
#define UNSPACED_FROM 0x2e80u // Han, Kana, Hangul; what is below has blanks, or nearly

struct code_range {
    uint32_t first;
    uint32_t last;
};

// Beyond ASCII nearly all that skeleton leaves is letters; these are the blocks that are not:
// punctuation, symbols, emoji, private use, and what stands for an emote.
static const struct code_range not_letters[] = {
    {0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},       {0xbb, 0xbf},     {0xd7, 0xd7},
    {0xf7, 0xf7},     {0x2000, 0x2bff}, {0x3000, 0x3020},   {0x3030, 0x303f}, {0xd800, 0xf8ff},
    {0xfe00, 0xfe6f}, {0xfff0, 0xffff}, {0x1f000, 0x1faff},
};

static bool is_letter(uint32_t code_point)
{
    if (code_point < 0x80) {
        return (code_point >= 'a' && code_point <= 'z') ||
               (code_point >= '0' && code_point <= '9') || (code_point >= 'A' && code_point <= 'Z');
    }
    if (code_point >= 0x3040 && code_point < 0xd800) { // Kana, Han, Hangul
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(not_letters); i++) {
        if (code_point <= not_letters[i].last) {
            return code_point < not_letters[i].first;
        }
    }
    return true;
}

// Where the name of an emote between colons that begins at `at` ends, or `at`.
static size_t skip_emote(struct weir_span bytes, size_t at)
{
    size_t end = at + 1;
    while (end < bytes.length && end - at < LONGEST_EMOTE &&
           ((bytes.data[end] >= 'a' && bytes.data[end] <= 'z') || bytes.data[end] == '-' ||
            (bytes.data[end] >= '0' && bytes.data[end] <= '9') || bytes.data[end] == '_')) {
        end++;
    }
    bool is_one = end < bytes.length && end - at > 2 && bytes.data[end] == ':';
    return is_one ? end + 1 : at;
}

static void end_word(struct weir_letters_read *letters, uint64_t *word)
{
    if (*word != 0) {
        letters->words |= (uint64_t)1 << (*word * 0x9e3779b97f4a7c15u >> 58);
        *word = 0;
    }
}

static uint64_t hash_of_pair(uint32_t first, uint32_t second)
{
    uint64_t pair = (uint64_t)first << 32 | second;
    pair = (pair ^ pair >> 29) * 0xbf58476d1ce4e5b9u;
    return (pair ^ pair >> 32) * 0x94d049bb133111ebu;
}

static void add_letter(struct weir_letters_read *letters, uint32_t code_point, uint64_t *word)
{
    if (code_point < UNSPACED_FROM) {
        *word = *word * 0x100000001b3u + code_point;
    } else {
        end_word(letters, word);
        letters->unspaced++;
    }
    if (letters->count > 0) {
        letters->pairs[letters->count - 1] =
            hash_of_pair(letters->at[letters->count - 1], code_point);
    }
    letters->at[letters->count++] = code_point;
}

void weir_letters_read(struct weir_text *text, struct weir_letters_read *letters)
{
    const struct weir_view *view = weir_text_view(text, WEIR_VIEW_SKELETON);
    struct weir_span bytes = {view->bytes, view->length};
    uint32_t last = 0;
    uint64_t word = 0;
    letters->count = letters->unspaced = 0;
    letters->words = 0;
    for (size_t at = 0; at < bytes.length && letters->count < WEIR_SKETCH_LETTERS;) {
        size_t behind = bytes.data[at] == ':' ? skip_emote(bytes, at) : at;
        bool is_emote = behind > at;
        at = behind;
        uint32_t code_point = is_emote ? ' ' : weir_utf8_next(bytes, &at);
        if (code_point == (uint32_t)WEIR_READING_SEPARATOR) {
            break;
        }
        if (!is_letter(code_point)) {
            end_word(letters, &word);
        } else if (code_point != last) {
            add_letter(letters, code_point, &word);
            last = code_point;
        }
    }
    end_word(letters, &word);
}

uint64_t weir_letters_key(const struct weir_letters_read *letters)
{
    struct weir_span bytes = {(const char *)letters->at, letters->count * sizeof(uint32_t)};
    return weir_hash((struct weir_hash_key){3, 4}, bytes);
}

// What a sketch keeps of a pair.
static uint16_t mark_of(uint64_t pair)
{
    return (uint16_t)(pair >> 48);
}

static void add_pair(struct weir_sketch *sketch, uint16_t pair)
{
    uint16_t at = sketch->count;
    while (at > 0 && sketch->pairs[at - 1] > pair) {
        at--;
    }
    if (at == WEIR_SKETCH_PAIRS || (at > 0 && sketch->pairs[at - 1] == pair)) {
        return;
    }
    sketch->count += sketch->count < WEIR_SKETCH_PAIRS;
    for (uint16_t i = (uint16_t)(sketch->count - 1); i > at; i--) {
        sketch->pairs[i] = sketch->pairs[i - 1];
    }
    sketch->pairs[at] = pair;
}

#define BUCKET_BITS 6
#define BUCKETS     (1u << BUCKET_BITS)

static uint32_t bucket_of(uint16_t pair)
{
    return pair >> (16 - BUCKET_BITS);
}

// By their first bits, so that each pair then finds its place at the end, and those beyond the
// smallest are never looked at again.
static size_t sort_roughly(const struct weir_letters_read *letters, uint16_t *sorted)
{
    uint16_t pairs[WEIR_SKETCH_LETTERS];
    uint16_t ends[BUCKETS + 1] = {0};
    size_t count = letters->count > 0 ? letters->count - 1 : 0;
    for (size_t i = 0; i < count; i++) {
        pairs[i] = mark_of(letters->pairs[i]);
        ends[bucket_of(pairs[i]) + 1]++;
    }
    for (uint32_t i = 1; i <= BUCKETS; i++) {
        ends[i] = (uint16_t)(ends[i] + ends[i - 1]);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[ends[bucket_of(pairs[i])]++] = pairs[i];
    }
    return count;
}

static bool is_full(const struct weir_sketch *sketch, uint16_t pair)
{
    return sketch->count == WEIR_SKETCH_PAIRS &&
           bucket_of(pair) > bucket_of(sketch->pairs[WEIR_SKETCH_PAIRS - 1]);
}

void weir_sketch_make(const struct weir_letters_read *letters, struct weir_sketch *sketch)
{
    uint16_t sorted[WEIR_SKETCH_LETTERS];
    sketch->count = 0;
    if (letters->count <= FEW_LETTERS) {
        for (uint32_t i = 1; i < letters->count; i++) {
            add_pair(sketch, mark_of(letters->pairs[i - 1]));
        }
    } else {
        size_t count = sort_roughly(letters, sorted);
        for (size_t i = 0; i < count && !is_full(sketch, sorted[i]); i++) {
            add_pair(sketch, sorted[i]);
        }
    }
    memset(sketch->pairs + sketch->count, 0,
           (WEIR_SKETCH_PAIRS - sketch->count) * sizeof(sketch->pairs[0]));
}

// Of both together only the smallest are looked at, as many as a sketch keeps: those are a fair
// sample of all.
uint32_t weir_sketch_similarity(const struct weir_sketch *a, const struct weir_sketch *b)
{
    uint32_t in_both = 0;
    uint32_t in_either = 0;
    uint32_t i = 0;
    uint32_t j = 0;
    while ((i < a->count || j < b->count) && in_either < WEIR_SKETCH_PAIRS) {
        if (j == b->count || (i < a->count && a->pairs[i] < b->pairs[j])) {
            i++;
        } else if (i == a->count || b->pairs[j] < a->pairs[i]) {
            j++;
        } else {
            in_both++;
            i++;
            j++;
        }
        in_either++;
    }
    return in_either > 0 ? in_both * 100 / in_either : 0;
}
