// Whatever Twitch says, in whatever frames: no harm, and emotes that lie in the text.

#include "engine/base/alloc.h"
#include "engine/base/span.h"
#include "engine/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct weir_adapter weir_adapter;

static void on_event(void *user, const struct weir_event *event)
{
    (void)user;
    const struct weir_message *message = event->message;
    for (size_t i = 0; message && i < message->emote_count; i++) {
        weir_assert(message->emotes[i].start < message->emotes[i].end);
        weir_assert(message->emotes[i].end <= weir_utf8_count(message->text));
    }
}

static void on_send(void *user, struct weir_span bytes, uint32_t flags)
{
    (void)user;
    (void)flags;
    weir_assert(bytes.length > 2 && memchr(bytes.data, '\n', bytes.length - 1) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct weir_adapter_host host = {NULL, on_event, on_send};
    const struct weir_adapter_config config = {.max_rooms = 4};
    const struct weir_room_request request = {.room = WEIR_SPAN("live")};
    void *state = weir_adapter.create(&config);
    weir_adapter.on_open(state, &host, 0);
    weir_adapter.decode(state, WEIR_SPAN(":t 001 justinfan1 :hi\r\n:t 376 justinfan1 :>\r\n"),
                        false, &host, 0);
    weir_adapter.join(state, &request, 1, &host, 0);
    weir_adapter.decode(state, (struct weir_span){(const char *)data, size}, false, &host, 1);
    weir_adapter.tick(state, &host, 20000);
    weir_adapter.tick(state, &host, 500000);
    weir_adapter.destroy(state);
    return 0;
}
