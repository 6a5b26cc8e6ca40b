#include "engine/store/redis_loop.h"

#include "engine/base/alloc.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <uv.h>

struct watch {
    uv_poll_t poll;
    redisAsyncContext *context; // NULL once hiredis has let go
    int events;
};

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    // A socket with an error comes as a status without events, and is watched no more. Reading it
    // lets hiredis find the error and end the connection; the adapter that comes with hiredis
    // returns here, and nobody ever hears that the server is gone.
    if (watch->context && (status < 0 || (events & UV_READABLE))) {
        redisAsyncHandleRead(watch->context);
    }
    if (watch->context && status == 0 && (events & UV_WRITABLE)) {
        redisAsyncHandleWrite(watch->context);
    }
}

// hiredis asks again with every command, and for libuv each asking is a system call.
static void want(struct watch *watch, int events)
{
    if (watch->events == events) {
        return;
    }
    watch->events = events;
    if (events) {
        uv_poll_start(&watch->poll, events, on_poll);
    } else {
        uv_poll_stop(&watch->poll);
    }
}

static void add_read(void *data)
{
    struct watch *watch = data;
    want(watch, watch->events | UV_READABLE);
}

static void del_read(void *data)
{
    struct watch *watch = data;
    want(watch, watch->events & ~UV_READABLE);
}

static void add_write(void *data)
{
    struct watch *watch = data;
    want(watch, watch->events | UV_WRITABLE);
}

static void del_write(void *data)
{
    struct watch *watch = data;
    want(watch, watch->events & ~UV_WRITABLE);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void cleanup(void *data)
{
    struct watch *watch = data;
    watch->context = NULL;
    uv_close((uv_handle_t *)&watch->poll, on_closed);
}

bool weir_redis_attach(struct redisAsyncContext *context, struct uv_loop_s *loop)
{
    struct watch *watch = weir_new(struct watch);
    if (uv_poll_init(loop, &watch->poll, context->c.fd) != 0) {
        free(watch);
        return false;
    }
    watch->poll.data = watch;
    watch->context = context;
    context->ev.data = watch;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = cleanup;
    return true;
}
