/**
 * One regular expression, run by PCRE2 within limits; the only place that knows PCRE2.
 *
 * The text that is matched must be valid UTF-8: PCRE2's own check is switched off.
 */
#ifndef WEIR_MATCH_REGEX_H
#define WEIR_MATCH_REGEX_H

#include "engine/base/span.h"

/**
 * What PCRE2 may do for one message, in steps of a nanosecond or so: half a millisecond. Charges
 * are made for the worst that a call may have done, so what is really done is far less.
 */
#define WEIR_REGEX_STEPS_A_MESSAGE 500000u

struct weir_regex;         // immutable but for the machine code, which any thread may add
struct weir_regex_scratch; // one per thread

enum weir_regex_outcome {
    WEIR_REGEX_MISS,
    WEIR_REGEX_HIT,
    WEIR_REGEX_LIMIT, // neither: what was asked could not be decided within the limits
};

/** One match, in bytes of the text. */
struct weir_regex_match {
    uint32_t start;
    uint32_t end;
    const char *cause; // of a limit
};

/** Why a pattern can't be used. `text` is one clause. */
struct weir_regex_error {
    size_t offset;
    char text[160];
};

/** Compiles; NULL with `error` filled where PCRE2 refuses. Machine code is made on first use. */
struct weir_regex *weir_regex_create(struct weir_span pattern, bool caseless,
                                     struct weir_regex_error *error);
void weir_regex_destroy(struct weir_regex **regex);

struct weir_regex_scratch *weir_regex_scratch_create(void);
void weir_regex_scratch_destroy(struct weir_regex_scratch **scratch);

/** Finds the first match that is not empty and starts at `from` or later. */
enum weir_regex_outcome weir_regex_find(struct weir_regex *regex,
                                        struct weir_regex_scratch *scratch, struct weir_span text,
                                        uint32_t from, struct weir_regex_match *match_out);

/**
 * The same within a budget of steps, from which it takes at least the work that was done: PCRE2's
 * match limit holds anew for each place where a match may start, so a call is charged its limit for
 * every such place. A small limit for the whole text is tried first, then growing ones for a few
 * places at a time; a budget that does not suffice is WEIR_REGEX_LIMIT.
 */
enum weir_regex_outcome weir_regex_find_within(struct weir_regex *regex,
                                               struct weir_regex_scratch *scratch,
                                               struct weir_span text, uint32_t from,
                                               uint64_t *budget,
                                               struct weir_regex_match *match_out);

/** The text of a named group in the match that starts at `from`; empty where it took no part. */
struct weir_span weir_regex_capture(struct weir_regex *regex, struct weir_regex_scratch *scratch,
                                    struct weir_span text, uint32_t from, const char *name);

/** Whether it has groups with names, or one of that name. */
bool weir_regex_has_groups(const struct weir_regex *regex);
bool weir_regex_has_group(const struct weir_regex *regex, const char *name);

/** Whether it can match only from the very beginning of a text, and not of one with this byte. */
bool weir_regex_refuses_start(const struct weir_regex *regex, unsigned char byte);

/** Bytes that a match can begin with, as 256 bits; false where PCRE2 does not know. */
bool weir_regex_first_bytes(const struct weir_regex *regex, uint8_t bits_out[32]);

#endif
