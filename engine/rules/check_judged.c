#include "engine/rules/checks.h"

struct question_arguments {
    bool wanted;
};

bool weir_parse_question(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    struct question_arguments *arguments = weir_arena_new(loader->arena, struct question_arguments);
    check->arguments = arguments;
    return weir_yaml_to_bool(weir_check_argument(node, check), &arguments->wanted,
                             loader->diagnostics);
}

bool weir_holds_question(const struct weir_check *check, const struct weir_check_input *input,
                         struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct question_arguments *arguments = check->arguments;
    return input->is_question == arguments->wanted;
}

// A rule that reads the sum can't be part of it: it runs last, and only rules may read it.
bool weir_parse_score(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_check *check)
{
    struct weir_check_range *range = weir_arena_new(loader->arena, struct weir_check_range);
    check->arguments = range;
    if (!loader->rule) {
        return weir_diagnostics_error(loader->diagnostics, &check->place,
                                      "'score' can be checked by rules only");
    }
    loader->rule->reads_score = true;
    return weir_check_read_range(loader, weir_check_argument(node, check), -100000, 100000, range);
}

bool weir_holds_score(const struct weir_check *check, const struct weir_check_input *input,
                      struct weir_check_spans *spans_out)
{
    (void)spans_out;
    return weir_check_is_in(check->arguments, input->score);
}
