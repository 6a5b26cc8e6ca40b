// Runs a matcher over one text. Literals first; they name the regexes that may match; those and the
// few that have no literal are run by PCRE2. All memory is the scratch's and only ever grows.

#include "engine/base/alloc.h"
#include "engine/base/sort.h"
#include "engine/match/edges.h"
#include "engine/match/program.h"
#include "engine/match/required.h"
#include "engine/text/lattice.h"

#include <stdlib.h>

// A flood of one pattern must not hide another pattern's hit: what is full for one is open for the
// first hit of every other.
#define HITS_PER_PROGRAM       2048u
#define REGEX_HITS_PER_PROGRAM 256u
#define HITS_MOST              16384u

// Regexes of one message that may each burn a whole match limit; the rest are not run, and said so.
#define LIMITS_MOST 4u

// Hits of one message about which the dictionary is asked; it takes some microseconds each, and the
// hits of a flood that come after them stand.
#define VETOES_MOST 128u

// A message with more hits than this runs all its regexes.
#define GATE_HITS_MOST 64u

struct tally {
    uint32_t generation; // the scan that `count` and `is_candidate` belong to
    uint32_t count;
    bool is_candidate;
};

// An occurrence that may still overlap with another of its program.
struct found {
    uint32_t program;
    uint32_t start;
    uint32_t end;
    uint32_t priority;
};

struct weir_match_scratch {
    uint32_t generation;
    struct tally *tallies;
    size_t tally_capacity;
    struct found *found;
    size_t found_count;
    size_t found_capacity;
    uint32_t *candidates;
    size_t candidate_count;
    size_t candidate_capacity;
    struct weir_hit *hits;
    size_t hit_capacity;
    struct weir_match_limit *limits;
    size_t limit_capacity;
    struct weir_hits result;
    struct weir_regex_scratch *regex;
    uint32_t dictionary_asked;
    uint64_t steps_left;             // of PCRE2, for this message
    struct weir_pattern_cost *costs; // by pattern; NULL: nobody counts
};

struct weir_match_scratch *weir_match_scratch_create(void)
{
    struct weir_match_scratch *scratch = weir_new(struct weir_match_scratch);
    scratch->regex = weir_regex_scratch_create();
    return scratch;
}

void weir_match_scratch_count(struct weir_match_scratch *scratch, struct weir_pattern_cost *costs)
{
    scratch->costs = costs;
}

void weir_match_scratch_destroy(struct weir_match_scratch **scratch)
{
    if (*scratch) {
        free((*scratch)->tallies);
        free((*scratch)->found);
        free((*scratch)->candidates);
        free((*scratch)->hits);
        free((*scratch)->limits);
        weir_regex_scratch_destroy(&(*scratch)->regex);
        free(*scratch);
        *scratch = NULL;
    }
}

// One view of one text being scanned.
struct pass {
    const struct weir_matcher *matcher;
    const struct view_plan *plan;
    struct weir_match_scratch *scratch;
    struct weir_text *text;
    enum weir_view_kind kind;
    const struct weir_view *view;
    size_t candidates_end; // of the scratch's candidates, those of this view
    bool has_features;     // the rest is filled once a regex asks
    uint32_t chars;
    uint32_t digits;       // or more than there are: what might be one counts
    uint64_t bytes;        // bits 1 << weir_byte_bits[byte]
    uint64_t coarse_bytes; // bits 1 << (byte >> 2)
};

static struct weir_span span_of_view(const struct weir_view *view)
{
    return (struct weir_span){view->bytes, view->length};
}

static struct tally *tally_of(struct weir_match_scratch *scratch, uint32_t program)
{
    struct tally *tally = &scratch->tallies[program];
    if (tally->generation != scratch->generation) {
        *tally = (struct tally){.generation = scratch->generation};
    }
    return tally;
}

static void begin(const struct weir_matcher *matcher, struct weir_match_scratch *scratch)
{
    if (scratch->tally_capacity < matcher->program_count) {
        free(scratch->tallies);
        scratch->tallies = weir_new_array(struct tally, matcher->program_count);
        scratch->tally_capacity = matcher->program_count;
    }
    if (++scratch->generation == 0) {
        memset(scratch->tallies, 0, scratch->tally_capacity * sizeof(*scratch->tallies));
        scratch->generation = 1;
    }
    scratch->found_count = 0;
    scratch->candidate_count = 0;
    scratch->dictionary_asked = 0;
    scratch->steps_left = WEIR_REGEX_STEPS_A_MESSAGE;
    scratch->result = (struct weir_hits){0};
}

// Keeps an occurrence; false where this program's share is used up.
static bool keep(struct weir_match_scratch *scratch, uint32_t program, uint32_t most,
                 struct found found)
{
    struct tally *tally = tally_of(scratch, program);
    if (tally->count >= most || (tally->count > 0 && scratch->found_count >= HITS_MOST)) {
        scratch->result.more = true;
        return false;
    }
    tally->count++;
    scratch->found = weir_grow(scratch->found, &scratch->found_capacity, scratch->found_count + 1,
                               sizeof(*scratch->found));
    scratch->found[scratch->found_count++] = found;
    return true;
}

// In `sound` a hit has the blanks around its syllables, and its edges are those of what was typed:
// bei is no word in beijing, although it is a syllable.
static bool has_edges(const struct pass *pass, uint32_t start, uint32_t end)
{
    const struct weir_view *view = pass->view;
    if (pass->kind != WEIR_VIEW_SOUND || end - start < 3) {
        return weir_word_stands(span_of_view(view), start, end);
    }
    const struct weir_view *raw = weir_text_view(pass->text, WEIR_VIEW_RAW);
    return weir_word_stands(span_of_view(raw), view->from[start + 1], view->to[end - 2]);
}

// Where the bytes of the original that a hit in `sound` stands for are in `tight`; false where it
// cuts through something there.
static bool find_in_tight(const struct pass *pass, uint32_t start, uint32_t end,
                          uint32_t *start_out, uint32_t *end_out)
{
    const struct weir_view *tight = weir_text_view(pass->text, WEIR_VIEW_TIGHT);
    uint32_t from = pass->view->from[start];
    uint32_t to = pass->view->to[end - 1];
    uint32_t first = 0;
    while (first < tight->length && tight->from[first] != from) {
        first++;
    }
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
static bool is_other_word(const struct pass *pass, const struct program *program, uint32_t start,
                          uint32_t end)
{
    const struct weir_view *tight = weir_text_view(pass->text, WEIR_VIEW_TIGHT);
    uint32_t first;
    uint32_t behind;
    if (end - start < 3 || !find_in_tight(pass, start + 1, end - 1, &first, &behind)) {
        return false;
    }
    const char *typed = tight->bytes + first;
    if (hash_of_typed(typed, behind - first) == program->typed) {
        return false;
    }
    if (weir_lattice_cost(tight, first, behind) <= WEIR_LATTICE_EVERYDAY ||
        weir_lattice_margin(tight, first, behind) > WEIR_LATTICE_VETO_SOUND) {
        return true;
    }
    bool is_alike = (chars_of_typed(typed, behind - first) & program->typed_chars) != 0;
    return !is_alike && (weir_lattice_cost(tight, first, behind) <= WEIR_LATTICE_ORDINARY ||
                         weir_lattice_cost_apart(tight, first, behind) <= WEIR_LATTICE_CHANCE);
}

// Whether the sentence is much better cut into words in a way that cuts through the hit.
static bool is_vetoed(const struct pass *pass, const struct program *program, uint32_t start,
                      uint32_t end)
{
    if (pass->scratch->dictionary_asked >= VETOES_MOST) {
        return false;
    }
    pass->scratch->dictionary_asked++;
    return pass->kind == WEIR_VIEW_SOUND
               ? is_other_word(pass, program, start, end)
               : weir_lattice_margin(pass->view, start, end) > WEIR_LATTICE_VETO;
}

static bool word_stands(const struct pass *pass, const struct program *program, uint32_t start,
                        uint32_t end)
{
    return has_edges(pass, start, end) &&
           (program->trusted_edges || !is_vetoed(pass, program, start, end));
}

// In `sound` blanks belong to the syllables, and to keywords as well.
static bool is_around_text(const struct pass *pass, uint32_t at)
{
    char byte = pass->view->bytes[at];
    return (unsigned char)byte <= ' ' && byte != WEIR_READING_SEPARATOR &&
           pass->kind != WEIR_VIEW_SOUND;
}

// Whether nothing but blanks stands before it in its reading.
static bool is_at_start(const struct pass *pass, uint32_t start)
{
    while (start > 0 && is_around_text(pass, start - 1)) {
        start--;
    }
    return start == 0 || pass->view->bytes[start - 1] == WEIR_READING_SEPARATOR;
}

static bool is_at_end(const struct pass *pass, uint32_t end)
{
    while (end < pass->view->length && is_around_text(pass, end)) {
        end++;
    }
    return end == pass->view->length || pass->view->bytes[end] == WEIR_READING_SEPARATOR;
}

static bool stands_where_it_must(const struct pass *pass, const struct program *program,
                                 uint32_t start, uint32_t end)
{
    switch (program->pattern_kind) {
    case WEIR_PATTERN_WORD:
        return word_stands(pass, program, start, end);
    case WEIR_PATTERN_STARTS:
        return is_at_start(pass, start);
    case WEIR_PATTERN_ENDS:
        return is_at_end(pass, end);
    case WEIR_PATTERN_EXACT:
        return is_at_start(pass, start) && is_at_end(pass, end);
    default:
        return true;
    }
}

static void add_candidate(struct weir_match_scratch *scratch, uint32_t program)
{
    struct tally *tally = tally_of(scratch, program);
    if (!tally->is_candidate) {
        tally->is_candidate = true;
        scratch->candidates = weir_grow(scratch->candidates, &scratch->candidate_capacity,
                                        scratch->candidate_count + 1, sizeof(uint32_t));
        scratch->candidates[scratch->candidate_count++] = program;
    }
}

static void on_literal(void *user, uint32_t id, uint32_t start, uint32_t end)
{
    const struct pass *pass = user;
    const struct target *target = &pass->plan->targets[pass->plan->target_starts[id]];
    const struct target *targets_end = &pass->plan->targets[pass->plan->target_starts[id + 1]];
    for (; target < targets_end; target++) {
        const struct program *program = &pass->matcher->programs[target->program];
        if (program->kind == PROGRAM_REGEX) {
            add_candidate(pass->scratch, target->program);
        } else if (stands_where_it_must(pass, program, start, end)) {
            keep(pass->scratch, target->program, HITS_PER_PROGRAM,
                 (struct found){target->program, start, end, target->priority});
        }
    }
}

static void add_limit(struct weir_match_scratch *scratch, const struct program *program,
                      const char *cause)
{
    struct weir_hits *result = &scratch->result;
    scratch->limits = weir_grow(scratch->limits, &scratch->limit_capacity, result->limit_count + 1,
                                sizeof(*scratch->limits));
    scratch->limits[result->limit_count++] =
        (struct weir_match_limit){program->owner, program->pattern, program->view, cause};
}

// Where the reading at `start` ends (weir_text): only drawn-out or ambiguous words have others.
static uint32_t reading_end(const struct weir_view *view, uint32_t start)
{
    const char *end = memchr(view->bytes + start, WEIR_READING_SEPARATOR, view->length - start);
    return end ? (uint32_t)(end - view->bytes) : view->length;
}

static uint32_t reading_start(const struct weir_view *view, uint32_t at)
{
    while (at > 0 && view->bytes[at - 1] != WEIR_READING_SEPARATOR) {
        at--;
    }
    return at;
}

// Where to look on: behind the match, and always ahead (\K may put an end before the start).
static uint32_t next_start(const struct weir_view *view, uint32_t from,
                           const struct weir_regex_match *match)
{
    uint32_t next = match->end > from ? match->end : from + 1;
    while (next < view->length && ((unsigned char)view->bytes[next] & 0xC0) == 0x80) {
        next++;
    }
    return next;
}

// Lead bytes under which decimal digits other than ASCII's are encoded, among other things.
static bool may_lead_digit(unsigned char byte)
{
    return byte == 0xD9 || byte == 0xDB || byte == 0xDF || byte == 0xE0 || byte == 0xE1 ||
           byte == 0xEA || byte == 0xEF || byte == 0xF0;
}

static void measure(struct pass *pass)
{
    const unsigned char *bytes = (const unsigned char *)pass->view->bytes;
    uint64_t fine = 0;
    uint64_t coarse = 0;
    uint32_t digits = 0;
    uint32_t chars = 0;
    for (uint32_t i = 0; i < pass->view->length; i++) {
        unsigned char byte = bytes[i];
        fine |= 1ull << weir_byte_bits[byte];
        coarse |= 1ull << (byte >> 2);
        chars += (byte & 0xC0) != 0x80;
        digits += (unsigned char)(byte - '0') < 10 || may_lead_digit(byte);
    }
    pass->bytes = fine;
    pass->coarse_bytes = coarse;
    pass->digits = digits;
    pass->chars = chars;
    pass->has_features = true;
}

// Whether the text has all that the regex can't match without.
static bool may_match(struct pass *pass, const struct program *program)
{
    if (!pass->has_features) {
        measure(pass);
    }
    return program->least_chars <= pass->chars && program->least_digits <= pass->digits &&
           (program->needed_bytes & ~pass->bytes) == 0 &&
           (program->first_bytes & pass->coarse_bytes) != 0;
}

// Whether one of the owners is hit that the regex needs beside it. All keywords have been looked
// for by now. Beyond a few hits asking would cost more than it can spare.
static bool is_wanted(const struct pass *pass, const struct program *program)
{
    const struct weir_match_scratch *scratch = pass->scratch;
    if (program->gate.first == program->gate.end || scratch->found_count > GATE_HITS_MOST) {
        return true;
    }
    for (size_t i = 0; i < scratch->found_count; i++) {
        uint32_t owner = pass->matcher->programs[scratch->found[i].program].owner;
        if (owner >= program->gate.first && owner < program->gate.end) {
            return true;
        }
    }
    return false;
}

// Finds a regex in one reading of a view; false where it need not be looked for in the next.
static bool run_in_reading(struct pass *pass, uint32_t number, uint32_t start, uint32_t end)
{
    const struct program *program = &pass->matcher->programs[number];
    struct weir_match_scratch *scratch = pass->scratch;
    struct weir_view reading = {.bytes = pass->view->bytes + start, .length = end - start};
    struct weir_regex_match match = {0};
    for (uint32_t from = 0; from < reading.length; from = next_start(&reading, from, &match)) {
        enum weir_regex_outcome outcome =
            weir_regex_find_within(program->regex, scratch->regex, span_of_view(&reading), from,
                                   &scratch->steps_left, &match);
        if (outcome == WEIR_REGEX_LIMIT) {
            add_limit(scratch, program, match.cause);
        }
        if (outcome != WEIR_REGEX_HIT) {
            return outcome != WEIR_REGEX_LIMIT;
        }
        struct found found = {number, start + match.start, start + match.end, 0};
        if (match.end > match.start && !keep(scratch, number, REGEX_HITS_PER_PROGRAM, found)) {
            return false;
        }
    }
    return true;
}

static bool run_counted(struct pass *pass, uint32_t number, uint32_t start, uint32_t end)
{
    struct weir_match_scratch *scratch = pass->scratch;
    uint64_t steps = scratch->steps_left;
    size_t limits = scratch->result.limit_count;
    bool goes_on = run_in_reading(pass, number, start, end);
    if (scratch->costs) {
        struct weir_pattern_cost *cost = &scratch->costs[pass->matcher->programs[number].pattern];
        cost->runs++;
        cost->limits += (uint32_t)(scratch->result.limit_count - limits);
        cost->steps += steps - scratch->steps_left;
    }
    return goes_on;
}

static void run_regex(struct pass *pass, uint32_t number)
{
    const struct program *program = &pass->matcher->programs[number];
    struct weir_match_scratch *scratch = pass->scratch;
    if (!is_wanted(pass, program) || !may_match(pass, program)) {
        return;
    }
    if (scratch->result.limit_count >= LIMITS_MOST) {
        add_limit(scratch, program, "too many limits met in this message");
        return;
    }
    uint32_t start = 0;
    uint32_t end;
    do {
        end = reading_end(pass->view, start);
        if (!run_counted(pass, number, start, end)) {
            return;
        }
        start = end + 1;
    } while (end < pass->view->length);
}

static void find_literals(struct pass *pass)
{
    if (pass->plan->index) {
        weir_literal_index_scan(pass->plan->index, pass->view->bytes, pass->view->length,
                                on_literal, pass);
    }
    pass->candidates_end = pass->scratch->candidate_count;
}

static void run_regexes(struct pass *pass, size_t first)
{
    for (size_t i = first; i < pass->candidates_end; i++) {
        run_regex(pass, pass->scratch->candidates[i]);
    }
    for (size_t i = 0; i < pass->plan->always_count; i++) {
        run_regex(pass, pass->plan->always[i]);
    }
}

// Literals in all views before any regex: which keywords are there says which regexes matter.
static void scan_views(const struct weir_matcher *matcher, struct weir_match_scratch *scratch,
                       struct weir_text *text)
{
    struct pass passes[WEIR_VIEW_COUNT];
    size_t count = 0;
    for (enum weir_view_kind kind = 0; kind < WEIR_VIEW_COUNT; kind++) {
        if (matcher->views >> kind & 1) {
            passes[count] = (struct pass){.matcher = matcher,
                                          .plan = &matcher->plans[kind],
                                          .scratch = scratch,
                                          .text = text,
                                          .kind = kind,
                                          .view = weir_text_view(text, kind)};
            find_literals(&passes[count++]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        run_regexes(&passes[i], i > 0 ? passes[i - 1].candidates_end : 0);
    }
}

static bool found_before(const struct found *a, const struct found *b)
{
    if (a->program != b->program) {
        return a->program < b->program;
    }
    return a->start != b->start ? a->start < b->start : a->priority < b->priority;
}

static bool hit_before(const struct weir_hit *a, const struct weir_hit *b)
{
    if (a->owner != b->owner) {
        return a->owner < b->owner;
    }
    if (a->view != b->view) {
        return a->view < b->view;
    }
    if (a->range.start != b->range.start) {
        return a->range.start < b->range.start;
    }
    if (a->range.end != b->range.end) {
        return a->range.end < b->range.end;
    }
    return a->pattern != b->pattern ? a->pattern < b->pattern : a->start < b->start;
}

WEIR_DEFINE_SORT(sort_found, struct found, found_before)
WEIR_DEFINE_SORT(sort_hits, struct weir_hit, hit_before)

// Of a program's occurrences that overlap, the leftmost counts, and of those that start together
// the one that PCRE2 would take.
static void keep_apart(const struct weir_matcher *matcher, struct weir_match_scratch *scratch)
{
    size_t kept = 0;
    for (size_t i = 0; i < scratch->found_count; i++) {
        struct found found = scratch->found[i];
        // Neighbours in `sound` share the blank between them.
        uint32_t shared = matcher->programs[found.program].view == WEIR_VIEW_SOUND;
        if (kept > 0 && scratch->found[kept - 1].program == found.program &&
            scratch->found[kept - 1].end > found.start + shared) {
            continue;
        }
        scratch->found[kept++] = found;
    }
    scratch->found_count = kept;
}

// What several readings of one text show is one hit.
static size_t drop_repeated(struct weir_hit *hits, size_t count, struct weir_text *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct weir_hit *before = kept > 0 ? &hits[kept - 1] : NULL;
        const struct weir_hit *hit = &hits[i];
        if (before && before->pattern == hit->pattern && before->view == hit->view &&
            before->range.start == hit->range.start && before->range.end == hit->range.end &&
            reading_end(weir_text_view(text, hit->view), before->start) < hit->start) {
            continue;
        }
        hits[kept++] = *hit;
    }
    return kept;
}

static void report(const struct weir_matcher *matcher, struct weir_match_scratch *scratch,
                   struct weir_text *text)
{
    scratch->hits = weir_grow(scratch->hits, &scratch->hit_capacity, scratch->found_count + 1,
                              sizeof(*scratch->hits));
    for (size_t i = 0; i < scratch->found_count; i++) {
        const struct found *found = &scratch->found[i];
        const struct program *program = &matcher->programs[found->program];
        scratch->hits[i] = (struct weir_hit){
            .owner = program->owner,
            .pattern = program->pattern,
            .view = program->view,
            .start = found->start,
            .end = found->end,
            .range = weir_text_range_of(text, program->view, found->start, found->end)};
    }
    sort_hits(scratch->hits, scratch->found_count);
    scratch->result.hits = scratch->hits;
    scratch->result.count = drop_repeated(scratch->hits, scratch->found_count, text);
    scratch->result.limits = scratch->limits;
}

const struct weir_hits *weir_matcher_scan(const struct weir_matcher *matcher,
                                          struct weir_match_scratch *scratch,
                                          struct weir_text *text)
{
    begin(matcher, scratch);
    scan_views(matcher, scratch, text);
    sort_found(scratch->found, scratch->found_count);
    keep_apart(matcher, scratch);
    report(matcher, scratch, text);
    return &scratch->result;
}

struct weir_span weir_matcher_capture(const struct weir_matcher *matcher,
                                      struct weir_match_scratch *scratch, struct weir_text *text,
                                      const struct weir_hit *hit, const char *name)
{
    const struct weir_view *view = weir_text_view(text, hit->view);
    uint32_t start = reading_start(view, hit->start);
    struct weir_span reading = {view->bytes + start, reading_end(view, start) - start};
    for (size_t i = 0; i < matcher->program_count; i++) {
        const struct program *program = &matcher->programs[i];
        if (program->pattern == hit->pattern && program->view == hit->view && program->regex) {
            return weir_regex_capture(program->regex, scratch->regex, reading, hit->start - start,
                                      name);
        }
    }
    return (struct weir_span){0};
}
