/**
 * JSON as the hot path needs it: a pull scanner that walks a text once without building anything,
 * and functions that write. jansson reads and writes all other JSON; it is the reference that the
 * scanner is fuzzed against, and some 15 times slower.
 */
#ifndef WEIR_BASE_JSON_H
#define WEIR_BASE_JSON_H

#include "engine/base/buffer.h"

/** Adds `text` in quotes, escaped. Invalid UTF-8 in it becomes U+FFFD. */
void weir_json_add_string(struct weir_buffer *out, struct weir_span text);

/** Adds `"name":` with a comma before it unless it is the first thing in an object or array. */
void weir_json_add_name(struct weir_buffer *out, const char *name);

/** Adds `"name":"text"`, comma included as above. */
void weir_json_add_text_field(struct weir_buffer *out, const char *name, struct weir_span text);
void weir_json_add_u64_field(struct weir_buffer *out, const char *name, uint64_t number);
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
    size_t at;
    uint32_t depth;
    bool damaged;                // a string held bytes that had to become U+FFFD
    const char *error;           // NULL while all is well; then one clause
    struct weir_buffer *scratch; // decoded strings; the caller clears it between texts
};

void weir_json_start(struct weir_json *json, struct weir_span text, struct weir_buffer *scratch);

/** What comes next; nothing is consumed. */
enum weir_json_kind weir_json_peek(struct weir_json *json);

/** Enters an object or array. False (and an error) if that is not what comes next. */
bool weir_json_enter_object(struct weir_json *json);
bool weir_json_enter_array(struct weir_json *json);

/** The next member's name, its value comes next. False at the object's end (consumed) or on an
 * error. */
bool weir_json_next_member(struct weir_json *json, struct weir_span *name_out);
/** Whether another element comes next. False at the array's end (consumed) or on an error. */
bool weir_json_next_element(struct weir_json *json);

/**
 * The value that comes next. A string is valid until `scratch` is cleared or grows: take offsets,
 * or reserve first. NUL, lone surrogates and bad bytes become U+FFFD and set `damaged`.
 */
bool weir_json_take_string(struct weir_json *json, struct weir_span *value_out);
bool weir_json_take_u64(struct weir_json *json, uint64_t *value_out);
bool weir_json_take_i64(struct weir_json *json, int64_t *value_out);
bool weir_json_take_bool(struct weir_json *json, bool *value_out);
/** Skips a value of any kind, checking that it is JSON. */
bool weir_json_skip(struct weir_json *json);
/** True when nothing but blanks is left and nothing went wrong. */
bool weir_json_finish(struct weir_json *json);

#endif
