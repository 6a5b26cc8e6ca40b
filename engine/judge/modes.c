#include "engine/judge/modes.h"

#include "engine/base/alloc.h"

// A mode without an end of its own is asked for again at most so often: somebody may have ended it.
#define AGAIN_MS 60000

static struct weir_mode_memory *find_mode(struct weir_mode_memory modes[WEIR_MODES],
                                          struct weir_span name)
{
    static const char *const names[WEIR_MODES] = {"slow", "members", "emote", "shield"};
    size_t i = 0;
    while (i < WEIR_MODES - 1 && !weir_span_is(name, names[i])) {
        i++;
    }
    return &modes[i];
}

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// How long a mode is asked for now that its rule fires; 0: it has lasted its longest.
static int64_t time_of(const struct weir_mode_memory *mode, const struct weir_effect *effect,
                       int64_t now_ms)
{
    int64_t until_ms = longer(now_ms + effect->calm_ms, mode->entered_ms + effect->least_ms);
    until_ms = shorter(until_ms, mode->entered_ms + effect->most_ms);
    return longer(until_ms - now_ms, 0);
}

// Asking for each message of a flood would be a flood too: once a quarter of the calm is enough.
static bool is_due(const struct weir_mode_memory *mode, const struct weir_effect *effect,
                   int64_t now_ms)
{
    return now_ms - mode->asked_ms >= effect->calm_ms / 4 &&
           now_ms + effect->calm_ms > mode->until_ms &&
           mode->until_ms < mode->entered_ms + effect->most_ms;
}

static void begin(struct weir_mode_memory *mode, int64_t now_ms)
{
    *mode = (struct weir_mode_memory){.was_entered = true, .entered_ms = now_ms};
}

// A mode that was in use till its longest time is not entered again before the room was left in
// peace as long as the calm lasts.
static bool enter_for_a_time(struct weir_mode_memory *mode, const struct weir_effect *effect,
                             int64_t now_ms, int64_t *for_ms_out)
{
    bool is_on = mode->was_entered && now_ms < mode->until_ms;
    bool is_stronger = effect->mode_seconds > mode->seconds;
    if (!is_on && now_ms < mode->rests_until_ms) {
        return false;
    }
    if (is_on && !is_stronger && !is_due(mode, effect, now_ms)) {
        return false;
    }
    if (!is_on) {
        begin(mode, now_ms);
    }
    int64_t time_ms = time_of(mode, effect, now_ms);
    mode->seconds = effect->mode_seconds;
    mode->asked_ms = now_ms;
    mode->until_ms = now_ms + time_ms;
    if (mode->until_ms == mode->entered_ms + effect->most_ms) {
        mode->rests_until_ms = mode->until_ms + effect->calm_ms;
    }
    *for_ms_out = time_ms;
    return time_ms > 0;
}

bool weir_mode_enter(struct weir_mode_memory modes[WEIR_MODES], const struct weir_effect *effect,
                     int64_t now_ms, int64_t *for_ms_out)
{
    struct weir_mode_memory *mode = find_mode(modes, effect->mode);
    if (effect->most_ms > 0) {
        return enter_for_a_time(mode, effect, now_ms, for_ms_out);
    }
    if (mode->was_entered && now_ms - mode->asked_ms < AGAIN_MS &&
        effect->mode_seconds <= mode->seconds) {
        return false;
    }
    begin(mode, now_ms);
    mode->seconds = effect->mode_seconds;
    mode->asked_ms = now_ms;
    *for_ms_out = 0;
    return true;
}
