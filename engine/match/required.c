// Walks the tree bottom-up. Of each node we know, as sets of strings and where they are known at
// all: what it matches exactly, what each match begins and ends with, and the best set of which
// each match contains one. Neighbours in a sequence are joined, so that sets grow into longer
// strings; of two sets that would do, the one that is rarer in chat is kept.

#include "engine/match/required.h"

#include "engine/match/gram_frequency.h"

#define CROSS_MOST    64u  // strings in a set that joins two others
#define UNION_MOST    600u // strings in a set of alternatives
#define OPTIONAL_MOST 16u  // strings in a set that may also be absent
#define STRING_MOST   128u // bytes of a string
#define REPEATS_MOST  6u   // of a repeated string that are written out
#define COUNT_MOST    4096u

// Letters without their case, digits, the symbols that rules ask for, other symbols by twos and
// threes; control characters and what stands inside characters; lead bytes by their remainder.
uint32_t weir_byte_kind(unsigned char byte)
{
    static const uint8_t of_ascii[128] = {
        63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
        63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 36, 45, 51, 38, 39, 40, 52, 50, 56, 56, 53, 54,
        47, 48, 46, 41, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 42, 59, 58, 43, 58, 44, 37, 0,
        1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
        23, 24, 25, 57, 59, 57, 59, 49, 59, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
        13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 57, 59, 57, 55, 63,
    };
    return byte < 0x80 ? of_ascii[byte] : byte < 0xC0 ? 63 : 60 + byte % 3u;
}

struct strings {
    struct weir_span *items;
    uint32_t count;
    double cost; // 0: not reckoned yet
};

// What is known of a node. NULL: nothing.
struct facts {
    struct strings *exact;
    struct strings *prefix;
    struct strings *suffix;
    struct strings *best;
    bool plain; // no assertions and nothing that changes in which order PCRE2 tries
    bool takes_text;
    uint32_t chars;
    uint32_t digits;
    uint64_t bytes;
};

static struct strings *new_strings(struct weir_arena *arena, uint32_t capacity)
{
    struct strings *set = weir_arena_alloc(arena, sizeof(*set));
    set->items = weir_arena_alloc(arena, capacity * sizeof(*set->items));
    return set;
}

static struct strings *just_nothing(struct weir_arena *arena)
{
    struct strings *set = new_strings(arena, 1);
    set->items[0] = (struct weir_span){"", 0};
    set->count = 1;
    return set;
}

static bool holds_empty(struct strings *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].length == 0) {
            return true;
        }
    }
    return false;
}

static bool add_joined(struct weir_arena *arena, struct strings *set, struct weir_span left,
                       struct weir_span right)
{
    if (left.length + right.length > STRING_MOST) {
        return false;
    }
    if (left.length == 0 || right.length == 0) {
        set->items[set->count++] = left.length ? left : right;
        return true;
    }
    char *bytes = weir_arena_alloc(arena, left.length + right.length);
    memcpy(bytes, left.data, left.length);
    memcpy(bytes + left.length, right.data, right.length);
    set->items[set->count++] = (struct weir_span){bytes, left.length + right.length};
    return true;
}

// Each of `a` followed by each of `b`, in the order in which PCRE2 would try them; NULL: too many.
static struct strings *cross(struct weir_arena *arena, struct strings *a, struct strings *b)
{
    if (!a || !b || (uint64_t)a->count * b->count > CROSS_MOST) {
        return NULL;
    }
    if (b->count == 1 && b->items[0].length == 0) {
        return a;
    }
    struct strings *set = new_strings(arena, a->count * b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        for (uint32_t j = 0; j < b->count; j++) {
            if (!add_joined(arena, set, a->items[i], b->items[j])) {
                return NULL;
            }
        }
    }
    return set;
}

static double share_of_byte(unsigned char byte)
{
    bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    bool is_digit = byte >= '0' && byte <= '9';
    return byte == ' ' ? 0.6 : is_letter ? 0.4 : is_digit ? 0.08 : byte < 0x80 ? 0.05 : 0.3;
}

// How large a share of messages we expect a string in.
static double expected_share(struct weir_span text)
{
    // Commonness counts in steps of 16/15 of a power of two below the share of all messages.
    static const double share_of[16] = {1.5e-5, 3.2e-5, 6.7e-5, 1.4e-4, 2.9e-4, 6.2e-4,
                                        1.3e-3, 2.7e-3, 5.7e-3, 1.2e-2, 2.5e-2, 5.2e-2,
                                        0.11,   0.23,   0.48,   1.0};
    if (text.length < 2) {
        return text.length ? share_of_byte((unsigned char)text.data[0]) : 1.0;
    }
    uint32_t least = 15;
    for (size_t i = 0; i + (text.length < 4 ? 2 : 4) <= text.length; i++) {
        uint32_t gram = (unsigned char)text.data[i] | (uint32_t)(unsigned char)text.data[i + 1]
                                                          << 8;
        uint32_t commonness = text.length < 4 ? weir_gram2_commonness(gram) : 0;
        if (text.length >= 4) {
            memcpy(&gram, text.data + i, 4);
            commonness = weir_gram4_commonness(gram);
        }
        least = commonness < least ? commonness : least;
    }
    double share = share_of[least];
    for (size_t length = 4; length < text.length; length++) {
        share *= 0.7; // a longer string is rarer than its rarest part
    }
    return share;
}

static double cost_of(struct strings *set)
{
    if (set->cost == 0) {
        set->cost = 2e-6 * set->count;
        for (uint32_t i = 0; i < set->count; i++) {
            set->cost += expected_share(set->items[i]);
        }
    }
    return set->cost;
}

// The set that is better to look for; either may be NULL, and one with an empty string is no help.
static struct strings *better(struct strings *a, struct strings *b)
{
    if (!a || holds_empty(a)) {
        return b && !holds_empty(b) ? b : NULL;
    }
    if (!b || holds_empty(b)) {
        return a;
    }
    return cost_of(a) <= cost_of(b) ? a : b;
}

static uint32_t at_most(uint64_t number)
{
    return number < COUNT_MOST ? (uint32_t)number : COUNT_MOST;
}

static struct facts analyse(struct weir_arena *arena, const struct regex_node *node);

static struct facts nothing(struct weir_arena *arena)
{
    struct strings *empty = just_nothing(arena);
    return (struct facts){.exact = empty, .prefix = empty, .suffix = empty};
}

static struct weir_span encode(struct weir_arena *arena, uint32_t character)
{
    unsigned char *bytes = weir_arena_alloc(arena, 4);
    size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (unsigned char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    bytes[0] = (unsigned char)(leads[length] | character);
    return (struct weir_span){(const char *)bytes, length};
}

static uint64_t bits_of(struct weir_span text)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        bits |= 1ull << weir_byte_kind((unsigned char)text.data[i]);
    }
    return bits;
}

static struct facts of_members(struct weir_arena *arena, const uint32_t *members, uint32_t count)
{
    struct strings *set = new_strings(arena, count);
    uint64_t bytes = ~0ull;
    for (uint32_t i = 0; i < count; i++) {
        set->items[set->count++] = encode(arena, members[i]);
        bytes &= bits_of(set->items[i]);
    }
    return (struct facts){.exact = set,
                          .prefix = set,
                          .suffix = set,
                          .best = set,
                          .plain = true,
                          .takes_text = true,
                          .chars = 1,
                          .bytes = bytes};
}

static struct facts of_character(struct weir_arena *arena, const struct regex_node *node)
{
    struct facts facts = of_members(arena, &node->character, 1);
    facts.digits = node->character >= '0' && node->character <= '9';
    return facts;
}

static struct facts of_class(struct weir_arena *arena, const struct regex_node *node)
{
    struct facts facts = {.plain = true, .takes_text = true, .chars = 1};
    if (node->member_count > 0) {
        facts = of_members(arena, node->members, node->member_count);
    }
    facts.digits = node->only_digits;
    return facts;
}

// A sequence as far as it has been walked.
struct walk {
    struct facts whole;
    struct strings *run; // what the text that was walked last ends with
    bool exact;          // ... and is
};

// Ends the run: what it knew is offered as the best, and as the prefix if it was the first.
static void end_run(struct walk *walk, struct strings *run, struct strings *next)
{
    walk->whole.best = better(walk->whole.best, run);
    if (!walk->whole.prefix) {
        walk->whole.prefix = run;
    }
    walk->run = next;
    walk->exact = false;
}

static void walk_on(struct weir_arena *arena, struct walk *walk, const struct facts *item)
{
    walk->whole.plain &= item->plain;
    walk->whole.takes_text |= item->takes_text;
    walk->whole.chars = at_most((uint64_t)walk->whole.chars + item->chars);
    walk->whole.digits = at_most((uint64_t)walk->whole.digits + item->digits);
    walk->whole.bytes |= item->bytes;
    walk->whole.best = better(walk->whole.best, item->best);
    if (item->exact) {
        struct strings *joined = cross(arena, walk->run, item->exact);
        if (joined) {
            walk->run = joined;
        } else {
            end_run(walk, walk->run, item->exact);
        }
        return;
    }
    struct strings *joined = cross(arena, walk->run, item->prefix);
    end_run(walk, joined ? joined : walk->run, item->suffix ? item->suffix : just_nothing(arena));
}

static struct facts of_sequence(struct weir_arena *arena, const struct regex_node *node)
{
    struct walk walk = {.whole = {.plain = true}, .run = just_nothing(arena), .exact = true};
    for (const struct regex_node *child = node->children; child; child = child->next) {
        struct facts item = analyse(arena, child);
        walk_on(arena, &walk, &item);
    }
    walk.whole.best = better(walk.whole.best, walk.run);
    walk.whole.suffix = walk.run;
    if (walk.exact) {
        walk.whole.exact = walk.run;
    }
    if (!walk.whole.prefix) {
        walk.whole.prefix = walk.run;
    }
    return walk.whole;
}

// What two alternatives offer together; NULL where one offers nothing or both too much.
static struct strings *either(struct weir_arena *arena, struct strings *a, struct strings *b,
                              uint32_t most)
{
    if (!a || !b || a->count + b->count > most) {
        return NULL;
    }
    struct strings *set = new_strings(arena, a->count + b->count);
    memcpy(set->items, a->items, a->count * sizeof(*a->items));
    memcpy(set->items + a->count, b->items, b->count * sizeof(*b->items));
    set->count = a->count + b->count;
    return set;
}

static void add_alternative(struct weir_arena *arena, struct facts *whole,
                            const struct facts *other)
{
    whole->exact = either(arena, whole->exact, other->exact, UNION_MOST);
    whole->prefix = either(arena, whole->prefix, other->prefix, CROSS_MOST);
    whole->suffix = either(arena, whole->suffix, other->suffix, CROSS_MOST);
    whole->best = either(arena, whole->best, other->best, UNION_MOST);
    whole->plain &= other->plain;
    whole->takes_text |= other->takes_text;
    whole->chars = other->chars < whole->chars ? other->chars : whole->chars;
    whole->digits = other->digits < whole->digits ? other->digits : whole->digits;
    whole->bytes &= other->bytes;
}

static struct facts of_choice(struct weir_arena *arena, const struct regex_node *node)
{
    struct facts whole = analyse(arena, node->children);
    for (const struct regex_node *child = node->children->next; child; child = child->next) {
        struct facts other = analyse(arena, child);
        add_alternative(arena, &whole, &other);
    }
    return whole;
}

// May be absent: `x?` is tried with x first, `x??` without it.
static struct facts of_optional(struct weir_arena *arena, const struct regex_node *node,
                                const struct facts *child)
{
    struct facts facts = {.plain = child->plain && node->hunger != REGEX_POSSESSIVE,
                          .takes_text = child->takes_text};
    if (node->most != 1 || !child->exact || child->exact->count > OPTIONAL_MOST) {
        return facts;
    }
    struct strings *empty = just_nothing(arena);
    bool lazy = node->hunger == REGEX_LAZY;
    facts.exact =
        either(arena, lazy ? empty : child->exact, lazy ? child->exact : empty, OPTIONAL_MOST + 1);
    facts.prefix = facts.exact;
    facts.suffix = facts.exact;
    return facts;
}

static struct facts of_repeat(struct weir_arena *arena, const struct regex_node *node)
{
    struct facts child = analyse(arena, node->children);
    if (node->most == 0) {
        return nothing(arena);
    }
    if (node->least == 0) {
        return of_optional(arena, node, &child);
    }
    struct facts facts = child;
    facts.plain &= node->hunger != REGEX_POSSESSIVE;
    facts.chars = at_most((uint64_t)child.chars * node->least);
    facts.digits = at_most((uint64_t)child.digits * node->least);
    facts.exact = NULL;
    if (node->most == 1) {
        facts.exact = child.exact;
        return facts;
    }
    if (!child.exact) {
        return facts;
    }
    struct strings *written = child.exact;
    uint32_t times = 1;
    for (; times < node->least && times < REPEATS_MOST; times++) {
        struct strings *longer = cross(arena, written, child.exact);
        if (!longer) {
            break;
        }
        written = longer;
    }
    facts.prefix = facts.suffix = written;
    facts.best = better(child.best, written);
    facts.exact = times == node->most ? written : NULL;
    return facts;
}

// What it looks at is part of the text, but of no known place in the match.
static struct facts of_look(struct weir_arena *arena, const struct regex_node *node)
{
    struct facts child = analyse(arena, node->children);
    struct facts facts = nothing(arena);
    facts.best = child.best;
    facts.bytes = child.bytes;
    return facts;
}

static struct facts analyse(struct weir_arena *arena, const struct regex_node *node)
{
    switch (node->kind) {
    case REGEX_CHARACTER:
        return of_character(arena, node);
    case REGEX_CLASS:
        return of_class(arena, node);
    case REGEX_NOTHING:
        return nothing(arena);
    case REGEX_LOOK:
        return of_look(arena, node);
    case REGEX_SEQUENCE:
        return of_sequence(arena, node);
    case REGEX_CHOICE:
        return of_choice(arena, node);
    case REGEX_REPEAT:
        return of_repeat(arena, node);
    case REGEX_ATOMIC: {
        struct facts facts = analyse(arena, node->children);
        facts.plain = false;
        return facts;
    }
    case REGEX_UNKNOWN:
        break;
    }
    return (struct facts){.takes_text = true};
}

void weir_regex_require(const struct regex_syntax *syntax, struct weir_arena *arena,
                        struct regex_required *required_out)
{
    *required_out = (struct regex_required){.takes_text = true};
    if (!syntax->understood) {
        return;
    }
    struct facts facts = analyse(arena, syntax->root);
    bool only_literals = facts.exact && facts.plain && syntax->plain_order &&
                         !holds_empty(facts.exact) && facts.exact->count <= UNION_MOST;
    struct strings *literals = only_literals ? facts.exact : better(facts.best, facts.best);
    required_out->literals = literals ? literals->items : NULL;
    required_out->literal_count = literals ? literals->count : 0;
    required_out->share = literals ? cost_of(literals) : 1;
    required_out->only_literals = only_literals;
    required_out->takes_text = facts.takes_text;
    required_out->least_chars = facts.chars;
    required_out->least_digits = facts.digits;
    required_out->bytes = facts.bytes;
}
