/**
 * One pass over a message: which patterns occur, and where.
 *
 * Keywords and the required literals of all regexes stand in one literal index per view; PCRE2 runs
 * a regex only where one of its literals occurred (or, where it has none, its features), so meaning
 * is exactly PCRE2's and cost hardly grows with the number of patterns.
 */
#ifndef WEIR_MATCH_MATCHER_H
#define WEIR_MATCH_MATCHER_H

#include "engine/base/diagnostics.h"
#include "engine/text/text.h"

enum weir_pattern_kind {
    WEIR_PATTERN_WORD,     // script-aware edges and the dictionary veto
    WEIR_PATTERN_INCLUDES, // anywhere
    WEIR_PATTERN_STARTS,   // at the start of the text; blanks around the text don't count
    WEIR_PATTERN_ENDS,
    WEIR_PATTERN_EXACT, // the whole text
    WEIR_PATTERN_GLOB,  // word with * for any run within a word
    WEIR_PATTERN_REGEX, // PCRE2; an empty match is no hit
};

/** One thing to look for. Borrowed by create(). */
struct weir_pattern {
    enum weir_pattern_kind kind;
    uint32_t views; // bits 1 << weir_view_kind; a pattern is looked for in each of them
    uint32_t owner; // the caller's number; many patterns may share one
    struct weir_span text;
    struct weir_place place; // where a mistake in it is reported
    bool trusted_edges;      // word: never ask the dictionary

    /** Places byte `offset` of the text, for mistakes inside a regex. NULL: `place` has to do. */
    struct weir_place (*place_at)(const void *place_user, size_t offset);
    const void *place_user;
};

/** One occurrence. */
struct weir_hit {
    uint32_t owner;
    uint32_t pattern; // index into the patterns given to create()
    enum weir_view_kind view;
    uint32_t start; // bytes of the view
    uint32_t end;
    struct weir_text_range range; // of the original
};

/** A regex that met one of its limits: neither hit nor miss, the rule's on_error decides. */
struct weir_match_limit {
    uint32_t owner;
    uint32_t pattern;
    enum weir_view_kind view;
    const char *cause; // match limit, JIT stack, ...
};

/** What one scan found; belongs to the scratch, until the next scan. Sorted by owner, view and
 * place in the original. Where a text has several readings, a pattern hits the same place once. */
struct weir_hits {
    const struct weir_hit *hits;
    size_t count;
    bool more; // there were more hits than a scan keeps
    const struct weir_match_limit *limits;
    size_t limit_count;
};

struct weir_matcher;       // immutable once built; any number of threads may scan with it
struct weir_match_scratch; // one per thread

/**
 * Compiles the patterns. Slow (milliseconds): call it while loading. Mistakes in patterns go to
 * `diagnostics`, regex errors placed at their character; returns NULL if there was one.
 */
struct weir_matcher *weir_matcher_create(const struct weir_pattern *patterns, size_t count,
                                         struct weir_diagnostics *diagnostics);
void weir_matcher_destroy(struct weir_matcher **matcher);

/** Owners `first` up to, not including, `end`; none where they are equal. */
struct weir_gate_owners {
    uint32_t first;
    uint32_t end;
    bool needs_han; // and of gates: a text without Han is none for them
};

/**
 * Says of each owner (`gates` is by owner number) in whose company alone its hits matter: where
 * none of those owners is hit, or the text has no Han and that is needed, its regexes are not run.
 * Owners in a gate must have neither regexes nor globs. Belongs to building: call it before the
 * first scan.
 */
void weir_matcher_set_gates(struct weir_matcher *matcher, const struct weir_gate_owners *gates,
                            size_t owner_count);

struct weir_match_scratch *weir_match_scratch_create(void);
void weir_match_scratch_destroy(struct weir_match_scratch **scratch);

/** Finds all patterns in all their views of `text`. Never fails; what met a limit is listed. */
const struct weir_hits *weir_matcher_scan(const struct weir_matcher *matcher,
                                          struct weir_match_scratch *scratch,
                                          struct weir_text *text);

/** The cause of a limit that was not met anew, because weir_match_scratch_suspend() asked so. */
extern const char weir_match_suspended[];

/**
 * From now on the regexes of these owners are not run: where they would have been, that is listed
 * as a limit with the cause above. Borrows `owners` until the next call; none with `count` 0.
 */
void weir_match_scratch_suspend(struct weir_match_scratch *scratch,
                                const struct weir_gate_owners *owners, size_t count);

/** What PCRE2 did for one pattern: counted, never timed, so the same again each time. */
struct weir_pattern_cost {
    uint32_t runs;   // texts on which PCRE2 was asked, by view and reading
    uint32_t limits; // of them those that met a limit
    uint64_t steps;  // charged for them: at least the work that was done
};

/**
 * Adds up what scans with this scratch cost, in `costs` (one entry for each pattern of the matcher,
 * borrowed); NULL ends it.
 */
void weir_match_scratch_count(struct weir_match_scratch *scratch, struct weir_pattern_cost *costs);

/** What looking for one owner's patterns cost, over many messages. */
struct weir_cost {
    uint64_t looked_at; // messages in which one of its literals occurred, or that had to be tried
    uint64_t confirmed; // runs of PCRE2
    uint64_t matched;   // messages in which it held; for the caller to count
    uint64_t limits;    // runs that met a limit
    uint64_t ns;
    uint64_t message; // the last message, and what that one cost
    uint64_t message_ns;
    uint64_t worst_message;
    uint64_t worst_ns;
};

/** A clock and where to put what it tells. Scanning is pure: the clock is the caller's. */
struct weir_match_profile {
    struct weir_cost *owners; // one entry for each owner
    uint64_t (*now_ns)(void);
    uint64_t overhead_ns; // of asking it twice
    uint64_t message;     // number of the message in hand, another one for each, never 0
};

/** Times what scans with this scratch do for each owner; NULL ends it. Costs nothing while NULL. */
void weir_match_scratch_profile(struct weir_match_scratch *scratch,
                                struct weir_match_profile *profile);

/** Adds what was done since `start_ns` for an owner, or for whatever else has a cost. */
void weir_match_profile_add(const struct weir_match_profile *profile, struct weir_cost *cost,
                            uint64_t start_ns);

/**
 * Scans a sample of live chat that is built in and adds up what each pattern cost. Returns how many
 * messages that were. A few hundred microseconds, and machine code for the regexes that are needed.
 */
size_t weir_matcher_measure(const struct weir_matcher *matcher, struct weir_pattern_cost *costs);

/** The views that scanning will ask for, as bits. */
uint32_t weir_matcher_views(const struct weir_matcher *matcher);

/**
 * The text of named group `name` in a hit of a regex (of the view), or an empty span. Runs the
 * regex again: for replies and reasons only.
 */
struct weir_span weir_matcher_capture(const struct weir_matcher *matcher,
                                      struct weir_match_scratch *scratch, struct weir_text *text,
                                      const struct weir_hit *hit, const char *name);

#endif
