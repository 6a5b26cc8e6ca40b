#include "engine/commands/simulate_option.h"

#include "engine/judge/judge.h"

#include <stdio.h>
#include <string.h>

static bool take(const char *name, uint32_t *causes)
{
    enum weir_cause cause;
    if (!name || !weir_cause_find(weir_span_of(name), &cause)) {
        fprintf(stderr,
                "weir: --simulate needs limit, hits, near, text, memory or redis, not '%s'\n",
                name ? name : "");
        return false;
    }
    *causes |= 1u << cause;
    return true;
}

bool weir_simulate_option_take(int *argc, char **argv, uint32_t *causes)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (i < *argc) {
                argv[kept++] = argv[i++];
            }
        } else if (strcmp(argv[i], "--simulate") != 0) {
            argv[kept++] = argv[i];
        } else if (!take(++i < *argc ? argv[i] : NULL, causes)) {
            return false;
        }
    }
    *argc = kept;
    return true;
}
