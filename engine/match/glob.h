/** Globs: a word with `*` for any run of letters and digits within it. */
#ifndef WEIR_MATCH_GLOB_H
#define WEIR_MATCH_GLOB_H

#include "engine/text/text.h"

/**
 * Adds the regex that means what `glob` means in that view. False where nothing but `*` is left of
 * it.
 */
bool weir_glob_to_regex(enum weir_view_kind view, struct weir_span glob, struct weir_buffer *out);

#endif
