// Keywords that change nothing, because another one is found wherever they are. Every keyword is
// scanned as if it were a message: what else is found in it, in each of its views, covers it. So
// edges, views and the dictionary count here as they do in chat.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

#include <stdlib.h>

// A set whose words all contain each other must not cost a hit for each pair.
#define HITS_LOOKED_AT 256u

#define NO_PATTERN UINT32_MAX

struct word_linter {
    struct weir_loader *loader;
    struct weir_text *text;
    struct weir_match_scratch *scratch;
    uint32_t *covered_by; // by pattern: one of the same check, or NO_PATTERN
    struct weir_lint_cover *covers;
    bool *is_seen;     // by owner: has a pattern that was looked at
    bool *finds_words; // by rule: one word of it is enough, whatever else the message says
};

// Whether an occurrence of a pattern of kind `inner` is one of `outer` as well, where `outer` was
// found in the text of `inner`.
static bool kind_covers(const struct weir_pattern *outer, const struct weir_pattern *inner)
{
    switch (inner->kind) {
    case WEIR_PATTERN_WORD:
        return (outer->kind == WEIR_PATTERN_WORD &&
                (outer->trusted_edges || !inner->trusted_edges)) ||
               outer->kind == WEIR_PATTERN_GLOB || outer->kind == WEIR_PATTERN_INCLUDES;
    case WEIR_PATTERN_INCLUDES:
        return outer->kind == WEIR_PATTERN_INCLUDES;
    case WEIR_PATTERN_STARTS:
    case WEIR_PATTERN_ENDS:
        return outer->kind == inner->kind || outer->kind == WEIR_PATTERN_INCLUDES;
    case WEIR_PATTERN_EXACT:
        return outer->kind != WEIR_PATTERN_REGEX;
    default:
        return false; // what an expression or a glob finds is not its own text
    }
}

static uint32_t views_found(const struct weir_hits *hits, uint32_t pattern)
{
    uint32_t views = 0;
    for (size_t i = 0; i < hits->count; i++) {
        views |= hits->hits[i].pattern == pattern ? 1u << hits->hits[i].view : 0;
    }
    return views;
}

static bool is_same_place(const struct weir_place *a, const struct weir_place *b)
{
    return a->file == b->file && a->line == b->line && a->column == b->column;
}

// Two words that read the same cover each other: the first of them stays. Of exceptions only those
// that read the same do, because a longer one takes in more.
static bool may_cover(const struct word_linter *linter, const struct weir_hit *hit, uint32_t inner,
                      struct weir_text_range whole)
{
    bool is_equal = hit->range.start == whole.start && hit->range.end == whole.end;
    bool is_except = hit->owner >= linter->loader->set->check_count;
    return is_equal ? hit->pattern < inner : !is_except;
}

static uint32_t find_cover(const struct word_linter *linter, const struct weir_hits *hits,
                           uint32_t inner, uint32_t views, struct weir_text_range whole)
{
    const struct weir_pattern *patterns = linter->loader->patterns;
    for (size_t i = 0; i < hits->count && i < HITS_LOOKED_AT; i++) {
        uint32_t outer = hits->hits[i].pattern;
        if (outer != inner && patterns[outer].owner == patterns[inner].owner &&
            kind_covers(&patterns[outer], &patterns[inner]) &&
            may_cover(linter, &hits->hits[i], inner, whole) &&
            !is_same_place(&patterns[outer].place, &patterns[inner].place) &&
            (views_found(hits, outer) & views) == views) {
            return outer;
        }
    }
    return NO_PATTERN;
}

static bool is_any_of_texts(const struct weir_condition *condition)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        return condition->check->kind->is_text;
    }
    bool is = condition->kind == WEIR_CONDITION_ANY;
    for (size_t i = 0; is && i < condition->child_count; i++) {
        is = is_any_of_texts(condition->children[i]);
    }
    return is;
}

// The rule that may cover others by what its check finds, or UINT32_MAX.
static uint32_t rule_of(const struct word_linter *linter, uint32_t owner)
{
    const struct weir_set *set = linter->loader->set;
    const struct weir_rule *rule = owner < set->check_count ? set->checks[owner]->rule : NULL;
    return rule && linter->finds_words[rule->index] ? rule->index : UINT32_MAX;
}

static uint32_t views_of_rule(const struct word_linter *linter, const struct weir_hits *hits,
                              uint32_t inner, uint32_t rule)
{
    const struct weir_pattern *patterns = linter->loader->patterns;
    uint32_t views = 0;
    for (size_t i = 0; i < hits->count && i < HITS_LOOKED_AT; i++) {
        const struct weir_hit *hit = &hits->hits[i];
        if (hit->pattern != inner && rule_of(linter, hit->owner) == rule &&
            kind_covers(&patterns[hit->pattern], &patterns[inner])) {
            views |= 1u << hit->view;
        }
    }
    return views;
}

static bool has_rule(const struct weir_lint_cover *cover, uint32_t rule)
{
    for (size_t i = 0; i < cover->count; i++) {
        if (cover->rules[i] == rule) {
            return true;
        }
    }
    return false;
}

// Narrows what covers the check to the rules that find this pattern as well.
static void narrow_cover(struct word_linter *linter, const struct weir_hits *hits, uint32_t inner,
                         uint32_t views)
{
    uint32_t owner = linter->loader->patterns[inner].owner;
    struct weir_lint_cover *cover = &linter->covers[owner];
    struct weir_lint_cover found = {.rules = weir_new_array(uint32_t, HITS_LOOKED_AT)};
    uint32_t self = rule_of(linter, owner);
    for (size_t i = 0; i < hits->count && i < HITS_LOOKED_AT && views != 0; i++) {
        uint32_t rule = rule_of(linter, hits->hits[i].owner);
        bool is_candidate = !linter->is_seen[owner] || has_rule(cover, rule);
        if (rule != UINT32_MAX && rule != self && is_candidate && !has_rule(&found, rule) &&
            (views_of_rule(linter, hits, inner, rule) & views) == views) {
            found.rules[found.count++] = rule;
        }
    }
    free(cover->rules);
    *cover = found;
    linter->is_seen[owner] = true;
}

static void look_at(struct word_linter *linter, uint32_t number)
{
    const struct weir_pattern *pattern = &linter->loader->patterns[number];
    bool is_check = pattern->owner < linter->loader->set->check_count;
    weir_text_set(linter->text, weir_span_trim(pattern->text), NULL, 0, false);
    const struct weir_hits *hits =
        weir_matcher_scan(linter->loader->set->matcher, linter->scratch, linter->text);
    const struct weir_view *raw = weir_text_view(linter->text, WEIR_VIEW_RAW);
    struct weir_text_range whole = {.start = 0, .end = raw->length};
    bool is_literal = pattern->kind != WEIR_PATTERN_REGEX && pattern->kind != WEIR_PATTERN_GLOB;
    uint32_t views = is_literal ? views_found(hits, number) : 0;
    linter->covered_by[number] =
        views ? find_cover(linter, hits, number, views, whole) : NO_PATTERN;
    if (is_check) {
        narrow_cover(linter, hits, number, views);
    }
}

static int compare_places(const void *left, const void *right, void *user)
{
    const struct word_linter *linter = user;
    const struct weir_place *a = &linter->loader->patterns[*(const uint32_t *)left].place;
    const struct weir_place *b = &linter->loader->patterns[*(const uint32_t *)right].place;
    int order = strcmp(a->file, b->file);
    order = order ? order : (a->line > b->line) - (a->line < b->line);
    return order ? order : (a->column > b->column) - (a->column < b->column);
}

// Where a rule shows a star for each character that it found, the longer word hides more.
static bool masks(const struct weir_rule *rule)
{
    for (size_t i = 0; i < rule->effect_count; i++) {
        if (rule->effects[i].kind == WEIR_EFFECT_MASK) {
            return true;
        }
    }
    return false;
}

static uint32_t allowed_of(const struct weir_loader *loader, uint32_t owner)
{
    const struct weir_rule *rule =
        owner < loader->set->check_count ? loader->set->checks[owner]->rule : NULL;
    return rule && masks(rule) ? ~0u : weir_lint_allowed(loader, owner);
}

static struct weir_span shortened(struct weir_span text)
{
    size_t end = text.length < 60 ? text.length : 60;
    while (end < text.length && ((unsigned char)text.data[end] & 0xC0) == 0x80) {
        end--; // never half a character
    }
    return weir_span_slice(text, 0, end);
}

static void warn_of_cover(struct weir_loader *loader, const struct weir_pattern *inner,
                          const struct weir_pattern *outer)
{
    struct weir_span word = shortened(inner->text);
    struct weir_span other = shortened(outer->text);
    bool is_here = strcmp(inner->place.file, outer->place.file) == 0;
    bool is_same = weir_span_equals(inner->text, outer->text);
    weir_loader_warn(loader, allowed_of(loader, inner->owner), WEIR_LINT_COVERED_WORD,
                     &inner->place, "'%.*s' %s%.*s%s (%s%s%u)", WEIR_SPAN_ARGS(word),
                     is_same ? "is there already" : "finds nothing that '",
                     is_same ? 0 : (int)other.length, other.data, is_same ? "" : "' does not find",
                     is_here ? "line " : outer->place.file, is_here ? "" : ":", outer->place.line);
}

// A word of a list may stand in several checks; it is superfluous where all of them say so.
static void report_covered(struct word_linter *linter)
{
    size_t count = linter->loader->pattern_count;
    struct weir_pattern *patterns = linter->loader->patterns;
    WEIR_AUTO(weir_free_at) uint32_t *order = weir_new_array(uint32_t, count);
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
    }
    qsort_r(order, count, sizeof(*order), compare_places, linter);
    for (size_t start = 0, end; start < count; start = end) {
        bool is_covered = true;
        for (end = start; end < count &&
                          is_same_place(&patterns[order[start]].place, &patterns[order[end]].place);
             end++) {
            is_covered = is_covered && linter->covered_by[order[end]] != NO_PATTERN;
        }
        if (is_covered) {
            warn_of_cover(linter->loader, &patterns[order[start]],
                          &patterns[linter->covered_by[order[start]]]);
        }
    }
}

void weir_lint_words(struct weir_loader *loader, struct weir_lint_cover *covers)
{
    struct word_linter linter = {.loader = loader,
                                 .text = weir_text_create(2000),
                                 .scratch = weir_match_scratch_create(),
                                 .covered_by = weir_new_array(uint32_t, loader->pattern_count),
                                 .covers = covers,
                                 .is_seen = weir_new_array(bool, loader->set->owner_count),
                                 .finds_words = weir_new_array(bool, loader->rule_count)};
    for (size_t i = 0; i < loader->rule_count; i++) {
        const struct weir_rule *rule = loader->rules[i];
        linter.finds_words[i] = rule->mode != WEIR_MODE_DISABLED &&
                                rule->except_owner == UINT32_MAX && is_any_of_texts(rule->when);
    }
    for (size_t i = 0; i < loader->pattern_count; i++) {
        look_at(&linter, (uint32_t)i);
    }
    if (loader->pattern_count > 0) {
        report_covered(&linter);
    }
    free(linter.covered_by);
    free(linter.is_seen);
    free(linter.finds_words);
    weir_match_scratch_destroy(&linter.scratch);
    weir_text_destroy(&linter.text);
}
