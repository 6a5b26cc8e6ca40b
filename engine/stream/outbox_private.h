/** What the outbox's two files share: its entries, in lists by class and tables by id and user. */
#ifndef WEIR_STREAM_OUTBOX_PRIVATE_H
#define WEIR_STREAM_OUTBOX_PRIVATE_H

#include "engine/stream/lately.h"
#include "engine/stream/outbox.h"

enum weir_outbox_stage {
    WEIR_STAGE_WAITING, // to be sent at due_ms
    WEIR_STAGE_INTENT,  // its intent is on the way to the disk
    WEIR_STAGE_FLYING,  // sent; not answered until due_ms = ask again
};

/** What a room has of the outbox; there while it has anything. */
struct weir_outbox_share {
    struct weir_outbox_share *next; // in its bucket, or free
    const void *room;
    uint32_t count;
    uint32_t flying;
    bool is_slow; // did not answer in time, and nothing since
};

struct weir_outbox_entry {
    struct weir_outbox_entry *previous; // of its class
    struct weir_outbox_entry *next;
    struct weir_outbox_entry *same_bucket; // by id
    struct weir_outbox_entry *same_user;   // by room and user; only where a user is named
    struct weir_action action;             // its spans point into `bytes`
    struct weir_buffer bytes;
    struct weir_span rules[8];
    struct weir_outbox_cause cause;
    struct weir_outbox_share *share;
    enum weir_class class;
    uint64_t hash;
    uint64_t user_hash;
    int64_t created_ms;
    int64_t due_ms;
    enum weir_outbox_stage stage;
    uint32_t tries; // that were refused for now
    uint32_t asked; // times it was sent on this connection without an answer
    bool was_sent;
    bool is_cleared; // another action did its work
    bool is_undone;  // its opposite came behind it: never sent again
    bool has_waited; // for the budget
    bool is_paid;    // the budget has let it go, but it has not left yet
};

#define WEIR_OUTBOX_SHARES 256 // buckets; a power of two

/** Entries of one class in the order of arrival. */
struct weir_outbox_list {
    struct weir_outbox_entry *first;
    struct weir_outbox_entry *last;
    struct weir_outbox_entry *fresh; // the first that no pump has seen, up to `last`
};

struct weir_outbox {
    struct weir_outbox_options options;
    struct weir_outbox_events events;
    void *user;
    struct weir_budget *budget;
    struct weir_lately *said; // replies, by room and text
    struct weir_outbox_list lists[WEIR_CLASSES];
    struct weir_outbox_entry *free; // for reuse, linked by `next`
    struct weir_outbox_share *shares[WEIR_OUTBOX_SHARES];
    struct weir_outbox_share *free_shares;
    size_t share_count;
    struct weir_outbox_entry **by_id;
    struct weir_outbox_entry **by_user;
    size_t bucket_count; // of both; a power of two
    size_t count;
    size_t intents; // entries that wait for the disk
    uint32_t flying;
    int64_t next_due_ms;
    int64_t walked_ms; // when all were looked at last
    bool is_short;     // then somebody had to wait for the budget
    bool is_up;
};

// outbox_entries.c
struct weir_outbox_entry *weir_outbox_find(const struct weir_outbox *outbox, struct weir_span id);
/** The first of those of a user in a room, whatever its kind; NULL if there is none. */
struct weir_outbox_entry *weir_outbox_find_user(const struct weir_outbox *outbox, const void *room,
                                                struct weir_span user);
/** The next one of the same user and room. */
struct weir_outbox_entry *weir_outbox_next_of_user(const struct weir_outbox_entry *entry);
/** Copies the action and links it last in its class; what must not wait behind others, first. */
struct weir_outbox_entry *weir_outbox_enter(struct weir_outbox *outbox,
                                            const struct weir_action *action,
                                            const struct weir_outbox_cause *cause);
/** Out of all lists and tables; still whole until weir_outbox_recycle(). */
void weir_outbox_leave(struct weir_outbox *outbox, struct weir_outbox_entry *entry);
void weir_outbox_recycle(struct weir_outbox *outbox, struct weir_outbox_entry *entry);
/** First of the first class. */
void weir_outbox_promote(struct weir_outbox *outbox, struct weir_outbox_entry *entry);
void weir_outbox_set_stage(struct weir_outbox *outbox, struct weir_outbox_entry *entry,
                           enum weir_outbox_stage stage);
void weir_outbox_free_entries(struct weir_outbox *outbox);

#endif
