#include "engine/stream/adapters.h"

#include "engine/base/alloc.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct plugin {
    void *library;
    const struct weir_adapter *adapter;
};

struct weir_adapters {
    struct plugin *plugins;
    size_t count;
    size_t capacity;
};

static bool has_odd_limits(const struct weir_adapter *adapter)
{
    for (size_t i = 0; i < adapter->limit_count; i++) {
        if (adapter->limits[i].count == 0 || adapter->limits[i].per_ms == 0) {
            return true;
        }
    }
    return false;
}

const char *weir_adapter_defect(const struct weir_adapter *adapter)
{
    if (adapter->abi != WEIR_PLUGIN_ABI) {
        return "built for another version of weir's plugin.h; build it again";
    }
    if (!adapter->name || !adapter->summary || !adapter->url_schemes) {
        return "has no name, summary or URL schemes";
    }
    if (!adapter->create || !adapter->destroy || !adapter->on_open || !adapter->on_close ||
        !adapter->decode || !adapter->join || !adapter->leave || !adapter->supports ||
        !adapter->act) {
        return "lacks a function that every adapter must have";
    }
    if (has_odd_limits(adapter)) {
        return "documents a limit of nothing, or of no time";
    }
    return NULL;
}

static void add_plugin(struct weir_adapters *adapters, const char *path,
                       void (*on_refused)(void *user, const char *path, const char *cause),
                       void *user)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct weir_adapter *adapter = library ? dlsym(library, WEIR_ADAPTER_SYMBOL) : NULL;
    const char *defect = NULL;
    if (!library) {
        defect = dlerror();
    } else if (adapter) {
        defect = weir_adapter_defect(adapter);
    }
    if (defect && on_refused) {
        on_refused(user, path, defect);
    }
    if (defect || !adapter) {
        if (library) {
            dlclose(library); // a detector, or nothing of ours
        }
        return;
    }
    adapters->plugins = weir_grow(adapters->plugins, &adapters->capacity, adapters->count + 1,
                                  sizeof(struct plugin));
    adapters->plugins[adapters->count++] = (struct plugin){library, adapter};
}

static int is_shared_object(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 3 && strcmp(entry->d_name + length - 3, ".so") == 0;
}

struct weir_adapters *weir_adapters_load(const char *folder,
                                         void (*on_refused)(void *user, const char *path,
                                                            const char *cause),
                                         void *user, struct weir_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_shared_object, alphasort);
    if (count < 0) {
        weir_error_set(err, "can't read the folder of plugins %s: %s", folder, strerror(errno));
        return NULL;
    }
    struct weir_adapters *adapters = weir_new(struct weir_adapters);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        add_plugin(adapters, path, on_refused, user);
        free(entries[i]);
    }
    free(entries);
    return adapters;
}

void weir_adapters_destroy(struct weir_adapters **adapters)
{
    if (*adapters) {
        for (size_t i = 0; i < (*adapters)->count; i++) {
            dlclose((*adapters)->plugins[i].library);
        }
        free((*adapters)->plugins);
        free(*adapters);
        *adapters = NULL;
    }
}

const struct weir_adapter *weir_adapters_find(const struct weir_adapters *adapters,
                                              struct weir_span name)
{
    for (size_t i = 0; i < adapters->count; i++) {
        if (weir_span_is(name, adapters->plugins[i].adapter->name)) {
            return adapters->plugins[i].adapter;
        }
    }
    return NULL;
}

static bool has_scheme(const struct weir_adapter *adapter, struct weir_span scheme)
{
    for (const char *const *one = adapter->url_schemes; *one; one++) {
        if (weir_span_is(scheme, *one)) {
            return true;
        }
    }
    return false;
}

const struct weir_adapter *weir_adapters_for_url(const struct weir_adapters *adapters,
                                                 struct weir_span url)
{
    struct weir_span scheme = weir_span_take_until(&url, ':');
    for (size_t i = 0; i < adapters->count; i++) {
        if (has_scheme(adapters->plugins[i].adapter, scheme)) {
            return adapters->plugins[i].adapter;
        }
    }
    return NULL;
}

size_t weir_adapters_count(const struct weir_adapters *adapters)
{
    return adapters->count;
}

const struct weir_adapter *weir_adapters_at(const struct weir_adapters *adapters, size_t index)
{
    return adapters->plugins[index].adapter;
}
