/**
 * Room modes that rules enter: when one begins, how long it is asked for, and when it has lasted
 * long enough. The judge asks for a mode with a time after which it ends by itself, and asks again
 * while the rule goes on firing; so nothing has to happen for a mode to be left.
 */
#ifndef WEIR_JUDGE_MODES_H
#define WEIR_JUDGE_MODES_H

#include "engine/rules/set.h"

#define WEIR_MODES 4 // slow, members, emote, shield

struct weir_mode_memory {
    bool was_entered;
    uint32_t seconds;       // slow: seconds between messages
    int64_t entered_ms;     // the first time, since it was last off
    int64_t asked_ms;       // the last time
    int64_t until_ms;       // when it ends, as asked
    int64_t rests_until_ms; // after its longest time it is left alone for a while
};

/**
 * What `effect`, a room mode that is to be entered now, comes to: false where it is on and needs
 * nothing, else for how long it is to be asked for (0 = until somebody ends it).
 */
bool weir_mode_enter(struct weir_mode_memory modes[WEIR_MODES], const struct weir_effect *effect,
                     int64_t now_ms, int64_t *for_ms_out);

#endif
