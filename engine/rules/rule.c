// Rules: what is looked for, and what follows.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

static enum weir_mode mode_of(struct weir_loader *loader, const struct weir_yaml *node,
                              enum weir_mode otherwise)
{
    static const char *const modes[] = {"live", "shadow", "disabled"};
    const struct weir_yaml *mode = weir_yaml_find(node, "mode");
    size_t index = otherwise;
    if (mode) {
        weir_loader_read_name(loader, mode, "mode", modes, ARRAY_LEN(modes), &index);
    }
    return (enum weir_mode)index;
}

void weir_loader_read_pack_mode(struct weir_loader *loader, const struct weir_yaml *pack)
{
    loader->pack_mode = mode_of(loader, pack, WEIR_MODE_LIVE);
}

static void read_mode(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_rule *rule)
{
    static const char *const policies[] = {"hold", "pass", "flag"};
    const struct weir_yaml *on_error = weir_yaml_find(node, "on_error");
    size_t index;
    rule->mode = mode_of(loader, node, loader->pack_mode);
    rule->on_error = WEIR_ON_ERROR_FLAG; // what could not be decided is for a human to see
    if (on_error &&
        weir_loader_read_name(loader, on_error, "outcome", policies, ARRAY_LEN(policies), &index)) {
        rule->on_error = (enum weir_on_error)index;
        rule->has_on_error = true;
    }
}

static uint32_t views_of_rule(const struct weir_loader *loader, const struct weir_rule *rule)
{
    uint32_t views = 1u << WEIR_VIEW_FOLD;
    for (size_t i = rule->first_check; i < loader->check_count; i++) {
        views |= loader->checks[i]->kind->is_text ? loader->checks[i]->views : 0;
    }
    return views;
}

// An exception is looked for wherever the rule looks, so that a disguised one still excuses.
static void read_except(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_rule *rule)
{
    WEIR_AUTO(weir_words_fini) struct weir_words words = {0};
    uint32_t owner = WEIR_EXCEPT_OWNER | (uint32_t)loader->except_count;
    if (!weir_loader_read_words(loader, node, &words)) {
        return;
    }
    rule->except_owner = owner;
    loader->except_count++;
    for (size_t i = 0; i < words.count; i++) {
        weir_loader_add_pattern(loader, WEIR_PATTERN_INCLUDES, views_of_rule(loader, rule), owner,
                                &words.items[i]);
    }
}

static void read_then(struct weir_loader *loader, const struct weir_yaml *node,
                      struct weir_rule *rule)
{
    static const char *const keys[] = {"score", "do", "reason"};
    if (!weir_loader_is_map(loader, node, "'then'")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'then'", loader->diagnostics);
    const struct weir_yaml *score = weir_yaml_find(node, "score");
    const struct weir_yaml *effects = weir_yaml_find(node, "do");
    const struct weir_yaml *reason = weir_yaml_find(node, "reason");
    if (!score && !effects) {
        weir_diagnostics_error(loader->diagnostics, &node->place,
                               "nothing follows: 'then' needs 'score' or 'do'");
    }
    if (score && rule->reads_score) {
        weir_diagnostics_error(loader->diagnostics, &score->place,
                               "a rule that checks the score can't add to it");
    } else if (score) {
        weir_loader_read_integer(loader, score, -WEIR_MOST_SCORE, WEIR_MOST_SCORE, &rule->score);
    }
    if (effects) {
        weir_loader_read_effects(loader, effects, &rule->effects, &rule->effect_count);
    }
    if (reason) {
        weir_loader_read_bilingual(loader, reason, &rule->reason);
    }
}

static void read_sample_user(struct weir_loader *loader, const struct weir_yaml *node,
                             struct weir_sample *sample)
{
    static const char *const keys[] = {"id", "roles", "tier", "identity"};
    if (!weir_loader_is_map(loader, node, "a user")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a user", loader->diagnostics);
    const struct weir_yaml *id = weir_yaml_find(node, "id");
    const struct weir_yaml *roles = weir_yaml_find(node, "roles");
    const struct weir_yaml *tier = weir_yaml_find(node, "tier");
    const struct weir_yaml *identity = weir_yaml_find(node, "identity");
    size_t index;
    int32_t rank;
    if (id) {
        weir_loader_read_text(loader, id, 200, &sample->user_id);
    }
    if (roles) {
        weir_loader_read_names(loader, roles, "role", weir_role_names, ARRAY_LEN(weir_role_names),
                               &sample->roles);
    }
    if (tier && weir_loader_read_integer(loader, tier, 0, INT32_MAX, &rank)) {
        sample->tier = (uint32_t)rank;
    }
    if (identity && weir_loader_read_name(loader, identity, "identity", weir_identity_names,
                                          ARRAY_LEN(weir_identity_names), &index)) {
        sample->identity = (enum weir_identity)index;
    }
}

static void read_sample(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_sample *sample)
{
    static const char *const keys[] = {"text", "user", "scene"};
    sample->place = node->place;
    sample->user_id = WEIR_SPAN("somebody");
    if (node->kind != WEIR_YAML_MAP) {
        weir_loader_read_text(loader, node, 2000, &sample->text);
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a sample", loader->diagnostics);
    const struct weir_yaml *text = weir_loader_need(loader, node, "text", "a sample");
    const struct weir_yaml *user = weir_yaml_find(node, "user");
    const struct weir_yaml *scene = weir_yaml_find(node, "scene");
    if (text && weir_loader_read_text(loader, text, 2000, &sample->text)) {
        sample->place = text->place;
    }
    if (user) {
        read_sample_user(loader, user, sample);
    }
    if (scene) {
        weir_loader_read_text(loader, scene, 200, &sample->scene);
    }
}

static size_t count_samples(struct weir_loader *loader, const struct weir_yaml *list,
                            const char *what)
{
    return list && weir_loader_is_list(loader, list, what) ? list->count : 0;
}

static void read_samples(struct weir_loader *loader, const struct weir_yaml *node,
                         struct weir_rule *rule)
{
    const struct weir_yaml *hits = weir_yaml_find(node, "hit");
    const struct weir_yaml *misses = weir_yaml_find(node, "miss");
    size_t hit_count = count_samples(loader, hits, "'hit'");
    size_t miss_count = count_samples(loader, misses, "'miss'");
    struct weir_sample *samples =
        weir_arena_new_array(loader->arena, struct weir_sample, hit_count + miss_count);
    for (size_t i = 0; i < hit_count; i++) {
        samples[i].expect_hit = true;
        read_sample(loader, hits->items[i], &samples[i]);
    }
    for (size_t i = 0; i < miss_count; i++) {
        read_sample(loader, misses->items[i], &samples[hit_count + i]);
    }
    rule->samples = samples;
    rule->sample_count = hit_count + miss_count;
}

static void read_conditions(struct weir_loader *loader, const struct weir_yaml *node,
                            struct weir_rule *rule)
{
    const struct weir_yaml *when = weir_loader_need(loader, node, "when", "a rule");
    const struct weir_yaml *unless = weir_yaml_find(node, "unless");
    const struct weir_yaml *except = weir_yaml_find(node, "except");
    rule->first_check = (uint32_t)loader->check_count;
    if (when) {
        rule->when = weir_loader_read_condition(loader, when, "");
    }
    if (unless) {
        rule->unless = weir_loader_read_condition(loader, unless, "unless.");
    }
    rule->except_owner = UINT32_MAX;
    if (except) {
        read_except(loader, except, rule);
    }
    rule->check_count = (uint32_t)loader->check_count - rule->first_check;
}

static void warn_of_samples(struct weir_loader *loader, const struct weir_rule *rule)
{
    bool has[2] = {false, false};
    bool needs_company = rule->reads_score; // a line alone has no score, and nothing before it
    for (size_t i = rule->first_check; i < loader->check_count; i++) {
        needs_company = needs_company || loader->checks[i]->kind->value;
    }
    for (size_t i = 0; i < rule->sample_count; i++) {
        has[rule->samples[i].expect_hit] = true;
    }
    if (needs_company || (has[false] && has[true])) {
        return;
    }
    weir_loader_warn(loader, loader->allowed, WEIR_LINT_NO_SAMPLES, &rule->place,
                     has[true]    ? "no `miss` line shows what this rule leaves alone"
                     : has[false] ? "no `hit` line shows what this rule finds"
                                  : "no `hit` and no `miss` line shows what this rule does");
}

static uint64_t version_of(uint64_t before, const struct weir_yaml *node)
{
    uint64_t version = weir_loader_version(before, node->text);
    for (size_t i = 0; i < node->count; i++) {
        version = node->kind == WEIR_YAML_MAP ? version_of(version, node->keys[i]) : version;
        version = version_of(version, node->items[i]);
    }
    return weir_loader_version(version, WEIR_SPAN(""));
}

static void read_rule(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"id",     "about", "mode",     "tags", "when", "except",
                                       "unless", "then",  "on_error", "hit",  "miss", "lint"};
    if (!weir_loader_is_map(loader, node, "a rule")) {
        return;
    }
    struct weir_rule *rule = weir_arena_new(loader->arena, struct weir_rule);
    loader->rule = rule;
    rule->place = node->place;
    rule->pack = loader->pack;
    rule->version = version_of(0, node);
    loader->allowed = loader->pack_allowed;
    weir_loader_read_lint(loader, node);
    rule->lint_allowed = loader->allowed;
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a rule", loader->diagnostics);

    const struct weir_yaml *id = weir_loader_need(loader, node, "id", "a rule");
    const struct weir_yaml *about = weir_yaml_find(node, "about");
    const struct weir_yaml *tags = weir_yaml_find(node, "tags");
    if (id && weir_loader_read_id(loader, id, &rule->id)) {
        rule->place = id->place;
    }
    if (about) {
        weir_loader_read_text(loader, about, 1000, &rule->about);
    }
    if (tags) {
        weir_loader_read_texts(loader, tags, &rule->tags, &rule->tag_count);
    }
    read_mode(loader, node, rule);
    read_conditions(loader, node, rule);
    const struct weir_yaml *then = weir_loader_need(loader, node, "then", "a rule");
    if (then) {
        read_then(loader, then, rule);
    }
    read_samples(loader, node, rule);
    warn_of_samples(loader, rule);
    loader->rules = weir_grow(loader->rules, &loader->rule_capacity, loader->rule_count + 1,
                              sizeof(struct weir_rule *));
    loader->rules[loader->rule_count++] = rule;
    loader->rule = NULL;
    loader->allowed = loader->pack_allowed;
}

void weir_loader_read_rules(struct weir_loader *loader, const struct weir_yaml *node)
{
    if (!weir_loader_is_list(loader, node, "'rules'")) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        read_rule(loader, node->items[i]);
    }
}
