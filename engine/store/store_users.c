// What the judge knows of users, kept in Redis beside the queues: written behind, read back page by
// page. Nothing here is waited for; what gets lost on the way is the caller's to send again.

#include "engine/base/alloc.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define KEEP_MS  "7776000000" // 90 days without a change
#define MOST     "200000"     // users of one scope, the latest ones
#define HEAD     2            // arguments before the users
#define SCOPE_OF "{m:%.*s}"

struct waiting {
    void (*on_done)(void *user, bool is_kept);
    weir_store_user_fn on_user;
    void (*on_page)(void *user, struct weir_span next_cursor);
    void *user;
};

static bool call(struct weir_store *store, const char *name, struct weir_span scope,
                 const struct weir_span *args, size_t count, weir_reply_fn on_reply,
                 const struct waiting *what)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    weir_buffer_printf(&key, SCOPE_OF, WEIR_SPAN_ARGS(scope));
    struct waiting *waiting = weir_new(struct waiting);
    *waiting = *what;
    if (store->is_ready && weir_redis_call(store->redis, name, weir_buffer_span(&key), args, count,
                                           on_reply, waiting)) {
        return true;
    }
    free(waiting);
    return false;
}

static void on_remembered(void *user, const struct redisReply *reply)
{
    struct waiting *waiting = user;
    waiting->on_done(waiting->user, reply && reply->type == REDIS_REPLY_INTEGER);
    free(waiting);
}

bool weir_store_remember(struct weir_store *store, struct weir_span scope,
                         const struct weir_span *users_and_records, size_t count,
                         void (*on_done)(void *user, bool is_kept), void *user)
{
    struct weir_span args[HEAD + 2 * WEIR_STORE_USERS] = {WEIR_SPAN(KEEP_MS), WEIR_SPAN(MOST)};
    weir_assert(count <= WEIR_STORE_USERS);
    memcpy(args + HEAD, users_and_records, 2 * count * sizeof(*args));
    const struct waiting waiting = {.on_done = on_done, .user = user};
    return call(store, "remember", scope, args, HEAD + 2 * count, on_remembered, &waiting);
}

static void on_recalled(void *user, const struct redisReply *reply)
{
    struct waiting *waiting = user;
    struct weir_span cursor = weir_reply_span(weir_reply_at(reply, 0));
    const struct redisReply *record;
    for (size_t i = 1; (record = weir_reply_at(reply, i + 1)); i += 2) {
        waiting->on_user(waiting->user, weir_reply_span(weir_reply_at(reply, i)),
                         weir_reply_span(record));
    }
    waiting->on_page(waiting->user, cursor);
    free(waiting);
}

bool weir_store_recall(struct weir_store *store, struct weir_span scope, struct weir_span cursor,
                       weir_store_user_fn on_user,
                       void (*on_page)(void *user, struct weir_span next_cursor), void *user)
{
    const struct waiting waiting = {.on_user = on_user, .on_page = on_page, .user = user};
    return call(store, "recall", scope, &cursor, 1, on_recalled, &waiting);
}
