#include "engine/match/regex.h"

#include "engine/base/alloc.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// PCRE2 counts calls of its inner match function: 100,000 are about a tenth of a millisecond, and
// no chat line needs more. Depth and heap bind the interpreter, which runs only without JIT.
#define MATCH_LIMIT     100000u
#define LEAST_LIMIT     8u  // enough for most regexes on most texts
#define LIMIT_GROWTH    16u // from one try to the next
#define DEPTH_LIMIT     20000u
#define HEAP_LIMIT_KIB  16384u
#define JIT_STACK_LEAST (32u * 1024u)
#define JIT_STACK_MOST  (512u * 1024u)
#define GROUPS_MOST     64u // captures beyond are matched, but can't be named in replies

struct weir_regex {
    pcre2_code *code;            // touched under the lock alone until it is published in `ready`
    _Atomic(pcre2_code *) ready; // with its machine code, where the platform has any
    pthread_mutex_t lock;
};

struct weir_regex_scratch {
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
};

static struct weir_regex *refuse(struct weir_regex_error *error, int code, PCRE2_SIZE offset)
{
    error->offset = offset;
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)error->text, sizeof(error->text)) < 0) {
        strcpy(error->text, "PCRE2 refuses it");
    }
    return NULL;
}

struct weir_regex *weir_regex_create(struct weir_span pattern, bool caseless,
                                     struct weir_regex_error *error)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    int code = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)(pattern.length ? pattern.data : ""), pattern.length,
                      options | (caseless ? PCRE2_CASELESS : 0), &code, &offset, NULL);
    if (!compiled) {
        return refuse(error, code, offset);
    }
    struct weir_regex *regex = weir_new(struct weir_regex);
    regex->code = compiled;
    pthread_mutex_init(&regex->lock, NULL);
    return regex;
}

void weir_regex_destroy(struct weir_regex **regex)
{
    if (*regex) {
        pcre2_code_free((*regex)->code);
        pthread_mutex_destroy(&(*regex)->lock);
        free(*regex);
        *regex = NULL;
    }
}

struct weir_regex_scratch *weir_regex_scratch_create(void)
{
    struct weir_regex_scratch *scratch = weir_new(struct weir_regex_scratch);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->data = pcre2_match_data_create(GROUPS_MOST, NULL);
    scratch->stack = pcre2_jit_stack_create(JIT_STACK_LEAST, JIT_STACK_MOST, NULL);
    weir_assert(scratch->context && scratch->data);
    pcre2_set_depth_limit(scratch->context, DEPTH_LIMIT);
    pcre2_set_heap_limit(scratch->context, HEAP_LIMIT_KIB);
    if (scratch->stack) { // NULL on platforms without JIT
        pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
    }
    return scratch;
}

void weir_regex_scratch_destroy(struct weir_regex_scratch **scratch)
{
    if (*scratch) {
        pcre2_jit_stack_free((*scratch)->stack);
        pcre2_match_data_free((*scratch)->data);
        pcre2_match_context_free((*scratch)->context);
        free(*scratch);
        *scratch = NULL;
    }
}

// Most regexes of a large set never become candidates, so machine code waits for the first one that
// does. Whoever comes first makes it; the others wait some ten microseconds, once.
static pcre2_code *ready_code(struct weir_regex *regex)
{
    pcre2_code *ready = atomic_load_explicit(&regex->ready, memory_order_acquire);
    if (ready) {
        return ready;
    }
    pthread_mutex_lock(&regex->lock);
    if (!atomic_load_explicit(&regex->ready, memory_order_relaxed)) {
        pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); // without it the interpreter runs
        atomic_store_explicit(&regex->ready, regex->code, memory_order_release);
    }
    pthread_mutex_unlock(&regex->lock);
    return regex->code;
}

static const char *cause_of(int result)
{
    switch (result) {
    case PCRE2_ERROR_MATCHLIMIT:
        return "match limit";
    case PCRE2_ERROR_DEPTHLIMIT:
        return "depth limit";
    case PCRE2_ERROR_HEAPLIMIT:
        return "heap limit";
    case PCRE2_ERROR_JIT_STACKLIMIT:
        return "JIT stack limit";
    default:
        return "PCRE2 error";
    }
}

// A full JIT stack says nothing about the text, so the interpreter has a try.
static int run(struct weir_regex *regex, struct weir_regex_scratch *scratch, struct weir_span text,
               uint32_t from, uint32_t limit)
{
    const pcre2_code *code = ready_code(regex);
    pcre2_set_match_limit(scratch->context, limit);
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.length ? text.data : "");
    uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
    int result =
        pcre2_match(code, subject, text.length, from, options, scratch->data, scratch->context);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        result = pcre2_match(code, subject, text.length, from, options | PCRE2_NO_JIT,
                             scratch->data, scratch->context);
    }
    return result;
}

static enum weir_regex_outcome outcome_of(const struct weir_regex_scratch *scratch, int result,
                                          struct weir_regex_match *match_out)
{
    if (result == PCRE2_ERROR_NOMATCH) {
        return WEIR_REGEX_MISS;
    }
    if (result < 0) {
        match_out->cause = cause_of(result);
        return WEIR_REGEX_LIMIT;
    }
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(scratch->data);
    match_out->start = (uint32_t)ends[0];
    match_out->end = (uint32_t)ends[1];
    return WEIR_REGEX_HIT;
}

enum weir_regex_outcome weir_regex_find(struct weir_regex *regex,
                                        struct weir_regex_scratch *scratch, struct weir_span text,
                                        uint32_t from, struct weir_regex_match *match_out)
{
    return outcome_of(scratch, run(regex, scratch, text, from, MATCH_LIMIT), match_out);
}

// A hit says how far the search went, so that a flood of hits is charged for each byte once.
static uint64_t starts_tried(const struct weir_regex_scratch *scratch, int result,
                             struct weir_span text, uint32_t from)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(scratch->data);
    bool has_start = result >= 0 && ends[0] >= from && ends[0] < text.length;
    return has_start ? ends[0] - from + 1 : text.length - from + 1;
}

enum weir_regex_outcome weir_regex_find_within(struct weir_regex *regex,
                                               struct weir_regex_scratch *scratch,
                                               struct weir_span text, uint32_t from,
                                               uint64_t *budget, struct weir_regex_match *match_out)
{
    uint64_t starts = text.length - from + 1;
    for (uint32_t limit = LEAST_LIMIT; limit <= MATCH_LIMIT; limit *= LIMIT_GROWTH) {
        if (*budget < starts * limit) {
            break;
        }
        int result = run(regex, scratch, text, from, limit);
        *budget -= starts_tried(scratch, result, text, from) * limit;
        if (result != PCRE2_ERROR_MATCHLIMIT) {
            return outcome_of(scratch, result, match_out);
        }
    }
    match_out->cause = "match limit";
    return WEIR_REGEX_LIMIT;
}

struct weir_span weir_regex_capture(struct weir_regex *regex, struct weir_regex_scratch *scratch,
                                    struct weir_span text, uint32_t from, const char *name)
{
    struct weir_span none = {0};
    if (!weir_regex_has_group(regex, name) || run(regex, scratch, text, from, MATCH_LIMIT) < 0) {
        return none;
    }
    PCRE2_UCHAR *first = NULL;
    PCRE2_UCHAR *last = NULL;
    int step = pcre2_substring_nametable_scan(regex->code, (PCRE2_SPTR)name, (PCRE2_SPTR *)&first,
                                              (PCRE2_SPTR *)&last);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(scratch->data);
    for (PCRE2_UCHAR *row = first; step > 0 && row <= last; row += step) {
        uint32_t group = (uint32_t)row[0] << 8 | row[1];
        if (group < GROUPS_MOST && ends[2 * group] != PCRE2_UNSET &&
            ends[2 * group + 1] >= ends[2 * group]) {
            return weir_span_slice(text, ends[2 * group], ends[2 * group + 1]);
        }
    }
    return none;
}

bool weir_regex_has_groups(const struct weir_regex *regex)
{
    uint32_t count = 0;
    return pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &count) == 0 && count > 0;
}

bool weir_regex_has_group(const struct weir_regex *regex, const char *name)
{
    PCRE2_SPTR first = NULL;
    PCRE2_SPTR last = NULL;
    return pcre2_substring_nametable_scan(regex->code, (PCRE2_SPTR)name, &first, &last) > 0;
}

bool weir_regex_first_bytes(const struct weir_regex *regex, uint8_t bits_out[32])
{
    const uint8_t *bits = NULL;
    if (pcre2_pattern_info(regex->code, PCRE2_INFO_FIRSTBITMAP, &bits) != 0 || !bits) {
        return false;
    }
    memcpy(bits_out, bits, 32);
    return true;
}
