#include "tests/unit/test.h"

#include "engine/judge/memory.h"
#include "engine/judge/strikes.h"
#include "engine/judge/table.h"
#include "engine/judge/windows.h"

#include <stdlib.h>

// The pieces of the room's memory, each against the plainest thing that could be true. What rules
// make of them is said in tests/cases/memory.

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// --- the table, against an array in the order of touches ---

#define MODEL_MOST 40

struct model_item {
    uint64_t key;
    uint64_t value;
    int64_t touched_ms;
    bool is_kept;
};

struct model {
    struct model_item items[MODEL_MOST]; // the latest touched last
    size_t count;
    int64_t life_ms;
};

static size_t model_find(const struct model *model, uint64_t key)
{
    size_t at = 0;
    while (at < model->count && model->items[at].key != key) {
        at++;
    }
    return at;
}

static void model_remove(struct model *model, size_t at)
{
    memmove(&model->items[at], &model->items[at + 1],
            (model->count - at - 1) * sizeof(model->items[0]));
    model->count--;
}

static size_t model_oldest(const struct model *model, bool is_kept)
{
    size_t at = 0;
    while (at < model->count && model->items[at].is_kept != is_kept) {
        at++;
    }
    return at;
}

static void model_make_room(struct model *model, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        kept += model->items[i].is_kept;
    }
    size_t plain = model_oldest(model, false);
    if (plain < model->count && now_ms - model->items[plain].touched_ms >= model->life_ms) {
        model_remove(model, plain);
    } else if (model->count == MODEL_MOST) {
        bool takes_plain = plain < model->count && kept <= MODEL_MOST - MODEL_MOST / 8;
        model_remove(model, takes_plain ? plain : model_oldest(model, true));
    }
}

static struct model_item *model_touch(struct model *model, uint64_t key, int64_t now_ms)
{
    struct model_item item = {.key = key};
    size_t at = model_find(model, key);
    if (at < model->count) {
        item = model->items[at];
        model_remove(model, at);
    } else {
        model_make_room(model, now_ms);
    }
    item.touched_ms = now_ms;
    model->items[model->count] = item;
    return &model->items[model->count++];
}

static void a_table_forgets_what_its_model_forgets(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252u;
    struct weir_table table;
    struct model model = {.life_ms = 700};
    int64_t now_ms = 0;
    weir_table_init(&table, sizeof(uint64_t), MODEL_MOST, model.life_ms, random);
    for (int i = 0; i < 200000; i++) {
        uint64_t key = next_random(&random) % (next_random(&random) % 4 == 0 ? 400 : 30);
        bool is_kept = next_random(&random) % 3 == 0;
        now_ms += (int64_t)(next_random(&random) % 20);
        uint64_t *value = weir_table_touch(&table, key, now_ms);
        struct model_item *item = model_touch(&model, key, now_ms);
        if (*value != item->value) {
            EXPECT_EQ("value", *value, item->value);
            break;
        }
        *value = item->value = (uint64_t)i + 1;
        // The model orders by touch alone, so what is kept is decided at the touch.
        weir_table_keep(&table, value, is_kept);
        item->is_kept = is_kept;
    }
    EXPECT_EQ("count", table.count <= MODEL_MOST, true);
    EXPECT("some were evicted", table.evicted > 0 && table.evicted_kept > 0);
    for (size_t i = 0; i < model.count; i++) {
        uint64_t *value = weir_table_find(&table, model.items[i].key);
        EXPECT("is still there", value && *value == model.items[i].value);
    }
    weir_table_fini(&table);
    test_end_rows();
}

// --- windows, against the list of all events ---

#define EVENTS 20000

static void a_rate_is_exact(void **state)
{
    (void)state;
    static int64_t events[EVENTS];
    struct weir_series series = {.kind = WEIR_SERIES_RATE, .max = 7, .low = 7, .per_ms = 1000};
    struct weir_series_window window = {0};
    WEIR_AUTO(weir_pool_fini) struct weir_pool pool = {0};
    uint64_t random = 1;
    int64_t now_ms = 5;
    for (size_t i = 0; i < EVENTS; i++) {
        now_ms += (int64_t)(next_random(&random) % 300);
        events[i] = now_ms;
        uint32_t count = 0;
        for (size_t j = i + 1; j-- > 0 && now_ms - events[j] < series.per_ms;) {
            count++;
        }
        struct weir_reading reading = weir_window_rate(&window, &pool, &series, now_ms);
        EXPECT_EQ("holds", reading.holds, count > 7);
        EXPECT_EQ("count", reading.value, count > 8 ? 8 : count);
    }
    test_end_rows();
}

static uint32_t count_users(const int64_t *last_ms, size_t users, int64_t now_ms, int64_t per_ms)
{
    uint32_t count = 0;
    for (size_t i = 0; i < users; i++) {
        count += last_ms[i] > 0 && now_ms - last_ms[i] < per_ms;
    }
    return count;
}

static void a_count_of_users_is_exact(void **state)
{
    (void)state;
    int64_t last_ms[12] = {0};
    struct weir_series series = {.kind = WEIR_SERIES_DISTINCT, .max = 4, .per_ms = 1000};
    struct weir_series_window window = {0};
    WEIR_AUTO(weir_pool_fini) struct weir_pool pool = {0};
    uint64_t random = 2;
    int64_t now_ms = 5;
    for (size_t i = 0; i < EVENTS; i++) {
        now_ms += (int64_t)(next_random(&random) % 400);
        size_t user = next_random(&random) % ARRAY_LEN(last_ms);
        last_ms[user] = now_ms;
        uint32_t count = count_users(last_ms, ARRAY_LEN(last_ms), now_ms, series.per_ms);
        struct weir_reading reading =
            weir_window_distinct(&window, &pool, &series, user + 1, now_ms);
        EXPECT_EQ("holds", reading.holds, count > 4);
        EXPECT_EQ("count", reading.value, count > 5 ? 5 : count);
    }
    test_end_rows();
}

// A run of steps ends now and began less than `per_ms` ago: searched backwards, each step as late
// as it can be.
static bool has_run(const uint32_t *fired, const int64_t *at_ms, size_t last, size_t steps,
                    int64_t per_ms)
{
    size_t step = steps;
    for (size_t i = last + 1; i-- > 0 && at_ms[last] - at_ms[i] < per_ms;) {
        if (step == steps && i < last) {
            return false;
        }
        if (fired[i] >> (step - 1) & 1u) {
            step--;
            if (step == 0) {
                return true;
            }
        }
    }
    return false;
}

static void a_sequence_is_exact(void **state)
{
    (void)state;
    static uint32_t fired[EVENTS];
    static int64_t at_ms[EVENTS];
    struct weir_series series = {.kind = WEIR_SERIES_SEQUENCE, .rule_count = 3, .per_ms = 1000};
    struct weir_series_window window = {0};
    WEIR_AUTO(weir_pool_fini) struct weir_pool pool = {0};
    uint64_t random = 3;
    int64_t now_ms = 5;
    size_t held = 0;
    for (size_t i = 0; i < EVENTS; i++) {
        now_ms += (int64_t)(next_random(&random) % 300);
        at_ms[i] = now_ms;
        fired[i] = (uint32_t)(next_random(&random) % 8 & next_random(&random));
        struct weir_reading reading =
            weir_window_sequence(&window, &pool, &series, fired[i], now_ms);
        EXPECT_EQ("holds", reading.holds, has_run(fired, at_ms, i, 3, series.per_ms));
        held += reading.holds;
    }
    EXPECT("held sometimes", held > 100 && held < EVENTS / 2);
    test_end_rows();
}

// What is said again is nearly the same; what a window holds is in a block of the pool that fits.
static void copies_are_counted_among_the_latest(void **state)
{
    (void)state;
    static uint32_t said[EVENTS];
    static int64_t at_ms[EVENTS];
    struct weir_series series = {
        .kind = WEIR_SERIES_SAME_TEXT, .max = 3, .per_ms = 1000, .similarity = 80};
    struct weir_series_window window = {0};
    WEIR_AUTO(weir_pool_fini) struct weir_pool pool = {0};
    uint64_t random = 4;
    int64_t now_ms = 5;
    for (size_t i = 0; i < EVENTS; i++) {
        now_ms += (int64_t)(next_random(&random) % 400);
        at_ms[i] = now_ms;
        said[i] = (uint32_t)(next_random(&random) % 4);
        uint32_t count = 1;
        for (size_t j = i; j-- > 0 && i - j <= 8 && now_ms - at_ms[j] < series.per_ms;) {
            count += said[j] == said[i];
        }
        struct weir_sketch sketch = {.count = 2, .pairs = {(uint16_t)(said[i] + 1), 100}};
        sketch.pairs[1] = (uint16_t)(sketch.pairs[0] + 100);
        struct weir_reading reading =
            weir_window_same_text(&window, &pool, &series, &sketch, now_ms);
        EXPECT_EQ("count", reading.value, count);
    }
    test_end_rows();
}

// --- the pool ---

static void blocks_are_used_again_and_never_overlap(void **state)
{
    (void)state;
    static struct {
        unsigned char *at;
        size_t bytes;
    } taken[256];
    WEIR_AUTO(weir_pool_fini) struct weir_pool pool = {0};
    uint64_t random = 5;
    size_t total = 0;
    for (size_t i = 0; i < 100000; i++) {
        size_t index = next_random(&random) % ARRAY_LEN(taken);
        unsigned char mark = (unsigned char)index;
        for (size_t at = 0; taken[index].at && at < taken[index].bytes; at++) {
            EXPECT("nobody else wrote", taken[index].at[at] == mark);
        }
        weir_pool_give(&pool, taken[index].at, taken[index].bytes);
        taken[index].bytes = next_random(&random) % (i % 50 == 0 ? 9000 : 200);
        taken[index].at = weir_pool_take(&pool, taken[index].bytes);
        EXPECT_EQ("aligned", (uintptr_t)taken[index].at % 16, 0);
        EXPECT("large enough", weir_pool_size(taken[index].bytes) >= taken[index].bytes);
        memset(taken[index].at, mark, taken[index].bytes);
        total = i == 50000 ? pool.total_bytes : total;
    }
    EXPECT("what was given back is used", pool.total_bytes < total + total / 4);
    weir_pool_give(&pool, NULL, 7);
    test_end_rows();
}

// --- strikes ---

static void strikes_halve_and_vanish(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t milli;
        int64_t elapsed_ms;
        uint32_t expected;
    } cases[] = {
        {"now", 4000, 0, 4000},
        {"a clock that stands", 4000, -5, 4000},
        {"one half-life", 4000, 604800000, 2000},
        {"two", 4000, 1209600000, 1000},
        {"half of one", 4000, 302400000, 2828},
        {"a day", 1000, 86400000, 905},
        {"a moment", 1000, 1, 999},
        {"long", 100000000, INT64_C(604800000) * 40, 0},
        {"for ever", 4000, INT64_MAX, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        EXPECT_EQ(cases[i].name, weir_strikes_decay(cases[i].milli, cases[i].elapsed_ms, 604800000),
                  cases[i].expected);
    }
    for (int64_t ms = 1, last = 100000; ms < 10000000; ms += 997) {
        int64_t left = weir_strikes_decay(100000, ms, 777777);
        EXPECT("never rises", left <= last);
        last = left;
    }
    test_end_rows();
}

static void collect(void *user, const struct weir_user_record *record)
{
    weir_buffer_add(user, (struct weir_span){(const char *)record, sizeof(*record)});
}

static void records_come_back_as_they_went(void **state)
{
    (void)state;
    struct weir_memory *memory = weir_memory_create();
    struct weir_buffer changes = {0};
    struct weir_user_record record = {.key = weir_memory_user_key(WEIR_SPAN("u1")),
                                      .first_ms = 1000,
                                      .strikes_ms = 5000,
                                      .strikes_milli = 4000,
                                      .messages = 17,
                                      .clean = 3};
    weir_memory_track_changes(memory);
    weir_memory_restore_user(memory, &record);
    weir_memory_take_changes(memory, collect, &changes);
    EXPECT_EQ("what was restored is no news", changes.length, 0);
    weir_memory_forgive(memory, WEIR_SPAN("u2"), UINT32_MAX);
    weir_memory_forgive(memory, WEIR_SPAN("u1"), 1500);
    weir_memory_forgive(memory, WEIR_SPAN("u1"), 500);
    weir_memory_take_changes(memory, collect, &changes);
    record.strikes_milli = 2000;
    EXPECT_EQ("one record", changes.length, sizeof(record));
    struct weir_user_record back;
    memcpy(&back, changes.data, sizeof(back));
    EXPECT("whose", back.key == record.key);
    EXPECT_EQ("since", back.first_ms, record.first_ms);
    EXPECT_EQ("struck", back.strikes_ms, record.strikes_ms);
    EXPECT_EQ("strikes", back.strikes_milli, record.strikes_milli);
    EXPECT_EQ("messages", back.messages, record.messages);
    EXPECT_EQ("clean", back.clean, record.clean);
    weir_buffer_clear(&changes);
    weir_memory_take_changes(memory, collect, &changes);
    EXPECT_EQ("told once", changes.length, 0);
    weir_buffer_fini(&changes);
    weir_memory_destroy(&memory);
    test_end_rows();
}

// --- how alike two texts are ---

static uint32_t similarity(const char *a, const char *b)
{
    struct weir_sketch sketches[2];
    const char *texts[] = {a, b};
    struct weir_text *text = weir_text_create(2000);
    for (size_t i = 0; i < 2; i++) {
        struct weir_letters_read letters;
        weir_text_set(text, weir_span_of(texts[i]), NULL, 0, false);
        weir_letters_read(text, &letters);
        weir_sketch_make(&letters, &sketches[i]);
    }
    weir_text_destroy(&text);
    return weir_sketch_similarity(&sketches[0], &sketches[1]);
}

static void texts_are_alike_by_their_letters(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *a;
        const char *b;
        uint32_t least;
        uint32_t most;
    } cases[] = {
        {"the same", "专业代练加微信", "专业代练加微信", 100, 100},
        {"blanks and symbols", "专业代练加微信", "★专业 代练★加微信!!!", 100, 100},
        {"emoji", "best viewers on example dot com", "best viewers 🔥🔥 on example dot com", 100,
         100},
        {"disguise", "best viewers here", "bеst v1ewers h3re", 100, 100},
        {"something behind", "专业代练上分加我微信包赢", "专业代练上分加我微信包赢a7", 80, 99},
        {"others", "专业代练上分加我微信包赢", "今天的比赛打得真精彩啊主播", 0, 10},
        {"others in English", "the quick brown fox jumps over the lazy dog",
         "what a goal that was from the striker tonight", 0, 25},
        {"nothing", "!!!", "???", 0, 0},
        {"one of nothing", "专业代练", "", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t percent = similarity(cases[i].a, cases[i].b);
        EXPECT(cases[i].name, percent >= cases[i].least && percent <= cases[i].most);
    }
    test_end_rows();
}

static void a_shortage_is_for_new_rooms(void **state)
{
    (void)state;
    struct weir_memory_budget budget = {.most = 8000000};
    uint32_t last = UINT32_MAX;
    uint64_t sum = 0;
    size_t full = 0;
    for (int room = 0; room < 10000; room++) {
        uint32_t users = weir_memory_grant(&budget);
        EXPECT("never more than an older room", users <= last);
        last = users;
        full += users == WEIR_MEMORY_USERS;
        sum += users;
    }
    EXPECT("the first hundred are full", full >= 100);
    EXPECT_EQ("the last has the least", last, 512);
    EXPECT("bounded", sum <= budget.most + 10000u * 512u);
    weir_memory_give_back(&budget, 512);
    EXPECT_EQ("given back", budget.granted, sum - 512);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_forgets_what_its_model_forgets),
        cmocka_unit_test(a_rate_is_exact),
        cmocka_unit_test(a_count_of_users_is_exact),
        cmocka_unit_test(a_sequence_is_exact),
        cmocka_unit_test(copies_are_counted_among_the_latest),
        cmocka_unit_test(blocks_are_used_again_and_never_overlap),
        cmocka_unit_test(strikes_halve_and_vanish),
        cmocka_unit_test(records_come_back_as_they_went),
        cmocka_unit_test(texts_are_alike_by_their_letters),
        cmocka_unit_test(a_shortage_is_for_new_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
