#include "tests/queues/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 32

int64_t wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static _Noreturn void stop_with(const char *what)
{
    fprintf(stderr, "check_queues: %s: %s\n", what, strerror(errno));
    exit(3);
}

// Replicas know no UNIX sockets. The port is free now; who takes it before Redis does makes the run
// fail.
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        stop_with("no free port");
    }
    close(fd);
    return ntohs(address.sin_port);
}

void server_init(struct server *server, const char *parent, int number, const char *fsync)
{
    *server = (struct server){.port = free_port(), .fsync = fsync};
    snprintf(server->folder, sizeof(server->folder), "%s/%d", parent, number);
    snprintf(server->socket, sizeof(server->socket), "%s/redis.sock", server->folder);
    if (mkdir(server->folder, 0700) < 0) {
        stop_with(server->folder);
    }
}

static _Noreturn void become_redis(const struct server *server, const struct server *master)
{
    char port[16];
    char master_port[16] = "one"; // as in: replicaof no one
    snprintf(port, sizeof(port), "%d", server->port);
    if (master) {
        snprintf(master_port, sizeof(master_port), "%d", master->port);
    }
    const char *const words[] = {
        "redis-server", "--port", port, "--bind", "127.0.0.1", "--unixsocket", server->socket,
        "--dir", server->folder, "--appendonly", "yes", "--appendfsync", server->fsync, "--save",
        "", "--loglevel", "warning", "--logfile", "redis.log",
        // A replica that comes back is served at once: five seconds
        // without one would confirm nothing.
        "--repl-diskless-sync-delay", "0", "--repl-timeout", "5", "--repl-ping-replica-period", "1",
        "--replicaof", master ? "127.0.0.1" : "no", master_port, NULL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(words[0], (char *const *)words);
    _exit(127);
}

void server_start(struct server *server, const struct server *master)
{
    unlink(server->socket);
    server->pid = fork();
    if (server->pid < 0) {
        stop_with("fork");
    }
    if (server->pid == 0) {
        become_redis(server, master);
    }
}

void server_kill(struct server *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGKILL);
        waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}

void server_hang(const struct server *server)
{
    kill(server->pid, SIGSTOP);
}

void server_resume(const struct server *server)
{
    kill(server->pid, SIGCONT);
}

int socket_open(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        stop_with("socket");
    }
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

// Reads until a reply is whole or the time is over.
static bool await_reply(int fd, int64_t end_us, struct weir_buffer *bytes, struct resp_reply *reply)
{
    size_t used = 0;
    enum resp_state state = RESP_HALF;
    while (state == RESP_HALF && wall_us() < end_us) {
        struct pollfd waiting = {fd, POLLIN, 0};
        if (poll(&waiting, 1, (int)((end_us - wall_us()) / 1000) + 1) <= 0) {
            continue;
        }
        ssize_t got = read(fd, weir_buffer_reserve(bytes, 65536), 65536);
        if (got <= 0) {
            return false;
        }
        bytes->length += (size_t)got;
        state = resp_read(weir_buffer_span(bytes), reply, &used);
    }
    return state == RESP_WHOLE;
}

bool server_ask(const struct server *server, int limit_ms, const char *const *words,
                struct weir_buffer *bytes, struct resp_reply *reply)
{
    int64_t end_us = wall_us() + (int64_t)limit_ms * 1000;
    size_t count = 0;
    while (words[count]) {
        count++;
    }
    weir_buffer_clear(bytes);
    resp_begin(bytes, count);
    for (size_t i = 0; i < count; i++) {
        resp_word(bytes, weir_span_of(words[i]));
    }
    int fd = server->pid > 0 ? socket_open(server->socket) : -1;
    if (fd < 0) {
        return false;
    }
    fcntl(fd, F_SETFL, 0); // a request of any length is written whole
    bool is_written = write(fd, bytes->data, bytes->length) == (ssize_t)bytes->length;
    weir_buffer_clear(bytes);
    bool is_answered = is_written && await_reply(fd, end_us, bytes, reply);
    close(fd);
    return is_answered;
}

void server_must(const struct server *server, int limit_ms, const char *const *words)
{
    struct weir_buffer bytes = {0};
    struct resp_reply reply = {0};
    int64_t end_us = wall_us() + (int64_t)limit_ms * 1000;
    bool is_done = false;
    while (!is_done && wall_us() < end_us) {
        is_done = server_ask(server, 1000, words, &bytes, &reply) && reply.values[0].kind != '-';
        if (!is_done) {
            poll(NULL, 0, 5);
        }
    }
    if (!is_done) {
        fprintf(stderr, "check_queues: %s at %s: %.*s\n", words[0], server->socket,
                (int)bytes.length, bytes.length ? bytes.data : "");
        exit(3);
    }
    weir_buffer_fini(&bytes);
    resp_reply_fini(&reply);
}

bool server_is_ready(const struct server *server, bool with_replica)
{
    static const char *const info[] = {"INFO", "replication", NULL};
    struct weir_buffer bytes = {0};
    struct resp_reply reply = {0};
    bool is_ready = server_ask(server, 200, info, &bytes, &reply) && reply.values[0].kind == '$' &&
                    strstr(weir_buffer_text(&bytes), "role:master") != NULL &&
                    (!with_replica || strstr(bytes.data, "state=online") != NULL);
    weir_buffer_fini(&bytes);
    resp_reply_fini(&reply);
    return is_ready;
}
