// Packs become a set in two steps: each file is read by itself, then what crosses files is looked
// up (ids, topics of answers), numbered, and given to the matcher. Every mistake of every file is
// told in one run, so nothing here stops at the first.

#include "engine/rules/set.h"

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

#include <stdio.h>
#include <stdlib.h>

void weir_loader_hash(struct weir_loader *loader, struct weir_span text)
{
    uint64_t length = text.length; // so that no two sequences of texts read the same
    SHA256Update(&loader->digest, (const uint8_t *)&length, sizeof(length));
    SHA256Update(&loader->digest, (const uint8_t *)text.data, text.length);
}

static void fini_loader(struct weir_loader *loader)
{
    weir_loader_drop_lists(loader);
    weir_buffer_fini(&loader->path);
    free(loader->lists);
    free(loader->rules);
    free(loader->checks);
    free(loader->series);
    free(loader->patterns);
    free(loader->policies);
    free(loader->room_policies);
    free(loader->topics);
    free(loader->topic_places);
    free(loader->answers);
    free(loader->answer_places);
    free(loader->answer_topics);
    free(loader->packs);
}

static void read_pack_name(struct weir_loader *loader, const struct weir_yaml *root)
{
    const struct weir_yaml *name = weir_loader_need(loader, root, "pack", "a pack");
    loader->pack = (struct weir_span){NULL, 0};
    if (!name || !weir_loader_read_id(loader, name, &loader->pack)) {
        return;
    }
    for (size_t i = 0; i < loader->pack_count; i++) {
        if (weir_span_equals(loader->packs[i].name, loader->pack)) {
            weir_diagnostics_error(loader->diagnostics, &name->place,
                                   "another pack has this name: %s", loader->packs[i].place.file);
        }
    }
    loader->packs = weir_grow(loader->packs, &loader->pack_capacity, loader->pack_count + 1,
                              sizeof(*loader->packs));
    loader->packs[loader->pack_count++] = (struct weir_reference){loader->pack, name->place};
}

// What `weir test` reads, named where a pack should be.
static bool is_test_file(struct weir_loader *loader, const struct weir_yaml *root)
{
    if (weir_yaml_find(root, "pack") ||
        (!weir_yaml_find(root, "messages") && !weir_yaml_find(root, "cases"))) {
        return false;
    }
    weir_diagnostics_error(loader->diagnostics, &root->place,
                           "this is a test file, not a pack; 'weir test' runs it");
    return true;
}

static void read_pack(struct weir_loader *loader, const struct weir_yaml *root)
{
    static const char *const keys[] = {"pack",   "about", "lint",   "mode",    "lists",
                                       "policy", "rules", "topics", "answers", "afterwards"};
    static const struct {
        const char *key;
        void (*read)(struct weir_loader *loader, const struct weir_yaml *node);
    } parts[] = {
        {"lists", weir_loader_read_lists},     {"policy", weir_loader_read_policy},
        {"rules", weir_loader_read_rules},     {"topics", weir_loader_read_topics},
        {"answers", weir_loader_read_answers}, {"afterwards", weir_loader_read_afterwards},
    };
    struct weir_span about;
    if (!weir_loader_is_map(loader, root, "a pack") || is_test_file(loader, root)) {
        return;
    }
    weir_yaml_refuse_others(root, keys, ARRAY_LEN(keys), "a pack", loader->diagnostics);
    read_pack_name(loader, root);
    loader->allowed = 0;
    weir_loader_read_lint(loader, root);
    loader->pack_allowed = loader->allowed;
    const struct weir_yaml *about_node = weir_yaml_find(root, "about");
    if (about_node) {
        weir_loader_read_text(loader, about_node, 1000, &about);
    }
    weir_loader_read_pack_mode(loader, root);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const struct weir_yaml *part = weir_yaml_find(root, parts[i].key);
        if (part) {
            parts[i].read(loader, part);
        }
    }
}

static void read_file(struct weir_loader *loader, const struct weir_pack_file *file,
                      struct weir_yaml_document **document_out)
{
    loader->file =
        weir_arena_copy_span(loader->arena, weir_span_of(file->name)).data; // places outlive us
    loader->source = file->text;
    weir_loader_hash(loader, file->text);
    *document_out = weir_yaml_parse(loader->file, file->text, loader->diagnostics);
    if (*document_out) {
        read_pack(loader, weir_yaml_root(*document_out));
    }
    weir_loader_drop_lists(loader);
}

static int compare_rules(const void *a, const void *b)
{
    const struct weir_rule *left = *(struct weir_rule *const *)a;
    const struct weir_rule *right = *(struct weir_rule *const *)b;
    int order = weir_span_compare(left->id, right->id);
    return order ? order
                 : (left->first_check > right->first_check) -
                       (left->first_check < right->first_check);
}

static void sort_rules(struct weir_loader *loader)
{
    if (loader->rule_count > 0) {
        qsort(loader->rules, loader->rule_count, sizeof(struct weir_rule *), compare_rules);
    }
    for (size_t i = 0; i < loader->rule_count; i++) {
        struct weir_rule *rule = loader->rules[i];
        rule->index = (uint32_t)i;
        if (i > 0 && rule->id.length > 0 && weir_span_equals(rule->id, loader->rules[i - 1]->id)) {
            const struct weir_place *first = &loader->rules[i - 1]->place;
            weir_diagnostics_error(loader->diagnostics, &rule->place,
                                   "another rule has this id: %s:%u", first->file, first->line);
        }
    }
}

static void refuse_same_topics(struct weir_loader *loader)
{
    for (size_t i = 0; i < loader->topic_count; i++) {
        for (size_t j = 0; j < i && loader->topics[i].id.length > 0; j++) {
            if (weir_span_equals(loader->topics[i].id, loader->topics[j].id)) {
                weir_diagnostics_error(loader->diagnostics, &loader->topic_places[i],
                                       "another topic has this id: %s:%u",
                                       loader->topic_places[j].file, loader->topic_places[j].line);
                break;
            }
        }
    }
}

static int compare_answers(const void *a, const void *b)
{
    const struct weir_reference *left = a;
    const struct weir_reference *right = b;
    return weir_span_compare(left->name, right->name);
}

static void refuse_same_answers(struct weir_loader *loader)
{
    WEIR_AUTO(weir_free_at)
    struct weir_reference *sorted = weir_new_array(struct weir_reference, loader->answer_count);
    for (size_t i = 0; i < loader->answer_count; i++) {
        sorted[i] = (struct weir_reference){loader->answers[i].id, loader->answer_places[i]};
    }
    qsort(sorted, loader->answer_count, sizeof(*sorted), compare_answers);
    for (size_t i = 1; i < loader->answer_count; i++) {
        if (sorted[i].name.length > 0 && weir_span_equals(sorted[i].name, sorted[i - 1].name)) {
            const struct weir_place *a = &sorted[i - 1].place;
            const struct weir_place *b = &sorted[i].place;
            bool is_first = strcmp(a->file, b->file) == 0 ? a->line < b->line : true;
            weir_diagnostics_error(loader->diagnostics, is_first ? b : a,
                                   "another answer has this id: %s:%u",
                                   is_first ? a->file : b->file, is_first ? a->line : b->line);
        }
    }
}

static bool has_topic(const struct weir_loader *loader, struct weir_span id)
{
    for (size_t i = 0; i < loader->topic_count; i++) {
        if (weir_span_equals(loader->topics[i].id, id)) {
            return true;
        }
    }
    return false;
}

static void refuse_unknown_topics(struct weir_loader *loader)
{
    WEIR_AUTO(weir_free_at)
    const char **names = weir_new_array(const char *, loader->topic_count);
    for (size_t i = 0; i < loader->topic_count; i++) { // ids are copies that end in a NUL
        names[i] = loader->topics[i].id.length > 0 ? loader->topics[i].id.data : "";
    }
    for (size_t i = 0; i < loader->answer_count; i++) {
        const struct weir_reference *topic = &loader->answer_topics[i];
        if (topic->name.length == 0 || has_topic(loader, topic->name)) {
            continue;
        }
        const char *nearest = weir_nearest_name(topic->name, names, loader->topic_count);
        weir_diagnostics_error(loader->diagnostics, &topic->place, "unknown topic '%.*s'%s%s%s",
                               WEIR_SPAN_ARGS(topic->name), nearest ? "; did you mean '" : "",
                               nearest ? nearest : "", nearest ? "'?" : "");
    }
}

// Final owner numbers: the checks of the rules in the rules' order, then those of topics and
// policies, then the excepts.
static void number_owners(struct weir_loader *loader)
{
    WEIR_AUTO(weir_free_at) uint32_t *numbers = weir_new_array(uint32_t, loader->check_count);
    struct weir_check **checks =
        weir_arena_new_array(loader->arena, struct weir_check *, loader->check_count);
    uint32_t next = 0;
    for (size_t i = 0; i < loader->rule_count; i++) {
        struct weir_rule *rule = loader->rules[i];
        uint32_t first = next;
        for (uint32_t j = 0; j < rule->check_count; j++) {
            checks[next] = loader->checks[rule->first_check + j];
            numbers[rule->first_check + j] = next++;
        }
        rule->first_check = first;
    }
    for (size_t i = 0; i < loader->check_count; i++) {
        if (!loader->checks[i]->rule) {
            checks[next] = loader->checks[i];
            numbers[i] = next++;
        }
    }
    weir_assert(next == loader->check_count);
    for (uint32_t i = 0; i < next; i++) {
        checks[i]->owner = i;
    }
    for (size_t i = 0; i < loader->pattern_count; i++) {
        uint32_t *owner = &loader->patterns[i].owner;
        *owner =
            *owner & WEIR_EXCEPT_OWNER ? next + (*owner & ~WEIR_EXCEPT_OWNER) : numbers[*owner];
    }
    for (size_t i = 0; i < loader->rule_count; i++) {
        uint32_t *owner = &loader->rules[i]->except_owner;
        *owner = *owner == UINT32_MAX ? UINT32_MAX : next + (*owner & ~WEIR_EXCEPT_OWNER);
    }
    loader->set->checks = checks;
    loader->set->check_count = next;
    loader->set->owner_count = next + loader->except_count;
}

static void fill_set(struct weir_loader *loader)
{
    struct weir_set *set = loader->set;
    set->rules = weir_arena_copy(loader->arena, loader->rules, loader->rule_count,
                                 sizeof(struct weir_rule *));
    set->rule_count = loader->rule_count;
    set->policies = weir_arena_copy(loader->arena, loader->policies, loader->policy_count,
                                    sizeof(*loader->policies));
    set->policy_count = loader->policy_count;
    set->room_policies = weir_arena_copy(loader->arena, loader->room_policies,
                                         loader->room_policy_count, sizeof(*loader->room_policies));
    set->room_policy_count = loader->room_policy_count;
    set->topics = weir_arena_copy(loader->arena, loader->topics, loader->topic_count,
                                  sizeof(*loader->topics));
    set->topic_count = loader->topic_count;
    set->answers = weir_arena_copy(loader->arena, loader->answers, loader->answer_count,
                                   sizeof(*loader->answers));
    set->answer_count = loader->answer_count;
}

static void name_set(struct weir_loader *loader)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    weir_loader_hash(loader, weir_span_of(weir_text_tables_version()));
    SHA256Final(digest, &loader->digest);
    int at = snprintf(loader->set->hash, sizeof(loader->set->hash), "sha256:");
    for (size_t i = 0; i < sizeof(digest); i++) {
        at += snprintf(loader->set->hash + at, sizeof(loader->set->hash) - (size_t)at, "%02x",
                       digest[i]);
    }
}

static void finish_set(struct weir_loader *loader, size_t errors_before)
{
    sort_rules(loader);
    refuse_same_topics(loader);
    refuse_same_answers(loader);
    refuse_unknown_topics(loader);
    number_owners(loader);
    fill_set(loader);
    weir_loader_finish_policies(loader);
    weir_loader_finish_series(loader);
    name_set(loader);
    // Also where something was refused: the patterns may hold more mistakes, to be told now.
    loader->set->matcher =
        weir_matcher_create(loader->patterns, loader->pattern_count, loader->diagnostics);
    bool all_right = loader->diagnostics->error_count == errors_before;
    if (all_right) {
        weir_loader_weigh(loader);
    }
    if (all_right && loader->diagnostics->lints) {
        weir_loader_lint(loader);
    }
    if (all_right) {
        weir_loader_set_gates(loader->set);
    }
}

struct weir_set *weir_set_load(const struct weir_pack_file *files, size_t count,
                               weir_read_list_fn read_list, void *user,
                               struct weir_diagnostics *diagnostics)
{
    size_t errors_before = diagnostics->error_count;
    WEIR_AUTO(weir_set_destroy) struct weir_set *set = weir_new(struct weir_set);
    WEIR_AUTO(weir_free_at)
    struct weir_yaml_document **documents = weir_new_array(struct weir_yaml_document *, count);
    set->memory = weir_new(struct weir_set_memory);
    set->strikes.half_life_ms = 7 * WEIR_DAY_MS;
    struct weir_loader loader = {.arena = &set->memory->arena,
                                 .diagnostics = diagnostics,
                                 .set = set,
                                 .read_list = read_list,
                                 .read_list_user = user};
    SHA256Init(&loader.digest);
    for (size_t i = 0; i < count; i++) { // the documents live on: regex mistakes are placed in them
        read_file(&loader, &files[i], &documents[i]);
    }
    finish_set(&loader, errors_before);
    fini_loader(&loader);
    for (size_t i = 0; i < count; i++) {
        weir_yaml_document_destroy(&documents[i]);
    }
    return diagnostics->error_count == errors_before && set->matcher ? weir_take(set) : NULL;
}

void weir_set_destroy(struct weir_set **set)
{
    if (*set) {
        weir_matcher_destroy(&(*set)->matcher);
        weir_arena_fini(&(*set)->memory->arena);
        free((*set)->memory);
        free(*set);
        *set = NULL;
    }
}

const struct weir_rule *weir_set_find_rule(const struct weir_set *set, struct weir_span id)
{
    size_t low = 0;
    size_t high = set->rule_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = weir_span_compare(set->rules[middle]->id, id);
        if (order == 0) {
            return set->rules[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
