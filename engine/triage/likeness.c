#include "engine/triage/meaning_parts.h"

// Weights; found together with WEIR_LIKENESS_SAME, on tests/cases/merge and on pairs and questions
// with answers of other kinds, so that they do not fit to one.
#define WEIGHT_ASK           10
#define WEIGHT_OTHER_ASK     8 // in addition, where both want something clear, and not the same
#define WEIGHT_TOPIC         31
#define WEIGHT_COMMON        33
#define WEIGHT_COMMON_TOO    17 // where both have another in common
#define WEIGHT_COMMON_BESIDE 4  // beside a topic, or where slots say what it is about
#define WEIGHT_WORD          25
#define WEIGHT_LETTER        12
#define WEIGHT_SLOT          21
#define WEIGHT_LONE_TOPIC    9  // in addition, where the other is about nothing that is known
#define UNKNOWN_TENTHS       26 // of what both say in words that nobody knows, and differently

static enum weir_part_kind kind_of(uint32_t part)
{
    return (enum weir_part_kind)(part >> WEIR_PART_SHIFT);
}

// One side of a comparison: what it has, and what of it the other has not.
struct side {
    const struct weir_meaning *meaning;
    bool has_topic;
    int32_t common_weight; // of a part of that kind that only this side has
    int32_t alone;         // weight of what only this side has
    int32_t unknown;       // of it: words that no row knows
    uint32_t asks;         // of it: a bit each, WEIR_ASKS = whether
};

static int32_t weight_of(uint32_t part, int32_t common_weight)
{
    switch (kind_of(part)) {
    case WEIR_PART_ASK:
        return WEIGHT_ASK;
    case WEIR_PART_YES_NO:
        return 1; // 吗 alone is like itself
    case WEIR_PART_TOPIC:
        return WEIGHT_TOPIC;
    case WEIR_PART_COMMON:
        return common_weight;
    case WEIR_PART_WORD:
        return WEIGHT_WORD;
    case WEIR_PART_LETTER:
        return WEIGHT_LETTER;
    }
    return 0;
}

static void add_alone(struct side *side, uint32_t part)
{
    int32_t weight = weight_of(part, side->common_weight);
    side->alone += weight;
    side->unknown += kind_of(part) >= WEIR_PART_WORD ? weight : 0;
    if (kind_of(part) == WEIR_PART_ASK) {
        side->asks |= 1u << (part & WEIR_PART_BITS);
    } else if (kind_of(part) == WEIR_PART_YES_NO) {
        side->asks |= 1u << WEIR_ASKS;
    }
}

// What two people may mean by different words: how do I / where do I, why is / how is.
static bool go_together(uint32_t a, uint32_t b)
{
    static const uint32_t pairs[] = {
        1u << WEIR_ASK_HOW | 1u << WEIR_ASK_WHERE,  1u << WEIR_ASK_HOW | 1u << WEIR_ASK_WHY,
        1u << WEIR_ASK_HOW | 1u << WEIR_ASK_WHO,    1u << WEIR_ASK_WHERE | 1u << WEIR_ASK_WHO,
        1u << WEIR_ASK_WHEN | 1u << WEIR_ASK_COUNT, 1u << WEIR_ASK_WHAT | 1u << WEIR_ASK_COUNT,
        1u << WEIR_ASK_WHAT | 1u << WEIR_ASK_WHO,   1u << WEIR_ASK_WHAT | 1u << WEIR_ASK_PRICE,
        1u << WEIR_ASKS | 1u << WEIR_ASK_WHAT,      1u << WEIR_ASKS | 1u << WEIR_ASK_WHY,
        1u << WEIR_ASKS | 1u << WEIR_ASK_PRICE,     1u << WEIR_ASKS | 1u << WEIR_ASK_COUNT,
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs) && a != 0 && b != 0; i++) {
        if ((a & pairs[i]) && (b & pairs[i]) && ((a | b) & pairs[i]) == pairs[i]) {
            return true;
        }
    }
    return false;
}

static bool is_head(uint32_t part, bool topics)
{
    return kind_of(part) == (topics ? WEIR_PART_TOPIC : WEIR_PART_COMMON);
}

static bool share_head(const struct weir_meaning *a, bool topics_a, const struct weir_meaning *b,
                       bool topics_b)
{
    for (size_t i = 0; topics_a == topics_b && i < a->count; i++) {
        for (size_t k = 0; is_head(a->parts[i], topics_a) && k < b->count; k++) {
            if (a->parts[i] == b->parts[k]) {
                return true;
            }
        }
    }
    return false;
}

// Fills what each has alone; the weight of what they share, by the side that makes less of it.
static int32_t compare(struct side *a, struct side *b, bool slots_say)
{
    int32_t shared_a = a->has_topic || slots_say ? WEIGHT_COMMON_BESIDE : WEIGHT_COMMON;
    int32_t shared_b = b->has_topic || slots_say ? WEIGHT_COMMON_BESIDE : WEIGHT_COMMON;
    int32_t common_a = 0;
    int32_t common_b = 0;
    size_t i = 0;
    size_t k = 0;
    while (i < a->meaning->count || k < b->meaning->count) {
        const uint32_t *part_a = i < a->meaning->count ? &a->meaning->parts[i] : NULL;
        const uint32_t *part_b = k < b->meaning->count ? &b->meaning->parts[k] : NULL;
        if (!part_b || (part_a && *part_a < *part_b)) {
            add_alone(a, *part_a);
            i++;
        } else if (!part_a || *part_b < *part_a) {
            add_alone(b, *part_b);
            k++;
        } else {
            common_a += weight_of(*part_a, shared_a);
            common_b += weight_of(*part_b, shared_b);
            i++;
            k++;
        }
    }
    return common_a < common_b ? common_a : common_b;
}

static struct side side_of(const struct weir_meaning *meaning, bool slots_say, bool share_common)
{
    bool is_beside = meaning->has_topic || slots_say;
    return (struct side){
        .meaning = meaning,
        .has_topic = meaning->has_topic,
        .common_weight = is_beside      ? WEIGHT_COMMON_BESIDE
                         : share_common ? WEIGHT_COMMON_TOO
                                        : WEIGHT_COMMON,
    };
}

static bool want_other_things(uint32_t a, uint32_t b)
{
    const uint32_t clear = 1u << WEIR_ASK_WHEN | 1u << WEIR_ASK_WHERE | 1u << WEIR_ASK_WHO |
                           1u << WEIR_ASK_WHAT | 1u << WEIR_ASK_PRICE | 1u << WEIR_ASK_COUNT;
    return (a & clear) && (b & clear) && !go_together(a, b);
}

static int32_t weight_alone(const struct side *side, const struct side *other)
{
    int32_t weight = side->alone;
    if (go_together(side->asks, other->asks)) {
        weight -= WEIGHT_ASK;
    } else if (want_other_things(side->asks, other->asks)) {
        weight += WEIGHT_OTHER_ASK;
    }
    if (side->has_topic && !other->has_topic) {
        weight += WEIGHT_LONE_TOPIC;
    }
    return weight > 0 ? weight : 0;
}

struct weir_meaning_bound weir_meaning_bound_of(const struct weir_meaning *meaning)
{
    struct weir_meaning_bound bound = {.slot_count = meaning->slot_count};
    for (size_t i = 0; i < meaning->count; i++) {
        uint32_t part = meaning->parts[i];
        uint64_t bit = 1ull << ((part * 2654435761u) >> 26);
        bool is_letter = kind_of(part) == WEIR_PART_LETTER;
        uint64_t *bits = is_letter ? &bound.letters : &bound.others;
        bound.hidden_letters += is_letter && (*bits & bit) != 0;
        bound.hidden_others += !is_letter && (*bits & bit) != 0;
        *bits |= bit;
        bound.common += kind_of(part) == WEIR_PART_COMMON;
        bound.weight += weight_of(part, WEIGHT_COMMON_BESIDE);
    }
    return bound;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most_shared(uint64_t bits, uint8_t hidden_a, uint8_t hidden_b)
{
    return __builtin_popcountll(bits) + smaller(hidden_a, hidden_b);
}

static int32_t least_alone(const struct weir_meaning_bound *bound, int32_t shared)
{
    int32_t weight = bound->weight - shared - WEIGHT_ASK; // which may go together with another
    return weight > 0 ? weight : 0;
}

// As weir_meaning_likeness() sums up, with all in favour that may be.
bool weir_meanings_may_reach(const struct weir_meaning_bound *a, const struct weir_meaning_bound *b,
                             uint32_t least)
{
    int32_t letters = most_shared(a->letters & b->letters, a->hidden_letters, b->hidden_letters);
    int32_t others = most_shared(a->others & b->others, a->hidden_others, b->hidden_others);
    int32_t shared =
        smaller(letters * WEIGHT_LETTER + others * WEIGHT_TOPIC, smaller(a->weight, b->weight));
    int32_t common = shared +
                     smaller(a->common, b->common) * (WEIGHT_COMMON - WEIGHT_COMMON_BESIDE) +
                     WEIGHT_SLOT * a->slot_count;
    int32_t apart = least_alone(a, shared) + least_alone(b, shared);
    return 1000 * common >= (int32_t)least * (common + apart);
}

uint32_t weir_meaning_likeness(const struct weir_meaning *a, const struct weir_meaning *b)
{
    if (a->slots != b->slots || a->slot_count != b->slot_count) {
        return 0;
    }
    bool slots_say = a->slot_count > 0 && !a->has_topic && !b->has_topic;
    if (!slots_say && a->heads != 0 && b->heads != 0 &&
        !share_head(a, a->has_topic, b, b->has_topic)) {
        return 0;
    }
    bool share_common = share_head(a, false, b, false);
    struct side first = side_of(a, slots_say, share_common);
    struct side second = side_of(b, slots_say, share_common);
    int32_t common = compare(&first, &second, slots_say) + WEIGHT_SLOT * a->slot_count;
    if (common <= 0) {
        return 0;
    }
    int32_t unknown = first.unknown < second.unknown ? first.unknown : second.unknown;
    int32_t apart = weight_alone(&first, &second) + weight_alone(&second, &first) +
                    unknown * UNKNOWN_TENTHS / 10;
    return (uint32_t)(1000 * common / (common + apart));
}
