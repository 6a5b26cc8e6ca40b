/** Messages of campaigns that viewers may still see, the latest last: what a decision on a campaign
 * takes along. Belongs to one room. */
#ifndef WEIR_JUDGE_SCREEN_H
#define WEIR_JUDGE_SCREEN_H

#include "engine/base/span.h"

/** At most so many are remembered, in so many bytes, and so long. */
#define WEIR_SCREEN_MOST  512u
#define WEIR_SCREEN_BYTES 65536u
#define WEIR_SCREEN_MS    120000

/** Where a message is, and who said it. */
struct weir_said {
    struct weir_span message;
    struct weir_span user;
    struct weir_span name;
};

/** Start it as `{0}`. */
struct weir_screen {
    char *bytes; // records, one behind the other, from `first` to `end`
    uint32_t capacity;
    uint32_t first;
    uint32_t end;
    uint32_t count;
};

void weir_screen_fini(struct weir_screen *screen);

/** Remembers one; what has no id, or a very long one, can't be found again and is left out. */
void weir_screen_add(struct weir_screen *screen, uint64_t campaign, const struct weir_said *said,
                     int64_t now_ms);

/** Takes the messages of a campaign that were not taken before, `most` of them; each is listed
 * once. `but_latest`: the latest one is taken too, but not listed. Returns how many are; the spans
 * point into the screen and hold until it is next added to. */
size_t weir_screen_take(struct weir_screen *screen, uint64_t campaign, bool but_latest,
                        int64_t now_ms, struct weir_said *said_out, size_t most);

#endif
