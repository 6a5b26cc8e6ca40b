#include "tests/unit/test.h"

#include "engine/stream/action_record.h"
#include "engine/stream/consequences.h"

static const struct weir_effect timeout_effect = {.kind = WEIR_EFFECT_TIMEOUT,
                                                  .duration_ms = 600000};
static const struct weir_effect slow_effect = {
    .kind = WEIR_EFFECT_ROOM_MODE, .mode = {"slow", 4}, .mode_seconds = 30, .duration_ms = 60000};
static const struct weir_effect flag_effect = {.kind = WEIR_EFFECT_FLAG};
static const struct weir_effect reply_effect = {.kind = WEIR_EFFECT_REPLY,
                                                .text = {{"好", 3}, {"ok", 2}}};

static struct weir_powers all_powers(void)
{
    struct weir_powers powers = {.no_mask_deletes = true};
    for (int i = 0; i < WEIR_DO_COUNT; i++) {
        powers.can[i] = true;
    }
    return powers;
}

static struct weir_message message_of(const char *id, const char *user)
{
    return (struct weir_message){.room = WEIR_SPAN("r1"),
                                 .id = weir_span_of(id),
                                 .seq = 7,
                                 .has_seq = true,
                                 .user = {.id = weir_span_of(user)}};
}

static void what_the_platform_cannot_do_is_done_by_what_it_can(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum weir_message_verdict verdict;
        bool can;
        bool instead_deletes;
        bool is_gate;
        int kind; // -1: nothing
    } cases[] = {
        {"pass", WEIR_MESSAGE_PASS, true, false, false, -1},
        {"flag", WEIR_MESSAGE_FLAG, true, false, false, -1},
        {"delete", WEIR_MESSAGE_DELETE, true, false, false, WEIR_DO_DELETE},
        {"delete in a gate is the verdict", WEIR_MESSAGE_DELETE, true, false, true, -1},
        {"hold", WEIR_MESSAGE_HOLD, true, false, false, WEIR_DO_HOLD},
        {"no hold: flag", WEIR_MESSAGE_HOLD, false, false, false, -1},
        {"no hold: delete", WEIR_MESSAGE_HOLD, false, true, false, WEIR_DO_DELETE},
        {"mask", WEIR_MESSAGE_MASK, true, false, false, WEIR_DO_MASK},
        {"no mask: delete", WEIR_MESSAGE_MASK, false, true, false, WEIR_DO_DELETE},
        {"no delete is still tried, to be refused", WEIR_MESSAGE_DELETE, false, false, false,
         WEIR_DO_DELETE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_powers powers = all_powers();
        struct weir_consequences out;
        powers.can[WEIR_DO_HOLD] = powers.can[WEIR_DO_MASK] = cases[i].can;
        powers.no_hold_deletes = powers.no_mask_deletes = cases[i].instead_deletes;
        powers.is_gate = cases[i].is_gate;
        const struct weir_message message = message_of("m-1", "u1");
        const struct weir_verdict verdict = {.message_verdict = cases[i].verdict};
        weir_consequences_of(&verdict, &message, &powers, &out);
        EXPECT_EQ(cases[i].name, out.count, cases[i].kind >= 0);
        if (out.count == 1) {
            EXPECT_EQ(cases[i].name, out.actions[0].kind, cases[i].kind);
        }
    }
    test_end_rows();
}

static void effects_become_actions_with_ids_of_their_own(void **state)
{
    (void)state;
    const struct weir_effect *const effects[] = {&timeout_effect, &flag_effect, &slow_effect,
                                                 &reply_effect};
    const struct weir_powers powers = all_powers();
    const struct weir_message message = message_of("m-1", "u1");
    const struct weir_verdict verdict = {.message_verdict = WEIR_MESSAGE_DELETE,
                                         .effects = effects,
                                         .effect_count = ARRAY_LEN(effects),
                                         .prefers_zh = true};
    struct weir_consequences out, again;
    weir_consequences_of(&verdict, &message, &powers, &out);
    weir_consequences_of(&verdict, &message, &powers, &again);
    EXPECT_EQ("delete, timeout, mode, reply", out.count, 4);
    EXPECT_EQ("seconds", out.actions[1].seconds, 600);
    EXPECT_EQ("slow", out.actions[2].seconds, 30);
    EXPECT_EQ("for a minute", out.lasts_s[2], 60);
    EXPECT_TEXT("language", out.actions[3].text, "好");
    for (size_t i = 0; i < out.count; i++) {
        EXPECT_TEXT("a repeat has the same id", again.actions[i].id, out.ids[i]);
        for (size_t k = 0; k < i; k++) {
            EXPECT("no two are the same", strcmp(out.ids[i], out.ids[k]) != 0);
        }
    }
    test_end_rows();
}

static void an_edit_is_a_cause_of_its_own(void **state)
{
    (void)state;
    const struct weir_powers powers = all_powers();
    const struct weir_verdict verdict = {.message_verdict = WEIR_MESSAGE_DELETE};
    struct weir_message message = message_of("m-1", "u1");
    struct weir_consequences first, edited, edited_again;
    weir_consequences_of(&verdict, &message, &powers, &first);
    message.is_edit = true;
    message.seq = 8;
    weir_consequences_of(&verdict, &message, &powers, &edited);
    message.seq = 9;
    weir_consequences_of(&verdict, &message, &powers, &edited_again);
    EXPECT("edit", strcmp(first.ids[0], edited.ids[0]) != 0);
    EXPECT("second edit", strcmp(edited.ids[0], edited_again.ids[0]) != 0);
    test_end_rows();
}

static void what_has_no_target_is_counted_instead(void **state)
{
    (void)state;
    const struct weir_effect *const effects[] = {&timeout_effect};
    const struct weir_powers powers = all_powers();
    const struct weir_message message = message_of("", "");
    const struct weir_verdict verdict = {
        .message_verdict = WEIR_MESSAGE_DELETE, .effects = effects, .effect_count = 1};
    struct weir_consequences out;
    weir_consequences_of(&verdict, &message, &powers, &out);
    EXPECT_EQ("nothing", out.count, 0);
    EXPECT_EQ("both counted", out.no_target, 2);
    test_end_rows();
}

static void a_record_gives_the_action_back(void **state)
{
    (void)state;
    const struct weir_span rules[] = {WEIR_SPAN("a.b"), WEIR_SPAN("c")};
    const struct weir_action action = {.id = WEIR_SPAN("a-1"),
                                       .room = WEIR_SPAN("直播间"),
                                       .kind = WEIR_DO_TIMEOUT,
                                       .seq = UINT64_MAX,
                                       .has_seq = true,
                                       .message = WEIR_SPAN("m\n1"),
                                       .user = WEIR_SPAN("u1"),
                                       .user_name = WEIR_SPAN("小明"),
                                       .seconds = 600,
                                       .reason = WEIR_SPAN("why"),
                                       .rules = rules,
                                       .rule_count = 2,
                                       .by_human = true};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer record = {0};
    struct weir_span space[WEIR_ACTION_RECORD_RULES];
    struct weir_action back;
    int64_t when_ms;
    weir_action_record_write(&record, 1700000000123, &action);
    struct weir_span whole = weir_buffer_span(&record);
    assert_true(weir_action_record_read(whole, &when_ms, &back, space));
    EXPECT_EQ("time", when_ms, 1700000000123);
    EXPECT_EQ("kind", back.kind, WEIR_DO_TIMEOUT);
    EXPECT("seq", back.seq == UINT64_MAX && back.has_seq && back.by_human);
    EXPECT_EQ("seconds", back.seconds, 600);
    EXPECT_TEXT("room", back.room, "直播间");
    EXPECT_TEXT("name", back.user_name, "小明");
    EXPECT_TEXT("empty", back.text, "");
    EXPECT_EQ("rules", back.rule_count, 2);
    EXPECT_TEXT("rule", back.rules[1], "c");
    for (size_t cut = 0; cut < whole.length; cut++) {
        EXPECT("half a record is none",
               !weir_action_record_read(weir_span_slice(whole, 0, cut), &when_ms, &back, space));
    }
    test_end_rows();
}

static void a_campaign_is_deleted_as_far_as_it_can_be_seen(void **state)
{
    (void)state;
    struct weir_powers powers = all_powers();
    struct weir_consequences alone;
    struct weir_consequences out;
    struct weir_message earlier = message_of("m-1", "u1");
    struct weir_message message = message_of("m-9", "u9");
    const struct weir_verdict_campaign campaign = {
        .id = "c-1",
        .earlier = {{.message = WEIR_SPAN("m-1"), .user = WEIR_SPAN("u1")},
                    {.message = WEIR_SPAN("m-2"), .user = WEIR_SPAN("u2")}},
        .earlier_count = 2};
    struct weir_verdict verdict = {.message_verdict = WEIR_MESSAGE_DELETE};
    weir_consequences_of(&verdict, &earlier, &powers, &alone);
    verdict.campaign = &campaign;
    verdict.effect_count = 0;
    weir_consequences_of(&verdict, &message, &powers, &out);
    assert_int_equal(out.count, 3);
    EXPECT_TEXT("this one", out.actions[0].message, "m-9");
    EXPECT_TEXT("before", out.actions[1].message, "m-1");
    EXPECT_TEXT("of whom", out.actions[1].user, "u1");
    EXPECT_TEXT("as if it had been alone", out.actions[1].id, alone.ids[0]);
    EXPECT_TEXT("both", out.actions[2].message, "m-2");
    EXPECT_EQ("settled with its cause", out.actions[2].seq, 7);
    powers.is_gate = true;
    weir_consequences_of(&verdict, &message, &powers, &out);
    EXPECT_EQ("what passed the gate before", out.count, 2);
    verdict.message_verdict = WEIR_MESSAGE_FLAG;
    weir_consequences_of(&verdict, &message, &powers, &out);
    EXPECT_EQ("a human decides first", out.count, 0);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_platform_cannot_do_is_done_by_what_it_can),
        cmocka_unit_test(effects_become_actions_with_ids_of_their_own),
        cmocka_unit_test(an_edit_is_a_cause_of_its_own),
        cmocka_unit_test(what_has_no_target_is_counted_instead),
        cmocka_unit_test(a_campaign_is_deleted_as_far_as_it_can_be_seen),
        cmocka_unit_test(a_record_gives_the_action_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
