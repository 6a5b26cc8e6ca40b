// What one pass over a message costs: fold view, literals, confirmed regexes with their spans;
// beside it, where the machine has Hyperscan, one raw hs_scan of the same patterns over the same
// bytes, and PCRE2-JIT one pattern at a time. All in one run, interleaved; medians of processor
// time.
//
//   build-release/bench/bench_match ../shared/corpus [PART OF A SET'S NAME]

#include "bench/hyperscan.h"
#include "bench/lines.h"
#include "bench/others.h"
#include "engine/base/alloc.h"
#include "engine/base/diagnostics.h"
#include "engine/match/lint.h"
#include "engine/match/matcher.h"
#include "engine/match/regex.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PASSES          9u
#define MESSAGES_MOST   20000u
#define ONE_BY_ONE_MOST 250u
#define COUNTED_MOST    10u // of {n,m}: Hyperscan writes these out, and compiles for minutes
#define REGEXES_MOST    1000u

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); // other load does not count
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
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

static void add_patterns(struct set *set, const struct lines *lines, size_t count,
                         enum weir_pattern_kind kind)
{
    for (size_t i = 0; i < count && i < lines->count; i++) {
        set->patterns[set->count++] = (struct weir_pattern){
            .kind = kind, .views = 1u << WEIR_VIEW_FOLD, .text = lines->items[i]};
    }
}

static struct set set_of(const struct lines *keywords, size_t keyword_count,
                         const struct lines *regexes, size_t regex_count)
{
    struct set set = {.patterns = weir_new_array(struct weir_pattern, keyword_count + regex_count)};
    add_patterns(&set, keywords, keyword_count, WEIR_PATTERN_INCLUDES);
    set.keywords = set.count;
    add_patterns(&set, regexes, regex_count, WEIR_PATTERN_REGEX);
    set.regexes = set.count - set.keywords;
    return set;
}

static void look_in_skeleton_too(struct set *set)
{
    for (size_t i = 0; i < set->keywords; i++) {
        set->patterns[i].views |= 1u << WEIR_VIEW_SKELETON;
    }
}

// ---- Which regexes

/** How many were left out, and why. */
struct left_out {
    size_t refused;
    size_t linted[WEIR_PATTERN_LINT_COUNT];
    size_t by_hyperscan;
    size_t counted;
};

static bool is_usable(const struct weir_pattern *pattern)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_matcher_destroy)
    struct weir_matcher *matcher = weir_matcher_create(pattern, 1, &diagnostics);
    return matcher != NULL;
}

// Whether {n,m} in it counts far.
static bool counts_far(struct weir_span text)
{
    uint32_t number = 0;
    bool counts = false;
    for (size_t i = 0; i < text.length; i++) {
        bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';
        counts = text.data[i] == '{' || (counts && (is_digit || text.data[i] == ','));
        number = counts && is_digit ? number * 10 + (uint32_t)(text.data[i] - '0') : 0;
        if (number >= COUNTED_MOST && number < 100000) {
            return true;
        }
    }
    return false;
}

static void on_lint(void *user, size_t pattern, const struct weir_pattern_lint *lint)
{
    (void)pattern;
    *(int *)user = (int)lint->kind;
}

// Those that we take and that weir check would not warn of; with `both` those that Hyperscan takes
// too, and compiles in bearable time.
static bool is_kept(const struct weir_pattern *pattern, bool both, struct left_out *left_out)
{
    int lint = -1;
    if (!is_usable(pattern)) {
        left_out->refused++;
        return false;
    }
    weir_patterns_lint(pattern, 1, on_lint, &lint);
    if (lint >= 0) {
        left_out->linted[lint]++;
        return false;
    }
    bool is_foreign = both && !hyperscan_accepts(pattern->text);
    bool is_slow_there = both && !is_foreign && counts_far(pattern->text);
    left_out->by_hyperscan += is_foreign;
    left_out->counted += is_slow_there;
    return !is_foreign && !is_slow_there;
}

static struct lines choose(const struct lines *all, size_t most, bool both)
{
    struct lines kept = {0};
    struct left_out left_out = {0};
    size_t seen = 0;
    for (; seen < all->count && kept.count < most; seen++) {
        struct weir_pattern pattern = {
            .kind = WEIR_PATTERN_REGEX, .views = 1u << WEIR_VIEW_FOLD, .text = all->items[seen]};
        if (is_kept(&pattern, both, &left_out)) {
            lines_add(&kept, pattern.text);
        }
    }
    printf("%zu of %zu regexes; left out: %zu that weir refuses, %zu slow, %zu spelt out, %zu "
           "without literal",
           kept.count, seen, left_out.refused, left_out.linted[WEIR_PATTERN_SLOW],
           left_out.linted[WEIR_PATTERN_SPELT_OUT], left_out.linted[WEIR_PATTERN_NO_LITERAL]);
    if (both) {
        printf(", %zu that Hyperscan refuses, %zu that count to %u or more", left_out.by_hyperscan,
               left_out.counted, COUNTED_MOST);
    }
    printf("\n");
    fflush(stdout);
    return kept;
}

// ---- What is measured

struct weir_side {
    struct weir_matcher *matcher;
    struct weir_match_scratch *scratch;
    struct weir_text *text;
    size_t hits;
};

static void weir_side_fini(struct weir_side *side)
{
    weir_matcher_destroy(&side->matcher);
    weir_match_scratch_destroy(&side->scratch);
    weir_text_destroy(&side->text);
}

static bool weir_side_init(struct weir_side *side, const struct set *set)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    *side =
        (struct weir_side){.scratch = weir_match_scratch_create(), .text = weir_text_create(2000)};
    side->matcher = weir_matcher_create(set->patterns, set->count, &diagnostics);
    for (size_t i = 0; i < diagnostics.count && i < 3; i++) {
        fprintf(stderr, "%s\n", diagnostics.items[i].error.text);
    }
    return side->matcher != NULL;
}

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

static double run_fold(struct weir_side *side, const struct lines *chat)
{
    double start = now_seconds();
    for (size_t i = 0; i < chat->count; i++) {
        weir_text_set(side->text, chat->items[i], NULL, 0, false);
        weir_text_view(side->text, WEIR_VIEW_FOLD);
    }
    return (now_seconds() - start) / (double)chat->count * 1e9;
}

static double run_hyperscan(const struct hyperscan *hyperscan, const struct lines *chat)
{
    double start = now_seconds();
    hyperscan_scan(hyperscan, chat);
    return (now_seconds() - start) / (double)chat->count * 1e9;
}

static double run_one_by_one(const struct set *set, const struct lines *chat)
{
    struct weir_regex **regexes = weir_new_array(struct weir_regex *, set->regexes);
    struct weir_regex_scratch *scratch = weir_regex_scratch_create();
    struct weir_regex_error error;
    struct weir_regex_match match;
    for (size_t i = 0; i < set->regexes; i++) {
        regexes[i] = weir_regex_create(set->patterns[set->keywords + i].text, true, &error);
        weir_regex_find(regexes[i], scratch, WEIR_SPAN(""), 0, &match); // its machine code
    }
    double start = now_seconds();
    for (size_t i = 0; i < chat->count; i++) {
        for (size_t j = 0; j < set->regexes; j++) {
            weir_regex_find(regexes[j], scratch, chat->items[i], 0, &match);
        }
    }
    double time = (now_seconds() - start) / (double)chat->count * 1e9;
    for (size_t i = 0; i < set->regexes; i++) {
        weir_regex_destroy(&regexes[i]);
    }
    free(regexes);
    weir_regex_scratch_destroy(&scratch);
    return time;
}

// ---- The table

/** A set and what is asked of it (issue 3); 0 where nothing is. */
struct row {
    const char *name;
    size_t words;
    size_t regexes;
    bool watched;       // SmokeDetector's long list, which Hyperscan compiles for minutes
    bool with_skeleton; // words are looked for there too
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
    {"10,000 + 1,000, skeleton too", 10000, 1000, false, true, 1.2, 0, 0},
    {"100 watched regexes", 0, 100, true, false, 0, 0, 0},
    {"13,000 watched regexes", 0, 13000, true, false, 0, 0, 300},
};

enum {
    ROW_1000_WORDS = 2,
    ROW_10000_WORDS = 3,
    ROW_50000_WORDS = 4,
    ROW_BOTH = 5,
    ROW_100_WATCHED = 7,
    ROW_13000_WATCHED = 8,
};

/** All that rows are made of, and Hyperscan's work, which the next row may want again. */
struct bench {
    struct lines keywords;
    struct lines regexes;
    struct lines watched;
    struct lines chat;
    struct set set;
    const struct row *set_of;
    struct hyperscan *hyperscan;
    double hyperscan_seconds;
};

static void drop_set(struct bench *bench)
{
    free(bench->set.patterns);
    bench->set = (struct set){0};
    hyperscan_destroy(&bench->hyperscan);
    bench->set_of = NULL;
}

// The set of a row; that of the row before is used again where it has the same patterns.
static void make_set(struct bench *bench, const struct row *row)
{
    const struct row *last = bench->set_of;
    bool is_same = last && last->words == row->words && last->regexes == row->regexes &&
                   last->watched == row->watched;
    if (!is_same) {
        drop_set(bench);
        bench->set = set_of(&bench->keywords, row->words,
                            row->watched ? &bench->watched : &bench->regexes, row->regexes);
        bench->set_of = row;
        if (!row->watched) {
            bench->hyperscan = hyperscan_create(&bench->set, &bench->hyperscan_seconds);
        }
    }
    if (row->with_skeleton) {
        look_in_skeleton_too(&bench->set);
    }
}

static void print_head(void)
{
    printf("\n%-30s %6s %6s | %6s %6s %7s %6s %5s | %9s %6s %5s | %8s %5s %8s %6s | %6s\n", "set",
           "words", "regex", "weir", "fold", "hs_scan", "ratio", "asked", "pcre2-jit", "times",
           "asked", "load ms", "asked", "hs ms", "times", "hits");
}

static void print_number(int width, int decimals, double number)
{
    if (number > 0) {
        printf(" %*.*f", width, decimals, number);
    } else {
        printf(" %*s", width, "");
    }
}

struct times {
    double weir;
    double fold;
    double hyperscan;
    double one_by_one;
    double load_ms;
};

static struct times measure(struct bench *bench, struct weir_side *side)
{
    double weir[PASSES];
    double fold[PASSES];
    double hyperscan[PASSES] = {0};
    double load[3];
    for (uint32_t i = 0; i < ARRAY_LEN(load); i++) {
        weir_side_fini(side);
        double start = now_seconds();
        weir_side_init(side, &bench->set);
        load[i] = (now_seconds() - start) * 1e3;
    }
    run_weir(side, &bench->chat); // machine code of the regexes that are ever needed
    for (uint32_t pass = 0; pass < PASSES; pass++) {
        weir[pass] = run_weir(side, &bench->chat);
        fold[pass] = run_fold(side, &bench->chat);
        hyperscan[pass] = bench->hyperscan ? run_hyperscan(bench->hyperscan, &bench->chat) : 0;
    }
    bool is_few = bench->set.regexes > 0 && bench->set.regexes <= ONE_BY_ONE_MOST;
    return (struct times){.weir = median(weir, PASSES),
                          .fold = median(fold, PASSES),
                          .hyperscan = median(hyperscan, PASSES),
                          .one_by_one = is_few ? run_one_by_one(&bench->set, &bench->chat) : 0,
                          .load_ms = median(load, ARRAY_LEN(load))};
}

static double measure_row(struct bench *bench, const struct row *row)
{
    make_set(bench, row);
    WEIR_AUTO(weir_side_fini) struct weir_side side = {0};
    if (!weir_side_init(&side, &bench->set)) {
        return 0;
    }
    struct times times = measure(bench, &side);
    double hyperscan_ms = bench->hyperscan ? bench->hyperscan_seconds * 1e3 : 0;
    printf("%-30s %6zu %6zu |", row->name, bench->set.keywords, bench->set.regexes);
    print_number(6, 0, times.weir);
    print_number(6, 0, times.fold);
    print_number(7, 0, times.hyperscan);
    print_number(6, 2, times.hyperscan > 0 ? times.weir / times.hyperscan : 0);
    print_number(5, 1, row->ratio_asked);
    printf(" |");
    print_number(9, 0, times.one_by_one);
    print_number(6, 1, times.one_by_one / times.weir);
    print_number(5, 0, row->times_asked);
    printf(" |");
    print_number(8, 1, times.load_ms);
    print_number(5, 0, row->load_asked);
    print_number(8, 0, hyperscan_ms);
    print_number(6, 0, hyperscan_ms / times.load_ms);
    printf(" | %6zu\n", side.hits);
    fflush(stdout);
    return times.weir;
}

static void print_growth(const char *name, double from, double to)
{
    if (from > 0 && to > 0) {
        printf("%s: the cost of a message grows %.2f x (asked: at most 2)\n", name, to / from);
    }
}

static void read_corpus(struct bench *bench, const char *corpus)
{
    static const char *const words[] = {"kw-zh-houbb/dict.txt", "kw-en-zacanger/words.txt",
                                        "kw-multi-ldnoobw/en.txt", "kw-multi-ldnoobw/zh.txt"};
    static const char *const regexes[] = {
        "rx-en-smokedetector/bad_keywords.txt", "rx-en-spamassassin/rules.txt",
        "rx-zh-bilibili-snoopy/regex.txt", "rx-zh-bilibili-tardis/regex.txt"};
    static const char *const chats[] = {
        "chat-twitch-fl0m/fl0m-2021-05-31.jsonl",
        "chat-twitch-hasanabi/hasanabi-2022-11-17-textonly.jsonl.gz",
        "chat-youtube-live/ishowspeed-hk.jsonl.gz", "chat-zh-douyu/douyu-2267291.jsonl.gz"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        lines_read(&bench->keywords, corpus, words[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(regexes); i++) {
        lines_read(&bench->regexes, corpus, regexes[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
        lines_read_chat(&bench->chat, corpus, chats[i], MESSAGES_MOST / ARRAY_LEN(chats));
    }
    lines_read(&bench->watched, corpus, "rx-en-smokedetector/watched_keywords.txt");
    lines_shuffle(&bench->keywords);
    lines_shuffle(&bench->regexes);
    lines_shuffle(&bench->chat);
}

static void choose_regexes(struct bench *bench)
{
    struct lines both = choose(&bench->regexes, REGEXES_MOST, true);
    struct lines many = choose(&bench->watched, SIZE_MAX, false);
    lines_fini(&bench->regexes);
    lines_fini(&bench->watched);
    bench->regexes = both;
    bench->watched = many;
}

static void bench_fini(struct bench *bench)
{
    drop_set(bench);
    lines_fini(&bench->keywords);
    lines_fini(&bench->regexes);
    lines_fini(&bench->watched);
    lines_fini(&bench->chat);
}

// ---- What a process needs

// A process of its own with one set and nothing else: loads, scans, says what it holds.
static int print_resident(char **files)
{
    struct lines keywords = {0};
    struct lines regexes = {0};
    struct lines chat = {0};
    lines_read(&keywords, "", files[0]);
    lines_read(&regexes, "", files[1]);
    lines_read(&chat, "", files[2]);
    struct set set = set_of(&keywords, keywords.count, &regexes, regexes.count);
    WEIR_AUTO(weir_side_fini) struct weir_side side = {0};
    if (!weir_side_init(&side, &set)) {
        return 1;
    }
    run_weir(&side, &chat);
    printf("%.1f\n", others_resident_mb());
    free(set.patterns);
    lines_fini(&keywords);
    lines_fini(&regexes);
    lines_fini(&chat);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--resident") == 0) {
        return print_resident(argv + 2);
    }
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: bench_match CORPUS [PART OF A SET'S NAME]\n");
        return 3;
    }
    WEIR_AUTO(bench_fini) struct bench bench = {0};
    read_corpus(&bench, argv[1]);
    if (bench.chat.count == 0 || bench.keywords.count == 0 || bench.regexes.count == 0) {
        return 3;
    }
    choose_regexes(&bench);
    printf("%zu messages of %zu keywords; times in ns a message\n", bench.chat.count,
           bench.keywords.count);
    print_head();
    double times[ARRAY_LEN(rows)] = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (argc < 3 || strstr(rows[i].name, argv[2])) {
            times[i] = measure_row(&bench, &rows[i]);
        }
    }
    print_growth("1,000 to 50,000 words", times[ROW_1000_WORDS], times[ROW_50000_WORDS]);
    print_growth("100 to 13,000 regexes", times[ROW_100_WATCHED], times[ROW_13000_WATCHED]);
    if (times[ROW_BOTH] > 0) {
        others_print_resident(argv[0], &bench.keywords, rows[ROW_BOTH].words, &bench.regexes,
                              &bench.chat);
    }
    if (times[ROW_10000_WORDS] > 0) {
        others_print(&bench.keywords, rows[ROW_10000_WORDS].words, &bench.chat,
                     times[ROW_10000_WORDS]);
    }
    return 0;
}
