/** SipHash-2-4: a hash that outsiders can't steer once its key is secret. */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include "engine/base/span.h"

struct weir_hash_key {
    uint64_t low;
    uint64_t high;
};

/** The hash of `bytes` under `key`. A fixed key makes ids that are the same on every machine. */
uint64_t weir_hash(struct weir_hash_key key, struct weir_span bytes);

/** Writes a hash as 16 hex digits, no NUL behind. */
void weir_hash_write(char out[16], uint64_t hash);

#endif
