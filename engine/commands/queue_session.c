#include "engine/commands/queue_session.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/commands/queue.h"
#include "engine/config/config.h"
#include "engine/store/card_args.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_STATE "/var/lib/weir"
#define MIN_PREFIX    4

// ---- options ----

static const char **value_of(struct weir_queue_options *options, const char *name)
{
    const struct {
        const char *name;
        const char **value;
    } rows[] = {
        {"--as", &options->as},
        {"--redis", &options->redis},
        {"--state", &options->state},
        {"-c", &options->config},
        {"--capacity", &options->capacity},
        {"--to", &options->to},
        {"--after", &options->after},
        {"--for", &options->duration},
        {"--text", &options->text},
        {"--verdict", &options->verdict},
        {"--reason", &options->reason},
        {"--token", &options->token},
        {"--max", &options->max},
        {"--lasts", &options->lasts},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].value;
        }
    }
    return NULL;
}

// --queue and --skill may be given several times.
static bool take_list(struct weir_queue_options *options, const char *name, const char *value,
                      struct weir_error *err)
{
    bool is_skill = strcmp(name, "--skill") == 0;
    size_t *count = is_skill ? &options->skill_count : &options->queue_count;
    if (*count == (is_skill ? WEIR_QUEUE_SKILLS : WEIR_QUEUE_WORDS)) {
        return weir_error_set(err, "too many times %s", name);
    }
    (is_skill ? options->skills : options->queues)[(*count)++] = value;
    options->queue = is_skill ? options->queue : value;
    return true;
}

static bool *flag_of(struct weir_queue_options *options, const char *name)
{
    const struct {
        const char *name;
        bool *flag;
    } rows[] = {
        {"--json", &options->json},  {"--done", &options->done}, {"--fill", &options->fill},
        {"--new", &options->is_new}, {"--off", &options->off},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].flag;
        }
    }
    return NULL;
}

bool weir_queue_parse_options(struct weir_queue_options *options, int argc, char **argv,
                              struct weir_error *err)
{
    for (int i = 0; i < argc; i++) {
        const char **value = value_of(options, argv[i]);
        bool *flag = flag_of(options, argv[i]);
        bool is_list = strcmp(argv[i], "--queue") == 0 || strcmp(argv[i], "--skill") == 0;
        if ((value || is_list) && i + 1 == argc) {
            return weir_error_set(err, "%s needs a value", argv[i]);
        }
        if (value) {
            *value = argv[++i];
        } else if (is_list) {
            if (!take_list(options, argv[i], argv[i + 1], err)) {
                return false;
            }
            i++;
        } else if (flag) {
            *flag = true;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            return weir_error_set(err, "unknown option '%s'", argv[i]);
        } else if (options->word_count < WEIR_QUEUE_WORDS) {
            options->words[options->word_count++] = argv[i];
        } else {
            return weir_error_set(err, "too many words");
        }
    }
    options->as = options->as ? options->as : getenv("USER");
    options->as = options->as && options->as[0] ? options->as : "moderator";
    return true;
}

// 30s, 10m, 1h, 2d; `fallback_ms` where nothing is said.
bool weir_queue_parse_time(const char *text, int64_t fallback_ms, int64_t *ms_out,
                           struct weir_error *err)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    uint64_t number = 0;
    *ms_out = fallback_ms;
    if (!text) {
        return true;
    }
    struct weir_span all = weir_span_of(text);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (all.length > 1 && all.data[all.length - 1] == units[i].unit &&
            weir_span_to_u64(weir_span_slice(all, 0, all.length - 1), &number) && number > 0 &&
            number < 100000) {
            *ms_out = (int64_t)number * units[i].ms;
            return true;
        }
    }
    return weir_error_set(err, "'%s' is not a time; write 30s, 10m, 1h or 2d", text);
}

// ---- reaching Redis ----

static struct weir_config *load_config(const struct weir_queue_options *options,
                                       struct weir_error *err)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics mistakes = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_free_at) char *file = weir_config_find(options->config, err);
    if (!file || !weir_file_read(file, WEIR_FILE_BYTES, &text, err)) {
        return NULL;
    }
    struct weir_config *config = weir_config_parse(file, weir_buffer_span(&text), &mistakes);
    if (!config) {
        weir_error_set(err, "%s has mistakes; 'weir check %s' shows them", file, file);
    }
    return config;
}

bool weir_queue_connect(struct weir_queue_session *session)
{
    struct weir_client_options client = {0};
    const struct weir_queue_options *options = &session->options;
    struct weir_config *config = NULL;
    struct weir_error no_config = {0};
    const char *password = getenv("WEIR_REDIS_PASSWORD");
    client.password = weir_span_of(password);
    client.url = weir_span_of(options->redis);
    client.state = options->state ? options->state : DEFAULT_STATE;
    if (!options->redis && !options->state) {
        config = load_config(options, &no_config);
        if (!config && (options->config || strstr(no_config.text, "mistakes"))) {
            return weir_error_set(&session->err, "%s", no_config.text);
        }
    }
    if (config) {
        client.url = weir_span_of(config->redis);
        client.state = config->state ? config->state : DEFAULT_STATE;
        client.password = password ? client.password : weir_span_of(config->redis_password);
        client.sentinel_password = weir_span_of(config->sentinel_password);
        client.tls_files = (struct weir_redis_tls_files){
            config->redis_ca_file, config->redis_cert_file, config->redis_key_file};
    }
    session->client = weir_client_open(&client, &session->err);
    weir_config_destroy(&config);
    return session->client != NULL;
}

// What must not be lost once it was said to be done.
static bool is_decision(const char *name)
{
    return strcmp(name, "answer") == 0 || strcmp(name, "resolve") == 0 || strcmp(name, "undo") == 0;
}

struct weir_reply *weir_queue_call(struct weir_queue_session *session, const char *name,
                                   const char *queue, const struct weir_span *args, size_t count)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    weir_buffer_printf(&key, "{q:%s}", queue);
    session->err = (struct weir_error){0};
    if (is_decision(name)) {
        return weir_client_decide(session->client, name, weir_buffer_span(&key), args, count,
                                  &session->confirmed, &session->err);
    }
    return weir_client_call(session->client, name, weir_buffer_span(&key), args, count,
                            &session->err);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void forget_queues(struct weir_queue_session *session)
{
    for (size_t i = 0; i < session->queue_count; i++) {
        free(session->queues[i]);
    }
    free(session->queues);
    session->queues = NULL;
    session->queue_count = 0;
}

// Those that are named, else all that the registry knows.
bool weir_queue_choose(struct weir_queue_session *session, const char *const *names, size_t count)
{
    forget_queues(session);
    struct weir_span args[] = {WEIR_SPAN("SMEMBERS"), WEIR_SPAN("weir:queues")};
    if (count > 0) {
        session->queues = weir_new_array(char *, count);
        for (session->queue_count = 0; session->queue_count < count; session->queue_count++) {
            if (!weir_queue_name_is_good(weir_span_of(names[session->queue_count]))) {
                return weir_error_set(&session->err, "'%s' is no name of a queue",
                                      names[session->queue_count]);
            }
            session->queues[session->queue_count] = weir_strdup(names[session->queue_count]);
        }
        return true;
    }
    struct weir_reply *found =
        weir_client_send(session->client, args, ARRAY_LEN(args), &session->err);
    if (!found) {
        return false;
    }
    session->queues = weir_new_array(char *, found->count);
    for (size_t i = 0; i < found->count; i++) {
        if (weir_queue_name_is_good(found->items[i].text)) {
            session->queues[session->queue_count++] =
                weir_strndup(found->items[i].text.data, found->items[i].text.length);
        }
    }
    weir_reply_destroy(&found);
    if (session->queue_count > 0) {
        qsort(session->queues, session->queue_count, sizeof(char *), compare_names);
    }
    return true;
}

bool weir_queue_choose_named(struct weir_queue_session *session)
{
    const struct weir_queue_options *options = &session->options;
    const char *names[2 * WEIR_QUEUE_WORDS];
    size_t count = 0;
    for (size_t i = 1; i < options->word_count; i++) {
        names[count++] = options->words[i];
    }
    for (size_t i = 0; i < options->queue_count; i++) {
        names[count++] = options->queues[i];
    }
    return weir_queue_choose(session, names, count);
}

// The ids in the chosen queues that begin with `prefix`.
bool weir_queue_add_ids(struct weir_queue_session *session, struct weir_span prefix,
                        struct weir_queue_ids *ids)
{
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *list = weir_queue_call(session, "ids", session->queues[i], &prefix, 1);
        if (!list) {
            return false;
        }
        weir_queue_ids_take(ids, list);
    }
    return true;
}

void weir_queue_write_one(struct weir_queue_session *session, const char *queue,
                          const struct weir_reply *card, int64_t now_ms, bool in_full)
{
    struct weir_span name = weir_span_of(queue);
    if (session->options.json) {
        weir_queue_write_json(&session->out, name, card);
        weir_buffer_add_byte(&session->out, '\n');
    } else if (in_full) {
        weir_queue_write_card(&session->out, name, card, now_ms);
    } else {
        struct weir_span id = weir_queue_ids_short(&session->ids, weir_reply_field(card, "id"));
        weir_queue_write_line(&session->out, name, card, id, now_ms);
    }
}

// The card of this very id in the chosen queues. NULL without an error: there is none.
static struct weir_reply *show_card(struct weir_queue_session *session, struct weir_span id,
                                    const char **queue_out)
{
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *card = weir_queue_call(session, "show", session->queues[i], &id, 1);
        if (card) {
            *queue_out = session->queues[i];
            return card;
        }
        if (strncmp(session->err.text, "GONE", 4) != 0) {
            return NULL;
        }
    }
    session->err = (struct weir_error){0};
    return NULL;
}

// The card that is meant, by its id or the beginning of it. NULL without an error: there is none.
struct weir_reply *weir_queue_seek_card(struct weir_queue_session *session, struct weir_span id,
                                        const char **queue_out)
{
    WEIR_AUTO(weir_queue_ids_fini) struct weir_queue_ids ids = {0};
    struct weir_reply *card = show_card(session, id, queue_out);
    if (card || session->err.text[0] || id.length < MIN_PREFIX ||
        !weir_queue_add_ids(session, id, &ids)) {
        return card;
    }
    if (ids.count > 1) {
        weir_error_set(
            &session->err, "%zu cards begin with %.*s, %.*s and %.*s among them; write more of it",
            ids.count, WEIR_SPAN_ARGS(id), WEIR_SPAN_ARGS(ids.ids[0]), WEIR_SPAN_ARGS(ids.ids[1]));
        return NULL;
    }
    return ids.count == 1 ? show_card(session, ids.ids[0], queue_out) : NULL;
}

// The card and the queue it is in.
struct weir_reply *weir_queue_find_card(struct weir_queue_session *session, const char *id,
                                        const char **queue_out)
{
    const char *queue = session->options.queue;
    if (!weir_queue_choose(session, &queue, queue ? 1 : 0)) {
        return NULL;
    }
    struct weir_reply *card = weir_queue_seek_card(session, weir_span_of(id), queue_out);
    if (!card && !session->err.text[0]) {
        weir_error_set(&session->err, "no card %s in %s%s%s", id, queue ? "queue " : "any queue",
                       queue ? queue : "",
                       strlen(id) < MIN_PREFIX ? "; write 4 characters of its id or more" : "");
    }
    return card;
}

static bool say_not_claimed(struct weir_queue_session *session, const struct weir_reply *card)
{
    struct weir_span id = weir_reply_field(card, "id");
    struct weir_span decided = weir_reply_field(card, "decided");
    if (weir_span_is(decided, "withdrawn")) {
        return weir_error_set(&session->err, "card %.*s is withdrawn: its messages are gone",
                              WEIR_SPAN_ARGS(id));
    }
    if (decided.length > 0) {
        return weir_error_set(&session->err, "card %.*s is decided already: %.*s by %.*s",
                              WEIR_SPAN_ARGS(id), WEIR_SPAN_ARGS(decided),
                              WEIR_SPAN_ARGS(weir_reply_field(card, "by")));
    }
    return weir_error_set(&session->err, "card %.*s is not claimed; 'weir queue claim' first",
                          WEIR_SPAN_ARGS(id));
}

// The token of the claim: the one that was given, else the card's where it is claimed by us.
bool weir_queue_choose_token(struct weir_queue_session *session, const struct weir_reply *card,
                             struct weir_span *token_out)
{
    struct weir_span owner = weir_reply_field(card, "owner");
    struct weir_span id = weir_reply_field(card, "id");
    *token_out = weir_span_of(session->options.token);
    if (session->options.token) {
        return true;
    }
    if (!weir_span_is(weir_reply_field(card, "state"), "claimed")) {
        return say_not_claimed(session, card);
    }
    if (!weir_span_is(owner, session->options.as)) {
        return weir_error_set(&session->err, "card %.*s is claimed by %.*s, not by %s",
                              WEIR_SPAN_ARGS(id), WEIR_SPAN_ARGS(owner), session->options.as);
    }
    *token_out = weir_reply_field(card, "token");
    return true;
}

void weir_queue_write_result(struct weir_queue_session *session, const char *queue,
                             const char *name, struct weir_span value)
{
    if (session->options.json) {
        weir_buffer_add_byte(&session->out, '{');
        weir_json_add_text_field(&session->out, "queue", weir_span_of(queue));
        weir_json_add_text_field(&session->out, name, value);
        if (session->confirmed != WEIR_CONFIRMED_ALONE) {
            bool is_safe = session->confirmed == WEIR_CONFIRMED_REPLICATED;
            weir_json_add_bool_field(&session->out, "unreplicated", !is_safe);
        }
        weir_buffer_add_text(&session->out, "}\n");
        return;
    }
    weir_buffer_add_text(&session->out, name);
    weir_buffer_add_byte(&session->out, ' ');
    weir_queue_add_text(&session->out, value);
    weir_buffer_add_byte(&session->out, '\n');
    if (session->confirmed == WEIR_CONFIRMED_UNREPLICATED) {
        fprintf(stderr, "weir queue: unreplicated: no replica of Redis has this within a second; "
                        "it is lost should the master fail now\n");
    }
}

// Calls a function about a claimed card: its id, its token, and what else it wants.
bool weir_queue_call_on_card(struct weir_queue_session *session, const char *function,
                             const char *result, const struct weir_span *more, size_t count)
{
    const char *queue = NULL;
    struct weir_span args[12];
    struct weir_reply *card = weir_queue_find_card(session, session->options.words[1], &queue);
    struct weir_reply *reply = NULL;
    if (!card) {
        return false;
    }
    args[0] = weir_reply_field(card, "id");
    if (weir_queue_choose_token(session, card, &args[1])) {
        for (size_t i = 0; i < count; i++) {
            args[2 + i] = more[i];
        }
        reply = weir_queue_call(session, function, queue, args, 2 + count);
    }
    if (reply) {
        weir_queue_write_result(session, queue, result, reply->text);
    }
    bool done = reply != NULL;
    weir_reply_destroy(&card);
    weir_reply_destroy(&reply);
    return done;
}

void weir_queue_session_fini(struct weir_queue_session *session)
{
    forget_queues(session);
    weir_queue_ids_fini(&session->ids);
    weir_client_close(&session->client);
    weir_buffer_fini(&session->out);
}
