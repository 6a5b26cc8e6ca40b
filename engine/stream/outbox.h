/**
 * Actions on their way to a room: in flight until the platform says done, repeated after a lost
 * connection or a restart by the rules of design.md 8.3, expired when worthless, as fast as the
 * platform's budget lets them and the more urgent first. One outbox serves one connection.
 *
 * What another action does as well is not sent: deletes of a user while a time-out clears all that
 * he wrote, the same reply to many in the same room. It ends as coalesced; nothing ends in silence.
 *
 * Pure: it decides what is sent when; the caller sends, and keeps what must survive a crash. Time
 * is Unix milliseconds, because an action may be older than the process.
 */
#ifndef WEIR_STREAM_OUTBOX_H
#define WEIR_STREAM_OUTBOX_H

#include "engine/base/buffer.h"
#include "engine/stream/budget.h"

struct weir_outbox;

/** What an action holds on to; given back when it has ended. */
struct weir_outbox_cause {
    void *room;        // the caller's
    uint64_t seq;      // waits for this action; only where has_seq
    bool has_seq;      // cleared by weir_outbox_unhold()
    uint64_t position; // of its spool record, 0 = none
    uint64_t intent;   // of the spool record that says it was about to be written, 0 = none
};

enum weir_outcome {
    WEIR_OUTCOME_DONE,
    WEIR_OUTCOME_REFUSED,   // for good
    WEIR_OUTCOME_EXPIRED,   // too late to be of use
    WEIR_OUTCOME_CANCELLED, // what it was about is gone
    WEIR_OUTCOME_UNKNOWN,   // may have been carried out, must not be repeated: a card for a human
    WEIR_OUTCOME_COALESCED, // another action did its work
};

struct weir_outbox_end {
    const struct weir_action *action; // valid during the call
    struct weir_outbox_cause cause;
    enum weir_outcome outcome;
    enum weir_refused refused;
    struct weir_span text; // what the platform said
    int64_t created_ms;
    bool was_sent;
};

struct weir_outbox_events {
    /** Give it to the adapter now. `seconds` of a time-out is what is left of it. The answer may
     * come within this call. */
    void (*send)(void *user, const struct weir_action *action);
    /**
     * About to send something that must not be sent twice: sync that intent, then call
     * weir_outbox_intent_synced(). Returns the intent's position, 0 = can't be kept: it is sent all
     * the same.
     */
    uint64_t (*keep_intent)(void *user, struct weir_span action_id);
    void (*on_end)(void *user, const struct weir_outbox_end *end);
    /** Whether we are in the room, so that it can be acted on; if not, weir_outbox_wake() follows
     * when we are. NULL: always. */
    bool (*may_send)(void *user, const void *room);
    /** How long after its cause an action is still worth doing; INT64_MAX = always. NULL: as
     * weir_outbox_worth_ms(). */
    int64_t (*worth_ms)(void *user, const struct weir_action *action, const void *room,
                        int64_t created_ms);
    /** Eight deletes of one user wait for the budget where a time-out would clear them all: it may
     * be added within this call. NULL: never. */
    void (*on_many_deletes)(void *user, const struct weir_action *one,
                            const struct weir_outbox_cause *cause);
    /** The budget can't cope: what protects has waited for `waited_ms` in this room. Told again and
     * again while it lasts. NULL: nobody listens. */
    void (*on_short)(void *user, void *room, int64_t waited_ms);
    /** An action has to wait for the budget; once for each. May be NULL. */
    void (*on_wait)(void *user, void *room);
};

struct weir_outbox_options {
    size_t max_actions;  // what weir_outbox_takes() goes by; what is added is always taken
    uint32_t max_flying; // sent and not answered; 0 = 1024
    bool recognises_ids; // the platform knows a repeated action by its id
    int64_t answer_ms;   // how long to wait for done while connected; 0 = 10 s
    const struct weir_limit *limits; // of the platform; outlive the outbox
    size_t limit_count;
    uint32_t clears; // bits of kinds that remove all that a user wrote
};

struct weir_outbox *weir_outbox_create(const struct weir_outbox_options *options,
                                       const struct weir_outbox_events *events, void *user);
/** Frees without a word: what is in the spool comes back with the next process. */
void weir_outbox_destroy(struct weir_outbox **outbox);

/**
 * Takes an action; copies it. False if one with this id is under way: then nothing changes. It is
 * sent by the next weir_outbox_pump(). `was_sent` = an intent was found after a crash: the outcome
 * is unknown.
 */
bool weir_outbox_add(struct weir_outbox *outbox, const struct weir_action *action,
                     const struct weir_outbox_cause *cause, int64_t created_ms, bool was_sent);

/** The connection may be written to, or is gone: what flew is then due again, or unknown. */
void weir_outbox_set_up(struct weir_outbox *outbox, bool is_up, int64_t now_ms);

/** Sends what is due, repeats what was not answered, ends what expired. Once a turn, cheap when
 * idle. */
void weir_outbox_pump(struct weir_outbox *outbox, int64_t now_ms);

/** The next pump looks at all: a room may be acted on again. */
void weir_outbox_wake(struct weir_outbox *outbox);

/** The platform's answer. False if no such action is under way. */
bool weir_outbox_done(struct weir_outbox *outbox, const struct weir_event *done, int64_t now_ms);

/** All intents up to `position` are on disk. */
void weir_outbox_intent_synced(struct weir_outbox *outbox, uint64_t position);

/** A message is gone: what waits to be done to it is cancelled. */
void weir_outbox_message_gone(struct weir_outbox *outbox, const void *room,
                              struct weir_span message);

/** All that a user wrote is gone, or (an empty id) all that anybody did. */
void weir_outbox_user_gone(struct weir_outbox *outbox, const void *room, struct weir_span user);

/** Gives `position` and releases the seq of each action that still holds one since `before_ms`:
 * `keep` returns the spool position, 0 = not kept (then it goes on holding). */
void weir_outbox_unhold(struct weir_outbox *outbox, int64_t before_ms,
                        uint64_t (*keep)(void *user, const struct weir_action *action,
                                         const struct weir_outbox_cause *cause,
                                         int64_t created_ms));

bool weir_outbox_has(const struct weir_outbox *outbox, struct weir_span id);
size_t weir_outbox_count(const struct weir_outbox *outbox);
/**
 * Whether there is memory for another action of `room`. A room beside others may fill a quarter of
 * it, all together three; the last one is for rooms with little, so that one that takes no actions
 * does not leave the others without.
 */
bool weir_outbox_takes(const struct weir_outbox *outbox, const void *room);

/** Of one room, or of all (NULL): how many of each kind wait, not counting what flies. */
void weir_outbox_waiting(const struct weir_outbox *outbox, const void *room,
                         size_t by_kind_out[WEIR_DO_COUNT]);

/** Whether an action of this kind may be repeated although its outcome is unknown. */
bool weir_outbox_may_repeat(enum weir_do kind, bool recognises_ids);

/** How long after its cause an action of this kind is still worth doing; INT64_MAX = always. */
int64_t weir_outbox_worth_ms(enum weir_do kind);

#endif
