#include "engine/base/json.h"

#include "engine/base/utf8.h"

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// A string is looked at eight bytes at a time for the three things that end a plain run: a quote, a
// backslash, a control byte. Whether its UTF-8 is sound is asked once, for the whole string, and
// only where a byte above 127 was seen. Strings that need no change are never copied.

#define REPLACEMENT 0xfffdu
#define EACH_BYTE   0x0101010101010101u
#define HIGH_BITS   0x8080808080808080u

// Largest code point's worth of bytes that one byte of a text can turn into: U+FFFD for a bad one.
#define LARGEST_GROWTH 3u

static bool fail(struct weir_json *json, const char *error)
{
    if (!json->error) {
        json->error = error;
    }
    return false;
}

static uint64_t bytes_that_are_zero(uint64_t word)
{
    return (word - EACH_BYTE) & ~word & HIGH_BITS;
}

/** The high bit of each special byte; above the lowest of them there may be others by mistake. */
static uint64_t specials_of(uint64_t word)
{
    uint64_t control = (word - EACH_BYTE * 0x20) & ~word & HIGH_BITS;
    uint64_t quote = bytes_that_are_zero(word ^ EACH_BYTE * '"');
    uint64_t backslash = bytes_that_are_zero(word ^ EACH_BYTE * '\\');
    return control | quote | backslash;
}

static bool is_special(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

#ifdef __SSE2__

/** Sixteen bytes at a time as far as that goes. True once `*at` is at a byte that is not plain. */
static bool skip_plain_blocks(struct weir_span text, size_t *at, bool *high)
{
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    while (text.length - *at >= sizeof(__m128i)) {
        __m128i block = _mm_loadu_si128((const __m128i *)(text.data + *at));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
        __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
        unsigned special = (unsigned)_mm_movemask_epi8(_mm_or_si128(ends, control));
        unsigned above = (unsigned)_mm_movemask_epi8(block);
        unsigned plain = special ? (unsigned)__builtin_ctz(special) : sizeof(__m128i);
        *high = *high || (above & ((1u << plain) - 1)) != 0;
        *at += plain;
        if (special) {
            return true;
        }
    }
    return false;
}

#else

static bool skip_plain_blocks(struct weir_span text, size_t *at, bool *high)
{
    (void)text;
    (void)at;
    (void)high;
    return false;
}

#endif

/** The first byte at or after `at` that is not plain; sets `*high` where a byte above 127 passed.
 */
static size_t plain_until(struct weir_span text, size_t at, bool *high)
{
    uint64_t seen = 0;
    uint64_t word;
    if (skip_plain_blocks(text, &at, high)) {
        return at;
    }
    while (text.length - at >= sizeof(word)) {
        memcpy(&word, text.data + at, sizeof(word));
        word = le64toh(word); // the first byte lowest
        uint64_t specials = specials_of(word);
        if (specials) {
            unsigned plain_bits = (unsigned)__builtin_ctzll(specials) - 7;
            seen |= plain_bits ? word << (64 - plain_bits) : 0;
            *high = *high || (seen & HIGH_BITS) != 0;
            return at + plain_bits / 8;
        }
        seen |= word;
        at += sizeof(word);
    }
    for (; at < text.length && !is_special((unsigned char)text.data[at]); at++) {
        seen |= (unsigned char)text.data[at];
    }
    *high = *high || (seen & HIGH_BITS) != 0;
    return at;
}

static void add_escaped_byte(struct weir_buffer *out, char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        weir_buffer_add_byte(out, '\\');
        weir_buffer_add_byte(out, byte);
        break;
    case '\n':
        weir_buffer_add(out, WEIR_SPAN("\\n"));
        break;
    default:
        weir_buffer_printf(out, "\\u%04x", (unsigned)(unsigned char)byte);
        break;
    }
}

/** A text that needs no escape and is sound goes in as it is, the most common case by far. */
static bool add_as_it_is(struct weir_buffer *out, struct weir_span text)
{
    bool high = false;
    if (plain_until(text, 0, &high) < text.length || (high && !weir_utf8_is_valid(text))) {
        return false;
    }
    char *end = weir_buffer_reserve(out, text.length + 2);
    end[0] = '"';
    if (text.length > 0) {
        memcpy(end + 1, text.data, text.length);
    }
    end[text.length + 1] = '"';
    out->length += text.length + 2;
    return true;
}

void weir_json_add_string(struct weir_buffer *out, struct weir_span text)
{
    if (add_as_it_is(out, text)) {
        return;
    }
    weir_buffer_add_byte(out, '"');
    for (size_t at = 0; at < text.length; at++) {
        bool high = false;
        size_t end = plain_until(text, at, &high);
        struct weir_span run = weir_span_slice(text, at, end);
        if (high) {
            weir_utf8_add_repaired(out, run);
        } else {
            weir_buffer_add(out, run);
        }
        if (end < text.length) {
            add_escaped_byte(out, text.data[end]);
        }
        at = end;
    }
    weir_buffer_add_byte(out, '"');
}

static bool needs_comma(const struct weir_buffer *out)
{
    char last = out->length ? out->data[out->length - 1] : '{';
    return last != '{' && last != '[';
}

void weir_json_add_comma(struct weir_buffer *out)
{
    if (needs_comma(out)) {
        weir_buffer_add_byte(out, ',');
    }
}

void weir_json_add_name_of(struct weir_buffer *out, struct weir_span name)
{
    bool comma = needs_comma(out);
    char *end = weir_buffer_reserve(out, name.length + 4);
    *end = ',';
    end += comma;
    *end++ = '"';
    memcpy(end, name.data, name.length);
    end[name.length] = '"';
    end[name.length + 1] = ':';
    out->length += name.length + 3 + comma;
}

void weir_json_open_list(struct weir_buffer *out, const char *name)
{
    weir_json_add_name(out, name);
    weir_buffer_add_byte(out, '[');
}

void weir_json_open_item(struct weir_buffer *out)
{
    weir_json_add_comma(out);
    weir_buffer_add_byte(out, '{');
}

void weir_json_add_i64_field(struct weir_buffer *out, const char *name, int64_t number)
{
    weir_json_add_name(out, name);
    if (number < 0) {
        weir_buffer_add_byte(out, '-');
    }
    weir_buffer_add_u64(out, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void weir_json_add_bool_field(struct weir_buffer *out, const char *name, bool value)
{
    weir_json_add_name(out, name);
    weir_buffer_add_text(out, value ? "true" : "false");
}

void weir_json_start(struct weir_json *json, struct weir_span text, struct weir_buffer *scratch)
{
    *json = (struct weir_json){.text = text, .is_first = true, .scratch = scratch};
}

/** The next byte that is no blank, 0 at the end (a NUL byte outside strings is no JSON either). */
static char next_byte(struct weir_json *json)
{
    while (json->at < json->text.length) {
        char byte = json->text.data[json->at];
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') {
            return byte;
        }
        json->at++;
    }
    return '\0';
}

enum weir_json_kind weir_json_peek(struct weir_json *json)
{
    if (json->error) {
        return WEIR_JSON_BAD;
    }
    char byte = next_byte(json);
    switch (byte) {
    case '"':
        return WEIR_JSON_STRING;
    case '{':
        return WEIR_JSON_OBJECT;
    case '[':
        return WEIR_JSON_ARRAY;
    case 't':
    case 'f':
        return WEIR_JSON_BOOL;
    case 'n':
        return WEIR_JSON_NULL;
    default:
        if (byte == '-' || (byte >= '0' && byte <= '9')) {
            return WEIR_JSON_NUMBER;
        }
        fail(json, json->at < json->text.length ? "a value was expected" : "the text ends early");
        return WEIR_JSON_BAD;
    }
}

static bool enter(struct weir_json *json, enum weir_json_kind kind, const char *error)
{
    if (weir_json_peek(json) != kind) {
        return fail(json, error);
    }
    if (json->depth == WEIR_JSON_DEPTH) {
        return fail(json, "nested too deeply");
    }
    json->at++;
    json->depth++;
    json->is_first = true;
    return true;
}

bool weir_json_enter_object(struct weir_json *json)
{
    return enter(json, WEIR_JSON_OBJECT, "an object was expected");
}

bool weir_json_enter_array(struct weir_json *json)
{
    return enter(json, WEIR_JSON_ARRAY, "an array was expected");
}

/** Whether something more comes before `closing`, its comma consumed. */
static bool next_item(struct weir_json *json, char closing)
{
    if (json->error) {
        return false;
    }
    char byte = next_byte(json);
    if (byte == closing) {
        json->at++;
        json->depth--;
        json->is_first = false;
        return false;
    }
    if (!json->is_first) {
        if (byte != ',') {
            return fail(json, json->at < json->text.length ? "a comma or the end was expected"
                                                           : "the text ends early");
        }
        json->at++;
    }
    json->is_first = false;
    return true;
}

bool weir_json_next_member(struct weir_json *json, struct weir_span *name_out)
{
    if (!next_item(json, '}')) {
        return false;
    }
    if (next_byte(json) != '"') {
        return fail(json, "a name in quotes was expected");
    }
    if (!weir_json_take_string(json, name_out)) {
        return false;
    }
    if (next_byte(json) != ':') {
        return fail(json, "a colon was expected");
    }
    json->at++;
    return true;
}

bool weir_json_take_member(struct weir_json *json, struct weir_span name)
{
    size_t comma = json->is_first ? 0 : 1;
    size_t length = comma + name.length + 3;
    const char *text = json->text.data + json->at;
    if (json->error || json->text.length - json->at < length || (comma && text[0] != ',') ||
        text[comma] != '"' || memcmp(text + comma + 1, name.data, name.length) != 0 ||
        text[length - 2] != '"' || text[length - 1] != ':') {
        return false;
    }
    json->at += length;
    json->is_first = false;
    return true;
}

bool weir_json_next_element(struct weir_json *json)
{
    return next_item(json, ']');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** The four hex digits at the scanner's place. */
static bool take_hex(struct weir_json *json, uint32_t *unit_out)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = json->at < json->text.length ? hex_digit(json->text.data[json->at]) : -1;
        if (digit < 0) {
            return fail(json, "four hex digits were expected");
        }
        unit = unit * 16 + (uint32_t)digit;
        json->at++;
    }
    *unit_out = unit;
    return true;
}

/** A low surrogate's escape right here, as the second half of a pair. */
static bool take_low_surrogate(struct weir_json *json, uint32_t *unit_out)
{
    struct weir_json ahead = *json;
    uint32_t unit;
    if (!weir_span_starts(weir_span_slice(json->text, json->at, json->text.length),
                          WEIR_SPAN("\\u"))) {
        return false;
    }
    ahead.at += 2;
    if (!take_hex(&ahead, &unit) || unit < 0xdc00 || unit > 0xdfff) {
        return false;
    }
    json->at = ahead.at;
    *unit_out = unit;
    return true;
}

static bool take_unicode_escape(struct weir_json *json)
{
    uint32_t unit;
    uint32_t low;
    if (!take_hex(json, &unit)) {
        return false;
    }
    if (unit >= 0xd800 && unit <= 0xdbff && take_low_surrogate(json, &low)) {
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff)) {
        unit = REPLACEMENT;
        json->damaged = true;
    }
    weir_utf8_add(json->scratch, unit);
    return true;
}

/** What follows a backslash. */
static bool take_escape(struct weir_json *json)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char letter = json->at < json->text.length ? json->text.data[json->at] : '\0';
    if (letter == 'u') {
        json->at++;
        return take_unicode_escape(json);
    }
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found) {
        return fail(json, "an unknown escape");
    }
    json->at++;
    weir_buffer_add_byte(json->scratch, meanings[found - letters]);
    return true;
}

/** A run of plain bytes from `start` to the scanner's place, made sound on the way. */
static void add_run(struct weir_json *json, size_t start, bool high)
{
    struct weir_span run = weir_span_slice(json->text, start, json->at);
    if (!high || weir_utf8_is_valid(run)) {
        weir_buffer_add(json->scratch, run);
    } else {
        weir_utf8_add_repaired(json->scratch, run);
        json->damaged = true;
    }
}

/** A string that can't be lent as it stands; the scanner is behind its opening quote. */
static bool take_string_by_copy(struct weir_json *json, struct weir_span *value_out)
{
    // Enough for all that is left, so that later strings never move this one.
    weir_buffer_reserve(json->scratch, (json->text.length - json->at) * LARGEST_GROWTH);
    size_t start = json->scratch->length;
    while (true) {
        bool high = false;
        size_t run = json->at;
        json->at = plain_until(json->text, run, &high);
        add_run(json, run, high);
        if (json->at == json->text.length) {
            return fail(json, "a string without its end");
        }
        char byte = json->text.data[json->at++];
        if (byte == '"') {
            *value_out = weir_span_slice(weir_buffer_span(json->scratch), start, SIZE_MAX);
            return true;
        }
        if (byte == '\\') {
            if (!take_escape(json)) {
                return false;
            }
        } else if (byte == '\0') {
            weir_utf8_add(json->scratch, REPLACEMENT);
            json->damaged = true;
        } else {
            json->at--;
            return fail(json, "a control byte in a string");
        }
    }
}

bool weir_json_take_string(struct weir_json *json, struct weir_span *value_out)
{
    if (weir_json_peek(json) != WEIR_JSON_STRING) {
        return fail(json, "a string was expected");
    }
    bool high = false;
    size_t start = ++json->at;
    size_t end = plain_until(json->text, start, &high);
    struct weir_span whole = weir_span_slice(json->text, start, end);
    if (end < json->text.length && json->text.data[end] == '"' &&
        (!high || weir_utf8_is_valid(whole))) {
        json->at = end + 1;
        *value_out = whole;
        return true;
    }
    return take_string_by_copy(json, value_out);
}

static size_t skip_digits(struct weir_span text, size_t at)
{
    while (at < text.length && text.data[at] >= '0' && text.data[at] <= '9') {
        at++;
    }
    return at;
}

/** Moves `*at` over at least one digit. */
static bool take_digits(struct weir_span text, size_t *at)
{
    size_t end = skip_digits(text, *at);
    bool found = end > *at;
    *at = end;
    return found;
}

static bool byte_is_one_of(struct weir_span text, size_t at, char a, char b)
{
    return at < text.length && (text.data[at] == a || text.data[at] == b);
}

bool weir_json_take_number(struct weir_json *json, struct weir_span *number_out)
{
    if (weir_json_peek(json) != WEIR_JSON_NUMBER) {
        return fail(json, "a number was expected");
    }
    struct weir_span text = json->text;
    size_t start = json->at;
    size_t at = start + byte_is_one_of(text, start, '-', '-');
    bool good = true;
    if (byte_is_one_of(text, at, '0', '0')) {
        at++;
    } else {
        good = take_digits(text, &at);
    }
    if (good && byte_is_one_of(text, at, '.', '.')) {
        at++;
        good = take_digits(text, &at);
    }
    if (good && byte_is_one_of(text, at, 'e', 'E')) {
        at++;
        at += byte_is_one_of(text, at, '+', '-');
        good = take_digits(text, &at);
    }
    json->at = at;
    *number_out = weir_span_slice(text, start, at);
    return good || fail(json, "a digit was expected");
}

/** The exponent of a number, bounded far beyond what any value of ours can use. */
static int64_t exponent_of(struct weir_span digits)
{
    bool negative = byte_is_one_of(digits, 0, '-', '-');
    int64_t value = 0;
    for (size_t i = byte_is_one_of(digits, 0, '+', '-'); i < digits.length; i++) {
        value = value < 1000000 ? value * 10 + (digits.data[i] - '0') : value;
    }
    return negative ? -value : value;
}

static bool add_digit(uint64_t *value, unsigned digit)
{
    if (*value > (UINT64_MAX - digit) / 10) {
        return false;
    }
    *value = *value * 10 + digit;
    return true;
}

/** Digit by digit, so that no number is ever a float on the way. */
static bool whole_part(struct weir_span number, uint64_t *value_out)
{
    size_t whole_end = skip_digits(number, 0);
    size_t mantissa_end = whole_end;
    if (byte_is_one_of(number, whole_end, '.', '.')) {
        mantissa_end = skip_digits(number, whole_end + 1);
    }
    int64_t wanted =
        (int64_t)whole_end + exponent_of(weir_span_slice(number, mantissa_end + 1, number.length));
    const char *digits = number.data ? number.data : "";
    uint64_t value = 0;
    for (size_t i = 0; i < mantissa_end && wanted > 0; i++) {
        if (digits[i] != '.') {
            if (!add_digit(&value, (unsigned)(digits[i] - '0'))) {
                return false;
            }
            wanted--;
        }
    }
    for (; wanted > 0 && value > 0; wanted--) {
        if (!add_digit(&value, 0)) {
            return false;
        }
    }
    *value_out = value;
    return true;
}

/** Nothing but digits, few enough to fit: as nearly every number is written. */
static bool plain_number(struct weir_span number, uint64_t *value_out)
{
    uint64_t value = 0;
    if (number.length == 0 || number.length > 19) {
        return false;
    }
    for (size_t i = 0; i < number.length; i++) {
        unsigned digit = (unsigned)(unsigned char)number.data[i] - '0';
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *value_out = value;
    return true;
}

bool weir_json_number_to_u64(struct weir_span number, uint64_t *value_out)
{
    if (plain_number(number, value_out)) {
        return true;
    }
    bool negative = byte_is_one_of(number, 0, '-', '-');
    return whole_part(weir_span_slice(number, negative, number.length), value_out) &&
           (!negative || *value_out == 0);
}

bool weir_json_number_to_i64(struct weir_span number, int64_t *value_out)
{
    bool negative = byte_is_one_of(number, 0, '-', '-');
    uint64_t size = 0;
    if (plain_number(number, &size) && size <= INT64_MAX) {
        *value_out = (int64_t)size;
        return true;
    }
    if (!whole_part(weir_span_slice(number, negative, number.length), &size) ||
        size > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *value_out = (int64_t)(negative ? -size : size);
    return true;
}

bool weir_json_take_u64(struct weir_json *json, uint64_t *value_out)
{
    struct weir_span number;
    return weir_json_take_number(json, &number) &&
           (weir_json_number_to_u64(number, value_out) || fail(json, "a number out of range"));
}

bool weir_json_take_i64(struct weir_json *json, int64_t *value_out)
{
    struct weir_span number;
    return weir_json_take_number(json, &number) &&
           (weir_json_number_to_i64(number, value_out) || fail(json, "a number out of range"));
}

static bool take_word(struct weir_json *json, struct weir_span word)
{
    if (!weir_span_starts(weir_span_slice(json->text, json->at, json->text.length), word)) {
        return false;
    }
    json->at += word.length;
    return true;
}

bool weir_json_take_bool(struct weir_json *json, bool *value_out)
{
    if (weir_json_peek(json) != WEIR_JSON_BOOL) {
        return fail(json, "true or false was expected");
    }
    *value_out = take_word(json, WEIR_SPAN("true"));
    return *value_out || take_word(json, WEIR_SPAN("false")) || fail(json, "an unknown word");
}

static bool skip_items(struct weir_json *json, bool is_object)
{
    struct weir_span name;
    if (!(is_object ? weir_json_enter_object(json) : weir_json_enter_array(json))) {
        return false;
    }
    while (is_object ? weir_json_next_member(json, &name) : weir_json_next_element(json)) {
        if (!weir_json_skip(json)) { // at most WEIR_JSON_DEPTH calls deep
            return false;
        }
    }
    return !json->error;
}

bool weir_json_skip(struct weir_json *json)
{
    struct weir_span span;
    bool value;
    switch (weir_json_peek(json)) {
    case WEIR_JSON_OBJECT:
        return skip_items(json, true);
    case WEIR_JSON_ARRAY:
        return skip_items(json, false);
    case WEIR_JSON_STRING:
        return weir_json_take_string(json, &span);
    case WEIR_JSON_NUMBER:
        return weir_json_take_number(json, &span);
    case WEIR_JSON_BOOL:
        return weir_json_take_bool(json, &value);
    case WEIR_JSON_NULL:
        return take_word(json, WEIR_SPAN("null")) || fail(json, "an unknown word");
    case WEIR_JSON_BAD:
        break;
    }
    return false;
}

bool weir_json_finish(struct weir_json *json)
{
    next_byte(json);
    if (json->at < json->text.length) {
        fail(json, "something follows the end");
    }
    return !json->error;
}
