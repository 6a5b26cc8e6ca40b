// What is read here ends in the lines of an HTTP request, so nothing that could end a line, or that
// a server might read in another way than we do, is let through.

#include "engine/net/url.h"

#include <stdio.h>

static bool is_plain(struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte <= ' ' || byte >= 0x7f) {
            return false;
        }
    }
    return true;
}

static bool take_scheme(struct weir_span *rest, bool *is_tls_out)
{
    if (weir_span_starts(*rest, WEIR_SPAN("ws://"))) {
        *rest = weir_span_slice(*rest, 5, rest->length);
        *is_tls_out = false;
        return true;
    }
    if (weir_span_starts(*rest, WEIR_SPAN("wss://"))) {
        *rest = weir_span_slice(*rest, 6, rest->length);
        *is_tls_out = true;
        return true;
    }
    return false;
}

static size_t find_any(struct weir_span text, const char *bytes)
{
    size_t at = 0;
    while (at < text.length && !strchr(bytes, text.data[at])) {
        at++;
    }
    return at;
}

// "[::1]:80" and "::1" have colons of their own; only a bracket or a single colon starts a port.
static bool split_authority(struct weir_span authority, struct weir_span *host_out,
                            struct weir_span *port_out)
{
    *port_out = (struct weir_span){NULL, 0};
    size_t end = 0;
    if (authority.length > 0 && authority.data[0] == '[') {
        end = find_any(authority, "]");
        *host_out = weir_span_slice(authority, 1, end);
        end++;
    } else {
        end = find_any(authority, ":");
        *host_out = weir_span_slice(authority, 0, end);
    }
    if (end > authority.length || host_out->length == 0) {
        return false;
    }
    if (end == authority.length) {
        return true;
    }
    *port_out = weir_span_slice(authority, end + 1, authority.length);
    return authority.data[end] == ':' && port_out->length > 0;
}

static bool read_port(struct weir_span text, bool is_tls, uint16_t *port_out)
{
    uint64_t number = is_tls ? 443 : 80;
    if (text.length > 0 && (!weir_span_to_u64(text, &number) || number == 0 || number > 65535)) {
        return false;
    }
    *port_out = (uint16_t)number;
    return true;
}

static void write_headers(struct weir_url *url)
{
    bool is_v6 = strchr(url->host, ':') != NULL;
    bool is_usual = url->port == (url->is_tls ? 443 : 80);
    char port[8] = "";
    if (!is_usual) {
        snprintf(port, sizeof(port), ":%u", url->port);
    }
    snprintf(url->authority, sizeof(url->authority), "%s%s%s%s", is_v6 ? "[" : "", url->host,
             is_v6 ? "]" : "", port);
    snprintf(url->origin, sizeof(url->origin), "%s://%s", url->is_tls ? "https" : "http",
             url->authority);
}

bool weir_url_parse(struct weir_span text, struct weir_url *url_out, struct weir_error *err)
{
    struct weir_span rest = text;
    struct weir_span host, port;

    *url_out = (struct weir_url){0};
    if (!is_plain(text)) {
        return weir_error_set(err, "the URL holds blanks or bytes that are not ASCII");
    }
    if (!take_scheme(&rest, &url_out->is_tls)) {
        return weir_error_set(err, "the URL does not start with ws:// or wss://");
    }
    size_t authority_end = find_any(rest, "/?#");
    struct weir_span authority = weir_span_slice(rest, 0, authority_end);
    struct weir_span path = weir_span_slice(rest, authority_end, rest.length);
    path.length = find_any(path, "#");
    if (find_any(authority, "@") < authority.length) {
        return weir_error_set(err, "the URL holds a user name or password");
    }
    if (!split_authority(authority, &host, &port) || host.length >= sizeof(url_out->host)) {
        return weir_error_set(err, "the URL names no host");
    }
    if (!read_port(port, url_out->is_tls, &url_out->port)) {
        return weir_error_set(err, "the URL's port is not a number from 1 to 65535");
    }
    if (path.length + 2 > sizeof(url_out->path)) {
        return weir_error_set(err, "the URL is too long");
    }
    snprintf(url_out->host, sizeof(url_out->host), "%.*s", WEIR_SPAN_ARGS(host));
    snprintf(url_out->path, sizeof(url_out->path), "%s%.*s",
             path.length > 0 && path.data[0] == '/' ? "" : "/", WEIR_SPAN_ARGS(path));
    write_headers(url_out);
    return true;
}
