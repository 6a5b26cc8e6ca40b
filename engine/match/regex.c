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
#define LEAST_LIMIT     8u     // enough for most regexes on most texts
#define WINDOW_BYTES    32u    // of places to start at that are tried together
#define CALL_STEPS      64u    // what a call costs however little it does
#define COUNTED_LEAST   512u   // bytes, beyond which it pays to count where a match may start
#define BYTES_A_STEP    16u    // where PCRE2 only looks for a first byte
#define DEPTH_LIMIT     50000u // more than fills the JIT stack, so that the second try helps
#define HEAP_LIMIT_KIB  16384u
#define JIT_STACK_LEAST (32u * 1024u)
#define JIT_STACK_MOST  (512u * 1024u)
#define GROUPS_MOST     64u // captures beyond are matched, but can't be named in replies

struct weir_regex {
    pcre2_code *code;            // touched under the lock alone until it is published in `ready`
    _Atomic(pcre2_code *) ready; // with its machine code, where the platform has any
    pthread_mutex_t lock;
    uint8_t starts[32]; // bits by byte: those that a match may begin with
    bool starts_once;   // only at the beginning of the text
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

// Where a match may start decides what a run may cost at most.
static void learn_starts(struct weir_regex *regex)
{
    uint32_t options = 0;
    uint32_t kind = 0;
    uint32_t unit = 0;
    memset(regex->starts, 0xFF, sizeof(regex->starts));
    pcre2_pattern_info(regex->code, PCRE2_INFO_ALLOPTIONS, &options);
    pcre2_pattern_info(regex->code, PCRE2_INFO_FIRSTCODETYPE, &kind);
    regex->starts_once = (options & PCRE2_ANCHORED) != 0;
    if (kind == 1 && pcre2_pattern_info(regex->code, PCRE2_INFO_FIRSTCODEUNIT, &unit) == 0) {
        uint32_t other = ((unit | 0x20) >= 'a' && (unit | 0x20) <= 'z') ? unit ^ 0x20 : unit;
        memset(regex->starts, 0, sizeof(regex->starts));
        regex->starts[(unit & 0xFF) >> 3] |= (uint8_t)(1u << (unit & 7));
        regex->starts[(other & 0xFF) >> 3] |= (uint8_t)(1u << (other & 7));
    } else {
        weir_regex_first_bytes(regex, regex->starts);
    }
    memset(regex->starts + 16, 0, 8); // 0x80 to 0xBF: inside a character
}

struct weir_regex *weir_regex_create(struct weir_span pattern, bool caseless,
                                     struct weir_regex_error *error)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
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
    learn_starts(regex);
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

// One call of PCRE2.
struct call {
    struct weir_regex *regex;
    struct weir_regex_scratch *scratch;
    struct weir_span text;
    uint32_t from;
    size_t last_start; // PCRE2_UNSET: any
    uint32_t limit;
};

// A full JIT stack says nothing about the text, so the interpreter has a try.
static int run(const struct call *call)
{
    const pcre2_code *code = ready_code(call->regex);
    struct weir_regex_scratch *scratch = call->scratch;
    pcre2_set_match_limit(scratch->context, call->limit);
    pcre2_set_offset_limit(scratch->context, call->last_start);
    PCRE2_SPTR subject = (PCRE2_SPTR)(call->text.length ? call->text.data : "");
    uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
    int result = pcre2_match(code, subject, call->text.length, call->from, options, scratch->data,
                             scratch->context);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        result = pcre2_match(code, subject, call->text.length, call->from, options | PCRE2_NO_JIT,
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
    struct call call = {regex, scratch, text, from, PCRE2_UNSET, MATCH_LIMIT};
    return outcome_of(scratch, run(&call), match_out);
}

// How many bytes of a part of the text a match may start at.
static uint32_t count_starts(const struct weir_regex *regex, struct weir_span text, uint32_t from,
                             size_t end)
{
    if (regex->starts_once) {
        return 1;
    }
    uint32_t count = 1; // the empty rest
    for (size_t i = from; i < end && i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        count += regex->starts[byte >> 3] >> (byte & 7) & 1;
    }
    return count;
}

// Runs within the budget, which is charged for the work that may have been done: where the call
// found a match, up to there. False: the budget does not allow it.
static bool run_charged(struct call *call, uint64_t *budget, int *result_out)
{
    size_t end = call->last_start == PCRE2_UNSET ? call->text.length : call->last_start + 1;
    bool is_short = call->last_start == PCRE2_UNSET && end - call->from <= COUNTED_LEAST;
    uint64_t passed = CALL_STEPS + (end - call->from) / BYTES_A_STEP;
    uint64_t starts = end - call->from + 1;
    bool is_counted = *budget < starts * call->limit + passed; // else no need to look closely yet
    if (is_counted) {
        starts = count_starts(call->regex, call->text, call->from, end);
        if (*budget < starts * call->limit + passed) {
            return false;
        }
    }
    *result_out = run(call);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(call->scratch->data);
    if (*result_out >= 0 && ends[0] >= call->from && ends[0] < end) { // \K may put it anywhere
        starts = count_starts(call->regex, call->text, call->from, ends[0] + 1);
        passed = CALL_STEPS + (ends[0] - call->from) / BYTES_A_STEP;
    } else if (!is_counted && !is_short) {
        starts = count_starts(call->regex, call->text, call->from, end);
    }
    *budget -= starts * call->limit + passed;
    return true;
}

static bool starts_character(struct weir_span text, size_t at)
{
    return at >= text.length || ((unsigned char)text.data[at] & 0xC0) != 0x80;
}

// The last byte of the window that begins at `from`; PCRE2 wants places between characters.
static size_t window_end(struct weir_span text, uint32_t from, uint32_t bytes)
{
    size_t end = from + bytes;
    while (!starts_character(text, end)) {
        end++;
    }
    return end <= text.length ? end - 1 : text.length;
}

// What all places to start at together can't do within a small limit, a few at a time may: so the
// limit grows only for those places that need it, and what is charged is near to what was done.
static enum weir_regex_outcome find_in_windows(struct call *call, uint64_t *budget,
                                               struct weir_regex_match *match_out)
{
    uint32_t bytes = WINDOW_BYTES;
    int result = PCRE2_ERROR_NOMATCH;
    while (call->from <= call->text.length) {
        call->last_start =
            call->regex->starts_once ? PCRE2_UNSET : window_end(call->text, call->from, bytes);
        if (!run_charged(call, budget, &result)) {
            result = PCRE2_ERROR_MATCHLIMIT;
            break;
        }
        if (result == PCRE2_ERROR_MATCHLIMIT && bytes > 1) {
            bytes = 1;
        } else if (result == PCRE2_ERROR_MATCHLIMIT && call->limit < MATCH_LIMIT) {
            call->limit *= 2;
        } else if (result != PCRE2_ERROR_NOMATCH || call->last_start == PCRE2_UNSET) {
            break;
        } else {
            call->from = (uint32_t)call->last_start + 1;
            bytes = WINDOW_BYTES;
        }
    }
    return outcome_of(call->scratch, result, match_out);
}

enum weir_regex_outcome weir_regex_find_within(struct weir_regex *regex,
                                               struct weir_regex_scratch *scratch,
                                               struct weir_span text, uint32_t from,
                                               uint64_t *budget, struct weir_regex_match *match_out)
{
    struct call call = {regex, scratch, text, from, PCRE2_UNSET, LEAST_LIMIT};
    int result = PCRE2_ERROR_MATCHLIMIT;
    if (run_charged(&call, budget, &result) && result != PCRE2_ERROR_MATCHLIMIT) {
        return outcome_of(scratch, result, match_out);
    }
    return find_in_windows(&call, budget, match_out);
}

struct weir_span weir_regex_capture(struct weir_regex *regex, struct weir_regex_scratch *scratch,
                                    struct weir_span text, uint32_t from, const char *name)
{
    struct weir_span none = {0};
    struct call call = {regex, scratch, text, from, PCRE2_UNSET, MATCH_LIMIT};
    if (!weir_regex_has_group(regex, name) || run(&call) < 0) {
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

bool weir_regex_refuses_start(const struct weir_regex *regex, unsigned char byte)
{
    return regex->starts_once && (regex->starts[byte >> 3] >> (byte & 7) & 1) == 0;
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
