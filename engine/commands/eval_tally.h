/** What `weir eval` counted, and how it is shown. */
#ifndef WEIR_COMMANDS_EVAL_TALLY_H
#define WEIR_COMMANDS_EVAL_TALLY_H

#include "engine/commands/proportion.h"
#include "engine/judge/judge.h"

/** Values of the field of --by that get a line of their own; the rest share one. */
#define WEIR_EVAL_GROUPS 500

/** One line, judged. Everything is borrowed; the tally copies what it keeps. */
struct weir_eval_case {
    const char *file;
    uint64_t line;
    struct weir_span text;
    struct weir_span label;
    bool is_positive; // by its label
    bool is_caught;   // by the rules
    const struct weir_verdict *verdict;
    const struct weir_rule *const *rules; // those that fired and count
    size_t rule_count;
};

/** A mistake of the rules that is worth reading. */
struct weir_eval_mistake {
    char *file;
    uint64_t line;
    char *text;
    char *label;
    char *rules; // ids, with commas between
    char *topic; // "": no question, or one without a topic
    enum weir_message_verdict verdict;
    enum weir_user_verdict user_verdict;
    int32_t score;
    bool is_question;
    uint64_t weight; // how bad
    uint64_t order;  // among equals: by a hash of the text, so that they are a fair sample
};

/** The worst ones so far, worst first. */
struct weir_eval_mistakes {
    struct weir_eval_mistake *items;
    size_t count;
    size_t most;
};

struct weir_eval_group {
    char *name;
    struct weir_confusion confusion;
};

/** How one rule did, on the lines that count as caught. */
struct weir_eval_rule {
    uint64_t right; // positive lines that it fired on
    uint64_t wrong;
    uint64_t right_alone; // those that no other rule fired on
    uint64_t wrong_alone;
};

/** Start it with weir_eval_tally_init(). */
struct weir_eval_tally {
    const struct weir_set *set;
    struct weir_confusion confusion;
    uint64_t skipped;  // lines that could not be used
    uint64_t left_out; // by --where, or without a label of --labels
    struct weir_eval_rule *rules;
    struct weir_eval_group *groups;
    size_t group_count;
    size_t group_capacity;
    struct weir_eval_mistakes false_positives;
    struct weir_eval_mistakes false_negatives;
};

void weir_eval_tally_init(struct weir_eval_tally *tally, const struct weir_set *set, size_t worst);
void weir_eval_tally_fini(struct weir_eval_tally *tally);

/** `group` is NULL without --by. */
void weir_eval_tally_add(struct weir_eval_tally *tally, const struct weir_eval_case *of,
                         const struct weir_span *group);

/** A figure that must not be below, or above, a limit. */
struct weir_eval_limit {
    const char *option; // --min-f1
    const char *figure; // f1
    bool is_least;      // else it is the most that is allowed
    bool is_given;
    double limit;
};

enum weir_eval_limit_kind {
    WEIR_EVAL_MIN_PRECISION,
    WEIR_EVAL_MIN_RECALL,
    WEIR_EVAL_MIN_F1,
    WEIR_EVAL_MAX_FPR,
    WEIR_EVAL_MIN_CAUGHT,
    WEIR_EVAL_MIN_LINES,
    WEIR_EVAL_LIMITS,
};

/** Whether the figure that the limit is about is known and keeps it. */
bool weir_eval_limit_holds(const struct weir_eval_limit *limit, enum weir_eval_limit_kind kind,
                           const struct weir_confusion *confusion);

/** The whole report, as text for `columns` of a terminal (0: as wide as it gets) or as JSON. */
void weir_eval_write_text(const struct weir_eval_tally *tally,
                          const struct weir_eval_limit limits[WEIR_EVAL_LIMITS], size_t columns,
                          struct weir_buffer *out);
void weir_eval_write_json(const struct weir_eval_tally *tally,
                          const struct weir_eval_limit limits[WEIR_EVAL_LIMITS],
                          struct weir_buffer *out);

#endif
