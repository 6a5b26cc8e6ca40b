/** The numbers at the end of a replay: what was done, by which rules, to how many users, and when.
 */
#ifndef WEIR_COMMANDS_REPLAY_SUMMARY_H
#define WEIR_COMMANDS_REPLAY_SUMMARY_H

#include "engine/base/hash.h"
#include "engine/commands/timeline.h"
#include "engine/triage/triage.h"

/** Pairs of rule and user that are told apart; beyond that `users` says "at least". */
#define WEIR_SUMMARY_PAIRS ((size_t)1 << 22)

struct weir_rule_summary {
    uint64_t messages;                            // that it fired on
    uint64_t users;                               // different ones, as far as they have an id
    uint64_t by_message[WEIR_MESSAGE_DELETE + 1]; // what became of those messages
    uint64_t by_user[WEIR_USER_BAN + 1];
};

/** Start it with weir_summary_init(). */
struct weir_summary {
    const struct weir_set *set;
    uint64_t messages;
    uint64_t hits; // messages on which a live rule fired
    uint64_t by_message[WEIR_MESSAGE_DELETE + 1];
    uint64_t by_user[WEIR_USER_BAN + 1];
    uint64_t questions;
    uint64_t joined;   // of these: asked before, so their card was there
    uint64_t answered; // of these: by a known answer, at once
    uint64_t degraded;
    uint64_t by_cause[WEIR_CAUSES];  // of these, messages with that cause
    uint64_t shadowed;               // shadow rules would have done something else
    struct weir_rule_summary *rules; // by the rule's index
    uint64_t *pairs;                 // a hash set; 0 = free
    size_t pair_count;
    size_t pair_capacity;
    struct weir_hash_key key;
    struct weir_timeline timeline;
};

void weir_summary_init(struct weir_summary *summary, const struct weir_set *set);
void weir_summary_fini(struct weir_summary *summary);

void weir_summary_add(struct weir_summary *summary, const struct weir_message *message,
                      const struct weir_verdict *verdict, const struct weir_triaged *triaged);

void weir_summary_write_text(const struct weir_summary *summary, uint64_t bad_lines,
                             int64_t spent_us, size_t columns, struct weir_buffer *out);
void weir_summary_write_json(const struct weir_summary *summary, uint64_t bad_lines,
                             int64_t spent_us, struct weir_buffer *out);

#endif
