// Exceptions that never apply: nothing that the rule looks for can stand inside them. Only what is
// sure is said; an expression that looks around itself, or a check that reads what stands beside a
// number, may find in a whole message what it does not find in the exception alone.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

struct except_linter {
    struct weir_loader *loader;
    struct weir_text *text;
    struct weir_match_scratch *scratch;
};

static bool looks_around(struct weir_span expression)
{
    static const char *const signs[] = {"(?=", "(?!", "(?<", "(*",  "^",   "$",
                                        "\\b", "\\B", "\\A", "\\Z", "\\z", "\\K"};
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (memmem(expression.data, expression.length, signs[i], strlen(signs[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_ascii(struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

// Where the dictionary turned a word down inside the exception, another message may let it through.
static bool may_stand_in(const struct weir_pattern *pattern, struct weir_span except)
{
    switch (pattern->kind) {
    case WEIR_PATTERN_REGEX:
        return looks_around(pattern->text);
    case WEIR_PATTERN_WORD:
        return !is_ascii(pattern->text) &&
               memmem(except.data, except.length, pattern->text.data, pattern->text.length) != NULL;
    default:
        return false;
    }
}

static const struct weir_rule *rule_of(const struct weir_set *set, uint32_t owner)
{
    return owner < set->check_count ? set->checks[owner]->rule : NULL;
}

static bool is_found_in(struct except_linter *linter, const struct weir_rule *rule,
                        struct weir_span except)
{
    const struct weir_set *set = linter->loader->set;
    weir_text_set(linter->text, except, NULL, 0, false);
    const struct weir_hits *hits = weir_matcher_scan(set->matcher, linter->scratch, linter->text);
    for (size_t i = 0; i < hits->count; i++) {
        if (rule_of(set, hits->hits[i].owner) == rule) {
            return true;
        }
    }
    for (size_t i = 0; i < hits->limit_count; i++) {
        if (rule_of(set, hits->limits[i].owner) == rule) {
            return true;
        }
    }
    return hits->more;
}

// The patterns of a rule stand together, those of its exceptions last.
static bool may_apply(struct except_linter *linter, const struct weir_rule *rule, size_t number)
{
    const struct weir_loader *loader = linter->loader;
    struct weir_span except = loader->patterns[number].text;
    for (uint32_t i = 0; i < rule->check_count; i++) {
        if (loader->set->checks[rule->first_check + i]->kind->has_spans) {
            return true;
        }
    }
    if (is_found_in(linter, rule, except)) {
        return true;
    }
    for (size_t i = number; i-- > 0;) {
        const struct weir_pattern *pattern = &loader->patterns[i];
        if (pattern->owner != rule->except_owner && rule_of(loader->set, pattern->owner) != rule) {
            return false;
        }
        if (pattern->owner != rule->except_owner && may_stand_in(pattern, except)) {
            return true;
        }
    }
    return false;
}

void weir_lint_exceptions(struct weir_loader *loader)
{
    const struct weir_set *set = loader->set;
    struct except_linter linter = {
        .loader = loader, .text = weir_text_create(2000), .scratch = weir_match_scratch_create()};
    WEIR_AUTO(weir_free_at)
    const struct weir_rule **rules = weir_new_array(const struct weir_rule *, set->owner_count);
    for (size_t i = 0; i < loader->rule_count; i++) {
        if (loader->rules[i]->except_owner != UINT32_MAX) {
            rules[loader->rules[i]->except_owner] = loader->rules[i];
        }
    }
    for (size_t i = 0; i < loader->pattern_count; i++) {
        const struct weir_pattern *pattern = &loader->patterns[i];
        const struct weir_rule *rule = rules[pattern->owner];
        if (rule && !may_apply(&linter, rule, i)) {
            weir_loader_warn(loader, rule->lint_allowed, WEIR_LINT_DEAD_EXCEPTION, &pattern->place,
                             "never applies: nothing that this rule finds can stand inside it");
        }
    }
    weir_match_scratch_destroy(&linter.scratch);
    weir_text_destroy(&linter.text);
}
