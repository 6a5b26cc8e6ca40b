#include "engine/sys/rule_files.h"

#include "engine/base/alloc.h"

#include <sha2.h>
#include <stdlib.h>

void weir_rule_files_fini(struct weir_rule_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i]->name);
        weir_buffer_fini(&files->items[i]->text);
        free(files->items[i]);
    }
    free(files->items);
    *files = (struct weir_rule_files){0};
}

struct weir_span weir_rule_files_source(void *files, const char *name)
{
    const struct weir_rule_files *all = files;
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i]->name, name) == 0) {
            return weir_buffer_span(&all->items[i]->text);
        }
    }
    return (struct weir_span){NULL, 0};
}

// A list that two packs name is read once.
static const struct weir_rule_file *read_file(struct weir_rule_files *files, const char *path,
                                              struct weir_error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i]->name, path) == 0) {
            return files->items[i];
        }
    }
    struct weir_buffer text = {0};
    if (!weir_file_read(path, WEIR_FILE_BYTES, &text, err)) {
        weir_buffer_fini(&text);
        return NULL;
    }
    struct weir_rule_file *file = weir_new(struct weir_rule_file);
    *file = (struct weir_rule_file){weir_strdup(path), text};
    files->items = weir_grow(files->items, &files->capacity, files->count + 1,
                             sizeof(struct weir_rule_file *));
    files->items[files->count++] = file;
    return file;
}

static bool read_list(void *user, const char *pack, struct weir_span path,
                      struct weir_span *text_out, struct weir_error *err)
{
    WEIR_AUTO(weir_free_at) char *beside = weir_path_beside(pack, path);
    const struct weir_rule_file *file = read_file(user, beside, err);
    if (file) {
        *text_out = weir_buffer_span(&file->text);
    }
    return file != NULL;
}

static void report(struct weir_diagnostics *diagnostics, const struct weir_error *err)
{
    struct weir_place place = {err->file, err->line, err->column, err->length};
    weir_diagnostics_error(diagnostics, &place, "%s", err->text);
}

static bool is_test_file(const char *path)
{
    const char suffix[] = ".test.yaml";
    size_t length = strlen(path);
    return length >= sizeof(suffix) - 1 &&
           strcmp(path + length - (sizeof(suffix) - 1), suffix) == 0;
}

// Tests may stand in a folder beside the packs that they test.
static void drop_test_files(struct weir_paths *packs, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < packs->count; i++) {
        if (is_test_file(packs->items[i])) {
            free(packs->items[i]);
        } else {
            packs->items[kept++] = packs->items[i];
        }
    }
    packs->count = kept;
}

static void find_packs(const struct weir_paths *paths, struct weir_paths *packs,
                       struct weir_diagnostics *diagnostics)
{
    for (size_t i = 0; i < paths->count; i++) {
        struct weir_error err = {0};
        size_t before = packs->count;
        if (!weir_paths_add_files(packs, paths->items[i], ".yaml", &err)) {
            report(diagnostics, &err);
        } else if (packs->count != before + 1 ||
                   strcmp(packs->items[before], paths->items[i]) != 0) {
            drop_test_files(packs, before); // it was a folder
        }
    }
}

struct weir_set *weir_rule_files_load(struct weir_rule_files *files, const struct weir_paths *paths,
                                      struct weir_diagnostics *diagnostics)
{
    size_t errors_before = diagnostics->error_count;
    WEIR_AUTO(weir_paths_fini) struct weir_paths packs = {0};
    find_packs(paths, &packs, diagnostics);
    WEIR_AUTO(weir_free_at)
    struct weir_pack_file *read = weir_new_array(struct weir_pack_file, packs.count);
    size_t count = 0;
    for (size_t i = 0; i < packs.count; i++) {
        struct weir_error err = {0};
        const struct weir_rule_file *file = read_file(files, packs.items[i], &err);
        if (file) {
            read[count++] = (struct weir_pack_file){file->name, weir_buffer_span(&file->text)};
        } else {
            report(diagnostics, &err);
        }
    }
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_set_load(read, count, read_list, files, diagnostics);
    return diagnostics->error_count == errors_before ? weir_take(set) : NULL;
}

// Files are added up, so that their order does not count.
static void add_file(struct weir_files_digest *digest, struct weir_span name, struct weir_span text,
                     bool is_there)
{
    SHA2_CTX context;
    uint8_t one[SHA256_DIGEST_LENGTH];
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)name.data, name.length);
    SHA256Update(&context, (const uint8_t *)(is_there ? "\0+" : "\0-"), 2);
    SHA256Update(&context, (const uint8_t *)text.data, text.length);
    SHA256Final(one, &context);
    for (size_t i = 0; i < sizeof(one); i++) {
        digest->bytes[i] ^= one[i];
    }
}

struct weir_files_digest weir_rule_files_digest(const struct weir_rule_files *files)
{
    struct weir_files_digest digest = {{0}};
    for (size_t i = 0; i < files->count; i++) {
        add_file(&digest, weir_span_of(files->items[i]->name),
                 weir_buffer_span(&files->items[i]->text), true);
    }
    return digest;
}

static bool has_path(const struct weir_paths *paths, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(paths->items[i], path) == 0) {
            return true;
        }
    }
    return false;
}

struct weir_files_digest weir_rule_files_digest_now(const struct weir_paths *paths,
                                                    const struct weir_paths *others)
{
    WEIR_AUTO(weir_paths_fini) struct weir_paths files = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics ignored = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    struct weir_files_digest digest = {{0}};
    find_packs(paths, &files, &ignored);
    for (size_t i = 0; i < others->count; i++) {
        weir_paths_add(&files, others->items[i]);
    }
    for (size_t i = 0; i < files.count; i++) {
        struct weir_error err = {0};
        if (has_path(&files, i, files.items[i])) {
            continue;
        }
        weir_buffer_clear(&text);
        bool is_there = weir_file_read(files.items[i], WEIR_FILE_BYTES, &text, &err);
        add_file(&digest, weir_span_of(files.items[i]),
                 is_there ? weir_buffer_span(&text) : (struct weir_span){NULL, 0}, is_there);
    }
    return digest;
}
