/** Simple case folding: two characters are equal to PCRE2, case aside, if they fold to one. */
#ifndef WEIR_MATCH_CASE_FOLD_H
#define WEIR_MATCH_CASE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

uint32_t weir_case_fold(uint32_t character);

/** False where a newer PCRE2 might know a pair that the table lacks. */
bool weir_case_is_settled(uint32_t character);

#endif
