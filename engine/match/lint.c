#include "engine/match/lint.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/match/pump.h"
#include "engine/match/required.h"

#include <stdio.h>

#define DEPTH_MOST    64u
#define LOOK_ALIKES   2u // letters that a class for one may take: [il1!]
#define GAPS_LEAST    2u // between letters, for a word to be spelt out
#define SHOWN_CHARS   24u
#define PERCENT_LEAST 15u // of ordinary messages, on which a regex without a literal is tried

const char *const weir_pattern_lint_names[WEIR_PATTERN_LINT_COUNT] = {
    "slow-pattern",
    "spelt-out-regex",
    "no-literal",
};

struct linter {
    struct weir_pumped regex; // the one in hand
    struct weir_arena arena;
    struct weir_regex_scratch *scratch;
    size_t pattern;
    weir_pattern_lint_fn on_lint;
    void *user;
};

static void report(const struct linter *linter, const struct weir_pattern_lint *lint)
{
    linter->on_lint(linter->user, linter->pattern, lint);
}

// ---- slow-pattern

// At most SHOWN_CHARS of a text, quoted so that it stays on one line.
static void add_shown(struct weir_buffer *out, struct weir_span text)
{
    size_t shown = 0;
    weir_buffer_add_byte(out, '\'');
    for (size_t i = 0; i < text.length; i++) {
        bool starts = ((unsigned char)text.data[i] & 0xC0) != 0x80;
        if (starts && shown++ == SHOWN_CHARS) {
            weir_buffer_add_text(out, "...");
            break;
        }
        if (text.data[i] == '\n') {
            weir_buffer_add_text(out, "\\n");
        } else {
            weir_buffer_add_byte(out, text.data[i]);
        }
    }
    weir_buffer_add_byte(out, '\'');
}

static void describe_pump(const struct weir_pump *pump, struct weir_buffer *out)
{
    weir_buffer_printf(out, "meets its limit on a text of %u characters: ", pump->chars);
    if (pump->before.length > 0) {
        add_shown(out, weir_buffer_span(&pump->before));
        weir_buffer_add_text(out, ", ");
    }
    weir_buffer_printf(out, "%u x ", pump->times);
    add_shown(out, weir_buffer_span(&pump->piece));
    if (pump->after.length > 0) {
        weir_buffer_add_text(out, ", ");
        add_shown(out, weir_buffer_span(&pump->after));
    }
}

static void look_for_pump(const struct linter *linter)
{
    WEIR_AUTO(weir_pump_fini) struct weir_pump pump = {0};
    if (!weir_pump_find(&linter->regex, &pump)) {
        return;
    }
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer cause = {0};
    describe_pump(&pump, &cause);
    struct weir_pattern_lint lint = {.kind = WEIR_PATTERN_SLOW,
                                     .start = pump.repeat->start,
                                     .end = pump.repeat->end,
                                     .figure = pump.chars};
    snprintf(lint.cause, sizeof(lint.cause), "%s", weir_buffer_text(&cause));
    report(linter, &lint);
}

// ---- spelt-out-regex

static bool takes(const struct linter *linter, struct weir_regex *regex, const char *text)
{
    struct weir_regex_match match;
    return weir_regex_find(regex, linter->scratch, weir_span_of(text), 0, &match) == WEIR_REGEX_HIT;
}

static struct weir_regex *compile_piece(const struct linter *linter, const struct regex_node *node)
{
    struct weir_regex_error error;
    struct weir_span source = weir_span_slice(linter->regex.pattern, node->start, node->end);
    return weir_regex_create(source, linter->regex.caseless, &error);
}

// The letter of a class that takes one or two of them and what looks like it ([e3\xE8-\xEB]), or 0.
static uint32_t letter_of_class(const struct linter *linter, const struct regex_node *node)
{
    WEIR_AUTO(weir_regex_destroy) struct weir_regex *regex = compile_piece(linter, node);
    uint32_t letter = 0;
    uint32_t count = 0;
    for (char candidate = 'a'; regex && candidate <= 'z' && count <= LOOK_ALIKES; candidate++) {
        if (takes(linter, regex, (const char[]){candidate, '\0'})) {
            letter = letter ? letter : (uint32_t)candidate;
            count++;
        }
    }
    return count <= LOOK_ALIKES ? letter : 0;
}

// The letter that an item of a sequence stands for, or 0: f, [fph], f+
static uint32_t letter_of(const struct linter *linter, const struct regex_node *node,
                          bool *is_disguised)
{
    if (node->kind == REGEX_REPEAT && node->least > 0) {
        return letter_of(linter, node->children, is_disguised);
    }
    if (node->kind == REGEX_CLASS && node->member_count == 0) {
        uint32_t letter = node->only_digits ? 0 : letter_of_class(linter, node);
        *is_disguised |= letter != 0;
        return letter;
    }
    uint32_t letter = node->kind == REGEX_CHARACTER ? node->character
                      : node->kind == REGEX_CLASS   ? node->members[0]
                                                    : 0;
    *is_disguised |= node->kind == REGEX_CLASS;
    bool is_word = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                   (letter >= '0' && letter <= '9') || letter >= 0xC0;
    return is_word ? letter : 0;
}

// Something that may stand between two letters and is none: [\W_]*, \s?, .?
static bool is_separator(const struct linter *linter, const struct regex_node *node)
{
    bool is_repeat = node->kind == REGEX_REPEAT;
    const struct regex_node *taken = is_repeat ? node->children : node;
    if (taken->kind != REGEX_CLASS && !(taken->kind == REGEX_CHARACTER && is_repeat)) {
        return false;
    }
    WEIR_AUTO(weir_regex_destroy) struct weir_regex *regex = compile_piece(linter, taken);
    if (!regex ||
        !(takes(linter, regex, ".") || takes(linter, regex, " ") || takes(linter, regex, "-"))) {
        return false;
    }
    // What takes letters too is a gap of any kind; a separator only where it is a short one.
    return !takes(linter, regex, "k") || (is_repeat && node->most <= 3);
}

// Letters in a row, with something between most of them.
struct spelling {
    const struct regex_node *first;
    const struct regex_node *last;
    uint32_t letters;
    uint32_t gaps; // between letters
    bool is_disguised;
    bool has_gap; // behind the last letter
    struct weir_buffer word;
};

static void report_spelling(const struct linter *linter, struct spelling *spelling)
{
    struct weir_pattern_lint lint = {.kind = WEIR_PATTERN_SPELT_OUT,
                                     .start = spelling->first->start,
                                     .end = spelling->last->end,
                                     .figure = spelling->letters};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer word = {0};
    add_shown(&word, weir_buffer_span(&spelling->word));
    snprintf(lint.cause, sizeof(lint.cause),
             "spells %s out with separators; view '%s' reads through them: word: %s, view: %s",
             weir_buffer_text(&word), spelling->is_disguised ? "skeleton" : "tight",
             weir_buffer_text(&word), spelling->is_disguised ? "skeleton" : "tight");
    report(linter, &lint);
}

// fu\W*ck is two pieces, not spelt out; f\W*u\W*ck is.
static bool is_spelt_out(const struct spelling *spelling)
{
    return spelling->gaps >= GAPS_LEAST && spelling->letters <= spelling->gaps + 2;
}

static void end_spelling(const struct linter *linter, struct spelling *spelling)
{
    if (is_spelt_out(spelling)) {
        report_spelling(linter, spelling);
    }
    weir_buffer_clear(&spelling->word);
    spelling->letters = 0;
    spelling->gaps = 0;
    spelling->has_gap = false;
    spelling->is_disguised = false;
}

static void spell_on(const struct linter *linter, struct spelling *spelling,
                     const struct regex_node *node)
{
    bool is_disguised = spelling->is_disguised;
    uint32_t letter = letter_of(linter, node, &is_disguised);
    if (letter) {
        spelling->first = spelling->letters == 0 ? node : spelling->first;
        spelling->last = node;
        spelling->is_disguised = is_disguised;
        spelling->gaps += spelling->has_gap;
        spelling->has_gap = false;
        spelling->letters++;
        weir_utf8_add(&spelling->word, letter);
    } else if (spelling->letters > 0 && !spelling->has_gap && is_separator(linter, node)) {
        spelling->has_gap = true;
    } else {
        end_spelling(linter, spelling);
    }
}

static void look_for_spelling(const struct linter *linter, const struct regex_node *node,
                              uint32_t depth)
{
    if (depth > DEPTH_MOST) {
        return;
    }
    struct spelling spelling = {.letters = 0};
    for (const struct regex_node *child = node->children; child; child = child->next) {
        if (node->kind == REGEX_SEQUENCE) {
            spell_on(linter, &spelling, child);
        }
    }
    end_spelling(linter, &spelling);
    weir_buffer_fini(&spelling.word);
    for (const struct regex_node *child = node->children; child; child = child->next) {
        look_for_spelling(linter, child, depth + 1);
    }
}

// ---- no-literal

static void look_for_literal(const struct linter *linter, const struct weir_pattern *pattern,
                             const struct regex_required *required)
{
    if (weir_regex_is_indexed(required)) {
        return;
    }
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_matcher_destroy)
    struct weir_matcher *alone = weir_matcher_create(pattern, 1, &diagnostics);
    struct weir_pattern_cost cost = {0};
    size_t messages = alone ? weir_matcher_measure(alone, &cost) : 1;
    uint32_t percent = (uint32_t)(cost.runs * UINT64_C(100) / messages);
    if (percent < PERCENT_LEAST) {
        return;
    }
    struct weir_pattern_lint lint = {
        .kind = WEIR_PATTERN_NO_LITERAL, .end = pattern->text.length, .figure = percent};
    snprintf(lint.cause, sizeof(lint.cause),
             "no text of two letters or more is part of all that it matches, so it is tried on "
             "%u %% of ordinary messages",
             percent);
    report(linter, &lint);
}

static void lint_regex(struct linter *linter, const struct weir_pattern *pattern)
{
    struct regex_syntax syntax;
    struct regex_required required;
    struct weir_regex_error error;
    bool caseless = (pattern->views & ~(1u << WEIR_VIEW_RAW)) != 0;
    WEIR_AUTO(weir_regex_destroy)
    struct weir_regex *regex = weir_regex_create(pattern->text, caseless, &error);
    weir_arena_clear(&linter->arena);
    weir_regex_read(pattern->text, caseless, &linter->arena, &syntax);
    weir_regex_require(&syntax, &linter->arena, &required);
    if (!regex || syntax.refused || required.only_literals) {
        return;
    }
    linter->regex = (struct weir_pumped){pattern->text, caseless, &syntax, regex, linter->scratch};
    look_for_pump(linter);
    look_for_spelling(linter, syntax.root, 0);
    look_for_literal(linter, pattern, &required);
}

void weir_patterns_lint(const struct weir_pattern *patterns, size_t count,
                        weir_pattern_lint_fn on_lint, void *user)
{
    struct linter linter = {
        .scratch = weir_regex_scratch_create(), .on_lint = on_lint, .user = user};
    for (size_t i = 0; i < count; i++) {
        if (patterns[i].kind == WEIR_PATTERN_REGEX) {
            linter.pattern = i;
            lint_regex(&linter, &patterns[i]);
        }
    }
    weir_arena_fini(&linter.arena);
    weir_regex_scratch_destroy(&linter.scratch);
}
