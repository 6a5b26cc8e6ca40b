#include "engine/commands/test_file.h"

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/base/yaml.h"

#define MOST_TIMES 100000

struct reader {
    struct weir_test_file *file;
    const struct weir_set *set;
    struct weir_diagnostics *diagnostics;
    int64_t now_ms; // of the message before, since the conversation began
};

static void read_text(struct reader *reader, const struct weir_yaml *node, const char *key,
                      struct weir_span *text_out)
{
    const struct weir_yaml *value = weir_yaml_find(node, key);
    if (value) {
        weir_yaml_to_text(value, text_out, reader->diagnostics);
    }
}

static void read_role(struct reader *reader, const struct weir_yaml *node,
                      struct weir_message *message)
{
    uint32_t role = 0;
    if (node->kind == WEIR_YAML_SCALAR && weir_role_find(node->text, &role)) {
        message->user.roles |= role;
        return;
    }
    weir_diagnostics_error(
        reader->diagnostics, &node->place,
        "not a role; they are streamer, moderator, vip, subscriber, member, bot");
}

static void read_roles(struct reader *reader, const struct weir_yaml *node,
                       struct weir_message *message)
{
    if (node->kind != WEIR_YAML_LIST) {
        read_role(reader, node, message);
    }
    for (size_t i = 0; node->kind == WEIR_YAML_LIST && i < node->count; i++) {
        read_role(reader, node->items[i], message);
    }
}

static void read_user(struct reader *reader, const struct weir_yaml *node,
                      struct weir_message *message)
{
    static const char *const keys[] = {"id", "name", "roles", "tier", "identity"};
    if (node->kind != WEIR_YAML_MAP) {
        weir_yaml_to_text(node, &message->user.id, reader->diagnostics);
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a user", reader->diagnostics);
    const struct weir_yaml *roles = weir_yaml_find(node, "roles");
    const struct weir_yaml *tier = weir_yaml_find(node, "tier");
    const struct weir_yaml *identity = weir_yaml_find(node, "identity");
    uint64_t rank = 0;
    read_text(reader, node, "id", &message->user.id);
    read_text(reader, node, "name", &message->user.name);
    if (roles) {
        read_roles(reader, roles, message);
    }
    if (tier && weir_yaml_to_u64(tier, UINT32_MAX, &rank, reader->diagnostics)) {
        message->user.tier = (uint32_t)rank;
    }
    if (identity && (identity->kind != WEIR_YAML_SCALAR ||
                     !weir_identity_find(identity->text, &message->user.identity))) {
        weir_diagnostics_error(reader->diagnostics, &identity->place,
                               "not an identity; they are stable, session, masked, none");
    }
}

// A message comes a second after the one before unless it says when.
static void read_times(struct reader *reader, const struct weir_yaml *node,
                       struct weir_test_message *message)
{
    const struct weir_yaml *at = weir_yaml_find(node, "at");
    const struct weir_yaml *times = weir_yaml_find(node, "times");
    const struct weir_yaml *every = weir_yaml_find(node, "every");
    uint64_t count = 1;
    message->at_ms = reader->now_ms + 1000;
    message->every_ms = 1000;
    if (at && weir_yaml_to_duration_ms(at, &message->at_ms, reader->diagnostics) &&
        message->at_ms < reader->now_ms) {
        weir_diagnostics_error(reader->diagnostics, &at->place,
                               "before the message above, which comes at %.3f s",
                               (double)reader->now_ms / 1000);
    }
    if (times && weir_yaml_to_u64(times, MOST_TIMES, &count, reader->diagnostics) && count == 0) {
        weir_diagnostics_error(reader->diagnostics, &times->place, "must be 1 or more");
    }
    if (every) {
        weir_yaml_to_duration_ms(every, &message->every_ms, reader->diagnostics);
        if (!times) {
            weir_diagnostics_error(reader->diagnostics, &every->place,
                                   "'every' belongs to 'times'");
        }
    }
    message->times = (uint32_t)count;
    reader->now_ms = message->at_ms + (int64_t)(count - (count > 0)) * message->every_ms;
}

// A key that is not known was told; the one that is missing may be what it was meant to be.
static size_t count_known(const struct weir_yaml *map, const char *const *names, size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        known += weir_yaml_find(map, names[i]) != NULL;
    }
    return known;
}

static void read_message(struct reader *reader, const struct weir_yaml *node, struct weir_span room,
                         struct weir_test_message *message)
{
    static const char *const keys[] = {"at",    "user",     "text", "expect", "scene",
                                       "times", "reply_to", "id",   "every"};
    message->place = node->place;
    message->message = (struct weir_message){.room = room, .user = {.id = WEIR_SPAN("somebody")}};
    if (node->kind != WEIR_YAML_MAP) {
        weir_diagnostics_error(reader->diagnostics, &node->place,
                               "a message is a map with 'text' and 'expect'");
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a message", reader->diagnostics);
    const struct weir_yaml *user = weir_yaml_find(node, "user");
    const struct weir_yaml *expect = weir_yaml_find(node, "expect");
    if (!weir_yaml_find(node, "text") && node->count == count_known(node, keys, ARRAY_LEN(keys))) {
        weir_diagnostics_error(reader->diagnostics, &node->place, "a message needs 'text'");
    }
    read_text(reader, node, "text", &message->message.text);
    read_text(reader, node, "id", &message->message.id);
    read_text(reader, node, "reply_to", &message->message.reply_to);
    read_text(reader, node, "scene", &message->scene);
    message->has_scene = weir_yaml_find(node, "scene") != NULL;
    if (user) {
        read_user(reader, user, &message->message);
    }
    read_times(reader, node, message);
    if (expect) {
        message->expect =
            weir_expectation_read(&reader->file->arena, expect, reader->set, reader->diagnostics);
    }
}

static void read_messages(struct reader *reader, const struct weir_yaml *node,
                          struct weir_test_case *test)
{
    if (node->kind != WEIR_YAML_LIST || node->count == 0) {
        weir_diagnostics_error(reader->diagnostics, &node->place,
                               "'messages' must be a list of at least one message");
        return;
    }
    test->messages =
        weir_arena_new_array(&reader->file->arena, struct weir_test_message, node->count);
    test->message_count = node->count;
    reader->now_ms = 0;
    for (size_t i = 0; i < node->count; i++) {
        read_message(reader, node->items[i], test->room, &test->messages[i]);
    }
}

static void read_case(struct reader *reader, const struct weir_yaml *node,
                      struct weir_test_case *test)
{
    static const char *const keys[] = {"about", "room", "scene", "messages"};
    test->place = node->place;
    if (node->kind != WEIR_YAML_MAP) {
        weir_diagnostics_error(reader->diagnostics, &node->place,
                               "a case is a map with 'messages'");
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a case", reader->diagnostics);
    const struct weir_yaml *messages = weir_yaml_find(node, "messages");
    read_text(reader, node, "about", &test->about);
    read_text(reader, node, "scene", &test->scene);
    test->room = WEIR_SPAN("test");
    read_text(reader, node, "room", &test->room);
    if (!messages) {
        weir_diagnostics_error(reader->diagnostics, &node->place, "a case needs 'messages'");
        return;
    }
    read_messages(reader, messages, test);
}

static void read_cases(struct reader *reader, const struct weir_yaml *root)
{
    static const char *const keys[] = {"about", "cases"};
    const struct weir_yaml *cases = weir_yaml_find(root, "cases");
    bool is_list = cases && cases->kind == WEIR_YAML_LIST && cases->count > 0;
    size_t count = is_list ? cases->count : 1;
    reader->file->cases = weir_arena_new_array(&reader->file->arena, struct weir_test_case, count);
    reader->file->case_count = count;
    if (!cases) { // the file is the one case
        read_case(reader, root, &reader->file->cases[0]);
        return;
    }
    weir_yaml_refuse_others(root, keys, ARRAY_LEN(keys), "a test file with cases",
                            reader->diagnostics);
    if (!is_list) {
        weir_diagnostics_error(reader->diagnostics, &cases->place,
                               "'cases' must be a list of at least one case");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        read_case(reader, cases->items[i], &reader->file->cases[i]);
    }
}

bool weir_test_file_is_one(const char *name, struct weir_span text)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_yaml_parse(name, text, &diagnostics);
    const struct weir_yaml *root = document ? weir_yaml_root(document) : NULL;
    return root && root->kind == WEIR_YAML_MAP && !weir_yaml_find(root, "pack") &&
           (weir_yaml_find(root, "messages") || weir_yaml_find(root, "cases"));
}

bool weir_test_file_read(struct weir_test_file *file, const char *name, struct weir_span text,
                         const struct weir_set *set, struct weir_diagnostics *diagnostics)
{
    size_t before = diagnostics->error_count;
    struct reader reader = {.file = file, .set = set, .diagnostics = diagnostics};
    file->document = weir_yaml_parse(name, text, diagnostics);
    if (file->document) {
        read_cases(&reader, weir_yaml_root(file->document));
    }
    return diagnostics->error_count == before;
}

void weir_test_file_fini(struct weir_test_file *file)
{
    weir_yaml_document_destroy(&file->document);
    weir_arena_fini(&file->arena);
}
