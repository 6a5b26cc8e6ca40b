/**
 * The dictionary veto: whether a hit between Han characters is a word there, or pieces of two
 * others (口交 in 路口交通).
 */
#ifndef WEIR_TEXT_LATTICE_H
#define WEIR_TEXT_LATTICE_H

#include "engine/text/text.h"

/**
 * The margin beyond which a hit should be vetoed. Tuned on tests/cases/cjk/word.tsv; a higher one
 * keeps more hits.
 */
#define WEIR_LATTICE_VETO 15
/** For what only sounds like the keyword. Disguised words make bad sentences, so it is higher. */
#define WEIR_LATTICE_VETO_SOUND 26

/**
 * How much worse the sentence around bytes `start` to `end` of a view is cut into words when both
 * ends of the hit have to be word edges: the difference of log-probabilities between the best way
 * to cut it and the best such way, in twelfths of a natural logarithm. 0 = no objection, which is
 * also the answer where no Han stands on both sides of an edge, or the hit is longer than twelve
 * characters.
 *
 * Looks at eight characters on either side, allocates nothing, some microseconds. Ask only where
 * there is a hit.
 */
int32_t weir_lattice_margin(const struct weir_view *view, uint32_t start, uint32_t end);

/** Words up to this cost are everyday words (没有, 小学); 威信 is just none. */
#define WEIR_LATTICE_EVERYDAY 138
/** Words up to this cost are known to everybody (男女, 女友); slang such as 几把 is rarer. */
#define WEIR_LATTICE_ORDINARY 150
/** Two words of one character that together cost at most this meet by chance (就有, 是与). */
#define WEIR_LATTICE_CHANCE 150

/** What bytes `start` to `end` of a view cost as one word of the dictionary, in the same unit;
 * UINT32_MAX if they are none. */
uint32_t weir_lattice_cost(const struct weir_view *view, uint32_t start, uint32_t end);

/** What they cost as words of one character each. */
uint32_t weir_lattice_cost_apart(const struct weir_view *view, uint32_t start, uint32_t end);

#endif
