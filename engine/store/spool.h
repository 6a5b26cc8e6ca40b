/**
 * What must not be lost, on disk before it counts: an append-only log in segments with checksums.
 *
 * Records are typed bytes. Appending is a copy in memory; a batch is written and synced on libuv's
 * thread pool, and on_durable tells how far. A record is kept until it is released; a segment whose
 * records are all released is deleted. After a crash, open() gives every record that is durable and
 * not released, in order, each whole or not at all.
 */
#ifndef WEIR_STORE_SPOOL_H
#define WEIR_STORE_SPOOL_H

#include "engine/net/loop.h"

enum weir_spool_kind {
    WEIR_SPOOL_CARD = 1,    // JSON of a card that Redis must get
    WEIR_SPOOL_ACTION = 2,  // JSON of an action (as weir.room.v1 writes it) that the room must get
    WEIR_SPOOL_SETTLED = 3, // room and seq: all up to there is settled
    WEIR_SPOOL_UNDO = 4,    // JSON of an action to be sent at a time: the end of an emulated one
    WEIR_SPOOL_INTENT = 5,  // id of a reply, warn or announce that is about to be written
    WEIR_SPOOL_GONE = 6,    // room and message: its cards are to be withdrawn
    WEIR_SPOOL_USER_GONE = 7, // room and user, empty = everybody: the same for all that they wrote
    WEIR_SPOOL_ROOM = 8,      // JSON of what a room is doing
    WEIR_SPOOL_TOLD = 9,      // time and JSON of an answer that was said, for what comes after
    WEIR_SPOOL_REACTION = 10, // JSON of what an asker said to his answer, for the card
};

struct weir_spool;

struct weir_spool_options {
    const char *directory;
    uint64_t max_bytes; // when it is full, appending cards is refused and counted; 0 = 1 GiB
    enum weir_spool_sync {
        WEIR_SPOOL_SYNC_BATCH,  // one fdatasync for what gathered while the last one ran
        WEIR_SPOOL_SYNC_ALWAYS, // the same without waiting a few milliseconds for company
        WEIR_SPOOL_SYNC_OS,     // left to the kernel: survives kill -9, not a power cut
    } sync;
    uint64_t segment_bytes; // size at which the next segment is begun; 0 = 8 MiB
};

/** Longest record that is taken. */
#define WEIR_SPOOL_RECORD_BYTES (1u << 20)

/** Numbers for status and metrics. */
struct weir_spool_counters {
    uint64_t appended;
    uint64_t released;
    uint64_t refused;    // appends that were refused: full, or too long
    uint64_t recovered;  // records that open() gave back
    uint64_t torn_bytes; // found by open() at the end of segments: writes that a crash cut off
    uint64_t damaged;    // places inside segments that were no record any more
    uint64_t batches;    // written and synced
    uint64_t failures;   // writes or syncs that failed and are repeated
    uint64_t live;       // records not released yet
    uint64_t live_bytes; // theirs
    uint64_t disk_bytes; // of all segments
    uint64_t moved;      // live records copied forward so that their segment could go
};

/**
 * Opens or makes the spool; `on_record` gets what was left, in the order of positions, before the
 * call returns. Refused while another process has it open. `on_durable` comes from the loop.
 */
struct weir_spool *weir_spool_open(struct weir_loop *loop, const struct weir_spool_options *options,
                                   void (*on_record)(void *user, enum weir_spool_kind kind,
                                                     uint64_t position, struct weir_span record),
                                   void (*on_durable)(void *user, uint64_t position), void *user,
                                   struct weir_error *err);

/** Writes and syncs what is pending, then closes; waits for the disk. The loop must turn once more
 * (weir_loop_run() sees to that before it returns). */
void weir_spool_close(struct weir_spool **spool);

/**
 * Appends; returns its position (rising from 1), 0 if the spool is full or the record too long.
 * Cards are refused at max_bytes; the other kinds, which end what was begun, a quarter later.
 */
uint64_t weir_spool_append(struct weir_spool *spool, enum weir_spool_kind kind,
                           struct weir_span record);

/** A record that was asked for; its bytes are valid during the call. */
struct weir_spool_kept {
    uint64_t position;
    enum weir_spool_kind kind; // 0: could not be read now, or is released
    struct weir_span record;
};

/** Records on their way back from the disk. */
struct weir_spool_reading;

/**
 * Reads records that are durable on the thread pool; `on_read` gets all of them in one call from
 * the loop, after which the reading is gone. One that is being moved can't be read for a moment.
 */
struct weir_spool_reading *
weir_spool_read(struct weir_spool *spool, const uint64_t *positions, size_t count,
                void (*on_read)(void *user, const struct weir_spool_kept *kept, size_t count),
                void *user);
/** Nobody is told any more. The spool may be closed while it goes on. */
void weir_spool_read_cancel(struct weir_spool_reading **reading);

/** Whether it is still needed. */
bool weir_spool_has(const struct weir_spool *spool, uint64_t position);

/** The record is no longer needed. Releases are logged too, and take effect on disk with a later
 * batch. */
void weir_spool_release(struct weir_spool *spool, uint64_t position);

/** Everything up to here is on disk. */
uint64_t weir_spool_durable(const struct weir_spool *spool);

/** Why records are refused or not yet on disk, as one clause; "" while all is well. */
const char *weir_spool_trouble(const struct weir_spool *spool);

struct weir_spool_counters weir_spool_counters(const struct weir_spool *spool);

#endif
