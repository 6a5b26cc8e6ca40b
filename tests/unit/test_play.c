#include "tests/unit/test.h"

#include "engine/commands/play_report.h"
#include "engine/commands/play_room.h"

#include <stdlib.h>
#include <unistd.h>

// u1 at 0 s, 10 s, 20 s and 40 s; u2 between; no one has an id of their own.
static const char recording[] =
    "{\"ts\":1000,\"room\":\"a\",\"user\":\"u1\",\"text\":\"one\",\"id\":\"m1\"}\n"
    "{\"ts\":6000,\"room\":\"a\",\"user\":\"u2\",\"text\":\"two\",\"id\":\"m2\"}\n"
    "{\"ts\":11000,\"room\":\"a\",\"user\":\"u1\",\"text\":\"three\",\"id\":\"m3\"}\n"
    "{\"ts\":21000,\"room\":\"a\",\"user\":\"u1\",\"text\":\"four\",\"id\":\"m4\"}\n"
    "not JSON\n"
    "{\"ts\":500,\"room\":\"b\",\"user\":\"u3\",\"text\":\"elsewhere\"}\n"
    "{\"ts\":41000,\"room\":\"a\",\"user\":\"u1\",\"text\":\"five\",\"id\":\"m5\"}\n";

struct stage {
    struct play_chat chat;
    struct play_room room;
};

static void load(struct play_chat *chat, bool merged)
{
    char path[] = "/tmp/weir-play-XXXXXX";
    struct weir_error err = {0};
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, recording, sizeof(recording) - 1), sizeof(recording) - 1);
    close(file);
    assert_true(play_chat_load(chat, path, merged, &err));
    unlink(path);
}

static int set_up(void **state)
{
    struct stage *stage = weir_new(struct stage);
    load(&stage->chat, false);
    uint32_t number = name_table_find(&stage->chat.rooms, WEIR_SPAN("a"));
    assert_int_not_equal(number, NO_NAME);
    play_room_init(&stage->room, WEIR_SPAN("r\"1"), &stage->chat.tracks[number]);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    play_room_fini(&stage->room);
    play_chat_fini(&stage->chat);
    free(stage);
    return 0;
}

static void lines_become_frames_of_any_room(void **state)
{
    struct stage *stage = *state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    EXPECT_EQ("bad lines", stage->chat.bad_lines, 1);
    EXPECT_EQ("lines of a", stage->room.track->count, 5);
    play_chat_write(&stage->chat, stage->room.track, 1, weir_buffer_span(&stage->room.name_json),
                    77, &out);
    EXPECT_TEXT(
        "frame", weir_buffer_span(&out),
        "{\"type\":\"chat\",\"room\":\"r\\\"1\",\"seq\":2,\"ts\":77,\"id\":\"m2\","
        "\"user\":{\"id\":\"u2\",\"name\":\"u2\",\"identity\":\"stable\"},\"text\":\"two\"}");
    test_end_rows();
}

static void merged_rooms_are_one_by_time(void **state)
{
    (void)state;
    struct play_chat chat = {0};
    load(&chat, true);
    EXPECT_EQ("one track", chat.rooms.count, 1);
    EXPECT_EQ("all lines", chat.tracks[0].count, 6);
    EXPECT_EQ("the earliest first", chat.tracks[0].lines[0].ts_ms, 500);
    play_chat_fini(&chat);
    test_end_rows();
}

static void release(struct play_room *room, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        play_room_release(room);
    }
}

static enum weir_refused act(struct play_room *room, enum weir_do kind, const char *message,
                             const char *user, uint32_t seconds)
{
    struct weir_action action = {.kind = kind,
                                 .message = weir_span_of(message),
                                 .user = weir_span_of(user),
                                 .seconds = seconds};
    return play_room_act(room, &action);
}

static void a_mute_lasts_as_long_as_it_says_in_the_recordings_time(void **state)
{
    struct stage *stage = *state;
    release(&stage->room, 2); // it is 6 s
    EXPECT_EQ("done", act(&stage->room, WEIR_DO_TIMEOUT, "", "u1", 15), WEIR_REFUSED_NOT);
    EXPECT("11 s: muted", !play_room_release(&stage->room));
    EXPECT("21 s: over", play_room_release(&stage->room));
    EXPECT_EQ("done", act(&stage->room, WEIR_DO_BAN, "", "u1", 0), WEIR_REFUSED_NOT);
    EXPECT("41 s: banned", !play_room_release(&stage->room));
    EXPECT("what is withheld is never sent", !play_room_may_send(&stage->room, 4));
    test_end_rows();
}

static void an_undone_mute_is_over_at_once(void **state)
{
    struct stage *stage = *state;
    release(&stage->room, 1);
    act(&stage->room, WEIR_DO_BAN, "", "u1", 0);
    act(&stage->room, WEIR_DO_UNBAN, "", "u1", 0);
    release(&stage->room, 1);
    EXPECT("sent", play_room_release(&stage->room));
    test_end_rows();
}

static void what_is_not_there_can_not_be_acted_on(void **state)
{
    struct stage *stage = *state;
    struct play_room *room = &stage->room;
    release(room, 2);
    EXPECT_EQ("reached", act(room, WEIR_DO_DELETE, "m2", "", 0), WEIR_REFUSED_NOT);
    EXPECT("gone", !play_room_may_send(room, 1));
    EXPECT_EQ("not sent yet", act(room, WEIR_DO_DELETE, "m3", "", 0), WEIR_REFUSED_NOT_FOUND);
    EXPECT_EQ("never", act(room, WEIR_DO_MASK, "m99", "", 0), WEIR_REFUSED_NOT_FOUND);
    EXPECT_EQ("no message", act(room, WEIR_DO_HOLD, "", "", 0), WEIR_REFUSED_INVALID);
    EXPECT_EQ("nobody", act(room, WEIR_DO_BAN, "", "u9", 0), WEIR_REFUSED_NOT_FOUND);
    EXPECT_EQ("no user", act(room, WEIR_DO_UNBAN, "", "", 0), WEIR_REFUSED_INVALID);
    EXPECT_EQ("no end", act(room, WEIR_DO_TIMEOUT, "", "u1", 0), WEIR_REFUSED_INVALID);
    EXPECT_EQ("no words", act(room, WEIR_DO_REPLY, "m1", "", 0), WEIR_REFUSED_INVALID);
    EXPECT_EQ("no mode", act(room, WEIR_DO_ROOM_MODE, "", "", 0), WEIR_REFUSED_INVALID);
    test_end_rows();
}

static void times_are_kept_to_three_percent(void **state)
{
    (void)state;
    struct play_times *times = weir_new(struct play_times);
    EXPECT_EQ("nothing measured", play_times_at(times, 99), 0);
    for (uint64_t us = 1; us <= 100000; us++) {
        play_times_add(times, us);
    }
    EXPECT("p50", llabs((long long)play_times_at(times, 50) - 50000) <= 1600);
    EXPECT("p99", llabs((long long)play_times_at(times, 99) - 99000) <= 3100);
    EXPECT_EQ("max is exact", play_times_at(times, 100), 100000);
    play_times_add(times, UINT64_MAX);
    EXPECT("the longest fits", play_times_at(times, 100) == UINT64_MAX);
    free(times);
    test_end_rows();
}

static void names_are_found_again(void **state)
{
    (void)state;
    struct name_table names = {0};
    EXPECT_EQ("empty", name_table_find(&names, WEIR_SPAN("x")), NO_NAME);
    for (uint32_t i = 0; i < 5000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "n%u", i);
        EXPECT_EQ("numbered in order", name_table_add(&names, weir_span_of(text)), i);
    }
    EXPECT_EQ("once more", name_table_add(&names, WEIR_SPAN("n4321")), 4321);
    EXPECT_TEXT("text", name_table_text(&names, 17), "n17");
    EXPECT_EQ("unknown", name_table_find(&names, WEIR_SPAN("n5000")), NO_NAME);
    name_table_fini(&names);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_become_frames_of_any_room, set_up, tear_down),
        cmocka_unit_test(merged_rooms_are_one_by_time),
        cmocka_unit_test_setup_teardown(a_mute_lasts_as_long_as_it_says_in_the_recordings_time,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_undone_mute_is_over_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_can_not_be_acted_on, set_up, tear_down),
        cmocka_unit_test(times_are_kept_to_three_percent),
        cmocka_unit_test(names_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
