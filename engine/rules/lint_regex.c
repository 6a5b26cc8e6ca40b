#include "engine/match/lint.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/match/case_fold.h"
#include "engine/rules/loader.h"

static enum weir_lint id_of(enum weir_pattern_lint_kind kind)
{
    switch (kind) {
    case WEIR_PATTERN_SLOW:
        return WEIR_LINT_SLOW_PATTERN;
    case WEIR_PATTERN_SPELT_OUT:
        return WEIR_LINT_SPELT_OUT_REGEX;
    default:
        return WEIR_LINT_NO_LITERAL;
    }
}

// What is to blame inside the expression, as it stands in the file.
static struct weir_place place_of(const struct weir_pattern *pattern,
                                  const struct weir_pattern_lint *lint)
{
    if (!pattern->place_at) {
        return pattern->place;
    }
    struct weir_place start = pattern->place_at(pattern->place_user, lint->start);
    struct weir_place end = pattern->place_at(pattern->place_user, lint->end);
    if (end.line == start.line && end.column > start.column) {
        start.length = end.column - start.column;
    }
    return start;
}

struct regex_linter {
    struct weir_loader *loader;
    struct weir_gate_owners *gates; // by owner
    struct weir_text *text;         // reads single letters
};

// What is only tried where a keyword of the same `all` stands is dear to nobody.
static bool is_gated(const struct regex_linter *linter, uint32_t owner)
{
    return linter->gates[owner].first < linter->gates[owner].end;
}

static void on_lint(void *user, size_t number, const struct weir_pattern_lint *lint)
{
    const struct regex_linter *linter = user;
    struct weir_loader *loader = linter->loader;
    const struct weir_pattern *pattern = &loader->patterns[number];
    struct weir_place place = place_of(pattern, lint);
    if (lint->kind != WEIR_PATTERN_NO_LITERAL || !is_gated(linter, pattern->owner)) {
        weir_loader_warn(loader, weir_lint_allowed(loader, pattern->owner), id_of(lint->kind),
                         &place, "%s", lint->cause);
    }
}

static void warn_of_folded(const struct regex_linter *linter, const struct weir_pattern *pattern,
                           size_t start, struct weir_span typed, struct weir_span read)
{
    struct weir_place place =
        pattern->place_at ? pattern->place_at(pattern->place_user, start) : pattern->place;
    weir_loader_warn(linter->loader, weir_lint_allowed(linter->loader, pattern->owner),
                     WEIR_LINT_FOLDED_LETTER, &place,
                     "the view reads '%.*s' as '%.*s', so that this is never found",
                     WEIR_SPAN_ARGS(typed), WEIR_SPAN_ARGS(read));
}

// Views from fold on read Traditional letters as Simplified, full width as half, and so on.
// Keywords are read the same way, expressions are not: such a letter in one is waited for in vain.
static void look_for_folded(struct regex_linter *linter, const struct weir_pattern *pattern)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer read = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer small = {0};
    struct weir_span text = pattern->text;
    for (size_t at = 0; at < text.length;) {
        size_t start = at;
        uint32_t letter = weir_utf8_next(text, &at);
        if (letter < 0x80) {
            continue;
        }
        struct weir_span typed = weir_span_slice(text, start, at);
        weir_buffer_clear(&read);
        weir_buffer_clear(&small);
        weir_text_normalise_with(linter->text, WEIR_VIEW_FOLD, typed, &read);
        weir_utf8_add(&small, weir_case_fold(letter)); // case alone makes no difference to it
        if (read.length > 0 &&
            !weir_span_equals(weir_buffer_span(&read), weir_buffer_span(&small))) {
            warn_of_folded(linter, pattern, start, typed, weir_buffer_span(&read));
        }
    }
}

static void look_for_all_folded(struct regex_linter *linter)
{
    linter->text = weir_text_create(16);
    for (size_t i = 0; i < linter->loader->pattern_count; i++) {
        const struct weir_pattern *pattern = &linter->loader->patterns[i];
        if (pattern->kind == WEIR_PATTERN_REGEX && !(pattern->views & 1u << WEIR_VIEW_RAW)) {
            look_for_folded(linter, pattern);
        }
    }
    weir_text_destroy(&linter->text);
}

void weir_lint_regexes(struct weir_loader *loader)
{
    WEIR_AUTO(weir_free_at)
    struct weir_gate_owners *gates = weir_loader_find_gates(loader->set);
    struct regex_linter linter = {loader, gates, NULL};
    look_for_all_folded(&linter);
    weir_patterns_lint(loader->patterns, loader->pattern_count, on_lint, &linter);
}
