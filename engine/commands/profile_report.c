#include "engine/commands/profile_report.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/terminal.h"
#include "engine/commands/eval_labels.h"
#include "engine/sys/lines.h"

#include <inttypes.h>
#include <stdlib.h>

// A rule and what all of it cost: deciding on it, and finding what its text checks and its excepted
// texts look for.
struct row {
    const struct weir_rule *rule;
    struct weir_cost cost;
};

static void keep_worst(struct weir_cost *sum, const struct weir_cost *part)
{
    if (part->worst_ns > sum->worst_ns) {
        sum->worst_ns = part->worst_ns;
        sum->worst_message = part->worst_message;
    }
}

static void add_part(struct weir_cost *sum, const struct weir_cost *part, bool is_counted)
{
    sum->ns += is_counted ? part->ns : 0;
    sum->confirmed += part->confirmed;
    sum->limits += part->limits;
    keep_worst(sum, part);
}

static struct row row_of(const struct weir_profile_report *report, const struct weir_rule *rule)
{
    const struct weir_cost *owners = report->profile->match.owners;
    struct row row = {.rule = rule, .cost = report->profile->rules[rule->index]};
    for (uint32_t i = 0; i < rule->check_count; i++) {
        uint32_t owner = rule->first_check + i;
        add_part(&row.cost, &owners[owner], report->set->checks[owner]->kind->is_text);
    }
    if (rule->except_owner < report->set->owner_count) {
        add_part(&row.cost, &owners[rule->except_owner], true);
    }
    return row;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *left = a;
    const struct row *right = b;
    if (left->cost.ns != right->cost.ns) {
        return left->cost.ns > right->cost.ns ? -1 : 1;
    }
    return left->rule->index < right->rule->index ? -1 : 1;
}

// Those that cost anything, dearest first. The caller frees it.
static struct row *rank_rules(const struct weir_profile_report *report, size_t *count_out)
{
    struct row *rows = weir_new_array(struct row, report->set->rule_count + 1);
    *count_out = 0;
    for (size_t i = 0; i < report->set->rule_count; i++) {
        struct row row = row_of(report, report->set->rules[i]);
        if (row.cost.ns + row.cost.looked_at + row.cost.confirmed > 0) {
            rows[(*count_out)++] = row;
        }
    }
    qsort(rows, *count_out, sizeof(*rows), compare_rows);
    return rows;
}

static double share_of(const struct weir_profile_report *report, uint64_t ns)
{
    return report->total_ns > 0 ? 100.0 * (double)ns / (double)report->total_ns : 0;
}

static uint64_t sum_of(const struct row *rows, size_t count)
{
    uint64_t ns = 0;
    for (size_t i = 0; i < count; i++) {
        ns += rows[i].cost.ns;
    }
    return ns;
}

static const char *file_of(const struct weir_profile_report *report, uint64_t message)
{
    uint64_t file = message >> WEIR_PROFILE_LINE_BITS;
    return file > 0 && file <= report->files->count ? report->files->items[file - 1] : NULL;
}

static uint64_t line_of(uint64_t message)
{
    return message & ((UINT64_C(1) << WEIR_PROFILE_LINE_BITS) - 1);
}

// Reads the message's text again: nothing of it was kept while the clock ran.
static void add_text_of(const struct weir_profile_report *report, uint64_t message,
                        struct weir_buffer *out)
{
    const char *path = file_of(report, message);
    struct weir_error err = {0};
    struct weir_span line = {NULL, 0};
    const char *cause = NULL;
    WEIR_AUTO(weir_lines_close)
    struct weir_lines *lines = path && strcmp(path, "-") != 0 ? weir_lines_open(path, &err) : NULL;
    WEIR_AUTO(weir_fields_fini) struct weir_fields fields = {0};
    size_t text = weir_fields_want(&fields, WEIR_SPAN("text"));
    while (lines && weir_lines_next(lines, &line) != WEIR_LINE_END) {
        if (weir_lines_number(lines) == line_of(message)) {
            struct weir_span value;
            if (weir_fields_read(&fields, line, &cause) &&
                weir_fields_value(&fields, text, &value)) {
                weir_buffer_add(out, value);
            }
            return;
        }
    }
}

// --- for people ---

static void add_numbers(const struct weir_profile_report *report, const struct weir_cost *cost,
                        bool has_regex, struct weir_buffer *out)
{
    double average = cost->looked_at > 0 ? (double)cost->ns / (double)cost->looked_at : 0;
    weir_buffer_printf(out, "%6.2f %% %10" PRIu64 " ", share_of(report, cost->ns), cost->looked_at);
    if (has_regex) {
        weir_buffer_printf(out, "%10" PRIu64, cost->confirmed);
    } else {
        weir_buffer_printf(out, "%10s", "-");
    }
    weir_buffer_printf(out, " %9" PRIu64 " %7" PRIu64 " %9.0f %9.1f  ", cost->matched, cost->limits,
                       average, (double)cost->worst_ns / 1000);
}

static void add_checks(const struct weir_profile_report *report, const struct weir_rule *rule,
                       struct weir_buffer *out)
{
    for (uint32_t i = 0; i < rule->check_count; i++) {
        const struct weir_check *check = report->set->checks[rule->first_check + i];
        const struct weir_cost *cost = &report->profile->match.owners[check->owner];
        if (cost->looked_at > 0) {
            add_numbers(report, cost, cost->confirmed > 0, out);
            weir_buffer_printf(out, "  %s\n", check->path);
        }
    }
    const struct weir_cost *except = rule->except_owner < report->set->owner_count
                                         ? &report->profile->match.owners[rule->except_owner]
                                         : NULL;
    if (except && except->looked_at > 0) {
        add_numbers(report, except, false, out);
        weir_buffer_add_text(out, "  except\n");
    }
}

static void add_worst(const struct weir_profile_report *report, const struct weir_cost *cost,
                      size_t columns, struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    const char *path = file_of(report, cost->worst_message);
    if (!path) {
        return;
    }
    weir_buffer_add_text(out, "            worst: ");
    weir_terminal_add(out, weir_span_of(path));
    weir_buffer_printf(out, ":%" PRIu64 "  ", line_of(cost->worst_message));
    add_text_of(report, cost->worst_message, &text);
    weir_terminal_add_cut(out, weir_buffer_span(&text), columns > 100 ? columns - 60 : 60);
    weir_buffer_add_byte(out, '\n');
}

static void add_suspended(const struct weir_profile_report *report, const struct weir_rule *rule,
                          struct weir_buffer *out)
{
    uint64_t times = report->suspended[rule->index];
    if (times > 0) {
        weir_buffer_printf(out,
                           "            suspended %" PRIu64 " %s: it met its limits too often\n",
                           times, times == 1 ? "time" : "times");
    }
}

void weir_profile_write_text(const struct weir_profile_report *report, size_t columns,
                             struct weir_buffer *out)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at) struct row *rows = rank_rules(report, &count);
    double average = report->messages > 0 ? (double)report->total_ns / (double)report->messages : 0;
    weir_buffer_printf(
        out,
        "%" PRIu64 " messages, %.0f ns each under the clock; %.1f %% for the rules "
        "below, the rest is shared\n(views, one pass for all literals, verdicts)\n\n",
        report->messages, average, share_of(report, sum_of(rows, count)));
    weir_buffer_printf(out, "%8s %10s %10s %9s %7s %9s %9s  %s\n", "time", "evaluated", "confirmed",
                       "matched", "limits", "ns each", "worst us", "rule, its checks");
    for (size_t i = 0; i < count && i < report->top; i++) {
        add_numbers(report, &rows[i].cost, rows[i].cost.confirmed > 0, out);
        weir_buffer_add(out, rows[i].rule->id);
        weir_buffer_add_text(out, rows[i].rule->mode == WEIR_MODE_SHADOW ? " (shadow)\n" : "\n");
        add_suspended(report, rows[i].rule, out);
        add_checks(report, rows[i].rule, out);
        add_worst(report, &rows[i].cost, columns, out);
    }
    if (count > report->top) {
        weir_buffer_printf(out, "and %zu rules more; --top N shows them, --json has them all\n",
                           count - report->top);
    }
}

// --- for machines ---

static void add_cost(const struct weir_profile_report *report, const struct weir_cost *cost,
                     struct weir_buffer *out)
{
    const char *path = file_of(report, cost->worst_message);
    weir_json_add_u64_field(out, "evaluated", cost->looked_at);
    weir_json_add_u64_field(out, "confirmed", cost->confirmed);
    weir_json_add_u64_field(out, "matched", cost->matched);
    weir_json_add_u64_field(out, "limits", cost->limits);
    weir_json_add_u64_field(out, "ns", cost->ns);
    weir_json_add_name(out, "share");
    weir_buffer_printf(out, "%.6f", share_of(report, cost->ns) / 100);
    weir_json_add_u64_field(out, "worst_ns", cost->worst_ns);
    if (path) {
        weir_json_add_text_field(out, "worst_file", weir_span_of(path));
        weir_json_add_u64_field(out, "worst_line", line_of(cost->worst_message));
    }
}

static void add_check_objects(const struct weir_profile_report *report,
                              const struct weir_rule *rule, struct weir_buffer *out)
{
    weir_json_add_name(out, "checks");
    weir_buffer_add_byte(out, '[');
    for (uint32_t i = 0; i < rule->check_count; i++) {
        const struct weir_check *check = report->set->checks[rule->first_check + i];
        weir_json_add_comma(out);
        weir_buffer_add_byte(out, '{');
        weir_json_add_text_field(out, "check", weir_span_of(check->path));
        add_cost(report, &report->profile->match.owners[check->owner], out);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

void weir_profile_write_json(const struct weir_profile_report *report, struct weir_buffer *out)
{
    size_t count = 0;
    WEIR_AUTO(weir_free_at) struct row *rows = rank_rules(report, &count);
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "messages", report->messages);
    weir_json_add_u64_field(out, "bad_lines", report->bad_lines);
    weir_json_add_u64_field(out, "ns", report->total_ns);
    weir_json_add_name(out, "rules");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        weir_json_add_comma(out);
        weir_buffer_add_byte(out, '{');
        weir_json_add_text_field(out, "rule", rows[i].rule->id);
        weir_json_add_text_field(out, "pack", rows[i].rule->pack);
        add_cost(report, &rows[i].cost, out);
        weir_json_add_u64_field(out, "suspended", report->suspended[rows[i].rule->index]);
        add_check_objects(report, rows[i].rule, out);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
    weir_json_add_text_field(out, "set", weir_span_of(report->set->hash));
    weir_buffer_add_text(out, "}\n");
}
