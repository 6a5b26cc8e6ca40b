// A keyword stands where its kind wants it; a word has edges on both sides, and no dictionary that
// reads the sentence in another way.

#include "engine/match/standing.h"

#include "engine/match/edges.h"
#include "engine/text/lattice.h"

// Hits of one message about which the dictionary is asked; it takes some microseconds each, and the
// hits of a flood that come after them stand.
#define VETOES_MOST 128u

// No answer of the dictionary looks at more bytes than these beside a hit: eight characters and the
// one behind them.
#define CONTEXT_BYTES 40u

void standing_begin(struct standing *standing, struct weir_text *text)
{
    standing->text = text;
    standing->asked = 0;
    standing->tight_from = UINT32_MAX;
    standing->tight_at = 0;
}

static struct weir_span span_of_view(const struct weir_view *view)
{
    return (struct weir_span){view->bytes, view->length};
}

// A keyword found in one view.
struct place {
    struct standing *standing;
    const struct program *program;
    const struct weir_view *view;
    uint32_t start;
    uint32_t end;
};

static bool is_in_sound(const struct place *place)
{
    return place->program->view == WEIR_VIEW_SOUND;
}

// In `sound` a hit has the blanks around its syllables, and its edges are those of what was typed:
// bei is no word in beijing, although it is a syllable.
static bool has_edges(const struct place *place)
{
    const struct weir_view *view = place->view;
    if (!is_in_sound(place) || place->end - place->start < 3) {
        return weir_word_stands(span_of_view(view), place->start, place->end);
    }
    const struct weir_view *raw = weir_text_view(place->standing->text, WEIR_VIEW_RAW);
    return weir_word_stands(span_of_view(raw), view->from[place->start + 1],
                            view->to[place->end - 2]);
}

// The first byte of `tight` that stands for byte `from` of the original. Hits of a flood come in
// their order, so the search goes on where the last one ended.
static uint32_t find_start_in_tight(struct standing *standing, const struct weir_view *tight,
                                    uint32_t from)
{
    uint32_t at = from >= standing->tight_from ? standing->tight_at : 0; // none yet: UINT32_MAX
    while (at < tight->length && tight->from[at] != from) {
        at++;
    }
    if (at < tight->length) {
        standing->tight_from = from;
        standing->tight_at = at;
    }
    return at;
}

// Where the bytes of the original that a hit in `sound` stands for are in `tight`; false where it
// cuts through something there.
static bool find_in_tight(const struct place *place, uint32_t *start_out, uint32_t *end_out)
{
    const struct weir_view *tight = weir_text_view(place->standing->text, WEIR_VIEW_TIGHT);
    uint32_t from = place->view->from[place->start + 1];
    uint32_t to = place->view->to[place->end - 2];
    uint32_t first = find_start_in_tight(place->standing, tight, from);
    uint32_t behind = first;
    while (behind < tight->length && tight->to[behind] <= to) {
        behind++;
    }
    *start_out = first;
    *end_out = behind;
    return behind > first && tight->to[behind - 1] == to;
}

// Whether what sounds like the keyword was typed as an everyday word of its own (没有), or as
// pieces of other words. The keyword itself always stands; a word that shares a character with it
// is a disguise more often (威信 for 微信) than one that does not.
static bool is_other_word(const struct place *place)
{
    const struct weir_view *tight = weir_text_view(place->standing->text, WEIR_VIEW_TIGHT);
    uint32_t first;
    uint32_t behind;
    if (place->end - place->start < 3 || !find_in_tight(place, &first, &behind)) {
        return false;
    }
    const char *typed = tight->bytes + first;
    if (hash_of_typed(typed, behind - first) == place->program->typed) {
        return false;
    }
    if (weir_lattice_cost(tight, first, behind) <= WEIR_LATTICE_EVERYDAY ||
        weir_lattice_margin(tight, first, behind) > WEIR_LATTICE_VETO_SOUND) {
        return true;
    }
    bool is_alike = (chars_of_typed(typed, behind - first) & place->program->typed_chars) != 0;
    return !is_alike && (weir_lattice_cost(tight, first, behind) <= WEIR_LATTICE_ORDINARY ||
                         weir_lattice_cost_apart(tight, first, behind) <= WEIR_LATTICE_CHANCE);
}

// Whether the same stands around both hits, as far as the dictionary looks.
static bool is_same_place(const struct standing_answer *answer, const struct place *place)
{
    const struct weir_view *view = place->view;
    uint32_t length = place->end - place->start;
    uint32_t before = CONTEXT_BYTES;
    uint32_t behind = CONTEXT_BYTES;
    if (answer->view != view || answer->end - answer->start != length || answer->start < before ||
        place->start < before || view->length - answer->end < behind ||
        view->length - place->end < behind) {
        return false;
    }
    return memcmp(view->bytes + answer->start - before, view->bytes + place->start - before,
                  before + length + behind) == 0;
}

static uint32_t slot_of(const struct place *place)
{
    const char *bytes = place->view->bytes + place->start;
    uint32_t length = place->end - place->start;
    return hash_of_typed(bytes, length < 8 ? length : 8) % STANDING_ANSWERS;
}

// A flood repeats itself, and so would the dictionary.
static int32_t margin_of(const struct place *place)
{
    if (place->standing->asked == 0) { // what is there is of another text
        memset(place->standing->answers, 0, sizeof(place->standing->answers));
    }
    struct standing_answer *answer = &place->standing->answers[slot_of(place)];
    if (!is_same_place(answer, place)) {
        place->standing->asked++;
        *answer =
            (struct standing_answer){place->view, place->start, place->end,
                                     weir_lattice_margin(place->view, place->start, place->end)};
    }
    return answer->margin;
}

// Whether the sentence is much better cut into words in a way that cuts through the hit.
static bool is_vetoed(const struct place *place)
{
    if (place->standing->asked >= VETOES_MOST) {
        return false;
    }
    if (is_in_sound(place)) {
        place->standing->asked++;
        return is_other_word(place);
    }
    return margin_of(place) > WEIR_LATTICE_VETO;
}

static bool is_word(const struct place *place)
{
    return has_edges(place) && (place->program->trusted_edges || !is_vetoed(place));
}

// In `sound` blanks belong to the syllables, and to keywords as well.
static bool is_around_text(const struct place *place, uint32_t at)
{
    char byte = place->view->bytes[at];
    return (unsigned char)byte <= ' ' && byte != WEIR_READING_SEPARATOR && !is_in_sound(place);
}

// Whether nothing but blanks stands before it in its reading.
static bool is_at_start(const struct place *place)
{
    uint32_t start = place->start;
    while (start > 0 && is_around_text(place, start - 1)) {
        start--;
    }
    return start == 0 || place->view->bytes[start - 1] == WEIR_READING_SEPARATOR;
}

static bool is_at_end(const struct place *place)
{
    uint32_t end = place->end;
    while (end < place->view->length && is_around_text(place, end)) {
        end++;
    }
    return end == place->view->length || place->view->bytes[end] == WEIR_READING_SEPARATOR;
}

bool standing_is_right(struct standing *standing, const struct program *program,
                       const struct weir_view *view, uint32_t start, uint32_t end)
{
    struct place place = {standing, program, view, start, end};
    switch (program->pattern_kind) {
    case WEIR_PATTERN_WORD:
        return is_word(&place);
    case WEIR_PATTERN_STARTS:
        return is_at_start(&place);
    case WEIR_PATTERN_ENDS:
        return is_at_end(&place);
    case WEIR_PATTERN_EXACT:
        return is_at_start(&place) && is_at_end(&place);
    default:
        return true;
    }
}
