/**
 * What checks over time ask of the room's memory, and what it answers.
 *
 * The loader makes one series for each different question of a set; the judge keeps its events and
 * hands every check of a message the reading. A series is named by what it counts, so a reload that
 * leaves the question as it is leaves the memory of it as it is.
 */
#ifndef WEIR_RULES_SERIES_H
#define WEIR_RULES_SERIES_H

#include "engine/base/error.h"
#include "engine/base/span.h"

struct weir_check;
struct weir_rule;

/** A name that can only be looked up when all packs are read. */
struct weir_reference {
    struct weir_span name;
    struct weir_place place;
};

/** Most events, users or texts that one series remembers of one key. */
#define WEIR_SERIES_MOST 1000
/** Most rules of one `sequence`. */
#define WEIR_SEQUENCE_MOST 8
/** Most `campaign` checks that ask different questions in one set. */
#define WEIR_CAMPAIGN_CHECKS 4
/** Most users that one of them asks for. */
#define WEIR_CAMPAIGN_USERS 100
/** Most earlier texts of a user that `same_text` compares with. */
#define WEIR_SAME_TEXT_MOST 9

enum weir_series_kind {
    WEIR_SERIES_RATE,      // how many events
    WEIR_SERIES_DISTINCT,  // how many different users had one
    WEIR_SERIES_SAME_TEXT, // how many texts of one user are nearly this one
    WEIR_SERIES_SEQUENCE,  // rules that fired in this order
    WEIR_SERIES_CAMPAIGN,  // how many different users say nearly the same
};

/** What counts as an event. */
enum weir_series_of {
    WEIR_OF_MESSAGES,
    WEIR_OF_QUESTIONS,
    WEIR_OF_LINKS,    // messages with a link
    WEIR_OF_MENTIONS, // messages with an @name
    WEIR_OF_EMOTES,   // messages with an emote or emoji
    WEIR_OF_HITS,     // messages that fired one of `rules`
};

/** What events are counted together. */
enum weir_series_by {
    WEIR_BY_USER,
    WEIR_BY_ROOM,
    WEIR_BY_TEXT,    // the same letters and digits, however disguised
    WEIR_BY_CAPTURE, // the same text in a named group of an expression of the rule
};

struct weir_series {
    enum weir_series_kind kind;
    enum weir_series_of of;
    enum weir_series_by by;
    uint64_t id;    // names the question, in every process and set
    uint32_t index; // in the set
    uint32_t max;   // more than these hold; campaign: so many do
    uint32_t low;   // once it holds, it holds until no more than these are left; 0 = max
    int64_t per_ms;
    uint32_t similarity;            // same_text: percent of the pairs of letters
    uint32_t messages;              // campaign: at least
    uint32_t fresh;                 // campaign: percent of users who had said next to nothing else
    int64_t lasts_ms;               // campaign: holds so long after its last message
    uint32_t slot;                  // campaign: its place among those of the set
    const struct weir_rule **rules; // hits, sequence
    size_t rule_count;
    const char *capture;  // group name
    uint32_t first_owner; // capture: the checks among which the expression is
    uint32_t owner_count;

    // While the set is loaded.
    const struct weir_check *check;
    const struct weir_reference *references; // what `rules` are to be
    struct weir_place capture_place;
};

/** Value of a reading that waits for the rules that it counts. */
#define WEIR_READING_OPEN UINT32_MAX

/** The answer for one message. */
struct weir_reading {
    bool holds;
    uint32_t value;
};

/** What the memory knows of the user of a message, before the message. */
struct weir_user_reading {
    bool is_known;          // somebody in particular: strikes never go to masked or missing ids
    bool is_first;          // nothing was heard of them before
    uint32_t messages;      // heard before
    uint32_t clean;         // of those, since anything was done about one
    int64_t known_ms;       // since the first
    uint32_t strikes_milli; // thousandths of a strike, decayed to now
};

#endif
