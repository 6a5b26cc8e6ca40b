/** `-c FILE`, as every command that needs the configuration has it. */
#ifndef WEIR_COMMANDS_CONFIG_OPTION_H
#define WEIR_COMMANDS_CONFIG_OPTION_H

#include "engine/commands/commands.h"
#include "engine/config/config.h"
#include "engine/stream/adapters.h"

/** For the usage text of commands that have the option. */
#define WEIR_CONFIG_OPTION_USAGE                                                                   \
    "  -c FILE        the configuration (default: $WEIR_CONFIG, ./weir.yaml, "                     \
    "/etc/weir/weir.yaml)\n"

/** Start it as `{0}`, empty it with weir_config_option_fini(). */
struct weir_config_option {
    const struct weir_adapters *adapters; // where given, each room must be for one of them
    struct weir_config *config;
};

void weir_config_option_fini(struct weir_config_option *option);

/**
 * Takes -c and the switches that `take_switch` knows (may be NULL); anything else is wrong usage.
 * Reads the configuration; mistakes are printed to stderr. Returns what to exit with, or OK.
 */
enum weir_exit weir_config_option_load(struct weir_config_option *option, int argc, char **argv,
                                       bool (*take_switch)(const char *word));

/**
 * The adapters that ship with this program; see weir_adapters_load(). NULL with `err` set where
 * they are not to be found.
 */
struct weir_adapters *weir_shipped_adapters(void (*on_refused)(void *user, const char *path,
                                                               const char *cause),
                                            void *user, struct weir_error *err);

/** True if there is an adapter for each connection; else mistakes tell which ones there are. */
bool weir_config_suits_adapters(const struct weir_config *config,
                                const struct weir_adapters *adapters,
                                struct weir_diagnostics *diagnostics);

#endif
