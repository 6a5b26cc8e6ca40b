/**
 * Which known answer a question has: the bare wordings of all `ask` lines of a set, made once per
 * set, so that a question costs one search and not a reading of every line.
 */
#ifndef WEIR_TRIAGE_ANSWERS_H
#define WEIR_TRIAGE_ANSWERS_H

#include "engine/base/buffer.h"
#include "engine/rules/set.h"

/** Start it as `{0}`. */
struct weir_answers {
    const struct weir_set *set;
    char hash[72];
    struct weir_asked_line *lines; // sorted by wording, then by answer
    size_t count;
    size_t capacity;
    struct weir_buffer wordings;
};

void weir_answers_fini(struct weir_answers *answers);

/** Makes the table of `set`, unless it is that already. */
void weir_answers_use(struct weir_answers *answers, const struct weir_set *set);

/** The first answer, in the order of the files, to this bare wording that `room` may get at
 * `now_ms`; NULL where there is none. `room` may be NULL. */
const struct weir_answer *weir_answers_find(const struct weir_answers *answers,
                                            const struct weir_room_view *room, int64_t now_ms,
                                            struct weir_span wording);

#endif
