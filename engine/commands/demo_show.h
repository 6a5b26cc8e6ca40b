/**
 * What the demo shows of the room and the verdicts: read from the files that the daemon and the
 * room server write, so that the demo sees just what an operator could.
 */
#ifndef WEIR_COMMANDS_DEMO_SHOW_H
#define WEIR_COMMANDS_DEMO_SHOW_H

#include "engine/commands/panes.h"

enum {
    DEMO_PANE_ROOM,
    DEMO_PANE_VERDICTS,
    DEMO_PANE_QUEUE,
};

struct demo_counters {
    uint64_t messages;
    uint64_t removed;
    uint64_t muted;
    uint64_t replies;
    uint64_t questions;
};

struct demo_show;

/**
 * Shows in `panes`, or prints to stdout where `plain`. `folder` is the demo's: chats/,
 * state/verdicts/ and room.log are followed there as they grow.
 */
struct demo_show *demo_show_create(const char *folder, struct weir_panes *panes, bool plain);
void demo_show_destroy(struct demo_show **show);

/** Reads what has come since the last call. True if anything did. */
bool demo_show_read(struct demo_show *show);

/** Adds a line to a pane, or prints it. */
void demo_show_add(struct demo_show *show, size_t pane, struct weir_span key, struct weir_span text,
                   enum weir_look look);

const struct demo_counters *demo_show_counters(const struct demo_show *show);

#endif
