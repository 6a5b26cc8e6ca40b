// The human queues from a terminal. Everything goes through the function library, as it does for
// any other client; what is typed here can be typed into redis-cli.

#include "engine/commands/queue.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/commands/commands.h"
#include "engine/commands/queue_ids.h"
#include "engine/config/config.h"
#include "engine/store/card_args.h"
#include "engine/store/library.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_STATE    "/var/lib/weir"
#define DEFAULT_LEASE_MS 300000
#define MAX_WORDS        64
#define MIN_PREFIX       4

static const char usage[] =
    "usage: weir queue ACTION [options]\n"
    "\n"
    "  list [QUEUE...]        what waits, earliest due first, and who works on what\n"
    "  show CARD              all that is known of a card\n"
    "  claim [QUEUE...]       take the card that is due first\n"
    "  answer CARD TEXT       say TEXT in the room to who asked; closes the card\n"
    "  resolve CARD --verdict delete+timeout --for 10m\n"
    "                         decide on a flag: delete, timeout, ban, warn, mask, release, reply,\n"
    "                         joined by +; or dismiss (releases what was held), done\n"
    "                         on a campaign: for all of its messages, and those that come later\n"
    "  release CARD           give a claimed card back\n"
    "  extend CARD            keep it longer (--for)\n"
    "  undo DECISION          take a decision back, as far as that is possible\n"
    "  library                the function library, for FUNCTION LOAD by whoever may\n"
    "\n"
    "CARD is an id, or as much of its beginning (4 characters or more) as is no other card's;\n"
    "DECISION is d-CARD-TOKEN, or d-CARD for the last one of that card.\n"
    "\n"
    "  --as NAME      who you are (default: $USER)\n"
    "  --redis URL    redis://host:port/db or unix:///path\n"
    "  --state DIR    the private Redis of this state directory\n"
    "  -c FILE        weir.yaml that names either (default: $WEIR_CONFIG, ./weir.yaml, ...)\n"
    "  --queue NAME   where the card is (default: looked for in all queues)\n"
    "  --for TIME     lease of a claim (default 5m), length of a timeout: 30s, 10m, 1h\n"
    "  --lasts TIME   how long a decision holds for a campaign's later messages (default 1h)\n"
    "  --verdict V, --text TEXT, --reason TEXT     for resolve\n"
    "  --token T      of the claim (default: the card's, where it is claimed by you)\n"
    "  --max N        lines of list (default 100)   --done   what is finished instead\n"
    "  --json         for machines\n"
    "\n"
    "examples:\n"
    "  weir queue list sales\n"
    "  weir queue claim sales review --as kim\n"
    "  weir queue answer c-5f1c0a 48小时内发货 --as kim\n"
    "  weir queue undo d-c-5f1c0a\n";

struct options {
    const char *words[MAX_WORDS]; // what is no option
    size_t word_count;
    const char *as;
    const char *redis;
    const char *state;
    const char *config;
    const char *queue;
    const char *duration;
    const char *lasts;
    const char *verdict;
    const char *text;
    const char *reason;
    const char *token;
    const char *max;
    bool done;
    bool json;
};

// One run of the command.
struct session {
    struct options options;
    struct weir_client *client;
    char **queues;
    size_t queue_count;
    struct weir_queue_ids ids; // of all cards, where short ones are shown
    struct weir_buffer out;
    struct weir_error err;
    enum weir_confirmed confirmed; // the decision
};

// ---- options ----

static const char **value_of(struct options *options, const char *name)
{
    const struct {
        const char *name;
        const char **value;
    } rows[] = {
        {"--as", &options->as},         {"--redis", &options->redis},
        {"--state", &options->state},   {"-c", &options->config},
        {"--queue", &options->queue},   {"--for", &options->duration},
        {"--text", &options->text},     {"--verdict", &options->verdict},
        {"--reason", &options->reason}, {"--token", &options->token},
        {"--max", &options->max},       {"--lasts", &options->lasts},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].value;
        }
    }
    return NULL;
}

static bool parse_options(struct options *options, int argc, char **argv, struct weir_error *err)
{
    for (int i = 0; i < argc; i++) {
        const char **value = value_of(options, argv[i]);
        if (value && i + 1 == argc) {
            return weir_error_set(err, "%s needs a value", argv[i]);
        }
        if (value) {
            *value = argv[++i];
        } else if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
        } else if (strcmp(argv[i], "--done") == 0) {
            options->done = true;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            return weir_error_set(err, "unknown option '%s'", argv[i]);
        } else if (options->word_count < MAX_WORDS) {
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
static bool parse_duration(const char *text, int64_t fallback_ms, int64_t *ms_out,
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

static struct weir_config *load_config(const struct options *options, struct weir_error *err)
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

static bool connect_client(struct session *session)
{
    struct weir_client_options client = {0};
    const struct options *options = &session->options;
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

static struct weir_reply *call(struct session *session, const char *name, const char *queue,
                               const struct weir_span *args, size_t count)
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

static void forget_queues(struct session *session)
{
    for (size_t i = 0; i < session->queue_count; i++) {
        free(session->queues[i]);
    }
    free(session->queues);
    session->queues = NULL;
    session->queue_count = 0;
}

// Those that are named, else all that the registry knows.
static bool choose_queues(struct session *session, const char *const *names, size_t count)
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

// The ids in the chosen queues that begin with `prefix`.
static bool add_ids(struct session *session, struct weir_span prefix, struct weir_queue_ids *ids)
{
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *list = call(session, "ids", session->queues[i], &prefix, 1);
        if (!list) {
            return false;
        }
        weir_queue_ids_take(ids, list);
    }
    return true;
}

// ---- list, show, claim ----

static void write_one(struct session *session, const char *queue, const struct weir_reply *card,
                      int64_t now_ms, bool in_full)
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

static bool list_queue(struct session *session, const char *queue, size_t *shown)
{
    const char *max = session->options.max ? session->options.max : "100";
    struct weir_span args[] = {weir_span_of(max), WEIR_SPAN("done")};
    struct weir_reply *list = call(session, "list", queue, args, session->options.done ? 2 : 1);
    if (!list) {
        return false;
    }
    int64_t now_ms = list->count > 0 ? weir_queue_number(list->items[0].text) : 0;
    for (size_t i = 1; i < list->count; i++) {
        write_one(session, queue, &list->items[i], now_ms, false);
        (*shown)++;
    }
    weir_reply_destroy(&list);
    return true;
}

static bool run_list(struct session *session)
{
    const struct options *options = &session->options;
    size_t shown = 0;
    // A short id works without naming its queue, so it must be no other's in any of them.
    if (!options->json && (!choose_queues(session, NULL, 0) ||
                           !add_ids(session, (struct weir_span){0}, &session->ids))) {
        return false;
    }
    if (!choose_queues(session, options->words + 1, options->word_count - 1) ||
        (!options->json && !add_ids(session, (struct weir_span){0}, &session->ids))) {
        return false;
    }
    for (size_t i = 0; i < session->queue_count; i++) {
        if (!list_queue(session, session->queues[i], &shown)) {
            return false;
        }
    }
    if (shown == 0 && !options->json) {
        weir_buffer_add_text(&session->out,
                             options->done ? "nothing finished\n" : "nothing waits\n");
    }
    return true;
}

// The card of this very id in the chosen queues. NULL without an error: there is none.
static struct weir_reply *show_card(struct session *session, struct weir_span id,
                                    const char **queue_out)
{
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *card = call(session, "show", session->queues[i], &id, 1);
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
static struct weir_reply *seek_card(struct session *session, struct weir_span id,
                                    const char **queue_out)
{
    WEIR_AUTO(weir_queue_ids_fini) struct weir_queue_ids ids = {0};
    struct weir_reply *card = show_card(session, id, queue_out);
    if (card || session->err.text[0] || id.length < MIN_PREFIX || !add_ids(session, id, &ids)) {
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
static struct weir_reply *find_card(struct session *session, const char *id, const char **queue_out)
{
    const char *queue = session->options.queue;
    if (!choose_queues(session, &queue, queue ? 1 : 0)) {
        return NULL;
    }
    struct weir_reply *card = seek_card(session, weir_span_of(id), queue_out);
    if (!card && !session->err.text[0]) {
        weir_error_set(&session->err, "no card %s in %s%s%s", id, queue ? "queue " : "any queue",
                       queue ? queue : "",
                       strlen(id) < MIN_PREFIX ? "; write 4 characters of its id or more" : "");
    }
    return card;
}

static bool run_show(struct session *session)
{
    const char *queue = NULL;
    struct weir_reply *card = find_card(session, session->options.words[1], &queue);
    if (!card) {
        return false;
    }
    write_one(session, queue, card, weir_queue_number(weir_reply_field(card, "now")), true);
    weir_reply_destroy(&card);
    return true;
}

// When the first card of a queue is due; false where nothing waits there. Leases that are over are
// ended first, since what they held may be due before all else.
static bool next_due(struct session *session, const char *queue, int64_t *due_out)
{
    struct weir_span retention = WEIR_SPAN("604800000");
    struct weir_reply *stats = call(session, "stats", queue, NULL, 0);
    if (stats && weir_queue_number(weir_reply_field(stats, "expired")) > 0) {
        weir_reply_destroy(&stats);
        struct weir_reply *swept = call(session, "sweep", queue, &retention, 1);
        weir_reply_destroy(&swept);
        stats = call(session, "stats", queue, NULL, 0);
    }
    struct weir_span due = stats ? weir_reply_field(stats, "next_due") : (struct weir_span){0};
    bool waits = due.length > 0;
    *due_out = weir_queue_number(due);
    weir_reply_destroy(&stats);
    return waits;
}

static const char *earliest_queue(struct session *session)
{
    const char *earliest = NULL;
    int64_t earliest_due = 0;
    for (size_t i = 0; i < session->queue_count; i++) {
        int64_t due;
        if (next_due(session, session->queues[i], &due) && (!earliest || due < earliest_due)) {
            earliest = session->queues[i];
            earliest_due = due;
        }
    }
    return earliest;
}

static bool run_claim(struct session *session)
{
    const struct options *options = &session->options;
    int64_t lease_ms;
    char lease[24];
    if (!parse_duration(options->duration, DEFAULT_LEASE_MS, &lease_ms, &session->err) ||
        !choose_queues(session, options->words + 1, options->word_count - 1)) {
        return false;
    }
    snprintf(lease, sizeof(lease), "%" PRId64, lease_ms);
    struct weir_span args[] = {weir_span_of(options->as), weir_span_of(lease)};
    // Between looking and taking somebody else may have been quicker: then we look again.
    for (int tries = 0; tries < 10; tries++) {
        const char *queue = earliest_queue(session);
        struct weir_reply *claimed = queue ? call(session, "claim", queue, args, 2) : NULL;
        if (claimed && claimed->count > 0) {
            int64_t now_ms = weir_queue_number(weir_reply_field(&claimed->items[0], "now"));
            write_one(session, queue, &claimed->items[0], now_ms, true);
            weir_reply_destroy(&claimed);
            return true;
        }
        weir_reply_destroy(&claimed);
        if (!queue || session->err.text[0]) {
            break;
        }
    }
    return weir_error_set(&session->err, "nothing waits");
}

// ---- answer, resolve, release, extend, undo ----

static bool say_not_claimed(struct session *session, const struct weir_reply *card)
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
static bool choose_token(struct session *session, const struct weir_reply *card,
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

static void write_result(struct session *session, const char *queue, const char *name,
                         struct weir_span value)
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
static bool call_on_card(struct session *session, const char *function, const char *result,
                         const struct weir_span *more, size_t count)
{
    const char *queue = NULL;
    struct weir_span args[12];
    struct weir_reply *card = find_card(session, session->options.words[1], &queue);
    struct weir_reply *reply = NULL;
    if (!card) {
        return false;
    }
    args[0] = weir_reply_field(card, "id");
    if (choose_token(session, card, &args[1])) {
        for (size_t i = 0; i < count; i++) {
            args[2 + i] = more[i];
        }
        reply = call(session, function, queue, args, 2 + count);
    }
    if (reply) {
        write_result(session, queue, result, reply->text);
    }
    bool done = reply != NULL;
    weir_reply_destroy(&card);
    weir_reply_destroy(&reply);
    return done;
}

static bool run_answer(struct session *session)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer sound = {0};
    for (size_t i = 2; i < session->options.word_count; i++) {
        weir_buffer_add_text(&text, i > 2 ? " " : "");
        weir_buffer_add_text(&text, session->options.words[i]);
    }
    weir_utf8_add_repaired(&sound, weir_buffer_span(&text));
    struct weir_span more = weir_buffer_span(&sound);
    return call_on_card(session, "answer", "decision", &more, 1);
}

static void add_option(struct weir_span *more, size_t *count, const char *name, const char *text,
                       struct weir_buffer *sound)
{
    if (text) {
        weir_utf8_add_repaired(sound, weir_span_of(text));
        more[(*count)++] = weir_span_of(name);
        more[(*count)++] = weir_buffer_span(sound);
    }
}

static void add_seconds(struct weir_span *more, size_t *count, const char *name, int64_t ms,
                        char *space, size_t size)
{
    if (ms > 0) {
        snprintf(space, size, "%" PRId64, ms / 1000);
        more[(*count)++] = weir_span_of(name);
        more[(*count)++] = weir_span_of(space);
    }
}

static bool run_resolve(struct session *session)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer reason = {0};
    const struct options *options = &session->options;
    int64_t ms;
    int64_t lasts_ms;
    char seconds[24];
    char lasts[24];
    size_t count = 0;
    struct weir_span more[10];
    if (!options->verdict) {
        return weir_error_set(&session->err, "resolve needs --verdict, e.g. --verdict delete");
    }
    if (!parse_duration(options->duration, 0, &ms, &session->err) ||
        !parse_duration(options->lasts, 0, &lasts_ms, &session->err)) {
        return false;
    }
    more[count++] = weir_span_of(options->verdict);
    add_seconds(more, &count, "seconds", ms, seconds, sizeof(seconds));
    add_seconds(more, &count, "lasts", lasts_ms, lasts, sizeof(lasts));
    add_option(more, &count, "text", options->text, &text);
    add_option(more, &count, "reason", options->reason, &reason);
    return call_on_card(session, "resolve", "decision", more, count);
}

static bool run_release(struct session *session)
{
    return call_on_card(session, "release", "released", NULL, 0);
}

static bool run_extend(struct session *session)
{
    int64_t lease_ms;
    char lease[24];
    if (!parse_duration(session->options.duration, DEFAULT_LEASE_MS, &lease_ms, &session->err)) {
        return false;
    }
    snprintf(lease, sizeof(lease), "%" PRId64, lease_ms);
    struct weir_span more = weir_span_of(lease);
    return call_on_card(session, "extend", "lease", &more, 1);
}

// Calls undo where the decision is. False without an error: it is nowhere.
static bool undo_decision(struct session *session, struct weir_span decision)
{
    struct weir_span args[] = {decision, weir_span_of(session->options.as)};
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *reply = call(session, "undo", session->queues[i], args, 2);
        if (reply) {
            write_result(session, session->queues[i], "undone", reply->text);
            weir_reply_destroy(&reply);
            return true;
        }
        if (strncmp(session->err.text, "GONE", 4) != 0) {
            return false;
        }
    }
    session->err = (struct weir_error){0};
    return false;
}

// CARD-TOKEN without its token; all of it where there is none.
static struct weir_span without_token(struct weir_span text, struct weir_span *token_out)
{
    size_t end = text.length;
    while (end > 0 && text.data[end - 1] >= '0' && text.data[end - 1] <= '9') {
        end--;
    }
    bool has_token = end < text.length && end > 1 && text.data[end - 1] == '-';
    *token_out = has_token ? weir_span_slice(text, end, text.length) : (struct weir_span){0};
    return has_token ? weir_span_slice(text, 0, end - 1) : text;
}

// The decision that is meant by d-CARD, d-CARD-TOKEN or CARD, where CARD may be cut short. False
// without an error: there is none.
static bool seek_decision(struct session *session, struct weir_span word, struct weir_buffer *out)
{
    const char *queue = NULL;
    struct weir_span token = {0};
    bool is_marked = weir_span_starts(word, WEIR_SPAN("d-"));
    struct weir_span name = weir_span_slice(word, is_marked ? 2 : 0, word.length);
    struct weir_reply *card = seek_card(session, name, &queue);
    if (!card && !session->err.text[0]) {
        card = seek_card(session, without_token(name, &token), &queue);
    }
    if (!card) {
        return false;
    }
    struct weir_span last = weir_reply_field(card, "decision");
    struct weir_span undone = weir_reply_field(card, "undone");
    struct weir_span id = weir_reply_field(card, "id");
    if (token.length > 0) {
        weir_buffer_printf(out, "d-%.*s-%.*s", WEIR_SPAN_ARGS(id), WEIR_SPAN_ARGS(token));
    } else {
        weir_buffer_add(out, last.length > 0 ? last : undone);
    }
    if (out->length == 0) {
        weir_error_set(&session->err, "nothing is decided on card %.*s", WEIR_SPAN_ARGS(id));
    }
    weir_reply_destroy(&card);
    return out->length > 0;
}

static bool run_undo(struct session *session)
{
    const struct options *options = &session->options;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer decision = {0};
    struct weir_span word = weir_span_of(options->words[1]);
    if (!choose_queues(session, &options->queue, options->queue ? 1 : 0)) {
        return false;
    }
    bool is_done = undo_decision(session, word) ||
                   (!session->err.text[0] && seek_decision(session, word, &decision) &&
                    undo_decision(session, weir_buffer_span(&decision)));
    if (!is_done && !session->err.text[0]) {
        weir_error_set(&session->err, "no decision %s in any queue", options->words[1]);
    }
    return is_done;
}

// For a Redis where only somebody else may load functions, and for clients in other languages.
static bool run_library(struct session *session)
{
    weir_buffer_add(&session->out, weir_library_for_functions());
    return true;
}

// ---- the way in ----

static const struct action {
    const char *name;
    size_t min_words; // itself included
    bool (*run)(struct session *session);
    bool needs_no_redis;
} actions[] = {
    {.name = "list", .min_words = 1, .run = run_list},
    {.name = "show", .min_words = 2, .run = run_show},
    {.name = "claim", .min_words = 1, .run = run_claim},
    {.name = "answer", .min_words = 3, .run = run_answer},
    {.name = "resolve", .min_words = 2, .run = run_resolve},
    {.name = "release", .min_words = 2, .run = run_release},
    {.name = "extend", .min_words = 2, .run = run_extend},
    {.name = "undo", .min_words = 2, .run = run_undo},
    {.name = "library", .min_words = 1, .run = run_library, .needs_no_redis = true},
};

static const struct action *find_action(const struct options *options, struct weir_error *err)
{
    const char *name = options->word_count > 0 ? options->words[0] : "";
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (strcmp(actions[i].name, name) != 0) {
            continue;
        }
        if (options->word_count < actions[i].min_words) {
            weir_error_set(err, "%s needs more; 'weir queue --help' tells", name);
            return NULL;
        }
        return &actions[i];
    }
    weir_error_set(err, "'%s' is no action; 'weir queue --help' tells which there are", name);
    return NULL;
}

static void close_session(struct session *session)
{
    forget_queues(session);
    weir_queue_ids_fini(&session->ids);
    weir_client_close(&session->client);
    weir_buffer_fini(&session->out);
}

// The library's first word is for programs.
static void print_error(const struct weir_error *err)
{
    static const char *const words[] = {"STALE ", "GONE ", "INVALID "};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer safe = {0};
    struct weir_span text = weir_span_of(err->text);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (weir_span_starts(text, weir_span_of(words[i]))) {
            text = weir_span_slice(text, strlen(words[i]), text.length);
        }
    }
    weir_queue_add_text(&safe, text);
    fprintf(stderr, "weir queue: %s\n", weir_buffer_text(&safe));
}

static int run_queue(int argc, char **argv)
{
    WEIR_AUTO(close_session) struct session session = {0};
    const struct action *action = NULL;
    if (parse_options(&session.options, argc, argv, &session.err)) {
        action = find_action(&session.options, &session.err);
    }
    if (!action || (!action->needs_no_redis && !connect_client(&session))) {
        print_error(&session.err);
        return WEIR_EXIT_USAGE;
    }
    if (!action->run(&session)) {
        print_error(&session.err);
        return WEIR_EXIT_FINDINGS;
    }
    fwrite(session.out.data, 1, session.out.length, stdout);
    return WEIR_EXIT_OK;
}

const struct weir_command weir_command_queue = {
    .name = "queue",
    .summary = "the human queues: list, show, claim, answer, resolve, release, undo",
    .usage = usage,
    .run = run_queue,
};
