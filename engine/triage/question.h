/** Is a message a question? In Chinese and English, with or without a question mark. Pure. */
#ifndef WEIR_TRIAGE_QUESTION_H
#define WEIR_TRIAGE_QUESTION_H

#include "engine/text/text.h"

/** The words that English asks with; never changes once it is made. */
struct weir_question_words;

struct weir_question_words *weir_question_words_create(void);
void weir_question_words_destroy(struct weir_question_words **words);

/** True where the message asks something of whoever can answer: not rhetorical, not said to another
 * viewer. */
bool weir_is_question(const struct weir_question_words *words, struct weir_text *text,
                      const struct weir_message *message);

#endif
