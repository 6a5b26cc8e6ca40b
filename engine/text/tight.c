#include "engine/text/views.h"

// Closes what was pulled apart and shortens what was drawn out.
//
// Blanks in a row are one blank. Han: separators between two characters go. Where a clause ends
// between them (，。！) they go only if one of the two stands alone, for two clauses in a row are
// ordinary and 代，练 is not.
//
// Other scripts: three or more single letters with the same separator between them are one word. A
// run of two proves nothing, unless it follows a longer one (h~o~w t~o), and words of more than one
// letter ("pen is") are never joined. Where blanks separate, an I, a, u, o or digit at either end
// may be a word of its own (I f u c k), which other readings of the text show.
//
// A letter three times or more in a row was drawn out, but whether the word has it once or twice
// only the word knows: helllooo is hello, asssss is ass. So a text with such a word is read several
// times over: with each of the drawn-out letters once, with one of them twice, and with all of them
// twice. Each word takes its turn, so that phrases stay whole. Doubles are left alone, or ass would
// be as; so are digits and words of one letter (hhhh), which are how people laugh and wait.

#define LONGEST_GAP  3 // characters between single letters
#define SHORTEST_RUN 3 // of single letters, and of one drawn-out letter
#define MOST_SINGLE  6 // drawn-out letters of a word that are doubled alone

// What stands between the letters of a run.
struct gap {
    uint32_t first; // its first character; 0 until it is known
    uint32_t chars;
};

struct tightener {
    struct weir_text *text;
    const struct weir_view *in;
    struct view_space *out;
    uint32_t reading;  // the one that is written
    uint32_t readings; // how many the words seen so far ask for
    uint32_t joined;   // what separated the last run that was joined
    uint32_t copied;   // of `in`; what is behind it waits to be copied
    bool is_changed;
};

// Copies up to `start` and goes on behind `end`.
static void replace(struct tightener *tightener, uint32_t start, uint32_t end)
{
    space_copy(tightener->out, tightener->in, tightener->copied, start);
    tightener->copied = end;
    tightener->is_changed = true;
}

// ---- Drawn-out letters

// The pieces of a word: `from` and `to` are bytes of the view that is read.
static void add_word_piece(struct tightener *tightener, uint32_t *count, uint32_t at,
                           struct character next)
{
    tightener->text->pieces[(*count)++] = (struct piece){next.code_point, at, at + next.length, 0};
}

static uint32_t run_end(const struct piece *word, uint32_t count, uint32_t start)
{
    uint32_t end = start + 1;
    while (end < count && word[end].code_point == word[start].code_point) {
        end++;
    }
    return end;
}

static bool is_drawn_out(const struct piece *word, uint32_t start, uint32_t end)
{
    return end - start >= SHORTEST_RUN && class_of(word[start].code_point) != CLASS_DIGIT;
}

// How many letters of the word are drawn out; 0 where it is nothing but one letter.
static uint32_t count_drawn_out(const struct piece *word, uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t start = 0; start < count;) {
        uint32_t end = run_end(word, count, start);
        found += is_drawn_out(word, start, end) && end - start < count;
        start = end;
    }
    return found;
}

static void add_piece(struct tightener *tightener, const struct piece *first,
                      const struct piece *last)
{
    const struct weir_view *in = tightener->in;
    struct byte_range origin = origin_of(in, first->from, last->to);
    space_add(tightener->out, in->bytes + first->from, first->to - first->from, origin.start,
              origin.end);
}

// How many readings a word with so many drawn-out letters has.
static uint32_t count_readings(uint32_t drawn_out)
{
    uint32_t alone = drawn_out < MOST_SINGLE ? drawn_out : MOST_SINGLE;
    return drawn_out < 2 ? drawn_out + 1 : alone + 2;
}

// Which drawn-out letters stand twice in a reading of a word: bit i for the one with number i.
static uint64_t doubled_in(uint32_t reading, uint32_t readings)
{
    if (reading == 0) {
        return 0;
    }
    return reading + 1 == readings ? UINT64_MAX : UINT64_C(1) << (reading - 1);
}

static void add_reading(struct tightener *tightener, uint32_t count, uint64_t doubled)
{
    const struct piece *word = tightener->text->pieces;
    uint32_t number = 0;
    for (uint32_t start = 0; start < count;) {
        uint32_t end = run_end(word, count, start);
        if (!is_drawn_out(word, start, end)) {
            for (uint32_t i = start; i < end; i++) {
                add_piece(tightener, &word[i], &word[i]);
            }
        } else if (doubled >> (number++ < 63 ? number - 1 : 63) & 1) {
            add_piece(tightener, &word[start], &word[start]);
            add_piece(tightener, &word[start + 1], &word[end - 1]);
        } else {
            add_piece(tightener, &word[start], &word[end - 1]);
        }
        start = end;
    }
}

// Which of its readings a word shows; a keyword has but one.
static uint32_t choose_reading(struct tightener *tightener, uint32_t readings, uint32_t of_keyword)
{
    if (tightener->text->is_keyword) {
        return of_keyword;
    }
    if (readings > tightener->readings) {
        tightener->readings = readings;
    }
    return tightener->reading % readings;
}

// A keyword has what it draws out twice: grrr must not become gr.
static void add_word(struct tightener *tightener, uint32_t count)
{
    uint32_t readings = count_readings(count_drawn_out(tightener->text->pieces, count));
    uint32_t reading = choose_reading(tightener, readings, readings - 1);
    add_reading(tightener, count, doubled_in(reading, readings));
}

// ---- Words and single letters

// The end of the word at `start`; notes whether a letter stands there three times in a row.
static uint32_t word_end(const struct weir_view *in, uint32_t start, bool *is_long_out)
{
    uint32_t last = 0;
    uint32_t run = 0;
    uint32_t at = start;
    while (at < in->length && is_ascii_word(in->bytes[at])) {
        unsigned char byte = (unsigned char)in->bytes[at];
        run = byte == last ? run + 1 : 1;
        last = byte;
        *is_long_out |= run >= SHORTEST_RUN;
        at++;
    }
    if (at >= in->length || (signed char)in->bytes[at] >= 0 || is_common_han(in->bytes + at)) {
        return at;
    }
    while (at < in->length) {
        struct character next = character_at(in->bytes, at);
        if (!is_spaced(class_of(next.code_point))) {
            break;
        }
        run = next.code_point == last ? run + 1 : 1;
        last = next.code_point;
        *is_long_out |= run >= SHORTEST_RUN;
        at += next.length;
    }
    return at;
}

static uint32_t squeeze_word(struct tightener *tightener, uint32_t start, uint32_t end)
{
    uint32_t count = 0;
    uint32_t at = start;
    while (at < end && count < tightener->text->piece_capacity) {
        struct character next = character_at(tightener->in->bytes, at);
        add_word_piece(tightener, &count, at, next);
        at += next.length;
    }
    if (count_drawn_out(tightener->text->pieces, count) > 0) {
        replace(tightener, start, at);
        add_word(tightener, count);
    }
    return at;
}

// The single letter or digit that stands behind a gap at `at`, or the end of the text if there is
// none. A gap of another length than the first stands between two words.
static uint32_t next_single(const struct weir_view *in, uint32_t at, struct gap *gap)
{
    uint32_t first = at < in->length ? character_at(in->bytes, at).code_point : 0;
    if (gap->first != 0 && first != gap->first) {
        return in->length;
    }
    gap->first = first;
    for (uint32_t i = 0; i <= LONGEST_GAP && at < in->length; i++) {
        uint32_t length = 0;
        enum char_class class = class_at(in, at, &length);
        if (is_spaced(class)) {
            uint32_t behind = at + length;
            bool is_single = behind >= in->length || !is_spaced(class_at(in, behind, &length));
            bool is_same = gap->chars == 0 || gap->chars == i;
            gap->chars = i;
            return is_single && is_same ? at : in->length;
        }
        if (class == CLASS_HAN || class == CLASS_UNSPACED) {
            break;
        }
        at += length;
    }
    return in->length;
}

static bool is_one_word(const struct piece *run, uint32_t count)
{
    uint32_t letters = 0;
    for (uint32_t i = 0; i < count; i++) {
        letters += class_of(run[i].code_point) != CLASS_DIGIT;
    }
    return count >= SHORTEST_RUN && letters >= 2 && run_end(run, count, 0) < count;
}

static void add_as_typed(struct tightener *tightener, uint32_t start, uint32_t end)
{
    space_copy(tightener->out, tightener->in, start, end);
}

static bool may_be_word(const struct piece *letter)
{
    uint32_t c = letter->code_point;
    return c == 'a' || c == 'i' || c == 'o' || c == 'u' || c - '0' < 10;
}

// Between single letters these may be letters themselves: j!zz, s|ut.
static bool may_be_letter(uint32_t sign)
{
    return sign == '!' || sign == '|' || sign == '@' || sign == '$' || sign == '+';
}

static void add_run(struct tightener *tightener, uint32_t count, const struct gap *gap)
{
    const struct piece *run = tightener->text->pieces;
    if (may_be_letter(gap->first) && gap->chars == 1 && choose_reading(tightener, 2, 0) == 1) {
        add_as_typed(tightener, run[0].from, run[count - 1].to);
        return;
    }
    if (gap->first != ' ' || count <= SHORTEST_RUN || count_drawn_out(run, count) > 0) {
        add_word(tightener, count);
        return;
    }
    bool may_begin = may_be_word(&run[0]);
    bool may_end = may_be_word(&run[count - 1]);
    uint32_t reading = choose_reading(tightener, 1u + may_begin + may_end, 0);
    uint32_t first = may_begin && reading == 1;
    uint32_t last = count - (may_end && reading == 1u + may_begin);
    add_as_typed(tightener, run[0].from, first ? run[1].from : run[0].from);
    for (uint32_t i = first; i < last; i++) {
        add_piece(tightener, &run[i], &run[i]);
    }
    add_as_typed(tightener, run[last - 1].to, run[count - 1].to);
}

// Joins the run of single letters that starts at `start`; returns where to go on.
static uint32_t join_singles(struct tightener *tightener, uint32_t start)
{
    const struct weir_view *in = tightener->in;
    const struct piece *run = tightener->text->pieces;
    uint32_t count = 0;
    struct gap gap = {0};
    for (uint32_t at = start; at < in->length && count < tightener->text->piece_capacity;) {
        struct character next = character_at(in->bytes, at);
        add_word_piece(tightener, &count, at, next);
        at = next_single(in, at + next.length, &gap);
    }
    uint32_t end = run[count - 1].to;
    bool goes_on = count == 2 && gap.first != ' ' && gap.first == tightener->joined;
    if (goes_on || is_one_word(run, count)) {
        replace(tightener, start, end);
        add_run(tightener, count, &gap);
        tightener->joined = gap.first;
        return end;
    }
    // The second of two may be the first of a run with another separator: a f.u.c.k
    return count == 2 ? run[0].to : end;
}

// The t of don't belongs to the word before it.
static bool is_behind_apostrophe(const struct weir_view *in, uint32_t at)
{
    static const char curly[] = "\u2019";
    uint32_t length = at > 0 && in->bytes[at - 1] == '\'' ? 1 : sizeof(curly) - 1;
    return at > length && is_ascii_word(in->bytes[at - length - 1]) &&
           (length == 1 || memcmp(in->bytes + at - length, curly, length) == 0);
}

static uint32_t tighten_word(struct tightener *tightener, uint32_t start)
{
    bool is_long = false;
    uint32_t end = word_end(tightener->in, start, &is_long);
    if (is_long) {
        return squeeze_word(tightener, start, end);
    }
    if (end - start == character_at(tightener->in->bytes, start).length &&
        !is_behind_apostrophe(tightener->in, start)) {
        return join_singles(tightener, start);
    }
    return end;
}

// ---- Han

static bool is_gap(enum char_class class)
{
    return !is_spaced(class) && class != CLASS_HAN && class != CLASS_UNSPACED;
}

static bool is_han_at(const struct weir_view *in, uint32_t at)
{
    uint32_t length;
    return at < in->length && class_at(in, at, &length) == CLASS_HAN;
}

// Closes the gap behind the Han characters at `start`, if it is one; returns where to go on.
static uint32_t tighten_han(struct tightener *tightener, uint32_t start)
{
    const struct weir_view *in = tightener->in;
    uint32_t length = 0;
    uint32_t count = 0;
    uint32_t gap = start;
    while (is_han_at(in, gap)) {
        gap += character_at(in->bytes, gap).length;
        count++;
    }
    bool has_clause_end = false;
    uint32_t end = gap;
    while (end < in->length) {
        enum char_class class = class_at(in, end, &length);
        if (!is_gap(class)) {
            break;
        }
        has_clause_end |= class == CLASS_CLAUSE;
        end += length;
    }
    if (end > gap && is_han_at(in, end)) {
        bool is_next_alone = !is_han_at(in, end + character_at(in->bytes, end).length);
        if (!has_clause_end || count == 1 || is_next_alone) {
            replace(tightener, gap, end);
        }
    }
    return end;
}

// Leaves out the blanks at `start`, which stand behind another.
static uint32_t tighten_blanks(struct tightener *tightener, uint32_t start)
{
    const struct weir_view *in = tightener->in;
    uint32_t end = start;
    while (end < in->length && in->bytes[end] == ' ') {
        end++;
    }
    if (end > start) {
        replace(tightener, start, end);
    }
    return end;
}

// ---- The view

// Goes back over what is of a kind, from `at` to `least` at most.
static uint32_t go_back(const struct weir_view *in, uint32_t least, uint32_t at,
                        bool (*is_kind)(enum char_class class))
{
    uint32_t length;
    while (at > least) {
        uint32_t before = character_before(in->bytes, at);
        if (!is_kind(class_at(in, before, &length))) {
            break;
        }
        at = before;
    }
    return at;
}

static bool is_han(enum char_class class)
{
    return class == CLASS_HAN;
}

// Where what is to be looked at begins, if it is noticed at `place`: with the word, with the Han
// before a gap, with the first blank.
static uint32_t beginning_of(const struct weir_view *in, uint32_t least, uint32_t place)
{
    uint32_t length;
    enum char_class class = class_at(in, place, &length);
    if (is_spaced(class)) {
        return go_back(in, least, place, is_spaced);
    }
    if (place == least || is_ascii_word(in->bytes[place - 1])) {
        return place;
    }
    uint32_t gap = go_back(in, least, place, is_gap);
    uint32_t han = go_back(in, least, gap, is_han);
    if (han < gap) {
        return han;
    }
    return place;
}

static uint32_t tighten_part(struct tightener *tightener, uint32_t at)
{
    uint32_t length;
    enum char_class class = class_at(tightener->in, at, &length);
    if (is_spaced(class)) {
        return tighten_word(tightener, at);
    }
    if (class == CLASS_HAN) {
        return tighten_han(tightener, at);
    }
    return class == CLASS_BLANK ? tighten_blanks(tightener, at + length) : at + length;
}

static void tighten(struct tightener *tightener)
{
    const struct weir_view *in = tightener->in;
    tightener->copied = 0;
    tightener->joined = 0;
    for (uint32_t at = 0; at < in->length;) {
        // Two single letters are looked at only once more of them were joined.
        if (tightener->joined == 0) {
            uint32_t place = next_place(tightener->text->tight_places, at, in->length);
            at = place < in->length ? beginning_of(in, at, place) : place;
        }
        if (at < in->length) {
            at = tighten_part(tightener, at);
        }
    }
    if (tightener->is_changed) {
        replace(tightener, in->length, in->length);
    }
}

// Whether a capital I stands behind a small letter.
static bool has_capital_stroke(const struct weir_view *raw)
{
    weir_lanes found = weir_lanes_of(0);
    for (uint32_t at = 0; at < raw->length; at += WEIR_LANES) { // what is behind the end is 0
        weir_lanes next = weir_lanes_load(raw->bytes + at + 1);
        found |= weir_lanes_are(next, 'I') &
                 weir_lanes_between(weir_lanes_load(raw->bytes + at), 'a', 'z');
    }
    return weir_lanes_bits(found) != 0;
}

// Whether what fold made a plain i or s may have been typed as something else.
static bool has_hidden_letter(const struct weir_text *text)
{
    const struct weir_view *raw = &text->views[WEIR_VIEW_RAW];
    bool is_folded = text->views[WEIR_VIEW_FOLD].bytes != raw->bytes;
    return is_folded && (text->has_folded_stroke || has_capital_stroke(raw));
}

// Skeleton may make three bytes of each, and its first reading has to find room for them.
static bool has_room_for_reading(const struct tightener *tightener)
{
    return tightener->out->length + tightener->in->length < tightener->out->capacity / 4;
}

void make_tight(struct weir_text *text)
{
    struct weir_view in = text->views[WEIR_VIEW_FOLD];
    if (text->is_turned) {
        in = turn_back(text, &in);
    }
    text->has_hidden = has_hidden_letter(text);
    if (!glance_at(text, &in)) {
        text->views[WEIR_VIEW_TIGHT] = in;
        return;
    }
    struct tightener tightener = {
        .text = text, .in = &in, .out = &text->spaces[WEIR_VIEW_TIGHT], .readings = 1};
    tightener.out->length = 0;
    tighten(&tightener);
    while (++tightener.reading < tightener.readings && has_room_for_reading(&tightener)) {
        space_separate(tightener.out, (uint32_t)text->raw.length);
        tighten(&tightener);
    }
    text->views[WEIR_VIEW_TIGHT] =
        tightener.is_changed ? space_view(tightener.out, (uint32_t)text->raw.length) : in;
}
