/** `weir diff --live`: what shadow rules would have done, against what was done, from the verdict
 * log. */
#ifndef WEIR_COMMANDS_DIFF_LIVE_H
#define WEIR_COMMANDS_DIFF_LIVE_H

/** `argv` without `--live`. Returns what to exit with. */
int weir_diff_live(int argc, char **argv);

#endif
