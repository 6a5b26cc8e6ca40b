/** The inside of a room's memory, for the files of engine/judge that fill and read it. */
#ifndef WEIR_JUDGE_MEMORY_PRIVATE_H
#define WEIR_JUDGE_MEMORY_PRIVATE_H

#include "engine/judge/campaign.h"
#include "engine/judge/memory.h"
#include "engine/judge/modes.h"
#include "engine/judge/pool.h"
#include "engine/judge/standing.h"
#include "engine/judge/suspend.h"
#include "engine/judge/table.h"
#include "engine/judge/windows.h"
#include "engine/rules/set.h"

/** A user of the room; the key of the item is that of the id. */
struct weir_known_user {
    int64_t first_ms;
    int64_t strikes_ms;
    uint32_t strikes_milli;
    uint32_t messages;
    uint32_t clean;
    bool is_changed; // noted among the changes
};

struct weir_series_memory {
    uint64_t id;
    struct weir_table table;   // of struct weir_series_window
    struct weir_series series; // what giving up a window must know; none of its lists
    struct weir_pool *pool;
};

struct weir_memory {
    int64_t clock_ms;
    int32_t leaning; // above 0: more of the last messages were Chinese
    uint32_t most_users;
    uint64_t seed;
    struct weir_table users;
    const struct weir_set *set; // whose series these are
    char hash[72];
    struct weir_pool pool;              // what windows and campaigns hold
    struct weir_series_memory **series; // by their index in the set
    size_t series_count;
    struct weir_mode_memory modes[WEIR_MODES];
    struct weir_suspensions suspensions;
    struct weir_campaigns campaigns; // only where the set looks for them
    uint64_t campaigns_asked;        // names the checks that ask for them
    struct weir_standing_list standing;
    struct weir_table breakers; // by rule, only where the set has some
    uint64_t breakers_asked;    // names their limits
    uint64_t forgotten_keys;    // evicted from series that are no more
    bool tracks_changes;
    uint64_t *changes;
    size_t change_count;
    size_t change_capacity;
};

/**
 * The room's clock when this message comes: never back, and nobody's `ts` moves it more than a
 * minute away from what arrived with it (design.md 8.1).
 */
int64_t weir_memory_tick(struct weir_memory *memory, int64_t ts_ms, int64_t arrival_ms);

/** Whether to answer in Chinese: as the message is written, else as the room mostly is. */
bool weir_memory_prefers_zh(struct weir_memory *memory, const struct weir_text_facts *facts);

/** Makes room for the series of `set`. Those that an earlier set had too keep what they hold. */
void weir_memory_use(struct weir_memory *memory, const struct weir_set *set);

/** breaker.c: makes the table of what rules did. */
void weir_breakers_init(struct weir_memory *memory);

/** Notes that the record of a user changed. */
void weir_memory_note_change(struct weir_memory *memory, struct weir_known_user *user);

#endif
