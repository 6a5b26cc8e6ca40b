// What is read is proved by its checksums and its position: a record that has moved meanwhile, with
// its segment gone or begun anew, is not found where it stood, and is asked for again.

#include "engine/store/spool_reading.h"

#include "engine/base/alloc.h"
#include "engine/store/spool_disk.h"

#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

struct weir_spool_reading {
    char *directory;
    void (*on_read)(void *user, const struct weir_spool_kept *kept, size_t count);
    void *user;
    struct weir_spool_place *places;
    size_t count;
    struct weir_buffer bytes; // of all frames, one behind the other
    uv_work_t work;
};

struct weir_spool_reading *weir_spool_reading_create(
    const char *directory, size_t count,
    void (*on_read)(void *user, const struct weir_spool_kept *kept, size_t count), void *user)
{
    struct weir_spool_reading *reading = weir_new(struct weir_spool_reading);
    reading->directory = weir_strdup(directory);
    reading->on_read = on_read;
    reading->user = user;
    reading->places = weir_new_array(struct weir_spool_place, count);
    return reading;
}

void weir_spool_reading_add(struct weir_spool_reading *reading,
                            const struct weir_spool_place *place)
{
    reading->places[reading->count++] = *place;
}

static void read_place(struct weir_spool_reading *reading, struct weir_spool_place *place, int fd)
{
    char *bytes = weir_buffer_reserve(&reading->bytes, place->bytes);
    if (fd < 0 || pread(fd, bytes, place->bytes, (off_t)place->offset) != (ssize_t)place->bytes) {
        place->bytes = 0;
    }
    reading->bytes.length += place->bytes;
}

static void on_work(uv_work_t *work)
{
    struct weir_spool_reading *reading = work->data;
    uint64_t segment = 0;
    int fd = -1;
    for (size_t i = 0; i < reading->count; i++) {
        struct weir_spool_place *place = &reading->places[i];
        if (place->bytes > 0 && place->segment != segment) {
            if (fd >= 0) {
                close(fd);
            }
            segment = place->segment;
            fd = weir_spool_open_segment(reading->directory, segment);
        }
        if (place->bytes > 0) {
            read_place(reading, place, fd);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void free_reading(struct weir_spool_reading *reading)
{
    weir_buffer_fini(&reading->bytes);
    free(reading->places);
    free(reading->directory);
    free(reading);
}

static void tell(struct weir_spool_reading *reading)
{
    struct weir_spool_kept *kept = weir_new_array(struct weir_spool_kept, reading->count);
    uint64_t at = 0;
    for (size_t i = 0; i < reading->count; i++) {
        const struct weir_spool_place *place = &reading->places[i];
        struct weir_spool_frame frame;
        kept[i].position = place->position;
        if (place->bytes > 0 &&
            weir_spool_read_frame(weir_buffer_span(&reading->bytes), at, &frame) &&
            frame.position == place->position) {
            kept[i].kind = (enum weir_spool_kind)frame.kind;
            kept[i].record = frame.payload;
        }
        at += place->bytes;
    }
    reading->on_read(reading->user, kept, reading->count);
    free(kept);
}

static void on_done(uv_work_t *work, int status)
{
    struct weir_spool_reading *reading = work->data;
    if (reading->on_read && status == 0) {
        tell(reading);
    }
    free_reading(reading);
}

void weir_spool_reading_start(struct weir_spool_reading *reading, struct uv_loop_s *uv)
{
    reading->work.data = reading;
    weir_assert(uv_queue_work(uv, &reading->work, on_work, on_done) == 0);
}

void weir_spool_read_cancel(struct weir_spool_reading **reading)
{
    if (*reading) {
        (*reading)->on_read = NULL;
        *reading = NULL;
    }
}
