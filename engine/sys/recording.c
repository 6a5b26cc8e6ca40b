#include "engine/sys/recording.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

// zlib reads plain files through the same calls, so both kinds of recording are one code path. The
// block is larger than the longest line, so a line is a span of the block and is never copied
// twice.

#define BLOCK_BYTES (256u * 1024)

struct weir_recording {
    gzFile file;
    char *path;
    struct weir_span room;
    int64_t step_ms;
    int64_t last_ts_ms;
    weir_bad_line_fn on_bad_line;
    void *user;

    char *block;
    size_t start; // of what has not been handed out
    size_t end;
    bool at_end;
    bool skipping; // inside a line that is too long
    const char *failure;

    struct weir_span line;
    uint64_t line_number;
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

static gzFile open_file(const char *path)
{
    gzFile file = strcmp(path, "-") == 0 ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
    if (file) {
        gzbuffer(file, BLOCK_BYTES);
    }
    return file;
}

struct weir_recording *weir_recording_open(const char *path, uint32_t rate,
                                           weir_bad_line_fn on_bad_line, void *user,
                                           struct weir_error *err)
{
    errno = 0;
    gzFile file = open_file(path);
    if (!file) {
        weir_error_set(err, "cannot open the recording %s: %s", path,
                       errno ? strerror(errno) : "out of memory");
        return NULL;
    }
    struct weir_recording *recording = weir_new(struct weir_recording);
    recording->file = file;
    recording->path = weir_strdup(path);
    recording->room = room_of(recording->path);
    recording->step_ms = rate ? 1000 / rate : 1000;
    recording->on_bad_line = on_bad_line;
    recording->user = user;
    recording->block = weir_alloc_zeroed(BLOCK_BYTES, 1);
    return recording;
}

void weir_recording_close(struct weir_recording **recording)
{
    struct weir_recording *old = weir_take(*recording);
    if (!old) {
        return;
    }
    gzclose(old->file);
    weir_room_reader_fini(&old->reader);
    free(old->block);
    free(old->path);
    free(old);
}

// Moves what is left to the front and reads behind it. Sets `at_end` where nothing more comes.
static void fill(struct weir_recording *recording)
{
    size_t left = recording->end - recording->start;
    memmove(recording->block, recording->block + recording->start, left);
    recording->start = 0;
    recording->end = left;
    int count = gzread(recording->file, recording->block + left, (unsigned)(BLOCK_BYTES - left));
    if (count > 0) {
        recording->end += (size_t)count;
        return;
    }
    recording->at_end = true;
    int code = Z_OK;
    const char *cause = gzerror(recording->file, &code);
    if (code != Z_OK && code != Z_STREAM_END) {
        recording->failure = code == Z_ERRNO ? strerror(errno) : cause;
    }
}

static void report(struct weir_recording *recording, struct weir_span cause)
{
    recording->bad_lines++;
    if (recording->on_bad_line) {
        recording->on_bad_line(recording->user, recording->path, recording->line_number, cause);
    }
}

// Gives up on a line that does not end within the limit: the rest of it is read and forgotten.
static void skip_long_line(struct weir_recording *recording)
{
    if (!recording->skipping) {
        recording->skipping = true;
        recording->line_number++;
        report(recording, WEIR_SPAN("longer than 64 KiB"));
    }
    recording->start = recording->end;
}

// The next line without its end. False at the end of the file. A last line without a LF counts.
static bool next_line(struct weir_recording *recording)
{
    for (;;) {
        char *from = recording->block + recording->start;
        size_t have = recording->end - recording->start;
        char *lf = memchr(from, '\n', have);
        if (!lf && !recording->at_end) {
            if (have > WEIR_ROOM_OBJECT_BYTES + 1) {
                skip_long_line(recording);
            }
            fill(recording);
            continue;
        }
        if (!lf && have == 0) {
            return false;
        }
        size_t length = lf ? (size_t)(lf - from) : have;
        recording->start += lf ? length + 1 : length;
        if (recording->skipping) {
            recording->skipping = false;
            continue;
        }
        recording->line_number++;
        recording->line = weir_span_trim((struct weir_span){from, length});
        return true;
    }
}

static void complete_message(struct weir_recording *recording)
{
    struct weir_message *message = &recording->message;
    *message = *recording->event.message;
    if (message->id.length == 0) {
        int length = snprintf(recording->id, sizeof(recording->id), "#%llu",
                              (unsigned long long)recording->line_number);
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
        if (recording->line.length == 0) {
            continue; // an empty line is the end of a file that was put together, not a mistake
        }
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
    return recording->line_number;
}

uint64_t weir_recording_bad_lines(const struct weir_recording *recording)
{
    return recording->bad_lines;
}

const char *weir_recording_failure(const struct weir_recording *recording)
{
    return recording->failure;
}

struct weir_span weir_recording_room(const struct weir_recording *recording)
{
    return recording->room;
}
