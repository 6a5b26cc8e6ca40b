#include "engine/text/views.h"

void space_add(struct view_space *space, const char *bytes, uint32_t length, uint32_t from,
               uint32_t to)
{
    if (!has_room(space, length)) {
        return;
    }
    memcpy(space->bytes + space->length, bytes, length);
    for (uint32_t i = 0; i < length; i++) {
        space->from[space->length + i] = from;
        space->to[space->length + i] = to;
    }
    space->length += length;
}

void space_add_code_point(struct view_space *space, uint32_t code_point, uint32_t from, uint32_t to)
{
    char bytes[4];
    if (code_point < 0x80) {
        space_add_byte(space, (char)code_point, from, to);
        return;
    }
    space_add(space, bytes, encode_utf8(bytes, code_point), from, to);
}

void space_copy(struct view_space *space, const struct weir_view *view, uint32_t start,
                uint32_t end)
{
    uint32_t length = end - start;
    if (!has_room(space, length)) {
        return;
    }
    copy_lanes(space->bytes + space->length, view->bytes + start, length);
    copy_map(space->from + space->length, view->from + start, length);
    copy_map(space->to + space->length, view->to + start, length);
    space->length += length;
}

void space_separate(struct view_space *space, uint32_t raw_length)
{
    static const char separator = WEIR_READING_SEPARATOR;
    space_add(space, &separator, 1, raw_length, raw_length);
}

struct weir_view space_view(struct view_space *space, uint32_t raw_length)
{
    memset(space->bytes + space->length, 0, WEIR_TEXT_PADDING);
    space->from[space->length] = raw_length;
    space->to[space->length] = raw_length;
    return (struct weir_view){space->bytes, space->length, space->from, space->to};
}
