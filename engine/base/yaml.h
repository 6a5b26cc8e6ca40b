/**
 * The strict subset of YAML 1.2 that rules and configuration are written in (design.md 4): no
 * anchors, aliases, tags, merge keys or several documents; duplicate keys are errors; at most 32
 * levels deep. Every node knows its place, so that whatever fails later is reported where it
 * stands.
 */
#ifndef WEIR_BASE_YAML_H
#define WEIR_BASE_YAML_H

#include "engine/base/diagnostics.h"

enum weir_yaml_kind {
    WEIR_YAML_SCALAR,
    WEIR_YAML_LIST,
    WEIR_YAML_MAP,
};

/** A node of the document; all of it belongs to the document. */
struct weir_yaml {
    enum weir_yaml_kind kind;
    struct weir_place place;
    struct weir_span text;   // scalar: its value, unescaped
    bool plain;              // scalar: without quotes, so that true, 12 and null mean what they say
    bool block;              // scalar: literal or folded block
    struct weir_yaml **keys; // map: the keys, scalars, in the order of the file
    struct weir_yaml **items; // list, map: the values
    size_t count;
};

struct weir_yaml_document;

/**
 * Parses `text`. Mistakes go to `diagnostics`; the document holds what could be read, NULL where
 * that is nothing. `file` must outlive the document (places point to it).
 */
struct weir_yaml_document *weir_yaml_parse(const char *file, struct weir_span text,
                                           struct weir_diagnostics *diagnostics);
void weir_yaml_document_destroy(struct weir_yaml_document **document);
const struct weir_yaml *weir_yaml_root(const struct weir_yaml_document *document);

/** The value of `key`, or NULL. */
const struct weir_yaml *weir_yaml_find(const struct weir_yaml *map, const char *key);

/** Reports each key of `map` that is not among `names`, with "did you mean". */
void weir_yaml_refuse_others(const struct weir_yaml *map, const char *const *names, size_t count,
                             const char *what, struct weir_diagnostics *diagnostics);

/**
 * The place of byte `offset` of a scalar's value in the file: through quotes, escapes and block
 * indentation. `source` is the whole file.
 */
struct weir_place weir_yaml_place_in(const struct weir_yaml *scalar, struct weir_span source,
                                     size_t offset);

/** Scalars with a meaning; each reports what is wrong and returns false. Durations: N(ms|s|m|h|d).
 */
bool weir_yaml_to_bool(const struct weir_yaml *node, bool *value_out,
                       struct weir_diagnostics *diagnostics);
bool weir_yaml_to_u64(const struct weir_yaml *node, uint64_t max, uint64_t *value_out,
                      struct weir_diagnostics *diagnostics);
bool weir_yaml_to_duration_ms(const struct weir_yaml *node, int64_t *value_out,
                              struct weir_diagnostics *diagnostics);
bool weir_yaml_to_text(const struct weir_yaml *node, struct weir_span *value_out,
                       struct weir_diagnostics *diagnostics);

#endif
