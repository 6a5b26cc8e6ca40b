// Topics of questions, and answers that are known.

#include "engine/base/alloc.h"
#include "engine/rules/loader.h"

#define USUAL_TARGET_MS  ((int64_t)120000)
#define DAY_MS           ((int64_t)86400000)
#define MOST_NEEDS       8
#define MOST_ESCALATIONS 8

static void read_within(struct weir_loader *loader, const struct weir_yaml *node,
                        int64_t *target_ms)
{
    int64_t ms;
    if (!node || !weir_yaml_to_duration_ms(node, &ms, loader->diagnostics)) {
        return;
    }
    if (ms < 1000 || ms > 30 * DAY_MS) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "must be from 1s to 30d");
        return;
    }
    *target_ms = ms;
}

static void read_before(struct weir_loader *loader, const struct weir_yaml *node,
                        enum weir_before *before)
{
    struct weir_span name;
    if (!weir_yaml_to_text(node, &name, loader->diagnostics)) {
        return;
    }
    if (weir_span_is(name, "scene")) {
        *before = WEIR_BEFORE_SCENE_ENDS;
    } else if (weir_span_is(name, "stream")) {
        *before = WEIR_BEFORE_STREAM_ENDS;
    } else {
        weir_diagnostics_error(loader->diagnostics, &node->place, "must be scene or stream");
    }
}

// A duration, or what it must be answered before and how long it may take while nobody knows when
// that is.
static void read_target(struct weir_loader *loader, const struct weir_yaml *node,
                        struct weir_topic *topic)
{
    static const char *const keys[] = {"before", "within"};
    topic->target_ms = USUAL_TARGET_MS;
    if (!node || node->kind != WEIR_YAML_MAP) {
        read_within(loader, node, &topic->target_ms);
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'target'", loader->diagnostics);
    const struct weir_yaml *before = weir_loader_need(loader, node, "before", "'target'");
    if (before) {
        read_before(loader, before, &topic->before);
    }
    read_within(loader, weir_yaml_find(node, "within"), &topic->target_ms);
}

static void read_needs(struct weir_loader *loader, const struct weir_yaml *node,
                       struct weir_topic *topic)
{
    struct weir_yaml *const one = (struct weir_yaml *)node;
    bool is_list = node->kind == WEIR_YAML_LIST;
    struct weir_yaml *const *items = is_list ? node->items : &one;
    size_t count = is_list ? node->count : 1;
    if (count == 0 || count > MOST_NEEDS) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "must be 1 to %d skills",
                               MOST_NEEDS);
        return;
    }
    struct weir_span *needs = weir_arena_new_array(loader->arena, struct weir_span, count);
    for (size_t i = 0; i < count; i++) {
        weir_loader_read_id(loader, items[i], &needs[i]);
    }
    topic->needs = needs;
    topic->needs_count = count;
}

static void read_escalation(struct weir_loader *loader, const struct weir_yaml *node,
                            struct weir_escalation *step)
{
    static const char *const keys[] = {"after", "to"};
    if (!weir_loader_is_map(loader, node, "'escalate'")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'escalate'", loader->diagnostics);
    const struct weir_yaml *after = weir_loader_need(loader, node, "after", "'escalate'");
    const struct weir_yaml *to = weir_yaml_find(node, "to");
    if (after && weir_yaml_to_duration_ms(after, &step->after_ms, loader->diagnostics) &&
        step->after_ms > 30 * DAY_MS) {
        weir_diagnostics_error(loader->diagnostics, &after->place, "must be at most 30d");
    }
    if (to) {
        weir_loader_read_id(loader, to, &step->queue);
    }
}

static void read_escalations(struct weir_loader *loader, const struct weir_yaml *node,
                             struct weir_topic *topic)
{
    struct weir_yaml *const one = (struct weir_yaml *)node;
    bool is_list = node->kind == WEIR_YAML_LIST;
    struct weir_yaml *const *items = is_list ? node->items : &one;
    size_t count = is_list ? node->count : 1;
    if (count == 0 || count > MOST_ESCALATIONS) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "must be 1 to %d steps",
                               MOST_ESCALATIONS);
        return;
    }
    struct weir_escalation *steps =
        weir_arena_new_array(loader->arena, struct weir_escalation, count);
    for (size_t i = 0; i < count; i++) {
        read_escalation(loader, items[i], &steps[i]);
    }
    topic->escalations = steps;
    topic->escalation_count = count;
}

static void add_topic(struct weir_loader *loader, const struct weir_topic *topic,
                      const struct weir_place *place)
{
    size_t count = loader->topic_count;
    loader->topics =
        weir_grow(loader->topics, &loader->topic_capacity, count + 1, sizeof(*loader->topics));
    loader->topic_places = weir_grow(loader->topic_places, &loader->topic_place_capacity, count + 1,
                                     sizeof(*loader->topic_places));
    loader->topics[count] = *topic;
    loader->topic_places[count] = *place;
    loader->topic_count++;
}

static void read_topic(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"id",     "about",     "when",  "queue",    "target",
                                       "urgent", "complaint", "needs", "escalate", "lint"};
    struct weir_topic topic = {.pack = loader->pack};
    struct weir_place place = node->place;
    if (!weir_loader_is_map(loader, node, "a topic")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "a topic", loader->diagnostics);
    loader->allowed = loader->pack_allowed;
    weir_loader_read_lint(loader, node);
    const struct weir_yaml *id = weir_loader_need(loader, node, "id", "a topic");
    const struct weir_yaml *when = weir_loader_need(loader, node, "when", "a topic");
    const struct weir_yaml *queue = weir_loader_need(loader, node, "queue", "a topic");
    const struct weir_yaml *urgent = weir_yaml_find(node, "urgent");
    const struct weir_yaml *complaint = weir_yaml_find(node, "complaint");
    const struct weir_yaml *needs = weir_yaml_find(node, "needs");
    const struct weir_yaml *escalate = weir_yaml_find(node, "escalate");
    if (id && weir_loader_read_id(loader, id, &topic.id)) {
        place = id->place;
    }
    if (when) {
        topic.when = weir_loader_read_condition(loader, when, "when.");
    }
    if (queue) {
        weir_loader_read_id(loader, queue, &topic.queue);
    }
    read_target(loader, weir_yaml_find(node, "target"), &topic);
    if (urgent) {
        topic.urgent = weir_loader_read_condition(loader, urgent, "urgent.");
    }
    if (complaint) {
        weir_yaml_to_bool(complaint, &topic.complaint, loader->diagnostics);
    }
    if (needs) {
        read_needs(loader, needs, &topic);
    }
    if (escalate) {
        read_escalations(loader, escalate, &topic);
    }
    add_topic(loader, &topic, &place);
    loader->allowed = loader->pack_allowed;
}

void weir_loader_read_topics(struct weir_loader *loader, const struct weir_yaml *node)
{
    if (!weir_loader_is_list(loader, node, "'topics'")) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        read_topic(loader, node->items[i]);
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int number_at(struct weir_span text, size_t start, size_t count)
{
    int value = 0;
    for (size_t i = start; i < start + count; i++) {
        value = is_digit(text.data[i]) ? value * 10 + text.data[i] - '0' : -100000;
    }
    return value;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

// Days from 1970-01-01, counted in years that begin with March so that leap days come last.
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t years = month <= 2 ? year - 1 : year;
    int64_t months = month <= 2 ? month + 9 : month - 3;
    int64_t days = years * 365 + years / 4 - years / 100 + years / 400;
    return days + (months * 153 + 2) / 5 + day - 1 - 719468;
}

// The last day counts: the time is the end of it, in UTC.
static bool read_until(struct weir_loader *loader, const struct weir_yaml *node, int64_t *until_ms)
{
    struct weir_span text;
    if (!weir_yaml_to_text(node, &text, loader->diagnostics)) {
        return false;
    }
    bool has_form = text.length == 10 && text.data[4] == '-' && text.data[7] == '-';
    int year = has_form ? number_at(text, 0, 4) : 0;
    int month = has_form ? number_at(text, 5, 2) : 0;
    int day = has_form ? number_at(text, 8, 2) : 0;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return weir_diagnostics_error(loader->diagnostics, &node->place,
                                      "must be a date such as 2026-12-31");
    }
    *until_ms = (days_since_1970(year, month, day) + 1) * DAY_MS;
    return true;
}

static void read_ask(struct weir_loader *loader, const struct weir_yaml *node,
                     struct weir_answer *answer)
{
    static const char *const keys[] = {"zh", "en"};
    if (!weir_loader_is_map(loader, node, "'ask'")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'ask'", loader->diagnostics);
    const struct weir_yaml *zh = weir_yaml_find(node, "zh");
    const struct weir_yaml *en = weir_yaml_find(node, "en");
    if (zh) {
        weir_loader_read_texts(loader, zh, &answer->ask_zh, &answer->ask_zh_count);
    }
    if (en) {
        weir_loader_read_texts(loader, en, &answer->ask_en, &answer->ask_en_count);
    }
    if (!zh && !en && node->count == 0) {
        weir_diagnostics_error(loader->diagnostics, &node->place, "needs 'zh' or 'en'");
    }
}

static void add_answer(struct weir_loader *loader, const struct weir_answer *answer,
                       const struct weir_place *place, const struct weir_reference *topic)
{
    size_t count = loader->answer_count;
    loader->answers =
        weir_grow(loader->answers, &loader->answer_capacity, count + 1, sizeof(*loader->answers));
    loader->answer_places = weir_grow(loader->answer_places, &loader->answer_place_capacity,
                                      count + 1, sizeof(*loader->answer_places));
    loader->answer_topics = weir_grow(loader->answer_topics, &loader->answer_topic_capacity,
                                      count + 1, sizeof(*loader->answer_topics));
    loader->answers[count] = *answer;
    loader->answer_places[count] = *place;
    loader->answer_topics[count] = *topic;
    loader->answer_count++;
}

static void read_answer_options(struct weir_loader *loader, const struct weir_yaml *node,
                                struct weir_answer *answer)
{
    const struct weir_yaml *automatic = weir_yaml_find(node, "auto");
    const struct weir_yaml *until = weir_yaml_find(node, "until");
    const struct weir_yaml *scene = weir_yaml_find(node, "scene");
    if (automatic) {
        weir_yaml_to_bool(automatic, &answer->automatic, loader->diagnostics);
    }
    if (until) {
        read_until(loader, until, &answer->until_ms);
    }
    if (scene) {
        weir_loader_read_text(loader, scene, 200, &answer->scene);
    }
}

static void read_answer(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"id",   "topic", "ask",   "reply",
                                       "auto", "until", "scene", "lint"};
    struct weir_answer answer = {0};
    struct weir_place place = node->place;
    struct weir_reference reference = {0};
    if (!weir_loader_is_map(loader, node, "an answer")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "an answer", loader->diagnostics);
    loader->allowed = loader->pack_allowed;
    weir_loader_read_lint(loader, node);
    const struct weir_yaml *id = weir_loader_need(loader, node, "id", "an answer");
    const struct weir_yaml *topic = weir_loader_need(loader, node, "topic", "an answer");
    const struct weir_yaml *ask = weir_loader_need(loader, node, "ask", "an answer");
    const struct weir_yaml *reply = weir_loader_need(loader, node, "reply", "an answer");
    if (id && weir_loader_read_id(loader, id, &answer.id)) {
        place = id->place;
    }
    if (topic && weir_loader_read_id(loader, topic, &answer.topic)) {
        reference = (struct weir_reference){answer.topic, topic->place};
    }
    if (ask) {
        read_ask(loader, ask, &answer);
    }
    if (reply) {
        weir_loader_read_bilingual(loader, reply, &answer.reply);
    }
    read_answer_options(loader, node, &answer);
    add_answer(loader, &answer, &place, &reference);
    loader->allowed = loader->pack_allowed;
}

void weir_loader_read_answers(struct weir_loader *loader, const struct weir_yaml *node)
{
    if (!weir_loader_is_list(loader, node, "'answers'")) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        read_answer(loader, node->items[i]);
    }
}
