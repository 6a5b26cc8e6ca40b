/** Text from outside on its way to a terminal: shown, never obeyed. */
#ifndef WEIR_BASE_TERMINAL_H
#define WEIR_BASE_TERMINAL_H

#include "engine/base/buffer.h"

/**
 * Adds valid UTF-8 with every control character (line ends included) as its picture, U+2400 and
 * following, and those of the upper half and the bidirectional overrides as U+FFFD.
 */
void weir_terminal_add(struct weir_buffer *out, struct weir_span text);

/** The same, cut to `columns` with "..." behind what was left out. */
void weir_terminal_add_cut(struct weir_buffer *out, struct weir_span text, size_t columns);

/**
 * Adds as many whole characters of printable text as fit into `columns`, then blanks until they are
 * full.
 */
void weir_terminal_add_padded(struct weir_buffer *out, struct weir_span text, size_t columns);

#endif
