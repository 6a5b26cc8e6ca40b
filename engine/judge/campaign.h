/**
 * Many users, one text: near-duplicates across the users of a room are one thing with an id.
 *
 * Every text that says enough joins the campaign that it is nearly the same as, or begins one; most
 * have one user and are forgotten. What a crowd shouts together (666, gg, GOAL) says too little.
 */
#ifndef WEIR_JUDGE_CAMPAIGN_H
#define WEIR_JUDGE_CAMPAIGN_H

#include "engine/judge/pool.h"
#include "engine/judge/screen.h"
#include "engine/judge/sketch.h"
#include "engine/judge/table.h"
#include "engine/rules/series.h"

#define WEIR_CAMPAIGN_TEXT 160
/** From so much on two texts are one: percent of the pairs of letters. */
#define WEIR_CAMPAIGN_SIMILARITY 60u

struct weir_campaign_user {
    uint64_t user;
    int64_t at_ms;
    bool is_fresh; // had said next to nothing else
};

/** Many texts that are nearly one. */
struct weir_campaign {
    uint64_t id;
    int64_t first_ms;
    int64_t last_ms;
    uint32_t messages;
    uint32_t accounts; // different ones, those that came back after long counted again
    struct weir_sketch sketch;
    uint8_t text_length;
    uint8_t user_count; // of `users`
    uint8_t user_capacity;
    char *text;                       // of the message that made it more than one user's
    struct weir_campaign_user *users; // the latest first, as many as any check asks for
    int64_t until_ms[];               // by check: till when it holds whatever comes
};

struct weir_campaigns {
    struct weir_table texts; // of struct weir_campaign
    struct weir_table index; // from a piece of a sketch to the id of the last campaign that had it
    struct weir_pool *pool;
    uint32_t users_most;
    struct weir_screen screen;
};

/** A text as campaigns see it. */
struct weir_campaign_text {
    const struct weir_letters_read *letters;
    const struct weir_sketch *sketch;
    struct weir_span raw;
    struct weir_said said;
    uint64_t user; // key
    bool is_fresh;
};

struct weir_campaign_limits {
    uint32_t most;       // texts
    uint32_t checks;     // that ask for campaigns
    uint32_t users_most; // that one of them asks for
    int64_t life_ms;     // after so long a text matters no more
};

/** What texts and users take is taken from `pool`, which outlives it, like the place where
 * `campaigns` stands. */
void weir_campaigns_init(struct weir_campaigns *campaigns,
                         const struct weir_campaign_limits *limits, struct weir_pool *pool,
                         uint64_t seed);
void weir_campaigns_fini(struct weir_campaigns *campaigns);

/** Whether a text says enough to be more than what any crowd shouts. */
bool weir_campaign_says_enough(const struct weir_letters_read *letters);

/** The campaign that a text joins or begins. Borrowed until the next text. */
struct weir_campaign *weir_campaigns_join(struct weir_campaigns *campaigns,
                                          const struct weir_campaign_text *text, int64_t now_ms);

/** What a check makes of a campaign that was joined just now. */
struct weir_reading weir_campaign_read(struct weir_campaign *campaign,
                                       const struct weir_series *series, int64_t now_ms);

#endif
