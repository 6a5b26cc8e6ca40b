#include "engine/config/config_acting.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"

#include <stdio.h>

#define ALL_KINDS     ((1u << WEIR_DO_COUNT) - 1)
#define MAX_COUNT     1000000
#define MAX_PER_MS    (24 * 60 * 60 * 1000)
#define MAX_WITHIN_MS (10 * 60 * 1000)

// ---- which actions ----

static bool add_kind(const struct weir_yaml *value, uint32_t *kinds,
                     struct weir_diagnostics *diagnostics)
{
    struct weir_span name;
    enum weir_do kind;
    if (!weir_yaml_to_text(value, &name, diagnostics)) {
        return false;
    }
    if (!weir_do_find(name, &kind)) {
        return weir_diagnostics_error(diagnostics, &value->place, "there is no action '%.*s'",
                                      WEIR_SPAN_ARGS(name));
    }
    *kinds |= 1u << kind;
    return true;
}

static bool read_kinds(const struct weir_yaml *value, uint32_t *kinds_out,
                       struct weir_diagnostics *diagnostics)
{
    bool is_good = true;
    *kinds_out = 0;
    if (value->kind == WEIR_YAML_SCALAR) {
        if (weir_span_is(value->text, "all")) {
            *kinds_out = ALL_KINDS;
            return true;
        }
        return add_kind(value, kinds_out, diagnostics);
    }
    if (value->kind != WEIR_YAML_LIST) {
        return weir_diagnostics_error(diagnostics, &value->place, "a list of actions, or 'all'");
    }
    for (size_t i = 0; i < value->count; i++) {
        is_good &= add_kind(value->items[i], kinds_out, diagnostics);
    }
    return is_good;
}

// ---- budget ----

static bool read_between(const struct weir_yaml *value, uint64_t most, uint32_t *field,
                         struct weir_diagnostics *diagnostics)
{
    uint64_t number;
    if (!weir_yaml_to_u64(value, most, &number, diagnostics)) {
        return false;
    }
    *field = (uint32_t)number;
    return number > 0 || weir_diagnostics_error(diagnostics, &value->place, "must be at least 1");
}

static bool read_duration(const struct weir_yaml *value, int64_t least_ms, int64_t most_ms,
                          int64_t *field, struct weir_diagnostics *diagnostics)
{
    if (!weir_yaml_to_duration_ms(value, field, diagnostics)) {
        return false;
    }
    if (*field < least_ms || *field > most_ms) {
        return weir_diagnostics_error(diagnostics, &value->place,
                                      "must be between %lld ms and %lld s", (long long)least_ms,
                                      (long long)(most_ms / 1000));
    }
    return true;
}

static bool read_each(const struct weir_yaml *value, bool *each_room,
                      struct weir_diagnostics *diagnostics)
{
    struct weir_span text;
    if (!weir_yaml_to_text(value, &text, diagnostics)) {
        return false;
    }
    *each_room = weir_span_is(text, "room");
    return *each_room || weir_span_is(text, "connection") ||
           weir_diagnostics_error(diagnostics, &value->place, "must be 'room' or 'connection'");
}

static void read_limit(struct weir_config_connection *connection, const struct weir_yaml *value,
                       struct weir_diagnostics *diagnostics)
{
    static const char *const names[] = {"do", "max", "per", "each"};
    struct weir_limit limit = {.source = "weir.yaml"};
    int64_t per_ms = 0;
    if (value->kind != WEIR_YAML_MAP) {
        weir_diagnostics_error(diagnostics, &value->place,
                               "a limit is a map like {do: [timeout, ban], max: 120, per: 1m}");
        return;
    }
    weir_yaml_refuse_others(value, names, ARRAY_LEN(names), "a limit", diagnostics);
    const struct weir_yaml *kinds = weir_yaml_find(value, "do");
    const struct weir_yaml *max = weir_yaml_find(value, "max");
    const struct weir_yaml *per = weir_yaml_find(value, "per");
    const struct weir_yaml *each = weir_yaml_find(value, "each");
    if (!kinds || !max || !per) {
        weir_diagnostics_error(diagnostics, &value->place, "a limit needs 'do', 'max' and 'per'");
        return;
    }
    bool is_good = read_kinds(kinds, &limit.kinds, diagnostics);
    is_good &= read_between(max, MAX_COUNT, &limit.count, diagnostics);
    is_good &= read_duration(per, 1, MAX_PER_MS, &per_ms, diagnostics);
    is_good &= !each || read_each(each, &limit.each_room, diagnostics);
    if (is_good) {
        limit.per_ms = (uint32_t)per_ms;
        connection->budget[connection->budget_count++] = limit;
    }
}

void weir_config_read_budget(struct weir_config_connection *connection,
                             const struct weir_yaml *value, struct weir_diagnostics *diagnostics)
{
    if (value->kind != WEIR_YAML_LIST) {
        weir_diagnostics_error(diagnostics, &value->place, "'budget' is a list of limits");
        return;
    }
    connection->has_budget = true;
    connection->budget = weir_new_array(struct weir_limit, value->count);
    for (size_t i = 0; i < value->count; i++) {
        read_limit(connection, value->items[i], diagnostics);
    }
}

void weir_config_read_clears(struct weir_config_connection *connection,
                             const struct weir_yaml *value, struct weir_diagnostics *diagnostics)
{
    const uint32_t possible = 1u << WEIR_DO_TIMEOUT | 1u << WEIR_DO_BAN;
    connection->has_clears = read_kinds(value, &connection->clears, diagnostics);
    if (connection->clears & ~possible) {
        weir_diagnostics_error(diagnostics, &value->place,
                               "only timeout and ban can remove what a user wrote");
    }
}

void weir_config_read_delete_within(struct weir_config_connection *connection,
                                    const struct weir_yaml *value,
                                    struct weir_diagnostics *diagnostics)
{
    read_duration(value, 0, MAX_WITHIN_MS, &connection->delete_within_ms, diagnostics);
}

// ---- on_short ----

static void read_mode_value(struct weir_config_connection *connection, const char *mode,
                            const struct weir_yaml *value, struct weir_diagnostics *diagnostics)
{
    int64_t seconds_ms = 0;
    bool is_on = false;
    if (*connection->short_mode) {
        weir_diagnostics_error(diagnostics, &value->place, "one mode at a time");
    } else if (strcmp(mode, "slow") == 0) {
        read_duration(value, 1000, MAX_WITHIN_MS, &seconds_ms, diagnostics);
        connection->short_seconds = (uint32_t)(seconds_ms / 1000);
    } else if (weir_yaml_to_bool(value, &is_on, diagnostics) && !is_on) {
        weir_diagnostics_error(diagnostics, &value->place, "leave '%s' out instead", mode);
    }
    snprintf(connection->short_mode, sizeof(connection->short_mode), "%s", mode);
}

static void read_mode(struct weir_config_connection *connection, const struct weir_yaml *value,
                      struct weir_diagnostics *diagnostics)
{
    static const char *const names[] = {"slow", "members", "emote", "shield", "for"};
    weir_yaml_refuse_others(value, names, ARRAY_LEN(names), "'on_short'", diagnostics);
    for (size_t i = 0; i < ARRAY_LEN(names) - 1; i++) {
        const struct weir_yaml *mode = weir_yaml_find(value, names[i]);
        if (mode) {
            read_mode_value(connection, names[i], mode, diagnostics);
        }
    }
    const struct weir_yaml *lasts = weir_yaml_find(value, "for");
    if (lasts) {
        read_duration(lasts, 1000, MAX_PER_MS, &connection->short_for_ms, diagnostics);
    }
    if (!*connection->short_mode) {
        weir_diagnostics_error(diagnostics, &value->place,
                               "which mode? slow: 30s, members, emote or shield");
    }
}

void weir_config_read_on_short(struct weir_config_connection *connection,
                               const struct weir_yaml *value, struct weir_diagnostics *diagnostics)
{
    if (value->kind == WEIR_YAML_MAP) {
        read_mode(connection, value, diagnostics);
    } else if (value->kind != WEIR_YAML_SCALAR || !weir_span_is(value->text, "card")) {
        weir_diagnostics_error(diagnostics, &value->place,
                               "must be 'card' or a room mode like {slow: 30s, for: 10m}");
    }
}

void weir_config_read_strikes(struct weir_config_connection *connection,
                              const struct weir_yaml *value, struct weir_diagnostics *diagnostics)
{
    static const char *const names[] = {"room", "platform", "forget"};
    struct weir_span text;
    if (!weir_yaml_to_text(value, &text, diagnostics)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (weir_span_is(text, names[i])) {
            connection->strikes = (enum weir_config_strikes)i;
            return;
        }
    }
    weir_diagnostics_error(diagnostics, &value->place, "must be 'room', 'platform' or 'forget'");
}
