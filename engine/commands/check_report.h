/** What `weir check` found, in the forms that people, scripts and build servers read. */
#ifndef WEIR_COMMANDS_CHECK_REPORT_H
#define WEIR_COMMANDS_CHECK_REPORT_H

#include "engine/rules/set.h"

/** Borrowed for one call. */
struct weir_check_report {
    const struct weir_diagnostics *diagnostics; // sorted
    const struct weir_set *set;                 // NULL: refused
    bool is_ok;
    const char *const *files; // all that were read
    size_t file_count;
    weir_source_fn source;
    void *source_user;
};

void weir_check_report_text(const struct weir_check_report *report, struct weir_buffer *out);
void weir_check_report_json(const struct weir_check_report *report, struct weir_buffer *out);
/** A suite a file, a case a finding; files without one are a case that passed. Warnings pass. */
void weir_check_report_junit(const struct weir_check_report *report, struct weir_buffer *out);
/** SARIF 2.1.0, columns in characters. */
void weir_check_report_sarif(const struct weir_check_report *report, struct weir_buffer *out);

#endif
