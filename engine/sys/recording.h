/**
 * Recorded chats, `.jsonl` or `.jsonl.gz`, read line by line with the defaults of design.md 5.
 *
 * A line is any frame that a room server may say; without a `type` it is a chat line. What a line
 * leaves out is filled in: id `#LINE`, the room is the file's name, `ts` is when it
 * arrived, or the one before plus 1000 / rate. Memory is bounded by the longest line that is
 * accepted, whatever the file's size.
 */
#ifndef WEIR_SYS_RECORDING_H
#define WEIR_SYS_RECORDING_H

#include "engine/base/error.h"

struct weir_recording;

/** Hears of a line that could not be used. `path` and `cause` are borrowed for the call. */
typedef void (*weir_bad_line_fn)(void *user, const char *path, uint64_t line,
                                 struct weir_span cause);

/**
 * Opens a recording; "-" is standard input. `rate` = messages a second where lines have no `ts`,
 * 0 = 1. Each line that can't be read is told to `on_bad_line` (may be NULL), counted and skipped.
 *
 * Returns NULL with `err` set when the file can't be opened.
 */
struct weir_recording *weir_recording_open(const char *path, uint32_t rate,
                                           weir_bad_line_fn on_bad_line, void *user,
                                           struct weir_error *err);
void weir_recording_close(struct weir_recording **recording);

/**
 * The next event: a message, an edit, gone, room, gap or done. NULL at the end, or where the file
 * itself is damaged: weir_recording_failure() tells. Lives until the next call.
 */
const struct weir_event *weir_recording_next(struct weir_recording *recording);

/** When the last event came in, as whoever recorded it wrote down; without that, the time of the
 * message itself. What is judged with it gets the verdict that it got live. */
int64_t weir_recording_arrived_ms(const struct weir_recording *recording);

/** The line that the last event stands in, its first byte to its last, without the line end. */
struct weir_span weir_recording_line(const struct weir_recording *recording);
uint64_t weir_recording_line_number(const struct weir_recording *recording);

/** Lines that were told to on_bad_line so far. */
uint64_t weir_recording_bad_lines(const struct weir_recording *recording);

/** Why reading ended before the file did (a damaged .gz, a disk that failed), or NULL. */
const char *weir_recording_failure(const struct weir_recording *recording);

/** How many thousandths of the file have been read; 0 where its size is not known (a pipe). */
uint32_t weir_recording_progress(const struct weir_recording *recording);

/** The room that lines without one belong to: the file's name without folder and endings. */
struct weir_span weir_recording_room(const struct weir_recording *recording);

#endif
