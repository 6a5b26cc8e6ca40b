#include "engine/store/spool.h"
#include "engine/store/spool_frame.h"
#include "tests/unit/loop_test.h"
#include "tests/unit/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// A spool in a directory of its own, and what it said.
struct bench {
    char directory[64];
    struct weir_loop *loop;
    struct weir_spool *spool;
    struct weir_spool_options options;
    uint64_t durable;
    uint64_t wanted; // run_until_durable()
    size_t record_count;
    uint64_t positions[512];
    char first_bytes[512];
    struct weir_error err;
};

static void on_record(void *user, enum weir_spool_kind kind, uint64_t position,
                      struct weir_span record)
{
    struct bench *bench = user;
    assert_true(kind == WEIR_SPOOL_CARD || kind == WEIR_SPOOL_SETTLED);
    assert_true(bench->record_count < ARRAY_LEN(bench->positions));
    bench->positions[bench->record_count] = position;
    bench->first_bytes[bench->record_count] = record.length ? record.data[0] : '\0';
    bench->record_count++;
}

static void on_durable(void *user, uint64_t position)
{
    struct bench *bench = user;
    bench->durable = position;
}

static bool open_spool(struct bench *bench)
{
    struct weir_error err = {0};
    bench->err = (struct weir_error){0};
    bench->record_count = 0;
    bench->durable = 0;
    if (!bench->loop) {
        bench->loop = weir_loop_create(&err);
    }
    bench->options.directory = bench->directory;
    bench->spool =
        weir_spool_open(bench->loop, &bench->options, on_record, on_durable, bench, &bench->err);
    return bench->spool != NULL;
}

static void close_spool(struct bench *bench)
{
    weir_spool_close(&bench->spool);
    weir_loop_destroy(&bench->loop);
}

// What was read back, in order.
struct read_back {
    size_t count;
    size_t missing;
    char first_bytes[64];
};

static void on_read(void *user, const struct weir_spool_kept *kept, size_t count)
{
    struct read_back *back = user;
    for (size_t i = 0; i < count; i++) {
        back->missing += kept[i].kind == 0;
        back->first_bytes[i] = kept[i].kind == WEIR_SPOOL_CARD ? kept[i].record.data[0] : '-';
    }
    back->count += count;
}

static bool is_read(void *user)
{
    return ((struct read_back *)user)->count > 0;
}

static bool is_durable(void *user)
{
    struct bench *bench = user;
    return bench->durable >= bench->wanted;
}

static void run_until_durable(struct bench *bench, uint64_t position)
{
    bench->wanted = position;
    assert_true(loop_run_until(bench->loop, is_durable, bench, 10000));
}

static void empty_directory(const char *path)
{
    DIR *directory = opendir(path);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        char file[400];
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        unlink(file);
    }
    closedir(directory);
}

static int setup(void **state)
{
    struct bench *bench = weir_new(struct bench);
    snprintf(bench->directory, sizeof(bench->directory), "/tmp/weir-spool-XXXXXX");
    assert_non_null(mkdtemp(bench->directory));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    close_spool(bench);
    empty_directory(bench->directory);
    rmdir(bench->directory);
    free(bench);
    return 0;
}

// The segments, oldest first, as paths; returns how many.
static size_t find_segments(const struct bench *bench, char paths[][400], size_t limit)
{
    struct dirent **names = NULL;
    int found = scandir(bench->directory, &names, NULL, alphasort);
    size_t count = 0;
    for (int i = 0; i < found; i++) {
        if (strstr(names[i]->d_name, ".spool") && count < limit) {
            snprintf(paths[count++], 400, "%s/%s", bench->directory, names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    return count;
}

static uint64_t append_text(struct bench *bench, const char *text)
{
    return weir_spool_append(bench->spool, WEIR_SPOOL_CARD, weir_span_of(text));
}

static void what_is_not_released_comes_back_in_order(void **state)
{
    struct bench *bench = *state;
    assert_true(open_spool(bench));
    EXPECT_EQ("first", append_text(bench, "a"), 1);
    EXPECT_EQ("second", append_text(bench, "b"), 2);
    EXPECT_EQ("third", append_text(bench, "c"), 3);
    EXPECT_EQ("nothing is durable yet", weir_spool_durable(bench->spool), 0);
    run_until_durable(bench, 3);
    EXPECT_EQ("durable", weir_spool_durable(bench->spool), 3);
    weir_spool_release(bench->spool, 2);
    weir_spool_release(bench->spool, 2);
    weir_spool_release(bench->spool, 77);
    EXPECT_EQ("released once", weir_spool_counters(bench->spool).released, 1);
    close_spool(bench);

    assert_true(open_spool(bench));
    EXPECT_EQ("records", bench->record_count, 2);
    EXPECT_EQ("one", bench->positions[0], 1);
    EXPECT_EQ("three", bench->positions[1], 3);
    EXPECT_EQ("text", bench->first_bytes[1], 'c');
    EXPECT_EQ("positions go on", append_text(bench, "d"), 4);
    weir_spool_release(bench->spool, 1);
    weir_spool_release(bench->spool, 3);
    weir_spool_release(bench->spool, 4);
    close_spool(bench);

    assert_true(open_spool(bench));
    EXPECT_EQ("all gone", bench->record_count, 0);
    EXPECT_EQ("and positions still go on", append_text(bench, "e"), 5);
    test_end_rows();
}

static void single_records_are_read_back(void **state)
{
    struct bench *bench = *state;
    struct read_back back = {0};
    bench->options.segment_bytes = 1024; // so that they stand in several
    assert_true(open_spool(bench));
    for (char letter = 'a'; letter <= 'z'; letter++) {
        char text[100];
        memset(text, letter, sizeof(text));
        weir_spool_append(bench->spool, WEIR_SPOOL_CARD, (struct weir_span){text, sizeof(text)});
        if (letter % 5 == 0) {
            run_until_durable(bench, (uint64_t)(letter - 'a' + 1));
        }
    }
    run_until_durable(bench, 26);
    append_text(bench, "not on disk yet");
    weir_spool_release(bench->spool, 2);
    const uint64_t positions[] = {26, 1, 2, 27, 13, 99};
    weir_spool_read(bench->spool, positions, ARRAY_LEN(positions), on_read, &back);
    assert_true(loop_run_until(bench->loop, is_read, &back, 10000));
    EXPECT_EQ("all told at once", back.count, ARRAY_LEN(positions));
    EXPECT_EQ("released, not on disk, unknown", back.missing, 3);
    EXPECT_TEXT("the others", weir_span_of(back.first_bytes), "za--m-");
    struct weir_spool_reading *unheard =
        weir_spool_read(bench->spool, positions, 1, on_read, &back);
    weir_spool_read_cancel(&unheard);
    close_spool(bench);
    EXPECT_EQ("nobody is told", back.count, ARRAY_LEN(positions));
    test_end_rows();
}

static void close_writes_what_waits(void **state)
{
    struct bench *bench = *state;
    assert_true(open_spool(bench));
    for (int i = 0; i < 100; i++) {
        append_text(bench, "x");
    }
    close_spool(bench);
    assert_true(open_spool(bench));
    EXPECT_EQ("records", bench->record_count, 100);
    test_end_rows();
}

static void a_second_process_is_refused(void **state)
{
    struct bench *bench = *state;
    struct weir_error err = {0};
    assert_true(open_spool(bench));
    struct weir_spool *second =
        weir_spool_open(bench->loop, &bench->options, on_record, on_durable, bench, &err);
    EXPECT("refused", second == NULL);
    EXPECT("says why", strstr(err.text, "belongs to a running weir") != NULL);
    test_end_rows();
}

static void a_directory_that_can_not_be_is_refused(void **state)
{
    struct bench *bench = *state;
    struct weir_error err = {0};
    struct weir_loop *loop = weir_loop_create(&err);
    struct weir_spool_options options = {.directory = "/dev/null/spool"};
    EXPECT("under a file",
           !weir_spool_open(loop, &options, on_record, on_durable, bench, &err) && err.text[0]);
    err = (struct weir_error){0};
    options.directory = "/dev/null";
    EXPECT("a file", !weir_spool_open(loop, &options, on_record, on_durable, bench, &err) &&
                         strstr(err.text, "not a directory"));
    weir_loop_destroy(&loop);
    test_end_rows();
}

// The process ends without closing anything, as kill -9 would end it, right after a batch.
static void a_killed_process_loses_nothing_durable(void **state)
{
    struct bench *bench = *state;
    pid_t child = fork();
    if (child == 0) {
        if (!open_spool(bench)) {
            _exit(1);
        }
        for (int i = 0; i < 200; i++) {
            append_text(bench, "k");
        }
        bench->wanted = 150;
        _exit(loop_run_until(bench->loop, is_durable, bench, 10000) ? 0 : 2);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_true(open_spool(bench));
    EXPECT("at least what was durable", bench->record_count >= 150);
    EXPECT_EQ("in order", bench->positions[149], 150);
    test_end_rows();
}

static void a_torn_record_is_cut_off_and_counted_once(void **state)
{
    struct bench *bench = *state;
    char paths[8][400];
    struct stat whole;
    assert_true(open_spool(bench));
    append_text(bench, "first");
    append_text(bench, "the last record");
    run_until_durable(bench, 2);
    close_spool(bench);
    assert_int_equal(find_segments(bench, paths, ARRAY_LEN(paths)), 1);
    assert_int_equal(stat(paths[0], &whole), 0);

    size_t last = WEIR_SPOOL_FRAME_HEAD_BYTES + strlen("the last record");
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer bytes = {0};
    int fd = open(paths[0], O_RDONLY);
    bytes.length = (size_t)read(fd, weir_buffer_reserve(&bytes, 4096), 4096);
    close(fd);
    for (size_t cut = 1; cut <= last; cut++) {
        empty_directory(bench->directory);
        fd = open(paths[0], O_WRONLY | O_CREAT, 0600);
        assert_int_equal(write(fd, bytes.data, bytes.length - cut), bytes.length - cut);
        close(fd);
        assert_true(open_spool(bench));
        EXPECT_EQ("records", bench->record_count, 1);
        EXPECT_EQ("torn", weir_spool_counters(bench->spool).torn_bytes, last - cut);
        close_spool(bench);
        assert_true(open_spool(bench));
        EXPECT_EQ("again: records", bench->record_count, 1);
        EXPECT_EQ("again: torn", weir_spool_counters(bench->spool).torn_bytes, 0);
        close_spool(bench);
    }
    test_end_rows();
}

static void read_file(const char *path, struct weir_buffer *out)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    out->length = fread(weir_buffer_reserve(out, 65536), 1, 65536, file);
    fclose(file);
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

// Every byte at which a crash may cut the last write: what stands whole before it comes back, and
// the next record goes behind it.
static void a_spool_torn_at_any_byte_goes_on(void **state)
{
    struct bench *bench = *state;
    char path[1][400];
    bench->options.sync = WEIR_SPOOL_SYNC_OS;
    assert_true(open_spool(bench));
    for (char text[] = "a card"; text[0] <= 'f'; text[0]++) {
        append_text(bench, text);
    }
    close_spool(bench);
    assert_int_equal(find_segments(bench, path, 1), 1);
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer whole = {0};
    read_file(path[0], &whole);
    size_t before = 0;
    for (size_t length = 0; length <= whole.length; length++) {
        empty_directory(bench->directory);
        write_file(path[0], whole.data, length);
        assert_true(open_spool(bench));
        size_t count = bench->record_count;
        bool in_order = count >= before && count <= before + 1;
        for (size_t i = 0; i < count; i++) {
            in_order = in_order && bench->first_bytes[i] == (char)('a' + i);
        }
        EXPECT("what is whole", in_order);
        EXPECT_EQ("goes on", append_text(bench, "z"), count + 1);
        close_spool(bench);
        before = count;
    }
    EXPECT_EQ("all of them", before, 6);
    test_end_rows();
}

static void damage_in_the_middle_costs_that_record(void **state)
{
    struct bench *bench = *state;
    char paths[8][400];
    assert_true(open_spool(bench));
    append_text(bench, "one");
    append_text(bench, "two");
    append_text(bench, "three");
    close_spool(bench);
    assert_int_equal(find_segments(bench, paths, ARRAY_LEN(paths)), 1);
    int fd = open(paths[0], O_WRONLY);
    off_t second = WEIR_SPOOL_SEGMENT_HEAD_BYTES + WEIR_SPOOL_FRAME_HEAD_BYTES + 3;
    assert_int_equal(pwrite(fd, "?", 1, second + WEIR_SPOOL_FRAME_HEAD_BYTES), 1);
    close(fd);
    assert_true(open_spool(bench));
    EXPECT_EQ("records", bench->record_count, 2);
    EXPECT_EQ("third", bench->positions[1], 3);
    EXPECT_EQ("damaged", weir_spool_counters(bench->spool).damaged, 1);
    test_end_rows();
}

// One record stays, thousands come and go: disk use stays bounded and the one is still there.
static void an_old_record_does_not_keep_the_others_on_disk(void **state)
{
    struct bench *bench = *state;
    static const char text[] = "some card of about a hundred bytes, so that a segment of 4 KiB is "
                               "full after some forty of them";
    bench->options.segment_bytes = 4096;
    bench->options.sync = WEIR_SPOOL_SYNC_OS;
    assert_true(open_spool(bench));
    uint64_t kept = append_text(bench, "keep me");
    for (int round = 0; round < 100; round++) {
        uint64_t last = 0;
        for (int i = 0; i < 40; i++) {
            last = append_text(bench, text);
        }
        run_until_durable(bench, last);
        for (uint64_t position = last; position > last - 40; position--) {
            weir_spool_release(bench->spool, position);
        }
    }
    struct weir_spool_counters counters = weir_spool_counters(bench->spool);
    EXPECT("moved forward", counters.moved > 0);
    EXPECT("bounded", counters.disk_bytes < 16 * 4096);
    EXPECT_EQ("live", counters.live, 1);
    close_spool(bench);
    char paths[64][400];
    EXPECT("few segments", find_segments(bench, paths, ARRAY_LEN(paths)) < 12);
    assert_true(open_spool(bench));
    EXPECT_EQ("records", bench->record_count, 1);
    EXPECT_EQ("the one", bench->positions[0], kept);
    EXPECT_EQ("its text", bench->first_bytes[0], 'k');
    test_end_rows();
}

static void many_segments_come_back_whole(void **state)
{
    struct bench *bench = *state;
    bench->options.segment_bytes = 1024;
    bench->options.sync = WEIR_SPOOL_SYNC_OS;
    assert_true(open_spool(bench));
    for (uint64_t i = 1; i <= 400; i++) {
        append_text(bench, "a card that takes a part of a segment of one KiB");
        if (i % 10 == 0) {
            run_until_durable(bench, i);
        }
        if (i % 3 == 0) {
            weir_spool_release(bench->spool, i);
        }
    }
    close_spool(bench);
    for (int again = 0; again < 3; again++) {
        assert_true(open_spool(bench));
        EXPECT_EQ("records", bench->record_count, 400 - 133);
        EXPECT_EQ("last", bench->positions[266], 400);
        EXPECT_EQ("damaged", weir_spool_counters(bench->spool).damaged, 0);
        close_spool(bench);
    }
    test_end_rows();
}

static bool has_room_again(void *user)
{
    return weir_spool_counters(((struct bench *)user)->spool).disk_bytes < 12000;
}

static void a_full_spool_refuses_cards_first_and_says_so(void **state)
{
    struct bench *bench = *state;
    char text[1000];
    memset(text, 'x', sizeof(text));
    struct weir_span record = {text, sizeof(text)};
    bench->options.max_bytes = 16384;
    assert_true(open_spool(bench));
    uint64_t last = 0;
    for (uint64_t got = 1; got > 0;) {
        got = weir_spool_append(bench->spool, WEIR_SPOOL_CARD, record);
        last = got ? got : last;
    }
    EXPECT_EQ("cards that fit", last, 15);
    EXPECT("says why", strstr(weir_spool_trouble(bench->spool), "full") != NULL);
    EXPECT_EQ("refused", weir_spool_counters(bench->spool).refused, 1);
    EXPECT("others still fit",
           weir_spool_append(bench->spool, WEIR_SPOOL_SETTLED, WEIR_SPAN("r1 5")) > 0);
    run_until_durable(bench, last + 1);

    for (uint64_t position = 1; position <= 10; position++) {
        weir_spool_release(bench->spool, position);
    }
    assert_true(loop_run_until(bench->loop, has_room_again, bench, 10000));
    EXPECT("a card fits", weir_spool_append(bench->spool, WEIR_SPOOL_CARD, record) > 0);
    EXPECT_TEXT("no trouble", weir_span_of(weir_spool_trouble(bench->spool)), "");
    test_end_rows();
}

static void records_too_long_are_refused(void **state)
{
    struct bench *bench = *state;
    struct weir_span record = {weir_alloc_zeroed(WEIR_SPOOL_RECORD_BYTES + 1, 1),
                               WEIR_SPOOL_RECORD_BYTES + 1};
    assert_true(open_spool(bench));
    EXPECT_EQ("too long", weir_spool_append(bench->spool, WEIR_SPOOL_CARD, record), 0);
    record.length--;
    EXPECT_EQ("just fits", weir_spool_append(bench->spool, WEIR_SPOOL_CARD, record), 1);
    run_until_durable(bench, 1);
    free((void *)(uintptr_t)record.data);
    test_end_rows();
}

static bool has_failed(void *user)
{
    return weir_spool_counters(((struct bench *)user)->spool).failures > 0;
}

// A file size limit stands in for a full disk: writes behind it fail.
static void a_disk_that_takes_nothing_is_tried_again(void **state)
{
    struct bench *bench = *state;
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    assert_true(open_spool(bench));
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){WEIR_SPOOL_SEGMENT_HEAD_BYTES + 20, before.rlim_max});
    append_text(bench, "can't be written");
    bool failed = loop_run_until(bench->loop, has_failed, bench, 10000);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(failed);
    EXPECT("says why", strstr(weir_spool_trouble(bench->spool), "can't write") != NULL);
    EXPECT_EQ("not durable", bench->durable, 0);
    run_until_durable(bench, 1);
    EXPECT_TEXT("no trouble", weir_span_of(weir_spool_trouble(bench->spool)), "");
    close_spool(bench);
    assert_true(open_spool(bench));
    EXPECT_EQ("records", bench->record_count, 1);
    test_end_rows();
}

#define SPOOL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(what_is_not_released_comes_back_in_order),
        SPOOL_TEST(single_records_are_read_back),
        SPOOL_TEST(close_writes_what_waits),
        SPOOL_TEST(a_second_process_is_refused),
        SPOOL_TEST(a_directory_that_can_not_be_is_refused),
        SPOOL_TEST(a_killed_process_loses_nothing_durable),
        SPOOL_TEST(a_torn_record_is_cut_off_and_counted_once),
        SPOOL_TEST(a_spool_torn_at_any_byte_goes_on),
        SPOOL_TEST(damage_in_the_middle_costs_that_record),
        SPOOL_TEST(an_old_record_does_not_keep_the_others_on_disk),
        SPOOL_TEST(many_segments_come_back_whole),
        SPOOL_TEST(a_full_spool_refuses_cards_first_and_says_so),
        SPOOL_TEST(records_too_long_are_refused),
        SPOOL_TEST(a_disk_that_takes_nothing_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
