/**
 * What a text must have for a regex to match it: known from the pattern alone, so that PCRE2 runs
 * only where it may succeed. All of it is necessary, none of it a guess.
 */
#ifndef WEIR_MATCH_REQUIRED_H
#define WEIR_MATCH_REQUIRED_H

#include "engine/match/regex_syntax.h"

/** Sixty-four kinds of bytes: nearly all of ASCII apart, the rest by what tells most. */
extern const uint8_t weir_byte_bits[256];

/** Start it as `{0}`: nothing is required. Literals live in the arena. */
struct regex_required {
    const struct weir_span *literals; // one of them occurs; in the order in which PCRE2 tries them
    uint32_t literal_count;           // 0: none is known
    bool only_literals;               // an occurrence is a match, the first in the list wins
    bool takes_text;                  // some match may be longer than nothing
    uint32_t least_chars;
    uint32_t least_digits; // decimal digits of any script
    uint64_t bytes;        // bits 1 << weir_byte_bits[byte] of bytes that occur
};

/**
 * Whether an index should look for its literals. A single byte occurs too often to be worth
 * finding; as a needed byte it is a gate all the same.
 */
static inline bool weir_regex_is_indexed(const struct regex_required *required)
{
    return required->only_literals || required->literal_count > 1 ||
           (required->literal_count == 1 && required->literals[0].length > 1);
}

void weir_regex_require(const struct regex_syntax *syntax, struct weir_arena *arena,
                        struct regex_required *required_out);

#endif
