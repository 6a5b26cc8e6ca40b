/** The machine's clocks. Everything that decides takes time as an argument; only edges ask here. */
#ifndef WEIR_SYS_CLOCK_H
#define WEIR_SYS_CLOCK_H

#include <stdint.h>

/** Unix milliseconds. May jump when the machine's clock is set. */
int64_t weir_clock_wall_ms(void);
int64_t weir_clock_wall_us(void);

/** Microseconds and milliseconds since some start, never backwards. */
int64_t weir_clock_monotonic_us(void);
int64_t weir_clock_monotonic_ms(void);
uint64_t weir_clock_monotonic_ns(void);

/** "2026-11-21T23:22:39.123Z"; always fits. */
void weir_clock_format(int64_t wall_ms, char out[32]);

#endif
