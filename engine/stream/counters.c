#include "engine/stream/counters.h"

static const char *const names[WEIR_COUNTERS] = {
    [WEIR_COUNT_MESSAGES] = "messages",
    [WEIR_COUNT_EDITS] = "edits",
    [WEIR_COUNT_HISTORY] = "history",
    [WEIR_COUNT_OWN] = "own",
    [WEIR_COUNT_SEQ_BACK] = "seq_back",
    [WEIR_COUNT_REPEATED] = "repeated",
    [WEIR_COUNT_PASSED] = "passed",
    [WEIR_COUNT_FLAGGED] = "flagged",
    [WEIR_COUNT_MASKED] = "masked",
    [WEIR_COUNT_HELD] = "held",
    [WEIR_COUNT_DELETED] = "deleted",
    [WEIR_COUNT_WARNED] = "warned",
    [WEIR_COUNT_TIMED_OUT] = "timed_out",
    [WEIR_COUNT_BANNED] = "banned",
    [WEIR_COUNT_QUESTIONS] = "questions",
    [WEIR_COUNT_SHADOWED] = "shadowed",
    [WEIR_COUNT_DAMAGED] = "damaged",
    [WEIR_COUNT_DEGRADED] = "degraded",
    [WEIR_COUNT_LATE] = "late",
    [WEIR_COUNT_CARDS] = "cards",
    [WEIR_COUNT_CARDS_SHED] = "cards_shed",
    [WEIR_COUNT_ACTIONS] = "actions",
    [WEIR_COUNT_ACTIONS_SENT] = "actions_sent",
    [WEIR_COUNT_ACTIONS_DONE] = "actions_done",
    [WEIR_COUNT_ACTIONS_REFUSED] = "actions_refused",
    [WEIR_COUNT_ACTIONS_EXPIRED] = "actions_expired",
    [WEIR_COUNT_ACTIONS_CANCELLED] = "actions_cancelled",
    [WEIR_COUNT_ACTIONS_UNKNOWN] = "actions_unknown",
    [WEIR_COUNT_ACTIONS_SHED] = "actions_shed",
    [WEIR_COUNT_NOT_ACTED] = "not_acted",
    [WEIR_COUNT_NO_TARGET] = "no_target",
    [WEIR_COUNT_MAPPED] = "mapped",
    [WEIR_COUNT_HUMAN_ACTIONS] = "human_actions",
    [WEIR_COUNT_UNDONE] = "undone",
    [WEIR_COUNT_GONE] = "gone",
    [WEIR_COUNT_GAPS] = "gaps",
    [WEIR_COUNT_FRAMES_REFUSED] = "frames_refused",
    [WEIR_COUNT_FRAMES_UNKNOWN] = "frames_unknown",
    [WEIR_COUNT_ROOMS_REFUSED] = "rooms_refused",
    [WEIR_COUNT_DISCONNECTS] = "disconnects",
};

const char *weir_counter_name(enum weir_counter counter)
{
    return names[counter];
}
