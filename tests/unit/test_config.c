#include "tests/unit/test.h"

#include "engine/config/config.h"

#include <stdlib.h>

static void one_url_is_a_configuration(void **state)
{
    (void)state;
    struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_config_destroy)
    struct weir_config *config = weir_config_parse(
        "weir.yaml", WEIR_SPAN("rooms: [{url: wss://chat.example/weir}]\n"), &diagnostics);
    assert_non_null(config);
    EXPECT_EQ("connections", config->connection_count, 1);
    EXPECT_TEXT("url", weir_span_of(config->connections[0].url), "wss://chat.example/weir");
    EXPECT("acts", config->connections[0].act);
    EXPECT_TEXT("state", weir_span_of(config->state), "/var/lib/weir");
    EXPECT_TEXT("private Redis", weir_span_of(config->redis), "");
    EXPECT_EQ("characters", config->max_text, 2000);
    weir_diagnostics_fini(&diagnostics);
    test_end_rows();
}

static void everything_can_be_said(void **state)
{
    (void)state;
    setenv("WEIR_TEST_TOKEN", "secret", 1);
    struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_config_destroy)
    struct weir_config *config =
        weir_config_parse("/etc/x/weir.yaml",
                          WEIR_SPAN("state: data\n"
                                    "redis: redis://127.0.0.1:6379/2\n"
                                    "console: {listen: 127.0.0.1:8017}\n"
                                    "record: {dir: chats, keep: 2d, max_mib: 5}\n"
                                    "verdicts: {keep: 1h, sample: 50, text: false}\n"
                                    "watch_rules: false\n"
                                    "limits: {max_rooms: 5}\n"
                                    "spool: {max_mib: 2, sync: always, when_full: oldest}\n"
                                    "rooms:\n"
                                    "  - url: wss://a.example\n"
                                    "    adapter: room\n"
                                    "    rooms: [r1, 直播间]\n"
                                    "    act: false\n"
                                    "    no_hold: delete\n"
                                    "    no_mask: flag\n"
                                    "    budget:\n"
                                    "      - {do: all, max: 800, per: 1m}\n"
                                    "      - {do: [ban, timeout], max: 3, per: 1s, each: room}\n"
                                    "    clears: [timeout]\n"
                                    "    delete_within: 5s\n"
                                    "    strikes: platform\n"
                                    "    on_short: {slow: 30s, for: 2m}\n"
                                    "    token_env: WEIR_TEST_TOKEN\n"
                                    "  - {url: \"twitch:x\", rooms: [r3]}\n"),
                          &diagnostics);
    assert_non_null(config);
    EXPECT_TEXT("beside the file", weir_span_of(config->state), "/etc/x/data");
    EXPECT_TEXT("beside the file", weir_span_of(config->record_dir), "/etc/x/chats");
    EXPECT_EQ("keep", config->record_keep_ms, 2 * 86400000);
    EXPECT_EQ("max", config->record_max_bytes, 5 << 20);
    EXPECT_EQ("hour", config->verdict_keep_ms, 3600000);
    EXPECT_EQ("one in", config->verdict_sample, 50);
    EXPECT("no text", !config->verdict_text);
    EXPECT("only on request", !config->watch_rules);
    EXPECT_EQ("rooms", config->max_rooms, 5);
    EXPECT_EQ("spool", config->spool_bytes, 2 << 20);
    EXPECT_EQ("two", config->connection_count, 2);
    EXPECT_TEXT("room", weir_span_of(config->connections[0].rooms.items[1]), "直播间");
    EXPECT("does not act", !config->connections[0].act);
    EXPECT_EQ("limits", config->connections[0].budget_count, 2);
    EXPECT_EQ("kinds", config->connections[0].budget[1].kinds,
              1u << WEIR_DO_BAN | 1u << WEIR_DO_TIMEOUT);
    EXPECT_EQ("per", config->connections[0].budget[0].per_ms, 60000);
    EXPECT("each room", config->connections[0].budget[1].each_room);
    EXPECT_EQ("clears", config->connections[0].clears, 1u << WEIR_DO_TIMEOUT);
    EXPECT_EQ("shared", config->connections[0].strikes, WEIR_STRIKES_PLATFORM);
    EXPECT_EQ("its own", config->connections[1].strikes, WEIR_STRIKES_ROOM);
    EXPECT_EQ("within", config->connections[0].delete_within_ms, 5000);
    EXPECT_TEXT("mode", weir_span_of(config->connections[0].short_mode), "slow");
    EXPECT_EQ("every", config->connections[0].short_seconds, 30);
    EXPECT_EQ("for", config->connections[0].short_for_ms, 120000);
    EXPECT("the adapter's",
           !config->connections[1].has_budget && !config->connections[1].has_clears);
    EXPECT_EQ("no hold", config->connections[0].no_hold, WEIR_INSTEAD_DELETE);
    EXPECT_EQ("no mask", config->connections[0].no_mask, WEIR_INSTEAD_FLAG);
    EXPECT_TEXT("token", weir_span_of(config->connections[0].token), "secret");
    weir_diagnostics_fini(&diagnostics);
    test_end_rows();
}

static void mistakes_are_told_at_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *text;
        uint32_t line;
        uint32_t column;
        const char *cause;
    } cases[] = {
        {"empty", "", 1, 1, "holds nothing"},
        {"no rooms", "state: x\n", 1, 1, "'rooms' is missing"},
        {"unknown key", "rooms: [{url: ws://a}]\nstat: x\n", 2, 1, "did you mean 'state'"},
        {"unknown key of a room", "rooms:\n  - url: ws://a\n    adaptor: x\n", 3, 5,
         "did you mean 'adapter'"},
        {"no url", "rooms:\n  - {act: true}\n", 2, 5, "'url' is missing"},
        {"not a URL", "rooms: [{url: chat}]\n", 1, 15, "not a URL"},
        {"password in a URL", "rooms: [{url: 'ws://a:b@c/'}]\n", 1, 15, "token_file"},
        {"room twice", "rooms: [{url: ws://a, rooms: [r1]}, {url: ws://b, rooms: [r1]}]\n", 1, 59,
         "named twice"},
        {"truth", "rooms: [{url: ws://a, act: maybe}]\n", 1, 28, ""},
        {"no limit", "rooms: [{url: ws://a, budget: [{do: all, max: 3}]}]\n", 1, 32, "'per'"},
        {"no such action", "rooms: [{url: ws://a, budget: [{do: [zap], max: 3, per: 1s}]}]\n", 1,
         38, "no action 'zap'"},
        {"nothing at all", "rooms: [{url: ws://a, budget: [{do: all, max: 0, per: 1s}]}]\n", 1, 47,
         "at least 1"},
        {"for whom", "rooms: [{url: ws://a, budget: [{do: all, max: 3, per: 1s, each: x}]}]\n", 1,
         65, "'room' or 'connection'"},
        {"clears", "rooms: [{url: ws://a, clears: [delete]}]\n", 1, 31, "only timeout and ban"},
        {"which mode", "rooms: [{url: ws://a, on_short: {for: 3m}}]\n", 1, 33, "which mode"},
        {"what then", "rooms: [{url: ws://a, on_short: panic}]\n", 1, 33, "'card' or a room"},
        {"strikes", "rooms: [{url: ws://a, strikes: world}]\n", 1, 32, "'platform'"},
        {"too long", "rooms: [{url: ws://a, delete_within: 1h}]\n", 1, 38, "between"},
        {"instead", "rooms: [{url: ws://a, no_hold: ban}]\n", 1, 32, "'flag' or 'delete'"},
        {"number", "rooms: [{url: ws://a}]\nlimits: {max_text: 3}\n", 2, 20, "at least 50"},
        {"too large", "rooms: [{url: ws://a}]\nlimits: {max_text: 99999999999}\n", 2, 20, ""},
        {"duration", "rooms: [{url: ws://a}]\nrecord: {dir: a, keep: 7}\n", 2, 24, ""},
        {"address", "rooms: [{url: ws://a}]\nconsole: {listen: 8017}\n", 2, 19, "127.0.0.1:8017"},
        {"redis", "rooms: [{url: ws://a}]\nredis: localhost\n", 2, 8, "redis://"},
        {"redis password", "rooms: [{url: ws://a}]\nredis: redis://:x@h:1/0\n", 2, 8,
         "redis_password_file"},
        {"no such secret", "rooms: [{url: ws://a, token_file: /nowhere/at/all}]\n", 1, 35, ""},
        {"no such variable", "rooms: [{url: ws://a, token_env: WEIR_NONE}]\n", 1, 34, "WEIR_NONE"},
        {"no such rules", "rooms: [{url: ws://a}]\nrules: [/nowhere]\n", 2, 9, "can't read"},
        {"rules as text", "rooms: [{url: ws://a}]\nrules: /etc\n", 2, 8, "list"},
        {"a list at the top", "- 1\n", 1, 1, "is a map"},
        {"Chinese columns", "rooms: [{url: ws://a, rooms: [小明, 小明]}]\n", 1, 35, "named twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct weir_diagnostics diagnostics = {0};
        EXPECT(cases[i].name,
               !weir_config_parse("weir.yaml", weir_span_of(cases[i].text), &diagnostics));
        EXPECT(cases[i].name, diagnostics.count > 0);
        if (diagnostics.count > 0) {
            const struct weir_error *error = &diagnostics.items[0].error;
            EXPECT_EQ(cases[i].name, error->line, cases[i].line);
            EXPECT_EQ(cases[i].name, error->column, cases[i].column);
            if (!strstr(error->text, cases[i].cause)) {
                fprintf(stderr, "said: %s\n", error->text);
                EXPECT(cases[i].name, false);
            }
        }
        weir_diagnostics_fini(&diagnostics);
    }
    test_end_rows();
}

static void one_run_shows_all_mistakes(void **state)
{
    (void)state;
    struct weir_diagnostics diagnostics = {0};
    EXPECT("refused", !weir_config_parse("weir.yaml",
                                         WEIR_SPAN("stat: x\n"
                                                   "redis: nowhere\n"
                                                   "limits: {max_text: 3}\n"
                                                   "rooms: [{act: perhaps}, {url: x}]\n"),
                                         &diagnostics));
    EXPECT_EQ("stat, redis, max_text, act, no url, not a URL", diagnostics.error_count, 6);
    weir_diagnostics_fini(&diagnostics);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_url_is_a_configuration),
        cmocka_unit_test(everything_can_be_said),
        cmocka_unit_test(mistakes_are_told_at_their_place),
        cmocka_unit_test(one_run_shows_all_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
