#include "tests/unit/test.h"

#include "engine/rules/set.h"

static struct weir_set *load(const char *text, struct weir_diagnostics *diagnostics)
{
    struct weir_pack_file file = {"pack.yaml", weir_span_of(text)};
    return weir_set_load(&file, 1, NULL, NULL, diagnostics);
}

static const char sample[] =
    "pack: sample\n"
    "lists: {apps: [vx, 微信]}\n"
    "policy: {exempt: {role: moderator}, score: {10: [delete, {timeout: 10m}], 4: [flag]}}\n"
    "rules:\n"
    "  - id: z.last\n"
    "    when: {score: {min: 6}}\n"
    "    then: {do: [{flag: {queue: crisis, target: 1m}}]}\n"
    "  - id: a.first\n"
    "    mode: shadow\n"
    "    tags: [one, two]\n"
    "    when:\n"
    "      all:\n"
    "        - word: {list: apps}\n"
    "          view: [fold, skeleton]\n"
    "        - any: [{regex: 'a+'}, {not: {user: {role: [vip]}}}, {includes: b}]\n"
    "      near: 9\n"
    "    except: [官方微信]\n"
    "    unless: {room: {scene: s}}\n"
    "    then: {score: 6, do: [delete, {strike: 2}], reason: {zh: 一, en: one}}\n"
    "    hit: [a]\n"
    "    miss: [{text: b, user: {roles: [vip], identity: masked}, scene: s}]\n"
    "topics:\n"
    "  - {id: t, when: {word: x}, queue: q, target: 90s, urgent: {word: y}, complaint: true,\n"
    "     needs: [refunds, language], escalate: [{after: 2m}, {after: 10m, to: leads}]}\n"
    "answers:\n"
    "  - {id: w, topic: t, ask: {zh: [一, 二]}, reply: yes, auto: true, until: 1970-01-01}\n";

static void a_pack_becomes_a_set(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_set_destroy) struct weir_set *set = load(sample, &diagnostics);
    assert_non_null(set);
    EXPECT_EQ("rules", set->rule_count, 2);
    EXPECT_TEXT("sorted", set->rules[0]->id, "a.first");
    const struct weir_rule *rule = weir_set_find_rule(set, WEIR_SPAN("a.first"));
    EXPECT("found", rule == set->rules[0]);
    EXPECT("not found", weir_set_find_rule(set, WEIR_SPAN("b")) == NULL);
    EXPECT_EQ("mode", rule->mode, WEIR_MODE_SHADOW);
    EXPECT_EQ("score", rule->score, 6);
    EXPECT_EQ("effects", rule->effect_count, 2);
    EXPECT_EQ("strike", rule->effects[1].points, 2);
    EXPECT_EQ("tags", rule->tag_count, 2);
    EXPECT_TEXT("reason", rule->reason.zh, "一");
    EXPECT_EQ("near", rule->when->near_chars, 9);
    EXPECT_EQ("samples", rule->sample_count, 2);
    EXPECT("hit", rule->samples[0].expect_hit);
    EXPECT_EQ("roles", rule->samples[1].roles, WEIR_ROLE_VIP);
    EXPECT_EQ("identity", rule->samples[1].identity, WEIR_IDENTITY_MASKED);
    EXPECT_TEXT("scene", rule->samples[1].scene, "s");
    EXPECT("last reads the score", set->rules[1]->reads_score && !rule->reads_score);
    EXPECT_EQ("target", set->rules[1]->effects[0].target_ms, 60000);
    EXPECT_TEXT("queue", set->rules[1]->effects[0].queue, "crisis");
    EXPECT_TEXT("usual queue", set->policies[0].thresholds[0].effects[0].queue, "review");
    EXPECT_EQ("thresholds rise", set->policies[0].thresholds[1].score, 10);
    EXPECT_EQ("topic target", set->topics[0].target_ms, 90000);
    EXPECT("complaint", set->topics[0].complaint);
    EXPECT_EQ("needs", set->topics[0].needs_count, 2);
    EXPECT_TEXT("skill", set->topics[0].needs[0], "refunds");
    EXPECT_EQ("steps", set->topics[0].escalation_count, 2);
    EXPECT_EQ("later", set->topics[0].escalations[1].after_ms, 600000);
    EXPECT_TEXT("to whom", set->topics[0].escalations[1].queue, "leads");
    EXPECT_EQ("where it is", set->topics[0].escalations[0].queue.length, 0);
    EXPECT_EQ("asks", set->answers[0].ask_zh_count, 2);
    EXPECT_TEXT("one text for both", set->answers[0].reply.zh, "yes");
    EXPECT_EQ("the last day counts", set->answers[0].until_ms, 86400000);
    test_end_rows();
}

static void checks_are_numbered_by_rule_and_place(void **state)
{
    (void)state;
    static const char *const paths[] = {"all[0].word",
                                        "all[1].any[0].regex",
                                        "all[1].any[1].not.user",
                                        "all[1].any[2].includes",
                                        "unless.room",
                                        "score",
                                        "exempt.user",
                                        "when.word",
                                        "urgent.word"};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_set_destroy) struct weir_set *set = load(sample, &diagnostics);
    assert_non_null(set);
    EXPECT_EQ("checks", set->check_count, ARRAY_LEN(paths));
    for (size_t i = 0; i < set->check_count && i < ARRAY_LEN(paths); i++) {
        EXPECT_TEXT(paths[i], weir_span_of(set->checks[i]->path), paths[i]);
        EXPECT_EQ(paths[i], set->checks[i]->owner, i);
        EXPECT(paths[i], set->checks[i]->rule == (i < 5   ? set->rules[0]
                                                  : i < 6 ? set->rules[1]
                                                          : NULL));
    }
    EXPECT_EQ("first of the second rule", set->rules[1]->first_check, 5);
    EXPECT_EQ("except", set->rules[0]->except_owner, ARRAY_LEN(paths));
    EXPECT("no except", set->rules[1]->except_owner == UINT32_MAX);
    EXPECT_EQ("owners", set->owner_count, ARRAY_LEN(paths) + 1);
    test_end_rows();
}

static void a_set_is_named_by_what_it_holds(void **state)
{
    (void)state;
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_set_destroy) struct weir_set *one = load("pack: a\n", &diagnostics);
    WEIR_AUTO(weir_set_destroy) struct weir_set *same = load("pack: a\n", &diagnostics);
    WEIR_AUTO(weir_set_destroy) struct weir_set *other = load("pack: b\n", &diagnostics);
    assert_true(one && same && other);
    assert_int_equal(strlen(one->hash), 71);
    assert_string_equal(one->hash, same->hash);
    assert_string_not_equal(one->hash, other->hash);
}

static bool read_words(void *user, const char *pack, struct weir_span path,
                       struct weir_span *text_out, struct weir_error *err)
{
    (void)pack;
    (void)path;
    (void)err;
    *text_out = weir_span_of(user);
    return true;
}

static void list_files_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *cause; // NULL: none
        uint32_t line;
        uint32_t column;
    } cases[] = {
        {"\xEF\xBB\xBF# words\r\n\r\n  微信 # the app\r\nc#\r\n", NULL, 0, 0},
        {"vx\n\n   \r\nvx\n\t\nVX\n", NULL, 0, 0},
        {"# nothing\n", "'w.txt' holds no word", 2, 19},
        {"ok\n\xFF\xFE\n", "not UTF-8; save the file as UTF-8", 2, 1},
    };
    struct weir_pack_file file = {"p/pack.yaml", WEIR_SPAN("pack: a\nlists: {w: {file: w.txt}}\n")};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
        WEIR_AUTO(weir_set_destroy)
        struct weir_set *set =
            weir_set_load(&file, 1, read_words, (void *)cases[i].text, &diagnostics);
        EXPECT_EQ(cases[i].text, set != NULL, cases[i].cause == NULL);
        EXPECT_EQ(cases[i].text, diagnostics.count, cases[i].cause != NULL);
        if (diagnostics.count > 0 && cases[i].cause) {
            EXPECT_TEXT(cases[i].text, weir_span_of(diagnostics.items[0].error.text),
                        cases[i].cause);
            EXPECT_EQ(cases[i].text, diagnostics.items[0].error.line, cases[i].line);
            EXPECT_EQ(cases[i].text, diagnostics.items[0].error.column, cases[i].column);
        }
    }
    test_end_rows();
}

static void a_line_of_a_megabyte_is_told_at_its_place(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer words = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"p/pack.yaml", WEIR_SPAN("pack: a\nlists: {w: {file: w.txt}}\n")};
    weir_buffer_add_text(&words, "vx\n");
    for (int i = 0; i < 1 << 20; i++) {
        weir_buffer_add_byte(&words, 'x');
    }
    weir_buffer_add_text(&words, "\nqq\n");
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set =
        weir_set_load(&file, 1, read_words, (void *)weir_buffer_text(&words), &diagnostics);
    assert_null(set);
    assert_int_equal(diagnostics.count, 1);
    EXPECT_TEXT("cause", weir_span_of(diagnostics.items[0].error.text),
                "longer than 200 characters");
    EXPECT_EQ("line", diagnostics.items[0].error.line, 2);
    EXPECT_EQ("column", diagnostics.items[0].error.column, 1);
    test_end_rows();
}

static void packs_of_one_set_share_ids_but_not_lists(void **state)
{
    (void)state;
    static const char first[] = "pack: a\nlists: {w: [x]}\nrules:\n"
                                "  - {id: r, when: {word: {list: w}}, then: {score: 1}}\n";
    static const char second[] = "pack: a\nrules:\n"
                                 "  - {id: r, when: {word: {list: w}}, then: {score: 1}}\n";
    struct weir_pack_file files[] = {{"a.yaml", weir_span_of(first)},
                                     {"b.yaml", weir_span_of(second)}};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_set_load(files, ARRAY_LEN(files), NULL, NULL, &diagnostics);
    assert_null(set);
    assert_int_equal(diagnostics.count, 3);
    EXPECT_TEXT("pack", weir_span_of(diagnostics.items[0].error.text),
                "another pack has this name: a.yaml");
    EXPECT_TEXT("list", weir_span_of(diagnostics.items[1].error.text), "this pack has no list 'w'");
    EXPECT_TEXT("rule", weir_span_of(diagnostics.items[2].error.text),
                "another rule has this id: a.yaml:4");
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_becomes_a_set),
        cmocka_unit_test(checks_are_numbered_by_rule_and_place),
        cmocka_unit_test(a_set_is_named_by_what_it_holds),
        cmocka_unit_test(list_files_are_read_strictly),
        cmocka_unit_test(a_line_of_a_megabyte_is_told_at_its_place),
        cmocka_unit_test(packs_of_one_set_share_ids_but_not_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
