// Compiles patterns into programs (one pattern in one view) and files their literals in the index
// of that view. scan.c runs them.

#include "engine/base/alloc.h"
#include "engine/match/glob.h"
#include "engine/match/program.h"
#include "engine/match/required.h"

#include <stdlib.h>

#define PATTERN_MAX_BYTES 16384u
#define WORD_CHARS        1024u // of keywords that share one text; longer ones get their own
#define REGEX_VIEWS       (1u << WEIR_VIEW_RAW | 1u << WEIR_VIEW_FOLD | 1u << WEIR_VIEW_TIGHT)

// A literal on its way into an index.
struct filed_literal {
    uint32_t start; // in builder.text
    uint32_t length;
    uint32_t program;
    uint32_t priority;
    enum plan_kind plan;
};

struct builder {
    struct weir_matcher *matcher;
    struct weir_diagnostics *diagnostics;
    size_t program_capacity;
    size_t regex_capacity;
    struct filed_literal *literals;
    size_t literal_count;
    size_t literal_capacity;
    struct weir_buffer text;  // of all literals
    struct weir_buffer piece; // of the one in hand
    struct weir_arena arena;  // of the regex in hand
    struct weir_text *word;   // reads keywords; NULL until there is one
};

static void builder_fini(struct builder *builder)
{
    free(builder->literals);
    weir_buffer_fini(&builder->text);
    weir_buffer_fini(&builder->piece);
    weir_arena_fini(&builder->arena);
    weir_text_destroy(&builder->word);
    weir_matcher_destroy(&builder->matcher);
}

static struct program *add_program(struct builder *builder, const struct weir_pattern *pattern,
                                   uint32_t number, enum weir_view_kind view,
                                   enum program_kind kind)
{
    struct weir_matcher *matcher = builder->matcher;
    matcher->programs = weir_grow(matcher->programs, &builder->program_capacity,
                                  matcher->program_count + 1, sizeof(*matcher->programs));
    struct program *program = &matcher->programs[matcher->program_count++];
    *program = (struct program){.kind = kind,
                                .pattern_kind = pattern->kind,
                                .view = view,
                                .pattern = number,
                                .owner = pattern->owner,
                                .trusted_edges = pattern->trusted_edges};
    matcher->views |= 1u << view;
    return program;
}

static struct program *last_program(const struct builder *builder)
{
    return &builder->matcher->programs[builder->matcher->program_count - 1];
}

// Files a literal for the program that was added last.
static void add_literal(struct builder *builder, struct weir_span literal, uint32_t priority)
{
    uint32_t program = (uint32_t)builder->matcher->program_count - 1;
    builder->literals = weir_grow(builder->literals, &builder->literal_capacity,
                                  builder->literal_count + 1, sizeof(*builder->literals));
    builder->literals[builder->literal_count++] =
        (struct filed_literal){(uint32_t)builder->text.length, (uint32_t)literal.length, program,
                               priority, plan_of(builder->matcher->programs[program].view)};
    weir_buffer_add(&builder->text, literal);
}

static bool is_in_view(const struct weir_pattern *pattern, enum weir_view_kind view)
{
    return (pattern->views >> view & 1) != 0;
}

// The keyword as the view shows it. A text is dear to make, so that all words share one.
static struct weir_span read_keyword(struct builder *builder, struct weir_span word,
                                     enum weir_view_kind view)
{
    weir_buffer_clear(&builder->piece);
    if (word.length > WORD_CHARS) {
        weir_text_normalise(view, word, &builder->piece);
    } else {
        builder->word = builder->word ? builder->word : weir_text_create(WORD_CHARS);
        weir_text_normalise_with(builder->word, view, word, &builder->piece);
    }
    return weir_buffer_span(&builder->piece);
}

static void keep_typed(struct builder *builder, struct program *program, struct weir_span word)
{
    struct weir_span typed = read_keyword(builder, word, WEIR_VIEW_TIGHT);
    program->typed = hash_of_typed(typed.data, typed.length);
    program->typed_chars = chars_of_typed(typed.data, typed.length);
}

static struct weir_span bytes_of(const struct builder *builder, const struct filed_literal *literal)
{
    return (struct weir_span){builder->text.data + literal->start, literal->length};
}

// The views before this one in which the same keyword reads the same.
static uint32_t twins_of(const struct builder *builder, size_t first, struct weir_span literal)
{
    uint32_t twins = 0;
    for (size_t i = first; i < builder->literal_count; i++) {
        const struct filed_literal *other = &builder->literals[i];
        if (weir_span_equals(bytes_of(builder, other), literal)) {
            twins |= 1u << builder->matcher->programs[other->program].view;
        }
    }
    return twins;
}

// A keyword is looked for as the view would read it. Where a view leaves nothing of it (a view that
// drops all symbols, and a keyword of symbols) it is not looked for; nowhere at all is a mistake.
static bool add_keyword(struct builder *builder, const struct weir_pattern *pattern,
                        uint32_t number)
{
    size_t first_literal = builder->literal_count;
    for (enum weir_view_kind view = 0; view < WEIR_VIEW_COUNT; view++) {
        if (!is_in_view(pattern, view)) {
            continue;
        }
        struct weir_span literal = read_keyword(builder, pattern->text, view);
        if (view != WEIR_VIEW_SOUND) { // there the blanks are the edges of syllables
            literal = weir_span_trim(literal);
        }
        if (literal.length == 0 || literal.length > WEIR_LITERAL_MAX_BYTES) {
            continue;
        }
        struct program *program = add_program(builder, pattern, number, view, PROGRAM_LITERALS);
        program->twins = twins_of(builder, first_literal, literal);
        add_literal(builder, literal, 0); // a copy: the next keyword that is read overwrites it
        if (view == WEIR_VIEW_SOUND) {
            keep_typed(builder, program, weir_span_trim(pattern->text));
        }
    }
    return builder->literal_count > first_literal ||
           weir_diagnostics_error(builder->diagnostics, &pattern->place,
                                  "'%.*s' is nothing once it is read as its view reads messages",
                                  (int)(pattern->text.length < 60 ? pattern->text.length : 60),
                                  pattern->text.data);
}

static struct weir_place place_in(const struct weir_pattern *pattern, size_t offset)
{
    return pattern->place_at ? pattern->place_at(pattern->place_user, offset) : pattern->place;
}

static bool refuse_regex(struct builder *builder, const struct weir_pattern *pattern, size_t offset,
                         const char *why)
{
    struct weir_place place = place_in(pattern, offset);
    return weir_diagnostics_error(builder->diagnostics, &place, "%s", why);
}

// Takes `regex`.
static void keep_regex(struct builder *builder, struct weir_regex *regex)
{
    struct weir_matcher *matcher = builder->matcher;
    matcher->regexes = weir_grow(matcher->regexes, &builder->regex_capacity,
                                 matcher->regex_count + 1, sizeof(*matcher->regexes));
    matcher->regexes[matcher->regex_count++] = regex;
}

static uint64_t first_bytes_of(const struct weir_regex *regex)
{
    uint8_t bits[32];
    if (!weir_regex_first_bytes(regex, bits)) {
        return ~0ull;
    }
    uint64_t groups = 0;
    for (uint32_t byte = 0; byte < 256; byte++) {
        groups |= (uint64_t)(bits[byte >> 3] >> (byte & 7) & 1) << (byte >> 2);
    }
    return groups;
}

// `regex` may be NULL where literals say everything.
static void add_regex_program(struct builder *builder, const struct weir_pattern *pattern,
                              uint32_t number, enum weir_view_kind view, struct weir_regex *regex,
                              const struct regex_required *required)
{
    struct program *program = add_program(
        builder, pattern, number, view, required->only_literals ? PROGRAM_LITERALS : PROGRAM_REGEX);
    program->regex = regex;
    program->least_chars = required->least_chars;
    program->least_digits = required->least_digits;
    program->needed_bytes = required->bytes;
    program->first_bytes = regex ? first_bytes_of(regex) : ~0ull;
    bool is_indexed = weir_regex_is_indexed(required);
    for (uint32_t i = 0; is_indexed && i < required->literal_count; i++) {
        add_literal(builder, required->literals[i], i);
    }
}

// One regex of a pattern: in raw as it is written, in the other views regardless of case.
static bool add_regex_in(struct builder *builder, const struct weir_pattern *pattern,
                         uint32_t number, uint32_t views, struct weir_span expression)
{
    bool caseless = (views & 1u << WEIR_VIEW_RAW) == 0;
    struct weir_regex_error error = {0};
    struct regex_syntax syntax;
    struct regex_required required;
    WEIR_AUTO(weir_regex_destroy)
    struct weir_regex *regex = weir_regex_create(expression, caseless, &error);
    if (!regex) {
        return refuse_regex(builder, pattern, error.offset, error.text);
    }
    weir_arena_clear(&builder->arena);
    weir_regex_read(expression, caseless, &builder->arena, &syntax);
    if (syntax.refused) {
        return refuse_regex(builder, pattern, syntax.refused_start, syntax.refused);
    }
    weir_regex_require(&syntax, &builder->arena, &required);
    if (!required.takes_text) {
        return refuse_regex(builder, pattern, 0,
                            "it matches only the empty string, which is never a hit");
    }
    if (required.only_literals && !weir_regex_has_groups(regex)) {
        weir_regex_destroy(&regex); // PCRE2 has nothing left to do
    }
    for (enum weir_view_kind view = 0; view < WEIR_VIEW_COUNT; view++) {
        if (views >> view & 1) {
            add_regex_program(builder, pattern, number, view, regex, &required);
            last_program(builder)->twins = views & ((1u << view) - 1);
        }
    }
    if (regex) {
        keep_regex(builder, weir_take(regex));
    }
    return true;
}

static bool add_regex(struct builder *builder, const struct weir_pattern *pattern, uint32_t number)
{
    if ((pattern->views & ~REGEX_VIEWS) != 0) {
        return weir_diagnostics_error(builder->diagnostics, &pattern->place,
                                      "a regex reads the views raw, fold and tight only");
    }
    uint32_t raw = pattern->views & 1u << WEIR_VIEW_RAW;
    uint32_t others = pattern->views & ~raw;
    return (!raw || add_regex_in(builder, pattern, number, raw, pattern->text)) &&
           (!others || add_regex_in(builder, pattern, number, others, pattern->text));
}

static bool add_glob(struct builder *builder, const struct weir_pattern *pattern, uint32_t number)
{
    for (enum weir_view_kind view = 0; view < WEIR_VIEW_COUNT; view++) {
        if (!is_in_view(pattern, view)) {
            continue;
        }
        weir_buffer_clear(&builder->piece);
        if (!weir_glob_to_regex(view, pattern->text, &builder->piece)) {
            return weir_diagnostics_error(builder->diagnostics, &pattern->place,
                                          "a glob needs a letter, digit or symbol besides its *");
        }
        if (!add_regex_in(builder, pattern, number, 1u << view,
                          weir_buffer_span(&builder->piece))) {
            return false;
        }
    }
    return true;
}

static bool is_blank(struct weir_span text)
{
    return weir_span_trim(text).length == 0;
}

static bool add_pattern(struct builder *builder, const struct weir_pattern *pattern,
                        uint32_t number)
{
    if (is_blank(pattern->text)) {
        return weir_diagnostics_error(builder->diagnostics, &pattern->place, "an empty pattern");
    }
    if (pattern->text.length > PATTERN_MAX_BYTES) {
        return weir_diagnostics_error(builder->diagnostics, &pattern->place,
                                      "a pattern of %zu bytes; at most %u are allowed",
                                      pattern->text.length, PATTERN_MAX_BYTES);
    }
    switch (pattern->kind) {
    case WEIR_PATTERN_REGEX:
        return add_regex(builder, pattern, number);
    case WEIR_PATTERN_GLOB:
        return add_glob(builder, pattern, number);
    default:
        return add_keyword(builder, pattern, number);
    }
}

static int compare_literals(const void *left, const void *right, void *user)
{
    const struct filed_literal *a = left;
    const struct filed_literal *b = right;
    if (a->plan != b->plan) {
        return a->plan < b->plan ? -1 : 1;
    }
    int order = weir_span_compare(bytes_of(user, a), bytes_of(user, b));
    if (order) {
        return order;
    }
    return a->program != b->program ? (a->program < b->program ? -1 : 1)
                                    : (a->priority > b->priority) - (a->priority < b->priority);
}

static struct target target_of(const struct builder *builder, const struct filed_literal *literal)
{
    const struct program *program = &builder->matcher->programs[literal->program];
    return (struct target){literal->program, (uint16_t)literal->priority, (uint8_t)program->view,
                           (uint8_t)program->twins};
}

// Gives equal literals of one plan one number, and that number all their targets.
static void plan_literals(struct builder *builder, struct literal_plan *plan,
                          const struct filed_literal *literals, size_t count)
{
    struct weir_literal *distinct = weir_new_array(struct weir_literal, count);
    plan->target_starts = weir_new_array(uint32_t, count + 1);
    plan->targets = weir_new_array(struct target, count);
    uint32_t distinct_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct weir_span bytes = bytes_of(builder, &literals[i]);
        if (i == 0 || !weir_span_equals(bytes, bytes_of(builder, &literals[i - 1]))) {
            plan->target_starts[distinct_count] = (uint32_t)i;
            distinct[distinct_count] = (struct weir_literal){bytes, distinct_count};
            distinct_count++;
        }
        plan->targets[i] = target_of(builder, &literals[i]);
    }
    plan->target_starts[distinct_count] = (uint32_t)count;
    plan->index = weir_literal_index_create(distinct, distinct_count);
    free(distinct);
}

static void plan_all_literals(struct builder *builder)
{
    struct filed_literal *literals = builder->literals;
    size_t count = builder->literal_count;
    if (count > 0) {
        qsort_r(literals, count, sizeof(*literals), compare_literals, builder);
    }
    for (size_t start = 0, end; start < count; start = end) {
        for (end = start + 1; end < count && literals[end].plan == literals[start].plan; end++) {
        }
        plan_literals(builder, &builder->matcher->plans[literals[start].plan], &literals[start],
                      end - start);
    }
}

// Regexes for which no literal was filed run on every message.
static void plan_always(struct builder *builder)
{
    struct weir_matcher *matcher = builder->matcher;
    bool *has_literal = weir_new_array(bool, matcher->program_count + 1);
    for (size_t i = 0; i < builder->literal_count; i++) {
        has_literal[builder->literals[i].program] = true;
    }
    for (size_t i = 0; i < matcher->program_count; i++) {
        struct always_plan *plan = &matcher->always[matcher->programs[i].view];
        if (!has_literal[i]) {
            plan->programs =
                weir_realloc_array(plan->programs, plan->count + 1, sizeof(*plan->programs));
            plan->programs[plan->count++] = (uint32_t)i;
            matcher->always_views |= 1u << matcher->programs[i].view;
        }
    }
    free(has_literal);
}

static int compare_ranks(const void *left, const void *right, void *user)
{
    const struct program *programs = user;
    const struct program *a = &programs[*(const uint32_t *)left];
    const struct program *b = &programs[*(const uint32_t *)right];
    if (a->owner != b->owner) {
        return a->owner < b->owner ? -1 : 1;
    }
    return (a->view > b->view) - (a->view < b->view);
}

static void rank_programs(struct weir_matcher *matcher)
{
    size_t count = matcher->program_count;
    WEIR_AUTO(weir_free_at) uint32_t *order = weir_new_array(uint32_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
    }
    qsort_r(order, count, sizeof(*order), compare_ranks, matcher->programs);
    for (size_t i = 1; i < count; i++) {
        bool is_new = compare_ranks(&order[i - 1], &order[i], matcher->programs) != 0;
        matcher->programs[order[i]].group = matcher->programs[order[i - 1]].group + is_new;
    }
}

static void learn_bytes(struct weir_matcher *matcher)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        matcher->traits[byte] =
            (struct byte_traits){.kind = UINT64_C(1) << weir_byte_kind((unsigned char)byte),
                                 .coarse = UINT64_C(1) << (byte >> 2)};
    }
}

struct weir_matcher *weir_matcher_create(const struct weir_pattern *patterns, size_t count,
                                         struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(builder_fini)
    struct builder builder = {.matcher = weir_new(struct weir_matcher), .diagnostics = diagnostics};
    bool all_right = true;
    for (size_t i = 0; i < count; i++) {
        all_right &= add_pattern(&builder, &patterns[i], (uint32_t)i);
    }
    if (!all_right) {
        return NULL;
    }
    plan_all_literals(&builder);
    plan_always(&builder);
    rank_programs(builder.matcher);
    learn_bytes(builder.matcher);
    return weir_take(builder.matcher);
}

void weir_matcher_destroy(struct weir_matcher **matcher)
{
    if (!*matcher) {
        return;
    }
    for (size_t i = 0; i < (*matcher)->regex_count; i++) {
        weir_regex_destroy(&(*matcher)->regexes[i]);
    }
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        weir_literal_index_destroy(&(*matcher)->plans[i].index);
        free((*matcher)->plans[i].target_starts);
        free((*matcher)->plans[i].targets);
    }
    for (size_t view = 0; view < WEIR_VIEW_COUNT; view++) {
        free((*matcher)->always[view].programs);
    }
    free((*matcher)->programs);
    free((*matcher)->regexes);
    free(*matcher);
    *matcher = NULL;
}

void weir_matcher_set_gates(struct weir_matcher *matcher, const struct weir_gate_owners *gates,
                            size_t owner_count)
{
    for (size_t i = 0; i < matcher->program_count; i++) {
        struct program *program = &matcher->programs[i];
        if (program->owner < owner_count && program->kind == PROGRAM_REGEX) {
            program->gate = gates[program->owner];
        }
    }
}

uint32_t weir_matcher_views(const struct weir_matcher *matcher)
{
    return matcher->views;
}
