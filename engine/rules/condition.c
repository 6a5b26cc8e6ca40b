// Trees of all, any, not and checks. A map of a tree has one head (all, any, not, or the name of a
// check) and what modifies it; the rest are mistakes with a suggestion.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

static const char *const modifiers[] = {"near", "view", "dictionary"};
static const char *const branches[] = {"all", "any", "not"};

static bool is_one_of(struct weir_span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (weir_span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_head(struct weir_span name)
{
    return is_one_of(name, branches, ARRAY_LEN(branches)) || weir_check_kind_find(name);
}

// What stands inside of `user` and `room`, for those who leave these out.
static const char *find_owner(struct weir_span key)
{
    static const char *const owners[][2] = {
        {"role", "user"},     {"roles", "user"}, {"name", "user"}, {"tier", "user"},
        {"identity", "user"}, {"scene", "room"}, {"state", "room"}};
    for (size_t i = 0; i < ARRAY_LEN(owners); i++) {
        if (weir_span_is(key, owners[i][0])) {
            return owners[i][1];
        }
    }
    return NULL;
}

static bool report_unknown_head(struct weir_loader *loader, const struct weir_yaml *key)
{
    const char *owner = find_owner(key->text);
    if (owner) {
        return weir_diagnostics_error(
            loader->diagnostics, &key->place,
            "unknown check '%.*s'; did you mean '%s: {%.*s: ..}'?", WEIR_SPAN_ARGS(key->text),
            owner, weir_span_is(key->text, "roles") ? 4 : (int)key->text.length, key->text.data);
    }
    size_t kind_count;
    const struct weir_check_kind *kinds = weir_check_kinds(&kind_count);
    WEIR_AUTO(weir_free_at)
    const char **names =
        weir_new_array(const char *, kind_count + ARRAY_LEN(branches) + ARRAY_LEN(modifiers));
    size_t count = 0;
    for (size_t i = 0; i < kind_count; i++) {
        names[count++] = kinds[i].name;
    }
    for (size_t i = 0; i < ARRAY_LEN(branches); i++) {
        names[count++] = branches[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(modifiers); i++) {
        names[count++] = modifiers[i];
    }
    const char *nearest = weir_nearest_name(key->text, names, count);
    return weir_diagnostics_error(loader->diagnostics, &key->place, "unknown check '%.*s'%s%s%s",
                                  WEIR_SPAN_ARGS(key->text), nearest ? "; did you mean '" : "",
                                  nearest ? nearest : "", nearest ? "'?" : "");
}

/**
 * Finds the head of a map: its index, or SIZE_MAX where it has none. What is wrong beside the head
 * is told, and the head is read all the same: it may hold more mistakes.
 */
static size_t find_head(struct weir_loader *loader, const struct weir_yaml *node)
{
    size_t head = SIZE_MAX;
    bool is_good = true;
    for (size_t i = 0; i < node->count; i++) {
        struct weir_span name = node->keys[i]->text;
        if (is_head(name) && head == SIZE_MAX) {
            head = i;
        } else if (is_head(name)) {
            is_good = weir_diagnostics_error(loader->diagnostics, &node->keys[i]->place,
                                             "a second condition in one place; put both under "
                                             "'all' or 'any'");
        } else if (!is_one_of(name, modifiers, ARRAY_LEN(modifiers))) {
            is_good = report_unknown_head(loader, node->keys[i]);
        }
    }
    if (head == SIZE_MAX && is_good) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "a condition needs a check");
    }
    return head;
}

static void refuse_modifier(struct weir_loader *loader, const struct weir_yaml *node,
                            const char *name, const char *wanted)
{
    for (size_t i = 0; i < node->count; i++) {
        if (weir_span_is(node->keys[i]->text, name)) {
            weir_diagnostics_error(loader->diagnostics, &node->keys[i]->place, "'%s' belongs to %s",
                                   name, wanted);
        }
    }
}

static bool read_views(struct weir_loader *loader, const struct weir_yaml *node,
                       uint32_t *views_out)
{
    const char *names[WEIR_VIEW_COUNT];
    for (size_t i = 0; i < WEIR_VIEW_COUNT; i++) {
        names[i] = weir_view_name((enum weir_view_kind)i);
    }
    uint32_t views = 0;
    if (!weir_loader_read_names(loader, node, "view", names, WEIR_VIEW_COUNT, &views)) {
        return false;
    }
    *views_out = views;
    return true;
}

static struct weir_check *new_check(struct weir_loader *loader, const struct weir_check_kind *kind,
                                    const struct weir_place *place)
{
    struct weir_check *check = weir_arena_new(loader->arena, struct weir_check);
    *check = (struct weir_check){
        .kind = kind,
        .owner = (uint32_t)loader->check_count,
        .rule = loader->rule,
        .place = *place,
        .views = 1u << WEIR_VIEW_FOLD,
        .lint_allowed = loader->allowed,
        .path = weir_arena_copy_span(loader->arena, weir_buffer_span(&loader->path)).data};
    loader->checks = weir_grow(loader->checks, &loader->check_capacity, loader->check_count + 1,
                               sizeof(struct weir_check *));
    loader->checks[loader->check_count++] = check;
    return check;
}

static struct weir_condition *new_condition(struct weir_loader *loader,
                                            enum weir_condition_kind kind)
{
    struct weir_condition *condition = weir_arena_new(loader->arena, struct weir_condition);
    condition->kind = kind;
    return condition;
}

static struct weir_condition *read_leaf(struct weir_loader *loader, const struct weir_yaml *node,
                                        size_t head)
{
    const struct weir_check_kind *kind = weir_check_kind_find(node->keys[head]->text);
    struct weir_condition *condition = new_condition(loader, WEIR_CONDITION_CHECK);
    struct weir_check *check = new_check(loader, kind, &node->keys[head]->place);
    const struct weir_yaml *views = weir_yaml_find(node, "view");

    refuse_modifier(loader, node, "near", "'all'");
    if (!kind->is_text) {
        refuse_modifier(loader, node, "view", "checks of text");
    } else if (views) {
        read_views(loader, views, &check->views);
    }
    if (!weir_span_is(node->keys[head]->text, "word")) {
        refuse_modifier(loader, node, "dictionary", "'word'");
    }
    condition->check = check;
    if (!kind->is_text) {
        check->argument_hash = weir_lint_hash(node->items[head]);
    }
    return kind->parse(loader, node, check) ? condition : NULL;
}

static struct weir_condition *read_node(struct weir_loader *loader, const struct weir_yaml *node);

static struct weir_condition *read_child(struct weir_loader *loader, const struct weir_yaml *node,
                                         const char *branch, size_t index)
{
    size_t length = loader->path.length;
    if (index == SIZE_MAX) {
        weir_buffer_printf(&loader->path, "%s.", branch);
    } else {
        weir_buffer_printf(&loader->path, "%s[%zu].", branch, index);
    }
    struct weir_condition *child = read_node(loader, node);
    loader->path.length = length;
    return child;
}

static bool read_children(struct weir_loader *loader, const struct weir_yaml *list,
                          const char *branch, struct weir_condition *condition)
{
    if (!weir_loader_is_list(loader, list, branch)) {
        return false;
    }
    bool is_good = true;
    condition->children = weir_arena_new_array(loader->arena, struct weir_condition *, list->count);
    condition->child_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        condition->children[i] = read_child(loader, list->items[i], branch, i);
        is_good = condition->children[i] && is_good;
    }
    return list->count > 0
               ? is_good
               : weir_diagnostics_error(loader->diagnostics, &list->place, "the list is empty");
}

// Whether a branch can say where it found something, which `near` measures.
static bool has_hits(const struct weir_condition *condition)
{
    if (condition->kind == WEIR_CONDITION_CHECK) {
        return condition->check->kind->is_text || condition->check->kind->has_spans;
    }
    for (size_t i = 0; condition->kind != WEIR_CONDITION_NOT && i < condition->child_count; i++) {
        if (has_hits(condition->children[i])) {
            return true;
        }
    }
    return false;
}

static bool read_near(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_condition *condition)
{
    int32_t chars;
    size_t measured = 0;
    if (!weir_loader_read_integer(loader, node, 1, 2000, &chars)) {
        return false;
    }
    condition->near_chars = (uint32_t)chars;
    for (size_t i = 0; i < condition->child_count; i++) {
        measured += has_hits(condition->children[i]);
    }
    return measured >= 2 || weir_diagnostics_error(loader->diagnostics, &node->place,
                                                   "'near' needs two conditions that find "
                                                   "something in the text");
}

static struct weir_condition *read_branch(struct weir_loader *loader, const struct weir_yaml *node,
                                          size_t head)
{
    struct weir_span name = node->keys[head]->text;
    const struct weir_yaml *value = node->items[head];
    const struct weir_yaml *near = weir_yaml_find(node, "near");
    struct weir_condition *condition = new_condition(loader, WEIR_CONDITION_ALL);

    refuse_modifier(loader, node, "view", "a check");
    refuse_modifier(loader, node, "dictionary", "'word'");
    if (weir_span_is(name, "not")) {
        refuse_modifier(loader, node, "near", "'all'");
        condition->kind = WEIR_CONDITION_NOT;
        condition->children = weir_arena_new_array(loader->arena, struct weir_condition *, 1);
        condition->child_count = 1;
        condition->children[0] = read_child(loader, value, "not", SIZE_MAX);
        return condition->children[0] ? condition : NULL;
    }
    if (weir_span_is(name, "any")) {
        refuse_modifier(loader, node, "near", "'all'");
        condition->kind = WEIR_CONDITION_ANY;
        return read_children(loader, value, "any", condition) ? condition : NULL;
    }
    bool is_good = read_children(loader, value, "all", condition);
    return is_good && (!near || read_near(loader, near, condition)) ? condition : NULL;
}

static struct weir_condition *read_node(struct weir_loader *loader, const struct weir_yaml *node)
{
    if (!weir_loader_is_map(loader, node, "a condition")) {
        return NULL;
    }
    size_t head = find_head(loader, node);
    if (head == SIZE_MAX) {
        return NULL;
    }
    struct weir_span name = node->keys[head]->text;
    if (is_one_of(name, branches, ARRAY_LEN(branches))) {
        return read_branch(loader, node, head);
    }
    size_t length = loader->path.length;
    weir_buffer_add(&loader->path, name);
    struct weir_condition *leaf = read_leaf(loader, node, head);
    loader->path.length = length;
    return leaf;
}

struct weir_condition *weir_loader_read_condition(struct weir_loader *loader,
                                                  const struct weir_yaml *node, const char *prefix)
{
    weir_buffer_clear(&loader->path);
    weir_buffer_add_text(&loader->path, prefix);
    return read_node(loader, node);
}

struct weir_condition *weir_loader_read_check(struct weir_loader *loader, const char *kind,
                                              const struct weir_yaml *argument, const char *prefix)
{
    struct weir_yaml key = {
        .kind = WEIR_YAML_SCALAR, .place = argument->place, .text = weir_span_of(kind)};
    struct weir_yaml *keys[] = {&key};
    struct weir_yaml *items[] = {(struct weir_yaml *)argument};
    struct weir_yaml map = {
        .kind = WEIR_YAML_MAP, .place = argument->place, .keys = keys, .items = items, .count = 1};
    return weir_loader_read_condition(loader, &map, prefix);
}
