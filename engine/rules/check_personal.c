// Numbers that belong to one person. Patterns alone would take every order number for one; their
// check digits tell.

#include "engine/rules/checks.h"
#include "engine/rules/numbers.h"

struct personal_arguments {
    uint32_t kinds; // bits of kinds[]
};

static const char *const names[] = {"phone", "id-card", "bank-card"};

static const weir_number_fn tests[] = {weir_number_is_phone, weir_number_is_id_card,
                                       weir_number_is_bank_card};

bool weir_parse_personal(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_check *check)
{
    struct personal_arguments *arguments = weir_arena_new(loader->arena, struct personal_arguments);
    check->arguments = arguments;
    return weir_loader_read_names(loader, weir_check_argument(node, check), "personal number",
                                  names, ARRAY_LEN(names), &arguments->kinds);
}

static void add_number(void *user, const struct weir_number *number)
{
    weir_check_add_span(user, WEIR_VIEW_FOLD, number->start, number->end);
}

bool weir_may_hold_personal(const struct weir_check_input *input)
{
    struct weir_check_memo *memo = input->memo;
    if (memo && memo->was_searched_for_numbers) {
        return !memo->has_no_number;
    }
    bool may_have_one = weir_numbers_may_be_in(weir_text_view(input->text, WEIR_VIEW_FOLD));
    if (memo) {
        memo->was_searched_for_numbers = true;
        memo->has_no_number = !may_have_one;
    }
    return may_have_one;
}

bool weir_holds_personal(const struct weir_check *check, const struct weir_check_input *input,
                         struct weir_check_spans *spans_out)
{
    const struct personal_arguments *arguments = check->arguments;
    const struct weir_view *view = weir_text_view(input->text, WEIR_VIEW_FOLD);
    if (!weir_may_hold_personal(input)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        if (arguments->kinds & 1u << i) {
            weir_numbers_find(view, tests[i], add_number, spans_out);
        }
    }
    return spans_out->count > 0;
}
