// Where a byte of a scalar's value stands in its file. The value has lost its quotes, escapes,
// folded lines and indentation, so source and value are walked side by side until the byte is
// reached. Only mistakes come here: nothing is kept for it while reading.

#include "engine/base/utf8.h"
#include "engine/base/yaml.h"

/** Source and value, side by side. `at` is the source, `value` how much of the value is behind us.
 */
struct aligner {
    struct weir_span source;
    size_t at;
    struct weir_span text;
    size_t value;
    size_t wanted; // stop before the step that covers this byte of the value
    uint32_t line;
    uint32_t column;
};

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char peek(const struct aligner *aligner)
{
    return aligner->at < aligner->source.length ? aligner->source.data[aligner->at] : '\0';
}

static void take_character(struct aligner *aligner)
{
    char c = peek(aligner);
    if (aligner->at >= aligner->source.length) {
        return;
    }
    if (is_break(c)) {
        bool is_pair = c == '\r' && aligner->at + 1 < aligner->source.length &&
                       aligner->source.data[aligner->at + 1] == '\n';
        aligner->at += is_pair ? 2 : 1;
        aligner->line++;
        aligner->column = 1;
        return;
    }
    weir_utf8_next(aligner->source, &aligner->at);
    aligner->column++;
}

static void take_characters(struct aligner *aligner, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        take_character(aligner);
    }
}

static void go_to(struct aligner *aligner, const struct weir_place *place)
{
    aligner->line = 1;
    aligner->column = 1;
    while (aligner->at < aligner->source.length &&
           (aligner->line < place->line ||
            (aligner->line == place->line && aligner->column < place->column))) {
        take_character(aligner);
    }
}

static struct weir_place place_at(const struct aligner *aligner, const struct weir_yaml *scalar)
{
    return (struct weir_place){scalar->place.file, aligner->line, aligner->column, 1};
}

static bool is_found(const struct aligner *aligner, size_t step)
{
    return aligner->value + step > aligner->wanted;
}

// Blanks and breaks between two lines of a flow scalar: one break is a blank, n are n-1 line feeds.
static size_t folded_length(const struct aligner *aligner)
{
    struct aligner ahead = *aligner;
    size_t breaks = 0;
    while (is_blank(peek(&ahead)) || is_break(peek(&ahead))) {
        breaks += is_break(peek(&ahead));
        take_character(&ahead);
    }
    return breaks > 1 ? breaks - 1 : breaks;
}

static void skip_white(struct aligner *aligner)
{
    while (is_blank(peek(aligner)) || is_break(peek(aligner))) {
        take_character(aligner);
    }
}

static size_t utf8_length(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static uint32_t hexadecimal_at(struct weir_span source, size_t at, size_t digits)
{
    uint32_t value = 0;
    for (size_t i = at; i < at + digits && i < source.length; i++) {
        char c = source.data[i];
        uint32_t digit = c >= 'a'   ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' ? (uint32_t)(c - 'A' + 10)
                                    : (uint32_t)(c - '0');
        value = value * 16 + digit;
    }
    return value;
}

/** What an escape between double quotes takes in the source, and gives in the value. */
struct escape {
    size_t source_chars;
    size_t value_bytes;
};

static struct escape escape_at(const struct aligner *aligner)
{
    size_t at = aligner->at + 1;
    char kind = at < aligner->source.length ? aligner->source.data[at] : '\0';
    size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits > 0) {
        uint32_t c = hexadecimal_at(aligner->source, at + 1, digits);
        return (struct escape){2 + digits, utf8_length(c)};
    }
    bool is_wide = kind == 'N' || kind == '_';  // U+0085 and U+00A0
    bool is_wider = kind == 'L' || kind == 'P'; // U+2028 and U+2029
    return (struct escape){2, is_wide ? 2 : is_wider ? 3 : 1};
}

// One step through a quoted or plain scalar. False at the byte that is wanted.
static bool step_flow(struct aligner *aligner, char quote)
{
    char c = peek(aligner);
    size_t folded = is_blank(c) || is_break(c) ? folded_length(aligner) : 0;
    if (folded > 0) {
        if (is_found(aligner, folded)) {
            return false;
        }
        aligner->value += folded;
        skip_white(aligner);
        return true;
    }
    struct escape escape = {1, 0};
    if (quote == '"' && c == '\\') {
        escape = escape_at(aligner);
        char next =
            aligner->at + 1 < aligner->source.length ? aligner->source.data[aligner->at + 1] : '\0';
        if (is_break(next)) { // joins two lines with nothing between
            take_character(aligner);
            skip_white(aligner);
            return true;
        }
    } else if (quote == '\'' && c == '\'') {
        escape = (struct escape){2, 1};
    } else {
        size_t end = aligner->at;
        weir_utf8_next(aligner->source, &end);
        escape.value_bytes = end - aligner->at;
    }
    if (is_found(aligner, escape.value_bytes)) {
        return false;
    }
    aligner->value += escape.value_bytes;
    take_characters(aligner, escape.source_chars);
    return true;
}

static void align_flow(struct aligner *aligner, bool is_plain)
{
    char quote = is_plain ? '\0' : peek(aligner);
    if (!is_plain) {
        take_character(aligner);
    }
    while (aligner->at < aligner->source.length && step_flow(aligner, quote)) {
    }
}

static size_t leading_blanks(struct weir_span text, size_t at)
{
    size_t start = at;
    while (at < text.length && text.data[at] == ' ') {
        at++;
    }
    return at - start;
}

static size_t skip_breaks(struct weir_span text, size_t at)
{
    while (at < text.length && is_break(text.data[at])) {
        at++;
    }
    return at;
}

// A line with nothing but blanks on it.
static bool is_empty_line(const struct aligner *aligner)
{
    size_t at = aligner->at + leading_blanks(aligner->source, aligner->at);
    return at >= aligner->source.length || is_break(aligner->source.data[at]);
}

static void skip_line(struct aligner *aligner)
{
    while (aligner->at < aligner->source.length && !is_break(peek(aligner))) {
        take_character(aligner);
    }
    take_character(aligner);
}

// The value's own first line tells how many of the source's blanks are content, so the indentation
// is known without knowing whether the header named it.
static size_t block_indent(const struct aligner *aligner)
{
    struct aligner ahead = *aligner;
    while (ahead.at < ahead.source.length && is_empty_line(&ahead)) {
        skip_line(&ahead);
    }
    size_t own = leading_blanks(aligner->text, skip_breaks(aligner->text, 0));
    size_t all = leading_blanks(ahead.source, ahead.at);
    return all > own ? all - own : 0;
}

// From the end of one line of content to the start of the next: the value has a blank or line
// feeds.
static bool step_block_break(struct aligner *aligner, size_t indent)
{
    size_t joined = aligner->value;
    if (joined < aligner->text.length && aligner->text.data[joined] == ' ') {
        joined++;
    } else {
        joined = skip_breaks(aligner->text, joined);
    }
    if (is_found(aligner, joined - aligner->value)) {
        return false;
    }
    aligner->value = joined;
    take_character(aligner);
    while (aligner->at < aligner->source.length && is_empty_line(aligner)) {
        skip_line(aligner);
    }
    take_characters(aligner, indent);
    return true;
}

static bool step_block(struct aligner *aligner, size_t indent)
{
    if (is_break(peek(aligner))) {
        return step_block_break(aligner, indent);
    }
    size_t end = aligner->at;
    weir_utf8_next(aligner->source, &end);
    if (is_found(aligner, end - aligner->at)) {
        return false;
    }
    aligner->value += end - aligner->at;
    take_character(aligner);
    return true;
}

static void align_block(struct aligner *aligner)
{
    skip_line(aligner); // the header: | or > and what stands behind it
    size_t indent = block_indent(aligner);
    size_t leading = skip_breaks(aligner->text, 0);
    if (is_found(aligner, leading)) {
        return;
    }
    aligner->value = leading;
    while (aligner->at < aligner->source.length && is_empty_line(aligner)) {
        skip_line(aligner);
    }
    take_characters(aligner, indent);
    while (aligner->at < aligner->source.length && step_block(aligner, indent)) {
    }
}

struct weir_place weir_yaml_place_in(const struct weir_yaml *scalar, struct weir_span source,
                                     size_t offset)
{
    struct aligner aligner = {.source = source, .text = scalar->text};
    // The line end behind a block is nothing that an author sees: what is wrong at the end is shown
    // behind the last character, not in the line that follows.
    while (scalar->block && offset > 0 && offset <= scalar->text.length &&
           weir_span_trim(weir_span_slice(scalar->text, offset - 1, scalar->text.length)).length ==
               0) {
        offset--;
    }
    aligner.at = source.length >= 3 && memcmp(source.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    aligner.wanted = offset < scalar->text.length ? offset : scalar->text.length;
    go_to(&aligner, &scalar->place);
    if (scalar->block) {
        align_block(&aligner);
    } else {
        align_flow(&aligner, scalar->plain);
    }
    return place_at(&aligner, scalar);
}
