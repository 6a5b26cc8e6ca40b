/**
 * What the files of this folder share while packs become a set. Nothing of it outlives the load.
 *
 * Each reading function reports what is wrong to the loader's diagnostics and goes on where it can,
 * so that one run shows every mistake; it returns false or NULL where its own result is of no use.
 */
#ifndef WEIR_RULES_LOADER_H
#define WEIR_RULES_LOADER_H

#include "engine/base/arena.h"
#include "engine/rules/lint.h"
#include "engine/rules/set.h"

#include <sha2.h>

struct weir_set_memory {
    struct weir_arena arena;
};

/** A word of a list or of a check, with the place where its author can find it. */
struct weir_word {
    struct weir_span text;
    struct weir_place place;
    const struct weir_yaml *node; // NULL: a line of a list file
};

struct weir_words {
    struct weir_word *items;
    size_t count;
    size_t capacity;
};

struct weir_list {
    struct weir_span name;
    struct weir_place place;
    struct weir_words words;
    bool is_used;
};

struct weir_loader {
    struct weir_arena *arena;
    struct weir_diagnostics *diagnostics;
    struct weir_set *set;
    weir_read_list_fn read_list;
    void *read_list_user;
    SHA2_CTX digest;

    // The pack in hand.
    const char *file;
    struct weir_span source;
    struct weir_span pack;
    enum weir_mode pack_mode;
    struct weir_list *lists;
    size_t list_count;
    size_t list_capacity;
    uint32_t pack_allowed; // lints that nobody wants to hear of: bits 1 << weir_lint
    uint32_t allowed;      // the same for what is in hand

    // The rule in hand: NULL while a topic or a policy is read.
    struct weir_rule *rule;
    struct weir_buffer path;

    // What grows until all packs are read.
    struct weir_rule **rules;
    size_t rule_count;
    size_t rule_capacity;
    struct weir_check **checks;
    size_t check_count;
    size_t check_capacity;
    size_t except_count;
    struct weir_series **series;
    size_t series_count;
    size_t series_capacity;
    struct weir_pattern *patterns;
    size_t pattern_count;
    size_t pattern_capacity;
    struct weir_policy *policies;
    size_t policy_count;
    size_t policy_capacity;
    struct weir_room_policy *room_policies;
    size_t room_policy_count;
    size_t room_policy_capacity;
    struct weir_topic *topics;
    struct weir_place *topic_places;
    size_t topic_count;
    size_t topic_capacity;
    size_t topic_place_capacity;
    struct weir_answer *answers;
    struct weir_place *answer_places;
    struct weir_reference *answer_topics;
    size_t answer_count;
    size_t answer_capacity;
    size_t answer_place_capacity;
    size_t answer_topic_capacity;
    struct weir_reference *packs;
    size_t pack_count;
    size_t pack_capacity;
};

/** Marks an owner number as that of an `except`, until the final numbers are given. */
#define WEIR_EXCEPT_OWNER 0x80000000u

/** set.c: makes `text` part of the set's name. */
void weir_loader_hash(struct weir_loader *loader, struct weir_span text);

/** gates.c: tells the matcher which regexes matter only where certain keywords are. */
void weir_loader_set_gates(struct weir_set *set);
/** The same as an array by owner, which the caller frees. */
struct weir_gate_owners *weir_loader_find_gates(const struct weir_set *set);

/**
 * weigh.c: measures what the expressions of a set without a mistake cost on ordinary chat. Too much
 * is an error; much is a warning, where the caller's diagnostics have room for costs or lints.
 */
void weir_loader_weigh(struct weir_loader *loader);

/** Most that one rule may add to the score, or take from it. */
#define WEIR_MOST_SCORE 1000

/** rule.c */
/** The mode of the pack's rules that name none. */
void weir_loader_read_pack_mode(struct weir_loader *loader, const struct weir_yaml *pack);
void weir_loader_read_rules(struct weir_loader *loader, const struct weir_yaml *node);

/** policy.c */
void weir_loader_read_policy(struct weir_loader *loader, const struct weir_yaml *node);
/** What packs say about causes, for the set and its rules; after they are in the set. */
void weir_loader_finish_policies(struct weir_loader *loader);

/** topic.c */
void weir_loader_read_topics(struct weir_loader *loader, const struct weir_yaml *node);
void weir_loader_read_answers(struct weir_loader *loader, const struct weir_yaml *node);

/** afterwards.c */
void weir_loader_read_afterwards(struct weir_loader *loader, const struct weir_yaml *node);

/** condition.c: a tree of all, any, not and checks, whose paths begin with `prefix`. */
struct weir_condition *weir_loader_read_condition(struct weir_loader *loader,
                                                  const struct weir_yaml *node, const char *prefix);
/** A check of one kind whose argument is `argument`, as `policy: exempt` has it. */
struct weir_condition *weir_loader_read_check(struct weir_loader *loader, const char *kind,
                                              const struct weir_yaml *argument, const char *prefix);

/** effect.c: a list of effects. */
bool weir_loader_read_effects(struct weir_loader *loader, const struct weir_yaml *node,
                              const struct weir_effect **effects_out, size_t *count_out);

/** series.c: after the rules are sorted and the owners numbered. */
void weir_loader_finish_series(struct weir_loader *loader);

/** list.c */
void weir_loader_read_lists(struct weir_loader *loader, const struct weir_yaml *node);
void weir_loader_drop_lists(struct weir_loader *loader);
/** Words as checks and `except` name them: a text, a list of texts, or {list: NAME}. */
bool weir_loader_read_words(struct weir_loader *loader, const struct weir_yaml *node,
                            struct weir_words *words);
void weir_words_fini(struct weir_words *words);
/** The version of a rule with one text more; `before` is 0 at the start. */
uint64_t weir_loader_version(uint64_t before, struct weir_span text);
void weir_loader_add_pattern(struct weir_loader *loader, enum weir_pattern_kind kind,
                             uint32_t views, uint32_t owner, const struct weir_word *word);

/** value.c: values that several of the above read. */
bool weir_loader_is_map(struct weir_loader *loader, const struct weir_yaml *node, const char *what);
bool weir_loader_is_list(struct weir_loader *loader, const struct weir_yaml *node,
                         const char *what);
/** A required key of a map. */
const struct weir_yaml *weir_loader_need(struct weir_loader *loader, const struct weir_yaml *map,
                                         const char *key, const char *what);
/** An id: lower-case letters, digits, '.', '-' and '_'. */
bool weir_loader_read_id(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_span *id_out);
/** A text that fits on one line of a chat: never empty, at most `most` characters. */
bool weir_loader_read_text(struct weir_loader *loader, const struct weir_yaml *node, size_t most,
                           struct weir_span *text_out);
/** A text or a list of texts, as a copy. */
bool weir_loader_read_texts(struct weir_loader *loader, const struct weir_yaml *node,
                            const struct weir_span **texts_out, size_t *count_out);
/** A text for both languages, or {zh: .., en: ..}. */
bool weir_loader_read_bilingual(struct weir_loader *loader, const struct weir_yaml *node,
                                struct weir_bilingual *text_out);
#define WEIR_DAY_MS ((int64_t)86400000)

/** A duration; `limits` says in words what `least_ms` and `most_ms` are. */
bool weir_loader_read_time(struct weir_loader *loader, const struct weir_yaml *node,
                           int64_t least_ms, int64_t most_ms, const char *limits, int64_t *ms_out);
/** A whole number that may be negative. */
bool weir_loader_read_integer(struct weir_loader *loader, const struct weir_yaml *node,
                              int32_t least, int32_t most, int32_t *value_out);
/** One of the `count` names, as its index. */
bool weir_loader_read_name(struct weir_loader *loader, const struct weir_yaml *node,
                           const char *what, const char *const *names, size_t count,
                           size_t *index_out);
/** One of the names or a list of them, as bits 1 << index. */
bool weir_loader_read_names(struct weir_loader *loader, const struct weir_yaml *node,
                            const char *what, const char *const *names, size_t count,
                            uint32_t *bits_out);

/** The names of roles and identities, in the order of their bits and values. */
extern const char *const weir_role_names[6];
extern const char *const weir_identity_names[4];

#endif
