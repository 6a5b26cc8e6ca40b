// Whatever an IRC server says, in whatever frames: no harm, bounded memory, and nothing that we
// send ends its own line.

#include "engine/base/alloc.h"
#include "engine/base/irc_line.h"
#include "engine/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct weir_adapter weir_adapter;

static void on_event(void *user, const struct weir_event *event)
{
    (void)user;
    weir_assert(event->cause.length == 0 || !memchr(event->cause.data, '\n', event->cause.length));
    if (event->kind == WEIR_EVENT_MESSAGE) {
        weir_assert(weir_utf8_is_valid(event->message->text));
        weir_assert(weir_utf8_is_valid(event->message->user.id));
        weir_assert(!event->message->text.length ||
                    !memchr(event->message->text.data, '\0', event->message->text.length));
    }
}

static void on_send(void *user, struct weir_span bytes, uint32_t flags)
{
    (void)user;
    (void)flags;
    weir_assert(bytes.length > 0 && !memchr(bytes.data, '\n', bytes.length) &&
                !memchr(bytes.data, '\r', bytes.length) && !memchr(bytes.data, '\0', bytes.length));
}

static void feed(void *state, const char *text, const struct weir_adapter_host *host)
{
    weir_adapter.decode(state, weir_span_of(text), false, host, 0);
}

/** Every action about whoever and whatever the input names. */
static void act_on(void *state, struct weir_span input, const struct weir_adapter_host *host)
{
    for (int kind = 0; kind < WEIR_DO_COUNT; kind++) {
        const struct weir_action action = {.id = WEIR_SPAN("a"),
                                           .room = WEIR_SPAN("#live"),
                                           .kind = (enum weir_do)kind,
                                           .message = input,
                                           .user = input,
                                           .user_name = input,
                                           .seconds = 60,
                                           .text = input,
                                           .mode = WEIR_SPAN("shield"),
                                           .reason = input};
        weir_adapter.act(state, &action, host, 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct weir_adapter_host host = {NULL, on_event, on_send};
    const struct weir_adapter_config config = {.act = true, .max_rooms = 4};
    const struct weir_room_request request = {.room = WEIR_SPAN("#live")};
    struct weir_span input = {(const char *)data, size};
    void *state = weir_adapter.create(&config);
    weir_adapter.on_open(state, &host, 0);
    feed(state, ":s CAP * LS :message-tags batch labeled-response draft/message-redaction", &host);
    feed(state, ":s CAP * ACK :message-tags batch labeled-response draft/message-redaction", &host);
    feed(state,
         ":s 001 weir :hi\n:s 004 weir s InspIRCd-3 x\n:s 005 weir EXTBAN=,m :are\n:s 422 w :n",
         &host);
    weir_adapter.join(state, &request, 1, &host, 0);
    feed(state, ":weir!u@h JOIN #live\n:s 353 weir = #live :@weir\n:s 366 weir #live :end", &host);
    weir_adapter.decode(state, input, false, &host, 1);
    act_on(state, input, &host);
    weir_adapter.decode(state, input, true, &host, 2);
    weir_adapter.tick(state, &host, 9000);
    weir_adapter.tick(state, &host, 200000);
    weir_adapter.on_close(state);
    weir_adapter.destroy(state);
    return 0;
}
