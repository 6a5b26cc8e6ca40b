#include "engine/sys/log.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/base/utf8.h"
#include "engine/sys/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WINDOW_MS        10000
#define LINES_PER_WINDOW 5
#define SLOTS            512 // power of two
#define CAUSE_BYTES      300
#define ROOM_BYTES       64

// How often one event of one room was said in the present window. Slots are found by hash and
// taken over by whoever comes later: then what the former owner left out is said at once.
struct slot {
    uint64_t key;
    int64_t since_ms;
    uint32_t said;
    uint64_t suppressed;
    const char *event;
    char room[ROOM_BYTES];
    size_t room_length;
};

struct weir_log {
    int fd;
    struct weir_buffer line;
    struct slot slots[SLOTS];
};

static const char *const level_names[] = {"info", "warn", "error"};

struct weir_log *weir_log_create(int fd)
{
    struct weir_log *log = weir_new(struct weir_log);
    log->fd = fd;
    return log;
}

// Controls, line and paragraph separators, and what turns the direction of text around.
static bool is_obeyed(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void add_safe_character(struct weir_buffer *out, uint32_t c)
{
    if (c == '"' || c == '\\') {
        weir_buffer_add_byte(out, '\\');
        weir_buffer_add_byte(out, (char)c);
    } else if (is_obeyed(c)) {
        weir_buffer_printf(out, "\\u%04x", c);
    } else {
        weir_utf8_add(out, c);
    }
}

void weir_log_add_safe(struct weir_buffer *out, struct weir_span text, size_t limit_bytes)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer repaired = {0};
    weir_utf8_add_repaired(&repaired, weir_span_slice(text, 0, limit_bytes));
    struct weir_span valid = weir_buffer_span(&repaired);
    for (size_t at = 0; at < valid.length;) {
        add_safe_character(out, weir_utf8_next(valid, &at));
    }
    if (text.length > limit_bytes) {
        weir_buffer_add_text(out, "...");
    }
}

static bool is_plain(struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == '"' || c == '=' || c == 0x7f || c == '\\') {
            return false;
        }
    }
    return text.length > 0;
}

static void add_field(struct weir_buffer *line, const char *name, struct weir_span value,
                      size_t limit_bytes)
{
    bool quoted = !is_plain(value);
    weir_buffer_printf(line, " %s=%s", name, quoted ? "\"" : "");
    weir_log_add_safe(line, value, limit_bytes);
    if (quoted) {
        weir_buffer_add_byte(line, '"');
    }
}

static void begin_line(struct weir_log *log, int64_t wall_ms, enum weir_log_level level,
                       struct weir_span room, const char *event)
{
    char time[32];
    weir_clock_format(wall_ms, time);
    weir_buffer_clear(&log->line);
    weir_buffer_printf(&log->line, "%s %s %s", time, level_names[level], event);
    if (room.length > 0) {
        add_field(&log->line, "room", room, ROOM_BYTES);
    }
}

static void end_line(struct weir_log *log)
{
    weir_buffer_add_byte(&log->line, '\n');
    // A log that can't be written has nobody to complain to.
    ssize_t written = write(log->fd, log->line.data, log->line.length);
    (void)written;
}

static void say_suppressed(struct weir_log *log, struct slot *slot, int64_t wall_ms)
{
    if (slot->suppressed > 0) {
        struct weir_span room = {slot->room, slot->room_length};
        begin_line(log, wall_ms, WEIR_LOG_WARN, room, slot->event);
        weir_buffer_printf(&log->line, " suppressed=%llu", (unsigned long long)slot->suppressed);
        end_line(log);
    }
    slot->suppressed = 0;
}

static struct slot *slot_of(struct weir_log *log, int64_t wall_ms, struct weir_span room,
                            const char *event)
{
    struct weir_hash_key salt = {1, 2};
    salt.low = weir_hash(salt, weir_span_of(event));
    uint64_t key = weir_hash(salt, room) | 1;
    struct slot *slot = &log->slots[(key >> 1) % SLOTS];
    if (slot->key != key || wall_ms - slot->since_ms >= WINDOW_MS || wall_ms < slot->since_ms) {
        say_suppressed(log, slot, wall_ms);
        struct weir_span cut = weir_span_slice(room, 0, ROOM_BYTES);
        *slot = (struct slot){.key = key, .since_ms = wall_ms, .event = event};
        slot->room_length = cut.length;
        if (cut.data) {
            memcpy(slot->room, cut.data, cut.length);
        }
    }
    return slot;
}

static void say(struct weir_log *log, int64_t wall_ms, enum weir_log_level level,
                struct weir_span room, const char *event, const char *format, va_list args)
{
    if (!log) {
        return;
    }
    struct slot *slot = slot_of(log, wall_ms, room, event);
    if (slot->said >= LINES_PER_WINDOW) {
        slot->suppressed++;
        return;
    }
    slot->said++;
    char cause[1024];
    vsnprintf(cause, sizeof(cause), format, args);
    begin_line(log, wall_ms, level, room, event);
    if (cause[0] != '\0') {
        add_field(&log->line, "cause", weir_span_of(cause), CAUSE_BYTES);
    }
    end_line(log);
}

void weir_log_say(struct weir_log *log, enum weir_log_level level, struct weir_span room,
                  const char *event, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, weir_clock_wall_ms(), level, room, event, format, args);
    va_end(args);
}

void weir_log_say_at(struct weir_log *log, int64_t wall_ms, enum weir_log_level level,
                     struct weir_span room, const char *event, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, wall_ms, level, room, event, format, args);
    va_end(args);
}

void weir_log_tick(struct weir_log *log, int64_t wall_ms)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (wall_ms - log->slots[i].since_ms >= WINDOW_MS) {
            say_suppressed(log, &log->slots[i], wall_ms);
        }
    }
}

void weir_log_destroy(struct weir_log **log)
{
    if (*log) {
        for (size_t i = 0; i < SLOTS; i++) {
            say_suppressed(*log, &(*log)->slots[i], weir_clock_wall_ms());
        }
        weir_buffer_fini(&(*log)->line);
        free(*log);
        *log = NULL;
    }
}
