/**
 * Rules of other moderators on their way into a pack: what they look for and what they do, as far
 * as weir has words for it, and a report of what it has none for.
 *
 * Nothing that is imported acts on more than it did: a rule of which a condition was lost comes in
 * shadow mode, so that its author sees what it would do.
 */
#ifndef WEIR_COMMANDS_IMPORT_PACK_H
#define WEIR_COMMANDS_IMPORT_PACK_H

#include "engine/base/arena.h"
#include "engine/rules/set.h"

/** A text or an expression to look for, and where it came from. */
struct weir_import_pattern {
    enum weir_pattern_kind kind;
    bool minds_case; // expressions only
    struct weir_span text;
    struct weir_place place;
    bool is_dropped;
    struct weir_import_pattern *next;
};

/** One condition of a rule; all of them must hold. */
struct weir_import_condition {
    enum weir_import_kind {
        WEIR_IMPORT_TEXT,     // one of the patterns
        WEIR_IMPORT_NAME,     // the user's name is one of the patterns
        WEIR_IMPORT_DOMAIN,   // a link to one of the patterns
        WEIR_IMPORT_LENGTH,   // characters from least to most
        WEIR_IMPORT_MENTIONS, // @names, at least so many
    } kind;
    bool is_negated;
    struct weir_import_pattern *patterns;
    struct weir_import_pattern **last_pattern;
    uint64_t least;
    uint64_t most; // 0: no limit
    struct weir_import_condition *next;
};

struct weir_import_rule {
    struct weir_span name; // as its author called it; may be empty
    struct weir_place place;
    struct weir_import_condition *conditions;
    struct weir_import_condition **last_condition;
    struct weir_import_condition *excepts; // its patterns alone count
    bool deletes;
    bool holds;
    bool flags;
    uint64_t timeout_s; // 0: none
    struct weir_span reason;
    struct weir_span warning;
    struct weir_span reply;
    bool spares_moderators;
    bool is_narrower; // a condition was lost: without it the rule would act on more
    bool is_disabled;
    bool is_dropped;
    struct weir_import_rule *next;
};

/** Start it with weir_import_init(), free it with weir_import_fini(). */
struct weir_import {
    const char *file;
    struct weir_span text;
    struct weir_arena arena;
    struct weir_import_rule *rules;
    struct weir_import_rule **last_rule;
    size_t rule_count;              // that were there to be imported
    struct weir_diagnostics report; // what was not carried over, or not as it was
};

void weir_import_init(struct weir_import *import, const char *file, struct weir_span text);
void weir_import_fini(struct weir_import *import);

struct weir_import_rule *weir_import_add_rule(struct weir_import *import, struct weir_span name,
                                              const struct weir_place *place);
struct weir_import_condition *weir_import_add_condition(struct weir_import *import,
                                                        struct weir_import_rule *rule,
                                                        enum weir_import_kind kind);
/** Texts in which the rule's hits do not count. */
struct weir_import_condition *weir_import_excepts(struct weir_import *import,
                                                  struct weir_import_rule *rule);
/** Adds a copy of `text`; a blank one is left out. */
struct weir_import_pattern *weir_import_add_pattern(struct weir_import *import,
                                                    struct weir_import_condition *condition,
                                                    enum weir_pattern_kind kind,
                                                    struct weir_span text,
                                                    const struct weir_place *place);

/** Says that something is not, or not quite, what it was. */
__attribute__((format(printf, 3, 4))) void weir_import_tell(struct weir_import *import,
                                                            const struct weir_place *place,
                                                            const char *format, ...);

/** What each format has; false where the text is not of that format at all. */
bool weir_import_automoderator(struct weir_import *import);
bool weir_import_discord(struct weir_import *import);
bool weir_import_words(struct weir_import *import);

/**
 * Writes the pack `name`. What the loader refuses (an expression of another dialect, a domain that
 * is none) is left out and told; what remains is a set. Returns how many rules it has.
 */
size_t weir_import_write(struct weir_import *import, struct weir_span name,
                         struct weir_buffer *out);

#endif
