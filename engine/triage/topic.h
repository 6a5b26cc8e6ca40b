/** What a question is about: the first topic, in the order of the files, whose condition holds. */
#ifndef WEIR_TRIAGE_TOPIC_H
#define WEIR_TRIAGE_TOPIC_H

#include "engine/judge/evidence.h"

/**
 * Finds the topic of the message that `evidence` holds, and whether it is urgent there; NULL where
 * none fits. `unused` is scratch.
 */
const struct weir_topic *weir_topic_of(const struct weir_set *set, struct weir_evidence *evidence,
                                       struct weir_found_list *unused, bool *is_urgent_out);

#endif
