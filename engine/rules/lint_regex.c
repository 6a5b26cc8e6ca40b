#include "engine/match/lint.h"

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

static void on_lint(void *user, size_t number, const struct weir_pattern_lint *lint)
{
    struct weir_loader *loader = user;
    const struct weir_pattern *pattern = &loader->patterns[number];
    struct weir_place place = place_of(pattern, lint);
    weir_loader_warn(loader, weir_lint_allowed(loader, pattern->owner), id_of(lint->kind), &place,
                     "%s", lint->cause);
}

void weir_lint_regexes(struct weir_loader *loader)
{
    weir_patterns_lint(loader->patterns, loader->pattern_count, on_lint, loader);
}
