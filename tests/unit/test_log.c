#include "tests/unit/test.h"

#include "engine/sys/log.h"

#include <unistd.h>

struct pipe_ends {
    int in;
    int out;
};

static struct pipe_ends open_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    return (struct pipe_ends){ends[0], ends[1]};
}

static void read_all(struct pipe_ends *ends, struct weir_buffer *out)
{
    ssize_t got;
    close(ends->out);
    while ((got = read(ends->in, weir_buffer_reserve(out, 4096), 4096)) > 0) {
        out->length += (size_t)got;
    }
    close(ends->in);
}

static void lines_name_time_level_event_room_and_cause(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct pipe_ends ends = open_pipe();
    struct weir_log *log = weir_log_create(ends.out);
    weir_log_say_at(log, 1700000000123, WEIR_LOG_WARN, WEIR_SPAN("r1"), "link.closed", "HTTP %d",
                    403);
    weir_log_destroy(&log);
    read_all(&ends, &out);
    EXPECT_TEXT("line", weir_buffer_span(&out),
                "2023-11-14T22:13:20.123Z warn link.closed room=r1 cause=\"HTTP 403\"\n");
    test_end_rows();
}

static void what_a_terminal_obeys_is_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *text;
        const char *safe;
    } cases[] = {
        {"escape sequence", "\x1b[2J", "\\u001b[2J"},
        {"line end", "a\nb", "a\\u000ab"},
        {"direction", "a\u202eb", "a\\u202eb"},
        {"bad bytes", "a\xff", "a\ufffd"},
        {"Chinese stays", "小明", "小明"},
        {"quotes", "\"x\\", "\\\"x\\\\"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
        weir_log_add_safe(&out, weir_span_of(cases[i].text), 100);
        EXPECT_TEXT(cases[i].name, weir_buffer_span(&out), cases[i].safe);
    }
    test_end_rows();
}

static size_t count_lines(const struct weir_buffer *text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->length; i++) {
        lines += text->data[i] == '\n';
    }
    return lines;
}

static void a_flood_is_counted_instead_of_written(void **state)
{
    (void)state;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    struct pipe_ends ends = open_pipe();
    struct weir_log *log = weir_log_create(ends.out);
    for (int i = 0; i < 1000; i++) {
        weir_log_say_at(log, 1000, WEIR_LOG_WARN, WEIR_SPAN("r1"), "frame.refused", "not JSON");
    }
    weir_log_say_at(log, 1000, WEIR_LOG_WARN, WEIR_SPAN("r2"), "frame.refused", "not JSON");
    weir_log_tick(log, 5000);
    weir_log_tick(log, 20000);
    weir_log_destroy(&log);
    read_all(&ends, &out);
    EXPECT_EQ("five, another room's one, the count", count_lines(&out), 7);
    EXPECT("count", strstr(weir_buffer_text(&out), "frame.refused room=r1 suppressed=995\n"));
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_name_time_level_event_room_and_cause),
        cmocka_unit_test(what_a_terminal_obeys_is_escaped),
        cmocka_unit_test(a_flood_is_counted_instead_of_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
