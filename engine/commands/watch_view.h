/**
 * How `weir watch` shows a message and its verdict on a terminal. Everything that comes from chat
 * is shown, never obeyed.
 */
#ifndef WEIR_COMMANDS_WATCH_VIEW_H
#define WEIR_COMMANDS_WATCH_VIEW_H

#include "engine/judge/judge.h"

/** Start it with the first two set; counts and scratch memory follow. */
struct watch_view {
    bool has_color;
    bool has_rooms; // show which room: there are several
    uint64_t messages;
    uint64_t hits; // messages on which a rule fired
    uint64_t questions;
    uint64_t refused; // frames that could not be read
    struct weir_buffer marks;
};

void watch_view_fini(struct watch_view *view);

/** Adds a line for a message and counts it. `verdict` NULL: our own words, not judged. */
void watch_view_add_message(struct watch_view *view, const struct weir_message *message,
                            const struct weir_verdict *verdict, int64_t wall_ms,
                            struct weir_buffer *out);

/** Adds a dim line about something that is no message. */
void watch_view_add_note(const struct watch_view *view, struct weir_span room,
                         struct weir_span text, struct weir_buffer *out);

/** Adds the status line, without a line end; `rate` = messages a second. */
void watch_view_add_status(const struct watch_view *view, struct weir_span connection, double rate,
                           struct weir_buffer *out);

#endif
