/**
 * From a verdict to what follows for humans: cards to be worked, or a known answer at once. Pure:
 * the same messages in a room give the same cards.
 */
#ifndef WEIR_TRIAGE_TRIAGE_H
#define WEIR_TRIAGE_TRIAGE_H

#include "engine/triage/card.h"

/** The words of questions, and what the set's answers are asked like: one per thread. */
struct weir_triage;
struct weir_triage *weir_triage_create(void);
void weir_triage_destroy(struct weir_triage **triage);

/** Reads the answers of the set that will come next. Slow where there are many of them: without
 * this the first question of a set does it. */
void weir_triage_prepare(struct weir_triage *triage, const struct weir_set *set);

/** What was asked in a room, and answered, of late. */
struct weir_triage_room;
struct weir_triage_room *weir_triage_room_create(void);
void weir_triage_room_destroy(struct weir_triage_room **room);

/** A question's card as it was kept over a restart. */
struct weir_triage_kept {
    struct weir_span asked; // its text, in the view `tight`
    struct weir_span scene;
    struct weir_span topic;
    struct weir_span fingerprint; // as the card wrote it
    int64_t at_ms;
};

/** The room knows the question again: what asks the same from now on joins its card. Begin with the
 * card that was asked first. */
void weir_triage_recall(struct weir_triage *triage, struct weir_triage_room *memory,
                        const struct weir_triage_kept *kept);

#define WEIR_CARDS_PER_MESSAGE 9

/** What a message leads to; borrows from verdict, message and set. */
struct weir_triaged {
    struct weir_card cards[WEIR_CARDS_PER_MESSAGE]; // at most one question, one flag per queue
    size_t count;
    const struct weir_answer *answered; // known and automatic: then there is no question's card
    struct weir_span queue;             // of the card that it would have been, where answered
    struct weir_span reply;             // what to say now; empty where it was said just before
    bool joins;                         // the question's card: it was asked before
};

/** The same answer is not given again so soon: who asks has it before his eyes. */
#define WEIR_ANSWER_AGAIN_MS 60000

/**
 * `memory` may be NULL: then every question is the first of its room. `can_reply` = known answers
 * may be given at once; else their card suggests them.
 */
void weir_triage_message(struct weir_triage *triage, const struct weir_set *set,
                         struct weir_triage_room *memory, bool can_reply,
                         const struct weir_room_view *room, const struct weir_message *message,
                         const struct weir_verdict *verdict, struct weir_triaged *out);

#endif
