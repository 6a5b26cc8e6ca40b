/** libhyperscan behind a few functions, for bench_match; where it is missing, nothing is accepted.
 */
#ifndef WEIR_BENCH_HYPERSCAN_H
#define WEIR_BENCH_HYPERSCAN_H

#include "bench/lines.h"
#include "engine/match/matcher.h"

/** Patterns that are measured together: keywords first. */
struct set {
    struct weir_pattern *patterns;
    size_t count;
    size_t keywords;
    size_t regexes;
};

struct hyperscan;

/** Whether there is a Hyperscan at all. */
bool hyperscan_is_here(void);
bool hyperscan_accepts(struct weir_span regex);

/**
 * Compiles all of a set. What Hyperscan finds too large is left out of the set as well, so that
 * both sides look for the same. NULL where it can't.
 */
struct hyperscan *hyperscan_create(struct set *set, double *seconds_out);
void hyperscan_destroy(struct hyperscan **hyperscan);

/** One raw scan of each message. */
void hyperscan_scan(const struct hyperscan *hyperscan, const struct lines *chat);

#endif
