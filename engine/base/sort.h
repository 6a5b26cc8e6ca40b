/** Sorting without memory of its own. */
#ifndef WEIR_BASE_SORT_H
#define WEIR_BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Defines `static void name(type *items, size_t count)`, Shell's sort by `before(a, b)`. For what a
 * message finds: mostly none or two things, now and then a thousand, and mostly in order already;
 * qsort() may allocate.
 */
// NOLINTBEGIN(bugprone-macro-parentheses): a type can't stand in parentheses
#define WEIR_DEFINE_SORT(name, type, before)                                                       \
    static void name(type *items, size_t count)                                                    \
    {                                                                                              \
        size_t sorted = 1;                                                                         \
        while (sorted < count && !before(&items[sorted], &items[sorted - 1])) {                    \
            sorted++;                                                                              \
        }                                                                                          \
        for (size_t gap = sorted < count ? count / 2 : 0; gap > 0;                                 \
             gap = gap == 2 ? 1 : gap * 5 / 11) {                                                  \
            for (size_t i = gap; i < count; i++) {                                                 \
                type item = items[i];                                                              \
                size_t at = i;                                                                     \
                for (; at >= gap && before(&item, &items[at - gap]); at -= gap) {                  \
                    items[at] = items[at - gap];                                                   \
                }                                                                                  \
                items[at] = item;                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
// NOLINTEND(bugprone-macro-parentheses)

#endif
