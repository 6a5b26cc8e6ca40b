// The library would resolve names with a call that blocks the loop, so libuv's thread pool does
// that and the library gets numeric addresses; the Host header and the certificate's name stay the
// URL's.

#include "engine/net/dial.h"

#include "engine/base/alloc.h"
#include "engine/net/loop_private.h"
#include "engine/net/url.h"
#include "engine/net/wires.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECT_MS 10000u

struct weir_dial {
    struct weir_websocket *socket; // NULL: nobody waits for us any more
    struct weir_url url;
    struct weir_error err;
    char origin[288];
    char *subprotocols;
    char *ca_file;
    bool accept_any_certificate;
    bool is_resolving;
    bool is_calling; // inside the library's connect call
    bool has_failed; // during that call
    uv_getaddrinfo_t request;
    struct addrinfo *addresses;
    struct addrinfo *next;
    struct weir_timer *again;
};

static void free_dial(struct weir_dial *dial)
{
    weir_timer_stop(&dial->again);
    uv_freeaddrinfo(dial->addresses);
    free(dial->subprotocols);
    free(dial->ca_file);
    free(dial);
}

void weir_dial_destroy(struct weir_dial **dial_at)
{
    struct weir_dial *dial = *dial_at;
    if (!dial) {
        return;
    }
    *dial_at = NULL;
    dial->socket = NULL;
    if (dial->is_resolving) {
        uv_cancel((uv_req_t *)&dial->request); // where it is too late, on_resolved() frees it
    } else if (!dial->is_calling) {
        free_dial(dial);
    }
}

static void set_cause(struct weir_websocket *socket, const char *cause)
{
    if (!socket->cause[0]) {
        snprintf(socket->cause, sizeof(socket->cause), "%s", cause);
    }
}

static struct lws *call(struct weir_dial *dial, const char *address)
{
    struct weir_call plan = {
        .address = address,
        .port = dial->url.port,
        .authority = dial->url.authority,
        .origin = dial->origin,
        .path = dial->url.path,
        .subprotocols = dial->subprotocols,
        .ca_file = dial->ca_file,
        .is_tls = dial->url.is_tls,
        .accept_any_certificate = dial->accept_any_certificate,
    };
    return weir_wires_call(dial->socket->wires, &plan, dial->socket, &dial->err);
}

// A connect may fail in two ways: by NULL at once, or by the error callback, which may come within
// the call too. Either is one failed address.
static void try_next_address(void *user)
{
    struct weir_dial *dial = user;
    weir_timer_stop(&dial->again);
    while (dial->next) {
        char address[64];
        uv_ip_name(dial->next->ai_addr, address, sizeof(address));
        dial->next = dial->next->ai_next;
        dial->has_failed = false;
        dial->is_calling = true;
        struct lws *wsi = call(dial, address);
        dial->is_calling = false;
        if (wsi && !dial->has_failed) {
            return;
        }
        dial->socket->wsi = NULL;
    }
    set_cause(dial->socket, dial->err.text[0] ? dial->err.text : "could not connect");
    weir_connection_end(dial->socket);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct weir_dial *dial = request->data;
    dial->is_resolving = false;
    dial->addresses = addresses;
    dial->next = addresses;
    if (!dial->socket) {
        free_dial(dial);
        return;
    }
    if (status != 0) {
        weir_error_set(&dial->err, "no address for host %s: %s", dial->url.host,
                       uv_strerror(status));
    }
    try_next_address(dial);
}

static void try_soon(struct weir_dial *dial)
{
    struct weir_loop *loop = weir_wires_loop(dial->socket->wires);
    dial->again = weir_timer_start(loop, 0, 0, try_next_address, dial);
}

static void resolve(struct weir_dial *dial)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    uv_loop_t *uv = weir_loop_uv(weir_wires_loop(dial->socket->wires));
    dial->request.data = dial;
    dial->is_resolving = true;
    int failed = uv_getaddrinfo(uv, &dial->request, on_resolved, dial->url.host, NULL, &hints);
    if (failed) {
        dial->is_resolving = false;
        weir_error_set(&dial->err, "no address for host %s: %s", dial->url.host,
                       uv_strerror(failed));
        try_soon(dial);
    }
}

static void on_too_late(void *user)
{
    struct weir_websocket *socket = user;
    set_cause(socket, "timed out before the connection was open");
    weir_websocket_close(socket, NULL);
}

void weir_dial_start(struct weir_websocket *socket, const struct weir_websocket_options *options)
{
    struct weir_dial *dial = weir_new(struct weir_dial);
    struct weir_loop *loop = weir_wires_loop(socket->wires);
    uint32_t limit_ms = options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_MS;

    socket->dial = dial;
    dial->socket = socket;
    dial->subprotocols = options->subprotocols ? weir_strdup(options->subprotocols) : NULL;
    dial->ca_file = weir_strndup(options->ca_file.data, options->ca_file.length);
    dial->accept_any_certificate = options->accept_any_certificate;
    socket->deadline = weir_timer_start(loop, limit_ms, 0, on_too_late, socket);
    if (!weir_url_parse(options->url, &dial->url, &dial->err)) {
        try_soon(dial);
        return;
    }
    snprintf(
        dial->origin, sizeof(dial->origin), "%.*s",
        WEIR_SPAN_ARGS(options->origin.length ? options->origin : weir_span_of(dial->url.origin)));
    resolve(dial);
}

static void explain(const struct weir_dial *dial, const struct weir_refusal *refusal,
                    struct weir_error *err)
{
    if (refusal->http_status == 101) {
        weir_error_set(err, "refused: the server's upgrade is not valid");
    } else if (refusal->http_status != 0) {
        weir_error_set(err, "refused: HTTP %u instead of an upgrade", refusal->http_status);
    } else if (refusal->certificate_error && !dial->accept_any_certificate) {
        weir_error_set(err, "certificate not valid: %s", refusal->certificate_error);
    } else if (refusal->system_error != 0) {
        weir_error_set(err, "%s", uv_strerror(-refusal->system_error));
    } else if (memmem(refusal->words.data, refusal->words.length, "SSL", 3)) {
        weir_error_set(err, "the TLS handshake failed");
    } else {
        weir_error_set(err, "the server hung up within the handshake");
    }
}

void weir_connection_refused(struct weir_websocket *socket, const struct weir_refusal *refusal)
{
    struct weir_dial *dial = socket->dial;
    if (!dial) { // given up, or it had been open
        weir_connection_end(socket);
        return;
    }
    dial->err = (struct weir_error){0};
    explain(dial, refusal, &dial->err);
    if (dial->is_calling) {
        dial->has_failed = true;
        return;
    }
    if (refusal->http_status != 0) {
        dial->next = NULL; // another address of this host would say the same
    }
    try_soon(dial);
}
