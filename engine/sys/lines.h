/**
 * The lines of a file, plain or gzip, however large it is: memory is bounded by the longest line
 * that is accepted.
 */
#ifndef WEIR_SYS_LINES_H
#define WEIR_SYS_LINES_H

#include "engine/base/error.h"

/** Longest line that is handed out: that of the longest frame (engine/base/room_protocol.h). */
#define WEIR_LINE_BYTES 65536u

struct weir_lines;

/** "-" is standard input. NULL with `err` set when the file can't be opened. */
struct weir_lines *weir_lines_open(const char *path, struct weir_error *err);
void weir_lines_close(struct weir_lines **lines);

enum weir_line {
    WEIR_LINE_END,      // no more, or the file is damaged: weir_lines_failure() tells
    WEIR_LINE_READ,     // a line, without its end and the blanks around it; may be empty
    WEIR_LINE_TOO_LONG, // it was skipped
};

/** The next line; lives until the next call. A last line without a LF counts. */
enum weir_line weir_lines_next(struct weir_lines *lines, struct weir_span *line_out);

/** The number of the line that was handed out last, from 1. */
uint64_t weir_lines_number(const struct weir_lines *lines);

/** How many thousandths of the file have been read; 0 where its size is not known (a pipe). */
uint32_t weir_lines_progress(const struct weir_lines *lines);

/** Why reading ended before the file did (a damaged .gz, a disk that failed), or NULL. */
const char *weir_lines_failure(const struct weir_lines *lines);

#endif
