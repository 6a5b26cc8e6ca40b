/**
 * The daemon's log: one line a thing, on stderr, for people and for grep.
 *
 *     2026-11-21T23:22:39.123Z warn link.closed room=r1 cause="refused: HTTP 403"
 *
 * Text from outside never stands in it raw: it is cut, and what a terminal would obey is escaped.
 * The same event of the same room is written a few times in ten seconds; what is left out after
 * that is counted, and the count is said, so that a hostile room can't fill a disk.
 */
#ifndef WEIR_SYS_LOG_H
#define WEIR_SYS_LOG_H

#include "engine/base/buffer.h"

enum weir_log_level {
    WEIR_LOG_INFO,
    WEIR_LOG_WARN,
    WEIR_LOG_ERROR,
};

struct weir_log;

/** Writes to `fd`, which stays the caller's. */
struct weir_log *weir_log_create(int fd);
/** Says what is still suppressed, then frees. */
void weir_log_destroy(struct weir_log **log);

/**
 * Writes a line. `room` may be empty; `event` is a word of ours (link.closed), by which lines are
 * told apart. A NULL `log` writes nothing.
 */
__attribute__((format(printf, 5, 6))) void weir_log_say(struct weir_log *log,
                                                        enum weir_log_level level,
                                                        struct weir_span room, const char *event,
                                                        const char *format, ...);

/** The same at a given time, for tests. */
__attribute__((format(printf, 6, 7))) void weir_log_say_at(struct weir_log *log, int64_t wall_ms,
                                                           enum weir_log_level level,
                                                           struct weir_span room, const char *event,
                                                           const char *format, ...);

/** Says what was suppressed in windows that are over. Call it every few seconds. */
void weir_log_tick(struct weir_log *log, int64_t wall_ms);

/** Adds `text`, cut to `limit_bytes`, without anything that a terminal would obey. */
void weir_log_add_safe(struct weir_buffer *out, struct weir_span text, size_t limit_bytes);

#endif
