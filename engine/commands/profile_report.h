/** What `weir profile` measured, as a table or as JSON. */
#ifndef WEIR_COMMANDS_PROFILE_REPORT_H
#define WEIR_COMMANDS_PROFILE_REPORT_H

#include "engine/judge/judge.h"
#include "engine/sys/files.h"

/** Messages are numbered by file and line, so that the worst can be found again. */
#define WEIR_PROFILE_LINE_BITS 40

struct weir_profile_report {
    const struct weir_set *set;
    const struct weir_profile *profile;
    const struct weir_paths *files;
    uint64_t *suspended; // by rule: how often it was, because it met its limits too often
    uint64_t messages;
    uint64_t total_ns; // of judging all of them
    uint64_t bad_lines;
    size_t top; // rules in the table
};

void weir_profile_write_text(const struct weir_profile_report *report, size_t columns,
                             struct weir_buffer *out);
void weir_profile_write_json(const struct weir_profile_report *report, struct weir_buffer *out);

#endif
