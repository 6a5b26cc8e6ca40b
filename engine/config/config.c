// Each key is a row: its name and the function that reads its value. A reader reports what is wrong
// with the value and goes on, so that one run shows every mistake.

#include "engine/config/config.h"

#include "engine/base/alloc.h"
#include "engine/base/yaml.h"
#include "engine/config/config_acting.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_BYTES 65536
#define MIB          ((uint64_t)1024 * 1024)
#define DAY_MS       ((int64_t)24 * 60 * 60 * 1000)

struct reader {
    struct weir_config *config;
    struct weir_config_connection *connection; // within one of `rooms`
    struct weir_diagnostics *diagnostics;
};

struct key {
    const char *name;
    void (*read)(struct reader *reader, const struct weir_yaml *value);
};

#define MAX_KEYS 32

// Reads the keys of a map by its table; what is not in the table is an error with a suggestion.
static void read_map(struct reader *reader, const struct weir_yaml *map, const char *what,
                     const struct key *keys, size_t count)
{
    const char *names[MAX_KEYS];
    weir_assert(count <= MAX_KEYS);
    if (map->kind != WEIR_YAML_MAP) {
        weir_diagnostics_error(reader->diagnostics, &map->place, "%s is a map", what);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = keys[i].name;
        const struct weir_yaml *value = weir_yaml_find(map, keys[i].name);
        if (value) {
            keys[i].read(reader, value);
        }
    }
    weir_yaml_refuse_others(map, names, count, what, reader->diagnostics);
}

static void replace(char **field, struct weir_span text)
{
    free(*field);
    *field = weir_strndup(text.data, text.length);
}

static bool read_text(struct reader *reader, const struct weir_yaml *value,
                      struct weir_span *text_out)
{
    if (!weir_yaml_to_text(value, text_out, reader->diagnostics)) {
        return false;
    }
    if (text_out->length == 0 || memchr(text_out->data, '\0', text_out->length)) {
        return weir_diagnostics_error(reader->diagnostics, &value->place, "nothing stands here");
    }
    return true;
}

static void read_string(struct reader *reader, const struct weir_yaml *value, char **field)
{
    struct weir_span text;
    if (read_text(reader, value, &text)) {
        replace(field, text);
    }
}

// Absolute, because programs that we start have a working directory of their own.
static void read_path(struct reader *reader, const struct weir_yaml *value, char **field)
{
    struct weir_span text;
    char here[PATH_MAX];
    if (!read_text(reader, value, &text)) {
        return;
    }
    WEIR_AUTO(weir_free_at) char *path = weir_path_beside(reader->config->file, text);
    free(*field);
    if (path[0] == '/' || !getcwd(here, sizeof(here))) {
        *field = weir_take(path);
    } else {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer whole = {0};
        weir_buffer_printf(&whole, "%s/%s", here, path);
        *field = weir_strdup(weir_buffer_text(&whole));
    }
}

static void read_number(struct reader *reader, const struct weir_yaml *value, uint64_t least,
                        uint64_t most, uint64_t *field)
{
    uint64_t number;
    if (!weir_yaml_to_u64(value, most, &number, reader->diagnostics)) {
        return;
    }
    if (number < least) {
        weir_diagnostics_error(reader->diagnostics, &value->place, "must be at least %llu",
                               (unsigned long long)least);
        return;
    }
    *field = number;
}

static void read_readable_path(struct reader *reader, const struct weir_yaml *value, char **field)
{
    read_path(reader, value, field);
    if (access(*field, R_OK) != 0) {
        weir_diagnostics_error(reader->diagnostics, &value->place, "can't read %s", *field);
    }
}

// Secrets

static void warn_if_others_may_read(struct reader *reader, const struct weir_yaml *value,
                                    const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && (status.st_mode & S_IROTH)) {
        weir_diagnostics_warn(reader->diagnostics, "secret-readable", &value->place,
                              "everybody on this machine may read %s; chmod 600 it", path);
    }
}

static void read_secret_file(struct reader *reader, const struct weir_yaml *value, char **field)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer secret = {0};
    WEIR_AUTO(weir_free_at) char *path = NULL;
    struct weir_error err = {0};
    read_path(reader, value, &path);
    if (!path) {
        return;
    }
    if (!weir_file_read(path, SECRET_BYTES, &secret, &err)) {
        weir_diagnostics_error(reader->diagnostics, &value->place, "%s", err.text);
        return;
    }
    warn_if_others_may_read(reader, value, path);
    struct weir_span text = weir_span_trim(weir_buffer_span(&secret));
    if (text.length == 0 || memchr(text.data, '\0', text.length)) {
        weir_diagnostics_error(reader->diagnostics, &value->place, "%s holds no secret", path);
        return;
    }
    replace(field, text);
}

static void read_secret_variable(struct reader *reader, const struct weir_yaml *value, char **field)
{
    WEIR_AUTO(weir_free_at) char *name = NULL;
    read_string(reader, value, &name);
    if (!name) {
        return;
    }
    struct weir_span secret = weir_span_of(getenv(name));
    if (secret.length == 0) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "the environment has no variable '%s'", name);
    } else {
        replace(field, secret);
    }
}

// What stands between "//" and the next "/" must not hold a password: URLs are shown and logged. A
// platform's token is often put where a name belongs; the user of a Redis is only a name.
static bool holds_password(struct weir_span url, bool may_name_user)
{
    struct weir_span rest = url;
    weir_span_take_until(&rest, ':');
    if (!weir_span_starts(rest, WEIR_SPAN("//"))) {
        return false;
    }
    rest = weir_span_slice(rest, 2, rest.length);
    struct weir_span authority = weir_span_take_until(&rest, '/');
    struct weir_span login = weir_span_take_until(&authority, '@');
    struct weir_span password = login;
    weir_span_take_until(&password, ':');
    return login.length > 0 && authority.length > 0 && (!may_name_user || password.length > 0);
}

// One connection

static void read_url(struct reader *reader, const struct weir_yaml *value)
{
    struct weir_span url;
    if (!read_text(reader, value, &url)) {
        return;
    }
    if (!memchr(url.data, ':', url.length) || url.data[0] == ':') {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "not a URL; one looks like wss://chat.example/weir");
    } else if (holds_password(url, false)) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "a URL must not hold a password; use 'token_file'");
    } else {
        replace(&reader->connection->url, url);
        reader->connection->place = value->place;
    }
}

static void read_adapter(struct reader *reader, const struct weir_yaml *value)
{
    read_string(reader, value, &reader->connection->adapter);
}

static void read_name(struct reader *reader, const struct weir_yaml *value)
{
    read_string(reader, value, &reader->connection->name);
}

static void read_ca_file(struct reader *reader, const struct weir_yaml *value)
{
    read_readable_path(reader, value, &reader->connection->ca_file);
}

static void read_token_file(struct reader *reader, const struct weir_yaml *value)
{
    read_secret_file(reader, value, &reader->connection->token);
}

static void read_token_variable(struct reader *reader, const struct weir_yaml *value)
{
    if (*reader->connection->token) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "'token_file' gives the token already");
        return;
    }
    read_secret_variable(reader, value, &reader->connection->token);
}

static void read_act(struct reader *reader, const struct weir_yaml *value)
{
    weir_yaml_to_bool(value, &reader->connection->act, reader->diagnostics);
}

static void read_instead(struct reader *reader, const struct weir_yaml *value,
                         enum weir_config_instead *field)
{
    static const char *const names[] = {"flag", "delete"};
    struct weir_span text;
    if (!read_text(reader, value, &text)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (weir_span_is(text, names[i])) {
            *field = (enum weir_config_instead)i;
            return;
        }
    }
    weir_diagnostics_error(reader->diagnostics, &value->place, "must be 'flag' or 'delete'");
}

static void read_no_hold(struct reader *reader, const struct weir_yaml *value)
{
    read_instead(reader, value, &reader->connection->no_hold);
}

static void read_no_mask(struct reader *reader, const struct weir_yaml *value)
{
    read_instead(reader, value, &reader->connection->no_mask);
}

static void read_budget(struct reader *reader, const struct weir_yaml *value)
{
    weir_config_read_budget(reader->connection, value, reader->diagnostics);
}

static void read_clears(struct reader *reader, const struct weir_yaml *value)
{
    weir_config_read_clears(reader->connection, value, reader->diagnostics);
}

static void read_delete_within(struct reader *reader, const struct weir_yaml *value)
{
    weir_config_read_delete_within(reader->connection, value, reader->diagnostics);
}

static void read_strikes(struct reader *reader, const struct weir_yaml *value)
{
    weir_config_read_strikes(reader->connection, value, reader->diagnostics);
}

static void read_on_short(struct reader *reader, const struct weir_yaml *value)
{
    weir_config_read_on_short(reader->connection, value, reader->diagnostics);
}

// A room's name is its key in Redis and in the state directory, so two platforms can't share one.
static bool is_room_taken(const struct weir_config *config, struct weir_span room)
{
    for (size_t i = 0; i < config->connection_count; i++) {
        const struct weir_paths *rooms = &config->connections[i].rooms;
        for (size_t k = 0; k < rooms->count; k++) {
            if (weir_span_is(room, rooms->items[k])) {
                return true;
            }
        }
    }
    return false;
}

static void read_room_name(struct reader *reader, const struct weir_yaml *value)
{
    struct weir_span text;
    if (!read_text(reader, value, &text)) {
        return;
    }
    if (is_room_taken(reader->config, text)) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "room '%.*s' is named twice; rooms are told apart by name",
                               WEIR_SPAN_ARGS(text));
        return;
    }
    WEIR_AUTO(weir_free_at) char *name = weir_strndup(text.data, text.length);
    weir_paths_add(&reader->connection->rooms, name);
}

static void read_room_names(struct reader *reader, const struct weir_yaml *value)
{
    if (value->kind != WEIR_YAML_LIST) {
        weir_diagnostics_error(reader->diagnostics, &value->place, "'rooms' is a list of names");
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        read_room_name(reader, value->items[i]);
    }
}

static const struct key connection_keys[] = {
    {"url", read_url},
    {"adapter", read_adapter},
    {"name", read_name},
    {"rooms", read_room_names},
    {"act", read_act},
    {"no_hold", read_no_hold},
    {"no_mask", read_no_mask},
    {"budget", read_budget},
    {"clears", read_clears},
    {"delete_within", read_delete_within},
    {"on_short", read_on_short},
    {"strikes", read_strikes},
    {"token_file", read_token_file},
    {"token_env", read_token_variable},
    {"ca_file", read_ca_file},
};

static void read_connection(struct reader *reader, const struct weir_yaml *value)
{
    // Room for all was made by the caller, so `connection` stays where it is.
    struct weir_config *config = reader->config;
    reader->connection = &config->connections[config->connection_count++];
    *reader->connection = (struct weir_config_connection){
        .place = value->place,
        .url = weir_strdup(""),
        .adapter = weir_strdup(""),
        .name = weir_strdup(""),
        .token = weir_strdup(""),
        .ca_file = weir_strdup(""),
        .act = true,
        .no_hold = WEIR_INSTEAD_FLAG,
        .no_mask = WEIR_INSTEAD_DELETE,
        .delete_within_ms = 30000,
        .short_for_ms = (int64_t)10 * 60 * 1000,
    };
    read_map(reader, value, "an entry of 'rooms'", connection_keys, ARRAY_LEN(connection_keys));
    if (value->kind == WEIR_YAML_MAP && !weir_yaml_find(value, "url")) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "'url' is missing: where the room is");
    }
}

static void read_connections(struct reader *reader, const struct weir_yaml *value)
{
    if (value->kind != WEIR_YAML_LIST || value->count == 0) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "'rooms' is a list with an entry for each connection");
        return;
    }
    reader->config->connections = weir_new_array(struct weir_config_connection, value->count);
    for (size_t i = 0; i < value->count; i++) {
        read_connection(reader, value->items[i]);
    }
}

// The rest of the file

static void read_state(struct reader *reader, const struct weir_yaml *value)
{
    read_path(reader, value, &reader->config->state);
}

static bool is_redis_url(struct weir_span url)
{
    static const char *const starts[] = {
        "redis://",           "rediss://",        "unix://",           "redis+sentinel://",
        "rediss+sentinel://", "redis+cluster://", "rediss+cluster://",
    };
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        if (weir_span_starts(url, weir_span_of(starts[i]))) {
            return true;
        }
    }
    return false;
}

static void read_redis(struct reader *reader, const struct weir_yaml *value)
{
    struct weir_span url;
    if (!read_text(reader, value, &url)) {
        return;
    }
    if (holds_password(url, true)) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "a URL must not hold a password; use 'redis_password_file'");
    } else if (!is_redis_url(url)) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "redis://host:port/db, unix:///path/to/socket, "
                               "redis+sentinel://host:port,host:port/master or "
                               "redis+cluster://host:port,host:port");
    } else {
        replace(&reader->config->redis, url);
    }
}

static void read_redis_password_file(struct reader *reader, const struct weir_yaml *value)
{
    read_secret_file(reader, value, &reader->config->redis_password);
}

static void read_redis_password_variable(struct reader *reader, const struct weir_yaml *value)
{
    read_secret_variable(reader, value, &reader->config->redis_password);
}

static void read_sentinel_password_file(struct reader *reader, const struct weir_yaml *value)
{
    read_secret_file(reader, value, &reader->config->sentinel_password);
}

static void read_sentinel_password_variable(struct reader *reader, const struct weir_yaml *value)
{
    read_secret_variable(reader, value, &reader->config->sentinel_password);
}

static void read_redis_ca_file(struct reader *reader, const struct weir_yaml *value)
{
    read_readable_path(reader, value, &reader->config->redis_ca_file);
}

static void read_redis_cert_file(struct reader *reader, const struct weir_yaml *value)
{
    read_readable_path(reader, value, &reader->config->redis_cert_file);
}

static void read_redis_key_file(struct reader *reader, const struct weir_yaml *value)
{
    read_readable_path(reader, value, &reader->config->redis_key_file);
}

static void read_rules(struct reader *reader, const struct weir_yaml *value)
{
    if (value->kind != WEIR_YAML_LIST) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "'rules' is a list of files or folders");
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        WEIR_AUTO(weir_free_at) char *path = NULL;
        read_path(reader, value->items[i], &path);
        if (path && access(path, R_OK) != 0) {
            weir_diagnostics_error(reader->diagnostics, &value->items[i]->place, "can't read %s",
                                   path);
        } else if (path) {
            weir_paths_add(&reader->config->rules, path);
        }
    }
}

static bool is_address(struct weir_span text)
{
    const char *colon = memrchr(text.data, ':', text.length);
    uint64_t port;
    if (!colon || colon == text.data) {
        return false;
    }
    size_t at = (size_t)(colon - text.data);
    return weir_span_to_u64(weir_span_slice(text, at + 1, text.length), &port) && port <= 65535;
}

static void read_listen(struct reader *reader, const struct weir_yaml *value)
{
    struct weir_span text;
    if (!read_text(reader, value, &text)) {
        return;
    }
    if (!is_address(text)) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "an address and a port, as in 127.0.0.1:8017");
        return;
    }
    replace(&reader->config->console_listen, text);
}

static void read_console(struct reader *reader, const struct weir_yaml *value)
{
    static const struct key keys[] = {{"listen", read_listen}};
    read_map(reader, value, "'console'", keys, ARRAY_LEN(keys));
}

static void read_duration(struct reader *reader, const struct weir_yaml *value, int64_t *field)
{
    int64_t duration_ms;
    if (weir_yaml_to_duration_ms(value, &duration_ms, reader->diagnostics)) {
        *field = duration_ms;
    }
}

static void read_record_dir(struct reader *reader, const struct weir_yaml *value)
{
    read_path(reader, value, &reader->config->record_dir);
}

static void read_record_keep(struct reader *reader, const struct weir_yaml *value)
{
    read_duration(reader, value, &reader->config->record_keep_ms);
}

static void read_record_max(struct reader *reader, const struct weir_yaml *value)
{
    uint64_t mib = reader->config->record_max_bytes / MIB;
    read_number(reader, value, 1, 1u << 24, &mib);
    reader->config->record_max_bytes = mib * MIB;
}

static void read_record(struct reader *reader, const struct weir_yaml *value)
{
    static const struct key keys[] = {
        {"dir", read_record_dir}, {"keep", read_record_keep}, {"max_mib", read_record_max}};
    read_map(reader, value, "'record'", keys, ARRAY_LEN(keys));
    if (value->kind == WEIR_YAML_MAP && !weir_yaml_find(value, "dir")) {
        weir_diagnostics_error(reader->diagnostics, &value->place,
                               "'dir' is missing: where to record");
    }
}

static void read_verdict_keep(struct reader *reader, const struct weir_yaml *value)
{
    read_duration(reader, value, &reader->config->verdict_keep_ms);
}

static void read_verdict_max(struct reader *reader, const struct weir_yaml *value)
{
    uint64_t mib = reader->config->verdict_max_bytes / MIB;
    read_number(reader, value, 1, 1u << 24, &mib);
    reader->config->verdict_max_bytes = mib * MIB;
}

static void read_verdict_sample(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 0, 1000000000, &reader->config->verdict_sample);
}

static void read_verdict_text(struct reader *reader, const struct weir_yaml *value)
{
    weir_yaml_to_bool(value, &reader->config->verdict_text, reader->diagnostics);
}

static void read_verdicts(struct reader *reader, const struct weir_yaml *value)
{
    static const struct key keys[] = {{"keep", read_verdict_keep},
                                      {"max_mib", read_verdict_max},
                                      {"sample", read_verdict_sample},
                                      {"text", read_verdict_text}};
    read_map(reader, value, "'verdicts'", keys, ARRAY_LEN(keys));
}

static void read_max_rooms(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 1, 1000000, &reader->config->max_rooms);
}

static void read_max_text(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 50, 65536, &reader->config->max_text);
}

static void read_max_object(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 1024, 1 << 20, &reader->config->max_object_bytes);
}

static void read_max_actions(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 16, 1000000, &reader->config->max_actions);
}

static void read_max_unsettled(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 16, 1000000, &reader->config->max_unsettled);
}

static void read_max_users(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 1024, (uint64_t)1 << 32, &reader->config->max_users);
}

static void read_recent_ids(struct reader *reader, const struct weir_yaml *value)
{
    read_number(reader, value, 32, 1 << 20, &reader->config->recent_ids);
}

static void read_spool_size(struct reader *reader, const struct weir_yaml *value)
{
    uint64_t mib = reader->config->spool_bytes / MIB;
    read_number(reader, value, 1, 1u << 20, &mib);
    reader->config->spool_bytes = mib * MIB;
}

static void read_limits(struct reader *reader, const struct weir_yaml *value)
{
    static const struct key keys[] = {
        {"max_rooms", read_max_rooms},         {"max_text", read_max_text},
        {"max_object_bytes", read_max_object}, {"max_actions", read_max_actions},
        {"max_unsettled", read_max_unsettled}, {"max_users", read_max_users},
        {"recent_ids", read_recent_ids},
    };
    read_map(reader, value, "'limits'", keys, ARRAY_LEN(keys));
}

// Reads one of `names`, in the order of an enum.
static void read_choice(struct reader *reader, const struct weir_yaml *value,
                        const char *const *names, size_t count, const char *all, int *index_out)
{
    struct weir_span text;
    if (!read_text(reader, value, &text)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (weir_span_is(text, names[i])) {
            *index_out = (int)i;
            return;
        }
    }
    weir_diagnostics_error(reader->diagnostics, &value->place, "must be %s", all);
}

static void read_spool_sync(struct reader *reader, const struct weir_yaml *value)
{
    static const char *const names[] = {"batch", "always", "os"};
    int index = (int)reader->config->spool_sync;
    read_choice(reader, value, names, ARRAY_LEN(names), "'always', 'batch' or 'os'", &index);
    reader->config->spool_sync = (enum weir_config_sync)index;
}

static void read_spool_when_full(struct reader *reader, const struct weir_yaml *value)
{
    static const char *const names[] = {"newest", "oldest"};
    int index = (int)reader->config->spool_when_full;
    read_choice(reader, value, names, ARRAY_LEN(names), "'newest' or 'oldest'", &index);
    reader->config->spool_when_full = (enum weir_config_when_full)index;
}

static void read_spool(struct reader *reader, const struct weir_yaml *value)
{
    static const struct key keys[] = {{"max_mib", read_spool_size},
                                      {"sync", read_spool_sync},
                                      {"when_full", read_spool_when_full}};
    read_map(reader, value, "'spool'", keys, ARRAY_LEN(keys));
}

static void read_watch_rules(struct reader *reader, const struct weir_yaml *value)
{
    weir_yaml_to_bool(value, &reader->config->watch_rules, reader->diagnostics);
}

static const struct key file_keys[] = {
    {"state", read_state},
    {"redis", read_redis},
    {"redis_password_file", read_redis_password_file},
    {"redis_password_env", read_redis_password_variable},
    {"redis_ca_file", read_redis_ca_file},
    {"redis_cert_file", read_redis_cert_file},
    {"redis_key_file", read_redis_key_file},
    {"sentinel_password_file", read_sentinel_password_file},
    {"sentinel_password_env", read_sentinel_password_variable},
    {"rules", read_rules},
    {"watch_rules", read_watch_rules},
    {"console", read_console},
    {"record", read_record},
    {"verdicts", read_verdicts},
    {"limits", read_limits},
    {"spool", read_spool},
    {"rooms", read_connections},
};

static struct weir_config *create_default(const char *file)
{
    struct weir_config *config = weir_new(struct weir_config);
    config->file = weir_strdup(file);
    config->state = weir_strdup("/var/lib/weir");
    config->redis = weir_strdup("");
    config->redis_password = weir_strdup("");
    config->sentinel_password = weir_strdup("");
    config->redis_ca_file = weir_strdup("");
    config->redis_cert_file = weir_strdup("");
    config->redis_key_file = weir_strdup("");
    config->console_listen = weir_strdup("");
    config->record_dir = weir_strdup("");
    config->record_keep_ms = 7 * DAY_MS;
    config->record_max_bytes = 4096 * MIB;
    config->verdict_keep_ms = 30 * DAY_MS;
    config->verdict_max_bytes = 1024 * MIB;
    config->watch_rules = true;
    config->verdict_sample = 1000;
    config->verdict_text = true;
    config->max_rooms = 10000;
    config->max_text = 2000;
    config->max_object_bytes = 65536;
    config->max_actions = 10000;
    config->max_unsettled = 20000;
    config->max_users = 1u << 24;
    config->recent_ids = 1024;
    config->spool_bytes = 1024 * MIB;
    return config;
}

struct weir_config *weir_config_parse(const char *file, struct weir_span text,
                                      struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(weir_config_destroy) struct weir_config *config = create_default(file);
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_yaml_parse(config->file, text, diagnostics);
    const struct weir_place top = {.file = file, .line = 1, .column = 1};
    size_t errors = diagnostics->error_count;
    const struct weir_yaml *root = document ? weir_yaml_root(document) : NULL;
    struct reader reader = {config, NULL, diagnostics};
    if (root) {
        read_map(&reader, root, "the configuration", file_keys, ARRAY_LEN(file_keys));
    }
    if (errors == diagnostics->error_count && (!root || !weir_yaml_find(root, "rooms"))) {
        weir_diagnostics_error(diagnostics, &top, "'rooms' is missing: which rooms to attach to");
    }
    return diagnostics->error_count == 0 ? weir_take(config) : NULL;
}

void weir_config_destroy(struct weir_config **config)
{
    struct weir_config *c = weir_take(*config);
    if (!c) {
        return;
    }
    for (size_t i = 0; i < c->connection_count; i++) {
        struct weir_config_connection *connection = &c->connections[i];
        weir_paths_fini(&connection->rooms);
        free(connection->url);
        free(connection->adapter);
        free(connection->name);
        free(connection->token);
        free(connection->ca_file);
        free(connection->budget);
    }
    weir_paths_fini(&c->rules);
    free(c->connections);
    free(c->file);
    free(c->state);
    free(c->redis);
    free(c->redis_password);
    free(c->sentinel_password);
    free(c->redis_ca_file);
    free(c->redis_cert_file);
    free(c->redis_key_file);
    free(c->console_listen);
    free(c->record_dir);
    free(c);
}

char *weir_config_find(const char *option, struct weir_error *err)
{
    static const char *const usual[] = {"weir.yaml", "/etc/weir/weir.yaml"};
    const char *variable = getenv("WEIR_CONFIG");
    if (option || (variable && *variable)) {
        return weir_strdup(option ? option : variable);
    }
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        if (access(usual[i], F_OK) == 0) {
            return weir_strdup(usual[i]);
        }
    }
    weir_error_set(err, "no configuration: give one with -c FILE or $WEIR_CONFIG; ./weir.yaml and "
                        "/etc/weir/weir.yaml are not there");
    return NULL;
}
