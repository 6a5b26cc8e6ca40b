/** Which rules, and which branches of them, the cases of a test run reach. */
#ifndef WEIR_COMMANDS_TEST_COVERAGE_H
#define WEIR_COMMANDS_TEST_COVERAGE_H

#include "engine/judge/why.h"

/** Start it with weir_coverage_init(), free it with weir_coverage_fini(). */
struct weir_coverage {
    const struct weir_set *set;
    bool *rules;       // by index: has fired
    bool *owners;      // by owner: the check has held, the exception has been found
    bool *topics;      // by index: has been asked
    uint32_t *waiting; // checks without patterns that have not held yet
    size_t waiting_count;
};

void weir_coverage_init(struct weir_coverage *coverage, const struct weir_set *set);
void weir_coverage_fini(struct weir_coverage *coverage);

/** Notes what the judge's last message reached; `rule` alone where that was judged alone. */
void weir_coverage_note(struct weir_coverage *coverage, struct weir_judge *judge,
                        const struct weir_verdict *verdict, const struct weir_rule *rule);

/** What was not reached: a line each, after a line with the counts. */
void weir_coverage_write(const struct weir_coverage *coverage, struct weir_buffer *out);
/** The same as one JSON object. */
void weir_coverage_write_json(const struct weir_coverage *coverage, struct weir_buffer *out);

#endif
