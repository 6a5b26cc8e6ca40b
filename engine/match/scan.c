// Runs a matcher over one text. Literals first; they name the regexes that may match; those and the
// few that have no literal are run by PCRE2. All memory is the scratch's and only ever grows.

#include "engine/base/alloc.h"
#include "engine/base/lanes.h"
#include "engine/match/found.h"
#include "engine/match/required.h"
#include "engine/match/standing.h"

#include <stdlib.h>

#define HITS_PER_PROGRAM       2048u
#define REGEX_HITS_PER_PROGRAM 256u

// Regexes of one message that may each burn a whole match limit; the rest are not run, and said so.
#define LIMITS_MOST 4u

// A message with more hits than this runs all its regexes.
#define GATE_HITS_MOST 64u

struct weir_match_scratch {
    struct found_list found;
    uint32_t *candidates;
    size_t candidate_count;
    size_t candidate_capacity;
    struct weir_match_limit *limits;
    size_t limit_capacity;
    struct weir_hits result;
    struct weir_regex_scratch *regex;
    struct standing standing;
    uint64_t steps_left; // of PCRE2, for this message
    uint32_t limits_met;
    struct weir_pattern_cost *costs;    // by pattern; NULL: nobody counts
    struct weir_match_profile *profile; // NULL: nobody looks at the clock
    const struct weir_gate_owners *suspended;
    size_t suspended_count;
};

const char weir_match_suspended[] = "suspended, because it met its limits too often";

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

void weir_match_scratch_profile(struct weir_match_scratch *scratch,
                                struct weir_match_profile *profile)
{
    scratch->profile = profile;
}

void weir_match_profile_add(const struct weir_match_profile *profile, struct weir_cost *cost,
                            uint64_t start_ns)
{
    uint64_t ns = profile->now_ns() - start_ns;
    ns -= ns < profile->overhead_ns ? ns : profile->overhead_ns;
    if (cost->message != profile->message) {
        cost->message = profile->message;
        cost->message_ns = 0;
        cost->looked_at++;
    }
    cost->ns += ns;
    cost->message_ns += ns;
    if (cost->message_ns > cost->worst_ns) {
        cost->worst_ns = cost->message_ns;
        cost->worst_message = cost->message;
    }
}

void weir_match_scratch_suspend(struct weir_match_scratch *scratch,
                                const struct weir_gate_owners *owners, size_t count)
{
    scratch->suspended = owners;
    scratch->suspended_count = count;
}

void weir_match_scratch_destroy(struct weir_match_scratch **scratch)
{
    if (*scratch) {
        found_fini(&(*scratch)->found);
        free((*scratch)->candidates);
        free((*scratch)->limits);
        weir_regex_scratch_destroy(&(*scratch)->regex);
        free(*scratch);
        *scratch = NULL;
    }
}

// One text being scanned, as one or several views show it.
struct pass {
    const struct weir_matcher *matcher;
    const struct literal_plan *plan;
    struct weir_match_scratch *scratch;
    uint32_t views; // bits 1 << weir_view_kind: those that show these very bytes
    const struct weir_view *view;
    size_t candidates_end; // of the scratch's candidates, those of these views
    bool has_counts;       // the next two are filled once a regex asks
    uint32_t chars;
    uint32_t digits;       // or more than there are: what might be one counts
    bool has_bytes;        // and so are these
    uint64_t bytes;        // bits 1 << weir_byte_kind(byte)
    uint64_t coarse_bytes; // bits 1 << (byte >> 2)
};

static struct weir_span span_of_view(const struct weir_view *view)
{
    return (struct weir_span){view->bytes, view->length};
}

static void add_candidate(struct weir_match_scratch *scratch, uint32_t program)
{
    struct tally *tally = found_tally(&scratch->found, program);
    if (!tally->is_candidate) {
        tally->is_candidate = true;
        scratch->candidates = weir_grow(scratch->candidates, &scratch->candidate_capacity,
                                        scratch->candidate_count + 1, sizeof(uint32_t));
        scratch->candidates[scratch->candidate_count++] = program;
    }
}

// Written once and compiled twice, so that timing costs nothing where nobody asked for it.
static inline void take_literal(const struct pass *pass, uint32_t id, uint32_t start, uint32_t end,
                                struct weir_match_profile *profile)
{
    const struct target *target = &pass->plan->targets[pass->plan->target_starts[id]];
    const struct target *targets_end = &pass->plan->targets[pass->plan->target_starts[id + 1]];
    for (; target < targets_end; target++) {
        if (!(pass->views >> target->view & 1) || (pass->views & target->twins)) {
            continue;
        }
        const struct program *program = &pass->matcher->programs[target->program];
        uint64_t start_ns = profile ? profile->now_ns() : 0;
        if (program->kind == PROGRAM_REGEX) {
            add_candidate(pass->scratch, target->program);
        } else if (standing_is_right(&pass->scratch->standing, program, pass->view, start, end)) {
            found_keep(&pass->scratch->found, pass->matcher, target->program, target->priority,
                       start, end, HITS_PER_PROGRAM);
        }
        if (profile) {
            weir_match_profile_add(profile, &profile->owners[program->owner], start_ns);
        }
    }
}

static void on_literal(void *user, uint32_t id, uint32_t start, uint32_t end)
{
    take_literal(user, id, start, end, NULL);
}

static void on_literal_timed(void *user, uint32_t id, uint32_t start, uint32_t end)
{
    const struct pass *pass = user;
    take_literal(pass, id, start, end, pass->scratch->profile);
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
static weir_lanes lead_digits(weir_lanes bytes)
{
    return weir_lanes_are(bytes, 0xD9) | weir_lanes_are(bytes, 0xDB) | weir_lanes_are(bytes, 0xDF) |
           weir_lanes_between(bytes, 0xE0, 0xE1) | weir_lanes_are(bytes, 0xEA) |
           weir_lanes_between(bytes, 0xEF, 0xF0);
}

static void count_characters(struct pass *pass)
{
    const struct weir_view *view = pass->view;
    pass->chars = 0;
    pass->digits = 0;
    for (uint32_t at = 0; at < view->length; at += WEIR_LANES) {
        weir_lanes bytes = weir_lanes_load(view->bytes + at);
        uint32_t left = view->length - at;
        uint32_t seen = left < WEIR_LANES ? (1u << left) - 1 : UINT16_MAX;
        weir_lanes digits = weir_lanes_between(bytes, '0', '9') | lead_digits(bytes);
        uint32_t inside = weir_lanes_bits(weir_lanes_between(bytes, 0x80, 0xBF));
        pass->chars += (uint32_t)__builtin_popcount(~inside & seen);
        pass->digits += (uint32_t)__builtin_popcount(weir_lanes_bits(digits) & seen);
    }
    pass->has_counts = true;
}

static void collect_bytes(struct pass *pass)
{
    const unsigned char *bytes = (const unsigned char *)pass->view->bytes;
    struct byte_traits sum = {0};
    for (uint32_t i = 0; i < pass->view->length; i++) {
        const struct byte_traits *traits = &pass->matcher->traits[bytes[i]];
        sum.kind |= traits->kind;
        sum.coarse |= traits->coarse;
    }
    pass->bytes = sum.kind;
    pass->coarse_bytes = sum.coarse;
    pass->has_bytes = true;
}

// Whether the text has all that the regex can't match without.
static bool may_match(struct pass *pass, const struct program *program)
{
    if (program->least_chars > pass->view->length) {
        return false;
    }
    if (!pass->has_counts) {
        count_characters(pass);
    }
    if (program->least_chars > pass->chars || program->least_digits > pass->digits) {
        return false;
    }
    if (!pass->has_bytes) {
        collect_bytes(pass);
    }
    return (program->needed_bytes & ~pass->bytes) == 0 &&
           (program->first_bytes & pass->coarse_bytes) != 0;
}

// Whether one of the owners is hit that the regex needs beside it. All keywords have been looked
// for by now. Beyond a few hits asking would cost more than it can spare.
static bool is_wanted(const struct pass *pass, const struct program *program)
{
    const struct found_list *found = &pass->scratch->found;
    if (program->gate.needs_han && weir_text_facts(pass->scratch->standing.text)->han == 0) {
        return false;
    }
    if (program->gate.first == program->gate.end || found->count > GATE_HITS_MOST) {
        return true;
    }
    for (size_t i = 0; i < found->count; i++) {
        uint32_t owner = pass->matcher->programs[found->items[i].program].owner;
        if (owner >= program->gate.first && owner < program->gate.end) {
            return true;
        }
    }
    return false;
}

// Raw and fold have one reading alone; its first byte may tell all about an anchored regex.
static bool refuses_start(const struct pass *pass, const struct program *program)
{
    return (pass->views & (1u << WEIR_VIEW_RAW | 1u << WEIR_VIEW_FOLD)) != 0 &&
           pass->view->length > 0 &&
           weir_regex_refuses_start(program->regex, (unsigned char)pass->view->bytes[0]);
}

// Finds a regex in one reading of a view; false where it need not be looked for in the next.
static bool run_in_reading(struct pass *pass, uint32_t number, uint32_t start, uint32_t end)
{
    const struct program *program = &pass->matcher->programs[number];
    struct weir_match_scratch *scratch = pass->scratch;
    struct weir_view reading = {.bytes = pass->view->bytes + start, .length = end - start};
    struct weir_regex_match match = {0};
    if (end > start && weir_regex_refuses_start(program->regex, (unsigned char)reading.bytes[0])) {
        return true;
    }
    for (uint32_t from = 0; from < reading.length; from = next_start(&reading, from, &match)) {
        enum weir_regex_outcome outcome =
            weir_regex_find_within(program->regex, scratch->regex, span_of_view(&reading), from,
                                   &scratch->steps_left, &match);
        if (outcome == WEIR_REGEX_LIMIT) {
            scratch->limits_met++;
            add_limit(scratch, program, match.cause);
        }
        if (outcome != WEIR_REGEX_HIT) {
            return outcome != WEIR_REGEX_LIMIT;
        }
        if (match.end > match.start &&
            !found_keep(&scratch->found, pass->matcher, number, 0, start + match.start,
                        start + match.end, REGEX_HITS_PER_PROGRAM)) {
            return false;
        }
    }
    return true;
}

static bool is_suspended(const struct weir_match_scratch *scratch, uint32_t owner)
{
    for (size_t i = 0; i < scratch->suspended_count; i++) {
        if (owner >= scratch->suspended[i].first && owner < scratch->suspended[i].end) {
            return true;
        }
    }
    return false;
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

static bool run_timed(struct pass *pass, uint32_t number, uint32_t start, uint32_t end)
{
    struct weir_match_profile *profile = pass->scratch->profile;
    if (!profile) {
        return run_counted(pass, number, start, end);
    }
    struct weir_cost *cost = &profile->owners[pass->matcher->programs[number].owner];
    size_t limits = pass->scratch->result.limit_count;
    uint64_t start_ns = profile->now_ns();
    bool goes_on = run_counted(pass, number, start, end);
    weir_match_profile_add(profile, cost, start_ns);
    cost->confirmed++;
    cost->limits += pass->scratch->result.limit_count - limits;
    return goes_on;
}

static void run_regex(struct pass *pass, uint32_t number)
{
    const struct program *program = &pass->matcher->programs[number];
    struct weir_match_scratch *scratch = pass->scratch;
    if (!is_wanted(pass, program) || refuses_start(pass, program) || !may_match(pass, program)) {
        return;
    }
    if (is_suspended(scratch, program->owner)) {
        add_limit(scratch, program, weir_match_suspended);
        return;
    }
    if (scratch->limits_met >= LIMITS_MOST) {
        add_limit(scratch, program, "too many limits met in this message");
        return;
    }
    uint32_t start = 0;
    uint32_t end;
    do {
        end = weir_reading_end(pass->view, start);
        if (!run_timed(pass, number, start, end)) {
            return;
        }
        start = end + 1;
    } while (end < pass->view->length);
}

static void run_always(struct pass *pass, enum weir_view_kind kind)
{
    const struct always_plan *always = &pass->matcher->always[kind];
    for (size_t i = 0; i < always->count; i++) {
        if (!(pass->matcher->programs[always->programs[i]].twins & pass->views)) {
            run_regex(pass, always->programs[i]);
        }
    }
}

static void find_literals(struct pass *pass)
{
    if (pass->plan->index) {
        weir_literal_index_scan(pass->plan->index, pass->view->bytes, pass->view->length,
                                pass->scratch->profile ? on_literal_timed : on_literal, pass);
    }
    pass->candidates_end = pass->scratch->candidate_count;
}

static void run_regexes(struct pass *pass, size_t first)
{
    for (size_t i = first; i < pass->candidates_end; i++) {
        run_regex(pass, pass->scratch->candidates[i]);
    }
    uint32_t left = pass->views & pass->matcher->always_views;
    for (; left != 0; left &= left - 1) {
        run_always(pass, (enum weir_view_kind)__builtin_ctz(left));
    }
}

// The wanted views that show the same bytes as the first of them.
static uint32_t views_like(struct weir_text *text, const struct weir_view *view, uint32_t wanted)
{
    uint32_t views = wanted & -wanted;
    for (uint32_t left = wanted & (wanted - 1); left != 0; left &= left - 1) {
        const struct weir_view *other =
            weir_text_view(text, (enum weir_view_kind)__builtin_ctz(left));
        bool is_same = other->bytes == view->bytes && other->length == view->length;
        views |= is_same ? left & -left : 0;
    }
    return views;
}

// Literals in all views before any regex: which keywords are there says which regexes matter.
static void scan_views(const struct weir_matcher *matcher, struct weir_match_scratch *scratch,
                       struct weir_text *text)
{
    struct pass passes[WEIR_VIEW_COUNT];
    size_t count = 0;
    for (uint32_t left = matcher->views; left != 0; left &= ~passes[count++].views) {
        enum weir_view_kind kind = (enum weir_view_kind)__builtin_ctz(left);
        const struct weir_view *view = weir_text_view(text, kind);
        struct pass *pass = &passes[count];
        pass->matcher = matcher;
        pass->plan = &matcher->plans[plan_of(kind)];
        pass->scratch = scratch;
        pass->views = views_like(text, view, left);
        pass->view = view;
        pass->has_counts = false;
        pass->has_bytes = false;
        find_literals(pass);
    }
    for (size_t i = 0; i < count; i++) {
        run_regexes(&passes[i], i > 0 ? passes[i - 1].candidates_end : 0);
    }
}

const struct weir_hits *weir_matcher_scan(const struct weir_matcher *matcher,
                                          struct weir_match_scratch *scratch,
                                          struct weir_text *text)
{
    found_begin(&scratch->found, matcher);
    standing_begin(&scratch->standing, text);
    scratch->candidate_count = 0;
    scratch->limits_met = 0;
    scratch->steps_left = WEIR_REGEX_STEPS_A_MESSAGE;
    scratch->result = (struct weir_hits){0};
    scan_views(matcher, scratch, text);
    scratch->result.count = found_tell(&scratch->found, matcher, text);
    scratch->result.hits = scratch->found.hits;
    scratch->result.more = scratch->found.more;
    scratch->result.limits = scratch->limits;
    return &scratch->result;
}

struct weir_span weir_matcher_capture(const struct weir_matcher *matcher,
                                      struct weir_match_scratch *scratch, struct weir_text *text,
                                      const struct weir_hit *hit, const char *name)
{
    const struct weir_view *view = weir_text_view(text, hit->view);
    uint32_t start = reading_start(view, hit->start);
    struct weir_span reading = {view->bytes + start, weir_reading_end(view, start) - start};
    for (size_t i = 0; i < matcher->program_count; i++) {
        const struct program *program = &matcher->programs[i];
        if (program->pattern == hit->pattern && program->view == hit->view && program->regex) {
            return weir_regex_capture(program->regex, scratch->regex, reading, hit->start - start,
                                      name);
        }
    }
    return (struct weir_span){0};
}
