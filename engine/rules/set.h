/**
 * The rule set in force: all packs together, read strictly, compiled, immutable, named by its hash.
 *
 * Loading reads packs from memory and lists through a function that the caller gives, so this floor
 * touches no file. A set is loaded whole or not at all.
 */
#ifndef WEIR_RULES_SET_H
#define WEIR_RULES_SET_H

#include "engine/base/diagnostics.h"
#include "engine/match/matcher.h"
#include "engine/rules/check.h"

/** Text in both of our languages; a missing one is empty. */
struct weir_bilingual {
    struct weir_span zh;
    struct weir_span en;
};

/** The one that is preferred, or the other where it is empty. */
static inline struct weir_span weir_bilingual_in(struct weir_bilingual text, bool prefers_zh)
{
    struct weir_span first = prefers_zh ? text.zh : text.en;
    return first.length > 0 ? first : (prefers_zh ? text.en : text.zh);
}

/** How a rule behaves. */
enum weir_mode {
    WEIR_MODE_LIVE,
    WEIR_MODE_SHADOW, // recorded, never acted on
    WEIR_MODE_DISABLED,
};

/** What happens when a check of a rule could not be decided (a regex met its limit). */
enum weir_on_error {
    WEIR_ON_ERROR_HOLD,
    WEIR_ON_ERROR_PASS,
    WEIR_ON_ERROR_FLAG,
};

/** Why something about a message could not be decided as it should be. Each has its policy. */
enum weir_cause {
    WEIR_CAUSE_LIMIT,  // a regex met its limit
    WEIR_CAUSE_HITS,   // more hits than one scan keeps
    WEIR_CAUSE_NEAR,   // more hits than `near` compares
    WEIR_CAUSE_TEXT,   // longer than the limit: only the beginning was judged
    WEIR_CAUSE_MEMORY, // the room's memory had to forget something before its time
    WEIR_CAUSE_REDIS,  // Redis is away: what others know of users, and the humans, are out of reach
    WEIR_CAUSE_BREAKER, // a rule did more than it may; its policy is the breaker's own
    WEIR_CAUSES,
};

/** One consequence: an entry of `do` or of a policy's list. */
struct weir_effect {
    enum weir_effect_kind {
        WEIR_EFFECT_DELETE,
        WEIR_EFFECT_HOLD,
        WEIR_EFFECT_MASK,
        WEIR_EFFECT_BAN,
        WEIR_EFFECT_WARN,
        WEIR_EFFECT_TIMEOUT,
        WEIR_EFFECT_FLAG,
        WEIR_EFFECT_STRIKE,
        WEIR_EFFECT_REPLY,
        WEIR_EFFECT_ROOM_MODE,
    } kind;
    struct weir_bilingual text; // warn, reply
    int64_t duration_ms;        // timeout; room_mode: for how long, 0 = until left
    int64_t least_ms;           // room_mode: at least so long
    int64_t most_ms;            // room_mode: at most so long; 0 = until somebody ends it
    int64_t calm_ms;            // room_mode: so long without its rule firing
    uint32_t points;            // strike
    struct weir_span queue;     // flag, hold: "review" unless named
    int64_t target_ms;          // flag, hold: 0 = the queue's default
    struct weir_span mode;      // room_mode: slow, members, emote, shield
    uint32_t mode_seconds;      // room_mode slow: seconds between messages
};

/** A node of a `when` or `unless` tree. */
struct weir_condition {
    enum weir_condition_kind {
        WEIR_CONDITION_ALL,
        WEIR_CONDITION_ANY,
        WEIR_CONDITION_NOT,
        WEIR_CONDITION_CHECK,
    } kind;
    struct weir_condition **children;
    size_t child_count;
    uint32_t near_chars; // all: most characters between the first hit and the last; 0 = presence
    const struct weir_check *check; // leaf
};

/** A piece of chat with the outcome that its author expects: `hit` and `miss` lines. */
struct weir_sample {
    struct weir_place place;
    struct weir_span text;
    struct weir_span user_id;
    uint32_t roles;
    uint32_t tier;
    enum weir_identity identity;
    struct weir_span scene;
    bool expect_hit;
};

struct weir_rule {
    struct weir_span id;
    struct weir_span about;
    struct weir_span pack;
    struct weir_place place;
    uint32_t index;   // in the set
    uint64_t version; // a hash of all that it says, its lists' words included; formatting is not
    enum weir_mode mode;
    enum weir_on_error on_error;
    bool has_on_error; // of its own
    struct weir_condition *when;
    struct weir_condition *unless; // NULL: nothing
    uint32_t first_check;          // its checks have the owner numbers from here on, in order
    uint32_t check_count;          // those of `unless` included
    uint32_t except_owner;         // owner number of the except patterns; UINT32_MAX: none
    bool reads_score;              // has a `score` check: runs last
    bool counts_captures;          // has a `rate` or `distinct` by what an expression captures
    uint32_t stage;                // above 0: counts hits of rules of lower stages
    int32_t score;
    const struct weir_effect *effects;
    size_t effect_count;
    struct weir_bilingual reason;
    const struct weir_span *tags;
    size_t tag_count;
    const struct weir_sample *samples;
    size_t sample_count;
    uint32_t lint_allowed; // bits 1 << weir_lint
};

/** What a rule may do by itself within a time; more, and it asks a human instead. */
enum weir_breaker_kind {
    WEIR_BREAKER_DELETE,
    WEIR_BREAKER_TIMEOUT,
    WEIR_BREAKER_BAN,
    WEIR_BREAKER_KINDS,
};

struct weir_breaker {
    bool is_set;
    struct weir_series limits[WEIR_BREAKER_KINDS]; // rates; max 0 = no limit
    bool holds;                                    // else it flags
    int64_t for_ms;                                // so long
    struct weir_effect alarm;                      // the card that says so
};

/** What scores lead to. One per pack that has one. */
struct weir_policy {
    struct weir_span pack;
    struct weir_condition *exempt; // NULL: nobody
    struct weir_threshold {
        int32_t score;
        const struct weir_effect *effects;
        size_t effect_count;
    } * thresholds; // by rising score; the highest that is reached applies
    size_t threshold_count;
    struct weir_breaker breaker; // of each rule of the pack
    uint32_t has_on_error;       // bits by cause: those that the pack has a word for
    enum weir_on_error on_error[WEIR_CAUSES];
};

/** What the sum of all packs' scores leads to in some rooms. */
struct weir_room_policy {
    struct weir_span pack;         // that says so
    struct weir_condition *in;     // NULL: in all rooms that none before is for
    struct weir_condition *exempt; // NULL: nobody
    struct weir_threshold *thresholds;
    size_t threshold_count;
    bool is_alone; // what packs make of their own scores does not count in these rooms
};

/** What strikes lead to: one account for each user of a room, over all packs. */
struct weir_strike_policy {
    int64_t half_life_ms;          // half of the strikes are gone after that time
    uint32_t forgive_clean;        // all are forgiven after so many clean messages; 0 = never
    struct weir_threshold *ladder; // by rising strikes; the highest that is reached applies
    size_t ladder_count;
    struct weir_place place; // line 0: no pack says anything
};

/** What a question must be answered before, besides its target. */
enum weir_before {
    WEIR_BEFORE_NOTHING,
    WEIR_BEFORE_SCENE_ENDS,
    WEIR_BEFORE_STREAM_ENDS,
};

/** What becomes of a card that waits for so long after it was due. */
struct weir_escalation {
    int64_t after_ms;
    struct weir_span queue; // it goes there; empty: it rises a level where it is
};

struct weir_topic {
    struct weir_span id;
    struct weir_span pack;
    struct weir_condition *when;
    struct weir_condition *urgent; // NULL: never
    struct weir_span queue;
    int64_t target_ms;
    enum weir_before before;
    bool complaint;                // a complaint: its outcome is told to the one who complained
    const struct weir_span *needs; // skills of who answers; "language" = that of the question
    size_t needs_count;
    const struct weir_escalation *escalations; // one after the other
    size_t escalation_count;
};

/** A known answer. */
struct weir_answer {
    struct weir_span id;
    struct weir_span topic;
    const struct weir_span *ask_zh;
    size_t ask_zh_count;
    const struct weir_span *ask_en;
    size_t ask_en_count;
    struct weir_bilingual reply;
    struct weir_span scene; // empty: any
    bool automatic;
    int64_t until_ms; // 0: for good
};

struct weir_phrases {
    const struct weir_span *zh;
    size_t zh_count;
    const struct weir_span *en;
    size_t en_count;
};

/** What comes after an answer. */
struct weir_afterwards {
    struct weir_place place; // line 0: no pack says anything
    struct weir_phrases satisfied;
    struct weir_phrases unsatisfied;
    struct weir_bilingual rating;    // said behind an answer; empty: nobody is asked
    struct weir_bilingual acted;     // to who complained: something was done about it
    struct weir_bilingual done;      // it was dealt with
    struct weir_bilingual dismissed; // nothing was found
    int64_t late_ms; // so long who asks again is given the answer; 0: it is a new card
};

struct weir_set {
    char hash[72];            // "sha256:" and 64 hex digits: packs, lists and tables
    struct weir_rule **rules; // sorted by id
    size_t rule_count;
    struct weir_policy *policies;
    size_t policy_count;
    struct weir_room_policy *room_policies; // the first that is for a room applies there
    size_t room_policy_count;
    struct weir_topic *topics; // in the order of the files: the first that matches wins
    size_t topic_count;
    struct weir_answer *answers;
    size_t answer_count;
    struct weir_afterwards afterwards;
    // By owner number, which rises with rule, then place in the rule; then topics and policies.
    // Hits of the matcher with higher owners are occurrences of `except` texts.
    struct weir_check **checks;
    size_t check_count;
    size_t owner_count;                      // checks and excepts
    const struct weir_series *const *series; // by their index
    size_t series_count;
    const struct weir_rule *const *staged; // those that count others' hits, in that order
    size_t staged_count;
    uint32_t campaign_checks; // different `campaign` checks; 0: campaigns are not looked for
    uint32_t campaign_users;  // the most accounts that one of them asks for
    int64_t campaign_life_ms; // after so long a text is of no more use to any of them
    enum weir_on_error
        on_error[WEIR_CAUSES]; // of the message as a whole: the strictest of all packs
    size_t breaker_bytes;      // of the largest window of a breaker; 0: no pack has one
    uint64_t breakers_id;      // names their limits
    struct weir_strike_policy strikes;
    bool needs_users; // something asks what is known of a user, or strikes one
    struct weir_matcher *matcher;
    struct weir_set_memory *memory; // what all of the above stands in
};

/** A file of a set: a pack. `name` is what diagnostics show. Both outlive the call. */
struct weir_pack_file {
    const char *name;
    struct weir_span text;
};

/** Reads a file that a pack names (a list). `path` is as written, `pack` the name of the pack's
 * file. Returns false with `err` set; the bytes stay the owner's until the load is over. */
typedef bool (*weir_read_list_fn)(void *user, const char *pack, struct weir_span path,
                                  struct weir_span *text_out, struct weir_error *err);

/**
 * Reads and compiles the packs as one set. All mistakes go to `diagnostics`; NULL if there was an
 * error. Does not run the `hit`/`miss` samples: that is weir_set_prove() of the judge, above.
 */
struct weir_set *weir_set_load(const struct weir_pack_file *files, size_t count,
                               weir_read_list_fn read_list, void *user,
                               struct weir_diagnostics *diagnostics);
void weir_set_destroy(struct weir_set **set);

const struct weir_rule *weir_set_find_rule(const struct weir_set *set, struct weir_span id);

#endif
