#include "tests/queues/history.h"

#include "engine/base/alloc.h"
#include "engine/base/sort.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const kind_names[CALL_KINDS] = {"add",     "withdraw", "claim",   "extend",
                                                   "release", "answer",   "resolve", "undo",
                                                   "sweep",   "present",  "leave",   "delivered"};
static const char *const outcome_names[] = {"UNKNOWN", "done", "refused"};
static const char *const answer_names[ANSWERS] = {"",        "added",     "merged", "repeated",
                                                  "over",    "noted",     "left",   "withdrawn",
                                                  "removed", "countered", "partly", "impossible"};

void history_fini(struct history *history)
{
    free(history->calls);
    *history = (struct history){0};
}

size_t history_add(struct history *history, const struct call *call)
{
    if (history->count == history->capacity) {
        history->calls =
            weir_grow(history->calls, &history->capacity, history->count + 1, sizeof(*call));
    }
    history->calls[history->count] = *call;
    return history->count++;
}

#define BEGAN_BEFORE(a, b) ((*(a))->began_us < (*(b))->began_us)
WEIR_DEFINE_SORT(sort_by_time, const struct call *, BEGAN_BEFORE)

void history_index_init(struct history_index *index, const struct history *history, uint32_t cards)
{
    index->first = weir_new_array(size_t, (size_t)cards + 2);
    index->list = weir_new_array(const struct call *, history->count + 1);
    for (size_t i = 0; i < history->count; i++) {
        if (history->calls[i].card < cards) {
            index->first[history->calls[i].card + 2]++;
        }
    }
    for (uint32_t card = 0; card < cards; card++) {
        index->first[card + 2] += index->first[card + 1];
    }
    // first[card + 1] walks from where the card's calls begin to where they end.
    for (size_t i = 0; i < history->count; i++) {
        if (history->calls[i].card < cards) {
            index->list[index->first[history->calls[i].card + 1]++] = &history->calls[i];
        }
    }
    for (uint32_t card = 0; card < cards; card++) {
        sort_by_time(&index->list[index->first[card]], index->first[card + 1] - index->first[card]);
    }
}

void history_index_fini(struct history_index *index)
{
    free(index->first);
    free(index->list);
    *index = (struct history_index){0};
}

void history_print(FILE *out, const struct call *call)
{
    fprintf(out, "%" PRId64 " to %" PRId64 " us, client %u, queue %u: %s", call->began_us,
            call->ended_us, call->client, call->queue, kind_names[call->kind]);
    if (call->card != NO_CARD) {
        fprintf(out, " c-%u", call->card);
    }
    if (call->token) {
        fprintf(out, " token %" PRIu64, call->token);
    }
    fprintf(out, ": %s %s", outcome_names[call->outcome], answer_names[call->answer]);
    if (call->head != NO_CARD) {
        fprintf(out, " c-%u", call->head);
    }
    if (call->due_ms) {
        fprintf(out, " due %" PRId64, call->due_ms);
    }
    if (call->now_ms) {
        fprintf(out, " at %" PRId64, call->now_ms);
    }
    if (call->lease_ms) {
        fprintf(out, " lease %" PRId64, call->lease_ms);
    }
    fputc('\n', out);
}
