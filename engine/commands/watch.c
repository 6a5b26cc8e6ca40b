// A look at a live room through the rules, for whoever wants to know what weir would do before
// giving it a room: reads, judges, prints. Nothing is sent but what attaching needs, not even acks:
// what this window has seen is not settled for the engine that really has the room.

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/commands/name_table.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/watch_view.h"
#include "engine/stream/adapters.h"
#include "engine/stream/link.h"
#include "engine/sys/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_CHARS    2000
#define STATUS_MS    250
#define RATE_SECONDS 5

/** What the judge needs of a room. */
struct watched_room {
    struct weir_memory *memory;
    struct weir_buffer state;
    struct weir_buffer scene;
    uint64_t last_seq; // what comes again after a reconnect is not shown again
};

struct watch {
    struct weir_rules_option rules;
    struct weir_judge *judge;
    struct weir_loop *loop;
    struct weir_link *link;
    struct watch_view view;
    struct name_table names;
    struct watched_room *rooms; // by number of the name
    size_t room_capacity;
    struct weir_buffer out;
    struct weir_buffer line;
    FILE *record;
    const char *url;
    const char *record_path;
    const char *ca_file;
    const char *rooms_asked[64];
    size_t rooms_asked_count;
    uint64_t limit; // messages after which to stop, 0 = never
    char connection[160];
    uint64_t seconds_seen[RATE_SECONDS]; // messages by second, a ring
    uint64_t last_messages;
    uint64_t ticks;
    bool has_status; // a status line stands on the terminal
    bool is_terminal;
    bool no_color;
    bool json;
    bool is_over;
    int exit_code;
};

static void stop(struct watch *watch)
{
    watch->is_over = true;
    weir_loop_stop(watch->loop);
}

static struct watched_room *room_of(struct watch *watch, struct weir_span name)
{
    size_t known = watch->names.count;
    uint32_t number = name_table_add(&watch->names, name);
    if (number == known) {
        watch->rooms =
            weir_grow(watch->rooms, &watch->room_capacity, known + 1, sizeof(*watch->rooms));
        watch->rooms[number] = (struct watched_room){.memory = weir_memory_create()};
        watch->view.has_rooms = known > 0;
    }
    return &watch->rooms[number];
}

static void write_out(struct watch *watch)
{
    size_t done = 0;
    while (done < watch->out.length) {
        ssize_t count = write(STDOUT_FILENO, watch->out.data + done, watch->out.length - done);
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            stop(watch); // whoever read us is gone
            break;
        }
        done += count > 0 ? (size_t)count : 0;
    }
    weir_buffer_clear(&watch->out);
}

// Lines go above the status line, which is drawn anew below them.
static void hide_status(struct watch *watch)
{
    if (watch->has_status) {
        weir_buffer_add_text(&watch->out, "\r\x1b[K");
        watch->has_status = false;
    }
}

static double rate_of(const struct watch *watch)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < RATE_SECONDS; i++) {
        sum += watch->seconds_seen[i];
    }
    return (double)sum / RATE_SECONDS;
}

static void show_status(struct watch *watch)
{
    if (watch->is_terminal && !watch->json) {
        hide_status(watch);
        watch_view_add_status(&watch->view, weir_span_of(watch->connection), rate_of(watch),
                              &watch->out);
        watch->has_status = true;
    }
    write_out(watch);
}

static void on_status_time(void *user)
{
    struct watch *watch = user;
    if (++watch->ticks % (1000 / STATUS_MS) == 0) {
        size_t second = watch->ticks / (1000 / STATUS_MS) % RATE_SECONDS;
        watch->seconds_seen[second] = watch->view.messages - watch->last_messages;
        watch->last_messages = watch->view.messages;
        if (watch->record) {
            fflush(watch->record);
        }
    }
    show_status(watch);
}

static void note(struct watch *watch, struct weir_span room, struct weir_span text)
{
    if (!watch->json) {
        hide_status(watch);
        watch_view_add_note(&watch->view, room, text, &watch->out);
    }
}

static void keep_record(struct watch *watch, const struct weir_event *event, int64_t now_ms)
{
    if (!watch->record || event->kind == WEIR_EVENT_READY || event->kind == WEIR_EVENT_DONE) {
        return;
    }
    weir_buffer_clear(&watch->line);
    weir_room_write_recorded(&watch->line, event, now_ms);
    if (watch->line.length > 0) {
        weir_buffer_add_byte(&watch->line, '\n');
        fwrite(watch->line.data, 1, watch->line.length, watch->record);
    }
}

static void show(struct watch *watch, const struct weir_message *message,
                 const struct weir_verdict *verdict, int64_t now_ms)
{
    if (!watch->json) {
        hide_status(watch);
        watch_view_add_message(&watch->view, message, verdict, now_ms, &watch->out);
        return;
    }
    watch->view.messages++;
    if (verdict) {
        weir_verdict_write(verdict, watch->rules.set, message, weir_judge_text(watch->judge),
                           &watch->out);
        weir_buffer_add_byte(&watch->out, '\n');
    }
}

static void judge(struct watch *watch, const struct weir_message *message, int64_t now_ms)
{
    struct watched_room *room = room_of(watch, message->room);
    const struct weir_verdict *verdict = NULL;
    if (watch->limit > 0 && watch->view.messages >= watch->limit) {
        return; // more came in the same frame
    }
    if (!message->from_self) {
        struct weir_room_view view = {.id = message->room,
                                      .state = weir_buffer_span(&room->state),
                                      .scene = weir_buffer_span(&room->scene)};
        verdict = weir_judge_message(watch->judge, watch->rules.set, room->memory, &view, message,
                                     now_ms);
    }
    show(watch, message, verdict, now_ms);
    if (watch->limit > 0 && watch->view.messages >= watch->limit) {
        stop(watch);
    }
}

static void replace(struct weir_buffer *buffer, struct weir_span text)
{
    if (text.length > 0) {
        weir_buffer_clear(buffer);
        weir_buffer_add(buffer, text);
    }
}

static void note_room(struct watch *watch, const struct weir_event *event)
{
    struct watched_room *room = room_of(watch, event->room);
    char text[160];
    replace(&room->state, event->state);
    replace(&room->scene, event->scene);
    snprintf(text, sizeof(text), "%.60s%.*s%s%.*s", event->state.length ? "now " : "",
             WEIR_SPAN_ARGS(weir_span_slice(event->state, 0, 32)),
             event->scene.length ? " scene " : "",
             WEIR_SPAN_ARGS(weir_span_slice(event->scene, 0, 64)));
    note(watch, event->room, weir_span_of(text));
}

// We settle nothing, so a room server may send all of it again once a connection is made anew.
static bool was_seen(struct watch *watch, const struct weir_event *event)
{
    bool has_seq = event->message ? event->message->has_seq : event->has_seq;
    uint64_t seq = event->message ? event->message->seq : event->seq;
    if (!has_seq || (event->kind != WEIR_EVENT_MESSAGE && event->kind != WEIR_EVENT_GONE)) {
        return false;
    }
    struct watched_room *room = room_of(watch, event->message ? event->message->room : event->room);
    bool is_old = seq <= room->last_seq;
    room->last_seq = is_old ? room->last_seq : seq;
    return is_old;
}

static void on_event(void *user, const struct weir_event *event)
{
    struct watch *watch = user;
    if (was_seen(watch, event)) {
        return;
    }
    int64_t now_ms = weir_clock_wall_ms(); // one for both, so that the record replays the same
    keep_record(watch, event, now_ms);
    switch (event->kind) {
    case WEIR_EVENT_MESSAGE:
        judge(watch, event->message, now_ms);
        break;
    case WEIR_EVENT_ROOM:
        note_room(watch, event);
        break;
    case WEIR_EVENT_GONE:
        note(watch, event->room, WEIR_SPAN("a message was removed"));
        break;
    case WEIR_EVENT_USER_GONE:
        note(watch, event->room,
             event->id.length > 0 ? WEIR_SPAN("messages of a user were removed")
                                  : WEIR_SPAN("all messages were removed"));
        break;
    case WEIR_EVENT_LEFT:
        note(watch, event->room, event->cause);
        break;
    case WEIR_EVENT_REFUSED:
        watch->view.refused++;
        note(watch, event->room, event->cause);
        break;
    default:
        break;
    }
}

static void on_frame_end(void *user)
{
    show_status(user);
}

static void on_up(void *user)
{
    struct watch *watch = user;
    snprintf(watch->connection, sizeof(watch->connection), "%.150s", watch->url);
    if (weir_link_room_count(watch->link) == 0) {
        note(watch, (struct weir_span){NULL, 0},
             WEIR_SPAN("connected, but no room was named: use --room or URL#ROOM"));
    }
}

static void on_down(void *user, struct weir_span cause, int64_t retry_ms)
{
    struct watch *watch = user;
    if (watch->is_over) {
        return;
    }
    if (retry_ms < 0) {
        fprintf(stderr, "weir watch: %.*s\n", WEIR_SPAN_ARGS(cause));
        watch->exit_code = WEIR_EXIT_FINDINGS;
        stop(watch);
        return;
    }
    snprintf(watch->connection, sizeof(watch->connection), "%.*s; again in %.1f s",
             WEIR_SPAN_ARGS(weir_span_slice(cause, 0, 100)), (double)retry_ms / 1000.0);
    if (!watch->is_terminal || watch->json) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
        weir_log_add_safe(&line, weir_span_of(watch->connection), sizeof(watch->connection));
        fprintf(stderr, "weir watch: %s\n", weir_buffer_text(&line));
    }
    note(watch, (struct weir_span){NULL, 0}, weir_span_of(watch->connection));
}

static void on_signal(void *user, int number)
{
    (void)number;
    stop(user);
}

static void on_refused_plugin(void *user, const char *path, const char *cause)
{
    (void)user;
    fprintf(stderr, "weir watch: %s: %s\n", path, cause);
}

static bool take_value(struct watch *watch, int argc, char **argv, int *at,
                       enum weir_exit *exit_out)
{
    const char *name = argv[*at];
    bool is_known = strcmp(name, "--record") == 0 || strcmp(name, "--room") == 0 ||
                    strcmp(name, "--count") == 0 || strcmp(name, "--ca-file") == 0;
    if (!is_known) {
        return false;
    }
    if (++*at == argc) {
        fprintf(stderr, "weir watch: %s wants a value\n", name);
        *exit_out = WEIR_EXIT_USAGE;
    } else if (strcmp(name, "--record") == 0) {
        watch->record_path = argv[*at];
    } else if (strcmp(name, "--ca-file") == 0) {
        watch->ca_file = argv[*at];
    } else if (strcmp(name, "--count") == 0) {
        if (!weir_span_to_u64(weir_span_of(argv[*at]), &watch->limit)) {
            fprintf(stderr, "weir watch: --count wants a number\n");
            *exit_out = WEIR_EXIT_USAGE;
        }
    } else if (watch->rooms_asked_count < ARRAY_LEN(watch->rooms_asked)) {
        watch->rooms_asked[watch->rooms_asked_count++] = argv[*at];
    }
    return true;
}

static enum weir_exit read_options(struct watch *watch, int argc, char **argv)
{
    enum weir_exit outcome = WEIR_EXIT_OK;
    for (int i = 0; i < argc && outcome == WEIR_EXIT_OK; i++) {
        if (weir_rules_option_take(&watch->rules, argc, argv, &i) ||
            take_value(watch, argc, argv, &i, &outcome)) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            watch->json = true;
        } else if (strcmp(argv[i], "--no-color") == 0) {
            watch->no_color = true;
        } else if (argv[i][0] == '-' || watch->url) {
            fprintf(stderr, "weir watch: unknown option or second URL '%s'\n", argv[i]);
            outcome = WEIR_EXIT_USAGE;
        } else {
            watch->url = argv[i];
        }
    }
    if (outcome == WEIR_EXIT_OK && !watch->url) {
        fputs("weir watch: a URL is wanted; 'weir watch --help' tells more\n", stderr);
        outcome = WEIR_EXIT_USAGE;
    }
    return outcome == WEIR_EXIT_OK ? weir_rules_option_load(&watch->rules) : outcome;
}

static bool open_link(struct watch *watch, const struct weir_adapters *adapters,
                      struct weir_error *err)
{
    static const struct weir_link_events events = {
        .on_event = on_event, .on_frame_end = on_frame_end, .on_up = on_up, .on_down = on_down};
    struct weir_link_options options = {
        .adapter = weir_adapters_for_url(adapters, weir_span_of(watch->url)),
        .url = weir_span_of(watch->url),
        .ca_file = weir_span_of(watch->ca_file),
        .random = (uint64_t)weir_clock_monotonic_us() | 1,
    };
    if (!options.adapter) {
        return weir_error_set(err, "no adapter understands '%s'", watch->url);
    }
    watch->link = weir_link_open(watch->loop, &options, &events, watch, err);
    for (size_t i = 0; watch->link && i < watch->rooms_asked_count; i++) {
        weir_link_join(watch->link, weir_span_of(watch->rooms_asked[i]));
    }
    return watch->link != NULL;
}

static void look_at_terminal(struct watch *watch)
{
    const char *no_color = getenv("NO_COLOR");
    watch->is_terminal = isatty(STDOUT_FILENO);
    watch->view.has_color = watch->is_terminal && !watch->no_color && !(no_color && *no_color);
    snprintf(watch->connection, sizeof(watch->connection), "connecting to %.120s", watch->url);
}

static void run_loop(struct watch *watch)
{
    struct weir_timer *status =
        weir_timer_start(watch->loop, STATUS_MS, STATUS_MS, on_status_time, watch);
    weir_loop_on_signal(watch->loop, SIGINT, on_signal, watch);
    weir_loop_on_signal(watch->loop, SIGTERM, on_signal, watch);
    weir_loop_run(watch->loop);
    weir_timer_stop(&status);
    hide_status(watch);
    write_out(watch);
    if (!watch->json) {
        fprintf(stderr,
                "%" PRIu64 " messages, %" PRIu64 " hits, %" PRIu64 " questions, %" PRIu64
                " unreadable\n",
                watch->view.messages, watch->view.hits, watch->view.questions, watch->view.refused);
    }
}

static bool attach(struct watch *watch, struct weir_error *err)
{
    char *folder = weir_plugin_dir();
    WEIR_AUTO(weir_adapters_destroy)
    struct weir_adapters *adapters =
        weir_adapters_load(folder ? folder : "plugins", on_refused_plugin, NULL, err);
    free(folder);
    if (!adapters) {
        return false;
    }
    watch->loop = weir_loop_create(err);
    watch->judge = weir_judge_create(MAX_CHARS);
    if (watch->record_path) {
        watch->record = fopen(watch->record_path, "ae");
        if (!watch->record) {
            weir_error_set(err, "cannot write %s: %s", watch->record_path, strerror(errno));
        }
    }
    look_at_terminal(watch);
    bool is_open = watch->loop && !err->text[0] && open_link(watch, adapters, err);
    if (is_open) {
        run_loop(watch);
        weir_link_close(&watch->link);
    }
    weir_loop_destroy(&watch->loop);
    return is_open;
}

static void watch_fini(struct watch *watch)
{
    for (size_t i = 0; i < watch->names.count; i++) {
        weir_memory_destroy(&watch->rooms[i].memory);
        weir_buffer_fini(&watch->rooms[i].state);
        weir_buffer_fini(&watch->rooms[i].scene);
    }
    free(watch->rooms);
    name_table_fini(&watch->names);
    watch_view_fini(&watch->view);
    weir_buffer_fini(&watch->out);
    weir_buffer_fini(&watch->line);
    weir_judge_destroy(&watch->judge);
    weir_rules_option_fini(&watch->rules);
    if (watch->record) {
        fclose(watch->record);
    }
}

static int run_watch(int argc, char **argv)
{
    struct watch watch = {0};
    struct weir_error err = {0};
    watch.exit_code = (int)read_options(&watch, argc, argv);
    if (watch.exit_code == WEIR_EXIT_OK && !attach(&watch, &err)) {
        fprintf(stderr, "weir watch: %s\n", err.text);
        watch.exit_code = WEIR_EXIT_USAGE;
    }
    watch_fini(&watch);
    return watch.exit_code;
}

const struct weir_command weir_command_watch = {
    .name = "watch",
    .summary = "look at a live room through the rules; changes nothing",
    .usage = "usage: weir watch URL [options]\n"
             "\n"
             "Attaches to a room, read-only, and prints each message with its verdict: the hit\n"
             "underlined, then the rules that fired, the score, and the topic of a question.\n"
             "Needs no Redis and no configuration. A lost connection is made again.\n"
             "\n"
             "  --room NAME    a room to join; may be repeated (or "
             "URL#ROOM,ROOM)\n" WEIR_RULES_OPTION_USAGE
             "  --record FILE  append the chat to FILE, for 'weir replay' and 'weir play'\n"
             "  --ca-file FILE trust the certificates in FILE instead of the system's\n"
             "  --json         one verdict a line, as 'weir replay --json' writes it\n"
             "  --no-color     plain text on a terminal too\n"
             "  --count N      stop after N messages\n"
             "\n"
             "  weir watch twitch:CHANNEL\n"
             "  weir watch 'irc+wss://irc.example:8097/#channel'\n"
             "  weir watch ws://127.0.0.1:8080/#r1 --rules my-rules/\n",
    .run = run_watch,
};
