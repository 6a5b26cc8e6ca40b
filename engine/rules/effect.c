// What a rule or a threshold does: one row per effect, and how its argument reads.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

typedef bool (*read_argument_fn)(struct weir_loader *loader, const struct weir_yaml *node,
                                 struct weir_effect *effect);

static bool read_said_text(struct weir_loader *loader, const struct weir_yaml *node,
                           struct weir_effect *effect)
{
    return weir_loader_read_bilingual(loader, node, &effect->text);
}

static bool read_timeout(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_effect *effect)
{
    return weir_loader_read_time(loader, node, 1000, 366 * WEIR_DAY_MS, "from 1s to 366d",
                                 &effect->duration_ms);
}

static bool read_strike(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_effect *effect)
{
    int32_t points;
    if (!weir_loader_read_integer(loader, node, 1, 100, &points)) {
        return false;
    }
    effect->points = (uint32_t)points;
    loader->set->needs_users = true;
    return true;
}

static bool read_card(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_effect *effect)
{
    static const char *const keys[] = {"queue", "target"};
    if (!weir_loader_is_map(loader, node, "what stands here")) {
        return false;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a card", loader->diagnostics);
    const struct weir_yaml *queue = weir_yaml_find(node, "queue");
    const struct weir_yaml *target = weir_yaml_find(node, "target");
    bool is_good = !queue || weir_loader_read_id(loader, queue, &effect->queue);
    return (!target || weir_loader_read_time(loader, target, 1000, 30 * WEIR_DAY_MS,
                                             "from 1s to 30d", &effect->target_ms)) &&
           is_good;
}

static bool read_slow(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_effect *effect)
{
    int64_t ms = 0;
    if (!weir_loader_read_time(loader, node, 1000, WEIR_DAY_MS, "from 1s to 1d", &ms)) {
        return false;
    }
    effect->mode_seconds = (uint32_t)(ms / 1000);
    return true;
}

static bool read_switch(struct weir_loader *loader, const struct weir_yaml *node)
{
    bool is_on;
    if (!weir_yaml_to_bool(node, &is_on, loader->diagnostics)) {
        return false;
    }
    return is_on || weir_diagnostics_error(loader->diagnostics, &node->place,
                                           "must be true; leave it out otherwise");
}

// `for` is a time as it is; the others let it last as long as its reason does.
static bool read_mode_times(struct weir_loader *loader, const struct weir_yaml *node,
                            struct weir_effect *effect)
{
    const struct weir_yaml *period = weir_yaml_find(node, "for");
    const struct weir_yaml *least = weir_yaml_find(node, "min");
    const struct weir_yaml *most = weir_yaml_find(node, "max");
    const struct weir_yaml *calm = weir_yaml_find(node, "calm");
    const struct {
        const struct weir_yaml *node;
        int64_t *ms;
    } times[] = {{period, &effect->duration_ms},
                 {least, &effect->least_ms},
                 {most, &effect->most_ms},
                 {calm, &effect->calm_ms}};
    bool is_good = true;
    if (period && (least || most || calm)) {
        return weir_diagnostics_error(loader->diagnostics, &period->place,
                                      "either 'for', or 'calm' with 'min' and 'max'");
    }
    if ((least || most) && !calm) {
        return weir_diagnostics_error(loader->diagnostics, &(least ? least : most)->place,
                                      "needs 'calm': so long without its rule firing ends it");
    }
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        is_good = (!times[i].node || weir_loader_read_time(loader, times[i].node, 1000, WEIR_DAY_MS,
                                                           "from 1s to 1d", times[i].ms)) &&
                  is_good;
    }
    if (period) {
        effect->least_ms = effect->most_ms = effect->duration_ms;
    } else if (calm && !most) {
        effect->most_ms = WEIR_DAY_MS;
    }
    return is_good &&
           (effect->most_ms >= effect->least_ms ||
            weir_diagnostics_error(loader->diagnostics, &least->place, "'min' is more than 'max'"));
}

static bool read_room_mode(struct weir_loader *loader, const struct weir_yaml *node,
                           struct weir_effect *effect)
{
    static const char *const keys[] = {"slow", "members", "emote", "shield",
                                       "for",  "min",     "max",   "calm"};
    if (!weir_loader_is_map(loader, node, "a room mode")) {
        return false;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a room mode", loader->diagnostics);
    bool is_good = true;
    for (size_t i = 0; i < 4; i++) {
        const struct weir_yaml *value = weir_yaml_find(node, keys[i]);
        if (value && effect->mode.length > 0) {
            return weir_diagnostics_error(loader->diagnostics, &value->place,
                                          "one mode at a time; make this an entry of its own");
        }
        if (value) {
            effect->mode = weir_span_of(keys[i]);
            is_good = i == 0 ? read_slow(loader, value, effect) : read_switch(loader, value);
        }
    }
    is_good = read_mode_times(loader, node, effect) && is_good;
    if (effect->mode.length == 0) {
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "needs one of slow, members, emote, shield");
    }
    return is_good;
}

/** How an effect may be written. */
struct effect_row {
    const char *name;
    enum weir_effect_kind kind;
    bool may_stand_alone;  // delete, as well as or instead of {delete: ...}
    read_argument_fn read; // NULL: takes no argument
};

static const struct effect_row effect_rows[] = {
    {"delete", WEIR_EFFECT_DELETE, true, NULL},
    {"hold", WEIR_EFFECT_HOLD, true, read_card},
    {"mask", WEIR_EFFECT_MASK, true, NULL},
    {"ban", WEIR_EFFECT_BAN, true, NULL},
    {"warn", WEIR_EFFECT_WARN, false, read_said_text},
    {"timeout", WEIR_EFFECT_TIMEOUT, false, read_timeout},
    {"flag", WEIR_EFFECT_FLAG, true, read_card},
    {"strike", WEIR_EFFECT_STRIKE, false, read_strike},
    {"reply", WEIR_EFFECT_REPLY, false, read_said_text},
    {"room_mode", WEIR_EFFECT_ROOM_MODE, false, read_room_mode},
};

// What others call the same, so that whoever comes from there finds the word.
static const char *find_synonym(struct weir_span name)
{
    static const char *const synonyms[][2] = {
        {"block", "delete"}, {"censor", "mask"},   {"kick", "timeout"},    {"message", "warn"},
        {"mute", "timeout"}, {"remove", "delete"}, {"report", "flag"},     {"say", "reply"},
        {"spam", "delete"},  {"review", "flag"},   {"silence", "timeout"}, {"slow", "room_mode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(synonyms); i++) {
        if (weir_span_is(name, synonyms[i][0])) {
            return synonyms[i][1];
        }
    }
    return NULL;
}

// `timeout 10m` for {timeout: 10m}, `mute` for timeout: true if it was told.
static bool report_near_miss(struct weir_loader *loader, const struct weir_yaml *node)
{
    struct weir_span value = node->text;
    struct weir_span first = weir_span_take_until(&value, ' ');
    const char *synonym = find_synonym(node->text);
    for (size_t i = 0; i < ARRAY_LEN(effect_rows) && node->kind == WEIR_YAML_SCALAR; i++) {
        if (value.length > 0 && weir_span_is(first, effect_rows[i].name)) {
            weir_diagnostics_error(loader->diagnostics, &node->place,
                                   "unknown action '%.*s'; did you mean '{%s: %.*s}'?",
                                   WEIR_SPAN_ARGS(node->text), effect_rows[i].name,
                                   WEIR_SPAN_ARGS(value));
            return true;
        }
    }
    if (node->kind == WEIR_YAML_SCALAR && synonym) {
        weir_diagnostics_error(loader->diagnostics, &node->place,
                               "unknown action '%.*s'; did you mean '%s'?",
                               WEIR_SPAN_ARGS(node->text), synonym);
        return true;
    }
    return false;
}

static const struct effect_row *find_row(struct weir_loader *loader, const struct weir_yaml *name)
{
    const char *names[ARRAY_LEN(effect_rows)];
    size_t index;
    if (report_near_miss(loader, name)) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(effect_rows); i++) {
        names[i] = effect_rows[i].name;
    }
    return weir_loader_read_name(loader, name, "action", names, ARRAY_LEN(names), &index)
               ? &effect_rows[index]
               : NULL;
}

static bool read_bare_effect(struct weir_loader *loader, const struct weir_yaml *node,
                             struct weir_effect *effect)
{
    const struct effect_row *row = find_row(loader, node);
    if (!row) {
        return false;
    }
    effect->kind = row->kind;
    return row->may_stand_alone ||
           weir_diagnostics_error(loader->diagnostics, &node->place,
                                  "'%s' needs a value: {%s: ...}", row->name, row->name);
}

static bool read_effect_map(struct weir_loader *loader, const struct weir_yaml *node,
                            struct weir_effect *effect)
{
    if (node->count != 1) {
        return weir_diagnostics_error(loader->diagnostics,
                                      node->count ? &node->keys[1]->place : &node->place,
                                      "an entry of its own for each action, please");
    }
    const struct effect_row *row = find_row(loader, node->keys[0]);
    if (!row) {
        return false;
    }
    effect->kind = row->kind;
    return row->read ? row->read(loader, node->items[0], effect)
                     : weir_diagnostics_error(loader->diagnostics, &node->items[0]->place,
                                              "'%s' takes no value", row->name);
}

static bool read_effect(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_effect *effect)
{
    effect->queue = WEIR_SPAN("review");
    switch (node->kind) {
    case WEIR_YAML_SCALAR:
        return read_bare_effect(loader, node, effect);
    case WEIR_YAML_MAP:
        return read_effect_map(loader, node, effect);
    default:
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "an action must be a name or a map, not a list");
    }
}

bool weir_loader_read_effects(struct weir_loader *loader, const struct weir_yaml *node,
                              const struct weir_effect **effects_out, size_t *count_out)
{
    if (!weir_loader_is_list(loader, node, "what to do")) {
        return false;
    }
    struct weir_effect *effects =
        weir_arena_new_array(loader->arena, struct weir_effect, node->count);
    bool is_good = true;
    for (size_t i = 0; i < node->count; i++) {
        is_good = read_effect(loader, node->items[i], &effects[i]) && is_good;
    }
    *effects_out = effects;
    *count_out = node->count;
    return node->count > 0
               ? is_good
               : weir_diagnostics_error(loader->diagnostics, &node->place, "the list is empty");
}
