/** Is a message a question? In Chinese and English, with or without a question mark. Pure. */
#ifndef WEIR_TRIAGE_QUESTION_H
#define WEIR_TRIAGE_QUESTION_H

#include "engine/text/text.h"

/** True where the message asks something of whoever can answer: not rhetorical, not said to another
 * viewer. */
bool weir_is_question(struct weir_text *text, const struct weir_message *message);

#endif
