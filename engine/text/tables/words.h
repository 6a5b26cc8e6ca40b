/** Chinese words and what each costs in a sentence, as tables/words.py wrote them. */
#ifndef WEIR_TEXT_TABLES_WORDS_H
#define WEIR_TEXT_TABLES_WORDS_H

#include <stdint.h>

#define WORD_BUCKET_BITS 14
#define WORD_LONGEST     6 // characters

// Words by their FNV-1a hash: the low bits choose a bucket, the high 16 are the print.
extern const uint32_t table_word_starts[];
extern const uint16_t table_word_prints[];
extern const uint8_t table_word_costs[];
/** Of a word that stands ten times, or once, in the dictionary's corpus. */
extern const uint32_t table_word_cost_of_ten;
extern const uint32_t table_word_cost_of_one;

#endif
