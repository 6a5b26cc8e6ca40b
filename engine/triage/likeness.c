#include "engine/triage/meaning_parts.h"

// Weights in tenths; found together with WEIR_LIKENESS_SAME.
#define WEIGHT_ASK           9
#define WEIGHT_YES_NO        3
#define WEIGHT_TOPIC         20
#define WEIGHT_COMMON        20
#define WEIGHT_COMMON_BESIDE 5 // beside a topic, or where slots say what it is about
#define WEIGHT_WORD          20
#define WEIGHT_LETTER        10
#define WEIGHT_SLOT          9
#define WEIGHT_OTHER_ASK     15 // both want something, and not the same
#define WEIGHT_LONE_TOPIC    20 // only one of them is about something that is known

static enum weir_part_kind kind_of(uint32_t part)
{
    return (enum weir_part_kind)(part >> WEIR_PART_SHIFT);
}

struct sum {
    int32_t weight;
    int32_t unknown; // of it: words that no row knows
    uint32_t asks;   // bits; WEIR_ASKS = whether
};

static bool has_topic(const struct weir_meaning *meaning)
{
    for (size_t i = 0; i < meaning->count; i++) {
        if (kind_of(meaning->parts[i]) == WEIR_PART_TOPIC) {
            return true;
        }
    }
    return false;
}

static int32_t weight_of(uint32_t part, bool is_beside)
{
    switch (kind_of(part)) {
    case WEIR_PART_ASK:
        return WEIGHT_ASK;
    case WEIR_PART_YES_NO:
        return WEIGHT_YES_NO;
    case WEIR_PART_TOPIC:
        return WEIGHT_TOPIC;
    case WEIR_PART_COMMON:
        return is_beside ? WEIGHT_COMMON_BESIDE : WEIGHT_COMMON;
    case WEIR_PART_WORD:
        return WEIGHT_WORD;
    case WEIR_PART_LETTER:
        return WEIGHT_LETTER;
    }
    return 0;
}

static void add_only(struct sum *sum, uint32_t part, bool is_beside)
{
    int32_t weight = weight_of(part, is_beside);
    sum->weight += weight;
    sum->unknown += kind_of(part) >= WEIR_PART_WORD ? weight : 0;
    if (kind_of(part) == WEIR_PART_ASK) {
        sum->asks |= 1u << (part & WEIR_PART_BITS);
    } else if (kind_of(part) == WEIR_PART_YES_NO) {
        sum->asks |= 1u << WEIR_ASKS;
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
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
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

static bool has_head(const struct weir_meaning *meaning, bool topics)
{
    for (size_t i = 0; i < meaning->count; i++) {
        if (is_head(meaning->parts[i], topics)) {
            return true;
        }
    }
    return false;
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

static void compare(const struct weir_meaning *a, bool beside_a, const struct weir_meaning *b,
                    bool beside_b, struct sum *only_a, struct sum *only_b, int32_t *common_out)
{
    int32_t common_a = 0;
    int32_t common_b = 0;
    size_t i = 0;
    size_t k = 0;
    while (i < a->count || k < b->count) {
        if (k == b->count || (i < a->count && a->parts[i] < b->parts[k])) {
            add_only(only_a, a->parts[i++], beside_a);
        } else if (i == a->count || b->parts[k] < a->parts[i]) {
            add_only(only_b, b->parts[k++], beside_b);
        } else {
            common_a += weight_of(a->parts[i++], beside_a);
            common_b += weight_of(b->parts[k++], beside_b);
        }
    }
    *common_out = common_a < common_b ? common_a : common_b;
}

static int32_t at_least_nothing(int32_t weight)
{
    return weight > 0 ? weight : 0;
}

static void weigh_asks(struct sum *a, struct sum *b)
{
    if (a->asks == 0 || b->asks == 0) {
        return;
    }
    int32_t change = go_together(a->asks, b->asks) ? -WEIGHT_ASK : WEIGHT_OTHER_ASK;
    a->weight += change;
    b->weight += change;
}

uint32_t weir_meaning_likeness(const struct weir_meaning *a, const struct weir_meaning *b)
{
    if (a->slots != b->slots || a->slot_count != b->slot_count) {
        return 0;
    }
    bool topics_a = has_topic(a);
    bool topics_b = has_topic(b);
    bool slots_say = a->slot_count > 0 && !topics_a && !topics_b;
    if (!slots_say && has_head(a, topics_a) && has_head(b, topics_b) &&
        !share_head(a, topics_a, b, topics_b)) {
        return 0;
    }
    struct sum only_a = {0};
    struct sum only_b = {0};
    int32_t common = 0;
    compare(a, topics_a || slots_say, b, topics_b || slots_say, &only_a, &only_b, &common);
    common += WEIGHT_SLOT * a->slot_count;
    weigh_asks(&only_a, &only_b);
    only_a.weight += topics_a && !topics_b ? WEIGHT_LONE_TOPIC : 0;
    only_b.weight += topics_b && !topics_a ? WEIGHT_LONE_TOPIC : 0;
    int32_t first = at_least_nothing(only_a.weight);
    int32_t second = at_least_nothing(only_b.weight);
    int32_t more = first > second ? first : second;
    int32_t less = first > second ? second : first;
    less += only_a.unknown < only_b.unknown ? only_a.unknown : only_b.unknown;
    if (common <= 0) {
        return 0;
    }
    return (uint32_t)(1000 * common / (common + more / 2 + less));
}
