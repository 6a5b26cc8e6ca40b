#include "engine/sys/lines.h"

#include "engine/base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

// zlib reads plain files through the same calls, so both kinds of file are one code path. The
// block is larger than the longest line, so a line is a span of the block and is never copied
// twice.

#define BLOCK_BYTES (256u * 1024)

struct weir_lines {
    gzFile file;
    uint64_t file_bytes; // 0: not known
    char *block;
    size_t start; // of what has not been handed out
    size_t end;
    bool at_end;
    bool skipping; // inside a line that is too long
    const char *failure;
    uint64_t number;
};

static gzFile open_file(const char *path, uint64_t *bytes_out)
{
    struct stat status;
    gzFile file = strcmp(path, "-") == 0 ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
    if (file) {
        gzbuffer(file, BLOCK_BYTES);
        bool has_size = stat(path, &status) == 0 && S_ISREG(status.st_mode);
        *bytes_out = has_size ? (uint64_t)status.st_size : 0;
    }
    return file;
}

struct weir_lines *weir_lines_open(const char *path, struct weir_error *err)
{
    errno = 0;
    uint64_t file_bytes = 0;
    gzFile file = open_file(path, &file_bytes);
    if (!file) {
        weir_error_set(err, "cannot open %s: %s", path, errno ? strerror(errno) : "out of memory");
        return NULL;
    }
    struct weir_lines *lines = weir_new(struct weir_lines);
    lines->file = file;
    lines->file_bytes = file_bytes;
    lines->block = weir_alloc_zeroed(BLOCK_BYTES, 1);
    return lines;
}

void weir_lines_close(struct weir_lines **lines)
{
    struct weir_lines *old = weir_take(*lines);
    if (old) {
        gzclose(old->file);
        free(old->block);
        free(old);
    }
}

// Moves what is left to the front and reads behind it. Sets `at_end` where nothing more comes.
static void fill(struct weir_lines *lines)
{
    size_t left = lines->end - lines->start;
    memmove(lines->block, lines->block + lines->start, left);
    lines->start = 0;
    lines->end = left;
    int count = gzread(lines->file, lines->block + left, (unsigned)(BLOCK_BYTES - left));
    if (count > 0) {
        lines->end += (size_t)count;
        return;
    }
    lines->at_end = true;
    int code = Z_OK;
    const char *cause = gzerror(lines->file, &code);
    if (code != Z_OK && code != Z_STREAM_END) {
        lines->failure = code == Z_ERRNO ? strerror(errno) : cause;
    }
}

enum weir_line weir_lines_next(struct weir_lines *lines, struct weir_span *line_out)
{
    for (;;) {
        char *from = lines->block + lines->start;
        size_t have = lines->end - lines->start;
        char *lf = memchr(from, '\n', have);
        bool gives_up = !lf && have > WEIR_LINE_BYTES + 1;
        bool is_first_piece = gives_up && !lines->skipping;
        if (gives_up) { // the rest of it is read and forgotten
            lines->skipping = true;
            lines->start = lines->end;
            lines->number += is_first_piece;
        }
        if (is_first_piece) {
            return WEIR_LINE_TOO_LONG;
        }
        if (!lf && !lines->at_end) {
            fill(lines);
            continue;
        }
        if (!lf && (have == 0 || gives_up)) {
            return WEIR_LINE_END;
        }
        size_t length = lf ? (size_t)(lf - from) : have;
        lines->start += lf ? length + 1 : length;
        if (lines->skipping) {
            lines->skipping = false;
            continue;
        }
        lines->number++;
        if (length > WEIR_LINE_BYTES + 1) { // a CR may stand before the LF
            return WEIR_LINE_TOO_LONG;
        }
        *line_out = weir_span_trim((struct weir_span){from, length});
        return WEIR_LINE_READ;
    }
}

uint64_t weir_lines_number(const struct weir_lines *lines)
{
    return lines->number;
}

uint32_t weir_lines_progress(const struct weir_lines *lines)
{
    z_off_t at = gzoffset(lines->file);
    bool is_known = lines->file_bytes > 0 && at > 0;
    uint64_t done = is_known ? (uint64_t)at * 1000 / lines->file_bytes : 0;
    return done > 1000 ? 1000 : (uint32_t)done;
}

const char *weir_lines_failure(const struct weir_lines *lines)
{
    return lines->failure;
}
