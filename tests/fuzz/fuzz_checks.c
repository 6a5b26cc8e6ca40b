// Any text through the searches that no pattern does: numbers, links.

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/rules/links.h"
#include "engine/rules/numbers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_number(void *user, const struct weir_number *number)
{
    const struct weir_view *view = user;
    weir_assert(number->start < number->end && number->end <= view->length);
    weir_assert(number->count <= WEIR_NUMBER_DIGITS);
}

static bool on_link(void *user, const struct weir_link *link)
{
    const struct weir_view *view = user;
    weir_assert(link->start < link->end && link->end <= view->length);
    weir_assert(strlen(link->host) > 0);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    weir_utf8_add_repaired(&text, (struct weir_span){(const char *)data, size});
    uint32_t length = (uint32_t)text.length;
    weir_buffer_add(&text,
                    (struct weir_span){(const char[WEIR_TEXT_PADDING]){0}, WEIR_TEXT_PADDING});
    struct weir_view view = {.bytes = weir_buffer_text(&text), .length = length};
    weir_numbers_find(&view, weir_number_is_phone, on_number, &view);
    weir_numbers_find(&view, weir_number_is_id_card, on_number, &view);
    weir_numbers_find(&view, weir_number_is_bank_card, on_number, &view);
    weir_links_find(&view, on_link, &view);
    return 0;
}
