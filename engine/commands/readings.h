/** How a message is read, for people: its views and what was found in them. */
#ifndef WEIR_COMMANDS_READINGS_H
#define WEIR_COMMANDS_READINGS_H

#include "engine/judge/judge.h"

/** A line for each view, `indent` before it: all, or the text and the views that differ from it. */
void weir_readings_add(struct weir_text *text, const char *indent, bool only_changed,
                       struct weir_buffer *out);

/** A line for each hit of a verdict, at most `most`. */
void weir_readings_add_hits(struct weir_text *text, const struct weir_verdict *verdict,
                            const char *indent, size_t most, struct weir_buffer *out);

#endif
