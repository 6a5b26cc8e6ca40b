#include "engine/commands/diff_live.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/config_option.h"
#include "engine/commands/diff_tally.h"
#include "engine/commands/terminal_size.h"
#include "engine/sys/clock.h"
#include "engine/sys/lines.h"

#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// The log says for each verdict what was done and, where it differs, what would have been done had
// the shadow rules been live. So nothing is judged again: what is compared is what happened.

#define HOUR_MS      INT64_C(3600000)
#define HOURS        24
#define SAMPLES      3
#define SAMPLES_MOST 1000
#define RULES_MOST   256 // of one verdict

struct live {
    struct weir_paths files;
    const char *config_file;
    int64_t since_ms;
    uint64_t hours;
    bool as_json;
    uint64_t bad_lines;
    struct weir_diff_tally tally;
    struct weir_span rules[WEIR_SIDES][RULES_MOST];
};

static void fini_live(struct live *live)
{
    weir_paths_fini(&live->files);
    weir_diff_tally_fini(&live->tally);
}

static struct weir_span text_of(const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    return (struct weir_span){json_string_value(text), json_string_length(text)};
}

// Adds rules of a list to those that are there, by id, without their version.
static size_t add_rules(struct weir_span *rules, size_t count, const json_t *list)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        struct weir_span name = {json_string_value(item), json_string_length(item)};
        struct weir_span id = weir_span_take_until(&name, '@');
        size_t at = count;
        if (id.length == 0 || count == RULES_MOST) {
            continue;
        }
        for (; at > 0 && weir_span_compare(rules[at - 1], id) > 0; at--) {
            rules[at] = rules[at - 1];
        }
        rules[at] = id;
        count++;
    }
    return count;
}

static struct weir_diff_outcome outcome_of(const json_t *object, struct weir_buffer *actions)
{
    char *list = json_dumps(json_object_get(object, "actions"), JSON_COMPACT);
    weir_buffer_clear(actions);
    weir_buffer_add_text(actions, list ? list : "");
    free(list);
    return (struct weir_diff_outcome){
        .verdict = text_of(object, "verdict"),
        .user_verdict = text_of(object, "user_verdict"),
        .actions = weir_buffer_span(actions),
        .score = json_integer_value(json_object_get(object, "score")),
    };
}

static void compare(struct live *live, const char *path, uint64_t line, const json_t *verdict)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer done = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer would = {0};
    const json_t *shadow = json_object_get(verdict, "shadow");
    const json_t *fired = json_object_get(verdict, "rules");
    const json_t *message = json_object_get(json_object_get(verdict, "log"), "message");
    struct weir_diff_case of = {
        .file = weir_span_of(path),
        .line = line,
        .id = text_of(verdict, "id"),
        .text = message ? text_of(message, "text") : WEIR_SPAN("(the log holds no text)"),
    };
    of.sides[WEIR_SIDE_OLD] = outcome_of(verdict, &done);
    of.sides[WEIR_SIDE_NEW] = outcome_of(json_is_object(shadow) ? shadow : verdict, &would);
    for (size_t side = 0; side < WEIR_SIDES; side++) {
        of.sides[side].rules = live->rules[side];
        of.sides[side].rule_count = add_rules(live->rules[side], 0, fired);
    }
    of.sides[WEIR_SIDE_NEW].rule_count =
        add_rules(live->rules[WEIR_SIDE_NEW], of.sides[WEIR_SIDE_NEW].rule_count,
                  json_object_get(verdict, "shadow_rules"));
    weir_diff_tally_add(&live->tally, &of);
}

static void take_line(struct live *live, const char *path, uint64_t number, struct weir_span line)
{
    json_t *verdict = json_loadb(line.data, line.length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(verdict) || !json_is_string(json_object_get(verdict, "verdict"))) {
        fprintf(stderr, "weir diff: %s:%" PRIu64 ": skipped: not a line of a verdict log\n", path,
                number);
        live->bad_lines++;
    } else if (json_integer_value(json_object_get(verdict, "at")) >= live->since_ms) {
        compare(live, path, number, verdict);
    }
    json_decref(verdict);
}

static bool read_file(struct live *live, const char *path)
{
    struct weir_error err = {0};
    struct weir_span line;
    enum weir_line kind;
    WEIR_AUTO(weir_lines_close) struct weir_lines *lines = weir_lines_open(path, &err);
    if (!lines) {
        fprintf(stderr, "weir diff: %s\n", err.text);
        return false;
    }
    while ((kind = weir_lines_next(lines, &line)) != WEIR_LINE_END) {
        if (kind == WEIR_LINE_READ && line.length > 0) {
            take_line(live, path, weir_lines_number(lines), line);
        }
        live->bad_lines += kind == WEIR_LINE_TOO_LONG;
    }
    if (weir_lines_failure(lines)) {
        fprintf(stderr, "weir diff: %s: %s\n", path, weir_lines_failure(lines));
    }
    return !weir_lines_failure(lines);
}

static void print_report(const struct live *live)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    if (live->as_json) {
        weir_buffer_add_byte(&out, '{');
        weir_json_add_i64_field(&out, "since", live->since_ms);
        weir_json_add_u64_field(&out, "bad_lines", live->bad_lines);
        weir_diff_write_members(&live->tally, &out);
        weir_buffer_add_text(&out, "}\n");
    } else {
        weir_diff_write_text(&live->tally, weir_terminal_columns(STDOUT_FILENO), &out);
    }
    fwrite(out.data, 1, out.length, stdout);
}

// The log of the daemon that the configuration belongs to.
static int find_log(struct live *live)
{
    struct weir_config_option option = {0};
    struct weir_error err = {0};
    char folder[PATH_MAX];
    char *arguments[] = {(char *)"-c", (char *)live->config_file};
    int outcome = weir_config_option_load(&option, live->config_file ? 2 : 0, arguments, NULL);
    if (outcome == WEIR_EXIT_OK) {
        snprintf(folder, sizeof(folder), "%s/verdicts", option.config->state);
        if (!weir_paths_add_files(&live->files, folder, ".jsonl", &err)) {
            fprintf(stderr, "weir diff: %s: %s; has the daemon run with this state?\n", folder,
                    err.text);
            outcome = WEIR_EXIT_USAGE;
        }
    }
    weir_config_option_fini(&option);
    return outcome;
}

static bool take_number(const char *option, const char *word, uint64_t most, uint64_t *value_out)
{
    bool is_good = weir_span_to_u64(weir_span_of(word), value_out) && *value_out <= most;
    if (!is_good) {
        fprintf(stderr, "weir diff: %s needs a number, at most %" PRIu64 "\n", option, most);
    }
    return is_good;
}

static bool take_option(struct live *live, const char *option, const char *value)
{
    uint64_t samples = 0;
    if (strcmp(option, "-c") == 0) {
        live->config_file = value;
        return true;
    }
    if (strcmp(option, "--hours") == 0) {
        return take_number(option, value, 24 * 3660, &live->hours);
    }
    if (strcmp(option, "--samples") == 0) {
        bool is_good = take_number(option, value, SAMPLES_MOST, &samples);
        live->tally.samples = samples;
        return is_good;
    }
    fprintf(stderr, "weir diff: --live does not know '%s'\n", option);
    return false;
}

static bool parse_options(struct live *live, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            live->as_json = true;
        } else if (argv[i][0] != '-' || argv[i][1] == '\0') {
            weir_paths_add(&live->files, argv[i]);
        } else if (i + 1 >= argc) {
            fprintf(stderr, "weir diff: '%s' is unknown or lacks its value\n", argv[i]);
            return false;
        } else if (!take_option(live, argv[i], argv[i + 1])) {
            return false;
        } else {
            i++;
        }
    }
    return true;
}

int weir_diff_live(int argc, char **argv)
{
    WEIR_AUTO(fini_live)
    struct live live = {.hours = HOURS, .tally = {.samples = SAMPLES, .names = {"done", "shadow"}}};
    if (!parse_options(&live, argc, argv)) {
        return WEIR_EXIT_USAGE;
    }
    int outcome = live.files.count == 0 ? find_log(&live) : WEIR_EXIT_OK;
    if (outcome != WEIR_EXIT_OK) {
        return outcome;
    }
    live.since_ms = weir_clock_wall_ms() - (int64_t)live.hours * HOUR_MS;
    bool good = true;
    for (size_t i = 0; i < live.files.count; i++) {
        good = read_file(&live, live.files.items[i]) && good;
    }
    print_report(&live);
    if (!good) {
        return WEIR_EXIT_USAGE;
    }
    return weir_diff_changed(&live.tally) > 0 ? WEIR_EXIT_FINDINGS : WEIR_EXIT_OK;
}
