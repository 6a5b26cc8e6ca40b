// Every mistake of packs and configuration in one run. Mistakes are what was asked for, so they go
// to stdout.

#include "engine/base/alloc.h"
#include "engine/commands/check_report.h"
#include "engine/commands/config_option.h"
#include "engine/commands/rules_option.h"

#include <stdio.h>

typedef void (*write_report_fn)(const struct weir_check_report *report, struct weir_buffer *out);

/** What the command line asked for. */
struct request {
    struct weir_rules_option rules;
    const char *config_file; // NULL: packs only
    struct weir_buffer config_text;
    bool config_is_wrong;
    struct weir_diagnostics lints;
    write_report_fn write;
};

static void fini_request(struct request *request)
{
    weir_buffer_fini(&request->config_text);
    weir_diagnostics_fini(&request->lints);
    weir_rules_option_fini(&request->rules);
}

static struct weir_span source_of(void *user, const char *name)
{
    struct request *request = user;
    if (request->config_file && strcmp(name, request->config_file) == 0) {
        return weir_buffer_span(&request->config_text);
    }
    return weir_rule_files_source(&request->rules.files, name);
}

// All that was read, so that a report can also say what is without a mistake.
static void report(struct request *request, struct weir_buffer *out)
{
    const struct weir_rule_files *files = &request->rules.files;
    WEIR_AUTO(weir_free_at) const char **names = weir_new_array(const char *, files->count + 1);
    size_t count = 0;
    if (request->config_file) {
        names[count++] = request->config_file;
    }
    for (size_t i = 0; i < files->count; i++) {
        names[count++] = files->items[i]->name;
    }
    struct weir_check_report report = {.diagnostics = &request->rules.diagnostics,
                                       .set = request->rules.set,
                                       .is_ok = request->rules.set && !request->config_is_wrong,
                                       .files = names,
                                       .file_count = count,
                                       .source = source_of,
                                       .source_user = request};
    request->write(&report, out);
}

static bool take_format(struct request *request, const char *option)
{
    static const struct {
        const char *option;
        write_report_fn write;
    } formats[] = {{"--json", weir_check_report_json},
                   {"--junit", weir_check_report_junit},
                   {"--sarif", weir_check_report_sarif}};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (strcmp(option, formats[i].option) == 0) {
            request->write = formats[i].write;
            return true;
        }
    }
    return false;
}

static bool parse_arguments(struct request *request, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (weir_rules_option_take(&request->rules, argc, argv, &i)) {
            continue;
        }
        if (take_format(request, argv[i])) {
            continue;
        }
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            request->config_file = argv[++i];
        } else if (argv[i][0] == '-') {
            fprintf(stderr, "weir check: '%s' is unknown or lacks its value\n", argv[i]);
            return false;
        } else {
            weir_paths_add(&request->rules.paths, argv[i]);
        }
    }
    return true;
}

static bool suits_adapters(const struct weir_config *config, struct weir_diagnostics *diagnostics)
{
    struct weir_error err = {0};
    WEIR_AUTO(weir_adapters_destroy)
    struct weir_adapters *adapters = weir_shipped_adapters(NULL, NULL, &err);
    if (!adapters) {
        fprintf(stderr, "weir: %s; the URLs of rooms were not checked\n", err.text);
    }
    return !adapters || weir_config_suits_adapters(config, adapters, diagnostics);
}

// Unless packs were named, those that the configuration names are checked with it.
static bool read_config(struct request *request)
{
    struct weir_error err = {0};
    if (!weir_file_read(request->config_file, WEIR_FILE_BYTES, &request->config_text, &err)) {
        fprintf(stderr, "weir: %s: %s\n", err.file, err.text);
        return false;
    }
    WEIR_AUTO(weir_config_destroy)
    struct weir_config *config = weir_config_parse(
        request->config_file, weir_buffer_span(&request->config_text), &request->rules.diagnostics);
    request->config_is_wrong = !config || !suits_adapters(config, &request->rules.diagnostics);
    bool are_named = request->rules.paths.count > 0;
    for (size_t i = 0; config && !are_named && i < config->rules.count; i++) {
        weir_paths_add(&request->rules.paths, config->rules.items[i]);
    }
    return true;
}

static int run_check(int argc, char **argv)
{
    WEIR_AUTO(fini_request) struct request request = {.write = weir_check_report_text};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    if (!parse_arguments(&request, argc, argv) || (request.config_file && !read_config(&request))) {
        return WEIR_EXIT_USAGE;
    }
    request.rules.diagnostics.lints = &request.lints;
    enum weir_exit outcome = weir_rules_option_read(&request.rules);
    if (outcome == WEIR_EXIT_USAGE) {
        return outcome;
    }
    if (request.rules.set) { // beside a mistake, lints would only be noise
        weir_diagnostics_append(&request.rules.diagnostics, &request.lints);
        weir_diagnostics_sort(&request.rules.diagnostics);
    }
    report(&request, &out);
    fwrite(out.data, 1, out.length, stdout);
    if (request.config_is_wrong) {
        return WEIR_EXIT_USAGE;
    }
    return outcome == WEIR_EXIT_OK && request.rules.diagnostics.count > 0 ? WEIR_EXIT_FINDINGS
                                                                          : outcome;
}

const struct weir_command weir_command_check = {
    .name = "check",
    .summary = "every mistake in packs and configuration",
    .usage =
        "usage: weir check [--json | --junit | --sarif] [-c FILE] [PATH...]\n"
        "\n"
        "Reads packs (files, or all *.yaml of folders) as one set and shows every mistake at\n"
        "its line and character. In a set without mistakes it also warns of what is hardly\n"
        "meant; `lint: {allow: [ID]}` in the rule or the pack silences such a warning. Without\n"
        "PATH the shipped packs are read.\n"
        "\n"
        "  -c FILE        a configuration, which is checked too; its packs unless PATH is given\n"
        "  --json         one JSON object instead of text\n"
        "  --junit        JUnit's XML, for build servers\n"
        "  --sarif        SARIF 2.1.0, for code scanning\n" WEIR_RULES_OPTION_USAGE "\n"
        "Exits 0 if all is well, 1 if there are warnings only, 2 if the set is refused, 3 if\n"
        "the configuration is wrong or this was called wrongly.\n"
        "\n"
        "  weir check rules/\n"
        "  weir check --json my-pack.yaml\n"
        "  weir check -c /etc/weir/weir.yaml\n",
    .run = run_check,
};
