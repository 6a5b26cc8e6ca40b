// Policies: what the scores of a pack and the strikes of a user lead to.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

#include <stdlib.h>

static int compare_thresholds(const void *a, const void *b)
{
    const struct weir_threshold *left = a;
    const struct weir_threshold *right = b;
    return (left->score > right->score) - (left->score < right->score);
}

static void read_threshold(struct weir_loader *loader, const struct weir_yaml *node, size_t index,
                           struct weir_threshold *thresholds)
{
    struct weir_threshold *threshold = &thresholds[index];
    const struct weir_yaml *key = node->keys[index];
    if (weir_loader_read_integer(loader, key, 1, 100 * WEIR_MOST_SCORE, &threshold->score)) {
        for (size_t i = 0; i < index; i++) {
            if (thresholds[i].score == threshold->score &&
                !weir_span_equals(node->keys[i]->text, key->text)) {
                weir_diagnostics_error(loader->diagnostics, &key->place,
                                       "the score %d stands here twice", threshold->score);
            }
        }
    }
    weir_loader_read_effects(loader, node->items[index], &threshold->effects,
                             &threshold->effect_count);
}

static void read_thresholds(struct weir_loader *loader, const struct weir_yaml *node,
                            const char *what, struct weir_threshold **thresholds_out,
                            size_t *count_out)
{
    if (!weir_loader_is_map(loader, node, what)) {
        return;
    }
    if (node->count == 0 || node->count > 50) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "needs 1 to 50 steps");
        return;
    }
    struct weir_threshold *thresholds =
        weir_arena_new_array(loader->arena, struct weir_threshold, node->count);
    for (size_t i = 0; i < node->count; i++) {
        read_threshold(loader, node, i, thresholds);
    }
    qsort(thresholds, node->count, sizeof(*thresholds), compare_thresholds);
    *thresholds_out = thresholds;
    *count_out = node->count;
}

static void refuse_second_ladder(struct weir_loader *loader, const struct weir_yaml *node)
{
    const struct weir_place *first = &loader->set->strikes.place;
    if (first->line > 0) {
        weir_diagnostics_error(loader->diagnostics, &node->place,
                               "strikes are counted over all packs, and another says how: %s:%u",
                               first->file, first->line);
    }
}

static void read_strikes(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"half_life", "forgive", "ladder"};
    struct weir_strike_policy *strikes = &loader->set->strikes;
    int32_t clean = 0;
    if (!weir_loader_is_map(loader, node, "'strikes'")) {
        return;
    }
    refuse_second_ladder(loader, node);
    strikes->place = node->place;
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a policy of strikes",
                            loader->diagnostics);
    const struct weir_yaml *half_life = weir_yaml_find(node, "half_life");
    const struct weir_yaml *forgive = weir_yaml_find(node, "forgive");
    const struct weir_yaml *ladder = weir_yaml_find(node, "ladder");
    if (node->count == 0) {
        weir_diagnostics_error(loader->diagnostics, &node->place,
                               "needs 'half_life', 'forgive' or 'ladder'");
    }
    if (half_life) {
        weir_loader_read_time(loader, half_life, 1000, 366 * WEIR_DAY_MS, "from 1s to 366d",
                              &strikes->half_life_ms);
    }
    if (forgive && weir_loader_read_integer(loader, forgive, 1, INT32_MAX, &clean)) {
        strikes->forgive_clean = (uint32_t)clean;
    }
    if (ladder) {
        read_thresholds(loader, ladder, "'ladder'", &strikes->ladder, &strikes->ladder_count);
    }
    loader->set->needs_users = true;
}

static bool read_limit(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_series *limit)
{
    static const char *const keys[] = {"max", "per"};
    int32_t max = 0;
    if (!weir_loader_is_map(loader, node, "a limit")) {
        return false;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a limit", loader->diagnostics);
    const struct weir_yaml *most = weir_loader_need(loader, node, "max", "a limit");
    const struct weir_yaml *per = weir_loader_need(loader, node, "per", "a limit");
    bool is_good = most && weir_loader_read_integer(loader, most, 1, WEIR_SERIES_MOST, &max) &&
                   per &&
                   weir_loader_read_time(loader, per, 1000, 30 * WEIR_DAY_MS, "from 1s to 30d",
                                         &limit->per_ms);
    limit->kind = WEIR_SERIES_RATE;
    limit->max = limit->low = (uint32_t)max;
    return is_good;
}

// The alarm is a card that is due in a minute.
static void read_alarm(struct weir_loader *loader, const struct weir_yaml *queue,
                       struct weir_breaker *breaker)
{
    breaker->alarm = (struct weir_effect){
        .kind = WEIR_EFFECT_FLAG, .queue = WEIR_SPAN("review"), .target_ms = 60000};
    if (queue) {
        weir_loader_read_id(loader, queue, &breaker->alarm.queue);
    }
}

static void read_breaker(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_breaker *breaker)
{
    static const char *const kinds[] = {"delete", "timeout", "ban"};
    static const char *const keys[] = {"delete", "timeout", "ban", "then", "for", "queue"};
    static const char *const outcomes[] = {"flag", "hold"};
    size_t outcome = 0;
    size_t limits = 0;
    if (!weir_loader_is_map(loader, node, "a circuit breaker")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a circuit breaker", loader->diagnostics);
    for (size_t i = 0; i < WEIR_BREAKER_KINDS; i++) {
        const struct weir_yaml *limit = weir_yaml_find(node, kinds[i]);
        limits += limit != NULL;
        if (limit) {
            read_limit(loader, limit, &breaker->limits[i]);
        }
    }
    if (limits == 0) {
        weir_diagnostics_error(loader->diagnostics, &node->place,
                               "needs a limit: 'delete', 'timeout' or 'ban'");
    }
    const struct weir_yaml *then = weir_yaml_find(node, "then");
    const struct weir_yaml *period = weir_yaml_find(node, "for");
    if (then) {
        weir_loader_read_name(loader, then, "outcome", outcomes, ARRAY_LEN(outcomes), &outcome);
    }
    breaker->is_set = true;
    breaker->holds = outcome == 1;
    breaker->for_ms = 600000;
    if (period) {
        weir_loader_read_time(loader, period, 1000, 30 * WEIR_DAY_MS, "from 1s to 30d",
                              &breaker->for_ms);
    }
    read_alarm(loader, weir_yaml_find(node, "queue"), breaker);
}

static bool read_on_error_word(struct weir_loader *loader, const struct weir_yaml *node,
                               enum weir_on_error *on_error)
{
    static const char *const words[] = {"hold", "pass", "flag"};
    size_t index = 0;
    if (!weir_loader_read_name(loader, node, "outcome", words, ARRAY_LEN(words), &index)) {
        return false;
    }
    *on_error = (enum weir_on_error)index;
    return true;
}

// One word for all causes, or one each; `all` beside others is for the rest.
static void read_on_error(struct weir_loader *loader, const struct weir_yaml *node,
                          struct weir_policy *policy)
{
    static const char *const causes[] = {"limit", "hits", "near", "text", "memory", "redis"};
    static const char *const keys[] = {"limit", "hits", "near", "text", "memory", "redis", "all"};
    bool is_map = node->kind == WEIR_YAML_MAP;
    const struct weir_yaml *all = is_map ? weir_yaml_find(node, "all") : node;
    enum weir_on_error for_all;
    if (is_map) {
        weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'on_error'", loader->diagnostics);
    }
    bool has_all = all && read_on_error_word(loader, all, &for_all);
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        const struct weir_yaml *one = is_map ? weir_yaml_find(node, causes[i]) : NULL;
        bool has_one = one && read_on_error_word(loader, one, &policy->on_error[i]);
        if (!has_one && has_all) {
            policy->on_error[i] = for_all;
        }
        policy->has_on_error |= has_one || has_all ? 1u << i : 0;
    }
}

static int strictness(enum weir_on_error on_error)
{
    return on_error == WEIR_ON_ERROR_HOLD ? 2 : on_error == WEIR_ON_ERROR_FLAG;
}

static const struct weir_policy *policy_of(const struct weir_set *set, struct weir_span pack)
{
    for (size_t i = 0; i < set->policy_count; i++) {
        if (weir_span_equals(set->policies[i].pack, pack)) {
            return &set->policies[i];
        }
    }
    return NULL;
}

void weir_loader_finish_policies(struct weir_loader *loader)
{
    struct weir_set *set = loader->set;
    for (size_t cause = 0; cause < WEIR_CAUSES; cause++) {
        bool is_said = false;
        bool may_pass = cause == WEIR_CAUSE_MEMORY || cause == WEIR_CAUSE_REDIS;
        set->on_error[cause] = may_pass ? WEIR_ON_ERROR_PASS : WEIR_ON_ERROR_FLAG;
        for (size_t i = 0; i < set->policy_count; i++) {
            const struct weir_policy *policy = &set->policies[i];
            if ((policy->has_on_error >> cause & 1u) != 0 &&
                (!is_said ||
                 strictness(policy->on_error[cause]) > strictness(set->on_error[cause]))) {
                set->on_error[cause] = policy->on_error[cause];
                is_said = true;
            }
        }
    }
    for (size_t i = 0; i < set->rule_count; i++) {
        struct weir_rule *rule = set->rules[i];
        const struct weir_policy *policy = policy_of(set, rule->pack);
        if (!rule->has_on_error && policy && (policy->has_on_error & 1u << WEIR_CAUSE_LIMIT)) {
            rule->on_error = policy->on_error[WEIR_CAUSE_LIMIT];
        }
    }
}

static void read_room_policy(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"in", "score", "exempt", "packs"};
    struct weir_room_policy policy = {.pack = loader->pack};
    bool counts_packs = true;
    if (!weir_loader_is_map(loader, node, "a policy of rooms")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a policy of rooms", loader->diagnostics);
    const struct weir_yaml *in = weir_yaml_find(node, "in");
    const struct weir_yaml *exempt = weir_yaml_find(node, "exempt");
    const struct weir_yaml *packs = weir_yaml_find(node, "packs");
    const struct weir_yaml *score = weir_loader_need(loader, node, "score", "a policy of rooms");
    if (in) {
        policy.in = weir_loader_read_check(loader, "room", in, "in.");
    }
    if (exempt) {
        policy.exempt = weir_loader_read_check(loader, "user", exempt, "exempt.");
    }
    if (packs && weir_yaml_to_bool(packs, &counts_packs, loader->diagnostics)) {
        policy.is_alone = !counts_packs;
    }
    if (score) {
        read_thresholds(loader, score, "'score'", &policy.thresholds, &policy.threshold_count);
    }
    loader->room_policies =
        weir_grow(loader->room_policies, &loader->room_policy_capacity,
                  loader->room_policy_count + 1, sizeof(*loader->room_policies));
    loader->room_policies[loader->room_policy_count++] = policy;
}

static void read_room_policies(struct weir_loader *loader, const struct weir_yaml *node)
{
    if (node->kind != WEIR_YAML_LIST) {
        read_room_policy(loader, node);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        read_room_policy(loader, node->items[i]);
    }
}

void weir_loader_read_policy(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"exempt",  "score",    "strikes",
                                       "breaker", "on_error", "rooms"};
    struct weir_policy policy = {.pack = loader->pack};
    if (!weir_loader_is_map(loader, node, "'policy'")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a policy", loader->diagnostics);
    const struct weir_yaml *exempt = weir_yaml_find(node, "exempt");
    const struct weir_yaml *score = weir_yaml_find(node, "score");
    const struct weir_yaml *strikes = weir_yaml_find(node, "strikes");
    const struct weir_yaml *breaker = weir_yaml_find(node, "breaker");
    const struct weir_yaml *on_error = weir_yaml_find(node, "on_error");
    const struct weir_yaml *rooms = weir_yaml_find(node, "rooms");
    if (node->count == 0) {
        weir_diagnostics_error(
            loader->diagnostics, &node->place,
            "needs 'score', 'exempt', 'strikes', 'breaker', 'on_error' or 'rooms'");
    }
    if (exempt) {
        policy.exempt = weir_loader_read_check(loader, "user", exempt, "exempt.");
    }
    if (score) {
        read_thresholds(loader, score, "'score'", &policy.thresholds, &policy.threshold_count);
    }
    if (strikes) {
        read_strikes(loader, strikes);
    }
    if (on_error) {
        read_on_error(loader, on_error, &policy);
    }
    if (breaker) {
        read_breaker(loader, breaker, &policy.breaker);
    }
    if (rooms) {
        read_room_policies(loader, rooms);
    }
    loader->policies = weir_grow(loader->policies, &loader->policy_capacity,
                                 loader->policy_count + 1, sizeof(*loader->policies));
    loader->policies[loader->policy_count++] = policy;
}
