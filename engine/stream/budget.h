/**
 * How fast a platform lets us act: token buckets for the limits that it documents, and the pauses
 * that it asks for when it refuses.
 *
 * A bucket never lets more than `count` through in any stretch of `per_ms`: half of it may leave at
 * once, the rest follows evenly. What matters less leaves part of a bucket to what matters more.
 * Pure; the buckets of rooms in which nothing happens are forgotten.
 */
#ifndef WEIR_STREAM_BUDGET_H
#define WEIR_STREAM_BUDGET_H

#include "engine/base/span.h"

/** What goes first when not everything can go. */
enum weir_class {
    WEIR_CLASS_PROTECT,  // rules protect from harm: delete, hold, mask, timeout, ban, a room mode
    WEIR_CLASS_HUMAN,    // a moderator decided
    WEIR_CLASS_CLEAN_UP, // what was begun ends: release, untimeout, unban, a mode is left
    WEIR_CLASS_TALK,     // reply, warn, announce
    WEIR_CLASSES,
};

enum weir_class weir_class_of(const struct weir_action *action);
/** As status prints it: "protect". */
const char *weir_class_name(enum weir_class class);

struct weir_budget;

/** `limits` outlive the budget; none = nothing is limited until the platform says so. */
struct weir_budget *weir_budget_create(const struct weir_limit *limits, size_t count);
void weir_budget_destroy(struct weir_budget **budget);

/**
 * Asks for one action in `room` (the caller's, compared by address). Returns 0 if it may leave now,
 * which is then counted; else the time at which asking again is of use.
 */
int64_t weir_budget_take(struct weir_budget *budget, const void *room, enum weir_do kind,
                         enum weir_class class, int64_t now_ms);

/** The platform refused for now. `retry_ms` 0: it does not say how long, so 1 s, 2 s, 4 s .. 32 s.
 * Returns when to try again. */
int64_t weir_budget_refused(struct weir_budget *budget, const void *room, enum weir_do kind,
                            uint32_t retry_ms, int64_t now_ms);

/** The platform took one: the next refusal begins at 1 s again. */
void weir_budget_accepted(struct weir_budget *budget, const void *room, enum weir_do kind);

#endif
