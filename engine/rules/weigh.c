// What each expression costs on ordinary chat, measured whenever a set is loaded: counted in steps
// of PCRE2 on a sample that is built in, so that the same set gets the same answer everywhere. What
// costs much is a warning with its figure, what costs too much refuses the set.

#include "engine/base/alloc.h"
#include "engine/match/lint.h"
#include "engine/rules/loader.h"

// Of an ordinary message, on average. A step is about a nanosecond, so that the first is as much as
// everything else that is done for a message, and the second a hundred such expressions a
// millisecond.
#define MUCH_STEPS     500u
#define TOO_MUCH_STEPS 10000u

static bool has_regex(const struct weir_loader *loader)
{
    for (size_t i = 0; i < loader->pattern_count; i++) {
        if (loader->patterns[i].kind == WEIR_PATTERN_REGEX) {
            return true;
        }
    }
    return false;
}

static void tell(struct weir_loader *loader, const struct weir_pattern *pattern, uint64_t steps,
                 size_t messages)
{
    struct weir_diagnostics *told =
        loader->diagnostics->costs ? loader->diagnostics->costs : loader->diagnostics->lints;
    if (steps >= TOO_MUCH_STEPS) {
        weir_diagnostics_error(loader->diagnostics, &pattern->place,
                               "takes %llu steps of PCRE2 for an ordinary message, on average of a "
                               "sample of %zu; %u are too many",
                               (unsigned long long)steps, messages, TOO_MUCH_STEPS);
    } else if (told) {
        weir_diagnostics_warn(told, weir_lint_names[WEIR_LINT_COSTLY_PATTERN], &pattern->place,
                              "takes %llu steps of PCRE2 for an ordinary message, on average of a "
                              "sample of %zu; %u are much",
                              (unsigned long long)steps, messages, MUCH_STEPS);
    }
}

void weir_loader_weigh(struct weir_loader *loader)
{
    if (!has_regex(loader)) {
        return;
    }
    WEIR_AUTO(weir_free_at)
    struct weir_gate_owners *gates = weir_loader_find_gates(loader->set);
    WEIR_AUTO(weir_free_at)
    struct weir_pattern_cost *costs =
        weir_new_array(struct weir_pattern_cost, loader->pattern_count);
    size_t messages = weir_matcher_measure(loader->set->matcher, costs);
    for (size_t i = 0; i < loader->pattern_count; i++) {
        const struct weir_pattern *pattern = &loader->patterns[i];
        uint64_t steps = costs[i].steps / messages;
        // What is only tried where a keyword of the same `all` stands is dear to nobody.
        bool is_gated = gates[pattern->owner].first < gates[pattern->owner].end;
        uint32_t allowed = weir_lint_allowed(loader, pattern->owner);
        if (steps >= MUCH_STEPS && !is_gated && !(allowed >> WEIR_LINT_COSTLY_PATTERN & 1)) {
            tell(loader, pattern, steps, messages);
        }
    }
}
