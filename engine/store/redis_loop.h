/** hiredis on the loop. Its own adapter for libuv does not hear of a peer that died. */
#ifndef WEIR_STORE_REDIS_LOOP_H
#define WEIR_STORE_REDIS_LOOP_H

#include <stdbool.h>

struct redisAsyncContext;
struct uv_loop_s;

/** Lets the loop read and write for the context until the context ends. */
bool weir_redis_attach(struct redisAsyncContext *context, struct uv_loop_s *loop);

#endif
