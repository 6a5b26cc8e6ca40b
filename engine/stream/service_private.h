/** What the files of the daemon share. Private to stream. */
#ifndef WEIR_STREAM_SERVICE_PRIVATE_H
#define WEIR_STREAM_SERVICE_PRIVATE_H

#include "engine/base/hash.h"
#include "engine/judge/memory.h"
#include "engine/stream/consequences.h"
#include "engine/stream/counters.h"
#include "engine/stream/journal.h"
#include "engine/stream/lately.h"
#include "engine/stream/link.h"
#include "engine/stream/outbox.h"
#include "engine/stream/overflow.h"
#include "engine/stream/recent.h"
#include "engine/stream/service.h"
#include "engine/stream/window.h"
#include "engine/triage/triage.h"

struct weir_afterwards_room;
struct weir_control;
struct weir_decisions;
struct weir_known_users;
struct weir_planned;
struct weir_pledges;
struct weir_reload;
struct weir_spool;
struct weir_store;
struct weir_room_listener;

/** How fast a room scrolls: how long its last screenful of messages took. */
struct weir_pace {
    int64_t screen_ms; // 0 = there was none yet
    int64_t since_ms;  // when the one that is being filled began
    int64_t before_ms; // and the one before
    uint32_t lines;    // of it
};

/** One room that we serve. Lives as long as the service. */
struct weir_room {
    struct weir_room *next_in_bucket;
    struct weir_room *next_dirty;
    struct weir_attachment *attachment; // NULL: known from the spool only
    struct weir_buffer name;
    struct weir_buffer state; // live, paused, ended
    struct weir_buffer scene;
    struct weir_buffer moderator; // who follows up what is open when it ends
    int64_t scene_ends_ms;        // announced, 0 = nobody has said
    int64_t ends_ms;              // the same of the stream
    int64_t ended_ms;             // when it did last, 0 = not that we know
    uint64_t scene_position;      // of the record that keeps these, 0 = none
    struct weir_window window;
    struct weir_overflow_line overflow; // actions that wait in the spool
    struct weir_recent *recent;
    struct weir_memory *memory;
    uint32_t granted_users;         // that it may remember
    struct weir_user_scope *users;  // where what it knows of users is kept; NULL: not yet, or never
    struct weir_triage_room *asked; // NULL until a question comes
    struct weir_afterwards_room *afterwards; // NULL until an answer is said
    uint64_t counters[WEIR_COUNTERS];
    struct weir_pace pace;
    int64_t short_until_ms; // until then nobody is told again that the budget can't cope
    uint64_t acked;
    uint64_t saved;          // the settled seq that the spool knows
    uint64_t saved_position; // of that record, 0 = none
    bool has_acked;
    bool is_dirty; // in the list of rooms to look at when the turn ends
    bool owes_ack; // something came again: its ack is given again
    bool is_joined;
    bool is_lost;    // the platform does not let us in any more
    bool is_refused; // another process owns it
};

/** A gate's verdict that is written when the adapter's call is over; texts stand in
 * `verdict_bytes`. */
struct weir_gate_answer {
    struct weir_room *room;
    uint64_t seq;
    bool has_seq;
    enum weir_gate gate;
    size_t id_length;
    size_t text_length;
    size_t instead_length; // of the record of what to do should it be too late, 0 = nothing
    bool holds_seq;        // which is settled once it is written
    bool is_repeat;        // was answered before
};

/** One connection of the configuration. */
struct weir_attachment {
    struct weir_service *service;
    const struct weir_config_connection *config;
    struct weir_link *link;
    struct weir_outbox *outbox;
    struct weir_powers powers;
    bool takes_any_room; // the configuration names none
    bool may_hurry;      // actions may leave in the middle of a frame
    bool is_up;
    bool is_paused;
    uint32_t deadline_ms; // gate
    enum weir_gate late;  // gate: what holds for a message whose verdict comes too late
    int64_t frame_us;     // gate: when the first event of this frame came
    struct weir_gate_answer *answers;
    size_t answer_count;
    size_t answer_capacity;
    struct weir_buffer answer_bytes;
    size_t room_count;
    bool is_full;      // one of its rooms holds as many unsettled messages as it may
    bool is_filling;   // or half of that
    int64_t unheld_ms; // when what waits for answers was kept in the spool last
    int64_t hurried_us;
};

struct weir_service {
    struct weir_loop *loop;
    const struct weir_config *config;
    struct weir_log *log;
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_triage *triage;
    struct weir_spool *spool;
    struct weir_store *store;
    struct weir_pledges *pledges;
    struct weir_planned *planned;
    struct weir_overflow *overflow;
    struct weir_journal *record; // NULL: not recorded
    struct weir_journal *verdicts;
    struct weir_journal *not_done; // actions that were decided and not carried out
    struct weir_lately *alarms;    // kinds of actions that were refused, by room
    struct weir_lately *notices;   // users who were told something, by room
    struct weir_control *control;
    struct weir_reload *reload;
    struct weir_room_listener *listener; // reads actions of humans
    struct weir_attachment *attachments;
    size_t attachment_count;
    struct weir_room **rooms;
    size_t room_count;
    size_t room_capacity;
    struct weir_room **buckets;
    size_t bucket_count;         // power of two
    struct weir_room *last_room; // the one found last: most messages follow one of the same room
    struct weir_room *dirty;
    struct weir_decisions *decisions;
    struct weir_known_users *known_users;
    struct weir_memory_budget memory_budget;
    struct weir_hash_key key;
    struct weir_timer *timer;
    struct weir_timer *drain_timer;
    struct weir_buffer scratch;
    struct weir_consequences consequences;
    struct weir_triaged triaged;
    uint64_t counters[WEIR_COUNTERS];
    int64_t started_ms;
    int64_t drain_end_ms;
    int lock_fd;
    bool is_store_ready;
    bool is_store_closed;
    bool is_draining;
    bool is_closing;
};

// rooms.c
/** NULL if there is no such room. */
struct weir_room *weir_service_find_room(struct weir_service *service, struct weir_span name);
struct weir_room *weir_service_add_room(struct weir_service *service, struct weir_span name);
void weir_service_free_rooms(struct weir_service *service);
/** Serves `name` on this connection; NULL where it is another's, or there are too many. */
struct weir_room *weir_service_serve_room(struct weir_attachment *attachment,
                                          struct weir_span name);
/** To be looked at when the turn ends. */
void weir_room_touch(struct weir_room *room);
void weir_room_count(struct weir_service *service, struct weir_room *room,
                     enum weir_counter counter, uint64_t more);
/** One thing less that `seq` waits for. */
void weir_room_done(struct weir_room *room, uint64_t seq);
/** Keeps the settled seqs that changed in the spool. */
void weir_service_save_settled(struct weir_service *service);

// attachment.c
bool weir_attachment_open(struct weir_attachment *attachment, const struct weir_adapters *adapters,
                          struct weir_error *err);
void weir_attachment_close(struct weir_attachment *attachment);
/** Writes what there is to be done now, where the adapter allows it in the middle of a frame. */
void weir_attachment_hurry(struct weir_attachment *attachment, int64_t now_ms);
/** The end of a turn: acks, actions, pressure. */
void weir_service_end_turn(struct weir_service *service);

// gate.c
void weir_gate_learn(struct weir_attachment *attachment, const struct weir_event *event);
/** The adapter's call is over: writes the verdicts of what came in it. */
void weir_gate_write_answers(struct weir_attachment *attachment);
/** The connection is gone: whoever asks again is answered again. */
void weir_gate_drop_answers(struct weir_attachment *attachment);

// chat.c
void weir_service_on_message(struct weir_attachment *attachment, const struct weir_event *event);
/** Does what a verdict on a message that viewers see already leads to: actions and cards. */
void weir_service_follow(struct weir_room *room, const struct weir_message *message,
                         const struct weir_verdict *verdict, int64_t now_ms);
/** Writes an event to the record, if there is one. */
void weir_service_record(struct weir_service *service, const struct weir_event *event,
                         int64_t arrived_ms);

// service.c
/** Before a card is spooled: gives up old ones, where that is the policy and room is short. */
void weir_service_make_room(struct weir_service *service);

// recall.c
/** A card that outlived a restart: the room knows its question again. */
void weir_service_recall_card(struct weir_service *service, struct weir_span card_json);

// verdict_log.c
/** Writes the verdict to the log if it is worth it, or in the sample of those that are not.
 * `now_us`: when the message was taken up. */
void weir_service_log_verdict(struct weir_attachment *attachment, const struct weir_room *room,
                              const struct weir_event *event, const struct weir_verdict *verdict,
                              int64_t now_us);

// acting.c
struct weir_outbox *weir_acting_create(struct weir_attachment *attachment,
                                       const struct weir_adapter *adapter);
/** Sends an action on its way. `lasts_s`: when to undo it, 0 = never. */
void weir_acting_add(struct weir_room *room, const struct weir_action *action, uint32_t lasts_s,
                     int64_t now_ms);
/** The same for what is needed because there is too much already: never in the spool instead. */
void weir_acting_add_always(struct weir_room *room, const struct weir_action *action,
                            uint32_t lasts_s, int64_t now_ms);
/** An action from the spool, after a restart or when its time has come. False: its room is not
 * known yet, but may come. */
bool weir_acting_resume(struct weir_service *service, const struct weir_action *action,
                        uint64_t position, int64_t created_ms);
/** Keeps an action in the spool; its position, 0 = full. */
uint64_t weir_acting_keep(struct weir_service *service, const struct weir_action *action,
                          int64_t created_ms);
/** Into the outbox. False if it is there already, or waits for a place there. */
bool weir_acting_put_out(struct weir_room *room, const struct weir_action *action,
                         const struct weir_outbox_cause *cause, int64_t created_ms);
/** Keeps actions of before `before_ms` that are not answered, so that their messages can settle. */
void weir_acting_unhold(struct weir_attachment *attachment, int64_t before_ms);
/** As put_out(), or where the outbox is full leaves its record, which is in the spool, for later.
 */
bool weir_acting_put_out_or_leave(struct weir_room *room, const struct weir_action *action,
                                  const struct weir_outbox_cause *cause, int64_t created_ms);
/** Makes a card of something that a human should know. */
void weir_acting_alarm(struct weir_room *room, const struct weir_action *action, const char *what);
/** A card about `action`, or about the room alone; those of one `kind` in a room become one card.
 */
void weir_acting_card(struct weir_room *room, const struct weir_action *action, const char *text,
                      const char *kind);

// pledges.c: what waits for the disk, and what is due later
enum weir_pledge_kind {
    WEIR_PLEDGE_CARD,      // then the store gets it
    WEIR_PLEDGE_ACTION,    // then its seq need not wait any longer
    WEIR_PLEDGE_HUMAN,     // then Redis may forget it
    WEIR_PLEDGE_UNDO,      // the undo is kept: then what it undoes may be done
    WEIR_PLEDGE_GONE,      // then the store withdraws its cards
    WEIR_PLEDGE_USER_GONE, // the same for all of a user
    WEIR_PLEDGE_REACTION,  // then the store tells its card
};
struct weir_pledge {
    enum weir_pledge_kind kind;
    uint64_t position;
    struct weir_room *room;
    uint64_t seq;
    bool has_seq; // waits for this
};
struct weir_pledges *weir_pledges_create(struct weir_service *service);
void weir_pledges_destroy(struct weir_pledges **pledges);
/** Copies `bytes`, which go with it. */
void weir_pledges_add(struct weir_pledges *pledges, const struct weir_pledge *pledge,
                      struct weir_span bytes);
/** Messages are gone: their cards are withdrawn once that is on disk. `waits`: its seq waits for
 * it.
 */
void weir_pledges_withdraw(struct weir_room *room, const struct weir_event *event, bool waits);
void weir_pledges_on_durable(struct weir_pledges *pledges, uint64_t position);
size_t weir_pledges_count(const struct weir_pledges *pledges);
size_t weir_pledges_bytes(const struct weir_pledges *pledges);
/** What the spool held when it was opened. */
void weir_pledges_on_record(struct weir_pledges *pledges, int kind, uint64_t position,
                            struct weir_span record);
/** The spool is open: which seqs are settled, what is planned. */
void weir_pledges_take_up(struct weir_pledges *pledges);
/** The rooms are known: sends the actions that were left. */
void weir_pledges_send_recovered(struct weir_pledges *pledges);
/** Drops what nobody asks for any more. */
void weir_pledges_tick(struct weir_pledges *pledges, int64_t now_ms);
/** Whether an intent of this id was found after a crash; its position, 0 = none. */
uint64_t weir_pledges_find_intent(const struct weir_pledges *pledges, struct weir_span action_id);
void weir_pledges_forget_intent(struct weir_pledges *pledges, uint64_t position);

// planned.c: what is to be undone at a time
struct weir_planned *weir_planned_create(struct weir_service *service);
void weir_planned_destroy(struct weir_planned **planned);
/** Keeps an undo to be sent at `at_ms`, by us or by who owns the room then; returns its position in
 * the spool, 0 = that is full. */
uint64_t weir_planned_keep(struct weir_planned *planned, int64_t at_ms,
                           const struct weir_action *action);
/** Redis is there: whatever it may not have. */
void weir_planned_share(struct weir_planned *planned);
/** An entry of the stream of a room that we own. False: a later one took its place. */
bool weir_planned_take(struct weir_planned *planned, int64_t at_ms,
                       const struct weir_action *action, struct weir_span entry);
/** Sends what is due. */
void weir_planned_tick(struct weir_planned *planned, int64_t now_ms);
/** A record of the spool: an undo, and an action whose room may not be known yet. */
void weir_planned_recover(struct weir_planned *planned, uint64_t position, struct weir_span record);
void weir_planned_send(struct weir_planned *planned, uint64_t position, struct weir_span record);

// decisions.c
struct weir_decisions *weir_decisions_create(struct weir_service *service);
void weir_decisions_destroy(struct weir_decisions **decisions);
/** What a human decided, from the store. */
void weir_decisions_on_entry(struct weir_decisions *decisions, struct weir_span room,
                             struct weir_span entry, struct weir_span action_json);
/** One was in the spool: should Redis give it too, it is known. */
void weir_decisions_remember(struct weir_decisions *decisions, const struct weir_action *action);
/** What stood until now is over. */
void weir_decisions_tick(struct weir_decisions *decisions, int64_t now_ms);
/** An undo is sent now: its entry (may be empty) is taken when it has ended. */
void weir_decisions_pend(struct weir_decisions *decisions, struct weir_room *room,
                         struct weir_span id, struct weir_span entry);
/** One has ended, whatever became of it: Redis may forget it. */
void weir_decisions_end(struct weir_decisions *decisions, const struct weir_action *action);

// known_users.c
struct weir_known_users *weir_known_users_create(struct weir_service *service);
void weir_known_users_destroy(struct weir_known_users **known);
/** The room is ours: reads back what was known of its users, and notes what changes. */
void weir_known_users_read(struct weir_known_users *known, struct weir_room *room);
/** Writes behind what changed. */
void weir_known_users_write(struct weir_known_users *known);
/** Whether something is still to be written, to a Redis that is there. */
bool weir_known_users_wait(const struct weir_known_users *known);

// shortage.c
/** How long after its cause an action is worth doing: a delete until its message has left the
 * screen for a while. */
int64_t weir_shortage_worth_ms(void *user, const struct weir_action *action, const void *room,
                               int64_t created_ms);
void weir_shortage_on_wait(void *user, void *room);
/** Says so, and proposes a room mode or enters the configured one. */
void weir_shortage_on_short(void *user, void *which, int64_t waited_ms);
/** One time-out instead of many deletes. */
void weir_shortage_on_many_deletes(void *user, const struct weir_action *one,
                                   const struct weir_outbox_cause *cause);
/** Lists an action that is not carried out, and why. */
void weir_shortage_list(struct weir_service *service, const struct weir_action *action,
                        const char *why);
/** A message of the room arrived. */
void weir_pace_count(struct weir_pace *pace, int64_t now_ms);
/** The room was out of sight until now. */
void weir_pace_resume(struct weir_pace *pace, int64_t now_ms);

// status.c
void weir_service_on_request(void *user, uint64_t client, struct weir_span verb,
                             struct weir_span request);

// reload.c
/** How the last loads went; the one at the start counts as good. */
struct weir_reload_outcome {
    int64_t loaded_ms;  // when the set that runs was loaded
    int64_t refused_ms; // when one was refused last, 0 = never
    int64_t took_ms;    // the last one, either way
    uint64_t loads;
    uint64_t refusals;
    uint64_t mistake_count; // of the one that was refused last
    char first_mistake[700];
    bool is_refused; // the last one was: the files are not what runs
};
struct weir_reload *weir_reload_create(struct weir_service *service,
                                       const struct weir_service_options *options);
/** No more watching; while the loop still turns. */
void weir_reload_stop(struct weir_reload *reload);
const struct weir_reload_outcome *weir_reload_outcome_of(const struct weir_service *service);
/** `client` gets the outcome, 0 = nobody. */
void weir_reload_start(struct weir_service *service, uint64_t client);
void weir_reload_destroy(struct weir_reload **reload);
bool weir_reload_is_running(const struct weir_service *service);

#endif
