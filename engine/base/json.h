/**
 * JSON as the hot path needs it: a pull scanner that walks a text once without building anything,
 * and functions that write. jansson reads and writes all other JSON; it is the reference that the
 * scanner is fuzzed against, and some 15 times slower.
 *
 * The scanner is strict (RFC 8259) but for what a chat line may do to it: NUL, lone surrogates and
 * ill-formed UTF-8 inside a string become U+FFFD. Members of one name may occur twice; whoever
 * reads them decides (the readers of ours let the last one win).
 */
#ifndef WEIR_BASE_JSON_H
#define WEIR_BASE_JSON_H

#include "engine/base/buffer.h"

/** Deepest nesting that is read; deeper is an error. */
#define WEIR_JSON_DEPTH 64u

/** Adds `text` in quotes, escaped. Invalid UTF-8 in it becomes U+FFFD. */
void weir_json_add_string(struct weir_buffer *out, struct weir_span text);

/** Adds a comma unless what comes next is the first thing in an object or array. */
void weir_json_add_comma(struct weir_buffer *out);
/** `"name":[` of a list, and the `{` of its next object; who opens them closes them. */
void weir_json_open_list(struct weir_buffer *out, const char *name);
void weir_json_open_item(struct weir_buffer *out);

/** Adds `"name":` with a comma before it unless it is the first thing in an object or array. */
void weir_json_add_name_of(struct weir_buffer *out, struct weir_span name);

/** The same. Inline, so that the length of a literal is known when it is compiled. */
static inline void weir_json_add_name(struct weir_buffer *out, const char *name)
{
    weir_json_add_name_of(out, weir_span_of(name));
}

/** Adds `"name":"text"`, comma included as above. */
static inline void weir_json_add_text_field(struct weir_buffer *out, const char *name,
                                            struct weir_span text)
{
    weir_json_add_name_of(out, weir_span_of(name));
    weir_json_add_string(out, text);
}

static inline void weir_json_add_u64_field(struct weir_buffer *out, const char *name,
                                           uint64_t number)
{
    weir_json_add_name_of(out, weir_span_of(name));
    weir_buffer_add_u64(out, number);
}

void weir_json_add_i64_field(struct weir_buffer *out, const char *name, int64_t number);
void weir_json_add_bool_field(struct weir_buffer *out, const char *name, bool value);

enum weir_json_kind {
    WEIR_JSON_NULL,
    WEIR_JSON_BOOL,
    WEIR_JSON_NUMBER,
    WEIR_JSON_STRING,
    WEIR_JSON_OBJECT,
    WEIR_JSON_ARRAY,
    WEIR_JSON_BAD, // not JSON: the scanner's error says where
};

/**
 * Walks one JSON text. Plain storage, start it with weir_json_start(). The text is borrowed until
 * the last call; strings without escapes come back as spans of it, others out of `scratch`.
 */
struct weir_json {
    struct weir_span text;
    size_t at; // where it stands; where it failed once there is an error
    uint32_t depth;
    bool is_first;               // nothing of the innermost object or array was read yet
    bool damaged;                // a string held bytes that had to become U+FFFD
    const char *error;           // NULL while all is well; then one clause
    struct weir_buffer *scratch; // decoded strings; the caller clears it between texts
};

void weir_json_start(struct weir_json *json, struct weir_span text, struct weir_buffer *scratch);

/** What comes next; nothing is consumed. After an error always WEIR_JSON_BAD. */
enum weir_json_kind weir_json_peek(struct weir_json *json);

/** Enters an object or array. False (and an error) if that is not what comes next. */
bool weir_json_enter_object(struct weir_json *json);
bool weir_json_enter_array(struct weir_json *json);

/** The next member's name, its value comes next and must be taken, entered or skipped. False at the
 * object's end (consumed) or on an error. */
bool weir_json_next_member(struct weir_json *json, struct weir_span *name_out);
/** Takes the next member's name if it is `name`, and written without blanks and escapes; else
 * leaves everything to weir_json_next_member(). For readers that know what will probably come. */
bool weir_json_take_member(struct weir_json *json, struct weir_span name);
/** Whether another element comes next. False at the array's end (consumed) or on an error. */
bool weir_json_next_element(struct weir_json *json);

/**
 * The value that comes next; false and an error if it is of another kind. A string is valid until
 * `scratch` is cleared: the first string that needs it reserves enough for all of the text. NUL,
 * lone surrogates and bad bytes become U+FFFD and set `damaged`.
 */
bool weir_json_take_string(struct weir_json *json, struct weir_span *value_out);
/** A number as it stands in the text, of any size. */
bool weir_json_take_number(struct weir_json *json, struct weir_span *number_out);
bool weir_json_take_u64(struct weir_json *json, uint64_t *value_out);
bool weir_json_take_i64(struct weir_json *json, int64_t *value_out);
bool weir_json_take_bool(struct weir_json *json, bool *value_out);
/** Skips a value of any kind, checking that it is JSON. */
bool weir_json_skip(struct weir_json *json);
/** True when nothing but blanks is left and nothing went wrong. */
bool weir_json_finish(struct weir_json *json);

/**
 * The whole part of a number as weir_json_take_number() gives it: 12.9 and 1.29e1 are 12. False
 * where it does not fit.
 */
bool weir_json_number_to_u64(struct weir_span number, uint64_t *value_out);
bool weir_json_number_to_i64(struct weir_span number, int64_t *value_out);

#endif
