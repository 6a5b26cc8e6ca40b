/** The words of questions and what they mean: a small dictionary, made once and only read. Pure. */
#ifndef WEIR_TRIAGE_SENSES_H
#define WEIR_TRIAGE_SENSES_H

#include "engine/base/span.h"

enum weir_sense_kind {
    WEIR_SENSE_NONE,
    WEIR_SENSE_IDLE,   // says nothing
    WEIR_SENSE_WEAK,   // says something only where nothing else does: you have, to go, to want
    WEIR_SENSE_ASK,    // what is wanted: when, how, price
    WEIR_SENSE_TOPIC,  // what it is about
    WEIR_SENSE_COMMON, // the same, as long as no TOPIC is there
    WEIR_SENSE_SLOT,   // which one: red, xl, tomorrow
};

/** What is wanted: the first rows of the table, in this order; their ids. */
enum weir_ask {
    WEIR_ASK_WHEN,
    WEIR_ASK_HOW,
    WEIR_ASK_WHY,
    WEIR_ASK_WHERE,
    WEIR_ASK_WHO,
    WEIR_ASK_WHAT,
    WEIR_ASK_PRICE,
    WEIR_ASK_COUNT,
    WEIR_ASKS,
};

/** A row of the table: words of one meaning, Chinese ones by blanks, English ones by commas. */
struct weir_sense_row {
    enum weir_sense_kind kind;
    const char *name;
    const char *zh;
    const char *en;
};

/** What stands at a place of a text; `length` bytes, 0 = nothing known. */
struct weir_sense {
    enum weir_sense_kind kind;
    uint16_t id; // of the row
    size_t length;
};

struct weir_senses;

struct weir_senses *weir_senses_create(void);
void weir_senses_destroy(struct weir_senses **senses);

/**
 * The longest word or phrase that begins at byte `at`. `text` is as weir_meaning_of() tidies it:
 * folded, English words apart by single blanks. An English one ends where a word ends.
 */
struct weir_sense weir_senses_at(const struct weir_senses *senses, struct weir_span text,
                                 size_t at);

/** The English word that is spelt almost so: one letter more, less, other or two swapped. */
struct weir_sense weir_senses_nearly(const struct weir_senses *senses, struct weir_span word);

#endif
