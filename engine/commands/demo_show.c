#include "engine/commands/demo_show.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/sys/files.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_BYTES 65536

// Removals that were read before their message: the daemon writes the record when it has time.
#define EARLY_REMOVALS 32
#define ID_BYTES       64

/** A file that grows, read line by line; `path` may name the folder that will hold it. */
struct tail {
    char *path;
    FILE *file;
    struct weir_buffer rest; // of a line whose end has not come yet
};

struct demo_show {
    struct weir_panes *panes;
    bool plain;
    struct tail chat;
    struct tail verdicts;
    struct tail room;
    struct weir_room_reader reader;
    struct weir_room_listener *listener;
    struct weir_buffer text; // of the line that is being made
    char early[EARLY_REMOVALS][ID_BYTES];
    size_t early_count;
    struct demo_counters counters;
};

typedef void (*line_fn)(struct demo_show *show, struct weir_span line);

static void tail_init(struct tail *tail, const char *folder, const char *name)
{
    struct weir_buffer path = {0};
    weir_buffer_printf(&path, "%s/%s", folder, name);
    tail->path = weir_strdup(weir_buffer_text(&path));
    weir_buffer_fini(&path);
}

static void tail_fini(struct tail *tail)
{
    if (tail->file) {
        fclose(tail->file);
    }
    free(tail->path);
    weir_buffer_fini(&tail->rest);
}

static bool tail_open(struct tail *tail)
{
    struct weir_paths paths = {0};
    struct weir_error err = {0};
    if (!tail->file && weir_paths_add_files(&paths, tail->path, ".jsonl", &err)) {
        tail->file = fopen(paths.items[0], "rb");
    }
    weir_paths_fini(&paths);
    return tail->file != NULL;
}

static bool tail_read(struct tail *tail, struct demo_show *show, line_fn on_line)
{
    if (!tail_open(tail)) {
        return false;
    }
    clearerr(tail->file);
    char *end = weir_buffer_reserve(&tail->rest, READ_BYTES);
    size_t got = fread(end, 1, READ_BYTES, tail->file);
    tail->rest.length += got;

    struct weir_span rest = weir_buffer_span(&tail->rest);
    while (rest.length > 0 && memchr(rest.data, '\n', rest.length)) {
        on_line(show, weir_span_take_until(&rest, '\n'));
    }
    weir_buffer_drop_front(&tail->rest, tail->rest.length - rest.length);
    return got > 0;
}

struct demo_show *demo_show_create(const char *folder, struct weir_panes *panes, bool plain)
{
    struct demo_show *show = weir_new(struct demo_show);
    show->panes = panes;
    show->plain = plain;
    tail_init(&show->chat, folder, "chats");
    tail_init(&show->verdicts, folder, "state/verdicts");
    tail_init(&show->room, folder, "room.jsonl");
    show->listener = weir_room_listener_create();
    return show;
}

void demo_show_destroy(struct demo_show **show)
{
    if (!*show) {
        return;
    }
    tail_fini(&(*show)->chat);
    tail_fini(&(*show)->verdicts);
    tail_fini(&(*show)->room);
    weir_room_reader_fini(&(*show)->reader);
    weir_room_listener_destroy(&(*show)->listener);
    weir_buffer_fini(&(*show)->text);
    free(*show);
    *show = NULL;
}

void demo_show_add(struct demo_show *show, size_t pane, struct weir_span key, struct weir_span text,
                   enum weir_look look)
{
    if (!show->plain) {
        weir_panes_add(show->panes, pane, key, text, look);
        return;
    }
    struct weir_buffer out = {0};
    weir_panes_print(show->panes, pane, text, &out);
    fwrite(out.data, 1, out.length, stdout);
    weir_buffer_fini(&out);
}

static void remember_removal(struct demo_show *show, struct weir_span id)
{
    if (id.length > 0 && id.length < ID_BYTES) {
        char *slot = show->early[show->early_count++ % EARLY_REMOVALS];
        snprintf(slot, ID_BYTES, "%.*s", WEIR_SPAN_ARGS(id));
    }
}

static bool was_removed(const struct demo_show *show, struct weir_span id)
{
    for (size_t i = 0; i < EARLY_REMOVALS; i++) {
        if (id.length > 0 && weir_span_is(id, show->early[i])) {
            return true;
        }
    }
    return false;
}

static void on_chat(struct demo_show *show, struct weir_span line)
{
    const struct weir_event *event = weir_room_read(&show->reader, line);
    if (event->kind != WEIR_EVENT_MESSAGE) {
        return;
    }
    const struct weir_message *message = event->message;
    weir_buffer_clear(&show->text);
    weir_buffer_printf(&show->text, "%.*s: %.*s", WEIR_SPAN_ARGS(message->user.name),
                       WEIR_SPAN_ARGS(message->text));
    demo_show_add(show, DEMO_PANE_ROOM, message->id, weir_buffer_span(&show->text),
                  was_removed(show, message->id) ? WEIR_LOOK_REMOVED : WEIR_LOOK_PLAIN);
    show->counters.messages++;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void add_outcome(struct weir_buffer *out, const json_t *verdict)
{
    const char *user = text_of(verdict, "user_verdict");
    weir_buffer_add_text(out, text_of(verdict, "verdict"));
    if (user[0] && strcmp(user, "none") != 0) {
        weir_buffer_printf(out, "+%s", user);
    }
}

static enum weir_look look_of(const char *verdict)
{
    if (strcmp(verdict, "delete") == 0 || strcmp(verdict, "hold") == 0) {
        return WEIR_LOOK_BAD;
    }
    return strcmp(verdict, "pass") == 0 ? WEIR_LOOK_DIM : WEIR_LOOK_NOTICE;
}

static void show_verdict(struct demo_show *show, const json_t *verdict)
{
    const json_t *hit = json_array_get(json_object_get(verdict, "hits"), 0);
    const json_t *question = json_object_get(verdict, "question");
    const char *outcome = text_of(verdict, "verdict");
    struct weir_buffer *text = &show->text;

    weir_buffer_clear(text);
    add_outcome(text, verdict);
    if (hit) {
        weir_buffer_printf(text, "  %s \"%s\"", text_of(hit, "rule"), text_of(hit, "text"));
    }
    if (json_is_object(question)) {
        const char *topic = text_of(question, "topic");
        weir_buffer_printf(text, "  question%s%s", topic[0] ? ": " : "", topic);
        show->counters.questions++;
    }
    demo_show_add(show, DEMO_PANE_VERDICTS, (struct weir_span){NULL, 0}, weir_buffer_span(text),
                  json_is_object(question) && !hit ? WEIR_LOOK_PLAIN : look_of(outcome));
}

static void on_verdict(struct demo_show *show, struct weir_span line)
{
    json_t *verdict = json_loadb(line.data, line.length, 0, NULL);
    if (verdict) {
        show_verdict(show, verdict);
        json_decref(verdict);
    }
}

static void say_in_room(struct demo_show *show, enum weir_look look)
{
    demo_show_add(show, DEMO_PANE_ROOM, (struct weir_span){NULL, 0}, weir_buffer_span(&show->text),
                  look);
}

static void show_action(struct demo_show *show, const struct weir_action *action)
{
    weir_buffer_clear(&show->text);
    switch (action->kind) {
    case WEIR_DO_DELETE:
    case WEIR_DO_HOLD:
        show->counters.removed++;
        if (show->plain) {
            weir_buffer_printf(&show->text, "  (%s %.*s)", weir_do_name(action->kind),
                               WEIR_SPAN_ARGS(action->message));
            say_in_room(show, WEIR_LOOK_DIM);
        } else if (!weir_panes_restyle(show->panes, DEMO_PANE_ROOM, action->message,
                                       WEIR_LOOK_REMOVED)) {
            remember_removal(show, action->message);
        }
        break;
    case WEIR_DO_TIMEOUT:
        show->counters.muted++;
        weir_buffer_printf(&show->text, "  (muted for %u min: %.*s)", action->seconds / 60,
                           WEIR_SPAN_ARGS(action->reason));
        say_in_room(show, WEIR_LOOK_NOTICE);
        break;
    case WEIR_DO_REPLY:
        show->counters.replies++;
        weir_buffer_printf(&show->text, "  weir: %.*s", WEIR_SPAN_ARGS(action->text));
        say_in_room(show, WEIR_LOOK_GOOD);
        break;
    default:
        weir_buffer_printf(&show->text, "  (%s)", weir_do_name(action->kind));
        say_in_room(show, WEIR_LOOK_DIM);
        break;
    }
}

// What the room server heard: one of our frames, as text, in "frame".
static void on_heard(struct demo_show *show, struct weir_span line)
{
    json_t *entry = json_loadb(line.data, line.length, 0, NULL);
    struct weir_span frame = weir_span_of(json_string_value(json_object_get(entry, "frame")));
    if (frame.length > 0) {
        const struct weir_room_heard *heard = weir_room_hear(show->listener, frame);
        if (heard->kind == WEIR_ROOM_HEARD_ACTION) {
            show_action(show, &heard->action);
        }
    }
    json_decref(entry);
}

bool demo_show_read(struct demo_show *show)
{
    // The message first: what was decided about it changes its looks.
    bool chat = tail_read(&show->chat, show, on_chat);
    bool verdicts = tail_read(&show->verdicts, show, on_verdict);
    bool room = tail_read(&show->room, show, on_heard);
    return chat || verdicts || room;
}

const struct demo_counters *demo_show_counters(const struct demo_show *show)
{
    return &show->counters;
}
