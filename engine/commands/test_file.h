/**
 * A test file: conversations, and what is expected of their messages. Read strictly and wholly
 * before anything of it runs, against the set that it is about.
 */
#ifndef WEIR_COMMANDS_TEST_FILE_H
#define WEIR_COMMANDS_TEST_FILE_H

#include "engine/base/arena.h"
#include "engine/judge/judge.h"

/** What a message must lead to; what is not named may be anything. */
struct weir_expectation {
    struct weir_place place;
    bool has_message;
    enum weir_message_verdict message;
    bool has_user;
    enum weir_user_verdict user;
    bool has_question;
    bool question;
    struct weir_span topic; // empty: any or none
    bool has_score;
    int32_t least_score;
    int32_t most_score;
    const struct weir_rule **fired; // these, with or without others
    size_t fired_count;
    bool only_fired; // and no others
    const struct weir_rule **not_fired;
    size_t not_fired_count;
    bool has_actions; // these, in this order, and no others
    const enum weir_effect_kind *actions;
    size_t action_count;
    int64_t lasts_ms; // the timeout or room mode; 0: however long
};

struct weir_test_message {
    struct weir_place place;
    struct weir_message message; // `{n}` in text and user id stands for 1, 2, ...
    int64_t at_ms;               // since the conversation began; of the first
    uint32_t times;
    int64_t every_ms;
    bool has_scene;
    struct weir_span scene;                // from here on
    const struct weir_expectation *expect; // NULL: nothing
};

/** A conversation in one room that has nothing behind it. */
struct weir_test_case {
    struct weir_span about; // may be empty
    struct weir_place place;
    struct weir_span room;
    struct weir_span scene;
    struct weir_test_message *messages;
    size_t message_count;
};

struct weir_test_file {
    struct weir_arena arena;
    struct weir_yaml_document *document;
    struct weir_test_case *cases;
    size_t case_count;
};

/** Whether a text looks like a test file rather than a pack: has `messages` or `cases`. */
bool weir_test_file_is_one(const char *name, struct weir_span text);

/** Start `file` as `{0}`. All mistakes go to `diagnostics`; false if there was one. */
bool weir_test_file_read(struct weir_test_file *file, const char *name, struct weir_span text,
                         const struct weir_set *set, struct weir_diagnostics *diagnostics);
void weir_test_file_fini(struct weir_test_file *file);

/** test_expect.c: a verdict, a rule's id or 'question', a list of them, or a map. */
const struct weir_expectation *weir_expectation_read(struct weir_arena *arena,
                                                     const struct weir_yaml *node,
                                                     const struct weir_set *set,
                                                     struct weir_diagnostics *diagnostics);

/** Adds what was expected and what was found, where they differ; nothing where all is met. */
void weir_expectation_compare(const struct weir_expectation *expect,
                              const struct weir_verdict *verdict, struct weir_buffer *out);

#endif
