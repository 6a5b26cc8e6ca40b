/**
 * What has been asked in one room of late, so that the same question in other words joins the card
 * that is there. Pure; bounded by count, so that the same messages give the same cards.
 */
#ifndef WEIR_TRIAGE_ASKED_H
#define WEIR_TRIAGE_ASKED_H

#include "engine/triage/meaning.h"

/** Wordings that a room remembers; the one that was longest not asked makes room. */
#define WEIR_ASKED_WORDINGS 512
/** Of one question, so that a chain of small differences does not wander off. */
#define WEIR_ASKED_WORDINGS_OF_ONE 8
/** What nobody asked for so long is another question: as long as the library merges into a card. */
#define WEIR_ASKED_MS (24ll * 3600 * 1000)

/** A question: its card's fingerprint, and the topic that its first asking had. */
struct weir_asked_question {
    uint64_t fingerprint[2];
    uint64_t topic; // hash of its id, 0 = none
    bool is_again;  // as weir_asked_join() returns it: somebody asked it before
};

struct weir_asked;

struct weir_asked *weir_asked_create(void);
void weir_asked_destroy(struct weir_asked **asked);

/**
 * The question that `meaning` asks again, among those of the same `scene` (a hash) and topic, or,
 * where `own` has no topic, of any; if there is none, `own` is remembered and returned. `meaning`
 * must not be empty.
 */
struct weir_asked_question weir_asked_join(struct weir_asked *asked,
                                           const struct weir_meaning *meaning, uint64_t scene,
                                           struct weir_asked_question own, int64_t at_ms);

/** A question that was asked before this memory began, with what its card says: who asks it again
 * joins it. */
void weir_asked_recall(struct weir_asked *asked, const struct weir_meaning *meaning, uint64_t scene,
                       struct weir_asked_question question, int64_t at_ms);

#endif
