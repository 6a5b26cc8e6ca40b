// A recorded chat, judged in its own time as fast as it goes. What it prints is what a daemon that
// saw the same messages with the same rules wrote into its verdict log, byte for byte.

#include "engine/base/alloc.h"
#include "engine/base/terminal.h"
#include "engine/commands/progress.h"
#include "engine/commands/replay_questions.h"
#include "engine/commands/replay_summary.h"
#include "engine/commands/replayer.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/simulate_option.h"
#include "engine/commands/terminal_size.h"
#include "engine/sys/clock.h"
#include "engine/sys/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FLUSH_BYTES     65536
#define DEFAULT_COLUMNS 80

struct replay_options {
    struct weir_rules_option rules;
    struct weir_paths files;
    uint32_t rate;
    uint32_t simulated;
    bool as_json;
    bool hits_only;
    bool summary;
    bool questions_only;
};

struct replay {
    const struct replay_options *options;
    struct weir_replayer *replayer;
    struct weir_progress progress;
    struct weir_summary summary;
    struct weir_buffer out;
    uint64_t bad_lines;
};

static void fini_options(struct replay_options *options)
{
    weir_rules_option_fini(&options->rules);
    weir_paths_fini(&options->files);
}

static void fini_replay(struct replay *replay)
{
    weir_replayer_destroy(&replay->replayer);
    weir_summary_fini(&replay->summary);
    weir_buffer_fini(&replay->out);
}

static void flush(struct replay *replay, size_t limit_bytes)
{
    if (replay->out.length > limit_bytes) {
        fwrite(replay->out.data, 1, replay->out.length, stdout);
        weir_buffer_clear(&replay->out);
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
    if (replay->options->hits_only && !weir_verdict_is_worth_logging(verdict)) {
        return;
    }
    if (replay->options->as_json) {
        weir_verdict_write(verdict, replay->options->rules.set, message,
                           weir_judge_text(weir_replayer_judge(replay->replayer)), &replay->out);
        weir_buffer_add_byte(&replay->out, '\n');
    } else {
        print_line(replay, verdict, message);
    }
    flush(replay, FLUSH_BYTES);
}

static void print_question(struct replay *replay, const struct weir_verdict *verdict,
                           const struct weir_message *message)
{
    const struct weir_triaged *triaged = weir_replayer_triage(replay->replayer, message, verdict);
    if (replay->options->as_json) {
        weir_question_write_json(message, verdict, triaged, &replay->out);
    } else {
        weir_question_write_text(message, triaged, &replay->out);
    }
    flush(replay, FLUSH_BYTES);
}

static void on_event(struct replay *replay, const struct weir_event *event, int64_t arrived_ms)
{
    const struct weir_verdict *verdict = weir_replayer_take(replay->replayer, event, arrived_ms);
    if (!verdict) {
        return;
    }
    if (replay->options->summary) {
        weir_summary_add(&replay->summary, event->message, verdict,
                         weir_replayer_triage(replay->replayer, event->message, verdict));
    } else if (replay->options->questions_only) {
        print_question(replay, verdict, event->message);
    } else {
        print_verdict(replay, verdict, event->message);
    }
}

static void on_bad_line(void *user, const char *path, uint64_t line, struct weir_span cause)
{
    struct replay *replay = user;
    replay->bad_lines++;
    weir_progress_clear(&replay->progress);
    fprintf(stderr, "weir replay: %s:%" PRIu64 ": skipped: %.*s\n", path, line,
            WEIR_SPAN_ARGS(cause));
}

static bool replay_file(struct replay *replay, const char *path)
{
    struct weir_error err = {0};
    WEIR_AUTO(weir_recording_close)
    struct weir_recording *recording =
        weir_recording_open(path, replay->options->rate, on_bad_line, replay, &err);
    weir_progress_file(&replay->progress, path);
    if (!recording) {
        weir_progress_clear(&replay->progress);
        fprintf(stderr, "weir replay: %s\n", err.text);
        return false;
    }
    const struct weir_event *event = NULL;
    while ((event = weir_recording_next(recording)) != NULL) {
        on_event(replay, event, weir_recording_arrived_ms(recording));
        weir_progress_step(&replay->progress, weir_recording_progress(recording));
    }
    const char *failure = weir_recording_failure(recording);
    weir_progress_clear(&replay->progress);
    if (failure) {
        fprintf(stderr, "weir replay: %s: %s after line %" PRIu64 "\n", path, failure,
                weir_recording_line_number(recording));
    }
    return !failure;
}

static void print_summary(struct replay *replay, int64_t spent_us)
{
    size_t columns = weir_terminal_columns(STDOUT_FILENO);
    if (replay->options->as_json) {
        weir_summary_write_json(&replay->summary, replay->bad_lines, spent_us, &replay->out);
    } else {
        weir_summary_write_text(&replay->summary, replay->bad_lines, spent_us,
                                columns ? columns : DEFAULT_COLUMNS, &replay->out);
    }
}

static int replay_files(const struct replay_options *options)
{
    WEIR_AUTO(fini_replay)
    struct replay replay = {.options = options,
                            .replayer = weir_replayer_create(options->rules.set)};
    weir_judge_simulate(weir_replayer_judge(replay.replayer), options->simulated);
    weir_summary_init(&replay.summary, options->rules.set);
    weir_progress_start(&replay.progress, &options->files, !options->summary);
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
        } else if (strcmp(argv[i], "--questions") == 0) {
            options->questions_only = true;
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
    if (!weir_simulate_option_take(&argc, argv, &options.simulated) ||
        !parse_options(&options, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    enum weir_exit loaded = weir_rules_option_load(&options.rules);
    return loaded == WEIR_EXIT_OK ? replay_files(&options) : (int)loaded;
}

const struct weir_command weir_command_replay = {
    .name = "replay",
    .summary = "judge a recorded chat in its own time",
    .usage = "usage: weir replay [--json] [--hits | --questions | --summary] [--rate N] FILE...\n"
             "\n"
             "Judges recorded chats (.jsonl, .jsonl.gz, '-' for standard input) one after the\n"
             "other, rooms keep their memory from file to file, and prints one verdict a line.\n"
             "\n"
             "  --json         verdicts as JSON, the same bytes as the daemon's verdict log\n"
             "  --hits         only those that the verdict log keeps: hits, questions, not pass\n"
             "  --questions    only the questions: which card each makes or joins, which answer\n"
             "                 would be given at once\n"
             "  --summary      only the numbers at the end: what was done, by which rules, to how\n"
             "                 many users, and when; with --json as one object\n"
             "  --rate N       messages a second where lines have no time (default "
             "1)\n" WEIR_SIMULATE_OPTION_USAGE WEIR_RULES_OPTION_USAGE "\n"
             "Lines that can't be read are told on stderr and skipped.\n"
             "\n"
             "  weir replay --summary evening.jsonl\n"
             "  weir replay --json --hits chat.jsonl.gz > verdicts.jsonl\n",
    .run = run_replay,
};
