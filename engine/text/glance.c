#include "engine/text/views.h"

// Most chat has nothing to close up, to shorten or to read as another letter: no letter three times
// in a row, no three single ones, no gap between Han, no digit beside a letter. One glance at a
// view finds the places that might be such, 32 bytes at a time, and tight and skeleton look closer
// only there.
//
// What is seen of each byte is one bit of a mask. A mask also holds what was seen of the 16 bytes
// before, so that what lies across two steps is whole in one of them.

#define STEP   32
#define BEFORE 16

struct masks {
    uint64_t words;   // small letters and digits
    uint64_t letters; // of ASCII, as the others
    uint64_t hidden;  // letters that may have been typed as others
    uint64_t signs;   // digits and signs that may be letters, but for !
    uint64_t bangs;   // !
    uint64_t blanks;  // of any kind
    uint64_t spaces;
    uint64_t doubles; // the byte behind is the same
    uint64_t han;     // bytes of it, and of `others`
    uint64_t others;  // first bytes of what is neither ASCII nor common Han
};

static uint64_t bits_of(weir_lanes low, weir_lanes high)
{
    return weir_lanes_bits(low) | (uint64_t)weir_lanes_bits(high) << WEIR_LANES;
}

static struct masks masks_at(const char *bytes)
{
    const weir_lanes low = weir_lanes_load(bytes);
    const weir_lanes high = weir_lanes_load(bytes + WEIR_LANES);
    const weir_lanes low_next = weir_lanes_load(bytes + 1);
    const weir_lanes high_next = weir_lanes_load(bytes + WEIR_LANES + 1);
#define BITS_BETWEEN(first, last)                                                                  \
    bits_of(weir_lanes_between(low, first, last), weir_lanes_between(high, first, last))
#define BITS_OF(byte) bits_of(weir_lanes_are(low, byte), weir_lanes_are(high, byte))
    uint64_t digits = BITS_BETWEEN('0', '9');
    struct masks masks = {
        .letters = BITS_BETWEEN('a', 'z'),
        .hidden = BITS_OF('i') | BITS_OF('s'),
        .bangs = BITS_OF('!'),
        .spaces = BITS_OF(' '),
        .doubles = bits_of(weir_lanes_are(low - low_next, 0), weir_lanes_are(high - high_next, 0)),
        .han = bits_of(low, high),
    };
    masks.words = masks.letters | digits;
    masks.signs = digits | BITS_OF('@') | BITS_OF('$') | BITS_OF('|') | BITS_OF('+');
    masks.blanks = masks.spaces | BITS_BETWEEN('\t', '\r');
    if (masks.han) {
        uint64_t rare_e4 = BITS_OF(0xe4) & ~bits_of(weir_lanes_between(low_next, 0xb8, 0xbf),
                                                    weir_lanes_between(high_next, 0xb8, 0xbf));
        masks.others = BITS_BETWEEN(0xc0, 0xe3) | BITS_BETWEEN(0xea, 0xff) | rare_e4;
    }
#undef BITS_BETWEEN
#undef BITS_OF
    return masks;
}

static void join(uint64_t *mask, uint64_t next)
{
    *mask = *mask >> STEP | next << BEFORE;
}

static void go_on(struct masks *masks, const char *bytes)
{
    struct masks next = masks_at(bytes);
    join(&masks->words, next.words);
    join(&masks->letters, next.letters);
    join(&masks->hidden, next.hidden);
    join(&masks->signs, next.signs);
    join(&masks->bangs, next.bangs);
    join(&masks->blanks, next.blanks);
    join(&masks->spaces, next.spaces);
    join(&masks->doubles, next.doubles);
    join(&masks->han, next.han);
    join(&masks->others, next.others);
}

// Where the runs of `inside` that start at `starts` end: the first places behind them.
static uint64_t ends_of(uint64_t starts, uint64_t inside)
{
    return (starts + inside) & ~inside;
}

// A run that began before what the mask holds may go on in it.
static uint64_t began_before(uint64_t inside, bool *is_open)
{
    uint64_t starts = *is_open ? inside & 1 : 0;
    *is_open = inside >> (STEP + BEFORE - 1) & 1;
    return starts;
}

// The first of three single letters at the same distance, at most three characters apart; and any
// single letter beside what has more bytes than one.
static uint64_t find_singles(const struct masks *masks)
{
    uint64_t singles = masks->words & ~(masks->words << 1) & ~(masks->words >> 1);
    uint64_t found = masks->others ? singles : 0;
    for (uint32_t distance = 2; distance <= 4; distance++) {
        found |= singles & singles >> distance & singles >> 2 * distance;
    }
    return found;
}

static uint64_t find_for_tight(const struct masks *masks, uint64_t gaps, bool *is_open)
{
    uint64_t triples = masks->doubles & masks->doubles << 1 & masks->letters;
    uint64_t blanks = masks->blanks << 1 & masks->spaces;
    uint64_t starts = (gaps & masks->han << 1) | began_before(gaps, is_open);
    uint64_t closed = ends_of(starts, gaps) & masks->han;
    return triples | blanks | closed | masks->others | find_singles(masks);
}

// Exclamation marks are letters only inside a word.
static uint64_t find_for_skeleton(const struct masks *masks, bool *is_open)
{
    uint64_t beside = masks->signs & (masks->letters << 1 | masks->letters >> 1);
    uint64_t parts = masks->letters | masks->signs;
    uint64_t starts = (masks->bangs & parts << 1) | began_before(masks->bangs, is_open);
    uint64_t inside = ends_of(starts, masks->bangs) & parts;
    return beside | inside | masks->others;
}

// `found` of one step: what belongs to the step before goes there.
static void note(uint32_t *places, uint32_t step, uint64_t found)
{
    places[step] = (uint32_t)(found >> BEFORE);
    if (step > 0) {
        places[step - 1] |= (uint32_t)found << (STEP - BEFORE);
    }
}

bool glance_at(struct weir_text *text, const struct weir_view *in)
{
    struct masks masks = {0};
    bool is_gap = false;
    bool is_bang = false;
    uint64_t for_tight = 0;
    uint64_t for_skeleton = 0;
    for (uint32_t step = 0; step * STEP < in->length; step++) {
        uint32_t left = in->length - step * STEP;
        uint64_t seen = (UINT64_C(1) << ((left < STEP ? left : STEP) + BEFORE)) - 1;
        go_on(&masks, in->bytes + step * STEP);
        uint64_t gaps = seen & ~masks.words & ~masks.han;
        uint64_t found = find_for_tight(&masks, gaps, &is_gap);
        for_tight |= found;
        note(text->tight_places, step, found);
        found = find_for_skeleton(&masks, &is_bang) | (text->has_hidden ? masks.hidden : 0);
        for_skeleton |= found;
        note(text->skeleton_places, step, found);
    }
    text->may_look_alike = for_skeleton != 0;
    return for_tight != 0;
}

uint32_t next_place(const uint32_t *places, uint32_t at, uint32_t end)
{
    if (at >= end) {
        return end;
    }
    uint32_t step = at / STEP;
    uint32_t bits = places[step] & UINT32_MAX << at % STEP;
    while (bits == 0) {
        step++;
        if (step * STEP >= end) {
            return end;
        }
        bits = places[step];
    }
    return step * STEP + (uint32_t)__builtin_ctz(bits);
}
