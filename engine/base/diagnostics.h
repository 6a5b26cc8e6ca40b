/** All mistakes of one run, with the lines they stand in, for people and for machines. */
#ifndef WEIR_BASE_DIAGNOSTICS_H
#define WEIR_BASE_DIAGNOSTICS_H

#include "engine/base/error.h"

enum weir_severity {
    WEIR_SEVERITY_ERROR,
    WEIR_SEVERITY_WARNING,
};

struct weir_diagnostic {
    enum weir_severity severity;
    char id[32]; // of a lint; "" for errors
    struct weir_error error;
};

/** Start it as `{0}`, empty it with weir_diagnostics_fini(). */
struct weir_diagnostics {
    // Where loaders put what is allowed but hardly meant; NULL: nobody asks. Kept apart, because
    // beside a mistake, or where a sample fails, it would only be noise.
    struct weir_diagnostics *lints;
    // Where they put what costs much, for who wants to hear of that alone; NULL: with the lints.
    struct weir_diagnostics *costs;
    struct weir_diagnostic *items;
    size_t count;
    size_t capacity;
    size_t error_count;
    size_t dropped; // beyond the first thousand they are counted only
};

void weir_diagnostics_fini(struct weir_diagnostics *diagnostics);

/** Adds an error at a place; always returns false. */
__attribute__((format(printf, 3, 4))) bool
weir_diagnostics_error(struct weir_diagnostics *diagnostics, const struct weir_place *place,
                       const char *format, ...);

/** Adds a warning with the id by which an author can silence it. */
__attribute__((format(printf, 4, 5))) void
weir_diagnostics_warn(struct weir_diagnostics *diagnostics, const char *id,
                      const struct weir_place *place, const char *format, ...);

/** Adds all of `more` behind what is there. */
void weir_diagnostics_append(struct weir_diagnostics *diagnostics,
                             const struct weir_diagnostics *more);

/**
 * Orders by file, line and column; what stands at one place stays in the order it came, and what is
 * told twice there (a list that two checks read) is left out.
 */
void weir_diagnostics_sort(struct weir_diagnostics *diagnostics);

/** Finds the text of a file that was read before, or an empty span. */
typedef struct weir_span (*weir_source_fn)(void *user, const char *file);

/**
 * Writes all of them: `file:line:column: text`, the line, and a marker under the place whose width
 * is right for wide characters. Nothing of the line is written raw that a terminal would obey.
 */
void weir_diagnostics_write(const struct weir_diagnostics *diagnostics, weir_source_fn source,
                            void *user, struct weir_buffer *out);

/** The nearest of `count` names by edit distance, or NULL if none is near enough: "did you mean".
 */
const char *weir_nearest_name(struct weir_span wrong, const char *const *names, size_t count);

#endif
