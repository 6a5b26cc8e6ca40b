/** The commands of the program: each is a file of its own and a row in the table of commands.c. */
#ifndef WEIR_COMMANDS_COMMANDS_H
#define WEIR_COMMANDS_COMMANDS_H

/** Exit codes, the same for every command (design.md 5). */
enum weir_exit {
    WEIR_EXIT_OK = 0,
    WEIR_EXIT_FINDINGS = 1,
    WEIR_EXIT_RULES = 2, // rules were refused
    WEIR_EXIT_USAGE = 3, // usage or configuration
};

/** One command. `run` gets what stands behind the command's name. */
struct weir_command {
    const char *name;
    const char *summary;
    const char *usage; // synopsis, options and examples, as --help prints them
    int (*run)(int argc, char **argv);
};

extern const struct weir_command weir_command_demo;
extern const struct weir_command weir_command_check;
extern const struct weir_command weir_command_schema;
extern const struct weir_command weir_command_play;
extern const struct weir_command weir_command_profile;
extern const struct weir_command weir_command_diff;
extern const struct weir_command weir_command_eval;
extern const struct weir_command weir_command_explain;
extern const struct weir_command weir_command_import;
extern const struct weir_command weir_command_replay;
extern const struct weir_command weir_command_reload;
extern const struct weir_command weir_command_rooms;
extern const struct weir_command weir_command_run;
extern const struct weir_command weir_command_status;
extern const struct weir_command weir_command_queue;
extern const struct weir_command weir_command_test;
extern const struct weir_command weir_command_watch;

/** Finds the command that argv names and runs it; prints the table of commands where it names none.
 */
int weir_run_command(int argc, char **argv);

#endif
