// The `hit` and `miss` lines of packs, and test files: conversations with what is expected of each
// message. Rules that can't be loaded are refused as everywhere.

#include "engine/base/alloc.h"
#include "engine/commands/readings.h"
#include "engine/commands/rules_option.h"
#include "engine/commands/test_coverage.h"
#include "engine/commands/test_file.h"
#include "engine/commands/test_report.h"
#include "engine/judge/prove.h"

#include <stdio.h>
#include <stdlib.h>

#define START_MS   1000000
#define SHOWN_HITS 5
#define NAME_BYTES 80

struct test_run {
    struct weir_rule_files packs;
    struct weir_paths pack_paths;
    struct weir_paths test_paths;
    struct weir_diagnostics diagnostics;
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_coverage coverage;
    bool wants_coverage;
    struct weir_test_report report;

    // The test file in hand.
    const char *file;
    struct weir_span source;
    struct weir_buffer text; // of a message that is said several times
    struct weir_buffer user;
    struct weir_buffer unmet;
};

static void fini_run(struct test_run *run)
{
    weir_coverage_fini(&run->coverage);
    weir_test_report_fini(&run->report);
    weir_judge_destroy(&run->judge);
    weir_set_destroy(&run->set);
    weir_diagnostics_fini(&run->diagnostics);
    weir_rule_files_fini(&run->packs);
    weir_paths_fini(&run->pack_paths);
    weir_paths_fini(&run->test_paths);
    weir_buffer_fini(&run->text);
    weir_buffer_fini(&run->user);
    weir_buffer_fini(&run->unmet);
}

static struct weir_span source_of(void *user, const char *file)
{
    struct test_run *run = user;
    return run->file && strcmp(file, run->file) == 0 ? run->source
                                                     : weir_rule_files_source(&run->packs, file);
}

static void note_coverage(struct test_run *run, const struct weir_verdict *verdict,
                          const struct weir_rule *rule)
{
    if (run->wants_coverage) {
        weir_coverage_note(&run->coverage, run->judge, verdict, rule);
    }
}

static struct weir_span name_case(struct weir_buffer *name, const char *what, uint32_t line,
                                  struct weir_span text)
{
    size_t end = text.length < NAME_BYTES ? text.length : NAME_BYTES;
    while (end < text.length && ((unsigned char)text.data[end] & 0xC0) == 0x80) {
        end--;
    }
    weir_buffer_clear(name);
    weir_buffer_printf(name, "%s:%u ", what, line);
    weir_buffer_add(name, weir_span_slice(text, 0, end));
    return weir_buffer_span(name);
}

// --- `hit` and `miss` lines ---

static void test_sample(struct test_run *run, const struct weir_rule *rule,
                        const struct weir_sample *sample, struct weir_buffer *name)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics failures = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer details = {0};
    const struct weir_verdict *verdict = NULL;
    bool is_good = weir_sample_prove(run->judge, run->set, rule, sample, &failures, &verdict);
    name_case(name, sample->expect_hit ? "hit" : "miss", sample->place.line, sample->text);
    if (is_good) {
        weir_test_report_pass(&run->report, weir_buffer_span(name));
    } else {
        weir_readings_add(weir_judge_text(run->judge), "    ", true, &details);
        weir_readings_add_hits(weir_judge_text(run->judge), verdict, "    ", SHOWN_HITS, &details);
        weir_test_report_fail(&run->report, weir_buffer_span(name), &failures,
                              weir_buffer_span(&details));
    }
    note_coverage(run, verdict, rule);
}

static int compare_places(const void *a, const void *b)
{
    const struct weir_place *left = &(*(const struct weir_rule *const *)a)->place;
    const struct weir_place *right = &(*(const struct weir_rule *const *)b)->place;
    int order = strcmp(left->file, right->file);
    return order ? order : (left->line > right->line) - (left->line < right->line);
}

// In the order of the files, as an author reads them.
static void test_samples(struct test_run *run)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    size_t count = run->set->rule_count;
    WEIR_AUTO(weir_free_at)
    const struct weir_rule **rules = weir_new_array(const struct weir_rule *, count);
    for (size_t i = 0; i < count; i++) {
        rules[i] = run->set->rules[i];
    }
    qsort(rules, count, sizeof(*rules), compare_places);
    for (size_t i = 0; i < count; i++) {
        weir_test_report_begin(&run->report, rules[i]->place.file);
        for (size_t j = 0; j < rules[i]->sample_count; j++) {
            test_sample(run, rules[i], &rules[i]->samples[j], &name);
        }
    }
}

// --- test files ---

// `{n}` is the number of the message, from 1, so that one line makes a flood or a raid.
static struct weir_span fill_number(struct weir_buffer *out, struct weir_span text, uint32_t number)
{
    weir_buffer_clear(out);
    while (text.length > 0) {
        const char *found = memmem(text.data, text.length, "{n}", 3);
        size_t before = found ? (size_t)(found - text.data) : text.length;
        weir_buffer_add(out, weir_span_slice(text, 0, before));
        if (found) {
            weir_buffer_add_u64(out, number);
        }
        text = weir_span_slice(text, before + 3, text.length);
    }
    return weir_buffer_span(out);
}

static void add_reasons(struct test_run *run, const struct weir_expectation *expect,
                        struct weir_buffer *out)
{
    for (size_t i = 0; i < expect->fired_count; i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer why = {0};
        weir_judge_why_not(run->judge, expect->fired[i], &why);
        if (why.length > 0) {
            weir_buffer_printf(out, "    %-9s %s\n", "not", expect->fired[i]->id.data);
            weir_buffer_printf(out, "    %-9s %s\n", "because", weir_buffer_text(&why));
        }
    }
}

static void report_unmet(struct test_run *run, const struct weir_test_message *message,
                         uint32_t number, struct weir_span name, const struct weir_verdict *verdict)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics failures = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer details = {0};
    char which[48] = "";
    if (message->times > 1) {
        snprintf(which, sizeof(which), " (number %u of %u)", number, message->times);
    }
    weir_diagnostics_error(&failures, &message->expect->place, "%s%s",
                           weir_buffer_text(&run->unmet), which);
    weir_readings_add(weir_judge_text(run->judge), "    ", true, &details);
    weir_readings_add_hits(weir_judge_text(run->judge), verdict, "    ", SHOWN_HITS, &details);
    add_reasons(run, message->expect, &details);
    weir_buffer_printf(&details, "    %-9s %s, user %s, score %d%s\n", "verdict",
                       weir_message_verdict_name(verdict->message_verdict),
                       weir_user_verdict_name(verdict->user_verdict), verdict->score,
                       verdict->is_question ? ", a question" : "");
    weir_test_report_fail(&run->report, name, &failures, weir_buffer_span(&details));
}

// All of a flood is one case: it fails with the first message that is not judged as expected.
static void test_message(struct test_run *run, const struct weir_test_message *test,
                         struct weir_memory *memory, struct weir_span scene,
                         struct weir_buffer *name)
{
    bool is_failed = false;
    name_case(name, "line", test->place.line, test->message.text);
    for (uint32_t number = 1; number <= test->times; number++) {
        struct weir_message message = test->message;
        message.text = fill_number(&run->text, message.text, number);
        message.user.id = fill_number(&run->user, message.user.id, number);
        message.ts_ms = START_MS + test->at_ms + (int64_t)(number - 1) * test->every_ms;
        struct weir_room_view room = {
            .id = message.room, .state = WEIR_SPAN("live"), .scene = scene};
        const struct weir_verdict *verdict =
            weir_judge_message(run->judge, run->set, memory, &room, &message, message.ts_ms);
        note_coverage(run, verdict, NULL);
        if (!test->expect || is_failed) {
            continue;
        }
        weir_expectation_compare(test->expect, verdict, &run->unmet);
        if (run->unmet.length > 0) {
            is_failed = true;
            report_unmet(run, test, number, weir_buffer_span(name), verdict);
        }
    }
    if (test->expect && !is_failed) {
        weir_test_report_pass(&run->report, weir_buffer_span(name));
    }
}

static void test_case(struct test_run *run, const struct weir_test_case *test)
{
    WEIR_AUTO(weir_memory_destroy) struct weir_memory *memory = weir_memory_create();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    struct weir_span scene = test->scene;
    for (size_t i = 0; i < test->message_count; i++) {
        scene = test->messages[i].has_scene ? test->messages[i].scene : scene;
        test_message(run, &test->messages[i], memory, scene, &name);
    }
}

static void fail_file(struct test_run *run, struct weir_diagnostics *diagnostics)
{
    weir_diagnostics_sort(diagnostics);
    weir_test_report_fail(&run->report, WEIR_SPAN("the file"), diagnostics,
                          (struct weir_span){NULL, 0});
}

static void test_file(struct test_run *run, const char *path)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_test_file_fini) struct weir_test_file file = {.cases = NULL};
    struct weir_error err = {0};
    struct weir_place place = {.file = path};
    weir_test_report_begin(&run->report, path);
    if (!weir_file_read(path, WEIR_FILE_BYTES, &text, &err)) {
        weir_diagnostics_error(&diagnostics, &place, "%s", err.text);
        fail_file(run, &diagnostics);
        return;
    }
    run->file = path;
    run->source = weir_buffer_span(&text);
    if (!weir_test_file_read(&file, path, run->source, run->set, &diagnostics)) {
        fail_file(run, &diagnostics);
    } else {
        for (size_t i = 0; i < file.case_count; i++) {
            test_case(run, &file.cases[i]);
        }
    }
    run->file = NULL;
}

// --- which files are what ---

static bool is_test_file(const char *path)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    struct weir_error err = {0};
    return weir_file_read(path, WEIR_FILE_BYTES, &text, &err) && // else the loader says what it is
           weir_test_file_is_one(path, weir_buffer_span(&text));
}

static bool sort_paths(struct test_run *run, const struct weir_paths *named)
{
    for (size_t i = 0; i < named->count; i++) {
        WEIR_AUTO(weir_paths_fini) struct weir_paths files = {0};
        struct weir_error err = {0};
        if (!weir_paths_add_files(&files, named->items[i], ".yaml", &err)) {
            fprintf(stderr, "weir test: %s: %s\n", named->items[i], err.text);
            return false;
        }
        for (size_t j = 0; j < files.count; j++) {
            bool is_test = is_test_file(files.items[j]);
            weir_paths_add(is_test ? &run->test_paths : &run->pack_paths, files.items[j]);
        }
    }
    return true;
}

static bool use_default_packs(struct test_run *run)
{
    WEIR_AUTO(weir_free_at) char *shipped = weir_data_dir();
    if (!shipped) {
        fputs("weir test: the shipped packs are not where they should be; name some\n", stderr);
        return false;
    }
    weir_paths_add(&run->pack_paths, shipped);
    return true;
}

static int refuse(struct test_run *run)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_diagnostics_sort(&run->diagnostics);
    weir_diagnostics_write(&run->diagnostics, source_of, run, &out);
    fwrite(out.data, 1, out.length, stderr);
    fprintf(stderr, "weir test: the rules are refused\n");
    return WEIR_EXIT_RULES;
}

static void end_report(struct test_run *run)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer coverage = {0};
    if (run->wants_coverage && run->report.format == WEIR_TEST_JSON) {
        weir_coverage_write_json(&run->coverage, &coverage);
    } else if (run->wants_coverage) {
        weir_coverage_write(&run->coverage, &coverage);
    }
    weir_test_report_end(&run->report, weir_buffer_span(&coverage));
}

static int test_all(struct test_run *run)
{
    run->set = weir_rule_files_load(&run->packs, &run->pack_paths, &run->diagnostics);
    if (!run->set) {
        return refuse(run);
    }
    run->judge = weir_judge_create(WEIR_PROVE_CHARS);
    weir_coverage_init(&run->coverage, run->set);
    test_samples(run);
    for (size_t i = 0; i < run->test_paths.count; i++) {
        test_file(run, run->test_paths.items[i]);
    }
    end_report(run);
    return run->report.failed > 0 ? WEIR_EXIT_FINDINGS : WEIR_EXIT_OK;
}

static bool take_option(struct test_run *run, const char *option)
{
    if (strcmp(option, "--coverage") == 0) {
        run->wants_coverage = true;
    } else if (strcmp(option, "--json") == 0) {
        run->report.format = WEIR_TEST_JSON;
    } else if (strcmp(option, "--junit") == 0) {
        run->report.format = WEIR_TEST_JUNIT;
    } else {
        fprintf(stderr, "weir test: unknown option '%s'\n", option);
        return false;
    }
    return true;
}

static int run_test(int argc, char **argv)
{
    WEIR_AUTO(fini_run) struct test_run run = {0};
    WEIR_AUTO(weir_paths_fini) struct weir_paths named = {0};
    run.report.source = source_of;
    run.report.source_user = &run;
    for (int i = 0; i < argc; i++) {
        bool is_rules = strcmp(argv[i], "--rules") == 0 && i + 1 < argc;
        if (is_rules || argv[i][0] != '-') {
            weir_paths_add(&named, argv[is_rules ? ++i : i]);
        } else if (!take_option(&run, argv[i])) {
            return WEIR_EXIT_USAGE;
        }
    }
    if (!sort_paths(&run, &named) || (run.pack_paths.count == 0 && !use_default_packs(&run))) {
        return WEIR_EXIT_USAGE;
    }
    return test_all(&run);
}

const struct weir_command weir_command_test = {
    .name = "test",
    .summary = "run the samples of packs, and test files",
    .usage =
        "usage: weir test [--coverage] [--json | --junit] [--rules PATH] [PATH...]\n"
        "\n"
        "Loads the packs among the paths (files, or all *.yaml of folders) as one set, runs\n"
        "every `hit` and `miss` line, then the test files among them. Where no pack is named,\n"
        "the shipped ones are used. A test file is a conversation, or several under `cases`:\n"
        "\n"
        "  messages:\n"
        "    - {at: 3s, user: {id: u1, roles: [vip]}, text: 加微信 abc12345, expect: delete}\n"
        "    - {text: 多少钱, expect: [pass, question]}\n"
        "    - {text: free robux, expect: {verdict: delete, user: none, rules: [contact.scam]}}\n"
        "    - {text: '冲冲冲 {n}', user: 'u{n}', times: 30, every: 100ms}\n"
        "\n"
        "rules/README.md tells all that may stand there.\n"
        "\n"
        "  --coverage     also list the rules and branches that no case reaches\n"
        "  --json         one JSON object instead of text\n"
        "  --junit        JUnit's XML, for build servers\n"
        "\n"
        "Exits 0 if all passed, 1 if some failed, 2 if the rules are refused.\n"
        "\n"
        "  weir test rules/\n"
        "  weir test --coverage my-pack.yaml my-pack.test.yaml\n",
    .run = run_test,
};
