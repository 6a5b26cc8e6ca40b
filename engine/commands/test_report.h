/** What `weir test` says of each case: to people at once, to machines when all have run. */
#ifndef WEIR_COMMANDS_TEST_REPORT_H
#define WEIR_COMMANDS_TEST_REPORT_H

#include "engine/base/diagnostics.h"
#include "engine/commands/junit.h"

/** Start it as `{0}` with what is set by the caller, free it with weir_test_report_fini(). */
struct weir_test_report {
    enum weir_test_format {
        WEIR_TEST_TEXT,
        WEIR_TEST_JSON,
        WEIR_TEST_JUNIT,
    } format;
    weir_source_fn source;
    void *source_user;
    size_t passed;
    size_t failed;
    struct weir_junit junit;
    struct weir_buffer failures; // JSON
    struct weir_buffer file;     // of the suite in hand
};

void weir_test_report_fini(struct weir_test_report *report);

/** The cases that follow stand in this file. */
void weir_test_report_begin(struct weir_test_report *report, const char *file);

void weir_test_report_pass(struct weir_test_report *report, struct weir_span name);

/** `failures` say what is wrong and where, `details` how the message was read. */
void weir_test_report_fail(struct weir_test_report *report, struct weir_span name,
                           const struct weir_diagnostics *failures, struct weir_span details);

/** Ends the output. `coverage` is text, or JSON in a JSON report; empty: nobody asked. */
void weir_test_report_end(struct weir_test_report *report, struct weir_span coverage);

#endif
