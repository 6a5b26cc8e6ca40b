/**
 * Single records read back from the spool's segments, on the thread pool. Private to store:
 * weir_spool_read() knows where they stand.
 */
#ifndef WEIR_STORE_SPOOL_READING_H
#define WEIR_STORE_SPOOL_READING_H

#include "engine/store/spool.h"

struct uv_loop_s;

/** Where a record stands; `bytes` 0: nowhere. */
struct weir_spool_place {
    uint64_t position;
    uint64_t segment;
    uint64_t offset;
    uint32_t bytes; // of the whole frame
};

struct weir_spool_reading *weir_spool_reading_create(
    const char *directory, size_t count,
    void (*on_read)(void *user, const struct weir_spool_kept *kept, size_t count), void *user);
/** At most `count` times. */
void weir_spool_reading_add(struct weir_spool_reading *reading,
                            const struct weir_spool_place *place);
/** From now on it frees itself. */
void weir_spool_reading_start(struct weir_spool_reading *reading, struct uv_loop_s *uv);

#endif
