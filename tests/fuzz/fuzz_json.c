// The scanner and jansson must call the same texts JSON and read the same values in them. They
// differ by intent where a string is damaged or holds NUL (ours repairs, jansson refuses), where
// nesting is deeper than ours goes, and where a number fits none of jansson's types.

#include "engine/base/alloc.h"
#include "engine/base/json.h"

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct weir_json *json, const json_t *expected);

static void compare_object(struct weir_json *json, const json_t *expected)
{
    struct weir_span name;
    weir_assert(json_is_object(expected) && weir_json_enter_object(json));
    while (weir_json_next_member(json, &name)) {
        char *key = weir_strndup(name.data, name.length);
        const json_t *value = json_object_get(expected, key);
        free(key);
        weir_assert(value);
        compare(json, value);
    }
}

static void compare_array(struct weir_json *json, const json_t *expected)
{
    size_t index = 0;
    weir_assert(json_is_array(expected) && weir_json_enter_array(json));
    while (weir_json_next_element(json)) {
        compare(json, json_array_get(expected, index++));
    }
    weir_assert(index == json_array_size(expected));
}

static void compare_string(struct weir_json *json, const json_t *expected)
{
    struct weir_span value;
    weir_assert(json_is_string(expected) && weir_json_take_string(json, &value));
    weir_assert(weir_span_equals(
        value, (struct weir_span){json_string_value(expected), json_string_length(expected)}));
}

static void compare_number(struct weir_json *json, const json_t *expected)
{
    struct weir_span number;
    int64_t value = 0;
    weir_assert(json_is_number(expected) && weir_json_take_number(json, &number));
    bool fits = weir_json_number_to_i64(number, &value);
    if (json_is_integer(expected)) {
        weir_assert(fits && value == json_integer_value(expected));
    }
}

static void compare(struct weir_json *json, const json_t *expected)
{
    bool value;
    switch (weir_json_peek(json)) {
    case WEIR_JSON_OBJECT:
        compare_object(json, expected);
        break;
    case WEIR_JSON_ARRAY:
        compare_array(json, expected);
        break;
    case WEIR_JSON_STRING:
        compare_string(json, expected);
        break;
    case WEIR_JSON_NUMBER:
        compare_number(json, expected);
        break;
    case WEIR_JSON_BOOL:
        weir_assert(weir_json_take_bool(json, &value));
        weir_assert(json_is_boolean(expected) && value == json_is_true(expected));
        break;
    default:
        weir_assert(json_is_null(expected) && weir_json_skip(json));
        break;
    }
}

/** Names that occur twice leave only one value in jansson's object. */
static json_t *load_without_duplicates(struct weir_span text)
{
    return json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
}

/** Whatever comes out must be sound UTF-8 and survive being written and read again. */
static void check_writer(struct weir_span text)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_json_add_string(&out, text);
    json_t *written = json_loadb(out.data, out.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    weir_assert(json_is_string(written));
    json_decref(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_span text = {(const char *)data, size};
    json_error_t error;
    struct weir_json json;

    check_writer(text);
    weir_json_start(&json, text, &scratch);
    bool ours = weir_json_skip(&json) && weir_json_finish(&json);
    json_t *theirs = json_loadb(size ? text.data : "", size, JSON_DECODE_ANY, &error);
    bool too_deep = json.error && strstr(json.error, "deeply");
    bool too_large = !theirs && json_error_code(&error) == json_error_numeric_overflow;
    // jansson takes a NUL that follows a bare number for the end of the text.
    bool has_nul = size > 0 && memchr(data, 0, size);
    if (!json.damaged && !too_deep && !too_large && !has_nul) {
        weir_assert(ours == (theirs != NULL));
    }
    json_decref(theirs);

    theirs = ours && !json.damaged ? load_without_duplicates(text) : NULL;
    if (theirs) {
        weir_buffer_clear(&scratch);
        weir_json_start(&json, text, &scratch);
        compare(&json, theirs);
        json_decref(theirs);
    }
    return 0;
}
