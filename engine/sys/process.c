#include "engine/sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// In the child, between fork and exec: only what is safe there.
static void become(const struct weir_process_options *options, pid_t parent, int report)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    if (options->signal_with_us) {
        prctl(PR_SET_PDEATHSIG, options->signal_with_us);
        if (getppid() != parent) {
            _exit(127); // we died before the kernel knew whom to tell
        }
    }
    int input = open("/dev/null", O_RDONLY);
    if (input >= 0) {
        dup2(input, STDIN_FILENO);
    }
    if (options->output) {
        int output = open(options->output, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (output >= 0) {
            dup2(output, STDOUT_FILENO);
            dup2(output, STDERR_FILENO);
        }
    }
    execvp(options->argv[0], (char *const *)(uintptr_t)options->argv);
    int cause = errno;
    while (write(report, &cause, sizeof(cause)) < 0 && errno == EINTR) {
    }
    _exit(127);
}

// The pipe closes by itself where exec succeeds; otherwise it says why not.
static bool read_report(int report, int *cause_out)
{
    ssize_t got;
    do {
        got = read(report, cause_out, sizeof(*cause_out));
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(*cause_out);
}

pid_t weir_process_start(const struct weir_process_options *options, struct weir_error *err)
{
    int report[2];
    int cause = 0;
    pid_t parent = getpid();
    if (pipe2(report, O_CLOEXEC) != 0) {
        weir_error_set(err, "can't start %s: %s", options->argv[0], strerror(errno));
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        become(options, parent, report[1]);
    }
    cause = errno;
    close(report[1]);
    bool failed = pid < 0 || read_report(report[0], &cause);
    close(report[0]);
    if (!failed) {
        return pid;
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
    weir_error_set(err, "can't start %s: %s", options->argv[0], strerror(cause));
    return -1;
}

bool weir_process_has_ended(pid_t pid, int *status_out)
{
    pid_t ended = waitpid(pid, status_out, WNOHANG);
    return ended == pid || (ended < 0 && errno == ECHILD);
}

void weir_process_write_status(int status, struct weir_buffer *out)
{
    if (WIFSIGNALED(status)) {
        weir_buffer_printf(out, "signal %d", WTERMSIG(status));
    } else {
        weir_buffer_printf(out, "exit code %d", WEXITSTATUS(status));
    }
}
