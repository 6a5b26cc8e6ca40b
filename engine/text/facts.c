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
    count_run(counter, code_point);
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

static bool is_plain(const struct weir_view *raw)
{
    uint8_t is_other = 0;
    for (uint32_t i = 0; i < raw->length; i++) {
        is_other |= (uint8_t)(raw->bytes[i] - ' ') > '~' - ' ';
    }
    return !is_other;
}

// Printed ASCII, as much of chat is: what the classes say of it, without asking for each character.
static void count_plain(struct weir_text_facts *facts, const struct weir_view *raw)
{
    uint32_t blanks = 0;
    for (uint32_t i = 0; i < raw->length; i++) {
        uint8_t byte = (uint8_t)raw->bytes[i];
        facts->upper += (uint8_t)(byte - 'A') < 26;
        facts->letters += (uint8_t)((byte | 0x20) - 'a') < 26;
        facts->digits += (uint8_t)(byte - '0') < 10;
        blanks += byte == ' ';
    }
    facts->latin = facts->letters;
    facts->symbols = raw->length - facts->letters - facts->digits - blanks;
    uint32_t run = 0;
    for (uint32_t i = 0; i < raw->length; i++) {
        run = i > 0 && raw->bytes[i] == raw->bytes[i - 1] ? run + 1 : 1;
        facts->longest_run = run > facts->longest_run ? run : facts->longest_run;
    }
}

void count_facts(struct weir_text *text)
{
    struct weir_text_facts *facts = &text->facts;
    struct counter counter = {.facts = facts, .last = UINT32_MAX};
    const struct weir_view *raw = &text->views[WEIR_VIEW_RAW]; // fold is made, so it is valid
    facts->marks = text->dropped_marks;
    facts->emotes = text->emote_count;
    if (text->emote_count == 0 && is_plain(raw)) {
        count_plain(facts, raw);
        return;
    }
    uint32_t emote = 0;
    for (uint32_t at = 0; at < raw->length;) {
        if (emote < text->emote_count && at == text->emotes[emote].start) {
            at = text->emotes[emote++].end;
            counter = (struct counter){.facts = facts, .last = UINT32_MAX};
            continue;
        }
        struct character next = character_at(raw->bytes, at);
        count_character(&counter, next.code_point);
        at += next.length;
    }
}
