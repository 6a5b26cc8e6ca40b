#include "engine/store/redis_url.h"

#include <inttypes.h>
#include <stdio.h>

#define DEFAULT_PORT  6379
#define SENTINEL_PORT 26379

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

static bool read_user(struct weir_span text, struct weir_redis_url *url, struct weir_error *err)
{
    if (text.length == 0 || !copy_text(text, url->user, sizeof(url->user))) {
        return weir_error_set(err, "'%.*s' is not the name of a Redis user", WEIR_SPAN_ARGS(text));
    }
    return true;
}

static bool read_option(struct weir_span option, struct weir_redis_url *url, struct weir_error *err)
{
    if (weir_span_starts(option, WEIR_SPAN("db="))) {
        return parse_database(weir_span_slice(option, 3, option.length), url, err);
    }
    if (weir_span_starts(option, WEIR_SPAN("user="))) {
        return read_user(weir_span_slice(option, 5, option.length), url, err);
    }
    return weir_error_set(err, "'%.*s' in a Redis URL: only db=N and user=NAME are understood",
                          WEIR_SPAN_ARGS(option));
}

static bool parse_unix(struct weir_span rest, struct weir_redis_url *url, struct weir_error *err)
{
    struct weir_span path = weir_span_take_until(&rest, '?');
    while (rest.length > 0) {
        if (!read_option(weir_span_take_until(&rest, '&'), url, err)) {
            return false;
        }
    }
    return set_path(path, url, err);
}

bool weir_redis_address_parse(struct weir_span text, uint16_t usual_port,
                              struct weir_redis_address *address_out, struct weir_error *err)
{
    uint64_t port = usual_port;
    struct weir_span host;
    struct weir_span digits = text;
    if (text.length > 0 && text.data[0] == '[') {
        digits = weir_span_slice(text, 1, text.length);
        host = weir_span_take_until(&digits, ']');
        if (digits.length > 0 && digits.data[0] == ':') {
            digits = weir_span_slice(digits, 1, digits.length);
        }
    } else {
        host = weir_span_take_until(&digits, ':');
    }
    if (digits.length > 0 && (!weir_span_to_u64(digits, &port) || port == 0 || port > 65535)) {
        return weir_error_set(err, "'%.*s' is not a port", WEIR_SPAN_ARGS(digits));
    }
    if (host.length == 0 || !copy_text(host, address_out->host, sizeof(address_out->host))) {
        return weir_error_set(err, "a Redis URL needs a host: redis://host:port/db");
    }
    address_out->port = (uint16_t)port;
    return true;
}

static bool parse_hosts(struct weir_span hosts, struct weir_redis_url *url, struct weir_error *err)
{
    uint16_t port = url->kind == WEIR_REDIS_SENTINEL ? SENTINEL_PORT : DEFAULT_PORT;
    do {
        if (url->host_count == WEIR_REDIS_HOSTS) {
            return weir_error_set(err, "a Redis URL takes at most %d addresses", WEIR_REDIS_HOSTS);
        }
        if (!weir_redis_address_parse(weir_span_take_until(&hosts, ','), port,
                                      &url->hosts[url->host_count++], err)) {
            return false;
        }
    } while (hosts.length > 0);
    return true;
}

static bool parse_login(struct weir_span login, struct weir_redis_url *url, struct weir_error *err)
{
    struct weir_span password = login;
    if (weir_span_take_until(&password, ':').length < login.length) {
        return weir_error_set(err, "a Redis URL must not hold a password: give it in a file or in "
                                   "the environment");
    }
    return read_user(login, url, err);
}

// Where the hosts begin: behind the last @.
static size_t end_of_login(struct weir_span authority)
{
    size_t at = authority.length;
    while (at > 0 && authority.data[at - 1] != '@') {
        at--;
    }
    return at;
}

static bool parse_rest(struct weir_span rest, struct weir_redis_url *url, struct weir_error *err)
{
    struct weir_span authority = weir_span_take_until(&rest, '/');
    size_t hosts = end_of_login(authority);
    if (hosts > 0 && !parse_login(weir_span_slice(authority, 0, hosts - 1), url, err)) {
        return false;
    }
    authority = weir_span_slice(authority, hosts, authority.length);
    if (!parse_hosts(authority, url, err)) {
        return false;
    }
    if (url->kind == WEIR_REDIS_SENTINEL) {
        struct weir_span master = weir_span_take_until(&rest, '/');
        if (master.length == 0 || !copy_text(master, url->master, sizeof(url->master))) {
            return weir_error_set(err, "the sentinels are asked for a master by its name: "
                                       "redis+sentinel://host:port,host:port/NAME");
        }
    }
    if (!parse_database(rest, url, err)) {
        return false;
    }
    return url->kind != WEIR_REDIS_CLUSTER || url->database == 0 ||
           weir_error_set(err, "a Redis Cluster has no database but 0");
}

static const struct scheme {
    const char *start;
    enum weir_redis_kind kind;
    bool has_tls;
} schemes[] = {
    {"redis://", WEIR_REDIS_PLAIN, false},
    {"rediss://", WEIR_REDIS_PLAIN, true},
    {"redis+sentinel://", WEIR_REDIS_SENTINEL, false},
    {"rediss+sentinel://", WEIR_REDIS_SENTINEL, true},
    {"redis+cluster://", WEIR_REDIS_CLUSTER, false},
    {"rediss+cluster://", WEIR_REDIS_CLUSTER, true},
};

bool weir_redis_url_parse(struct weir_span url, struct weir_redis_url *url_out,
                          struct weir_error *err)
{
    *url_out = (struct weir_redis_url){0};
    if (weir_span_starts(url, WEIR_SPAN("unix://"))) {
        return parse_unix(weir_span_slice(url, 7, url.length), url_out, err);
    }
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct weir_span start = weir_span_of(schemes[i].start);
        if (weir_span_starts(url, start)) {
            url_out->kind = schemes[i].kind;
            url_out->has_tls = schemes[i].has_tls;
            return parse_rest(weir_span_slice(url, start.length, url.length), url_out, err);
        }
    }
    return weir_error_set(err,
                          "'%.*s' is no Redis URL: redis://host:port/db, unix:///path, "
                          "redis+sentinel://host:port/master or redis+cluster://host:port",
                          WEIR_SPAN_ARGS(weir_span_slice(url, 0, 60)));
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

void weir_redis_address_write(const struct weir_redis_address *address, struct weir_buffer *out)
{
    bool has_colons = strchr(address->host, ':') != NULL;
    weir_buffer_printf(out, "%s%s%s:%u", has_colons ? "[" : "", address->host,
                       has_colons ? "]" : "", address->port);
}

static const char *scheme_of(const struct weir_redis_url *url)
{
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (schemes[i].kind == url->kind && schemes[i].has_tls == url->has_tls) {
            return schemes[i].start;
        }
    }
    return "";
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
    weir_buffer_add_text(out, scheme_of(url));
    for (size_t i = 0; i < url->host_count; i++) {
        weir_buffer_add_text(out, i > 0 ? "," : "");
        weir_redis_address_write(&url->hosts[i], out);
    }
    if (url->master[0]) {
        weir_buffer_printf(out, "/%s", url->master);
    }
    if (url->kind != WEIR_REDIS_CLUSTER) {
        weir_buffer_printf(out, "/%" PRIu32, url->database);
    }
}
