/**
 * The part of the spool that waits for the disk: one job of writing, syncing, removing and reading,
 * made on the loop's thread and run on another; and the reading of everything when it is opened.
 */
#ifndef WEIR_STORE_SPOOL_DISK_H
#define WEIR_STORE_SPOOL_DISK_H

#include "engine/base/error.h"
#include "engine/store/spool_frame.h"

/** Ids of segments, oldest first. Start it as `{0}`, free `items`. */
struct weir_spool_ids {
    uint64_t *items;
    size_t count;
    size_t capacity;
};

void weir_spool_ids_add(struct weir_spool_ids *ids, uint64_t id);

/**
 * What is to be done at once. A job that failed is run again as it is: it writes the same bytes to
 * the same place.
 */
struct weir_spool_job {
    const char *directory;
    int fd;                           // of the segment written last; kept from job to job
    uint64_t segment;                 // where `data` goes
    bool begins_segment;              // it does not exist yet
    uint64_t offset;                  // in the segment
    struct weir_buffer data;          // may be empty
    bool sync;                        // wait until it is on disk
    uint64_t last_position;           // of the records in `data`
    struct weir_spool_ids drop_first; // nothing in them is needed: removed before writing
    struct weir_spool_ids drop_after; // their records are in `data` again: removed once it is safe
    uint64_t read_segment;            // to be read whole into `read`, 0 = none
    struct weir_buffer read;
    struct weir_error failure; // empty: all was done
};

void weir_spool_job_run(struct weir_spool_job *job);
void weir_spool_job_fini(struct weir_spool_job *job);

/** A segment as it was found on disk. */
struct weir_spool_found {
    uint64_t id;
    struct weir_span bytes; // mapped
};

/** Opens a segment for reading; -1 where there is none. */
int weir_spool_open_segment(const char *directory, uint64_t segment);

/** All segments of a directory, oldest first. False where one can't be read. */
bool weir_spool_map_all(const char *directory, struct weir_spool_found **found_out,
                        size_t *count_out, struct weir_error *err);
void weir_spool_unmap_all(struct weir_spool_found *found, size_t count);

/** Cuts a segment to its whole frames; without any, removes it. */
void weir_spool_cut(const char *directory, uint64_t segment, uint64_t bytes);

/** Takes the directory for this process: returns an open file to be closed in the end, or -1. */
int weir_spool_lock(const char *directory, struct weir_error *err);

#endif
