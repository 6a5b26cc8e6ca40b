#include "engine/text/text.h"

#include "engine/base/utf8.h"
#include "engine/text/views.h"

#include <stdlib.h>

// The largest that one character becomes in any view is 33 bytes (U+FDFA, a whole sentence).
#define BYTES_PER_CHAR  36
#define PIECES_PER_CHAR 4
#define SPARE           64
#define CHARS_STEP      64 // bytes of raw; a place's character is counted from the last step on

static const char *const view_names[WEIR_VIEW_COUNT] = {"raw", "fold", "tight", "skeleton",
                                                        "sound"};

static void space_init(struct view_space *space, uint32_t capacity)
{
    space->capacity = capacity;
    space->bytes = weir_new_array(char, (size_t)capacity + SPACE_SLACK + WEIR_TEXT_PADDING);
    space->from = weir_new_array(uint32_t, (size_t)capacity + SPACE_SLACK);
    space->to = weir_new_array(uint32_t, (size_t)capacity + SPACE_SLACK);
}

static void space_fini(struct view_space *space)
{
    free(space->bytes);
    free(space->from);
    free(space->to);
}

struct weir_text *weir_text_create(uint32_t max_chars)
{
    struct weir_text *text = weir_new(struct weir_text);
    size_t raw_bytes = (size_t)max_chars * 4;
    text->max_chars = max_chars;
    // Four bytes of rubbish become four characters of three bytes each before the text is cut.
    weir_buffer_reserve(&text->raw, raw_bytes * 3 + SPARE);
    text->same_from = weir_new_array(uint32_t, raw_bytes + SPACE_SLACK);
    text->same_to = weir_new_array(uint32_t, raw_bytes + SPACE_SLACK);
    for (uint32_t i = 0; i <= raw_bytes; i++) {
        text->same_from[i] = i;
        text->same_to[i] = i + 1;
    }
    for (int kind = WEIR_VIEW_FOLD; kind < WEIR_VIEW_COUNT; kind++) {
        space_init(&text->spaces[kind], max_chars * BYTES_PER_CHAR + SPARE);
    }
    space_init(&text->turned, max_chars * BYTES_PER_CHAR + SPARE);
    text->tight_places = weir_new_array(uint32_t, text->turned.capacity / 32 + 1);
    text->skeleton_places = weir_new_array(uint32_t, text->turned.capacity / 32 + 1);
    text->chars_before = weir_new_array(uint32_t, raw_bytes / CHARS_STEP + 1);
    text->piece_capacity = max_chars * PIECES_PER_CHAR + SPARE;
    text->pieces = weir_new_array(struct piece, text->piece_capacity);
    text->sorted = weir_new_array(struct piece, text->piece_capacity);
    text->emote_ends = weir_new_array(uint32_t, (size_t)max_chars + 1);
    text->emotes = weir_new_array(struct byte_range, (size_t)max_chars + 1);
    weir_text_set(text, (struct weir_span){NULL, 0}, NULL, 0, false);
    return text;
}

void weir_text_destroy(struct weir_text **text)
{
    if (!*text) {
        return;
    }
    for (int kind = WEIR_VIEW_FOLD; kind < WEIR_VIEW_COUNT; kind++) {
        space_fini(&(*text)->spaces[kind]);
    }
    space_fini(&(*text)->turned);
    weir_buffer_fini(&(*text)->raw);
    free((*text)->same_from);
    free((*text)->same_to);
    free((*text)->tight_places);
    free((*text)->skeleton_places);
    free((*text)->chars_before);
    free((*text)->pieces);
    free((*text)->sorted);
    free((*text)->emote_ends);
    free((*text)->emotes);
    free(*text);
    *text = NULL;
}

// ---- Taking a text in

static uint32_t cut_before_character(struct weir_span bytes, size_t at)
{
    for (int i = 0; i < 3 && at > 0 && ((unsigned char)bytes.data[at] & 0xc0) == 0x80; i++) {
        at--;
    }
    return (uint32_t)at;
}

// Where the character with number `limit` starts, or the end.
static uint32_t cut_at_characters(struct weir_span bytes, uint32_t limit)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < bytes.length; i++) {
        bool is_start = ((unsigned char)bytes.data[i] & 0xc0) != 0x80;
        if (is_start && seen++ == limit) {
            return i;
        }
    }
    return (uint32_t)bytes.length;
}

static void set_raw_view(struct weir_text *text)
{
    uint32_t before = text->views[WEIR_VIEW_RAW].length;
    uint32_t length = (uint32_t)text->raw.length;
    text->same_to[before] = before + 1;
    text->same_to[length] = length;
    memset(text->raw.data + length, 0, WEIR_TEXT_PADDING);
    text->views[WEIR_VIEW_RAW] =
        (struct weir_view){text->raw.data, length, text->same_from, text->same_to};
}

static void cut_raw(struct weir_text *text)
{
    if (text->raw.length > text->max_chars) {
        size_t cut = cut_at_characters(weir_buffer_span(&text->raw), text->max_chars);
        text->facts.truncated |= cut < text->raw.length;
        text->raw.length = cut;
    }
    set_raw_view(text);
}

bool check_rest(struct weir_text *text, uint32_t at)
{
    struct weir_span raw = weir_buffer_span(&text->raw);
    text->is_checked = weir_utf8_is_valid(weir_span_slice(raw, at, raw.length));
    return text->is_checked;
}

void repair_raw(struct weir_text *text)
{
    struct view_space *broken = &text->spaces[WEIR_VIEW_FOLD]; // not in use yet
    struct weir_span bytes = {broken->bytes, text->raw.length};
    memcpy(broken->bytes, text->raw.data, bytes.length);
    weir_buffer_clear(&text->raw);
    text->facts.damaged |= weir_utf8_add_repaired(&text->raw, bytes) > 0;
    text->is_checked = true;
    cut_raw(text);
}

static void check_raw(struct weir_text *text)
{
    if (!text->is_checked && !check_rest(text, 0)) {
        repair_raw(text);
    }
}

// Takes as much of `raw` as may be judged.
static void take_raw(struct weir_text *text, struct weir_span raw)
{
    size_t most = (size_t)text->max_chars * 4;
    size_t whole = raw.length;
    if (raw.length > most) {
        raw.length = cut_before_character(raw, most);
    }
    if (raw.length > 0) {
        memcpy(text->raw.data, raw.data, raw.length); // there is room for all that is let in
    }
    text->raw.length = raw.length;
    text->facts.truncated = raw.length < whole;
    set_raw_view(text);
    text->is_checked = false;
    if (raw.length > text->max_chars) {
        check_raw(text);
        cut_raw(text);
    }
}

// Walks the characters once and keeps the emotes that neither overlap an earlier one nor run over
// the end.
static void place_emotes(struct weir_text *text)
{
    uint32_t length = (uint32_t)text->raw.length;
    uint32_t chars = 0;
    struct byte_range open = {0};
    uint32_t open_end = 0;
    for (uint32_t at = 0; at < length; chars++) {
        if (open_end == chars && open_end > 0) {
            open.end = at;
            text->emotes[text->emote_count++] = open;
            open_end = 0;
        }
        if (open_end == 0 && text->emote_ends[chars] > 0) {
            open = (struct byte_range){at, 0};
            open_end = text->emote_ends[chars];
        }
        text->emote_ends[chars] = 0;
        at += character_at(text->raw.data, at).length;
    }
    if (open_end == chars && open_end > 0) {
        open.end = length;
        text->emotes[text->emote_count++] = open;
    }
    text->facts.chars = chars;
}

static void set_emotes(struct weir_text *text, const struct weir_emote *emotes, size_t count)
{
    text->emote_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct weir_emote emote = emotes[i];
        if (emote.start < emote.end && emote.end <= text->facts.chars &&
            text->emote_ends[emote.start] == 0) {
            text->emote_ends[emote.start] = emote.end;
        }
    }
    place_emotes(text);
}

void weir_text_set(struct weir_text *text, struct weir_span raw, const struct weir_emote *emotes,
                   size_t emote_count, bool damaged)
{
    text->facts = (struct weir_text_facts){0};
    text->has_facts = false;
    text->has_chars_before = false;
    text->facts.damaged = damaged;
    memset(text->is_made, 0, sizeof(text->is_made));
    text->emote_count = 0;
    take_raw(text, raw);
    if (emote_count > 0) {
        check_raw(text);
        text->facts.chars = (uint32_t)weir_utf8_count(weir_buffer_span(&text->raw));
        set_emotes(text, emotes, emote_count);
    }
}

// ---- Answering

static void make_raw(struct weir_text *text)
{
    check_raw(text); // the rest of it stands since it was set
}

const struct weir_view *weir_text_view(struct weir_text *text, enum weir_view_kind kind)
{
    static void (*const makers[WEIR_VIEW_COUNT])(struct weir_text *) = {
        make_raw, make_fold, make_tight, make_skeleton, make_sound};
    static const enum weir_view_kind stands_on[WEIR_VIEW_COUNT] = {
        WEIR_VIEW_RAW, WEIR_VIEW_RAW, WEIR_VIEW_FOLD, WEIR_VIEW_TIGHT, WEIR_VIEW_TIGHT};
    if (!text->is_made[kind]) {
        if (kind > WEIR_VIEW_FOLD) { // which checks raw on its way
            weir_text_view(text, stands_on[kind]);
        }
        makers[kind](text);
        text->is_made[kind] = true;
    }
    return &text->views[kind];
}

const struct weir_text_facts *weir_text_facts(struct weir_text *text)
{
    if (!text->has_facts) {
        weir_text_view(text, WEIR_VIEW_FOLD);
        count_facts(text);
        text->has_facts = true;
    }
    return &text->facts;
}

// A flood has a thousand hits, and each wants to know its place in characters.
static uint32_t chars_before(struct weir_text *text, uint32_t at)
{
    struct weir_span raw = weir_buffer_span(&text->raw);
    if (!text->has_chars_before) {
        uint32_t chars = 0;
        for (uint32_t step = 0; step * CHARS_STEP <= raw.length; step++) {
            text->chars_before[step] = chars;
            chars += (uint32_t)weir_utf8_count(
                weir_span_slice(raw, step * CHARS_STEP, (step + 1) * CHARS_STEP));
        }
        text->has_chars_before = true;
    }
    uint32_t step = at / CHARS_STEP;
    return text->chars_before[step] +
           (uint32_t)weir_utf8_count(weir_span_slice(raw, step * CHARS_STEP, at));
}

// Bytes of a view that stand for nothing (blanks between syllables) have no place of their own.
static bool is_inserted(const struct weir_view *view, uint32_t at)
{
    return view->from[at] == view->to[at];
}

struct weir_text_range weir_text_range_of(struct weir_text *text, enum weir_view_kind kind,
                                          uint32_t start, uint32_t end)
{
    const struct weir_view *view = weir_text_view(text, kind);
    weir_assert(start <= end && end <= view->length);
    struct weir_text_range range = {UINT32_MAX, 0, 0, 0};
    for (uint32_t i = start; i < end; i++) {
        if (!is_inserted(view, i)) {
            range.start = view->from[i] < range.start ? view->from[i] : range.start;
            range.end = view->to[i] > range.end ? view->to[i] : range.end;
        }
    }
    if (range.start > range.end) { // nothing, at a place
        range.start = view->from[start];
        range.end = range.start;
    }
    range.start_char = chars_before(text, range.start);
    range.end_char = chars_before(text, range.end);
    return range;
}

// ---- Keywords and names

void weir_text_normalise_with(struct weir_text *text, enum weir_view_kind kind,
                              struct weir_span word, struct weir_buffer *out)
{
    weir_text_set(text, word, NULL, 0, false);
    text->is_keyword = kind != WEIR_VIEW_SOUND; // which reads the first of several in any text
    const struct weir_view *view = weir_text_view(text, kind);
    weir_buffer_add(out, (struct weir_span){view->bytes, view->length});
    text->is_keyword = false;
}

void weir_text_normalise(enum weir_view_kind kind, struct weir_span word, struct weir_buffer *out)
{
    WEIR_AUTO(weir_text_destroy)
    struct weir_text *text = weir_text_create((uint32_t)word.length + SPARE);
    weir_text_normalise_with(text, kind, word, out);
}

bool weir_char_is_spaced(uint32_t code_point)
{
    return is_spaced(class_of(code_point));
}

const char *weir_view_name(enum weir_view_kind kind)
{
    return view_names[kind];
}

bool weir_view_find(struct weir_span name, enum weir_view_kind *kind_out)
{
    for (int kind = 0; kind < WEIR_VIEW_COUNT; kind++) {
        if (weir_span_is(name, view_names[kind])) {
            *kind_out = (enum weir_view_kind)kind;
            return true;
        }
    }
    return false;
}

const char *weir_text_tables_version(void)
{
    return table_version;
}
