#include "engine/net/ticker.h"

#include "engine/base/alloc.h"
#include "engine/net/loop_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct weir_ticker {
    uv_poll_t poll;
    int fd;
};

static void on_ticks(uv_poll_t *poll, int status, int events)
{
    struct weir_ticker *ticker = poll->data;
    uint64_t ticks;
    (void)status, (void)events;
    if (read(ticker->fd, &ticks, sizeof(ticks)) < 0) {
        return; // somebody was faster; the next one comes
    }
}

bool weir_ticker_start(struct weir_loop *loop, uint64_t every_us, struct weir_error *err)
{
    struct timespec every = {.tv_sec = (time_t)(every_us / 1000000),
                             .tv_nsec = (long)(every_us % 1000000 * 1000)};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0 ||
        timerfd_settime(fd, 0, &(struct itimerspec){.it_interval = every, .it_value = every},
                        NULL) != 0) {
        int cause = errno;
        if (fd >= 0) {
            close(fd);
        }
        return weir_error_set(err, "no fine clock: %s", strerror(cause));
    }
    weir_assert(!loop->ticker);
    struct weir_ticker *ticker = weir_new(struct weir_ticker);
    ticker->fd = fd;
    ticker->poll.data = ticker;
    weir_assert(uv_poll_init(&loop->uv, &ticker->poll, fd) == 0);
    uv_poll_start(&ticker->poll, UV_READABLE, on_ticks);
    loop->ticker = ticker;
    return true;
}

static void free_ticker(uv_handle_t *handle)
{
    struct weir_ticker *ticker = handle->data;
    close(ticker->fd);
    free(ticker);
}

void weir_ticker_stop(struct weir_loop *loop)
{
    if (loop->ticker) {
        uv_close((uv_handle_t *)&loop->ticker->poll, free_ticker);
        loop->ticker = NULL;
    }
}
