/**
 * Exact sliding windows: what is kept of a series for one key, and what it says now.
 *
 * Only as many events are kept as a check needs to be sure: for "more than five in ten seconds" the
 * last six, whatever their number was. An event that is exactly `per_ms` old is out. Payloads are
 * zeroed memory of weir_window_size() bytes, and times never go back.
 */
#ifndef WEIR_JUDGE_WINDOWS_H
#define WEIR_JUDGE_WINDOWS_H

#include "engine/judge/sketch.h"
#include "engine/rules/series.h"

/** Bytes that a key of this series takes. */
size_t weir_window_size(const struct weir_series *series);

/** One more event now; says how many there are, at most `max` + 1. */
struct weir_reading weir_window_rate(void *window, const struct weir_series *series,
                                     int64_t now_ms);

/** How many events of a rate are in its window now, without one more. */
uint32_t weir_window_count(const void *window, const struct weir_series *series, int64_t now_ms);

/** An event of `user` now; says how many different users had one, at most `max` + 1. */
struct weir_reading weir_window_distinct(void *window, const struct weir_series *series,
                                         uint64_t user, int64_t now_ms);

/** One more text now; says how many of those kept are nearly this one, itself included. */
struct weir_reading weir_window_same_text(void *window, const struct weir_series *series,
                                          const struct weir_sketch *sketch, int64_t now_ms);

/** The rules of the sequence with a bit in `fired` fired now; says how far it has come. */
struct weir_reading weir_window_sequence(void *window, const struct weir_series *series,
                                         uint32_t fired, int64_t now_ms);

#endif
