#include "engine/base/utf8.h"
#include "engine/text/views.h"

// Counted only when a rule asks, so that most messages never pay for it.

struct counter {
    struct weir_text_facts *facts;
    uint32_t last; // the character before, for runs
    uint32_t run;
    bool is_in_emoji; // what is invisible here is part of how an emoji is written
    bool is_half_flag;
};

static void count_run(struct counter *counter, uint32_t code_point)
{
    counter->run = code_point == counter->last ? counter->run + 1 : 1;
    counter->last = code_point;
    if (counter->run > counter->facts->longest_run) {
        counter->facts->longest_run = counter->run;
    }
}

static void count_class(struct weir_text_facts *facts, enum char_class class)
{
    switch (class) {
    case CLASS_SYMBOL:
    case CLASS_CLAUSE:
        facts->symbols++;
        break;
    case CLASS_DIGIT:
        facts->digits++;
        break;
    case CLASS_LATIN_UPPER:
    case CLASS_SPACED_UPPER:
        facts->upper++;
        facts->letters++;
        break;
    case CLASS_LATIN_LOWER:
    case CLASS_SPACED_LOWER:
    case CLASS_UNSPACED:
    case CLASS_HAN:
        facts->letters++;
        break;
    default:
        break;
    }
    facts->han += class == CLASS_HAN;
    facts->latin += class == CLASS_LATIN_LOWER || class == CLASS_LATIN_UPPER;
}

// A family of four is one emoji of seven characters, a flag one of two.
static void count_emoji(struct counter *counter, uint32_t code_point, enum char_class class)
{
    const uint32_t zero_width_joiner = 0x200d;
    bool is_flag_end = class == CLASS_REGIONAL && counter->is_half_flag;
    bool is_part = class == CLASS_EMOJI_PART && counter->is_in_emoji;
    bool is_joined = counter->is_in_emoji && counter->last == zero_width_joiner;
    counter->facts->emotes += !is_flag_end && !is_part && !is_joined;
    counter->is_half_flag = class == CLASS_REGIONAL && !is_flag_end;
    counter->is_in_emoji = true;
    counter->last = code_point; // which is set aside: it ends a run and begins none
    counter->run = 0;
}

static void count_character(struct counter *counter, uint32_t code_point)
{
    enum char_class class = class_of(code_point);
    if (class == CLASS_EMOJI || class == CLASS_EMOJI_PART || class == CLASS_REGIONAL) {
        count_emoji(counter, code_point, class);
        return;
    }
    counter->is_half_flag = false;
    if (class == CLASS_INVISIBLE) {
        counter->facts->invisible += !counter->is_in_emoji;
        counter->last = counter->is_in_emoji ? code_point : counter->last;
        return;
    }
    counter->is_in_emoji = false;
    if (class != CLASS_MARK) {
        count_class(counter->facts, class);
        count_run(counter, code_point);
    }
}

// ---- Printed ASCII and common Han, as nearly all chat is

// Counters of sixteen places each; a place holds 255 before they must be emptied.
struct tally {
    weir_lanes letters; // of ASCII, as the others
    weir_lanes upper;
    weir_lanes digits;
    weir_lanes blanks;
    weir_lanes han;
    uint32_t doubles; // bits of the places where the next byte is the same
    bool has_double;
    bool has_run; // a character three times, or Han twice
    bool has_other;
};

// Counts one more where `lanes` say yes, which is -1.
static void add(weir_lanes *counter, weir_lanes lanes)
{
    *counter -= lanes;
}

static void tally_lane(struct tally *tally, const char *at, uint32_t seen)
{
    weir_lanes bytes = weir_lanes_load(at);
    weir_lanes next = weir_lanes_load(at + 1);
    weir_lanes printed = weir_lanes_between(bytes, ' ', '~');
    weir_lanes first = weir_lanes_between(bytes, 0xe4, 0xe9);
    weir_lanes rare = weir_lanes_are(bytes, 0xe4) & weir_lanes_between(next, 0x80, 0xb7);
    weir_lanes known = printed | first | weir_lanes_between(bytes, 0x80, 0xbf);
    add(&tally->letters, weir_lanes_between(bytes | weir_lanes_of(0x20), 'a', 'z'));
    add(&tally->upper, weir_lanes_between(bytes, 'A', 'Z'));
    add(&tally->digits, weir_lanes_between(bytes, '0', '9'));
    add(&tally->blanks, weir_lanes_are(bytes, ' '));
    add(&tally->han, first);
    tally->has_other |= (seen & (weir_lanes_bits(rare) | ~weir_lanes_bits(known))) != 0;

    uint32_t doubles = weir_lanes_bits((weir_lanes)(bytes == next) & printed);
    tally->has_double |= doubles != 0;
    tally->has_run |= (doubles & (doubles << 1 | tally->doubles >> (WEIR_LANES - 1))) != 0;
    tally->doubles = doubles;
    weir_lanes behind = weir_lanes_load(at + 3);
    uint32_t same = weir_lanes_bits((weir_lanes)(bytes == behind)) | ~0u << WEIR_LANES;
    tally->has_run |= (weir_lanes_bits(first) & same & same >> 1 & same >> 2) != 0;
}

static void empty_tally(struct tally *tally, struct weir_text_facts *facts)
{
    uint32_t letters = weir_lanes_sum(tally->letters);
    uint32_t han = weir_lanes_sum(tally->han);
    facts->upper += weir_lanes_sum(tally->upper);
    facts->digits += weir_lanes_sum(tally->digits);
    facts->symbols -= letters + weir_lanes_sum(tally->digits) + weir_lanes_sum(tally->blanks);
    facts->latin += letters;
    facts->han += han;
    tally->letters = tally->upper = tally->digits = tally->blanks = tally->han = weir_lanes_of(0);
}

static uint32_t longest_run(const struct weir_view *raw)
{
    uint32_t longest = 0;
    uint32_t run = 0;
    uint32_t last = UINT32_MAX;
    for (uint32_t at = 0; at < raw->length;) {
        struct character next = character_at(raw->bytes, at);
        run = next.code_point == last ? run + 1 : 1;
        longest = run > longest ? run : longest;
        last = next.code_point;
        at += next.length;
    }
    return longest;
}

// False where there is anything else, and then nothing is counted.
static bool count_plain(struct weir_text_facts *facts, const struct weir_view *raw)
{
    struct weir_text_facts plain = *facts;
    struct tally tally = {0};
    uint32_t lanes = 0;
    for (uint32_t at = 0; at < raw->length && !tally.has_other; at += WEIR_LANES) {
        uint32_t left = raw->length - at;
        tally_lane(&tally, raw->bytes + at, left < WEIR_LANES ? (1u << left) - 1 : 0xffffu);
        if (++lanes % UINT8_MAX == 0) {
            empty_tally(&tally, &plain);
        }
    }
    empty_tally(&tally, &plain);
    plain.letters = plain.latin + plain.han;
    plain.chars = raw->length - 2 * plain.han;
    plain.symbols += plain.chars - plain.han;
    plain.longest_run = tally.has_run ? longest_run(raw) : tally.has_double ? 2 : raw->length > 0;
    if (!tally.has_other) {
        *facts = plain;
    }
    return !tally.has_other;
}

void count_facts(struct weir_text *text)
{
    struct weir_text_facts *facts = &text->facts;
    struct counter counter = {.facts = facts, .last = UINT32_MAX};
    const struct weir_view *raw = &text->views[WEIR_VIEW_RAW]; // fold is made, so it is valid
    facts->marks = text->dropped_marks;
    facts->emotes = text->emote_count;
    if (text->emote_count == 0 && count_plain(facts, raw)) {
        return;
    }
    uint32_t emote = 0;
    facts->chars = 0;
    for (uint32_t at = 0; at < raw->length; facts->chars++) {
        if (emote < text->emote_count && at == text->emotes[emote].start) {
            struct weir_span typed = {raw->bytes + at, text->emotes[emote].end - at};
            facts->chars += (uint32_t)weir_utf8_count(typed) - 1;
            at = text->emotes[emote++].end;
            counter = (struct counter){.facts = facts, .last = UINT32_MAX};
            continue;
        }
        struct character next = character_at(raw->bytes, at);
        count_character(&counter, next.code_point);
        at += next.length;
    }
}
