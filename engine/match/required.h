/**
 * What a text must have for a regex to match it: known from the pattern alone, so that PCRE2 runs
 * only where it may succeed. All of it is necessary, none of it a guess.
 */
#ifndef WEIR_MATCH_REQUIRED_H
#define WEIR_MATCH_REQUIRED_H

#include "engine/match/regex_syntax.h"

/** One of 64 kinds of bytes: nearly all of ASCII apart, the rest by what tells most. */
uint32_t weir_byte_kind(unsigned char byte);

/** Start it as `{0}`: nothing is required. Literals live in the arena. */
struct regex_required {
    const struct weir_span *literals; // one of them occurs; in the order in which PCRE2 tries them
    uint32_t literal_count;           // 0: none is known
    double share;                     // of ordinary messages in which one is expected
    bool only_literals;               // an occurrence is a match, the first in the list wins
    bool takes_text;                  // some match may be longer than nothing
    uint32_t least_chars;
    uint32_t least_digits; // decimal digits of any script
    uint64_t bytes;        // bits 1 << weir_byte_kind(byte) of bytes that occur
};

/** Literals that more messages have than this are no help: the other gates do better. */
#define WEIR_REGEX_SHARE_MOST 0.3

/**
 * Whether an index should look for its literals. A single byte that must occur is a gate as it is.
 */
static inline bool weir_regex_is_indexed(const struct regex_required *required)
{
    if (required->only_literals) {
        return true;
    }
    bool is_byte = required->literal_count == 1 && required->literals[0].length == 1;
    return required->literal_count > 0 && !is_byte && required->share <= WEIR_REGEX_SHARE_MOST;
}

void weir_regex_require(const struct regex_syntax *syntax, struct weir_arena *arena,
                        struct regex_required *required_out);

#endif
