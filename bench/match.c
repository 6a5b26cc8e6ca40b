// What one pass over a message costs: fold view, literals, confirmed regexes with their spans;
// beside it, where the machine has Hyperscan, one raw hs_scan of the same patterns over the same
// bytes, and PCRE2-JIT one pattern at a time. All in one run, interleaved; medians.
//
//   build-release/bench/bench_match ../shared/corpus

#include "engine/base/alloc.h"
#include "engine/base/diagnostics.h"
#include "engine/base/utf8.h"
#include "engine/match/matcher.h"
#include "engine/match/regex.h"
#include "engine/sys/recording.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef WEIR_HAVE_HYPERSCAN
#include <hs/hs.h>
#endif

#define PASSES          5u
#define MESSAGES_MOST   20000u
#define ONE_BY_ONE_MOST 250u
#define COST_SAMPLE     500u
#define COST_MOST_NS    150.0 // of a regex alone; above it loading a set would warn

struct lines {
    struct weir_span *items;
    size_t count;
    size_t capacity;
};

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); // other load does not count
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Resident memory in MB.
static double resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    return (double)pages * 4096 / 1e6;
}

static void add_line(struct lines *lines, struct weir_span text)
{
    char *copy = weir_realloc_array(NULL, text.length + WEIR_TEXT_PADDING, 1);
    memcpy(copy, text.data, text.length);
    memset(copy + text.length, 0, WEIR_TEXT_PADDING);
    lines->items =
        weir_grow(lines->items, &lines->capacity, lines->count + 1, sizeof(*lines->items));
    lines->items[lines->count++] = (struct weir_span){copy, text.length};
}

static void read_lines(const char *corpus, const char *name, struct lines *out)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", corpus, name);
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    if (!file) {
        fprintf(stderr, "%s: not there, left out\n", path);
        return;
    }
    while ((length = getline(&line, &capacity, file)) >= 0) {
        struct weir_span text = weir_span_trim((struct weir_span){line, (size_t)length});
        bool has_delete = text.length > 0 && memchr(text.data, 0x7F, text.length);
        if (text.length > 0 && weir_utf8_is_valid(text) && !has_delete) { // Hyperscan has no U+007F
            add_line(out, text);
        }
    }
    free(line);
    fclose(file);
}

static void read_chat(const char *corpus, const char *name, size_t most, struct lines *out)
{
    char path[4096];
    struct weir_error err = {0};
    snprintf(path, sizeof(path), "%s/%s", corpus, name);
    struct weir_recording *recording = weir_recording_open(path, 1, NULL, NULL, &err);
    if (!recording) {
        fprintf(stderr, "%s: %s, left out\n", path, err.text);
        return;
    }
    const struct weir_event *event = weir_recording_next(recording);
    for (; event && most > 0; event = weir_recording_next(recording)) {
        if (event->kind == WEIR_EVENT_MESSAGE && event->message->text.length > 0) {
            add_line(out, event->message->text);
            most--;
        }
    }
    weir_recording_close(&recording);
}

static void shuffle(struct lines *lines)
{
    uint64_t state = 88172645463325252ull;
    for (size_t i = lines->count; i > 1; i--) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        size_t other = state % i;
        struct weir_span kept = lines->items[i - 1];
        lines->items[i - 1] = lines->items[other];
        lines->items[other] = kept;
    }
}

static int order_numbers(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *numbers, size_t count)
{
    qsort(numbers, count, sizeof(*numbers), order_numbers);
    return numbers[count / 2];
}

// ---- The sets

struct set {
    struct weir_pattern *patterns;
    size_t count;
    size_t keywords;
    size_t regexes;
};

static struct set set_of(const struct lines *keywords, size_t keyword_count,
                         const struct lines *regexes, size_t regex_count, uint32_t views)
{
    struct set set = {.patterns = weir_new_array(struct weir_pattern, keyword_count + regex_count)};
    for (size_t i = 0; i < keyword_count && i < keywords->count; i++) {
        set.patterns[set.count++] = (struct weir_pattern){
            .kind = WEIR_PATTERN_INCLUDES, .views = views, .text = keywords->items[i]};
        set.keywords++;
    }
    for (size_t i = 0; i < regex_count && i < regexes->count; i++) {
        set.patterns[set.count++] = (struct weir_pattern){
            .kind = WEIR_PATTERN_REGEX, .views = 1u << WEIR_VIEW_FOLD, .text = regexes->items[i]};
        set.regexes++;
    }
    return set;
}

// ---- What is measured

struct weir_side {
    struct weir_matcher *matcher;
    struct weir_match_scratch *scratch;
    struct weir_text *text;
    size_t hits;
};

static double run_weir(struct weir_side *side, const struct lines *chat)
{
    double start = now_seconds();
    side->hits = 0;
    for (size_t i = 0; i < chat->count; i++) {
        weir_text_set(side->text, chat->items[i], NULL, 0, false);
        side->hits += weir_matcher_scan(side->matcher, side->scratch, side->text)->count;
    }
    return (now_seconds() - start) / (double)chat->count * 1e9;
}

static double run_views(struct weir_side *side, const struct lines *chat, enum weir_view_kind view)
{
    double start = now_seconds();
    for (size_t i = 0; i < chat->count; i++) {
        weir_text_set(side->text, chat->items[i], NULL, 0, false);
        weir_text_view(side->text, view);
    }
    return (now_seconds() - start) / (double)chat->count * 1e9;
}

struct one_by_one {
    struct weir_regex **regexes;
    size_t count;
    struct weir_regex_scratch *scratch;
};

static struct one_by_one one_by_one_of(const struct set *set)
{
    struct one_by_one all = {.regexes = weir_new_array(struct weir_regex *, set->regexes + 1)};
    struct weir_regex_error error;
    for (size_t i = set->keywords; i < set->count && set->regexes <= ONE_BY_ONE_MOST; i++) {
        all.regexes[all.count++] = weir_regex_create(set->patterns[i].text, true, &error);
    }
    all.scratch = weir_regex_scratch_create();
    return all;
}

static double run_one_by_one(const struct one_by_one *all, const struct lines *chat)
{
    double start = now_seconds();
    struct weir_regex_match match;
    for (size_t i = 0; i < chat->count; i++) {
        for (size_t j = 0; j < all->count; j++) {
            weir_regex_find(all->regexes[j], all->scratch, chat->items[i], 0, &match);
        }
    }
    return (now_seconds() - start) / (double)chat->count * 1e9;
}

static void one_by_one_fini(struct one_by_one *all)
{
    for (size_t i = 0; i < all->count; i++) {
        weir_regex_destroy(&all->regexes[i]);
    }
    free(all->regexes);
    weir_regex_scratch_destroy(&all->scratch);
}

// ---- Hyperscan

#ifdef WEIR_HAVE_HYPERSCAN

#define HS_FLAGS (HS_FLAG_UTF8 | HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH)

struct hyperscan {
    hs_database_t *database;
    hs_scratch_t *scratch;
    double compile_seconds;
    double compile_mb;
};

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

static bool hyperscan_accepts(struct weir_span text)
{
    struct weir_pattern pattern = {.kind = WEIR_PATTERN_REGEX, .text = text};
    char *expression = expression_of(&pattern);
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    hs_error_t result = hs_expression_info(expression, HS_FLAGS, &info, &error);
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
        all.flags[i] = HS_FLAGS;
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

// What Hyperscan finds too large is named in the error and left out of both sides, so that they
// look for the same; false where it does not say which.
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

static bool hyperscan_init(struct hyperscan *hyperscan, struct set *set)
{
    struct expressions all = expressions_of(set);
    hs_error_t result;
    bool again;
    do {
        hs_compile_error_t *error = NULL;
        double start = now_seconds();
        result = hs_compile_multi((const char *const *)all.texts, all.flags, all.ids,
                                  (unsigned)all.count, HS_MODE_BLOCK, NULL, &hyperscan->database,
                                  &error);
        hyperscan->compile_seconds = now_seconds() - start;
        again = result != HS_SUCCESS && error && leave_out(set, &all, error->expression);
        if (result != HS_SUCCESS && !again) {
            fprintf(stderr, "hyperscan: %s\n", error ? error->message : "?");
        }
        hs_free_compile_error(error);
    } while (again);
    expressions_fini(&all);
    if (result == HS_SUCCESS) {
        hs_alloc_scratch(hyperscan->database, &hyperscan->scratch);
    }
    return result == HS_SUCCESS;
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

static double run_hyperscan(const struct hyperscan *hyperscan, const struct lines *chat)
{
    size_t matches = 0;
    double start = now_seconds();
    for (size_t i = 0; i < chat->count; i++) {
        hs_scan(hyperscan->database, chat->items[i].data, (unsigned)chat->items[i].length, 0,
                hyperscan->scratch, count_match, &matches);
    }
    return (now_seconds() - start) / (double)chat->count * 1e9;
}

static void hyperscan_fini(struct hyperscan *hyperscan)
{
    hs_free_scratch(hyperscan->scratch);
    hs_free_database(hyperscan->database);
}

#else

struct hyperscan {
    double compile_seconds;
};

static bool hyperscan_accepts(struct weir_span text)
{
    (void)text;
    return true;
}

static bool hyperscan_init(struct hyperscan *hyperscan, struct set *set)
{
    (void)hyperscan;
    (void)set;
    return false;
}

static double run_hyperscan(const struct hyperscan *hyperscan, const struct lines *chat)
{
    (void)hyperscan;
    (void)chat;
    return 0;
}

static void hyperscan_fini(struct hyperscan *hyperscan)
{
    (void)hyperscan;
}

#endif

// ---- One row of the table

static bool create_matcher(struct weir_side *side, const struct set *set)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    side->matcher = weir_matcher_create(set->patterns, set->count, &diagnostics);
    for (size_t i = 0; i < diagnostics.count && i < 3; i++) {
        fprintf(stderr, "%s\n", diagnostics.items[i].error.text);
    }
    return side->matcher != NULL;
}

static void print_ratio(double time, double base)
{
    if (base > 0) {
        printf(" %9.0f %6.2f", base, time / base);
    } else {
        printf(" %9s %6s", "-", "-");
    }
}

/** A set and what is asked of it (issue 3); 0 where nothing is. */
struct row {
    const char *name;
    size_t words;
    size_t regexes;
    bool watched; // SmokeDetector's long list, without Hyperscan, which compiles it for minutes
    bool in_skeleton;
    double ratio_asked; // of hs_scan, at most
    double times_asked; // faster than one by one, at least
    double load_asked;  // ms, at most
};

static const struct row rows[] = {
    {"100 words + 10 regexes", 100, 10, false, false, 1.2, 0, 0},
    {"200 regexes", 0, 200, false, false, 0, 25, 0},
    {"1,000 words", 1000, 0, false, false, 0, 0, 0},
    {"10,000 words", 10000, 0, false, false, 0, 0, 0},
    {"50,000 words", 50000, 0, false, false, 0, 0, 0},
    {"10,000 words + 1,000 regexes", 10000, 1000, false, false, 0.7, 0, 100},
    {"the same, words in skeleton too", 10000, 1000, false, true, 1.2, 0, 0},
    {"100 watched regexes", 0, 100, true, false, 0, 0, 0},
    {"13,000 watched regexes", 0, 13000, true, false, 0, 0, 300},
};

static void print_asked(double asked)
{
    if (asked > 0) {
        printf(" %5.1f", asked);
    } else {
        printf(" %5s", "");
    }
}

static void print_growth(const char *name, double from, double to)
{
    if (from > 0 && to > 0) {
        printf("%s: the cost of a message grows %.2f x (asked: at most 2)\n", name, to / from);
    }
}

static double measure_row(const struct row *row, const struct lines *keywords,
                          const struct lines *regexes, const struct lines *chat)
{
    uint32_t views = 1u << WEIR_VIEW_FOLD | (row->in_skeleton ? 1u << WEIR_VIEW_SKELETON : 0);
    struct set set = set_of(keywords, row->words, regexes, row->regexes, views);
    struct hyperscan hyperscan = {0};
    bool has_hyperscan = !row->watched && hyperscan_init(&hyperscan, &set);
    struct weir_side side = {.scratch = weir_match_scratch_create(),
                             .text = weir_text_create(2000)};
    malloc_trim(0);
    double memory = resident();
    double start = now_seconds();
    if (!create_matcher(&side, &set)) {
        return 0;
    }
    double load = now_seconds() - start;
    run_weir(&side, chat); // machine code of the regexes that are ever needed
    memory = resident() - memory;
    struct one_by_one one_by_one = one_by_one_of(&set);
    double weir[PASSES];
    double fold[PASSES];
    double hs[PASSES] = {0};
    double plain[PASSES] = {0};
    for (uint32_t pass = 0; pass < PASSES; pass++) {
        weir[pass] = run_weir(&side, chat);
        fold[pass] = run_views(&side, chat, WEIR_VIEW_FOLD);
        hs[pass] = has_hyperscan ? run_hyperscan(&hyperscan, chat) : 0;
        plain[pass] = one_by_one.count && pass == 0 ? run_one_by_one(&one_by_one, chat) : 0;
    }
    double ours = median(weir, PASSES);
    printf("%-34s %6zu %6zu %8.0f %6.0f", row->name, set.keywords, set.regexes, ours,
           median(fold, PASSES));
    print_ratio(ours, median(hs, PASSES));
    print_asked(row->ratio_asked);
    if (one_by_one.count) {
        printf(" %9.0f %6.1f", plain[0], plain[0] / ours);
    } else {
        printf(" %9s %6s", "-", "-");
    }
    print_asked(row->times_asked);
    printf(" %8.1f", load * 1e3);
    print_asked(row->load_asked);
    printf(" %9.1f %7.1f %7zu\n", hyperscan.compile_seconds * 1e3, memory, side.hits);
    fflush(stdout);
    one_by_one_fini(&one_by_one);
    if (has_hyperscan) {
        hyperscan_fini(&hyperscan);
    }
    weir_matcher_destroy(&side.matcher);
    weir_match_scratch_destroy(&side.scratch);
    weir_text_destroy(&side.text);
    free(set.patterns);
    return ours;
}

// What a regex costs by itself; a negative number where we refuse it.
static double cost_alone(struct weir_span text, const struct lines *sample)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_pattern pattern = {
        .kind = WEIR_PATTERN_REGEX, .views = 1u << WEIR_VIEW_FOLD, .text = text};
    struct weir_side side = {.matcher = weir_matcher_create(&pattern, 1, &diagnostics)};
    double cost = -1;
    if (side.matcher) {
        side.scratch = weir_match_scratch_create();
        side.text = weir_text_create(2000);
        run_weir(&side, sample);
        cost = COST_MOST_NS * 10;
        for (uint32_t pass = 0; pass < PASSES; pass++) {
            double views = run_views(&side, sample, WEIR_VIEW_FOLD);
            double alone = run_weir(&side, sample) - views;
            cost = alone < cost ? alone : cost;
        }
        cost = cost < 0 ? 0 : cost;
    }
    weir_matcher_destroy(&side.matcher);
    weir_match_scratch_destroy(&side.scratch);
    weir_text_destroy(&side.text);
    return cost;
}

static bool is_usable(struct weir_span text)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_pattern pattern = {
        .kind = WEIR_PATTERN_REGEX, .views = 1u << WEIR_VIEW_FOLD, .text = text};
    WEIR_AUTO(weir_matcher_destroy)
    struct weir_matcher *matcher = weir_matcher_create(&pattern, 1, &diagnostics);
    return matcher != NULL;
}

// Letters with separators between them: tight and skeleton read through those, and Hyperscan takes
// minutes to compile some.
static bool is_spelt_out(struct weir_span text)
{
    size_t separators = 0;
    for (size_t i = 0; i + 1 < text.length; i++) {
        separators += text.data[i] == '\\' && text.data[i + 1] == 'W';
    }
    return separators >= 2;
}

// Keeps the first `most` that we take and whose cost loading would not warn of, and with `both`
// that Hyperscan takes too.
static struct lines usable_of(const struct lines *all, size_t most, bool both,
                              const struct lines *chat)
{
    struct lines kept = {0};
    struct lines sample = {.items = chat->items, .count = COST_SAMPLE};
    size_t dear = 0;
    for (size_t i = 0; i < all->count && kept.count < most; i++) {
        if (both && is_spelt_out(all->items[i])) {
            continue;
        }
        double cost = both ? cost_alone(all->items[i], &sample) : 0;
        dear += cost > COST_MOST_NS;
        if (cost < 0 || cost > COST_MOST_NS) {
            continue;
        }
        if (both ? hyperscan_accepts(all->items[i]) : is_usable(all->items[i])) {
            add_line(&kept, all->items[i]);
        }
    }
    printf("%zu of %zu kept, %zu left out that cost more than %.0f ns a message each\n", kept.count,
           all->count, dear, COST_MOST_NS);
    fflush(stdout);
    return kept;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: bench_match CORPUS [PART OF A SET'S NAME]\n");
        return 3;
    }
    struct lines keywords = {0};
    struct lines regexes = {0};
    struct lines watched = {0};
    struct lines chat = {0};
    const char *corpus = argv[1];
    read_lines(corpus, "kw-zh-houbb/dict.txt", &keywords);
    read_lines(corpus, "kw-en-zacanger/words.txt", &keywords);
    read_lines(corpus, "kw-multi-ldnoobw/en.txt", &keywords);
    read_lines(corpus, "kw-multi-ldnoobw/zh.txt", &keywords);
    read_lines(corpus, "rx-en-smokedetector/bad_keywords.txt", &regexes);
    read_lines(corpus, "rx-en-spamassassin/rules.txt", &regexes);
    read_lines(corpus, "rx-zh-bilibili-snoopy/regex.txt", &regexes);
    read_lines(corpus, "rx-zh-bilibili-tardis/regex.txt", &regexes);
    read_lines(corpus, "rx-en-smokedetector/watched_keywords.txt", &watched);
    read_chat(corpus, "chat-twitch-fl0m/fl0m-2021-05-31.jsonl", MESSAGES_MOST / 4, &chat);
    read_chat(corpus, "chat-twitch-hasanabi/hasanabi-2022-11-17-textonly.jsonl.gz",
              MESSAGES_MOST / 4, &chat);
    read_chat(corpus, "chat-youtube-live/ishowspeed-hk.jsonl.gz", MESSAGES_MOST / 4, &chat);
    read_chat(corpus, "chat-zh-douyu/douyu-2267291.jsonl.gz", MESSAGES_MOST / 4, &chat);
    shuffle(&keywords);
    shuffle(&regexes);
    shuffle(&chat);
    if (chat.count < COST_SAMPLE || keywords.count == 0 || regexes.count == 0) {
        return 3;
    }
    struct lines both = usable_of(&regexes, 1000, true, &chat);
    struct lines many = usable_of(&watched, SIZE_MAX, false, &chat);
    printf("%zu messages, %zu keywords and %zu regexes at hand; times in ns a message\n\n",
           chat.count, keywords.count, both.count);
    printf("%-34s %6s %6s %8s %6s %9s %6s %5s %9s %6s %5s %8s %5s %9s %7s %7s\n", "set", "words",
           "regex", "weir", "fold", "hs_scan", "ratio", "asked", "pcre2-jit", "times", "asked",
           "load ms", "asked", "hs ms", "MB", "hits");
    double times[ARRAY_LEN(rows)] = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (argc < 3 || strstr(rows[i].name, argv[2])) {
            times[i] = measure_row(&rows[i], &keywords, rows[i].watched ? &many : &both, &chat);
        }
    }
    print_growth("1,000 to 50,000 words", times[2], times[4]);
    print_growth("100 to 13,000 regexes", times[7], times[8]);
    return 0;
}
