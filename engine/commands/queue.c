// The human queues from a terminal. Everything goes through the function library, as it does for
// any other client; what is typed here can be typed into redis-cli.

#include "engine/commands/queue.h"
#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/commands/commands.h"
#include "engine/commands/queue_desk.h"
#include "engine/commands/queue_session.h"
#include "engine/store/library.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: weir queue ACTION [options]\n"
    "\n"
    "  list [QUEUE...]        what waits, earliest due first, and who works on what\n"
    "  show CARD              all that is known of a card\n"
    "  claim [QUEUE...]       take the card that is due first of all these queues; --max N of\n"
    "                         them, --fill as many as you have said you can hold\n"
    "  answer CARD TEXT       say TEXT in the room to who asked; closes the card\n"
    "  resolve CARD --verdict delete+timeout --for 10m\n"
    "                         decide on a flag: delete, timeout, ban, warn, mask, release, reply,\n"
    "                         joined by +; or dismiss (releases what was held), done\n"
    "                         on a campaign: for all of its messages, and those that come later\n"
    "  release CARD           give a claimed card back\n"
    "  extend CARD            keep it longer (--for)\n"
    "  note CARD TEXT         write down something that moderators see and viewers never\n"
    "  move CARD QUEUE        to another queue, due when it was; --new for one that is not there "
    "yet\n"
    "  escalate CARD          pass it on as if it had waited too long\n"
    "  undo DECISION          take a decision back, as far as that is possible\n"
    "  present [QUEUE...]     you work these queues now (--for, default 1m; say it again in "
    "time),\n"
    "                         hold --capacity N cards at most in all, and can do --skill S\n"
    "  leave [QUEUE...]       you don't: what you hold goes back at once\n"
    "  people [QUEUE...]      who is present\n"
    "  escalation [QUEUE...]  where cards go that wait too long; --to QUEUE [--after TIME] or "
    "--off\n"
    "                         sets it for cards that come from now on without steps of their own\n"
    "  stats [QUEUE...]       how the queues do, and who works them\n"
    "  followups [QUEUE...]   what was still open when its room ended, and who sees to it\n"
    "  library                the function library, for FUNCTION LOAD by whoever may\n"
    "\n"
    "CARD is an id, or as much of its beginning (4 characters or more) as is no other card's;\n"
    "DECISION is d-CARD-TOKEN, or d-CARD for the last one of that card.\n"
    "\n"
    "  --as NAME      who you are (default: $USER)\n"
    "  --redis URL    redis://host:port/db or unix:///path\n"
    "  --state DIR    the private Redis of this state directory\n"
    "  -c FILE        weir.yaml that names either (default: $WEIR_CONFIG, ./weir.yaml, ...)\n"
    "  --queue NAME   where the card is (default: looked for in all queues); may be repeated "
    "where\n"
    "                 several queues are meant\n"
    "  --skill S      claim only cards that need no other skill (repeatable; default: the skills\n"
    "                 that you are present with; none = everything)\n"
    "  --for TIME     lease of a claim (default 5m), length of a timeout: 30s, 10m, 1h\n"
    "  --lasts TIME   how long a decision holds for a campaign's later messages (default 1h)\n"
    "  --verdict V, --text TEXT, --reason TEXT     for resolve\n"
    "  --token T      of the claim (default: the card's, where it is claimed by you)\n"
    "  --max N        lines of list (default 100), cards of a claim (default 1)\n"
    "  --done         list what is finished instead\n"
    "  --json         for machines\n"
    "\n"
    "examples:\n"
    "  weir queue list sales\n"
    "  weir queue claim sales review --as kim\n"
    "  weir queue present sales --as kim --for 8h --capacity 3 --skill refunds --skill zh\n"
    "  weir queue claim --queue sales --queue service --fill --as kim\n"
    "  weir queue stats --json\n"
    "  weir queue answer c-5f1c0a 48小时内发货 --as kim\n"
    "  weir queue undo d-c-5f1c0a\n";

// ---- list, show ----

static bool list_queue(struct weir_queue_session *session, const char *queue, size_t *shown)
{
    const char *max = session->options.max ? session->options.max : "100";
    struct weir_span args[] = {weir_span_of(max), WEIR_SPAN("done")};
    struct weir_reply *list =
        weir_queue_call(session, "list", queue, args, session->options.done ? 2 : 1);
    if (!list) {
        return false;
    }
    int64_t now_ms = list->count > 0 ? weir_queue_number(list->items[0].text) : 0;
    for (size_t i = 1; i < list->count; i++) {
        weir_queue_write_one(session, queue, &list->items[i], now_ms, false);
        (*shown)++;
    }
    weir_reply_destroy(&list);
    return true;
}

static bool run_list(struct weir_queue_session *session)
{
    const struct weir_queue_options *options = &session->options;
    size_t shown = 0;
    // A short id works without naming its queue, so it must be no other's in any of them.
    if (!options->json && (!weir_queue_choose(session, NULL, 0) ||
                           !weir_queue_add_ids(session, (struct weir_span){0}, &session->ids))) {
        return false;
    }
    if (!weir_queue_choose_named(session) ||
        (!options->json && !weir_queue_add_ids(session, (struct weir_span){0}, &session->ids))) {
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

static bool run_show(struct weir_queue_session *session)
{
    const char *queue = NULL;
    struct weir_reply *card = weir_queue_find_card(session, session->options.words[1], &queue);
    if (!card) {
        return false;
    }
    weir_queue_write_one(session, queue, card, weir_queue_number(weir_reply_field(card, "now")),
                         true);
    weir_reply_destroy(&card);
    return true;
}

// ---- answer, resolve, release, extend, undo ----

static bool run_answer(struct weir_queue_session *session)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer sound = {0};
    for (size_t i = 2; i < session->options.word_count; i++) {
        weir_buffer_add_text(&text, i > 2 ? " " : "");
        weir_buffer_add_text(&text, session->options.words[i]);
    }
    weir_utf8_add_repaired(&sound, weir_buffer_span(&text));
    struct weir_span more = weir_buffer_span(&sound);
    return weir_queue_call_on_card(session, "answer", "decision", &more, 1);
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

static bool run_resolve(struct weir_queue_session *session)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer reason = {0};
    const struct weir_queue_options *options = &session->options;
    int64_t ms;
    int64_t lasts_ms;
    char seconds[24];
    char lasts[24];
    size_t count = 0;
    struct weir_span more[10];
    if (!options->verdict) {
        return weir_error_set(&session->err, "resolve needs --verdict, e.g. --verdict delete");
    }
    if (!weir_queue_parse_time(options->duration, 0, &ms, &session->err) ||
        !weir_queue_parse_time(options->lasts, 0, &lasts_ms, &session->err)) {
        return false;
    }
    more[count++] = weir_span_of(options->verdict);
    add_seconds(more, &count, "seconds", ms, seconds, sizeof(seconds));
    add_seconds(more, &count, "lasts", lasts_ms, lasts, sizeof(lasts));
    add_option(more, &count, "text", options->text, &text);
    add_option(more, &count, "reason", options->reason, &reason);
    return weir_queue_call_on_card(session, "resolve", "decision", more, count);
}

static bool run_release(struct weir_queue_session *session)
{
    return weir_queue_call_on_card(session, "release", "released", NULL, 0);
}

static bool run_extend(struct weir_queue_session *session)
{
    int64_t lease_ms;
    char lease[24];
    if (!weir_queue_parse_time(session->options.duration, WEIR_QUEUE_LEASE_MS, &lease_ms,
                               &session->err)) {
        return false;
    }
    snprintf(lease, sizeof(lease), "%" PRId64, lease_ms);
    struct weir_span more = weir_span_of(lease);
    return weir_queue_call_on_card(session, "extend", "lease", &more, 1);
}

// Calls undo where the decision is. False without an error: it is nowhere.
static bool undo_decision(struct weir_queue_session *session, struct weir_span decision)
{
    struct weir_span args[] = {decision, weir_span_of(session->options.as)};
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *reply = weir_queue_call(session, "undo", session->queues[i], args, 2);
        if (reply) {
            weir_queue_write_result(session, session->queues[i], "undone", reply->text);
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
static bool seek_decision(struct weir_queue_session *session, struct weir_span word,
                          struct weir_buffer *out)
{
    const char *queue = NULL;
    struct weir_span token = {0};
    bool is_marked = weir_span_starts(word, WEIR_SPAN("d-"));
    struct weir_span name = weir_span_slice(word, is_marked ? 2 : 0, word.length);
    struct weir_reply *card = weir_queue_seek_card(session, name, &queue);
    if (!card && !session->err.text[0]) {
        card = weir_queue_seek_card(session, without_token(name, &token), &queue);
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

static bool run_undo(struct weir_queue_session *session)
{
    const struct weir_queue_options *options = &session->options;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer decision = {0};
    struct weir_span word = weir_span_of(options->words[1]);
    if (!weir_queue_choose(session, &options->queue, options->queue ? 1 : 0)) {
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
static bool run_library(struct weir_queue_session *session)
{
    weir_buffer_add(&session->out, weir_library_for_functions());
    return true;
}

// ---- the way in ----

static const struct action {
    const char *name;
    size_t min_words; // itself included
    bool (*run)(struct weir_queue_session *session);
    bool needs_no_redis;
} actions[] = {
    {.name = "list", .min_words = 1, .run = run_list},
    {.name = "show", .min_words = 2, .run = run_show},
    {.name = "claim", .min_words = 1, .run = weir_queue_run_claim},
    {.name = "answer", .min_words = 3, .run = run_answer},
    {.name = "resolve", .min_words = 2, .run = run_resolve},
    {.name = "release", .min_words = 2, .run = run_release},
    {.name = "extend", .min_words = 2, .run = run_extend},
    {.name = "undo", .min_words = 2, .run = run_undo},
    {.name = "note", .min_words = 3, .run = weir_queue_run_note},
    {.name = "move", .min_words = 3, .run = weir_queue_run_move},
    {.name = "escalate", .min_words = 2, .run = weir_queue_run_escalate},
    {.name = "present", .min_words = 1, .run = weir_queue_run_present},
    {.name = "leave", .min_words = 1, .run = weir_queue_run_leave},
    {.name = "people", .min_words = 1, .run = weir_queue_run_people},
    {.name = "escalation", .min_words = 1, .run = weir_queue_run_escalation},
    {.name = "stats", .min_words = 1, .run = weir_queue_run_stats},
    {.name = "followups", .min_words = 1, .run = weir_queue_run_followups},
    {.name = "library", .min_words = 1, .run = run_library, .needs_no_redis = true},
};

static const struct action *find_action(const struct weir_queue_options *options,
                                        struct weir_error *err)
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

// The library's first word is for programs.
static void print_error(const struct weir_error *err)
{
    static const char *const words[] = {"STALE ", "GONE ", "INVALID ", "FULL ", "BUSY "};
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
    WEIR_AUTO(weir_queue_session_fini) struct weir_queue_session session = {0};
    const struct action *action = NULL;
    if (weir_queue_parse_options(&session.options, argc, argv, &session.err)) {
        action = find_action(&session.options, &session.err);
    }
    if (!action || (!action->needs_no_redis && !weir_queue_connect(&session))) {
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
    .summary = "the human queues: list, claim, answer, resolve, move, stats, ...",
    .usage = usage,
    .run = run_queue,
};
