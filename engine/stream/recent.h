/**
 * The ids that a room has seen lately, with the answer that each was given: what comes again is not
 * judged again but answered again (design.md 3).
 *
 * Bounded: the oldest ids are forgotten first. Ids are kept as keyed hashes, so nobody in the room
 * can make two of them look the same on purpose.
 */
#ifndef WEIR_STREAM_RECENT_H
#define WEIR_STREAM_RECENT_H

#include "engine/base/hash.h"

struct weir_recent;

/** What was answered, kept for gate mode. `text` (mask) belongs to the memory. */
struct weir_recent_answer {
    enum weir_gate gate;
    struct weir_span text;
};

/** Remembers at most `limit` ids; starts small. `key` should be secret. */
struct weir_recent *weir_recent_create(uint32_t limit, struct weir_hash_key key);
void weir_recent_destroy(struct weir_recent **recent);

/** The answer that `id` was given, or NULL if it is new. Valid until the next add. */
const struct weir_recent_answer *weir_recent_find(const struct weir_recent *recent,
                                                  struct weir_span id);

/** What stands for `id` here: for those who ask and then answer, to be hashed only once. */
uint64_t weir_recent_name(const struct weir_recent *recent, struct weir_span id);
const struct weir_recent_answer *weir_recent_find_named(const struct weir_recent *recent,
                                                        uint64_t name);

/** Remembers an id that is not there yet; copies the answer's text. */
void weir_recent_add(struct weir_recent *recent, struct weir_span id,
                     const struct weir_recent_answer *answer);

/** Gives an id that is there another answer, as an edit does; one that is not is added. */
void weir_recent_replace(struct weir_recent *recent, uint64_t name,
                         const struct weir_recent_answer *answer);

#endif
