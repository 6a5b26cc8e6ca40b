// libuv owns the time: libwebsockets and hiredis are guests on its loop. Hooks run twice a turn,
// after timers and before waiting as well as after what was waited for, because what a timer causes
// must not stay behind until the next frame happens to arrive.

#include "engine/net/loop.h"

#include "engine/base/alloc.h"
#include "engine/net/loop_private.h"
#include "engine/net/wires.h"

#include <signal.h>
#include <stdlib.h>

#define GOODBYE_MS 1000

struct weir_timer {
    uv_timer_t uv;
    struct weir_loop *loop;
    void (*on_time)(void *user);
    void *user;
    struct weir_timer *next;
    struct weir_timer **link; // what points to us
};

static void call_hooks(struct weir_loop *loop)
{
    for (size_t i = 0; i < loop->hook_count; i++) {
        loop->hooks[i].on_turn(loop->hooks[i].user);
    }
}

static void before_wait(uv_prepare_t *prepare)
{
    call_hooks(prepare->data);
}

static void after_wait(uv_check_t *check)
{
    call_hooks(check->data);
}

struct weir_loop *weir_loop_create(struct weir_error *err)
{
    WEIR_AUTO(weir_free_at) struct weir_loop *loop = weir_new(struct weir_loop);
    int failed = uv_loop_init(&loop->uv);
    if (failed) {
        weir_error_set(err, "no event loop: %s", uv_strerror(failed));
        return NULL;
    }
    // A peer that is gone is told to us by write(), never by a signal that ends the process.
    signal(SIGPIPE, SIG_IGN);
    uv_prepare_init(&loop->uv, &loop->before_wait);
    uv_check_init(&loop->uv, &loop->after_wait);
    loop->before_wait.data = loop;
    loop->after_wait.data = loop;
    uv_prepare_start(&loop->before_wait, before_wait);
    uv_check_start(&loop->after_wait, after_wait);
    return weir_take(loop);
}

static void free_signal(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_signals(struct weir_loop *loop)
{
    while (loop->signals) {
        struct weir_signal_watch *watch = loop->signals;
        loop->signals = watch->next;
        uv_close((uv_handle_t *)&watch->uv, free_signal);
    }
}

static void close_stranger(uv_handle_t *handle, void *nothing)
{
    (void)nothing;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void weir_loop_destroy(struct weir_loop **loop_at)
{
    struct weir_loop *loop = *loop_at;
    if (!loop) {
        return;
    }
    loop->hook_count = 0;
    weir_wires_destroy(&loop->wires);
    while (loop->timers) {
        struct weir_timer *timer = loop->timers;
        weir_timer_stop(&timer);
    }
    close_signals(loop);
    weir_ticker_stop(loop);
    uv_close((uv_handle_t *)&loop->before_wait, NULL);
    uv_close((uv_handle_t *)&loop->after_wait, NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    // What is left belongs to other libraries, whose owners forgot it or are gone.
    uv_walk(&loop->uv, close_stranger, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    weir_assert(uv_loop_close(&loop->uv) == 0);
    free(loop->hooks);
    free(loop);
    *loop_at = NULL;
}

static void set_flag(void *flag)
{
    *(bool *)flag = true;
}

// Peers get a goodbye; those that do not answer it are not waited for long.
static void close_connections(struct weir_loop *loop)
{
    bool is_late = false;
    if (!loop->wires || weir_wires_open(loop->wires) == 0) {
        return;
    }
    weir_wires_say_goodbye(loop->wires);
    struct weir_timer *patience = weir_timer_start(loop, GOODBYE_MS, 0, set_flag, &is_late);
    while (!is_late && weir_wires_open(loop->wires) > 0) {
        uv_run(&loop->uv, UV_RUN_ONCE);
    }
    weir_timer_stop(&patience);
}

void weir_loop_run(struct weir_loop *loop)
{
    while (!loop->is_stopping) {
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    close_connections(loop);
    loop->is_stopping = false;
}

void weir_loop_stop(struct weir_loop *loop)
{
    loop->is_stopping = true;
    uv_stop(&loop->uv);
}

struct uv_loop_s *weir_loop_uv(struct weir_loop *loop)
{
    return &loop->uv;
}

int64_t weir_loop_now_ms(struct weir_loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

static void on_timer(uv_timer_t *uv)
{
    struct weir_timer *timer = uv->data;
    timer->on_time(timer->user);
}

struct weir_timer *weir_timer_start(struct weir_loop *loop, uint64_t first_ms, uint64_t repeat_ms,
                                    void (*on_time)(void *user), void *user)
{
    struct weir_timer *timer = weir_new(struct weir_timer);
    timer->loop = loop;
    timer->on_time = on_time;
    timer->user = user;
    timer->next = loop->timers;
    timer->link = &loop->timers;
    if (timer->next) {
        timer->next->link = &timer->next;
    }
    loop->timers = timer;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    uv_timer_start(&timer->uv, on_timer, first_ms, repeat_ms);
    return timer;
}

static void free_timer(uv_handle_t *handle)
{
    free(handle->data);
}

void weir_timer_stop(struct weir_timer **timer_at)
{
    struct weir_timer *timer = *timer_at;
    if (!timer) {
        return;
    }
    *timer->link = timer->next;
    if (timer->next) {
        timer->next->link = timer->link;
    }
    uv_close((uv_handle_t *)&timer->uv, free_timer);
    *timer_at = NULL;
}

static void on_uv_signal(uv_signal_t *uv, int number)
{
    struct weir_signal_watch *watch = uv->data;
    watch->on_signal(watch->user, number);
}

void weir_loop_on_signal(struct weir_loop *loop, int number,
                         void (*on_signal)(void *user, int number), void *user)
{
    struct weir_signal_watch *watch = weir_new(struct weir_signal_watch);
    watch->on_signal = on_signal;
    watch->user = user;
    watch->next = loop->signals;
    loop->signals = watch;
    uv_signal_init(&loop->uv, &watch->uv);
    watch->uv.data = watch;
    uv_signal_start(&watch->uv, on_uv_signal, number);
}

void weir_loop_on_turn(struct weir_loop *loop, void (*on_turn)(void *user), void *user)
{
    loop->hooks =
        weir_grow(loop->hooks, &loop->hook_capacity, loop->hook_count + 1, sizeof(*loop->hooks));
    loop->hooks[loop->hook_count++] = (struct weir_turn_hook){on_turn, user};
}
