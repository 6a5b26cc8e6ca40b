/** The adapters at hand: plugins of one folder, found by name or by the scheme of a URL. */
#ifndef WEIR_STREAM_ADAPTERS_H
#define WEIR_STREAM_ADAPTERS_H

#include "engine/base/error.h"

struct weir_adapters;

/**
 * Loads every `*.so` in `folder` that exports an adapter. One that was built for another ABI, or
 * lacks what an adapter must have, is left out and told to `on_refused` (may be NULL).
 * Returns NULL with `err` set when the folder can't be read.
 */
struct weir_adapters *weir_adapters_load(const char *folder,
                                         void (*on_refused)(void *user, const char *path,
                                                            const char *cause),
                                         void *user, struct weir_error *err);
void weir_adapters_destroy(struct weir_adapters **adapters);

/** By name, or NULL. */
const struct weir_adapter *weir_adapters_find(const struct weir_adapters *adapters,
                                              struct weir_span name);
/** By the scheme that `url` begins with, or NULL. */
const struct weir_adapter *weir_adapters_for_url(const struct weir_adapters *adapters,
                                                 struct weir_span url);

size_t weir_adapters_count(const struct weir_adapters *adapters);
const struct weir_adapter *weir_adapters_at(const struct weir_adapters *adapters, size_t index);

/** NULL if the record is usable, else what is wrong with it, in one clause. */
const char *weir_adapter_defect(const struct weir_adapter *adapter);

#endif
