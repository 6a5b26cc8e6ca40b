#include "tests/queues/resp.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define DEEPEST 8

void resp_begin(struct weir_buffer *out, size_t count)
{
    weir_buffer_add_byte(out, '*');
    weir_buffer_add_u64(out, count);
    weir_buffer_add_text(out, "\r\n");
}

void resp_word(struct weir_buffer *out, struct weir_span word)
{
    weir_buffer_add_byte(out, '$');
    weir_buffer_add_u64(out, word.length);
    weir_buffer_add_text(out, "\r\n");
    weir_buffer_add(out, word);
    weir_buffer_add_text(out, "\r\n");
}

void resp_reply_fini(struct resp_reply *reply)
{
    free(reply->values);
    *reply = (struct resp_reply){0};
}

static bool take_line(struct weir_span *rest, struct weir_span *line_out)
{
    const char *end = rest->length ? memchr(rest->data, '\n', rest->length) : NULL;
    if (!end || end == rest->data) {
        return false;
    }
    size_t length = (size_t)(end - rest->data);
    *line_out = (struct weir_span){rest->data, length - 1};
    *rest = weir_span_slice(*rest, length + 1, rest->length);
    return true;
}

static enum resp_state read_value(struct weir_span *rest, struct resp_reply *reply, int depth);

static enum resp_state read_elements(struct weir_span *rest, struct resp_reply *reply,
                                     int64_t count, int depth)
{
    for (int64_t i = 0; i < count; i++) {
        enum resp_state state = read_value(rest, reply, depth + 1);
        if (state != RESP_WHOLE) {
            return state;
        }
    }
    return RESP_WHOLE;
}

static enum resp_state take_text(struct weir_span *rest, struct resp_value *value)
{
    if ((int64_t)rest->length < value->number + 2) {
        return RESP_HALF;
    }
    value->text = weir_span_slice(*rest, 0, (size_t)value->number);
    *rest = weir_span_slice(*rest, (size_t)value->number + 2, rest->length);
    return RESP_WHOLE;
}

static enum resp_state read_value(struct weir_span *rest, struct resp_reply *reply, int depth)
{
    struct weir_span line;
    if (!take_line(rest, &line)) {
        return RESP_HALF;
    }
    if (depth > DEEPEST || line.length == 0) {
        return RESP_BROKEN;
    }
    size_t at = reply->count++;
    reply->values =
        weir_grow(reply->values, &reply->capacity, reply->count, sizeof(*reply->values));
    struct resp_value value = {line.data[0], 0, weir_span_slice(line, 1, line.length), 0};
    enum resp_state state = RESP_WHOLE;
    if (value.kind == ':' || value.kind == '$' || value.kind == '*') {
        value.number = strtoll(value.text.data, NULL, 10); // a line end stands behind it
    } else if (value.kind != '+' && value.kind != '-') {
        return RESP_BROKEN;
    }
    if (value.number < 0 && value.kind != ':') {
        value = (struct resp_value){0};
    } else if (value.kind == '$') {
        state = take_text(rest, &value);
    } else if (value.kind == '*') {
        state = read_elements(rest, reply, value.number, depth);
    }
    value.next = reply->count;
    reply->values[at] = value;
    return state;
}

enum resp_state resp_read(struct weir_span bytes, struct resp_reply *reply, size_t *used_out)
{
    struct weir_span rest = bytes;
    reply->count = 0;
    enum resp_state state = read_value(&rest, reply, 0);
    *used_out = bytes.length - rest.length;
    return state;
}

struct weir_span resp_field(const struct resp_reply *reply, size_t at, size_t skip,
                            const char *name)
{
    size_t end = reply->values[at].next;
    for (size_t i = at + 1 + skip; i + 1 < end; i = reply->values[i + 1].next) {
        if (weir_span_is(reply->values[i].text, name)) {
            return reply->values[i + 1].text;
        }
    }
    return (struct weir_span){0};
}
