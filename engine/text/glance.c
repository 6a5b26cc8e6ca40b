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

// What is seen of the bytes of one step, and of those before it.
struct masks {
    uint64_t words;   // small letters and digits
    uint64_t letters; // of ASCII, as the others
    uint64_t signs;   // digits and signs that may be letters, but for !
    uint64_t bangs;   // !
    uint64_t high;    // bytes of Han and of `others`
    uint64_t emoji;   // their first bytes; most of those that there are
    uint64_t others;  // first bytes of what is none of all this
    uint64_t clauses; // punctuation that ends a clause
    uint64_t runs;    // a letter that stands here three times, a blank before a space
    uint64_t hidden;  // letters that may have been typed as others
};

static uint64_t bits_of(weir_lanes low, weir_lanes high)
{
    return weir_lanes_bits(low) | (uint64_t)weir_lanes_bits(high) << WEIR_LANES;
}

static weir_lanes letters_of(weir_lanes bytes)
{
    return weir_lanes_between(bytes, 'a', 'z');
}

static weir_lanes digits_of(weir_lanes bytes)
{
    return weir_lanes_between(bytes, '0', '9');
}

static weir_lanes signs_of(weir_lanes bytes)
{
    return digits_of(bytes) | weir_lanes_are(bytes, '@') | weir_lanes_are(bytes, '$') |
           weir_lanes_are(bytes, '|') | weir_lanes_are(bytes, '+');
}

static weir_lanes runs_of(weir_lanes bytes, weir_lanes next, weir_lanes next_but_one)
{
    weir_lanes is_blank = weir_lanes_are(bytes, ' ') | weir_lanes_between(bytes, '\t', '\r');
    weir_lanes is_triple = (weir_lanes)(bytes == next) & (weir_lanes)(next == next_but_one);
    return (is_triple & letters_of(bytes)) | (is_blank & weir_lanes_are(next, ' '));
}

static weir_lanes clauses_of(weir_lanes bytes)
{
    return weir_lanes_are(bytes, '!') | weir_lanes_are(bytes, ',') |
           weir_lanes_between(bytes, ':', ';') | weir_lanes_are(bytes, '?');
}

static weir_lanes hidden_of(weir_lanes bytes)
{
    return weir_lanes_are(bytes, 'i') | weir_lanes_are(bytes, 's');
}

static weir_lanes others_of(weir_lanes bytes, weir_lanes next)
{
    return weir_lanes_between(bytes, 0xc0, 0xe3) | weir_lanes_between(bytes, 0xea, 0xff) |
           (weir_lanes_are(bytes, 0xe4) & weir_lanes_between(next, 0x80, 0xb7));
}

// U+1F300 to U+1F6FF and U+1F900 to U+1FAFF: never letters, nor like any.
static weir_lanes emoji_of(weir_lanes bytes, weir_lanes next, weir_lanes next_but_one)
{
    return weir_lanes_are(bytes, 0xf0) & weir_lanes_are(next, 0x9f) &
           (weir_lanes_between(next_but_one, 0x8c, 0x9b) |
            weir_lanes_between(next_but_one, 0xa4, 0xab));
}

static uint64_t join(uint64_t before, uint64_t bits)
{
    return before >> STEP | bits << BEFORE;
}

static void go_on(struct masks *masks, const char *bytes, bool has_hidden)
{
    const weir_lanes low = weir_lanes_load(bytes);
    const weir_lanes high = weir_lanes_load(bytes + WEIR_LANES);
    const weir_lanes low_1 = weir_lanes_load(bytes + 1);
    const weir_lanes high_1 = weir_lanes_load(bytes + WEIR_LANES + 1);
    const weir_lanes low_2 = weir_lanes_load(bytes + 2);
    const weir_lanes high_2 = weir_lanes_load(bytes + WEIR_LANES + 2);
    uint64_t letters = bits_of(letters_of(low), letters_of(high));
    uint64_t not_ascii = bits_of(low, high);
    masks->letters = join(masks->letters, letters);
    masks->words = join(masks->words, letters | bits_of(digits_of(low), digits_of(high)));
    masks->signs = join(masks->signs, bits_of(signs_of(low), signs_of(high)));
    masks->bangs = join(masks->bangs, bits_of(weir_lanes_are(low, '!'), weir_lanes_are(high, '!')));
    masks->high = join(masks->high, not_ascii);
    masks->runs = bits_of(runs_of(low, low_1, low_2), runs_of(high, high_1, high_2)) << BEFORE;
    masks->hidden = has_hidden ? bits_of(hidden_of(low), hidden_of(high)) << BEFORE : 0;
    uint64_t others = 0;
    uint64_t emoji = 0;
    uint64_t clauses = 0;
    if (not_ascii | masks->high) {
        clauses = bits_of(clauses_of(low), clauses_of(high));
        emoji = bits_of(emoji_of(low, low_1, low_2), emoji_of(high, high_1, high_2));
        others = bits_of(others_of(low, low_1), others_of(high, high_1)) & ~emoji;
    }
    masks->others = join(masks->others, others);
    masks->emoji = join(masks->emoji, emoji);
    masks->clauses = join(masks->clauses, clauses);
}

// Where the runs of `inside` that start at `starts` end: the first places behind them.
static uint64_t ends_of(uint64_t starts, uint64_t inside)
{
    return (starts + inside) & ~inside;
}

// The first of three single letters at the same distance, at most three characters apart; and any
// single letter beside what has more bytes than one.
static uint64_t find_singles(const struct masks *masks)
{
    uint64_t singles = masks->words & ~(masks->words << 1) & ~(masks->words >> 1);
    uint64_t found = masks->others | masks->emoji ? singles : 0;
    for (uint32_t distance = 2; distance <= 4; distance++) {
        found |= singles & singles >> distance & singles >> 2 * distance;
    }
    return found;
}

static uint64_t four_bytes(uint64_t firsts)
{
    return firsts | firsts << 1 | firsts << 2 | firsts << 3;
}

// Han, or what is no ASCII either, behind a gap that it stands before as well. Where a clause ends
// in the gap, one of the two has to stand alone.
static uint64_t find_closed(const struct masks *masks, uint64_t seen, uint64_t before, bool is_last)
{
    uint64_t han = masks->high & ~four_bytes(masks->emoji);
    uint64_t gaps = seen & ~masks->words & ~han;
    uint64_t starts = gaps & (han << 1 | before);
    uint64_t common = han & ~four_bytes(masks->others);
    uint64_t three = common & common >> 1 & common >> 2;
    uint64_t six = three & three >> 3; // two characters and more
    uint64_t closed = ends_of(starts, gaps) & han & ~six;
    closed |= ends_of(starts & ~(six << 6), gaps) & han;
    closed |= ends_of(starts, gaps & ~masks->clauses) & han;
    // What lies around the outer ones is seen better in the step before or behind.
    return closed & (is_last ? UINT64_MAX << 10 : UINT64_C(0xffffffff) << 10);
}

// Exclamation marks are letters only inside a word.
static uint64_t find_for_skeleton(const struct masks *masks, uint64_t before)
{
    uint64_t beside = masks->signs & (masks->letters << 1 | masks->letters >> 1);
    uint64_t parts = masks->letters | masks->signs;
    uint64_t starts = masks->bangs & (parts << 1 | before);
    uint64_t inside = ends_of(starts, masks->bangs) & parts;
    return beside | inside;
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
    if (text->is_han) { // no gap, no letter
        text->may_look_alike = false;
        return false;
    }
    struct masks masks = {0};
    uint64_t for_tight = 0;
    uint64_t for_skeleton = 0;
    for (uint32_t step = 0; step * STEP < in->length; step++) {
        uint32_t left = in->length - step * STEP;
        uint64_t seen = (UINT64_C(1) << ((left < STEP ? left : STEP) + BEFORE)) - 1;
        uint64_t before = step > 0; // a run there may have begun with whatever counts
        go_on(&masks, in->bytes + step * STEP, text->has_hidden);
        uint64_t found = masks.runs | masks.others | find_singles(&masks);
        if (!text->is_plain) {
            found |= find_closed(&masks, seen, before, left <= STEP);
        }
        note(text->tight_places, step, found);
        for_tight |= found;
        found = masks.hidden | masks.others | find_for_skeleton(&masks, before);
        note(text->skeleton_places, step, found);
        for_skeleton |= found;
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
