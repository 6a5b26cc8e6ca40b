/**
 * What comes after an answer: all who asked are told, what they write next is heard, and who asks
 * the same a little later is told, too. Which answers were given is kept in the spool of the
 * process that owns the room.
 */
#ifndef WEIR_STREAM_AFTERWARDS_H
#define WEIR_STREAM_AFTERWARDS_H

#include "engine/stream/service_private.h"

struct weir_afterwards_room;

void weir_afterwards_destroy(struct weir_afterwards_room **afterwards);

/** An action that a human decided, as it came from Redis: says it to all who asked, instead of
 * `action->text` as typed. False: there is nothing to be said. The text lives until the next call.
 */
bool weir_afterwards_address(struct weir_room *room, struct weir_span action_json,
                             struct weir_action *action);

/** `action` is on its way: tells those whom one message could not name, and remembers the answer.
 */
void weir_afterwards_said(struct weir_room *room, struct weir_span action_json,
                          const struct weir_action *action, int64_t now_ms);

/** What an asker's message means for his answer. */
struct weir_heard {
    bool reopens;          // it did not help: this is no question of its own
    bool has_card;         // it was given automatically, so a human gets a card now
    struct weir_card card; // borrows from the room until the next message, and from the message
};

/** Reads what an asker says to his answer. */
void weir_afterwards_hear(struct weir_room *room, const struct weir_message *message,
                          const struct weir_verdict *verdict, int64_t now_ms,
                          struct weir_heard *out);

/** Whether this card's question was answered of late; then who asks is told, with others that do
 * so now. */
bool weir_afterwards_is_late(struct weir_room *room, const struct weir_message *message,
                             const struct weir_card *card, int64_t now_ms);

/** A question was answered at once: counted for the queue that is spared it; who asked may say that
 * it did not help. That is kept in memory only. */
void weir_afterwards_automatic(struct weir_room *room, const struct weir_message *message,
                               struct weir_span queue, int64_t now_ms);

/** A card of ours is open again. */
void weir_afterwards_forget(struct weir_service *service, struct weir_span card_json);

/** The record of an answer, found in the spool. */
void weir_afterwards_resume(struct weir_service *service, uint64_t position,
                            struct weir_span record);

/** Tells the late ones at once: we are closing. */
void weir_afterwards_flush(struct weir_service *service, int64_t now_ms);

/** Tells the late ones, forgets what is old. */
void weir_afterwards_tick(struct weir_service *service, int64_t now_ms);

#endif
