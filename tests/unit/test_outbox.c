#include "tests/unit/test.h"

#include "engine/stream/outbox.h"

struct room {
    struct weir_outbox *outbox;
    char order[256]; // ids as they were sent
    size_t outcomes[8];
    size_t shorts;
    bool is_outside; // not in the room yet
    bool purges;
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
    snprintf(room->order + strlen(room->order), sizeof(room->order) - strlen(room->order), "%.*s ",
             WEIR_SPAN_ARGS(action->id));
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
    room->outcomes[end->outcome]++;
    room->outcome = end->outcome;
    room->refused = end->refused;
}

static void on_many_deletes(void *user, const struct weir_action *one,
                            const struct weir_outbox_cause *cause)
{
    struct room *room = user;
    struct weir_action timeout = *one;
    timeout.id = WEIR_SPAN("a-purge");
    timeout.kind = WEIR_DO_TIMEOUT;
    timeout.seconds = 60;
    if (room->purges) {
        weir_outbox_add(room->outbox, &timeout, cause, room->now_ms, false);
    }
}

static void on_short(void *user, void *which, int64_t waited_ms)
{
    struct room *room = user;
    room->shorts += which == room && waited_ms >= 5000;
}

static bool may_send(void *user, const void *which)
{
    const struct room *room = user;
    return which == room && !room->is_outside;
}

static void attach_with(struct room *room, const struct weir_outbox_options *options)
{
    const struct weir_outbox_events events = {.send = on_send,
                                              .keep_intent = keep_intent,
                                              .on_end = on_end,
                                              .may_send = may_send,
                                              .on_many_deletes = on_many_deletes,
                                              .on_short = on_short};
    *room = (struct room){.now_ms = 1000000};
    room->outbox = weir_outbox_create(options, &events, room);
    weir_outbox_set_up(room->outbox, true, room->now_ms);
}

static void attach(struct room *room, bool recognises_ids)
{
    const struct weir_outbox_options options = {
        .max_actions = 10, .max_flying = 4, .recognises_ids = recognises_ids};
    attach_with(room, &options);
}

static void add(struct room *room, const char *id, enum weir_do kind, uint32_t seconds)
{
    const struct weir_action action = {
        .id = weir_span_of(id), .kind = kind, .message = WEIR_SPAN("m-1"), .seconds = seconds};
    const struct weir_outbox_cause cause = {.room = room};
    weir_outbox_add(room->outbox, &action, &cause, room->now_ms, false);
}

static void add_for(struct room *room, const struct weir_action *action)
{
    const struct weir_outbox_cause cause = {.room = room};
    weir_outbox_add(room->outbox, action, &cause, room->now_ms, false);
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
    EXPECT("full", !weir_outbox_takes(room.outbox, &room));
    answer(&room, WEIR_SPAN("a-0"), WEIR_REFUSED_NOT, 0);
    pump_at(&room, 1000001);
    EXPECT_EQ("the next one", room.sent, 5);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void add_to(struct room *room, const void *which, int number)
{
    char id[16];
    snprintf(id, sizeof(id), "a-%d", number);
    const struct weir_action action = {
        .id = weir_span_of(id), .kind = WEIR_DO_DELETE, .message = WEIR_SPAN("m-1")};
    const struct weir_outbox_cause cause = {.room = (void *)(uintptr_t)which};
    weir_outbox_add(room->outbox, &action, &cause, room->now_ms, false);
}

static void a_room_that_takes_nothing_leaves_place_to_others(void **state)
{
    (void)state;
    static const int stuck[3];
    struct room room;
    const struct weir_outbox_options options = {
        .max_actions = 400, .max_flying = 128, .recognises_ids = true};
    attach_with(&room, &options);
    for (int i = 0; i < 350; i++) {
        for (size_t which = 0; which < ARRAY_LEN(stuck); which++) {
            if (weir_outbox_takes(room.outbox, &stuck[which])) {
                add_to(&room, &stuck[which], 1000 * (int)which + i);
            }
        }
    }
    EXPECT_EQ("a quarter each", weir_outbox_count(room.outbox), 300);
    EXPECT("more of them: no", !weir_outbox_takes(room.outbox, &stuck[0]));
    EXPECT("of another: yes", weir_outbox_takes(room.outbox, &room));
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void a_room_that_does_not_answer_flies_little(void **state)
{
    (void)state;
    struct room room;
    const struct weir_outbox_options options = {
        .max_actions = 400, .max_flying = 128, .recognises_ids = true};
    attach_with(&room, &options);
    for (int i = 0; i < 100; i++) {
        add_to(&room, &room, i);
    }
    pump_at(&room, 1000000);
    EXPECT_EQ("alone it may fly", room.sent, 100);
    add_to(&room, &options, 200); // of a room that is not served, so it only waits
    pump_at(&room, 1010000);
    EXPECT_EQ("asked again: what may fly of a slow room", room.sent, 102);
    room.sent = 0;
    answer(&room, WEIR_SPAN("a-7"), WEIR_REFUSED_NOT, 0);
    EXPECT_EQ("a late answer counts", room.outcome, WEIR_OUTCOME_DONE);
    pump_at(&room, 1010001);
    EXPECT_EQ("and the others fly again", room.sent, 62);
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
    add_for(&room, &(struct weir_action){
                       .id = WEIR_SPAN("a-3"), .kind = WEIR_DO_DELETE, .user = WEIR_SPAN("u1")});
    add_for(&room, &(struct weir_action){
                       .id = WEIR_SPAN("a-4"), .kind = WEIR_DO_DELETE, .user = WEIR_SPAN("u2")});
    weir_outbox_user_gone(room.outbox, &room, WEIR_SPAN("u1"));
    EXPECT_EQ("all of his", weir_outbox_count(room.outbox), 2);
    weir_outbox_user_gone(room.outbox, &room, WEIR_SPAN(""));
    EXPECT_EQ("all of everybody's", weir_outbox_count(room.outbox), 1);
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
    pump_at(&room, 1029999);
    EXPECT_EQ("with more patience", room.sent, 2);
    pump_at(&room, 1030000);
    EXPECT_EQ("and again", room.sent, 3);
    pump_at(&room, 1000000 + 11 * 60 * 1000);
    EXPECT_EQ("worthless at last", room.outcome, WEIR_OUTCOME_EXPIRED);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

// One a second, whatever it is.
static const struct weir_limit one_a_second = {
    .kinds = (1u << WEIR_DO_COUNT) - 1, .count = 1, .per_ms = 1000};

static void pump_until(struct room *room, int64_t end_ms)
{
    for (int64_t now_ms = room->now_ms; now_ms <= end_ms; now_ms += 10) {
        pump_at(room, now_ms);
    }
}

static void what_protects_goes_before_humans_clean_up_and_talk(void **state)
{
    (void)state;
    struct room room;
    const struct weir_outbox_options options = {
        .max_actions = 99, .recognises_ids = true, .limits = &one_a_second, .limit_count = 1};
    attach_with(&room, &options);
    room.answers_at_once = true;
    add(&room, "reply", WEIR_DO_REPLY, 0);
    add(&room, "unban", WEIR_DO_UNBAN, 0);
    add_for(&room, &(struct weir_action){
                       .id = WEIR_SPAN("human"), .kind = WEIR_DO_UNBAN, .by_human = true});
    add(&room, "delete", WEIR_DO_DELETE, 0);
    add(&room, "ban", WEIR_DO_BAN, 0);
    add_for(&room, &(struct weir_action){.id = WEIR_SPAN("slow"),
                                         .kind = WEIR_DO_ROOM_MODE,
                                         .mode = WEIR_SPAN("slow")});
    pump_at(&room, 1000000);
    EXPECT_EQ("one", room.sent, 1);
    add(&room, "late", WEIR_DO_DELETE, 0);
    pump_until(&room, 1007000);
    EXPECT("order", strcmp(room.order, "slow delete ban late human unban reply ") == 0);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void who_decides_does_not_wait_for_a_flood_to_end(void **state)
{
    (void)state;
    struct room room;
    const struct weir_outbox_options options = {
        .max_actions = 999, .recognises_ids = true, .limits = &one_a_second, .limit_count = 1};
    attach_with(&room, &options);
    room.answers_at_once = true;
    for (int i = 0; i < 100; i++) {
        char id[16];
        snprintf(id, sizeof(id), "d%d", i);
        add(&room, id, WEIR_DO_DELETE, 0);
    }
    add_for(&room,
            &(struct weir_action){.id = WEIR_SPAN("human"), .kind = WEIR_DO_BAN, .by_human = true});
    add(&room, "unmute", WEIR_DO_UNTIMEOUT, 0);
    pump_until(&room, 1017000);
    EXPECT("after 5 s", strstr(room.order, "d5 human d6") || strstr(room.order, "d4 human d5"));
    EXPECT("after 15 s", strstr(room.order, "unmute"));
    EXPECT("it is told that the budget is short", room.shorts > 0);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void one_timeout_does_for_many_deletes_where_it_clears(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t clears;
        bool purges;
        size_t timeouts; // that the rules want
        size_t sent;
        size_t coalesced;
    } cases[] = {
        {"time-outs clear nothing", 0, true, 1, 21, 0},
        {"a time-out is on its way", 1u << WEIR_DO_TIMEOUT, false, 1, 1, 20},
        {"none is, and one is offered", 1u << WEIR_DO_TIMEOUT, true, 0, 2, 19},
        {"none is, and none is offered", 1u << WEIR_DO_TIMEOUT, false, 0, 20, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct room room;
        const struct weir_outbox_options options = {.max_actions = 99,
                                                    .recognises_ids = true,
                                                    .limits = &one_a_second,
                                                    .limit_count = 1,
                                                    .clears = cases[i].clears};
        attach_with(&room, &options);
        room.purges = cases[i].purges;
        for (int k = 0; k < 20; k++) {
            char id[16];
            snprintf(id, sizeof(id), "d%d", k);
            add_for(&room, &(struct weir_action){.id = weir_span_of(id),
                                                 .kind = WEIR_DO_DELETE,
                                                 .user = WEIR_SPAN("u1")});
        }
        if (cases[i].timeouts) {
            add_for(&room, &(struct weir_action){.id = WEIR_SPAN("t"),
                                                 .kind = WEIR_DO_TIMEOUT,
                                                 .user = WEIR_SPAN("u1"),
                                                 .seconds = 600});
        }
        for (int64_t now_ms = 1000000; now_ms <= 1025000; now_ms += 50) {
            pump_at(&room, now_ms);
            char *last = strrchr(room.order, ' ');
            while (last && weir_outbox_count(room.outbox) > 0) { // whatever flies is done
                struct weir_span rest = weir_span_of(room.order);
                struct weir_span id = weir_span_take_until(&rest, ' ');
                answer(&room, id, WEIR_REFUSED_NOT, 0);
                memmove(room.order, rest.data, rest.length + 1);
                last = strrchr(room.order, ' ');
            }
        }
        EXPECT_EQ(cases[i].name, room.sent, cases[i].sent);
        EXPECT_EQ(cases[i].name, room.outcomes[WEIR_OUTCOME_COALESCED], cases[i].coalesced);
        EXPECT_EQ(cases[i].name, weir_outbox_count(room.outbox), 0);
        weir_outbox_destroy(&room.outbox);
    }
    test_end_rows();
}

static void a_timeout_that_is_refused_clears_nothing(void **state)
{
    (void)state;
    struct room room;
    const struct weir_outbox_options options = {
        .max_actions = 99, .recognises_ids = true, .clears = 1u << WEIR_DO_TIMEOUT};
    attach_with(&room, &options);
    add_for(&room, &(struct weir_action){
                       .id = WEIR_SPAN("d"), .kind = WEIR_DO_DELETE, .user = WEIR_SPAN("u1")});
    add_for(&room, &(struct weir_action){.id = WEIR_SPAN("t"),
                                         .kind = WEIR_DO_TIMEOUT,
                                         .user = WEIR_SPAN("u1"),
                                         .seconds = 600});
    pump_at(&room, 1000000);
    EXPECT("the time-out alone", strcmp(room.order, "t ") == 0);
    answer(&room, WEIR_SPAN("t"), WEIR_REFUSED_FORBIDDEN, 0);
    pump_at(&room, 1000001);
    EXPECT("then the delete", strcmp(room.order, "t d ") == 0);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void one_reply_does_for_many_askers(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    room.answers_at_once = false;
    for (int i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof(id), "r%d", i);
        add_for(&room, &(struct weir_action){.id = weir_span_of(id),
                                             .kind = WEIR_DO_REPLY,
                                             .text = i == 4 ? WEIR_SPAN("No.") : WEIR_SPAN("Yes."),
                                             .by_human = i == 3});
    }
    pump_at(&room, 1000000);
    EXPECT("one of each, and what a human says", strcmp(room.order, "r3 r0 r4 ") == 0);
    EXPECT_EQ("the others", room.outcomes[WEIR_OUTCOME_COALESCED], 2);
    room.now_ms = 1010000;
    add_for(&room, &(struct weir_action){
                       .id = WEIR_SPAN("r9"), .kind = WEIR_DO_REPLY, .text = WEIR_SPAN("Yes.")});
    answer(&room, WEIR_SPAN("r0"), WEIR_REFUSED_NOT, 0);
    pump_at(&room, 1010000);
    EXPECT("after a while again", strstr(room.order, "r9"));
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void what_was_taken_back_before_it_left_never_leaves(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    const struct weir_action mute = {
        .id = WEIR_SPAN("a-1"), .kind = WEIR_DO_TIMEOUT, .user = WEIR_SPAN("u1"), .seconds = 60};
    const struct weir_action other = {
        .id = WEIR_SPAN("a-2"), .kind = WEIR_DO_TIMEOUT, .user = WEIR_SPAN("u2"), .seconds = 60};
    const struct weir_action unmute = {.id = WEIR_SPAN("a-3"),
                                       .kind = WEIR_DO_UNTIMEOUT,
                                       .user = WEIR_SPAN("u1"),
                                       .by_human = true};
    room.is_outside = true;
    add_for(&room, &mute);
    add_for(&room, &other);
    pump_at(&room, room.now_ms);
    add_for(&room, &unmute);
    room.is_outside = false;
    weir_outbox_wake(room.outbox);
    pump_at(&room, room.now_ms);
    EXPECT_TEXT("the other one's, and the end", weir_span_of(room.order), "a-2 a-3 ");
    EXPECT_EQ("cancelled", room.outcomes[WEIR_OUTCOME_CANCELLED], 1);
    const struct weir_action flies = {
        .id = WEIR_SPAN("a-4"), .kind = WEIR_DO_BAN, .user = WEIR_SPAN("u4")};
    const struct weir_action lands = {
        .id = WEIR_SPAN("a-5"), .kind = WEIR_DO_UNBAN, .user = WEIR_SPAN("u4"), .by_human = true};
    room.order[0] = 0;
    add_for(&room, &flies);
    pump_at(&room, room.now_ms);
    add_for(&room, &lands);
    answer(&room, flies.id, WEIR_REFUSED_RATE_LIMITED, 10);
    pump_at(&room, room.now_ms + 1000);
    pump_at(&room, room.now_ms + 1000);
    EXPECT_TEXT("not tried again", weir_span_of(room.order), "a-4 a-5 ");
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

static void nobody_acts_on_a_room_before_being_in_it(void **state)
{
    (void)state;
    struct room room;
    attach(&room, true);
    room.is_outside = true;
    add(&room, "a-1", WEIR_DO_BAN, 0);
    pump_at(&room, 1000000);
    pump_at(&room, 1000500);
    EXPECT_EQ("not yet", room.sent, 0);
    room.is_outside = false;
    weir_outbox_wake(room.outbox);
    pump_at(&room, 1000501);
    EXPECT_EQ("at once", room.sent, 1);
    weir_outbox_destroy(&room.outbox);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_protects_goes_before_humans_clean_up_and_talk),
        cmocka_unit_test(who_decides_does_not_wait_for_a_flood_to_end),
        cmocka_unit_test(one_timeout_does_for_many_deletes_where_it_clears),
        cmocka_unit_test(a_timeout_that_is_refused_clears_nothing),
        cmocka_unit_test(what_was_taken_back_before_it_left_never_leaves),
        cmocka_unit_test(nobody_acts_on_a_room_before_being_in_it),
        cmocka_unit_test(one_reply_does_for_many_askers),
        cmocka_unit_test(an_action_is_sent_once_and_ends_with_its_answer),
        cmocka_unit_test(after_a_lost_connection_only_what_may_is_repeated),
        cmocka_unit_test(what_must_not_be_said_twice_waits_for_its_intent),
        cmocka_unit_test(a_timeout_is_repeated_to_its_absolute_end),
        cmocka_unit_test(a_refusal_for_now_is_tried_again_when_the_platform_says),
        cmocka_unit_test(an_answer_may_come_while_it_is_sent),
        cmocka_unit_test(only_so_many_fly_at_once),
        cmocka_unit_test(a_room_that_takes_nothing_leaves_place_to_others),
        cmocka_unit_test(a_room_that_does_not_answer_flies_little),
        cmocka_unit_test(what_is_gone_need_not_be_deleted),
        cmocka_unit_test(an_unanswered_action_is_repeated_or_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
