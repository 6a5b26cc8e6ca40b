/**
 * Rules from their files to a set that may run: read, compiled, proved with their own samples.
 * Slow; for the start, and for a thread while the daemon judges.
 */
#ifndef WEIR_STREAM_RULE_LOAD_H
#define WEIR_STREAM_RULE_LOAD_H

#include "engine/sys/rule_files.h"

struct weir_plan;
struct weir_triage;

/** What came of a load. Start it as `{0}`. */
struct weir_rule_load {
    struct weir_set *set;        // NULL: refused
    struct weir_plan *plan;      // how to judge by it
    struct weir_triage *triage;  // with what its answers mean
    struct weir_buffer mistakes; // as `check` shows them; then
    size_t mistake_count;
    struct weir_buffer costs; // of a set that may run: what costs much, as `check` warns of it
    char first_mistake[700];  // in one line
    struct weir_paths files;  // all that were read
    struct weir_files_digest digest; // of what was read
};

void weir_rule_load_fini(struct weir_rule_load *load);

/** Loads the packs that `paths` name, once; whatever `load` held is freed. */
void weir_rule_load_run(struct weir_rule_load *load, const struct weir_paths *paths);

/**
 * The same for files that somebody may be writing: loads again while they change, for a few
 * seconds at most, so that no half of a change is taken for the whole.
 */
void weir_rule_load_settled(struct weir_rule_load *load, const struct weir_paths *paths);

#endif
