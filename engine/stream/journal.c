// Two buffers: the loop fills one while a thread of libuv's pool writes the other. What the thread
// touches is in `writer`; the loop leaves that alone while `is_writing`.

#include "engine/stream/journal.h"

#include "engine/base/alloc.h"
#include "engine/sys/clock.h"
#include "engine/sys/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define FLUSH_MS      200
#define FLUSH_BYTES   65536
#define WAITING_BYTES ((size_t)32 << 20)
#define FILE_BYTES    ((uint64_t)64 << 20)
#define FILE_MS       ((int64_t)24 * 60 * 60 * 1000)

struct writer {
    char *folder;
    char *name;
    int64_t keep_ms;
    uint64_t max_bytes;
    uint64_t file_bytes;
    struct weir_buffer bytes;
    uint64_t lines;
    uint64_t lost;
    int fd;
    uint64_t written; // to the present file
    int64_t began_ms;
    uint32_t number;
    char trouble[128];
};

struct weir_journal {
    struct weir_loop *loop;
    struct weir_timer *timer;
    struct weir_buffer waiting;
    uint64_t waiting_lines;
    uint64_t lost;
    struct writer writer;
    uv_work_t work;
    char trouble[128];
    bool is_writing;
    bool is_closing;
};

static void keep_trouble(struct writer *writer, const char *path)
{
    snprintf(writer->trouble, sizeof(writer->trouble), "can't write %.80s: %.30s", path,
             strerror(errno));
}

static int is_jsonl(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 6 && strcmp(entry->d_name + length - 6, ".jsonl") == 0;
}

// Newest first by name, which begins with the time: those beyond the size or older than the time
// go.
static void delete_old_files(struct writer *writer)
{
    struct dirent **entries = NULL;
    int count = scandir(writer->folder, &entries, is_jsonl, alphasort);
    size_t prefix = strlen(writer->name);
    int64_t oldest_s = (weir_clock_wall_ms() - writer->keep_ms) / 1000;
    uint64_t total = writer->file_bytes;
    for (int i = count - 1; i >= 0; i--) {
        char path[PATH_MAX];
        struct stat status;
        snprintf(path, sizeof(path), "%s/%s", writer->folder, entries[i]->d_name);
        if (strncmp(entries[i]->d_name, writer->name, prefix) == 0 && stat(path, &status) == 0) {
            total += (uint64_t)status.st_size;
            if (total > writer->max_bytes || status.st_mtime < oldest_s) {
                unlink(path);
            }
        }
        free(entries[i]);
    }
    free(entries);
}

static bool begin_file(struct writer *writer)
{
    char path[PATH_MAX];
    char when[24] = "";
    time_t now_s = (time_t)(weir_clock_wall_ms() / 1000);
    struct tm utc;
    if (gmtime_r(&now_s, &utc)) {
        strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
    }
    if (writer->fd >= 0) {
        close(writer->fd);
    }
    delete_old_files(writer);
    do { // a restart within the same second must not write into the file before it
        snprintf(path, sizeof(path), "%s/%s-%s-%04u.jsonl", writer->folder, writer->name, when,
                 writer->number++);
        writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    } while (writer->fd < 0 && errno == EEXIST);
    if (writer->fd < 0) {
        keep_trouble(writer, path);
        return false;
    }
    writer->written = 0;
    writer->began_ms = weir_clock_monotonic_ms();
    return true;
}

static bool is_file_over(const struct writer *writer)
{
    return writer->fd < 0 || writer->written >= writer->file_bytes ||
           weir_clock_monotonic_ms() - writer->began_ms >= FILE_MS;
}

// A half line left by a full disk would spoil the next one: it is cut off again.
static void write_bytes(struct writer *writer)
{
    size_t at = 0;
    writer->trouble[0] = '\0';
    bool fine = !is_file_over(writer) || begin_file(writer);
    while (fine && at < writer->bytes.length) {
        ssize_t wrote = write(writer->fd, writer->bytes.data + at, writer->bytes.length - at);
        if (wrote < 0 && errno != EINTR) {
            keep_trouble(writer, writer->folder);
            fine = false;
        }
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    if (!fine && at > 0 && ftruncate(writer->fd, (off_t)writer->written) != 0) {
        keep_trouble(writer, writer->folder);
    }
    writer->written += fine ? writer->bytes.length : 0;
    writer->lost += fine ? 0 : writer->lines;
    weir_buffer_clear(&writer->bytes);
}

static void on_work(uv_work_t *work)
{
    struct weir_journal *journal = work->data;
    write_bytes(&journal->writer);
}

static void free_journal(struct weir_journal *journal)
{
    if (journal->writer.fd >= 0) {
        close(journal->writer.fd);
    }
    weir_buffer_fini(&journal->waiting);
    weir_buffer_fini(&journal->writer.bytes);
    free(journal->writer.folder);
    free(journal->writer.name);
    free(journal);
}

static void take_waiting(struct weir_journal *journal)
{
    struct weir_buffer empty = journal->writer.bytes;
    journal->writer.bytes = journal->waiting;
    journal->writer.lines = journal->waiting_lines;
    journal->waiting = empty;
    journal->waiting_lines = 0;
}

static void finish(struct weir_journal *journal)
{
    take_waiting(journal);
    if (journal->writer.bytes.length > 0) {
        write_bytes(&journal->writer);
    }
    free_journal(journal);
}

static void on_written(uv_work_t *work, int status)
{
    struct weir_journal *journal = work->data;
    (void)status;
    journal->is_writing = false;
    memcpy(journal->trouble, journal->writer.trouble, sizeof(journal->trouble));
    journal->lost += journal->writer.lost;
    journal->writer.lost = 0;
    if (journal->is_closing) {
        finish(journal);
    }
}

static void start_writing(struct weir_journal *journal)
{
    if (journal->is_writing || journal->waiting.length == 0) {
        return;
    }
    take_waiting(journal);
    journal->work.data = journal;
    journal->is_writing =
        uv_queue_work(weir_loop_uv(journal->loop), &journal->work, on_work, on_written) == 0;
}

static void on_time(void *user)
{
    start_writing(user);
}

struct weir_journal *weir_journal_open(struct weir_loop *loop,
                                       const struct weir_journal_options *options,
                                       struct weir_error *err)
{
    if (!weir_directory_make(options->folder, err)) {
        return NULL;
    }
    struct weir_journal *journal = weir_new(struct weir_journal);
    uint64_t file_bytes = options->max_bytes / 16;
    file_bytes = file_bytes > FILE_BYTES ? FILE_BYTES : file_bytes;
    journal->loop = loop;
    journal->writer = (struct writer){
        .folder = weir_strdup(options->folder),
        .name = weir_strdup(options->name),
        .keep_ms = options->keep_ms,
        .max_bytes = options->max_bytes,
        .file_bytes = options->file_bytes ? options->file_bytes : file_bytes,
        .fd = -1,
    };
    journal->timer = weir_timer_start(loop, FLUSH_MS, FLUSH_MS, on_time, journal);
    return journal;
}

void weir_journal_close(struct weir_journal **journal)
{
    struct weir_journal *closing = weir_take(*journal);
    if (!closing) {
        return;
    }
    weir_timer_stop(&closing->timer);
    closing->is_closing = true;
    if (!closing->is_writing) {
        finish(closing);
    }
}

struct weir_buffer *weir_journal_begin(struct weir_journal *journal)
{
    if (journal->waiting.length >= WAITING_BYTES) {
        journal->lost++;
        return NULL;
    }
    return &journal->waiting;
}

void weir_journal_commit(struct weir_journal *journal)
{
    weir_buffer_add_byte(&journal->waiting, '\n');
    journal->waiting_lines++;
    if (journal->waiting.length >= FLUSH_BYTES) {
        start_writing(journal);
    }
}

uint64_t weir_journal_lost(const struct weir_journal *journal)
{
    return journal->lost;
}

const char *weir_journal_trouble(const struct weir_journal *journal)
{
    return journal->trouble;
}
