#include "engine/triage/senses.h"

#include "engine/base/alloc.h"
#include "engine/triage/senses_table.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST     40 // bytes of a phrase
#define SLOTS       8192
#define NEARLY_FROM 4 // shorter words are too alike by nature
#define SURELY_FROM 6 // from here on any one mistake is forgiven, below only swapped letters

struct entry {
    struct weir_span text;
    uint16_t row;
};

struct weir_senses {
    struct entry entries[SLOTS]; // open addressing
    uint8_t longest[65536];      // by the first two bytes: of the phrases that begin so
    struct entry *words;         // single English words from NEARLY_FROM letters
    size_t word_count;
    size_t word_capacity;
    size_t words_before['z' - 'a' + 2]; // by first letter; they are sorted
};

static bool is_letter(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static uint32_t hash_of(struct weir_span text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.length; i++) {
        hash = (hash ^ (uint8_t)text.data[i]) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static size_t first_bytes(struct weir_span text)
{
    uint8_t second = text.length > 1 ? (uint8_t)text.data[1] : 0;
    return (size_t)(uint8_t)text.data[0] << 8 | second;
}

static const struct entry *find(const struct weir_senses *senses, struct weir_span text)
{
    for (size_t at = hash_of(text) % SLOTS;; at = (at + 1) % SLOTS) {
        const struct entry *entry = &senses->entries[at];
        if (entry->text.length == 0) {
            return NULL;
        }
        if (weir_span_equals(entry->text, text)) {
            return entry;
        }
    }
}

static void note_length(struct weir_senses *senses, struct weir_span text)
{
    uint8_t *longest = &senses->longest[first_bytes(text)];
    if (*longest < text.length) {
        *longest = (uint8_t)text.length;
    }
}

static void add_english_word(struct weir_senses *senses, const struct entry *entry)
{
    if (entry->text.length < NEARLY_FROM || !is_letter(entry->text.data[0]) ||
        memchr(entry->text.data, ' ', entry->text.length)) {
        return;
    }
    senses->words = weir_grow(senses->words, &senses->word_capacity, senses->word_count + 1,
                              sizeof *senses->words);
    senses->words[senses->word_count++] = *entry;
}

// Of a word that stands in two rows the first counts.
static void add(struct weir_senses *senses, struct weir_span text, uint16_t row)
{
    weir_assert(text.length > 0 && text.length <= LONGEST);
    size_t at = hash_of(text) % SLOTS;
    while (senses->entries[at].text.length > 0) {
        if (weir_span_equals(senses->entries[at].text, text)) {
            return;
        }
        at = (at + 1) % SLOTS;
    }
    senses->entries[at] = (struct entry){text, row};
    note_length(senses, text);
    add_english_word(senses, &senses->entries[at]);
}

static void add_list(struct weir_senses *senses, const char *list, char separator, uint16_t row)
{
    struct weir_span rest = weir_span_of(list);
    while (rest.length > 0) {
        add(senses, weir_span_trim(weir_span_take_until(&rest, separator)), row);
    }
}

static int compare_words(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    return weir_span_compare(left->text, right->text);
}

static void sort_words(struct weir_senses *senses)
{
    qsort(senses->words, senses->word_count, sizeof *senses->words, compare_words);
    for (size_t i = 0; i < senses->word_count; i++) {
        senses->words_before[senses->words[i].text.data[0] - 'a' + 1] = i + 1;
    }
    for (size_t i = 1; i < ARRAY_LEN(senses->words_before); i++) {
        if (senses->words_before[i] < senses->words_before[i - 1]) {
            senses->words_before[i] = senses->words_before[i - 1];
        }
    }
}

struct weir_senses *weir_senses_create(void)
{
    struct weir_senses *senses = weir_new(struct weir_senses);
    for (size_t row = 0; row < ARRAY_LEN(sense_rows); row++) {
        add_list(senses, sense_rows[row].zh, ' ', (uint16_t)row);
        add_list(senses, sense_rows[row].en, ',', (uint16_t)row);
    }
    sort_words(senses);
    return senses;
}

void weir_senses_destroy(struct weir_senses **senses)
{
    if (*senses) {
        free((*senses)->words);
        free(weir_take(*senses));
    }
}

static bool cuts_word(struct weir_span text, size_t end)
{
    if (end >= text.length) {
        return false;
    }
    char last = text.data[end - 1];
    char next = text.data[end];
    return (is_letter(last) && is_letter(next)) || (is_digit(last) && is_digit(next));
}

static struct weir_sense sense_of(const struct entry *entry)
{
    return (struct weir_sense){sense_rows[entry->row].kind, entry->row, entry->text.length};
}

struct weir_sense weir_senses_at(const struct weir_senses *senses, struct weir_span text, size_t at)
{
    struct weir_span rest = weir_span_slice(text, at, text.length);
    size_t longest = rest.length > 0 ? senses->longest[first_bytes(rest)] : 0;
    if (longest == 0 && rest.length > 0) { // a single letter has no second byte
        longest = senses->longest[(size_t)(uint8_t)rest.data[0] << 8];
    }
    for (size_t length = longest < rest.length ? longest : rest.length; length > 0; length--) {
        bool ends_inside = length < rest.length && ((uint8_t)rest.data[length] & 0xc0) == 0x80;
        if (ends_inside || cuts_word(rest, length)) {
            continue;
        }
        const struct entry *entry = find(senses, weir_span_slice(rest, 0, length));
        if (entry) {
            return sense_of(entry);
        }
    }
    return (struct weir_sense){WEIR_SENSE_NONE, 0, 0};
}

static bool has_swapped(struct weir_span a, struct weir_span b, size_t at)
{
    return at + 1 < a.length && a.data[at] == b.data[at + 1] && a.data[at + 1] == b.data[at] &&
           weir_span_equals(weir_span_slice(a, at + 2, a.length),
                            weir_span_slice(b, at + 2, b.length));
}

static bool is_nearly(struct weir_span known, struct weir_span word)
{
    struct weir_span longer = known.length >= word.length ? known : word;
    struct weir_span shorter = known.length >= word.length ? word : known;
    size_t at = 0;
    if (longer.length > shorter.length + 1 || known.data[0] != word.data[0]) {
        return false;
    }
    while (at < shorter.length && longer.data[at] == shorter.data[at]) {
        at++;
    }
    if (longer.length == shorter.length && has_swapped(longer, shorter, at)) {
        return true;
    }
    return word.length >= SURELY_FROM &&
           weir_span_equals(weir_span_slice(longer, at + 1, longer.length),
                            weir_span_slice(shorter, longer.length == shorter.length ? at + 1 : at,
                                            shorter.length));
}

struct weir_sense weir_senses_nearly(const struct weir_senses *senses, struct weir_span word)
{
    if (word.length < NEARLY_FROM || !is_letter(word.data[0])) {
        return (struct weir_sense){WEIR_SENSE_NONE, 0, 0};
    }
    size_t letter = (size_t)(word.data[0] - 'a');
    for (size_t i = senses->words_before[letter]; i < senses->words_before[letter + 1]; i++) {
        if (is_nearly(senses->words[i].text, word)) {
            return sense_of(&senses->words[i]);
        }
    }
    return (struct weir_sense){WEIR_SENSE_NONE, 0, 0};
}
