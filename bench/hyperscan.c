#include "bench/hyperscan.h"

#include "engine/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef WEIR_HAVE_HYPERSCAN
#include <hs/hs.h>

#define FLAGS (HS_FLAG_UTF8 | HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH)

struct hyperscan {
    hs_database_t *database;
    hs_scratch_t *scratch;
};

bool hyperscan_is_here(void)
{
    return true;
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Keywords as expressions: what has a meaning is escaped.
static char *expression_of(const struct weir_pattern *pattern)
{
    struct weir_buffer buffer = {0};
    for (size_t i = 0; i < pattern->text.length; i++) {
        char byte = pattern->text.data[i];
        if (pattern->kind != WEIR_PATTERN_REGEX && byte && strchr("\\^$.[]|()?*+{}/-#", byte)) {
            weir_buffer_add_byte(&buffer, '\\');
        }
        weir_buffer_add_byte(&buffer, byte);
    }
    weir_buffer_add_byte(&buffer, '\0');
    return buffer.data;
}

bool hyperscan_accepts(struct weir_span regex)
{
    struct weir_pattern pattern = {.kind = WEIR_PATTERN_REGEX, .text = regex};
    char *expression = expression_of(&pattern);
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    hs_error_t result = hs_expression_info(expression, FLAGS, &info, &error);
    free(info);
    hs_free_compile_error(error);
    free(expression);
    return result == HS_SUCCESS;
}

// What one call of the compiler takes.
struct expressions {
    char **texts;
    unsigned *flags;
    unsigned *ids;
    size_t count;
};

static struct expressions expressions_of(const struct set *set)
{
    struct expressions all = {.texts = weir_new_array(char *, set->count),
                              .flags = weir_new_array(unsigned, set->count),
                              .ids = weir_new_array(unsigned, set->count),
                              .count = set->count};
    for (size_t i = 0; i < set->count; i++) {
        all.texts[i] = expression_of(&set->patterns[i]);
        all.flags[i] = FLAGS;
        all.ids[i] = (unsigned)i;
    }
    return all;
}

static void expressions_fini(struct expressions *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->texts[i]);
    }
    free(all->texts);
    free(all->flags);
    free(all->ids);
}

// False where the error does not say which expression was too large.
static bool leave_out(struct set *set, struct expressions *all, int which)
{
    if (which < 0 || (size_t)which >= all->count) {
        return false;
    }
    size_t at = (size_t)which;
    *(set->patterns[at].kind == WEIR_PATTERN_REGEX ? &set->regexes : &set->keywords) -= 1;
    free(all->texts[at]);
    memmove(&set->patterns[at], &set->patterns[at + 1],
            (set->count - at - 1) * sizeof(*set->patterns));
    memmove(&all->texts[at], &all->texts[at + 1], (set->count - at - 1) * sizeof(*all->texts));
    all->count--;
    set->count--;
    return true;
}

struct hyperscan *hyperscan_create(struct set *set, double *seconds_out)
{
    WEIR_AUTO(hyperscan_destroy) struct hyperscan *hyperscan = weir_new(struct hyperscan);
    struct expressions all = expressions_of(set);
    hs_error_t result;
    bool again;
    do {
        hs_compile_error_t *error = NULL;
        double start = now_seconds();
        result = hs_compile_multi((const char *const *)all.texts, all.flags, all.ids,
                                  (unsigned)all.count, HS_MODE_BLOCK, NULL, &hyperscan->database,
                                  &error);
        *seconds_out = now_seconds() - start;
        again = result != HS_SUCCESS && error && leave_out(set, &all, error->expression);
        if (result != HS_SUCCESS && !again) {
            fprintf(stderr, "hyperscan: %s\n", error ? error->message : "?");
        }
        hs_free_compile_error(error);
    } while (again);
    expressions_fini(&all);
    if (result != HS_SUCCESS) {
        return NULL;
    }
    hs_alloc_scratch(hyperscan->database, &hyperscan->scratch);
    return weir_take(hyperscan);
}

void hyperscan_destroy(struct hyperscan **hyperscan)
{
    if (*hyperscan) {
        hs_free_scratch((*hyperscan)->scratch);
        hs_free_database((*hyperscan)->database);
        free(*hyperscan);
        *hyperscan = NULL;
    }
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *user)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    (*(size_t *)user)++;
    return 0;
}

void hyperscan_scan(const struct hyperscan *hyperscan, const struct lines *chat)
{
    size_t matches = 0;
    for (size_t i = 0; i < chat->count; i++) {
        hs_scan(hyperscan->database, chat->items[i].data, (unsigned)chat->items[i].length, 0,
                hyperscan->scratch, count_match, &matches);
    }
}

#else

bool hyperscan_is_here(void)
{
    return false;
}

bool hyperscan_accepts(struct weir_span regex)
{
    (void)regex;
    return true;
}

struct hyperscan *hyperscan_create(struct set *set, double *seconds_out)
{
    (void)set;
    (void)seconds_out;
    return NULL;
}

void hyperscan_destroy(struct hyperscan **hyperscan)
{
    (void)hyperscan;
}

void hyperscan_scan(const struct hyperscan *hyperscan, const struct lines *chat)
{
    (void)hyperscan;
    (void)chat;
}

#endif
