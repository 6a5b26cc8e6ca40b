// When questions are due.

#include "tests/unit/test.h"

#include "engine/triage/due.h"

#define AT_MS 1000000

static const struct weir_topic shipping = {.target_ms = 90000};
static const struct weir_topic price = {.target_ms = 600000, .before = WEIR_BEFORE_SCENE_ENDS};
static const struct weir_topic advice = {.target_ms = 600000, .before = WEIR_BEFORE_STREAM_ENDS};
static const struct weir_room_view unknown = {.scene_ends_ms = 0};
static const struct weir_room_view short_scene = {.scene_ends_ms = AT_MS + 60000,
                                                  .ends_ms = AT_MS + 120000};
static const struct weir_room_view long_scene = {.scene_ends_ms = AT_MS + 3600000};
static const struct weir_room_view over = {.scene_ends_ms = AT_MS - 5000};
static const struct weir_room_view last_scene = {.ends_ms = AT_MS + 30000};

static void a_target_is_shortened(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct weir_due_cause cause;
        int64_t target_ms;
    } rows[] = {
        {"no topic", {NULL, false, 0, AT_MS, NULL}, 300000},
        {"the topic's", {&shipping, false, 0, AT_MS, NULL}, 90000},
        {"a tenth for a tier", {&shipping, false, 1, AT_MS, NULL}, 81000},
        {"four tiers at most", {&shipping, false, 3000, AT_MS, NULL}, 54000},
        {"urgent", {&shipping, true, 0, AT_MS, NULL}, 22500},
        {"urgent, with a tier", {&shipping, true, 4, AT_MS, NULL}, 13500},
        {"no end of its own", {&shipping, false, 0, AT_MS, &last_scene}, 90000},
        {"nobody said when", {&price, false, 0, AT_MS, &unknown}, 600000},
        {"the scene ends", {&price, false, 0, AT_MS, &short_scene}, 60000},
        {"the scene ends late", {&price, false, 0, AT_MS, &long_scene}, 600000},
        {"urgent before the scene ends", {&price, true, 4, AT_MS, &long_scene}, 90000},
        {"the stream ends first", {&price, false, 0, AT_MS, &last_scene}, 30000},
        {"the scene is over", {&price, false, 0, AT_MS, &over}, 0},
        {"a stream's end", {&advice, false, 0, AT_MS, &short_scene}, 120000},
        {"a scene's end is not a stream's", {&advice, false, 0, AT_MS, &over}, 600000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EXPECT_EQ(rows[i].name, weir_due_target_ms(&rows[i].cause), rows[i].target_ms);
    }
    EXPECT_TEXT("scene", weir_due_before(&price), "scene");
    EXPECT_TEXT("stream", weir_due_before(&advice), "stream");
    EXPECT_EQ("nothing", weir_due_before(&shipping).length, 0);
    EXPECT_EQ("no topic", weir_due_before(NULL).length, 0);
    test_end_rows();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
