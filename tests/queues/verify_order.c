// A claim must take what is due first among what is ready. Calls overlap, so only this is certain:
// a card that was ready before a claim began, and that nobody can have taken before it ended, was
// there for it.
//
// From each card's calls come the stretches of time in which it was certainly ready; a heap of
// them, by due time, is asked at every claim. Where a claim's answer got lost it may have taken any
// card, so no stretch reaches into the time from its call to the end of its lease.

#include "tests/queues/verify.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"

#include <inttypes.h>
#include <stdlib.h>

#define QUEUES 256
#define MS     1000

/** From `from_us` to `to_us` the card was certainly ready, and due at `due_ms` or earlier. */
struct stretch {
    int64_t from_us;
    int64_t to_us;
    int64_t due_ms;
    uint32_t card;
};

struct stretches {
    struct stretch *items;
    size_t count;
    size_t capacity;
};

/** When a claim without an answer may have held something. */
struct shadow {
    int64_t from_us;
    int64_t to_us;
};

struct shadows {
    struct shadow *items;
    size_t count;
    size_t capacity;
};

struct order {
    const struct history *history;
    const struct history_index *index;
    const struct final_card *finals;
    uint32_t cards;
    int64_t *withdrawn_us; // by card: the first call that may have closed it
    struct shadows shadows[QUEUES];
    struct stretches ready[QUEUES];
};

// ---- shadows ----

#define SHADOW_BEFORE(a, b) ((a)->from_us < (b)->from_us)
WEIR_DEFINE_SORT(sort_shadows, struct shadow, SHADOW_BEFORE)

static void join_shadows(struct shadows *list)
{
    size_t kept = 0;
    sort_shadows(list->items, list->count);
    for (size_t i = 0; i < list->count; i++) {
        if (kept > 0 && list->items[i].from_us <= list->items[kept - 1].to_us) {
            struct shadow *last = &list->items[kept - 1];
            last->to_us = list->items[i].to_us > last->to_us ? list->items[i].to_us : last->to_us;
        } else {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

static void find_shadows(struct order *order)
{
    for (size_t i = 0; i < order->history->count; i++) {
        const struct call *call = &order->history->calls[i];
        if (call->kind == CALL_CLAIM && call->outcome == CALL_UNKNOWN) {
            struct shadows *list = &order->shadows[call->queue];
            int64_t to_us = call->ended_us + (call->lease_ms + 2) * MS;
            list->items =
                weir_grow(list->items, &list->capacity, list->count + 1, sizeof(struct shadow));
            list->items[list->count++] = (struct shadow){call->began_us, to_us};
        }
    }
    for (size_t queue = 0; queue < QUEUES; queue++) {
        join_shadows(&order->shadows[queue]);
    }
}

static size_t first_shadow_after(const struct shadows *list, int64_t moment_us)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->items[middle].to_us > moment_us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

// ---- stretches ----

static void add_stretch(struct stretches *list, struct stretch stretch)
{
    if (stretch.from_us < stretch.to_us) {
        list->items = weir_grow(list->items, &list->capacity, list->count + 1, sizeof(stretch));
        list->items[list->count++] = stretch;
    }
}

// What is left of a stretch whose card may have been taken from `since_us` on.
static void add_outside_shadows(struct order *order, uint8_t queue, int64_t since_us,
                                struct stretch stretch)
{
    const struct shadows *shadows = &order->shadows[queue];
    struct stretch piece = stretch;
    for (size_t i = first_shadow_after(shadows, since_us);
         i < shadows->count && shadows->items[i].from_us < stretch.to_us; i++) {
        piece.to_us = shadows->items[i].from_us;
        add_stretch(&order->ready[queue], piece);
        piece.from_us =
            shadows->items[i].to_us > piece.from_us ? shadows->items[i].to_us : piece.from_us;
    }
    piece.to_us = stretch.to_us;
    add_stretch(&order->ready[queue], piece);
}

/** The calls about one card. */
struct calls {
    const struct call **list;
    size_t count;
};

// The first call that may have taken the card after the claim with `token` (0: after it was added).
static int64_t taken_us(const struct order *order, uint32_t card, const struct calls *calls,
                        uint64_t token)
{
    int64_t taken = order->withdrawn_us[card];
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->list[i];
        if (call->kind == CALL_CLAIM && call->outcome == CALL_DONE && call->token > token &&
            call->began_us < taken) {
            taken = call->began_us;
        }
    }
    return taken;
}

static const struct call *claim_with(const struct calls *calls, uint64_t token)
{
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->list[i];
        if (call->kind == CALL_CLAIM && call->outcome == CALL_DONE && call->token == token) {
            return call;
        }
    }
    return NULL;
}

// When the lease of a claim was over for certain; 0 where it ended in another way, or may have.
static int64_t lease_over_us(const struct calls *calls, const struct call *claim)
{
    int64_t end_ms = claim->lease_ms;
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->list[i];
        if (call->token != claim->token || call->outcome == CALL_REFUSED) {
            continue;
        }
        if (call->kind == CALL_ANSWER || call->kind == CALL_RESOLVE) {
            return 0;
        }
        if (call->kind == CALL_EXTEND) {
            bool is_done = call->outcome == CALL_DONE;
            int64_t until_ms = is_done ? call->lease_ms : call->ended_us / MS + call->lease_ms + 1;
            end_ms = until_ms > end_ms ? until_ms : end_ms;
        }
    }
    return (end_ms + 2) * MS;
}

// The card became ready by `call`, at the latest at `from_us`.
static void add_ready(struct order *order, const struct calls *calls, const struct call *call,
                      const struct call *claim, int64_t from_us)
{
    struct stretch stretch = {from_us, 0, call->due_ms, call->card};
    int64_t since_us = call->began_us;
    if (claim) {
        stretch.due_ms = claim->due_ms;
        since_us = claim->began_us;
    }
    stretch.to_us = taken_us(order, call->card, calls, claim ? claim->token : 0);
    add_outside_shadows(order, call->queue, since_us, stretch);
}

static void find_stretches_of(struct order *order, const struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->list[i];
        if (call->outcome != CALL_DONE) {
            continue;
        }
        const struct call *claim = call->token ? claim_with(calls, call->token) : NULL;
        if (call->kind == CALL_ADD && call->answer == ANSWER_ADDED) {
            add_ready(order, calls, call, NULL, call->ended_us);
        } else if (call->kind == CALL_RELEASE && claim) {
            add_ready(order, calls, call, claim, call->ended_us);
        } else if (call->kind == CALL_UNDO && claim && call->answer != ANSWER_IMPOSSIBLE) {
            add_ready(order, calls, call, claim, call->ended_us);
        } else if (call->kind == CALL_CLAIM) {
            int64_t over_us = lease_over_us(calls, call);
            if (over_us > 0) {
                add_ready(order, calls, call, call, over_us);
            }
        }
    }
}

static void find_withdrawn(struct order *order)
{
    for (uint32_t card = 0; card < order->cards; card++) {
        order->withdrawn_us[card] = INT64_MAX;
    }
    for (size_t i = 0; i < order->history->count; i++) {
        const struct call *call = &order->history->calls[i];
        bool may_close = call->outcome == CALL_UNKNOWN ||
                         (call->outcome == CALL_DONE && call->answer == ANSWER_WITHDRAWN);
        if (call->kind != CALL_WITHDRAW || call->card >= order->cards || !may_close) {
            continue;
        }
        uint32_t into = order->finals[call->card].into;
        uint32_t head = into < order->cards ? into : call->card;
        if (call->began_us < order->withdrawn_us[head]) {
            order->withdrawn_us[head] = call->began_us;
        }
    }
}

// ---- the heap: what has begun, the earliest due first ----

struct heap {
    struct stretch *items;
    size_t count;
    size_t capacity;
};

static void heap_push(struct heap *heap, struct stretch stretch)
{
    heap->items = weir_grow(heap->items, &heap->capacity, heap->count + 1, sizeof(stretch));
    size_t at = heap->count++;
    for (; at > 0 && heap->items[(at - 1) / 2].due_ms > stretch.due_ms; at = (at - 1) / 2) {
        heap->items[at] = heap->items[(at - 1) / 2];
    }
    heap->items[at] = stretch;
}

static void heap_pop(struct heap *heap)
{
    struct stretch last = heap->items[--heap->count];
    size_t at = 0;
    for (size_t child = 1; child < heap->count; child = 2 * at + 1) {
        child +=
            child + 1 < heap->count && heap->items[child + 1].due_ms < heap->items[child].due_ms;
        if (heap->items[child].due_ms >= last.due_ms) {
            break;
        }
        heap->items[at] = heap->items[child];
        at = child;
    }
    heap->items[at] = last;
}

// The earliest due of those that last until `ended_us`. Few are looked at: those about to be taken.
static const struct stretch *heap_find(const struct heap *heap, size_t at, int64_t ended_us,
                                       const struct stretch *best)
{
    if (at >= heap->count || (best && heap->items[at].due_ms >= best->due_ms)) {
        return best;
    }
    if (heap->items[at].to_us >= ended_us) {
        return &heap->items[at];
    }
    best = heap_find(heap, 2 * at + 1, ended_us, best);
    return heap_find(heap, 2 * at + 2, ended_us, best);
}

// ---- claims ----

static int stretch_order(const void *left, const void *right)
{
    const struct stretch *a = left;
    const struct stretch *b = right;
    return (a->from_us > b->from_us) - (a->from_us < b->from_us);
}

static int claim_order(const void *left, const void *right)
{
    const struct call *a = *(const struct call *const *)left;
    const struct call *b = *(const struct call *const *)right;
    return (a->began_us > b->began_us) - (a->began_us < b->began_us);
}

static size_t list_claims(const struct order *order, size_t queue, const struct call **claims)
{
    size_t count = 0;
    for (size_t i = 0; i < order->history->count; i++) {
        const struct call *call = &order->history->calls[i];
        if (call->kind == CALL_CLAIM && call->outcome == CALL_DONE && call->queue == queue) {
            claims[count++] = call;
        }
    }
    qsort(claims, count, sizeof(*claims), claim_order);
    return count;
}

static void check_claim(const struct order *order, const struct heap *heap,
                        const struct call *claim, struct verdicts *verdicts)
{
    const struct stretch *earlier = heap_find(heap, 0, claim->ended_us, NULL);
    verdicts->claims++;
    verdicts->compared += earlier != NULL;
    if (!earlier || (claim->card != NO_CARD && earlier->due_ms >= claim->due_ms)) {
        return;
    }
    if (claim->card == NO_CARD) {
        verdicts_add(verdicts, FOUND_OUT_OF_ORDER, order->index, earlier->card,
                     "was ready, and the claim of client %u at %" PRId64 " us got nothing",
                     claim->client, claim->began_us);
        return;
    }
    verdicts_add(verdicts, FOUND_OUT_OF_ORDER, order->index, earlier->card,
                 "was ready and due %" PRId64 ", and the claim of client %u at %" PRId64
                 " us took c-%u, due %" PRId64,
                 earlier->due_ms, claim->client, claim->began_us, claim->card, claim->due_ms);
}

static void check_queue(struct order *order, size_t queue, const struct call **claims,
                        struct verdicts *verdicts)
{
    struct stretches *ready = &order->ready[queue];
    struct heap heap = {0};
    size_t count = list_claims(order, queue, claims);
    size_t begun = 0;
    if (ready->count > 0) {
        qsort(ready->items, ready->count, sizeof(*ready->items), stretch_order);
    }
    for (size_t i = 0; i < count; i++) {
        for (; begun < ready->count && ready->items[begun].from_us < claims[i]->began_us; begun++) {
            heap_push(&heap, ready->items[begun]);
        }
        while (heap.count > 0 && heap.items[0].to_us < claims[i]->began_us) {
            heap_pop(&heap);
        }
        check_claim(order, &heap, claims[i], verdicts);
    }
    free(heap.items);
}

// A card stays due when it was when it was added, or earlier.
static void check_never_later(const struct order *order, uint32_t card, const struct calls *calls,
                              struct verdicts *verdicts)
{
    int64_t due_ms = INT64_MAX;
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->list[i];
        if (call->kind == CALL_ADD && call->outcome == CALL_DONE && call->answer == ANSWER_ADDED) {
            due_ms = call->due_ms;
        }
    }
    for (size_t i = 0; i < calls->count; i++) {
        const struct call *call = calls->list[i];
        if (call->kind == CALL_CLAIM && call->outcome == CALL_DONE && call->due_ms > due_ms) {
            verdicts_add(verdicts, FOUND_OUT_OF_ORDER, order->index, card,
                         "was due %" PRId64 " and became due later", due_ms);
            return;
        }
    }
}

void verify_order(const struct history *history, const struct history_index *index,
                  const struct final_card *finals, uint32_t cards, struct verdicts *verdicts)
{
    struct order *order = weir_new(struct order);
    const struct call **claims = weir_new_array(const struct call *, history->count + 1);
    *order = (struct order){.history = history, .index = index, .finals = finals, .cards = cards};
    order->withdrawn_us = weir_new_array(int64_t, (size_t)cards + 1);
    find_withdrawn(order);
    find_shadows(order);
    for (uint32_t card = 0; card < cards; card++) {
        struct calls calls = {&index->list[index->first[card]],
                              index->first[card + 1] - index->first[card]};
        find_stretches_of(order, &calls);
        check_never_later(order, card, &calls, verdicts);
    }
    for (size_t queue = 0; queue < QUEUES; queue++) {
        check_queue(order, queue, claims, verdicts);
        free(order->ready[queue].items);
        free(order->shadows[queue].items);
    }
    free(order->withdrawn_us);
    free(claims);
    free(order);
}
