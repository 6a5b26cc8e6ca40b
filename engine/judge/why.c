#include "engine/judge/why.h"

#include "engine/base/buffer.h"
#include "engine/judge/judge_private.h"

const struct weir_hits *weir_judge_hits(const struct weir_judge *judge)
{
    static const struct weir_hits none = {0};
    return judge->evidence.hits && judge->is_read ? judge->evidence.hits : &none;
}

const struct weir_check_input *weir_judge_input(const struct weir_judge *judge)
{
    return &judge->input;
}

static bool holds(struct weir_judge *judge, const struct weir_condition *condition,
                  uint32_t except_owner)
{
    judge->unused.count = 0;
    return weir_evidence_holds(&judge->evidence, condition, except_owner, &judge->unused) ==
           WEIR_TRUE;
}

static bool is_below(const struct weir_condition *condition, const struct weir_check *check)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        return condition->check == check;
    }
    for (size_t i = 0; i < condition->child_count; i++) {
        if (is_below(condition->children[i], check)) {
            return true;
        }
    }
    return false;
}

// Exceptions are those of `when`: in `unless` a hit is one wherever it stands.
bool weir_judge_check_holds(struct weir_judge *judge, const struct weir_check *check)
{
    struct weir_condition leaf = {.kind = WEIR_CONDITION_CHECK, .check = check};
    if (!judge->is_read) {
        return false;
    }
    bool is_excepted = check->rule && is_below(check->rule->when, check);
    return holds(judge, &leaf, is_excepted ? check->rule->except_owner : WEIR_NO_OWNER);
}

static void add_failed_check(struct weir_judge *judge, const struct weir_check *check,
                             uint32_t except_owner, struct weir_buffer *out)
{
    struct weir_condition leaf = {.kind = WEIR_CONDITION_CHECK, .check = check};
    bool is_text = check->kind->is_text || check->kind->has_spans;
    if (except_owner != WEIR_NO_OWNER && holds(judge, &leaf, WEIR_NO_OWNER)) {
        weir_buffer_printf(out, "%s finds something only inside an exception", check->path);
        return;
    }
    weir_buffer_printf(out, "%s %s", check->path, is_text ? "finds nothing" : "does not hold");
    uint32_t fold = 1u << WEIR_VIEW_FOLD;
    for (enum weir_view_kind kind = 0; check->kind->is_text && kind < WEIR_VIEW_COUNT; kind++) {
        if (check->views != fold && check->views >> kind & 1) {
            weir_buffer_printf(out, "%s%s", check->views & ((1u << kind) - 1) ? ", " : " in ",
                               weir_view_name(kind));
        }
    }
}

static void add_failed(struct weir_judge *judge, const struct weir_condition *condition,
                       uint32_t except_owner, struct weir_buffer *out);

static void add_failed_any(struct weir_judge *judge, const struct weir_condition *condition,
                           uint32_t except_owner, struct weir_buffer *out)
{
    size_t start = out->length;
    for (size_t i = 0; i < condition->child_count; i++) {
        if (i == 3 && condition->child_count > 4) {
            weir_buffer_printf(out, ", nor do the other %zu", condition->child_count - i);
            return;
        }
        weir_buffer_add_text(out, out->length > start ? ", and " : "");
        add_failed(judge, condition->children[i], except_owner, out);
    }
}

static const struct weir_check *first_check(const struct weir_condition *condition)
{
    while (condition->kind != WEIR_CONDITION_CHECK) {
        condition = condition->children[0];
    }
    return condition->check;
}

static void add_failed(struct weir_judge *judge, const struct weir_condition *condition,
                       uint32_t except_owner, struct weir_buffer *out)
{
    switch (condition->kind) {
    case WEIR_CONDITION_CHECK:
        add_failed_check(judge, condition->check, except_owner, out);
        return;
    case WEIR_CONDITION_ANY:
        add_failed_any(judge, condition, except_owner, out);
        return;
    case WEIR_CONDITION_NOT:
        weir_buffer_printf(out, "%s holds", first_check(condition)->path);
        return;
    case WEIR_CONDITION_ALL:
        for (size_t i = 0; i < condition->child_count; i++) {
            if (!holds(judge, condition->children[i], except_owner)) {
                add_failed(judge, condition->children[i], except_owner, out);
                return;
            }
        }
        weir_buffer_printf(out, "its hits overlap, or do not lie within %u characters",
                           condition->near_chars);
    }
}

static bool has_fired(const struct rule_list *list, const struct weir_rule *rule)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == rule) {
            return true;
        }
    }
    return false;
}

void weir_judge_why_not(struct weir_judge *judge, const struct weir_rule *rule,
                        struct weir_buffer *out)
{
    if (!judge->is_read || has_fired(&judge->fired, rule) ||
        has_fired(&judge->shadow_fired, rule)) {
        return;
    }
    if (!holds(judge, rule->when, rule->except_owner)) {
        add_failed(judge, rule->when, rule->except_owner, out);
    } else if (rule->unless && holds(judge, rule->unless, WEIR_NO_OWNER)) {
        weir_buffer_add_text(out, "its `unless` holds");
    } else if (rule->mode == WEIR_MODE_DISABLED) {
        weir_buffer_add_text(out, "it is disabled");
    } else {
        weir_buffer_add_text(out, "the policy exempts this user");
    }
}
