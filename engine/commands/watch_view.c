#include "engine/commands/watch_view.h"

#include "engine/base/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

// Escape sequences of the looks that a line is made of.
#define DIM       "\x1b[2m"
#define CYAN      "\x1b[36m"
#define YELLOW    "\x1b[33m"
#define MAGENTA   "\x1b[35m"
#define RED       "\x1b[31m"
#define UNDERLINE "\x1b[4m"
#define PLAIN     "\x1b[0m"

#define TAG_COLUMNS 16

void watch_view_fini(struct watch_view *view)
{
    weir_buffer_fini(&view->marks);
}

static void put_look(const struct watch_view *view, const char *look, struct weir_buffer *out)
{
    if (view->has_color) {
        weir_buffer_add_text(out, look);
    }
}

static void put_time(int64_t wall_ms, struct weir_buffer *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm local;
    char text[16];
    localtime_r(&seconds, &local);
    strftime(text, sizeof(text), "%H:%M:%S ", &local);
    weir_buffer_add_text(out, text);
}

static const char *look_of(const struct weir_verdict *verdict)
{
    static const char *const looks[] = {
        [WEIR_MESSAGE_PASS] = DIM,     [WEIR_MESSAGE_FLAG] = YELLOW, [WEIR_MESSAGE_MASK] = MAGENTA,
        [WEIR_MESSAGE_HOLD] = MAGENTA, [WEIR_MESSAGE_DELETE] = RED,
    };
    bool only_user =
        verdict->message_verdict == WEIR_MESSAGE_PASS && verdict->user_verdict != WEIR_USER_NONE;
    return only_user ? RED : looks[verdict->message_verdict];
}

// The verdict in one column: "pass", "delete+timeout".
static void put_tag(const struct watch_view *view, const struct weir_verdict *verdict,
                    struct weir_buffer *out)
{
    char tag[64] = "self";
    if (verdict && verdict->user_verdict != WEIR_USER_NONE) {
        snprintf(tag, sizeof(tag), "%s+%s", weir_message_verdict_name(verdict->message_verdict),
                 weir_user_verdict_name(verdict->user_verdict));
    } else if (verdict) {
        snprintf(tag, sizeof(tag), "%s", weir_message_verdict_name(verdict->message_verdict));
    }
    put_look(view, verdict ? look_of(verdict) : DIM, out);
    weir_buffer_printf(out, "%-*s", TAG_COLUMNS, tag);
    put_look(view, PLAIN, out);
}

static bool is_live(const struct weir_rule *rule)
{
    return rule->mode == WEIR_MODE_LIVE;
}

// A mark for each byte of the text that a hit of a live rule covers.
static void mark_hits(struct watch_view *view, const struct weir_verdict *verdict, size_t length)
{
    weir_buffer_clear(&view->marks);
    memset(weir_buffer_reserve(&view->marks, length), 0, length);
    view->marks.length = length;
    for (size_t i = 0; verdict && i < verdict->hit_count; i++) {
        const struct weir_verdict_hit *hit = &verdict->hits[i];
        for (size_t at = hit->range.start; is_live(hit->rule) && at < hit->range.end; at++) {
            if (at < length) {
                view->marks.data[at] = 1;
            }
        }
    }
}

static void put_text(struct watch_view *view, struct weir_span text, struct weir_buffer *out)
{
    for (size_t start = 0; start < text.length;) {
        char mark = view->marks.data[start];
        size_t end = start;
        while (end < text.length && view->marks.data[end] == mark) {
            end++;
        }
        put_look(view, mark ? UNDERLINE : "", out);
        weir_terminal_add(out, weir_span_slice(text, start, end));
        put_look(view, mark ? PLAIN : "", out);
        start = end;
    }
}

static void put_why(const struct watch_view *view, const struct weir_verdict *verdict,
                    struct weir_buffer *out)
{
    put_look(view, DIM, out);
    for (size_t i = 0; i < verdict->fired_count; i++) {
        weir_buffer_add_text(out, i == 0 ? "  <- " : ", ");
        weir_terminal_add(out, verdict->fired[i]->id);
    }
    for (size_t i = 0; i < verdict->shadow_fired_count; i++) {
        weir_buffer_add_text(out, i == 0 ? "  (shadow: " : ", ");
        weir_terminal_add(out, verdict->shadow_fired[i]->id);
    }
    weir_buffer_add_text(out, verdict->shadow_fired_count > 0 ? ")" : "");
    if (verdict->score != 0) {
        weir_buffer_printf(out, " %+" PRId32, verdict->score);
    }
    put_look(view, PLAIN, out);
    if (verdict->is_question) {
        put_look(view, CYAN, out);
        weir_buffer_add_text(out, verdict->is_urgent ? "  ?!" : "  ?");
        weir_terminal_add(out, verdict->topic ? verdict->topic->id : (struct weir_span){NULL, 0});
        put_look(view, PLAIN, out);
    }
}

static void put_room(const struct watch_view *view, struct weir_span room, struct weir_buffer *out)
{
    if (view->has_rooms && room.length > 0) {
        put_look(view, DIM, out);
        weir_terminal_add(out, room);
        weir_buffer_add_byte(out, ' ');
        put_look(view, PLAIN, out);
    }
}

static void count(struct watch_view *view, const struct weir_verdict *verdict)
{
    view->messages++;
    view->hits += verdict && verdict->fired_count > 0;
    view->questions += verdict && verdict->is_question;
}

void watch_view_add_message(struct watch_view *view, const struct weir_message *message,
                            const struct weir_verdict *verdict, int64_t wall_ms,
                            struct weir_buffer *out)
{
    struct weir_span name = message->user.name.length ? message->user.name : message->user.id;
    count(view, verdict);
    put_look(view, DIM, out);
    put_time(wall_ms, out);
    put_look(view, PLAIN, out);
    put_room(view, message->room, out);
    put_tag(view, verdict, out);
    put_look(view, CYAN, out);
    weir_terminal_add(out, name.length ? name : WEIR_SPAN("?"));
    put_look(view, PLAIN, out);
    weir_buffer_add_text(out, message->is_edit ? " (edited): " : ": ");
    mark_hits(view, verdict, message->text.length);
    put_text(view, message->text, out);
    if (verdict) {
        put_why(view, verdict, out);
    }
    weir_buffer_add_byte(out, '\n');
}

void watch_view_add_note(const struct watch_view *view, struct weir_span room,
                         struct weir_span text, struct weir_buffer *out)
{
    put_look(view, DIM, out);
    weir_buffer_add_text(out, "-- ");
    if (room.length > 0) {
        weir_terminal_add(out, room);
        weir_buffer_add_text(out, ": ");
    }
    weir_terminal_add(out, text);
    put_look(view, PLAIN, out);
    weir_buffer_add_byte(out, '\n');
}

void watch_view_add_status(const struct watch_view *view, struct weir_span connection, double rate,
                           struct weir_buffer *out)
{
    put_look(view, "\x1b[7m", out);
    weir_buffer_add_byte(out, ' ');
    weir_terminal_add(out, connection);
    weir_buffer_printf(
        out, " | %" PRIu64 " messages, %.1f/s | %" PRIu64 " hits | %" PRIu64 " questions ",
        view->messages, rate, view->hits, view->questions);
    if (view->refused > 0) {
        weir_buffer_printf(out, "| %" PRIu64 " unreadable ", view->refused);
    }
    put_look(view, PLAIN, out);
}
