#include "engine/judge/windows.h"

#include <string.h>

// Every event begins with its time, and rings hold them by rising time, so one set of functions
// prunes and grows them all. Most keys have one event, whatever the most is that a check needs.

/** A user that had an event. */
struct seen_user {
    int64_t at_ms;
    uint64_t user;
};

struct seen_text {
    int64_t at_ms;
    struct weir_sketch sketch;
};

static size_t event_size(const struct weir_series *series)
{
    switch (series->kind) {
    case WEIR_SERIES_RATE:
    case WEIR_SERIES_SEQUENCE: // for each number of rules in order: when the latest such run began
        return sizeof(int64_t);
    case WEIR_SERIES_DISTINCT:
        return sizeof(struct seen_user);
    case WEIR_SERIES_SAME_TEXT:
        return sizeof(struct seen_text);
    case WEIR_SERIES_CAMPAIGN:
        break; // campaigns are kept by campaign.c, once for all checks
    }
    return sizeof(int64_t);
}

static uint32_t most_events(const struct weir_series *series)
{
    switch (series->kind) {
    case WEIR_SERIES_SAME_TEXT: // other texts in between must not push out what is repeated
        return 2 * (series->max + 1);
    case WEIR_SERIES_SEQUENCE:
        return (uint32_t)series->rule_count;
    default:
        return series->max + 1;
    }
}

size_t weir_window_size(const struct weir_series *series)
{
    return sizeof(struct weir_series_window) + most_events(series) * event_size(series);
}

void weir_window_forget(struct weir_series_window *window, const struct weir_series *series,
                        struct weir_pool *pool)
{
    weir_pool_give(pool, window->events, window->capacity * event_size(series));
    *window = (struct weir_series_window){0};
}

static bool is_in(const struct weir_series *series, int64_t at_ms, int64_t now_ms)
{
    return now_ms - at_ms < series->per_ms;
}

static void *event_at(const struct weir_series_window *window, size_t size, uint32_t index)
{
    uint32_t at = window->first + index;
    at -= at >= window->capacity ? window->capacity : 0;
    return window->events + at * size;
}

static int64_t time_at(const struct weir_series_window *window, size_t size, uint32_t index)
{
    int64_t at_ms;
    memcpy(&at_ms, event_at(window, size, index), sizeof(at_ms));
    return at_ms;
}

static void drop_first(struct weir_series_window *window)
{
    window->first = window->first + 1 == window->capacity ? 0 : window->first + 1;
    window->count--;
}

// Where it is full, the next larger block of the pool, or the most that is ever needed.
static void grow(struct weir_series_window *window, struct weir_pool *pool, size_t size,
                 uint32_t most)
{
    uint32_t wanted = window->capacity ? window->capacity + window->capacity / 2 + 1 : 1;
    size_t bytes = weir_pool_size((wanted < most ? wanted : most) * size);
    uint32_t capacity = (uint32_t)(bytes / size);
    capacity = capacity < most ? capacity : most;
    char *events = weir_pool_take(pool, capacity * size);
    for (uint32_t i = 0; i < window->count; i++) {
        memcpy(events + i * size, event_at(window, size, i), size);
    }
    weir_pool_give(pool, window->events, window->capacity * size);
    window->events = events;
    window->capacity = capacity;
    window->first = 0;
}

// Room for one more behind the last; what no longer counts goes first, then, at the most, the
// oldest.
static void *add(struct weir_series_window *window, struct weir_pool *pool,
                 const struct weir_series *series, int64_t now_ms)
{
    size_t size = event_size(series);
    uint32_t most = most_events(series);
    while (window->count > 0 && !is_in(series, time_at(window, size, 0), now_ms)) {
        drop_first(window);
    }
    if (window->count == window->capacity) {
        if (window->capacity < most) {
            grow(window, pool, size, most);
        } else {
            drop_first(window);
        }
    }
    return event_at(window, size, window->count++);
}

uint32_t weir_window_count(const struct weir_series_window *window,
                           const struct weir_series *series, int64_t now_ms)
{
    uint32_t low = 0; // its times rise, so the first that is in is searched
    uint32_t high = window->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_in(series, time_at(window, sizeof(int64_t), middle), now_ms)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return window->count - low;
}

struct weir_reading weir_window_rate(struct weir_series_window *window, struct weir_pool *pool,
                                     const struct weir_series *series, int64_t now_ms)
{
    *(int64_t *)add(window, pool, series, now_ms) = now_ms;
    uint32_t count = window->count; // what is out was dropped
    window->state = count > series->max || (window->state && count > series->low);
    return (struct weir_reading){window->state, count};
}

static void remove_user(struct weir_series_window *window, uint64_t user)
{
    uint32_t at = 0;
    while (at < window->count &&
           ((struct seen_user *)event_at(window, sizeof(struct seen_user), at))->user != user) {
        at++;
    }
    if (at == window->count) {
        return;
    }
    for (; at + 1 < window->count; at++) {
        *(struct seen_user *)event_at(window, sizeof(struct seen_user), at) =
            *(struct seen_user *)event_at(window, sizeof(struct seen_user), at + 1);
    }
    window->count--;
}

struct weir_reading weir_window_distinct(struct weir_series_window *window, struct weir_pool *pool,
                                         const struct weir_series *series, uint64_t user,
                                         int64_t now_ms)
{
    remove_user(window, user); // each stands at the last time that he was there
    *(struct seen_user *)add(window, pool, series, now_ms) = (struct seen_user){now_ms, user};
    return (struct weir_reading){window->count > series->max, window->count};
}

struct weir_reading weir_window_same_text(struct weir_series_window *window, struct weir_pool *pool,
                                          const struct weir_series *series,
                                          const struct weir_sketch *sketch, int64_t now_ms)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < window->count; i++) {
        const struct seen_text *seen = event_at(window, sizeof(*seen), i);
        count += is_in(series, seen->at_ms, now_ms) &&
                 weir_sketch_similarity(&seen->sketch, sketch) >= series->similarity;
    }
    *(struct seen_text *)add(window, pool, series, now_ms) = (struct seen_text){now_ms, *sketch};
    return (struct weir_reading){count > series->max, count};
}

static int64_t *began_of(struct weir_series_window *window, struct weir_pool *pool,
                         const struct weir_series *series)
{
    if (!window->events) {
        window->capacity = (uint32_t)series->rule_count;
        window->events = weir_pool_take(pool, window->capacity * sizeof(int64_t));
    }
    return (int64_t *)(void *)window->events;
}

// Backwards, so that one message that fires two of the rules is one step and not two.
struct weir_reading weir_window_sequence(struct weir_series_window *window, struct weir_pool *pool,
                                         const struct weir_series *series, uint32_t fired,
                                         int64_t now_ms)
{
    int64_t *began_ms = began_of(window, pool, series);
    uint32_t last = (uint32_t)series->rule_count - 1;
    bool is_complete = false;
    uint32_t steps = 0;
    for (uint32_t step = last + 1; step-- > 0;) {
        if (!(fired >> step & 1u)) {
            continue;
        }
        if (step == 0) {
            began_ms[0] = now_ms;
        } else if (!(window->state >> (step - 1) & 1u) ||
                   !is_in(series, began_ms[step - 1], now_ms)) {
            continue;
        } else {
            began_ms[step] = began_ms[step - 1];
        }
        window->state |= 1u << step;
        steps = steps > step + 1 ? steps : step + 1;
        is_complete = is_complete || step == last;
    }
    return (struct weir_reading){is_complete, steps};
}
