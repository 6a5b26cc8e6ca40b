#include "engine/base/json.h"
#include "engine/base/terminal.h"
#include "engine/commands/diff_tally.h"
#include "engine/commands/terminal_size.h"

#include <inttypes.h>

#define TEXT_COLUMNS 160

// In the order in which they are shown: what bites somebody comes first.
static const struct {
    enum weir_change change;
    const char *name; // in JSON
    const char *title;
} changes[] = {
    {WEIR_CHANGE_CAUGHT, "newly_caught", "newly caught"},
    {WEIR_CHANGE_SPARED, "newly_spared", "newly spared"},
    {WEIR_CHANGE_ACTION, "changed_action", "changed action"},
    {WEIR_CHANGE_QUESTION, "changed_question", "changed question"},
    {WEIR_CHANGE_WAY, "other_way", "same outcome by other rules or another score"},
};

static struct weir_span name_of(const struct weir_diff_rule *rule)
{
    return *rule->id ? weir_span_of(rule->id) : WEIR_SPAN("(no rule: score, policy or question)");
}

// --- for people ---

static void add_rules(const struct weir_diff_tally *tally, struct weir_buffer *out)
{
    bool has_title = false;
    for (size_t i = 0; i < tally->rule_count; i++) {
        const struct weir_diff_rule *rule = &tally->rules[i];
        if (rule->gained + rule->lost == 0) {
            continue;
        }
        if (!has_title) {
            weir_buffer_printf(out, "\n%8s %8s %8s %8s  %s\n", tally->names[WEIR_SIDE_OLD],
                               tally->names[WEIR_SIDE_NEW], "gained", "lost", "rule");
            has_title = true;
        }
        weir_buffer_printf(out, "%8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  ",
                           rule->hits[WEIR_SIDE_OLD], rule->hits[WEIR_SIDE_NEW], rule->gained,
                           rule->lost);
        weir_terminal_add(out, name_of(rule));
        weir_buffer_add_byte(out, '\n');
    }
}

static void add_sample(const struct weir_diff_sample *sample, size_t columns,
                       struct weir_buffer *out)
{
    weir_buffer_add_text(out, "    ");
    weir_terminal_add(out, weir_span_of(sample->file));
    weir_buffer_printf(out, ":%" PRIu64 "  %s -> %s\n      ", sample->line,
                       sample->sides[WEIR_SIDE_OLD], sample->sides[WEIR_SIDE_NEW]);
    weir_terminal_add_cut(out, weir_span_of(sample->text),
                          columns > 40 ? columns - 10 : TEXT_COLUMNS);
    weir_buffer_add_byte(out, '\n');
}

static void add_change(const struct weir_diff_tally *tally, size_t kind, size_t columns,
                       struct weir_buffer *out)
{
    enum weir_change change = changes[kind].change;
    if (tally->changes[change] == 0) {
        return;
    }
    weir_buffer_printf(out, "\n%s: %" PRIu64 "\n", changes[kind].title, tally->changes[change]);
    for (size_t i = 0; i < tally->rule_count; i++) {
        const struct weir_diff_rule *rule = &tally->rules[i];
        if (rule->changes[change] == 0) {
            continue;
        }
        weir_buffer_printf(out, "  %" PRIu64 "  ", rule->changes[change]);
        weir_terminal_add(out, name_of(rule));
        weir_buffer_add_byte(out, '\n');
        for (size_t j = 0; j < rule->samples[change].count; j++) {
            add_sample(&rule->samples[change].items[j], columns, out);
        }
    }
}

void weir_diff_write_text(const struct weir_diff_tally *tally, size_t columns,
                          struct weir_buffer *out)
{
    weir_buffer_printf(out, "%" PRIu64 " messages, %" PRIu64 " changed", tally->messages,
                       weir_diff_changed(tally));
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        weir_buffer_printf(out, "%s %" PRIu64 " %s", i == 0 ? ":" : ",",
                           tally->changes[changes[i].change], changes[i].title);
    }
    weir_buffer_add_byte(out, '\n');
    add_rules(tally, out);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        add_change(tally, i, columns, out);
    }
}

// --- for machines ---

static void add_counts(const uint64_t counts[WEIR_CHANGES], struct weir_buffer *out)
{
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        weir_json_add_u64_field(out, changes[i].name, counts[changes[i].change]);
    }
}

static void add_rule_objects(const struct weir_diff_tally *tally, struct weir_buffer *out)
{
    weir_json_open_list(out, "rules");
    for (size_t i = 0; i < tally->rule_count; i++) {
        const struct weir_diff_rule *rule = &tally->rules[i];
        weir_json_open_item(out);
        weir_json_add_text_field(out, "rule", weir_span_of(rule->id));
        weir_json_add_u64_field(out, tally->names[WEIR_SIDE_OLD], rule->hits[WEIR_SIDE_OLD]);
        weir_json_add_u64_field(out, tally->names[WEIR_SIDE_NEW], rule->hits[WEIR_SIDE_NEW]);
        weir_json_add_u64_field(out, "gained", rule->gained);
        weir_json_add_u64_field(out, "lost", rule->lost);
        add_counts(rule->changes, out);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static void add_sample_objects(const struct weir_diff_tally *tally,
                               const struct weir_diff_rule *rule, size_t kind,
                               struct weir_buffer *out)
{
    const struct weir_diff_samples *samples = &rule->samples[changes[kind].change];
    for (size_t i = 0; i < samples->count; i++) {
        const struct weir_diff_sample *sample = &samples->items[i];
        weir_json_open_item(out);
        weir_json_add_text_field(out, "change", weir_span_of(changes[kind].name));
        weir_json_add_text_field(out, "rule", weir_span_of(rule->id));
        weir_json_add_text_field(out, "file", weir_span_of(sample->file));
        weir_json_add_u64_field(out, "line", sample->line);
        weir_json_add_text_field(out, "id", weir_span_of(sample->id));
        weir_json_add_text_field(out, "text", weir_span_of(sample->text));
        weir_json_add_text_field(out, tally->names[WEIR_SIDE_OLD],
                                 weir_span_of(sample->sides[WEIR_SIDE_OLD]));
        weir_json_add_text_field(out, tally->names[WEIR_SIDE_NEW],
                                 weir_span_of(sample->sides[WEIR_SIDE_NEW]));
        weir_buffer_add_byte(out, '}');
    }
}

void weir_diff_write_members(const struct weir_diff_tally *tally, struct weir_buffer *out)
{
    weir_json_add_u64_field(out, "messages", tally->messages);
    weir_json_add_u64_field(out, "changed", weir_diff_changed(tally));
    add_counts(tally->changes, out);
    add_rule_objects(tally, out);
    weir_json_open_list(out, "samples");
    for (size_t kind = 0; kind < sizeof(changes) / sizeof(changes[0]); kind++) {
        for (size_t i = 0; i < tally->rule_count; i++) {
            add_sample_objects(tally, &tally->rules[i], kind, out);
        }
    }
    weir_buffer_add_byte(out, ']');
}
