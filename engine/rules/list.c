// Word lists, in the pack or in files beside it, and words where checks name them.

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/base/utf8.h"
#include "engine/rules/loader.h"

#include <stdlib.h>

#define LONGEST_WORD 200

void weir_words_fini(struct weir_words *words)
{
    free(words->items);
    *words = (struct weir_words){0};
}

static void add_word(struct weir_words *words, const struct weir_word *word)
{
    words->items =
        weir_grow(words->items, &words->capacity, words->count + 1, sizeof(*words->items));
    words->items[words->count++] = *word;
}

static bool add_scalar(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_words *words)
{
    struct weir_word word = {.place = node->place, .node = node};
    if (!weir_loader_read_text(loader, node, 2000, &word.text)) {
        return false;
    }
    add_word(words, &word);
    return true;
}

// One line of a list file: a word, or nothing. A '#' after a blank begins a comment.
static void add_line(struct weir_loader *loader, const char *file, uint32_t number,
                     struct weir_span line, struct weir_words *words)
{
    struct weir_place place = {file, number, 1, 1};
    size_t end = 0;
    if (!weir_utf8_is_valid(line)) {
        weir_diagnostics_error(loader->diagnostics, &place, "not UTF-8; save the file as UTF-8");
        return;
    }
    while (end < line.length && !(line.data[end] == '#' && (end == 0 || line.data[end - 1] == ' ' ||
                                                            line.data[end - 1] == '\t'))) {
        end++;
    }
    struct weir_span text = weir_span_trim(weir_span_slice(line, 0, end));
    if (text.length == 0) {
        return;
    }
    place.column =
        1 + (uint32_t)weir_utf8_count(weir_span_slice(line, 0, (size_t)(text.data - line.data)));
    place.length = (uint32_t)weir_utf8_count(text);
    if (place.length > LONGEST_WORD) {
        weir_diagnostics_error(loader->diagnostics, &place, "longer than %d characters",
                               LONGEST_WORD);
        return;
    }
    struct weir_word word = {weir_arena_copy_span(loader->arena, text), place, NULL};
    add_word(words, &word);
}

static void add_file_lines(struct weir_loader *loader, const char *file, struct weir_span text,
                           struct weir_words *words)
{
    if (text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
        text = weir_span_slice(text, 3, text.length);
    }
    for (uint32_t line = 1; text.length > 0; line++) {
        add_line(loader, file, line, weir_span_take_until(&text, '\n'), words);
    }
}

// A list stands relative to its pack; this is the name that an author can open.
static const char *name_of_list(struct weir_loader *loader, struct weir_span path)
{
    const char *slash = strrchr(loader->file, '/');
    bool is_absolute = path.length > 0 && path.data[0] == '/';
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    if (slash && !is_absolute) {
        weir_buffer_add(&name,
                        (struct weir_span){loader->file, (size_t)(slash - loader->file) + 1});
    }
    weir_buffer_add(&name, path);
    return weir_arena_copy_span(loader->arena, weir_buffer_span(&name)).data;
}

static void read_list_file(struct weir_loader *loader, const struct weir_yaml *node,
                           struct weir_words *words)
{
    static const char *const keys[] = {"file"};
    struct weir_span path;
    struct weir_span text;
    struct weir_error err = {0};

    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a list", loader->diagnostics);
    const struct weir_yaml *file = weir_loader_need(loader, node, "file", "a list that is a map");
    if (!file || !weir_yaml_to_text(file, &path, loader->diagnostics)) {
        return;
    }
    if (!loader->read_list) {
        weir_diagnostics_error(loader->diagnostics, &file->place, "list files are not read here");
        return;
    }
    if (!loader->read_list(loader->read_list_user, loader->file, path, &text, &err)) {
        weir_diagnostics_error(loader->diagnostics, &file->place, "'%.*s' can't be read: %s",
                               WEIR_SPAN_ARGS(path), err.text);
        return;
    }
    weir_loader_hash(loader, text);
    add_file_lines(loader, name_of_list(loader, path), text, words);
    if (words->count == 0) {
        weir_diagnostics_error(loader->diagnostics, &file->place, "'%.*s' holds no word",
                               WEIR_SPAN_ARGS(path));
    }
}

static void read_list(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_words *words)
{
    if (node->kind == WEIR_YAML_MAP) {
        read_list_file(loader, node, words);
        return;
    }
    if (!weir_loader_is_list(loader, node, "a list of words")) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        add_scalar(loader, node->items[i], words);
    }
    if (node->count == 0) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "the list is empty");
    }
}

void weir_loader_read_lists(struct weir_loader *loader, const struct weir_yaml *node)
{
    if (!weir_loader_is_map(loader, node, "'lists'")) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        loader->lists = weir_grow(loader->lists, &loader->list_capacity, loader->list_count + 1,
                                  sizeof(*loader->lists));
        struct weir_list *list = &loader->lists[loader->list_count++];
        *list = (struct weir_list){.name = node->keys[i]->text, .place = node->keys[i]->place};
        read_list(loader, node->items[i], &list->words);
    }
}

void weir_loader_drop_lists(struct weir_loader *loader)
{
    for (size_t i = 0; i < loader->list_count; i++) {
        const struct weir_list *list = &loader->lists[i];
        if (!list->is_used) {
            weir_loader_warn(loader, loader->pack_allowed, WEIR_LINT_UNUSED_LIST, &list->place,
                             "nothing in this pack uses the list '%.*s'",
                             WEIR_SPAN_ARGS(list->name));
        }
        weir_words_fini(&loader->lists[i].words);
    }
    loader->list_count = 0;
}

static bool report_unknown_list(struct weir_loader *loader, const struct weir_yaml *node)
{
    WEIR_AUTO(weir_free_at)
    const char **names = weir_new_array(const char *, loader->list_count);
    for (size_t i = 0; i < loader->list_count; i++) { // scalars of a document end in a NUL
        names[i] = loader->lists[i].name.data;
    }
    const char *nearest = weir_nearest_name(node->text, names, loader->list_count);
    return weir_diagnostics_error(loader->diagnostics, &node->place,
                                  "this pack has no list '%.*s'%s%s%s", WEIR_SPAN_ARGS(node->text),
                                  nearest ? "; did you mean '" : "", nearest ? nearest : "",
                                  nearest ? "'?" : "");
}

static bool add_named_list(struct weir_loader *loader, const struct weir_yaml *node,
                           struct weir_words *words)
{
    struct weir_span name;
    if (!weir_yaml_to_text(node, &name, loader->diagnostics)) {
        return false;
    }
    for (size_t i = 0; i < loader->list_count; i++) {
        struct weir_list *list = &loader->lists[i];
        if (weir_span_equals(list->name, name)) {
            list->is_used = true;
            for (size_t j = 0; j < list->words.count; j++) {
                add_word(words, &list->words.items[j]);
            }
            return true;
        }
    }
    return report_unknown_list(loader, node);
}

static bool add_reference(struct weir_loader *loader, const struct weir_yaml *node,
                          struct weir_words *words)
{
    static const char *const keys[] = {"list"};
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a word", loader->diagnostics);
    const struct weir_yaml *list = weir_yaml_find(node, "list");
    if (!list) {
        return node->count > 0 || weir_loader_need(loader, node, "list", "a map of words");
    }
    if (list->kind != WEIR_YAML_LIST) {
        return add_named_list(loader, list, words);
    }
    bool is_good = true;
    for (size_t i = 0; i < list->count; i++) {
        is_good = add_named_list(loader, list->items[i], words) && is_good;
    }
    return is_good;
}

bool weir_loader_read_words(struct weir_loader *loader, const struct weir_yaml *node,
                            struct weir_words *words)
{
    struct weir_yaml *const one = (struct weir_yaml *)node;
    bool is_list = node->kind == WEIR_YAML_LIST;
    struct weir_yaml *const *items = is_list ? node->items : &one;
    size_t count = is_list ? node->count : 1;
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        bool is_added = items[i]->kind == WEIR_YAML_MAP ? add_reference(loader, items[i], words)
                                                        : add_scalar(loader, items[i], words);
        is_good = is_added && is_good;
    }
    return count > 0
               ? is_good
               : weir_diagnostics_error(loader->diagnostics, &node->place, "the list is empty");
}

/** What place_in_scalar() needs to find a byte of a pattern in its file. */
struct scalar_source {
    const struct weir_yaml *node;
    struct weir_span source;
};

static struct weir_place place_in_scalar(const void *user, size_t offset)
{
    const struct scalar_source *from = user;
    return weir_yaml_place_in(from->node, from->source, offset);
}

uint64_t weir_loader_version(uint64_t before, struct weir_span text)
{
    return weir_hash((struct weir_hash_key){before, 1}, text);
}

void weir_loader_add_pattern(struct weir_loader *loader, enum weir_pattern_kind kind,
                             uint32_t views, uint32_t owner, const struct weir_word *word)
{
    loader->patterns = weir_grow(loader->patterns, &loader->pattern_capacity,
                                 loader->pattern_count + 1, sizeof(*loader->patterns));
    struct weir_pattern *pattern = &loader->patterns[loader->pattern_count++];
    if (loader->rule) {
        loader->rule->version = weir_loader_version(loader->rule->version, word->text);
    }
    struct weir_span text = word->text;
    // Nobody who writes an expression as a block means the line end behind it, which no message
    // has.
    while (kind == WEIR_PATTERN_REGEX && word->node && word->node->block && text.length > 1 &&
           text.data[text.length - 1] == '\n') {
        text.length--;
    }
    *pattern = (struct weir_pattern){
        .kind = kind, .views = views, .owner = owner, .text = text, .place = word->place};
    if (word->node && kind == WEIR_PATTERN_REGEX) {
        struct scalar_source *from = weir_arena_new(loader->arena, struct scalar_source);
        *from = (struct scalar_source){word->node, loader->source};
        pattern->place_at = place_in_scalar;
        pattern->place_user = from;
    }
}
