/** What `weir explain` shows to people of a message that was just judged. */
#ifndef WEIR_COMMANDS_EXPLAIN_VIEW_H
#define WEIR_COMMANDS_EXPLAIN_VIEW_H

#include "engine/judge/why.h"

/**
 * Views, hits, rules that fell short and why, counters, score, verdict; of a question its card or
 * known answer, as if nothing had been asked in `room` before and answers may be given.
 */
void weir_explain_view(struct weir_judge *judge, const struct weir_set *set,
                       const struct weir_room_view *room, const struct weir_message *message,
                       const struct weir_verdict *verdict, struct weir_buffer *out);

#endif
