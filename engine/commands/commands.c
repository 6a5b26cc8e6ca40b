#include "engine/commands/commands.h"

#include "engine/base/span.h"

#include <stdio.h>

// In the order in which --help lists them.
// A row each, so that adding one touches one line.
// clang-format off
static const struct weir_command *const commands[] = {
    &weir_command_demo,
    &weir_command_run,
    &weir_command_watch,
    &weir_command_play,
    &weir_command_check,
    &weir_command_test,
    &weir_command_explain,
    &weir_command_replay,
    &weir_command_diff,
    &weir_command_eval,
    &weir_command_profile,
    &weir_command_schema,
    &weir_command_import,
    &weir_command_reload,
    &weir_command_status,
    &weir_command_rooms,
    &weir_command_queue,
    NULL,
};
// clang-format on

static const struct weir_command *find_command(const char *name)
{
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static void print_commands(FILE *out)
{
    fputs("weir: live-stream chat moderation and triage\n\nusage: weir COMMAND [options]\n\n", out);
    for (size_t i = 0; commands[i]; i++) {
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("\n'weir COMMAND --help' tells more.\n", out);
}

int weir_run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return WEIR_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_commands(stdout);
        return WEIR_EXIT_OK;
    }
    const struct weir_command *command = find_command(argv[1]);
    if (!command) {
        fprintf(stderr, "weir: unknown command '%s'; 'weir --help' lists them\n", argv[1]);
        return WEIR_EXIT_USAGE;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(command->usage, stdout);
            return WEIR_EXIT_OK;
        }
    }
    return command->run(argc - 2, argv + 2);
}
