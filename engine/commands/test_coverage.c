// A branch is reached when its check held once, for whatever message; a rule when it fired. That is
// what an author must have seen before a rule bites.

#include "engine/commands/test_coverage.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"

#include <stdlib.h>

void weir_coverage_init(struct weir_coverage *coverage, const struct weir_set *set)
{
    *coverage = (struct weir_coverage){
        .set = set,
        .rules = weir_new_array(bool, set->rule_count),
        .owners = weir_new_array(bool, set->owner_count),
        .topics = weir_new_array(bool, set->topic_count),
        .waiting = weir_new_array(uint32_t, set->check_count),
    };
    for (uint32_t i = 0; i < set->check_count; i++) {
        if (!set->checks[i]->kind->is_text && set->checks[i]->rule) {
            coverage->waiting[coverage->waiting_count++] = i;
        }
    }
}

void weir_coverage_fini(struct weir_coverage *coverage)
{
    free(coverage->rules);
    free(coverage->owners);
    free(coverage->topics);
    free(coverage->waiting);
    *coverage = (struct weir_coverage){0};
}

static bool concerns(const struct weir_coverage *coverage, uint32_t owner,
                     const struct weir_rule *rule)
{
    return !rule || owner == rule->except_owner ||
           (owner < coverage->set->check_count && coverage->set->checks[owner]->rule == rule);
}

static void note_hits(struct weir_coverage *coverage, struct weir_judge *judge,
                      const struct weir_rule *rule)
{
    const struct weir_hits *hits = weir_judge_hits(judge);
    for (size_t i = 0; i < hits->count; i++) {
        uint32_t owner = hits->hits[i].owner;
        if (!coverage->owners[owner] && concerns(coverage, owner, rule)) {
            coverage->owners[owner] = owner >= coverage->set->check_count ||
                                      weir_judge_check_holds(judge, coverage->set->checks[owner]);
        }
    }
}

static void note_others(struct weir_coverage *coverage, struct weir_judge *judge,
                        const struct weir_rule *rule)
{
    for (size_t i = 0; i < coverage->waiting_count;) {
        uint32_t owner = coverage->waiting[i];
        if (concerns(coverage, owner, rule) &&
            weir_judge_check_holds(judge, coverage->set->checks[owner])) {
            coverage->owners[owner] = true;
            coverage->waiting[i] = coverage->waiting[--coverage->waiting_count];
        } else {
            i++;
        }
    }
}

void weir_coverage_note(struct weir_coverage *coverage, struct weir_judge *judge,
                        const struct weir_verdict *verdict, const struct weir_rule *rule)
{
    for (size_t i = 0; i < verdict->fired_count; i++) {
        coverage->rules[verdict->fired[i]->index] = true;
    }
    for (size_t i = 0; i < verdict->shadow_fired_count; i++) {
        coverage->rules[verdict->shadow_fired[i]->index] = true;
    }
    if (verdict->topic) {
        coverage->topics[verdict->topic - coverage->set->topics] = true;
    }
    note_hits(coverage, judge, rule);
    note_others(coverage, judge, rule);
}

/** What is told of one thing that was not reached. */
typedef void (*on_gap_fn)(const struct weir_place *place, struct weir_span rule, const char *branch,
                          struct weir_buffer *out);

struct counts {
    size_t rules;
    size_t rules_reached;
    size_t branches;
    size_t branches_reached;
};

static void count_branch(struct counts *counts, bool is_reached)
{
    counts->branches++;
    counts->branches_reached += is_reached;
}

static void walk_rule(const struct weir_coverage *coverage, const struct weir_rule *rule,
                      struct counts *counts, on_gap_fn on_gap, struct weir_buffer *out)
{
    bool is_reached = coverage->rules[rule->index];
    counts->rules++;
    counts->rules_reached += is_reached;
    if (!is_reached) {
        on_gap(&rule->place, rule->id, "", out);
    }
    for (uint32_t i = 0; i < rule->check_count; i++) {
        const struct weir_check *check = coverage->set->checks[rule->first_check + i];
        count_branch(counts, coverage->owners[check->owner]);
        if (!coverage->owners[check->owner]) {
            on_gap(&check->place, rule->id, check->path, out);
        }
    }
    if (rule->except_owner != UINT32_MAX) {
        count_branch(counts, coverage->owners[rule->except_owner]);
        if (!coverage->owners[rule->except_owner]) {
            on_gap(&rule->place, rule->id, "except", out);
        }
    }
}

static struct counts walk(const struct weir_coverage *coverage, on_gap_fn on_gap,
                          struct weir_buffer *out)
{
    struct counts counts = {0};
    for (size_t i = 0; i < coverage->set->rule_count; i++) {
        const struct weir_rule *rule = coverage->set->rules[i];
        if (rule->mode != WEIR_MODE_DISABLED) {
            walk_rule(coverage, rule, &counts, on_gap, out);
        }
    }
    return counts;
}

static void add_line(const struct weir_place *place, struct weir_span rule, const char *branch,
                     struct weir_buffer *out)
{
    weir_buffer_printf(out, "%s:%u:%u: rule '%.*s'", place->file, place->line, place->column,
                       WEIR_SPAN_ARGS(rule));
    if (branch[0] == '\0') {
        weir_buffer_add_text(out, " never fires\n");
    } else {
        weir_buffer_printf(out, ": %s is never reached\n", branch);
    }
}

void weir_coverage_write(const struct weir_coverage *coverage, struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer gaps = {0};
    struct counts counts = walk(coverage, add_line, &gaps);
    size_t topics = 0;
    for (size_t i = 0; i < coverage->set->topic_count; i++) {
        topics += coverage->topics[i];
        if (!coverage->topics[i]) {
            weir_buffer_printf(&gaps, "topic '%.*s' is never asked\n",
                               WEIR_SPAN_ARGS(coverage->set->topics[i].id));
        }
    }
    weir_buffer_add(out, weir_buffer_span(&gaps));
    weir_buffer_printf(out, "reached %zu of %zu rules, %zu of %zu branches, %zu of %zu topics\n",
                       counts.rules_reached, counts.rules, counts.branches_reached, counts.branches,
                       topics, coverage->set->topic_count);
}

static void add_json(const struct weir_place *place, struct weir_span rule, const char *branch,
                     struct weir_buffer *out)
{
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "file", weir_span_of(place->file));
    weir_json_add_u64_field(out, "line", place->line);
    weir_json_add_text_field(out, "rule", rule);
    weir_json_add_text_field(out, "check", weir_span_of(branch));
    weir_buffer_add_byte(out, '}');
}

void weir_coverage_write_json(const struct weir_coverage *coverage, struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer gaps = {0};
    weir_buffer_add_byte(&gaps, '[');
    struct counts counts = walk(coverage, add_json, &gaps);
    weir_buffer_add_byte(&gaps, ']');
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "rules", counts.rules);
    weir_json_add_u64_field(out, "rules_reached", counts.rules_reached);
    weir_json_add_u64_field(out, "branches", counts.branches);
    weir_json_add_u64_field(out, "branches_reached", counts.branches_reached);
    weir_json_add_name(out, "not_reached");
    weir_buffer_add(out, weir_buffer_span(&gaps));
    weir_json_add_name(out, "topics_not_asked");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < coverage->set->topic_count; i++) {
        if (!coverage->topics[i]) {
            weir_json_add_comma(out);
            weir_json_add_string(out, coverage->set->topics[i].id);
        }
    }
    weir_buffer_add_text(out, "]}");
}
