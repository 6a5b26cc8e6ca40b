// Rarest gram, bitmap, bucket: of the layouts that were tried (dense and double-array Aho-Corasick
// among them) this one was twice as fast with a quarter of the memory, because nearly every
// position of a message ends at one bit of a bitmap, and no position waits for the one before it.

#include "engine/match/literal_index.h"

#include "engine/base/alloc.h"
#include "engine/match/gram_frequency.h"

#include <stdlib.h>

#define BLOCK             256u
#define FILTER_BITS_LEAST 15u
#define FILTER_BITS_MOST  20u
#define FEW_MOST          256u // literals that a filter of bytes does for
#define FEW_BITS          14u
#define STEP              8u // places that are looked at whether they are there or not
#define BUCKET_BITS_LEAST 8u
#define BUCKET_BITS_MOST  16u
#define SHORT_BUCKETS     1024u
#define CROWDING_COST     6u // of one more literal under the same bit, in steps of gram commonness

struct entry {
    uint32_t gram;
    uint32_t text; // where the literal stands in the index's text
    uint32_t id;
    uint16_t offset; // of the gram in the literal
    uint16_t length;
};

struct bucket_table {
    uint32_t *starts; // one more than there are buckets
    struct entry *entries;
    uint32_t count;
};

struct weir_literal_index {
    uint32_t filter_shift;
    uint32_t bucket_shift;
    uint64_t *filter;
    uint64_t *second_filter; // by another hash: asked where the first says yes
    uint8_t *few_filter;     // a byte, 0 or 1, where others have a bit; NULL: they are many
    struct bucket_table longs;
    uint64_t short_filter[1024];
    struct bucket_table shorts;
    char *text;
    size_t text_length;
};

static inline uint32_t hash_gram(uint32_t gram)
{
    return gram * 0x9E3779B1u;
}

static inline uint32_t hash_again(uint32_t gram)
{
    return (gram ^ gram >> 15) * 0x85EBCA77u;
}

static inline void set_bit(uint64_t *bits, uint32_t bit)
{
    bits[bit >> 6] |= 1ull << (bit & 63);
}

static inline uint32_t has_bit(const uint64_t *bits, uint32_t bit)
{
    return bits[bit >> 6] >> (bit & 63) & 1;
}

static inline uint32_t load4(const char *bytes)
{
    uint32_t gram;
    memcpy(&gram, bytes, 4);
    return gram;
}

static inline uint32_t load2(const char *bytes)
{
    uint16_t gram;
    memcpy(&gram, bytes, 2);
    return gram;
}

// load2() of the place that load4() was of.
static inline uint32_t gram_of_two(uint32_t gram)
{
    uint16_t first;
    memcpy(&first, &gram, 2);
    return first;
}

static uint32_t bits_for(size_t count, uint32_t least, uint32_t most)
{
    uint32_t bits = least;
    while (bits < most && ((size_t)1 << bits) < count) {
        bits++;
    }
    return bits;
}

// The gram that is rarest in chat, and not yet crowded by other literals of this index.
static uint32_t choose_gram(struct weir_span literal, uint32_t filter_shift,
                            const uint16_t *crowding)
{
    uint32_t best = 0;
    uint32_t best_cost = UINT32_MAX;
    for (uint32_t offset = 0; offset + 4 <= literal.length; offset++) {
        uint32_t gram = load4(literal.data + offset);
        uint32_t cost = weir_gram4_commonness(gram) * 8u +
                        CROWDING_COST * crowding[hash_gram(gram) >> filter_shift];
        if (cost < best_cost) {
            best_cost = cost;
            best = offset;
        }
    }
    return best;
}

static void add_long(struct weir_literal_index *index, const struct weir_literal *literal,
                     uint32_t text, uint16_t *crowding)
{
    uint32_t offset = choose_gram(literal->bytes, index->filter_shift, crowding);
    uint32_t gram = load4(literal->bytes.data + offset);
    uint32_t bit = hash_gram(gram) >> index->filter_shift;
    crowding[bit] += crowding[bit] < UINT16_MAX;
    set_bit(index->filter, bit);
    set_bit(index->second_filter, hash_again(gram) >> index->filter_shift);
    if (index->few_filter) {
        index->few_filter[hash_gram(gram) >> (32 - FEW_BITS)] = 1;
    }
    index->longs.entries[index->longs.count++] =
        (struct entry){gram, text, literal->id, (uint16_t)offset, (uint16_t)literal->bytes.length};
}

static void add_short_gram(struct weir_literal_index *index, struct entry entry)
{
    set_bit(index->short_filter, entry.gram);
    index->shorts.entries[index->shorts.count++] = entry;
}

static void add_short(struct weir_literal_index *index, const struct weir_literal *literal,
                      uint32_t text)
{
    const char *bytes = literal->bytes.data;
    struct entry entry = {
        .text = text, .id = literal->id, .length = (uint16_t)literal->bytes.length};
    if (entry.length == 1) {
        // Filed under every byte that may follow, so that one map does for both lengths.
        for (uint32_t next = 0; next < 256; next++) {
            entry.gram = (unsigned char)bytes[0] | next << 8;
            add_short_gram(index, entry);
        }
        return;
    }
    entry.gram = load2(bytes);
    if (entry.length == 3 &&
        weir_gram2_commonness(load2(bytes + 1)) < weir_gram2_commonness(entry.gram)) {
        entry.gram = load2(bytes + 1);
        entry.offset = 1;
    }
    add_short_gram(index, entry);
}

static uint32_t long_bucket(const struct weir_literal_index *index, uint32_t gram)
{
    return hash_gram(gram) >> index->bucket_shift;
}

static uint32_t short_bucket(uint32_t gram)
{
    return hash_gram(gram) >> 22;
}

// Counting sort by bucket.
static void fill_buckets(const struct weir_literal_index *index, struct bucket_table *table,
                         uint32_t bucket_count, bool is_long)
{
    struct entry *sorted = weir_new_array(struct entry, table->count + 1);
    uint32_t *starts = weir_new_array(uint32_t, bucket_count + 2);
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t gram = table->entries[i].gram;
        starts[(is_long ? long_bucket(index, gram) : short_bucket(gram)) + 2]++;
    }
    for (uint32_t i = 2; i < bucket_count + 2; i++) {
        starts[i] += starts[i - 1];
    }
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t gram = table->entries[i].gram;
        sorted[starts[(is_long ? long_bucket(index, gram) : short_bucket(gram)) + 1]++] =
            table->entries[i];
    }
    free(table->entries);
    table->entries = sorted;
    table->starts = starts;
}

static void size_tables(struct weir_literal_index *index, const struct weir_literal *literals,
                        size_t count)
{
    size_t longs = 0;
    size_t shorts = 0;
    for (size_t i = 0; i < count; i++) {
        weir_assert(literals[i].bytes.length > 0 &&
                    literals[i].bytes.length <= WEIR_LITERAL_MAX_BYTES);
        longs += literals[i].bytes.length >= 4;
        shorts += literals[i].bytes.length >= 4 ? 0 : literals[i].bytes.length == 1 ? 256 : 1;
        index->text_length += literals[i].bytes.length;
    }
    index->filter_shift = 32 - bits_for(longs * 64, FILTER_BITS_LEAST, FILTER_BITS_MOST);
    index->bucket_shift = 32 - bits_for(longs * 2, BUCKET_BITS_LEAST, BUCKET_BITS_MOST);
    index->filter = weir_new_array(uint64_t, (size_t)1 << (32 - index->filter_shift - 6));
    index->second_filter = weir_new_array(uint64_t, (size_t)1 << (32 - index->filter_shift - 6));
    index->few_filter = longs <= FEW_MOST ? weir_new_array(uint8_t, 1u << FEW_BITS) : NULL;
    index->longs.entries = weir_new_array(struct entry, longs + 1);
    index->shorts.entries = weir_new_array(struct entry, shorts + 1);
    index->text = weir_new_array(char, index->text_length + WEIR_LITERAL_PADDING);
}

struct weir_literal_index *weir_literal_index_create(const struct weir_literal *literals,
                                                     size_t count)
{
    struct weir_literal_index *index = weir_new(struct weir_literal_index);
    size_tables(index, literals, count);
    uint16_t *crowding = weir_new_array(uint16_t, (size_t)1 << (32 - index->filter_shift));
    uint32_t text = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(index->text + text, literals[i].bytes.data, literals[i].bytes.length);
        if (literals[i].bytes.length >= 4) {
            add_long(index, &literals[i], text, crowding);
        } else {
            add_short(index, &literals[i], text);
        }
        text += (uint32_t)literals[i].bytes.length;
    }
    free(crowding);
    fill_buckets(index, &index->longs, 1u << (32 - index->bucket_shift), true);
    fill_buckets(index, &index->shorts, SHORT_BUCKETS, false);
    return index;
}

void weir_literal_index_destroy(struct weir_literal_index **index)
{
    if (*index) {
        free((*index)->filter);
        free((*index)->second_filter);
        free((*index)->few_filter);
        free((*index)->longs.starts);
        free((*index)->longs.entries);
        free((*index)->shorts.starts);
        free((*index)->shorts.entries);
        free((*index)->text);
        free(*index);
        *index = NULL;
    }
}

size_t weir_literal_index_size(const struct weir_literal_index *index)
{
    return sizeof(*index) + ((size_t)1 << (32 - index->filter_shift)) / 4 +
           (((size_t)1 << (32 - index->bucket_shift)) + SHORT_BUCKETS + 4) * sizeof(uint32_t) +
           (index->longs.count + index->shorts.count) * sizeof(struct entry) + index->text_length +
           (index->few_filter ? 1u << FEW_BITS : 0);
}

// Eight bytes at a time; the last load may read up to seven bytes behind either string.
static inline bool equals(const char *a, const char *b, uint32_t length)
{
    uint64_t x;
    uint64_t y;
    for (; length > 8; length -= 8, a += 8, b += 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        if (x != y) {
            return false;
        }
    }
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return (x ^ y) << (64 - 8 * length) == 0;
}

// One text on its way through the index.
struct scan {
    const struct weir_literal_index *index;
    const char *bytes;
    uint32_t length;
    weir_literal_fn on_literal;
    void *user;
};

static void look_up(const struct scan *scan, const struct bucket_table *table, uint32_t bucket,
                    uint32_t gram, uint32_t position)
{
    const struct entry *end = &table->entries[table->starts[bucket + 1]];
    for (const struct entry *entry = &table->entries[table->starts[bucket]]; entry < end; entry++) {
        if (entry->gram != gram || entry->offset > position) {
            continue;
        }
        uint32_t start = position - entry->offset;
        if (entry->length <= scan->length - start &&
            equals(scan->bytes + start, scan->index->text + entry->text, entry->length)) {
            scan->on_literal(scan->user, entry->id, start, start + entry->length);
        }
    }
}

// Positions of one block at which a literal may be.
struct positions {
    uint32_t longs[BLOCK + STEP];
    uint32_t shorts[BLOCK + STEP];
    uint32_t long_count;
    uint32_t short_count;
};

// No processor foresees the lengths of chat lines, so whole steps are looked at: what they found
// behind the end goes again.
static uint32_t drop_behind(const uint32_t *positions, uint32_t count, uint32_t end)
{
    while (count > 0 && positions[count - 1] >= end) {
        count--;
    }
    return count;
}

// Whether a position passes decides only how far a write cursor moves: nothing to mispredict.
static void collect_both(const struct scan *scan, uint32_t start, uint32_t end,
                         struct positions *out)
{
    const uint64_t *filter = scan->index->filter;
    const uint64_t *short_filter = scan->index->short_filter;
    uint32_t shift = scan->index->filter_shift;
    uint32_t longs = 0;
    uint32_t shorts = 0;
    for (uint32_t i = start; i < end; i += STEP) {
#pragma GCC unroll 8
        for (uint32_t k = i; k < i + STEP; k++) {
            uint32_t gram = load4(scan->bytes + k);
            out->longs[longs] = k;
            out->shorts[shorts] = k;
            longs += has_bit(filter, hash_gram(gram) >> shift);
            shorts += has_bit(short_filter, gram_of_two(gram));
        }
    }
    out->long_count = drop_behind(out->longs, longs, end);
    out->short_count = drop_behind(out->shorts, shorts, end);
}

static void collect_longs(const struct scan *scan, uint32_t start, uint32_t end,
                          struct positions *out)
{
    const uint64_t *filter = scan->index->filter;
    uint32_t shift = scan->index->filter_shift;
    uint32_t count = 0;
    for (uint32_t i = start; i < end; i += STEP) {
#pragma GCC unroll 8
        for (uint32_t k = i; k < i + STEP; k++) {
            out->longs[count] = k;
            count += has_bit(filter, hash_gram(load4(scan->bytes + k)) >> shift);
        }
    }
    out->long_count = drop_behind(out->longs, count, end);
    out->short_count = 0;
}

// To add a byte takes half the work of finding a bit, and so small a table stays in the nearest
// cache.
static void collect_few(const struct scan *scan, uint32_t start, uint32_t end,
                        struct positions *out)
{
    const uint8_t *filter = scan->index->few_filter;
    uint32_t count = 0;
    for (uint32_t i = start; i < end; i += STEP) {
#pragma GCC unroll 8
        for (uint32_t k = i; k < i + STEP; k++) {
            out->longs[count] = k;
            count += filter[hash_gram(load4(scan->bytes + k)) >> (32 - FEW_BITS)];
        }
    }
    out->long_count = drop_behind(out->longs, count, end);
    out->short_count = 0;
}

// Of 50,000 literals the first filter lets one position in twenty pass for nothing, and a look into
// a bucket is two misses of the cache.
static uint32_t keep_likely(const struct scan *scan, uint32_t *positions, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = hash_again(load4(scan->bytes + positions[i])) >> scan->index->filter_shift;
        positions[kept] = positions[i];
        kept += has_bit(scan->index->second_filter, bit);
    }
    return kept;
}

static void scan_block(const struct scan *scan, uint32_t start, uint32_t end)
{
    const struct weir_literal_index *index = scan->index;
    struct positions found;
    if (index->shorts.count > 0) {
        collect_both(scan, start, end, &found);
    } else if (index->few_filter) {
        collect_few(scan, start, end, &found);
    } else {
        collect_longs(scan, start, end, &found);
    }
    weir_assert(found.long_count <= end - start && found.short_count <= end - start);
    found.long_count = keep_likely(scan, found.longs, found.long_count);
    for (uint32_t i = 0; i < found.long_count; i++) {
        uint32_t gram = load4(scan->bytes + found.longs[i]);
        look_up(scan, &index->longs, long_bucket(index, gram), gram, found.longs[i]);
    }
    for (uint32_t i = 0; i < found.short_count; i++) {
        uint32_t gram = load2(scan->bytes + found.shorts[i]);
        look_up(scan, &index->shorts, short_bucket(gram), gram, found.shorts[i]);
    }
}

void weir_literal_index_scan(const struct weir_literal_index *index, const char *bytes,
                             uint32_t length, weir_literal_fn on_literal, void *user)
{
    struct scan scan = {index, bytes, length, on_literal, user};
    for (uint32_t start = 0; start < length; start += BLOCK) {
        scan_block(&scan, start, length - start < BLOCK ? length : start + BLOCK);
    }
}
