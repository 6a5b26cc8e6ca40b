#include "engine/store/redis_url.h"

#include <inttypes.h>
#include <stdio.h>

#define DEFAULT_PORT 6379

static bool copy_text(struct weir_span text, char *out, size_t capacity)
{
    if (text.length >= capacity || memchr(text.length ? text.data : "", '\0', text.length)) {
        return false;
    }
    if (text.length > 0) {
        memcpy(out, text.data, text.length);
    }
    out[text.length] = '\0';
    return true;
}

static bool parse_database(struct weir_span text, struct weir_redis_url *url,
                           struct weir_error *err)
{
    uint64_t number = 0;
    if (text.length > 0 && (!weir_span_to_u64(text, &number) || number > 65535)) {
        return weir_error_set(err, "'%.*s' is not the number of a Redis database",
                              WEIR_SPAN_ARGS(text));
    }
    url->database = (uint32_t)number;
    return true;
}

static bool set_path(struct weir_span path, struct weir_redis_url *url, struct weir_error *err)
{
    if (path.length == 0 || path.data[0] != '/') {
        return weir_error_set(err, "the path of a Redis socket must be whole: unix:///path");
    }
    if (!copy_text(path, url->path, sizeof(url->path))) {
        return weir_error_set(err,
                              "the path of the Redis socket is too long (%zu bytes, at most %d): "
                              "%.*s; use a shorter directory",
                              path.length, WEIR_SOCKET_PATH_BYTES - 1, WEIR_SPAN_ARGS(path));
    }
    return true;
}

static bool parse_unix(struct weir_span rest, struct weir_redis_url *url, struct weir_error *err)
{
    struct weir_span path = weir_span_take_until(&rest, '?');
    if (rest.length > 0 && !weir_span_starts(rest, WEIR_SPAN("db="))) {
        return weir_error_set(err, "'?%.*s' in a Redis URL: only ?db=N is understood",
                              WEIR_SPAN_ARGS(rest));
    }
    return set_path(path, url, err) &&
           parse_database(weir_span_slice(rest, 3, rest.length), url, err);
}

// host, host:port or [address]:port
static bool parse_authority(struct weir_span authority, struct weir_redis_url *url,
                            struct weir_error *err)
{
    uint64_t port = DEFAULT_PORT;
    struct weir_span host;
    struct weir_span digits = {0};
    if (authority.length > 0 && authority.data[0] == '[') {
        host = weir_span_slice(authority, 1, authority.length);
        digits = host;
        host = weir_span_take_until(&digits, ']');
        if (digits.length > 0 && digits.data[0] == ':') {
            digits = weir_span_slice(digits, 1, digits.length);
        }
    } else {
        digits = authority;
        host = weir_span_take_until(&digits, ':');
    }
    if (digits.length > 0 && (!weir_span_to_u64(digits, &port) || port == 0 || port > 65535)) {
        return weir_error_set(err, "'%.*s' is not a port", WEIR_SPAN_ARGS(digits));
    }
    if (host.length == 0 || !copy_text(host, url->host, sizeof(url->host))) {
        return weir_error_set(err, "a Redis URL needs a host: redis://host:port/db");
    }
    url->port = (uint16_t)port;
    return true;
}

static bool parse_tcp(struct weir_span rest, struct weir_redis_url *url, struct weir_error *err)
{
    struct weir_span authority = weir_span_take_until(&rest, '/');
    if (authority.length > 0 && memchr(authority.data, '@', authority.length)) {
        return weir_error_set(err, "a Redis URL must not hold a password: give it in a file or in "
                                   "the environment");
    }
    return parse_authority(authority, url, err) && parse_database(rest, url, err);
}

bool weir_redis_url_parse(struct weir_span url, struct weir_redis_url *url_out,
                          struct weir_error *err)
{
    *url_out = (struct weir_redis_url){0};
    if (weir_span_starts(url, WEIR_SPAN("unix://"))) {
        return parse_unix(weir_span_slice(url, 7, url.length), url_out, err);
    }
    if (weir_span_starts(url, WEIR_SPAN("redis://"))) {
        return parse_tcp(weir_span_slice(url, 8, url.length), url_out, err);
    }
    if (weir_span_starts(url, WEIR_SPAN("rediss://"))) {
        return weir_error_set(err, "rediss:// is not supported: this hiredis has no TLS; put "
                                   "stunnel before Redis and use redis://");
    }
    return weir_error_set(err, "'%.*s' is no Redis URL: redis://host:port/db or unix:///path",
                          WEIR_SPAN_ARGS(url));
}

bool weir_redis_url_private(const char *state, struct weir_redis_url *url_out,
                            struct weir_error *err)
{
    char path[4096];
    *url_out = (struct weir_redis_url){0};
    int length = snprintf(path, sizeof(path), "%s/redis/redis.sock", state);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        return weir_error_set(err, "the state directory's path is too long");
    }
    struct weir_span span = {path, (size_t)length};
    if (!copy_text(span, url_out->path, sizeof(url_out->path))) {
        return weir_error_set(
            err,
            "the state directory's path is too long for the socket of a private "
            "Redis (%s: at most %d bytes); use a shorter one or give a redis: URL",
            path, WEIR_SOCKET_PATH_BYTES - 1);
    }
    return true;
}

void weir_redis_url_write(const struct weir_redis_url *url, struct weir_buffer *out)
{
    if (url->path[0]) {
        weir_buffer_printf(out, "unix://%s", url->path);
        if (url->database > 0) {
            weir_buffer_printf(out, "?db=%" PRIu32, url->database);
        }
        return;
    }
    weir_buffer_printf(out, "redis://%s:%u/%" PRIu32, url->host, url->port, url->database);
}
