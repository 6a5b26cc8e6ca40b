/**
 * A moderator's decision on a campaign, as the queue library writes it into the stream of a room
 * beside actions: {"type":"campaign", id, room, campaign, sketch, decision, card, queue, do
 * (delete+timeout, dismiss, ...), seconds, reason, until}, and {"type":"campaign_end", id, begin,
 * room, decision} where it is taken back. Pure.
 */
#ifndef WEIR_STREAM_CAMPAIGN_ENTRY_H
#define WEIR_STREAM_CAMPAIGN_ENTRY_H

#include "engine/base/buffer.h"
#include "engine/judge/standing.h"

struct weir_campaign_entry {
    bool is_end;
    struct weir_span id;
    struct weir_span begin;        // an end's: the id of what it ends
    struct weir_standing standing; // an end has only its decision
};

enum weir_campaign_entry_kind {
    WEIR_CAMPAIGN_ENTRY_NONE, // something else: an action
    WEIR_CAMPAIGN_ENTRY_GOOD,
    WEIR_CAMPAIGN_ENTRY_BAD,
};

/** Reads one; the spans point into `text` or `scratch`. */
enum weir_campaign_entry_kind weir_campaign_entry_read(struct weir_span text,
                                                       struct weir_buffer *scratch,
                                                       struct weir_campaign_entry *entry_out);

#endif
