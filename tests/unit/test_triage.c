// Questions of a room: which join, which answers are known, and when they are said.

#include "tests/unit/test.h"

#include "engine/text/text.h"
#include "engine/triage/triage.h"

#include <string.h>

static const char rules[] = "pack: shop\n"
                            "about: x\n"
                            "topics:\n"
                            "  - {id: shipping, when: {word: [发货, shipping]}, queue: sales, "
                            "target: 90s, urgent: {word: [急]}}\n"
                            "answers:\n"
                            "  - id: ships\n"
                            "    topic: shipping\n"
                            "    ask: {zh: [什么时候发货], en: [when does it ship]}\n"
                            "    reply: {zh: 48小时内发货, en: Ships within 48 hours}\n"
                            "    auto: true\n"
                            "  - id: price\n"
                            "    topic: shipping\n"
                            "    scene: item-7\n"
                            "    ask: {zh: [多少钱]}\n"
                            "    reply: {zh: 99元}\n"
                            "  - id: gift\n"
                            "    topic: shipping\n"
                            "    ask: {zh: [有赠品吗]}\n"
                            "    reply: {zh: 没有}\n"
                            "    auto: true\n"
                            "  - id: gift-7\n"
                            "    topic: shipping\n"
                            "    scene: item-7\n"
                            "    ask: {zh: [有赠品吗]}\n"
                            "    reply: {zh: 送一把伞}\n"
                            "    auto: true\n";

struct fixture {
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_memory *memory;
    struct weir_triage *triage;
    struct weir_triage_room *asked;
    struct weir_room_view room;
    struct weir_message message;
    struct weir_triaged triaged;
};

static void setup(struct fixture *fixture)
{
    struct weir_diagnostics diagnostics = {0};
    const struct weir_pack_file file = {"shop.yaml", weir_span_of(rules)};
    fixture->set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    assert_non_null(fixture->set);
    weir_diagnostics_fini(&diagnostics);
    fixture->judge = weir_judge_create(2000);
    fixture->memory = weir_memory_create();
    fixture->triage = weir_triage_create();
    fixture->asked = weir_triage_room_create();
    fixture->room = (struct weir_room_view){.id = WEIR_SPAN("r1"), .state = WEIR_SPAN("live")};
    fixture->message = (struct weir_message){
        .room = WEIR_SPAN("r1"),
        .id = WEIR_SPAN("m1"),
        .ts_ms = 1000000,
        .user = {.id = WEIR_SPAN("u1"), .identity = WEIR_IDENTITY_STABLE},
    };
}

static void teardown(struct fixture *fixture)
{
    weir_triage_room_destroy(&fixture->asked);
    weir_triage_destroy(&fixture->triage);
    weir_memory_destroy(&fixture->memory);
    weir_judge_destroy(&fixture->judge);
    weir_set_destroy(&fixture->set);
}

static const struct weir_triaged *ask(struct fixture *fixture, const char *text, bool can_reply)
{
    fixture->message.text = weir_span_of(text);
    const struct weir_verdict *verdict =
        weir_judge_message(fixture->judge, fixture->set, fixture->memory, &fixture->room,
                           &fixture->message, fixture->message.ts_ms);
    weir_triage_message(fixture->triage, fixture->set, fixture->asked, can_reply, &fixture->room,
                        &fixture->message, verdict, &fixture->triaged);
    return &fixture->triaged;
}

static const struct wording_row {
    const char *first;
    const char *again;
    bool joins;
} rows[] = {
    {"什么时候发货", "请问主播什么时候发货啊？？", true},
    {"什麼時候發貨", "啥时候能发货呀", true},
    {"When does it ship?", "when will it ship pls", true},
    {"有红色吗", "有蓝色吗", false},
    {"有红色吗", "红色有没有", true},
    {"1号多少钱", "2号多少钱", false},
    {"能用券吗", "不能用券吗", false},
    {"is size 40 left?", "is size 41 left?", false},
    {"第三题怎么做", "第3题咋做", true},
    {"发新疆吗", "发西藏吗", false},
    {"怎么下单", "怎么退款", false},
    {"怎么买", "how do i buy it", false}, // one answer in one language
};

static void other_words_join_the_card(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture fixture;
        char first[40];
        setup(&fixture);
        assert_int_equal(ask(&fixture, rows[i].first, false)->count, 1);
        memcpy(first, fixture.triaged.cards[0].fingerprint, sizeof first);
        EXPECT_EQ(rows[i].again, ask(&fixture, rows[i].again, false)->count, 1);
        EXPECT_EQ(rows[i].again, strcmp(fixture.triaged.cards[0].fingerprint, first) == 0,
                  rows[i].joins);
        teardown(&fixture);
    }
    test_end_rows();
}

// What the spool keeps of a card, read into the memory of a new process.
static void restart(struct fixture *fixture)
{
    const struct weir_card card = fixture->triaged.cards[0];
    weir_triage_room_destroy(&fixture->asked);
    fixture->asked = weir_triage_room_create();
    weir_text_set(weir_judge_text(fixture->judge), card.text, NULL, 0, false);
    const struct weir_view *tight =
        weir_text_view(weir_judge_text(fixture->judge), WEIR_VIEW_TIGHT);
    const struct weir_triage_kept kept = {
        .asked = {tight->bytes, tight->length},
        .scene = card.scene,
        .topic = card.topic,
        .fingerprint = weir_span_of(card.fingerprint),
        .at_ms = card.at_ms,
    };
    weir_triage_recall(fixture->triage, fixture->asked, &kept);
    weir_triage_recall(fixture->triage, fixture->asked, &kept); // the same question, merged
}

static void other_words_join_a_card_from_before_a_restart(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture fixture;
        char first[40];
        setup(&fixture);
        ask(&fixture, rows[i].first, false);
        memcpy(first, fixture.triaged.cards[0].fingerprint, sizeof first);
        restart(&fixture);
        EXPECT_EQ(rows[i].again, ask(&fixture, rows[i].again, false)->count, 1);
        EXPECT_EQ(rows[i].again, strcmp(fixture.triaged.cards[0].fingerprint, first) == 0,
                  rows[i].joins);
        EXPECT_EQ(rows[i].again, fixture.triaged.joins, rows[i].joins);
        teardown(&fixture);
    }
    test_end_rows();
}

static void another_scene_is_another_question(void **state)
{
    (void)state;
    struct fixture fixture;
    char first[40];
    setup(&fixture);
    fixture.room.scene = WEIR_SPAN("item-1");
    ask(&fixture, "多少钱", false);
    memcpy(first, fixture.triaged.cards[0].fingerprint, sizeof first);
    EXPECT_EQ("no answer here", fixture.triaged.cards[0].suggestion.length, 0);
    fixture.room.scene = WEIR_SPAN("item-7");
    ask(&fixture, "这个多少钱呀", false);
    EXPECT("another card", strcmp(fixture.triaged.cards[0].fingerprint, first) != 0);
    EXPECT_TEXT("its answer", fixture.triaged.cards[0].suggestion, "99元");
    EXPECT_TEXT("the card shows it", fixture.triaged.cards[0].scene, "item-7");
    EXPECT_TEXT("what is shown goes before", ask(&fixture, "有赠品吗", true)->reply, "送一把伞");
    fixture.room.scene = WEIR_SPAN("item-1");
    EXPECT_TEXT("what is true elsewhere", ask(&fixture, "有赠品吗", true)->reply, "没有");
    teardown(&fixture);
    test_end_rows();
}

// 寄 is no word of the topic; the question is known all the same.
static void a_rewording_goes_to_the_queue_of_its_question(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    ask(&fixture, "什么时候发货", false);
    EXPECT_TEXT("first", fixture.triaged.cards[0].queue, "sales");
    ask(&fixture, "啥时候寄出", false);
    EXPECT_TEXT("again", fixture.triaged.cards[0].queue, "sales");
    EXPECT_TEXT("topic", fixture.triaged.cards[0].topic, "shipping");
    teardown(&fixture);
    test_end_rows();
}

static void a_known_answer_is_said_once(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    ask(&fixture, "主播什么时候发货呀", true);
    EXPECT_EQ("no card", fixture.triaged.count, 0);
    EXPECT_TEXT("said", fixture.triaged.reply, "48小时内发货");
    fixture.message.ts_ms += WEIR_ANSWER_AGAIN_MS / 2;
    ask(&fixture, "什么时候发货？", true);
    EXPECT("known", fixture.triaged.answered != NULL);
    EXPECT_EQ("not said again so soon", fixture.triaged.reply.length, 0);
    fixture.message.ts_ms += WEIR_ANSWER_AGAIN_MS;
    EXPECT_TEXT("later", ask(&fixture, "when will it ship?", true)->reply, "Ships within 48 hours");
    teardown(&fixture);
    test_end_rows();
}

static void what_is_urgent_or_not_sure_goes_to_a_human(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    EXPECT_EQ("urgent", ask(&fixture, "什么时候发货 急", true)->count, 1);
    EXPECT_TEXT("suggested", fixture.triaged.cards[0].suggestion, "48小时内发货");
    EXPECT_EQ("cannot speak", ask(&fixture, "什么时候发货", false)->count, 1);
    fixture.room.scene = WEIR_SPAN("item-7");
    EXPECT_EQ("not automatic", ask(&fixture, "多少钱", true)->count, 1);
    EXPECT_EQ("another", ask(&fixture, "什么时候下播", true)->count, 1);
    EXPECT_EQ("no suggestion", fixture.triaged.cards[0].suggestion.length, 0);
    teardown(&fixture);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_words_join_the_card),
        cmocka_unit_test(other_words_join_a_card_from_before_a_restart),
        cmocka_unit_test(another_scene_is_another_question),
        cmocka_unit_test(a_rewording_goes_to_the_queue_of_its_question),
        cmocka_unit_test(a_known_answer_is_said_once),
        cmocka_unit_test(what_is_urgent_or_not_sure_goes_to_a_human),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
