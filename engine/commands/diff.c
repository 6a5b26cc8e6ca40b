// Two sets on the same chat. Each has its own memory of every room, so that a rule that mutes, or
// counts, has the consequences that it would have had.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/diff_live.h"
#include "engine/commands/diff_tally.h"
#include "engine/commands/progress.h"
#include "engine/commands/replayer.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/terminal_size.h"
#include "engine/sys/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SAMPLES      3
#define SAMPLES_MOST 1000

struct side {
    struct weir_rules_option rules;
    struct weir_replayer *replayer;
    const struct weir_verdict *verdict;
    struct weir_buffer actions;
    struct weir_span *fired;
};

struct diff {
    struct side sides[WEIR_SIDES];
    struct weir_paths shared; // packs that both sides have besides
    struct weir_paths files;
    struct weir_diff_tally tally;
    struct weir_progress progress;
    uint64_t bad_lines;
    bool as_json;
};

static void fini_diff(struct diff *diff)
{
    for (size_t i = 0; i < WEIR_SIDES; i++) {
        struct side *side = &diff->sides[i];
        weir_replayer_destroy(&side->replayer);
        weir_rules_option_fini(&side->rules);
        weir_buffer_fini(&side->actions);
        free(side->fired);
    }
    weir_paths_fini(&diff->shared);
    weir_paths_fini(&diff->files);
    weir_diff_tally_fini(&diff->tally);
}

static struct weir_span question_of(const struct weir_verdict *verdict)
{
    if (!verdict->is_question) {
        return (struct weir_span){NULL, 0};
    }
    return verdict->topic ? verdict->topic->id : WEIR_SPAN("-");
}

static struct weir_diff_outcome outcome_of(struct side *side)
{
    const struct weir_verdict *verdict = side->verdict;
    weir_buffer_clear(&side->actions);
    weir_verdict_write_actions(verdict, &side->actions);
    for (size_t i = 0; i < verdict->fired_count; i++) {
        side->fired[i] = verdict->fired[i]->id;
    }
    return (struct weir_diff_outcome){
        .verdict = weir_span_of(weir_message_verdict_name(verdict->message_verdict)),
        .user_verdict = weir_span_of(weir_user_verdict_name(verdict->user_verdict)),
        .actions = weir_buffer_span(&side->actions),
        .question = question_of(verdict),
        .rules = side->fired,
        .rule_count = verdict->fired_count,
        .score = verdict->score,
    };
}

static void on_event(struct diff *diff, const char *path, uint64_t line,
                     const struct weir_event *event, int64_t arrived_ms)
{
    struct weir_diff_case of = {.file = weir_span_of(path), .line = line};
    for (size_t i = 0; i < WEIR_SIDES; i++) {
        struct side *side = &diff->sides[i];
        side->verdict = weir_replayer_take(side->replayer, event, arrived_ms);
        if (!side->verdict) {
            return;
        }
        of.sides[i] = outcome_of(side);
    }
    of.id = event->message->id;
    of.text = event->message->text;
    weir_diff_tally_add(&diff->tally, &of);
}

static void on_bad_line(void *user, const char *path, uint64_t line, struct weir_span cause)
{
    struct diff *diff = user;
    diff->bad_lines++;
    weir_progress_clear(&diff->progress);
    fprintf(stderr, "weir diff: %s:%" PRIu64 ": skipped: %.*s\n", path, line,
            WEIR_SPAN_ARGS(cause));
}

static bool diff_file(struct diff *diff, const char *path)
{
    struct weir_error err = {0};
    WEIR_AUTO(weir_recording_close)
    struct weir_recording *recording = weir_recording_open(path, 0, on_bad_line, diff, &err);
    weir_progress_file(&diff->progress, path);
    if (!recording) {
        fprintf(stderr, "weir diff: %s\n", err.text);
        return false;
    }
    const struct weir_event *event = NULL;
    while ((event = weir_recording_next(recording)) != NULL) {
        on_event(diff, path, weir_recording_line_number(recording), event,
                 weir_recording_arrived_ms(recording));
        weir_progress_step(&diff->progress, weir_recording_progress(recording));
    }
    weir_progress_clear(&diff->progress);
    const char *failure = weir_recording_failure(recording);
    if (failure) {
        fprintf(stderr, "weir diff: %s: %s after line %" PRIu64 "\n", path, failure,
                weir_recording_line_number(recording));
    }
    return !failure;
}

static void write_json(const struct diff *diff, struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "old_set",
                             weir_span_of(diff->sides[WEIR_SIDE_OLD].rules.set->hash));
    weir_json_add_text_field(out, "new_set",
                             weir_span_of(diff->sides[WEIR_SIDE_NEW].rules.set->hash));
    weir_json_add_u64_field(out, "bad_lines", diff->bad_lines);
    weir_diff_write_members(&diff->tally, out);
    weir_buffer_add_text(out, "}\n");
}

static void print_report(const struct diff *diff)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    if (diff->as_json) {
        write_json(diff, &out);
    } else {
        weir_diff_write_text(&diff->tally, weir_terminal_columns(STDOUT_FILENO), &out);
    }
    fwrite(out.data, 1, out.length, stdout);
}

static int load_sides(struct diff *diff)
{
    static const char *const names[WEIR_SIDES] = {"OLD", "NEW"};
    for (size_t i = 0; i < WEIR_SIDES; i++) {
        struct side *side = &diff->sides[i];
        for (size_t j = 0; j < diff->shared.count; j++) {
            weir_paths_add(&side->rules.paths, diff->shared.items[j]);
        }
        enum weir_exit loaded = weir_rules_option_load(&side->rules);
        if (loaded != WEIR_EXIT_OK) {
            fprintf(stderr, "weir diff: those were the rules of %s\n", names[i]);
            return loaded;
        }
        side->replayer = weir_replayer_create(side->rules.set);
        side->fired = weir_new_array(struct weir_span, side->rules.set->rule_count + 1);
    }
    return WEIR_EXIT_OK;
}

static int diff_files(struct diff *diff)
{
    int loaded = load_sides(diff);
    if (loaded != WEIR_EXIT_OK) {
        return loaded;
    }
    weir_progress_start(&diff->progress, &diff->files, false);
    bool good = true;
    for (size_t i = 0; i < diff->files.count; i++) {
        good = diff_file(diff, diff->files.items[i]) && good;
    }
    print_report(diff);
    if (!good) {
        return WEIR_EXIT_USAGE;
    }
    return weir_diff_changed(&diff->tally) > 0 ? WEIR_EXIT_FINDINGS : WEIR_EXIT_OK;
}

static void take_path(struct diff *diff, const char *path)
{
    for (size_t i = 0; i < WEIR_SIDES; i++) {
        if (diff->sides[i].rules.paths.count == 0) {
            weir_paths_add(&diff->sides[i].rules.paths, path);
            return;
        }
    }
    weir_paths_add(&diff->files, path);
}

static bool take_samples(struct diff *diff, const char *word)
{
    uint64_t count = 0;
    if (!word || !weir_span_to_u64(weir_span_of(word), &count) || count > SAMPLES_MOST) {
        fputs("weir diff: --samples needs a number, at most 1000\n", stderr);
        return false;
    }
    diff->tally.samples = count;
    return true;
}

static bool parse_options(struct diff *diff, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--rules") == 0 && i + 1 < argc) {
            weir_paths_add(&diff->shared, argv[++i]);
        } else if (strcmp(argv[i], "--json") == 0) {
            diff->as_json = true;
        } else if (strcmp(argv[i], "--samples") == 0) {
            i++;
            if (!take_samples(diff, i < argc ? argv[i] : NULL)) {
                return false;
            }
        } else if (argv[i][0] == '-' && argv[i][1] != 0) {
            fprintf(stderr, "weir diff: '%s' is unknown or lacks its value\n", argv[i]);
            return false;
        } else {
            take_path(diff, argv[i]);
        }
    }
    if (diff->files.count == 0) {
        fputs("weir diff: it needs OLD, NEW and a recording; 'weir diff --help' tells more\n",
              stderr);
    }
    return diff->files.count > 0;
}

static int run_diff(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--live") == 0) {
            memmove(&argv[i], &argv[i + 1], (size_t)(argc - i - 1) * sizeof(char *));
            return weir_diff_live(argc - 1, argv);
        }
    }
    WEIR_AUTO(fini_diff)
    struct diff diff = {.tally = {.samples = SAMPLES, .names = {"old", "new"}}};
    return parse_options(&diff, argc, argv) ? diff_files(&diff) : WEIR_EXIT_USAGE;
}

const struct weir_command weir_command_diff = {
    .name = "diff",
    .summary = "what another set of rules would change",
    .usage =
        "usage: weir diff [--samples N] [--json] [--rules PATH] OLD NEW FILE...\n"
        "       weir diff --live [--samples N] [--json] [--hours N] [-c FILE | LOG...]\n"
        "\n"
        "Judges recorded chats (.jsonl, .jsonl.gz, '-' for standard input) by two sets of rules,\n"
        "packs or folders of packs, and shows what is newly caught, newly spared, acted on in\n"
        "another way or asked, by rule and with samples.\n"
        "\n"
        "  --samples N    messages shown of each rule and kind of change (default 3)\n"
        "  --json         one JSON object\n"
        "  --rules PATH   packs that both sides have besides; may be repeated\n"
        "\n"
        "With --live nothing is judged again: the daemon's verdict log tells what its shadow "
        "rules\n"
        "(mode: shadow, of a rule or of a pack) would have done, against what was done.\n"
        "\n"
        "  --hours N      the last so many hours of the log (default 24)\n"
        "  -c FILE        the daemon's configuration; or name the log's files\n"
        "\n"
        "Exits 1 if something else would be done or asked, 0 if not: the same done by other rules\n"
        "or with another score is counted, but is no change. Exits 2 if a side is refused.\n"
        "\n"
        "  weir diff rules/ my-rules/ evening.jsonl\n"
        "  git worktree add /tmp/before HEAD~1; weir diff /tmp/before/rules rules evening.jsonl\n"
        "  weir diff --live --hours 6 -c weir.yaml\n",
    .run = run_diff,
};
