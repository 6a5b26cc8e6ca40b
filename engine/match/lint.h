/**
 * What is unwise about a regex, before any message comes: `weir check` tells it to authors
 * (engine/rules decides what is silenced). Pure; slow enough to be left out of plain loading.
 */
#ifndef WEIR_MATCH_LINT_H
#define WEIR_MATCH_LINT_H

#include "engine/match/matcher.h"

enum weir_pattern_lint_kind {
    // A text that people may type makes it meet its match limit: then it neither hits nor misses.
    WEIR_PATTERN_SLOW,
    // Spells a word out with separators between the letters, which a view reads through.
    WEIR_PATTERN_SPELT_OUT,
    // Nothing that the index could look for occurs in each of its matches, so it is tried on many
    // messages.
    WEIR_PATTERN_NO_LITERAL,
    WEIR_PATTERN_LINT_COUNT,
};

/** The ids by which authors silence them: "slow-pattern", "spelt-out-regex", "no-literal". */
extern const char *const weir_pattern_lint_names[WEIR_PATTERN_LINT_COUNT];

struct weir_pattern_lint {
    enum weir_pattern_lint_kind kind;
    size_t start; // bytes of the pattern: what is to blame
    size_t end;
    // slow: characters of the shortest text found that does it; spelt-out: letters; no-literal:
    // percent of the messages of a built-in sample on which it is tried.
    uint32_t figure;
    char cause[256]; // one clause; tells the text that does it, or the view to use instead
};

typedef void (*weir_pattern_lint_fn)(void *user, size_t pattern,
                                     const struct weir_pattern_lint *lint);

/**
 * Looks through patterns that weir_matcher_create() took, and calls for each thing found, in the
 * order of the patterns, with the pattern's index. Only regexes can be unwise. A regex costs some
 * ten microseconds where it repeats nothing, a millisecond where it must be tried out.
 */
void weir_patterns_lint(const struct weir_pattern *patterns, size_t count,
                        weir_pattern_lint_fn on_lint, void *user);

#endif
