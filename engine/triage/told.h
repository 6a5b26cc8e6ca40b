/**
 * Who was answered in one room of late, and what: for what they write next, and for those who ask
 * the same a little later. Pure; bounded by count.
 */
#ifndef WEIR_TRIAGE_TOLD_H
#define WEIR_TRIAGE_TOLD_H

#include "engine/base/span.h"

/** Answers that a room remembers, and askers of one; the oldest make room. */
#define WEIR_TOLD_ANSWERS 64
#define WEIR_TOLD_ASKERS  200
/** So long what an asker writes is about the answer. */
#define WEIR_TOLD_MS 120000

/** An answer; spans borrow, in both directions. */
struct weir_told_answer {
    struct weir_span card;        // id
    struct weir_span queue;       // of the card
    struct weir_span fingerprint; // of the question
    struct weir_span text;        // what was answered
    int64_t at_ms;
    uint64_t position; // of the record that keeps it, 0 = none
};

struct weir_told;

struct weir_told *weir_told_create(void);
void weir_told_destroy(struct weir_told **told);

/** Remembers an answer. Returns the position of the record that is needed no longer, 0 = none:
 * that of the oldest answer, or of the same card's last one. */
uint64_t weir_told_add(struct weir_told *told, const struct weir_told_answer *answer);

/** `user` was told the answer that was added last. */
void weir_told_asker(struct weir_told *told, struct weir_span user);

/** The last answer that this user was told, less than two minutes ago. False: none. Only once: he
 * has reacted then, unless weir_told_asker() says again that he was told. */
bool weir_told_find_asker(const struct weir_told *told, struct weir_span user, int64_t now_ms,
                          struct weir_told_answer *out);

/** `user` has reacted to the answer of `card`. */
void weir_told_reacted(struct weir_told *told, struct weir_span card, struct weir_span user);

/** The answer to this question, if it is less than `late_ms` old. */
bool weir_told_find_question(struct weir_told *told, struct weir_span fingerprint, int64_t now_ms,
                             int64_t late_ms, struct weir_told_answer *out);

/** The card is open again: its answer is none. Returns the position of its record. */
uint64_t weir_told_forget(struct weir_told *told, struct weir_span card);

/** Takes an answer that is older than `late_ms` and two minutes; its position, 0 = there is none.
 */
uint64_t weir_told_take_old(struct weir_told *told, int64_t now_ms, int64_t late_ms);

#endif
