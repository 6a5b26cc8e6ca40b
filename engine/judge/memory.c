#include "engine/judge/memory_private.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/judge/strikes.h"
#include "engine/judge/windows.h"

#include <stdlib.h>

#define TRUSTED_MS   60000u
#define MOST_LEANING 64
#define LEAST_USERS  512u
// Bytes that one series may take for each user of the quota: with more events to remember for each
// key there are fewer keys.
#define SERIES_BYTES 256u
#define LEAST_KEYS   64u
// Texts that may become campaigns: of the last minutes, in a room that is not very fast.
#define CAMPAIGNS_MOST 8192u

struct weir_memory *weir_memory_create(void)
{
    return weir_memory_create_for(WEIR_MEMORY_USERS, 0x9e3779b97f4a7c15u);
}

struct weir_memory *weir_memory_create_for(uint32_t users, uint64_t seed)
{
    struct weir_memory *memory = weir_new(struct weir_memory);
    memory->clock_ms = INT64_MIN;
    memory->most_users = users;
    memory->seed = seed;
    weir_table_init(&memory->users, sizeof(struct weir_known_user), users, 0, seed);
    return memory;
}

static void fini_series(struct weir_memory *memory)
{
    for (size_t i = 0; i < memory->series_count; i++) {
        if (memory->series[i]) {
            weir_table_fini(&memory->series[i]->table);
            free(memory->series[i]);
        }
    }
    free(memory->series);
}

void weir_memory_destroy(struct weir_memory **memory)
{
    struct weir_memory *old = weir_take(*memory);
    if (old) {
        fini_series(old);
        weir_campaigns_fini(&old->campaigns);
        weir_standing_list_fini(&old->standing);
        weir_table_fini(&old->breakers);
        weir_pool_fini(&old->pool);
        weir_table_fini(&old->users);
        free(old->changes);
        free(old);
    }
}

uint32_t weir_memory_grant(struct weir_memory_budget *budget)
{
    uint64_t left = budget->most > budget->granted ? budget->most - budget->granted : 0;
    uint64_t users = left / 16;
    users = users > WEIR_MEMORY_USERS ? WEIR_MEMORY_USERS : users;
    users = users < LEAST_USERS ? LEAST_USERS : users;
    budget->granted += users;
    return (uint32_t)users;
}

void weir_memory_give_back(struct weir_memory_budget *budget, uint32_t users)
{
    budget->granted -= users;
}

// Unsigned, because both come from outside and may be any number at all.
static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

int64_t weir_memory_tick(struct weir_memory *memory, int64_t ts_ms, int64_t arrival_ms)
{
    bool usable = ts_ms != 0 && distance(ts_ms, arrival_ms) <= TRUSTED_MS;
    int64_t now_ms = usable ? ts_ms : arrival_ms;
    if (now_ms > memory->clock_ms) {
        memory->clock_ms = now_ms;
    }
    return memory->clock_ms;
}

bool weir_memory_prefers_zh(struct weir_memory *memory, const struct weir_text_facts *facts)
{
    if (facts->han > 0) {
        memory->leaning += memory->leaning < MOST_LEANING;
        return true;
    }
    if (facts->latin > 0) {
        memory->leaning -= memory->leaning > -MOST_LEANING;
        return false;
    }
    return memory->leaning > 0;
}

// --- series ---

static uint32_t keys_of(const struct weir_memory *memory, size_t bytes)
{
    uint64_t keys = (uint64_t)memory->most_users * SERIES_BYTES / bytes;
    keys = keys > memory->most_users ? memory->most_users : keys;
    return keys < LEAST_KEYS ? LEAST_KEYS : (uint32_t)keys;
}

static void forget_window(void *user, void *payload)
{
    const struct weir_series_memory *memory = user;
    weir_window_forget(payload, &memory->series, memory->pool);
}

static struct weir_series_memory *make_series(struct weir_memory *memory,
                                              const struct weir_series *series)
{
    struct weir_series_memory *made = weir_new(struct weir_series_memory);
    made->id = series->id;
    made->series = *series;
    made->pool = &memory->pool;
    weir_table_init(&made->table, sizeof(struct weir_series_window),
                    keys_of(memory, weir_window_size(series)), series->per_ms, memory->seed);
    made->table.on_forget = forget_window;
    made->table.user = made;
    return made;
}

// Takes over what is kept of a series from an earlier set, or makes an empty one.
static struct weir_series_memory *take_series(struct weir_memory *memory,
                                              const struct weir_series *series)
{
    for (size_t i = 0; i < memory->series_count; i++) {
        if (memory->series[i] && memory->series[i]->id == series->id) {
            return weir_take(memory->series[i]);
        }
    }
    return make_series(memory, series);
}

// A set that asks campaigns the same keeps them; else they begin anew.
static void use_campaigns(struct weir_memory *memory, const struct weir_set *set)
{
    struct weir_campaigns *campaigns = &memory->campaigns;
    uint64_t asked = 0;
    for (size_t i = 0; i < set->series_count; i++) {
        asked =
            asked * 31 + (set->series[i]->kind == WEIR_SERIES_CAMPAIGN ? set->series[i]->id : 0);
    }
    if (asked == memory->campaigns_asked) {
        return;
    }
    memory->campaigns_asked = asked;
    memory->forgotten_keys += campaigns->texts.evicted;
    weir_campaigns_fini(campaigns);
    if (set->campaign_checks > 0) {
        uint32_t most = memory->most_users < CAMPAIGNS_MOST ? memory->most_users : CAMPAIGNS_MOST;
        const struct weir_campaign_limits limits = {
            .most = most,
            .checks = set->campaign_checks,
            .users_most = set->campaign_users,
            .life_ms = set->campaign_life_ms,
        };
        weir_campaigns_init(campaigns, &limits, &memory->pool, memory->seed);
    }
}

static void use_breakers(struct weir_memory *memory, const struct weir_set *set)
{
    if (set->breakers_id == memory->breakers_asked) {
        return;
    }
    memory->breakers_asked = set->breakers_id;
    weir_table_fini(&memory->breakers);
    if (set->breaker_bytes > 0) {
        weir_breakers_init(memory);
    }
}

void weir_memory_use(struct weir_memory *memory, const struct weir_set *set)
{
    // The address alone is not enough: a new set may stand where an old one stood.
    if (memory->set == set && memcmp(memory->hash, set->hash, sizeof(memory->hash)) == 0) {
        return;
    }
    struct weir_series_memory **series =
        weir_new_array(struct weir_series_memory *, set->series_count);
    for (size_t i = 0; i < set->series_count; i++) {
        series[i] = take_series(memory, set->series[i]);
    }
    for (size_t i = 0; i < memory->series_count; i++) {
        memory->forgotten_keys += memory->series[i] ? memory->series[i]->table.evicted : 0;
    }
    fini_series(memory);
    use_campaigns(memory, set);
    use_breakers(memory, set);
    memory->series = series;
    memory->series_count = set->series_count;
    memory->set = set;
    memcpy(memory->hash, set->hash, sizeof(memory->hash));
}

void weir_memory_count(const struct weir_memory *memory, struct weir_memory_counts *counts_out)
{
    *counts_out = (struct weir_memory_counts){
        .users = memory->users.count,
        .users_evicted = memory->users.evicted,
        .strikes_evicted = memory->users.evicted_kept,
        .keys = memory->campaigns.texts.count,
        .keys_evicted = memory->forgotten_keys + memory->campaigns.texts.evicted,
    };
    for (size_t i = 0; i < memory->series_count; i++) {
        counts_out->keys += memory->series[i]->table.count;
        counts_out->keys_evicted += memory->series[i]->table.evicted;
    }
}

// --- users, as others keep them ---

uint64_t weir_memory_user_key(struct weir_span id)
{
    return weir_hash((struct weir_hash_key){5, 6}, id);
}

void weir_memory_track_changes(struct weir_memory *memory)
{
    memory->tracks_changes = true;
}

void weir_memory_note_change(struct weir_memory *memory, struct weir_known_user *user)
{
    if (!memory->tracks_changes || user->is_changed || memory->change_count >= memory->most_users) {
        return;
    }
    memory->changes = weir_grow(memory->changes, &memory->change_capacity, memory->change_count + 1,
                                sizeof(*memory->changes));
    memory->changes[memory->change_count++] = weir_table_item_of(user)->key;
    user->is_changed = true;
}

void weir_memory_take_changes(struct weir_memory *memory, weir_user_record_fn on_record, void *user)
{
    for (size_t i = 0; i < memory->change_count; i++) {
        struct weir_known_user *known = weir_table_find(&memory->users, memory->changes[i]);
        if (!known || !known->is_changed) {
            continue; // forgotten since, and maybe come again
        }
        known->is_changed = false;
        const struct weir_user_record record = {
            .key = memory->changes[i],
            .first_ms = known->first_ms,
            .strikes_ms = known->strikes_ms,
            .strikes_milli = known->strikes_milli,
            .messages = known->messages,
            .clean = known->clean,
        };
        on_record(user, &record);
    }
    memory->change_count = 0;
}

void weir_memory_restore_user(struct weir_memory *memory, const struct weir_user_record *record)
{
    int64_t now_ms = memory->clock_ms > record->first_ms ? memory->clock_ms : record->first_ms;
    struct weir_known_user *user = weir_table_touch(&memory->users, record->key, now_ms);
    if (user->messages == 0 || record->first_ms < user->first_ms) {
        user->first_ms = record->first_ms;
    }
    if (record->strikes_ms >= user->strikes_ms) {
        user->strikes_ms = record->strikes_ms;
        user->strikes_milli = record->strikes_milli;
    }
    user->messages = user->messages > record->messages ? user->messages : record->messages;
    user->clean = user->clean > record->clean ? user->clean : record->clean;
    weir_table_keep(&memory->users, user, weir_user_is_worth_keeping(user));
}

void weir_memory_forgive(struct weir_memory *memory, struct weir_span user_id,
                         uint32_t points_milli)
{
    struct weir_known_user *user = weir_table_find(&memory->users, weir_memory_user_key(user_id));
    if (user && user->strikes_milli > 0) {
        user->strikes_milli -=
            user->strikes_milli < points_milli ? user->strikes_milli : points_milli;
        weir_memory_note_change(memory, user);
        weir_table_keep(&memory->users, user, weir_user_is_worth_keeping(user));
    }
}

// --- campaigns ---

void weir_memory_decide_campaign(struct weir_memory *memory, const struct weir_standing *standing)
{
    if (standing->until_ms > memory->clock_ms) {
        weir_standing_add(&memory->standing, standing);
    }
}

bool weir_memory_end_decision(struct weir_memory *memory, struct weir_span decision)
{
    return weir_standing_end(&memory->standing, decision);
}

size_t weir_memory_take_screen(struct weir_memory *memory, uint64_t campaign,
                               struct weir_said *said_out, size_t most)
{
    return weir_screen_take(&memory->campaigns.screen, campaign, false, memory->clock_ms, said_out,
                            most);
}
