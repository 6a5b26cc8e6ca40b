/** One line for each question of a replay: which card it makes or joins, which answer is known. */
#ifndef WEIR_COMMANDS_REPLAY_QUESTIONS_H
#define WEIR_COMMANDS_REPLAY_QUESTIONS_H

#include "engine/triage/triage.h"

/** For people: topic, fate and text. Nothing where the message led to no question. */
void weir_question_write_text(const struct weir_message *message,
                              const struct weir_triaged *triaged, struct weir_buffer *out);

/**
 * For machines: {"room","id","at","text","topic","card","queue","target_ms","asked_again","answer",
 * "said","suggestion"}; `card` is what all askings of one question have in common, null where it
 * was answered at once.
 */
void weir_question_write_json(const struct weir_message *message,
                              const struct weir_verdict *verdict,
                              const struct weir_triaged *triaged, struct weir_buffer *out);

#endif
