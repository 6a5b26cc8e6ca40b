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

/** What is known about a room besides its messages. Borrowed. */
struct weir_room_view {
    struct weir_span id;
    struct weir_span state;
    struct weir_span scene;
};

/** All that a check may look at. Built by the judge for each message. */
struct weir_check_input {
    const struct weir_message *message;
    const struct weir_room_view *room;
    struct weir_text *text;
    int64_t now_ms;
    bool is_question;
    int32_t score; // for `score` checks: the sum of all others
};

struct weir_check;

/** A kind of check: adding one is a row in the table of check.c and its functions. */
struct weir_check_kind {
    const char *name;
    const char *summary;
    bool is_text; // holds when the matcher found one of its patterns
    /** For the rest: whether it holds. Pure. */
    bool (*holds)(const struct weir_check *check, const struct weir_check_input *input);
};

/** One check of one rule. */
struct weir_check {
    const struct weir_check_kind *kind;
    uint32_t owner;   // its number in the set: the matcher's hits name it
    const char *path; // as verdicts write it: all[0].word
    struct weir_place place;
    uint32_t views;        // text checks: bits 1 << weir_view_kind
    const void *arguments; // the kind's own, in the set's memory
};

const struct weir_check_kind *weir_check_kind_find(struct weir_span name);

#endif
