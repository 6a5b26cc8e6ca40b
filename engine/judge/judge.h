/**
 * set + message + the room's memory -> verdict. Pure: the same input gives the same bytes
 * (design.md 8.1), which is why run, replay, explain and test are the same code.
 */
#ifndef WEIR_JUDGE_JUDGE_H
#define WEIR_JUDGE_JUDGE_H

#include "engine/judge/memory.h"
#include "engine/judge/screen.h"
#include "engine/rules/set.h"

struct weir_sketch;
struct weir_standing;

enum weir_message_verdict {
    WEIR_MESSAGE_PASS,
    WEIR_MESSAGE_FLAG,
    WEIR_MESSAGE_MASK,
    WEIR_MESSAGE_HOLD,
    WEIR_MESSAGE_DELETE,
};

enum weir_user_verdict {
    WEIR_USER_NONE,
    WEIR_USER_WARN,
    WEIR_USER_TIMEOUT,
    WEIR_USER_BAN,
};

/** At most so many hits of one rule stand in a verdict. */
#define WEIR_VERDICT_HITS_PER_RULE 32

/** A hit as verdicts show it; those of shadow rules too, `rule->mode` tells them apart. */
struct weir_verdict_hit {
    const struct weir_rule *rule;
    const struct weir_check *check;
    enum weir_view_kind view;
    struct weir_text_range range;
    uint32_t more; // on the last hit of a rule that had more than stand here: how many
};

/** Something that was skipped or could not be decided, and why. */
struct weir_degraded {
    const struct weir_rule *rule; // NULL: the whole message
    enum weir_cause kind;
    const char *cause; // in words
};

/** Most earlier messages that one verdict takes along. */
#define WEIR_VERDICT_EARLIER 64

/** The campaign that a message is part of, where a rule that fired had asked for one, or a
 * moderator has decided on it. */
struct weir_verdict_campaign {
    char id[24]; // "" = none
    uint32_t accounts;
    uint32_t messages;
    int64_t first_ms;
    int64_t last_ms;
    struct weir_span text;               // what they say, nearly
    const struct weir_sketch *sketch;    // of it
    const struct weir_standing *decided; // what a moderator decided of all of it; NULL: nothing
    // Messages of before that may still be seen: what is done to this one is meant for them too.
    // Each is listed once, with the first verdict that does anything.
    struct weir_said earlier[WEIR_VERDICT_EARLIER];
    size_t earlier_count;
};

/** What a check of a rule that fired had read from the room's memory. */
struct weir_verdict_reading {
    const struct weir_rule *rule;
    const struct weir_check *check;
    int64_t value_milli;
};

/** A threshold that scores reached: of a pack, or of the room. */
struct weir_verdict_policy {
    struct weir_span pack; // whose scores; of a room's policy the pack that has it
    bool is_room;          // the sum of all packs
    int32_t score;
    const struct weir_threshold *reached;
};

/** The outcome for a message. Belongs to the judge, until its next call. */
struct weir_verdict {
    enum weir_message_verdict message_verdict;
    enum weir_user_verdict user_verdict;
    int32_t score;
    const struct weir_effect *const
        *effects; // after exemptions, without those that a stronger one covers
    size_t effect_count;
    const struct weir_rule *const *fired; // live rules, sorted by id
    size_t fired_count;
    const struct weir_verdict_hit *hits; // sorted by rule, check, view, start
    size_t hit_count;
    const struct weir_topic *topic; // NULL: none; only where is_question
    bool is_question;
    struct weir_span asked; // the text in its tight view; only where is_question
    bool is_urgent;
    bool has_shadow; // shadow rules would have changed the outcome to:
    enum weir_message_verdict shadow_message_verdict;
    enum weir_user_verdict shadow_user_verdict;
    int32_t shadow_score;
    const struct weir_effect *const *shadow_effects;
    size_t shadow_effect_count;
    const struct weir_rule *const *shadow_fired; // shadow rules that fired, sorted by id
    size_t shadow_fired_count;
    const struct weir_degraded *degraded;
    size_t degraded_count;
    const struct weir_rule
        *suspended; // that this message suspended in its room (suspend.h), or NULL
    const struct weir_verdict_reading *readings; // sorted by rule, check
    size_t reading_count;
    const struct weir_verdict_policy *policies; // that lead to effects, in the order of the packs
    size_t policy_count;
    bool has_room_policy;                         // the room has one of its own
    const struct weir_verdict_campaign *campaign; // NULL: none that a rule had asked for
    uint32_t strikes_milli;       // of the user, those of this message included, in thousandths
    struct weir_bilingual reason; // of the fired rule that weighs most
    struct weir_span masked_text; // mask: what to show
    bool prefers_zh;              // which language to answer in, from the message's script
    int64_t at_ms;                // the judge's clock
};

struct weir_judge;  // scratch memory: one per thread
struct weir_memory; // what a room remembers; see memory.h

struct weir_judge *weir_judge_create(uint32_t max_chars);
void weir_judge_destroy(struct weir_judge **judge);

/**
 * Judges one message. `arrival_ms` (Unix milliseconds) is used where the message has no usable time
 * of its own (design.md 8.1). The verdict borrows from set, message and judge.
 */
const struct weir_verdict *weir_judge_message(struct weir_judge *judge, const struct weir_set *set,
                                              struct weir_memory *memory,
                                              const struct weir_room_view *room,
                                              const struct weir_message *message,
                                              int64_t arrival_ms);

/**
 * What a judge works out of a set before it judges by it. That takes milliseconds with thousands of
 * rules, so whoever may not wait has it done beforehand, on any thread.
 */
struct weir_plan;
struct weir_plan *weir_plan_create(const struct weir_set *set);
void weir_plan_destroy(struct weir_plan **plan);
/** Gives the judge the plan of the set that it will be asked to judge by next, and leaves the one
 * it had, to be destroyed. */
void weir_judge_exchange_plan(struct weir_judge *judge, struct weir_plan *plan);

/**
 * Where judging spends its time. `match.owners` has an entry for each of the set's owners, `rules`
 * one for each rule: what deciding on it cost, `matched` where it fired. The caller gives the clock
 * and numbers the messages. NULL ends it; nothing is timed then.
 */
struct weir_profile {
    struct weir_match_profile match;
    struct weir_cost *rules;
};
void weir_judge_profile(struct weir_judge *judge, struct weir_profile *profile);

/** From now on, as if each of the causes (bits 1 << enum weir_cause) were there for every message.
 */
void weir_judge_simulate(struct weir_judge *judge, uint32_t causes);
/** From here on messages are judged without Redis, or with it again: a cause of its own, in the
 * verdict where its policy is not `pass`. */
void weir_judge_set_redis_away(struct weir_judge *judge, bool is_away);

/** What could not be decided, as bits 1 << enum weir_cause. */
uint32_t weir_verdict_causes(const struct weir_verdict *verdict);

/** limit, hits, near, text, memory, breaker; the last can't be found, it is a rule's own doing. */
const char *weir_cause_name(enum weir_cause cause);
bool weir_cause_find(struct weir_span name, enum weir_cause *cause_out);

/** The message's text as the judge read it, for views and spans. */
struct weir_text *weir_judge_text(struct weir_judge *judge);

/**
 * One line of JSON as design.md 4 shows it, no LF. `rules` are those that fired, `shadow_rules` the
 * shadow rules that did, ID@VERSION (the version is a hash of what the rule says); with `text`
 * NULL, what stood where something hit is left out.
 */
void weir_verdict_write(const struct weir_verdict *verdict, const struct weir_set *set,
                        const struct weir_message *message, struct weir_text *text,
                        struct weir_buffer *out);

/** Its `actions` alone: a JSON list. */
void weir_verdict_write_actions(const struct weir_verdict *verdict, struct weir_buffer *out);

/**
 * Whether the verdict log keeps it: something hit, was asked, was decided or could not be. `replay
 * --hits` prints the same ones, so that both are the same bytes.
 */
bool weir_verdict_is_worth_logging(const struct weir_verdict *verdict);

/** Runs every rule's samples; each that fails is an error at its place. True if none did. */
bool weir_set_prove(const struct weir_set *set, struct weir_diagnostics *diagnostics);

/** What an effect makes of the message, and of the user. */
enum weir_message_verdict weir_effect_message_verdict(const struct weir_effect *effect);
enum weir_user_verdict weir_effect_user_verdict(const struct weir_effect *effect);

/** As rules write it: delete, room_mode, ... */
const char *weir_effect_name(enum weir_effect_kind kind);
const char *weir_message_verdict_name(enum weir_message_verdict verdict);
const char *weir_user_verdict_name(enum weir_user_verdict verdict);

#endif
