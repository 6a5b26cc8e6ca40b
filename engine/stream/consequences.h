/**
 * From a verdict to what the room is told: actions with ids that derive from their cause, and in
 * gate mode the verdict that the platform waits for. Pure.
 */
#ifndef WEIR_STREAM_CONSEQUENCES_H
#define WEIR_STREAM_CONSEQUENCES_H

#include "engine/judge/judge.h"

#define WEIR_CONSEQUENCE_RULES 16
/** What one message leads to, and the earlier messages of its campaign that go with it. */
#define WEIR_CONSEQUENCES (16 + WEIR_VERDICT_EARLIER)

/** What the connection can do, and what stands in for what it can't. */
struct weir_powers {
    bool can[WEIR_DO_COUNT];
    bool is_gate;         // delete, hold and mask are the verdict's, not actions
    bool no_hold_deletes; // else: the flag card alone
    bool no_mask_deletes;
};

struct weir_consequences {
    struct weir_action actions[WEIR_CONSEQUENCES];
    char ids[WEIR_CONSEQUENCES][40];
    uint32_t lasts_s[WEIR_CONSEQUENCES]; // room_mode: how long, 0 = until left
    size_t count;
    enum weir_gate gate;
    struct weir_span mask_text;
    /** Gate: what has to be done to the message should the verdict come too late; only if
     * has_instead. */
    struct weir_action instead;
    char instead_id[40];
    bool has_instead;
    uint32_t mapped;    // replaced by what the platform can do
    uint32_t no_target; // left out: the platform names neither message nor user
    struct weir_span rules[WEIR_CONSEQUENCE_RULES];
    size_t rule_count;
};

/** Fills `out`, which borrows from verdict and message. */
void weir_consequences_of(const struct weir_verdict *verdict, const struct weir_message *message,
                          const struct weir_powers *powers, struct weir_consequences *out);

/** Adds the id of an action to `out`: the same cause gives the same id, everywhere and for good.
 * `variant` tells apart what one cause leads to. */
void weir_action_id(char out[40], struct weir_span room, struct weir_span cause,
                    struct weir_span variant);

#endif
