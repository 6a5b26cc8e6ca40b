/** Borrowed bytes with a length, the only form in which text from outside travels. */
#ifndef WEIR_BASE_SPAN_H
#define WEIR_BASE_SPAN_H

#include "engine/plugin.h"

#include <string.h>

/** For "%.*s". */
#define WEIR_SPAN_ARGS(span) (int)(span).length, (span).length ? (span).data : ""

/** A span of a string literal. */
#define WEIR_SPAN(literal) ((struct weir_span){"" literal, sizeof(literal) - 1})

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/** A span of a C string of our own; NULL gives an empty one. */
static inline struct weir_span weir_span_of(const char *text)
{
    return (struct weir_span){text, text ? strlen(text) : 0};
}

static inline bool weir_span_equals(struct weir_span a, struct weir_span b)
{
    return a.length == b.length &&
           (a.length == 0 || (a.data && memcmp(a.data, b.data, a.length) == 0));
}

static inline bool weir_span_is(struct weir_span span, const char *text)
{
    return weir_span_equals(span, weir_span_of(text));
}

static inline bool weir_span_starts(struct weir_span span, struct weir_span start)
{
    return span.length >= start.length &&
           (start.length == 0 || (span.data && memcmp(span.data, start.data, start.length) == 0));
}

/** Bytes `start` to `end`; both are cut to what there is. */
static inline struct weir_span weir_span_slice(struct weir_span span, size_t start, size_t end)
{
    if (end > span.length) {
        end = span.length;
    }
    if (start > end) {
        start = end;
    }
    return (struct weir_span){span.data ? span.data + start : NULL, end - start};
}

/** Orders as memcmp does, a prefix before what it begins. */
static inline int weir_span_compare(struct weir_span a, struct weir_span b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/** Whether `pattern`, in which a * stands for any bytes, fits all of `span`. */
bool weir_span_fits(struct weir_span span, struct weir_span pattern);

/** Without the blanks, tabs and line ends at either side. */
struct weir_span weir_span_trim(struct weir_span span);

/**
 * Takes what stands before the next `separator` off the front of `*rest`, the separator too; all of
 * it when there is none.
 */
struct weir_span weir_span_take_until(struct weir_span *rest, char separator);

/** Reads a decimal number that fills the whole span. False where it is none or does not fit. */
bool weir_span_to_u64(struct weir_span span, uint64_t *value_out);

#endif
