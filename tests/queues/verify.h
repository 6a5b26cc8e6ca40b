/**
 * Judges a history and what is in Redis when it is over. Pure: it believes only what was
 * acknowledged.
 *
 * A call whose outcome is unknown may or may not have happened, so it never proves a mistake by
 * itself and always excuses what it may have done.
 */
#ifndef WEIR_TESTS_QUEUES_VERIFY_H
#define WEIR_TESTS_QUEUES_VERIFY_H

#include "tests/queues/history.h"

enum finding {
    FOUND_LOST,       // a card, an answer or an action that was acknowledged is not there
    FOUND_TWO_OWNERS, // two moderators own a card, or one works on who owns it no more
    FOUND_ANSWERED_TWICE,
    FOUND_COUNTED_TWICE, // a message is in no card, in two, or twice in one
    FOUND_OUT_OF_ORDER,  // a claim took a card though an earlier one was ready the whole time
    FOUND_BROKEN,        // what is stored contradicts itself
    FINDINGS
};

extern const char *const finding_names[FINDINGS];

/** A card as it is stored when everything is over. */
struct final_card {
    uint64_t decision; // the token that it was decided with, 0 = none
    int64_t due_ms;
    int64_t ready_ms; // its score among those that are ready, -1 = it is not
    int64_t lease_ms;
    uint32_t into; // the card that it was merged into
    uint32_t count;
    uint32_t askers;
    uint32_t users; // distinct ones that are stored
    bool exists;
    bool is_open;
    bool is_done;
    bool says_something; // its decision had an action for the room
    bool in_done;
    bool may_be_swept; // its queue forgets what is finished
};

struct verdicts {
    uint64_t found[FINDINGS];
    uint64_t compared; // claims beside which something else was certainly ready
    uint64_t claims;
    FILE *out; // where findings are told with the calls about their card, NULL = nowhere
    int most;  // of them that are told
};

/** `finals` has `cards` elements; cards beyond what was called may exist. */
void verify(const struct history *history, const struct final_card *finals, uint32_t cards,
            struct verdicts *verdicts);

/** The part of verify() about the order of claims, queue by queue. */
void verify_order(const struct history *history, const struct history_index *index,
                  const struct final_card *finals, uint32_t cards, struct verdicts *verdicts);

/** Counts a finding about a card and tells it, with the calls about the card. */
__attribute__((format(printf, 5, 6))) void verdicts_add(struct verdicts *verdicts,
                                                        enum finding finding,
                                                        const struct history_index *index,
                                                        uint32_t card, const char *format, ...);

#endif
