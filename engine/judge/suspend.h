/**
 * Rules that met their limits too often in a room rest for a while: somebody types what makes them
 * slow. By counts of the room's messages alone, so that the same messages rest the same rules.
 */
#ifndef WEIR_JUDGE_SUSPEND_H
#define WEIR_JUDGE_SUSPEND_H

#include "engine/match/matcher.h"

struct weir_plan;

#define WEIR_SUSPENSIONS_MOST 16u // rules of a room that are watched; more slow ones share the room

/** So many messages with a limit among WITHIN suspend a rule for the next FOR. */
#define WEIR_SUSPEND_AFTER  16u
#define WEIR_SUSPEND_WITHIN 512u
#define WEIR_SUSPEND_FOR    2048u

/** A rule that met a limit. Messages are counted from 1. */
struct weir_suspension {
    uint64_t key;   // of the rule's id
    uint32_t index; // of the rule in the set, where it was last
    uint32_t met;   // messages with a limit, since `since`
    uint64_t since;
    uint64_t last;
    uint64_t until; // suspended up to this message
};

/** Start it as `{0}`. */
struct weir_suspensions {
    uint64_t messages;
    uint32_t count;
    struct weir_suspension items[WEIR_SUSPENSIONS_MOST];
};

/**
 * Begins a message: fills `owners_out` (WEIR_SUSPENSIONS_MOST of them) with the checks of the rules
 * that rest, and returns how many.
 */
size_t weir_suspensions_begin(struct weir_suspensions *suspensions, const struct weir_plan *plan,
                              struct weir_gate_owners *owners_out);

/** Notes whose limits were met. Returns the rule that this message suspended, or NULL. */
const struct weir_rule *weir_suspensions_note(struct weir_suspensions *suspensions,
                                              const struct weir_plan *plan,
                                              const struct weir_hits *hits);

#endif
