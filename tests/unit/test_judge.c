#include "tests/unit/test.h"

#include "engine/base/utf8.h"
#include "engine/judge/judge.h"
#include "engine/judge/standing.h"
#include "engine/triage/triage.h"

// What stands in the rule language is tested by tests/cases/judge; here is what it can't say: the
// clock, bytes, limits, cards.

static const char pack[] =
    "pack: judge\n"
    "policy: {score: {6: [delete]}}\n"
    "rules:\n"
    "  - {id: contact, when: {word: [微信]}, then: {score: 6, do: [{strike: 2}],\n"
    "     reason: {zh: 请勿, en: Do not}}}\n"
    "  - {id: crisis, when: {word: [不想活]}, then: {do: [{flag: {queue: crisis, target: 1m}}]}}\n"
    "  - {id: held, when: {word: [等等]}, then: {do: [{hold: {queue: crisis}}]}}\n"
    "  - {id: many, when: {includes: [a]}, then: {do: [mask]}}\n"
    "  - {id: quiet, mode: shadow, when: {word: [阴影]}, then: {do: [ban]}}\n"
    "  - {id: slow, on_error: flag, when: {regex: '(x+x+)+y'}, then: {do: [delete]}}\n"
    "  - {id: raid, when: {campaign: {accounts: 2, per: 1m}}, then: {do: [delete]}}\n"
    "topics:\n"
    "  - {id: shipping, when: {word: [发货]}, queue: sales, target: 90s, urgent: {word: [急]}}\n"
    "answers:\n"
    "  - {id: ships, topic: shipping, ask: {zh: [什么时候发货]}, reply: {zh: 48小时内发货}}\n";

struct fixture {
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_triage *triage;
    struct weir_memory *memory;
    struct weir_room_view room;
    struct weir_message message;
};

static void setup(struct fixture *fixture)
{
    struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"judge.yaml", weir_span_of(pack)};
    fixture->set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    if (!fixture->set) {
        fprintf(stderr, "%u: %s\n", diagnostics.items[0].error.line,
                diagnostics.items[0].error.text);
    }
    assert_non_null(fixture->set);
    weir_diagnostics_fini(&diagnostics);
    fixture->judge = weir_judge_create(2000);
    fixture->triage = weir_triage_create();
    fixture->memory = weir_memory_create();
    fixture->room = (struct weir_room_view){.id = WEIR_SPAN("r1"), .state = WEIR_SPAN("live")};
    fixture->message = (struct weir_message){
        .room = WEIR_SPAN("r1"),
        .id = WEIR_SPAN("m-1"),
        .ts_ms = 1000,
        .user = {.id = WEIR_SPAN("u1"), .name = WEIR_SPAN("小明")},
    };
}

static void teardown(struct fixture *fixture)
{
    weir_memory_destroy(&fixture->memory);
    weir_judge_destroy(&fixture->judge);
    weir_triage_destroy(&fixture->triage);
    weir_set_destroy(&fixture->set);
}

static const struct weir_verdict *judge(struct fixture *fixture, struct weir_span text)
{
    fixture->message.text = text;
    return weir_judge_message(fixture->judge, fixture->set, fixture->memory, &fixture->room,
                              &fixture->message, fixture->message.ts_ms);
}

static void the_clock_follows_what_can_be_trusted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ts_ms;
        int64_t arrival_ms;
        int64_t expected;
    } steps[] = {
        {"the platform's time", 1000000, 1000900, 1000000},
        {"forward", 1002000, 1002100, 1002000},
        {"never back", 1001000, 1003000, 1002000},
        {"no time: arrival", 0, 1004000, 1004000},
        {"a minute off still counts", 1064000, 1004000, 1064000},
        {"more does not", 2000000, 1070000, 1070000},
        {"nor in the past", 1000, 1080000, 1080000},
        {"nonsense", INT64_MIN, 1090000, 1090000},
        {"nonsense of the other kind", INT64_MAX, 1100000, 1100000},
    };
    struct fixture fixture;
    setup(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        fixture.message.ts_ms = steps[i].ts_ms;
        const struct weir_verdict *verdict =
            weir_judge_message(fixture.judge, fixture.set, fixture.memory, &fixture.room,
                               &fixture.message, steps[i].arrival_ms);
        EXPECT_EQ(steps[i].name, verdict->at_ms, steps[i].expected);
    }
    teardown(&fixture);
    test_end_rows();
}

static void a_verdict_is_the_same_bytes_always(void **state)
{
    (void)state;
    static const char expected[] =
        "{\"room\":\"r1\",\"id\":\"m-1\",\"user\":\"u1\",\"at\":1000,\"verdict\":\"delete\","
        "\"user_verdict\":\"none\",\"score\":6,\"actions\":[{\"do\":\"delete\"},"
        "{\"do\":\"strike\",\"points\":2}],\"rules\":[\"contact@e371d67f\"],"
        "\"hits\":[{\"rule\":\"contact\",\"check\":\"word\","
        "\"view\":\"fold\",\"start\":1,\"end\":3,\"text\":\"微信\"}],"
        "\"question\":{\"topic\":\"shipping\",\"urgent\":true},\"shadow\":null,\"read\":{"
        "\"strikes\":2},"
        "\"degraded\":[],\"set\":\"";
    struct fixture fixture;
    setup(&fixture);
    for (int round = 0; round < 2; round++) {
        struct weir_buffer out = {0};
        const struct weir_verdict *verdict = judge(&fixture, WEIR_SPAN("加微信 什么时候发货 急"));
        weir_verdict_write(verdict, fixture.set, &fixture.message, weir_judge_text(fixture.judge),
                           &out);
        struct weir_span start = weir_span_slice(weir_buffer_span(&out), 0, sizeof(expected) - 1);
        EXPECT_TEXT("bytes", start, expected);
        EXPECT("kept by the log", weir_verdict_is_worth_logging(verdict));
        EXPECT_TEXT("reason", verdict->reason.zh, "请勿");
        weir_buffer_fini(&out);
        weir_memory_destroy(&fixture.memory); // the same memory too: an empty one
        fixture.memory = weir_memory_create();
    }
    EXPECT("nothing to keep", !weir_verdict_is_worth_logging(judge(&fixture, WEIR_SPAN("你好"))));
    teardown(&fixture);
    test_end_rows();
}

static void many_hits_are_counted_and_all_masked(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct weir_buffer text = {0};
    for (int i = 0; i < 40; i++) {
        weir_buffer_add_text(&text, "a好");
    }
    const struct weir_verdict *verdict = judge(&fixture, weir_buffer_span(&text));
    EXPECT_EQ("verdict", verdict->message_verdict, WEIR_MESSAGE_MASK);
    EXPECT_EQ("hits", verdict->hit_count, WEIR_VERDICT_HITS_PER_RULE);
    EXPECT_EQ("more", verdict->hits[verdict->hit_count - 1].more, 8);
    EXPECT_EQ("as long", weir_utf8_count(verdict->masked_text), 80);
    EXPECT("no letter left", !memchr(verdict->masked_text.data, 'a', verdict->masked_text.length));
    weir_buffer_fini(&text);
    teardown(&fixture);
    test_end_rows();
}

static void a_met_limit_is_neither_hit_nor_miss(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct weir_buffer text = {0};
    for (int i = 0; i < 1500; i++) {
        weir_buffer_add_byte(&text, 'x');
    }
    weir_buffer_add_text(&text, " y");
    const struct weir_verdict *verdict = judge(&fixture, weir_buffer_span(&text));
    EXPECT_EQ("on_error: flag", verdict->message_verdict, WEIR_MESSAGE_FLAG);
    EXPECT_EQ("fired", verdict->fired_count, 0);
    EXPECT_EQ("said", verdict->degraded_count, 1);
    EXPECT("whose", verdict->degraded_count == 1 && verdict->degraded[0].rule &&
                        weir_span_is(verdict->degraded[0].rule->id, "slow"));
    verdict = judge(&fixture, WEIR_SPAN("xxxy"));
    EXPECT_EQ("a hit", verdict->message_verdict, WEIR_MESSAGE_DELETE);
    weir_buffer_fini(&text);
    teardown(&fixture);
    test_end_rows();
}

static void a_text_over_the_limit_is_flagged(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct weir_buffer text = {0};
    for (int i = 0; i < 2500; i++) {
        weir_buffer_add_text(&text, "好");
    }
    const struct weir_verdict *verdict = judge(&fixture, weir_buffer_span(&text));
    EXPECT_EQ("flagged", verdict->message_verdict, WEIR_MESSAGE_FLAG);
    EXPECT_EQ("said", verdict->degraded_count, 1);
    weir_buffer_fini(&text);
    teardown(&fixture);
    test_end_rows();
}

static void shadow_rules_change_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    const struct weir_verdict *verdict = judge(&fixture, WEIR_SPAN("阴影"));
    EXPECT_EQ("user", verdict->user_verdict, WEIR_USER_NONE);
    EXPECT_EQ("actions", verdict->effect_count, 0);
    EXPECT("recorded", verdict->has_shadow && verdict->hit_count == 1);
    EXPECT_EQ("would be", verdict->shadow_user_verdict, WEIR_USER_BAN);
    teardown(&fixture);
    test_end_rows();
}

static void our_own_words_are_never_judged(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    fixture.message.from_self = true;
    EXPECT_EQ("pass", judge(&fixture, WEIR_SPAN("微信"))->message_verdict, WEIR_MESSAGE_PASS);
    teardown(&fixture);
    test_end_rows();
}

static size_t cards_of(struct fixture *fixture, const char *text,
                       struct weir_card cards[WEIR_CARDS_PER_MESSAGE])
{
    const struct weir_verdict *verdict = judge(fixture, weir_span_of(text));
    struct weir_triaged triaged;
    weir_triage_message(fixture->triage, fixture->set, NULL, false, &fixture->room,
                        &fixture->message, verdict, &triaged);
    memcpy(cards, triaged.cards, triaged.count * sizeof *cards);
    return triaged.count;
}

static void cards_go_to_their_queues(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        enum weir_card_kind kind;
        const char *queue;
        int64_t target_ms;
        const char *suggestion;
    } rows[] = {
        {"你好", 0, WEIR_CARD_QUESTION, "", 0, ""},
        {"发货多久能到", 1, WEIR_CARD_QUESTION, "sales", 90000, ""},
        {"请问什么时候发货啊？", 1, WEIR_CARD_QUESTION, "sales", 90000, "48小时内发货"},
        {"急 什么时候发货", 1, WEIR_CARD_QUESTION, "sales", 22500, "48小时内发货"},
        {"这是什么歌", 1, WEIR_CARD_QUESTION, "questions", 300000, ""},
        {"加微信 什么时候发货", 0, WEIR_CARD_QUESTION, "", 0, ""},
        {"不想活了", 1, WEIR_CARD_FLAG, "crisis", 60000, ""},
        {"微信 等等 不想活了", 1, WEIR_CARD_FLAG, "crisis", 60000, ""},
        {"等等", 1, WEIR_CARD_FLAG, "crisis", 300000, ""},
    };
    struct fixture fixture;
    setup(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct weir_card cards[WEIR_CARDS_PER_MESSAGE];
        EXPECT_EQ(rows[i].text, cards_of(&fixture, rows[i].text, cards), rows[i].count);
        if (rows[i].count > 0) {
            EXPECT_EQ(rows[i].text, cards[0].kind, rows[i].kind);
            EXPECT_TEXT(rows[i].text, cards[0].queue, rows[i].queue);
            EXPECT_EQ(rows[i].text, cards[0].target_ms, rows[i].target_ms);
            EXPECT_TEXT(rows[i].text, cards[0].suggestion, rows[i].suggestion);
        }
    }
    teardown(&fixture);
    test_end_rows();
}

static void ids_name_the_cause_and_fingerprints_the_question(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct weir_card first[WEIR_CARDS_PER_MESSAGE];
    struct weir_card again[WEIR_CARDS_PER_MESSAGE];
    cards_of(&fixture, "什么时候发货", first);
    cards_of(&fixture, "什么时候发货", again);
    EXPECT("a repeat", strcmp(first[0].id, again[0].id) == 0);
    fixture.message.id = WEIR_SPAN("m-2");
    cards_of(&fixture, "请问什么时候发货？", again);
    EXPECT("another message", strcmp(first[0].id, again[0].id) != 0);
    EXPECT("the same question", strcmp(first[0].fingerprint, again[0].fingerprint) == 0);
    fixture.room.scene = WEIR_SPAN("item-7");
    cards_of(&fixture, "什么时候发货", again);
    EXPECT("another scene", strcmp(first[0].fingerprint, again[0].fingerprint) != 0);
    fixture.message.is_edit = true;
    fixture.message.has_seq = true;
    fixture.message.seq = 9;
    cards_of(&fixture, "什么时候发货", first);
    EXPECT("an edit", strcmp(first[0].id, again[0].id) != 0);
    fixture.message.user.roles = WEIR_ROLE_STREAMER;
    EXPECT_EQ("the host asks", cards_of(&fixture, "什么时候发货", first), 0);
    teardown(&fixture);
    test_end_rows();
}

static uint64_t count_fired(struct weir_judge *judge, struct weir_memory *memory, const char *text,
                            int64_t from_ms)
{
    struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"over-time.yaml", weir_span_of(text)};
    struct weir_set *set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    assert_non_null(set);
    struct weir_room_view room = {.id = WEIR_SPAN("r1")};
    uint64_t fired = 0;
    for (int64_t i = 0; i < 3; i++) {
        struct weir_message message = {.room = WEIR_SPAN("r1"),
                                       .ts_ms = from_ms + i,
                                       .user = {.id = WEIR_SPAN("u1")},
                                       .text = WEIR_SPAN("hello")};
        const struct weir_verdict *verdict =
            weir_judge_message(judge, set, memory, &room, &message, message.ts_ms);
        fired = fired << 1 | (verdict->fired_count > 0);
    }
    weir_diagnostics_fini(&diagnostics);
    weir_set_destroy(&set);
    return fired;
}

static void a_reload_forgets_only_what_is_asked_anew(void **state)
{
    (void)state;
    static const char first[] = "pack: p\nrules:\n"
                                "  - {id: a, when: {rate: {max: 4, per: 10s}}, then: {score: 1}}\n";
    static const char same[] = "pack: p\nrules:\n"
                               "  - {id: b, when: {word: zebra}, then: {score: 1}}\n"
                               "  - {id: c, when: {rate: {per: 10s, max: 4}}, then: {score: 2}}\n";
    static const char other[] = "pack: p\nrules:\n"
                                "  - {id: c, when: {rate: {per: 9s, max: 4}}, then: {score: 2}}\n";
    struct weir_judge *judge = weir_judge_create(100);
    struct weir_memory *memory = weir_memory_create();
    EXPECT_EQ("three", count_fired(judge, memory, first, 1000), 0);
    EXPECT_EQ("the fifth is over", count_fired(judge, memory, same, 2000), 3);
    EXPECT_EQ("another question", count_fired(judge, memory, other, 3000), 0);
    EXPECT_EQ("the old one again", count_fired(judge, memory, first, 4000), 0);
    weir_memory_destroy(&memory);
    weir_judge_destroy(&judge);
    test_end_rows();
}

static void read_shows_what_was_counted(void **state)
{
    (void)state;
    static const char text[] =
        "pack: p\npolicy: {strikes: {half_life: 10s}}\nrules:\n"
        "  - {id: a, when: {all: [{rate: {max: 1, per: 1m}}, {not: {trust: {clean: 9}}}]},\n"
        "     then: {do: [{strike: 2}]}}\n";
    static const char *const expected[] = {"\"read\":{}",
                                           "\"read\":{\"strikes\":2,\"a/all[0].rate\":2,"
                                           "\"a/all[1].not.trust\":1}",
                                           "\"read\":{\"strikes\":3.414,"};
    struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {"read.yaml", weir_span_of(text)};
    struct weir_set *set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    assert_non_null(set);
    struct weir_judge *judge = weir_judge_create(100);
    struct weir_memory *memory = weir_memory_create();
    struct weir_buffer out = {0};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        struct weir_room_view room = {.id = WEIR_SPAN("r1")};
        struct weir_message message = {.room = WEIR_SPAN("r1"),
                                       .ts_ms = 1000 + (int64_t)i * 5000,
                                       .user = {.id = WEIR_SPAN("u1")},
                                       .text = WEIR_SPAN("hello")};
        weir_buffer_clear(&out);
        weir_verdict_write(weir_judge_message(judge, set, memory, &room, &message, message.ts_ms),
                           set, &message, weir_judge_text(judge), &out);
        EXPECT(expected[i], strstr(weir_buffer_text(&out), expected[i]) != NULL);
    }
    weir_buffer_fini(&out);
    weir_memory_destroy(&memory);
    weir_judge_destroy(&judge);
    weir_set_destroy(&set);
    weir_diagnostics_fini(&diagnostics);
    test_end_rows();
}

static const struct weir_verdict *say(struct fixture *fixture, const char *id, const char *user)
{
    fixture->message.id = weir_span_of(id);
    fixture->message.user.id = weir_span_of(user);
    return judge(fixture, WEIR_SPAN("cheap viewers and followers at best views dot example"));
}

static void a_campaign_has_a_name(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    EXPECT("one is none", !say(&fixture, "m-1", "u1")->campaign);
    const struct weir_verdict_campaign *campaign = say(&fixture, "m-2", "u2")->campaign;
    assert_non_null(campaign);
    EXPECT_EQ("accounts", campaign->accounts, 2);
    EXPECT_EQ("one of before", campaign->earlier_count, 1);
    EXPECT_TEXT("the first", campaign->earlier[0].message, "m-1");
    EXPECT_TEXT("said by", campaign->earlier[0].user, "u1");
    char id[24];
    memcpy(id, campaign->id, sizeof(id));
    campaign = say(&fixture, "m-3", "u3")->campaign;
    assert_non_null(campaign);
    EXPECT_TEXT("the same", weir_span_of(campaign->id), id);
    EXPECT_EQ("each is listed once", campaign->earlier_count, 0);
    teardown(&fixture);
    test_end_rows();
}

// What a moderator decided of the campaign that `verdict` is about, as its card would carry it.
static void decide(struct weir_memory *memory, const struct weir_verdict *verdict,
                   struct weir_standing standing)
{
    char text[WEIR_SKETCH_TEXT];
    weir_sketch_write(text, verdict->campaign->sketch);
    assert_true(weir_sketch_read(weir_span_of(text), &standing.sketch));
    assert_true(weir_campaign_find_name(weir_span_of(verdict->campaign->id), &standing.campaign));
    weir_memory_decide_campaign(memory, &standing);
}

static void a_decision_holds_for_the_campaign_until_it_ends(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    const struct weir_standing mute = {
        .until_ms = INT64_MAX,
        .effects = {{.kind = WEIR_EFFECT_HOLD},
                    {.kind = WEIR_EFFECT_TIMEOUT, .duration_ms = 60000}},
        .effect_count = 2,
        .decision = WEIR_SPAN("d-1"),
        .card = WEIR_SPAN("c-1"),
        .queue = WEIR_SPAN("raids"),
        .reason = WEIR_SPAN("no raids"),
    };
    say(&fixture, "m-1", "u1");
    decide(fixture.memory, say(&fixture, "m-2", "u2"), mute);
    const struct weir_verdict *verdict = say(&fixture, "m-3", "u3");
    EXPECT_EQ("the user", verdict->user_verdict, WEIR_USER_TIMEOUT);
    EXPECT_TEXT("why", verdict->reason.en, "no raids");
    EXPECT_TEXT("by", verdict->campaign->decided->decision, "d-1");
    EXPECT("a twin is not it", !weir_memory_end_decision(fixture.memory, WEIR_SPAN("d-2")));
    EXPECT("taken back", weir_memory_end_decision(fixture.memory, WEIR_SPAN("d-1")));
    EXPECT("once", !weir_memory_end_decision(fixture.memory, WEIR_SPAN("d-1")));
    EXPECT_EQ("later ones pass", say(&fixture, "m-4", "u4")->user_verdict, WEIR_USER_NONE);
    teardown(&fixture);
    test_end_rows();
}

static void who_never_heard_a_campaign_goes_on_with_its_decision(void **state)
{
    (void)state;
    struct fixture fixture, other;
    setup(&fixture);
    setup(&other);
    const struct weir_standing ban = {
        .until_ms = INT64_MAX, .effects = {{.kind = WEIR_EFFECT_BAN}}, .effect_count = 1};
    say(&fixture, "m-1", "u1");
    decide(other.memory, say(&fixture, "m-2", "u2"), ban);
    const struct weir_verdict *verdict = say(&other, "m-3", "u3");
    EXPECT_EQ("the first there is", verdict->user_verdict, WEIR_USER_BAN);
    other.message.user.roles = WEIR_ROLE_MODERATOR;
    EXPECT_EQ("who warns of it", say(&other, "m-4", "u4")->user_verdict, WEIR_USER_NONE);
    other.message.user.roles = 0;
    other.message.id = WEIR_SPAN("m-5");
    EXPECT_EQ("another text", judge(&other, WEIR_SPAN("what a lovely evening it is"))->user_verdict,
              WEIR_USER_NONE);
    teardown(&fixture);
    teardown(&other);
    test_end_rows();
}

static void a_campaign_that_was_spared_is_left_alone_and_what_ended_holds_no_more(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    const struct weir_standing spare = {
        .until_ms = INT64_MAX, .spares = true, .decision = WEIR_SPAN("d-1")};
    const struct weir_standing over = {
        .until_ms = 1, .effects = {{.kind = WEIR_EFFECT_BAN}}, .effect_count = 1};
    say(&fixture, "m-1", "u1");
    const struct weir_verdict *verdict = say(&fixture, "m-2", "u2");
    decide(fixture.memory, verdict, over);
    verdict = say(&fixture, "m-3", "u3");
    EXPECT_EQ("too late", verdict->user_verdict, WEIR_USER_NONE);
    EXPECT_EQ("its rule holds", verdict->message_verdict, WEIR_MESSAGE_DELETE);
    decide(fixture.memory, verdict, spare);
    EXPECT_EQ("only another rule", say(&fixture, "m-4", "u4")->message_verdict, WEIR_MESSAGE_MASK);
    weir_memory_end_decision(fixture.memory, WEIR_SPAN("d-1"));
    EXPECT_EQ("and again", say(&fixture, "m-5", "u5")->message_verdict, WEIR_MESSAGE_DELETE);
    teardown(&fixture);
    test_end_rows();
}

static void a_sketch_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct weir_sketch back;
    const char *const bad[] = {"", "1", "00010", "0002000g", "00020001", "00010001"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        EXPECT(bad[i], !weir_sketch_read(weir_span_of(bad[i]), &back));
    }
    EXPECT("two", weir_sketch_read(WEIR_SPAN("0001ff02"), &back));
    EXPECT_EQ("pairs", back.count, 2);
    EXPECT_EQ("second", back.pairs[1], 0xff02);
    test_end_rows();
}

static void a_small_memory_keeps_whom_it_has_reason_to(void **state)
{
    (void)state;
    struct fixture fixture;
    struct weir_memory_counts counts;
    setup(&fixture);
    weir_memory_destroy(&fixture.memory);
    fixture.memory = weir_memory_create_for(100, 7);
    fixture.message.user.id = WEIR_SPAN("struck");
    judge(&fixture, WEIR_SPAN("加微信"));
    for (int i = 0; i < 5000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "passer-%d", i);
        fixture.message.user.id = weir_span_of(id);
        fixture.message.ts_ms += 10;
        const struct weir_verdict *verdict = judge(&fixture, WEIR_SPAN("你好"));
        bool is_full = (weir_verdict_causes(verdict) & 1u << WEIR_CAUSE_MEMORY) != 0;
        EXPECT_EQ("says when it forgets", is_full, i >= 99);
    }
    weir_memory_count(fixture.memory, &counts);
    EXPECT_EQ("bounded", counts.users, 100);
    EXPECT_EQ("says what it forgot", counts.users_evicted, 4901);
    EXPECT_EQ("nobody with strikes", counts.strikes_evicted, 0);
    fixture.message.user.id = WEIR_SPAN("struck");
    EXPECT_EQ("still known", judge(&fixture, WEIR_SPAN("加微信"))->strikes_milli > 3900, true);
    teardown(&fixture);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_follows_what_can_be_trusted),
        cmocka_unit_test(a_verdict_is_the_same_bytes_always),
        cmocka_unit_test(many_hits_are_counted_and_all_masked),
        cmocka_unit_test(a_reload_forgets_only_what_is_asked_anew),
        cmocka_unit_test(a_campaign_has_a_name),
        cmocka_unit_test(a_decision_holds_for_the_campaign_until_it_ends),
        cmocka_unit_test(who_never_heard_a_campaign_goes_on_with_its_decision),
        cmocka_unit_test(a_campaign_that_was_spared_is_left_alone_and_what_ended_holds_no_more),
        cmocka_unit_test(a_sketch_is_read_as_it_was_written),
        cmocka_unit_test(a_small_memory_keeps_whom_it_has_reason_to),
        cmocka_unit_test(read_shows_what_was_counted),
        cmocka_unit_test(a_met_limit_is_neither_hit_nor_miss),
        cmocka_unit_test(a_text_over_the_limit_is_flagged),
        cmocka_unit_test(shadow_rules_change_nothing),
        cmocka_unit_test(our_own_words_are_never_judged),
        cmocka_unit_test(cards_go_to_their_queues),
        cmocka_unit_test(ids_name_the_cause_and_fingerprints_the_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
