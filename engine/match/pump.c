// Whether a regex explodes can't be seen from it with certainty, but it can be shown: for each part
// that repeats, a text is made that begins as the regex wants it, goes round in that part as often
// as a message has room for, and ends in something that fits nowhere. Only where the regex really
// meets its limit on such a text is it said, with the text.

#include "engine/match/pump.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"

#define CHARS_MOST    500u // of a message on the platforms that allow the longest
#define REPEATS_MOST  8u   // parts of one regex that are tried
#define VARIANTS      3u   // texts for each part
#define LEAST_ROUNDS  8u   // of a repeat, that it is worth trying
#define SAMPLE_DEPTH  64u
#define SAMPLE_ROUNDS 4u

// Fits hardly anything: it ends lines, words, numbers and runs of symbols.
#define MISFIT "\n!a1"

void weir_pump_fini(struct weir_pump *pump)
{
    weir_buffer_fini(&pump->before);
    weir_buffer_fini(&pump->piece);
    weir_buffer_fini(&pump->after);
    *pump = (struct weir_pump){0};
}

// Characters that are tried for a class, the likeliest first.
static const char *const members[] = {"a", "1", " ",  "-",  ".", "中", "é", "x", "_", "@", "!",
                                      "/", "0", "\n", "\t", "'", "k",  "z", "5", ",", "я"};

struct sampler {
    const struct weir_pumped *pumped;
    uint32_t variant;
    uint32_t depth;
    const struct regex_node *target; // where `out` changes from before to after; NULL: nowhere
    struct weir_buffer *out;
    struct weir_buffer *after;
};

static bool is_within(const struct regex_node *inner, const struct regex_node *outer)
{
    return outer->start <= inner->start && inner->end <= outer->end && outer->end > outer->start;
}

static bool holds(const struct regex_node *node, const struct regex_node *target)
{
    if (!target) {
        return false;
    }
    if (node == target || (node->end > node->start && is_within(target, node))) {
        return true;
    }
    for (const struct regex_node *child = node->children; child && node->end == node->start;
         child = child->next) { // groups and alternatives have no place of their own
        if (holds(child, target)) {
            return true;
        }
    }
    return false;
}

// A character of a class that its tree does not list, found by asking PCRE2.
static void add_member(struct sampler *sampler, const struct regex_node *node)
{
    const struct weir_pumped *pumped = sampler->pumped;
    struct weir_regex_error error;
    struct weir_span source = weir_span_slice(pumped->pattern, node->start, node->end);
    WEIR_AUTO(weir_regex_destroy)
    struct weir_regex *class = weir_regex_create(source, pumped->caseless, &error);
    struct weir_regex_match match;
    const char *found = "a";
    uint32_t count = 0;
    for (size_t i = 0; class && i < ARRAY_LEN(members) && count <= sampler->variant; i++) {
        if (weir_regex_find(class, pumped->scratch, weir_span_of(members[i]), 0, &match) ==
            WEIR_REGEX_HIT) {
            found = members[i];
            count++;
        }
    }
    weir_buffer_add_text(sampler->out, found);
}

static void add_sample(struct sampler *sampler, const struct regex_node *node);

static void add_choice(struct sampler *sampler, const struct regex_node *node)
{
    const struct regex_node *chosen = node->children;
    uint32_t left = sampler->variant;
    for (const struct regex_node *child = node->children; child; child = child->next) {
        if (holds(child, sampler->target)) {
            chosen = child;
            break;
        }
        chosen = left-- == 0 ? child : chosen;
    }
    add_sample(sampler, chosen);
}

static void add_repeat(struct sampler *sampler, const struct regex_node *node)
{
    bool is_way = holds(node->children, sampler->target);
    uint32_t rounds = node->least < SAMPLE_ROUNDS ? node->least : SAMPLE_ROUNDS;
    rounds = (is_way || !sampler->target) && rounds == 0 && node->most > 0 ? 1 : rounds;
    for (uint32_t i = 0; i < rounds; i++) {
        add_sample(sampler, node->children);
    }
}

// A text that the node matches, as far as its tree tells.
static void add_sample(struct sampler *sampler, const struct regex_node *node)
{
    if (node == sampler->target) {
        sampler->out = sampler->after;
        sampler->target = NULL;
        return;
    }
    if (sampler->depth++ > SAMPLE_DEPTH) {
        sampler->depth--;
        return;
    }
    switch (node->kind) {
    case REGEX_CHARACTER:
        weir_utf8_add(sampler->out, node->character);
        break;
    case REGEX_CLASS:
        if (node->member_count > 0) {
            weir_utf8_add(sampler->out, node->members[sampler->variant % node->member_count]);
        } else {
            add_member(sampler, node);
        }
        break;
    case REGEX_SEQUENCE:
    case REGEX_ATOMIC:
        for (const struct regex_node *child = node->children; child; child = child->next) {
            add_sample(sampler, child);
        }
        break;
    case REGEX_CHOICE:
        add_choice(sampler, node);
        break;
    case REGEX_REPEAT:
        add_repeat(sampler, node);
        break;
    default:
        break;
    }
    sampler->depth--;
}

static void write_text(const struct weir_pump *pump, uint32_t times, struct weir_buffer *out)
{
    weir_buffer_clear(out);
    weir_buffer_add(out, weir_buffer_span(&pump->before));
    for (uint32_t i = 0; i < times; i++) {
        weir_buffer_add(out, weir_buffer_span(&pump->piece));
    }
    weir_buffer_add(out, weir_buffer_span(&pump->after));
}

static bool meets_limit(const struct weir_pumped *pumped, const struct weir_pump *pump,
                        uint32_t times, struct weir_buffer *text)
{
    struct weir_regex_match match;
    uint64_t budget = WEIR_REGEX_STEPS_A_MESSAGE;
    write_text(pump, times, text);
    return weir_regex_find_within(pumped->regex, pumped->scratch, weir_buffer_span(text), 0,
                                  &budget, &match) == WEIR_REGEX_LIMIT;
}

// The fewest rounds that do, to a quarter.
static uint32_t fewest_rounds(const struct weir_pumped *pumped, const struct weir_pump *pump,
                              uint32_t most, struct weir_buffer *text)
{
    uint32_t least = 0; // does not
    while (most > 1 && least + most / 4 < most) {
        uint32_t middle = least + (most - least) / 2;
        if (middle == least) {
            break;
        }
        if (meets_limit(pumped, pump, middle, text)) {
            most = middle;
        } else {
            least = middle;
        }
        if (most - least <= most / 4) {
            break;
        }
    }
    return most;
}

static void make_pump(const struct weir_pumped *pumped, const struct regex_node *repeat,
                      uint32_t variant, struct weir_pump *pump)
{
    weir_buffer_clear(&pump->before);
    weir_buffer_clear(&pump->piece);
    weir_buffer_clear(&pump->after);
    struct sampler piece = {.pumped = pumped, .variant = variant, .out = &pump->piece};
    add_sample(&piece, repeat->children);
    weir_buffer_add_text(&pump->after, MISFIT);
    struct sampler around = {.pumped = pumped,
                             .variant = variant,
                             .target = repeat,
                             .out = &pump->before,
                             .after = &pump->after};
    add_sample(&around, pumped->syntax->root);
}

static bool try_repeat(const struct weir_pumped *pumped, const struct regex_node *repeat,
                       struct weir_pump *pump)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer last = {0};
    for (uint32_t variant = 0; variant < VARIANTS; variant++) {
        make_pump(pumped, repeat, variant, pump);
        size_t around = weir_utf8_count(weir_buffer_span(&pump->before)) +
                        weir_utf8_count(weir_buffer_span(&pump->after));
        size_t piece = weir_utf8_count(weir_buffer_span(&pump->piece));
        bool is_new = !weir_span_equals(weir_buffer_span(&pump->piece), weir_buffer_span(&last));
        if (piece == 0 || around + piece > CHARS_MOST || !is_new) {
            continue;
        }
        uint32_t most = (uint32_t)((CHARS_MOST - around) / piece);
        if (meets_limit(pumped, pump, most, &text)) {
            pump->repeat = repeat;
            pump->times = fewest_rounds(pumped, pump, most, &text);
            pump->chars = (uint32_t)(around + pump->times * piece);
            return true;
        }
        weir_buffer_clear(&last);
        weir_buffer_add(&last, weir_buffer_span(&pump->piece));
    }
    return false;
}

struct repeats {
    const struct regex_node *items[REPEATS_MOST];
    uint32_t count;
};

static void collect(const struct regex_node *node, uint32_t depth, struct repeats *out)
{
    if (depth > SAMPLE_DEPTH) {
        return;
    }
    if (node->kind == REGEX_REPEAT && node->most >= LEAST_ROUNDS &&
        node->hunger != REGEX_POSSESSIVE && out->count < REPEATS_MOST) {
        out->items[out->count++] = node;
    }
    for (const struct regex_node *child = node->children; child; child = child->next) {
        collect(child, depth + 1, out);
    }
}

bool weir_pump_find(const struct weir_pumped *pumped, struct weir_pump *pump_out)
{
    struct repeats repeats = {.count = 0};
    collect(pumped->syntax->root, 0, &repeats);
    for (uint32_t i = 0; i < repeats.count; i++) {
        if (try_repeat(pumped, repeats.items[i], pump_out)) {
            return true;
        }
    }
    return false;
}
