/** Judging one rule as if there were no other, for its `hit` and `miss` lines. */
#ifndef WEIR_JUDGE_PROVE_H
#define WEIR_JUDGE_PROVE_H

#include "engine/judge/judge.h"

/** As weir_judge_message(), but only `rule` is judged, whatever its mode. */
const struct weir_verdict *weir_judge_alone(struct weir_judge *judge, const struct weir_set *set,
                                            struct weir_memory *memory,
                                            const struct weir_room_view *room,
                                            const struct weir_message *message,
                                            const struct weir_rule *rule);

/** Characters of a sample that are judged: more than any message has. */
#define WEIR_PROVE_CHARS 2000

/** Runs one sample; where it fails an error says why, at its place. The judge's text, hits and
 * checks are then about it, and so is `*verdict_out`. */
bool weir_sample_prove(struct weir_judge *judge, const struct weir_set *set,
                       const struct weir_rule *rule, const struct weir_sample *sample,
                       struct weir_diagnostics *diagnostics,
                       const struct weir_verdict **verdict_out);

#endif
