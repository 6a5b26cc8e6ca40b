// What came back is written into the history as it was said; only then does the client believe it.

#include "tests/queues/run.h"

#include <inttypes.h>
#include <stdlib.h>

static uint64_t number_of(struct weir_span text)
{
    uint64_t number = 0;
    return weir_span_to_u64(text, &number) ? number : 0;
}

static uint32_t card_of(struct weir_span id)
{
    uint64_t card = number_of(weir_span_slice(id, 2, id.length));
    return weir_span_starts(id, WEIR_SPAN("c-")) && card < NO_CARD ? (uint32_t)card : NO_CARD;
}

static struct weir_span text_at(const struct resp_reply *reply, size_t at)
{
    return at < reply->count ? reply->values[at].text : (struct weir_span){0};
}

// ---- writing it down ----

static void remember(struct run *run, struct client *client, const struct call *call)
{
    size_t place = history_add(&run->history, call);
    if (call->outcome == CALL_UNKNOWN && call->ended_us == INT64_MAX) {
        if (client->lost_count == LOST_MOST) {
            fprintf(stderr, "check_queues: more calls in the air than a client has\n");
            exit(3);
        }
        client->lost[client->lost_count++] = place;
    }
}

static void unexpected(struct run *run, const struct client *client, struct weir_span text)
{
    if (run->unexpected++ < 10) {
        fprintf(stderr, "unexpected answer to client %u: %.*s\n", client->number,
                WEIR_SPAN_ARGS(text));
        history_print(stderr, &client->call);
    }
}

static void let_go(struct client *client, uint32_t card, uint64_t token)
{
    for (unsigned i = 0; i < client->held_count; i++) {
        if (client->held[i].card == card && client->held[i].token == token) {
            client->held[i] = client->held[--client->held_count];
            return;
        }
    }
}

static struct held *held_of(struct client *client, const struct call *call)
{
    for (unsigned i = 0; i < client->held_count; i++) {
        if (client->held[i].card == call->card && client->held[i].token == call->token) {
            return &client->held[i];
        }
    }
    return NULL;
}

// ---- each kind of call ----

static bool read_word(struct weir_span word, struct call *call)
{
    static const struct {
        const char *word;
        enum call_answer answer;
    } words[] = {
        {"added", ANSWER_ADDED},           {"merged", ANSWER_MERGED},
        {"repeated", ANSWER_REPEATED},     {"over", ANSWER_OVER},
        {"noted", ANSWER_NOTED},           {"left", ANSWER_LEFT},
        {"withdrawn", ANSWER_WITHDRAWN},   {"removed", ANSWER_REMOVED},
        {"countered", ANSWER_COUNTERED},   {"partly", ANSWER_PARTLY},
        {"impossible", ANSWER_IMPOSSIBLE},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (weir_span_is(word, words[i].word)) {
            call->answer = (uint8_t)words[i].answer;
            return true;
        }
    }
    return false;
}

static bool on_added(struct run *run, const struct resp_reply *reply, struct call *call)
{
    bool is_known = read_word(text_at(reply, 1), call);
    if (call->answer == ANSWER_ADDED) {
        call->due_ms = (int64_t)number_of(text_at(reply, 3));
        run->waiting++;
    } else if (call->answer == ANSWER_MERGED) {
        call->head = card_of(text_at(reply, 2));
    }
    return is_known;
}

static bool on_withdrawn(struct run *run, const struct resp_reply *reply, struct call *call)
{
    bool is_known = read_word(text_at(reply, 1), call);
    if (call->answer == ANSWER_LEFT || call->answer == ANSWER_WITHDRAWN) {
        call->head = card_of(text_at(reply, 2));
    }
    run->waiting -= call->answer == ANSWER_WITHDRAWN;
    return is_known;
}

static void hold(struct client *client, const struct call *call)
{
    client->held[client->held_count++] = (struct held){
        .token = call->token, .lease_ms = call->lease_ms, .card = call->card, .queue = call->queue};
}

// One entry of the history for each card, and one for what it did not get.
static bool on_claimed(struct run *run, struct client *client, const struct resp_reply *reply,
                       const struct call *said, bool confirmed)
{
    unsigned got = 0;
    for (size_t at = 1; at < reply->count; at = reply->values[at].next) {
        struct call call = *said;
        call.card = card_of(resp_field(reply, at, 0, "id"));
        call.token = number_of(resp_field(reply, at, 0, "token"));
        call.due_ms = (int64_t)number_of(resp_field(reply, at, 0, "due"));
        call.now_ms = (int64_t)number_of(resp_field(reply, at, 0, "now"));
        if (confirmed) {
            call.lease_ms = (int64_t)number_of(resp_field(reply, at, 0, "lease"));
        }
        if (call.card == NO_CARD || call.token == 0 || call.now_ms == 0 || ++got > client->asked) {
            return false;
        }
        remember(run, client, &call);
        run->waiting--;
        if (confirmed) {
            hold(client, &call);
        }
    }
    if (got < client->asked && confirmed && !client->has_capacity) {
        remember(run, client, said);
    }
    if (got == 0) {
        run->waiting = run->is_draining ? run->waiting : 0;
        client->wake_us = wall_us() + 2000;
    }
    return true;
}

static bool on_decided(struct run *run, struct client *client, struct weir_span text,
                       struct call *call)
{
    char expected[64];
    snprintf(expected, sizeof(expected), "d-c-%u-%" PRIu64, call->card, call->token);
    if (!weir_span_is(text, expected)) {
        return false;
    }
    run->decided[run->decided_count++ % RING] =
        (struct decided){call->token, call->card, call->queue};
    struct held *held = held_of(client, call);
    if (held && held->mood != MOOD_AGAIN && choose(&client->random, 8) == 0) {
        *held = (struct held){held->token, held->lease_ms, held->card,     held->queue,
                              MOOD_AGAIN,  call->kind,     client->verdict};
    } else {
        let_go(client, call->card, call->token);
    }
    return true;
}

static bool on_extended(struct client *client, struct weir_span text, struct call *call)
{
    struct held *held = held_of(client, call);
    call->lease_ms = (int64_t)number_of(text);
    if (held) {
        held->lease_ms = call->lease_ms;
    }
    return call->lease_ms != 0;
}

static bool read_answer(struct run *run, struct client *client, const struct resp_reply *reply,
                        struct call *call)
{
    switch (call->kind) {
    case CALL_ADD:
        return on_added(run, reply, call);
    case CALL_WITHDRAW:
        return on_withdrawn(run, reply, call);
    case CALL_EXTEND:
        return on_extended(client, text_at(reply, 0), call);
    case CALL_RELEASE:
        let_go(client, call->card, call->token);
        run->waiting++;
        return weir_span_is(text_at(reply, 0), "OK");
    case CALL_ANSWER:
    case CALL_RESOLVE:
        return on_decided(run, client, text_at(reply, 0), call);
    case CALL_PRESENT:
        return reply->values[0].kind == '*';
    case CALL_UNDO:
        run->waiting++;
        return read_word(text_at(reply, 0), call);
    default:
        return reply->values[0].kind == ':';
    }
}

// ---- outcomes ----

// The server did not run it: it loads, is a replica, or lacks the library.
static bool was_not_run(struct weir_span error)
{
    static const char *const causes[] = {
        "LOADING", "READONLY", "MASTERDOWN", "NOSCRIPT", "ERR Function not found", "NOREPLICAS"};
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        if (weir_span_starts(error, weir_span_of(causes[i]))) {
            return true;
        }
    }
    return false;
}

static void on_error(struct run *run, struct client *client, struct weir_span error)
{
    struct call call = client->call;
    if (was_not_run(error)) {
        run->lacks_library = run->lacks_library || weir_span_starts(error, WEIR_SPAN("NOSCRIPT"));
        client->wake_us = wall_us() + 20000;
        client->deadline_us = 0; // its connection is to be closed: another server may be the master
        return;
    }
    if (!weir_span_starts(error, WEIR_SPAN("STALE")) &&
        !weir_span_starts(error, WEIR_SPAN("GONE")) &&
        !(call.kind == CALL_CLAIM && weir_span_starts(error, WEIR_SPAN("FULL")))) {
        unexpected(run, client, error);
        return;
    }
    call.outcome = CALL_REFUSED;
    call.ended_us = wall_us();
    run->refused++;
    remember(run, client, &call);
    let_go(client, call.card, call.token);
}

static void on_call_answer(struct run *run, struct client *client, const struct resp_reply *reply,
                           bool confirmed)
{
    struct call call = client->call;
    call.ended_us = wall_us();
    call.outcome = confirmed ? CALL_DONE : CALL_UNKNOWN;
    bool is_good = true;
    if (call.kind == CALL_CLAIM) {
        is_good = reply->values[0].kind == '*' && on_claimed(run, client, reply, &call, confirmed);
    } else {
        is_good = read_answer(run, client, reply, &call);
        remember(run, client, &call);
    }
    run->answered += confirmed;
    run->unknown += !confirmed;
    if (!is_good) {
        unexpected(run, client, reply->values[0].text);
    }
}

void on_answer(struct run *run, struct client *client, const struct resp_reply *reply,
               bool confirmed)
{
    bool is_error = reply->values[0].kind == '-';
    if (is_error) {
        on_error(run, client, reply->values[0].text);
    } else if (client->job == JOB_LOOK) {
        run->looked++;
    } else if (client->job == JOB_CALL) {
        on_call_answer(run, client, reply, confirmed);
    } else {
        on_relay_answer(run, client, reply, confirmed);
    }
}

void on_no_answer(struct run *run, struct client *client)
{
    if (client->job != JOB_CALL) {
        return;
    }
    struct call call = client->call;
    call.outcome = CALL_UNKNOWN;
    call.ended_us = INT64_MAX;
    run->unknown++;
    remember(run, client, &call);
    // Whoever decided and was not told says it again; whoever gave up gives up.
    struct held *held = held_of(client, &call);
    if (held && (call.kind == CALL_ANSWER || call.kind == CALL_RESOLVE)) {
        held->mood = MOOD_AGAIN;
        held->kind = call.kind;
        held->verdict = client->verdict;
    } else if (held && call.kind == CALL_RELEASE) {
        let_go(client, call.card, call.token);
    }
}
