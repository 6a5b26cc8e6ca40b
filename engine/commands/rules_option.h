/** `--rules PATH`, as every command that judges has it. */
#ifndef WEIR_COMMANDS_RULES_OPTION_H
#define WEIR_COMMANDS_RULES_OPTION_H

#include "engine/commands/commands.h"
#include "engine/sys/rule_files.h"

/** For the usage text of commands that have the option. */
#define WEIR_RULES_OPTION_USAGE                                                                    \
    "  --rules PATH   a pack or a folder of packs; may be repeated (default: the shipped packs)\n"

/** Start it as `{0}`, empty it with weir_rules_option_fini(). */
struct weir_rules_option {
    struct weir_paths paths;
    struct weir_rule_files files;
    struct weir_diagnostics diagnostics;
    struct weir_set *set;
    bool lacks_value;
};

void weir_rules_option_fini(struct weir_rules_option *option);

/** Takes `--rules PATH` if it stands at `argv[*at]`: then `*at` moves to its last word. */
bool weir_rules_option_take(struct weir_rules_option *option, int argc, char **argv, int *at);

/**
 * Loads the set into `option->set`. Mistakes are printed to stderr; then, or where the option was
 * used wrongly, the result is what the command should exit with, else WEIR_EXIT_OK.
 */
enum weir_exit weir_rules_option_load(struct weir_rules_option *option);

/** The same without printing: mistakes stay in `option->diagnostics`. */
enum weir_exit weir_rules_option_read(struct weir_rules_option *option);

#endif
