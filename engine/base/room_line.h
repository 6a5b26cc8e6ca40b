/** A chat line as nearly every server writes it, read without looking twice. Private to base. */
#ifndef WEIR_BASE_ROOM_LINE_H
#define WEIR_BASE_ROOM_LINE_H

#include "engine/base/room_protocol.h"

/**
 * Reads `object` as weir_room_read() would, if it is a chat line with nothing in it that needs a
 * closer look: no blanks between its parts, no escapes, sound UTF-8, only the common fields, each
 * once and in any order. False: it may be anything, and what `reader` says of it means nothing.
 */
bool weir_room_read_plain(struct weir_room_reader *reader, struct weir_span object);

/** An identity without an id is none, and none has no id: whatever the server says of one. */
void weir_room_settle_user(struct weir_user *user);

#endif
