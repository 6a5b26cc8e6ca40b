/**
 * Where words begin and end, in scripts with blanks between words and in those without.
 *
 * An edge is asked for only on a side whose character belongs to a spaced script or is a digit:
 * `ass` is not in "assessment", while 代练 is in 找代练加我, because Han, Kana and Thai write no
 * edges.
 */
#ifndef WEIR_MATCH_EDGES_H
#define WEIR_MATCH_EDGES_H

#include "engine/base/span.h"

/** Whether bytes `start` to `end` of valid UTF-8 stand there as a word. */
bool weir_word_stands(struct weir_span text, uint32_t start, uint32_t end);

#endif
