/** Inside engine/match: texts made to be slow for one regex. */
#ifndef WEIR_MATCH_PUMP_H
#define WEIR_MATCH_PUMP_H

#include "engine/base/buffer.h"
#include "engine/match/regex.h"
#include "engine/match/regex_syntax.h"

/** A regex and what is needed to try it out. Borrowed. */
struct weir_pumped {
    struct weir_span pattern;
    bool caseless;
    const struct regex_syntax *syntax;
    struct weir_regex *regex;
    struct weir_regex_scratch *scratch;
};

/** The shortest text that was found: a beginning, a piece said again and again, an end. */
struct weir_pump {
    const struct regex_node *repeat; // what it goes round in; NULL: none was found
    struct weir_buffer before;
    struct weir_buffer piece;
    struct weir_buffer after;
    uint32_t times;
    uint32_t chars; // of the whole text
};

void weir_pump_fini(struct weir_pump *pump);

/**
 * Says each part that repeats again and again, up to a text of 500 characters, and then something
 * that does not fit. True, with the first part whose text made the regex meet a limit.
 */
bool weir_pump_find(const struct weir_pumped *pumped, struct weir_pump *pump_out);

#endif
