// The `hit` and `miss` lines of packs, and test files: a conversation with what is expected of each
// message. Rules that can't be loaded are refused as everywhere.

#include "engine/base/alloc.h"
#include "engine/base/room_protocol.h"
#include "engine/base/yaml.h"
#include "engine/commands/rules_option.h"
#include "engine/judge/judge.h"
#include "engine/judge/prove.h"

#include <stdio.h>

#define START_MS 1000000

struct test_run {
    struct weir_rule_files packs;
    struct weir_paths pack_paths;
    struct weir_paths test_paths;
    struct weir_diagnostics diagnostics;
    struct weir_set *set;
    struct weir_judge *judge;
    size_t passed;
    size_t failed;

    // The test file in hand.
    const char *file;
    struct weir_span source;
    struct weir_memory *memory;
    struct weir_span scene;
    int64_t now_ms;
};

static void fini_run(struct test_run *run)
{
    weir_judge_destroy(&run->judge);
    weir_set_destroy(&run->set);
    weir_diagnostics_fini(&run->diagnostics);
    weir_rule_files_fini(&run->packs);
    weir_paths_fini(&run->pack_paths);
    weir_paths_fini(&run->test_paths);
}

// --- what a message of a test file says ---

static void read_role(const struct weir_yaml *node, struct weir_message *message,
                      struct weir_diagnostics *diagnostics)
{
    uint32_t role = 0;
    if (weir_role_find(node->text, &role)) {
        message->user.roles |= role;
        return;
    }
    weir_diagnostics_error(diagnostics, &node->place, "unknown role '%.*s'",
                           WEIR_SPAN_ARGS(node->text));
}

static void read_roles(const struct weir_yaml *node, struct weir_message *message,
                       struct weir_diagnostics *diagnostics)
{
    if (node->kind == WEIR_YAML_SCALAR) {
        read_role(node, message, diagnostics);
    }
    for (size_t i = 0; node->kind == WEIR_YAML_LIST && i < node->count; i++) {
        read_role(node->items[i], message, diagnostics);
    }
}

static void read_user_map(const struct weir_yaml *node, struct weir_message *message,
                          struct weir_diagnostics *diagnostics)
{
    static const char *const keys[] = {"id", "name", "roles", "tier", "identity"};
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a user", diagnostics);
    const struct weir_yaml *id = weir_yaml_find(node, "id");
    const struct weir_yaml *name = weir_yaml_find(node, "name");
    const struct weir_yaml *roles = weir_yaml_find(node, "roles");
    const struct weir_yaml *tier = weir_yaml_find(node, "tier");
    const struct weir_yaml *identity = weir_yaml_find(node, "identity");
    uint64_t rank = 0;
    if (id) {
        weir_yaml_to_text(id, &message->user.id, diagnostics);
    }
    if (name) {
        weir_yaml_to_text(name, &message->user.name, diagnostics);
    }
    if (roles) {
        read_roles(roles, message, diagnostics);
    }
    if (tier && weir_yaml_to_u64(tier, 1000, &rank, diagnostics)) {
        message->user.tier = (uint32_t)rank;
    }
    if (identity && !weir_identity_find(identity->text, &message->user.identity)) {
        weir_diagnostics_error(diagnostics, &identity->place, "unknown identity '%.*s'",
                               WEIR_SPAN_ARGS(identity->text));
    }
}

static void read_when(struct test_run *run, const struct weir_yaml *at,
                      struct weir_diagnostics *diagnostics)
{
    int64_t offset_ms = 0;
    if (!at) {
        run->now_ms += 1000;
    } else if (weir_yaml_to_duration_ms(at, &offset_ms, diagnostics)) {
        run->now_ms = START_MS + offset_ms;
    }
}

static bool read_message(struct test_run *run, const struct weir_yaml *node,
                         struct weir_message *message, struct weir_diagnostics *diagnostics)
{
    static const char *const keys[] = {"at", "user", "text", "expect", "scene", "reply_to", "id"};
    size_t before = diagnostics->error_count;
    if (node->kind != WEIR_YAML_MAP) {
        return weir_diagnostics_error(diagnostics, &node->place,
                                      "a message is a map with 'text' and 'expect'");
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a message", diagnostics);
    const struct weir_yaml *text = weir_yaml_find(node, "text");
    const struct weir_yaml *user = weir_yaml_find(node, "user");
    const struct weir_yaml *scene = weir_yaml_find(node, "scene");
    const struct weir_yaml *reply_to = weir_yaml_find(node, "reply_to");
    *message =
        (struct weir_message){.room = WEIR_SPAN("test"), .user = {.id = WEIR_SPAN("somebody")}};
    if (!text) {
        return weir_diagnostics_error(diagnostics, &node->place, "a message needs 'text'");
    }
    weir_yaml_to_text(text, &message->text, diagnostics);
    if (user && user->kind == WEIR_YAML_MAP) {
        read_user_map(user, message, diagnostics);
    } else if (user) {
        weir_yaml_to_text(user, &message->user.id, diagnostics);
    }
    if (scene) {
        weir_yaml_to_text(scene, &run->scene, diagnostics);
    }
    if (reply_to) {
        weir_yaml_to_text(reply_to, &message->reply_to, diagnostics);
    }
    read_when(run, weir_yaml_find(node, "at"), diagnostics);
    message->ts_ms = run->now_ms;
    return diagnostics->error_count == before;
}

// --- what is expected of it ---

static bool has_fired(const struct weir_verdict *verdict, struct weir_span id)
{
    for (size_t i = 0; i < verdict->fired_count; i++) {
        if (weir_span_equals(verdict->fired[i]->id, id)) {
            return true;
        }
    }
    return false;
}

static bool is_message_verdict(struct weir_span word)
{
    for (int i = WEIR_MESSAGE_PASS; i <= WEIR_MESSAGE_DELETE; i++) {
        if (weir_span_is(word, weir_message_verdict_name(i))) {
            return true;
        }
    }
    return false;
}

static bool is_user_verdict(struct weir_span word)
{
    for (int i = WEIR_USER_NONE; i <= WEIR_USER_BAN; i++) {
        if (weir_span_is(word, weir_user_verdict_name(i))) {
            return true;
        }
    }
    return false;
}

// One word of `expect`: a verdict about the message or the user, `question`, or a rule's id.
static bool meets_word(struct test_run *run, const struct weir_yaml *word,
                       const struct weir_verdict *verdict, struct weir_diagnostics *diagnostics)
{
    if (is_message_verdict(word->text)) {
        return weir_span_is(word->text, weir_message_verdict_name(verdict->message_verdict));
    }
    if (is_user_verdict(word->text)) {
        return weir_span_is(word->text, weir_user_verdict_name(verdict->user_verdict));
    }
    if (weir_span_is(word->text, "question")) {
        return verdict->is_question;
    }
    if (weir_set_find_rule(run->set, word->text)) {
        return has_fired(verdict, word->text);
    }
    weir_diagnostics_error(diagnostics, &word->place,
                           "'%.*s' is neither a verdict, nor 'question', nor a rule's id",
                           WEIR_SPAN_ARGS(word->text));
    return false;
}

static bool meets_map(const struct weir_yaml *map, const struct weir_verdict *verdict,
                      struct weir_diagnostics *diagnostics)
{
    static const char *const keys[] = {"verdict", "user", "score", "topic", "rules"};
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "an expectation", diagnostics);
    const struct weir_yaml *message = weir_yaml_find(map, "verdict");
    const struct weir_yaml *user = weir_yaml_find(map, "user");
    const struct weir_yaml *score = weir_yaml_find(map, "score");
    const struct weir_yaml *topic = weir_yaml_find(map, "topic");
    const struct weir_yaml *rules = weir_yaml_find(map, "rules");
    char found_score[16];
    snprintf(found_score, sizeof(found_score), "%d", verdict->score);
    bool meets =
        (!message ||
         weir_span_is(message->text, weir_message_verdict_name(verdict->message_verdict))) &&
        (!user || weir_span_is(user->text, weir_user_verdict_name(verdict->user_verdict))) &&
        (!score || weir_span_is(score->text, found_score)) &&
        (!topic || (verdict->topic && weir_span_equals(topic->text, verdict->topic->id)));
    if (rules && rules->count != verdict->fired_count) {
        return false;
    }
    for (size_t i = 0; rules && i < rules->count; i++) {
        meets = has_fired(verdict, rules->items[i]->text) && meets;
    }
    return meets;
}

static bool meets(struct test_run *run, const struct weir_yaml *expect,
                  const struct weir_verdict *verdict, struct weir_diagnostics *diagnostics)
{
    if (expect->kind == WEIR_YAML_MAP) {
        return meets_map(expect, verdict, diagnostics);
    }
    if (expect->kind == WEIR_YAML_SCALAR) {
        return meets_word(run, expect, verdict, diagnostics);
    }
    bool all = true;
    for (size_t i = 0; i < expect->count; i++) {
        all = meets_word(run, expect->items[i], verdict, diagnostics) && all;
    }
    return all;
}

static void report(struct test_run *run, const struct weir_yaml *expect,
                   const struct weir_verdict *verdict, struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer hits = {0};
    const struct weir_view *raw = weir_text_view(weir_judge_text(run->judge), WEIR_VIEW_RAW);
    for (size_t i = 0; i < verdict->hit_count && i < 3; i++) {
        const struct weir_verdict_hit *hit = &verdict->hits[i];
        weir_buffer_printf(&hits, "; %.*s found '%.*s' in view %s", WEIR_SPAN_ARGS(hit->rule->id),
                           (int)(hit->range.end - hit->range.start), raw->bytes + hit->range.start,
                           weir_view_name(hit->view));
    }
    weir_diagnostics_error(diagnostics, &expect->place, "found %s, user %s, score %d%s%s",
                           weir_message_verdict_name(verdict->message_verdict),
                           weir_user_verdict_name(verdict->user_verdict), verdict->score,
                           verdict->is_question ? ", question" : "", weir_buffer_text(&hits));
}

static void test_message(struct test_run *run, const struct weir_yaml *node,
                         struct weir_diagnostics *diagnostics)
{
    struct weir_message message;
    if (!read_message(run, node, &message, diagnostics)) {
        run->failed++;
        return;
    }
    struct weir_room_view room = {
        .id = message.room, .state = WEIR_SPAN("live"), .scene = run->scene};
    const struct weir_verdict *verdict =
        weir_judge_message(run->judge, run->set, run->memory, &room, &message, run->now_ms);
    const struct weir_yaml *expect = weir_yaml_find(node, "expect");
    if (!expect) {
        return;
    }
    size_t before = diagnostics->error_count;
    if (meets(run, expect, verdict, diagnostics)) {
        run->passed++;
        return;
    }
    run->failed++;
    if (diagnostics->error_count == before) {
        report(run, expect, verdict, diagnostics);
    }
}

static struct weir_span source_of(void *user, const char *file)
{
    struct test_run *run = user;
    return strcmp(file, run->file) == 0 ? run->source : weir_rule_files_source(&run->packs, file);
}

static void print(const struct weir_diagnostics *diagnostics, struct test_run *run)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    weir_diagnostics_write(diagnostics, source_of, run, &out);
    if (out.length > 0) {
        fwrite(out.data, 1, out.length, stdout);
    }
}

static void test_messages(struct test_run *run, const struct weir_yaml *root,
                          struct weir_diagnostics *diagnostics)
{
    static const char *const keys[] = {"about", "scene", "messages"};
    weir_yaml_refuse_others(root, keys, ARRAY_LEN(keys), "a test file", diagnostics);
    const struct weir_yaml *scene = weir_yaml_find(root, "scene");
    const struct weir_yaml *messages = weir_yaml_find(root, "messages");
    if (scene) {
        weir_yaml_to_text(scene, &run->scene, diagnostics);
    }
    if (messages->kind != WEIR_YAML_LIST) {
        weir_diagnostics_error(diagnostics, &messages->place, "'messages' is a list");
        return;
    }
    for (size_t i = 0; i < messages->count; i++) {
        test_message(run, messages->items[i], diagnostics);
    }
}

static void test_file(struct test_run *run, const char *path)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_error err = {0};
    if (!weir_file_read(path, WEIR_FILE_BYTES, &text, &err)) {
        printf("%s: %s\n", path, err.text);
        run->failed++;
        return;
    }
    run->file = path;
    run->source = weir_buffer_span(&text);
    run->scene = (struct weir_span){NULL, 0};
    run->now_ms = START_MS;
    run->memory = weir_memory_create();
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_yaml_parse(path, run->source, &diagnostics);
    if (document && diagnostics.error_count == 0) {
        test_messages(run, weir_yaml_root(document), &diagnostics);
    }
    run->failed += diagnostics.error_count > 0 && run->failed == 0;
    print(&diagnostics, run);
    weir_memory_destroy(&run->memory);
}

// --- which files are what ---

static bool is_test_file(const char *path)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_error err = {0};
    if (!weir_file_read(path, WEIR_FILE_BYTES, &text, &err)) {
        return false; // the loader says what is wrong with it
    }
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document =
        weir_yaml_parse(path, weir_buffer_span(&text), &diagnostics);
    const struct weir_yaml *root = document ? weir_yaml_root(document) : NULL;
    return root && root->kind == WEIR_YAML_MAP && weir_yaml_find(root, "messages") &&
           !weir_yaml_find(root, "pack");
}

static bool sort_paths(struct test_run *run, const struct weir_paths *named)
{
    for (size_t i = 0; i < named->count; i++) {
        WEIR_AUTO(weir_paths_fini) struct weir_paths files = {0};
        struct weir_error err = {0};
        if (!weir_paths_add_files(&files, named->items[i], ".yaml", &err)) {
            fprintf(stderr, "weir test: %s: %s\n", named->items[i], err.text);
            return false;
        }
        for (size_t j = 0; j < files.count; j++) {
            bool is_test = is_test_file(files.items[j]);
            weir_paths_add(is_test ? &run->test_paths : &run->pack_paths, files.items[j]);
        }
    }
    return true;
}

static bool use_default_packs(struct test_run *run)
{
    WEIR_AUTO(weir_free_at) char *shipped = weir_data_dir();
    if (!shipped) {
        fputs("weir test: the shipped packs are not where they should be; name some\n", stderr);
        return false;
    }
    weir_paths_add(&run->pack_paths, shipped);
    return true;
}

static int test_all(struct test_run *run)
{
    run->file = "";
    run->set = weir_rule_files_load(&run->packs, &run->pack_paths, &run->diagnostics);
    if (!run->set) {
        weir_diagnostics_sort(&run->diagnostics);
        print(&run->diagnostics, run);
        fprintf(stderr, "weir test: the rules are refused\n");
        return WEIR_EXIT_RULES;
    }
    run->judge = weir_judge_create(WEIR_PROVE_CHARS);
    struct weir_proof proof = weir_set_count_proof(run->set, &run->diagnostics);
    run->passed += proof.passed;
    run->failed += proof.failed;
    weir_diagnostics_sort(&run->diagnostics);
    print(&run->diagnostics, run);
    for (size_t i = 0; i < run->test_paths.count; i++) {
        test_file(run, run->test_paths.items[i]);
    }
    printf("%zu passed, %zu failed\n", run->passed, run->failed);
    return run->failed > 0 ? WEIR_EXIT_FINDINGS : WEIR_EXIT_OK;
}

static int run_test(int argc, char **argv)
{
    WEIR_AUTO(fini_run) struct test_run run = {0};
    WEIR_AUTO(weir_paths_fini) struct weir_paths named = {0};
    for (int i = 0; i < argc; i++) {
        bool is_rules = strcmp(argv[i], "--rules") == 0 && i + 1 < argc;
        if (!is_rules && argv[i][0] == '-') {
            fprintf(stderr, "weir test: unknown option '%s'\n", argv[i]);
            return WEIR_EXIT_USAGE;
        }
        weir_paths_add(&named, argv[is_rules ? ++i : i]);
    }
    if (!sort_paths(&run, &named) || (run.pack_paths.count == 0 && !use_default_packs(&run))) {
        return WEIR_EXIT_USAGE;
    }
    return test_all(&run);
}

const struct weir_command weir_command_test = {
    .name = "test",
    .summary = "run the samples of packs, and test files",
    .usage =
        "usage: weir test [--rules PATH] [PATH...]\n"
        "\n"
        "Loads the packs among the paths (files, or all *.yaml of folders) as one set, runs\n"
        "every `hit` and `miss` line, then the test files among them. Where no pack is named,\n"
        "the shipped ones are used. A test file is a conversation:\n"
        "\n"
        "  messages:\n"
        "    - {at: 3s, user: {id: u1, roles: [vip]}, text: 加微信 abc12345, expect: delete}\n"
        "    - {text: 多少钱, expect: [pass, question]}\n"
        "    - {text: free robux, expect: {verdict: delete, user: none, rules: [contact.scam]}}\n"
        "\n"
        "Exits 0 if all passed, 1 if some failed, 2 if the rules are refused.\n"
        "\n"
        "  weir test rules/\n"
        "  weir test my-pack.yaml my-pack.test.yaml\n",
    .run = run_test,
};
