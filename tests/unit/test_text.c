#include "tests/unit/test.h"

#include "engine/base/utf8.h"
#include "engine/text/text.h"

#define MAX_CHARS 2000

static struct weir_text *text;

static int open_text(void **state)
{
    (void)state;
    text = weir_text_create(MAX_CHARS);
    return 0;
}

static int close_text(void **state)
{
    (void)state;
    weir_text_destroy(&text);
    return 0;
}

static void set(const char *raw)
{
    weir_text_set(text, weir_span_of(raw), NULL, 0, false);
}

static struct weir_span view_of(enum weir_view_kind kind)
{
    const struct weir_view *view = weir_text_view(text, kind);
    return (struct weir_span){view->bytes, view->length};
}

struct view_case {
    const char *raw;
    const char *shown;
};

static void expect_views(enum weir_view_kind kind, const struct view_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        set(cases[i].raw);
        EXPECT_TEXT(cases[i].raw, view_of(kind), cases[i].shown);
    }
    test_end_rows();
}

static void fold_reads_through_case_width_and_heaps(void **state)
{
    (void)state;
    static const struct view_case cases[] = {
        {"", ""},
        {"Hello WORLD, this is LONG", "hello world, this is long"},
        {"ｆｕｌｌ　Ｗｉｄｔｈ", "full width"},
        {"ⓦⓧ", "wx"},
        {"①②❸⑴⒈㊀㈠⑽", "123"
                       "11"
                       "一一10"},
        {"٣४", "34"},
        {"繁體漢字妳爲", "繁体汉字你为"},
        {"z\u200be\u200dr\u2060o\ufeff\u00ad!", "zero!"},
        {"c\x01o\x1fn", "con"},
        {"f\u0336u\u0336c\u0336k\u0336", "fuck"},
        {"Z\u0351\u036b\u0343a\u0489l\u0321\u0353g\u0353o\u0321", "zalgo"},
        {"cafe\u0301 CAFÉ", "café café"},
        {"\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"},
        {"か\u3099", "が"},
        {"ﬁne ß ſ K", "fine ss s k"},
        {"½ ﷺ ㍿", "1⁄2 صلى الله عليه وسلم 株式会社"},
        {"a\u0327\u0301 a\u0301\u0327", "á á"},
        {"e\u200d\u0301", "é"},
        {"İ", "i"},
        {"𝐇𝓮𝕝𝖑𝘰", "hello"},
        {"ไก่ नमस्ते", "ไก่ नमस्ते"},
        {"12345678\x7f", "12345678"},
    };
    expect_views(WEIR_VIEW_FOLD, cases, ARRAY_LEN(cases));
}

static void a_range_is_exact_in_the_original(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        enum weir_view_kind kind;
        const char *found;
        const char *original;
    } cases[] = {
        {"abc DEF", WEIR_VIEW_FOLD, "def", "DEF"},
        {"请加ＶＸ谢谢", WEIR_VIEW_FOLD, "vx", "ＶＸ"},
        {"x㍿y", WEIR_VIEW_FOLD, "式会", "㍿"},
        {"x½y", WEIR_VIEW_FOLD, "1", "½"},
        {"a ﷺ b", WEIR_VIEW_FOLD, "الله", "ﷺ"},
        {"no z\u200be\u200dr\u2060o no", WEIR_VIEW_FOLD, "zero", "z\u200be\u200dr\u2060o"},
        {"f\u0336u\u0336c\u0336k\u0336!", WEIR_VIEW_FOLD, "fuck", "f\u0336u\u0336c\u0336k\u0336"},
        {"x e\u0301 y", WEIR_VIEW_FOLD, "é", "e\u0301"},
        {"x \u1112\u1161\u11ab y", WEIR_VIEW_FOLD, "한", "\u1112\u1161\u11ab"},
        {"\u200b\u200bhi\u200b", WEIR_VIEW_FOLD, "hi", "hi"},
        {"找代.练加我", WEIR_VIEW_TIGHT, "代练", "代.练"},
        {"a f.u.c.k.", WEIR_VIEW_TIGHT, "fuck", "f.u.c.k"},
        {"say helllooo!", WEIR_VIEW_TIGHT, "hello", "helllooo"},
        {"oh h3||0 you", WEIR_VIEW_SKELETON, "hello", "h3||0"},
        {"oh sh1iiit you", WEIR_VIEW_SKELETON, "shi", "sh1"},
        {"请加薇❤信好吗", WEIR_VIEW_SOUND, " wei xin ", "薇❤信"},
        {"加 v 信", WEIR_VIEW_SOUND, " wei xin ", "v 信"},
        {"电话1-3", WEIR_VIEW_SOUND, " yi ", "1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set(cases[i].raw);
        struct weir_span shown = view_of(cases[i].kind);
        struct weir_span found = weir_span_of(cases[i].found);
        const char *at = memmem(shown.data, shown.length, found.data, found.length);
        EXPECT(cases[i].raw, at != NULL);
        if (!at) {
            continue;
        }
        uint32_t start = (uint32_t)(at - shown.data);
        struct weir_text_range range =
            weir_text_range_of(text, cases[i].kind, start, start + (uint32_t)found.length);
        struct weir_span raw = weir_span_of(cases[i].raw);
        struct weir_span original = weir_span_slice(raw, range.start, range.end);
        EXPECT_TEXT(cases[i].raw, original, cases[i].original);
        EXPECT_EQ(cases[i].raw, range.start_char,
                  weir_utf8_count(weir_span_slice(raw, 0, range.start)));
        EXPECT_EQ(cases[i].raw, range.end_char,
                  weir_utf8_count(weir_span_slice(raw, 0, range.end)));
    }
    test_end_rows();
}

static void emotes_are_set_aside(void **state)
{
    (void)state;
    static const struct weir_emote emotes[] = {{0, 5},   {1, 3},    {10, 14},
                                               {13, 14}, {99, 100}, {7, 7}};
    weir_text_set(text, WEIR_SPAN("KAPPA 中文 KAPPA"), emotes, ARRAY_LEN(emotes), false);
    EXPECT_TEXT("fold", view_of(WEIR_VIEW_FOLD), "\ufffc 中文 k\ufffc");
    EXPECT_TEXT("raw", view_of(WEIR_VIEW_RAW), "KAPPA 中文 KAPPA");
    test_end_rows();
}

static void tight_closes_gaps_and_shortens(void **state)
{
    (void)state;
    static const struct view_case cases[] = {
        {"找代.练加我", "找代练加我"},
        {"代 练", "代练"},
        {"代　练", "代练"},
        {"代😀练 代*练", "代练代练"},
        {"代，练", "代练"},
        {"不错啊。你好吗", "不错啊。你好吗"},
        {"你好, world 你", "你好, world 你"},
        {"f.u.c.k", "fuck"},
        {"f u c k you", "fuck you"},
        {"F-U-C-K", "fuck"},
        {"h~o~w t~o k~i~l~l", "how to kill"},
        {"g o  h o m e", "g o home"},
        {"don't b a d e", "don't bade"},
        {"i b a d e", "ibade\x1fi bade"},
        {"a \u202ekcuf\u202c b", "a fuck b"},
        {"\u202eoolleh", "helloo"},
        {"\u202eo\u202c \u202eha", "o ah"},
        {"a f.u.c.k", "a fuck"},
        {"the pen is mine", "the pen is mine"},
        {"i a", "i a"},
        {"plan a, b or c", "plan a, b or c"},
        {"1 2 3 4", "1 2 3 4"},
        {"1-3-8", "1-3-8"},
        {"w w w", "w w w"},
        {"helllo", "helo\x1fhello"},
        {"asssss", "as\x1f"
                   "ass"},
        {"class pass book", "class pass book"},
        {"hhhh 23333 66666 草草草 xxx", "hhhh 23333 66666 草草草 xxx"},
        {"h e l l l o", "helo\x1fhello"},
        {"Сууука", "сука\x1fсуука"},
        {"fuuuck you", "fuck you\x1f"
                       "fuuck you"},
        {"helllooo", "helo\x1fhello\x1fheloo\x1fhelloo"},
        {"sooo baaaddd", "so bad\x1fsoo baad\x1fso badd\x1fsoo baadd"},
    };
    expect_views(WEIR_VIEW_TIGHT, cases, ARRAY_LEN(cases));
}

static void skeleton_sees_the_letters_that_eyes_see(void **state)
{
    (void)state;
    static const struct view_case cases[] = {
        {"h3llo", "hello"},
        {"h3||0", "hello\x1fheiio"},
        {"p!110w", "piiow\x1fpillow\x1fpiilow\x1fpiliow\x1fpliiow\x1fpllow"},
        {"|!cker", "|!cker\x1flicker\x1filcker"},
        {"naz! d!ck!", "naz! dick!\x1fnaz! dlck!\x1fnaz! dicki\x1fnaz! dlckl"},
        {"804ng 93y 9u8 n08 fuckh013", "boang gey gub nob fuckhoie\x1f"
                                       "boang gey gub nob fuckhole"},
        {"k\u026fm hꮁx sꮁ xƖ xͺx xဝ", "kwm hrx sr xl xix xo"},
        {"ｈ３ll０", "hello"},
        {"a$$h0l3 5hit", "asshole shit"},
        {"sh1t", "shit\x1fshlt"},
        {"@ss", "@ss\x1f"
                "ass"},
        {"can @ ss | $", "can @ ss | $"},
        {"hello!!! !cmd", "hello!!! !cmd"},
        {"@ss sh1t", "@ss shit\x1f@ss shlt\x1f"
                     "ass shit\x1f"
                     "ass shlt"},
        {"asshoIe I AIM", "asshoie i aim\x1f"
                          "asshole i aim"},
        {"+its", "+its\x1ftits"},
        {"fu\u057d\u057duck", "fuuck"},
        {"ϲat σut ſun ſee s", "cat out fun fee s"},
        {"\U0001d5a8ong", "iong\x1flong"},
        {"str1p c1ub", "strip ciub\x1fstrlp club\x1fstrip club\x1fstrlp ciub"},
        {"hell! 3:0 2024 $5 100%", "hell! 3:0 2024 $5 100%"},
        {"mum rn", "mum rn"},
        {"раураl ѕех", "paypal sex"},
        {"ВАНК", "bahk"},
        {"fück çà łø", "fuck ca lo"},
        {"🅵🅤🄲🇰", "fuck"},
        {"class it", "class it"},
        {"p15 3v1 j12 !key", "p15 3v1 j12 !key"},
        {"600k 10gb f100 win2000 раураl123", "600k 10gb f100 win2000 paypal123"},
        {"a55 4ss b00bs", "ass ass boobs"},
        {"微信vx 口0交", "微信vx 口0交"},
    };
    expect_views(WEIR_VIEW_SKELETON, cases, ARRAY_LEN(cases));
}

// A view is looked at in steps of 32 bytes: what is disguised must be seen across their borders
// too.
static void a_disguise_is_seen_wherever_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        enum weir_view_kind kind;
        const char *shown;
    } cases[] = {
        {"f.u.c.k", WEIR_VIEW_TIGHT, "fuck"},
        {"f - u - c", WEIR_VIEW_TIGHT, "fuc"},
        {"fuuuck", WEIR_VIEW_TIGHT, "fuck"},
        {"f😂u😂c", WEIR_VIEW_TIGHT, "fuc"},
        {"代 . . . . . . . . . . . . . . . . . . . . . . . . 练", WEIR_VIEW_TIGHT, "代练"},
        {"代😂练", WEIR_VIEW_TIGHT, "代练"},
        {"ok\t ok", WEIR_VIEW_TIGHT, "ok\tok"},
        {"Сууука", WEIR_VIEW_TIGHT, "сука"},
        {"sh1t", WEIR_VIEW_SKELETON, "shit"},
        {"f!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!x", WEIR_VIEW_SKELETON, "fiix"},
        {"shоt", WEIR_VIEW_SKELETON, "shot"},
        {"kiIl", WEIR_VIEW_SKELETON, "kill"},
    };
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer raw = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t before = 0; before < 100; before++) {
            weir_buffer_clear(&raw);
            while (raw.length < before) {
                weir_buffer_add_byte(&raw, "xy "[raw.length % 3]);
            }
            weir_buffer_add_text(&raw, ", ");
            weir_buffer_add_text(&raw, cases[i].raw);
            set(weir_buffer_text(&raw));
            struct weir_span shown = view_of(cases[i].kind);
            struct weir_span wanted = weir_span_of(cases[i].shown);
            EXPECT(weir_buffer_text(&raw),
                   memmem(shown.data, shown.length, wanted.data, wanted.length) != NULL);
        }
    }
    test_end_rows();
}

static void sound_reads_aloud(void **state)
{
    (void)state;
    static const struct view_case cases[] = {
        {"微信", " wei xin "},
        {"薇 新", " wei xin "},
        {"卫星", " wei xing "},
        {"V信", " wei xin "},
        {"weixin", " wei xin "},
        {"傻B", " sa bi "},
        {"4全家", " si quan jia "},
        {"幺三八 138", " yi san ba yi san ba "},
        {"hello 你", " hello ni "},
        {"shangren er the ng", " sang ren er the ng "},
        {"nv lve", " nu lue "},
        {"a，b", " a , bi "},
        {"made", " ma de "},
        {"made 你", " ma de ni "},
        {"who made weixin", " who made wei xin "},
        {"", ""},
        {"ไทย ок", " ไทย ок "},
    };
    expect_views(WEIR_VIEW_SOUND, cases, ARRAY_LEN(cases));
}

static bool has_reading(struct weir_span view, const struct weir_buffer *word)
{
    do {
        struct weir_span reading = weir_span_take_until(&view, WEIR_READING_SEPARATOR);
        if (weir_span_equals(reading, weir_buffer_span(word))) {
            return true;
        }
    } while (view.length > 0);
    return false;
}

static void a_keyword_reads_as_it_does_in_a_text(void **state)
{
    (void)state;
    static const char *const words[] = {"微信", "Hello",   "ass",   "xxx",    "helllooo", "h3||0",
                                        "@ss",  "f.u.c.k", "代 练", "раураl", "",         "ﷺﷺ"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        for (int kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
            WEIR_AUTO(weir_buffer_fini) struct weir_buffer word = {0};
            weir_text_normalise((enum weir_view_kind)kind, weir_span_of(words[i]), &word);
            set(words[i]);
            EXPECT(words[i], has_reading(view_of((enum weir_view_kind)kind), &word));
        }
    }
    test_end_rows();
}

static void evasion_grows_with_the_disguise(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        enum weir_view_kind kind;
        uint32_t least;
        uint32_t most;
    } cases[] = {
        {"FUCK", WEIR_VIEW_FOLD, 0, 0},
        {"繁體", WEIR_VIEW_FOLD, 0, 0},
        {"ｆｕｃｋ", WEIR_VIEW_FOLD, 1, 30},
        {"f\u200bu\u200bc\u200bk", WEIR_VIEW_FOLD, 40, 60},
        {"f.u.c.k", WEIR_VIEW_TIGHT, 40, 60},
        {"代 练", WEIR_VIEW_TIGHT, 10, 30},
        {"\u0455\u0435\u0445", WEIR_VIEW_SKELETON, 100, 100},
        {"sex", WEIR_VIEW_SKELETON, 0, 0},
        {"微信", WEIR_VIEW_SOUND, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set(cases[i].raw);
        uint32_t length = (uint32_t)view_of(cases[i].kind).length;
        uint32_t evasion = weir_text_evasion(text, cases[i].kind, 0, length);
        EXPECT(cases[i].raw, evasion >= cases[i].least && evasion <= cases[i].most);
    }
    test_end_rows();
}

static void facts_are_counted(void **state)
{
    (void)state;
    static const struct weir_emote emotes[] = {{0, 5}};
    weir_text_set(text, WEIR_SPAN("KAPPA Abc 中文 ５3 !!! x\u200by"), emotes, 1, false);
    const struct weir_text_facts *facts = weir_text_facts(text);
    EXPECT_EQ("chars", facts->chars, 23);
    EXPECT_EQ("letters", facts->letters, 7);
    EXPECT_EQ("upper", facts->upper, 1);
    EXPECT_EQ("digits", facts->digits, 2);
    EXPECT_EQ("symbols", facts->symbols, 3);
    EXPECT_EQ("han", facts->han, 2);
    EXPECT_EQ("latin", facts->latin, 5);
    EXPECT_EQ("emotes", facts->emotes, 1);
    EXPECT_EQ("invisible", facts->invisible, 1);
    EXPECT_EQ("longest run", facts->longest_run, 3);
    set("👨\u200d👩\u200d👧 👍🏽 ❤\ufe0f 🇨🇳🇺🇸");
    facts = weir_text_facts(text);
    EXPECT_EQ("emoji", facts->emotes, 5);
    EXPECT_EQ("joiners of emoji", facts->invisible, 0);
    EXPECT_EQ("emoji are no symbols", facts->symbols, 0);
    set("😂😂😂😂😂");
    EXPECT_EQ("emoji are no run", weir_text_facts(text)->longest_run, 0);
    set("哈😂😂😂😂😂哈哈");
    EXPECT_EQ("nor part of one", weir_text_facts(text)->longest_run, 2);
    set("f\u0336u\u0336 e\u0301");
    EXPECT_EQ("marks", weir_text_facts(text)->marks, 2);
    test_end_rows();
}

static void what_is_broken_or_huge_is_said(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer raw = {0};
    set("a\xff"
        "b");
    EXPECT_TEXT("repaired", view_of(WEIR_VIEW_RAW),
                "a\ufffd"
                "b");
    EXPECT("damaged", weir_text_facts(text)->damaged);
    EXPECT("evasion", weir_text_evasion(text, WEIR_VIEW_FOLD, 0, 1) >= 25);

    for (uint32_t i = 0; i < MAX_CHARS; i++) {
        weir_buffer_add_text(&raw, "字");
    }
    weir_text_set(text, weir_buffer_span(&raw), NULL, 0, false);
    EXPECT("just fits", !weir_text_facts(text)->truncated);
    weir_buffer_add_text(&raw, "x");
    weir_text_set(text, weir_buffer_span(&raw), NULL, 0, false);
    EXPECT("one too many", weir_text_facts(text)->truncated);
    EXPECT_EQ("cut at a character", weir_text_facts(text)->chars, MAX_CHARS);

    static const char *const parts[] = {"ﷺ", "\u0301", "😀", "\xff", "a1!", "代.", "㏠", "aaa1b"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        weir_buffer_clear(&raw);
        weir_buffer_add_text(&raw, "x");
        while (raw.length < 65536) {
            weir_buffer_add_text(&raw, parts[i]);
        }
        weir_text_set(text, weir_buffer_span(&raw), NULL, 0, false);
        EXPECT(parts[i], weir_text_facts(text)->truncated);
        for (int kind = WEIR_VIEW_RAW; kind < WEIR_VIEW_COUNT; kind++) {
            struct weir_span shown = view_of((enum weir_view_kind)kind);
            EXPECT(parts[i], weir_utf8_is_valid(shown) && shown.length > 0);
        }
    }
    test_end_rows();
}

// U+FDFA is eighteen characters, and whoever sends a thousand of them wants us to be slow.
static void a_flood_that_grows_stops_growing(void **state)
{
    (void)state;
    static const char *const floods[] = {"ﷺ", "ﷺ\u0301", "㍿", "½"};
    for (size_t i = 0; i < ARRAY_LEN(floods); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer raw = {0};
        weir_buffer_add_text(&raw, "ＦＵＣＫ ");
        while (weir_utf8_count(weir_buffer_span(&raw)) < MAX_CHARS - 10) {
            weir_buffer_add_text(&raw, floods[i]);
        }
        weir_buffer_add_text(&raw, " ｓh1t");
        weir_text_set(text, weir_buffer_span(&raw), NULL, 0, false);
        for (int kind = WEIR_VIEW_FOLD; kind < WEIR_VIEW_SOUND; kind++) {
            struct weir_span shown = view_of((enum weir_view_kind)kind);
            const char *last = kind == WEIR_VIEW_SKELETON ? " shit" : " sh1t";
            EXPECT(floods[i], shown.length < 60000);
            EXPECT(floods[i], memmem(shown.data, shown.length, last, 5) != NULL);
            EXPECT(floods[i], memmem(shown.data, shown.length, "fuck ", 5) != NULL);
        }
    }
    test_end_rows();
}

static void ten_thousand_marks_are_one_letter(void **state)
{
    (void)state;
    WEIR_AUTO(weir_text_destroy) struct weir_text *large = weir_text_create(20000);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer raw = {0};
    weir_buffer_add_text(&raw, "e");
    for (int i = 0; i < 5000; i++) {
        weir_buffer_add_text(&raw, "\u0301\u0327"); // out of order, each pair of them
    }
    weir_buffer_add_text(&raw, "x");
    weir_text_set(large, weir_buffer_span(&raw), NULL, 0, false);
    const struct weir_view *fold = weir_text_view(large, WEIR_VIEW_FOLD);
    EXPECT_TEXT("fold", ((struct weir_span){fold->bytes, fold->length}), "ȩx");
    EXPECT_EQ("range", weir_text_range_of(large, WEIR_VIEW_FOLD, 0, 2).end, raw.length - 1);
    EXPECT_EQ("marks", weir_text_facts(large)->marks, 9999);
    test_end_rows();
}

static void views_have_names(void **state)
{
    (void)state;
    enum weir_view_kind kind = WEIR_VIEW_RAW;
    EXPECT("known", weir_view_find(WEIR_SPAN("skeleton"), &kind) && kind == WEIR_VIEW_SKELETON);
    EXPECT("unknown", !weir_view_find(WEIR_SPAN("skeletons"), &kind));
    EXPECT_TEXT("name", weir_span_of(weir_view_name(WEIR_VIEW_TIGHT)), "tight");
    EXPECT("tables", strstr(weir_text_tables_version(), "Unicode ") != NULL);
    test_end_rows();
}

// Plain text is counted in another way than any other.
static void ascii_counts_the_same_beside_an_accent(void **state)
{
    (void)state;
    for (char c = ' '; c <= '~'; c++) {
        char plain[] = {c, c, 'a', '\0'};
        char accented[] = {c, c, 'a', (char)0xc3, (char)0xa9, '\0'};
        weir_text_set(text, weir_span_of(plain), NULL, 0, false);
        struct weir_text_facts a = *weir_text_facts(text);
        weir_text_set(text, weir_span_of(accented), NULL, 0, false);
        struct weir_text_facts b = *weir_text_facts(text);
        EXPECT_EQ(plain, a.letters + 1, b.letters);
        EXPECT_EQ(plain, a.latin + 1, b.latin);
        EXPECT_EQ(plain, a.upper, b.upper);
        EXPECT_EQ(plain, a.digits, b.digits);
        EXPECT_EQ(plain, a.symbols, b.symbols);
        EXPECT_EQ(plain, a.longest_run, b.longest_run);
        EXPECT_EQ(plain, a.emotes, b.emotes);
        EXPECT_EQ(plain, a.invisible, b.invisible);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_reads_through_case_width_and_heaps),
        cmocka_unit_test(a_range_is_exact_in_the_original),
        cmocka_unit_test(tight_closes_gaps_and_shortens),
        cmocka_unit_test(skeleton_sees_the_letters_that_eyes_see),
        cmocka_unit_test(a_disguise_is_seen_wherever_it_stands),
        cmocka_unit_test(sound_reads_aloud),
        cmocka_unit_test(a_keyword_reads_as_it_does_in_a_text),
        cmocka_unit_test(evasion_grows_with_the_disguise),
        cmocka_unit_test(facts_are_counted),
        cmocka_unit_test(what_is_broken_or_huge_is_said),
        cmocka_unit_test(a_flood_that_grows_stops_growing),
        cmocka_unit_test(ten_thousand_marks_are_one_letter),
        cmocka_unit_test(views_have_names),
        cmocka_unit_test(emotes_are_set_aside),
        cmocka_unit_test(ascii_counts_the_same_beside_an_accent),
    };
    return cmocka_run_group_tests(tests, open_text, close_text);
}
