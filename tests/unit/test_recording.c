#include "tests/unit/test.h"

#include "engine/sys/recording.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

struct bad_lines {
    uint64_t lines[8];
    size_t count;
};

static void on_bad_line(void *user, const char *path, uint64_t line, struct weir_span cause)
{
    struct bad_lines *bad = user;
    assert_true(path[0] != 0 && cause.length > 0);
    assert_true(bad->count < ARRAY_LEN(bad->lines));
    bad->lines[bad->count++] = line;
}

static char *write_file(const char *name, struct weir_span content, bool compressed)
{
    static char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/weir-test-%d-%s", folder ? folder : "/tmp", (int)getpid(),
             name);
    gzFile file = gzopen(path, compressed ? "wb" : "wbT");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, content.data, (unsigned)content.length), (int)content.length);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

static struct weir_recording *open_recording(const char *path, struct bad_lines *bad)
{
    struct weir_error err = {0};
    struct weir_recording *recording = weir_recording_open(path, 2, on_bad_line, bad, &err);
    assert_string_equal(err.text, "");
    assert_non_null(recording);
    return recording;
}

static void what_a_line_leaves_out_is_filled_in(void **state)
{
    (void)state;
    static const char lines[] = "{\"text\":\"a\"}\n"
                                "{\"ts\":5000,\"room\":\"r\",\"id\":\"m\",\"text\":\"b\"}\r\n"
                                "\n"
                                "{\"user\":\"u\",\"text\":\"c\"}";
    for (int compressed = 0; compressed < 2; compressed++) {
        const char *name = compressed ? "room.jsonl.gz" : "room.jsonl";
        char *path = write_file(name, weir_span_of(lines), compressed);
        struct bad_lines bad = {.count = 0};
        struct weir_recording *recording = open_recording(path, &bad);

        const struct weir_message *message = weir_recording_next(recording)->message;
        EXPECT_TEXT(name, message->id, "#1");
        EXPECT_EQ(name, message->ts_ms, 500);
        EXPECT(name, weir_span_equals(message->room, weir_recording_room(recording)));
        message = weir_recording_next(recording)->message;
        EXPECT_TEXT(name, message->id, "m");
        EXPECT_TEXT(name, message->room, "r");
        EXPECT_EQ(name, message->ts_ms, 5000);
        message = weir_recording_next(recording)->message;
        EXPECT_TEXT(name, message->id, "#4");
        EXPECT_TEXT(name, message->user.id, "u");
        EXPECT_EQ(name, message->ts_ms, 5500);
        EXPECT(name, !weir_recording_next(recording) && !weir_recording_failure(recording));
        EXPECT_EQ(name, bad.count, 0);
        weir_recording_close(&recording);
        unlink(path);
    }
    test_end_rows();
}

static void arrival_is_known_where_it_was_recorded(void **state)
{
    (void)state;
    static const char lines[] = "{\"ts\":5000,\"text\":\"old clock\",\"arrived_ms\":90000}\n"
                                "{\"text\":\"no clock\",\"arrived_ms\":90001}\n"
                                "{\"text\":\"nothing is known\"}\n";
    char *path = write_file("arrival.jsonl", weir_span_of(lines), false);
    struct bad_lines bad = {.count = 0};
    struct weir_recording *recording = open_recording(path, &bad);
    static const int64_t ts[] = {5000, 90001, 90501};
    static const int64_t arrived[] = {90000, 90001, 90501};
    for (size_t i = 0; i < ARRAY_LEN(ts); i++) {
        EXPECT_EQ("ts", weir_recording_next(recording)->message->ts_ms, ts[i]);
        EXPECT_EQ("arrived", weir_recording_arrived_ms(recording), arrived[i]);
    }
    weir_recording_close(&recording);
    unlink(path);
    test_end_rows();
}

static void bad_lines_are_told_and_skipped(void **state)
{
    (void)state;
    struct weir_buffer lines = {0};
    weir_buffer_add_text(&lines, "not json\n{\"text\":\"a\"}\n{\"text\":7}\n{\"text\":\"");
    for (size_t i = 0; i < 300000; i++) {
        weir_buffer_add_byte(&lines, 'x');
    }
    weir_buffer_add_text(&lines, "\"}\n{\"type\":\"weather\"}\n{\"text\":\"b\"}\n");
    char *path = write_file("bad.jsonl", weir_buffer_span(&lines), false);
    struct bad_lines bad = {.count = 0};
    struct weir_recording *recording = open_recording(path, &bad);

    EXPECT_TEXT("first", weir_recording_next(recording)->message->id, "#2");
    EXPECT_TEXT("second", weir_recording_next(recording)->message->id, "#6");
    EXPECT("end", !weir_recording_next(recording));
    EXPECT_EQ("counted", weir_recording_bad_lines(recording), 4);
    EXPECT_EQ("told", bad.count, 4);
    EXPECT("where",
           bad.lines[0] == 1 && bad.lines[1] == 3 && bad.lines[2] == 4 && bad.lines[3] == 5);
    weir_recording_close(&recording);
    weir_buffer_fini(&lines);
    unlink(path);
    test_end_rows();
}

static void a_cut_archive_says_so(void **state)
{
    (void)state;
    struct weir_buffer lines = {0};
    for (int i = 0; i < 50000; i++) {
        weir_buffer_printf(&lines, "{\"text\":\"%d\"}\n", i * 7919);
    }
    char *path = write_file("cut.jsonl.gz", weir_buffer_span(&lines), true);
    assert_int_equal(truncate(path, 60000), 0);
    struct bad_lines bad = {.count = 0};
    struct weir_recording *recording = open_recording(path, &bad);
    size_t count = 0;
    while (weir_recording_next(recording)) {
        count++;
    }
    EXPECT("some were read", count > 100 && count < 50000);
    EXPECT("the failure is told", weir_recording_failure(recording) != NULL);
    weir_recording_close(&recording);
    weir_buffer_fini(&lines);
    unlink(path);
    test_end_rows();
}

static void a_missing_file_is_an_error(void **state)
{
    (void)state;
    struct weir_error err = {0};
    EXPECT("no file", !weir_recording_open("/nowhere/at-all.jsonl", 0, NULL, NULL, &err));
    EXPECT("said", strstr(err.text, "/nowhere/at-all.jsonl"));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_line_leaves_out_is_filled_in),
        cmocka_unit_test(arrival_is_known_where_it_was_recorded),
        cmocka_unit_test(bad_lines_are_told_and_skipped),
        cmocka_unit_test(a_cut_archive_says_so),
        cmocka_unit_test(a_missing_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
