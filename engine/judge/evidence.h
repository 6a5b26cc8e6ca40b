/**
 * What one message gives to the conditions of rules: the hits of the scan by check, and whether a
 * condition holds, in three values, because a regex that met its limit is neither hit nor miss.
 */
#ifndef WEIR_JUDGE_EVIDENCE_H
#define WEIR_JUDGE_EVIDENCE_H

#include "engine/rules/set.h"

/** Owner number of "no check". */
#define WEIR_NO_OWNER UINT32_MAX

enum weir_truth {
    WEIR_FALSE,
    WEIR_TRUE,
    WEIR_UNKNOWN, // a check could not be decided, and the answer hangs on it
};

/** A hit that made a condition hold. */
struct weir_found {
    const struct weir_check *check;
    enum weir_view_kind view;
    struct weir_text_range range;
};

/** Hits of one condition after the other. Start it as `{0}`, free `items` at the end. */
struct weir_found_list {
    struct weir_found *items;
    size_t count;
    size_t capacity;
};

/** The hits of one message, by owner. Start it as `{0}`; memory is kept from message to message. */
struct weir_evidence {
    const struct weir_check_input *input;
    const struct weir_hits *hits;
    struct weir_owner_hits *owners;
    size_t owner_count;
    uint64_t stamp;                     // of this message: older entries of `owners` mean nothing
    size_t limited;                     // checks that could not be decided, counted as they are met
    size_t crowded;                     // `near` conditions that had more hits than are looked at
    struct weir_match_profile *profile; // NULL: nobody looks at the clock
};

void weir_evidence_fini(struct weir_evidence *evidence);

/** Takes in what a scan found. `input` and `hits` are borrowed until the next call. */
void weir_evidence_set(struct weir_evidence *evidence, size_t owner_count,
                       const struct weir_check_input *input, const struct weir_hits *hits);

/** As if a check of this owner had met its limit. */
void weir_evidence_limit(struct weir_evidence *evidence, uint32_t owner);

/**
 * Whether `condition` holds. The hits that make it hold are added to `found`; hits fully inside one
 * of `except_owner` don't count. Every check below is evaluated, whatever the others said.
 */
enum weir_truth weir_evidence_holds(struct weir_evidence *evidence,
                                    const struct weir_condition *condition, uint32_t except_owner,
                                    struct weir_found_list *found);

#endif
