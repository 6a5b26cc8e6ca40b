/** `-c FILE`, as every command that needs the configuration has it. */
#ifndef WEIR_COMMANDS_CONFIG_OPTION_H
#define WEIR_COMMANDS_CONFIG_OPTION_H

#include "engine/commands/commands.h"
#include "engine/config/config.h"

/** For the usage text of commands that have the option. */
#define WEIR_CONFIG_OPTION_USAGE                                                                   \
    "  -c FILE        the configuration (default: $WEIR_CONFIG, ./weir.yaml, "                     \
    "/etc/weir/weir.yaml)\n"

/** Start it as `{0}`, empty it with weir_config_option_fini(). */
struct weir_config_option {
    struct weir_config *config;
};

void weir_config_option_fini(struct weir_config_option *option);

/**
 * Takes -c and the switches that `take_switch` knows (may be NULL); anything else is wrong usage.
 * Reads the configuration; mistakes are printed to stderr. Returns what to exit with, or OK.
 */
enum weir_exit weir_config_option_load(struct weir_config_option *option, int argc, char **argv,
                                       bool (*take_switch)(const char *word));

#endif
