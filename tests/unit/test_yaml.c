#include "tests/unit/test.h"

#include "engine/base/yaml.h"

static void a_document_becomes_a_tree_with_places(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBFpack: zh\r\nlists:\r\n  apps: [微信, \"v x\"]\r\n";
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_yaml_parse("f", weir_span_of(text), &diagnostics);
    const struct weir_yaml *root = weir_yaml_root(document);
    assert_non_null(root);
    EXPECT_EQ("mistakes", diagnostics.count, 0);
    EXPECT_EQ("keys", root->count, 2);
    EXPECT_TEXT("pack", weir_yaml_find(root, "pack")->text, "zh");
    EXPECT("absent", weir_yaml_find(root, "nothing") == NULL);

    const struct weir_yaml *apps = weir_yaml_find(weir_yaml_find(root, "lists"), "apps");
    EXPECT_EQ("items", apps->count, 2);
    EXPECT_TEXT("second", apps->items[1]->text, "v x");
    EXPECT_EQ("line", apps->items[1]->place.line, 3);
    EXPECT_EQ("column in characters", apps->items[1]->place.column, 14);
    EXPECT_EQ("length", apps->items[1]->place.length, 5);
    EXPECT("quoted", !apps->items[1]->plain);
    test_end_rows();
}

static void mistakes_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t column;
        const char *cause;
    } cases[] = {
        {"", 1, 1, "the file holds nothing"},
        {"# only a comment\n", 1, 1, "the file holds nothing"},
        {"a: 1\nb: 2\na: 3\n", 3, 1, "'a' stands here twice; the first is in line 1"},
        {"a: &x 1\n", 1, 4, "anchors are not allowed; repeat the value instead"},
        {"a: *x\n", 1, 4, "aliases are not allowed; put a text that begins with * into quotes"},
        {"a: !!str 1\n", 1, 4, "tags are not allowed; the value alone is enough"},
        {"<<: {a: 1}\n", 1, 1, "merge keys are not allowed"},
        {"a: 1\n---\nb: 2\n", 2, 1, "a file holds one document; make this a file of its own"},
        {"? [a]\n: 1\n", 1, 3, "a key must be plain text"},
        {"a:\n\t- 1\n", 2, 1, "a tab can't indent; use blanks"},
        {"a: @b\n", 1, 4, "a text can't begin with '@'; put it into quotes"},
        {"a: \"b\n", 1, 4, "a quote that was opened is never closed"},
        {"词: \x01\n", 1, 4, "a control character; write it as an escape between double quotes"},
        {"ok: 1\n词: \xFF\n", 2, 4, "not UTF-8; save the file as UTF-8"},
        {"a: b\xE2\x80\xA8\n", 1, 5,
         "an invisible line separator; write it as an escape between double quotes"},
        {"a: \"\\d\"\n", 1, 5, "no such escape between double quotes; write \\\\ for a \\"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
        WEIR_AUTO(weir_yaml_document_destroy)
        struct weir_yaml_document *document =
            weir_yaml_parse("f", weir_span_of(cases[i].text), &diagnostics);
        EXPECT_EQ(cases[i].text, diagnostics.count, 1);
        if (diagnostics.count > 0) {
            const struct weir_error *error = &diagnostics.items[0].error;
            EXPECT_TEXT(cases[i].text, weir_span_of(error->text), cases[i].cause);
            EXPECT_EQ(cases[i].text, error->line, cases[i].line);
            EXPECT_EQ(cases[i].text, error->column, cases[i].column);
        }
    }
    test_end_rows();
}

static struct weir_buffer repeated(const char *text, size_t count)
{
    struct weir_buffer out = {0};
    for (size_t i = 0; i < count; i++) {
        weir_buffer_add_text(&out, text);
    }
    return out;
}

static void hostile_files_end_in_a_mistake_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        size_t count;
        size_t most_mistakes;
    } cases[] = {
        {"[", 100000, 1},          {"{a: ", 100000, 1},      {"- ", 100000, 1}, {"? ", 100000, 1},
        {"- *a\n", 100000, 50},    {"a: 1\n", 100000, 1000}, {"\t", 100000, 1}, {"\xFF", 100000, 1},
        {"- &a [*a]\n", 9999, 50}, {"!!x ", 100000, 50},     {"\"", 99999, 1},  {"'", 99999, 1},
        {"%", 100000, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini)
        struct weir_buffer text = repeated(cases[i].piece, cases[i].count);
        WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
        WEIR_AUTO(weir_yaml_document_destroy)
        struct weir_yaml_document *document =
            weir_yaml_parse("f", weir_buffer_span(&text), &diagnostics);
        EXPECT(cases[i].piece, diagnostics.count >= 1);
        EXPECT(cases[i].piece, diagnostics.count <= cases[i].most_mistakes);
    }
    test_end_rows();
}

static void a_line_of_a_megabyte_is_a_text(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = repeated("0123456789", 100000);
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document =
        weir_yaml_parse("f", weir_buffer_span(&text), &diagnostics);
    assert_non_null(document);
    assert_int_equal(weir_yaml_root(document)->text.length, 1000000);
}

// Each source holds one scalar under `a`; the byte after `value` in the value must be found at the
// place where the source has an X.
static void a_byte_of_a_value_is_found_in_its_file(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        uint32_t line;
        uint32_t column;
    } cases[] = {
        {"a: 微信X", 1, 6},
        {"a: bX\n", 1, 5},
        {"a: one\n  two\n\n  thrXe\n", 4, 6},
        {"a: 'it''s X'\n", 1, 11},
        {"a: 'one \n   two X'\n", 2, 8},
        {"a: '\n  X'\n", 2, 3},
        {"a: \"t\\tX\"\n", 1, 8},
        {"a: \"\\u5fae\\u4fe1X\"\n", 1, 17},
        {"a: \"\\U0001F600X\"\n", 1, 15},
        {"a: \"\\x41\\L\\NX\"\n", 1, 13},
        {"a: \"one \\\n   two X\"\n", 2, 8},
        {"a: \"one\n\n\n   two X\"\n", 4, 8},
        {"a: |\n  one\n  twX\n", 3, 5},
        {"a: |\n\n\n  one\n\n   twX\n", 6, 6},
        {"a: |2\n    one\n  twX\n", 3, 5},
        {"a: |-\n  词词\n  词X\n", 3, 4},
        {"a: >\n  one\n  twX\n", 3, 5},
        {"a: >\n  one\n\n\n  twX\n", 5, 5},
        {"a: >\n  one\n    more\n  twX\n", 4, 5},
        {"a: >-\n  one\n    moXe\n  two\n", 3, 7},
        {"a: |\r\n  one\r\n  twX\r\n", 3, 5},
        {"\xEF\xBB\xBF"
         "a: \"词X\"\r\n",
         1, 6},
        {"{a: [b, 'cX']}", 1, 11},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
        struct weir_span source = weir_span_of(cases[i].source);
        WEIR_AUTO(weir_yaml_document_destroy)
        struct weir_yaml_document *document = weir_yaml_parse("f", source, &diagnostics);
        EXPECT_EQ(cases[i].source, diagnostics.count, 0);
        const struct weir_yaml *scalar = weir_yaml_find(weir_yaml_root(document), "a");
        scalar = scalar->kind == WEIR_YAML_LIST ? scalar->items[1] : scalar;
        const char *wanted = memchr(scalar->text.data, 'X', scalar->text.length);
        EXPECT(cases[i].source, wanted != NULL);
        if (wanted) {
            struct weir_place place =
                weir_yaml_place_in(scalar, source, (size_t)(wanted - scalar->text.data));
            EXPECT_EQ(cases[i].source, place.line, cases[i].line);
            EXPECT_EQ(cases[i].source, place.column, cases[i].column);
        }
    }
    test_end_rows();
}

static void unknown_keys_are_refused_with_a_suggestion(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "when"};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document =
        weir_yaml_parse("f", weir_span_of("id: 1\nwhn: 2\nextra: 3\n"), &diagnostics);
    weir_yaml_refuse_others(weir_yaml_root(document), names, 2, "a rule", &diagnostics);
    assert_int_equal(diagnostics.count, 2);
    EXPECT_TEXT("near", weir_span_of(diagnostics.items[0].error.text),
                "unknown key 'whn' in a rule; did you mean 'when'?");
    EXPECT_TEXT("far", weir_span_of(diagnostics.items[1].error.text),
                "unknown key 'extra' in a rule");
    test_end_rows();
}

static void scalars_mean_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_good;
        int64_t ms;
    } cases[] = {
        {"90s", true, 90000},
        {"10m", true, 600000},
        {"2h", true, 7200000},
        {"1d", true, 86400000},
        {"250ms", true, 250},
        {"0s", true, 0},
        {"90", false, 0},
        {"s", false, 0},
        {"-1s", false, 0},
        {"1w", false, 0},
        {"99999999999999999d", false, 0},
        {"[1s]", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
        WEIR_AUTO(weir_yaml_document_destroy)
        struct weir_yaml_document *document =
            weir_yaml_parse("f", weir_span_of(cases[i].text), &diagnostics);
        int64_t ms = 0;
        bool is_good = weir_yaml_to_duration_ms(weir_yaml_root(document), &ms, &diagnostics);
        EXPECT_EQ(cases[i].text, is_good, cases[i].is_good);
        EXPECT_EQ(cases[i].text, ms, cases[i].ms);
        EXPECT_EQ(cases[i].text, diagnostics.count, !cases[i].is_good);
    }
    test_end_rows();
}

static void a_quoted_true_is_a_text(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document =
        weir_yaml_parse("f", weir_span_of("[true, 'true', 12, '12', 13]"), &diagnostics);
    struct weir_yaml **items = weir_yaml_root(document)->items;
    bool truth = false;
    uint64_t number = 0;
    EXPECT("plain", weir_yaml_to_bool(items[0], &truth, &diagnostics) && truth);
    EXPECT("quoted", !weir_yaml_to_bool(items[1], &truth, &diagnostics));
    EXPECT("number", weir_yaml_to_u64(items[2], 12, &number, &diagnostics) && number == 12);
    EXPECT("quoted number", !weir_yaml_to_u64(items[3], 12, &number, &diagnostics));
    EXPECT("too large", !weir_yaml_to_u64(items[4], 12, &number, &diagnostics));
    EXPECT_EQ("mistakes", diagnostics.count, 3);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_becomes_a_tree_with_places),
        cmocka_unit_test(mistakes_are_placed),
        cmocka_unit_test(hostile_files_end_in_a_mistake_at_once),
        cmocka_unit_test(a_line_of_a_megabyte_is_a_text),
        cmocka_unit_test(a_byte_of_a_value_is_found_in_its_file),
        cmocka_unit_test(unknown_keys_are_refused_with_a_suggestion),
        cmocka_unit_test(scalars_mean_what_they_say),
        cmocka_unit_test(a_quoted_true_is_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
