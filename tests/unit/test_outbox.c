#include "tests/unit/test.h"

#include "engine/stream/outbox.h"

struct room {
    struct weir_outbox *outbox;
    size_t sent;
    size_t ended;
    uint64_t intents;
    uint32_t seconds;
    enum weir_outcome outcome;
    enum weir_refused refused;
    bool answers_at_once;
    int64_t now_ms;
};

static void answer(struct room *room, struct weir_span id, enum weir_refused refused,
                   uint32_t retry_ms)
{
    struct weir_event done = {
        .kind = WEIR_EVENT_DONE, .id = id, .refused = refused, .retry_ms = retry_ms};
    weir_outbox_done(room->outbox, &done, room->now_ms);
}

static void on_send(void *user, const struct weir_action *action)
{
    struct room *room = user;
    room->sent++;
    room->seconds = action->seconds;
    if (room->answers_at_once) {
        answer(room, action->id, WEIR_REFUSED_UNSUPPORTED, 0);
    }
}

static uint64_t keep_intent(void *user, struct weir_span id)
{
    (void)id;
    return ++((struct room *)user)->intents;
}

static void on_end(void *user, const struct weir_outbox_end *end)
{
    struct room *room = user;
    room->ended++;
    room->outcome = end->outcome;
    room->refused = end->refused;
}

static void attach(struct room *room, bool recognises_ids)
{
    const struct weir_outbox_options options = {
        .max_actions = 10, .max_flying = 4, .recognises_ids = recognises_ids};
    const struct weir_outbox_events events = {on_send, keep_intent, on_end};
    *room = (struct room){.now_ms = 1000000};
    room->outbox = weir_outbox_create(&options, &events, room);
    weir_outbox_set_up(room->outbox, true, room->now_ms);
}

static void add(struct room *room, const char *id, enum weir_do kind, uint32_t seconds)
{
    const struct weir_action action = {
        .id = weir_span_of(id), .kind = kind, .message = WEIR_SPAN("m-1"), .seconds = seconds};
    const struct weir_outbox_cause cause = {.room = room};
    weir_outbox_add(room->outbox, &action, &cause, room->now_ms, false);
}

static void pump_at(struct room *room, int64_t now_ms)
{
    room->now_ms = now_ms;
    weir_outbox_pump(room->outbox, now_ms);
}

static void an_action_is_sent_once_and_ends_with_its_answer(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    add(&room, "a-1", WEIR_DO_DELETE, 0);
    add(&room, "a-1", WEIR_DO_DELETE, 0);
    pump_at(&room, 1000000);
    pump_at(&room, 1000001);
    EXPECT_EQ("once", room.sent, 1);
    EXPECT_EQ("in flight", weir_outbox_count(room.outbox), 1);
    answer(&room, WEIR_SPAN("a-1"), WEIR_REFUSED_NOT, 0);
    EXPECT_EQ("ended", room.ended, 1);
    EXPECT_EQ("done", room.outcome, WEIR_OUTCOME_DONE);
    answer(&room, WEIR_SPAN("a-1"), WEIR_REFUSED_NOT, 0);
    EXPECT_EQ("a second answer is nobody's", room.ended, 1);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void after_a_lost_connection_only_what_may_is_repeated(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum weir_do kind;
        bool recognises_ids;
        size_t sent;
    } cases[] = {
        {"delete", WEIR_DO_DELETE, false, 2},    {"ban", WEIR_DO_BAN, false, 2},
        {"mode", WEIR_DO_ROOM_MODE, false, 2},   {"reply", WEIR_DO_REPLY, false, 1},
        {"warn", WEIR_DO_WARN, false, 1},        {"announce", WEIR_DO_ANNOUNCE, false, 1},
        {"reply by id", WEIR_DO_REPLY, true, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct room room;
        attach(&room, cases[i].recognises_ids);
        add(&room, "a-1", cases[i].kind, 0);
        pump_at(&room, 1000000);
        weir_outbox_intent_synced(room.outbox, room.intents);
        pump_at(&room, 1000001);
        weir_outbox_set_up(room.outbox, false, 1000002);
        weir_outbox_set_up(room.outbox, true, 1000003);
        pump_at(&room, 1000004);
        EXPECT_EQ(cases[i].name, room.sent, cases[i].sent);
        EXPECT_EQ(cases[i].name, room.ended, cases[i].sent == 1);
        if (room.ended) {
            EXPECT_EQ(cases[i].name, room.outcome, WEIR_OUTCOME_UNKNOWN);
        }
        weir_outbox_destroy(&room.outbox);
    }
    test_end_rows();
}

static void what_must_not_be_said_twice_waits_for_its_intent(void **state)
{
    (void)state;
    struct room room;
    attach(&room, false);
    add(&room, "a-1", WEIR_DO_REPLY, 0);
    pump_at(&room, 1000000);
    EXPECT_EQ("not before the sync", room.sent, 0);
    weir_outbox_intent_synced(room.outbox, 1);
    pump_at(&room, 1000001);
    EXPECT_EQ("then", room.sent, 1);
    EXPECT_EQ("one intent", room.intents, 1);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void a_timeout_is_repeated_to_its_absolute_end(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    add(&room, "a-1", WEIR_DO_TIMEOUT, 600);
    pump_at(&room, 1000000);
    EXPECT_EQ("whole", room.seconds, 600);
    weir_outbox_set_up(room.outbox, false, 1000000);
    weir_outbox_set_up(room.outbox, true, 1400000);
    pump_at(&room, 1400000);
    EXPECT_EQ("what is left", room.seconds, 200);
    weir_outbox_set_up(room.outbox, false, 1400000);
    pump_at(&room, 1700000);
    EXPECT_EQ("over", room.outcome, WEIR_OUTCOME_EXPIRED);
    EXPECT_EQ("gone", weir_outbox_count(room.outbox), 0);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void a_refusal_for_now_is_tried_again_when_the_platform_says(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    add(&room, "a-1", WEIR_DO_BAN, 0);
    pump_at(&room, 1000000);
    answer(&room, WEIR_SPAN("a-1"), WEIR_REFUSED_RATE_LIMITED, 5000);
    pump_at(&room, 1004999);
    EXPECT_EQ("not yet", room.sent, 1);
    pump_at(&room, 1005000);
    EXPECT_EQ("now", room.sent, 2);
    answer(&room, WEIR_SPAN("a-1"), WEIR_REFUSED_FORBIDDEN, 0);
    EXPECT_EQ("refused for good", room.outcome, WEIR_OUTCOME_REFUSED);
    EXPECT_EQ("why", room.refused, WEIR_REFUSED_FORBIDDEN);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void an_answer_may_come_while_it_is_sent(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    room.answers_at_once = true;
    for (int i = 0; i < 3; i++) {
        char id[8];
        snprintf(id, sizeof(id), "a-%d", i);
        add(&room, id, WEIR_DO_HOLD, 0);
    }
    pump_at(&room, 1000000);
    EXPECT_EQ("all ended", room.ended, 3);
    EXPECT_EQ("none left", weir_outbox_count(room.outbox), 0);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void only_so_many_fly_at_once(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    for (int i = 0; i < 10; i++) {
        char id[8];
        snprintf(id, sizeof(id), "a-%d", i);
        add(&room, id, WEIR_DO_DELETE, 0);
    }
    pump_at(&room, 1000000);
    EXPECT_EQ("four", room.sent, 4);
    EXPECT("full", weir_outbox_is_full(room.outbox));
    answer(&room, WEIR_SPAN("a-0"), WEIR_REFUSED_NOT, 0);
    pump_at(&room, 1000001);
    EXPECT_EQ("the next one", room.sent, 5);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void what_is_gone_need_not_be_deleted(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    weir_outbox_set_up(room.outbox, false, 1000000);
    add(&room, "a-1", WEIR_DO_DELETE, 0);
    add(&room, "a-2", WEIR_DO_BAN, 0);
    weir_outbox_message_gone(room.outbox, &room, WEIR_SPAN("m-2"));
    EXPECT_EQ("another one's", room.ended, 0);
    weir_outbox_message_gone(room.outbox, &room, WEIR_SPAN("m-1"));
    EXPECT_EQ("cancelled", room.outcome, WEIR_OUTCOME_CANCELLED);
    EXPECT_EQ("the ban stays", weir_outbox_count(room.outbox), 1);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void an_unanswered_action_is_repeated_or_unknown(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    add(&room, "a-1", WEIR_DO_DELETE, 0);
    pump_at(&room, 1000000);
    pump_at(&room, 1009999);
    EXPECT_EQ("waits for its answer", room.sent, 1);
    pump_at(&room, 1010000);
    EXPECT_EQ("asks again", room.sent, 2);
    pump_at(&room, 1000000 + 11 * 60 * 1000);
    EXPECT_EQ("worthless at last", room.outcome, WEIR_OUTCOME_EXPIRED);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_action_is_sent_once_and_ends_with_its_answer),
        cmocka_unit_test(after_a_lost_connection_only_what_may_is_repeated),
        cmocka_unit_test(what_must_not_be_said_twice_waits_for_its_intent),
        cmocka_unit_test(a_timeout_is_repeated_to_its_absolute_end),
        cmocka_unit_test(a_refusal_for_now_is_tried_again_when_the_platform_says),
        cmocka_unit_test(an_answer_may_come_while_it_is_sent),
        cmocka_unit_test(only_so_many_fly_at_once),
        cmocka_unit_test(what_is_gone_need_not_be_deleted),
        cmocka_unit_test(an_unanswered_action_is_repeated_or_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
