#include "engine/triage/meaning_parts.h"

#include "engine/base/utf8.h"

#include <string.h>
#include <uchar.h>

#define READING_SEPARATOR '\x1f' // text.h: between several readings of one text
#define TIDY_BYTES        512
#define SLOTS             8
#define WEAK_WORDS        6
#define SQUEEZED_FROM     3 // so many equal letters in a row are one: thissss
#define STEM_BYTES        3 // what is left of a word is at least so long

struct tidy {
    char bytes[TIDY_BYTES];
    size_t length;
    bool has_han;
};

struct reader {
    const struct weir_senses *senses;
    struct weir_span text;
    char *bytes; // of the text
    bool has_han;
    bool has_ask;
    uint32_t slots[SLOTS];
    size_t slot_count;
    uint32_t weak[WEAK_WORDS];
    size_t weak_count;
    struct weir_meaning *meaning;
};

static bool is_letter(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_han(uint32_t letter)
{
    return (letter >= 0x4e00 && letter <= 0x9fff) || (letter >= 0x3400 && letter <= 0x4dbf);
}

// --- the text without what nobody reads aloud ---

static bool is_silent(uint32_t letter)
{
    return letter < 0xaa || (letter >= 0x2000 && letter < 0x2e80) ||
           (letter >= 0x3000 && letter < 0x3005) || (letter >= 0x3008 && letter < 0x3021) ||
           (letter >= 0xe000 && letter < 0xf900) || (letter >= 0xfe00 && letter < 0xfe70) ||
           (letter >= 0xff00 && letter < 0xff66) || letter == 0xfffc || letter == 0xfffd ||
           (letter >= 0x1f000 && letter < 0x20000);
}

// Drawn out: muchh, joinn; the tight view left two of many. No word of English ends so.
static void shorten_word(struct tidy *tidy)
{
    size_t length = tidy->length;
    if (length > 2 && is_letter(tidy->bytes[length - 1]) &&
        tidy->bytes[length - 1] == tidy->bytes[length - 2] &&
        !strchr("lsefoz", tidy->bytes[length - 1])) {
        tidy->length--;
    }
}

static void add_blank(struct tidy *tidy)
{
    shorten_word(tidy);
    if (tidy->length > 0 && tidy->bytes[tidy->length - 1] != ' ') {
        tidy->bytes[tidy->length++] = ' ';
    }
}

static bool is_decimal_point(struct weir_span text, size_t at)
{
    return text.data[at] == '.' && at > 0 && is_digit(text.data[at - 1]) && at + 1 < text.length &&
           is_digit(text.data[at + 1]);
}

static void tidy_up(struct weir_span text, struct tidy *tidy)
{
    size_t at = 0;
    while (at < text.length && tidy->length + 5 < TIDY_BYTES) {
        size_t start = at;
        uint32_t letter = weir_utf8_next(text, &at);
        if (letter < 0x80 &&
            (is_letter((char)letter) || is_digit((char)letter) || is_decimal_point(text, start))) {
            tidy->bytes[tidy->length++] = (char)letter;
        } else if (letter == '\'' || letter == 0x2019) {
            continue; // what's = whats
        } else if (is_silent(letter)) {
            add_blank(tidy);
        } else {
            memcpy(tidy->bytes + tidy->length, text.data + start, at - start);
            tidy->length += at - start;
            tidy->has_han |= is_han(letter);
        }
    }
    shorten_word(tidy);
}

// --- collecting ---

static uint32_t hash_of(struct weir_span text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.length; i++) {
        hash = (hash ^ (uint8_t)text.data[i]) * 16777619u;
    }
    return hash ^ hash >> 13;
}

static uint64_t bit_of(uint32_t part)
{
    return 1ull << ((part * 2654435761u) >> 26);
}

static void add_part(struct reader *reader, enum weir_part_kind kind, uint32_t which)
{
    struct weir_meaning *meaning = reader->meaning;
    uint32_t part = (uint32_t)kind << WEIR_PART_SHIFT | (which & WEIR_PART_BITS);
    size_t at = meaning->count;
    while (at > 0 && meaning->parts[at - 1] > part) {
        at--;
    }
    bool is_there = at > 0 && meaning->parts[at - 1] == part;
    if (is_there || meaning->count == WEIR_MEANING_PARTS) {
        return;
    }
    memmove(meaning->parts + at + 1, meaning->parts + at,
            (meaning->count - at) * sizeof meaning->parts[0]);
    meaning->parts[at] = part;
    meaning->count++;
    meaning->signature |= bit_of(part);
    reader->has_ask |= kind == WEIR_PART_ASK;
}

static void add_slot(struct reader *reader, uint32_t slot)
{
    size_t at = 0;
    while (at < reader->slot_count && reader->slots[at] < slot) {
        at++;
    }
    bool is_there = at < reader->slot_count && reader->slots[at] == slot;
    if (is_there || reader->slot_count == SLOTS) {
        return;
    }
    memmove(reader->slots + at + 1, reader->slots + at,
            (reader->slot_count - at) * sizeof reader->slots[0]);
    reader->slots[at] = slot;
    reader->slot_count++;
}

static void add_number(struct reader *reader, struct weir_span digits)
{
    add_slot(reader, hash_of(digits) | 1u << 31);
}

static void add_small_number(struct reader *reader, uint32_t number)
{
    char digits[12];
    size_t length = 0;
    for (uint32_t unit = 1000000000; unit > 0; unit /= 10) {
        if (length > 0 || number >= unit || unit == 1) {
            digits[length++] = (char)('0' + number / unit % 10);
        }
    }
    add_number(reader, (struct weir_span){digits, length});
}

static void add_weak(struct reader *reader, struct weir_span word)
{
    if (reader->weak_count < WEAK_WORDS) {
        reader->weak[reader->weak_count++] = hash_of(word);
    }
}

static void add_sense(struct reader *reader, struct weir_sense sense, struct weir_span word)
{
    switch (sense.kind) {
    case WEIR_SENSE_ASK:
        add_part(reader, WEIR_PART_ASK, sense.id);
        break;
    case WEIR_SENSE_TOPIC:
        add_part(reader, WEIR_PART_TOPIC, sense.id);
        break;
    case WEIR_SENSE_COMMON:
        add_part(reader, WEIR_PART_COMMON, sense.id);
        break;
    case WEIR_SENSE_SLOT:
        add_slot(reader, sense.id);
        break;
    case WEIR_SENSE_WEAK:
        add_weak(reader, word);
        break;
    case WEIR_SENSE_IDLE:
    case WEIR_SENSE_NONE:
        break;
    }
}

// --- numbers ---

static uint32_t han_digit(uint32_t letter)
{
    static const char32_t digits[] = U"零一二三四五六七八九";
    for (uint32_t i = 0; i < 10; i++) {
        if (digits[i] == letter) {
            return i;
        }
    }
    return letter == U'两' ? 2 : UINT32_MAX;
}

static uint32_t han_unit(uint32_t letter)
{
    return letter == U'十' ? 10 : letter == U'百' ? 100 : letter == U'千' ? 1000 : 0;
}

// 三十八, 一百二十, 十: at least one unit, so that 一 in 一下 is none. The bytes read, 0 = no
// number.
static size_t read_han_number(struct weir_span text, size_t at, uint32_t *number_out)
{
    size_t start = at;
    uint32_t sum = 0;
    uint32_t digit = 0;
    bool has_unit = false;
    while (at < text.length && sum < 100000) {
        size_t before = at;
        uint32_t letter = weir_utf8_next(text, &at);
        uint32_t unit = han_unit(letter);
        if (unit > 0) {
            sum += (digit > 0 ? digit : 1) * unit;
            digit = 0;
            has_unit = true;
        } else if (han_digit(letter) != UINT32_MAX) {
            digit = han_digit(letter);
        } else {
            at = before;
            break;
        }
    }
    *number_out = sum + digit;
    return has_unit ? at - start : 0;
}

// 第三, 三号, 一米七 (in centimetres).
static size_t read_han_count(struct weir_span text, size_t at, uint32_t *number_out)
{
    static const char32_t counted[] = U"题号把局集章关场节天年月倍斤岁";
    size_t start = at;
    uint32_t letter = weir_utf8_next(text, &at);
    bool is_ordinal = letter == U'第';
    if (is_ordinal && at < text.length) {
        letter = weir_utf8_next(text, &at);
    }
    uint32_t digit = han_digit(letter);
    if (digit == UINT32_MAX || at >= text.length) {
        *number_out = digit;
        return is_ordinal && digit != UINT32_MAX ? at - start : 0;
    }
    size_t behind = at;
    uint32_t next = weir_utf8_next(text, &behind);
    if (next == U'米' && behind < text.length) {
        uint32_t tenth = han_digit(weir_utf8_next(text, &behind));
        *number_out = digit * 100 + tenth * 10;
        return tenth == UINT32_MAX ? 0 : behind - start;
    }
    bool counts = is_ordinal;
    for (size_t i = 0; counted[i] != 0 && digit != 1; i++) {
        counts |= counted[i] == next;
    }
    *number_out = digit;
    return counts ? at - start : 0;
}

static uint32_t english_number(struct weir_span word)
{
    static const char *const counts[] = {"two",   "three", "four", "five",   "six",   "seven",
                                         "eight", "nine",  "ten",  "eleven", "twelve"};
    static const char *const places[] = {"first", "second", "third", "fourth", "fifth", "sixth"};
    for (uint32_t i = 0; i < ARRAY_LEN(counts); i++) {
        if (weir_span_is(word, counts[i])) {
            return i + 2;
        }
    }
    for (uint32_t i = 0; i < ARRAY_LEN(places); i++) {
        if (weir_span_is(word, places[i])) {
            return i + 1;
        }
    }
    return 0;
}

// 13, 9.5, and the plural 9s.
static size_t read_digits(struct reader *reader, size_t at)
{
    struct weir_span text = reader->text;
    size_t end = at;
    while (end < text.length && (is_digit(text.data[end]) || text.data[end] == '.')) {
        end++;
    }
    size_t start = at;
    while (start + 1 < end && text.data[start] == '0' && is_digit(text.data[start + 1])) {
        start++; // 05 = 5
    }
    add_number(reader, weir_span_slice(text, start, end));
    bool is_plural = end < text.length && text.data[end] == 's' &&
                     (end + 1 == text.length || !is_letter(text.data[end + 1]));
    return end + is_plural;
}

// --- words ---

// share, shared, sharing; stop, stopped, stopping.
static struct weir_span without_ending(struct weir_span word)
{
    static const char *const endings[] = {"ing", "ies", "ed", "es", "s"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct weir_span ending = weir_span_of(endings[i]);
        if (word.length >= ending.length + STEM_BYTES &&
            weir_span_equals(weir_span_slice(word, word.length - ending.length, word.length),
                             ending)) {
            return weir_span_slice(word, 0, word.length - ending.length);
        }
    }
    return word;
}

static struct weir_span stem_of(struct weir_span word)
{
    struct weir_span stem = without_ending(word);
    size_t length = stem.length;
    bool is_doubled = length < word.length && length > STEM_BYTES &&
                      stem.data[length - 1] == stem.data[length - 2];
    bool has_e = length > STEM_BYTES && stem.data[length - 1] == 'e';
    return weir_span_slice(stem, 0, length - (is_doubled || has_e));
}

static struct weir_span squeeze(struct weir_span word, char out[TIDY_BYTES])
{
    size_t length = 0;
    for (size_t i = 0; i < word.length;) {
        size_t run = 1;
        while (i + run < word.length && word.data[i + run] == word.data[i]) {
            run++;
        }
        for (size_t k = 0; k < (run >= SQUEEZED_FROM ? 1 : run); k++) {
            out[length++] = word.data[i];
        }
        i += run;
    }
    return (struct weir_span){out, length};
}

static bool is_whole(struct weir_sense sense, struct weir_span word)
{
    return sense.length > 0 && sense.length == word.length;
}

// lifee, or a word that is spelt almost so.
static struct weir_sense sense_of_drawn_out(const struct reader *reader, struct weir_span word)
{
    size_t length = word.length;
    if (length > STEM_BYTES && word.data[length - 1] == word.data[length - 2]) {
        struct weir_span shorter = weir_span_slice(word, 0, length - 1);
        struct weir_sense sense = weir_senses_at(reader->senses, shorter, 0);
        if (is_whole(sense, shorter)) {
            return sense;
        }
    }
    return weir_senses_nearly(reader->senses, word);
}

// As it stands, or without its ending, or with the e that the ending took.
static struct weir_sense sense_of_word(const struct reader *reader, struct weir_span word)
{
    char with_e[TIDY_BYTES + 1];
    struct weir_span forms[] = {word, without_ending(word), stem_of(word), {with_e, 0}};
    memcpy(with_e, forms[2].data, forms[2].length);
    with_e[forms[2].length] = 'e';
    forms[3].length = forms[2].length + 1;
    size_t count = forms[1].length < word.length ? ARRAY_LEN(forms) : 1;
    for (size_t i = 0; i < count; i++) {
        struct weir_sense sense = weir_senses_at(reader->senses, forms[i], 0);
        if (is_whole(sense, forms[i])) {
            return sense;
        }
    }
    return sense_of_drawn_out(reader, word);
}

static size_t read_unknown_word(struct reader *reader, size_t at)
{
    char squeezed[TIDY_BYTES];
    size_t end = at;
    while (end < reader->text.length && is_letter(reader->text.data[end])) {
        end++;
    }
    struct weir_span word = squeeze(weir_span_slice(reader->text, at, end), squeezed);
    struct weir_span stem = stem_of(word);
    struct weir_sense sense = sense_of_word(reader, word);
    if (english_number(word) > 0) {
        add_small_number(reader, english_number(word));
    } else if (sense.length > 0) {
        add_sense(reader, sense, stem);
    } else {
        add_part(reader, WEIR_PART_WORD, hash_of(stem));
    }
    return end;
}

static size_t read_han_numeral(struct weir_span text, size_t at, uint32_t *number_out)
{
    size_t length = read_han_number(text, at, number_out);
    return length > 0 ? length : read_han_count(text, at, number_out);
}

// 喜不喜欢, 带没带: the bytes of what only asks whether (不喜), 0 = nothing of the kind.
static size_t asks_by_doubling(struct weir_span text, size_t at)
{
    size_t behind = at;
    uint32_t first = weir_utf8_next(text, &behind);
    size_t start = behind;
    if (!is_han(first) || behind >= text.length) {
        return 0;
    }
    uint32_t between = weir_utf8_next(text, &behind);
    bool is_doubled = (between == U'不' || between == U'没') && behind < text.length &&
                      weir_utf8_next(text, &behind) == first;
    return is_doubled ? behind - start : 0;
}

// Reads on as if it said 喜欢, unless the table knows it as it stands (好不好).
static void drop_doubling(struct reader *reader, size_t at)
{
    size_t length = asks_by_doubling(reader->text, at);
    if (length == 0) {
        return;
    }
    size_t first = length / 2;
    if (weir_senses_at(reader->senses, reader->text, at).length < first + length) {
        char *behind = reader->bytes + at + first;
        memmove(behind, behind + length, reader->text.length - at - first - length);
        reader->text.length -= length;
    }
}

static size_t read_one(struct reader *reader, size_t at)
{
    drop_doubling(reader, at);
    struct weir_sense sense = weir_senses_at(reader->senses, reader->text, at);
    char first = reader->text.data[at];
    uint32_t number = 0;
    size_t numeral = (first & 0x80) ? read_han_numeral(reader->text, at, &number) : 0;
    if (numeral > 0 && numeral >= sense.length) {
        add_small_number(reader, number);
        return at + numeral;
    }
    if (sense.length > 0 && !(is_digit(first) && sense.length == 1)) {
        add_sense(reader, sense, weir_span_slice(reader->text, at, at + sense.length));
        return at + sense.length;
    }
    if (is_digit(first)) {
        return read_digits(reader, at);
    }
    if (is_letter(first)) {
        return read_unknown_word(reader, at);
    }
    uint32_t letter = weir_utf8_next(reader->text, &at);
    if (letter >= 0x80) {
        add_part(reader, WEIR_PART_LETTER, letter);
    }
    return at;
}

// --- whether ---

static bool asks_whether_zh(struct weir_span text)
{
    static const char32_t at_the_end[] = U"吗嘛么不没";
    uint32_t before[2] = {0, 0};
    uint32_t last = 0;
    bool is_a_not_a = false;
    for (size_t at = 0; at < text.length;) {
        uint32_t letter = weir_utf8_next(text, &at);
        is_a_not_a |=
            letter == before[0] && is_han(letter) && (before[1] == U'不' || before[1] == U'没');
        before[0] = before[1];
        before[1] = letter;
        bool is_particle = letter == U'呀' || letter == U'啊' || letter == ' ';
        last = is_particle ? last : letter;
    }
    for (size_t i = 0; at_the_end[i] != 0; i++) {
        is_a_not_a |= at_the_end[i] == last;
    }
    return is_a_not_a;
}

static bool asks_whether_en(struct weir_span text)
{
    static const char *const polite[] = {"hi", "hey", "yo", "pls", "please", "so", "and"};
    static const char *const verbs[] = {"do",   "does",  "did", "is",   "are", "can",    "could",
                                        "will", "would", "has", "have", "any", "should", "am"};
    while (text.length > 0) {
        struct weir_span word = weir_span_take_until(&text, ' ');
        bool is_polite = false;
        for (size_t i = 0; i < ARRAY_LEN(polite); i++) {
            is_polite |= weir_span_is(word, polite[i]);
        }
        for (size_t i = 0; i < ARRAY_LEN(verbs) && !is_polite; i++) {
            if (weir_span_is(word, verbs[i])) {
                return true;
            }
        }
        if (!is_polite) {
            return false;
        }
    }
    return false;
}

// A question word alone: what, how.
static bool says_nothing(const struct reader *reader)
{
    const struct weir_meaning *meaning = reader->meaning;
    for (size_t i = 0; i < meaning->count; i++) {
        uint32_t kind = meaning->parts[i] >> WEIR_PART_SHIFT;
        bool is_price =
            meaning->parts[i] == ((uint32_t)WEIR_PART_ASK << WEIR_PART_SHIFT | WEIR_ASK_PRICE);
        if (is_price || kind > WEIR_PART_YES_NO) {
            return false;
        }
    }
    return reader->slot_count == 0;
}

static void add_weak_words(struct reader *reader)
{
    for (size_t i = 0; i < reader->weak_count; i++) {
        add_part(reader, WEIR_PART_WORD, reader->weak[i]);
    }
}

static void note_slots(struct reader *reader)
{
    uint64_t hash = reader->has_han ? 0x9e3779b97f4a7c15u : 0xc2b2ae3d27d4eb4fu;
    for (size_t i = 0; i < reader->slot_count; i++) {
        hash = (hash ^ reader->slots[i]) * 0x100000001b3u;
    }
    reader->meaning->slots = hash;
    reader->meaning->slot_count = (uint8_t)reader->slot_count;
}

static void note_heads(struct weir_meaning *meaning)
{
    uint64_t bits[2] = {0, 0}; // topics, what many have in common
    for (size_t i = 0; i < meaning->count; i++) {
        uint32_t kind = meaning->parts[i] >> WEIR_PART_SHIFT;
        bits[0] |= kind == WEIR_PART_TOPIC ? bit_of(meaning->parts[i]) : 0;
        bits[1] |= kind == WEIR_PART_COMMON ? bit_of(meaning->parts[i]) : 0;
    }
    meaning->has_topic = bits[0] != 0;
    meaning->heads = meaning->has_topic ? bits[0] : bits[1];
}

void weir_meaning_of(const struct weir_senses *senses, struct weir_span tight,
                     struct weir_meaning *meaning_out)
{
    struct tidy tidy = {.length = 0};
    tidy_up(weir_span_take_until(&tight, READING_SEPARATOR), &tidy);
    *meaning_out = (struct weir_meaning){.count = 0};
    struct reader reader = {
        .senses = senses,
        .text = {tidy.bytes, tidy.length},
        .bytes = tidy.bytes,
        .has_han = tidy.has_han,
        .meaning = meaning_out,
    };
    bool whether = tidy.has_han ? asks_whether_zh(reader.text) : asks_whether_en(reader.text);
    for (size_t at = 0; at < reader.text.length;) {
        at = tidy.bytes[at] == ' ' ? at + 1 : read_one(&reader, at);
    }
    if (whether && !reader.has_ask) {
        add_part(&reader, WEIR_PART_YES_NO, 0);
    }
    if (says_nothing(&reader)) {
        add_weak_words(&reader);
    }
    note_slots(&reader);
    note_heads(meaning_out);
}

bool weir_meaning_is_empty(const struct weir_meaning *meaning)
{
    return meaning->count == 0 && meaning->slot_count == 0;
}
