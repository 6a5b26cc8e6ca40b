/** The functions of all kinds of checks, one file per family; check.c has the table of them. */
#ifndef WEIR_RULES_CHECKS_H
#define WEIR_RULES_CHECKS_H

#include "engine/rules/loader.h"

/** `node` is the map that the check stands in: its argument is the value of the check's name. */
const struct weir_yaml *weir_check_argument(const struct weir_yaml *node,
                                            const struct weir_check *check);

/** From a least to a most value, as {min: 3, max: 9} or 3 (at least) reads. */
struct weir_check_range {
    int32_t least;
    int32_t most;
};

bool weir_check_read_range(struct weir_loader *loader, const struct weir_yaml *node, int32_t least,
                           int32_t most, struct weir_check_range *range_out);
static inline bool weir_check_is_in(const struct weir_check_range *range, int64_t value)
{
    return value >= range->least && value <= range->most;
}

/** Adds a span unless all room is taken. */
void weir_check_add_span(struct weir_check_spans *spans, enum weir_view_kind view, size_t start,
                         size_t end);

#define WEIR_DECLARE_CHECK(name)                                                                   \
    bool weir_parse_##name(struct weir_loader *loader, const struct weir_yaml *node,               \
                           struct weir_check *check);                                              \
    bool weir_holds_##name(const struct weir_check *check, const struct weir_check_input *input,   \
                           struct weir_check_spans *spans_out)

/** check_text.c: they only give patterns to the matcher. */
bool weir_parse_word(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check);
bool weir_parse_includes(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check);
bool weir_parse_starts(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check);
bool weir_parse_ends(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check);
bool weir_parse_exact(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_check *check);
bool weir_parse_glob(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check);
bool weir_parse_regex(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_check *check);

/** check_who.c: who wrote it, and where. */
WEIR_DECLARE_CHECK(user);
WEIR_DECLARE_CHECK(room);

/** check_shape.c: what a message looks like, whatever it says. */
WEIR_DECLARE_CHECK(length);
WEIR_DECLARE_CHECK(caps);
WEIR_DECLARE_CHECK(symbols);
WEIR_DECLARE_CHECK(repeat);
WEIR_DECLARE_CHECK(emotes);
WEIR_DECLARE_CHECK(mentions);
/** How many @names stand in a fold view. */
uint32_t weir_count_mentions(const struct weir_view *view);
WEIR_DECLARE_CHECK(language);
/** Whether such a check asks for Chinese and nothing else: no text without Han is that. */
bool weir_language_is_zh(const struct weir_check *check);
WEIR_DECLARE_CHECK(evasion);

/** check_judged.c: what the judge found out before. */
WEIR_DECLARE_CHECK(question);
WEIR_DECLARE_CHECK(score);

/** check_personal.c: numbers that belong to one person. */
WEIR_DECLARE_CHECK(personal);
/** Whether the text has as many digits as the shortest of them. */
bool weir_may_hold_personal(const struct weir_check_input *input);

/** check_contact.c: ways to reach somebody elsewhere. */
WEIR_DECLARE_CHECK(contact);
bool weir_may_hold_contact(const struct weir_check_input *input);

/** check_memory.c: what was before. */
#define WEIR_DECLARE_MEMORY_CHECK(name)                                                            \
    WEIR_DECLARE_CHECK(name);                                                                      \
    int64_t weir_value_##name(const struct weir_check *check, const struct weir_check_input *input)
bool weir_parse_rate(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check);
bool weir_parse_distinct(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check);
bool weir_parse_same_text(struct weir_loader *loader, const struct weir_yaml *node,
                          struct weir_check *check);
bool weir_parse_sequence(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check);
bool weir_parse_campaign(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check);
bool weir_holds_series(const struct weir_check *check, const struct weir_check_input *input,
                       struct weir_check_spans *spans_out);
int64_t weir_value_series(const struct weir_check *check, const struct weir_check_input *input);
WEIR_DECLARE_MEMORY_CHECK(first_message);
WEIR_DECLARE_MEMORY_CHECK(strikes);
WEIR_DECLARE_MEMORY_CHECK(trust);

/** check_link.c: what a client would turn into a link. */
WEIR_DECLARE_CHECK(link);
/** Whether the text has a link at all. */
bool weir_may_hold_link(const struct weir_check_input *input);

#endif
