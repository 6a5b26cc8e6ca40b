/**
 * The demo's human queue: what waits in Redis, and a made-up moderator who takes the question that
 * is due first, thinks for a moment, and answers.
 */
#ifndef WEIR_COMMANDS_DEMO_DESK_H
#define WEIR_COMMANDS_DEMO_DESK_H

#include "engine/commands/demo_show.h"

struct demo_desk;

/** `state` is the daemon's state directory, whose private Redis holds the queues. */
struct demo_desk *demo_desk_create(const char *state, struct demo_show *show,
                                   struct weir_panes *panes, bool plain, bool with_moderator);
void demo_desk_destroy(struct demo_desk **desk);

/** Connects when Redis is there, shows what waits, lets the moderator work. */
void demo_desk_work(struct demo_desk *desk, int64_t now_ms);

/** Cards answered by the made-up moderator, and cards that wait. */
uint64_t demo_desk_answered(const struct demo_desk *desk);
uint64_t demo_desk_waiting(const struct demo_desk *desk);

#endif
