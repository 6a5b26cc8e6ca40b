// A rule that suddenly deletes, times out or bans more than its policy allows is more likely wrong
// than right: it goes on being judged, but a human decides (hold, flag), and a card says so.

#include "engine/judge/judge_private.h"

#include "engine/base/hash.h"
#include "engine/judge/windows.h"

struct breaker_memory {
    int64_t open_until_ms;
    struct weir_series_window windows[WEIR_BREAKER_KINDS];
};

// Rules whose actions are counted: those that acted last.
#define BREAKERS_MOST 256u

static uint64_t key_of(const struct weir_rule *rule)
{
    return weir_hash((struct weir_hash_key){10, 11}, rule->id);
}

static const struct weir_breaker *breaker_of(const struct weir_judge *judge,
                                             const struct weir_rule *rule)
{
    uint32_t policy = judge->plan.policy_of_rule[rule->index];
    const struct weir_breaker *breaker =
        policy == WEIR_NO_POLICY ? NULL : &judge->plan.set->policies[policy].breaker;
    return breaker && breaker->is_set ? breaker : NULL;
}

static bool is_used_up(const struct weir_judge *judge, const struct weir_breaker *breaker,
                       const struct breaker_memory *memory)
{
    for (size_t i = 0; i < WEIR_BREAKER_KINDS; i++) {
        const struct weir_series *limit = &breaker->limits[i];
        if (limit->max > 0 &&
            weir_window_count(&memory->windows[i], limit, judge->input.now_ms) >= limit->max) {
            return true;
        }
    }
    return false;
}

static void check(struct weir_judge *judge, struct ruling *ruling)
{
    const struct weir_breaker *breaker = breaker_of(judge, ruling->rule);
    struct breaker_memory *memory =
        breaker ? weir_table_find(&judge->memory->breakers, key_of(ruling->rule)) : NULL;
    int64_t now_ms = judge->input.now_ms;
    if (!memory) {
        return;
    }
    if (now_ms < memory->open_until_ms) {
        ruling->breaker = WEIR_BREAKER_OPEN;
    } else if (is_used_up(judge, breaker, memory)) {
        ruling->breaker = WEIR_BREAKER_OPENED;
        memory->open_until_ms = now_ms + breaker->for_ms;
    }
}

void weir_judge_check_breakers(struct weir_judge *judge)
{
    for (size_t i = 0; judge->plan.set->breaker_bytes > 0 && i < judge->rulings.count; i++) {
        struct ruling *ruling = &judge->rulings.items[i];
        if (ruling->truth == WEIR_TRUE && ruling->rule->mode == WEIR_MODE_LIVE) {
            check(judge, ruling);
        }
    }
}

static uint32_t kinds_of(const struct weir_effect *effects, size_t count)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < count; i++) {
        kinds |= effects[i].kind == WEIR_EFFECT_DELETE    ? 1u << WEIR_BREAKER_DELETE
                 : effects[i].kind == WEIR_EFFECT_TIMEOUT ? 1u << WEIR_BREAKER_TIMEOUT
                 : effects[i].kind == WEIR_EFFECT_BAN     ? 1u << WEIR_BREAKER_BAN
                                                          : 0;
    }
    return kinds;
}

// What a rule did by itself, and what it helped the scores and the ladder to.
static uint32_t done_by(const struct weir_judge *judge, const struct weir_rule *rule)
{
    uint32_t kinds = kinds_of(rule->effects, rule->effect_count);
    uint32_t policy = judge->plan.policy_of_rule[rule->index];
    const struct weir_threshold *threshold =
        rule->score > 0 ? weir_judge_threshold(judge, policy) : NULL;
    const struct weir_threshold *of_room =
        rule->score > 0 ? weir_judge_room_threshold(judge, judge->outcome.score) : NULL;
    if (threshold) {
        kinds |= kinds_of(threshold->effects, threshold->effect_count);
    }
    if (of_room) {
        kinds |= kinds_of(of_room->effects, of_room->effect_count);
    }
    for (size_t i = 0; i < rule->effect_count; i++) {
        if (rule->effects[i].kind == WEIR_EFFECT_STRIKE && judge->step) {
            kinds |= kinds_of(judge->step->effects, judge->step->effect_count);
        }
    }
    return kinds;
}

static void count(struct weir_judge *judge, const struct weir_rule *rule,
                  const struct weir_breaker *breaker)
{
    uint32_t kinds = done_by(judge, rule);
    for (size_t i = 0; i < WEIR_BREAKER_KINDS; i++) {
        if ((kinds >> i & 1u) != 0 && breaker->limits[i].max > 0) {
            struct breaker_memory *memory =
                weir_table_touch(&judge->memory->breakers, key_of(rule), judge->input.now_ms);
            weir_window_rate(&memory->windows[i], &judge->memory->pool, &breaker->limits[i],
                             judge->input.now_ms);
        }
    }
}

void weir_judge_count_actions(struct weir_judge *judge)
{
    if (judge->plan.set->breaker_bytes == 0 || judge->input.message->is_history) {
        return;
    }
    for (size_t i = 0; i < judge->rulings.count; i++) {
        const struct ruling *ruling = &judge->rulings.items[i];
        const struct weir_breaker *breaker = breaker_of(judge, ruling->rule);
        if (breaker && ruling->truth == WEIR_TRUE && ruling->rule->mode == WEIR_MODE_LIVE &&
            ruling->breaker == WEIR_BREAKER_CLOSED) {
            count(judge, ruling->rule, breaker);
        }
    }
}

static void forget(void *user, void *payload)
{
    static const struct weir_series rate = {.kind = WEIR_SERIES_RATE};
    struct breaker_memory *memory = payload;
    for (size_t i = 0; i < WEIR_BREAKER_KINDS; i++) {
        weir_window_forget(&memory->windows[i], &rate, user);
    }
}

void weir_breakers_init(struct weir_memory *memory)
{
    weir_table_init(&memory->breakers, sizeof(struct breaker_memory), BREAKERS_MOST, 0,
                    memory->seed);
    memory->breakers.on_forget = forget;
    memory->breakers.user = &memory->pool;
}
