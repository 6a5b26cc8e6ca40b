// The whole product in one process tree: a room server with a recorded chat, the daemon with its
// private Redis, and a view of what happens. Everything stands in one temporary folder and is gone
// afterwards.

#include "engine/base/alloc.h"
#include "engine/commands/commands.h"
#include "engine/commands/demo_desk.h"
#include "engine/net/loop.h"
#include "engine/sys/files.h"
#include "engine/sys/process.h"

#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TICK_MS       150
#define URL_WITHIN_MS 10000 // for the room server to say where it listens
#define END_WITHIN_MS 12000 // the daemon drains within 10 s
#define DEFAULT_SPEED "4"
#define PATH_BYTES    512
#define URL_BYTES     256
#define NO_PROCESS    ((pid_t)-1)

static const char usage[] =
    "usage: weir demo [options] [FILE.jsonl]\n"
    "\n"
    "A sample live room (or FILE, a recorded chat), the engine, its queues and a made-up "
    "moderator, side\n"
    "by side in this terminal. Ctrl-C ends all of it and leaves nothing behind.\n"
    "\n"
    "  --speed N        times as fast as it was (default " DEFAULT_SPEED ")\n"
    "  --no-moderator   leave the questions to you: another terminal, 'weir queue'\n"
    "  --plain          lines one after the other, as where stdout is no terminal\n"
    "  --seconds N      end after N seconds\n"
    "\n"
    "examples:\n"
    "  weir demo\n"
    "  weir demo --no-moderator --speed 1\n";

struct demo {
    const char *speed;
    const char *file; // NULL: the sample that ships
    uint64_t seconds; // 0: until Ctrl-C
    bool plain;
    bool with_moderator;

    char folder[PATH_BYTES];
    char url[URL_BYTES];
    char *program;
    pid_t room;
    pid_t daemon;
    struct weir_loop *loop;
    struct weir_timer *ticker;
    struct weir_panes *panes;
    struct demo_show *show;
    struct demo_desk *desk;
    int64_t started_ms;
    int64_t ending_ms; // 0: not yet
    const char *cause; // why it ends by itself, NULL: because it was asked to
};

static const char *const titles[WEIR_PANE_COUNT] = {"room", "verdicts", "queue"};

// ---- files and processes ----

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static const char *path_in(const struct demo *demo, const char *name, char path[PATH_BYTES * 2])
{
    snprintf(path, PATH_BYTES * 2, "%s/%s", demo->folder, name);
    return path;
}

static bool make_folder(struct demo *demo, struct weir_error *err)
{
    const char *base = getenv("TMPDIR");
    snprintf(demo->folder, sizeof(demo->folder), "%s/weir-demo-XXXXXX",
             base && base[0] && strlen(base) < PATH_BYTES / 4 ? base : "/tmp");
    return mkdtemp(demo->folder) ||
           weir_error_set(err, "can't make a folder %s; is $TMPDIR right?", demo->folder);
}

static bool write_config(struct demo *demo, const char *rules, struct weir_error *err)
{
    char path[PATH_BYTES * 2];
    FILE *file = fopen(path_in(demo, "weir.yaml", path), "w");
    if (!file) {
        return weir_error_set(err, "can't write %s", path);
    }
    fprintf(file,
            "state: state\n"
            "rules: ['%s', '%s/samples/shop.yaml']\n"
            "record: {dir: chats}\n"
            "rooms:\n"
            "  - url: %s\n"
            "    rooms: [r1]\n",
            rules, rules, demo->url);
    return fclose(file) == 0 || weir_error_set(err, "can't write %s", path);
}

static bool start(struct demo *demo, const char *const *argv, const char *log, pid_t *pid_out,
                  struct weir_error *err)
{
    char path[PATH_BYTES * 2];
    struct weir_process_options options = {
        .argv = argv, .output = path_in(demo, log, path), .signal_with_us = SIGTERM};
    *pid_out = weir_process_start(&options, err);
    return *pid_out != NO_PROCESS;
}

static bool start_room(struct demo *demo, const char *rules, struct weir_error *err)
{
    char sample[PATH_BYTES * 2];
    char log[PATH_BYTES * 2];
    snprintf(sample, sizeof(sample), "%s/samples/evening.jsonl", rules);
    const char *const argv[] = {demo->program,
                                "play",
                                demo->file ? demo->file : sample,
                                "--speed",
                                demo->speed,
                                "--rooms",
                                "1",
                                "--listen",
                                "127.0.0.1:0",
                                "--log",
                                path_in(demo, "room.jsonl", log),
                                NULL};
    return start(demo, argv, "room.out", &demo->room, err);
}

static bool start_daemon(struct demo *demo, struct weir_error *err)
{
    char config[PATH_BYTES * 2];
    const char *const argv[] = {demo->program, "run", "-c", path_in(demo, "weir.yaml", config),
                                NULL};
    return start(demo, argv, "weir.log", &demo->daemon, err);
}

// The room server's first line is the URL that it listens on.
static bool read_url(struct demo *demo)
{
    char path[PATH_BYTES * 2];
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_error err = {0};
    if (!weir_file_read(path_in(demo, "room.out", path), PATH_BYTES * 16, &out, &err)) {
        return false;
    }
    struct weir_span rest = weir_buffer_span(&out);
    struct weir_span line = weir_span_take_until(&rest, '\n');
    bool is_whole = line.length < out.length && line.length < URL_BYTES &&
                    weir_span_starts(line, WEIR_SPAN("ws://"));
    if (is_whole) {
        snprintf(demo->url, sizeof(demo->url), "%.*s", WEIR_SPAN_ARGS(line));
    }
    return is_whole;
}

// ---- what is shown ----

static void print_introduction(const struct demo *demo)
{
    char state[PATH_BYTES * 2];
    printf("A live shop is being moderated. Left: the room as its viewers see it; what weir "
           "removes is\n"
           "struck through. Middle: why. Right: the questions that wait for a human, due first on "
           "top.\n"
           "Work the queue yourself, in another terminal:\n"
           "\n"
           "    %s queue list --state %s\n"
           "    %s queue claim sales --as me --state %s\n"
           "\n"
           "Ctrl-C ends it all.\n",
           demo->program, path_in(demo, "state", state), demo->program,
           path_in(demo, "state", state));
    fflush(stdout);
}

static void write_status(struct demo *demo)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    const struct demo_counters *counters = demo_show_counters(demo->show);
    weir_buffer_printf(
        &line,
        " %" PRIu64 " messages, %" PRIu64 " removed, %" PRIu64 " muted, %" PRIu64
        " questions, %" PRIu64 " cards wait, %" PRIu64 " answered, %" PRIu64
        " replies in the room   queue: weir queue list --state %s/state   Ctrl-C ends",
        counters->messages, counters->removed, counters->muted, counters->questions,
        demo_desk_waiting(demo->desk), demo_desk_answered(demo->desk), counters->replies,
        demo->folder);
    weir_panes_status(demo->panes, weir_buffer_span(&line));
}

static void draw(struct demo *demo)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    write_status(demo);
    weir_panes_draw(demo->panes, size.ws_col, size.ws_row, &out);
    fwrite(out.data, 1, out.length, stdout);
    fflush(stdout);
}

static void print_summary(const struct demo *demo)
{
    const struct demo_counters *counters = demo_show_counters(demo->show);
    printf("%" PRIu64 " messages, %" PRIu64 " removed, %" PRIu64 " muted, %" PRIu64
           " questions, %" PRIu64 " answered, %" PRIu64 " replies in the room\n",
           counters->messages, counters->removed, counters->muted, counters->questions,
           demo_desk_answered(demo->desk), counters->replies);
}

static void print_end_of(const struct demo *demo, const char *log)
{
    char path[PATH_BYTES * 2];
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    struct weir_error err = {0};
    if (weir_file_read(path_in(demo, log, path), (size_t)1 << 20, &text, &err)) {
        fwrite(text.data, 1, text.length, stderr);
    }
}

// ---- the course of it ----

static void end_demo(struct demo *demo, const char *cause)
{
    if (demo->ending_ms > 0) {
        return;
    }
    demo->ending_ms = weir_loop_now_ms(demo->loop);
    demo->cause = cause;
    if (demo->daemon != NO_PROCESS) {
        kill(demo->daemon, SIGTERM);
    }
    if (demo->room != NO_PROCESS) {
        kill(demo->room, SIGTERM);
    }
}

static bool has_ended(pid_t *process)
{
    int status;
    if (*process != NO_PROCESS && weir_process_has_ended(*process, &status)) {
        *process = NO_PROCESS;
    }
    return *process == NO_PROCESS;
}

// The daemon first drains; what still lives when its time is over is ended for good.
static void wait_for_end(struct demo *demo, int64_t now_ms)
{
    bool over = has_ended(&demo->daemon) && has_ended(&demo->room);
    if (!over && now_ms - demo->ending_ms < END_WITHIN_MS) {
        return;
    }
    if (!has_ended(&demo->daemon)) {
        kill(demo->daemon, SIGKILL);
    }
    if (!has_ended(&demo->room)) {
        kill(demo->room, SIGKILL);
    }
    weir_loop_stop(demo->loop);
}

static void start_when_room_listens(struct demo *demo, int64_t now_ms)
{
    WEIR_AUTO(weir_free_at) char *rules = weir_data_dir();
    struct weir_error err = {0};
    if (!read_url(demo)) {
        if (now_ms - demo->started_ms > URL_WITHIN_MS || has_ended(&demo->room)) {
            end_demo(demo, "the room server did not start");
        }
        return;
    }
    if (!write_config(demo, rules, &err) || !start_daemon(demo, &err)) {
        fprintf(stderr, "weir demo: %s\n", err.text);
        end_demo(demo, "the daemon could not be started");
        return;
    }
    print_introduction(demo);
    if (!demo->plain) {
        fputs("\x1b[?1049h\x1b[?25l\x1b[2J", stdout); // a screen of its own, no cursor
    }
}

static void run_on(struct demo *demo, int64_t now_ms)
{
    demo_show_read(demo->show);
    demo_desk_work(demo->desk, now_ms);
    if (demo->plain) {
        fflush(stdout);
    } else {
        draw(demo);
    }
    if (has_ended(&demo->daemon)) {
        end_demo(demo, "the daemon ended");
    } else if (demo->seconds > 0 && now_ms - demo->started_ms > (int64_t)demo->seconds * 1000) {
        end_demo(demo, NULL);
    }
}

static void on_tick(void *user)
{
    struct demo *demo = user;
    int64_t now_ms = weir_loop_now_ms(demo->loop);
    if (demo->ending_ms > 0) {
        wait_for_end(demo, now_ms);
    } else if (demo->daemon == NO_PROCESS) {
        start_when_room_listens(demo, now_ms);
    } else {
        run_on(demo, now_ms);
    }
}

static void on_signal(void *user, int number)
{
    (void)number;
    end_demo(user, NULL);
}

static bool set_up(struct demo *demo, struct weir_error *err)
{
    WEIR_AUTO(weir_free_at) char *rules = weir_data_dir();
    if (!rules) {
        return weir_error_set(err, "the shipped packs are not where they should be; name their "
                                   "folder in $WEIR_DATA_DIR");
    }
    demo->loop = weir_loop_create(err);
    if (!demo->loop || !make_folder(demo, err)) {
        return false;
    }
    char state[PATH_BYTES * 2];
    demo->panes = weir_panes_create(titles);
    demo->show = demo_show_create(demo->folder, demo->panes, demo->plain);
    demo->desk = demo_desk_create(path_in(demo, "state", state), demo->show, demo->panes,
                                  demo->plain, demo->with_moderator);
    weir_loop_on_signal(demo->loop, SIGINT, on_signal, demo);
    weir_loop_on_signal(demo->loop, SIGTERM, on_signal, demo);
    weir_loop_on_signal(demo->loop, SIGHUP, on_signal, demo);
    demo->started_ms = weir_loop_now_ms(demo->loop);
    demo->ticker = weir_timer_start(demo->loop, 0, TICK_MS, on_tick, demo);
    return start_room(demo, rules, err);
}

static void tear_down(struct demo *demo)
{
    if (demo->ticker) {
        weir_timer_stop(&demo->ticker);
    }
    demo_desk_destroy(&demo->desk);
    demo_show_destroy(&demo->show);
    weir_panes_destroy(&demo->panes);
    weir_loop_destroy(&demo->loop);
    if (demo->folder[0]) {
        nftw(demo->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
    free(demo->program);
}

static int run_demo(struct demo *demo)
{
    struct weir_error err = {0};
    if (!set_up(demo, &err)) {
        fprintf(stderr, "weir demo: %s\n", err.text);
        return WEIR_EXIT_USAGE;
    }
    weir_loop_run(demo->loop);
    if (!demo->plain) {
        fputs("\x1b[?25h\x1b[?1049l", stdout);
    }
    print_summary(demo);
    if (!demo->cause) {
        return WEIR_EXIT_OK;
    }
    print_end_of(demo, "room.out");
    print_end_of(demo, "weir.log");
    fprintf(stderr, "weir demo: %s\n", demo->cause);
    return WEIR_EXIT_USAGE;
}

static const struct option long_options[] = {
    {"speed", required_argument, NULL, 's'},
    {"no-moderator", no_argument, NULL, 'n'},
    {"plain", no_argument, NULL, 'p'},
    {"seconds", required_argument, NULL, 'e'},
    {NULL, 0, NULL, 0},
};

static bool take_option(struct demo *demo, int option)
{
    switch (option) {
    case 's':
        demo->speed = optarg;
        return true;
    case 'n':
        demo->with_moderator = false;
        return true;
    case 'p':
        demo->plain = true;
        return true;
    case 'e':
        return weir_span_to_u64(weir_span_of(optarg), &demo->seconds);
    default:
        return false;
    }
}

static bool read_options(struct demo *demo, int argc, char **argv)
{
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (!take_option(demo, option)) {
            return false;
        }
    }
    demo->file = optind < argc ? argv[optind++] : NULL;
    return optind == argc;
}

static int run(int argc, char **argv)
{
    struct demo demo = {.speed = DEFAULT_SPEED,
                        .with_moderator = true,
                        .plain = !isatty(STDOUT_FILENO),
                        .room = NO_PROCESS,
                        .daemon = NO_PROCESS};
    // getopt wants the program's name first, which is what stands before our arguments.
    if (!read_options(&demo, argc + 1, argv - 1)) {
        fputs(usage, stderr);
        return WEIR_EXIT_USAGE;
    }
    demo.program = realpath("/proc/self/exe", NULL);
    int result = run_demo(&demo);
    tear_down(&demo);
    return result;
}

const struct weir_command weir_command_demo = {
    .name = "demo",
    .summary = "a sample live room, the engine and its queue, in one terminal",
    .usage = usage,
    .run = run,
};
