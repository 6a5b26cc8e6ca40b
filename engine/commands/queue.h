/** How cards look in a terminal and as JSON. */
#ifndef WEIR_COMMANDS_QUEUE_H
#define WEIR_COMMANDS_QUEUE_H

#include "engine/store/client.h"

/** Adds text from outside as a terminal may show it. */
void weir_queue_add_text(struct weir_buffer *out, struct weir_span text);

/** Adds "40s", "3m", "2h" or "4d". */
void weir_queue_write_time(struct weir_buffer *out, int64_t ms);

/** Adds "due in 40s", "overdue 2m" or "no due time". */
void weir_queue_write_due(struct weir_buffer *out, struct weir_span due_ms, int64_t now_ms);

/** Adds one line for a list: due, count, room, card (as `id`), text, owner. */
void weir_queue_write_line(struct weir_buffer *out, struct weir_span queue,
                           const struct weir_reply *card, struct weir_span id, int64_t now_ms);

/** Adds all that is known of a card, one thing a line. */
void weir_queue_write_card(struct weir_buffer *out, struct weir_span queue,
                           const struct weir_reply *card, int64_t now_ms);

/** Adds the card as a JSON object. */
void weir_queue_write_json(struct weir_buffer *out, struct weir_span queue,
                           const struct weir_reply *card);

/** The number in `text`, 0 where it is none. */
int64_t weir_queue_number(struct weir_span text);

#endif
