// Every mistake of packs in one run. Mistakes are what was asked for, so they go to stdout.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/rules_option.h"

#include <stdio.h>

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

static void write_json(const struct weir_rules_option *option, struct weir_buffer *out)
{
    const struct weir_diagnostics *diagnostics = &option->diagnostics;
    weir_buffer_add_byte(out, '{');
    weir_json_add_bool_field(out, "ok", option->set != NULL);
    weir_json_add_text_field(out, "set", weir_span_of(option->set ? option->set->hash : ""));
    weir_json_add_u64_field(out, "errors", diagnostics->error_count);
    weir_json_add_name(out, "diagnostics");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < diagnostics->count; i++) {
        weir_buffer_add_text(out, i > 0 ? "," : "");
        write_json_item(out, &diagnostics->items[i]);
    }
    weir_buffer_add_text(out, "]}\n");
}

static void write_text(struct weir_rules_option *option, struct weir_buffer *out)
{
    const struct weir_set *set = option->set;
    weir_diagnostics_write(&option->diagnostics, weir_rule_files_source, &option->files, out);
    if (set) {
        weir_buffer_printf(out, "ok: %zu rules, %zu topics, %zu answers, %s\n", set->rule_count,
                           set->topic_count, set->answer_count, set->hash);
    } else {
        weir_buffer_printf(out, "refused: %zu %s\n", option->diagnostics.error_count,
                           option->diagnostics.error_count == 1 ? "mistake" : "mistakes");
    }
}

static int run_check(int argc, char **argv)
{
    WEIR_AUTO(weir_rules_option_fini) struct weir_rules_option option = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    bool as_json = false;
    for (int i = 0; i < argc; i++) {
        if (weir_rules_option_take(&option, argc, argv, &i)) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            as_json = true;
        } else if (argv[i][0] == '-') {
            fprintf(stderr, "weir check: unknown option '%s'\n", argv[i]);
            return WEIR_EXIT_USAGE;
        } else {
            weir_paths_add(&option.paths, argv[i]);
        }
    }
    enum weir_exit outcome = weir_rules_option_read(&option);
    if (outcome == WEIR_EXIT_USAGE) {
        return outcome;
    }
    if (as_json) {
        write_json(&option, &out);
    } else {
        write_text(&option, &out);
    }
    fwrite(out.data, 1, out.length, stdout);
    return outcome;
}

const struct weir_command weir_command_check = {
    .name = "check",
    .summary = "every mistake in packs",
    .usage = "usage: weir check [--json] [PATH...]\n"
             "\n"
             "Reads packs (files, or all *.yaml of folders) as one set and shows every mistake at\n"
             "its line and character. Without PATH the shipped packs are read.\n"
             "\n"
             "  --json         one JSON object instead of text\n" WEIR_RULES_OPTION_USAGE "\n"
             "Exits 0 if the set can be used, 2 if it is refused, 3 if it was called wrongly.\n"
             "\n"
             "  weir check rules/\n"
             "  weir check --json my-pack.yaml\n",
    .run = run_check,
};
