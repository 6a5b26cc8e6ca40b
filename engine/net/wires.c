// The library's callback grows without limit if one lets it; this one names a handler and
// translates its answer. Its closing is asynchronous because the loop is ours: the loop must turn
// until the last handle is closed, which weir_wires_destroy() waits for.

#include "engine/net/wires.h"

#include "engine/base/alloc.h"
#include "engine/net/loop_private.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <libwebsockets.h>
#include <link.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <unistd.h>

// Bytes that one read() may bring, and that the library keeps for each connection.
#define READ_BYTES       65536u
#define CONNECTION_BYTES 16384u
// One write() may carry all of a joined frame.
#define WRITE_BYTES (1u << 20)
// Of the loop, in which the library closes what it has.
#define TURNS_TO_CLOSE 16

/** Certificates that clients trust: one vhost of the library for each file. */
struct trust {
    struct trust *next;
    struct lws_vhost *vhost;
    char *ca_file; // "": the system's
};

struct weir_wires {
    struct weir_loop *loop;
    struct lws_context *context;
    struct trust *trusts;
    struct lws_vhost *plain; // clients without TLS
    struct weir_websocket *sockets;
    struct weir_websocket_server *servers;
};

struct weir_websocket_server {
    struct weir_wires *wires;
    struct weir_websocket_server *next;
    struct lws_vhost *vhost;
    struct lws_protocols protocols[2];
    struct weir_websocket_events events;
    void *(*on_accept)(void *user, struct weir_websocket *socket);
    void *user;
    size_t max_message_bytes;
    char *subprotocol;
    char *address;
};

static int to_lws(enum weir_flow flow)
{
    return flow == WEIR_FLOW_KEEP ? 0 : -1;
}

static struct weir_websocket *accept_client(struct lws *wsi)
{
    struct weir_websocket_server *server = lws_get_protocol(wsi)->user;
    struct weir_websocket *socket =
        weir_connection_create(server->wires, &server->events, NULL, server->max_message_bytes);
    socket->wsi = wsi;
    lws_set_opaque_user_data(wsi, socket);
    socket->user = server->on_accept(server->user, socket);
    return socket;
}

static enum weir_flow receive(struct weir_websocket *socket, struct lws *wsi, struct weir_span part)
{
    bool is_last = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
    return weir_connection_received(socket, part, lws_is_first_fragment(wsi) != 0, is_last,
                                    lws_frame_is_binary(wsi) != 0);
}

static int end(struct lws *wsi, struct weir_websocket *socket)
{
    lws_set_opaque_user_data(wsi, NULL);
    socket->wsi = NULL;
    weir_connection_end(socket);
    return 0;
}

static int system_error_of(struct lws *wsi)
{
    int error = 0;
    socklen_t length = sizeof(error);
    int descriptor = lws_get_socket_fd(wsi);
    if (descriptor < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
        return 0;
    }
    return error;
}

static const char *certificate_error_of(struct lws *wsi)
{
    SSL *ssl = lws_get_ssl(wsi);
    long result = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

// The library's own words name its places, not the reason, so the reason is asked of those who
// know.
static int refuse(struct lws *wsi, struct weir_websocket *socket, struct weir_span words)
{
    struct weir_refusal refusal = {
        .http_status = lws_http_client_http_response(wsi),
        .system_error = system_error_of(wsi),
        .certificate_error = certificate_error_of(wsi),
        .words = words,
    };
    lws_set_opaque_user_data(wsi, NULL);
    socket->wsi = NULL;
    weir_connection_refused(socket, &refusal);
    return 0;
}

static int on_connection(struct lws *wsi, enum lws_callback_reasons reason,
                         struct weir_websocket *socket, struct weir_span bytes)
{
    switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        return refuse(wsi, socket, bytes);
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP: // it ended within the handshake
    case LWS_CALLBACK_WSI_DESTROY:        // it ended in a way that has no other callback
        return refuse(wsi, socket, (struct weir_span){NULL, 0});
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        return to_lws(weir_connection_opened(socket));
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_RECEIVE:
        return to_lws(receive(socket, wsi, bytes));
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
    case LWS_CALLBACK_RECEIVE_PONG:
        weir_connection_heard(socket);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return to_lws(weir_connection_writeable(socket)); // at most one lws_write() in there
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        weir_connection_peer_closes(socket, bytes);
        return 0;
    case LWS_CALLBACK_TIMER:
        return to_lws(weir_connection_timer(socket));
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_CLOSED:
        return end(wsi, socket);
    default:
        return 0; // dozens of reasons, more with each release; the rest are not ours
    }
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *session, void *in,
                  size_t length)
{
    struct weir_websocket *socket = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    if (reason == LWS_CALLBACK_ESTABLISHED) {
        return to_lws(weir_connection_opened(accept_client(wsi)));
    }
    if (socket) {
        return on_connection(wsi, reason, socket, (struct weir_span){in, length});
    }
    if (reason == LWS_CALLBACK_HTTP) { // somebody's browser, or a health check
        return lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL) ? -1 : 1;
    }
    (void)session;
    return 0;
}

static const struct lws_protocols client_protocols[] = {
    {.name = "weir-client",
     .callback = on_lws,
     .rx_buffer_size = CONNECTION_BYTES,
     .tx_packet_size = WRITE_BYTES},
    {.name = NULL},
};

// A proxy named in the environment is no use here: addresses are resolved before we connect.
static const char no_proxy[] = "";

static struct lws_vhost *create_client_vhost(struct lws_context *context, const char *ca_file)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = client_protocols,
        .vhost_name = ca_file ? "clients-tls" : "clients",
        .http_proxy_address = no_proxy,
        .alpn = "http/1.1", // no WebSocket over HTTP/2
    };
    if (!ca_file) {
        return lws_create_vhost(context, &info);
    }
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (ca_file[0]) {
        info.client_ssl_ca_filepath = ca_file;
        info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    }
    struct lws_vhost *vhost = lws_create_vhost(context, &info);
    if (vhost && lws_init_vhost_client_ssl(&info, vhost)) {
        lws_vhost_destroy(vhost);
        return NULL;
    }
    return vhost;
}

static struct lws_context *create_context(struct weir_wires *wires)
{
    void *loops[] = {&wires->loop->uv};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = loops,
        .pt_serv_buf_size = READ_BYTES,
        .pcontext = &wires->context,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    return lws_create_context(&info);
}

static int pin_plugin(struct dl_phdr_info *info, size_t size, void *nothing)
{
    (void)size, (void)nothing;
    if (strstr(info->dlpi_name, "evlib_uv")) {
        void *plugin = dlopen(info->dlpi_name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
        if (plugin) {
            dlclose(plugin);
        }
    }
    return 0;
}

struct weir_wires *weir_wires_of(struct weir_loop *loop, struct weir_error *err)
{
    if (loop->wires) {
        return loop->wires;
    }
    lws_set_log_level(0, NULL); // what matters is told through on_closed
    struct weir_wires *wires = weir_new(struct weir_wires);
    wires->loop = loop;
    wires->context = create_context(wires);
    // Destroying the context unloads its libuv plugin while libuv still holds close callbacks into
    // it.
    dl_iterate_phdr(pin_plugin, NULL);
    wires->plain = wires->context ? create_client_vhost(wires->context, NULL) : NULL;
    if (!wires->plain) {
        weir_error_set(err, "libwebsockets can't start on this loop");
        weir_wires_destroy(&wires);
        return NULL;
    }
    loop->wires = wires;
    return wires;
}

size_t weir_wires_open(const struct weir_wires *wires)
{
    size_t count = 0;
    for (const struct weir_websocket *socket = wires->sockets; socket; socket = socket->next) {
        count++;
    }
    return count;
}

void weir_wires_say_goodbye(struct weir_wires *wires)
{
    for (struct weir_websocket *socket = wires->sockets; socket; socket = socket->next) {
        weir_websocket_close(socket, "shutting down");
    }
}

static void free_trusts(struct weir_wires *wires)
{
    while (wires->trusts) {
        struct trust *trust = wires->trusts;
        wires->trusts = trust->next;
        free(trust->ca_file);
        free(trust);
    }
}

static void free_server(struct weir_websocket_server *server)
{
    free(server->subprotocol);
    free(server->address);
    free(server);
}

// The library empties `wires->context` when it has let go of everything; until then it wants the
// loop to turn, and to be asked again. Handles that it closes in one turn may close others in the
// next, and asked again too early it frees them while the loop still holds them (4.1.6, found by
// valgrind), so several turns pass between.
static void destroy_context(struct weir_wires *wires)
{
    for (int turn = 0; wires->context && turn < 1000 * TURNS_TO_CLOSE; turn++) {
        if (turn % TURNS_TO_CLOSE == 0) {
            lws_context_destroy(wires->context);
        }
        uv_run(&wires->loop->uv, UV_RUN_NOWAIT);
    }
}

void weir_wires_destroy(struct weir_wires **wires_at)
{
    struct weir_wires *wires = *wires_at;
    if (!wires) {
        return;
    }
    while (wires->sockets) {
        struct weir_websocket *socket = wires->sockets;
        if (socket->wsi) {
            lws_set_opaque_user_data(socket->wsi, NULL);
        }
        weir_connection_forget(socket);
    }
    destroy_context(wires);
    while (wires->servers) {
        struct weir_websocket_server *server = wires->servers;
        wires->servers = server->next;
        free_server(server);
    }
    free_trusts(wires);
    free(wires);
    *wires_at = NULL;
}

struct weir_loop *weir_wires_loop(const struct weir_wires *wires)
{
    return wires->loop;
}

struct weir_websocket **weir_wires_sockets(struct weir_wires *wires)
{
    return &wires->sockets;
}

// The library would only log a file of no use, and then trust nobody.
static bool has_certificates(const char *ca_file, struct weir_error *err)
{
    if (access(ca_file, R_OK) != 0) {
        return weir_error_set(err, "certificates can't be read from %s: %s", ca_file,
                              strerror(errno));
    }
    X509_STORE *store = X509_STORE_new();
    bool is_good = store && X509_STORE_load_locations(store, ca_file, NULL) == 1;
    X509_STORE_free(store);
    ERR_clear_error();
    return is_good || weir_error_set(err, "%s holds no certificate (PEM is wanted)", ca_file);
}

static struct lws_vhost *find_trust(struct weir_wires *wires, const char *ca_file,
                                    struct weir_error *err)
{
    for (struct trust *trust = wires->trusts; trust; trust = trust->next) {
        if (strcmp(trust->ca_file, ca_file) == 0) {
            return trust->vhost;
        }
    }
    if (ca_file[0] && !has_certificates(ca_file, err)) {
        return NULL;
    }
    struct lws_vhost *vhost = create_client_vhost(wires->context, ca_file);
    if (!vhost) {
        weir_error_set(err, "certificates can't be loaded from %s",
                       ca_file[0] ? ca_file : "the system's store");
        return NULL;
    }
    struct trust *trust = weir_new(struct trust);
    *trust = (struct trust){wires->trusts, vhost, weir_strdup(ca_file)};
    wires->trusts = trust;
    return vhost;
}

static int tls_flags(const struct weir_call *call)
{
    int flags = call->is_tls ? LCCSCF_USE_SSL : 0;
    if (call->accept_any_certificate) {
        flags |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK |
                 LCCSCF_ALLOW_EXPIRED | LCCSCF_ALLOW_INSECURE;
    }
    return flags | LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
}

struct lws *weir_wires_call(struct weir_wires *wires, const struct weir_call *call,
                            struct weir_websocket *socket, struct weir_error *err)
{
    struct lws_vhost *vhost = call->is_tls ? find_trust(wires, call->ca_file, err) : wires->plain;
    if (!vhost) {
        return NULL;
    }
    struct lws_client_connect_info info = {
        .context = wires->context,
        .vhost = vhost,
        .address = call->address,
        .port = call->port,
        .ssl_connection = tls_flags(call),
        .path = call->path,
        .host = call->authority,
        .origin = call->origin,
        .protocol = call->subprotocols,
        .local_protocol_name = client_protocols[0].name,
        .ietf_version_or_minus_one = -1,
        .opaque_user_data = socket,
        .pwsi = &socket->wsi,
        .alpn = "http/1.1",
    };
    return lws_client_connect_via_info(&info);
}

// The library does not say why it could not listen; the system does.
static bool can_bind(const struct weir_websocket_server_options *options, struct weir_error *err)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
    socklen_t length = sizeof(*v4);
    if (inet_pton(AF_INET, options->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(options->port);
    } else if (inet_pton(AF_INET6, options->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(options->port);
        length = sizeof(*v6);
    } else {
        return weir_error_set(err, "can't listen on %s: not an IP address", options->address);
    }
    int probe = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    bool is_free = probe >= 0 &&
                   setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                   bind(probe, (struct sockaddr *)&storage, length) == 0 && listen(probe, 1) == 0;
    int failure = errno;
    if (probe >= 0) {
        close(probe);
    }
    return is_free || weir_error_set(err, "can't listen on %s port %u: %s", options->address,
                                     options->port, strerror(failure));
}

static void unlink_server(struct weir_websocket_server *server)
{
    struct weir_websocket_server **link = &server->wires->servers;
    while (*link != server) {
        link = &(*link)->next;
    }
    *link = server->next;
}

static void server_gone(struct lws_vhost *vhost, void *arg)
{
    (void)vhost;
    struct weir_websocket_server *server = arg;
    unlink_server(server);
    free_server(server);
}

static struct weir_websocket_server *
create_server(struct weir_wires *wires, const struct weir_websocket_server_options *options)
{
    struct weir_websocket_server *server = weir_new(struct weir_websocket_server);
    server->wires = wires;
    server->max_message_bytes = options->max_message_bytes;
    server->subprotocol = weir_strdup(options->subprotocol ? options->subprotocol : "weir");
    server->address = weir_strdup(options->address);
    server->protocols[0] = (struct lws_protocols){
        .name = server->subprotocol,
        .callback = on_lws,
        .rx_buffer_size = CONNECTION_BYTES,
        .tx_packet_size = WRITE_BYTES,
        .user = server,
    };
    server->next = wires->servers;
    wires->servers = server;
    return server;
}

static struct lws_vhost *create_server_vhost(struct weir_websocket_server *server, uint16_t port)
{
    struct lws_context_creation_info info = {
        .port = port,
        .iface = server->address,
        .protocols = server->protocols,
        .vhost_name = server->subprotocol,
        .http_proxy_address = no_proxy,
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (strchr(server->address, ':') ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6),
        .finalize = server_gone,
        .finalize_arg = server,
    };
    return lws_create_vhost(server->wires->context, &info);
}

struct weir_websocket_server *
weir_websocket_listen(struct weir_loop *loop, const struct weir_websocket_server_options *options,
                      const struct weir_websocket_events *events,
                      void *(*on_accept)(void *user, struct weir_websocket *socket), void *user,
                      struct weir_error *err)
{
    struct weir_wires *wires = weir_wires_of(loop, err);
    if (!wires || !can_bind(options, err)) {
        return NULL;
    }
    struct weir_websocket_server *server = create_server(wires, options);
    server->events = *events;
    server->on_accept = on_accept;
    server->user = user;
    struct lws_vhost *vhost = create_server_vhost(server, options->port);
    if (!vhost) { // `server` may be gone: a vhost that fails is finalized too
        weir_error_set(err, "can't listen on %s port %u", options->address, options->port);
        return NULL;
    }
    server->vhost = vhost;
    return server;
}

uint16_t weir_websocket_server_port(const struct weir_websocket_server *server)
{
    return (uint16_t)lws_get_vhost_listen_port(server->vhost);
}

void weir_websocket_server_close(struct weir_websocket_server **server_at)
{
    struct weir_websocket_server *server = *server_at;
    if (server) {
        lws_vhost_destroy(server->vhost);
        *server_at = NULL;
    }
}
