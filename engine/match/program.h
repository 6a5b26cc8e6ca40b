/** Inside engine/match: what patterns become when they are compiled. */
#ifndef WEIR_MATCH_PROGRAM_H
#define WEIR_MATCH_PROGRAM_H

#include "engine/match/literal_index.h"
#include "engine/match/matcher.h"
#include "engine/match/regex.h"

/** How a program comes to its hits. */
enum program_kind {
    PROGRAM_LITERALS, // each occurrence of one of its literals is a hit, if it stands where it must
    PROGRAM_REGEX,    // PCRE2 runs where a literal occurred (if it has any) and the gates are open
};

/** One pattern in one view. */
struct program {
    enum program_kind kind;
    enum weir_pattern_kind pattern_kind;
    enum weir_view_kind view;
    uint32_t twins; // views before this one in which the pattern is looked for as the same bytes
    uint32_t pattern;
    uint32_t owner;
    uint32_t group; // rank of owner and view: the order in which hits are told
    bool trusted_edges;
    // A keyword as it is typed, where its view shows how it sounds: a hash, and one bit a
    // character.
    uint32_t typed;
    uint64_t typed_chars;
    struct weir_regex *regex; // shared with the pattern's programs in other views; NULL: not needed

    struct weir_gate_owners gate; // of regexes: not run where none of these owners is hit

    // What a text must have for the regex to match; 0 and all bits where nothing is known.
    uint32_t least_chars;
    uint32_t least_digits;
    uint64_t needed_bytes; // bits 1 << weir_byte_kind(byte): all of them occur
    uint64_t first_bytes;  // bits 1 << (byte >> 2): one of them occurs
};

static inline uint32_t hash_of_typed(const char *bytes, size_t length)
{
    uint32_t hash = 0x811c9dc5u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * 0x01000193u;
    }
    return hash;
}

static inline uint64_t chars_of_typed(const char *bytes, size_t length)
{
    uint64_t chars = 0;
    for (size_t start = 0; start < length;) {
        size_t end = start + 1;
        while (end < length && ((unsigned char)bytes[end] & 0xC0) == 0x80) {
            end++;
        }
        chars |= UINT64_C(1) << (hash_of_typed(bytes + start, end - start) >> 7 & 63);
        start = end;
    }
    return chars;
}

/** What an occurrence of a literal means to a program. */
struct target {
    uint32_t program;
    uint16_t priority; // among the program's literals at one place: PCRE2 takes the first
    uint8_t view;      // of the program
    uint8_t twins;     // of the program
};

/**
 * Views whose texts are mostly one and the same share an index, so that what is the same is looked
 * through once. Sound, which writes syllables, has its own.
 */
enum plan_kind {
    PLAN_LETTERS,
    PLAN_SOUND,
    PLAN_COUNT,
};

static inline enum plan_kind plan_of(enum weir_view_kind view)
{
    return view == WEIR_VIEW_SOUND ? PLAN_SOUND : PLAN_LETTERS;
}

struct literal_plan {
    struct weir_literal_index *index; // NULL: no literals
    uint32_t *target_starts;          // by literal id, one more than there are
    struct target *targets;
};

/** Regexes without a literal, of one view. */
struct always_plan {
    uint32_t *programs;
    uint32_t count;
};

/** What a byte of a text adds to what is known of it. */
struct byte_traits {
    uint64_t kind;   // 1 << weir_byte_kind(byte)
    uint64_t coarse; // 1 << (byte >> 2)
};

struct weir_matcher {
    struct byte_traits traits[256];
    struct program *programs;
    size_t program_count;
    struct weir_regex **regexes;
    size_t regex_count;
    struct literal_plan plans[PLAN_COUNT];
    struct always_plan always[WEIR_VIEW_COUNT];
    uint32_t always_views; // bits of those with any
    uint32_t views;
};

#endif
