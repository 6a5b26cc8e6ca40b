#include "engine/stream/control.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#define MAX_CLIENTS 32
#define MAX_REQUEST 4096

struct client {
    uv_pipe_t pipe; // first: a handle is its client
    struct client *next;
    struct weir_control *control; // NULL once it is closed
    uint64_t id;
    struct weir_buffer request;
    char chunk[1024];
};

struct weir_control {
    uv_pipe_t pipe; // first, as above
    char *path;
    void (*on_request)(void *user, uint64_t client, struct weir_span verb,
                       struct weir_span request);
    void *user;
    struct client *clients;
    size_t client_count;
    uint64_t last_id;
    struct weir_buffer scratch;
};

struct reply {
    uv_write_t write; // first, as above
    char *bytes;
};

static void on_client_gone(uv_handle_t *handle)
{
    struct client *client = (struct client *)handle;
    weir_buffer_fini(&client->request);
    free(client);
}

static void drop_client(struct client *client)
{
    struct weir_control *control = client->control;
    if (!control) {
        return;
    }
    struct client **place = &control->clients;
    while (*place != client) {
        place = &(*place)->next;
    }
    *place = client->next;
    control->client_count--;
    client->control = NULL;
    uv_close((uv_handle_t *)&client->pipe, on_client_gone);
}

static bool read_verb(struct weir_span line, struct weir_buffer *scratch,
                      struct weir_span *verb_out)
{
    struct weir_json json;
    struct weir_span name;
    bool found = false;
    weir_buffer_clear(scratch);
    weir_json_start(&json, line, scratch);
    if (!weir_json_enter_object(&json)) {
        return false;
    }
    while (weir_json_next_member(&json, &name)) {
        bool wanted = weir_span_is(name, "do");
        bool fine = wanted ? weir_json_take_string(&json, verb_out) : weir_json_skip(&json);
        found |= wanted && fine;
    }
    return weir_json_finish(&json) && found;
}

static void on_line(struct client *client, struct weir_span line)
{
    struct weir_control *control = client->control;
    struct weir_span verb;
    if (read_verb(line, &control->scratch, &verb)) {
        control->on_request(control->user, client->id, verb, line);
    } else {
        weir_control_reply(control, client->id,
                           WEIR_SPAN("{\"ok\":false,\"error\":\"a line is {\\\"do\\\": ...}\"}"));
    }
}

static void take_lines(struct client *client)
{
    while (client->control && client->request.length > 0) {
        struct weir_span rest = weir_buffer_span(&client->request);
        const char *end = memchr(rest.data, '\n', rest.length);
        if (!end) {
            break;
        }
        struct weir_span line = weir_span_slice(rest, 0, (size_t)(end - rest.data));
        on_line(client, line);
        weir_buffer_drop_front(&client->request, line.length + 1);
    }
    if (client->request.length > MAX_REQUEST) {
        drop_client(client);
    }
}

static void on_room_for(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *client = (struct client *)handle;
    (void)suggested;
    *buf = uv_buf_init(client->chunk, sizeof(client->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct client *client = (struct client *)stream;
    if (got < 0) {
        drop_client(client);
        return;
    }
    weir_buffer_add(&client->request, (struct weir_span){buf->base, (size_t)got});
    take_lines(client);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct weir_control *control = (struct weir_control *)stream;
    if (status < 0) {
        return;
    }
    struct client *client = weir_new(struct client);
    uv_pipe_init(stream->loop, &client->pipe, 0);
    client->control = control;
    client->id = ++control->last_id;
    client->next = control->clients;
    control->clients = client;
    control->client_count++;
    if (uv_accept(stream, (uv_stream_t *)&client->pipe) != 0 ||
        control->client_count > MAX_CLIENTS) {
        drop_client(client);
        return;
    }
    uv_read_start((uv_stream_t *)&client->pipe, on_room_for, on_read);
}

struct weir_control *weir_control_open(struct weir_loop *loop, const char *path,
                                       void (*on_request)(void *user, uint64_t client,
                                                          struct weir_span verb,
                                                          struct weir_span request),
                                       void *user, struct weir_error *err)
{
    struct weir_control *control = weir_new(struct weir_control);
    control->path = weir_strdup(path);
    control->on_request = on_request;
    control->user = user;
    uv_pipe_init(weir_loop_uv(loop), &control->pipe, 0);
    unlink(path); // of a daemon that was killed: the state directory is ours, it is locked
    mode_t mask = umask(0177);
    int status = uv_pipe_bind(&control->pipe, path);
    umask(mask);
    if (status == 0) {
        status = uv_listen((uv_stream_t *)&control->pipe, MAX_CLIENTS, on_connection);
    }
    if (status != 0) {
        weir_error_set(err, "can't listen on %s: %s", path, uv_strerror(status));
        weir_control_close(&control);
    }
    return control;
}

static void on_control_gone(uv_handle_t *handle)
{
    struct weir_control *control = (struct weir_control *)handle;
    weir_buffer_fini(&control->scratch);
    free(control->path);
    free(control);
}

void weir_control_close(struct weir_control **control)
{
    struct weir_control *closing = weir_take(*control);
    if (closing) {
        while (closing->clients) {
            drop_client(closing->clients);
        }
        unlink(closing->path);
        uv_close((uv_handle_t *)&closing->pipe, on_control_gone);
    }
}

static void on_replied(uv_write_t *write, int status)
{
    struct reply *reply = (struct reply *)write;
    (void)status;
    free(reply->bytes);
    free(reply);
}

void weir_control_reply(struct weir_control *control, uint64_t id, struct weir_span json)
{
    struct client *client = control->clients;
    while (client && client->id != id) {
        client = client->next;
    }
    if (!client) {
        return;
    }
    struct reply *reply = weir_new(struct reply);
    reply->bytes = weir_strndup(json.data, json.length);
    reply->bytes[json.length] = '\n';
    uv_buf_t buf = uv_buf_init(reply->bytes, (unsigned)json.length + 1);
    if (uv_write(&reply->write, (uv_stream_t *)&client->pipe, &buf, 1, on_replied) != 0) {
        on_replied(&reply->write, 0);
    }
}

static int connect_to(const char *path, struct weir_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        weir_error_set(err, "the path of the control socket is too long: %s", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        return fd;
    }
    weir_error_set(err, "no daemon answers on %s: %s; is 'weir run' running with this state?", path,
                   strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static bool talk(int fd, struct weir_span request, struct weir_buffer *answer)
{
    size_t sent = 0;
    while (sent < request.length) {
        ssize_t wrote = send(fd, request.data + sent, request.length - sent, MSG_NOSIGNAL);
        if (wrote <= 0) {
            return false;
        }
        sent += (size_t)wrote;
    }
    ssize_t got;
    do {
        got = recv(fd, weir_buffer_reserve(answer, 65536), 65536, 0);
        answer->length += got > 0 ? (size_t)got : 0;
    } while (got > 0 && answer->data[answer->length - 1] != '\n');
    return answer->length > 0 && answer->data[answer->length - 1] == '\n';
}

bool weir_control_ask(const char *path, struct weir_span request, struct weir_buffer *answer_out,
                      struct weir_error *err)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    int fd = connect_to(path, err);
    if (fd < 0) {
        return false;
    }
    weir_buffer_add(&line, request);
    weir_buffer_add_byte(&line, '\n');
    bool answered = talk(fd, weir_buffer_span(&line), answer_out);
    close(fd);
    return answered || weir_error_set(err, "the daemon on %s hung up without an answer", path);
}
