/** What a meaning is made of, for those who read and those who compare it. */
#ifndef WEIR_TRIAGE_MEANING_PARTS_H
#define WEIR_TRIAGE_MEANING_PARTS_H

#include "engine/triage/meaning.h"

// A part: what it is in the top four bits, which one below.
enum weir_part_kind {
    WEIR_PART_ASK,
    WEIR_PART_YES_NO, // asks whether, and nothing else
    WEIR_PART_TOPIC,
    WEIR_PART_COMMON,
    WEIR_PART_WORD,   // of another alphabet's word, by its hash
    WEIR_PART_LETTER, // Han and the like, one character
};
#define WEIR_PART_SHIFT 28
#define WEIR_PART_BITS  0x0fffffffu

#endif
