/** Inside engine/match: whether a keyword stands where it must, once its bytes were found. */
#ifndef WEIR_MATCH_STANDING_H
#define WEIR_MATCH_STANDING_H

#include "engine/match/program.h"

#define STANDING_ANSWERS 8u // of the dictionary that are kept; a power of 2

/** What the dictionary said of a place. */
struct standing_answer {
    const struct weir_view *view;
    uint32_t start;
    uint32_t end;
    int32_t margin;
};

/** What is known of the text in hand. */
struct standing {
    struct weir_text *text;
    uint32_t asked; // of the dictionary
    struct standing_answer answers[STANDING_ANSWERS];
    uint32_t tight_from; // the byte of raw behind which `tight_at` is
    uint32_t tight_at;
};

/** Begins with a text, which must outlive what is asked. */
void standing_begin(struct standing *standing, struct weir_text *text);

/** Whether the keyword of `program` stands right at `start` to `end` of `view`, which is its own.
 */
bool standing_is_right(struct standing *standing, const struct program *program,
                       const struct weir_view *view, uint32_t start, uint32_t end);

#endif
