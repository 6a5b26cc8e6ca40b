// Mistakes are kept as data and written once, sorted, when a run is over: an author sees all of
// them, and the same list serves people and --json.

#include "engine/base/diagnostics.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// A hostile file can hold a mistake in every byte. Beyond this many they are counted, not kept.
#define MOST_KEPT 1000

// A line longer than this is shown around its marker only.
#define SHOWN_CHARS 100

void weir_diagnostics_fini(struct weir_diagnostics *diagnostics)
{
    free(diagnostics->items);
    *diagnostics = (struct weir_diagnostics){0};
}

static struct weir_diagnostic *add_item(struct weir_diagnostics *diagnostics)
{
    if (diagnostics->count >= MOST_KEPT) {
        diagnostics->dropped++;
        return NULL;
    }
    diagnostics->items = weir_grow(diagnostics->items, &diagnostics->capacity,
                                   diagnostics->count + 1, sizeof(*diagnostics->items));
    struct weir_diagnostic *item = &diagnostics->items[diagnostics->count++];
    *item = (struct weir_diagnostic){0};
    return item;
}

static void fill_item(struct weir_diagnostic *item, const struct weir_place *place,
                      const char *format, va_list args)
{
    char text[sizeof(item->error.text)];
    vsnprintf(text, sizeof(text), format, args);
    weir_error_at(&item->error, place, "%s", text);
}

bool weir_diagnostics_error(struct weir_diagnostics *diagnostics, const struct weir_place *place,
                            const char *format, ...)
{
    diagnostics->error_count++;
    struct weir_diagnostic *item = add_item(diagnostics);
    if (item) {
        va_list args;
        va_start(args, format);
        fill_item(item, place, format, args);
        va_end(args);
    }
    return false;
}

void weir_diagnostics_warn(struct weir_diagnostics *diagnostics, const char *id,
                           const struct weir_place *place, const char *format, ...)
{
    struct weir_diagnostic *item = add_item(diagnostics);
    if (item) {
        va_list args;
        va_start(args, format);
        fill_item(item, place, format, args);
        va_end(args);
        item->severity = WEIR_SEVERITY_WARNING;
        snprintf(item->id, sizeof(item->id), "%s", id);
    }
}

void weir_diagnostics_append(struct weir_diagnostics *diagnostics,
                             const struct weir_diagnostics *more)
{
    for (size_t i = 0; i < more->count; i++) {
        struct weir_diagnostic *item = add_item(diagnostics);
        if (item) {
            *item = more->items[i];
        }
    }
    diagnostics->error_count += more->error_count;
    diagnostics->dropped += more->dropped;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const struct weir_error *a, const struct weir_error *b)
{
    int order = strcmp(a->file, b->file);
    order = order ? order : compare_u32(a->line, b->line);
    return order ? order : compare_u32(a->column, b->column);
}

static void merge_halves(struct weir_diagnostic *items, size_t half, size_t count,
                         struct weir_diagnostic *scratch)
{
    size_t left = 0;
    size_t right = half;
    for (size_t i = 0; i < count; i++) {
        bool take_left =
            right == count ||
            (left < half && compare_places(&items[left].error, &items[right].error) <= 0);
        scratch[i] = items[take_left ? left++ : right++];
    }
    memcpy(items, scratch, count * sizeof(*items));
}

// qsort() is not stable, and what stands at one place must stay in the order in which it came.
static void merge_sort(struct weir_diagnostic *items, size_t count, struct weir_diagnostic *scratch)
{
    if (count < 2) {
        return;
    }
    size_t half = count / 2;
    merge_sort(items, half, scratch);
    merge_sort(items + half, count - half, scratch);
    merge_halves(items, half, count, scratch);
}

static bool is_repeat(const struct weir_diagnostic *a, const struct weir_diagnostic *b)
{
    return a->severity == b->severity && a->error.length == b->error.length &&
           compare_places(&a->error, &b->error) == 0 && strcmp(a->error.text, b->error.text) == 0;
}

static void drop_repeats(struct weir_diagnostics *diagnostics)
{
    size_t kept = 0;
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct weir_diagnostic *item = &diagnostics->items[i];
        if (kept > 0 && is_repeat(&diagnostics->items[kept - 1], item)) {
            diagnostics->error_count -= item->severity == WEIR_SEVERITY_ERROR;
        } else {
            diagnostics->items[kept++] = *item;
        }
    }
    diagnostics->count = kept;
}

void weir_diagnostics_sort(struct weir_diagnostics *diagnostics)
{
    struct weir_diagnostic *scratch = weir_new_array(struct weir_diagnostic, diagnostics->count);
    merge_sort(diagnostics->items, diagnostics->count, scratch);
    free(scratch);
    drop_repeats(diagnostics);
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

// The line that was shown last: mistakes come in the order of the file, so that a thousand of them
// in ten thousand lines need not be looked for from the top each.
struct line_cursor {
    const char *text;
    uint32_t line;
    size_t at;
};

// CR, LF and CR LF end a line, as the YAML reader counts them.
static struct weir_span find_line(struct weir_span text, uint32_t number,
                                  struct line_cursor *cursor)
{
    if (cursor->text != text.data || number < cursor->line) {
        bool has_mark = text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;
        *cursor = (struct line_cursor){text.data, 1, has_mark ? 3 : 0};
    }
    size_t at = cursor->at;
    for (uint32_t line = cursor->line; line < number; line++) {
        while (at < text.length && !is_break(text.data[at])) {
            at++;
        }
        if (at == text.length) {
            return (struct weir_span){NULL, 0};
        }
        at += at + 1 < text.length && text.data[at] == '\r' && text.data[at + 1] == '\n' ? 2 : 1;
    }
    *cursor = (struct line_cursor){text.data, number, at};
    size_t end = at;
    while (end < text.length && !is_break(text.data[end])) {
        end++;
    }
    return weir_span_slice(text, at, end);
}

// Controls, and what turns the direction of a line around, would make a terminal lie.
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

static void add_safe(struct weir_buffer *out, struct weir_span text)
{
    for (size_t at = 0; at < text.length;) {
        uint32_t c = weir_utf8_next(text, &at);
        if (c == '\t') {
            weir_buffer_add_byte(out, ' ');
        } else {
            weir_utf8_add(out, is_unsafe(c) ? 0xFFFD : c);
        }
    }
}

static size_t skip_chars(struct weir_span text, size_t at, size_t count)
{
    while (count > 0 && at < text.length) {
        weir_utf8_next(text, &at);
        count--;
    }
    return at;
}

static void add_repeated(struct weir_buffer *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        weir_buffer_add_byte(out, c);
    }
}

/** What of a line is shown, in characters. */
struct window {
    size_t start;
    size_t end;
    bool is_cut; // more than blanks is missing before it
};

static struct window choose_window(struct weir_span line, size_t marked)
{
    size_t chars = weir_utf8_count(line);
    size_t blanks = 0;
    while (blanks < line.length && (line.data[blanks] == ' ' || line.data[blanks] == '\t')) {
        blanks++;
    }
    struct window window = {blanks < marked ? blanks : marked, chars, false};
    if (window.end - window.start > SHOWN_CHARS) {
        if (marked - window.start > SHOWN_CHARS / 2) {
            window.start = marked - SHOWN_CHARS / 2;
            window.is_cut = true;
        }
        size_t end = window.start + SHOWN_CHARS;
        window.end = end < chars ? end : chars;
    }
    return window;
}

static void add_marked_line(struct weir_buffer *out, struct weir_span line,
                            const struct weir_error *error)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer valid = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer shown = {0};
    weir_utf8_add_repaired(&valid, line);
    line = weir_buffer_span(&valid);

    size_t chars = weir_utf8_count(line);
    size_t marked = error->column - 1 < chars ? error->column - 1 : chars;
    struct window window = choose_window(line, marked);
    size_t marked_end = marked + (error->length ? error->length : 1);
    marked_end = marked_end < window.end ? marked_end : window.end;

    size_t start = skip_chars(line, 0, window.start);
    size_t mark_start = skip_chars(line, start, marked - window.start);
    size_t mark_end = skip_chars(line, mark_start, marked_end > marked ? marked_end - marked : 0);
    size_t end = skip_chars(line, start, window.end - window.start);

    add_safe(&shown, weir_span_slice(line, start, mark_start));
    size_t before = weir_utf8_columns(weir_buffer_span(&shown));
    add_safe(&shown, weir_span_slice(line, mark_start, mark_end));
    size_t width = weir_utf8_columns(weir_buffer_span(&shown)) - before;
    add_safe(&shown, weir_span_slice(line, mark_end, end));

    weir_buffer_add_text(out, window.is_cut ? "    ... " : "    ");
    before += window.is_cut ? strlen("... ") : 0;
    weir_buffer_add(out, weir_buffer_span(&shown));
    weir_buffer_add_text(out, end < line.length ? " ...\n    " : "\n    ");
    add_repeated(out, ' ', before);
    add_repeated(out, '^', width ? width : 1);
    weir_buffer_add_byte(out, '\n');
}

static void add_place(struct weir_buffer *out, const struct weir_error *error)
{
    if (error->file[0] == '\0') {
        return;
    }
    weir_buffer_add_text(out, error->file);
    if (error->line > 0) {
        weir_buffer_printf(out, ":%u:%u", error->line, error->column);
    }
    weir_buffer_add_text(out, ": ");
}

static void add_item_text(struct weir_buffer *out, const struct weir_diagnostic *item,
                          weir_source_fn source, void *user, struct line_cursor *cursor)
{
    const struct weir_error *error = &item->error;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer valid = {0};
    add_place(out, error);
    weir_buffer_add_text(out, item->severity == WEIR_SEVERITY_WARNING ? "warning: " : "");
    weir_utf8_add_repaired(&valid, weir_span_of(error->text));
    add_safe(out, weir_buffer_span(&valid));
    if (item->id[0] != '\0') {
        weir_buffer_printf(out, " [%s]", item->id);
    }
    weir_buffer_add_byte(out, '\n');

    struct weir_span text = source ? source(user, error->file) : (struct weir_span){NULL, 0};
    if (error->line > 0 && error->column > 0 && text.length > 0) {
        add_marked_line(out, find_line(text, error->line, cursor), error);
    }
}

void weir_diagnostics_write(const struct weir_diagnostics *diagnostics, weir_source_fn source,
                            void *user, struct weir_buffer *out)
{
    struct line_cursor cursor = {0};
    for (size_t i = 0; i < diagnostics->count; i++) {
        add_item_text(out, &diagnostics->items[i], source, user, &cursor);
    }
    if (diagnostics->dropped > 0) {
        weir_buffer_printf(out, "and %zu more\n", diagnostics->dropped);
    }
}

#define LONGEST_NAME 48

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

// Edits are insert, delete, replace, and the swap of two neighbours, the commonest slip of all.
static size_t edit_distance(struct weir_span a, struct weir_span b)
{
    size_t rows[3][LONGEST_NAME + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b.length; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t replaced = last[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            row[j] = least_of(last[j] + 1, row[j - 1] + 1, replaced);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                a.data[i - 2] == b.data[j - 1] && before[j - 2] + 1 < row[j]) {
                row[j] = before[j - 2] + 1;
            }
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b.length];
}

// The only name that begins with what was written, for those who cut a name short.
static const char *find_completion(struct weir_span start, const char *const *names, size_t count)
{
    const char *found = NULL;
    for (size_t i = 0; i < count && start.length >= 2; i++) {
        if (weir_span_starts(weir_span_of(names[i]), start)) {
            if (found) {
                return NULL;
            }
            found = names[i];
        }
    }
    return found;
}

const char *weir_nearest_name(struct weir_span wrong, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t allowed = wrong.length / 3 ? wrong.length / 3 : 1; // slips: more in a long word
    size_t least = allowed + 1;
    if (wrong.length == 0 || wrong.length > LONGEST_NAME) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct weir_span name = weir_span_of(names[i]);
        size_t distance = name.length <= LONGEST_NAME ? edit_distance(wrong, name) : SIZE_MAX;
        if (distance < least && distance < wrong.length && distance < name.length) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest ? nearest : find_completion(wrong, names, count);
}
