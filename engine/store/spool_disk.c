#include "engine/store/spool_disk.h"

#include "engine/base/alloc.h"
#include "engine/sys/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_NAME "%016" PRIx64 ".spool"

void weir_spool_ids_add(struct weir_spool_ids *ids, uint64_t id)
{
    ids->items = weir_grow(ids->items, &ids->capacity, ids->count + 1, sizeof(*ids->items));
    ids->items[ids->count++] = id;
}

static char *path_of(const char *directory, uint64_t segment)
{
    struct weir_buffer path = {0};
    weir_buffer_printf(&path, "%s/" SEGMENT_NAME, directory, segment);
    weir_buffer_text(&path);
    return path.data;
}

static bool fail(struct weir_spool_job *job, const char *what)
{
    return weir_error_set(&job->failure, "can't %s the spool %s: %s", what, job->directory,
                          strerror(errno));
}

static bool open_segment(struct weir_spool_job *job)
{
    WEIR_AUTO(weir_free_at) char *path = path_of(job->directory, job->segment);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(job, "begin a segment of");
    }
    if (job->fd >= 0) {
        close(job->fd);
    }
    job->fd = fd;
    return true;
}

static bool write_data(struct weir_spool_job *job)
{
    size_t done = 0;
    while (done < job->data.length) {
        ssize_t wrote = pwrite(job->fd, job->data.data + done, job->data.length - done,
                               (off_t)(job->offset + done));
        if (wrote < 0 && errno != EINTR) {
            return fail(job, "write to");
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

// A sync that failed may have dropped the pages it could not write, and the next one would lie. So
// the whole job is repeated, writes included, never the sync alone.
static bool sync_data(struct weir_spool_job *job)
{
    if (!job->sync) {
        return true;
    }
    if (fdatasync(job->fd) != 0) {
        return fail(job, "sync");
    }
    if (job->begins_segment && !weir_directory_sync(job->directory)) {
        return fail(job, "sync the directory of");
    }
    return true;
}

static void drop(const char *directory, const struct weir_spool_ids *ids)
{
    for (size_t i = 0; i < ids->count; i++) {
        WEIR_AUTO(weir_free_at) char *path = path_of(directory, ids->items[i]);
        unlink(path); // one that stays is found and dropped when the spool is opened again
    }
}

static void read_whole(const char *path, struct weir_buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    for (ssize_t got = 1; got > 0;) {
        got = read(fd, weir_buffer_reserve(out, 1 << 16), 1 << 16);
        out->length += got > 0 ? (size_t)got : 0;
    }
    close(fd);
}

int weir_spool_open_segment(const char *directory, uint64_t segment)
{
    WEIR_AUTO(weir_free_at) char *path = path_of(directory, segment);
    return open(path, O_RDONLY | O_CLOEXEC);
}

void weir_spool_job_run(struct weir_spool_job *job)
{
    job->failure = (struct weir_error){0};
    drop(job->directory, &job->drop_first);
    if (job->begins_segment && !open_segment(job)) {
        return;
    }
    if (!write_data(job) || !sync_data(job)) {
        return;
    }
    drop(job->directory, &job->drop_after);
    if (job->read_segment > 0) {
        WEIR_AUTO(weir_free_at) char *path = path_of(job->directory, job->read_segment);
        weir_buffer_clear(&job->read);
        read_whole(path, &job->read);
    }
}

void weir_spool_job_fini(struct weir_spool_job *job)
{
    if (job->fd >= 0) {
        close(job->fd);
    }
    weir_buffer_fini(&job->data);
    weir_buffer_fini(&job->read);
    free(job->drop_first.items);
    free(job->drop_after.items);
    *job = (struct weir_spool_job){.fd = -1};
}

static int is_segment(const struct dirent *entry)
{
    uint64_t id;
    char again[32];
    if (sscanf(entry->d_name, "%16" SCNx64, &id) != 1) {
        return 0;
    }
    snprintf(again, sizeof(again), SEGMENT_NAME, id);
    return strcmp(again, entry->d_name) == 0;
}

static bool map_one(const char *directory, const char *name, struct weir_spool_found *found,
                    struct weir_error *err)
{
    struct stat stat;
    sscanf(name, "%16" SCNx64, &found->id);
    WEIR_AUTO(weir_free_at) char *path = path_of(directory, found->id);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &stat) != 0) {
        int cause = errno;
        if (fd >= 0) {
            close(fd);
        }
        return weir_error_set(err, "can't read %s: %s", path, strerror(cause));
    }
    found->bytes = (struct weir_span){NULL, (size_t)stat.st_size};
    if (stat.st_size > 0) {
        found->bytes.data = mmap(NULL, found->bytes.length, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    if (found->bytes.data == MAP_FAILED) {
        found->bytes = (struct weir_span){NULL, 0};
        return weir_error_set(err, "can't read %s: %s", path, strerror(errno));
    }
    return true;
}

bool weir_spool_map_all(const char *directory, struct weir_spool_found **found_out,
                        size_t *count_out, struct weir_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(directory, &names, is_segment, alphasort);
    if (count < 0) {
        return weir_error_set(err, "can't read the spool %s: %s", directory, strerror(errno));
    }
    bool all_read = true;
    *found_out = weir_new_array(struct weir_spool_found, (size_t)count);
    *count_out = (size_t)count;
    for (int i = 0; i < count; i++) {
        all_read = map_one(directory, names[i]->d_name, &(*found_out)[i], err) && all_read;
        free(names[i]);
    }
    free(names);
    return all_read;
}

void weir_spool_unmap_all(struct weir_spool_found *found, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i].bytes.length > 0) {
            munmap((void *)(uintptr_t)found[i].bytes.data, found[i].bytes.length);
        }
    }
    free(found);
}

void weir_spool_cut(const char *directory, uint64_t segment, uint64_t bytes)
{
    WEIR_AUTO(weir_free_at) char *path = path_of(directory, segment);
    if (bytes <= WEIR_SPOOL_SEGMENT_HEAD_BYTES) {
        unlink(path);
    } else if (truncate(path, (off_t)bytes) != 0) {
        return; // what is torn stays torn, and is passed over again next time
    }
}

int weir_spool_lock(const char *directory, struct weir_error *err)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer path = {0};
    weir_buffer_printf(&path, "%s/lock", directory);
    int fd = open(weir_buffer_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        weir_error_set(err, "can't open %s: %s", path.data, strerror(errno));
        return -1;
    }
    char pid[16] = "";
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t got = pread(fd, pid, sizeof(pid) - 1, 0);
        pid[got > 0 ? (size_t)got : 0] = '\0';
        weir_error_set(err,
                       "the spool %s belongs to a running weir (process %s); stop it or give "
                       "this one a state directory of its own",
                       directory, pid[0] ? pid : "unknown");
        close(fd);
        return -1;
    }
    int length = snprintf(pid, sizeof(pid), "%d", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length) {
        return fd; // the lock counts; the number in it only helps to name its holder
    }
    return fd;
}
