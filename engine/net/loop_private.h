/** The inside of a loop, for the files of net alone. */
#ifndef WEIR_NET_LOOP_PRIVATE_H
#define WEIR_NET_LOOP_PRIVATE_H

#include "engine/net/loop.h"

#include <uv.h>

struct weir_ticker;
struct weir_wires;

struct weir_turn_hook {
    void (*on_turn)(void *user);
    void *user;
};

struct weir_signal_watch {
    uv_signal_t uv;
    void (*on_signal)(void *user, int number);
    void *user;
    struct weir_signal_watch *next;
};

struct weir_loop {
    uv_loop_t uv;
    uv_prepare_t before_wait;
    uv_check_t after_wait;
    struct weir_turn_hook *hooks;
    size_t hook_count;
    size_t hook_capacity;
    struct weir_signal_watch *signals;
    struct weir_timer *timers;
    struct weir_ticker *ticker; // NULL: none was asked for
    struct weir_wires *wires;   // the library behind websocket.h, from the first connection on
    bool is_stopping;
};

/** The loop ends. */
void weir_ticker_stop(struct weir_loop *loop);

#endif
