#include "engine/sys/recording.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/sys/lines.h"

#include <stdio.h>
#include <stdlib.h>

_Static_assert(WEIR_LINE_BYTES == WEIR_ROOM_OBJECT_BYTES, "a line holds any frame");

struct weir_recording {
    struct weir_lines *lines;
    char *path;
    struct weir_span room;
    int64_t step_ms;
    int64_t last_ts_ms;
    weir_bad_line_fn on_bad_line;
    void *user;

    struct weir_span line;
    uint64_t bad_lines;
    struct weir_room_reader reader;
    struct weir_message message;
    struct weir_event event;
    char id[24]; // '#' and the line's number
};

static bool take_ending(struct weir_span *name, const char *ending)
{
    size_t length = strlen(ending);
    if (name->length <= length || memcmp(name->data + name->length - length, ending, length) != 0) {
        return false;
    }
    name->length -= length;
    return true;
}

static struct weir_span room_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct weir_span name = weir_span_of(slash ? slash + 1 : path);
    take_ending(&name, ".gz");
    if (!take_ending(&name, ".jsonl")) {
        take_ending(&name, ".json");
    }
    return name;
}

struct weir_recording *weir_recording_open(const char *path, uint32_t rate,
                                           weir_bad_line_fn on_bad_line, void *user,
                                           struct weir_error *err)
{
    struct weir_lines *lines = weir_lines_open(path, err);
    if (!lines) {
        return NULL;
    }
    struct weir_recording *recording = weir_new(struct weir_recording);
    recording->lines = lines;
    recording->path = weir_strdup(path);
    recording->room = room_of(recording->path);
    recording->step_ms = rate ? 1000 / rate : 1000;
    recording->on_bad_line = on_bad_line;
    recording->user = user;
    return recording;
}

void weir_recording_close(struct weir_recording **recording)
{
    struct weir_recording *old = weir_take(*recording);
    if (!old) {
        return;
    }
    weir_lines_close(&old->lines);
    weir_room_reader_fini(&old->reader);
    free(old->path);
    free(old);
}

static void report(struct weir_recording *recording, struct weir_span cause)
{
    recording->bad_lines++;
    if (recording->on_bad_line) {
        recording->on_bad_line(recording->user, recording->path,
                               weir_lines_number(recording->lines), cause);
    }
}

// The next line that is none of the empty ones which files that were put together hold.
static bool next_line(struct weir_recording *recording)
{
    for (;;) {
        switch (weir_lines_next(recording->lines, &recording->line)) {
        case WEIR_LINE_END:
            return false;
        case WEIR_LINE_TOO_LONG:
            report(recording, WEIR_SPAN("longer than 64 KiB"));
            break;
        case WEIR_LINE_READ:
            if (recording->line.length > 0) {
                return true;
            }
            break;
        }
    }
}

static void complete_message(struct weir_recording *recording)
{
    struct weir_message *message = &recording->message;
    *message = *recording->event.message;
    if (message->id.length == 0) {
        int length = snprintf(recording->id, sizeof(recording->id), "#%llu",
                              (unsigned long long)weir_lines_number(recording->lines));
        message->id = (struct weir_span){recording->id, (size_t)length};
    }
    if (message->room.length == 0) {
        message->room = recording->room;
    }
    if (message->ts_ms == 0 && recording->reader.arrived_ms != 0) {
        message->ts_ms = recording->reader.arrived_ms;
    } else if (message->ts_ms == 0) {
        message->ts_ms = recording->last_ts_ms + recording->step_ms;
    }
    recording->last_ts_ms = message->ts_ms;
    recording->event.message = message;
    recording->event.room = message->room;
}

const struct weir_event *weir_recording_next(struct weir_recording *recording)
{
    while (next_line(recording)) {
        recording->event = *weir_room_read(&recording->reader, recording->line);
        switch (recording->event.kind) {
        case WEIR_EVENT_REFUSED:
            report(recording, recording->event.cause);
            continue;
        case WEIR_EVENT_UNKNOWN:
            report(recording, WEIR_SPAN("a frame of a type that is not known"));
            continue;
        case WEIR_EVENT_MESSAGE:
            complete_message(recording);
            return &recording->event;
        default:
            if (recording->event.room.length == 0) {
                recording->event.room = recording->room;
            }
            return &recording->event;
        }
    }
    return NULL;
}

int64_t weir_recording_arrived_ms(const struct weir_recording *recording)
{
    int64_t arrived_ms = recording->reader.arrived_ms;
    return arrived_ms ? arrived_ms : recording->last_ts_ms;
}

struct weir_span weir_recording_line(const struct weir_recording *recording)
{
    return recording->line;
}

uint64_t weir_recording_line_number(const struct weir_recording *recording)
{
    return weir_lines_number(recording->lines);
}

uint64_t weir_recording_bad_lines(const struct weir_recording *recording)
{
    return recording->bad_lines;
}

const char *weir_recording_failure(const struct weir_recording *recording)
{
    return weir_lines_failure(recording->lines);
}

struct weir_span weir_recording_room(const struct weir_recording *recording)
{
    return recording->room;
}

uint32_t weir_recording_progress(const struct weir_recording *recording)
{
    return weir_lines_progress(recording->lines);
}
