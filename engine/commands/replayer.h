/**
 * Recorded chat, judged in its own time by one set: what `replay`, `diff` and `profile` share. Each
 * room has its memory and its scene, as in the daemon.
 */
#ifndef WEIR_COMMANDS_REPLAYER_H
#define WEIR_COMMANDS_REPLAYER_H

#include "engine/triage/triage.h"

struct weir_replayer;

/** The set outlives the replayer. */
struct weir_replayer *weir_replayer_create(const struct weir_set *set);
void weir_replayer_destroy(struct weir_replayer **replayer);

/**
 * Takes the next event. Returns the verdict where it was a message to be judged, else NULL; it
 * lives until the next call.
 */
const struct weir_verdict *weir_replayer_take(struct weir_replayer *replayer,
                                              const struct weir_event *event, int64_t arrived_ms);

/**
 * What follows from that verdict for humans, with all that the room asked before; as in a room
 * where known answers may be given. Lives until the next call.
 */
const struct weir_triaged *weir_replayer_triage(struct weir_replayer *replayer,
                                                const struct weir_message *message,
                                                const struct weir_verdict *verdict);

/** The judge, for the text as it was read last. */
struct weir_judge *weir_replayer_judge(struct weir_replayer *replayer);

#endif
