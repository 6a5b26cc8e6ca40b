#include "engine/match/found.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

// All but the first hit of each pattern share this room: a flood of one must not hide another's.
#define HITS_MOST 4096u

// A key holds group, start and priority, or group, place and length.
#define GROUP_SHIFT 40
#define START_SHIFT 16
#define LOW_MOST    0xFFFFu
#define START_MOST  0xFFFFFFu

#define FEW 24u // to sort by insertion

void found_fini(struct found_list *list)
{
    free(list->tallies);
    free(list->items);
    free(list->spare);
    free(list->hits);
    free(list->spare_hits);
    *list = (struct found_list){0};
}

void found_begin(struct found_list *list, const struct weir_matcher *matcher)
{
    if (list->tally_capacity < matcher->program_count) {
        free(list->tallies);
        list->tallies = weir_new_array(struct tally, matcher->program_count);
        list->tally_capacity = matcher->program_count;
    }
    if (++list->generation == 0) {
        memset(list->tallies, 0, list->tally_capacity * sizeof(*list->tallies));
        list->generation = 1;
    }
    list->count = 0;
    list->more = false;
}

static uint64_t key_of(uint32_t group, uint32_t start, uint32_t low)
{
    return (uint64_t)group << GROUP_SHIFT | (uint64_t)start << START_SHIFT | low;
}

static uint32_t start_of(const struct found *found)
{
    return (uint32_t)(found->key >> START_SHIFT) & START_MOST;
}

static void make_room(struct found_list *list)
{
    size_t capacity = list->capacity;
    list->items = weir_grow(list->items, &capacity, list->count + 1, sizeof(*list->items));
    list->spare = weir_grow(list->spare, &list->capacity, list->count + 1, sizeof(*list->spare));
    weir_assert(list->capacity == capacity);
}

bool found_keep(struct found_list *list, const struct weir_matcher *matcher, uint32_t program,
                uint32_t priority, uint32_t start, uint32_t end, uint32_t most)
{
    struct tally *tally = found_tally(list, program);
    if (tally->count >= most || (tally->count > 0 && list->count >= HITS_MOST)) {
        list->more = true;
        return false;
    }
    weir_assert(start <= START_MOST && priority <= LOW_MOST);
    tally->count++;
    if (list->count == list->capacity) {
        make_room(list);
    }
    list->items[list->count++] =
        (struct found){key_of(matcher->programs[program].group, start, priority), program, end};
    return true;
}

static void sort_few(struct found *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct found item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--) {
            items[at] = items[at - 1];
        }
        items[at] = item;
    }
}

// One pass of a radix sort: by the byte of the key at `shift`.
static void sort_by_byte(const struct found *items, size_t count, uint32_t shift,
                         struct found *sorted)
{
    uint32_t ends[256] = {0};
    for (size_t i = 0; i < count; i++) {
        ends[items[i].key >> shift & 0xFF]++;
    }
    uint32_t sum = 0;
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t here = ends[byte];
        ends[byte] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[ends[items[i].key >> shift & 0xFF]++] = items[i];
    }
}

// Only bytes in which keys differ take a pass: two to four of the eight.
static void sort_many(struct found_list *list)
{
    uint64_t differ = 0;
    bool is_sorted = true;
    for (size_t i = 1; i < list->count; i++) {
        differ |= list->items[i].key ^ list->items[0].key;
        is_sorted &= list->items[i - 1].key <= list->items[i].key;
    }
    for (uint32_t shift = 0; shift < 64 && !is_sorted; shift += 8) {
        if (differ >> shift & 0xFF) {
            sort_by_byte(list->items, list->count, shift, list->spare);
            struct found *sorted = list->spare;
            list->spare = list->items;
            list->items = sorted;
        }
    }
}

// Stable: what has one key stays in the order in which it was found.
static void sort_found(struct found_list *list)
{
    if (list->count <= FEW) {
        sort_few(list->items, list->count);
    } else {
        sort_many(list);
    }
}

// Of a program's occurrences that overlap, the leftmost counts, and of those that start together
// the one that PCRE2 would take.
static void keep_apart(struct found_list *list, const struct weir_matcher *matcher)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct found found = list->items[i];
        struct tally *tally = found_tally(list, found.program);
        // Neighbours in `sound` share the blank between them.
        uint32_t shared = matcher->programs[found.program].view == WEIR_VIEW_SOUND;
        if (tally->behind <= start_of(&found) + shared) {
            tally->behind = found.end;
            list->items[kept++] = found;
        }
    }
    list->count = kept;
}

static bool hit_before(const struct weir_hit *a, const struct weir_hit *b)
{
    if (a->owner != b->owner) {
        return a->owner < b->owner;
    }
    if (a->view != b->view) {
        return a->view < b->view;
    }
    if (a->range.start != b->range.start) {
        return a->range.start < b->range.start;
    }
    if (a->range.end != b->range.end) {
        return a->range.end < b->range.end;
    }
    return a->pattern != b->pattern ? a->pattern < b->pattern : a->start < b->start;
}

static struct weir_hit hit_of(const struct found *found, const struct weir_matcher *matcher,
                              struct weir_text *text)
{
    const struct program *program = &matcher->programs[found->program];
    uint32_t start = start_of(found);
    return (struct weir_hit){.owner = program->owner,
                             .pattern = program->pattern,
                             .view = program->view,
                             .start = start,
                             .end = found->end,
                             .range = weir_text_range_of(text, program->view, start, found->end)};
}

// Places in the original rise with those in the view but where a text has several readings.
static bool are_in_order(const struct weir_hit *hits, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (hit_before(&hits[i], &hits[i - 1])) {
            return false;
        }
    }
    return true;
}

// What is left after the keys are in order: hits that begin at one place.
static void sort_neighbours(struct weir_hit *hits, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct weir_hit hit = hits[i];
        size_t at = i;
        for (; at > 0 && hit_before(&hit, &hits[at - 1]); at--) {
            hits[at] = hits[at - 1];
        }
        hits[at] = hit;
    }
}

static void put_in_order(struct found_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct weir_text_range range = list->hits[i].range;
        uint32_t length = range.end - range.start;
        uint64_t group = list->items[i].key >> GROUP_SHIFT << GROUP_SHIFT;
        list->items[i].key = group | key_of(0, range.start, length < LOW_MOST ? length : LOW_MOST);
        list->items[i].program = (uint32_t)i; // which hit it is
    }
    sort_found(list);
    for (size_t i = 0; i < list->count; i++) {
        list->spare_hits[i] = list->hits[list->items[i].program];
    }
    struct weir_hit *sorted = list->spare_hits;
    list->spare_hits = list->hits;
    list->hits = sorted;
    sort_neighbours(list->hits, list->count);
}

// What several readings of one text show is one hit.
static size_t drop_repeated(struct weir_hit *hits, size_t count, struct weir_text *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct weir_hit *before = kept > 0 ? &hits[kept - 1] : NULL;
        const struct weir_hit *hit = &hits[i];
        if (before && before->pattern == hit->pattern && before->view == hit->view &&
            before->range.start == hit->range.start && before->range.end == hit->range.end &&
            weir_reading_end(weir_text_view(text, hit->view), before->start) < hit->start) {
            continue;
        }
        hits[kept++] = *hit;
    }
    return kept;
}

size_t found_tell(struct found_list *list, const struct weir_matcher *matcher,
                  struct weir_text *text)
{
    if (list->count == 0) {
        return 0;
    }
    sort_found(list);
    keep_apart(list, matcher);
    size_t capacity = list->hit_capacity;
    list->hits = weir_grow(list->hits, &capacity, list->count + 1, sizeof(*list->hits));
    list->spare_hits = weir_grow(list->spare_hits, &list->hit_capacity, list->count + 1,
                                 sizeof(*list->spare_hits));
    for (size_t i = 0; i < list->count; i++) {
        list->hits[i] = hit_of(&list->items[i], matcher, text);
    }
    if (!are_in_order(list->hits, list->count)) {
        put_in_order(list);
    }
    return drop_repeated(list->hits, list->count, text);
}

uint32_t weir_reading_end(const struct weir_view *view, uint32_t start)
{
    const char *end = memchr(view->bytes + start, WEIR_READING_SEPARATOR, view->length - start);
    return end ? (uint32_t)(end - view->bytes) : view->length;
}
