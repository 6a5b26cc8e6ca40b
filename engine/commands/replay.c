// A recorded chat, judged in its own time as fast as it goes. What it prints is what a daemon that
// saw the same messages with the same rules wrote into its verdict log, byte for byte.

#include "engine/base/alloc.h"
#include "engine/base/terminal.h"
#include "engine/commands/rules_option.h"
#include "engine/judge/judge.h"
#include "engine/sys/clock.h"
#include "engine/sys/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_CHARS 2000
#define FLUSH_BYTES   65536

struct replay_options {
    struct weir_rules_option rules;
    struct weir_paths files;
    uint32_t rate;
    bool as_json;
    bool hits_only;
    bool summary;
};

// What one room needs to be judged: its memory, and what is known about it besides.
struct replayed_room {
    char *name;
    char *state;
    char *scene;
    struct weir_memory *memory;
};

struct replay {
    const struct replay_options *options;
    struct weir_judge *judge;
    struct replayed_room *rooms;
    size_t room_count;
    size_t room_capacity;
    size_t last_room; // most recordings hold one: look there first
    struct weir_buffer out;
    uint64_t judged;
    uint64_t by_message[WEIR_MESSAGE_DELETE + 1];
    uint64_t by_user[WEIR_USER_BAN + 1];
    uint64_t questions;
    uint64_t degraded;
    uint64_t bad_lines;
    uint64_t *fired; // by rule
    int64_t first_ms;
    int64_t last_ms;
};

static void fini_options(struct replay_options *options)
{
    weir_rules_option_fini(&options->rules);
    weir_paths_fini(&options->files);
}

static void fini_replay(struct replay *replay)
{
    for (size_t i = 0; i < replay->room_count; i++) {
        weir_memory_destroy(&replay->rooms[i].memory);
        free(replay->rooms[i].name);
        free(replay->rooms[i].state);
        free(replay->rooms[i].scene);
    }
    free(replay->rooms);
    free(replay->fired);
    weir_buffer_fini(&replay->out);
    weir_judge_destroy(&replay->judge);
}

static struct replayed_room *find_room(struct replay *replay, struct weir_span name)
{
    for (size_t i = 0; i < replay->room_count; i++) {
        size_t at = (replay->last_room + i) % replay->room_count;
        if (weir_span_is(name, replay->rooms[at].name)) {
            replay->last_room = at;
            return &replay->rooms[at];
        }
    }
    if (replay->room_count == replay->room_capacity) {
        replay->rooms = weir_grow(replay->rooms, &replay->room_capacity, replay->room_count + 1,
                                  sizeof(*replay->rooms));
    }
    replay->last_room = replay->room_count++;
    replay->rooms[replay->last_room] = (struct replayed_room){
        .name = weir_strndup(name.data, name.length),
        .state = weir_strdup("live"),
        .scene = weir_strdup(""),
        .memory = weir_memory_create(),
    };
    return &replay->rooms[replay->last_room];
}

static void flush(struct replay *replay, size_t limit_bytes)
{
    if (replay->out.length > limit_bytes) {
        fwrite(replay->out.data, 1, replay->out.length, stdout);
        weir_buffer_clear(&replay->out);
    }
}

static void count(struct replay *replay, const struct weir_verdict *verdict)
{
    replay->judged++;
    replay->by_message[verdict->message_verdict]++;
    replay->by_user[verdict->user_verdict]++;
    replay->questions += verdict->is_question;
    replay->degraded += verdict->degraded_count > 0;
    for (size_t i = 0; i < verdict->fired_count; i++) {
        replay->fired[verdict->fired[i]->index]++;
    }
}

static void print_line(struct replay *replay, const struct weir_verdict *verdict,
                       const struct weir_message *message)
{
    weir_buffer_printf(&replay->out, "%-7s", weir_message_verdict_name(verdict->message_verdict));
    if (verdict->user_verdict != WEIR_USER_NONE) {
        weir_buffer_printf(&replay->out, "+%s", weir_user_verdict_name(verdict->user_verdict));
    }
    weir_buffer_add_text(&replay->out, verdict->is_question ? " ? " : "   ");
    weir_terminal_add(&replay->out, message->id);
    weir_buffer_add_text(&replay->out, "  ");
    weir_terminal_add(&replay->out, message->text);
    for (size_t i = 0; i < verdict->fired_count; i++) {
        weir_buffer_add_text(&replay->out, i == 0 ? "  [" : ", ");
        weir_buffer_add(&replay->out, verdict->fired[i]->id);
    }
    weir_buffer_add_text(&replay->out, verdict->fired_count > 0 ? "]\n" : "\n");
}

static void print_verdict(struct replay *replay, const struct weir_verdict *verdict,
                          const struct weir_message *message)
{
    if (replay->options->summary ||
        (replay->options->hits_only && !weir_verdict_is_worth_logging(verdict))) {
        return;
    }
    if (replay->options->as_json) {
        weir_verdict_write(verdict, replay->options->rules.set, message,
                           weir_judge_text(replay->judge), &replay->out);
        weir_buffer_add_byte(&replay->out, '\n');
    } else {
        print_line(replay, verdict, message);
    }
    flush(replay, FLUSH_BYTES);
}

static void on_message(struct replay *replay, const struct weir_message *message,
                       int64_t arrived_ms)
{
    if (message->from_self) {
        return;
    }
    struct replayed_room *room = find_room(replay, message->room);
    struct weir_room_view view = {.id = message->room,
                                  .state = weir_span_of(room->state),
                                  .scene = weir_span_of(room->scene)};
    const struct weir_verdict *verdict = weir_judge_message(
        replay->judge, replay->options->rules.set, room->memory, &view, message, arrived_ms);
    count(replay, verdict);
    print_verdict(replay, verdict, message);
}

static void keep_text(char **kept, struct weir_span text)
{
    if (text.length > 0) {
        free(*kept);
        *kept = weir_strndup(text.data, text.length);
    }
}

static void on_event(struct replay *replay, const struct weir_event *event, int64_t arrived_ms)
{
    if (event->kind == WEIR_EVENT_MESSAGE) {
        on_message(replay, event->message, arrived_ms);
    } else if (event->kind == WEIR_EVENT_ROOM) {
        struct replayed_room *room = find_room(replay, event->room);
        keep_text(&room->state, event->state);
        keep_text(&room->scene, event->scene);
    }
}

static void on_bad_line(void *user, const char *path, uint64_t line, struct weir_span cause)
{
    struct replay *replay = user;
    replay->bad_lines++;
    fprintf(stderr, "weir replay: %s:%" PRIu64 ": skipped: %.*s\n", path, line,
            WEIR_SPAN_ARGS(cause));
}

static bool replay_file(struct replay *replay, const char *path)
{
    struct weir_error err = {0};
    WEIR_AUTO(weir_recording_close)
    struct weir_recording *recording =
        weir_recording_open(path, replay->options->rate, on_bad_line, replay, &err);
    if (!recording) {
        fprintf(stderr, "weir replay: %s\n", err.text);
        return false;
    }
    const struct weir_event *event = NULL;
    while ((event = weir_recording_next(recording)) != NULL) {
        on_event(replay, event, weir_recording_arrived_ms(recording));
    }
    const char *failure = weir_recording_failure(recording);
    if (failure) {
        fprintf(stderr, "weir replay: %s: %s after line %" PRIu64 "\n", path, failure,
                weir_recording_line_number(recording));
    }
    return !failure;
}

static void print_summary(struct replay *replay, int64_t spent_us)
{
    const struct weir_set *set = replay->options->rules.set;
    struct weir_buffer *out = &replay->out;
    double seconds = spent_us > 0 ? (double)spent_us / 1e6 : 1e-6;
    weir_buffer_printf(out, "%" PRIu64 " messages in %.2f s: %.0f a second\n", replay->judged,
                       seconds, (double)replay->judged / seconds);
    for (size_t i = 0; i < ARRAY_LEN(replay->by_message); i++) {
        weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n",
                           weir_message_verdict_name((enum weir_message_verdict)i),
                           replay->by_message[i]);
    }
    for (size_t i = WEIR_USER_WARN; i < ARRAY_LEN(replay->by_user); i++) {
        weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n",
                           weir_user_verdict_name((enum weir_user_verdict)i), replay->by_user[i]);
    }
    weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n", "questions", replay->questions);
    weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n", "degraded", replay->degraded);
    weir_buffer_printf(out, "  %-9s %8" PRIu64 "\n", "bad lines", replay->bad_lines);
    weir_buffer_add_text(out, "rules that fired:\n");
    for (size_t i = 0; i < set->rule_count; i++) {
        if (replay->fired[i] > 0) {
            weir_buffer_printf(out, "  %8" PRIu64 "  %.*s\n", replay->fired[i],
                               WEIR_SPAN_ARGS(set->rules[i]->id));
        }
    }
}

static int replay_files(const struct replay_options *options)
{
    WEIR_AUTO(fini_replay)
    struct replay replay = {.options = options, .judge = weir_judge_create(DEFAULT_CHARS)};
    replay.fired = weir_new_array(uint64_t, options->rules.set->rule_count + 1);
    int64_t start_us = weir_clock_monotonic_us();
    bool good = true;
    for (size_t i = 0; i < options->files.count; i++) {
        good = replay_file(&replay, options->files.items[i]) && good;
    }
    if (options->summary) {
        print_summary(&replay, weir_clock_monotonic_us() - start_us);
    }
    flush(&replay, 0);
    return good ? WEIR_EXIT_OK : WEIR_EXIT_USAGE;
}

static bool take_rate(struct replay_options *options, const char *text)
{
    uint64_t rate = 0;
    if (!text || !weir_span_to_u64(weir_span_of(text), &rate) || rate == 0 || rate > 1000) {
        fputs("weir replay: --rate needs a number of messages a second, 1 to 1000\n", stderr);
        return false;
    }
    options->rate = (uint32_t)rate;
    return true;
}

static bool parse_options(struct replay_options *options, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (weir_rules_option_take(&options->rules, argc, argv, &i)) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            options->as_json = true;
        } else if (strcmp(argv[i], "--hits") == 0) {
            options->hits_only = true;
        } else if (strcmp(argv[i], "--summary") == 0) {
            options->summary = true;
        } else if (strcmp(argv[i], "--rate") == 0) {
            i++;
            if (!take_rate(options, i < argc ? argv[i] : NULL)) {
                return false;
            }
        } else if (argv[i][0] == '-' && argv[i][1] != 0) {
            fprintf(stderr, "weir replay: unknown option '%s'\n", argv[i]);
            return false;
        } else {
            weir_paths_add(&options->files, argv[i]);
        }
    }
    if (options->files.count == 0) {
        fputs("weir replay: which recording? 'weir replay --help' tells more\n", stderr);
    }
    return options->files.count > 0;
}

static int run_replay(int argc, char **argv)
{
    WEIR_AUTO(fini_options) struct replay_options options = {0};
    if (!parse_options(&options, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    enum weir_exit loaded = weir_rules_option_load(&options.rules);
    return loaded == WEIR_EXIT_OK ? replay_files(&options) : (int)loaded;
}

const struct weir_command weir_command_replay = {
    .name = "replay",
    .summary = "judge a recorded chat in its own time",
    .usage = "usage: weir replay [--json] [--hits] [--summary] [--rate N] FILE...\n"
             "\n"
             "Judges recorded chats (.jsonl, .jsonl.gz, '-' for standard input) one after the\n"
             "other, rooms keep their memory from file to file, and prints one verdict a line.\n"
             "\n"
             "  --json         verdicts as JSON, the same bytes as the daemon's verdict log\n"
             "  --hits         only those that the verdict log keeps: hits, questions, not pass\n"
             "  --summary      only the numbers at the end\n"
             "  --rate N       messages a second where lines have no time (default "
             "1)\n" WEIR_RULES_OPTION_USAGE "\n"
             "Lines that can't be read are told on stderr and skipped.\n"
             "\n"
             "  weir replay --summary evening.jsonl\n"
             "  weir replay --json --hits chat.jsonl.gz > verdicts.jsonl\n",
    .run = run_replay,
};
