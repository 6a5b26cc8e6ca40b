/** What a question means, as a small set of parts, and how like two of them are. Pure. */
#ifndef WEIR_TRIAGE_MEANING_H
#define WEIR_TRIAGE_MEANING_H

#include "engine/triage/senses.h"

#define WEIR_MEANING_PARTS 24

/** A plain value; two questions with the same parts and slots ask the same. */
struct weir_meaning {
    uint32_t parts[WEIR_MEANING_PARTS]; // sorted, each once: senses and words nobody knows
    uint8_t count;
    uint8_t slot_count;
    uint64_t slots; // language, numbers, sizes, colours, places, days: equal or another question
    uint64_t signature; // a bit for each part, to see quickly what has nothing in common
    uint64_t heads;     // of it: the topics, or where there is none, what many have in common
    bool has_topic;
};

/** Alike from here on: chosen on tests/cases/merge, for a precision of 0.98. */
#define WEIR_LIKENESS_SAME 550

/** Less like than this is never the same, whatever stands between. */
#define WEIR_LIKENESS_STRAY 385

/**
 * Reads `tight`, a text in its tight view; of several readings the first. Only its first 512 bytes
 * count.
 */
void weir_meaning_of(const struct weir_senses *senses, struct weir_span tight,
                     struct weir_meaning *meaning_out);

/** Nothing in it that could be compared. */
bool weir_meaning_is_empty(const struct weir_meaning *meaning);

/** What of a meaning bounds how like another one it can be. */
struct weir_meaning_bound {
    uint64_t letters; // a bit for each, and for each of the other parts
    uint64_t others;
    uint8_t hidden_letters; // those that share a bit with another
    uint8_t hidden_others;
    uint8_t common; // parts that many questions have in common
    uint8_t slot_count;
    int32_t weight; // of all parts together, at least
};

struct weir_meaning_bound weir_meaning_bound_of(const struct weir_meaning *meaning);

/** False only where weir_meaning_likeness() of the two, whose slots are equal, is below `least`;
 * much cheaper. */
bool weir_meanings_may_reach(const struct weir_meaning_bound *a, const struct weir_meaning_bound *b,
                             uint32_t least);

/** From 0 (other questions) to 1000 (the same). */
uint32_t weir_meaning_likeness(const struct weir_meaning *a, const struct weir_meaning *b);

#endif
