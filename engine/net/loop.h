/**
 * The one loop of a process: libuv underneath, libwebsockets and hiredis on it. Everything in net,
 * stream, store and console runs on the thread that runs the loop, and nothing there may block.
 */
#ifndef WEIR_NET_LOOP_H
#define WEIR_NET_LOOP_H

#include "engine/base/error.h"

struct uv_loop_s;
struct weir_loop;
struct weir_timer;

struct weir_loop *weir_loop_create(struct weir_error *err);
void weir_loop_destroy(struct weir_loop **loop);

/** Runs until weir_loop_stop(); closes what is still open before it returns. */
void weir_loop_run(struct weir_loop *loop);
void weir_loop_stop(struct weir_loop *loop);

/** For adapters of other libraries (hiredis) and for uv_queue_work(). */
struct uv_loop_s *weir_loop_uv(struct weir_loop *loop);

/** Milliseconds of a monotonic clock, read once per turn of the loop. */
int64_t weir_loop_now_ms(struct weir_loop *loop);

/** Calls `on_time(user)` after `first_ms`, then every `repeat_ms` (0 = once). */
struct weir_timer *weir_timer_start(struct weir_loop *loop, uint64_t first_ms, uint64_t repeat_ms,
                                    void (*on_time)(void *user), void *user);
void weir_timer_stop(struct weir_timer **timer);

/** Calls `on_signal(user, number)` for SIGTERM, SIGINT, SIGHUP, ... */
void weir_loop_on_signal(struct weir_loop *loop, int number,
                         void (*on_signal)(void *user, int number), void *user);

/** Calls `on_turn(user)` at the end of every turn of the loop in which something happened. */
void weir_loop_on_turn(struct weir_loop *loop, void (*on_turn)(void *user), void *user);

#endif
