#include "engine/stream/backoff.h"

void weir_backoff_up(struct weir_backoff *backoff, int64_t now_ms)
{
    backoff->up_ms = now_ms;
}

int64_t weir_backoff_down(struct weir_backoff *backoff, int64_t now_ms, uint64_t random)
{
    if (backoff->up_ms > 0 && now_ms - backoff->up_ms >= WEIR_BACKOFF_HEALTHY_MS) {
        backoff->failures = 0;
    }
    backoff->up_ms = 0;
    uint32_t doublings = backoff->failures < 6 ? backoff->failures : 6;
    int64_t limit_ms = (int64_t)WEIR_BACKOFF_FIRST_MS << doublings;
    if (limit_ms > WEIR_BACKOFF_LIMIT_MS) {
        limit_ms = WEIR_BACKOFF_LIMIT_MS;
    }
    backoff->failures++;
    return (int64_t)(random % (uint64_t)limit_ms);
}
