#include "engine/commands/test_report.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"

#include <stdio.h>

void weir_test_report_fini(struct weir_test_report *report)
{
    weir_junit_fini(&report->junit);
    weir_buffer_fini(&report->failures);
    weir_buffer_fini(&report->file);
}

static void print(const struct weir_buffer *out)
{
    if (out->length > 0) {
        fwrite(out->data, 1, out->length, stdout);
    }
}

void weir_test_report_begin(struct weir_test_report *report, const char *file)
{
    if (!weir_span_is(weir_buffer_span(&report->file), file)) {
        weir_buffer_clear(&report->file);
        weir_buffer_add_text(&report->file, file);
        weir_junit_begin(&report->junit, weir_span_of(file));
    }
}

void weir_test_report_pass(struct weir_test_report *report, struct weir_span name)
{
    report->passed++;
    if (report->format == WEIR_TEST_JUNIT) {
        weir_junit_add_pass(&report->junit, name, (struct weir_span){NULL, 0});
    }
}

static void add_json_failure(struct weir_buffer *out, struct weir_span name,
                             const struct weir_error *error, struct weir_span details)
{
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "case", name);
    weir_json_add_text_field(out, "file", weir_span_of(error->file));
    weir_json_add_u64_field(out, "line", error->line);
    weir_json_add_u64_field(out, "column", error->column);
    weir_json_add_text_field(out, "text", weir_span_of(error->text));
    weir_json_add_text_field(out, "details", details);
    weir_buffer_add_byte(out, '}');
}

void weir_test_report_fail(struct weir_test_report *report, struct weir_span name,
                           const struct weir_diagnostics *failures, struct weir_span details)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    const struct weir_error *first = &failures->items[0].error;
    report->failed++;
    weir_diagnostics_write(failures, report->source, report->source_user, &out);
    weir_buffer_add(&out, details);
    if (report->format == WEIR_TEST_TEXT) {
        print(&out);
    } else if (report->format == WEIR_TEST_JUNIT) {
        weir_junit_add_failure(&report->junit, name, weir_span_of(first->text),
                               weir_buffer_span(&out));
    } else {
        weir_buffer_add_text(&report->failures, report->failures.length > 0 ? "" : "[");
        add_json_failure(&report->failures, name, first, details);
    }
}

static void write_json(struct weir_test_report *report, struct weir_span coverage,
                       struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_u64_field(out, "passed", report->passed);
    weir_json_add_u64_field(out, "failed", report->failed);
    weir_json_add_name(out, "failures");
    weir_buffer_add(out, report->failures.length > 0 ? weir_buffer_span(&report->failures)
                                                     : WEIR_SPAN("["));
    weir_buffer_add_byte(out, ']');
    if (coverage.length > 0) {
        weir_json_add_name(out, "coverage");
        weir_buffer_add(out, coverage);
    }
    weir_buffer_add_text(out, "}\n");
}

void weir_test_report_end(struct weir_test_report *report, struct weir_span coverage)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    switch (report->format) {
    case WEIR_TEST_TEXT:
        weir_buffer_add(&out, coverage);
        weir_buffer_printf(&out, "%zu passed, %zu failed\n", report->passed, report->failed);
        break;
    case WEIR_TEST_JSON:
        write_json(report, coverage, &out);
        break;
    case WEIR_TEST_JUNIT:
        weir_junit_write(&report->junit, "weir test", &out);
        break;
    }
    print(&out);
}
