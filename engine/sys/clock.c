#include "engine/sys/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t microseconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t weir_clock_wall_ms(void)
{
    return microseconds_of(CLOCK_REALTIME) / 1000;
}

int64_t weir_clock_wall_us(void)
{
    return microseconds_of(CLOCK_REALTIME);
}

int64_t weir_clock_monotonic_us(void)
{
    return microseconds_of(CLOCK_MONOTONIC);
}

int64_t weir_clock_monotonic_ms(void)
{
    return microseconds_of(CLOCK_MONOTONIC) / 1000;
}

uint64_t weir_clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void weir_clock_format(int64_t wall_ms, char out[32])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    int milliseconds = (int)(wall_ms % 1000);
    struct tm utc;
    char date[24] = "?";
    if (gmtime_r(&seconds, &utc)) {
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    }
    snprintf(out, 32, "%s.%03dZ", date, milliseconds < 0 ? 0 : milliseconds % 1000);
}
