#include "engine/base/span.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct weir_span weir_span_trim(struct weir_span span)
{
    while (span.length > 0 && is_blank(span.data[0])) {
        span.data++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.data[span.length - 1])) {
        span.length--;
    }
    return span;
}

struct weir_span weir_span_take_until(struct weir_span *rest, char separator)
{
    const char *found = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
    struct weir_span part = *rest;
    if (!found) {
        *rest = (struct weir_span){NULL, 0};
        return part;
    }
    part.length = (size_t)(found - rest->data);
    *rest = weir_span_slice(*rest, part.length + 1, rest->length);
    return part;
}

bool weir_span_to_u64(struct weir_span span, uint64_t *value_out)
{
    uint64_t value = 0;
    if (span.length == 0) {
        return false;
    }
    for (size_t i = 0; i < span.length; i++) {
        unsigned digit = (unsigned)(unsigned char)span.data[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *value_out = value;
    return true;
}

// On a mismatch only the last star can take one byte more: those before it have found their place.
bool weir_span_fits(struct weir_span span, struct weir_span pattern)
{
    size_t at = 0;
    size_t want = 0;
    size_t star = SIZE_MAX;
    size_t taken = 0;
    while (at < span.length) {
        if (want < pattern.length && pattern.data[want] == '*') {
            star = want++;
            taken = at;
        } else if (want < pattern.length && pattern.data[want] == span.data[at]) {
            want++;
            at++;
        } else if (star != SIZE_MAX) {
            want = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    while (want < pattern.length && pattern.data[want] == '*') {
        want++;
    }
    return want == pattern.length;
}
