#include "engine/commands/queue_ids.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define SHORTEST 6

void weir_queue_ids_fini(struct weir_queue_ids *ids)
{
    for (size_t i = 0; i < ids->reply_count; i++) {
        weir_reply_destroy(&ids->replies[i]);
    }
    free(ids->replies);
    free(ids->ids);
    *ids = (struct weir_queue_ids){0};
}

static int compare_ids(const void *a, const void *b)
{
    return weir_span_compare(*(const struct weir_span *)a, *(const struct weir_span *)b);
}

static void sort_ids(struct weir_queue_ids *ids)
{
    size_t kept = 0;
    if (ids->count > 0) {
        qsort(ids->ids, ids->count, sizeof(struct weir_span), compare_ids);
    }
    for (size_t i = 0; i < ids->count; i++) {
        if (kept == 0 || !weir_span_equals(ids->ids[kept - 1], ids->ids[i])) {
            ids->ids[kept++] = ids->ids[i];
        }
    }
    ids->count = kept;
}

void weir_queue_ids_take(struct weir_queue_ids *ids, struct weir_reply *list)
{
    ids->replies = weir_grow(ids->replies, &ids->reply_capacity, ids->reply_count + 1,
                             sizeof(struct weir_reply *));
    ids->replies[ids->reply_count++] = list;
    ids->ids =
        weir_grow(ids->ids, &ids->capacity, ids->count + list->count, sizeof(struct weir_span));
    for (size_t i = 0; i < list->count; i++) {
        ids->ids[ids->count++] = list->items[i].text;
    }
    sort_ids(ids);
}

static size_t common_length(struct weir_span a, struct weir_span b)
{
    size_t length = 0;
    while (length < a.length && length < b.length && a.data[length] == b.data[length]) {
        length++;
    }
    return length;
}

// Where `id` stands, or would stand.
static size_t place_of(const struct weir_queue_ids *ids, struct weir_span id)
{
    size_t low = 0;
    size_t high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weir_span_compare(ids->ids[middle], id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct weir_span weir_queue_ids_short(const struct weir_queue_ids *ids, struct weir_span id)
{
    size_t at = place_of(ids, id);
    size_t after = at + (at < ids->count && weir_span_equals(ids->ids[at], id));
    size_t shared = at > 0 ? common_length(ids->ids[at - 1], id) : 0;
    size_t shared_after = after < ids->count ? common_length(ids->ids[after], id) : 0;
    size_t length = (shared > shared_after ? shared : shared_after) + 1;
    length = length < SHORTEST ? SHORTEST : length;
    while (length < id.length && ((unsigned char)id.data[length] & 0xc0) == 0x80) {
        length++; // no character is cut
    }
    return weir_span_slice(id, 0, length < id.length ? length : id.length);
}
