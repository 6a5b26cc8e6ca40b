/** Packs and their lists from files and folders to a set. */
#ifndef WEIR_SYS_RULE_FILES_H
#define WEIR_SYS_RULE_FILES_H

#include "engine/rules/set.h"
#include "engine/sys/files.h"

/** What was read, kept so that mistakes can be shown in their lines. Start it as `{0}`. */
struct weir_rule_files {
    struct weir_rule_file {
        char *name;
        struct weir_buffer text;
    } * *items;
    size_t count;
    size_t capacity;
};

void weir_rule_files_fini(struct weir_rule_files *files);

/**
 * Reads the packs that `paths` name (files, and folders with their *.yaml but *.test.yaml) and the
 * lists that they name, and makes one set of them. All mistakes go to `diagnostics`; NULL if there
 * was one.
 */
struct weir_set *weir_rule_files_load(struct weir_rule_files *files, const struct weir_paths *paths,
                                      struct weir_diagnostics *diagnostics);

/** The text of a file that was read: a weir_source_fn, `files` is its user. */
struct weir_span weir_rule_files_source(void *files, const char *name);

/** What files hold, whatever their order: equal only if names and contents are. */
struct weir_files_digest {
    uint8_t bytes[32];
};

/** Of what was read. */
struct weir_files_digest weir_rule_files_digest(const struct weir_rule_files *files);

/**
 * Of what stands on the disk now: the packs that `paths` name, and `others` (their lists). A file
 * that is not there counts as such.
 */
struct weir_files_digest weir_rule_files_digest_now(const struct weir_paths *paths,
                                                    const struct weir_paths *others);

#endif
