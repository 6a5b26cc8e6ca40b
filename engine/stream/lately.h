/**
 * What was done lately: says whether a name came up within the last so many milliseconds.
 *
 * Bounded: where more names come than it can hold for that long, the new ones are taken for known,
 * so that "at most one" stays true whatever happens. Names are kept as keyed hashes. Pure.
 */
#ifndef WEIR_STREAM_LATELY_H
#define WEIR_STREAM_LATELY_H

#include "engine/base/hash.h"

struct weir_lately;

struct weir_lately *weir_lately_create(uint32_t limit, int64_t lasts_ms, struct weir_hash_key key);
void weir_lately_destroy(struct weir_lately **lately);

/** Whether it has come up lately. */
bool weir_lately_has(struct weir_lately *lately, struct weir_span room, struct weir_span name,
                     int64_t now_ms);

/** True, and remembered, if the pair has not come up lately. */
bool weir_lately_take(struct weir_lately *lately, struct weir_span room, struct weir_span name,
                      int64_t now_ms);

/** It did not happen after all. */
void weir_lately_forget(struct weir_lately *lately, struct weir_span room, struct weir_span name);

#endif
