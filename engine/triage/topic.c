#include "engine/triage/topic.h"

static bool holds(struct weir_evidence *evidence, const struct weir_condition *condition,
                  struct weir_found_list *unused)
{
    unused->count = 0;
    return weir_evidence_holds(evidence, condition, WEIR_NO_OWNER, unused) == WEIR_TRUE;
}

const struct weir_topic *weir_topic_of(const struct weir_set *set, struct weir_evidence *evidence,
                                       struct weir_found_list *unused, bool *is_urgent_out)
{
    for (size_t i = 0; i < set->topic_count; i++) {
        const struct weir_topic *topic = &set->topics[i];
        if (holds(evidence, topic->when, unused)) {
            *is_urgent_out = topic->urgent && holds(evidence, topic->urgent, unused);
            return topic;
        }
    }
    return NULL;
}
