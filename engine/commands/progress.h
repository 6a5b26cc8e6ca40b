/** A line on stderr that tells how far a long run has come; only where a human looks at it. */
#ifndef WEIR_COMMANDS_PROGRESS_H
#define WEIR_COMMANDS_PROGRESS_H

#include "engine/sys/files.h"

/** Start it with weir_progress_start(). */
struct weir_progress {
    bool is_wanted; // stderr is a terminal and nothing else is written to it meanwhile
    bool is_shown;
    uint64_t total_bytes;  // of all files
    uint64_t before_bytes; // of those that are done
    uint64_t file_bytes;
    uint64_t done; // messages
    int64_t began_us;
    int64_t shown_us;
};

/** `writes_to_terminal`: results go to the same terminal, so that a bar would be in their way. */
void weir_progress_start(struct weir_progress *progress, const struct weir_paths *files,
                         bool writes_to_terminal);

/** The next file begins. */
void weir_progress_file(struct weir_progress *progress, const char *path);

/** The rare half of weir_progress_step(). */
void weir_progress_look(struct weir_progress *progress, uint32_t thousandths);

/** One message more; `thousandths` of the present file are done. Looks at the clock seldom. */
#define weir_progress_step(progress, thousandths)                                                  \
    do {                                                                                           \
        if ((++(progress)->done & 1023) == 0 && (progress)->is_wanted) {                           \
            weir_progress_look((progress), (thousandths));                                         \
        }                                                                                          \
    } while (0)

/** Takes the line away again, before anything else is printed and at the end. */
void weir_progress_clear(struct weir_progress *progress);

#endif
