/**
 * What moderators decided of campaigns, as a room's memory keeps it: it holds for every message of
 * the campaign until it ends or is taken back. It brings its own sketch of the text, so that a
 * process that never heard the campaign goes on with it.
 */
#ifndef WEIR_JUDGE_STANDING_H
#define WEIR_JUDGE_STANDING_H

#include "engine/judge/sketch.h"
#include "engine/rules/set.h"

/** Most of one room; one more ends the one that would end first. */
#define WEIR_STANDING_MOST 16u
/** Bytes of a sketch as text, NUL included: what cards carry. */
#define WEIR_SKETCH_TEXT (4u * WEIR_SKETCH_PAIRS + 1)
/** Most things that one decision does to each message. */
#define WEIR_STANDING_EFFECTS 2u

struct weir_standing {
    uint64_t campaign;
    struct weir_sketch sketch;
    int64_t until_ms;
    bool spares; // nothing wrong with it: rules that ask for campaigns leave it alone
    struct weir_effect effects[WEIR_STANDING_EFFECTS]; // their texts point into `bytes`
    size_t effect_count;
    struct weir_span decision; // its id
    struct weir_span card;     // that it was made on
    struct weir_span queue;    // of that card
    struct weir_span reason;
    char *bytes;
};

/** Start it as `{0}`. */
struct weir_standing_list {
    struct weir_standing *items; // NULL in nearly every room
    size_t count;
    size_t capacity;
};

void weir_standing_list_fini(struct weir_standing_list *list);

/** Copies `standing`, in the place of what was decided of the campaign before. */
void weir_standing_add(struct weir_standing_list *list, const struct weir_standing *standing);
/** Ends a decision, by its id. False: there is none, or it has ended. */
bool weir_standing_end(struct weir_standing_list *list, struct weir_span decision);

/** What stands for a campaign, or for whatever says nearly the same; NULL: nothing. */
const struct weir_standing *weir_standing_find(struct weir_standing_list *list, uint64_t campaign,
                                               const struct weir_sketch *sketch, int64_t now_ms);

/** The name of a campaign as verdicts and cards show it, c- and 16 hex digits, and back. */
void weir_campaign_name(char out[24], uint64_t id);
bool weir_campaign_find_name(struct weir_span name, uint64_t *id_out);

void weir_sketch_write(char out[WEIR_SKETCH_TEXT], const struct weir_sketch *sketch);
bool weir_sketch_read(struct weir_span text, struct weir_sketch *sketch_out);

#endif
