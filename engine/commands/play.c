#include "engine/base/alloc.h"
#include "engine/commands/commands.h"
#include "engine/commands/play_server.h"
#include "engine/sys/files.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#define MAX_ROOMS 1000000u

/** What the command line asked for. */
struct play_command {
    struct play_options server;
    char address[64];
    const char *path;
    const char *log_path;
    const char *token_path;
    struct weir_buffer token;
    bool json;
};

enum play_option {
    OPTION_LISTEN = 'l',
    OPTION_SPEED = 's',
    OPTION_ROOMS = 'r',
    OPTION_GATE = 'g',
    OPTION_DEADLINE = 256,
    OPTION_LATE,
    OPTION_ONCE,
    OPTION_GRACE,
    OPTION_TOKEN,
    OPTION_NO_BATCH,
    OPTION_WINDOW,
    OPTION_REPLAY,
    OPTION_CUT,
    OPTION_LOG,
    OPTION_JSON,
    OPTION_RATE,
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"speed", required_argument, NULL, OPTION_SPEED},
    {"rooms", required_argument, NULL, OPTION_ROOMS},
    {"gate", no_argument, NULL, OPTION_GATE},
    {"deadline-ms", required_argument, NULL, OPTION_DEADLINE},
    {"late", required_argument, NULL, OPTION_LATE},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"grace-ms", required_argument, NULL, OPTION_GRACE},
    {"token-file", required_argument, NULL, OPTION_TOKEN},
    {"no-batch", no_argument, NULL, OPTION_NO_BATCH},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"replay", required_argument, NULL, OPTION_REPLAY},
    {"cut-after", required_argument, NULL, OPTION_CUT},
    {"log", required_argument, NULL, OPTION_LOG},
    {"json", no_argument, NULL, OPTION_JSON},
    {"rate", required_argument, NULL, OPTION_RATE},
    {NULL, 0, NULL, 0},
};

static bool complain(const char *text, const char *value)
{
    fprintf(stderr, "weir play: %s: '%s'\n", text, value);
    return false;
}

static bool take_number(const char *text, uint64_t most, uint64_t *number_out, const char *what)
{
    return (weir_span_to_u64(weir_span_of(text), number_out) && *number_out <= most) ||
           complain(what, text);
}

static bool take_u32(const char *text, uint32_t *number_out, const char *what)
{
    uint64_t number = 0;
    if (!take_number(text, UINT32_MAX, &number, what)) {
        return false;
    }
    *number_out = (uint32_t)number;
    return true;
}

static bool take_address(struct play_command *command, const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    struct weir_span host = {text, colon ? (size_t)(colon - text) : 0};
    if (host.length > 1 && host.data[0] == '[' && host.data[host.length - 1] == ']') {
        host = weir_span_slice(host, 1, host.length - 1);
    }
    if (!colon || host.length == 0 || host.length >= sizeof(command->address) ||
        !weir_span_to_u64(weir_span_of(colon + 1), &port) || port > 65535) {
        return complain("--listen wants ADDRESS:PORT", text);
    }
    snprintf(command->address, sizeof(command->address), "%.*s", WEIR_SPAN_ARGS(host));
    command->server.port = (uint16_t)port;
    return true;
}

static bool take_speed(struct play_command *command, const char *text)
{
    char *end = NULL;
    double speed = strtod(text, &end);
    if (strcmp(text, "max") == 0) {
        command->server.speed = 0;
        return true;
    }
    if (*end != '\0' || !(speed > 0 && speed < 1e9)) {
        return complain("--speed wants a number above 0, or max", text);
    }
    command->server.speed = speed;
    return true;
}

static bool take_late(struct play_command *command, const char *text)
{
    bool is_known = strcmp(text, "pass") == 0 || strcmp(text, "hold") == 0;
    command->server.late = strcmp(text, "hold") == 0 ? WEIR_GATE_HOLD : WEIR_GATE_PASS;
    return is_known || complain("--late wants pass or hold", text);
}

static bool take_rooms(struct play_command *command, const char *text)
{
    uint64_t count = 0;
    if (!take_number(text, MAX_ROOMS, &count, "--rooms wants a number up to a million")) {
        return false;
    }
    command->server.copies = (uint32_t)count;
    return count > 0 || complain("--rooms wants at least one", text);
}

static bool take_option(struct play_command *command, int option, const char *value)
{
    struct play_options *server = &command->server;
    switch (option) {
    case OPTION_LISTEN:
        return take_address(command, value);
    case OPTION_SPEED:
        return take_speed(command, value);
    case OPTION_ROOMS:
        return take_rooms(command, value);
    case OPTION_GATE:
        server->gate = true;
        return true;
    case OPTION_DEADLINE:
        return take_u32(value, &server->deadline_ms, "--deadline-ms wants milliseconds");
    case OPTION_LATE:
        return take_late(command, value);
    case OPTION_ONCE:
        server->once = true;
        return true;
    case OPTION_GRACE:
        return take_u32(value, &server->grace_ms, "--grace-ms wants milliseconds");
    case OPTION_TOKEN:
        command->token_path = value;
        return true;
    case OPTION_NO_BATCH:
        server->batch = false;
        return true;
    case OPTION_WINDOW:
        return take_u32(value, &server->window, "--window wants a number of messages");
    case OPTION_REPLAY:
        return take_number(value, UINT32_MAX, &server->replay, "--replay wants a number");
    case OPTION_CUT:
        return take_number(value, UINT64_MAX, &server->cut_after, "--cut-after wants a number");
    case OPTION_LOG:
        command->log_path = value;
        return true;
    case OPTION_RATE:
        return take_u32(value, &server->rate, "--rate wants messages a second");
    case OPTION_JSON:
        command->json = true;
        return true;
    default:
        return false; // getopt has said what was wrong
    }
}

static bool read_options(struct play_command *command, int argc, char **argv)
{
    // getopt wants a name in front, which stands where our caller's arguments keep the command's.
    int option = 0;
    optind = 0;
    while ((option = getopt_long(argc + 1, argv - 1, "", long_options, NULL)) != -1) {
        if (!take_option(command, option, optarg)) {
            return false;
        }
    }
    if (optind != argc) {
        fputs("weir play: one recording is wanted; 'weir play --help' tells more\n", stderr);
        return false;
    }
    command->path = argv[optind - 1];
    return true;
}

static bool open_files(struct play_command *command, struct weir_error *err)
{
    if (command->token_path) {
        if (!weir_file_read(command->token_path, 65536, &command->token, err)) {
            return false;
        }
        command->server.token = weir_span_trim(weir_buffer_span(&command->token));
        if (command->server.token.length == 0) {
            return weir_error_set(err, "%s holds no token", command->token_path);
        }
    }
    if (command->log_path) {
        command->server.log = fopen(command->log_path, "we");
        return command->server.log || weir_error_set(err, "cannot write %s", command->log_path);
    }
    return true;
}

static void on_signal(void *user, int number)
{
    (void)number;
    weir_loop_stop(user);
}

static void print_url(const struct play_command *command, const struct play_server *server)
{
    bool is_v6 = strchr(command->address, ':') != NULL;
    printf("ws://%s%s%s:%u/\n", is_v6 ? "[" : "", command->address, is_v6 ? "]" : "",
           play_server_port(server));
    fflush(stdout);
}

static void print_report(const struct play_command *command, const struct play_server *server)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    const struct play_report *report = play_server_report(server);
    if (command->json) {
        play_report_write_json(report, &text);
    } else {
        play_report_write_text(report, &text);
    }
    fwrite(text.data, 1, text.length, stdout);
    fflush(stdout);
}

static int serve(struct play_command *command, const struct play_chat *chat, struct weir_error *err)
{
    struct weir_loop *loop = weir_loop_create(err);
    struct play_server *server =
        loop ? play_server_create(loop, chat, &command->server, err) : NULL;
    if (!server) {
        weir_loop_destroy(&loop);
        return WEIR_EXIT_USAGE;
    }
    weir_loop_on_signal(loop, SIGINT, on_signal, loop);
    weir_loop_on_signal(loop, SIGTERM, on_signal, loop);
    print_url(command, server);
    weir_loop_run(loop);
    print_report(command, server);
    bool is_good = !command->server.once || play_server_is_over(server);
    weir_loop_destroy(&loop);
    play_server_destroy(&server);
    return is_good ? WEIR_EXIT_OK : WEIR_EXIT_FINDINGS;
}

static int load_and_serve(struct play_command *command, struct weir_error *err)
{
    struct play_chat chat = {0};
    int exit_code = WEIR_EXIT_USAGE;
    if (open_files(command, err) &&
        play_chat_load(&chat, command->path, command->server.copies > 0, err)) {
        if (chat.bad_lines > 0) {
            fprintf(stderr, "weir play: %" PRIu64 " lines of %s could not be used\n",
                    chat.bad_lines, command->path);
        }
        exit_code = serve(command, &chat, err);
    }
    play_chat_fini(&chat);
    return exit_code;
}

static int run_play(int argc, char **argv)
{
    struct play_command command = {
        .address = "127.0.0.1",
        .server = {.speed = 1,
                   .window = 20000,
                   .replay = 100000,
                   .grace_ms = 30000,
                   .deadline_ms = 50,
                   .late = WEIR_GATE_PASS,
                   .batch = true},
    };
    struct weir_error err = {0};
    command.server.address = command.address;
    if (!read_options(&command, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    int exit_code = load_and_serve(&command, &err);
    if (err.text[0]) {
        fprintf(stderr, "weir play: %s\n", err.text);
    }
    if (command.server.log) {
        fclose(command.server.log);
    }
    weir_buffer_fini(&command.token);
    return exit_code;
}

const struct weir_command weir_command_play = {
    .name = "play",
    .summary = "serve a recorded chat as live rooms, report what came back",
    .usage =
        "usage: weir play FILE.jsonl[.gz] [options]\n"
        "\n"
        "Serves a recorded chat as a room server that speaks weir.room.v1. The first line on\n"
        "stdout is the URL to attach to; at the end (with --once, or on Ctrl-C) a report tells\n"
        "what was sent, what came back, and how fast. The recording is held in memory.\n"
        "\n"
        "  --listen ADDR:PORT  default 127.0.0.1:0, any free port\n"
        "  --speed N|max       times the recording's own pace; default 1\n"
        "  --rate N            N messages a second in each room instead\n"
        "  --rooms N           rooms r1 to rN, each plays all of it; default: the rooms in it\n"
        "  --gate              the viewers wait for a verdict on each message\n"
        "  --deadline-ms N     gate: for how long; default 50\n"
        "  --late pass|hold    gate: what happens to a message without one; default pass\n"
        "  --once              end when every room that was joined is over and settled;\n"
        "                      exit code 1 if what was sent did not get settled\n"
        "  --grace-ms N        with --once: give up after so long without a sign; default 30000\n"
        "  --token-file FILE   refuse clients whose token is another\n"
        "  --no-batch          one object in each frame\n"
        "  --window N          messages ahead of the acknowledged ones; default 20000\n"
        "  --replay N          messages of a room that can be asked for again; default 100000\n"
        "  --cut-after N       after N messages, cut every connection once, without a goodbye\n"
        "  --log FILE          write every frame that was heard, with its time\n"
        "  --json              the report as JSON\n"
        "\n"
        "  weir play chat.jsonl --speed 10\n"
        "  weir play evening.jsonl.gz --rooms 4 --speed max --once --json\n",
    .run = run_play,
};
