// The store against a real redis-server: its own private one, killed with -9 in the middle.

#include "engine/store/client.h"
#include "engine/store/store.h"
#include "tests/unit/loop_test.h"
#include "tests/unit/test.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 20000

struct bench {
    char state[64];
    struct weir_loop *loop;
    struct weir_store *store;
    struct weir_client *client;
    bool is_ready;
    bool is_closed;
    uint64_t lost;
    uint64_t finished[64];
    size_t finished_count;
    struct weir_buffer action;
    struct weir_buffer entry;
    size_t action_count;
    struct weir_buffer refused_by;
    struct weir_buffer cause;
    uint64_t wanted;
};

static void on_ready(void *user)
{
    ((struct bench *)user)->is_ready = true;
}

static void on_lost(void *user, struct weir_span cause)
{
    struct bench *bench = user;
    weir_buffer_clear(&bench->cause);
    weir_buffer_add(&bench->cause, cause);
    bench->is_ready = false;
    bench->lost++;
}

static void on_card_finished(void *user, uint64_t position)
{
    struct bench *bench = user;
    assert_true(bench->finished_count < ARRAY_LEN(bench->finished));
    bench->finished[bench->finished_count++] = position;
}

static void on_action(void *user, struct weir_span room, struct weir_span entry,
                      struct weir_span action_json)
{
    struct bench *bench = user;
    (void)room;
    bench->action_count++;
    weir_buffer_clear(&bench->action);
    weir_buffer_add(&bench->action, action_json);
    weir_buffer_clear(&bench->entry);
    weir_buffer_add(&bench->entry, entry);
}

static void on_room_owned(void *user, struct weir_span room)
{
    (void)room;
    weir_buffer_clear(&((struct bench *)user)->refused_by);
}

static void on_room_refused(void *user, struct weir_span room, struct weir_span owner)
{
    struct bench *bench = user;
    (void)room;
    weir_buffer_clear(&bench->refused_by);
    weir_buffer_add(&bench->refused_by, owner);
}

static void on_card_reopened(void *user, struct weir_span card_json)
{
    (void)user;
    (void)card_json;
}

static const struct weir_store_events events = {on_ready,        on_lost,       on_card_finished,
                                                on_action,       on_room_owned, on_room_refused,
                                                on_card_reopened};

static bool is_ready(void *user)
{
    return ((struct bench *)user)->is_ready;
}

static void open_store(struct bench *bench, const char *process)
{
    struct weir_error err = {0};
    struct weir_store_options options = {.state = bench->state, .process = weir_span_of(process)};
    bench->loop = bench->loop ? bench->loop : weir_loop_create(&err);
    bench->store = weir_store_open(bench->loop, &options, &events, bench, &err);
    if (!bench->store) {
        fail_msg("%s", err.text);
    }
    assert_true(loop_run_until(bench->loop, is_ready, bench, LIMIT_MS));
}

static void open_client(struct bench *bench)
{
    struct weir_error err = {0};
    struct weir_client_options options = {.state = bench->state};
    bench->client = weir_client_open(&options, &err);
    if (!bench->client) {
        fail_msg("%s", err.text);
    }
}

static void on_closed(void *user)
{
    ((struct bench *)user)->is_closed = true;
}

static bool is_closed(void *user)
{
    return ((struct bench *)user)->is_closed;
}

static int setup(void **state)
{
    struct bench *bench = weir_new(struct bench);
    snprintf(bench->state, sizeof(bench->state), "/tmp/weir-store-XXXXXX");
    assert_non_null(mkdtemp(bench->state));
    open_store(bench, "p1");
    open_client(bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    char command[128];
    weir_client_close(&bench->client);
    weir_store_close(&bench->store, on_closed, bench);
    assert_true(loop_run_until(bench->loop, is_closed, bench, LIMIT_MS));
    weir_loop_destroy(&bench->loop);
    snprintf(command, sizeof(command), "rm -rf %s", bench->state);
    assert_int_equal(system(command), 0);
    weir_buffer_fini(&bench->action);
    weir_buffer_fini(&bench->entry);
    weir_buffer_fini(&bench->refused_by);
    weir_buffer_fini(&bench->cause);
    free(bench);
    return 0;
}

static void add_card(struct bench *bench, uint64_t position, const char *id, const char *fp)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer card = {0};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    weir_buffer_printf(&card,
                       "{\"id\":\"%s\",\"fp\":\"%s\",\"queue\":\"sales\",\"kind\":\"question\","
                       "\"room\":\"r1\",\"topic\":\"shipping\",\"text\":\"什么时候发货\\n?\","
                       "\"message\":\"m-%s\",\"seq\":%ju,\"user\":\"u%ju\",\"roles\":[\"vip\"],"
                       "\"at\":%lld,\"target\":%ju,\"urgent\":false}",
                       id, fp, id, (uintmax_t)position, (uintmax_t)position,
                       (long long)now.tv_sec * 1000, (uintmax_t)(90000 + 1000 * position));
    weir_store_add(bench->store, position, weir_buffer_span(&card));
}

static bool is_in_redis(void *user)
{
    struct bench *bench = user;
    struct weir_store_counters counters = weir_store_counters(bench->store);
    return counters.waiting == 0 &&
           counters.added + counters.merged + counters.repeated >= bench->wanted;
}

static void run_until_added(struct bench *bench, uint64_t answers)
{
    bench->wanted = answers;
    assert_true(loop_run_until(bench->loop, is_in_redis, bench, LIMIT_MS));
}

// One field of a flat answer, as text that lives until the next call.
static const char *ask_in(struct bench *bench, const char *key, const char *function,
                          const char *const *args, const char *field)
{
    static char value[256];
    struct weir_error err = {0};
    struct weir_span spans[16] = {{0}};
    size_t count = 0;
    for (; args && args[count]; count++) {
        spans[count] = weir_span_of(args[count]);
    }
    struct weir_reply *reply =
        weir_client_call(bench->client, function, weir_span_of(key), spans, count, &err);
    if (!reply) {
        snprintf(value, sizeof(value), "%s", err.text);
        return value;
    }
    const struct weir_reply *list =
        reply->count > 0 && reply->items[0].count > 0 ? &reply->items[0] : reply;
    struct weir_span text = field ? weir_reply_field(list, field) : reply->text;
    snprintf(value, sizeof(value), "%.*s", WEIR_SPAN_ARGS(text));
    weir_reply_destroy(&reply);
    return value;
}

static const char *ask(struct bench *bench, const char *function, const char *const *args,
                       const char *field)
{
    return ask_in(bench, "{q:sales}", function, args, field);
}

#define ASK_IN(bench, key, function, field, ...)                                                   \
    ask_in((bench), (key), (function), (const char *const[]){__VA_ARGS__, NULL}, (field))
#define ASK(bench, function, field, ...)                                                           \
    ask((bench), (function), (const char *const[]){__VA_ARGS__, NULL}, (field))

static bool has_finished(void *user)
{
    struct bench *bench = user;
    return bench->finished_count >= bench->wanted;
}

static bool has_actions(void *user)
{
    struct bench *bench = user;
    return bench->action_count >= bench->wanted;
}

static void a_card_is_asked_claimed_answered_and_finished(void **state)
{
    struct bench *bench = *state;
    char token[64];
    weir_store_own_room(bench->store, WEIR_SPAN("r1"));
    add_card(bench, 1, "c1", "ship");
    add_card(bench, 2, "c2", "ship");
    add_card(bench, 3, "c3", "");
    run_until_added(bench, 3);
    EXPECT_TEXT("waiting", weir_span_of(ask(bench, "stats", NULL, "waiting")), "2");
    EXPECT_TEXT("merged", weir_span_of(ASK(bench, "show", "askers", "c2")), "2");

    snprintf(token, sizeof(token), "%s", ASK(bench, "claim", "token", "kim", "60000"));
    EXPECT("wrong token", strstr(ASK(bench, "answer", NULL, "c1", "1", "no"), "STALE") != NULL);
    EXPECT_TEXT(
        "decision",
        weir_span_slice(weir_span_of(ASK(bench, "answer", NULL, "c1", token, "48小时内")), 0, 5),
        "d-c1-");
    bench->wanted = 2;
    assert_true(loop_run_until(bench->loop, has_finished, bench, LIMIT_MS));
    EXPECT_EQ("first", bench->finished[0], 1);
    EXPECT_EQ("merged with it", bench->finished[1], 2);

    bench->wanted = 1;
    assert_true(loop_run_until(bench->loop, has_actions, bench, LIMIT_MS));
    EXPECT("reply", strstr(weir_buffer_text(&bench->action), "\"do\":\"reply\"") != NULL);
    EXPECT("its text", strstr(weir_buffer_text(&bench->action), "48小时内") != NULL);
    EXPECT("its seq", strstr(weir_buffer_text(&bench->action), "\"seq\":1,") != NULL);
    weir_store_action_taken(bench->store, WEIR_SPAN("r1"), weir_buffer_span(&bench->entry));
    test_end_rows();
}

static bool is_lost(void *user)
{
    return ((struct bench *)user)->lost > 0;
}

static void a_redis_killed_while_cards_are_added_has_each_once(void **state)
{
    struct bench *bench = *state;
    char id[16];
    for (uint64_t i = 1; i <= 3000; i++) {
        snprintf(id, sizeof(id), "k%ju", (uintmax_t)i);
        add_card(bench, i, id, "");
        if (i == 1500) {
            bench->wanted = 700;
            loop_run_until(bench->loop, is_in_redis, bench, 20);
            int pid = weir_client_server_pid(bench->client);
            assert_true(pid > 0);
            kill(pid, SIGKILL);
        }
    }
    assert_true(loop_run_until(bench->loop, is_lost, bench, LIMIT_MS));
    assert_true(loop_run_until(bench->loop, is_ready, bench, LIMIT_MS));
    run_until_added(bench, 3000);
    weir_client_close(&bench->client);
    open_client(bench);
    EXPECT_TEXT("waiting", weir_span_of(ask(bench, "stats", NULL, "waiting")), "3000");
    EXPECT_TEXT("count", weir_span_of(ASK(bench, "show", "count", "k1499")), "1");
    test_end_rows();
}

static void an_emptied_redis_gets_open_cards_again(void **state)
{
    struct bench *bench = *state;
    struct weir_error err = {0};
    add_card(bench, 1, "c1", "");
    add_card(bench, 2, "c2", "");
    run_until_added(bench, 2);
    struct weir_span flush[] = {WEIR_SPAN("FLUSHALL")};
    struct weir_reply *reply = weir_client_send(bench->client, flush, 1, &err);
    assert_non_null(reply);
    weir_reply_destroy(&reply);
    // The connection breaks too, so that the marker is looked at now and not ten seconds later.
    struct weir_span cut[] = {WEIR_SPAN("CLIENT"), WEIR_SPAN("KILL"), WEIR_SPAN("TYPE"),
                              WEIR_SPAN("normal")};
    reply = weir_client_send(bench->client, cut, 4, &err);
    weir_reply_destroy(&reply);
    bench->lost = 0;
    assert_true(loop_run_until(bench->loop, is_lost, bench, LIMIT_MS));
    run_until_added(bench, 4);
    EXPECT_TEXT("waiting", weir_span_of(ask(bench, "stats", NULL, "waiting")), "2");
    test_end_rows();
}

// What merged before merges again, with all who asked, and what is finished stays so.
static void an_emptied_redis_gets_merged_cards_with_all_who_asked(void **state)
{
    struct bench *bench = *state;
    struct weir_error err = {0};
    char token[64];
    for (uint64_t i = 1; i <= 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "c%ju", (uintmax_t)i);
        add_card(bench, i, id, i < 5 ? "same" : "other");
    }
    run_until_added(bench, 5);
    weir_store_withdraw(bench->store, 0,
                        &(struct weir_store_gone){WEIR_SPAN("r1"), WEIR_SPAN("m-c2"), false});
    bench->wanted = 1;
    assert_true(loop_run_until(bench->loop, has_finished, bench, LIMIT_MS));
    snprintf(token, sizeof(token), "%s", ASK(bench, "claim", "token", "kim", "60000"));
    EXPECT_TEXT("three are left", weir_span_of(ASK(bench, "show", "count", "c1")), "3");
    struct weir_span flush[] = {WEIR_SPAN("FLUSHALL")};
    struct weir_reply *reply = weir_client_send(bench->client, flush, 1, &err);
    weir_reply_destroy(&reply);
    struct weir_span cut[] = {WEIR_SPAN("CLIENT"), WEIR_SPAN("KILL"), WEIR_SPAN("TYPE"),
                              WEIR_SPAN("normal")};
    reply = weir_client_send(bench->client, cut, 4, &err);
    weir_reply_destroy(&reply);
    run_until_added(bench, 9);
    EXPECT_TEXT("cards", weir_span_of(ask(bench, "stats", NULL, "waiting")), "2");
    EXPECT_TEXT("count", weir_span_of(ASK(bench, "show", "count", "c1")), "3");
    EXPECT_TEXT("askers", weir_span_of(ASK(bench, "show", "askers", "c1")), "3");
    EXPECT("the old claim is over", strstr(ASK(bench, "answer", NULL, "c1", token, "x"), "STALE"));
    test_end_rows();
}

static void the_oldest_are_given_up_and_redis_keeps_them(void **state)
{
    struct bench *bench = *state;
    size_t lost = 0;
    for (uint64_t i = 1; i <= 4; i++) {
        char id[8];
        snprintf(id, sizeof(id), "c%ju", (uintmax_t)i);
        add_card(bench, i, id, "");
    }
    run_until_added(bench, 4);
    EXPECT_EQ("given up", weir_store_give_up(bench->store, 3, &lost), 3);
    EXPECT_EQ("none of them lost", lost, 0);
    EXPECT_EQ("the oldest", bench->finished[0] + bench->finished[1] + bench->finished[2], 6);
    EXPECT_TEXT("in Redis", weir_span_of(ask(bench, "stats", NULL, "waiting")), "4");
    EXPECT_EQ("the rest", weir_store_give_up(bench->store, 3, &lost), 1);
    test_end_rows();
}

static void actions_not_taken_are_given_again(void **state)
{
    struct bench *bench = *state;
    char token[64];
    weir_store_own_room(bench->store, WEIR_SPAN("r1"));
    add_card(bench, 1, "c1", "");
    run_until_added(bench, 1);
    snprintf(token, sizeof(token), "%s", ASK(bench, "claim", "token", "kim", "60000"));
    ASK(bench, "resolve", NULL, "c1", token, "delete+timeout", "seconds", "60");
    bench->wanted = 2;
    assert_true(loop_run_until(bench->loop, has_actions, bench, LIMIT_MS));

    // The process ends without having taken them; another takes the room over.
    bench->is_closed = false;
    weir_client_close(&bench->client);
    weir_store_close(&bench->store, on_closed, bench);
    assert_true(loop_run_until(bench->loop, is_closed, bench, LIMIT_MS));
    bench->is_closed = false;
    bench->is_ready = false;
    bench->action_count = 0;
    open_store(bench, "p2");
    open_client(bench);
    weir_store_own_room(bench->store, WEIR_SPAN("r1"));
    assert_true(loop_run_until(bench->loop, has_actions, bench, LIMIT_MS));
    EXPECT_EQ("both again", bench->action_count, 2);
    EXPECT("the second", strstr(weir_buffer_text(&bench->action), "\"seconds\":60") != NULL);
    test_end_rows();
}

static bool is_refused(void *user)
{
    return ((struct bench *)user)->refused_by.length > 0;
}

static void a_room_has_one_owner(void **state)
{
    struct bench *bench = *state;
    struct weir_error err = {0};
    struct weir_span set[] = {WEIR_SPAN("SET"), WEIR_SPAN("weir:room:r9"), WEIR_SPAN("other")};
    struct weir_reply *reply = weir_client_send(bench->client, set, 3, &err);
    assert_non_null(reply);
    weir_reply_destroy(&reply);
    weir_store_own_room(bench->store, WEIR_SPAN("r9"));
    assert_true(loop_run_until(bench->loop, is_refused, bench, LIMIT_MS));
    EXPECT_TEXT("owner", weir_buffer_span(&bench->refused_by), "other");
    test_end_rows();
}

static bool has_cause(void *user)
{
    return ((struct bench *)user)->cause.length > 0;
}

// A second store beside the bench's own, at a URL; returns once it told why it is not usable.
static void open_until_refused(struct bench *bench, const char *url)
{
    struct weir_error err = {0};
    struct weir_store_options options = {.url = weir_span_of(url), .process = WEIR_SPAN("p9")};
    weir_buffer_clear(&bench->cause);
    struct weir_store *store = weir_store_open(bench->loop, &options, &events, bench, &err);
    assert_non_null(store);
    assert_true(loop_run_until(bench->loop, has_cause, bench, LIMIT_MS));
    bench->is_closed = false;
    weir_store_close(&store, on_closed, bench);
    assert_true(loop_run_until(bench->loop, is_closed, bench, LIMIT_MS));
    bench->is_closed = false;
}

static void a_redis_that_may_throw_cards_away_is_refused(void **state)
{
    struct bench *bench = *state;
    char url[128];
    struct weir_error err = {0};
    struct weir_span set[] = {WEIR_SPAN("CONFIG"), WEIR_SPAN("SET"), WEIR_SPAN("maxmemory-policy"),
                              WEIR_SPAN("allkeys-lru")};
    struct weir_reply *reply = weir_client_send(bench->client, set, 4, &err);
    assert_non_null(reply);
    weir_reply_destroy(&reply);
    snprintf(url, sizeof(url), "unix://%s/redis/redis.sock", bench->state);
    open_until_refused(bench, url);
    EXPECT("names the policy", strstr(weir_buffer_text(&bench->cause), "allkeys-lru") != NULL);
    EXPECT("says what to do", strstr(weir_buffer_text(&bench->cause), "noeviction") != NULL);
    test_end_rows();
}

static void on_stranger(uv_stream_t *listener, int status)
{
    uv_pipe_t *peer = listener->data;
    uv_buf_t words = uv_buf_init((char *)(uintptr_t) "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    assert_int_equal(status, 0);
    if (uv_is_active((uv_handle_t *)peer) || uv_is_closing((uv_handle_t *)peer)) {
        return;
    }
    if (uv_accept(listener, (uv_stream_t *)peer) == 0) {
        uv_try_write((uv_stream_t *)peer, &words, 1);
    }
}

static void what_is_no_redis_is_told_and_survived(void **state)
{
    struct bench *bench = *state;
    char path[96];
    char url[128];
    uv_pipe_t listener;
    uv_pipe_t peer;
    snprintf(path, sizeof(path), "%s/stranger.sock", bench->state);
    snprintf(url, sizeof(url), "unix://%s", path);
    uv_pipe_init(weir_loop_uv(bench->loop), &listener, 0);
    uv_pipe_init(weir_loop_uv(bench->loop), &peer, 0);
    listener.data = &peer;
    assert_int_equal(uv_pipe_bind(&listener, path), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&listener, 4, on_stranger), 0);
    open_until_refused(bench, url);
    EXPECT("says why", strstr(weir_buffer_text(&bench->cause), "rotocol error") != NULL ||
                           strstr(weir_buffer_text(&bench->cause), "closed") != NULL);
    uv_close((uv_handle_t *)&listener, NULL);
    uv_close((uv_handle_t *)&peer, NULL);
    loop_run_until(bench->loop, is_closed, bench, 20);
    test_end_rows();
}

static void what_can_not_work_is_one_sentence(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *name;
        const char *url;
        const char *state;
        const char *program;
        const char *says;
    } cases[] = {
        {"no program", "", "/tmp", "redis-server-that-is-not-there", "not installed"},
        {"no directory", "", "/proc/no/such", NULL, "can't make the directory"},
        {"long path", "",
         "/tmp/0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
         "23456789012345678901234567890",
         NULL, "too long"},
        {"strange URL", "http://x", "/tmp", NULL, "no Redis URL"},
        {"TLS without its key", "rediss://x", "/tmp", NULL, NULL},
        {"password", "redis://:secret@x", "/tmp", NULL, "must not hold a password"},
        {"port", "redis://x:99999", "/tmp", NULL, "not a port"},
        {"database", "redis://x/y", "/tmp", NULL, "number of a Redis database"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_error err = {0};
        struct weir_store_options options = {.url = weir_span_of(cases[i].url),
                                             .tls_files = {.cert_file = "/dev/null"},
                                             .state = cases[i].state,
                                             .redis_server = cases[i].program,
                                             .process = WEIR_SPAN("p")};
        struct weir_store *store = weir_store_open(bench->loop, &options, &events, bench, &err);
        EXPECT(cases[i].name, store == NULL);
        bool says_it = cases[i].says ? strstr(err.text, cases[i].says) != NULL
                                     : strstr(err.text, "stunnel") || strstr(err.text, "its key");
        if (!says_it) {
            fprintf(stderr, "[%s] said: %s\n", cases[i].name, err.text);
            EXPECT(cases[i].name, false);
        }
    }
    test_end_rows();
}

static long long due_of(struct bench *bench, const char *card)
{
    return atoll(ASK(bench, "show", "due", card));
}

// However many ask it, a question only passes what is due in the second half of its own target.
static void what_a_thousand_ask_comes_earlier_but_buries_nothing(void **state)
{
    struct bench *bench = *state;
    char name[32], asker[32];
    ASK(bench, "add", NULL, "viral", "f", "0", "90000", "u0");
    ASK(bench, "add", NULL, "old", "", "50000", "90000", "o"); // due in 40 s
    ASK(bench, "add", NULL, "new", "", "0", "90000", "n");     // due in 90 s
    long long first = due_of(bench, "viral");
    for (int i = 1; i < 1000; i++) {
        snprintf(name, sizeof(name), "again-%d", i);
        snprintf(asker, sizeof(asker), "u%d", i);
        ASK(bench, "add", NULL, name, "f", "0", "90000", asker);
        ASK(bench, "add", NULL, "repeated", "f", "0", "90000", "u0");
        long long gained = first - due_of(bench, "viral");
        long long tenths = i < 3 ? 1 : i < 7 ? 2 : i < 15 ? 3 : i < 31 ? 4 : 5;
        EXPECT_EQ(name, gained, tenths * 9000);
    }
    EXPECT_TEXT("askers", weir_span_of(ASK(bench, "show", "askers", "viral")), "1000");
    EXPECT_TEXT("who waits longer is first",
                weir_span_of(ASK(bench, "claim", "id", "kim", "60000")), "old");
    EXPECT_TEXT("then what so many ask", weir_span_of(ASK(bench, "claim", "id", "kim", "60000")),
                "viral");
    EXPECT_TEXT("one card, so the next is anybody's",
                weir_span_of(ASK(bench, "claim", "id", "kim", "60000")), "new");
    test_end_rows();
}

static void an_end_only_brings_forward(void **state)
{
    struct bench *bench = *state;
    ASK(bench, "add", NULL, "c1", "", "0", "90000", "u1", "before", "scene", "scene", "item-7");
    long long first = due_of(bench, "c1");
    ASK(bench, "hasten", NULL, "c1", "600000");
    EXPECT_EQ("not later", due_of(bench, "c1"), first);
    ASK(bench, "hasten", NULL, "c1", "0");
    EXPECT("sooner", due_of(bench, "c1") < first - 80000);
    EXPECT_TEXT("its scene", weir_span_of(ASK(bench, "show", "scene", "c1")), "item-7");
    EXPECT_TEXT("no such card", weir_span_of(ASK(bench, "hasten", NULL, "c9", "0")), "");
    EXPECT("no time", strstr(ASK(bench, "hasten", NULL, "c1", "soon"), "INVALID") != NULL);
    test_end_rows();
}

static bool is_in_service(void *user)
{
    return strcmp(ASK_IN(user, "{q:service}", "show", "state", "c1"), "ready") == 0 &&
           strstr(ASK(user, "show", "state", "c1"), "GONE card c1 is in queue service") != NULL;
}

// Whoever moved it died after the first of the three calls; and nobody knew that queue before.
static void what_was_moved_is_brought_there_and_its_end_is_seen(void **state)
{
    struct bench *bench = *state;
    char token[64];
    add_card(bench, 1, "c1", "ship");
    add_card(bench, 2, "c2", "ship");
    add_card(bench, 3, "c3", "");
    run_until_added(bench, 3);
    ASK(bench, "move", NULL, "c1", "", "service", "kim");
    assert_true(loop_run_until(bench->loop, is_in_service, bench, LIMIT_MS));
    EXPECT_TEXT("as it was", weir_span_of(ASK_IN(bench, "{q:service}", "show", "count", "c1")),
                "2");
    snprintf(token, sizeof(token), "%s",
             ASK_IN(bench, "{q:service}", "claim", "token", "kim", "60000"));
    ASK_IN(bench, "{q:service}", "answer", NULL, "c1", token, "yes");
    bench->wanted = 2;
    assert_true(loop_run_until(bench->loop, has_finished, bench, LIMIT_MS));
    EXPECT_EQ("itself", bench->finished[0], 1);
    EXPECT_EQ("and what had joined it", bench->finished[1], 2);
    test_end_rows();
}

// It is moved and decided while nobody looks; added again, the stone tells where it went.
static void what_was_moved_meanwhile_is_found_by_the_next_process(void **state)
{
    struct bench *bench = *state;
    char token[64];
    add_card(bench, 1, "c1", "");
    add_card(bench, 2, "c2", "");
    run_until_added(bench, 2);
    ASK(bench, "move", NULL, "c1", "", "service", "kim");
    ASK(bench, "move", NULL, "c2", "", "service", "kim");
    assert_true(loop_run_until(bench->loop, is_in_service, bench, LIMIT_MS));
    bench->is_closed = false;
    weir_client_close(&bench->client);
    weir_store_close(&bench->store, on_closed, bench);
    assert_true(loop_run_until(bench->loop, is_closed, bench, LIMIT_MS));
    bench->is_closed = false;
    bench->is_ready = false;
    open_store(bench, "p2");
    open_client(bench);
    snprintf(token, sizeof(token), "%s",
             ASK_IN(bench, "{q:service}", "claim", "token", "kim", "60000"));
    ASK_IN(bench, "{q:service}", "answer", NULL, "c1", token, "yes");
    add_card(bench, 1, "c1", "");
    add_card(bench, 2, "c2", "");
    bench->wanted = 1;
    assert_true(loop_run_until(bench->loop, has_finished, bench, LIMIT_MS));
    EXPECT_EQ("the one that was answered", bench->finished[0], 1);
    struct weir_store_gone gone = {.room = WEIR_SPAN("r1"), .id = WEIR_SPAN("m-c2")};
    weir_store_withdraw(bench->store, 0, &gone);
    bench->wanted = 2;
    assert_true(loop_run_until(bench->loop, has_finished, bench, LIMIT_MS));
    EXPECT_TEXT("the other, withdrawn",
                weir_span_of(ASK_IN(bench, "{q:service}", "show", "decided", "c2")), "withdrawn");
    test_end_rows();
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_card_is_asked_claimed_answered_and_finished),
        STORE_TEST(a_redis_killed_while_cards_are_added_has_each_once),
        STORE_TEST(an_emptied_redis_gets_open_cards_again),
        STORE_TEST(an_emptied_redis_gets_merged_cards_with_all_who_asked),
        STORE_TEST(the_oldest_are_given_up_and_redis_keeps_them),
        STORE_TEST(actions_not_taken_are_given_again),
        STORE_TEST(a_room_has_one_owner),
        STORE_TEST(what_a_thousand_ask_comes_earlier_but_buries_nothing),
        STORE_TEST(an_end_only_brings_forward),
        STORE_TEST(what_was_moved_is_brought_there_and_its_end_is_seen),
        STORE_TEST(what_was_moved_meanwhile_is_found_by_the_next_process),
        STORE_TEST(a_redis_that_may_throw_cards_away_is_refused),
        STORE_TEST(what_is_no_redis_is_told_and_survived),
        STORE_TEST(what_can_not_work_is_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
