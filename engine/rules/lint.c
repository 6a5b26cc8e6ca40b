#include "engine/rules/lint.h"

#include "engine/rules/loader.h"

#include "engine/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const weir_lint_names[WEIR_LINT_COUNT] = {
    "costly-pattern", "covered-word",     "dead-exception",  "duplicate-rule",
    "folded-letter",  "missing-language", "no-literal",      "no-samples",
    "shadowed-rule",  "slow-pattern",     "spelt-out-regex", "unused-list",
};

const char *const weir_lint_summaries[WEIR_LINT_COUNT] = {
    "The expression costs much on ordinary chat.",
    "Another word of the same check finds everything that this one finds.",
    "Nothing that the rule looks for can stand inside this exception.",
    "Another rule looks for exactly the same.",
    "A letter of the expression is never in its view, which reads it as another one.",
    "A text for viewers is there in one language only.",
    "The expression has no literal to look for, so it is tried on many messages.",
    "No line proves what the rule hits, or what it leaves alone.",
    "Wherever this rule fires another one fires too, and does at least as much.",
    "A text that people may type makes the expression meet its limit.",
    "The expression spells out a disguise that a view reads through.",
    "No check of the pack names this list.",
};

void weir_loader_read_lint(struct weir_loader *loader, const struct weir_yaml *map)
{
    static const char *const keys[] = {"allow"};
    const struct weir_yaml *node = weir_yaml_find(map, "lint");
    if (!node || !weir_loader_is_map(loader, node, "'lint'")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'lint'", loader->diagnostics);
    const struct weir_yaml *allow = weir_loader_need(loader, node, "allow", "'lint'");
    uint32_t allowed = 0;
    if (allow &&
        weir_loader_read_names(loader, allow, "lint", weir_lint_names, WEIR_LINT_COUNT, &allowed)) {
        loader->allowed |= allowed;
    }
}

void weir_loader_warn(struct weir_loader *loader, uint32_t allowed, enum weir_lint lint,
                      const struct weir_place *place, const char *format, ...)
{
    if (!loader->diagnostics->lints || allowed >> lint & 1) {
        return;
    }
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    weir_diagnostics_warn(loader->diagnostics->lints, weir_lint_names[lint], place, "%s", text);
}

uint32_t weir_lint_allowed(const struct weir_loader *loader, uint32_t owner)
{
    if (owner < loader->set->check_count) {
        return loader->set->checks[owner]->lint_allowed;
    }
    for (size_t i = 0; i < loader->rule_count; i++) {
        if (loader->rules[i]->except_owner == owner) {
            return loader->rules[i]->lint_allowed;
        }
    }
    return 0;
}

void weir_loader_lint(struct weir_loader *loader)
{
    size_t owner_count = loader->set->owner_count;
    struct weir_lint_cover *covers = weir_new_array(struct weir_lint_cover, owner_count);
    weir_lint_words(loader, covers);
    weir_lint_exceptions(loader);
    weir_lint_regexes(loader);
    weir_lint_rules(loader, covers);
    for (size_t i = 0; i < owner_count; i++) {
        free(covers[i].rules);
    }
    free(covers);
}
