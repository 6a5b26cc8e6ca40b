// Whatever bytes come in: every view is valid UTF-8, its maps stay inside the original, ranges
// start and end at characters, and nothing is read or written out of bounds.

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_boundary(const struct weir_view *raw, uint32_t at)
{
    return at == raw->length || ((unsigned char)raw->bytes[at] & 0xc0) != 0x80;
}

static void check_maps(const struct weir_view *raw, const struct weir_view *view)
{
    for (uint32_t i = 0; i < view->length; i++) {
        weir_assert(view->from[i] <= view->to[i]);
        weir_assert(view->to[i] <= raw->length);
    }
    weir_assert(view->from[view->length] == raw->length);
    weir_assert(view->to[view->length] == raw->length);
}

static void check_range(struct weir_text *text, enum weir_view_kind kind, uint32_t start,
                        uint32_t end)
{
    const struct weir_view *raw = weir_text_view(text, WEIR_VIEW_RAW);
    struct weir_text_range range = weir_text_range_of(text, kind, start, end);
    weir_assert(range.start <= range.end && range.end <= raw->length);
    weir_assert(range.start_char <= range.end_char);
    weir_assert(is_boundary(raw, range.start) && is_boundary(raw, range.end));
    weir_assert(weir_text_evasion(text, kind, start, end) <= 100);
}

static void check_view(struct weir_text *text, enum weir_view_kind kind)
{
    const struct weir_view *view = weir_text_view(text, kind);
    struct weir_span bytes = {view->bytes, view->length};
    weir_assert(weir_utf8_is_valid(bytes));
    check_maps(weir_text_view(text, WEIR_VIEW_RAW), view);
    for (size_t at = 0, steps = 0; at < view->length && steps < 64; steps++) {
        size_t start = at;
        weir_utf8_next(bytes, &at);
        check_range(text, kind, (uint32_t)start, (uint32_t)at);
    }
    check_range(text, kind, 0, view->length);
    check_range(text, kind, view->length, view->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct weir_text *texts[2];
    if (!texts[0]) {
        texts[0] = weir_text_create(2000);
        texts[1] = weir_text_create(7);
    }
    struct weir_emote emotes[4];
    for (size_t i = 0; i < ARRAY_LEN(emotes); i++) {
        emotes[i].start = size > 2 * i ? data[2 * i] % 40u : 0;
        emotes[i].end = emotes[i].start + (size > 2 * i + 1 ? data[2 * i + 1] % 8u : 0);
    }
    struct weir_span raw = {(const char *)data, size};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        for (size_t with_emotes = 0; with_emotes < 2; with_emotes++) {
            weir_text_set(texts[i], raw, emotes, with_emotes * ARRAY_LEN(emotes), false);
            for (int kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
                check_view(texts[i], (enum weir_view_kind)kind);
            }
            const struct weir_text_facts *facts = weir_text_facts(texts[i]);
            weir_assert(facts->letters + facts->digits + facts->symbols <= facts->chars);
        }
    }
    return 0;
}
