/**
 * Exact sliding windows: what is kept of a series for one key, and what it says now.
 *
 * Only as many events are kept as a check needs to be sure: for "more than five in ten seconds" the
 * last six, whatever their number was; and only those that may still count. An event that is
 * exactly `per_ms` old is out. Times never go back.
 */
#ifndef WEIR_JUDGE_WINDOWS_H
#define WEIR_JUDGE_WINDOWS_H

#include "engine/judge/pool.h"
#include "engine/judge/sketch.h"
#include "engine/rules/series.h"

/** Start it zeroed; its events stand in a pool, in a block that grows with them. */
struct weir_series_window {
    char *events; // a ring
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
    uint32_t state; // rate: over `max`, and not down to `low` since; sequence: bits by step
};

/** Most bytes that a key of this series takes. */
size_t weir_window_size(const struct weir_series *series);

/** Gives its events up. */
void weir_window_forget(struct weir_series_window *window, const struct weir_series *series,
                        struct weir_pool *pool);

/** One more event now; says how many there are, at most `max` + 1. */
struct weir_reading weir_window_rate(struct weir_series_window *window, struct weir_pool *pool,
                                     const struct weir_series *series, int64_t now_ms);

/** How many events of a rate are in its window now, without one more. */
uint32_t weir_window_count(const struct weir_series_window *window,
                           const struct weir_series *series, int64_t now_ms);

/** An event of `user` now; says how many different users had one, at most `max` + 1. */
struct weir_reading weir_window_distinct(struct weir_series_window *window, struct weir_pool *pool,
                                         const struct weir_series *series, uint64_t user,
                                         int64_t now_ms);

/** One more text now; says how many of those kept are nearly this one, itself included. */
struct weir_reading weir_window_same_text(struct weir_series_window *window, struct weir_pool *pool,
                                          const struct weir_series *series,
                                          const struct weir_sketch *sketch, int64_t now_ms);

/** The rules of the sequence with a bit in `fired` fired now; says how far it has come. */
struct weir_reading weir_window_sequence(struct weir_series_window *window, struct weir_pool *pool,
                                         const struct weir_series *series, uint32_t fired,
                                         int64_t now_ms);

#endif
