/** Which of the set's known answers answers a question, and how surely. Pure. */
#ifndef WEIR_TRIAGE_ANSWERS_H
#define WEIR_TRIAGE_ANSWERS_H

#include "engine/judge/judge.h"
#include "engine/triage/meaning.h"

/** What the `ask` lines of a set mean; made once for each set. */
struct weir_answers;

struct weir_answers *weir_answers_create(const struct weir_senses *senses,
                                         const struct weir_set *set);
void weir_answers_destroy(struct weir_answers **answers);

/** Whether they are those of `set`. */
bool weir_answers_are_of(const struct weir_answers *answers, const struct weir_set *set);

/** From here on an answer is worth suggesting, and from here on it may be given unasked. */
#define WEIR_ANSWER_SUGGEST 750
#define WEIR_ANSWER_SURE    950
/** By so much another answer must be less likely, or neither is sure. */
#define WEIR_ANSWER_MARGIN 100

struct weir_known_answer {
    const struct weir_answer *answer; // NULL: none
    uint32_t likeness;                // to the nearest `ask` line, up to 1000
    bool is_sure;                     // and no other answer is nearly as likely
};

/** The answer that is valid in this room and scene now and whose `ask` is most like `asked`. */
struct weir_known_answer weir_answers_find(const struct weir_answers *answers,
                                           const struct weir_room_view *room,
                                           const struct weir_meaning *asked, int64_t now_ms);

#endif
