#include "tests/unit/test.h"

#include "engine/base/diagnostics.h"
#include "engine/match/matcher.h"

#include <stdlib.h>

#define FOLD     (1u << WEIR_VIEW_FOLD)
#define RAW      (1u << WEIR_VIEW_RAW)
#define TIGHT    (1u << WEIR_VIEW_TIGHT)
#define SKELETON (1u << WEIR_VIEW_SKELETON)
#define SOUND    (1u << WEIR_VIEW_SOUND)

// One pattern, one text, and the pieces of the original that are hit, with "|" between them.
static const struct {
    const char *name;
    enum weir_pattern_kind kind;
    uint32_t views;
    const char *pattern;
    const char *text;
    const char *hits;
} rows[] = {
    {"Han needs no edges", WEIR_PATTERN_WORD, FOLD, "代练", "找代练加我", "代练"},
    {"Latin does", WEIR_PATTERN_WORD, FOLD, "ass", "assessment, ass, pass", "ass"},
    {"Han beside Latin is an edge", WEIR_PATTERN_WORD, FOLD, "vx", "加VX聊", "VX"},
    {"a number behind a word", WEIR_PATTERN_WORD, FOLD, "qq", "加qq123456", "qq"},
    {"a digit that belongs to a name", WEIR_PATTERN_WORD, FOLD, "ps", "my ps5", ""},
    {"digits have edges", WEIR_PATTERN_WORD, FOLD, "64", "1648 64 x64", "64"},
    {"digits beside Han", WEIR_PATTERN_WORD, FOLD, "64", "今天64周年", "64"},
    {"two letters in a compound", WEIR_PATTERN_WORD, FOLD, "fu", "Kung-Fu", ""},
    {"two letters alone", WEIR_PATTERN_WORD, FOLD, "fu", "fu!", "fu"},
    {"three letters in a compound", WEIR_PATTERN_WORD, FOLD, "ass", "dumb-ass", "ass"},
    {"a mixed word: its edges differ", WEIR_PATTERN_WORD, FOLD, "微x", "加微x", "微x"},
    {"a mixed word: the Latin side", WEIR_PATTERN_WORD, FOLD, "微x", "加微xyz", ""},
    {"across words", WEIR_PATTERN_WORD, FOLD, "nas", "banan as so", ""},
    {"full width", WEIR_PATTERN_WORD, FOLD, "vx", "加ＶＸ", "ＶＸ"},
    {"several", WEIR_PATTERN_WORD, FOLD, "垃圾", "垃圾垃圾主播垃圾", "垃圾|垃圾|垃圾"},
    {"Cyrillic has edges", WEIR_PATTERN_WORD, FOLD, "суп", "супер суп", "суп"},
    {"Kana has none", WEIR_PATTERN_WORD, FOLD, "バカ", "おバカさん", "バカ"},
    {"includes", WEIR_PATTERN_INCLUDES, FOLD, "ass", "assessment", "ass"},
    {"overlapping occurrences count once", WEIR_PATTERN_INCLUDES, FOLD, "aa", "aaaaa", "aa|aa"},
    {"one byte", WEIR_PATTERN_INCLUDES, FOLD, "!", "a!b!", "!|!"},
    {"starts", WEIR_PATTERN_STARTS, FOLD, "出院", " 出院出院", "出院"},
    {"starts elsewhere", WEIR_PATTERN_STARTS, FOLD, "出院", "我出院", ""},
    {"ends", WEIR_PATTERN_ENDS, FOLD, "吗", "在吗吗 ", "吗"},
    {"ends elsewhere", WEIR_PATTERN_ENDS, FOLD, "吗", "吗?", ""},
    {"exact", WEIR_PATTERN_EXACT, FOLD, "好的", " 好的 ", "好的"},
    {"exact is not a part", WEIR_PATTERN_EXACT, FOLD, "好的", "好的吧", ""},
    {"glob at the end", WEIR_PATTERN_GLOB, FOLD, "fuck*", "well fucking hell", "fucking"},
    {"glob keeps its left edge", WEIR_PATTERN_GLOB, FOLD, "ass*", "class assets", "assets"},
    {"glob at the start", WEIR_PATTERN_GLOB, FOLD, "*coin", "buy bitcoin now", "bitcoin"},
    {"glob in the middle", WEIR_PATTERN_GLOB, FOLD, "f*k", "fork f k flak", "fork|flak"},
    {"glob does not cross words", WEIR_PATTERN_GLOB, FOLD, "加*信", "加我微信 加, 信", "加我微信"},
    {"glob quotes the rest", WEIR_PATTERN_GLOB, FOLD, "a.b*", "axb a.bc", "a.bc"},
    {"regex", WEIR_PATTERN_REGEX, FOLD, "v[xX]\\d{3,}", "加VX12345 vx12", "VX12345"},
    {"regex ignores case in fold", WEIR_PATTERN_REGEX, FOLD, "Free .*MONEY", "fREE the money",
     "fREE the money"},
    {"regex keeps case in raw", WEIR_PATTERN_REGEX, RAW, "[A-Z]{3}", "abcDEFg", "DEF"},
    {"regex of literals alone", WEIR_PATTERN_REGEX, FOLD, "a|ab", "xab", "a"},
    {"regex of literals, longest first", WEIR_PATTERN_REGEX, FOLD, "ab|a", "xaba", "ab|a"},
    {"regex, optional", WEIR_PATTERN_REGEX, FOLD, "colou?r", "Color colour", "Color|colour"},
    {"regex that may be empty", WEIR_PATTERN_REGEX, FOLD, "a*", "baac", "aa"},
    {"regex with an anchor", WEIR_PATTERN_REGEX, FOLD, "^啊对{3,}$", "啊对对对对", "啊对对对对"},
    {"regex, a digit of another script", WEIR_PATTERN_REGEX, RAW, "x\\d", "x\xD9\xA3", "x\xD9\xA3"},
    {"empty text", WEIR_PATTERN_REGEX, FOLD, "a", "", ""},
    {"separated Han in tight", WEIR_PATTERN_WORD, TIGHT, "代练", "代.练 代 练", "代.练|代 练"},
    {"leet in skeleton", WEIR_PATTERN_WORD, SKELETON, "asshole", "you a55h0le!", "a55h0le"},
    {"a phrase with drawn-out words", WEIR_PATTERN_WORD, TIGHT, "so bad", "sooo baaad",
     "sooo baaad"},
    {"once in several readings", WEIR_PATTERN_WORD, TIGHT, "bad", "bad sooo bad", "bad|bad"},
    {"starts a later reading", WEIR_PATTERN_STARTS, TIGHT, "see", " seeee you", "seeee"},
    {"ends an earlier reading", WEIR_PATTERN_ENDS, TIGHT, "so", "oh sooo ", "sooo"},
    {"exact in a later reading", WEIR_PATTERN_EXACT, TIGHT, "see you", "seeee you", "seeee you"},
    {"not exact", WEIR_PATTERN_EXACT, TIGHT, "you", "seeee you", ""},
    {"regex within one reading", WEIR_PATTERN_REGEX, TIGHT, "^se.*you$", "seeee you", "seeee you"},
    {"regex, not across readings", WEIR_PATTERN_REGEX, TIGHT, "you.*see", "seeee you", ""},
    {"homophones in sound", WEIR_PATTERN_WORD, SOUND, "微信", "加我薇信吧", "薇信"},
    {"neighbours in sound", WEIR_PATTERN_WORD, SOUND, "微信", "薇信威信", "薇信|威信"},
    {"not half a syllable", WEIR_PATTERN_WORD, SOUND, "微信", "卫星", ""},
    {"typed in pinyin", WEIR_PATTERN_WORD, SOUND, "微信", "jia weixin ba", "weixin"},
    {"a syllable of a typed word", WEIR_PATTERN_WORD, SOUND, "被", "beijing", ""},
    {"exact in sound", WEIR_PATTERN_EXACT, SOUND, "微信", "薇信", "薇信"},
    {"glob in sound", WEIR_PATTERN_GLOB, SOUND, "加*信", "家我薇信", "家我薇信"},
    {"in raw and fold", WEIR_PATTERN_INCLUDES, FOLD | RAW, "vx", "vx VX", "vx|vx|VX"},
};

struct bench {
    struct weir_matcher *matcher;
    struct weir_match_scratch *scratch;
    struct weir_text *text;
    struct weir_diagnostics diagnostics;
};

static void bench_fini(struct bench *bench)
{
    weir_matcher_destroy(&bench->matcher);
    weir_match_scratch_destroy(&bench->scratch);
    weir_text_destroy(&bench->text);
    weir_diagnostics_fini(&bench->diagnostics);
}

static void bench_init(struct bench *bench, const struct weir_pattern *patterns, size_t count)
{
    *bench = (struct bench){.scratch = weir_match_scratch_create(), .text = weir_text_create(4000)};
    bench->matcher = weir_matcher_create(patterns, count, &bench->diagnostics);
}

static const struct weir_hits *scan(struct bench *bench, struct weir_span text)
{
    weir_text_set(bench->text, text, NULL, 0, false);
    return weir_matcher_scan(bench->matcher, bench->scratch, bench->text);
}

static void add_hits(const struct weir_hits *hits, struct weir_span text, struct weir_buffer *out)
{
    for (size_t i = 0; i < hits->count; i++) {
        weir_buffer_add_text(out, i ? "|" : "");
        weir_buffer_add(out,
                        weir_span_slice(text, hits->hits[i].range.start, hits->hits[i].range.end));
    }
}

static void patterns_hit_what_they_mean(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer found = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct weir_pattern pattern = {
            .kind = rows[i].kind, .views = rows[i].views, .text = weir_span_of(rows[i].pattern)};
        WEIR_AUTO(bench_fini) struct bench bench;
        bench_init(&bench, &pattern, 1);
        EXPECT(rows[i].name, bench.matcher != NULL);
        if (!bench.matcher) {
            continue;
        }
        struct weir_span text = weir_span_of(rows[i].text);
        weir_buffer_clear(&found);
        add_hits(scan(&bench, text), text, &found);
        EXPECT_TEXT(rows[i].name, weir_buffer_span(&found), rows[i].hits);
    }
    test_end_rows();
}

static struct weir_place place_of_offset(const void *user, size_t offset)
{
    struct weir_place place = *(const struct weir_place *)user;
    place.column += (uint32_t)offset;
    return place;
}

static const struct {
    const char *name;
    enum weir_pattern_kind kind;
    uint32_t views;
    const char *pattern;
    uint32_t column;
} refused[] = {
    {"PCRE2's own error, at its character", WEIR_PATTERN_REGEX, FOLD, "ab(c", 14},
    {"single bytes", WEIR_PATTERN_REGEX, FOLD, "a\\C", 13},
    {"recursion", WEIR_PATTERN_REGEX, FOLD, "a(?R)", 11},
    {"callout", WEIR_PATTERN_REGEX, FOLD, "ab(?C1)", 12},
    {"only the empty string", WEIR_PATTERN_REGEX, FOLD, "^$", 10},
    {"a view that regexes don't read", WEIR_PATTERN_REGEX, 1u << WEIR_VIEW_SOUND, "ab", 10},
    {"blank", WEIR_PATTERN_WORD, FOLD, "  ", 10},
    {"empty", WEIR_PATTERN_WORD, FOLD, "", 10},
    {"only stars", WEIR_PATTERN_GLOB, FOLD, "**", 10},
};

static void mistakes_are_reported_where_they_stand(void **state)
{
    (void)state;
    struct weir_place place = {.file = "pack.yaml", .line = 3, .column = 10};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct weir_pattern pattern = {.kind = refused[i].kind,
                                       .views = refused[i].views,
                                       .text = weir_span_of(refused[i].pattern),
                                       .place = place,
                                       .place_at = place_of_offset,
                                       .place_user = &place};
        WEIR_AUTO(bench_fini) struct bench bench;
        bench_init(&bench, &pattern, 1);
        EXPECT(refused[i].name, bench.matcher == NULL);
        EXPECT_EQ(refused[i].name, bench.diagnostics.error_count, 1);
        if (bench.diagnostics.count == 1) {
            EXPECT_EQ(refused[i].name, bench.diagnostics.items[0].error.line, 3);
            EXPECT_EQ(refused[i].name, bench.diagnostics.items[0].error.column, refused[i].column);
        }
    }
    test_end_rows();
}

static void every_mistake_is_reported_in_one_run(void **state)
{
    (void)state;
    struct weir_pattern patterns[] = {
        {.kind = WEIR_PATTERN_REGEX, .views = FOLD, .text = WEIR_SPAN("(")},
        {.kind = WEIR_PATTERN_WORD, .views = FOLD, .text = WEIR_SPAN("fine")},
        {.kind = WEIR_PATTERN_REGEX, .views = FOLD, .text = WEIR_SPAN("[")},
    };
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, patterns, ARRAY_LEN(patterns));
    assert_null(bench.matcher);
    assert_int_equal(bench.diagnostics.error_count, 2);
}

static void limits_are_outcomes(void **state)
{
    (void)state;
    struct weir_pattern patterns[12] = {0};
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        patterns[i] = (struct weir_pattern){.kind = WEIR_PATTERN_REGEX,
                                            .views = FOLD,
                                            .owner = (uint32_t)i,
                                            .text = WEIR_SPAN("(a+)+$")};
    }
    patterns[11].text = WEIR_SPAN("aab");
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, patterns, ARRAY_LEN(patterns));
    const struct weir_hits *hits =
        scan(&bench, WEIR_SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
    assert_int_equal(hits->limit_count, 11);
    for (size_t i = 0; i < hits->limit_count; i++) {
        assert_non_null(hits->limits[i].cause);
    }
    assert_int_equal(hits->count, 1);
    assert_int_equal(hits->hits[0].owner, 11);
    hits = scan(&bench, WEIR_SPAN("bbb"));
    assert_int_equal(hits->limit_count, 0);
}

static void a_gated_regex_runs_in_company_only(void **state)
{
    (void)state;
    const struct weir_pattern patterns[] = {
        {WEIR_PATTERN_INCLUDES, 1u << WEIR_VIEW_SKELETON, 0, WEIR_SPAN("wechat"), .place = {0}},
        {WEIR_PATTERN_REGEX, FOLD, 1, WEIR_SPAN("\\d{6,}"), .place = {0}},
        {WEIR_PATTERN_REGEX, FOLD, 2, WEIR_SPAN("\\d{8,}"), .place = {0}},
    };
    static const struct {
        const char *text;
        const char *hits;
    } texts[] = {
        {"no 123456", ""},
        {"no 12345678", "12345678"},
        {"wechat 123456", "wechat|123456"},
        {"vvech@t 123456", ""},
        {"12345678 w3chat", "w3chat|12345678|12345678"},
    };
    const struct weir_gate_owners gates[] = {{0, 0}, {0, 1}, {0, 0}};
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, patterns, ARRAY_LEN(patterns));
    weir_matcher_set_gates(bench.matcher, gates, ARRAY_LEN(gates));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer found = {0};
        struct weir_span text = weir_span_of(texts[i].text);
        add_hits(scan(&bench, text), text, &found);
        EXPECT_TEXT(texts[i].text, weir_buffer_span(&found), texts[i].hits);
    }
    test_end_rows();
}

static void duplicates_and_shared_owners_each_hit(void **state)
{
    (void)state;
    struct weir_pattern patterns[] = {
        {.kind = WEIR_PATTERN_WORD, .views = FOLD, .owner = 7, .text = WEIR_SPAN("VX")},
        {.kind = WEIR_PATTERN_WORD, .views = FOLD, .owner = 7, .text = WEIR_SPAN("vx")},
        {.kind = WEIR_PATTERN_WORD, .views = FOLD, .owner = 3, .text = WEIR_SPAN("ｖｘ")},
    };
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, patterns, ARRAY_LEN(patterns));
    const struct weir_hits *hits = scan(&bench, WEIR_SPAN("加vx"));
    assert_int_equal(hits->count, 3);
    assert_int_equal(hits->hits[0].owner, 3);
    assert_int_equal(hits->hits[1].pattern, 0);
    assert_int_equal(hits->hits[2].pattern, 1);
}

static void a_flood_of_one_pattern_hides_no_other(void **state)
{
    (void)state;
    struct weir_pattern patterns[41] = {0};
    for (uint32_t i = 0; i < 40; i++) {
        patterns[i] = (struct weir_pattern){
            .kind = WEIR_PATTERN_INCLUDES, .views = FOLD, .owner = i, .text = WEIR_SPAN("啊")};
    }
    patterns[40] = (struct weir_pattern){
        .kind = WEIR_PATTERN_WORD, .views = FOLD, .owner = 40, .text = WEIR_SPAN("代练")};
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, patterns, ARRAY_LEN(patterns));
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    for (int i = 0; i < 1990; i++) {
        weir_buffer_add_text(&text, "啊");
    }
    weir_buffer_add_text(&text, "代练");
    const struct weir_hits *hits = scan(&bench, weir_buffer_span(&text));
    assert_true(hits->more);
    assert_int_equal(hits->hits[hits->count - 1].owner, 40);
    hits = scan(&bench, WEIR_SPAN("啊"));
    assert_false(hits->more);
    assert_int_equal(hits->count, 40);
}

static void captures_are_found_by_name(void **state)
{
    (void)state;
    struct weir_pattern pattern = {.kind = WEIR_PATTERN_REGEX,
                                   .views = FOLD,
                                   .text = WEIR_SPAN("(?<app>vx|qq)(?<id>\\d{3,})")};
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, &pattern, 1);
    const struct weir_hits *hits = scan(&bench, WEIR_SPAN("qq12 加VX12345"));
    assert_int_equal(hits->count, 1);
    struct weir_hit hit = hits->hits[0];
    EXPECT_TEXT("id", weir_matcher_capture(bench.matcher, bench.scratch, bench.text, &hit, "id"),
                "12345");
    EXPECT_TEXT("app", weir_matcher_capture(bench.matcher, bench.scratch, bench.text, &hit, "app"),
                "vx");
    EXPECT_TEXT("none", weir_matcher_capture(bench.matcher, bench.scratch, bench.text, &hit, "x"),
                "");
    test_end_rows();
}

static bool is_hit(uint32_t views, struct weir_span word, struct weir_span text)
{
    struct weir_pattern pattern = {.kind = WEIR_PATTERN_WORD, .views = views, .text = word};
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, &pattern, 1);
    return bench.matcher && scan(&bench, text)->count > 0;
}

static void check_cases(const char *file, uint32_t views, size_t least)
{
    char path[4096];
    size_t cases = 0;
    snprintf(path, sizeof(path), "%s/tests/cases/cjk/%s", getenv("WEIR_SOURCE_ROOT"), file);
    FILE *input = fopen(path, "rb");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    assert_non_null(input);
    while ((length = getline(&line, &capacity, input)) > 0) {
        struct weir_span rest = {line, (size_t)length - (line[length - 1] == '\n')};
        if (rest.length == 0 || rest.data[0] == '#') {
            continue;
        }
        char name[512];
        snprintf(name, sizeof(name), "%s: %.*s", file, WEIR_SPAN_ARGS(rest));
        struct weir_span word = weir_span_take_until(&rest, '\t');
        struct weir_span text = weir_span_take_until(&rest, '\t');
        EXPECT_EQ(name, is_hit(views, word, text), weir_span_is(rest, "hit"));
        cases++;
    }
    free(line);
    fclose(input);
    assert_true(cases >= least);
}

static void words_stand_where_readers_see_them(void **state)
{
    (void)state;
    check_cases("word.tsv", FOLD, 200);
    check_cases("disguise.tsv", TIGHT | SKELETON, 40);
    check_cases("sound.tsv", SOUND, 10);
    test_end_rows();
}

static void trusted_edges_are_not_asked_about(void **state)
{
    (void)state;
    struct weir_pattern pattern = {
        .kind = WEIR_PATTERN_WORD, .views = FOLD, .text = WEIR_SPAN("口交"), .trusted_edges = true};
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench, &pattern, 1);
    assert_int_equal(scan(&bench, WEIR_SPAN("路口交通已恢复"))->count, 1);
    assert_false(is_hit(FOLD, WEIR_SPAN("口交"), WEIR_SPAN("路口交通已恢复")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_hit_what_they_mean),
        cmocka_unit_test(mistakes_are_reported_where_they_stand),
        cmocka_unit_test(every_mistake_is_reported_in_one_run),
        cmocka_unit_test(limits_are_outcomes),
        cmocka_unit_test(a_gated_regex_runs_in_company_only),
        cmocka_unit_test(duplicates_and_shared_owners_each_hit),
        cmocka_unit_test(a_flood_of_one_pattern_hides_no_other),
        cmocka_unit_test(captures_are_found_by_name),
        cmocka_unit_test(words_stand_where_readers_see_them),
        cmocka_unit_test(trusted_edges_are_not_asked_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
