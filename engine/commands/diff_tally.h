/**
 * What `weir diff` found: messages whose outcome is another one, by kind of change and by rule,
 * with samples. Both sides are plain words, so that a verdict log can be a side as well as a set.
 */
#ifndef WEIR_COMMANDS_DIFF_TALLY_H
#define WEIR_COMMANDS_DIFF_TALLY_H

#include "engine/base/buffer.h"

enum weir_side { WEIR_SIDE_OLD, WEIR_SIDE_NEW, WEIR_SIDES };

/** What one side made of a message. Borrowed. */
struct weir_diff_outcome {
    struct weir_span verdict;      // pass, flag, ...
    struct weir_span user_verdict; // none, warn, ...
    struct weir_span actions;      // as verdicts write them: a JSON list
    struct weir_span question;     // its topic, "-" for a question without one; empty: no question
    const struct weir_span *rules; // ids of those that fired, sorted
    size_t rule_count;
    int64_t score;
};

struct weir_diff_case {
    struct weir_span file;
    uint64_t line;
    struct weir_span id;
    struct weir_span text;
    struct weir_diff_outcome sides[WEIR_SIDES];
};

enum weir_change {
    WEIR_CHANGE_NONE,
    WEIR_CHANGE_WAY,      // the same is done, by other rules or with another score
    WEIR_CHANGE_QUESTION, // the same is done; it is a question now, or none, or of another topic
    WEIR_CHANGE_ACTION,   // something else is done
    WEIR_CHANGE_SPARED,   // nothing is done any more
    WEIR_CHANGE_CAUGHT,   // something is done now
    WEIR_CHANGES,
};

/** A changed message as it is shown. */
struct weir_diff_sample {
    char *file;
    uint64_t line;
    char *id;
    char *text;
    char *sides[WEIR_SIDES]; // "delete+timeout", with the score
    uint64_t order;          // by a hash of the text, so that samples are fair and all different
};

struct weir_diff_samples {
    struct weir_diff_sample *items;
    size_t count;
};

struct weir_diff_rule {
    char *id;                       // "" stands for changes that no rule's hits explain
    uint64_t hits[WEIR_SIDES];      // messages that it fired on
    uint64_t gained;                // fires only in NEW
    uint64_t lost;                  // fired only in OLD
    uint64_t changes[WEIR_CHANGES]; // in which it has a part
    struct weir_diff_samples samples[WEIR_CHANGES];
};

/** Start it as `{.samples = N}`. */
struct weir_diff_tally {
    size_t samples; // of one rule and kind of change
    uint64_t messages;
    uint64_t changes[WEIR_CHANGES];
    struct weir_diff_rule *rules; // sorted by id
    size_t rule_count;
    size_t rule_capacity;
    const char *names[WEIR_SIDES]; // what the sides are called: old, new
};

void weir_diff_tally_fini(struct weir_diff_tally *tally);

enum weir_change weir_change_of(const struct weir_diff_case *of);
void weir_diff_tally_add(struct weir_diff_tally *tally, const struct weir_diff_case *of);

/** Messages on which something else is done or asked. */
uint64_t weir_diff_changed(const struct weir_diff_tally *tally);

/** `columns` of a terminal, 0: as wide as it gets. */
void weir_diff_write_text(const struct weir_diff_tally *tally, size_t columns,
                          struct weir_buffer *out);
/** One object; the caller may have written members after its `{`, and closes it. */
void weir_diff_write_members(const struct weir_diff_tally *tally, struct weir_buffer *out);

#endif
