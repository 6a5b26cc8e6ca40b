/** How wide the terminal is, for commands that fit what they print to it. */
#ifndef WEIR_COMMANDS_TERMINAL_SIZE_H
#define WEIR_COMMANDS_TERMINAL_SIZE_H

#include <stddef.h>

/** The columns of the terminal that `fd` is, or of $COLUMNS where it is none; 0: neither is known.
 */
size_t weir_terminal_columns(int fd);

#endif
