#include "engine/store/private.h"

#include "engine/base/alloc.h"
#include "engine/store/redis_url.h"
#include "engine/sys/directory.h"
#include "engine/sys/files.h"
#include "engine/sys/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

// Whether a server that answers on the socket is alive, and which process it is, is asked of the
// socket itself (SO_PEERCRED): a file with a process id may be left over from anything.

#define TICK_MS          100
#define RESTART_MIN_MS   200
#define RESTART_MAX_MS   10000
#define STOP_PATIENCE_MS 8000
#define HEALTHY_MS       10000
#define KNOCK_MS         1000

struct weir_private {
    struct weir_loop *loop;
    char *program;
    char *directory;
    char *log;
    char socket[WEIR_SOCKET_PATH_BYTES];
    void (*on_trouble)(void *user, struct weir_span cause);
    void *user;
    struct weir_timer *timer;
    pid_t pid;       // 0: none runs
    bool is_adopted; // not our child: watched by signal 0 instead of wait()
    uint32_t failures;
    uint64_t restarts;
    int64_t started_ms;
    int64_t start_at_ms;
    int64_t stop_by_ms; // stopping: when patience ends; 0 = not stopping
    void (*on_stopped)(void *user);
    void *stopped_user;
};

// ---- one that runs already ----

static int connect_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = KNOCK_MS / 1000};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

// The process behind the socket if a Redis answers there (also one that is still loading), else 0.
static pid_t find_running(const char *path)
{
    static const char ping[] = "PING\r\n";
    char answer[128];
    struct ucred peer = {0};
    socklen_t length = sizeof(peer);
    int fd = connect_socket(path);
    if (fd < 0) {
        return 0;
    }
    bool asked = send(fd, ping, sizeof(ping) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(ping) - 1;
    ssize_t got = asked ? recv(fd, answer, sizeof(answer), 0) : 0;
    struct weir_span said = {answer, got > 0 ? (size_t)got : 0};
    bool is_redis =
        weir_span_starts(said, WEIR_SPAN("+PONG")) || weir_span_starts(said, WEIR_SPAN("-LOADING"));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        is_redis = false;
    }
    close(fd);
    return is_redis ? peer.pid : 0;
}

// ---- starting ----

// The last line of its log that is not empty: what it had to say about not starting.
static void add_last_log_line(const struct weir_private *server, struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer log = {0};
    struct weir_error ignored = {0};
    struct weir_span last = {0};
    if (!weir_file_read(server->log, WEIR_FILE_BYTES, &log, &ignored)) {
        return;
    }
    for (struct weir_span rest = weir_buffer_span(&log); rest.length > 0;) {
        struct weir_span line = weir_span_trim(weir_span_take_until(&rest, '\n'));
        last = line.length > 0 ? line : last;
    }
    weir_buffer_add_text(out, ": ");
    weir_buffer_add(out, weir_span_slice(last, 0, 160));
}

// Synced always: with everysec Redis answers before it writes while the sync before is still under
// way, so a kill -9 took what was confirmed for up to two seconds (tests/queues found it). Nobody
// waits for Redis here, so the milliseconds of a sync cost nothing that is seen.
static bool start_server(struct weir_private *server, struct weir_error *err)
{
    const char *const argv[] = {
        server->program,   "--port",           "0",   "--unixsocket",
        server->socket,    "--unixsocketperm", "700", "--dir",
        server->directory, "--appendonly",     "yes", "--appendfsync",
        "always",          "--save",           "",    "--maxmemory-policy",
        "noeviction",      "--daemonize",      "no",  NULL,
    };
    struct weir_process_options options = {
        .argv = argv,
        .output = server->log,
        .signal_with_us = SIGTERM, // it writes what it has before it goes
    };
    if (truncate(server->log, 0) != 0 && errno != ENOENT) {
        return weir_error_set(err, "can't write to %s: %s", server->log, strerror(errno));
    }
    pid_t pid = weir_process_start(&options, err);
    if (pid < 0) {
        return false;
    }
    server->pid = pid;
    server->is_adopted = false;
    server->started_ms = weir_loop_now_ms(server->loop);
    return true;
}

static bool start_or_adopt(struct weir_private *server, struct weir_error *err)
{
    pid_t running = find_running(server->socket);
    if (running == 0) {
        unlink(server->socket); // what is left of one that died
        return start_server(server, err);
    }
    server->pid = running;
    server->is_adopted = true;
    server->started_ms = weir_loop_now_ms(server->loop);
    return true;
}

// ---- watching ----

static bool has_ended(struct weir_private *server, int *status_out)
{
    *status_out = 0;
    if (server->is_adopted) {
        return kill(server->pid, 0) != 0 && errno == ESRCH;
    }
    return weir_process_has_ended(server->pid, status_out);
}

static int64_t restart_delay_ms(const struct weir_private *server)
{
    int64_t delay = RESTART_MIN_MS;
    for (uint32_t i = 1; i < server->failures && delay < RESTART_MAX_MS; i++) {
        delay *= 2;
    }
    return delay < RESTART_MAX_MS ? delay : RESTART_MAX_MS;
}

static void plan_restart(struct weir_private *server, struct weir_span cause)
{
    int64_t now_ms = weir_loop_now_ms(server->loop);
    server->failures = now_ms - server->started_ms > HEALTHY_MS ? 1 : server->failures + 1;
    server->start_at_ms = now_ms + restart_delay_ms(server);
    server->on_trouble(server->user, cause);
}

static void on_ended(struct weir_private *server, int status)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer cause = {0};
    weir_buffer_add_text(&cause, "the private redis-server ended (");
    weir_process_write_status(status, &cause);
    weir_buffer_add_text(&cause, ")");
    if (!server->is_adopted) {
        add_last_log_line(server, &cause);
    }
    server->pid = 0;
    plan_restart(server, weir_buffer_span(&cause));
}

static void free_server(struct weir_private *server)
{
    weir_timer_stop(&server->timer);
    free(server->program);
    free(server->directory);
    free(server->log);
    free(server);
}

static void tick_stopping(struct weir_private *server)
{
    int status;
    if (server->pid > 0 && !has_ended(server, &status)) {
        if (weir_loop_now_ms(server->loop) > server->stop_by_ms) {
            kill(server->pid, SIGKILL);
        }
        return;
    }
    void (*on_stopped)(void *user) = server->on_stopped;
    void *user = server->stopped_user;
    free_server(server);
    if (on_stopped) {
        on_stopped(user);
    }
}

static void tick_running(struct weir_private *server)
{
    int status;
    struct weir_error err = {0};
    if (server->pid > 0) {
        if (has_ended(server, &status)) {
            on_ended(server, status);
        }
        return;
    }
    if (weir_loop_now_ms(server->loop) < server->start_at_ms) {
        return;
    }
    server->restarts++;
    if (!start_or_adopt(server, &err)) {
        plan_restart(server, weir_span_of(err.text));
    }
}

static void on_tick(void *user)
{
    struct weir_private *server = user;
    if (server->stop_by_ms > 0) {
        tick_stopping(server);
    } else {
        tick_running(server);
    }
}

// ---- the way in ----

static bool find_program(const char *program, struct weir_error *err)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer path = {0};
    const char *folders = getenv("PATH");
    struct weir_span rest = weir_span_of(folders ? folders : "/usr/bin:/bin");
    if (strchr(program, '/')) {
        return access(program, X_OK) == 0 ||
               weir_error_set(err, "can't start %s: %s", program, strerror(errno));
    }
    while (rest.length > 0) {
        struct weir_span folder = weir_span_take_until(&rest, ':');
        weir_buffer_clear(&path);
        weir_buffer_printf(&path, "%.*s/%s", WEIR_SPAN_ARGS(folder), program);
        if (access(weir_buffer_text(&path), X_OK) == 0) {
            return true;
        }
    }
    return weir_error_set(err,
                          "%s is not installed; install it (apt-get install redis-server) or "
                          "name a running Redis with `redis:`",
                          program);
}

static char *path_in(const char *directory, const char *name)
{
    struct weir_buffer path = {0};
    weir_buffer_printf(&path, "%s/%s", directory, name);
    weir_buffer_text(&path);
    return path.data;
}

// Redis changes into its directory, so what it is told must not depend on where we stand.
static char *whole_path(const char *path, struct weir_error *err)
{
    char *whole = realpath(path, NULL);
    if (!whole) {
        weir_error_set(err, "can't use the directory %s: %s", path, strerror(errno));
    }
    return whole;
}

struct weir_private *weir_private_start(struct weir_loop *loop, const char *state,
                                        const char *program,
                                        void (*on_trouble)(void *user, struct weir_span cause),
                                        void *user, struct weir_error *err)
{
    WEIR_AUTO(weir_free_at) char *directory = path_in(state, "redis");
    struct weir_redis_url url;
    program = program ? program : "redis-server";
    if (!weir_redis_url_private(state, &url, err) || !weir_directory_make(directory, err)) {
        return NULL;
    }
    struct weir_private *server = weir_new(struct weir_private);
    memcpy(server->socket, url.path, sizeof(server->socket));
    server->loop = loop;
    server->program = weir_strdup(program);
    server->on_trouble = on_trouble;
    server->user = user;
    server->directory = whole_path(directory, err);
    server->log = path_in(directory, "redis.log");
    bool can_start =
        server->directory && (find_running(server->socket) || find_program(program, err));
    if (!can_start || !start_or_adopt(server, err)) {
        free_server(server);
        return NULL;
    }
    server->timer = weir_timer_start(loop, TICK_MS, TICK_MS, on_tick, server);
    return server;
}

void weir_private_stop(struct weir_private **server_at, void (*on_stopped)(void *user), void *user)
{
    struct weir_private *server = weir_take(*server_at);
    if (!server) {
        return;
    }
    server->on_stopped = on_stopped;
    server->stopped_user = user;
    server->stop_by_ms = weir_loop_now_ms(server->loop) + STOP_PATIENCE_MS;
    if (server->pid > 0) {
        kill(server->pid, SIGTERM); // as SHUTDOWN: it syncs its file and goes
    }
}

int weir_private_pid(const struct weir_private *server)
{
    return server->pid;
}

uint64_t weir_private_restarts(const struct weir_private *server)
{
    return server->restarts;
}
