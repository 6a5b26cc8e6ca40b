// Every mistake of packs and configuration in one run. Mistakes are what was asked for, so they go
// to stdout.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/config_option.h"
#include "engine/commands/rules_option.h"

#include <stdio.h>

/** What the command line asked for. */
struct request {
    struct weir_rules_option rules;
    const char *config_file; // NULL: packs only
    struct weir_buffer config_text;
    bool config_is_wrong;
    bool as_json;
};

static void fini_request(struct request *request)
{
    weir_buffer_fini(&request->config_text);
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

static void write_json_item(struct weir_buffer *out, const struct weir_diagnostic *item)
{
    bool is_error = item->severity == WEIR_SEVERITY_ERROR;
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "severity", weir_span_of(is_error ? "error" : "warning"));
    weir_json_add_text_field(out, "id", weir_span_of(item->id));
    weir_json_add_text_field(out, "file", weir_span_of(item->error.file));
    weir_json_add_u64_field(out, "line", item->error.line);
    weir_json_add_u64_field(out, "column", item->error.column);
    weir_json_add_u64_field(out, "length", item->error.length);
    weir_json_add_text_field(out, "text", weir_span_of(item->error.text));
    weir_buffer_add_byte(out, '}');
}

static void write_json(const struct request *request, struct weir_buffer *out)
{
    const struct weir_diagnostics *diagnostics = &request->rules.diagnostics;
    const struct weir_set *set = request->rules.set;
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "ok", set && !request->config_is_wrong);
    weir_json_add_text_field(out, "set", weir_span_of(set ? set->hash : ""));
    weir_json_add_u64_field(out, "errors", diagnostics->error_count);
    weir_json_add_name(out, "diagnostics");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < diagnostics->count; i++) {
        weir_buffer_add_text(out, i > 0 ? "," : "");
        write_json_item(out, &diagnostics->items[i]);
    }
    weir_buffer_add_text(out, "]}\n");
}

static void write_text(struct request *request, struct weir_buffer *out)
{
    const struct weir_set *set = request->rules.set;
    size_t mistakes = request->rules.diagnostics.error_count;
    weir_diagnostics_write(&request->rules.diagnostics, source_of, request, out);
    if (set && !request->config_is_wrong) {
        weir_buffer_printf(out, "ok: %zu rules, %zu topics, %zu answers, %s\n", set->rule_count,
                           set->topic_count, set->answer_count, set->hash);
    } else {
        weir_buffer_printf(out, "refused: %zu %s\n", mistakes,
                           mistakes == 1 ? "mistake" : "mistakes");
    }
}

static bool parse_arguments(struct request *request, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (weir_rules_option_take(&request->rules, argc, argv, &i)) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            request->as_json = true;
        } else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
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
    WEIR_AUTO(fini_request) struct request request = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    if (!parse_arguments(&request, argc, argv) || (request.config_file && !read_config(&request))) {
        return WEIR_EXIT_USAGE;
    }
    enum weir_exit outcome = weir_rules_option_read(&request.rules);
    if (outcome == WEIR_EXIT_USAGE) {
        return outcome;
    }
    if (request.as_json) {
        write_json(&request, &out);
    } else {
        write_text(&request, &out);
    }
    fwrite(out.data, 1, out.length, stdout);
    return request.config_is_wrong ? WEIR_EXIT_USAGE : outcome;
}

const struct weir_command weir_command_check = {
    .name = "check",
    .summary = "every mistake in packs and configuration",
    .usage =
        "usage: weir check [--json] [-c FILE] [PATH...]\n"
        "\n"
        "Reads packs (files, or all *.yaml of folders) as one set and shows every mistake at\n"
        "its line and character. Without PATH the shipped packs are read.\n"
        "\n"
        "  -c FILE        a configuration, which is checked too; its packs unless PATH is given\n"
        "  --json         one JSON object instead of text\n" WEIR_RULES_OPTION_USAGE "\n"
        "Exits 0 if the set can be used, 2 if it is refused, 3 if the configuration is\n"
        "wrong or this was called wrongly.\n"
        "\n"
        "  weir check rules/\n"
        "  weir check --json my-pack.yaml\n"
        "  weir check -c /etc/weir/weir.yaml\n",
    .run = run_check,
};
