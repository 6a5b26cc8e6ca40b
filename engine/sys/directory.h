/** Directories of ours on disk. */
#ifndef WEIR_SYS_DIRECTORY_H
#define WEIR_SYS_DIRECTORY_H

#include "engine/base/error.h"

/**
 * Makes `path` and what is missing above it, readable by us alone. One that is there already is
 * fine, as long as it may be written to. False with one clause that says what to do.
 */
bool weir_directory_make(const char *path, struct weir_error *err);

/** Syncs the directory itself, so that names made or removed in it are on disk. */
bool weir_directory_sync(const char *path);

#endif
