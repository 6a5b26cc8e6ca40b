/** What the parts of the store share: cards on their way, queues, rooms. Only for this folder. */
#ifndef WEIR_STORE_STORE_PRIVATE_H
#define WEIR_STORE_STORE_PRIVATE_H

#include "engine/store/card_args.h"
#include "engine/store/store.h"

struct redisReply;
struct weir_private;
struct weir_redis;
struct weir_store_queue;
struct weir_store_room;
struct weir_store_card;
struct weir_store_reaction;

struct weir_store {
    struct weir_loop *loop;
    struct weir_store_events events;
    void *user;
    struct weir_buffer process;
    struct weir_private *private_server; // NULL: a Redis of the operator's
    struct weir_redis *redis;
    struct weir_redis *bell;
    struct weir_timer *look_timer;
    struct weir_timer *own_timer;
    int64_t opened_ms;
    bool is_ready;
    bool was_ready;
    bool is_closing;
    struct weir_buffer run_id;
    struct weir_buffer cause; // why it is not ready, as it was said last
    struct weir_store_counters counters;

    struct weir_store_card *cards; // by position
    size_t card_count;
    struct weir_card_args added; // the card in hand
    size_t card_capacity;
    size_t finished_count; // of those in `cards`
    size_t next_card;      // first that may have to be sent
    size_t flying;         // adds without an answer
    size_t waiting_count;  // neither sent nor refused for good

    struct weir_store_reaction *reactions; // in their order
    size_t reaction_count;

    struct weir_store_queue **queues;
    size_t queue_count;
    size_t queue_capacity;
    struct weir_store_room **rooms; // by name
    size_t room_count;
    size_t room_capacity;

    struct weir_timer *goodbye_timer;
    int64_t goodbye_until_ms;
    size_t leaving; // rooms given back without an answer yet
    void (*on_closed)(void *user);
    void *closed_user;
};

/** A queue that we know of: its decisions are relayed, its history is read. */
struct weir_store_queue {
    struct weir_store *store;
    char *name;
    struct weir_buffer key;       // {q:NAME}
    struct weir_buffer marker;    // as it was found last
    struct weir_buffer last_hist; // id of the last entry that was read
    bool has_hist;                // the id is known in this connection, or being asked for
    bool is_reading;
    bool is_relaying;
    bool is_moving;
    struct weir_store_figures figures;
    size_t moves_flying; // cards that we bring to another queue
    size_t moves_done;   // of those that were looked for last
    bool has_news;       // something rang while we were reading
};

// cards (store_cards.c)
void weir_store_cards_send(struct weir_store *store);
void weir_store_cards_again(struct weir_store *store);
/** Redis is there: tells it what it missed of ends. */
void weir_store_cards_ready(struct weir_store *store);
void weir_store_cards_finish(struct weir_store *store, const struct weir_store_queue *queue,
                             struct weir_span head);
/** The card went to another queue: its end will be seen there. */
void weir_store_cards_moved(struct weir_store *store, const struct weir_store_queue *queue,
                            struct weir_span head, struct weir_span to);
void weir_store_cards_forget_old(struct weir_store *store);
size_t weir_store_cards_waiting(const struct weir_store *store);
void weir_store_cards_fini(struct weir_store *store);

// what askers said (store_reactions.c)
void weir_store_reactions_ready(struct weir_store *store);
void weir_store_reactions_fini(struct weir_store *store);

/** Finds out whether the queue was emptied since this was asked last (store.c). */
void weir_store_check_marker(struct weir_store_queue *queue);

// queues (store_queues.c)
/** Finds or makes; registers it in Redis and learns where its history ends before returning. */
struct weir_store_queue *weir_store_queue_of(struct weir_store *store, struct weir_span name);
void weir_store_queues_ready(struct weir_store *store, bool is_other_server);
void weir_store_queues_look(struct weir_store *store);
void weir_store_queues_sweep(struct weir_store *store);
void weir_store_queue_news(struct weir_store *store, struct weir_span name);
void weir_store_queues_fini(struct weir_store *store);

// moves (store_moves.c)
/** Asks how it stands, for weir_store_each_queue(). */
void weir_store_figures_look(struct weir_store_queue *queue);
/** Passes on what is overdue, and brings what is on its way to another queue there. */
void weir_store_moves_look(struct weir_store_queue *queue);

// rooms (store_rooms.c)
void weir_store_rooms_ready(struct weir_store *store);
bool weir_store_owns_room(const struct weir_store *store, struct weir_span name);
void weir_store_rooms_renew(struct weir_store *store);
void weir_store_room_news(struct weir_store *store, struct weir_span name);
void weir_store_rooms_leave_all(struct weir_store *store);
void weir_store_rooms_fini(struct weir_store *store);

/** Text of a reply, or an empty span. */
struct weir_span weir_reply_span(const struct redisReply *reply);
/** Element `index` of an array, or NULL. */
const struct redisReply *weir_reply_at(const struct redisReply *reply, size_t index);
/** The value behind `name` in a flat list of names and values that begins at `first`. */
struct weir_span weir_reply_find(const struct redisReply *list, size_t first, const char *name);

#endif
