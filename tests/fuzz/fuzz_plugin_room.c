// Whatever a room server says, in one frame or many: no harm, and no more rooms than it may name.

#include "engine/base/alloc.h"
#include "engine/base/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct weir_adapter weir_adapter;

struct counts {
    size_t joined;
};

static void on_event(void *user, const struct weir_event *event)
{
    struct counts *counts = user;
    counts->joined += event->kind == WEIR_EVENT_JOINED;
    weir_assert(event->cause.length == 0 || !memchr(event->cause.data, '\n', event->cause.length));
}

static void on_send(void *user, struct weir_span bytes, uint32_t flags)
{
    (void)user;
    (void)flags;
    weir_assert(bytes.length > 0 && bytes.data[0] == '{');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct counts counts = {0};
    const struct weir_adapter_host host = {&counts, on_event, on_send};
    const struct weir_adapter_config config = {.max_rooms = 2, .max_object_bytes = 1000};
    struct weir_span frame = {(const char *)data, size};
    void *state = weir_adapter.create(&config);
    weir_adapter.on_open(state, &host, 0);
    weir_adapter.decode(state,
                        WEIR_SPAN("{\"type\":\"welcome\",\"self\":{\"id\":\"b\"},\"batch\":true}"),
                        false, &host, 0);
    weir_adapter.decode(state, frame, false, &host, 1);
    weir_adapter.tick(state, &host, 20000);
    weir_assert(counts.joined <= config.max_rooms);
    weir_adapter.destroy(state);
    return 0;
}
