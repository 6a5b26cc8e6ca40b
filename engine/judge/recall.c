// What the memory says before a message is judged, and what it learns of the verdict. A set that
// asks for nothing over time never comes past the first line.

#include "engine/judge/recall.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/judge/judge_private.h"
#include "engine/judge/strikes.h"
#include "engine/judge/windows.h"
#include "engine/rules/checks.h"

#include <stdlib.h>

// Below so many different words, or Chinese characters, everybody says the same (666, gg, 哈哈哈),
// or it is the name of an emote.
#define LEAST_PAIRS    3u
#define LEAST_WORDS    3
#define LEAST_UNSPACED 4u
// Who has said fewer things before is fresh.
#define FRESH_MESSAGES 3u

void weir_recall_fini(struct weir_recall *recall)
{
    free(recall->readings);
    *recall = (struct weir_recall){0};
}

static bool is_somebody(const struct weir_user *user)
{
    return user->id.length > 0 &&
           (user->identity == WEIR_IDENTITY_STABLE || user->identity == WEIR_IDENTITY_SESSION);
}

static void *touch(struct weir_judge *judge, struct weir_table *table, uint64_t key)
{
    uint64_t evicted = table->evicted;
    void *payload = weir_table_touch(table, key, judge->input.now_ms);
    judge->recall.has_forgotten = judge->recall.has_forgotten || table->evicted > evicted;
    return payload;
}

static void recall_user(struct weir_judge *judge)
{
    struct weir_recall *recall = &judge->recall;
    if (!recall->is_somebody) {
        return;
    }
    int64_t now_ms = judge->input.now_ms;
    struct weir_known_user *user = touch(judge, &judge->memory->users, recall->user_key);
    if (user->messages == 0 && user->strikes_milli == 0) {
        user->first_ms = now_ms;
    }
    recall->user = user;
    judge->input.user = (struct weir_user_reading){
        .is_known = true,
        .is_first = user->messages == 0,
        .messages = user->messages,
        .clean = user->clean,
        .known_ms = now_ms - user->first_ms,
        .strikes_milli = weir_user_strikes(user, &judge->plan.set->strikes, now_ms),
    };
}

static const struct weir_letters_read *letters_of(struct weir_judge *judge)
{
    struct weir_recall *recall = &judge->recall;
    if (!recall->has_letters) {
        weir_letters_read(judge->text, &recall->letters);
        recall->has_letters = true;
    }
    return &recall->letters;
}

static const struct weir_sketch *sketch_of(struct weir_judge *judge)
{
    struct weir_recall *recall = &judge->recall;
    if (!recall->has_sketch) {
        weir_sketch_make(letters_of(judge), &recall->sketch);
        recall->has_sketch = true;
    }
    return &recall->sketch;
}

static bool has_fired(const struct weir_judge *judge, const struct weir_rule *rule)
{
    for (size_t i = 0; i < judge->rulings.count; i++) {
        if (judge->rulings.items[i].rule == rule) {
            return judge->rulings.items[i].truth == WEIR_TRUE;
        }
    }
    return false;
}

// Which of the rules of a series fired for this message, as bits by their place in it; of more than
// fit, the last bit stands for all that are left.
static uint32_t fired_of(const struct weir_judge *judge, const struct weir_series *series)
{
    uint32_t fired = 0;
    for (size_t i = 0; i < series->rule_count; i++) {
        fired |= has_fired(judge, series->rules[i]) ? 1u << (i < 31 ? i : 31) : 0;
    }
    return fired;
}

// Whether this message is one of those that the series counts. An edit is no new message, but what
// it now says may be a hit.
static bool is_event(struct weir_judge *judge, const struct weir_series *series)
{
    const struct weir_message *message = judge->input.message;
    switch (series->of) {
    case WEIR_OF_MESSAGES:
        return !message->is_edit;
    case WEIR_OF_QUESTIONS:
        return !message->is_edit && judge->input.is_question;
    case WEIR_OF_LINKS:
        return !message->is_edit && weir_may_hold_link(&judge->input);
    case WEIR_OF_MENTIONS:
        return !message->is_edit &&
               weir_count_mentions(weir_text_view(judge->text, WEIR_VIEW_FOLD)) > 0;
    case WEIR_OF_EMOTES:
        return !message->is_edit && weir_text_facts(judge->text)->emotes > 0;
    case WEIR_OF_HITS:
        return fired_of(judge, series) != 0;
    }
    return false;
}

static bool find_capture(struct weir_judge *judge, const struct weir_series *series,
                         uint64_t *key_out)
{
    const struct weir_hits *hits = judge->evidence.hits;
    for (size_t i = 0; i < hits->count; i++) {
        const struct weir_hit *hit = &hits->hits[i];
        if (hit->owner < series->first_owner ||
            hit->owner >= series->first_owner + series->owner_count) {
            continue;
        }
        struct weir_span value = weir_matcher_capture(judge->plan.set->matcher, judge->scratch,
                                                      judge->text, hit, series->capture);
        if (value.length > 0) {
            *key_out = weir_hash((struct weir_hash_key){7, 8}, value);
            return true;
        }
    }
    return false;
}

// What the event is counted under; false where it belongs to nobody.
static bool find_key(struct weir_judge *judge, const struct weir_series *series, uint64_t *key_out)
{
    switch (series->by) {
    case WEIR_BY_USER:
        *key_out = judge->recall.user_key;
        return judge->recall.is_somebody;
    case WEIR_BY_ROOM:
        *key_out = 0;
        return true;
    case WEIR_BY_TEXT:
        *key_out = weir_letters_key(letters_of(judge));
        return judge->recall.letters.count > 0;
    case WEIR_BY_CAPTURE:
        return find_capture(judge, series, key_out);
    }
    return false;
}

static bool says_something(struct weir_judge *judge)
{
    const struct weir_letters_read *letters = letters_of(judge);
    return letters->count > LEAST_PAIRS &&
           (letters->unspaced >= LEAST_UNSPACED ||
            __builtin_popcountll(letters->words) >= LEAST_WORDS) &&
           sketch_of(judge)->count >= LEAST_PAIRS;
}

static bool has_what_it_needs(struct weir_judge *judge, const struct weir_series *series)
{
    switch (series->kind) {
    case WEIR_SERIES_DISTINCT:
        return judge->recall.is_somebody;
    case WEIR_SERIES_SAME_TEXT:
        return says_something(judge);
    default:
        return true;
    }
}

static struct weir_reading read_window(struct weir_judge *judge, const struct weir_series *series,
                                       struct weir_series_window *window)
{
    int64_t now_ms = judge->input.now_ms;
    struct weir_pool *pool = &judge->memory->pool;
    switch (series->kind) {
    case WEIR_SERIES_RATE:
        return weir_window_rate(window, pool, series, now_ms);
    case WEIR_SERIES_DISTINCT:
        return weir_window_distinct(window, pool, series, judge->recall.user_key, now_ms);
    case WEIR_SERIES_SAME_TEXT:
        return weir_window_same_text(window, pool, series, sketch_of(judge), now_ms);
    case WEIR_SERIES_SEQUENCE:
        return weir_window_sequence(window, pool, series, fired_of(judge, series), now_ms);
    case WEIR_SERIES_CAMPAIGN:
        break; // read_campaign() below
    }
    return (struct weir_reading){false, 0};
}

// Somebody who had hardly said anything but this is fresh: crowds are made of people who were there
// before.
static void join_campaign(struct weir_judge *judge)
{
    const struct weir_message *message = judge->input.message;
    struct weir_recall *recall = &judge->recall;
    if (judge->plan.set->campaign_checks == 0 || message->is_edit || !recall->is_somebody ||
        !weir_campaign_says_enough(letters_of(judge))) {
        return;
    }
    const struct weir_campaign_text text = {
        .letters = &recall->letters,
        .sketch = sketch_of(judge),
        .raw = message->text,
        .said = {message->id, message->user.id, message->user.name},
        .user = recall->user_key,
        .is_fresh = judge->input.user.messages < FRESH_MESSAGES,
    };
    recall->campaign = weir_campaigns_join(&judge->memory->campaigns, &text, judge->input.now_ms);
    struct weir_standing_list *standing = &judge->memory->standing;
    if (standing->count > 0) {
        recall->standing = weir_standing_find(standing, recall->campaign->id, sketch_of(judge),
                                              judge->input.now_ms);
    }
}

static void read_campaign(struct weir_judge *judge, const struct weir_series *series)
{
    struct weir_reading *reading = &judge->recall.readings[series->index];
    *reading = (struct weir_reading){false, 0};
    if (judge->recall.campaign && !(judge->recall.standing && judge->recall.standing->spares)) {
        *reading = weir_campaign_read(judge->recall.campaign, series, judge->input.now_ms);
    }
}

static void count(struct weir_judge *judge, const struct weir_series *series)
{
    struct weir_recall *recall = &judge->recall;
    struct weir_reading *reading = &recall->readings[series->index];
    uint64_t key = 0;
    *reading = (struct weir_reading){false, 0};
    if (!is_event(judge, series) || !has_what_it_needs(judge, series) ||
        !find_key(judge, series, &key)) {
        return;
    }
    struct weir_table *table = &judge->memory->series[series->index]->table;
    *reading = read_window(judge, series, touch(judge, table, key));
}

void weir_judge_recall(struct weir_judge *judge)
{
    struct weir_recall *recall = &judge->recall;
    const struct weir_set *set = judge->plan.set;
    recall->is_in_use = false;
    recall->user = NULL;
    recall->campaign = NULL;
    recall->standing = NULL;
    recall->has_forgotten = false;
    judge->input.user.is_known = recall->is_somebody = is_somebody(&judge->input.message->user);
    if (set->series_count > 0 || set->breaker_bytes > 0) {
        weir_memory_use(judge->memory, set);
    }
    if (!set->needs_users && set->series_count == 0) {
        return;
    }
    recall->is_in_use = true;
    recall->has_letters = false;
    recall->has_sketch = false;
    recall->user_key =
        recall->is_somebody ? weir_memory_user_key(judge->input.message->user.id) : 0;
    if (set->needs_users) {
        recall_user(judge);
    }
    if (set->series_count == 0) {
        return;
    }
    if (set->series_count > recall->capacity) {
        free(recall->readings);
        recall->readings = weir_new_array(struct weir_reading, set->series_count);
        recall->capacity = set->series_count;
    }
    judge->input.readings = recall->readings;
    join_campaign(judge);
    for (size_t i = 0; i < set->series_count; i++) {
        if (set->series[i]->kind == WEIR_SERIES_CAMPAIGN) {
            read_campaign(judge, set->series[i]);
        } else if (set->series[i]->of != WEIR_OF_HITS) {
            count(judge, set->series[i]);
        } else {
            recall->readings[i] = (struct weir_reading){false, WEIR_READING_OPEN};
        }
    }
}

void weir_judge_recall_hits(struct weir_judge *judge, const struct weir_rule *rule)
{
    const struct weir_set *set = judge->plan.set;
    for (uint32_t i = 0; i < rule->check_count; i++) {
        const struct weir_check *check = set->checks[rule->first_check + i];
        const struct weir_series *series =
            check->kind->holds == weir_holds_series ? check->arguments : NULL;
        if (series && judge->recall.readings[series->index].value == WEIR_READING_OPEN) {
            count(judge, set->series[series->index]);
        }
    }
}

static enum weir_conduct conduct_of(const struct weir_outcome *outcome)
{
    if (outcome->message_verdict >= WEIR_MESSAGE_MASK || outcome->user_verdict >= WEIR_USER_WARN) {
        return WEIR_CONDUCT_BAD;
    }
    return outcome->message_verdict == WEIR_MESSAGE_PASS ? WEIR_CONDUCT_CLEAN : WEIR_CONDUCT_OPEN;
}

// What was written before we came is judged, but nothing is done about it: no strike either.
void weir_judge_learn(struct weir_judge *judge)
{
    struct weir_known_user *user = judge->recall.user;
    const struct weir_message *message = judge->input.message;
    if (!user) {
        return;
    }
    const struct weir_strike_policy *policy = &judge->plan.set->strikes;
    uint32_t points = message->is_history ? 0 : weir_outcome_strikes(&judge->outcome);
    judge->verdict.strikes_milli = judge->input.user.strikes_milli;
    if (points > 0) {
        judge->verdict.strikes_milli = weir_user_strike(user, policy, points, judge->input.now_ms);
    }
    if (!message->is_edit) {
        weir_user_heard(user, policy, conduct_of(&judge->outcome));
    }
    bool has_doubled = (user->messages & (user->messages - 1)) == 0 && user->messages >= 8;
    if (points > 0 || has_doubled) {
        weir_memory_note_change(judge->memory, user);
    }
    weir_table_keep(&judge->memory->users, user, weir_user_is_worth_keeping(user));
}
