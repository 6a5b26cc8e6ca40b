// What a message must lead to: a word for the common case, a list, or a map for the exact one.

#include "engine/base/alloc.h"
#include "engine/base/yaml.h"
#include "engine/commands/test_file.h"

struct reader {
    struct weir_arena *arena;
    const struct weir_set *set;
    struct weir_diagnostics *diagnostics;
};

static bool find_message_verdict(struct weir_span word, enum weir_message_verdict *verdict_out)
{
    for (int i = WEIR_MESSAGE_PASS; i <= WEIR_MESSAGE_DELETE; i++) {
        if (weir_span_is(word, weir_message_verdict_name(i))) {
            *verdict_out = i;
            return true;
        }
    }
    return false;
}

static bool find_user_verdict(struct weir_span word, enum weir_user_verdict *verdict_out)
{
    for (int i = WEIR_USER_NONE; i <= WEIR_USER_BAN; i++) {
        if (weir_span_is(word, weir_user_verdict_name(i))) {
            *verdict_out = i;
            return true;
        }
    }
    return false;
}

static bool report_unknown(struct reader *reader, const struct weir_yaml *node, const char *what)
{
    static const char *const words[] = {"pass", "flag",    "mask", "hold",     "delete", "none",
                                        "warn", "timeout", "ban",  "question", "nothing"};
    size_t count = ARRAY_LEN(words);
    WEIR_AUTO(weir_free_at)
    const char **names = weir_new_array(const char *, count + reader->set->rule_count);
    memcpy(names, words, sizeof(words));
    for (size_t i = 0; i < reader->set->rule_count; i++) { // ids end in a NUL
        names[count++] = reader->set->rules[i]->id.data;
    }
    const char *nearest = weir_nearest_name(node->text, names, count);
    return weir_diagnostics_error(
        reader->diagnostics, &node->place, "'%.*s' is %s%s%s%s", WEIR_SPAN_ARGS(node->text), what,
        nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool add_rule(struct reader *reader, const struct weir_yaml *node,
                     const struct weir_rule **rules, size_t *count)
{
    const struct weir_rule *rule =
        node->kind == WEIR_YAML_SCALAR ? weir_set_find_rule(reader->set, node->text) : NULL;
    if (rule) {
        rules[(*count)++] = rule;
    }
    return rule != NULL;
}

static void set_message(struct reader *reader, const struct weir_yaml *node,
                        struct weir_expectation *expect, enum weir_message_verdict verdict)
{
    if (expect->has_message) {
        weir_diagnostics_error(reader->diagnostics, &node->place,
                               "a second verdict about the message");
    }
    expect->has_message = true;
    expect->message = verdict;
}

static void set_user(struct reader *reader, const struct weir_yaml *node,
                     struct weir_expectation *expect, enum weir_user_verdict verdict)
{
    if (expect->has_user) {
        weir_diagnostics_error(reader->diagnostics, &node->place,
                               "a second verdict about the user");
    }
    expect->has_user = true;
    expect->user = verdict;
}

static void read_word(struct reader *reader, const struct weir_yaml *node,
                      struct weir_expectation *expect)
{
    enum weir_message_verdict message;
    enum weir_user_verdict user;
    bool is_scalar = node->kind == WEIR_YAML_SCALAR;
    if (is_scalar && find_message_verdict(node->text, &message)) {
        set_message(reader, node, expect, message);
    } else if (is_scalar && find_user_verdict(node->text, &user)) {
        set_user(reader, node, expect, user);
    } else if (is_scalar && weir_span_is(node->text, "question")) {
        expect->has_question = expect->question = true;
    } else if (is_scalar && weir_span_is(node->text, "nothing")) {
        expect->has_message = expect->has_user = expect->only_fired = true;
    } else if (!add_rule(reader, node, expect->fired, &expect->fired_count)) {
        report_unknown(reader, node, "neither a verdict, nor 'question', nor a rule's id");
    }
}

static const struct weir_rule **read_rules(struct reader *reader, const struct weir_yaml *node,
                                           size_t *count_out)
{
    const struct weir_rule **rules =
        weir_arena_new_array(reader->arena, const struct weir_rule *, node->count + 1);
    if (node->kind != WEIR_YAML_LIST) {
        weir_diagnostics_error(reader->diagnostics, &node->place, "must be a list of rules' ids");
        return rules;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!add_rule(reader, node->items[i], rules, count_out)) {
            report_unknown(reader, node->items[i], "no rule's id");
        }
    }
    return rules;
}

static bool to_number(struct reader *reader, const struct weir_yaml *node, int32_t *number_out)
{
    uint64_t digits = 0;
    bool is_scalar = node->kind == WEIR_YAML_SCALAR;
    bool is_negative = is_scalar && weir_span_starts(node->text, WEIR_SPAN("-"));
    if (!is_scalar ||
        !weir_span_to_u64(weir_span_slice(node->text, is_negative, node->text.length), &digits) ||
        digits > INT32_MAX) {
        return weir_diagnostics_error(reader->diagnostics, &node->place,
                                      "must be a whole number, or {min: N, max: N}");
    }
    *number_out = is_negative ? -(int32_t)digits : (int32_t)digits;
    return true;
}

static void read_score(struct reader *reader, const struct weir_yaml *node,
                       struct weir_expectation *expect)
{
    static const char *const keys[] = {"min", "max"};
    expect->has_score = true;
    expect->least_score = INT32_MIN;
    expect->most_score = INT32_MAX;
    if (node->kind != WEIR_YAML_MAP) {
        to_number(reader, node, &expect->least_score);
        expect->most_score = expect->least_score;
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a score", reader->diagnostics);
    const struct weir_yaml *min = weir_yaml_find(node, "min");
    const struct weir_yaml *max = weir_yaml_find(node, "max");
    if (min) {
        to_number(reader, min, &expect->least_score);
    }
    if (max) {
        to_number(reader, max, &expect->most_score);
    }
}

static void read_topic(struct reader *reader, const struct weir_yaml *node,
                       struct weir_expectation *expect)
{
    for (size_t i = 0; i < reader->set->topic_count && node->kind == WEIR_YAML_SCALAR; i++) {
        if (weir_span_equals(reader->set->topics[i].id, node->text)) {
            expect->topic = node->text;
            return;
        }
    }
    weir_diagnostics_error(reader->diagnostics, &node->place, "the set has no such topic");
}

static void read_verdicts(struct reader *reader, const struct weir_yaml *map,
                          struct weir_expectation *expect)
{
    const struct weir_yaml *message = weir_yaml_find(map, "verdict");
    const struct weir_yaml *user = weir_yaml_find(map, "user");
    enum weir_message_verdict message_verdict;
    enum weir_user_verdict user_verdict;
    if (message && message->kind == WEIR_YAML_SCALAR &&
        find_message_verdict(message->text, &message_verdict)) {
        set_message(reader, message, expect, message_verdict);
    } else if (message) {
        weir_diagnostics_error(reader->diagnostics, &message->place,
                               "not a verdict; they are pass, flag, mask, hold, delete");
    }
    if (user && user->kind == WEIR_YAML_SCALAR && find_user_verdict(user->text, &user_verdict)) {
        set_user(reader, user, expect, user_verdict);
    } else if (user) {
        weir_diagnostics_error(reader->diagnostics, &user->place,
                               "not a verdict about a user; they are none, warn, timeout, ban");
    }
}

static bool find_action(struct weir_span name, enum weir_effect_kind *kind_out)
{
    for (int kind = WEIR_EFFECT_DELETE; kind <= WEIR_EFFECT_ROOM_MODE; kind++) {
        if (weir_span_is(name, weir_effect_name((enum weir_effect_kind)kind))) {
            *kind_out = (enum weir_effect_kind)kind;
            return true;
        }
    }
    return false;
}

static void read_actions(struct reader *reader, const struct weir_yaml *node,
                         struct weir_expectation *expect)
{
    enum weir_effect_kind *actions =
        weir_arena_new_array(reader->arena, enum weir_effect_kind, node->count + 1);
    expect->has_actions = true;
    expect->actions = actions;
    if (node->kind != WEIR_YAML_LIST) {
        weir_diagnostics_error(reader->diagnostics, &node->place, "must be a list of actions");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (find_action(node->items[i]->text, &actions[expect->action_count])) {
            expect->action_count++;
        } else {
            weir_diagnostics_error(reader->diagnostics, &node->items[i]->place, "no action");
        }
    }
}

static void read_map(struct reader *reader, const struct weir_yaml *map,
                     struct weir_expectation *expect)
{
    static const char *const keys[] = {"verdict", "user",    "score", "question", "topic",
                                       "rules",   "without", "do",    "for"};
    weir_yaml_refuse_others(map, keys, ARRAY_LEN(keys), "an expectation", reader->diagnostics);
    const struct weir_yaml *score = weir_yaml_find(map, "score");
    const struct weir_yaml *question = weir_yaml_find(map, "question");
    const struct weir_yaml *topic = weir_yaml_find(map, "topic");
    const struct weir_yaml *rules = weir_yaml_find(map, "rules");
    const struct weir_yaml *without = weir_yaml_find(map, "without");
    const struct weir_yaml *actions = weir_yaml_find(map, "do");
    const struct weir_yaml *lasts = weir_yaml_find(map, "for");
    read_verdicts(reader, map, expect);
    if (score) {
        read_score(reader, score, expect);
    }
    if (question) {
        expect->has_question = weir_yaml_to_bool(question, &expect->question, reader->diagnostics);
    }
    if (topic) {
        read_topic(reader, topic, expect);
    }
    if (rules) {
        expect->only_fired = true;
        expect->fired = read_rules(reader, rules, &expect->fired_count);
    }
    if (without) {
        expect->not_fired = read_rules(reader, without, &expect->not_fired_count);
    }
    if (actions) {
        read_actions(reader, actions, expect);
    }
    if (lasts) {
        weir_yaml_to_duration_ms(lasts, &expect->lasts_ms, reader->diagnostics);
    }
}

const struct weir_expectation *weir_expectation_read(struct weir_arena *arena,
                                                     const struct weir_yaml *node,
                                                     const struct weir_set *set,
                                                     struct weir_diagnostics *diagnostics)
{
    struct reader reader = {arena, set, diagnostics};
    struct weir_expectation *expect = weir_arena_new(arena, struct weir_expectation);
    expect->place = node->place;
    if (node->kind == WEIR_YAML_MAP) {
        read_map(&reader, node, expect);
        return expect;
    }
    bool is_list = node->kind == WEIR_YAML_LIST;
    expect->fired =
        weir_arena_new_array(arena, const struct weir_rule *, is_list ? node->count + 1 : 1);
    if (!is_list) {
        read_word(&reader, node, expect);
    }
    for (size_t i = 0; is_list && i < node->count; i++) {
        read_word(&reader, node->items[i], expect);
    }
    return expect;
}

static bool has_rule(const struct weir_rule *const *rules, size_t count,
                     const struct weir_rule *rule)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i] == rule) {
            return true;
        }
    }
    return false;
}

static bool has_fired(const struct weir_verdict *verdict, const struct weir_rule *rule)
{
    return has_rule(verdict->fired, verdict->fired_count, rule) ||
           has_rule(verdict->shadow_fired, verdict->shadow_fired_count, rule);
}

static void begin(struct weir_buffer *out)
{
    weir_buffer_add_text(out, out->length > 0 ? "; " : "");
}

static void compare_rules(const struct weir_expectation *expect, const struct weir_verdict *verdict,
                          struct weir_buffer *out)
{
    for (size_t i = 0; i < expect->fired_count; i++) {
        if (!has_fired(verdict, expect->fired[i])) {
            begin(out);
            weir_buffer_printf(out, "rule %.*s did not fire", WEIR_SPAN_ARGS(expect->fired[i]->id));
        }
    }
    for (size_t i = 0; i < expect->not_fired_count; i++) {
        if (has_fired(verdict, expect->not_fired[i])) {
            begin(out);
            weir_buffer_printf(out, "rule %.*s fired", WEIR_SPAN_ARGS(expect->not_fired[i]->id));
        }
    }
    for (size_t i = 0; expect->only_fired && i < verdict->fired_count; i++) {
        if (!has_rule(expect->fired, expect->fired_count, verdict->fired[i])) {
            begin(out);
            weir_buffer_printf(out, "rule %.*s fired too", WEIR_SPAN_ARGS(verdict->fired[i]->id));
        }
    }
}

static void compare_question(const struct weir_expectation *expect,
                             const struct weir_verdict *verdict, struct weir_buffer *out)
{
    if (expect->has_question && expect->question != verdict->is_question) {
        begin(out);
        weir_buffer_printf(out, "expected %s question, found %s", expect->question ? "a" : "no",
                           verdict->is_question ? "one" : "none");
    }
    struct weir_span topic = verdict->topic ? verdict->topic->id : WEIR_SPAN("none");
    if (expect->topic.length > 0 && !weir_span_equals(expect->topic, topic)) {
        begin(out);
        weir_buffer_printf(out, "expected topic %.*s, found %.*s", WEIR_SPAN_ARGS(expect->topic),
                           WEIR_SPAN_ARGS(topic));
    }
}

static void compare_score(const struct weir_expectation *expect, const struct weir_verdict *verdict,
                          struct weir_buffer *out)
{
    if (!expect->has_score ||
        (verdict->score >= expect->least_score && verdict->score <= expect->most_score)) {
        return;
    }
    begin(out);
    if (verdict->score < expect->least_score) {
        weir_buffer_printf(out, "expected score %d%s", expect->least_score,
                           expect->most_score == expect->least_score ? "" : " or more");
    } else {
        weir_buffer_printf(out, "expected score %d%s", expect->most_score,
                           expect->most_score == expect->least_score ? "" : " or less");
    }
    weir_buffer_printf(out, ", found %d", verdict->score);
}

static bool are_the_actions(const struct weir_expectation *expect,
                            const struct weir_verdict *verdict)
{
    bool are = expect->action_count == verdict->effect_count;
    for (size_t i = 0; are && i < verdict->effect_count; i++) {
        are = expect->actions[i] == verdict->effects[i]->kind;
    }
    return are;
}

static void compare_actions(const struct weir_expectation *expect,
                            const struct weir_verdict *verdict, struct weir_buffer *out)
{
    if (!expect->has_actions || are_the_actions(expect, verdict)) {
        return;
    }
    begin(out);
    weir_buffer_add_text(out, "found actions [");
    for (size_t i = 0; i < verdict->effect_count; i++) {
        weir_buffer_printf(out, "%s%s", i > 0 ? ", " : "",
                           weir_effect_name(verdict->effects[i]->kind));
    }
    weir_buffer_add_byte(out, ']');
}

static void compare_times(const struct weir_expectation *expect, const struct weir_verdict *verdict,
                          struct weir_buffer *out)
{
    int64_t lasts_ms = 0;
    for (size_t i = 0; i < verdict->effect_count; i++) {
        enum weir_effect_kind kind = verdict->effects[i]->kind;
        if (kind == WEIR_EFFECT_TIMEOUT || kind == WEIR_EFFECT_ROOM_MODE) {
            lasts_ms = verdict->effects[i]->duration_ms;
        }
    }
    if (expect->lasts_ms > 0 && lasts_ms != expect->lasts_ms) {
        begin(out);
        weir_buffer_printf(out, "expected for %lld ms, found %lld ms", (long long)expect->lasts_ms,
                           (long long)lasts_ms);
    }
}

void weir_expectation_compare(const struct weir_expectation *expect,
                              const struct weir_verdict *verdict, struct weir_buffer *out)
{
    weir_buffer_clear(out);
    if (expect->has_message && expect->message != verdict->message_verdict) {
        weir_buffer_printf(out, "expected %s, found %s", weir_message_verdict_name(expect->message),
                           weir_message_verdict_name(verdict->message_verdict));
    }
    if (expect->has_user && expect->user != verdict->user_verdict) {
        begin(out);
        weir_buffer_printf(out, "expected user %s, found %s", weir_user_verdict_name(expect->user),
                           weir_user_verdict_name(verdict->user_verdict));
    }
    compare_question(expect, verdict, out);
    compare_score(expect, verdict, out);
    compare_rules(expect, verdict, out);
    compare_actions(expect, verdict, out);
    compare_times(expect, verdict, out);
}
