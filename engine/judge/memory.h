/** What the judge remembers of a room, for judge.c alone. */
#ifndef WEIR_JUDGE_MEMORY_H
#define WEIR_JUDGE_MEMORY_H

#include "engine/judge/judge.h"

/**
 * The room's clock when this message comes: never back, and nobody's `ts` moves it more than a
 * minute away from what arrived with it (design.md 8.1).
 */
int64_t weir_memory_tick(struct weir_memory *memory, int64_t ts_ms, int64_t arrival_ms);

/** Whether to answer in Chinese: as the message is written, else as the room mostly is. */
bool weir_memory_prefers_zh(struct weir_memory *memory, const struct weir_text_facts *facts);

#endif
