/**
 * Long numbers in a text as people type them: in one piece, in groups, digit by digit, in Han
 * numerals. For phone numbers, cards and their like, which no regular expression can check.
 */
#ifndef WEIR_RULES_NUMBERS_H
#define WEIR_RULES_NUMBERS_H

#include "engine/text/text.h"

#define WEIR_NUMBER_GROUPS 24
#define WEIR_NUMBER_DIGITS 24

/** Neighbouring groups of digits taken together. */
struct weir_number {
    char digits[WEIR_NUMBER_DIGITS + 1]; // '0' to '9' and an 'x' that follows the last one
    size_t count;
    size_t group_sizes[WEIR_NUMBER_GROUPS];
    size_t group_count;
    bool has_plus; // stands before the first digit
    bool has_han;  // some digits were Han numerals
    uint32_t start;
    uint32_t end;
};

/** Whether it is what is looked for. */
typedef bool (*weir_number_fn)(const struct weir_number *number);

/** Called for each one that `is_wanted` took; no two overlap. */
typedef void (*weir_on_number_fn)(void *user, const struct weir_number *number);

/** False where the view has fewer digits than any number that is looked for, as nearly all have. */
bool weir_numbers_may_be_in(const struct weir_view *view);

/** Finds the numbers in a view that `is_wanted` takes, longest first at each place. */
void weir_numbers_find(const struct weir_view *view, weir_number_fn is_wanted,
                       weir_on_number_fn on_number, void *user);

/** A number to call: mobile and fixed lines of China, with area code elsewhere, or with a +. */
bool weir_number_is_phone(const struct weir_number *number);
/** A Chinese identity card: region, date of birth and check digit. */
bool weir_number_is_id_card(const struct weir_number *number);
/** A payment card: a known issuer's length and start, and Luhn's check digit. */
bool weir_number_is_bank_card(const struct weir_number *number);

#endif
