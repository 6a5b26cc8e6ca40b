#include "engine/judge/memory.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define TRUSTED_MS   60000u
#define MOST_LEANING 64

struct weir_memory {
    int64_t clock_ms;
    int32_t leaning; // above 0: more of the last messages were Chinese
};

struct weir_memory *weir_memory_create(void)
{
    struct weir_memory *memory = weir_new(struct weir_memory);
    memory->clock_ms = INT64_MIN;
    return memory;
}

void weir_memory_destroy(struct weir_memory **memory)
{
    free(weir_take(*memory));
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
