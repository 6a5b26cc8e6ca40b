// How the queues stand, for status. Looked at now and then, never waited for: it says when it was.

#include "engine/store/redis.h"
#include "engine/store/store_private.h"

#include <hiredis/hiredis.h>

static int64_t number_in(const struct redisReply *stats, const char *name)
{
    for (size_t i = 0; weir_reply_at(stats, i + 1); i += 2) {
        const struct redisReply *value = weir_reply_at(stats, i + 1);
        uint64_t number = 0;
        if (!weir_span_is(weir_reply_span(weir_reply_at(stats, i)), name)) {
            continue;
        }
        if (value->type == REDIS_REPLY_INTEGER) {
            return value->integer;
        }
        return weir_span_to_u64(weir_reply_span(value), &number) && number < INT64_MAX
                   ? (int64_t)number
                   : 0;
    }
    return 0;
}

static void on_stats(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        return; // what was known stays, with its time
    }
    queue->figures = (struct weir_store_figures){
        .at_ms = number_in(reply, "now"),
        .waiting = number_in(reply, "waiting"),
        .overdue = number_in(reply, "overdue"),
        .claimed = number_in(reply, "claimed"),
        .moving = number_in(reply, "moving"),
        .present = number_in(reply, "present"),
        .oldest_ms = number_in(reply, "oldest"),
    };
}

void weir_store_figures_look(struct weir_store_queue *queue)
{
    weir_redis_call(queue->store->redis, "stats", weir_buffer_span(&queue->key), NULL, 0, on_stats,
                    queue);
}

void weir_store_each_queue(const struct weir_store *store,
                           void (*on_figures)(void *user, const struct weir_store_figures *figures),
                           void *user)
{
    for (size_t i = 0; i < store->queue_count; i++) {
        struct weir_store_figures figures = store->queues[i]->figures;
        figures.queue = weir_span_of(store->queues[i]->name);
        on_figures(user, &figures);
    }
}
