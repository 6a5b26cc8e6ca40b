/** How common short byte strings are in chat: what a literal is best found by. */
#ifndef WEIR_MATCH_GRAM_FREQUENCY_H
#define WEIR_MATCH_GRAM_FREQUENCY_H

#include <stdint.h>

/** From 0 (never seen) to 15, in steps of a factor of about two. Grams as a little-endian load. */
uint32_t weir_gram4_commonness(uint32_t gram);
uint32_t weir_gram2_commonness(uint32_t gram);

#endif
