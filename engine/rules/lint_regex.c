#include "engine/match/lint.h"

#include "engine/base/alloc.h"
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

void weir_lint_regexes(struct weir_loader *loader)
{
    WEIR_AUTO(weir_free_at)
    struct weir_gate_owners *gates = weir_loader_find_gates(loader->set);
    struct regex_linter linter = {loader, gates};
    weir_patterns_lint(loader->patterns, loader->pattern_count, on_lint, &linter);
}
