/**
 * Three things side by side in a terminal: panes of short lines that come, change their looks and
 * scroll away. What is drawn is bytes in a buffer; who writes them, and how large the terminal is,
 * is the caller's. Without a terminal the same lines are printed one after the other, each behind
 * its pane's name.
 */
#ifndef WEIR_COMMANDS_PANES_H
#define WEIR_COMMANDS_PANES_H

#include "engine/base/buffer.h"

#define WEIR_PANE_COUNT 3

enum weir_look {
    WEIR_LOOK_PLAIN,
    WEIR_LOOK_DIM,
    WEIR_LOOK_GOOD,    // green
    WEIR_LOOK_NOTICE,  // yellow
    WEIR_LOOK_BAD,     // red
    WEIR_LOOK_REMOVED, // red, struck through
};

struct weir_panes;

/** Titles are borrowed for good. */
struct weir_panes *weir_panes_create(const char *const titles[WEIR_PANE_COUNT]);
void weir_panes_destroy(struct weir_panes **panes);

/** Adds a line at the pane's end. `key` (may be empty) names it for weir_panes_restyle(). */
void weir_panes_add(struct weir_panes *panes, size_t pane, struct weir_span key,
                    struct weir_span text, enum weir_look look);

/** Changes how the line with that key looks. False if it has scrolled away. */
bool weir_panes_restyle(struct weir_panes *panes, size_t pane, struct weir_span key,
                        enum weir_look look);

/** Empties a pane, for one that is written anew each time. */
void weir_panes_clear(struct weir_panes *panes, size_t pane);

/** The line under the panes. */
void weir_panes_status(struct weir_panes *panes, struct weir_span text);

/** Draws everything for a terminal of that size, from its top left corner, with escape sequences.
 */
void weir_panes_draw(const struct weir_panes *panes, size_t columns, size_t rows,
                     struct weir_buffer *out);

/**
 * For output that is no terminal: one line, behind the pane's title. Control characters of the text
 * are shown, never obeyed, here as in draw().
 */
void weir_panes_print(const struct weir_panes *panes, size_t pane, struct weir_span text,
                      struct weir_buffer *out);

#endif
