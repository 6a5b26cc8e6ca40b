#include "engine/commands/check_report.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/junit.h"
#include "engine/commands/version.h"
#include "engine/rules/lint.h"

#include <ctype.h>

static size_t count_warnings(const struct weir_diagnostics *diagnostics)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnostics->count; i++) {
        count += diagnostics->items[i].severity == WEIR_SEVERITY_WARNING;
    }
    return count;
}

static const char *severity_of(const struct weir_diagnostic *item)
{
    return item->severity == WEIR_SEVERITY_ERROR ? "error" : "warning";
}

void weir_check_report_text(const struct weir_check_report *report, struct weir_buffer *out)
{
    const struct weir_set *set = report->set;
    size_t mistakes = report->diagnostics->error_count;
    size_t warnings = count_warnings(report->diagnostics);
    weir_diagnostics_write(report->diagnostics, report->source, report->source_user, out);
    if (!report->is_ok || !set) {
        weir_buffer_printf(out, "refused: %zu %s\n", mistakes,
                           mistakes == 1 ? "mistake" : "mistakes");
        return;
    }
    weir_buffer_printf(out, "ok: %zu rules, %zu topics, %zu answers", set->rule_count,
                       set->topic_count, set->answer_count);
    if (warnings > 0) {
        weir_buffer_printf(out, ", %zu %s", warnings, warnings == 1 ? "warning" : "warnings");
    }
    weir_buffer_printf(out, ", %s\n", set->hash);
}

// --- JSON ---

static void add_json_item(struct weir_buffer *out, const struct weir_diagnostic *item)
{
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "severity", weir_span_of(severity_of(item)));
    weir_json_add_text_field(out, "id", weir_span_of(item->id));
    weir_json_add_text_field(out, "file", weir_span_of(item->error.file));
    weir_json_add_u64_field(out, "line", item->error.line);
    weir_json_add_u64_field(out, "column", item->error.column);
    weir_json_add_u64_field(out, "length", item->error.length);
    weir_json_add_text_field(out, "text", weir_span_of(item->error.text));
    weir_buffer_add_byte(out, '}');
}

void weir_check_report_json(const struct weir_check_report *report, struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "ok", report->is_ok);
    weir_json_add_text_field(out, "set", weir_span_of(report->set ? report->set->hash : ""));
    weir_json_add_u64_field(out, "errors", report->diagnostics->error_count);
    weir_json_add_u64_field(out, "warnings", count_warnings(report->diagnostics));
    weir_json_add_name(out, "diagnostics");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < report->diagnostics->count; i++) {
        add_json_item(out, &report->diagnostics->items[i]);
    }
    weir_buffer_add_byte(out, ']');
    weir_json_add_u64_field(out, "more", report->diagnostics->dropped);
    weir_buffer_add_text(out, "}\n");
}

// --- JUnit ---

static void add_junit_item(struct weir_junit *junit, const struct weir_check_report *report,
                           const struct weir_diagnostic *item)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer details = {0};
    struct weir_diagnostic copy = *item;
    struct weir_diagnostics one = {.items = &copy, .count = 1};
    weir_buffer_printf(&name, "%u:%u %s", item->error.line, item->error.column,
                       item->id[0] != '\0' ? item->id : "mistake");
    weir_diagnostics_write(&one, report->source, report->source_user, &details);
    if (item->severity == WEIR_SEVERITY_ERROR) {
        weir_junit_add_failure(junit, weir_buffer_span(&name), weir_span_of(item->error.text),
                               weir_buffer_span(&details));
    } else {
        weir_junit_add_pass(junit, weir_buffer_span(&name), weir_buffer_span(&details));
    }
}

static bool is_told_of(const struct weir_check_report *report, const char *file)
{
    for (size_t i = 0; i < report->diagnostics->count; i++) {
        if (strcmp(report->diagnostics->items[i].error.file, file) == 0) {
            return true;
        }
    }
    return false;
}

void weir_check_report_junit(const struct weir_check_report *report, struct weir_buffer *out)
{
    WEIR_AUTO(weir_junit_fini) struct weir_junit junit = {0};
    const char *last = NULL;
    for (size_t i = 0; i < report->diagnostics->count; i++) {
        const struct weir_diagnostic *item = &report->diagnostics->items[i];
        if (!last || strcmp(last, item->error.file) != 0) {
            weir_junit_begin(&junit, weir_span_of(item->error.file));
            last = item->error.file;
        }
        add_junit_item(&junit, report, item);
    }
    for (size_t i = 0; i < report->file_count; i++) {
        if (!is_told_of(report, report->files[i])) {
            weir_junit_begin(&junit, weir_span_of(report->files[i]));
            weir_junit_add_pass(&junit, WEIR_SPAN("no mistake"), (struct weir_span){NULL, 0});
        }
    }
    weir_junit_write(&junit, "weir check", out);
}

// --- SARIF ---

static const char *sarif_rule(const struct weir_diagnostic *item)
{
    return item->id[0] != '\0' ? item->id : "mistake";
}

static void add_sarif_rule(struct weir_buffer *out, const char *id, const char *summary,
                           const char *level)
{
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "id", weir_span_of(id));
    weir_json_add_name(out, "shortDescription");
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "text", weir_span_of(summary));
    weir_buffer_add_text(out, "},\"defaultConfiguration\":{");
    weir_json_add_text_field(out, "level", weir_span_of(level));
    weir_buffer_add_text(out, "}}");
}

static void add_sarif_tool(struct weir_buffer *out)
{
    weir_buffer_add_text(out, "\"tool\":{\"driver\":{\"name\":\"weir\",\"version\":\"" WEIR_VERSION
                              "\",\"semanticVersion\":\"" WEIR_VERSION "\",\"rules\":[");
    add_sarif_rule(out, "mistake", "A set with this in it is refused as a whole.", "error");
    add_sarif_rule(out, "secret-readable", "A file with a secret can be read by others.",
                   "warning");
    for (size_t i = 0; i < WEIR_LINT_COUNT; i++) {
        add_sarif_rule(out, weir_lint_names[i], weir_lint_summaries[i], "warning");
    }
    weir_buffer_add_text(out, "]}}");
}

// Relative paths stay relative to where the command ran; bytes that a URI can't hold are escaped.
static void add_uri(struct weir_buffer *out, const char *file)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer uri = {0};
    weir_buffer_add_text(&uri, file[0] == '/' ? "file://" : "");
    for (const char *at = file; *at != '\0'; at++) {
        if (isalnum((unsigned char)*at) || strchr("/-_.~", *at)) {
            weir_buffer_add_byte(&uri, *at);
        } else {
            weir_buffer_printf(&uri, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
    weir_json_add_text_field(out, "uri", weir_buffer_span(&uri));
}

static void add_region(struct weir_buffer *out, const struct weir_error *error)
{
    uint32_t length = error->length > 0 ? error->length : 1;
    weir_json_add_name(out, "region");
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "startLine", error->line);
    if (error->column > 0) {
        weir_json_add_u64_field(out, "startColumn", error->column);
        weir_json_add_u64_field(out, "endColumn", error->column + length);
    }
    weir_buffer_add_byte(out, '}');
}

static void add_sarif_result(struct weir_buffer *out, const struct weir_diagnostic *item)
{
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "ruleId", weir_span_of(sarif_rule(item)));
    weir_json_add_text_field(out, "level", weir_span_of(severity_of(item)));
    weir_json_add_name(out, "message");
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "text", weir_span_of(item->error.text));
    weir_buffer_add_byte(out, '}');
    if (item->error.file[0] != '\0') {
        weir_buffer_add_text(out, ",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{");
        add_uri(out, item->error.file);
        weir_buffer_add_byte(out, '}');
        if (item->error.line > 0) {
            add_region(out, &item->error);
        }
        weir_buffer_add_text(out, "}}]");
    }
    weir_buffer_add_byte(out, '}');
}

void weir_check_report_sarif(const struct weir_check_report *report, struct weir_buffer *out)
{
    weir_buffer_add_text(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                              "\"version\":\"2.1.0\",\"runs\":[{");
    add_sarif_tool(out);
    weir_buffer_add_text(out, ",\"columnKind\":\"unicodeCodePoints\",\"results\":[");
    for (size_t i = 0; i < report->diagnostics->count; i++) {
        add_sarif_result(out, &report->diagnostics->items[i]);
    }
    weir_buffer_add_text(out, "]}]}\n");
}
