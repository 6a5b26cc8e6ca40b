/**
 * What is known about the lines of a labelled set: fields of the JSON line itself, or labels that
 * are kept apart from a text that may not be copied.
 */
#ifndef WEIR_COMMANDS_EVAL_LABELS_H
#define WEIR_COMMANDS_EVAL_LABELS_H

#include "engine/base/buffer.h"
#include "engine/base/error.h"

/** One field of a line that somebody asked for. */
struct weir_field {
    char *name;
    bool is_there;
    struct weir_buffer value; // a string's text; numbers, true and false as they are written
};

/** Start it as `{0}`. */
struct weir_fields {
    struct weir_field *items;
    size_t count;
    size_t capacity;
    struct weir_buffer scratch;
};

void weir_fields_fini(struct weir_fields *fields);

/** The field's number, for weir_fields_value(); asking twice for one gives the same. */
size_t weir_fields_want(struct weir_fields *fields, struct weir_span name);

/** Reads the wanted fields of a line. False, with one clause in `*cause_out`, where it is no JSON
 * object. */
bool weir_fields_read(struct weir_fields *fields, struct weir_span line, const char **cause_out);

/** False where the last line did not have it, or it is no simple value. */
bool weir_fields_value(const struct weir_fields *fields, size_t field, struct weir_span *value_out);

/** A label that is kept apart: `FILE:LINE LABEL`, or `LINE LABEL` for all files. Of several labels
 * in a line (as several readers gave them) the last one decides. */
struct weir_kept_label {
    struct weir_span file; // the end of its path; empty: any
    uint64_t line;
    struct weir_span label;
    bool is_used;
};

/** Start it as `{0}`. Sorted by line. */
struct weir_kept_labels {
    struct weir_buffer text;
    struct weir_kept_label *items;
    size_t count;
    size_t capacity;
};

void weir_kept_labels_fini(struct weir_kept_labels *labels);

/** Reads a file of them; `#` begins a comment line. False with `err` at the line that is wrong. */
bool weir_kept_labels_load(struct weir_kept_labels *labels, const char *path,
                           struct weir_error *err);

/** The label of a line of that file, or NULL. Remembers that it was asked for. */
const struct weir_kept_label *weir_kept_labels_find(struct weir_kept_labels *labels,
                                                    const char *path, uint64_t line);

/** A label whose line was never asked for although its file is `path`; NULL: none is left. */
const struct weir_kept_label *weir_kept_labels_unused(const struct weir_kept_labels *labels,
                                                      const char *path);

#endif
