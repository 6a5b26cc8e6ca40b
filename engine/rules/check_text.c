// Text checks give patterns to the matcher and are true where it found one of them.

#include "engine/base/alloc.h"
#include "engine/rules/checks.h"

#define REGEX_VIEWS (1u << WEIR_VIEW_RAW | 1u << WEIR_VIEW_FOLD | 1u << WEIR_VIEW_TIGHT)

static bool add_patterns(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check, enum weir_pattern_kind kind, bool is_trusted)
{
    WEIR_AUTO(weir_words_fini) struct weir_words words = {0};
    bool is_good = weir_loader_read_words(loader, weir_check_argument(node, check), &words);
    for (size_t i = 0; i < words.count; i++) {
        weir_loader_add_pattern(loader, kind, check->views, check->owner, &words.items[i]);
        loader->patterns[loader->pattern_count - 1].trusted_edges = is_trusted;
    }
    return is_good;
}

bool weir_parse_word(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    const struct weir_yaml *dictionary = weir_yaml_find(node, "dictionary");
    bool asks_dictionary = true;
    bool is_good =
        !dictionary || weir_yaml_to_bool(dictionary, &asks_dictionary, loader->diagnostics);
    return add_patterns(loader, node, check, WEIR_PATTERN_WORD, !asks_dictionary) && is_good;
}

bool weir_parse_includes(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    return add_patterns(loader, node, check, WEIR_PATTERN_INCLUDES, false);
}

bool weir_parse_starts(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_check *check)
{
    return add_patterns(loader, node, check, WEIR_PATTERN_STARTS, false);
}

bool weir_parse_ends(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    return add_patterns(loader, node, check, WEIR_PATTERN_ENDS, false);
}

bool weir_parse_exact(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_check *check)
{
    return add_patterns(loader, node, check, WEIR_PATTERN_EXACT, false);
}

bool weir_parse_glob(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    return add_patterns(loader, node, check, WEIR_PATTERN_GLOB, false);
}

// In skeleton and sound a text is no longer spelt with the letters that an expression would name.
bool weir_parse_regex(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_check *check)
{
    if (check->views & ~REGEX_VIEWS) {
        return weir_diagnostics_error(loader->diagnostics, &weir_yaml_find(node, "view")->place,
                                      "a regex can look in raw, fold and tight only");
    }
    return add_patterns(loader, node, check, WEIR_PATTERN_REGEX, false);
}
