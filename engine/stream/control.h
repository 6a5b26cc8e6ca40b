/**
 * The control socket: STATE/weir.sock, one JSON object a line each way. `weir status`, `rooms` and
 * `reload` talk to the daemon through it; only the daemon's user may connect.
 */
#ifndef WEIR_STREAM_CONTROL_H
#define WEIR_STREAM_CONTROL_H

#include "engine/net/loop.h"

struct weir_control;

/** `on_request` hears the `request` {"do": verb, ...} of a client; it answers with
 * weir_control_reply(), now or later. */
struct weir_control *weir_control_open(struct weir_loop *loop, const char *path,
                                       void (*on_request)(void *user, uint64_t client,
                                                          struct weir_span verb,
                                                          struct weir_span request),
                                       void *user, struct weir_error *err);
/** Removes the socket; the loop must turn once more. */
void weir_control_close(struct weir_control **control);

/** Sends one line of JSON, without its LF. A client that has gone is ignored. */
void weir_control_reply(struct weir_control *control, uint64_t id, struct weir_span json);

/** For clients: sends `request`, an object on one line, to `path` and waits for the answer. False
 * with `err`: nobody answers there. */
bool weir_control_ask(const char *path, struct weir_span request, struct weir_buffer *answer_out,
                      struct weir_error *err);

#endif
