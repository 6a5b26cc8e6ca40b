/** Talking to a running daemon. */
#ifndef WEIR_COMMANDS_DAEMON_H
#define WEIR_COMMANDS_DAEMON_H

#include "engine/base/buffer.h"
#include "engine/config/config.h"

#include <jansson.h>

/** Sends `request`, a JSON object, to the daemon of this configuration. NULL after a sentence on
 * stderr; the caller gives the answer back. `answer` holds its text. */
json_t *weir_daemon_ask(const struct weir_config *config, struct weir_span request,
                        struct weir_buffer *answer);

/** `weir rooms set ...`; argv[0] is what follows. Returns what to exit with. */
int weir_rooms_set(int argc, char **argv);

#endif
