/** Why something failed, and where in a file; many of them where one run shows all mistakes. */
#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

#include "engine/base/buffer.h"

/**
 * Where something stands in a file. Lines and columns count from 1, columns in characters; 0 = not
 * known. `length` = how many characters to mark, 0 = one. `file` is borrowed from whoever read it.
 */
struct weir_place {
    const char *file;
    uint32_t line;
    uint32_t column;
    uint32_t length;
};

/** Why something failed. Plain storage: start it as `{0}`, copy it freely, never free it. */
struct weir_error {
    char file[512]; // "" when no file is to blame
    uint32_t line;
    uint32_t column;
    uint32_t length;
    char text[256]; // one clause, no newline; "" while nothing has failed
};

/**
 * Keeps the first error (those after it are its echoes) and always returns false, so that what
 * fails can end on one line. `place` may be NULL.
 */
__attribute__((format(printf, 3, 4))) bool
weir_error_at(struct weir_error *err, const struct weir_place *place, const char *format, ...);

/** The same without a place. */
__attribute__((format(printf, 2, 3))) bool weir_error_set(struct weir_error *err,
                                                          const char *format, ...);

#endif
