#include "engine/rules/checks.h"

/** Texts of which one must be it. */
struct choice {
    const struct weir_span *items;
    size_t count;
};

struct user_arguments {
    uint32_t roles;      // 0: any
    uint32_t identities; // bits 1 << enum weir_identity; 0: any
    struct choice ids;
    struct choice names;
    struct weir_check_range tier;
};

struct room_arguments {
    struct choice ids;
    struct choice scenes;
    struct choice states;
};

static bool read_choice(struct weir_loader *loader, const struct weir_yaml *map, const char *key,
                        struct choice *choice)
{
    const struct weir_yaml *node = weir_yaml_find(map, key);
    return !node || weir_loader_read_texts(loader, node, &choice->items, &choice->count);
}

static bool read_bits(struct weir_loader *loader, const struct weir_yaml *map, const char *key,
                      const char *const *names, size_t count, uint32_t *bits)
{
    const struct weir_yaml *node = weir_yaml_find(map, key);
    return !node || weir_loader_read_names(loader, node, key, names, count, bits);
}

static bool has_something(struct weir_loader *loader, const struct weir_yaml *map,
                          const char *wanted)
{
    return map->count > 0 ||
           weir_diagnostics_error(loader->diagnostics, &map->place, "needs one of %s", wanted);
}

bool weir_parse_user(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    static const char *const keys[] = {"role", "id", "name", "tier", "identity"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    if (!weir_loader_is_map(loader, map, "a user")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a user", loader->diagnostics);
    struct user_arguments *arguments = weir_arena_new(loader->arena, struct user_arguments);
    const struct weir_yaml *tier = weir_yaml_find(map, "tier");
    arguments->tier = (struct weir_check_range){0, INT32_MAX};
    check->arguments = arguments;

    bool is_good = has_something(loader, map, "role, id, name, tier, identity");
    is_good = read_bits(loader, map, "role", weir_role_names, ARRAY_LEN(weir_role_names),
                        &arguments->roles) &&
              is_good;
    is_good = read_bits(loader, map, "identity", weir_identity_names,
                        ARRAY_LEN(weir_identity_names), &arguments->identities) &&
              is_good;
    is_good = read_choice(loader, map, "id", &arguments->ids) && is_good;
    is_good = read_choice(loader, map, "name", &arguments->names) && is_good;
    return (!tier || weir_check_read_range(loader, tier, 0, INT32_MAX, &arguments->tier)) &&
           is_good;
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

// Platforms show one name in several cases; ids are exact.
static bool equals_ignoring_case(struct weir_span a, struct weir_span b)
{
    for (size_t i = 0; i < a.length && a.length == b.length; i++) {
        if (to_lower(a.data[i]) != to_lower(b.data[i])) {
            return false;
        }
    }
    return a.length == b.length;
}

static bool is_chosen(const struct choice *choice, struct weir_span text)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (weir_span_equals(choice->items[i], text)) {
            return true;
        }
    }
    return choice->count == 0;
}

static bool is_name_chosen(const struct choice *choice, struct weir_span name)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (equals_ignoring_case(choice->items[i], name)) {
            return true;
        }
    }
    return choice->count == 0;
}

bool weir_holds_user(const struct weir_check *check, const struct weir_check_input *input,
                     struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct user_arguments *wanted = check->arguments;
    const struct weir_user *user = &input->message->user;
    return (wanted->roles == 0 || wanted->roles & user->roles) &&
           (wanted->identities == 0 || wanted->identities & 1u << user->identity) &&
           weir_check_is_in(&wanted->tier, user->tier) && is_chosen(&wanted->ids, user->id) &&
           is_name_chosen(&wanted->names, user->name);
}

bool weir_parse_room(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_check *check)
{
    static const char *const keys[] = {"id", "scene", "state"};
    static const char *const states[] = {"live", "paused", "ended"};
    const struct weir_yaml *map = weir_check_argument(node, check);
    uint32_t state_bits = 0;
    if (!weir_loader_is_map(loader, map, "a room")) {
        return false;
    }
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "a room", loader->diagnostics);
    struct room_arguments *arguments = weir_arena_new(loader->arena, struct room_arguments);
    check->arguments = arguments;
    bool is_good = has_something(loader, map, "id, scene, state");
    is_good = read_bits(loader, map, "state", states, ARRAY_LEN(states), &state_bits) && is_good;
    is_good = (state_bits == 0 || read_choice(loader, map, "state", &arguments->states)) && is_good;
    is_good = read_choice(loader, map, "id", &arguments->ids) && is_good;
    return read_choice(loader, map, "scene", &arguments->scenes) && is_good;
}

bool weir_holds_room(const struct weir_check *check, const struct weir_check_input *input,
                     struct weir_check_spans *spans_out)
{
    (void)spans_out;
    const struct room_arguments *wanted = check->arguments;
    const struct weir_room_view *room = input->room;
    return is_chosen(&wanted->ids, room->id) && is_chosen(&wanted->scenes, room->scene) &&
           is_chosen(&wanted->states, room->state);
}
