/** `--simulate CAUSE`: forces what should never happen, so that its policy can be seen at work. */
#ifndef WEIR_COMMANDS_SIMULATE_OPTION_H
#define WEIR_COMMANDS_SIMULATE_OPTION_H

#include <stdbool.h>
#include <stdint.h>

/** For the usage text of commands that have the option. */
#define WEIR_SIMULATE_OPTION_USAGE                                                                 \
    "  --simulate CAUSE  as if for every message: limit (no expression came to an end), hits,\n"   \
    "                 near (too many of them), text (too long), memory (too small), redis "        \
    "(away);\n"                                                                                    \
    "                 repeatable\n"

/** Takes every `--simulate CAUSE` out of the arguments; false, and told, where one is none. */
bool weir_simulate_option_take(int *argc, char **argv, uint32_t *causes);

#endif
