/**
 * When to connect again: full jitter (any time up to a limit that doubles from 1 s to 60 s), so
 * that a thousand rooms of a platform that restarts do not come back in one moment. A connection
 * that was healthy for a minute starts from the beginning. Pure.
 */
#ifndef WEIR_STREAM_BACKOFF_H
#define WEIR_STREAM_BACKOFF_H

#include <stdint.h>

#define WEIR_BACKOFF_FIRST_MS   1000
#define WEIR_BACKOFF_LIMIT_MS   60000
#define WEIR_BACKOFF_HEALTHY_MS 60000

/** Start it as `{0}`. */
struct weir_backoff {
    uint32_t failures;
    int64_t up_ms; // since when the connection is of use, 0 = it is not
};

/** The connection is of use. */
void weir_backoff_up(struct weir_backoff *backoff, int64_t now_ms);

/** It is lost, or did not come about: how long to wait. `random` is any number. */
int64_t weir_backoff_down(struct weir_backoff *backoff, int64_t now_ms, uint64_t random);

#endif
