/**
 * Inside engine/match: what one scan finds, from the first occurrence to the list of hits. All
 * memory only ever grows; what a flood finds is put in order in time that grows with its number.
 */
#ifndef WEIR_MATCH_FOUND_H
#define WEIR_MATCH_FOUND_H

#include "engine/match/program.h"

/** What one scan knows of one program. */
struct tally {
    uint32_t generation; // the scan that the rest belongs to
    uint32_t count;
    uint32_t behind; // the end of its last hit that was kept
    bool is_candidate;
};

/** An occurrence that may still overlap with another of its program. */
struct found {
    uint64_t key; // group, start, priority
    uint32_t program;
    uint32_t end;
};

/** Start it as `{0}`. */
struct found_list {
    uint32_t generation;
    struct tally *tallies; // by program
    size_t tally_capacity;
    struct found *items;
    struct found *spare; // of the same capacity
    size_t count;
    size_t capacity;
    struct weir_hit *hits;
    struct weir_hit *spare_hits;
    size_t hit_capacity;
    bool more; // than there was room for
};

void found_fini(struct found_list *list);

/** Forgets what the last scan found. */
void found_begin(struct found_list *list, const struct weir_matcher *matcher);

static inline struct tally *found_tally(struct found_list *list, uint32_t program)
{
    struct tally *tally = &list->tallies[program];
    if (tally->generation != list->generation) {
        *tally = (struct tally){.generation = list->generation};
    }
    return tally;
}

/** Keeps an occurrence; false where this program's share, `most`, is used up. */
bool found_keep(struct found_list *list, const struct weir_matcher *matcher, uint32_t program,
                uint32_t priority, uint32_t start, uint32_t end, uint32_t most);

/** Makes hits of what was kept, in their order; returns how many are in `list->hits`. */
size_t found_tell(struct found_list *list, const struct weir_matcher *matcher,
                  struct weir_text *text);

/** Where the reading at `start` ends (weir_text): only drawn-out or ambiguous words have others. */
uint32_t weir_reading_end(const struct weir_view *view, uint32_t start);

#endif
