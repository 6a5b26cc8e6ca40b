/** What is counted, per room and in sum: every cause has a name, so nothing happens unseen. */
#ifndef WEIR_STREAM_COUNTERS_H
#define WEIR_STREAM_COUNTERS_H

#include "engine/rules/set.h"

enum weir_counter {
    WEIR_COUNT_MESSAGES, // judged, edits included
    WEIR_COUNT_EDITS,
    WEIR_COUNT_HISTORY,  // judged, not acted on: from before we came
    WEIR_COUNT_OWN,      // our own words, not judged
    WEIR_COUNT_SEQ_BACK, // new, but with an old seq: the platform lost its count
    WEIR_COUNT_REPEATED, // came again: answered again, not judged
    WEIR_COUNT_PASSED,
    WEIR_COUNT_FLAGGED,
    WEIR_COUNT_MASKED,
    WEIR_COUNT_HELD,
    WEIR_COUNT_DELETED,
    WEIR_COUNT_WARNED,
    WEIR_COUNT_TIMED_OUT,
    WEIR_COUNT_BANNED,
    WEIR_COUNT_QUESTIONS,
    WEIR_COUNT_ANSWERED,      // questions that a known answer answered, with no card
    WEIR_COUNT_ANSWERED_LATE, // that were given the answer of a card that was closed of late
    WEIR_COUNT_SATISFIED,     // askers that an answer helped, by what they wrote
    WEIR_COUNT_REOPENED,      // cards whose answer did not help
    WEIR_COUNT_SHADOWED,      // shadow rules would have changed the verdict
    WEIR_COUNT_DAMAGED,       // bytes were replaced
    WEIR_COUNT_DEGRADED,      // something could not be decided
    WEIR_COUNT_CAUSES,        // and why, in the order of enum weir_cause
    WEIR_COUNT_LAST_CAUSE = WEIR_COUNT_CAUSES + WEIR_CAUSES - 1,
    WEIR_COUNT_SUSPENDED, // rules, because they met their limits too often
    WEIR_COUNT_LATE,      // gate: the verdict came after the deadline
    WEIR_COUNT_CARDS,
    WEIR_COUNT_CARDS_SHED,     // the spool was full
    WEIR_COUNT_CARDS_UNCOPIED, // it was nearly full: the card is in Redis only
    WEIR_COUNT_ACTIONS,        // taken into the outbox
    WEIR_COUNT_ACTIONS_SENT,
    WEIR_COUNT_ACTIONS_DONE,
    WEIR_COUNT_ACTIONS_REFUSED,
    WEIR_COUNT_ACTIONS_EXPIRED,
    WEIR_COUNT_ACTIONS_CANCELLED,
    WEIR_COUNT_ACTIONS_UNKNOWN,
    WEIR_COUNT_USERS_RECALLED,    // records of users that were read back from Redis
    WEIR_COUNT_USERS_UNKEPT,      // that were not written: more changed than Redis takes
    WEIR_COUNT_INTENTS_DROPPED,   // of a crash, that nothing asked for any more
    WEIR_COUNT_ACTIONS_COALESCED, // another action did their work
    WEIR_COUNT_ACTIONS_SHED,      // neither the outbox nor the spool had room
    WEIR_COUNT_ACTIONS_SPILLED,   // wait in the spool until the outbox has room
    WEIR_COUNT_ACTIONS_WAITED,    // for the platform's budget
    WEIR_COUNT_RATE_LIMITED,      // refused for now by the platform
    WEIR_COUNT_BUDGET_SHORT,      // times that a room's budget could not cope
    WEIR_COUNT_NOTICES_SPARED,    // the user had one within the last minute
    WEIR_COUNT_NOT_ACTED,         // `act: false`
    WEIR_COUNT_NO_TARGET,         // the platform gave no id to act on
    WEIR_COUNT_MAPPED,            // by no_hold or no_mask
    WEIR_COUNT_HUMAN_ACTIONS,     // decided by moderators
    WEIR_COUNT_UNDONE,            // ends of emulated actions that we sent
    WEIR_COUNT_GONE,
    WEIR_COUNT_GAPS,           // seqs that can no longer be replayed
    WEIR_COUNT_FRAMES_REFUSED, // could not be read
    WEIR_COUNT_FRAMES_UNKNOWN, // of a kind that we do not know
    WEIR_COUNT_ROOMS_REFUSED,  // messages of rooms that we do not serve
    WEIR_COUNT_DISCONNECTS,
    WEIR_COUNTERS,
};

/** As status prints it: "messages". */
const char *weir_counter_name(enum weir_counter counter);

#endif
