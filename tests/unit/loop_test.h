/** Turns a loop until something is true, and no longer than a deadline. */
#ifndef WEIR_TESTS_UNIT_LOOP_TEST_H
#define WEIR_TESTS_UNIT_LOOP_TEST_H

#include "engine/base/alloc.h"
#include "engine/net/loop.h"

#include <stdlib.h>
#include <uv.h>

static inline void loop_test_tick_(uv_timer_t *timer)
{
    (void)timer; // only makes uv_run() return now and then
}

static inline void loop_test_free_(uv_handle_t *timer)
{
    free(timer);
}

/** True as soon as `is_true(user)` is; false once `limit_ms` are over. */
static inline bool loop_run_until(struct weir_loop *loop, bool (*is_true)(void *user), void *user,
                                  uint64_t limit_ms)
{
    uv_loop_t *uv = weir_loop_uv(loop);
    uint64_t end = uv_hrtime() / 1000000 + limit_ms;
    uv_timer_t *timer = weir_new(uv_timer_t);
    uv_timer_init(uv, timer);
    uv_timer_start(timer, loop_test_tick_, 2, 2);
    bool reached = is_true(user);
    while (!reached && uv_hrtime() / 1000000 < end) {
        uv_run(uv, UV_RUN_ONCE);
        reached = is_true(user);
    }
    uv_close((uv_handle_t *)timer, loop_test_free_);
    return reached;
}

#endif
