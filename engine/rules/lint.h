/**
 * What is allowed in a pack but hardly what its author meant. Each kind has an id; `lint: {allow:
 * [ID]}` in a rule, a topic or a pack silences it there. Loaders look for it where the caller's
 * diagnostics have room for lints, in sets without a mistake.
 */
#ifndef WEIR_RULES_LINT_H
#define WEIR_RULES_LINT_H

#include <stddef.h>
#include <stdint.h>

struct weir_loader;
struct weir_place;
struct weir_yaml;

enum weir_lint {
    WEIR_LINT_COSTLY_PATTERN,
    WEIR_LINT_COVERED_WORD,
    WEIR_LINT_DEAD_EXCEPTION,
    WEIR_LINT_DUPLICATE_RULE,
    WEIR_LINT_FOLDED_LETTER,
    WEIR_LINT_MISSING_LANGUAGE,
    WEIR_LINT_NO_LITERAL,
    WEIR_LINT_NO_SAMPLES,
    WEIR_LINT_SHADOWED_RULE,
    WEIR_LINT_SLOW_PATTERN,
    WEIR_LINT_SPELT_OUT_REGEX,
    WEIR_LINT_UNUSED_LIST,
    WEIR_LINT_COUNT,
};

/** The ids, and a sentence about each, in the order of the enum: sorted by id. */
extern const char *const weir_lint_names[WEIR_LINT_COUNT];
extern const char *const weir_lint_summaries[WEIR_LINT_COUNT];

/** Reads `lint` of a map, if it is there, and adds what it allows to what is allowed already. */
void weir_loader_read_lint(struct weir_loader *loader, const struct weir_yaml *map);

/** The lints that nobody wants to hear of at the place of a pattern. */
uint32_t weir_lint_allowed(const struct weir_loader *loader, uint32_t owner);

/** Warns, unless nobody asked or the id is among `allowed` (bits 1 << weir_lint). */
__attribute__((format(printf, 5, 6))) void weir_loader_warn(struct weir_loader *loader,
                                                            uint32_t allowed, enum weir_lint lint,
                                                            const struct weir_place *place,
                                                            const char *format, ...);

/** A number for what was written: equal for equal values, whatever their quotes and the order of
 * keys. */
uint64_t weir_lint_hash(const struct weir_yaml *node);

/** lint.c: looks through a set that is whole, numbered and without a mistake. */
void weir_loader_lint(struct weir_loader *loader);

/** Rules that find whatever a check finds: indices of the set, rising. */
struct weir_lint_cover {
    uint32_t *rules;
    size_t count;
};

/**
 * lint_words.c: keywords that change nothing. Fills `covers`, one by each owner, for rules that
 * change nothing. Reads every keyword as if it were a message, so what it says is what the matcher
 * does. Frees nothing of `covers`.
 */
void weir_lint_words(struct weir_loader *loader, struct weir_lint_cover *covers);

/** lint_except.c: exceptions that never apply. */
void weir_lint_exceptions(struct weir_loader *loader);

/** lint_regex.c: expressions that are dear, or better left to a view. */
void weir_lint_regexes(struct weir_loader *loader);

/** lint_rules.c: rules that look for what another one looks for. */
void weir_lint_rules(struct weir_loader *loader, const struct weir_lint_cover *covers);

#endif
