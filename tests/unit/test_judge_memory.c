#include "tests/unit/test.h"

#include "engine/judge/judge.h"
#include "engine/sys/recording.h"
#include "engine/sys/rule_files.h"

#include <stdlib.h>

// Once it has seen what it may see, judging takes no memory: no message waits for the allocator,
// and what a daemon holds after a day is what it held after a minute. The linker leads every call
// of malloc() and its like here (--wrap, in meson.build); what libraries take for themselves is
// theirs.

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

static size_t taken;

void *__wrap_malloc(size_t size)
{
    taken++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    taken++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    taken++;
    return __real_realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    taken++;
    return __real_reallocarray(memory, count, size);
}

struct fixture {
    struct weir_set *set;
    struct weir_judge *judge;
    struct weir_memory *memory;
    struct weir_buffer verdict; // as the verdict log writes it
    size_t deleted;
};

static void judge(struct fixture *fixture, const struct weir_message *message)
{
    struct weir_room_view room = {.id = message->room, .state = WEIR_SPAN("live")};
    const struct weir_verdict *verdict = weir_judge_message(
        fixture->judge, fixture->set, fixture->memory, &room, message, message->ts_ms);
    fixture->deleted += verdict->message_verdict == WEIR_MESSAGE_DELETE;
    weir_buffer_clear(&fixture->verdict);
    weir_verdict_write(verdict, fixture->set, message, weir_judge_text(fixture->judge),
                       &fixture->verdict);
}

// Returns how often memory was taken while judging, not while reading.
static size_t judge_evening(struct fixture *fixture)
{
    char path[4096];
    struct weir_error err = {0};
    snprintf(path, sizeof(path), "%s/rules/samples/evening.jsonl", getenv("WEIR_SOURCE_ROOT"));
    WEIR_AUTO(weir_recording_close)
    struct weir_recording *recording = weir_recording_open(path, 0, NULL, NULL, &err);
    assert_non_null(recording);
    size_t while_judging = 0;
    const struct weir_event *event = NULL;
    while ((event = weir_recording_next(recording)) != NULL) {
        size_t before = taken;
        if (event->kind == WEIR_EVENT_MESSAGE) {
            judge(fixture, event->message);
        }
        while_judging += taken - before;
    }
    return while_judging;
}

// Walls of what has most hits, most readings and most bytes.
static size_t judge_floods(struct fixture *fixture)
{
    static const char *const pieces[] = {"操你妈", "加微信abc12345", "heeellooo 1l! ", "a.cn ",
                                         "@a ",    "什么时候发货",   "\xef\xb7\xba"};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    weir_buffer_reserve(&text, 64000);
    size_t before = taken;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        weir_buffer_clear(&text);
        while (text.length < 6000) {
            weir_buffer_add_text(&text, pieces[i]);
        }
        struct weir_message message = {.room = WEIR_SPAN("r"),
                                       .id = WEIR_SPAN("m"),
                                       .ts_ms = 1790068400000,
                                       .user = {.id = WEIR_SPAN("u")},
                                       .text = weir_buffer_span(&text)};
        judge(fixture, &message);
    }
    return taken - before;
}

#define WARM_EVENINGS 40

static struct weir_set *load_shipped_packs(void)
{
    char path[4096];
    struct weir_paths paths = {0};
    struct weir_rule_files files = {0};
    struct weir_diagnostics diagnostics = {0};
    snprintf(path, sizeof(path), "%s/rules", getenv("WEIR_SOURCE_ROOT"));
    weir_paths_add(&paths, path);
    struct weir_set *set = weir_rule_files_load(&files, &paths, &diagnostics);
    weir_rule_files_fini(&files);
    weir_paths_fini(&paths);
    weir_diagnostics_fini(&diagnostics);
    return set;
}

static void judging_takes_no_memory_once_it_is_warm(void **state)
{
    (void)state;
    struct fixture fixture = {.set = load_shipped_packs(),
                              .judge = weir_judge_create(2000),
                              .memory = weir_memory_create()};
    assert_non_null(fixture.set);
    // The room's memory grows with who is there and what was said, up to its windows.
    EXPECT("takes some when cold", judge_evening(&fixture) + judge_floods(&fixture) > 0);
    for (int evening = 1; evening < WARM_EVENINGS; evening++) {
        judge_evening(&fixture);
        judge_floods(&fixture);
    }
    EXPECT("an evening", judge_evening(&fixture) == 0);
    EXPECT("floods", judge_floods(&fixture) == 0);
    EXPECT("something was deleted", fixture.deleted > 0);
    weir_buffer_fini(&fixture.verdict);
    weir_memory_destroy(&fixture.memory);
    weir_judge_destroy(&fixture.judge);
    weir_set_destroy(&fixture.set);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judging_takes_no_memory_once_it_is_warm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
