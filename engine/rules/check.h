/**
 * Checks: the leaf conditions of the rule language, one row and one pair of functions each.
 *
 * Text checks (word, regex, ...) only give patterns to the matcher; they hold when the matcher
 * found one of them. The others are computed from the message, the room and the judge's memory.
 */
#ifndef WEIR_RULES_CHECK_H
#define WEIR_RULES_CHECK_H

#include "engine/base/yaml.h"
#include "engine/match/matcher.h"
#include "engine/rules/series.h"

/** What is known about a room besides its messages. Borrowed. */
struct weir_room_view {
    struct weir_span id;
    struct weir_span state;
    struct weir_span scene;
    int64_t scene_ends_ms; // 0 = nobody has said
    int64_t ends_ms;       // the same of the stream
};

/** What checks found out about one message and others need not find out again. */
struct weir_check_memo {
    bool was_searched_for_links;
    bool has_no_link;
    bool was_searched_for_numbers;
    bool has_no_number;
};

/** All that a check may look at. Built by the judge for each message. */
struct weir_check_input {
    const struct weir_message *message;
    const struct weir_room_view *room;
    struct weir_text *text;
    int64_t now_ms;
    bool is_question;
    int32_t score;                       // for `score` checks: the sum of all others
    const struct weir_reading *readings; // by index of the set's series; NULL: nothing is known
    struct weir_user_reading user;
    struct weir_check_memo *memo; // empty for each message; NULL: nothing is kept
};

struct weir_check;
struct weir_rule;
struct weir_loader;

/** Where a check that is not a text check found what it looks for: bytes of a view. */
struct weir_check_span {
    enum weir_view_kind view;
    uint32_t start;
    uint32_t end;
};

#define WEIR_CHECK_SPANS 16

/** What `holds` found, by rising start. Room for the first ones is enough: it holds all the same.
 */
struct weir_check_spans {
    struct weir_check_span items[WEIR_CHECK_SPANS];
    size_t count;
};

/** A kind of check: adding one is a row in the table of check.c and its functions. */
struct weir_check_kind {
    const char *name;
    const char *summary;
    bool is_text;   // holds when the matcher found one of its patterns
    bool has_spans; // not a text check, but says where: counts for hits, `near` and `except`
    bool is_score;  // reads the sum of all others: its rule runs last
    /** Reads what stands behind its name in a rule. Mistakes go to the loader's diagnostics. */
    bool (*parse)(struct weir_loader *loader, const struct weir_yaml *node,
                  struct weir_check *check);
    /**
     * For all but text checks: whether it holds. Pure. Where has_spans, adds to `spans_out` (empty
     * before the call) what it found.
     */
    bool (*holds)(const struct weir_check *check, const struct weir_check_input *input,
                  struct weir_check_spans *spans_out);
    /**
     * NULL, or a cheap question before `holds`: where the answer is no, no check of this kind holds
     * for the message, whatever its arguments.
     */
    bool (*may_hold)(const struct weir_check_input *input);
    /** Where it reads the room's memory: what it read, in thousandths, for `read` of verdicts. */
    int64_t (*value)(const struct weir_check *check, const struct weir_check_input *input);
};

/** One check of one rule. */
struct weir_check {
    const struct weir_check_kind *kind;
    uint32_t owner;               // its number in the set: the matcher's hits name it
    const struct weir_rule *rule; // NULL: of a topic or a policy
    const char *path;             // as verdicts write it: all[0].word, unless.user
    struct weir_place place;
    uint32_t views;         // text checks: bits 1 << weir_view_kind
    const void *arguments;  // the kind's own, in the set's memory
    uint32_t lint_allowed;  // bits 1 << weir_lint
    uint64_t argument_hash; // of what was written, lists by name; text checks: 0
};

const struct weir_check_kind *weir_check_kind_find(struct weir_span name);

/** All kinds, for help texts and suggestions. */
const struct weir_check_kind *weir_check_kinds(size_t *count_out);

#endif
