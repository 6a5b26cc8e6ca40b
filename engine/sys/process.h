/** Child processes that die with us. */
#ifndef WEIR_SYS_PROCESS_H
#define WEIR_SYS_PROCESS_H

#include "engine/base/error.h"

#include <sys/types.h>

struct weir_process_options {
    const char *const *argv; // NULL-terminated; argv[0] is looked for in $PATH
    const char *output;      // stdout and stderr are added to this file; NULL: both are ours
    int signal_with_us;      // what the kernel sends it when we die, however that comes; 0 = none
};

/**
 * Starts a child in a process group of its own, so that a Ctrl-C meant for us does not end it
 * before we do. It gets `signal_with_us` when the *thread* that calls this ends: call it from the
 * one that lives as long as the process. Returns its id, or -1 with one clause.
 */
pid_t weir_process_start(const struct weir_process_options *options, struct weir_error *err);

/** True once the child has ended; it is gone then and its id may become another's. */
bool weir_process_has_ended(pid_t pid, int *status_out);

/** "exit code 1", "signal 9". */
void weir_process_write_status(int status, struct weir_buffer *out);

#endif
