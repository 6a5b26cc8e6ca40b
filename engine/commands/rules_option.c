#include "engine/commands/rules_option.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"

#include <stdio.h>
#include <unistd.h>

void weir_rules_option_fini(struct weir_rules_option *option)
{
    weir_set_destroy(&option->set);
    weir_diagnostics_fini(&option->diagnostics);
    weir_rule_files_fini(&option->files);
    weir_paths_fini(&option->paths);
}

bool weir_rules_option_take(struct weir_rules_option *option, int argc, char **argv, int *at)
{
    if (strcmp(argv[*at], "--rules") != 0) {
        return false;
    }
    if (*at + 1 >= argc) {
        option->lacks_value = true;
        return true;
    }
    weir_paths_add(&option->paths, argv[++*at]);
    return true;
}

static bool add_shipped_packs(struct weir_rules_option *option)
{
    WEIR_AUTO(weir_free_at) char *shipped = weir_data_dir();
    if (!shipped) {
        fputs("weir: the shipped packs are not where they should be; name some with --rules\n",
              stderr);
        return false;
    }
    weir_paths_add(&option->paths, shipped);
    return true;
}

static bool are_there(const struct weir_paths *paths)
{
    bool are = true;
    for (size_t i = 0; i < paths->count; i++) {
        if (access(paths->items[i], F_OK) != 0) {
            fprintf(stderr, "weir: %s: no such file or folder\n", paths->items[i]);
            are = false;
        }
    }
    return are;
}

enum weir_exit weir_rules_option_read(struct weir_rules_option *option)
{
    if (option->lacks_value) {
        fputs("weir: --rules needs a path\n", stderr);
        return WEIR_EXIT_USAGE;
    }
    if (option->paths.count == 0 && !add_shipped_packs(option)) {
        return WEIR_EXIT_USAGE;
    }
    if (!are_there(&option->paths)) {
        return WEIR_EXIT_USAGE;
    }
    option->set = weir_rule_files_load(&option->files, &option->paths, &option->diagnostics);
    if (option->set && !weir_set_prove(option->set, &option->diagnostics)) {
        weir_set_destroy(&option->set);
    }
    weir_diagnostics_sort(&option->diagnostics);
    return option->set ? WEIR_EXIT_OK : WEIR_EXIT_RULES;
}

enum weir_exit weir_rules_option_load(struct weir_rules_option *option)
{
    enum weir_exit outcome = weir_rules_option_read(option);
    if (outcome == WEIR_EXIT_RULES) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
        weir_diagnostics_write(&option->diagnostics, weir_rule_files_source, &option->files, &out);
        fwrite(out.data, 1, out.length, stderr);
        fprintf(stderr, "weir: the rules are refused: %zu %s\n", option->diagnostics.error_count,
                option->diagnostics.error_count == 1 ? "mistake" : "mistakes");
    }
    return outcome;
}
