// Scalars with a meaning. Only a plain `true` is a truth value: in quotes it is the text.

#include "engine/base/yaml.h"

static bool refuse(const struct weir_yaml *node, const char *wanted,
                   struct weir_diagnostics *diagnostics)
{
    static const char *const kinds[] = {"a text", "a list", "a map"};
    if (node->kind == WEIR_YAML_SCALAR && node->text.length == 0) {
        return weir_diagnostics_error(diagnostics, &node->place, "must be %s, but nothing is there",
                                      wanted);
    }
    if (node->kind == WEIR_YAML_SCALAR) {
        int shown = node->text.length < 40 ? (int)node->text.length : 40;
        return weir_diagnostics_error(diagnostics, &node->place, "must be %s, not '%.*s'", wanted,
                                      shown, node->text.data);
    }
    return weir_diagnostics_error(diagnostics, &node->place, "must be %s, not %s", wanted,
                                  kinds[node->kind]);
}

bool weir_yaml_to_bool(const struct weir_yaml *node, bool *value_out,
                       struct weir_diagnostics *diagnostics)
{
    bool is_true = node->plain && weir_span_is(node->text, "true");
    if (!is_true && !(node->plain && weir_span_is(node->text, "false"))) {
        return refuse(node, "true or false", diagnostics);
    }
    *value_out = is_true;
    return true;
}

bool weir_yaml_to_u64(const struct weir_yaml *node, uint64_t max, uint64_t *value_out,
                      struct weir_diagnostics *diagnostics)
{
    uint64_t value;
    if (!node->plain || !weir_span_to_u64(node->text, &value)) {
        return refuse(node, "a whole number", diagnostics);
    }
    if (value > max) {
        return weir_diagnostics_error(diagnostics, &node->place, "must be at most %llu",
                                      (unsigned long long)max);
    }
    *value_out = value;
    return true;
}

static bool find_unit(struct weir_span name, uint64_t *ms_out)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (weir_span_is(name, units[i].name)) {
            *ms_out = units[i].ms;
            return true;
        }
    }
    return false;
}

bool weir_yaml_to_duration_ms(const struct weir_yaml *node, int64_t *value_out,
                              struct weir_diagnostics *diagnostics)
{
    static const uint64_t longest_ms = (uint64_t)100 * 366 * 86400000;
    uint64_t count;
    uint64_t unit_ms;
    size_t digits = 0;
    while (digits < node->text.length && node->text.data[digits] >= '0' &&
           node->text.data[digits] <= '9') {
        digits++;
    }
    if (node->kind != WEIR_YAML_SCALAR ||
        !weir_span_to_u64(weir_span_slice(node->text, 0, digits), &count) ||
        !find_unit(weir_span_slice(node->text, digits, node->text.length), &unit_ms)) {
        return refuse(node, "a duration such as 90s, 10m or 2h", diagnostics);
    }
    if (count > longest_ms / unit_ms) {
        return weir_diagnostics_error(diagnostics, &node->place, "must be at most 100 years");
    }
    *value_out = (int64_t)(count * unit_ms);
    return true;
}

bool weir_yaml_to_text(const struct weir_yaml *node, struct weir_span *value_out,
                       struct weir_diagnostics *diagnostics)
{
    if (node->kind != WEIR_YAML_SCALAR || (node->plain && node->text.length == 0)) {
        return refuse(node, "a text", diagnostics);
    }
    *value_out = node->text;
    return true;
}
