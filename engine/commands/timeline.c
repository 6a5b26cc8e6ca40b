#include "engine/commands/timeline.h"

#include "engine/base/alloc.h"
#include "engine/sys/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BAR_ROWS     3 // of the first series; the others have one each
#define EIGHTHS      8
#define MOST_COLUMNS 400
#define FEWEST       20

static int64_t floor_to(int64_t at_ms, int64_t step_ms)
{
    int64_t rest = at_ms % step_ms;
    return at_ms - (rest < 0 ? rest + step_ms : rest);
}

static size_t step_of(const struct weir_timeline *timeline, int64_t at_ms)
{
    return (size_t)((at_ms - timeline->start_ms) / timeline->step_ms);
}

// Makes steps twice as wide until they reach from first to last.
static void widen(struct weir_timeline *timeline)
{
    int64_t start_ms = timeline->start_ms;
    int64_t step_ms = timeline->step_ms;
    int64_t wide_ms = step_ms;
    int64_t from_ms = start_ms;
    do {
        wide_ms *= 2;
        from_ms = floor_to(timeline->first_ms < start_ms ? timeline->first_ms : start_ms, wide_ms);
    } while ((timeline->last_ms - from_ms) / wide_ms >= WEIR_TIMELINE_STEPS);
    timeline->start_ms = from_ms;
    timeline->step_ms = wide_ms;
    for (size_t series = 0; series < WEIR_TIMELINE_SERIES; series++) {
        uint32_t wide[WEIR_TIMELINE_STEPS] = {0};
        for (size_t i = 0; i < WEIR_TIMELINE_STEPS; i++) {
            if (timeline->counts[series][i] > 0) {
                wide[step_of(timeline, start_ms + (int64_t)i * step_ms)] +=
                    timeline->counts[series][i];
            }
        }
        memcpy(timeline->counts[series], wide, sizeof(wide));
    }
}

// Times from outside may be anything; what is further away than this is no time of a chat.
static int64_t tamed(int64_t at_ms)
{
    const int64_t most_ms = INT64_C(1) << 50;
    return at_ms < 0 ? 0 : (at_ms > most_ms ? most_ms : at_ms);
}

void weir_timeline_add(struct weir_timeline *timeline, size_t series, int64_t at_ms)
{
    at_ms = tamed(at_ms);
    if (timeline->step_ms == 0) {
        timeline->step_ms = 1000;
        timeline->start_ms = floor_to(at_ms, timeline->step_ms);
        timeline->first_ms = timeline->last_ms = at_ms;
    }
    timeline->first_ms = at_ms < timeline->first_ms ? at_ms : timeline->first_ms;
    timeline->last_ms = at_ms > timeline->last_ms ? at_ms : timeline->last_ms;
    if (at_ms < timeline->start_ms || step_of(timeline, at_ms) >= WEIR_TIMELINE_STEPS) {
        widen(timeline);
    }
    timeline->counts[series][step_of(timeline, at_ms)]++;
}

// The counts of one series, brought to about as many columns as there are. All bars are the same
// time: a step is drawn over several columns, or a column holds several steps.
struct plotted {
    uint64_t bars[MOST_COLUMNS];
    size_t count;
    uint64_t highest;
    int64_t bar_ms;
};

static void gather(const struct weir_timeline *timeline, size_t series, size_t columns,
                   struct plotted *plotted)
{
    size_t first = step_of(timeline, timeline->first_ms);
    size_t steps = step_of(timeline, timeline->last_ms) - first + 1;
    size_t together = (steps + columns - 1) / columns;
    size_t drawn = together > 1 ? 1 : columns / steps;
    *plotted = (struct plotted){.bar_ms = timeline->step_ms * (int64_t)together};
    plotted->count = together > 1 ? (steps + together - 1) / together : steps * drawn;
    for (size_t i = 0; i < steps; i++) {
        for (size_t j = 0; j < drawn; j++) {
            plotted->bars[i / together * drawn + j] += timeline->counts[series][first + i];
        }
    }
    for (size_t i = 0; i < plotted->count; i++) {
        plotted->highest =
            plotted->bars[i] > plotted->highest ? plotted->bars[i] : plotted->highest;
    }
}

// Which part of its row a bar fills, in eighths; the smallest that is not nothing shows.
static size_t fill_of(uint64_t bar, uint64_t highest, size_t row_from_bottom, size_t rows)
{
    uint64_t height = highest > 0 ? (bar * rows * EIGHTHS + highest - 1) / highest : 0;
    uint64_t below = row_from_bottom * EIGHTHS;
    uint64_t fill = height > below ? height - below : 0;
    return fill > EIGHTHS ? EIGHTHS : (size_t)fill;
}

static void draw_row(const struct plotted *plotted, size_t row_from_bottom, size_t rows,
                     struct weir_buffer *out)
{
    static const char *const blocks[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    for (size_t i = 0; i < plotted->count; i++) {
        weir_buffer_add_text(
            out, blocks[fill_of(plotted->bars[i], plotted->highest, row_from_bottom, rows)]);
    }
}

static void draw_series(const struct plotted *plotted, const char *name, size_t rows,
                        struct weir_buffer *out)
{
    for (size_t row = rows; row-- > 0;) {
        weir_buffer_printf(out, "%-9s ", row == rows - 1 ? name : "");
        draw_row(plotted, row, rows, out);
        if (row == rows - 1) {
            weir_buffer_printf(out, " %7" PRIu64, plotted->highest);
        }
        weir_buffer_add_byte(out, '\n');
    }
}

static void add_duration(struct weir_buffer *out, double ms)
{
    if (ms < 120e3) {
        weir_buffer_printf(out, "%.3g s", ms / 1e3);
    } else if (ms < 7200e3) {
        weir_buffer_printf(out, "%.3g min", ms / 60e3);
    } else {
        weir_buffer_printf(out, "%.3g h", ms / 3600e3);
    }
}

static void draw_times(const struct weir_timeline *timeline, size_t columns,
                       struct weir_buffer *out)
{
    char first[32];
    char last[32];
    weir_clock_format(timeline->first_ms, first);
    weir_clock_format(timeline->last_ms, last);
    first[19] = last[19] = '\0'; // to the second
    int gap = (int)columns - 38;
    weir_buffer_printf(out, "%-9s %s%*s%s\n", "UTC", first, gap > 1 ? gap : 1, "", last);
}

void weir_timeline_plot(const struct weir_timeline *timeline,
                        const char *const names[WEIR_TIMELINE_SERIES], size_t columns,
                        struct weir_buffer *out)
{
    int64_t span_ms = timeline->last_ms - timeline->first_ms;
    size_t taken = 10 + 8; // the names before, the numbers behind
    columns = columns < taken + FEWEST ? FEWEST : columns - taken;
    columns = columns > MOST_COLUMNS ? MOST_COLUMNS : columns;
    if (timeline->step_ms == 0 || span_ms == 0) {
        return;
    }
    struct plotted plotted;
    for (size_t series = 0; series < WEIR_TIMELINE_SERIES; series++) {
        gather(timeline, series, columns, &plotted);
        draw_series(&plotted, names[series], series == 0 ? BAR_ROWS : 1, out);
    }
    draw_times(timeline, plotted.count, out);
    weir_buffer_printf(out, "%-9s numbers are the highest bars; a bar is ", "");
    add_duration(out, (double)plotted.bar_ms);
    weir_buffer_add_byte(out, '\n');
}
