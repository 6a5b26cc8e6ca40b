#include "engine/triage/due.h"

#define USUAL_MS    300000 // of a question without a topic
#define URGENT_PART 4
#define MOST_TIERS  4

static int64_t shortened(int64_t target_ms, bool is_urgent, uint32_t tier)
{
    uint32_t tiers = tier < MOST_TIERS ? tier : MOST_TIERS;
    int64_t part_ms = target_ms / 10 * (10 - (int64_t)tiers);
    return is_urgent ? part_ms / URGENT_PART : part_ms;
}

// 0 = nobody has said.
static int64_t end_of(const struct weir_due_cause *cause)
{
    if (!cause->topic || !cause->room) {
        return 0;
    }
    switch (cause->topic->before) {
    case WEIR_BEFORE_SCENE_ENDS:
        // A scene never outlives its stream.
        return cause->room->scene_ends_ms ? cause->room->scene_ends_ms : cause->room->ends_ms;
    case WEIR_BEFORE_STREAM_ENDS:
        return cause->room->ends_ms;
    case WEIR_BEFORE_NOTHING:
        break;
    }
    return 0;
}

int64_t weir_due_target_ms(const struct weir_due_cause *cause)
{
    int64_t usual_ms =
        cause->topic && cause->topic->target_ms > 0 ? cause->topic->target_ms : USUAL_MS;
    int64_t target_ms = shortened(usual_ms, cause->is_urgent, cause->tier);
    int64_t end_ms = end_of(cause);
    if (end_ms == 0 || end_ms - cause->at_ms > target_ms) {
        return target_ms;
    }
    return end_ms > cause->at_ms ? end_ms - cause->at_ms : 0;
}

struct weir_span weir_due_before(const struct weir_topic *topic)
{
    static const struct weir_span names[] = {
        [WEIR_BEFORE_NOTHING] = {NULL, 0},
        [WEIR_BEFORE_SCENE_ENDS] = {"scene", 5},
        [WEIR_BEFORE_STREAM_ENDS] = {"stream", 6},
    };
    return names[topic ? topic->before : WEIR_BEFORE_NOTHING];
}
