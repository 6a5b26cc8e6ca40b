#include "engine/text/lattice.h"

#include "engine/text/tables/words.h"
#include "engine/text/views.h"

// All ways to cut a piece of text into words, each word with its cost, are paths through a lattice;
// the cheapest is found character by character. The hit counts as a word too, as common as the
// rarest that the dictionary is sure of: were it dearer, words that only chat uses would lose
// against any two single characters; were it cheaper, it would win over the two words that it was
// cut out of.

#define CONTEXT     8  // characters on either side
#define LONGEST_HIT 12 // characters
#define MOST        (CONTEXT + LONGEST_HIT + CONTEXT)
#define NO_WORD     UINT32_MAX

struct lattice {
    uint32_t offsets[MOST + 1]; // of the characters in the view
    uint32_t count;
    uint32_t hit_start; // characters
    uint32_t hit_end;
    uint32_t costs[MOST][WORD_LONGEST + 1]; // of the word of that length at that character
};

static uint32_t cost_of(uint32_t hash)
{
    uint32_t bucket = hash & ((1u << WORD_BUCKET_BITS) - 1);
    for (uint32_t i = table_word_starts[bucket]; i < table_word_starts[bucket + 1]; i++) {
        if (table_word_prints[i] == hash >> 16) {
            return table_word_costs[i];
        }
    }
    return NO_WORD;
}

static bool is_han_at(const struct weir_view *view, uint32_t at)
{
    return at < view->length && class_of(character_at(view->bytes, at).code_point) == CLASS_HAN;
}

static uint32_t before(const struct weir_view *view, uint32_t at)
{
    do {
        at--;
    } while ((view->bytes[at] & 0xc0) == 0x80);
    return at;
}

static bool is_inside_han(const struct weir_view *view, uint32_t at)
{
    return at > 0 && is_han_at(view, before(view, at)) && is_han_at(view, at);
}

// The characters around the hit, as far as there is Han. False where the hit is too long.
static bool take_characters(struct lattice *lattice, const struct weir_view *view, uint32_t start,
                            uint32_t end)
{
    uint32_t first = start;
    for (uint32_t i = 0; i < CONTEXT && is_inside_han(view, first); i++) {
        first = before(view, first);
        lattice->hit_start++;
    }
    lattice->hit_end = lattice->hit_start;
    uint32_t at = first;
    for (uint32_t behind = 0; at < end || (behind < CONTEXT && is_inside_han(view, at));) {
        if (lattice->count == MOST || lattice->hit_end - lattice->hit_start > LONGEST_HIT) {
            return false;
        }
        lattice->offsets[lattice->count++] = at;
        lattice->hit_end += at >= start && at < end;
        behind += at >= end;
        at += character_at(view->bytes, at).length;
    }
    lattice->offsets[lattice->count] = at;
    return true;
}

static uint32_t hash_further(uint32_t hash, const struct weir_view *view, uint32_t start,
                             uint32_t end)
{
    for (uint32_t at = start; at < end; at++) {
        hash = (hash ^ (unsigned char)view->bytes[at]) * 0x01000193u;
    }
    return hash;
}

uint32_t weir_lattice_cost(const struct weir_view *view, uint32_t start, uint32_t end)
{
    return cost_of(hash_further(0x811c9dc5u, view, start, end));
}

uint32_t weir_lattice_cost_apart(const struct weir_view *view, uint32_t start, uint32_t end)
{
    uint32_t sum = 0;
    while (start < end) {
        uint32_t behind = start + character_at(view->bytes, start).length;
        uint32_t cost = weir_lattice_cost(view, start, behind);
        sum += cost == NO_WORD ? table_word_cost_of_one : cost;
        start = behind;
    }
    return sum;
}

static void price_words(struct lattice *lattice, const struct weir_view *view)
{
    for (uint32_t start = 0; start < lattice->count; start++) {
        uint32_t hash = 0x811c9dc5u;
        for (uint32_t size = 1; size <= WORD_LONGEST && start + size <= lattice->count; size++) {
            hash = hash_further(hash, view, lattice->offsets[start + size - 1],
                                lattice->offsets[start + size]);
            lattice->costs[start][size] = cost_of(hash);
        }
        if (lattice->costs[start][1] == NO_WORD) {
            lattice->costs[start][1] = table_word_cost_of_one;
        }
    }
}

static bool crosses(uint32_t edge, uint32_t start, uint32_t end)
{
    return start < edge && edge < end;
}

// The cost of the best way to cut all characters, with the hit's edges kept or not.
static uint32_t cheapest(const struct lattice *lattice, bool keeps_edges)
{
    uint32_t best[MOST + 1];
    best[0] = 0;
    for (uint32_t end = 1; end <= lattice->count; end++) {
        best[end] = NO_WORD;
        for (uint32_t size = 1; size <= WORD_LONGEST && size <= end; size++) {
            uint32_t start = end - size;
            uint32_t cost = lattice->costs[start][size];
            if (cost == NO_WORD || (keeps_edges && (crosses(lattice->hit_start, start, end) ||
                                                    crosses(lattice->hit_end, start, end)))) {
                continue;
            }
            best[end] = best[start] + cost < best[end] ? best[start] + cost : best[end];
        }
        if (end == lattice->hit_end) {
            uint32_t cost = best[lattice->hit_start] + table_word_cost_of_ten;
            best[end] = cost < best[end] ? cost : best[end];
        }
    }
    return best[lattice->count];
}

int32_t weir_lattice_margin(const struct weir_view *view, uint32_t start, uint32_t end)
{
    weir_assert(start <= end && end <= view->length);
    if (start == end || (!is_inside_han(view, start) && !is_inside_han(view, end))) {
        return 0;
    }
    struct lattice lattice = {0};
    if (!take_characters(&lattice, view, start, end)) {
        return 0;
    }
    price_words(&lattice, view);
    return (int32_t)(cheapest(&lattice, true) - cheapest(&lattice, false));
}
