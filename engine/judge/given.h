/**
 * Judging a message again when the memory that it met is gone, by what the recorded verdict had
 * read from it (`read` of design.md 4).
 */
#ifndef WEIR_JUDGE_GIVEN_H
#define WEIR_JUDGE_GIVEN_H

#include "engine/judge/judge.h"

/** What one check had read. Rules that did not fire have left none: their checks read 0. */
struct weir_given_reading {
    struct weir_span name; // RULE/PATH
    int64_t value_milli;
};

struct weir_given {
    int64_t at_ms; // the judge's clock
    const struct weir_given_reading *readings;
    size_t count;
    uint32_t strikes_milli; // of the user, those of the message included
};

/** As weir_judge_message(), in the place of the memory what is given. */
const struct weir_verdict *weir_judge_given(struct weir_judge *judge, const struct weir_set *set,
                                            const struct weir_room_view *room,
                                            const struct weir_message *message,
                                            const struct weir_given *given);

#endif
