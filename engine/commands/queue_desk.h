/** What a moderator does at his desk besides answering: each runs one action of `weir queue`. */
#ifndef WEIR_COMMANDS_QUEUE_DESK_H
#define WEIR_COMMANDS_QUEUE_DESK_H

struct weir_queue_session;

#include <stdbool.h>

bool weir_queue_run_claim(struct weir_queue_session *session);
bool weir_queue_run_present(struct weir_queue_session *session);
bool weir_queue_run_leave(struct weir_queue_session *session);
bool weir_queue_run_people(struct weir_queue_session *session);
bool weir_queue_run_note(struct weir_queue_session *session);
bool weir_queue_run_move(struct weir_queue_session *session);
bool weir_queue_run_escalate(struct weir_queue_session *session);
bool weir_queue_run_escalation(struct weir_queue_session *session);
bool weir_queue_run_stats(struct weir_queue_session *session);
bool weir_queue_run_followups(struct weir_queue_session *session);

#endif
