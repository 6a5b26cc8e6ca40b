/** Files and folders: whole files in, the packs of a folder, and where our own data stands. */
#ifndef WEIR_SYS_FILES_H
#define WEIR_SYS_FILES_H

#include "engine/base/error.h"

/** Largest rule, list or configuration file that is read. */
#define WEIR_FILE_BYTES ((size_t)64 * 1024 * 1024)

/** Adds the content of a file to `out`. False with `err` set: cannot be read, or over the limit. */
bool weir_file_read(const char *path, size_t limit_bytes, struct weir_buffer *out,
                    struct weir_error *err);

/** Paths, each a C string of its own. Start it as `{0}`, empty it with weir_paths_fini(). */
struct weir_paths {
    char **items;
    size_t count;
    size_t capacity;
};

void weir_paths_fini(struct weir_paths *paths);
void weir_paths_add(struct weir_paths *paths, const char *path);

/**
 * Adds `path` itself if it is a file, or the files directly in it that end in `suffix`, sorted by
 * name, if it is a folder. False with `err` set: it is not there, cannot be read, or the folder
 * holds no such file.
 */
bool weir_paths_add_files(struct weir_paths *paths, const char *path, const char *suffix,
                          struct weir_error *err);

/** `path`, or where it is relative, `path` in the folder that `file` stands in. The caller frees
 * it. */
char *weir_path_beside(const char *file, struct weir_span path);

/**
 * The folder of the shipped packs: $WEIR_DATA_DIR, else found from where the program stands (in a
 * build folder, or installed). The caller frees it; NULL if there is none.
 */
char *weir_data_dir(void);
/** The folder of plugins: $WEIR_PLUGIN_DIR, else as above. */
char *weir_plugin_dir(void);

#endif
