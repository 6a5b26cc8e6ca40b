// The prefilter must never change a result: random patterns and texts made from them, and the
// public collections of ../shared/corpus where they are present. Bounded; scripts/fuzz runs for
// hours.

#include "tests/unit/test.h"

#include "tests/differential.h"

#include <dirent.h>

#define SETS              25
#define PATTERNS_A_SET    120
#define TEXTS_A_SET       60
#define CORPUS_TEXTS      150
#define CORPUS_MADE_TEXTS 250

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 20) % limit);
}

static const char *pick(const char *const *items, size_t count)
{
    return items[random_below((uint32_t)count)];
}

static void add_random_atom(struct weir_buffer *out)
{
    static const char *const atoms[] = {
        "a",         "b",      "K",     "S",        "ab",      "加",        "微信",  "vx",
        "ß",         "é",      "Σ",     "д",        "7",       "23",        "\\d",   "\\w",
        "\\W",       ".",      "\\s",   "[ab]",     "[^a]",    "[加微]",    "[a-c]", "[0-9]",
        "\\b",       "^",      "$",     "\\p{Han}", "\\.",     " ",         "-",     "[[:alpha:]]",
        "\\x{52a0}", "(?=a)",  "(?!b)", "(?<=a)",   "(?<!微)", "\\Qa.b\\E", "(?#x)", "\\h",
        "\\R",       "[\\w-]", "ſ",     "K",        "İ",       "ı"};
    weir_buffer_add_text(out, pick(atoms, ARRAY_LEN(atoms)));
}

static void add_random_quantifier(struct weir_buffer *out)
{
    static const char *const quantifiers[] = {"?",     "*",      "+",   "{2}", "{1,3}", "{2,}",
                                              "??",    "*?",     "+?",  "?+",  "++",    "{0}",
                                              "{0,2}", "{2,3}?", "{1}", "{3}"};
    if (random_below(3) == 0) {
        weir_buffer_add_text(out, pick(quantifiers, ARRAY_LEN(quantifiers)));
    }
}

static void add_random_pattern(struct weir_buffer *out, uint32_t depth)
{
    static const char *const openings[] = {"(",   "(?:", "(?>",   "(?i:", "(?-i:",   "(?=",
                                           "(?!", "(?|", "(?<n>", "(?s:", "(?:(?i)", "(?<=a|"};
    uint32_t items = 1 + random_below(4);
    for (uint32_t i = 0; i < items; i++) {
        if (depth > 0 && random_below(3) == 0) {
            weir_buffer_add_text(out, pick(openings, ARRAY_LEN(openings)));
            add_random_pattern(out, depth - 1);
            weir_buffer_add_byte(out, ')');
        } else {
            add_random_atom(out);
        }
        add_random_quantifier(out);
    }
    if (random_below(4) == 0) {
        weir_buffer_add_byte(out, '|');
        add_random_pattern(out, depth > 0 ? depth - 1 : 0);
    }
}

// A text that the pattern may well match: the tree walked with random choices, in random case.
static void add_matching(const struct regex_node *node, struct weir_buffer *out)
{
    static const char *const others[] = {"a", "B", "7", " ", "中", "_", "é", "加", "x", ".", "\n"};
    switch (node->kind) {
    case REGEX_CHARACTER: {
        uint32_t character = node->character;
        bool is_letter = character >= 'a' && character <= 'z';
        weir_utf8_add(out, is_letter && random_below(3) == 0 ? character - 32 : character);
        break;
    }
    case REGEX_CLASS:
        if (node->member_count > 0) {
            weir_utf8_add(out, node->members[random_below(node->member_count)]);
        } else {
            weir_buffer_add_text(out, node->only_digits ? "5" : pick(others, ARRAY_LEN(others)));
        }
        break;
    case REGEX_SEQUENCE:
    case REGEX_ATOMIC:
        for (const struct regex_node *child = node->children; child; child = child->next) {
            add_matching(child, out);
        }
        break;
    case REGEX_CHOICE: {
        uint32_t count = 0;
        const struct regex_node *chosen = node->children;
        for (const struct regex_node *child = node->children; child; child = child->next) {
            chosen = random_below(++count) == 0 ? child : chosen;
        }
        add_matching(chosen, out);
        break;
    }
    case REGEX_REPEAT: {
        uint32_t least = node->least < 20 ? node->least : 20;
        uint32_t more = node->most > node->least ? random_below(3) : 0;
        for (uint32_t i = 0; i < least + more && i < node->most; i++) {
            add_matching(node->children, out);
        }
        break;
    }
    default:
        break;
    }
}

static void make_text(struct weir_span pattern, struct weir_arena *arena, struct weir_buffer *out)
{
    static const char *const around[] = {"", "hi ", "x", "中", " ok", "。", "9"};
    struct regex_syntax syntax;
    weir_buffer_clear(out);
    weir_buffer_add_text(out, pick(around, ARRAY_LEN(around)));
    weir_arena_clear(arena);
    weir_regex_read(pattern, random_below(2) == 0, arena, &syntax);
    add_matching(syntax.root, out);
    weir_buffer_add_text(out, pick(around, ARRAY_LEN(around)));
}

static void check_made_texts(struct differential *differential, uint32_t texts)
{
    struct weir_arena arena = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer part = {0};
    for (uint32_t i = 0; i < texts && differential->count > 0; i++) {
        weir_buffer_clear(&text);
        for (uint32_t parts = 1 + random_below(3); parts > 0; parts--) {
            uint32_t at = random_below((uint32_t)differential->count);
            make_text(differential->patterns[at].text, &arena, &part);
            weir_buffer_add(&text, weir_buffer_span(&part));
        }
        differential_check(differential, weir_buffer_span(&text));
    }
    weir_arena_fini(&arena);
}

static void random_patterns_agree_in(enum weir_view_kind view)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer pattern = {0};
    size_t matches = 0;
    for (uint32_t set = 0; set < SETS; set++) {
        struct differential differential;
        differential_init(&differential, view);
        for (uint32_t i = 0; i < PATTERNS_A_SET; i++) {
            weir_buffer_clear(&pattern);
            add_random_pattern(&pattern, 2);
            differential_add(&differential, weir_buffer_span(&pattern));
        }
        differential_build(&differential);
        check_made_texts(&differential, TEXTS_A_SET);
        EXPECT_EQ("differences", differential.differences, 0);
        matches += differential.matches;
        differential_fini(&differential);
    }
    assert_true(matches > 4000);
    test_end_rows();
}

static void random_patterns_agree_in_fold(void **state)
{
    (void)state;
    random_patterns_agree_in(WEIR_VIEW_FOLD);
}

static void random_patterns_agree_in_raw(void **state)
{
    (void)state;
    random_patterns_agree_in(WEIR_VIEW_RAW);
}

static bool corpus_path(const char *name, char *path, size_t size)
{
    const char *shared = getenv("WEIR_SHARED");
    const char *root = getenv("WEIR_SOURCE_ROOT");
    if (shared) {
        snprintf(path, size, "%s/corpus/%s", shared, name);
    } else {
        snprintf(path, size, "%s/../shared/corpus/%s", root ? root : ".", name);
    }
    FILE *file = fopen(path, "rb");
    if (file) {
        fclose(file);
    }
    return file != NULL;
}

// Calls for every line of a file, without its line end; at most `most` of them.
static void for_each_line(const char *path, size_t most, void (*on_line)(void *, struct weir_span),
                          void *user)
{
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    while (file && most-- > 0 && (length = getline(&line, &capacity, file)) >= 0) {
        on_line(user, weir_span_trim((struct weir_span){line, (size_t)length}));
    }
    free(line);
    if (file) {
        fclose(file);
    }
}

static void add_line_as_pattern(void *user, struct weir_span line)
{
    differential_add(user, line);
}

// The lines are JSON; as texts they are as good as what stands inside them.
static void check_line(void *user, struct weir_span line)
{
    differential_check(user, line);
}

static void public_regexes_agree(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "rx-en-smokedetector/bad_keywords.txt",
        "rx-en-smokedetector/blacklisted_usernames.txt",
        "rx-en-smokedetector/blacklisted_websites.txt",
        "rx-en-smokedetector/watched_keywords.txt",
        "rx-en-spamassassin/rules.txt",
        "rx-en-unrealircd/spamfilter.txt",
        "rx-zh-bilibili-snoopy/regex.txt",
        "rx-zh-bilibili-tardis/regex.txt",
    };
    static const char *const chats[] = {"chat-zh-panda", "chat-twitch-nymn", "naughty-strings"};
    struct differential differential;
    char path[4096];
    if (!corpus_path(lists[0], path, sizeof(path))) {
        fprintf(stderr, "SKIPPED: no ../shared/corpus, public regexes were not compared\n");
        skip();
    }
    differential_init(&differential, WEIR_VIEW_FOLD);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        EXPECT(lists[i], corpus_path(lists[i], path, sizeof(path)));
        for_each_line(path, SIZE_MAX, add_line_as_pattern, &differential);
    }
    differential_build(&differential);
    assert_true(differential.count > 15000);
    check_made_texts(&differential, CORPUS_MADE_TEXTS);
    for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
        corpus_path(chats[i], path, sizeof(path));
        DIR *folder = opendir(path);
        for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
             entry = readdir(folder)) {
            char file[8192];
            snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
            if (strstr(entry->d_name, ".jsonl") && !strstr(entry->d_name, ".gz")) {
                for_each_line(file, CORPUS_TEXTS / ARRAY_LEN(chats), check_line, &differential);
            }
        }
        if (folder) {
            closedir(folder);
        }
    }
    fprintf(stderr, "# %zu regexes (%zu refused), %zu matches, %zu limits, %zu differences\n",
            differential.count, differential.refused, differential.matches, differential.limits,
            differential.differences);
    EXPECT("some match", differential.matches > 1000);
    EXPECT_EQ("differences", differential.differences, 0);
    differential_fini(&differential);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_patterns_agree_in_fold),
        cmocka_unit_test(random_patterns_agree_in_raw),
        cmocka_unit_test(public_regexes_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
