/**
 * What a text says, small enough to remember: the smallest hashes of its pairs of letters. Two
 * texts whose letters are nearly the same have nearly the same ones, whatever stands between the
 * letters and however they were disguised.
 */
#ifndef WEIR_JUDGE_SKETCH_H
#define WEIR_JUDGE_SKETCH_H

#include "engine/text/text.h"

#define WEIR_SKETCH_PAIRS 32
/** Letters that are looked at: what repeats says so earlier. */
#define WEIR_SKETCH_LETTERS 512

struct weir_sketch {
    uint16_t count;                    // of different pairs; WEIR_SKETCH_PAIRS: or more
    uint16_t pairs[WEIR_SKETCH_PAIRS]; // the smallest, rising
};

/** Letters and digits of the skeleton, in its first reading, runs of one squeezed. Names of emotes
 * between colons (:face-blue:) are left out. */
struct weir_letters_read {
    uint32_t at[WEIR_SKETCH_LETTERS];
    uint64_t pairs[WEIR_SKETCH_LETTERS]; // hashes of each two side by side, count - 1 of them
    uint32_t count;
    uint32_t unspaced; // of scripts without blanks between words
    uint64_t words;    // those with blanks: a bit for each different word, by its hash
};

void weir_letters_read(struct weir_text *text, struct weir_letters_read *letters);

/** Names the letters: the same for all texts that differ only in disguise, blanks and symbols. */
uint64_t weir_letters_key(const struct weir_letters_read *letters);

void weir_sketch_make(const struct weir_letters_read *letters, struct weir_sketch *sketch);

/** How much of both is in both, in percent; exact where neither has more pairs than are kept. */
uint32_t weir_sketch_similarity(const struct weir_sketch *a, const struct weir_sketch *b);

#endif
