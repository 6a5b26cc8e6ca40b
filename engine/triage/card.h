/** One piece of human work: a question to answer or a flag to review. Pure. */
#ifndef WEIR_TRIAGE_CARD_H
#define WEIR_TRIAGE_CARD_H

#include "engine/judge/judge.h"

enum weir_card_kind {
    WEIR_CARD_QUESTION,
    WEIR_CARD_FLAG,
};

/** A card to be added, or merged into the open one with the same fingerprint. */
struct weir_card {
    enum weir_card_kind kind;
    bool has_seq;
    bool urgent;
    char id[40];          // derived from the cause: the same message gives the same card
    char fingerprint[40]; // what asks the same in this room; "" = merges with nothing
    struct weir_span queue;
    struct weir_span room;
    struct weir_span topic;   // question
    struct weir_span scene;   // question: what was on screen when it was asked
    struct weir_span before;  // question: scene or stream, at whose end it is due at the latest
    struct weir_span text;    // as typed
    struct weir_span message; // id
    uint64_t seq;             // only where has_seq
    struct weir_user user;
    int64_t at_ms;                        // when it was asked, by the judge's clock
    int64_t target_ms;                    // due = at + target
    struct weir_span verdict;             // flag: what was done so far: flag, hold
    const struct weir_rule *const *rules; // flag: why
    size_t rule_count;
    const struct weir_verdict_campaign
        *campaign;               // flag: of all of which it is one message; or NULL
    bool complaint;              // question: who asked is told what became of it
    struct weir_span suggestion; // question: a known answer, if there is one
    const struct weir_topic
        *rules_of_topic; // who can answer, and what if nobody does; NULL: anybody
    struct weir_bilingual reason;
};

/**
 * The card as one flat JSON object, as spool and Redis keep it (field names of design.md 6): id,
 * fp, queue, kind, room, text, message, seq, user (id), name, roles, tier, identity, at and target
 * (ms), urgent; of a question topic, scene, before, suggestion and complaint; of a flag verdict,
 * rules, reason; of a flag that is a campaign its name as campaign, accounts, messages, first and
 * last (ms), its sketch, earlier (a list of message, user and name), and where it is decided
 * already decision and head, the card that was decided.
 */
void weir_card_write(const struct weir_card *card, struct weir_buffer *out);

#endif
