// Whatever a server or a client says is read without harm, and what was understood says the same
// once it was written and read again.

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_sound(struct weir_span text)
{
    weir_assert(weir_utf8_is_valid(text));
    weir_assert(text.length == 0 || !memchr(text.data, '\0', text.length));
}

static void check_message(const struct weir_message *message)
{
    must_be_sound(message->text);
    must_be_sound(message->user.name);
    must_be_sound(message->id);
    weir_assert(message->id.length <= WEIR_ROOM_ID_BYTES);
    for (size_t i = 0; i < message->emote_count; i++) {
        weir_assert(message->emotes[i].start < message->emotes[i].end);
        weir_assert(message->emotes[i].end <= weir_utf8_count(message->text));
    }
}

static void write_again(const struct weir_event *event, struct weir_buffer *out)
{
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer first = {0};
    weir_room_write_recorded(&first, event, 5);
    if (first.length > 0 && first.length <= WEIR_ROOM_OBJECT_BYTES) {
        const struct weir_event *again = weir_room_read(&reader, weir_buffer_span(&first));
        weir_assert(again->kind == event->kind && reader.arrived_ms == 5);
        weir_room_write_recorded(out, again, 5);
        weir_assert(weir_span_equals(weir_buffer_span(&first), weir_buffer_span(out)));
    }
}

// A blank in front makes the scanner read what else would be read in one walk.
static void read_otherwise(struct weir_span object, const struct weir_event *event)
{
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer blank = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer first = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer second = {0};
    weir_buffer_add_byte(&blank, ' ');
    weir_buffer_add(&blank, object);
    if (blank.length > WEIR_ROOM_OBJECT_BYTES) {
        return;
    }
    const struct weir_event *other = weir_room_read(&reader, weir_buffer_span(&blank));
    weir_assert(other->kind == event->kind);
    weir_room_write_recorded(&first, event, 5);
    weir_room_write_recorded(&second, other, 5);
    weir_assert(weir_span_equals(weir_buffer_span(&first), weir_buffer_span(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    WEIR_AUTO(weir_room_reader_fini) struct weir_room_reader reader = {0};
    WEIR_AUTO(weir_room_listener_destroy)
    struct weir_room_listener *listener = weir_room_listener_create();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct weir_span object = {(const char *)data, size};

    const struct weir_event *event = weir_room_read(&reader, object);
    if (event->kind == WEIR_EVENT_MESSAGE) {
        check_message(event->message);
    }
    read_otherwise(object, event);
    write_again(event, &out);

    const struct weir_room_heard *heard = weir_room_hear(listener, object);
    if (heard->kind == WEIR_ROOM_HEARD_ACTION) {
        weir_buffer_clear(&out);
        weir_room_write_action(&out, &heard->action);
        must_be_sound(weir_buffer_span(&out));
        weir_assert(weir_room_hear(listener, weir_buffer_span(&out))->kind ==
                    WEIR_ROOM_HEARD_ACTION);
    }
    return 0;
}
