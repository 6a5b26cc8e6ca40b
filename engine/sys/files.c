#include "engine/sys/files.h"

#include "engine/base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_at(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

static bool fail_at(struct weir_error *err, const char *path, const char *cause)
{
    struct weir_place place = {path, 0, 0, 0};
    return weir_error_at(err, &place, "%s", cause);
}

static bool read_all(int fd, const char *path, size_t limit_bytes, struct weir_buffer *out,
                     struct weir_error *err)
{
    size_t before = out->length;
    for (;;) {
        char *end = weir_buffer_reserve(out, 65536);
        ssize_t count = read(fd, end, 65536);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail_at(err, path, strerror(errno));
        }
        if (count == 0) {
            return true;
        }
        out->length += (size_t)count;
        if (out->length - before > limit_bytes) {
            return fail_at(err, path, "larger than the limit for such a file");
        }
    }
}

bool weir_file_read(const char *path, size_t limit_bytes, struct weir_buffer *out,
                    struct weir_error *err)
{
    struct stat status;
    WEIR_AUTO(close_at) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0) {
        return fail_at(err, path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) { // a pipe would never end, a folder never begin
        return fail_at(err, path, "not a file");
    }
    return read_all(fd, path, limit_bytes, out, err);
}

void weir_paths_fini(struct weir_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->items[i]);
    }
    free(paths->items);
    *paths = (struct weir_paths){0};
}

void weir_paths_add(struct weir_paths *paths, const char *path)
{
    paths->items =
        weir_grow(paths->items, &paths->capacity, paths->count + 1, sizeof(*paths->items));
    paths->items[paths->count++] = weir_strdup(path);
}

static char *join(struct weir_span folder, struct weir_span name)
{
    struct weir_buffer path = {0};
    weir_buffer_add(&path, folder);
    if (folder.length > 0 && folder.data[folder.length - 1] != '/') {
        weir_buffer_add_byte(&path, '/');
    }
    weir_buffer_add(&path, name);
    weir_buffer_text(&path);
    return path.data;
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t ending = strlen(suffix);
    return length > ending && strcmp(name + length - ending, suffix) == 0;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_folder(struct weir_paths *paths, const char *path, const char *suffix,
                       struct weir_error *err)
{
    size_t before = paths->count;
    DIR *folder = opendir(path);
    if (!folder) {
        return fail_at(err, path, strerror(errno));
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (entry->d_name[0] != '.' && ends_in(entry->d_name, suffix)) {
            WEIR_AUTO(weir_free_at)
            char *file = join(weir_span_of(path), weir_span_of(entry->d_name));
            weir_paths_add(paths, file);
        }
    }
    closedir(folder);
    if (paths->count == before) {
        struct weir_place place = {path, 0, 0, 0};
        return weir_error_at(err, &place, "no %s file in this folder", suffix);
    }
    qsort(paths->items + before, paths->count - before, sizeof(*paths->items), compare_paths);
    return true;
}

bool weir_paths_add_files(struct weir_paths *paths, const char *path, const char *suffix,
                          struct weir_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return fail_at(err, path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return add_folder(paths, path, suffix, err);
    }
    weir_paths_add(paths, path);
    return true;
}

char *weir_path_beside(const char *file, struct weir_span path)
{
    const char *slash = strrchr(file, '/');
    if (!slash || (path.length > 0 && path.data[0] == '/')) {
        return weir_strndup(path.data, path.length);
    }
    return join((struct weir_span){file, (size_t)(slash - file) + 1}, path); // with its slash
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

// The program's own place tells where its data is, so neither building nor installing writes a path
// into it and an installation can be moved.
static char *find_beside_program(const char *const *candidates, size_t count)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length <= 0) {
        return NULL;
    }
    program[length] = '\0';
    for (size_t i = 0; i < count; i++) {
        WEIR_AUTO(weir_free_at)
        char *path = weir_path_beside(program, weir_span_of(candidates[i]));
        char *real = is_folder(path) ? realpath(path, NULL) : NULL;
        if (real) {
            return real;
        }
    }
    return NULL;
}

char *weir_data_dir(void)
{
    // Installed, in a build folder, and for test programs two folders below it.
    static const char *const candidates[] = {"../share/weir/rules", "../rules", "../../../rules"};
    const char *named = getenv("WEIR_DATA_DIR");
    return named && named[0] ? weir_strdup(named)
                             : find_beside_program(candidates, ARRAY_LEN(candidates));
}

char *weir_plugin_dir(void)
{
    // Installed (Debian's libraries stand in a folder per architecture), then as above.
    static const char *const candidates[] = {"../lib/weir/plugins",
                                             "../lib/x86_64-linux-gnu/weir/plugins",
                                             "../lib/aarch64-linux-gnu/weir/plugins",
                                             "../lib64/weir/plugins",
                                             "plugins",
                                             "../../plugins"};
    const char *named = getenv("WEIR_PLUGIN_DIR");
    return named && named[0] ? weir_strdup(named)
                             : find_beside_program(candidates, ARRAY_LEN(candidates));
}
