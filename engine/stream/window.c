#include "engine/stream/window.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

void weir_window_fini(struct weir_window *window)
{
    free(window->entries);
    *window = (struct weir_window){0};
}

void weir_window_resume(struct weir_window *window, uint64_t seq)
{
    weir_assert(window->count == 0);
    window->settled = window->latest = seq;
    window->has_settled = window->has_latest = true;
}

static struct weir_window_entry *entry_at(const struct weir_window *window, uint32_t index)
{
    return &window->entries[(window->head + index) & (window->capacity - 1)];
}

static void grow(struct weir_window *window)
{
    uint32_t capacity = window->capacity ? window->capacity * 2 : 8;
    struct weir_window_entry *larger = weir_new_array(struct weir_window_entry, capacity);
    for (uint32_t i = 0; i < window->count; i++) {
        larger[i] = *entry_at(window, i);
    }
    free(window->entries);
    window->entries = larger;
    window->head = 0;
    window->capacity = capacity;
}

void weir_window_ask_again(struct weir_window *window)
{
    window->again_from = window->settled;
    window->again_to = window->has_settled && window->has_latest ? window->latest : 0;
}

bool weir_window_asked_again(const struct weir_window *window, uint64_t seq)
{
    return seq > window->again_from && seq <= window->again_to;
}

void weir_window_forget_asking(struct weir_window *window)
{
    window->again_to = 0;
}

bool weir_window_begin(struct weir_window *window, uint64_t seq)
{
    if (window->has_latest && seq <= window->latest) {
        return false;
    }
    if (window->count == window->capacity) {
        grow(window);
    }
    *entry_at(window, window->count++) = (struct weir_window_entry){seq, 1};
    window->latest = seq;
    window->has_latest = true;
    return true;
}

// The newest is asked for most, so it is looked at before bisecting.
static struct weir_window_entry *find_entry(const struct weir_window *window, uint64_t seq)
{
    uint32_t low = 0;
    uint32_t high = window->count;
    if (high > 0 && entry_at(window, high - 1)->seq == seq) {
        return entry_at(window, high - 1);
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct weir_window_entry *entry = entry_at(window, middle);
        if (entry->seq == seq) {
            return entry;
        }
        if (entry->seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

void weir_window_wait(struct weir_window *window, uint64_t seq)
{
    struct weir_window_entry *entry = find_entry(window, seq);
    weir_assert(entry && entry->waits > 0);
    entry->waits++;
}

bool weir_window_done(struct weir_window *window, uint64_t seq)
{
    struct weir_window_entry *entry = find_entry(window, seq);
    bool moved = false;
    if (!entry || entry->waits == 0) {
        return false;
    }
    entry->waits--;
    while (window->count > 0 && entry_at(window, 0)->waits == 0) {
        window->settled = entry_at(window, 0)->seq;
        window->has_settled = true;
        window->head = (window->head + 1) & (window->capacity - 1);
        window->count--;
        moved = true;
    }
    return moved;
}
