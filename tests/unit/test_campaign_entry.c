#include "tests/unit/test.h"

#include "engine/stream/campaign_entry.h"

#define ABOUT                                                                                      \
    "\"type\":\"campaign\",\"id\":\"a-1\",\"room\":\"r1\",\"campaign\":\"c-00000000000000ff\","    \
    "\"sketch\":\"0001ff02\",\"decision\":\"d-1\",\"card\":\"c-1\",\"queue\":\"raids\","

static enum weir_campaign_entry_kind read_entry(const char *json, struct weir_buffer *scratch,
                                                struct weir_campaign_entry *entry)
{
    return weir_campaign_entry_read(weir_span_of(json), scratch, entry);
}

static void a_decision_is_read_whole(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_campaign_entry entry;
    assert_int_equal(read_entry("{" ABOUT "\"do\":\"delete+timeout\",\"seconds\":600,\"until\":99,"
                                "\"reason\":\"no \\u4e0d\",\"more\":[1,{}]}",
                                &scratch, &entry),
                     WEIR_CAMPAIGN_ENTRY_GOOD);
    EXPECT("begins", !entry.is_end && !entry.standing.spares);
    EXPECT_TEXT("id", entry.id, "a-1");
    EXPECT_EQ("campaign", entry.standing.campaign, 0xff);
    EXPECT_EQ("sketch", entry.standing.sketch.count, 2);
    EXPECT_EQ("until", entry.standing.until_ms, 99);
    EXPECT_TEXT("reason", entry.standing.reason, "no 不");
    assert_int_equal(entry.standing.effect_count, 2);
    EXPECT_EQ("delete", entry.standing.effects[0].kind, WEIR_EFFECT_DELETE);
    EXPECT_EQ("how long", entry.standing.effects[1].duration_ms, 600000);
    test_end_rows();
}

static void what_is_said_once_stands_for_nobody(void **state)
{
    (void)state;
    static const struct {
        const char *verdict;
        size_t effects;
        bool spares;
    } cases[] = {
        {"delete+ban+warn", 2, false},
        {"dismiss", 0, true},
        {"release+untimeout", 0, true},
        {"reply", 0, false},
        {"timeout", 0, false},
        {"hold+", 1, false},
        {"", 0, false},
        {"+++delete", 1, false},
    };
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_campaign_entry entry;
        char json[512];
        snprintf(json, sizeof(json), "{" ABOUT "\"do\":\"%s\"}", cases[i].verdict);
        EXPECT_EQ(cases[i].verdict, read_entry(json, &scratch, &entry), WEIR_CAMPAIGN_ENTRY_GOOD);
        EXPECT_EQ(cases[i].verdict, entry.standing.effect_count, cases[i].effects);
        EXPECT_EQ(cases[i].verdict, entry.standing.spares, cases[i].spares);
    }
    test_end_rows();
}

static void what_can_not_be_read_is_none_or_bad(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum weir_campaign_entry_kind kind;
    } cases[] = {
        {"", WEIR_CAMPAIGN_ENTRY_NONE},
        {"[]", WEIR_CAMPAIGN_ENTRY_NONE},
        {"{\"type\":\"action\",\"id\":\"a\"}", WEIR_CAMPAIGN_ENTRY_NONE},
        {"{\"type\":\"campaign\"}", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{" ABOUT "\"do\":7}", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{" ABOUT "\"do\":\"ban\"", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{" ABOUT "\"sketch\":\"ff\"}", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{" ABOUT "\"campaign\":\"c-ff\"}", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{" ABOUT "\"decision\":\"\"}", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{\"type\":\"campaign_end\",\"id\":\"a-2\"}", WEIR_CAMPAIGN_ENTRY_BAD},
        {"{\"type\":\"campaign_end\",\"id\":\"a-2\",\"decision\":\"d\"}", WEIR_CAMPAIGN_ENTRY_GOOD},
    };
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_campaign_entry entry;
        EXPECT_EQ(cases[i].json, read_entry(cases[i].json, &scratch, &entry), cases[i].kind);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_is_read_whole),
        cmocka_unit_test(what_is_said_once_stands_for_nobody),
        cmocka_unit_test(what_can_not_be_read_is_none_or_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
