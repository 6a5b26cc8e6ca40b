/**
 * What a text must have for a regex to match it: known from the pattern alone, so that PCRE2 runs
 * only where it may succeed. All of it is necessary, none of it a guess.
 */
#ifndef WEIR_MATCH_REQUIRED_H
#define WEIR_MATCH_REQUIRED_H

#include "engine/match/regex_syntax.h"

/** Start it as `{0}`: nothing is required. Literals live in the arena. */
struct regex_required {
    const struct weir_span *literals; // one of them occurs; in the order in which PCRE2 tries them
    uint32_t literal_count;           // 0: none is known
    bool only_literals;               // an occurrence is a match, the first in the list wins
    bool takes_text;                  // some match may be longer than nothing
    uint32_t least_chars;
    uint32_t least_digits; // decimal digits of any script
    uint64_t bytes;        // bits 1 << (byte & 63) of bytes that occur
};

void weir_regex_require(const struct regex_syntax *syntax, struct weir_arena *arena,
                        struct regex_required *required_out);

#endif
