/**
 * Lines that are written to files of their own, off the loop: recorded chat, verdicts.
 *
 * A journal is a folder of files NAME-TIME-N.jsonl. A new one is begun when one is full or a day
 * old; old ones are deleted by age and by the size of all. Lines wait in memory while the disk is
 * slow, up to a limit; what is more than that is thrown away and counted.
 */
#ifndef WEIR_STREAM_JOURNAL_H
#define WEIR_STREAM_JOURNAL_H

#include "engine/net/loop.h"

struct weir_journal;

struct weir_journal_options {
    const char *folder;
    const char *name;
    int64_t keep_ms;
    uint64_t max_bytes;  // of all files
    uint64_t file_bytes; // of one; 0 = a sixteenth of max_bytes, at most 64 MiB
};

/** Makes the folder. NULL with `err` set where it can't be written to. */
struct weir_journal *weir_journal_open(struct weir_loop *loop,
                                       const struct weir_journal_options *options,
                                       struct weir_error *err);

/** Writes what waits, waiting for the disk, and frees. The loop must turn once more. */
void weir_journal_close(struct weir_journal **journal);

/** Where the next line is put together; weir_journal_commit() adds its LF. NULL: full, it is lost
 * and was counted. */
struct weir_buffer *weir_journal_begin(struct weir_journal *journal);
void weir_journal_commit(struct weir_journal *journal);

/** Lines that were lost, and writes that failed. */
uint64_t weir_journal_lost(const struct weir_journal *journal);
/** Why, as one clause; "" while all is well. */
const char *weir_journal_trouble(const struct weir_journal *journal);

#endif
