#include "engine/judge/campaign.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <string.h>

// A text is found by four pieces of its sketch, each the least of its pairs in another order: two
// texts that share six of ten pairs have at least one piece in common nineteen times of twenty, and
// every member adds its own pieces. Comparing with all texts of a minute would be dearer than all
// else that is done for a message.

#define PIECES         4
#define LEAST_PAIRS    14u // different pairs of letters of a spaced script
#define LEAST_UNSPACED 9u  // characters of Chinese
#define LEAST_WORDS    3

static void forget(void *user, void *payload)
{
    struct weir_campaign *campaign = payload;
    weir_pool_give(user, campaign->text, WEIR_CAMPAIGN_TEXT);
    weir_pool_give(user, campaign->users, campaign->user_capacity * sizeof(*campaign->users));
}

void weir_campaigns_init(struct weir_campaigns *campaigns,
                         const struct weir_campaign_limits *limits, struct weir_pool *pool,
                         uint64_t seed)
{
    size_t size = sizeof(struct weir_campaign) + limits->checks * sizeof(int64_t);
    *campaigns = (struct weir_campaigns){.pool = pool, .users_most = limits->users_most};
    weir_table_init(&campaigns->texts, size, limits->most, limits->life_ms, seed);
    weir_table_init(&campaigns->index, sizeof(uint64_t), limits->most * PIECES, limits->life_ms,
                    seed);
    campaigns->texts.on_forget = forget;
    campaigns->texts.user = pool;
}

void weir_campaigns_fini(struct weir_campaigns *campaigns)
{
    weir_table_fini(&campaigns->texts);
    weir_table_fini(&campaigns->index);
    weir_screen_fini(&campaigns->screen);
    *campaigns = (struct weir_campaigns){0};
}

// All bits of it, where a sketch takes the first.
static uint64_t hash_of_pair(uint64_t pair)
{
    return pair ^ pair >> 31;
}

static void find_pieces(const struct weir_letters_read *letters, uint64_t pieces[PIECES])
{
    for (uint32_t piece = 0; piece < PIECES; piece++) {
        pieces[piece] = UINT64_MAX;
    }
    for (uint32_t i = 1; i < letters->count; i++) {
        uint64_t hash = hash_of_pair(letters->pairs[i - 1]);
        for (uint32_t piece = 0; piece < PIECES; piece++) {
            uint64_t turned = hash << (16 * piece) | (hash >> 1) >> (63 - 16 * piece);
            pieces[piece] = turned < pieces[piece] ? turned : pieces[piece];
        }
    }
}

// Two pieces in different orders may be equal: their order is part of the key.
static uint64_t key_of_piece(const uint64_t pieces[PIECES], uint32_t piece)
{
    return (pieces[piece] & ~(uint64_t)3) | piece;
}

// One word, or two, are what a crowd shouts, or the name of an emote; so are eight characters of
// Chinese.
static bool has_words(const struct weir_letters_read *letters)
{
    return letters->unspaced >= LEAST_UNSPACED ||
           __builtin_popcountll(letters->words) >= LEAST_WORDS;
}

bool weir_campaign_says_enough(const struct weir_letters_read *letters)
{
    uint64_t seen[4] = {0};
    uint32_t pairs = 0;
    uint32_t least = letters->unspaced >= LEAST_UNSPACED ? LEAST_UNSPACED - 1 : LEAST_PAIRS;
    if (!has_words(letters)) {
        return false;
    }
    for (uint32_t i = 1; i < letters->count && pairs < least; i++) {
        uint64_t hash = hash_of_pair(letters->pairs[i - 1]);
        uint64_t bit = (uint64_t)1 << (hash & 63);
        pairs += (seen[hash >> 62] & bit) == 0;
        seen[hash >> 62] |= bit;
    }
    return pairs >= least;
}

static struct weir_campaign *find(const struct weir_campaigns *campaigns,
                                  const uint64_t pieces[PIECES], const struct weir_sketch *sketch)
{
    for (uint32_t piece = 0; piece < PIECES; piece++) {
        const uint64_t *id = weir_table_find(&campaigns->index, key_of_piece(pieces, piece));
        struct weir_campaign *campaign = id ? weir_table_find(&campaigns->texts, *id) : NULL;
        if (campaign &&
            weir_sketch_similarity(&campaign->sketch, sketch) >= WEIR_CAMPAIGN_SIMILARITY) {
            return campaign;
        }
    }
    return NULL;
}

// By what was said first, and when: the same in every replay.
static uint64_t name_of(const uint64_t pieces[PIECES], int64_t now_ms)
{
    struct weir_hash_key key = {(uint64_t)now_ms, 9};
    return weir_hash(key, (struct weir_span){(const char *)pieces, PIECES * sizeof(uint64_t)});
}

static void note_pieces(struct weir_campaigns *campaigns, const uint64_t pieces[PIECES],
                        uint64_t id, int64_t now_ms)
{
    for (uint32_t piece = 0; piece < PIECES; piece++) {
        uint64_t *of = weir_table_touch(&campaigns->index, key_of_piece(pieces, piece), now_ms);
        *of = id;
    }
}

static void grow_users(struct weir_campaigns *campaigns, struct weir_campaign *campaign)
{
    uint32_t wanted = campaign->user_capacity * 2u + 1;
    wanted = wanted < campaigns->users_most ? wanted : campaigns->users_most;
    struct weir_campaign_user *users = weir_pool_take(campaigns->pool, wanted * sizeof(*users));
    if (campaign->users) {
        memcpy(users, campaign->users, campaign->user_count * sizeof(*users));
    }
    weir_pool_give(campaigns->pool, campaign->users, campaign->user_capacity * sizeof(*users));
    campaign->users = users;
    campaign->user_capacity = (uint8_t)wanted;
}

static bool note_user(struct weir_campaigns *campaigns, struct weir_campaign *campaign,
                      const struct weir_campaign_text *text, int64_t now_ms)
{
    uint32_t at = 0;
    while (at < campaign->user_count && campaign->users[at].user != text->user) {
        at++;
    }
    bool is_new = at == campaign->user_count;
    bool is_fresh = is_new ? text->is_fresh : campaign->users[at].is_fresh;
    if (is_new) {
        if (campaign->user_count == campaign->user_capacity &&
            campaign->user_capacity < campaigns->users_most) {
            grow_users(campaigns, campaign);
        }
        campaign->user_count += campaign->user_count < campaigns->users_most;
        at = campaign->user_count - 1;
    }
    memmove(campaign->users + 1, campaign->users, at * sizeof(*campaign->users));
    campaign->users[0] = (struct weir_campaign_user){text->user, now_ms, is_fresh};
    campaign->accounts += is_new;
    return is_new;
}

static void keep_text(struct weir_campaigns *campaigns, struct weir_campaign *campaign,
                      struct weir_span raw)
{
    size_t length = raw.length < WEIR_CAMPAIGN_TEXT ? raw.length : WEIR_CAMPAIGN_TEXT;
    while (length > 0 && length < raw.length && (raw.data[length] & 0xc0) == 0x80) {
        length--;
    }
    if (!campaign->text) {
        campaign->text = weir_pool_take(campaigns->pool, WEIR_CAMPAIGN_TEXT);
    }
    memcpy(campaign->text, raw.data, length);
    campaign->text_length = (uint8_t)length;
}

struct weir_campaign *weir_campaigns_join(struct weir_campaigns *campaigns,
                                          const struct weir_campaign_text *text, int64_t now_ms)
{
    uint64_t pieces[PIECES];
    find_pieces(text->letters, pieces);
    struct weir_campaign *campaign = find(campaigns, pieces, text->sketch);
    uint64_t id = campaign ? campaign->id : name_of(pieces, now_ms);
    campaign = weir_table_touch(&campaigns->texts, id, now_ms);
    if (campaign->messages == 0) {
        campaign->id = id;
        campaign->first_ms = now_ms;
        campaign->sketch = *text->sketch;
    }
    campaign->messages++;
    campaign->last_ms = now_ms;
    note_pieces(campaigns, pieces, id, now_ms);
    if (note_user(campaigns, campaign, text, now_ms) && campaign->accounts == 2) {
        keep_text(campaigns, campaign, text->raw);
    }
    weir_screen_add(&campaigns->screen, id, &text->said, now_ms);
    return campaign;
}

struct weir_reading weir_campaign_read(struct weir_campaign *campaign,
                                       const struct weir_series *series, int64_t now_ms)
{
    int64_t *until_ms = &campaign->until_ms[series->slot];
    uint32_t count = 0;
    uint32_t fresh = 0;
    while (count < campaign->user_count && count < series->max &&
           now_ms - campaign->users[count].at_ms < series->per_ms) {
        fresh += campaign->users[count++].is_fresh;
    }
    bool is_one = count >= series->max && campaign->messages >= series->messages &&
                  fresh * 100 >= count * series->fresh;
    if (is_one || now_ms < *until_ms) {
        *until_ms = now_ms + series->lasts_ms;
        return (struct weir_reading){true, count};
    }
    return (struct weir_reading){false, count};
}
