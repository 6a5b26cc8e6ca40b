#include "engine/commands/junit.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"

void weir_junit_fini(struct weir_junit *junit)
{
    weir_buffer_fini(&junit->suites);
    weir_buffer_fini(&junit->cases);
    weir_buffer_fini(&junit->name);
}

static void add_character(struct weir_buffer *out, uint32_t c)
{
    switch (c) {
    case '<':
        weir_buffer_add_text(out, "&lt;");
        return;
    case '>':
        weir_buffer_add_text(out, "&gt;");
        return;
    case '&':
        weir_buffer_add_text(out, "&amp;");
        return;
    case '"':
        weir_buffer_add_text(out, "&quot;");
        return;
    case '\n':
    case '\t':
        weir_buffer_printf(out, "&#%u;", (unsigned)c); // as it is, an attribute would lose it
        return;
    default: // XML 1.0 has no way to write the other controls, and not all of the rest
        weir_utf8_add(out,
                      c < 0x20 || (c >= 0x7F && c < 0xA0) || (c & 0xFFFE) == 0xFFFE ? 0xFFFD : c);
    }
}

static void add_xml(struct weir_buffer *out, struct weir_span text)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer valid = {0};
    weir_utf8_add_repaired(&valid, text);
    struct weir_span rest = weir_buffer_span(&valid);
    for (size_t at = 0; at < rest.length;) {
        add_character(out, weir_utf8_next(rest, &at));
    }
}

static void end_suite(struct weir_junit *junit)
{
    if (junit->name.length == 0) {
        return;
    }
    weir_buffer_add_text(&junit->suites, "  <testsuite name=\"");
    add_xml(&junit->suites, weir_buffer_span(&junit->name));
    weir_buffer_printf(&junit->suites,
                       "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
                       junit->case_count, junit->failure_count);
    weir_buffer_add(&junit->suites, weir_buffer_span(&junit->cases));
    weir_buffer_add_text(&junit->suites, "  </testsuite>\n");
    weir_buffer_clear(&junit->cases);
    weir_buffer_clear(&junit->name);
    junit->all_cases += junit->case_count;
    junit->all_failures += junit->failure_count;
    junit->case_count = 0;
    junit->failure_count = 0;
}

void weir_junit_begin(struct weir_junit *junit, struct weir_span suite)
{
    end_suite(junit);
    weir_buffer_add(&junit->name, suite.length > 0 ? suite : WEIR_SPAN("weir"));
}

static void begin_case(struct weir_junit *junit, struct weir_span name)
{
    junit->case_count++;
    weir_buffer_add_text(&junit->cases, "    <testcase classname=\"");
    add_xml(&junit->cases, weir_buffer_span(&junit->name));
    weir_buffer_add_text(&junit->cases, "\" name=\"");
    add_xml(&junit->cases, name);
    weir_buffer_add_byte(&junit->cases, '"');
}

void weir_junit_add_pass(struct weir_junit *junit, struct weir_span name, struct weir_span remark)
{
    begin_case(junit, name);
    if (remark.length == 0) {
        weir_buffer_add_text(&junit->cases, "/>\n");
        return;
    }
    weir_buffer_add_text(&junit->cases, ">\n      <system-out>");
    add_xml(&junit->cases, remark);
    weir_buffer_add_text(&junit->cases, "</system-out>\n    </testcase>\n");
}

void weir_junit_add_failure(struct weir_junit *junit, struct weir_span name,
                            struct weir_span message, struct weir_span details)
{
    begin_case(junit, name);
    junit->failure_count++;
    weir_buffer_add_text(&junit->cases, ">\n      <failure type=\"failure\" message=\"");
    add_xml(&junit->cases, message);
    weir_buffer_add_text(&junit->cases, "\">");
    add_xml(&junit->cases, details);
    weir_buffer_add_text(&junit->cases, "</failure>\n    </testcase>\n");
}

void weir_junit_write(struct weir_junit *junit, const char *title, struct weir_buffer *out)
{
    end_suite(junit);
    weir_buffer_printf(out,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"%s\" "
                       "tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
                       title, junit->all_cases, junit->all_failures);
    weir_buffer_add(out, weir_buffer_span(&junit->suites));
    weir_buffer_add_text(out, "</testsuites>\n");
}
