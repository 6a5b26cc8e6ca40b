#include "tests/unit/test.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"
#include "engine/judge/suspend.h"

#include <stdio.h>

static const char pack[] = "pack: slow\n"
                           "rules:\n"
                           "  - id: slow.one\n"
                           "    about: explodes\n"
                           "    when: {regex: 'x(a+)+$'}\n"
                           "    on_error: flag\n"
                           "    then: {do: [delete]}\n"
                           "  - id: other\n"
                           "    about: does not\n"
                           "    when: {regex: 'b[uy]+ this'}\n"
                           "    then: {do: [delete]}\n";

static const char slow_text[] = "xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";

struct bench {
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_memory *memory;
    int64_t now_ms;
};

static void bench_init(struct bench *bench)
{
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_pack_file file = {.name = "slow.yaml", .text = weir_span_of(pack)};
    *bench = (struct bench){
        .judge = weir_judge_create(2000), .memory = weir_memory_create(), .now_ms = 1700000000000};
    bench->set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    for (size_t i = 0; i < diagnostics.count; i++) {
        fprintf(stderr, "%u: %s\n", diagnostics.items[i].error.line,
                diagnostics.items[i].error.text);
    }
    assert_non_null(bench->set);
}

static void bench_fini(struct bench *bench)
{
    weir_set_destroy(&bench->set);
    weir_judge_destroy(&bench->judge);
    weir_memory_destroy(&bench->memory);
}

static const struct weir_verdict *say(struct bench *bench, const char *text)
{
    struct weir_room_view room = {.id = WEIR_SPAN("r"), .state = WEIR_SPAN("live")};
    bench->now_ms += 100;
    struct weir_message message = {.room = room.id,
                                   .id = WEIR_SPAN("m"),
                                   .ts_ms = bench->now_ms,
                                   .user = {.id = WEIR_SPAN("u")},
                                   .text = weir_span_of(text)};
    return weir_judge_message(bench->judge, bench->set, bench->memory, &room, &message,
                              bench->now_ms);
}

static bool is_suspended(const struct weir_verdict *verdict)
{
    return verdict->degraded_count == 1 &&
           strcmp(verdict->degraded[0].cause, weir_match_suspended) == 0;
}

// The limit is met fifteen times, and once more: from then on the regex is not run, which is told
// in each verdict, and `on_error` decides as before. Other rules go on.
static void a_slow_rule_is_suspended(void **state)
{
    (void)state;
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench);
    for (uint32_t i = 1; i < WEIR_SUSPEND_AFTER; i++) {
        const struct weir_verdict *verdict = say(&bench, slow_text);
        assert_int_equal(verdict->degraded_count, 1);
        assert_string_equal(verdict->degraded[0].cause, "match limit");
        assert_int_equal(verdict->message_verdict, WEIR_MESSAGE_FLAG);
        assert_null(verdict->suspended);
    }
    const struct weir_verdict *verdict = say(&bench, slow_text);
    assert_non_null(verdict->suspended);
    assert_true(weir_span_equals(verdict->suspended->id, WEIR_SPAN("slow.one")));

    verdict = say(&bench, slow_text);
    assert_true(is_suspended(verdict));
    assert_null(verdict->suspended);
    assert_int_equal(verdict->message_verdict, WEIR_MESSAGE_FLAG);
    assert_int_equal(say(&bench, "buy this")->message_verdict, WEIR_MESSAGE_DELETE);
    assert_int_equal(say(&bench, "nothing")->degraded_count, 0);
}

static void it_is_tried_again(void **state)
{
    (void)state;
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench);
    for (uint32_t i = 0; i < WEIR_SUSPEND_AFTER; i++) {
        say(&bench, slow_text);
    }
    for (uint32_t i = 1; i < WEIR_SUSPEND_FOR; i++) {
        say(&bench, "hello");
    }
    assert_true(is_suspended(say(&bench, "xaaaa")));
    assert_int_equal(say(&bench, "xaaaa")->message_verdict, WEIR_MESSAGE_DELETE);
}

// Now and then is not often.
static void few_limits_suspend_nothing(void **state)
{
    (void)state;
    WEIR_AUTO(bench_fini) struct bench bench;
    bench_init(&bench);
    for (uint32_t i = 0; i < 3 * WEIR_SUSPEND_AFTER; i++) {
        assert_null(say(&bench, slow_text)->suspended);
        for (uint32_t j = 0; j < WEIR_SUSPEND_WITHIN / (WEIR_SUSPEND_AFTER - 1); j++) {
            say(&bench, "hello");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_rule_is_suspended),
        cmocka_unit_test(it_is_tried_again),
        cmocka_unit_test(few_limits_suspend_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
