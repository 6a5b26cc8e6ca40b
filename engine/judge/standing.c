#include "engine/judge/standing.h"

#include "engine/base/alloc.h"
#include "engine/judge/campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void drop(struct weir_standing_list *list, size_t index)
{
    free(list->items[index].bytes);
    list->items[index] = list->items[--list->count];
}

void weir_standing_list_fini(struct weir_standing_list *list)
{
    while (list->count > 0) {
        drop(list, 0);
    }
    free(list->items);
    *list = (struct weir_standing_list){0};
}

static void copy_text(char **at, struct weir_span *text)
{
    struct weir_span copy = {*at, text->length};
    if (text->length > 0) {
        memcpy(*at, text->data, text->length);
    }
    *at += text->length;
    *text = copy;
}

static size_t bytes_of(const struct weir_standing *standing)
{
    return standing->decision.length + standing->card.length + standing->queue.length +
           standing->reason.length;
}

static void copy(struct weir_standing *out, const struct weir_standing *standing)
{
    *out = *standing;
    char *at = out->bytes = weir_alloc_zeroed(bytes_of(standing) + 1, 1);
    copy_text(&at, &out->decision);
    copy_text(&at, &out->card);
    copy_text(&at, &out->queue);
    copy_text(&at, &out->reason);
    for (size_t i = 0; i < out->effect_count; i++) {
        if (out->effects[i].kind == WEIR_EFFECT_WARN) {
            out->effects[i].text = (struct weir_bilingual){out->reason, out->reason};
        }
        out->effects[i].queue = out->queue;
    }
}

static size_t place_for(struct weir_standing_list *list, uint64_t campaign)
{
    size_t first_to_end = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].campaign == campaign) {
            return i;
        }
        first_to_end =
            list->items[i].until_ms < list->items[first_to_end].until_ms ? i : first_to_end;
    }
    return list->count < WEIR_STANDING_MOST ? list->count : first_to_end;
}

void weir_standing_add(struct weir_standing_list *list, const struct weir_standing *standing)
{
    size_t place = place_for(list, standing->campaign);
    if (place < list->count) {
        free(list->items[place].bytes);
    } else {
        list->items = weir_grow(list->items, &list->capacity, ++list->count, sizeof(*list->items));
    }
    copy(&list->items[place], standing);
}

bool weir_standing_end(struct weir_standing_list *list, struct weir_span decision)
{
    for (size_t i = 0; i < list->count; i++) {
        if (weir_span_equals(list->items[i].decision, decision)) {
            drop(list, i);
            return true;
        }
    }
    return false;
}

const struct weir_standing *weir_standing_find(struct weir_standing_list *list, uint64_t campaign,
                                               const struct weir_sketch *sketch, int64_t now_ms)
{
    for (size_t i = 0; i < list->count;) {
        const struct weir_standing *standing = &list->items[i];
        if (now_ms >= standing->until_ms) {
            drop(list, i);
        } else if (standing->campaign == campaign ||
                   weir_sketch_similarity(&standing->sketch, sketch) >= WEIR_CAMPAIGN_SIMILARITY) {
            return standing;
        } else {
            i++;
        }
    }
    return NULL;
}

void weir_campaign_name(char out[24], uint64_t id)
{
    snprintf(out, 24, "c-%016" PRIx64, id);
}

static bool read_hex(struct weir_span digits, uint64_t *number_out)
{
    *number_out = 0;
    for (size_t i = 0; i < digits.length; i++) {
        char digit = digits.data[i];
        bool is_decimal = digit >= '0' && digit <= '9';
        if (!is_decimal && !(digit >= 'a' && digit <= 'f')) {
            return false;
        }
        *number_out = *number_out << 4 | (uint64_t)(is_decimal ? digit - '0' : digit - 'a' + 10);
    }
    return digits.length > 0;
}

bool weir_campaign_find_name(struct weir_span name, uint64_t *id_out)
{
    return name.length == 18 && weir_span_starts(name, WEIR_SPAN("c-")) &&
           read_hex(weir_span_slice(name, 2, 18), id_out);
}

void weir_sketch_write(char out[WEIR_SKETCH_TEXT], const struct weir_sketch *sketch)
{
    out[0] = 0;
    for (uint16_t i = 0; i < sketch->count; i++) {
        snprintf(out + 4u * i, 5, "%04x", (unsigned)sketch->pairs[i]);
    }
}

bool weir_sketch_read(struct weir_span text, struct weir_sketch *sketch_out)
{
    *sketch_out = (struct weir_sketch){.count = 0};
    if (text.length == 0 || text.length % 4 != 0 || text.length / 4 > WEIR_SKETCH_PAIRS) {
        return false;
    }
    for (size_t at = 0; at < text.length; at += 4) {
        uint64_t pair;
        uint16_t count = sketch_out->count;
        if (!read_hex(weir_span_slice(text, at, at + 4), &pair) ||
            (count > 0 && pair <= sketch_out->pairs[count - 1])) {
            return false;
        }
        sketch_out->pairs[count] = (uint16_t)pair;
        sketch_out->count++;
    }
    return true;
}
