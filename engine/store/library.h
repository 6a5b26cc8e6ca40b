/** The function library of the queues, queue.lua, as it was when the program was built. */
#ifndef WEIR_STORE_LIBRARY_H
#define WEIR_STORE_LIBRARY_H

#include "engine/base/span.h"

extern const char weir_library_version[];
extern const char weir_library_text[];

/** For FUNCTION LOAD. */
static inline struct weir_span weir_library_for_functions(void)
{
    return weir_span_of(weir_library_text);
}

/** For SCRIPT LOAD: the same without its first line. */
static inline struct weir_span weir_library_for_scripts(void)
{
    return weir_span_of(strchr(weir_library_text, '\n') + 1);
}

#endif
