/**
 * How a client connection comes about: the URL, its addresses one after the other, and what the
 * library says when it fails, put as people say it. Private to net.
 */
#ifndef WEIR_NET_DIAL_H
#define WEIR_NET_DIAL_H

#include "engine/net/connection.h"

/** Begins to connect; the end, also a bad end, comes from the loop. */
void weir_dial_start(struct weir_websocket *socket, const struct weir_websocket_options *options);
/** Forgets about it; what is under way in the system ends by itself. Accepts NULL. */
void weir_dial_destroy(struct weir_dial **dial);

#endif
