/**
 * Which messages of a room are settled (design.md 3): the way from a seq that arrived to an ack.
 *
 * Each seq that is not settled yet waits for a number of things: its own judging, its actions, its
 * cards reaching the disk. The settled seq is the last one before which nothing waits; it never
 * goes back. Pure and small: a room in which nothing waits holds no memory here.
 */
#ifndef WEIR_STREAM_WINDOW_H
#define WEIR_STREAM_WINDOW_H

#include "engine/base/span.h"

/** Start it as `{0}`. */
struct weir_window {
    struct weir_window_entry {
        uint64_t seq;
        uint32_t waits;
    } * entries; // a ring, by rising seq
    uint32_t head;
    uint32_t count;
    uint32_t capacity; // power of two
    uint64_t settled;
    uint64_t latest; // highest seq that was seen
    uint64_t again_from;
    uint64_t again_to; // 0: nothing
    bool has_settled;
    bool has_latest;
};

void weir_window_fini(struct weir_window *window);

/** All up to `seq` was settled in an earlier life. Before the first begin(). */
void weir_window_resume(struct weir_window *window, uint64_t seq);

/**
 * A message with this seq arrived. True: it is new and now waits for one thing, weir_window_done().
 * False: it was seen before, nothing changes.
 */
bool weir_window_begin(struct weir_window *window, uint64_t seq);

/**
 * The connection comes up again and is asked for all that is not settled: what was seen of it will
 * come again, and is no news even if its ids are forgotten by then.
 */
void weir_window_ask_again(struct weir_window *window);

/** Whether `seq` was asked for again. */
bool weir_window_asked_again(const struct weir_window *window, uint64_t seq);

/** The platform lost its count: what it sends now is not what was asked for. */
void weir_window_forget_asking(struct weir_window *window);

/** One more thing that `seq` has to wait for. It must be unsettled. */
void weir_window_wait(struct weir_window *window, uint64_t seq);

/** One thing less. True if the settled seq moved. A seq that is settled already is left alone. */
bool weir_window_done(struct weir_window *window, uint64_t seq);

#endif
