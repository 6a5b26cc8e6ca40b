// A room on stdin and stdout, for stories about adapters: attaches to a URL as the engine does, and
// writes each event as a line of JSON; each line that it reads is an action frame of weir.room.v1,
// which it carries out. Ends when stdin does.
//
//     attach PLUGINS URL [NAME [TOKEN]]

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/stream/adapters.h"
#include "engine/stream/link.h"

#include <stdio.h>
#include <unistd.h>
#include <uv.h>

struct attached {
    struct weir_loop *loop;
    struct weir_link *link;
    struct weir_room_listener *listener;
    struct weir_buffer input;
    struct weir_buffer out;
    uv_pipe_t pipe;
    char chunk[4096];
};

static void flush_line(struct attached *attached)
{
    if (attached->out.length > 0) {
        weir_buffer_add_byte(&attached->out, '\n');
        fwrite(attached->out.data, 1, attached->out.length, stdout);
        fflush(stdout);
        weir_buffer_clear(&attached->out);
    }
}

static void begin(struct attached *attached, const char *type)
{
    weir_buffer_add_byte(&attached->out, '{');
    weir_json_add_text_field(&attached->out, "type", weir_span_of(type));
}

static void end(struct attached *attached)
{
    weir_buffer_add_byte(&attached->out, '}');
    flush_line(attached);
}

/** The events that no frame of weir.room.v1 says. */
static const char *name_of(enum weir_event_kind kind)
{
    switch (kind) {
    case WEIR_EVENT_JOINED:
        return "joined";
    case WEIR_EVENT_LEFT:
        return "left";
    case WEIR_EVENT_REFUSED:
        return "refused";
    case WEIR_EVENT_FAILED:
        return "failed";
    case WEIR_EVENT_MOVE:
        return "move";
    default:
        return "unknown";
    }
}

static void on_event(void *user, const struct weir_event *event)
{
    struct attached *attached = user;
    weir_room_write_recorded(&attached->out, event, 0);
    if (attached->out.length > 0) {
        flush_line(attached);
        return;
    }
    begin(attached, name_of(event->kind));
    weir_json_add_text_field(&attached->out, "room", event->room);
    weir_json_add_text_field(&attached->out, "cause", event->cause);
    weir_json_add_bool_field(&attached->out, "final", event->is_final);
    end(attached);
}

static void on_frame_end(void *user)
{
    (void)user;
}

static void on_up(void *user)
{
    static const char *const names[] = {"none", "native", "emulated"};
    struct attached *attached = user;
    begin(attached, "up");
    for (int kind = 0; kind < WEIR_DO_COUNT; kind++) {
        weir_json_add_text_field(
            &attached->out, weir_do_name((enum weir_do)kind),
            weir_span_of(names[weir_link_supports(attached->link, (enum weir_do)kind)]));
    }
    end(attached);
}

static void on_down(void *user, struct weir_span cause, int64_t retry_ms)
{
    struct attached *attached = user;
    begin(attached, "down");
    weir_json_add_text_field(&attached->out, "cause", cause);
    weir_json_add_i64_field(&attached->out, "retry_ms", retry_ms);
    end(attached);
}

static void on_input_line(struct attached *attached, struct weir_span line)
{
    const struct weir_room_heard *heard = weir_room_hear(attached->listener, line);
    if (heard->kind == WEIR_ROOM_HEARD_ACTION && weir_link_is_up(attached->link)) {
        weir_link_act(attached->link, &heard->action);
    } else {
        fprintf(stderr, "attach: not now, or not an action: %.*s\n", WEIR_SPAN_ARGS(line));
    }
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct attached *attached = handle->data;
    (void)size;
    *buffer = uv_buf_init(attached->chunk, sizeof(attached->chunk));
}

static void on_input(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
    struct attached *attached = stream->data;
    if (length < 0) {
        uv_close((uv_handle_t *)stream, NULL);
        weir_link_close(&attached->link);
        weir_loop_stop(attached->loop);
        return;
    }
    weir_buffer_add(&attached->input, (struct weir_span){buffer->base, (size_t)length});
    const char *found;
    while (attached->input.length > 0 &&
           (found = memchr(attached->input.data, '\n', attached->input.length))) {
        size_t end_of_line = (size_t)(found - attached->input.data);
        on_input_line(attached, (struct weir_span){attached->input.data, end_of_line});
        weir_buffer_drop_front(&attached->input, end_of_line + 1);
    }
}

static void read_stdin(struct attached *attached)
{
    uv_pipe_init(weir_loop_uv(attached->loop), &attached->pipe, 0);
    attached->pipe.data = attached;
    uv_pipe_open(&attached->pipe, STDIN_FILENO);
    uv_read_start((uv_stream_t *)&attached->pipe, on_alloc, on_input);
}

static int complain(const struct weir_error *err)
{
    fprintf(stderr, "attach: %s\n", err->text);
    return 3;
}

static int attach(struct attached *attached, const struct weir_adapters *adapters, char **args)
{
    static const struct weir_link_events events = {
        .on_event = on_event, .on_frame_end = on_frame_end, .on_up = on_up, .on_down = on_down};
    struct weir_error err = {0};
    struct weir_link_options options = {
        .url = weir_span_of(args[0]),
        .name = weir_span_of(args[1]),
        .token = weir_span_of(args[1] ? args[2] : NULL),
        .adapter = weir_adapters_for_url(adapters, weir_span_of(args[0])),
        .act = true,
        .random = (uint64_t)getpid(),
    };
    if (!options.adapter) {
        weir_error_set(&err, "no adapter for %s", args[0]);
        return complain(&err);
    }
    attached->loop = weir_loop_create(&err);
    attached->link =
        attached->loop ? weir_link_open(attached->loop, &options, &events, attached, &err) : NULL;
    if (!attached->link) {
        return complain(&err);
    }
    read_stdin(attached);
    weir_loop_run(attached->loop);
    return 0;
}

int main(int argc, char **argv)
{
    struct weir_error err = {0};
    struct attached attached = {.listener = weir_room_listener_create()};
    if (argc < 3) {
        fputs("usage: attach PLUGINS URL [NAME [TOKEN]]\n", stderr);
        return 3;
    }
    WEIR_AUTO(weir_adapters_destroy)
    struct weir_adapters *adapters = weir_adapters_load(argv[1], NULL, NULL, &err);
    int exit_code = adapters ? attach(&attached, adapters, argv + 2) : complain(&err);
    weir_loop_destroy(&attached.loop);
    weir_room_listener_destroy(&attached.listener);
    weir_buffer_fini(&attached.input);
    weir_buffer_fini(&attached.out);
    return exit_code;
}
