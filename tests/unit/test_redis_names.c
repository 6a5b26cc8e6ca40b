// The names of servers as people and clusters write them: URLs, slots, redirections.

#include "engine/base/alloc.h"
#include "engine/store/redis_slots.h"
#include "tests/unit/test.h"

static const struct {
    const char *name;
    const char *url;
    const char *again; // NULL: refused
    const char *says;
} urls[] = {
    {"host", "redis://r.example", "redis://r.example:6379/0", NULL},
    {"all of it", "redis://weir@r.example:7000/3", "redis://r.example:7000/3", NULL},
    {"several", "redis://a,b:2", "redis://a:6379,b:2/0", NULL},
    {"IPv6", "redis://[::1]:9/2", "redis://[::1]:9/2", NULL},
    {"TLS", "rediss://r", "rediss://r:6379/0", NULL},
    {"socket", "unix:///run/r.sock?db=4", "unix:///run/r.sock?db=4", NULL},
    {"socket and user", "unix:///r?user=u&db=1", "unix:///r?db=1", NULL},
    {"sentinels", "redis+sentinel://a,b:2/m", "redis+sentinel://a:26379,b:2/m/0", NULL},
    {"sentinels and database", "rediss+sentinel://a/m/7", "rediss+sentinel://a:26379/m/7", NULL},
    {"cluster", "redis+cluster://a,b", "redis+cluster://a:6379,b:6379", NULL},
    {"no name for the sentinels", "redis+sentinel://a:1", NULL, "by its name"},
    {"a cluster's database", "redis+cluster://a/1", NULL, "no database but 0"},
    {"nine addresses", "redis://a,b,c,d,e,f,g,h,i", NULL, "at most 8"},
    {"an empty address", "redis://a,,b", NULL, "needs a host"},
    {"password", "redis://u:p@a", NULL, "must not hold a password"},
    {"no user", "redis://@a", NULL, "name of a Redis user"},
    {"port 0", "redis://a:0", NULL, "not a port"},
    {"port too large", "redis://a:65536", NULL, "not a port"},
    {"half a socket", "unix://r", NULL, "must be whole"},
    {"strange option", "unix:///r?x=1", NULL, "only db=N"},
    {"database", "redis://a/b", NULL, "number of a Redis database"},
    {"another scheme", "http://a", NULL, "no Redis URL"},
    {"empty", "", NULL, "no Redis URL"},
};

static void urls_are_taken_apart_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        WEIR_AUTO(weir_buffer_fini) struct weir_buffer again = {0};
        struct weir_redis_url url;
        struct weir_error err = {0};
        bool is_read = weir_redis_url_parse(weir_span_of(urls[i].url), &url, &err);
        EXPECT_EQ(urls[i].name, is_read, urls[i].again != NULL);
        if (is_read) {
            weir_redis_url_write(&url, &again);
            EXPECT_TEXT(urls[i].name, weir_buffer_span(&again), urls[i].again);
        } else {
            EXPECT(urls[i].name, strstr(err.text, urls[i].says) != NULL);
        }
    }
    test_end_rows();
}

// From `CLUSTER KEYSLOT` of a redis-server 7.0.15.
static const struct {
    const char *key;
    uint32_t slot;
} slots[] = {
    {"123456789", 12739},
    {"", 0},
    {"{q:sales}:ready", 7581},
    {"{q:sales}", 7581},
    {"weir:queues", 9841},
    {"foo{}bar", 14292},
    {"{}", 15257},
    {"a{b}{c}", 3300},
};

static void keys_have_the_slots_that_redis_gives_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
        EXPECT_EQ(slots[i].key, weir_redis_slot_of(weir_span_of(slots[i].key)), slots[i].slot);
    }
    test_end_rows();
}

static const struct {
    const char *error;
    enum weir_redis_turn turn;
    uint32_t slot;
    const char *host;
    uint16_t port;
} redirects[] = {
    {"MOVED 3999 127.0.0.1:6381", WEIR_REDIS_TURN_MOVED, 3999, "127.0.0.1", 6381},
    {"MOVED 16383 :6381", WEIR_REDIS_TURN_MOVED, 16383, "", 6381},
    {"ASK 0 ::1:7", WEIR_REDIS_TURN_ASK, 0, "::1", 7},
    {"ASK 0 r.example:7", WEIR_REDIS_TURN_ASK, 0, "r.example", 7},
    {"TRYAGAIN Multiple keys request during rehashing of slot", WEIR_REDIS_TURN_WAIT, 0, "", 0},
    {"CLUSTERDOWN The cluster is down", WEIR_REDIS_TURN_WAIT, 0, "", 0},
    {"MOVED 16384 h:1", WEIR_REDIS_TURN_NONE, 0, "", 0},
    {"MOVED 1 h", WEIR_REDIS_TURN_NONE, 0, "", 0},
    {"MOVED 1 h:0", WEIR_REDIS_TURN_NONE, 0, "", 0},
    {"MOVED", WEIR_REDIS_TURN_NONE, 0, "", 0},
    {"ASKING 1 h:1", WEIR_REDIS_TURN_NONE, 0, "", 0},
    {"ERR unknown command", WEIR_REDIS_TURN_NONE, 0, "", 0},
    {"", WEIR_REDIS_TURN_NONE, 0, "", 0},
};

static void errors_of_a_cluster_say_where_to_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(redirects); i++) {
        struct weir_redis_redirect found = weir_redis_redirect_of(weir_span_of(redirects[i].error));
        EXPECT_EQ(redirects[i].error, found.turn, redirects[i].turn);
        EXPECT_EQ(redirects[i].error, found.slot, redirects[i].slot);
        EXPECT_EQ(redirects[i].error, found.address.port, redirects[i].port);
        EXPECT_TEXT(redirects[i].error, weir_span_of(found.address.host), redirects[i].host);
    }
    test_end_rows();
}

static void the_key_of_a_command_is_found(void **state)
{
    static const struct {
        const char *words[8];
        const char *key;
    } commands[] = {
        {{"GET", "weir:marker"}, "weir:marker"},
        {{"FCALL", "weir_add", "1", "{q:a}", "x"}, "{q:a}"},
        {{"EVALSHA", "abc", "1", "{q:b}"}, "{q:b}"},
        {{"XREAD", "COUNT", "5", "STREAMS", "{q:c}:hist", "0"}, "{q:c}:hist"},
        {{"INFO", "server"}, ""},
        {{"PING"}, ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct weir_span args[8];
        size_t count = 0;
        for (; count < 8 && commands[i].words[count]; count++) {
            args[count] = weir_span_of(commands[i].words[count]);
        }
        EXPECT_TEXT(commands[i].words[0], weir_redis_key_of(args, count), commands[i].key);
    }
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart_or_refused),
        cmocka_unit_test(keys_have_the_slots_that_redis_gives_them),
        cmocka_unit_test(errors_of_a_cluster_say_where_to_turn),
        cmocka_unit_test(the_key_of_a_command_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
