// Any bytes as a card from the spool: either a clause that says what is wrong, or arguments that
// stand in the card or in the memory of the reader, never more than there is room for.

#include "engine/base/alloc.h"
#include "engine/store/card_args.h"
#include "engine/store/redis_slots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sum_bytes(struct weir_span span)
{
    size_t sum = 0;
    for (size_t i = 0; i < span.length; i++) {
        sum += (unsigned char)span.data[i];
    }
    return sum;
}

// Every byte is touched, so that the sanitizer sees where it stands.
static volatile size_t sum;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_span input = {(const char *)data, size};
    struct weir_card_args args = {0};
    struct weir_redis_url url;
    struct weir_error err = {0};
    if (!weir_card_args_parse(&args, input)) {
        weir_assert(args.id.length > 0 && args.target_ms >= 0 && args.at_ms >= 0);
        weir_assert(weir_queue_name_is_good(args.queue));
        weir_assert(args.field_count <= WEIR_CARD_FIELDS);
        for (size_t i = 0; i < 2 * args.field_count; i++) {
            sum += sum_bytes(args.fields[i]);
        }
    }
    if (!weir_redis_url_parse(input, &url, &err)) {
        weir_assert(err.text[0] != '\0');
    }
    struct weir_redis_redirect redirect = weir_redis_redirect_of(input);
    weir_assert(redirect.slot < WEIR_REDIS_SLOTS && weir_redis_slot_of(input) < WEIR_REDIS_SLOTS);
    weir_assert(strlen(redirect.address.host) < sizeof(redirect.address.host));
    weir_card_args_fini(&args);
    return 0;
}
