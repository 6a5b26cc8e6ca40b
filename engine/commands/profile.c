// Where judging spends its time, by rule and check, on a recorded chat. It is the same judge that
// runs in the daemon, which looks at the clock only here.

#include "engine/base/alloc.h"
#include "engine/commands/profile_report.h"
#include "engine/commands/progress.h"
#include "engine/commands/replayer.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/terminal_size.h"
#include "engine/sys/clock.h"
#include "engine/sys/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOP      20
#define TOP_MOST 1000000
#define TRIES    10000

struct run {
    struct weir_rules_option rules;
    struct weir_paths files;
    struct weir_replayer *replayer;
    struct weir_profile profile;
    struct weir_progress progress;
    struct weir_profile_report report;
    bool as_json;
};

static void fini_run(struct run *run)
{
    weir_replayer_destroy(&run->replayer);
    weir_rules_option_fini(&run->rules);
    weir_paths_fini(&run->files);
    free(run->profile.match.owners);
    free(run->profile.rules);
    free(run->report.suspended);
}

// What asking the clock adds to each figure: the least of many tries.
static uint64_t overhead_of_clock(void)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t start_ns = weir_clock_monotonic_ns();
        uint64_t ns = weir_clock_monotonic_ns() - start_ns;
        least = ns < least ? ns : least;
    }
    return least;
}

static void start_profile(struct run *run)
{
    const struct weir_set *set = run->rules.set;
    run->profile = (struct weir_profile){
        .match = {.owners = weir_new_array(struct weir_cost, set->owner_count + 1),
                  .now_ns = weir_clock_monotonic_ns,
                  .overhead_ns = overhead_of_clock()},
        .rules = weir_new_array(struct weir_cost, set->rule_count + 1),
    };
    run->report.set = set;
    run->report.suspended = weir_new_array(uint64_t, set->rule_count + 1);
    run->report.profile = &run->profile;
    run->report.files = &run->files;
    run->replayer = weir_replayer_create(set);
    weir_judge_profile(weir_replayer_judge(run->replayer), &run->profile);
}

static void on_bad_line(void *user, const char *path, uint64_t line, struct weir_span cause)
{
    struct run *run = user;
    run->report.bad_lines++;
    weir_progress_clear(&run->progress);
    fprintf(stderr, "weir profile: %s:%" PRIu64 ": skipped: %.*s\n", path, line,
            WEIR_SPAN_ARGS(cause));
}

static void on_event(struct run *run, const struct weir_event *event, int64_t arrived_ms)
{
    uint64_t start_ns = weir_clock_monotonic_ns();
    const struct weir_verdict *verdict = weir_replayer_take(run->replayer, event, arrived_ms);
    if (verdict) {
        run->report.total_ns += weir_clock_monotonic_ns() - start_ns;
        run->report.messages++;
    }
    if (verdict && verdict->suspended) {
        run->report.suspended[verdict->suspended->index]++;
    }
}

static bool profile_file(struct run *run, size_t number)
{
    const char *path = run->files.items[number];
    struct weir_error err = {0};
    WEIR_AUTO(weir_recording_close)
    struct weir_recording *recording = weir_recording_open(path, 0, on_bad_line, run, &err);
    weir_progress_file(&run->progress, path);
    if (!recording) {
        fprintf(stderr, "weir profile: %s\n", err.text);
        return false;
    }
    const struct weir_event *event = NULL;
    while ((event = weir_recording_next(recording)) != NULL) {
        run->profile.match.message = ((uint64_t)number + 1) << WEIR_PROFILE_LINE_BITS |
                                     weir_recording_line_number(recording);
        on_event(run, event, weir_recording_arrived_ms(recording));
        weir_progress_step(&run->progress, weir_recording_progress(recording));
    }
    weir_progress_clear(&run->progress);
    const char *failure = weir_recording_failure(recording);
    if (failure) {
        fprintf(stderr, "weir profile: %s: %s after line %" PRIu64 "\n", path, failure,
                weir_recording_line_number(recording));
    }
    return !failure;
}

static int profile_files(struct run *run)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    bool good = true;
    start_profile(run);
    weir_progress_start(&run->progress, &run->files, false);
    for (size_t i = 0; i < run->files.count; i++) {
        good = profile_file(run, i) && good;
    }
    if (run->as_json) {
        weir_profile_write_json(&run->report, &out);
    } else {
        weir_profile_write_text(&run->report, weir_terminal_columns(STDOUT_FILENO), &out);
    }
    fwrite(out.data, 1, out.length, stdout);
    return good ? WEIR_EXIT_OK : WEIR_EXIT_USAGE;
}

static bool take_top(struct run *run, const char *word)
{
    uint64_t top = 0;
    if (!word || !weir_span_to_u64(weir_span_of(word), &top) || top > TOP_MOST) {
        fputs("weir profile: --top needs a number\n", stderr);
        return false;
    }
    run->report.top = top;
    return true;
}

static bool parse_options(struct run *run, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (weir_rules_option_take(&run->rules, argc, argv, &i)) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            run->as_json = true;
        } else if (strcmp(argv[i], "--top") == 0) {
            i++;
            if (!take_top(run, i < argc ? argv[i] : NULL)) {
                return false;
            }
        } else if (argv[i][0] == '-' && argv[i][1] != 0) {
            fprintf(stderr, "weir profile: unknown option '%s'\n", argv[i]);
            return false;
        } else {
            weir_paths_add(&run->files, argv[i]);
        }
    }
    if (run->files.count == 0) {
        fputs("weir profile: which recording? 'weir profile --help' tells more\n", stderr);
    }
    return run->files.count > 0;
}

static int run_profile(int argc, char **argv)
{
    WEIR_AUTO(fini_run) struct run run = {.report = {.top = TOP}};
    if (!parse_options(&run, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    enum weir_exit loaded = weir_rules_option_load(&run.rules);
    return loaded == WEIR_EXIT_OK ? profile_files(&run) : (int)loaded;
}

const struct weir_command weir_command_profile = {
    .name = "profile",
    .summary = "what each rule and check costs on recorded chat",
    .usage =
        "usage: weir profile [--top N] [--json] [--rules PATH] FILE...\n"
        "\n"
        "Judges recorded chats (.jsonl, .jsonl.gz) under a clock and shows, dearest rule first,\n"
        "for each rule and each of its checks: its share of the time, messages in which it was\n"
        "evaluated (a literal of it occurred, or it has none), runs of PCRE2 that had to confirm\n"
        "it, messages in which it matched, limits that it met, its worst message, and how often\n"
        "it was suspended because it met its limits too often.\n"
        "\n"
        "  --top N        so many rules (default 20)\n"
        "  --json         all of them, as one JSON object\n" WEIR_RULES_OPTION_USAGE "\n"
        "What many rules share (views, the pass over all literals) is nobody's and told apart.\n"
        "\n"
        "  weir profile evening.jsonl\n"
        "  weir profile --rules my-pack.yaml --top 5 chat.jsonl.gz\n",
    .run = run_profile,
};
