/**
 * What the clients of a run called, and what was acknowledged: the only thing that is judged.
 *
 * An outcome is `done`, `refused` or `unknown`. Unknown is a call whose answer got lost, or that no
 * replica had confirmed: it may have happened, once, at any moment until `ended_us`, or never.
 */
#ifndef WEIR_TESTS_QUEUES_HISTORY_H
#define WEIR_TESTS_QUEUES_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NO_CARD UINT32_MAX

enum call_kind {
    CALL_ADD,
    CALL_WITHDRAW,
    CALL_CLAIM, // one for each card that a claim got; with NO_CARD where it got fewer than asked
    CALL_EXTEND,
    CALL_RELEASE,
    CALL_ANSWER,
    CALL_RESOLVE,
    CALL_UNDO,
    CALL_SWEEP,
    CALL_PRESENT, // lease_ms: how long it counts
    CALL_LEAVE,
    CALL_DELIVERED, // the room's owner was given the action of a decision
    CALL_KINDS
};

enum call_outcome { CALL_UNKNOWN, CALL_DONE, CALL_REFUSED };

enum call_answer {
    ANSWER_NONE,
    ANSWER_ADDED,
    ANSWER_MERGED,
    ANSWER_REPEATED,
    ANSWER_OVER,
    ANSWER_NOTED,
    ANSWER_LEFT,
    ANSWER_WITHDRAWN,
    ANSWER_REMOVED,
    ANSWER_COUNTERED,
    ANSWER_PARTLY,
    ANSWER_IMPOSSIBLE,
    ANSWERS
};

/** Times in microseconds are of the wall clock, which Redis's TIME reads too; *_ms are what Redis
 * said. */
struct call {
    int64_t began_us;
    int64_t ended_us; // of an unknown one: when it could happen no more
    uint64_t token;   // of the claim; of a delivery the one that its decision was made with
    int64_t due_ms;   // add, claim: of the card
    int64_t now_ms;   // claim: when
    int64_t
        lease_ms; // claim, extend: the end of the lease; of an unknown claim how long it would last
    uint64_t entry; // delivery: which entry of the room's stream
    uint32_t card;
    uint32_t head; // add, withdraw: the card that it was merged into
    uint16_t client;
    uint8_t queue;
    uint8_t kind;
    uint8_t outcome;
    uint8_t answer;
};

/** Start it as `{0}`. */
struct history {
    struct call *calls;
    size_t count;
    size_t capacity;
};

void history_fini(struct history *history);

/** Returns its place, which stays. */
size_t history_add(struct history *history, const struct call *call);

/** The calls of each card in the order in which they began: list[first[card]] to list[first[card +
 * 1] - 1]. */
struct history_index {
    size_t *first;
    const struct call **list;
};

/** Calls about cards from 0 to `cards` - 1. The caller owns what is filled in. */
void history_index_init(struct history_index *index, const struct history *history, uint32_t cards);
void history_index_fini(struct history_index *index);

/** One line for a reader. */
void history_print(FILE *out, const struct call *call);

#endif
