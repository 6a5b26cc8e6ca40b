#include "engine/rules/loader.h"

#include "engine/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define LONGEST_ID 64

const char *const weir_role_names[6] = {"streamer",   "moderator", "vip",
                                        "subscriber", "member",    "bot"};
const char *const weir_identity_names[4] = {"stable", "session", "masked", "none"};

static const char *kind_name(const struct weir_yaml *node)
{
    if (node->kind == WEIR_YAML_SCALAR) {
        return node->text.length > 0 ? "a text" : "nothing";
    }
    return node->kind == WEIR_YAML_LIST ? "a list" : "a map";
}

bool weir_loader_is_map(struct weir_loader *loader, const struct weir_yaml *node, const char *what)
{
    return node->kind == WEIR_YAML_MAP ||
           weir_diagnostics_error(loader->diagnostics, &node->place, "%s must be a map, not %s",
                                  what, kind_name(node));
}

bool weir_loader_is_list(struct weir_loader *loader, const struct weir_yaml *node, const char *what)
{
    return node->kind == WEIR_YAML_LIST ||
           weir_diagnostics_error(loader->diagnostics, &node->place, "%s must be a list, not %s",
                                  what, kind_name(node));
}

static bool is_told_of(const struct weir_diagnostics *diagnostics, const struct weir_place *place)
{
    for (size_t i = diagnostics->count; i-- > 0;) {
        const struct weir_error *error = &diagnostics->items[i].error;
        if (error->line == place->line && error->column == place->column &&
            strcmp(error->file, place->file) == 0) {
            return true;
        }
    }
    return false;
}

// Whether a key that was refused was meant to be `key`: then one mistake is not told twice.
static bool is_misspelt(struct weir_loader *loader, const struct weir_yaml *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (weir_nearest_name(map->keys[i]->text, &key, 1) &&
            is_told_of(loader->diagnostics, &map->keys[i]->place)) {
            return true;
        }
    }
    return false;
}

const struct weir_yaml *weir_loader_need(struct weir_loader *loader, const struct weir_yaml *map,
                                         const char *key, const char *what)
{
    const struct weir_yaml *value = weir_yaml_find(map, key);
    if (!value && !is_misspelt(loader, map, key)) {
        weir_diagnostics_error(loader->diagnostics, &map->place, "%s needs '%s'", what, key);
    }
    return value;
}

static bool is_id_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool weir_loader_read_id(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_span *id_out)
{
    struct weir_span id;
    if (!weir_yaml_to_text(node, &id, loader->diagnostics)) {
        return false;
    }
    if (id.length > LONGEST_ID) {
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "longer than %d characters", LONGEST_ID);
    }
    for (size_t i = 0; i < id.length; i++) {
        if (!is_id_byte(id.data[i])) {
            return weir_diagnostics_error(
                loader->diagnostics, &node->place,
                "must be of lower-case letters, digits, '.', '-' and '_' only");
        }
    }
    if (id.length == 0) {
        return weir_diagnostics_error(loader->diagnostics, &node->place, "must not be empty");
    }
    *id_out = weir_arena_copy_span(loader->arena, id);
    return true;
}

bool weir_loader_read_text(struct weir_loader *loader, const struct weir_yaml *node, size_t most,
                           struct weir_span *text_out)
{
    struct weir_span text;
    if (!weir_yaml_to_text(node, &text, loader->diagnostics)) {
        return false;
    }
    if (weir_span_trim(text).length == 0) {
        return weir_diagnostics_error(loader->diagnostics, &node->place, "must not be empty");
    }
    if (weir_utf8_count(text) > most) {
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "longer than %zu characters", most);
    }
    *text_out = weir_arena_copy_span(loader->arena, text);
    return true;
}

bool weir_loader_read_texts(struct weir_loader *loader, const struct weir_yaml *node,
                            const struct weir_span **texts_out, size_t *count_out)
{
    struct weir_yaml *const one = (struct weir_yaml *)node;
    bool is_list = node->kind == WEIR_YAML_LIST;
    struct weir_yaml *const *items = is_list ? node->items : &one;
    size_t count = is_list ? node->count : 1;
    struct weir_span *texts = weir_arena_new_array(loader->arena, struct weir_span, count);
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        is_good = weir_loader_read_text(loader, items[i], 2000, &texts[i]) && is_good;
    }
    if (count == 0) {
        return weir_diagnostics_error(loader->diagnostics, &node->place, "the list is empty");
    }
    *texts_out = texts;
    *count_out = count;
    return is_good;
}

bool weir_loader_read_bilingual(struct weir_loader *loader, const struct weir_yaml *node,
                                struct weir_bilingual *text_out)
{
    static const char *const languages[] = {"zh", "en"};
    if (node->kind != WEIR_YAML_MAP) {
        if (!weir_loader_read_text(loader, node, 500, &text_out->zh)) {
            return false;
        }
        text_out->en = text_out->zh;
        return true;
    }
    weir_yaml_refuse_others(node, languages, ARRAY_LEN(languages), "a text in two languages",
                            loader->diagnostics);
    if (node->count == 0) {
        return weir_diagnostics_error(loader->diagnostics, &node->place, "needs 'zh' or 'en'");
    }
    const struct weir_yaml *zh = weir_yaml_find(node, "zh");
    const struct weir_yaml *en = weir_yaml_find(node, "en");
    if (!zh || !en) {
        weir_loader_warn(loader, loader->allowed, WEIR_LINT_MISSING_LANGUAGE, &node->place,
                         "'%s' is missing: who reads %s gets this text in %s", zh ? "en" : "zh",
                         zh ? "English" : "Chinese", zh ? "Chinese" : "English");
    }
    bool is_good = !zh || weir_loader_read_text(loader, zh, 500, &text_out->zh);
    return (!en || weir_loader_read_text(loader, en, 500, &text_out->en)) && is_good;
}

bool weir_loader_read_time(struct weir_loader *loader, const struct weir_yaml *node,
                           int64_t least_ms, int64_t most_ms, const char *limits, int64_t *ms_out)
{
    int64_t ms;
    if (!weir_yaml_to_duration_ms(node, &ms, loader->diagnostics)) {
        return false;
    }
    if (ms < least_ms || ms > most_ms) {
        return weir_diagnostics_error(loader->diagnostics, &node->place, "must be %s", limits);
    }
    *ms_out = ms;
    return true;
}

static bool to_integer(struct weir_span text, int64_t *value_out)
{
    bool is_negative = text.length > 0 && text.data[0] == '-';
    uint64_t digits;
    if (!weir_span_to_u64(weir_span_slice(text, is_negative, text.length), &digits) ||
        digits > INT32_MAX) {
        return false;
    }
    *value_out = is_negative ? -(int64_t)digits : (int64_t)digits;
    return true;
}

bool weir_loader_read_integer(struct weir_loader *loader, const struct weir_yaml *node,
                              int32_t least, int32_t most, int32_t *value_out)
{
    int64_t value;
    if (node->kind != WEIR_YAML_SCALAR || !node->plain || !to_integer(node->text, &value) ||
        value < least || value > most) {
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "must be a whole number from %d to %d", least, most);
    }
    *value_out = (int32_t)value;
    return true;
}

bool weir_loader_read_name(struct weir_loader *loader, const struct weir_yaml *node,
                           const char *what, const char *const *names, size_t count,
                           size_t *index_out)
{
    struct weir_span name;
    if (!weir_yaml_to_text(node, &name, loader->diagnostics)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (weir_span_is(name, names[i])) {
            *index_out = i;
            return true;
        }
    }
    const char *nearest = weir_nearest_name(name, names, count);
    return weir_diagnostics_error(loader->diagnostics, &node->place, "unknown %s '%.*s'%s%s%s",
                                  what, WEIR_SPAN_ARGS(name), nearest ? "; did you mean '" : "",
                                  nearest ? nearest : "", nearest ? "'?" : "");
}

bool weir_loader_read_names(struct weir_loader *loader, const struct weir_yaml *node,
                            const char *what, const char *const *names, size_t count,
                            uint32_t *bits_out)
{
    struct weir_yaml *const one = (struct weir_yaml *)node;
    bool is_list = node->kind == WEIR_YAML_LIST;
    struct weir_yaml *const *items = is_list ? node->items : &one;
    size_t item_count = is_list ? node->count : 1;
    bool is_good = true;
    for (size_t i = 0; i < item_count; i++) {
        size_t index = 0;
        if (!weir_loader_read_name(loader, items[i], what, names, count, &index)) {
            is_good = false;
        } else if (*bits_out & 1u << index) {
            is_good = weir_diagnostics_error(loader->diagnostics, &items[i]->place,
                                             "'%s' is named twice", names[index]);
        } else {
            *bits_out |= 1u << index;
        }
    }
    return item_count > 0
               ? is_good
               : weir_diagnostics_error(loader->diagnostics, &node->place, "the list is empty");
}
