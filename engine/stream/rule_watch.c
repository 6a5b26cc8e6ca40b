#include "engine/stream/rule_watch.h"

#include "engine/base/alloc.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <uv.h>

// Folders are watched, not files: a file that an editor or git replaces is another one afterwards.
// The folder above a configured path is watched for that name alone, so that `mv new rules` and a
// link that is turned to another folder are seen too. Where a folder can't be watched (it is not
// there at the moment, or the system's watches are used up) we look every few seconds.

#define QUIET_MS  250
#define MOST_MS   3000 // that somebody who never stops writing can put it off
#define LOOK_MS   3000
#define NAME_MOST 255

struct folder {
    uv_fs_event_t uv; // first: a handle is its folder
    struct weir_rule_watch *watch;
    char *path;
    struct weir_paths names; // that matter in it; none: any pack, or one of the files
    struct folder *next;
};

struct weir_rule_watch {
    struct weir_loop *loop;
    const struct weir_paths *paths;
    struct weir_paths files;
    void (*on_change)(void *user);
    void *user;
    struct folder *folders;
    struct weir_timer *timer; // running: something happened
    struct weir_timer *look;  // running: some folder is not watched
    int64_t first_ms;         // when the first thing happened that was not told yet
};

static void tell(void *user)
{
    struct weir_rule_watch *watch = user;
    weir_timer_stop(&watch->timer);
    watch->on_change(watch->user);
}

static void note_change(struct weir_rule_watch *watch)
{
    int64_t now_ms = weir_loop_now_ms(watch->loop);
    watch->first_ms = watch->timer ? watch->first_ms : now_ms;
    int64_t left_ms = watch->first_ms + MOST_MS - now_ms;
    int64_t wait_ms = left_ms < QUIET_MS ? (left_ms > 0 ? left_ms : 0) : QUIET_MS;
    weir_timer_stop(&watch->timer);
    watch->timer = weir_timer_start(watch->loop, (uint64_t)wait_ms, 0, tell, watch);
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends_in_yaml(const char *name)
{
    size_t length = strlen(name);
    return length >= 5 && strcmp(name + length - 5, ".yaml") == 0;
}

static bool is_among(const struct weir_paths *paths, const char *name)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (strcmp(base_of(paths->items[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

// Editors and logs may write beside the rules all the time: what is not ours does not count. Names
// that begin with two dots are how containers turn a whole folder at once.
static bool matters(const struct folder *folder, const char *name)
{
    if (!name || strncmp(name, "..", 2) == 0 || is_among(&folder->names, name)) {
        return true;
    }
    return folder->names.count == 0 &&
           (ends_in_yaml(name) || is_among(&folder->watch->files, name));
}

static void on_event(uv_fs_event_t *uv, const char *name, int events, int status)
{
    struct folder *folder = (struct folder *)uv;
    (void)events;
    if (folder->watch && (status < 0 || matters(folder, name))) {
        note_change(folder->watch);
    }
}

static void free_folder(uv_handle_t *handle)
{
    struct folder *folder = (struct folder *)handle;
    weir_paths_fini(&folder->names);
    free(folder->path);
    free(folder);
}

static void drop_folders(struct weir_rule_watch *watch)
{
    while (watch->folders) {
        struct folder *folder = watch->folders;
        watch->folders = folder->next;
        folder->watch = NULL;
        uv_close((uv_handle_t *)&folder->uv, free_folder);
    }
}

// `name` NULL: packs and known files in it matter, whatever their names.
static bool watch_folder(struct weir_rule_watch *watch, const char *path, const char *name)
{
    for (struct folder *folder = watch->folders; folder; folder = folder->next) {
        if (strcmp(folder->path, path) == 0 && (name != NULL) == (folder->names.count > 0)) {
            if (name) {
                weir_paths_add(&folder->names, name);
            }
            return true;
        }
    }
    struct folder *folder = weir_new(struct folder);
    folder->watch = watch;
    folder->path = weir_strdup(path);
    folder->next = watch->folders;
    watch->folders = folder;
    if (name) {
        weir_paths_add(&folder->names, name);
    }
    uv_fs_event_init(weir_loop_uv(watch->loop), &folder->uv);
    return uv_fs_event_start(&folder->uv, on_event, path, 0) == 0;
}

// The folder that `path` stands in; the caller frees it.
static char *folder_of(const char *path)
{
    struct weir_span whole = weir_span_of(path);
    while (whole.length > 1 && path[whole.length - 1] == '/') {
        whole.length--;
    }
    while (whole.length > 0 && path[whole.length - 1] != '/') {
        whole.length--;
    }
    if (whole.length == 0) {
        return weir_strdup(".");
    }
    return weir_strndup(path, whole.length > 1 ? whole.length - 1 : 1);
}

// A configured path: what is in it, and it itself in the folder above.
static bool watch_path(struct weir_rule_watch *watch, const char *path)
{
    WEIR_AUTO(weir_free_at) char *above = folder_of(path);
    WEIR_AUTO(weir_free_at) char *plain = weir_strdup(path);
    struct stat status;
    for (size_t end = strlen(plain); end > 1 && plain[end - 1] == '/'; end--) {
        plain[end - 1] = '\0';
    }
    bool is_there = stat(path, &status) == 0;
    bool is_watched = watch_folder(watch, above, base_of(plain));
    if (is_there && S_ISDIR(status.st_mode)) {
        is_watched = watch_folder(watch, plain, NULL) && is_watched;
    }
    return is_there && is_watched;
}

static void on_look(void *user)
{
    struct weir_rule_watch *watch = user;
    watch->on_change(watch->user);
}

static void watch_all(struct weir_rule_watch *watch)
{
    bool all = true;
    drop_folders(watch);
    for (size_t i = 0; i < watch->paths->count; i++) {
        all = watch_path(watch, watch->paths->items[i]) && all;
    }
    for (size_t i = 0; i < watch->files.count; i++) {
        WEIR_AUTO(weir_free_at) char *folder = folder_of(watch->files.items[i]);
        all = watch_folder(watch, folder, NULL) && all;
    }
    weir_timer_stop(&watch->look);
    if (!all) {
        watch->look = weir_timer_start(watch->loop, LOOK_MS, 0, on_look, watch);
    }
}

struct weir_rule_watch *weir_rule_watch_create(struct weir_loop *loop,
                                               const struct weir_paths *paths,
                                               void (*on_change)(void *user), void *user)
{
    struct weir_rule_watch *watch = weir_new(struct weir_rule_watch);
    watch->loop = loop;
    watch->paths = paths;
    watch->on_change = on_change;
    watch->user = user;
    return watch;
}

void weir_rule_watch_destroy(struct weir_rule_watch **watch)
{
    struct weir_rule_watch *old = weir_take(*watch);
    if (old) {
        drop_folders(old);
        weir_timer_stop(&old->timer);
        weir_timer_stop(&old->look);
        weir_paths_fini(&old->files);
        free(old);
    }
}

void weir_rule_watch_follow(struct weir_rule_watch *watch, const struct weir_paths *files)
{
    weir_paths_fini(&watch->files);
    for (size_t i = 0; i < files->count; i++) {
        weir_paths_add(&watch->files, files->items[i]);
    }
    watch_all(watch);
}
