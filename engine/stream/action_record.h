/** An action as the spool keeps it: every field, and a time. */
#ifndef WEIR_STREAM_ACTION_RECORD_H
#define WEIR_STREAM_ACTION_RECORD_H

#include "engine/base/buffer.h"

#define WEIR_ACTION_RECORD_RULES 8

/** Adds the record. `when_ms`: when it was decided, or is to be sent. Rules beyond 8 are left out.
 */
void weir_action_record_write(struct weir_buffer *out, int64_t when_ms,
                              const struct weir_action *action);

/** Reads one; spans borrow from `record`, the list of rules from `rules`. False: not one. */
bool weir_action_record_read(struct weir_span record, int64_t *when_ms_out,
                             struct weir_action *action_out,
                             struct weir_span rules[WEIR_ACTION_RECORD_RULES]);

#endif
