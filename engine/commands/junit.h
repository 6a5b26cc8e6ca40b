/** What `check --junit` and `test --junit` write: the XML that build servers read. */
#ifndef WEIR_COMMANDS_JUNIT_H
#define WEIR_COMMANDS_JUNIT_H

#include "engine/base/buffer.h"

/** Suites with their cases. Start it as `{0}`, free it with weir_junit_fini(). */
struct weir_junit {
    struct weir_buffer suites;
    struct weir_buffer cases; // of the suite in hand
    struct weir_buffer name;
    size_t case_count;
    size_t failure_count;
    size_t all_cases;
    size_t all_failures;
};

void weir_junit_fini(struct weir_junit *junit);

/** Begins a suite, a file mostly; what is added next belongs to it. */
void weir_junit_begin(struct weir_junit *junit, struct weir_span suite);

/** A case that passed. `remark` may be empty: what there is to say all the same. */
void weir_junit_add_pass(struct weir_junit *junit, struct weir_span name, struct weir_span remark);

/** A case that failed: a line for the list, and all there is to say. */
void weir_junit_add_failure(struct weir_junit *junit, struct weir_span name,
                            struct weir_span message, struct weir_span details);

/** Ends the last suite and adds the whole document to `out`. `title` names what ran. */
void weir_junit_write(struct weir_junit *junit, const char *title, struct weir_buffer *out);

#endif
