#include "engine/store/private.h"
#include "tests/unit/loop_test.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 15000

struct bench {
    char state[64];
    char socket[128];
    struct weir_loop *loop;
    struct weir_private *server;
    struct weir_buffer trouble;
    int not_pid;
    bool is_stopped;
};

static void on_trouble(void *user, struct weir_span cause)
{
    struct bench *bench = user;
    weir_buffer_clear(&bench->trouble);
    weir_buffer_add(&bench->trouble, cause);
}

static void on_stopped(void *user)
{
    ((struct bench *)user)->is_stopped = true;
}

static bool is_stopped(void *user)
{
    return ((struct bench *)user)->is_stopped;
}

static bool has_socket(void *user)
{
    struct stat found;
    return stat(((struct bench *)user)->socket, &found) == 0;
}

static bool has_trouble(void *user)
{
    return ((struct bench *)user)->trouble.length > 0;
}

// Another process than `not_pid` serves the socket.
static bool is_restarted(void *user)
{
    struct bench *bench = user;
    int pid = weir_private_pid(bench->server);
    return pid > 0 && pid != bench->not_pid && has_socket(bench);
}

static int setup(void **state)
{
    struct bench *bench = weir_new(struct bench);
    struct weir_error err = {0};
    snprintf(bench->state, sizeof(bench->state), "/tmp/weir-private-XXXXXX");
    assert_non_null(mkdtemp(bench->state));
    snprintf(bench->socket, sizeof(bench->socket), "%s/redis/redis.sock", bench->state);
    bench->loop = weir_loop_create(&err);
    *state = bench;
    return 0;
}

static void stop(struct bench *bench)
{
    if (bench->server) {
        weir_private_stop(&bench->server, on_stopped, bench);
        assert_true(loop_run_until(bench->loop, is_stopped, bench, LIMIT_MS));
    }
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char command[128];
    stop(bench);
    weir_loop_destroy(&bench->loop);
    snprintf(command, sizeof(command), "rm -rf %s", bench->state);
    assert_int_equal(system(command), 0);
    weir_buffer_fini(&bench->trouble);
    free(bench);
    return 0;
}

static void start(struct bench *bench, const char *program)
{
    struct weir_error err = {0};
    bench->server = weir_private_start(bench->loop, bench->state, program, on_trouble, bench, &err);
    if (!bench->server) {
        fail_msg("%s", err.text);
    }
}

static void one_that_is_killed_is_started_again(void **state)
{
    struct bench *bench = *state;
    start(bench, NULL);
    assert_true(loop_run_until(bench->loop, has_socket, bench, LIMIT_MS));
    bench->not_pid = weir_private_pid(bench->server);
    kill(bench->not_pid, SIGKILL);
    assert_true(loop_run_until(bench->loop, has_trouble, bench, LIMIT_MS));
    assert_true(loop_run_until(bench->loop, is_restarted, bench, LIMIT_MS));
    EXPECT("says so", strstr(weir_buffer_text(&bench->trouble), "signal 9") != NULL);
    EXPECT_EQ("counted", weir_private_restarts(bench->server), 1);
    test_end_rows();
}

static void one_that_runs_is_adopted_and_replaced_when_it_dies(void **state)
{
    struct bench *bench = *state;
    char folder[96];
    snprintf(folder, sizeof(folder), "%s/redis", bench->state);
    assert_int_equal(mkdir(folder, 0700), 0);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", bench->socket,
               "--dir", folder, "--save", "", "--logfile", "/dev/null", (char *)NULL);
        _exit(127);
    }
    assert_true(loop_run_until(bench->loop, has_socket, bench, LIMIT_MS));
    start(bench, NULL);
    EXPECT_EQ("adopted", weir_private_pid(bench->server), pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    bench->not_pid = pid;
    assert_true(loop_run_until(bench->loop, is_restarted, bench, LIMIT_MS));
    test_end_rows();
}

static void one_that_will_not_start_is_told_and_tried_again(void **state)
{
    struct bench *bench = *state;
    start(bench, "/bin/false");
    assert_true(loop_run_until(bench->loop, has_trouble, bench, LIMIT_MS));
    EXPECT("says how it ended", strstr(weir_buffer_text(&bench->trouble), "exit code 1") != NULL);
    weir_buffer_clear(&bench->trouble);
    assert_true(loop_run_until(bench->loop, has_trouble, bench, LIMIT_MS));
    EXPECT("tried again", weir_private_restarts(bench->server) > 0);
    test_end_rows();
}

static void its_last_words_are_passed_on(void **state)
{
    struct bench *bench = *state;
    char folder[96];
    snprintf(folder, sizeof(folder), "%s/redis", bench->state);
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(folder, sizeof(folder), "%s/redis/appendonlydir", bench->state);
    FILE *in_the_way = fopen(folder, "w"); // where Redis wants a directory
    assert_non_null(in_the_way);
    fclose(in_the_way);
    start(bench, NULL);
    assert_true(loop_run_until(bench->loop, has_trouble, bench, LIMIT_MS));
    EXPECT("its reason", strstr(weir_buffer_text(&bench->trouble), "append") != NULL);
    test_end_rows();
}

static void it_dies_with_a_weir_that_is_killed(void **state)
{
    struct bench *bench = *state;
    int report[2];
    int server = 0;
    assert_int_equal(pipe(report), 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1); // so that we may wait for what the killed one leaves behind
    pid_t weir = fork();
    if (weir == 0) {
        start(bench, NULL);
        server = weir_private_pid(bench->server);
        loop_run_until(bench->loop, has_socket, bench, LIMIT_MS);
        if (write(report[1], &server, sizeof(server)) == (ssize_t)sizeof(server)) {
            kill(getpid(), SIGKILL);
        }
        _exit(1);
    }
    assert_int_equal(read(report[0], &server, sizeof(server)), sizeof(server));
    close(report[0]);
    close(report[1]);
    waitpid(weir, NULL, 0);
    alarm(LIMIT_MS / 1000); // ends the test where the server does not
    EXPECT_EQ("gone", waitpid(server, NULL, 0), server);
    alarm(0);
    test_end_rows();
}

static void stopping_leaves_nothing_running(void **state)
{
    struct bench *bench = *state;
    start(bench, NULL);
    assert_true(loop_run_until(bench->loop, has_socket, bench, LIMIT_MS));
    int pid = weir_private_pid(bench->server);
    stop(bench);
    EXPECT("no process", kill(pid, 0) != 0 && errno == ESRCH);
    EXPECT("no socket", !has_socket(bench));
    test_end_rows();
}

#define PRIVATE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PRIVATE_TEST(one_that_is_killed_is_started_again),
        PRIVATE_TEST(one_that_runs_is_adopted_and_replaced_when_it_dies),
        PRIVATE_TEST(one_that_will_not_start_is_told_and_tried_again),
        PRIVATE_TEST(its_last_words_are_passed_on),
        PRIVATE_TEST(it_dies_with_a_weir_that_is_killed),
        PRIVATE_TEST(stopping_leaves_nothing_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
