/** A clock that ticks more often than the loop's timers can, which know milliseconds only. */
#ifndef WEIR_NET_TICKER_H
#define WEIR_NET_TICKER_H

#include "engine/net/loop.h"

/** Wakes the loop every so many microseconds as long as it lives, so that what hangs on its turns
 * goes on. Once for a loop. False where the system has no such clock left. */
bool weir_ticker_start(struct weir_loop *loop, uint64_t every_us, struct weir_error *err);

#endif
