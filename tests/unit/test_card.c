// What triage writes of a card is what the store reads of it, field by field.

#include "engine/base/json.h"
#include "engine/store/card_args.h"
#include "engine/triage/card.h"
#include "tests/unit/test.h"

#include <string.h>

static struct weir_card full_card(enum weir_card_kind kind, const struct weir_rule *const *rules)
{
    struct weir_card card = {
        .kind = kind,
        .id = "c-1",
        .fingerprint = "f00d",
        .queue = WEIR_SPAN("sales"),
        .room = WEIR_SPAN("x}y {q:sales}"),
        .topic = WEIR_SPAN("shipping"),
        .text = WEIR_SPAN("\"什么\"\x1b[31m\r\n时候 ]}"),
        .message = WEIR_SPAN("m 1"),
        .seq = UINT64_MAX,
        .has_seq = true,
        .user = {.id = WEIR_SPAN("u1"),
                 .name = WEIR_SPAN("小\t明"),
                 .roles = WEIR_ROLE_SUBSCRIBER | WEIR_ROLE_VIP,
                 .tier = 3,
                 .identity = WEIR_IDENTITY_STABLE},
        .at_ms = 1700000000123,
        .target_ms = 90000,
        .urgent = true,
        .verdict = WEIR_SPAN("hold"),
        .rules = rules,
        .rule_count = 1,
        .suggestion = WEIR_SPAN("48小时内发货"),
        .reason = {.zh = WEIR_SPAN("请勿"), .en = WEIR_SPAN("please")},
    };
    return card;
}

struct field {
    const char *name;
    const char *value;
};

static void expect_fields(const struct weir_card_args *args, const struct field *fields,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        EXPECT_TEXT(fields[i].name, weir_card_args_find(args, fields[i].name), fields[i].value);
    }
    EXPECT_EQ("no more than these", (intmax_t)args->field_count, (intmax_t)count);
}

// A field that the store does not know would be lost on the way without a word.
static void expect_all_known(struct weir_span card_json)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_json json;
    struct weir_span name;
    weir_json_start(&json, card_json, &scratch);
    assert_true(weir_json_enter_object(&json));
    while (weir_json_next_member(&json, &name)) {
        EXPECT("known", weir_card_args_is_field(name) || weir_span_is(name, "queue"));
        weir_json_skip(&json);
    }
    assert_true(weir_json_finish(&json));
}

static void expect_card(enum weir_card_kind kind, const struct field *fields, size_t count)
{
    const struct weir_rule rule = {.id = WEIR_SPAN("solicit.contact")};
    const struct weir_rule *rules[] = {&rule};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    WEIR_AUTO(weir_card_args_fini) struct weir_card_args args = {0};
    const struct weir_span needs[] = {WEIR_SPAN("refunds"), WEIR_SPAN("language")};
    const struct weir_escalation steps[] = {{0}, {300000, WEIR_SPAN("leads")}};
    const struct weir_topic topic = {
        .needs = needs, .needs_count = 2, .escalations = steps, .escalation_count = 2};
    struct weir_card card = full_card(kind, rules);
    card.rules_of_topic = &topic;
    weir_card_write(&card, &json);
    assert_null(weir_card_args_parse(&args, weir_buffer_span(&json)));
    EXPECT_TEXT("id", args.id, "c-1");
    EXPECT_TEXT("fp", args.fp, "f00d");
    EXPECT_TEXT("queue", args.queue, "sales");
    EXPECT_TEXT("asker", args.user, "u1");
    EXPECT_EQ("at", args.at_ms, 1700000000123);
    EXPECT_EQ("target", args.target_ms, 90000);
    expect_fields(&args, fields, count);
    expect_all_known(weir_buffer_span(&json));
    test_end_rows();
}

#define COMMON                                                                                     \
    {"room", "x}y {q:sales}"}, {"text", "\"什么\"\x1b[31m\r\n时候 ]}"}, {"message", "m 1"},        \
        {"seq", "18446744073709551615"}, {"user", "u1"}, {"name", "小\t明"},                       \
        {"roles", "[\"vip\",\"subscriber\"]"}, {"tier", "3"}, {"identity", "stable"},              \
        {"at", "1700000000123"},                                                                   \
    {                                                                                              \
        "urgent", "1"                                                                              \
    }

static void a_question_is_read_as_it_was_written(void **state)
{
    (void)state;
    const struct field fields[] = {COMMON,
                                   {"kind", "question"},
                                   {"topic", "shipping"},
                                   {"suggestion", "48小时内发货"},
                                   {"needs", "[\"refunds\",\"zh\"]"},
                                   {"escalate", "0 ,300000 leads"}};
    expect_card(WEIR_CARD_QUESTION, fields, ARRAY_LEN(fields));
}

static void a_flag_is_read_as_it_was_written(void **state)
{
    (void)state;
    const struct field fields[] = {COMMON,
                                   {"kind", "flag"},
                                   {"verdict", "hold"},
                                   {"rules", "[\"solicit.contact\"]"},
                                   {"reason", "请勿"}};
    expect_card(WEIR_CARD_FLAG, fields, ARRAY_LEN(fields));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_read_as_it_was_written),
        cmocka_unit_test(a_flag_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
