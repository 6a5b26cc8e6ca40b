// Cards on their way to another queue, because a moderator moved them or because nobody took them
// in time. A move is three calls (queue_moves.lua); whoever began it may be gone, so every process
// brings to its end what it finds. Each call may be repeated, so it does not matter who else does
// the same.

#include "engine/base/alloc.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define MOVES_AT_ONCE     20
#define ESCALATED_AT_ONCE "50"

struct move {
    struct weir_store_queue *queue;
    struct weir_buffer id;
    struct weir_buffer hops;
};

static void free_move(struct move *move)
{
    weir_buffer_fini(&move->id);
    weir_buffer_fini(&move->hops);
    free(move);
}

static void read_moving(struct weir_store_queue *queue);

static void end_move(struct move *move, bool is_done)
{
    struct weir_store_queue *queue = move->queue;
    free_move(move);
    queue->moves_done += is_done;
    queue->moves_flying -= queue->moves_flying > 0;
    if (queue->moves_flying == 0 && queue->moves_done == MOVES_AT_ONCE) {
        read_moving(queue); // there may be more
    }
}

static void on_moved(void *user, const struct redisReply *reply)
{
    end_move(user, reply && reply->type != REDIS_REPLY_ERROR);
}

static void on_arrived(void *user, const struct redisReply *reply)
{
    struct move *move = user;
    struct weir_store *store = move->queue->store;
    struct weir_span args[] = {weir_buffer_span(&move->id), weir_buffer_span(&move->hops)};
    bool is_there = reply && reply->type == REDIS_REPLY_ARRAY && !store->is_closing;
    store->counters.refused += reply && reply->type == REDIS_REPLY_ERROR;
    if (!is_there || !weir_redis_call(store->redis, "moved", weir_buffer_span(&move->queue->key),
                                      args, ARRAY_LEN(args), on_moved, move)) {
        end_move(move, false); // looked at again with the next tick
    }
}

static void bring(struct weir_store_queue *queue, const struct redisReply *entry)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    struct weir_span to = weir_reply_span(weir_reply_at(entry, 1));
    struct weir_span args[] = {weir_reply_span(weir_reply_at(entry, 0)), weir_span_of(queue->name),
                               weir_reply_span(weir_reply_at(entry, 3))};
    if (!weir_queue_name_is_good(to)) {
        queue->store->counters.refused++; // not written by the library
        return;
    }
    struct move *move = weir_new(struct move);
    move->queue = queue;
    weir_buffer_add(&move->id, args[0]);
    weir_buffer_add(&move->hops, weir_reply_span(weir_reply_at(entry, 2)));
    weir_buffer_add(&key, weir_buffer_span(&weir_store_queue_of(queue->store, to)->key));
    if (weir_redis_call(queue->store->redis, "arrive", weir_buffer_span(&key), args,
                        ARRAY_LEN(args), on_arrived, move)) {
        queue->moves_flying++;
    } else {
        free_move(move);
    }
}

static void on_moving(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    queue->is_moving = false;
    for (size_t i = 0; weir_reply_at(reply, i) && !queue->store->is_closing; i++) {
        bring(queue, weir_reply_at(reply, i));
    }
}

static void read_moving(struct weir_store_queue *queue)
{
    char most[WEIR_DIGITS];
    struct weir_span args[] = {{most, weir_digits_of(most, MOVES_AT_ONCE)}};
    queue->moves_done = 0;
    queue->is_moving = weir_redis_call(queue->store->redis, "moving", weir_buffer_span(&queue->key),
                                       args, ARRAY_LEN(args), on_moving, queue);
}

static void on_escalated(void *user, const struct redisReply *reply)
{
    struct weir_store_queue *queue = user;
    queue->store->counters.refused += reply && reply->type == REDIS_REPLY_ERROR;
}

void weir_store_moves_look(struct weir_store_queue *queue)
{
    struct weir_span most = WEIR_SPAN(ESCALATED_AT_ONCE);
    if (queue->is_moving || queue->moves_flying > 0 || queue->store->is_closing) {
        return; // at it
    }
    weir_redis_call(queue->store->redis, "escalate", weir_buffer_span(&queue->key), &most, 1,
                    on_escalated, queue);
    read_moving(queue); // answered after it, so what it passed on is there
}
