#include "engine/judge/windows.h"

#include <string.h>

/** A ring of times, the oldest at `first`. */
struct rate_window {
    uint32_t first;
    uint32_t count;
    bool is_high; // over `max`, and not down to `low` since
    int64_t at_ms[];
};

/** Users by the last time each was there, the latest first. */
struct distinct_window {
    uint32_t count;
    struct seen_user {
        uint64_t user;
        int64_t at_ms;
    } users[];
};

struct text_window {
    uint32_t next;
    struct seen_text {
        int64_t at_ms;
        struct weir_sketch sketch; // count 0: nothing here yet
    } texts[];
};

/** For each number of rules that fired in order: when the latest such run began. */
struct sequence_window {
    uint32_t has; // bits by number of rules - 1
    int64_t began_ms[];
};

// Other texts in between must not push out what is repeated.
static uint32_t texts_kept(const struct weir_series *series)
{
    return 2 * (series->max + 1);
}

size_t weir_window_size(const struct weir_series *series)
{
    size_t most = (size_t)series->max + 1;
    switch (series->kind) {
    case WEIR_SERIES_RATE:
        return sizeof(struct rate_window) + most * sizeof(int64_t);
    case WEIR_SERIES_DISTINCT:
        return sizeof(struct distinct_window) + most * sizeof(struct seen_user);
    case WEIR_SERIES_SAME_TEXT:
        return sizeof(struct text_window) + texts_kept(series) * sizeof(struct seen_text);
    case WEIR_SERIES_SEQUENCE:
        return sizeof(struct sequence_window) + series->rule_count * sizeof(int64_t);
    case WEIR_SERIES_CAMPAIGN:
        break; // campaigns are kept by campaign.c, once for all checks
    }
    return 1;
}

static bool is_in(const struct weir_series *series, int64_t at_ms, int64_t now_ms)
{
    return now_ms - at_ms < series->per_ms;
}

// How many of the ring are in the window: its times rise, so the first that is in is searched.
static uint32_t count_in(const struct rate_window *rate, const struct weir_series *series,
                         int64_t now_ms)
{
    uint32_t low = 0;
    uint32_t high = rate->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_in(series, rate->at_ms[(rate->first + middle) % (series->max + 1)], now_ms)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return rate->count - low;
}

uint32_t weir_window_count(const void *window, const struct weir_series *series, int64_t now_ms)
{
    return count_in(window, series, now_ms);
}

struct weir_reading weir_window_rate(void *window, const struct weir_series *series, int64_t now_ms)
{
    struct rate_window *rate = window;
    uint32_t most = series->max + 1;
    if (rate->count == most) {
        rate->at_ms[rate->first] = now_ms;
        rate->first = (rate->first + 1) % most;
    } else {
        rate->at_ms[(rate->first + rate->count++) % most] = now_ms;
    }
    uint32_t count = count_in(rate, series, now_ms);
    rate->is_high = count > series->max || (rate->is_high && count > series->low);
    return (struct weir_reading){rate->is_high, count};
}

struct weir_reading weir_window_distinct(void *window, const struct weir_series *series,
                                         uint64_t user, int64_t now_ms)
{
    struct distinct_window *distinct = window;
    uint32_t at = 0;
    while (at < distinct->count && distinct->users[at].user != user) {
        at++;
    }
    if (at == distinct->count) {
        distinct->count += distinct->count <= series->max;
        at = distinct->count - 1;
    }
    memmove(distinct->users + 1, distinct->users, at * sizeof(struct seen_user));
    distinct->users[0] = (struct seen_user){user, now_ms};
    uint32_t count = 0;
    while (count < distinct->count && is_in(series, distinct->users[count].at_ms, now_ms)) {
        count++;
    }
    return (struct weir_reading){count > series->max, count};
}

struct weir_reading weir_window_same_text(void *window, const struct weir_series *series,
                                          const struct weir_sketch *sketch, int64_t now_ms)
{
    struct text_window *texts = window;
    uint32_t count = 1;
    for (uint32_t i = 0; i < texts_kept(series); i++) {
        const struct seen_text *seen = &texts->texts[i];
        count += seen->sketch.count > 0 && is_in(series, seen->at_ms, now_ms) &&
                 weir_sketch_similarity(&seen->sketch, sketch) >= series->similarity;
    }
    texts->texts[texts->next] = (struct seen_text){now_ms, *sketch};
    texts->next = (texts->next + 1) % texts_kept(series);
    return (struct weir_reading){count > series->max, count};
}

// Backwards, so that one message that fires two of the rules is one step and not two.
struct weir_reading weir_window_sequence(void *window, const struct weir_series *series,
                                         uint32_t fired, int64_t now_ms)
{
    struct sequence_window *sequence = window;
    uint32_t last = (uint32_t)series->rule_count - 1;
    bool is_complete = false;
    uint32_t steps = 0;
    for (uint32_t step = last + 1; step-- > 0;) {
        if (!(fired >> step & 1u)) {
            continue;
        }
        if (step == 0) {
            sequence->began_ms[0] = now_ms;
        } else if (!(sequence->has >> (step - 1) & 1u) ||
                   !is_in(series, sequence->began_ms[step - 1], now_ms)) {
            continue;
        } else {
            sequence->began_ms[step] = sequence->began_ms[step - 1];
        }
        sequence->has |= 1u << step;
        steps = steps > step + 1 ? steps : step + 1;
        is_complete = is_complete || step == last;
    }
    return (struct weir_reading){is_complete, steps};
}
