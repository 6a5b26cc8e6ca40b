/**
 * How much of something happened when, over a time that nobody knows beforehand: a few thousand
 * counts, whose width doubles whenever they no longer reach.
 */
#ifndef WEIR_COMMANDS_TIMELINE_H
#define WEIR_COMMANDS_TIMELINE_H

#include "engine/base/buffer.h"

#define WEIR_TIMELINE_SERIES 3
#define WEIR_TIMELINE_STEPS  4096

/** Start it as `{0}`; plain storage. */
struct weir_timeline {
    int64_t start_ms; // of the first step, a multiple of step_ms
    int64_t step_ms;  // 0: nothing was added yet
    int64_t first_ms;
    int64_t last_ms;
    uint32_t counts[WEIR_TIMELINE_SERIES][WEIR_TIMELINE_STEPS];
};

/** One more of a series at that time (Unix milliseconds), in any order. */
void weir_timeline_add(struct weir_timeline *timeline, size_t series, int64_t at_ms);

/**
 * Adds a plot, `columns` wide: for each series its name, bars, and what the highest bar stands for;
 * below them the times at both ends. Nothing where there is no time between first and last.
 */
void weir_timeline_plot(const struct weir_timeline *timeline,
                        const char *const names[WEIR_TIMELINE_SERIES], size_t columns,
                        struct weir_buffer *out);

#endif
