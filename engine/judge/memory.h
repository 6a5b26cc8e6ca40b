/**
 * What a room remembers: its clock, its users, what was counted over time. Belongs to one room, is
 * filled by weir_judge_message() alone, and is bounded by counts that are fixed when it is made, so
 * the same messages always meet the same memory (design.md 8.1).
 */
#ifndef WEIR_JUDGE_MEMORY_H
#define WEIR_JUDGE_MEMORY_H

#include "engine/base/span.h"

struct weir_memory;

/** Users that a room remembers unless it is told otherwise; of series by their size as many or
 * fewer. */
#define WEIR_MEMORY_USERS 65536u

struct weir_memory *weir_memory_create(void);

/**
 * One for at most `users` users (1 to 2^22). `seed` is any secret number: it keeps outsiders from
 * slowing the look-up down, and changes no answer.
 */
struct weir_memory *weir_memory_create_for(uint32_t users, uint64_t seed);
void weir_memory_destroy(struct weir_memory **memory);

/**
 * Shares a number of users over rooms: the first ones get WEIR_MEMORY_USERS; as it runs short, new
 * ones get less, down to 512, and what a room has it keeps. Start it with `most` set.
 */
struct weir_memory_budget {
    uint64_t most;
    uint64_t granted;
};

uint32_t weir_memory_grant(struct weir_memory_budget *budget);
void weir_memory_give_back(struct weir_memory_budget *budget, uint32_t users);

/** What is in a memory, and what it forgot before its time to stay within its bounds. */
struct weir_memory_counts {
    uint64_t users;
    uint64_t keys; // of all series together
    uint64_t users_evicted;
    uint64_t strikes_evicted; // of those, users with strikes or a history of clean messages
    uint64_t keys_evicted;
};

void weir_memory_count(const struct weir_memory *memory, struct weir_memory_counts *counts_out);

/** What is known of one user, for keeping it elsewhere: no name, no id, only the key. */
struct weir_user_record {
    uint64_t key; // weir_memory_user_key() of the id
    int64_t first_ms;
    int64_t strikes_ms; // when `strikes_milli` were counted; they decay from then on
    uint32_t strikes_milli;
    uint32_t messages;
    uint32_t clean;
};

/** The same for one id everywhere and for good. */
uint64_t weir_memory_user_key(struct weir_span id);

typedef void (*weir_user_record_fn)(void *user, const struct weir_user_record *record);

/** From now on the memory notes whose record changed: strikes at once, history as it doubles. */
void weir_memory_track_changes(struct weir_memory *memory);

/** Calls for each user whose record changed since the last time. */
void weir_memory_take_changes(struct weir_memory *memory, weir_user_record_fn on_record,
                              void *user);

/** Puts a record back, after a restart or from another room of the platform. What the room knows
 * already stays where it is the later. */
void weir_memory_restore_user(struct weir_memory *memory, const struct weir_user_record *record);

/** Takes points off a user, when a decision that struck is undone; all with UINT32_MAX. */
void weir_memory_forgive(struct weir_memory *memory, struct weir_span user_id,
                         uint32_t points_milli);

struct weir_said;
struct weir_standing;

/** From now on `standing` holds for its campaign; copied. One that has ended already changes
 * nothing. */
void weir_memory_decide_campaign(struct weir_memory *memory, const struct weir_standing *standing);
/** Takes a decision on a campaign back, by its id. False: it holds no more. */
bool weir_memory_end_decision(struct weir_memory *memory, struct weir_span decision);
/** Messages of a campaign that viewers may still see and no verdict has listed, `most` of them;
 * each is told once. The spans hold until the next message. */
size_t weir_memory_take_screen(struct weir_memory *memory, uint64_t campaign,
                               struct weir_said *said_out, size_t most);

#endif
