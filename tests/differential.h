/**
 * The matcher against plain PCRE2, one pattern at a time: same patterns, same texts, same spans.
 * Shared by the unit test and the fuzz target.
 */
#ifndef WEIR_TESTS_DIFFERENTIAL_H
#define WEIR_TESTS_DIFFERENTIAL_H

#include "engine/base/alloc.h"
#include "engine/base/diagnostics.h"
#include "engine/base/utf8.h"
#include "engine/match/matcher.h"
#include "engine/match/regex.h"
#include "engine/match/regex_syntax.h"

#include <stdio.h>
#include <stdlib.h>

struct differential {
    enum weir_view_kind view;
    struct weir_pattern *patterns;
    struct weir_regex **regexes; // the same, plain
    size_t count;
    size_t capacity;
    size_t refused;
    struct weir_matcher *matcher;
    struct weir_match_scratch *scratch;
    struct weir_regex_scratch *regex_scratch;
    struct weir_text *text;
    size_t differences;
    size_t matches;
    size_t limits;
};

static inline void differential_init(struct differential *differential, enum weir_view_kind view)
{
    *differential = (struct differential){.view = view,
                                          .scratch = weir_match_scratch_create(),
                                          .regex_scratch = weir_regex_scratch_create(),
                                          .text = weir_text_create(2000)};
}

static inline void differential_fini(struct differential *differential)
{
    for (size_t i = 0; i < differential->count; i++) {
        free((char *)differential->patterns[i].text.data);
        weir_regex_destroy(&differential->regexes[i]);
    }
    free(differential->patterns);
    free(differential->regexes);
    weir_matcher_destroy(&differential->matcher);
    weir_match_scratch_destroy(&differential->scratch);
    weir_regex_scratch_destroy(&differential->regex_scratch);
    weir_text_destroy(&differential->text);
}

// Whether the matcher alone takes it: what it refuses it refuses on purpose.
static inline bool differential_accepts(const struct weir_pattern *pattern)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_matcher_destroy)
    struct weir_matcher *alone = weir_matcher_create(pattern, 1, &diagnostics);
    return alone != NULL;
}

static inline void differential_add(struct differential *differential, struct weir_span text)
{
    struct weir_regex_error error;
    struct weir_pattern pattern = {.kind = WEIR_PATTERN_REGEX,
                                   .views = 1u << differential->view,
                                   .owner = (uint32_t)differential->count,
                                   .text = text};
    if (text.length == 0 || !weir_utf8_is_valid(text) || !differential_accepts(&pattern)) {
        differential->refused++;
        return;
    }
    size_t capacity = differential->capacity;
    differential->patterns = weir_grow(differential->patterns, &capacity, differential->count + 1,
                                       sizeof(*differential->patterns));
    differential->regexes = weir_grow(differential->regexes, &differential->capacity,
                                      differential->count + 1, sizeof(*differential->regexes));
    pattern.text.data = memcpy(weir_realloc_array(NULL, text.length, 1), text.data, text.length);
    differential->patterns[differential->count] = pattern;
    differential->regexes[differential->count++] =
        weir_regex_create(text, differential->view != WEIR_VIEW_RAW, &error);
}

static inline void differential_build(struct differential *differential)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    differential->matcher =
        weir_matcher_create(differential->patterns, differential->count, &diagnostics);
    weir_assert(differential->matcher);
}

static inline void differential_report(struct differential *differential, size_t pattern,
                                       const struct weir_view *view, const char *what)
{
    if (differential->differences++ < 10) {
        fprintf(stderr, "%s: /%.*s/ in '%.*s'\n", what,
                WEIR_SPAN_ARGS(differential->patterns[pattern].text), (int)view->length,
                view->bytes);
    }
}

static inline bool differential_met_limit(const struct weir_hits *hits, size_t pattern)
{
    for (size_t i = 0; i < hits->limit_count; i++) {
        if (hits->limits[i].pattern == pattern) {
            return true;
        }
    }
    return false;
}

// Compares one pattern's hits, which begin at `*next`, with PCRE2's own; moves `*next` behind them.
static inline void differential_compare(struct differential *differential, size_t pattern,
                                        const struct weir_view *view, const struct weir_hits *hits,
                                        size_t *next)
{
    struct weir_span text = {view->bytes, view->length};
    struct weir_regex_match match = {0};
    uint32_t from = 0;
    uint32_t found = 0;
    while (from < view->length && found < 256) {
        enum weir_regex_outcome outcome = weir_regex_find(
            differential->regexes[pattern], differential->regex_scratch, text, from, &match);
        if (outcome == WEIR_REGEX_LIMIT) {
            differential->limits++;
            break;
        }
        if (outcome == WEIR_REGEX_MISS) {
            break;
        }
        from = match.end > from ? match.end : from + 1;
        while (from < view->length && ((unsigned char)view->bytes[from] & 0xC0) == 0x80) {
            from++;
        }
        if (match.end <= match.start) {
            continue; // \K
        }
        found++;
        differential->matches++;
        const struct weir_hit *hit = *next < hits->count ? &hits->hits[*next] : NULL;
        if (differential_met_limit(hits, pattern)) {
            break;
        }
        if (!hit || hit->pattern != pattern) {
            differential_report(differential, pattern, view, "missed");
            break;
        }
        if (hit->start != match.start || hit->end != match.end) {
            differential_report(differential, pattern, view, "another span");
            break;
        }
        (*next)++;
    }
    size_t behind = *next;
    while (*next < hits->count && hits->hits[*next].pattern == pattern) {
        (*next)++;
    }
    if (*next > behind && found < 256 && !differential_met_limit(hits, pattern) &&
        match.cause == NULL) {
        differential_report(differential, pattern, view, "extra");
    }
}

static inline void differential_check(struct differential *differential, struct weir_span text)
{
    weir_text_set(differential->text, text, NULL, 0, false);
    const struct weir_hits *hits =
        weir_matcher_scan(differential->matcher, differential->scratch, differential->text);
    const struct weir_view *view = weir_text_view(differential->text, differential->view);
    size_t next = 0;
    if (hits->more) {
        return;
    }
    for (size_t i = 0; i < differential->count; i++) {
        differential_compare(differential, i, view, hits, &next);
    }
}

#endif
