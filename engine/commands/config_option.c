#include "engine/commands/config_option.h"

#include "engine/base/alloc.h"
#include "engine/plugin.h"

#include <stdio.h>
#include <stdlib.h>

#define CONFIG_BYTES ((size_t)4 << 20)

void weir_config_option_fini(struct weir_config_option *option)
{
    weir_config_destroy(&option->config);
}

static struct weir_span source_of(void *user, const char *file)
{
    (void)file;
    return weir_buffer_span(user);
}

static enum weir_exit read_config(struct weir_config_option *option, const char *path)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    struct weir_error err = {0};
    if (!weir_file_read(path, CONFIG_BYTES, &text, &err)) {
        fprintf(stderr, "weir: can't read the configuration %s: %s\n", path, err.text);
        return WEIR_EXIT_USAGE;
    }
    option->config = weir_config_parse(path, weir_buffer_span(&text), &diagnostics);
    if (option->config && option->adapters &&
        !weir_config_suits_adapters(option->config, option->adapters, &diagnostics)) {
        weir_config_destroy(&option->config);
    }
    weir_diagnostics_sort(&diagnostics);
    weir_diagnostics_write(&diagnostics, source_of, &text, &out);
    fprintf(stderr, "%.*s", WEIR_SPAN_ARGS(weir_buffer_span(&out)));
    return option->config ? WEIR_EXIT_OK : WEIR_EXIT_USAGE;
}

enum weir_exit weir_config_option_load(struct weir_config_option *option, int argc, char **argv,
                                       bool (*take_switch)(const char *word))
{
    const char *given = NULL;
    struct weir_error err = {0};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            given = argv[++i];
        } else if (!take_switch || !take_switch(argv[i])) {
            fprintf(stderr, "weir: '%s' is not understood here; --help tells what is\n", argv[i]);
            return WEIR_EXIT_USAGE;
        }
    }
    WEIR_AUTO(weir_free_at) char *path = weir_config_find(given, &err);
    if (!path) {
        fprintf(stderr, "weir: %s\n", err.text);
        return WEIR_EXIT_USAGE;
    }
    return read_config(option, path);
}

// ---- adapters ----

struct weir_adapters *weir_shipped_adapters(void (*on_refused)(void *user, const char *path,
                                                               const char *cause),
                                            void *user, struct weir_error *err)
{
    WEIR_AUTO(weir_free_at) char *folder = weir_plugin_dir();
    if (!folder) {
        weir_error_set(err, "the folder of plugins is not where it should be; name it in "
                            "$WEIR_PLUGIN_DIR");
        return NULL;
    }
    return weir_adapters_load(folder, on_refused, user, err);
}

static void add_name(struct weir_buffer *out, const char *name)
{
    weir_buffer_printf(out, "%s%s", out->length > 0 ? ", " : "", name);
}

static void add_schemes(struct weir_buffer *out, const struct weir_adapters *adapters)
{
    for (size_t i = 0; i < weir_adapters_count(adapters); i++) {
        const char *const *schemes = weir_adapters_at(adapters, i)->url_schemes;
        for (; *schemes; schemes++) {
            add_name(out, *schemes);
        }
    }
}

static bool suits_adapters(const struct weir_config_connection *connection,
                           const struct weir_adapters *adapters,
                           struct weir_diagnostics *diagnostics)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer names = {0};
    struct weir_span rest = weir_span_of(connection->url);
    struct weir_span scheme = weir_span_take_until(&rest, ':');
    if (*connection->adapter) {
        for (size_t i = 0; i < weir_adapters_count(adapters); i++) {
            add_name(&names, weir_adapters_at(adapters, i)->name);
        }
        return weir_adapters_find(adapters, weir_span_of(connection->adapter)) ||
               weir_diagnostics_error(diagnostics, &connection->place,
                                      "there is no adapter '%s'; there are: %s",
                                      connection->adapter, weir_buffer_text(&names));
    }
    add_schemes(&names, adapters);
    return weir_adapters_for_url(adapters, weir_span_of(connection->url)) ||
           weir_diagnostics_error(diagnostics, &connection->place,
                                  "no adapter knows '%.*s:'; the URL of a room begins with one of "
                                  "%s",
                                  WEIR_SPAN_ARGS(scheme), weir_buffer_text(&names));
}

bool weir_config_suits_adapters(const struct weir_config *config,
                                const struct weir_adapters *adapters,
                                struct weir_diagnostics *diagnostics)
{
    bool suits = true;
    for (size_t i = 0; i < config->connection_count; i++) {
        suits = suits_adapters(&config->connections[i], adapters, diagnostics) && suits;
    }
    return suits;
}
