/** What a question says, without what only surrounds it: the same for everybody who asks it. */
#ifndef WEIR_TRIAGE_WORDING_H
#define WEIR_TRIAGE_WORDING_H

#include "engine/base/buffer.h"

/**
 * Adds the bare wording of `text` to `out`: its tight view without punctuation, greetings,
 * particles and words of politeness. Numbers, colours and negation stay, because they make another
 * question.
 */
void weir_wording_add(struct weir_span text, struct weir_buffer *out);

/** The same of a text that is at hand in its tight view; of several readings the first. */
void weir_wording_add_tight(struct weir_span tight, struct weir_buffer *out);

#endif
