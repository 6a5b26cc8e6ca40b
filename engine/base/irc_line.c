#include "engine/base/irc_line.h"

#include "engine/base/utf8.h"

static struct weir_span skip_blanks(struct weir_span text)
{
    while (text.length > 0 && text.data[0] == ' ') {
        text = weir_span_slice(text, 1, text.length);
    }
    return text;
}

static void split_prefix(struct weir_span prefix, struct weir_irc_line *line)
{
    struct weir_span before_host = weir_span_take_until(&prefix, '@');
    line->host = prefix;
    line->nick = weir_span_take_until(&before_host, '!');
    line->user = before_host;
}

bool weir_irc_parse(struct weir_span bytes, struct weir_irc_line *line_out)
{
    struct weir_span rest = bytes;
    *line_out = (struct weir_irc_line){0};
    if (rest.length > 0 && rest.data[0] == '@') {
        line_out->tags = weir_span_take_until(&rest, ' ');
        line_out->tags = weir_span_slice(line_out->tags, 1, line_out->tags.length);
    }
    rest = skip_blanks(rest);
    if (rest.length > 0 && rest.data[0] == ':') {
        struct weir_span prefix = weir_span_take_until(&rest, ' ');
        split_prefix(weir_span_slice(prefix, 1, prefix.length), line_out);
    }
    rest = skip_blanks(rest);
    line_out->command = weir_span_take_until(&rest, ' ');
    for (rest = skip_blanks(rest); rest.length > 0; rest = skip_blanks(rest)) {
        bool is_last = line_out->param_count == WEIR_IRC_PARAMS - 1;
        struct weir_span *param = &line_out->params[line_out->param_count++];
        if (rest.data[0] == ':' || is_last) {
            *param = weir_span_slice(rest, rest.data[0] == ':', rest.length);
            break;
        }
        *param = weir_span_take_until(&rest, ' ');
    }
    return line_out->command.length > 0;
}

struct weir_span weir_irc_param(const struct weir_irc_line *line, size_t index)
{
    return index < line->param_count ? line->params[index] : (struct weir_span){NULL, 0};
}

struct weir_span weir_irc_last(const struct weir_irc_line *line)
{
    return line->param_count ? line->params[line->param_count - 1] : (struct weir_span){NULL, 0};
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool weir_irc_is(const struct weir_irc_line *line, const char *command)
{
    size_t i = 0;
    while (i < line->command.length && command[i] && upper(line->command.data[i]) == command[i]) {
        i++;
    }
    return i == line->command.length && command[i] == '\0';
}

unsigned weir_irc_numeric(const struct weir_irc_line *line)
{
    uint64_t number = 0;
    bool is_numeric = line->command.length == 3 && weir_span_to_u64(line->command, &number);
    return is_numeric ? (unsigned)number : 0;
}

bool weir_irc_tag(const struct weir_irc_line *line, const char *name, struct weir_span *value_out)
{
    struct weir_span rest = line->tags;
    struct weir_span wanted = weir_span_of(name);
    bool found = false;
    while (rest.length > 0) {
        struct weir_span value = weir_span_take_until(&rest, ';');
        struct weir_span key = weir_span_take_until(&value, '=');
        if (weir_span_equals(key, wanted)) {
            *value_out = value;
            found = true;
        }
    }
    return found;
}

void weir_irc_add_unescaped(struct weir_buffer *out, struct weir_span value)
{
    static const char letters[] = ":srn";
    static const char meanings[] = "; \r\n";
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] != '\\') {
            weir_buffer_add_byte(out, value.data[i]);
        } else if (++i < value.length) {
            const char *found = strchr(letters, value.data[i]);
            bool known = found && *found;
            weir_buffer_add_byte(out, known ? meanings[found - letters] : value.data[i]);
        }
    }
}

void weir_irc_add_escaped(struct weir_buffer *out, struct weir_span value)
{
    static const char special[] = "; \r\n\\";
    static const char letters[] = ":srn\\";
    for (size_t i = 0; i < value.length; i++) {
        const char *found = value.data[i] ? strchr(special, value.data[i]) : NULL;
        if (found) {
            weir_buffer_add_byte(out, '\\');
            weir_buffer_add_byte(out, letters[found - special]);
        } else if (value.data[i]) {
            weir_buffer_add_byte(out, value.data[i]);
        }
    }
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, years counted from March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2);
    int64_t m = month + (month <= 2 ? 9 : -3);
    int64_t since_march = (153 * m + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + since_march - 719468;
}

/** The number in `digits` digits at `at`, behind which stands `after`. */
static bool take_part(struct weir_span time, size_t at, size_t digits, char after, uint64_t *out)
{
    return time.length > at + digits && time.data[at + digits] == after &&
           weir_span_to_u64(weir_span_slice(time, at, at + digits), out);
}

int64_t weir_irc_time_ms(struct weir_span time)
{
    uint64_t year;
    uint64_t month;
    uint64_t day;
    uint64_t hour;
    uint64_t minute;
    uint64_t second;
    uint64_t ms = 0;
    if (!take_part(time, 0, 4, '-', &year) || !take_part(time, 5, 2, '-', &month) ||
        !take_part(time, 8, 2, 'T', &day) || !take_part(time, 11, 2, ':', &hour) ||
        !take_part(time, 14, 2, ':', &minute)) {
        return 0;
    }
    if (!take_part(time, 17, 2, 'Z', &second) &&
        !(take_part(time, 17, 2, '.', &second) && take_part(time, 20, 3, 'Z', &ms))) {
        return 0;
    }
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60) {
        return 0;
    }
    int64_t seconds = days_of((int64_t)year, (int64_t)month, (int64_t)day) * 86400 +
                      (int64_t)(hour * 3600 + minute * 60 + second);
    return seconds * 1000 + (int64_t)ms;
}

static bool is_digit(struct weir_span text, size_t at)
{
    return at < text.length && text.data[at] >= '0' && text.data[at] <= '9';
}

/** Behind colour numbers `dd[,dd]` that begin at `at`. */
static size_t skip_colours(struct weir_span text, size_t at)
{
    size_t end = at + is_digit(text, at);
    end += end > at && is_digit(text, end);
    if (end > at && end < text.length && text.data[end] == ',' && is_digit(text, end + 1)) {
        end += 2;
        end += is_digit(text, end);
    }
    return end;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/** Behind a hex colour of six digits at `at`, or `at` itself. */
static size_t skip_hex(struct weir_span text, size_t at)
{
    for (size_t i = 0; i < 6; i++) {
        if (at + i >= text.length || !is_hex(text.data[at + i])) {
            return at;
        }
    }
    return at + 6;
}

static size_t skip_hex_colours(struct weir_span text, size_t at)
{
    size_t end = skip_hex(text, at);
    if (end > at && end < text.length && text.data[end] == ',') {
        size_t second = skip_hex(text, end + 1);
        end = second > end + 1 ? second : end;
    }
    return end;
}

void weir_irc_add_plain(struct weir_buffer *out, struct weir_span text)
{
    for (size_t i = 0; i < text.length;) {
        switch (text.data[i]) {
        case 0x02: // bold
        case 0x0f: // plain again
        case 0x11: // fixed width
        case 0x16: // reversed
        case 0x1d: // italic
        case 0x1e: // struck out
        case 0x1f: // underlined
            i++;
            break;
        case 0x03:
            i = skip_colours(text, i + 1);
            break;
        case 0x04:
            i = skip_hex_colours(text, i + 1);
            break;
        default:
            weir_buffer_add_byte(out, text.data[i++]);
            break;
        }
    }
}

bool weir_irc_unwrap_action(struct weir_span *text)
{
    if (text->length == 0 || text->data[0] != '\x01') {
        return false;
    }
    struct weir_span rest = weir_span_slice(*text, 1, text->length);
    *text = weir_span_take_until(&rest, '\x01');
    if (!weir_span_starts(*text, WEIR_SPAN("ACTION ")) && !weir_span_is(*text, "ACTION")) {
        return false;
    }
    *text = weir_span_slice(*text, sizeof("ACTION ") - 1, text->length);
    return true;
}

void weir_irc_add_clean(struct weir_buffer *out, struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        weir_buffer_add_byte(out, byte == '\r' || byte == '\n' || byte == '\0' ? ' ' : byte);
    }
}

bool weir_irc_is_middle(struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f) {
            return false;
        }
    }
    return text.length > 0 && text.data[0] != ':';
}

struct weir_span weir_irc_cut(struct weir_span text, size_t limit_bytes)
{
    size_t end = text.length < limit_bytes ? text.length : limit_bytes;
    while (end > 0 && end < text.length && ((unsigned char)text.data[end] & 0xc0) == 0x80) {
        end--;
    }
    return weir_span_slice(text, 0, end);
}

struct weir_span weir_irc_sound(struct weir_span bytes, struct weir_buffer *scratch,
                                bool *damaged_out)
{
    bool has_nul = bytes.length > 0 && memchr(bytes.data, '\0', bytes.length);
    *damaged_out = has_nul || !weir_utf8_is_valid(bytes);
    if (!*damaged_out) {
        return bytes;
    }
    weir_buffer_clear(scratch);
    while (bytes.length > 0) {
        size_t before = bytes.length;
        struct weir_span part = weir_span_take_until(&bytes, '\0');
        weir_utf8_add_repaired(scratch, part);
        if (part.length < before) {
            weir_utf8_add(scratch, 0xfffd);
        }
    }
    return weir_buffer_span(scratch);
}
