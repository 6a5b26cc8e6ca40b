#include "engine/commands/progress.h"

#include "engine/commands/terminal_size.h"
#include "engine/sys/clock.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_US INT64_C(500000) // what is over sooner needs no bar
#define EVERY_US    INT64_C(100000)
#define BAR_MOST    40
#define BAR_LEAST   10
#define WORDS       48 // columns that the numbers take

static uint64_t size_of(const char *path)
{
    struct stat status;
    bool is_file = stat(path, &status) == 0 && S_ISREG(status.st_mode);
    return is_file ? (uint64_t)status.st_size : 0;
}

void weir_progress_start(struct weir_progress *progress, const struct weir_paths *files,
                         bool writes_to_terminal)
{
    *progress = (struct weir_progress){
        .is_wanted = isatty(STDERR_FILENO) && !(writes_to_terminal && isatty(STDOUT_FILENO)),
        .began_us = weir_clock_monotonic_us(),
    };
    for (size_t i = 0; i < files->count; i++) {
        progress->total_bytes += size_of(files->items[i]);
    }
}

void weir_progress_file(struct weir_progress *progress, const char *path)
{
    progress->before_bytes += progress->file_bytes;
    progress->file_bytes = size_of(path);
}

static void draw_bar(const struct weir_progress *progress, double share)
{
    size_t columns = weir_terminal_columns(STDERR_FILENO);
    size_t width = columns > WORDS + BAR_LEAST ? columns - WORDS : BAR_LEAST;
    width = width > BAR_MOST ? BAR_MOST : width;
    char bar[BAR_MOST + 1] = "";
    for (size_t i = 0; i < width; i++) {
        bar[i] = (double)i < share * (double)width ? '#' : '.';
    }
    double seconds = (double)(progress->shown_us - progress->began_us) / 1e6;
    fprintf(stderr, "\r[%s] %3.0f %%  %.0f messages/s  %.0f s left\033[K", bar, share * 100,
            (double)progress->done / seconds, share > 0 ? seconds / share - seconds : 0);
}

void weir_progress_look(struct weir_progress *progress, uint32_t thousandths)
{
    int64_t now_us = weir_clock_monotonic_us();
    if (now_us - progress->began_us < PATIENCE_US || now_us - progress->shown_us < EVERY_US) {
        return;
    }
    progress->shown_us = now_us;
    progress->is_shown = true;
    if (progress->total_bytes == 0) {
        fprintf(stderr, "\r%llu messages\033[K", (unsigned long long)progress->done);
        return;
    }
    double done =
        (double)progress->before_bytes + (double)progress->file_bytes * (double)thousandths / 1000;
    draw_bar(progress, done / (double)progress->total_bytes);
}

void weir_progress_clear(struct weir_progress *progress)
{
    if (progress->is_shown) {
        fputs("\r\033[K", stderr);
        progress->is_shown = false;
    }
}
