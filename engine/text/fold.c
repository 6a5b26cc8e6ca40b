#include "engine/text/views.h"

// Fold is ICU's NFKC_Casefold and a few steps more, character by character from one table. Only
// where a character may combine with those before it (marks, Hangul's parts) is a piece of the text
// taken apart, put in order and composed again, as the standard says.
//
// Most chat changes little: while every character keeps its length, only bytes are written and the
// maps are raw's own. The first one that does not gives the view maps of its own.

#define HANGUL_BASE    0xac00u
#define HANGUL_COUNT   11172u
#define LEADING_BASE   0x1100u
#define LEADING_COUNT  19u
#define VOWEL_BASE     0x1161u
#define VOWEL_COUNT    21u
#define TRAILING_BASE  0x11a7u
#define TRAILING_COUNT 28u

// Characters that become many (U+FDFA is a whole sentence) do so until they fill this many bytes of
// one text, and then stay as they are: a flood of them must not cost what its expansion would.
#define MOST_GROWN 16384

// Below this a few swaps beat counting all combining classes.
#define SHORT_RUN 16

struct folder {
    struct weir_text *text;
    const char *raw;
    uint32_t end; // of the part that is folded; emotes stand between parts
    struct view_space *out;
    uint32_t grown; // bytes that one character each became
    bool has_maps;
    bool is_changed;
};

// ---- Taking apart and composing

static void add_piece(struct folder *folder, uint32_t *count, uint32_t code_point, uint32_t from,
                      uint32_t to)
{
    struct weir_text *text = folder->text;
    if (*count < text->piece_capacity) {
        uint8_t combining = VALUE_COMBINING(trie_find(&table_decomposition, code_point));
        text->pieces[(*count)++] = (struct piece){code_point, from, to, combining};
    }
}

// What a character becomes that becomes many: its length, then its bytes. NULL once there were too
// many of these.
static const unsigned char *find_grown(struct folder *folder, uint32_t value)
{
    const unsigned char *entry = table_pool + VALUE_PAYLOAD(value);
    folder->grown += entry[0];
    return folder->grown <= MOST_GROWN ? entry : NULL;
}

static void take_apart(struct folder *folder, uint32_t *count, uint32_t code_point, uint32_t from,
                       uint32_t to)
{
    uint32_t value = trie_find(&table_decomposition, code_point);
    if (code_point - HANGUL_BASE < HANGUL_COUNT) {
        uint32_t syllable = code_point - HANGUL_BASE;
        uint32_t trailing = syllable % TRAILING_COUNT;
        syllable /= TRAILING_COUNT;
        add_piece(folder, count, LEADING_BASE + syllable / VOWEL_COUNT, from, to);
        add_piece(folder, count, VOWEL_BASE + syllable % VOWEL_COUNT, from, to);
        if (trailing > 0) {
            add_piece(folder, count, TRAILING_BASE + trailing, from, to);
        }
    } else if (VALUE_KIND(value) == KIND_MANY) {
        const unsigned char *entry = find_grown(folder, value);
        if (!entry) {
            add_piece(folder, count, code_point, from, to);
            return;
        }
        for (uint32_t at = 0; at < entry[0];) {
            struct character next = character_at((const char *)entry + 1, at);
            add_piece(folder, count, next.code_point, from, to);
            at += next.length;
        }
    } else if (VALUE_KIND(value) != KIND_NONE) {
        bool is_same = VALUE_KIND(value) == KIND_SAME;
        add_piece(folder, count, is_same ? code_point : VALUE_PAYLOAD(value), from, to);
    } else {
        folder->text->is_turned |= code_point == RIGHT_TO_LEFT_OVERRIDE;
    }
}

static void sort_short_run(struct piece *run, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct piece moved = run[i];
        uint32_t k = i;
        for (; k > 0 && run[k - 1].combining > moved.combining; k--) {
            run[k] = run[k - 1];
        }
        run[k] = moved;
    }
}

// Ten thousand marks on one letter must cost ten thousand steps, not their square.
static void sort_long_run(struct piece *run, uint32_t count, struct piece *sorted)
{
    uint32_t starts[257] = {0};
    for (uint32_t i = 0; i < count; i++) {
        starts[run[i].combining + 1]++;
    }
    for (uint32_t i = 1; i < ARRAY_LEN(starts); i++) {
        starts[i] += starts[i - 1];
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[starts[run[i].combining]++] = run[i];
    }
    memcpy(run, sorted, count * sizeof(run[0]));
}

static void put_in_order(struct weir_text *text, uint32_t count)
{
    for (uint32_t start = 0; start < count;) {
        uint32_t end = start;
        while (end < count && text->pieces[end].combining != 0) {
            end++;
        }
        if (end - start > SHORT_RUN) {
            sort_long_run(text->pieces + start, end - start, text->sorted);
        } else {
            sort_short_run(text->pieces + start, end - start);
        }
        start = end + 1;
    }
}

// The one character that two make together, or 0.
static uint32_t composed_of(uint32_t first, uint32_t second)
{
    if (first - LEADING_BASE < LEADING_COUNT && second - VOWEL_BASE < VOWEL_COUNT) {
        uint32_t pair = (first - LEADING_BASE) * VOWEL_COUNT + second - VOWEL_BASE;
        return HANGUL_BASE + pair * TRAILING_COUNT;
    }
    if (first - HANGUL_BASE < HANGUL_COUNT && (first - HANGUL_BASE) % TRAILING_COUNT == 0 &&
        second > TRAILING_BASE && second < TRAILING_BASE + TRAILING_COUNT) {
        return first + second - TRAILING_BASE;
    }
    size_t low = 0;
    size_t high = table_composition_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct composition *pair = &table_compositions[middle];
        if (pair->first == first && pair->second == second) {
            return pair->composed;
        }
        if (pair->first < first || (pair->first == first && pair->second < second)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

static void join(struct piece *into, const struct piece *other)
{
    into->from = other->from < into->from ? other->from : into->from;
    into->to = other->to > into->to ? other->to : into->to;
}

static uint32_t compose(struct piece *pieces, uint32_t count)
{
    struct piece *starter = NULL;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct piece piece = pieces[i];
        // Only a mark of a lower class, or nothing, may stand between the two that combine.
        bool is_free = starter && (starter == pieces + kept - 1 ||
                                   pieces[kept - 1].combining < piece.combining);
        uint32_t composed = is_free ? composed_of(starter->code_point, piece.code_point) : 0;
        if (composed) {
            starter->code_point = composed;
            join(starter, &piece);
            continue;
        }
        pieces[kept] = piece;
        if (piece.combining == 0) {
            starter = pieces + kept;
        }
        kept++;
    }
    return kept;
}

// Marks that changed places must not make a map run backwards.
static void make_maps_rise(struct piece *pieces, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        pieces[i].to = pieces[i].to < pieces[i - 1].to ? pieces[i - 1].to : pieces[i].to;
    }
    for (uint32_t i = count; i > 1; i--) {
        struct piece *before = &pieces[i - 2];
        before->from = before->from > pieces[i - 1].from ? pieces[i - 1].from : before->from;
    }
}

// ---- Writing

static void give_maps(struct folder *folder)
{
    if (!folder->has_maps) {
        size_t bytes = folder->out->length * sizeof(uint32_t);
        memcpy(folder->out->from, folder->text->same_from, bytes);
        memcpy(folder->out->to, folder->text->same_to, bytes);
        folder->has_maps = true;
    }
    folder->is_changed = true;
}

// A mark that is dropped belongs to the letter that it was drawn on.
static void stretch_last(struct view_space *out, uint32_t to)
{
    for (uint32_t i = out->length; i > 0; i--) {
        out->to[i - 1] = out->to[i - 1] < to ? to : out->to[i - 1];
        if ((out->bytes[i - 1] & 0xc0) != 0x80) {
            break;
        }
    }
}

// A character as the table has it; the maps are there.
static void add_folded(struct folder *folder, uint32_t code_point, uint32_t from, uint32_t to)
{
    uint32_t value = trie_find(&table_fold, code_point);
    switch (VALUE_KIND(value)) {
    case KIND_SAME:
        space_add_code_point(folder->out, code_point, from, to);
        break;
    case KIND_ONE:
        folder->text->has_folded_stroke |=
            VALUE_PAYLOAD(value) == 'i' || VALUE_PAYLOAD(value) == 's';
        space_add_code_point(folder->out, VALUE_PAYLOAD(value), from, to);
        break;
    case KIND_MANY: {
        const unsigned char *entry = find_grown(folder, value);
        if (entry) {
            space_add(folder->out, (const char *)entry + 1, entry[0], from, to);
        } else {
            space_add_code_point(folder->out, code_point, from, to);
        }
        break;
    }
    default:
        folder->text->is_turned |= code_point == RIGHT_TO_LEFT_OVERRIDE;
        if (VALUE_CLASS(value) == CLASS_MARK) {
            folder->text->dropped_marks++;
            stretch_last(folder->out, to);
        }
        break;
    }
}

static void write_pieces(struct folder *folder, uint32_t count)
{
    const struct piece *pieces = folder->text->pieces;
    for (uint32_t i = 0; i < count; i++) {
        add_folded(folder, pieces[i].code_point, pieces[i].from, pieces[i].to);
    }
}

static bool is_joining(uint32_t code_point)
{
    return trie_find(&table_fold, code_point) & VALUE_JOINS;
}

static bool is_nothing(uint32_t code_point)
{
    return VALUE_KIND(trie_find(&table_decomposition, code_point)) == KIND_NONE;
}

// Where the character stands that the one at `at` may combine with.
static uint32_t segment_start(const struct folder *folder, uint32_t start, uint32_t at)
{
    for (uint32_t here = at; here > start;) {
        here = character_before(folder->raw, here);
        uint32_t code_point = character_at(folder->raw, here).code_point;
        if (!is_nothing(code_point)) {
            return here;
        }
    }
    return at;
}

// Folds what stands around `at` as one piece; returns where it ends.
static uint32_t fold_segment(struct folder *folder, uint32_t start, uint32_t at)
{
    uint32_t from = segment_start(folder, start, at);
    uint32_t count = 0;
    uint32_t here = from;
    while (here < folder->end) {
        struct character next = character_at(folder->raw, here);
        if (here > at && !is_joining(next.code_point) && !is_nothing(next.code_point)) {
            break;
        }
        take_apart(folder, &count, next.code_point, here, here + next.length);
        here += next.length;
    }
    give_maps(folder);
    struct view_space *out = folder->out;
    while (out->length > 0 && out->from[out->length - 1] >= from) {
        out->length--;
    }
    put_in_order(folder->text, count);
    count = compose(folder->text->pieces, count);
    make_maps_rise(folder->text->pieces, count);
    write_pieces(folder, count);
    return here;
}

// Maps for bytes that stand where raw's stand.
static void map_plain(struct folder *folder, uint32_t at, uint32_t length)
{
    struct view_space *out = folder->out;
    for (uint32_t i = 0; i < length; i += WEIR_LANES) {
        for (uint32_t k = i; k < i + WEIR_LANES; k++) {
            out->from[out->length + k] = at + k;
            out->to[out->length + k] = at + k + 1;
        }
    }
}

// How many bytes here are printed ASCII, of the first sixteen.
static uint32_t count_ascii(weir_lanes bytes)
{
    uint32_t others = ~weir_lanes_bits(weir_lanes_between(bytes, ' ', '~'));
    return (uint32_t)__builtin_ctz(others | 1u << WEIR_LANES);
}

// How many bytes here are common Han that is simplified already, of the first five characters.
static uint32_t count_kept_han(const char *at, weir_lanes bytes)
{
    const uint32_t first = 0x1249; // bytes 0, 3, 6, 9, 12
    const uint32_t others = first << 1 | first << 2;
    uint32_t wrong = first & ~weir_lanes_bits(weir_lanes_between(bytes, 0xe4, 0xe9));
    wrong |= others & ~weir_lanes_bits(weir_lanes_between(bytes, 0x80, 0xbf));
    for (uint32_t i = 0; i < 15; i += 3) {
        uint32_t han = han_index((const unsigned char *)at + i);
        wrong |= (table_han_changes[han / 32] >> han % 32 & 1) << i;
    }
    // The character that the first wrong byte is in is not counted.
    uint32_t counted = (uint32_t)__builtin_ctz(wrong | 1u << 15);
    return counted - counted % 3;
}

// Copies printed ASCII, capitals made small, and Han that is simplified already; stops before
// anything else. What is behind the end of raw is 0, which is neither.
static uint32_t fold_plain(struct folder *folder, uint32_t start)
{
    const char *raw = folder->raw;
    const uint32_t end = folder->end;
    char *shown = folder->out->bytes + folder->out->length - start;
    uint32_t capitals = 0;
    uint32_t at = start;
    while (at < end) {
        weir_lanes bytes = weir_lanes_load(raw + at);
        weir_lanes is_capital = weir_lanes_between(bytes, 'A', 'Z');
        uint32_t count = count_ascii(bytes);
        if (count == 0 && is_common_han(raw + at)) {
            count = count_kept_han(raw + at, bytes);
        }
        if (count == 0) {
            break;
        }
        count = count < end - at ? count : end - at;
        weir_lanes_store(shown + at, bytes | (is_capital & weir_lanes_of(0x20)));
        capitals |= weir_lanes_bits(is_capital) & ((1u << count) - 1);
        at += count;
    }
    if (folder->has_maps) {
        map_plain(folder, start, at - start);
    }
    folder->is_changed |= capitals != 0;
    folder->out->length += at - start;
    return at;
}

// Copies a character of at most four bytes.
static void copy_character(struct folder *folder, uint32_t at, uint32_t length)
{
    struct view_space *out = folder->out;
    memcpy(out->bytes + out->length, folder->raw + at, 4);
    if (folder->has_maps) {
        for (uint32_t i = 0; i < 4; i++) {
            out->from[out->length + i] = at + i;
            out->to[out->length + i] = at + i + 1;
        }
    }
    out->length += length;
}

static void fold_character(struct folder *folder, uint32_t at, struct character next,
                           uint32_t value)
{
    if (VALUE_KIND(value) == KIND_SAME) {
        copy_character(folder, at, next.length);
    } else if (VALUE_KIND(value) == KIND_ONE && utf8_length(VALUE_PAYLOAD(value)) == next.length) {
        copy_character(folder, at, next.length);
        encode_utf8(folder->out->bytes + folder->out->length - next.length, VALUE_PAYLOAD(value));
        folder->is_changed = true;
    } else {
        give_maps(folder);
        add_folded(folder, next.code_point, at, at + next.length);
    }
}

// Whether one character of UTF-8 stands here. What is behind the end of raw is 0, which continues
// none.
static bool is_well_formed(const unsigned char *here)
{
    if (here[0] < 0x80) {
        return true;
    }
    if (here[0] < 0xe0) {
        return here[0] >= 0xc2 && (here[1] & 0xc0) == 0x80;
    }
    uint32_t first = (uint32_t)here[0] << 8 | here[1];
    bool follows = (here[1] & 0xc0) == 0x80 && (here[2] & 0xc0) == 0x80;
    if (here[0] < 0xf0) { // neither overlong nor a surrogate
        return follows && first >= 0xe0a0 && (first < 0xeda0 || first >= 0xee80);
    }
    return follows && (here[3] & 0xc0) == 0x80 && first >= 0xf090 && first < 0xf490;
}

// False where raw is no UTF-8.
static bool fold_part(struct folder *folder, uint32_t start, uint32_t end)
{
    struct weir_text *text = folder->text;
    folder->end = end;
    for (uint32_t at = fold_plain(folder, start); at < end; at = fold_plain(folder, at)) {
        do { // characters of that kind seldom come alone
            if (!text->is_checked && !is_well_formed((const unsigned char *)folder->raw + at)) {
                return false;
            }
            struct character next = character_at(folder->raw, at);
            uint32_t value = trie_find(&table_fold, next.code_point);
            if (value & VALUE_JOINS) {
                if (!text->is_checked && !check_rest(text, at)) { // it looks ahead
                    return false;
                }
                at = fold_segment(folder, start, at);
            } else {
                fold_character(folder, at, next, value);
                at += next.length;
            }
        } while (at < end && (folder->raw[at] & 0x80) && !is_common_han(folder->raw + at));
    }
    return true;
}

static bool fold_all(struct folder *folder)
{
    struct weir_text *text = folder->text;
    uint32_t at = 0;
    folder->out->length = 0;
    for (uint32_t i = 0; i < text->emote_count; i++) {
        fold_part(folder, at, text->emotes[i].start);
        give_maps(folder);
        at = text->emotes[i].end;
        space_add(folder->out, EMOTE_BYTES, 3, text->emotes[i].start, at);
    }
    return fold_part(folder, at, (uint32_t)text->raw.length);
}

// Half of all chat is printed ASCII and nothing else: capitals are made small, and that is all. One
// loop finds out and does it; false where there is anything else.
static bool fold_ascii(struct weir_text *text)
{
    const uint32_t length = (uint32_t)text->raw.length;
    const char *raw = text->raw.data;
    char *shown = text->spaces[WEIR_VIEW_FOLD].bytes;
    uint32_t capitals = 0;
    uint32_t at = 0;
    for (;;) {
        weir_lanes bytes = weir_lanes_load(raw + at);
        weir_lanes is_capital = weir_lanes_between(bytes, 'A', 'Z');
        weir_lanes_store(shown + at, bytes | (is_capital & weir_lanes_of(0x20)));
        capitals |= weir_lanes_bits(is_capital);
        uint32_t count = count_ascii(bytes); // what is behind the end is none
        at += count;
        if (count < WEIR_LANES) {
            break;
        }
    }
    if (at < length) {
        return false;
    }
    const struct weir_view *as_typed = &text->views[WEIR_VIEW_RAW];
    text->views[WEIR_VIEW_FOLD] = *as_typed;
    if (capitals) {
        memset(shown + length, 0, WEIR_TEXT_PADDING);
        text->views[WEIR_VIEW_FOLD].bytes = shown;
    }
    return true;
}

// Half of all Chinese chat is common Han and nothing else, which no view but sound changes.
static bool fold_han(struct weir_text *text)
{
    const uint32_t length = (uint32_t)text->raw.length;
    const char *raw = text->raw.data;
    uint32_t at = 0;
    for (uint32_t count = 1; count > 0 && at < length; at += count) {
        // What is behind the end is no Han, but 16 bytes hold only five characters.
        bool is_han = is_common_han(raw + at);
        count = is_han ? count_kept_han(raw + at, weir_lanes_load(raw + at)) : 0;
    }
    if (at == length) {
        text->views[WEIR_VIEW_FOLD] = text->views[WEIR_VIEW_RAW];
    }
    return at == length;
}

static void forget_last(struct weir_text *text)
{
    text->dropped_marks = 0;
    text->is_turned = false;
    text->has_folded_stroke = false;
}

static void fold_any(struct weir_text *text)
{
    struct view_space *out = &text->spaces[WEIR_VIEW_FOLD];
    struct folder folder = {.text = text, .raw = text->raw.data, .out = out};
    if (!fold_all(&folder)) {
        repair_raw(text);
        forget_last(text);
        folder = (struct folder){.text = text, .raw = text->raw.data, .out = out};
        fold_all(&folder);
    }
    const struct weir_view *raw = &text->views[WEIR_VIEW_RAW];
    text->views[WEIR_VIEW_FOLD] = folder.is_changed ? space_view(out, raw->length) : *raw;
    if (!folder.has_maps) {
        text->views[WEIR_VIEW_FOLD].from = raw->from;
        text->views[WEIR_VIEW_FOLD].to = raw->to;
    }
}

void make_fold(struct weir_text *text)
{
    forget_last(text);
    bool is_high = text->raw.data[0] & 0x80;
    text->is_plain = text->emote_count == 0 && !is_high && fold_ascii(text);
    text->is_han = text->emote_count == 0 && is_high && fold_han(text);
    if (!text->is_plain && !text->is_han) {
        fold_any(text);
    }
    text->is_checked = true;
}
