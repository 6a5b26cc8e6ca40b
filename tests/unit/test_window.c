#include "tests/unit/test.h"

#include "engine/stream/recent.h"
#include "engine/stream/window.h"

static void a_message_without_duties_settles_at_once(void **state)
{
    (void)state;
    WEIR_AUTO(weir_window_fini) struct weir_window window = {0};
    EXPECT("new", weir_window_begin(&window, 7));
    EXPECT("moves", weir_window_done(&window, 7));
    EXPECT_EQ("settled", window.settled, 7);
    EXPECT("repeated", !weir_window_begin(&window, 7));
    EXPECT("older", !weir_window_begin(&window, 3));
    EXPECT("gaps are fine", weir_window_begin(&window, 90));
    test_end_rows();
}

static void what_waits_holds_back_all_behind_it(void **state)
{
    (void)state;
    WEIR_AUTO(weir_window_fini) struct weir_window window = {0};
    for (uint64_t seq = 1; seq <= 100; seq++) {
        EXPECT("new", weir_window_begin(&window, seq));
        if (seq % 10 == 0) {
            weir_window_wait(&window, seq);
        }
        weir_window_done(&window, seq);
    }
    EXPECT_EQ("before the first that waits", window.settled, 9);
    EXPECT("one in the middle does not move it", !weir_window_done(&window, 50));
    EXPECT_EQ("still", window.settled, 9);
    EXPECT("the first moves it", weir_window_done(&window, 10));
    EXPECT_EQ("to the next that waits", window.settled, 19);
    for (uint64_t seq = 20; seq <= 100; seq += 10) {
        weir_window_done(&window, seq);
    }
    EXPECT_EQ("all", window.settled, 100);
    EXPECT_EQ("nothing is kept", window.count, 0);
    test_end_rows();
}

static void a_second_answer_for_one_seq_never_moves_it_back(void **state)
{
    (void)state;
    WEIR_AUTO(weir_window_fini) struct weir_window window = {0};
    weir_window_resume(&window, 40);
    EXPECT("settled in an earlier life", !weir_window_begin(&window, 40));
    EXPECT("new", weir_window_begin(&window, 41));
    EXPECT("done", weir_window_done(&window, 41));
    EXPECT("again", !weir_window_done(&window, 41));
    EXPECT("long ago", !weir_window_done(&window, 2));
    EXPECT_EQ("settled", window.settled, 41);
    EXPECT("largest seq", weir_window_begin(&window, UINT64_MAX));
    EXPECT("largest seq settles", weir_window_done(&window, UINT64_MAX));
    test_end_rows();
}

static struct weir_span numbered(char out[16], unsigned number)
{
    snprintf(out, 16, "m-%u", number);
    return weir_span_of(out);
}

static void recent_ids_are_remembered_up_to_the_limit(void **state)
{
    (void)state;
    char id[16];
    struct weir_recent *recent = weir_recent_create(64, (struct weir_hash_key){1, 2});
    for (unsigned i = 0; i < 1000; i++) {
        struct weir_recent_answer answer = {i % 2 ? WEIR_GATE_MASK : WEIR_GATE_PASS, {NULL, 0}};
        if (i % 2) {
            answer.text = WEIR_SPAN("***");
        }
        EXPECT("new", !weir_recent_find(recent, numbered(id, i)));
        weir_recent_add(recent, numbered(id, i), &answer);
        EXPECT("found", weir_recent_find(recent, numbered(id, i)));
    }
    for (unsigned i = 0; i < 1000; i++) {
        const struct weir_recent_answer *answer = weir_recent_find(recent, numbered(id, i));
        EXPECT_EQ(id, answer != NULL, i >= 1000 - 64);
        if (answer && i % 2) {
            EXPECT_EQ(id, answer->gate, WEIR_GATE_MASK);
            EXPECT_TEXT(id, answer->text, "***");
        }
    }
    struct weir_recent_answer deleted = {WEIR_GATE_DELETE, {NULL, 0}};
    weir_recent_replace(recent, weir_recent_name(recent, WEIR_SPAN("m-999")), &deleted);
    EXPECT_EQ("replaced", weir_recent_find(recent, WEIR_SPAN("m-999"))->gate, WEIR_GATE_DELETE);
    weir_recent_destroy(&recent);
    test_end_rows();
}

static void what_was_asked_for_again_is_no_news(void **state)
{
    (void)state;
    struct weir_window window = {0};
    for (uint64_t seq = 1; seq <= 100; seq++) {
        weir_window_begin(&window, seq);
        if (seq <= 50) {
            weir_window_done(&window, seq);
        }
    }
    EXPECT("nothing was asked for", !weir_window_asked_again(&window, 60));
    weir_window_ask_again(&window);
    for (uint64_t seq = 51; seq <= 100; seq++) {
        weir_window_done(&window, seq); // a disk that was slow has caught up meanwhile
    }
    EXPECT("settled before", !weir_window_asked_again(&window, 50));
    EXPECT("asked for", weir_window_asked_again(&window, 51));
    EXPECT("asked for", weir_window_asked_again(&window, 100));
    EXPECT("never seen", !weir_window_asked_again(&window, 101));
    weir_window_forget_asking(&window);
    EXPECT("lost its count", !weir_window_asked_again(&window, 60));
    weir_window_fini(&window);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_without_duties_settles_at_once),
        cmocka_unit_test(what_waits_holds_back_all_behind_it),
        cmocka_unit_test(a_second_answer_for_one_seq_never_moves_it_back),
        cmocka_unit_test(recent_ids_are_remembered_up_to_the_limit),
        cmocka_unit_test(what_was_asked_for_again_is_no_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
