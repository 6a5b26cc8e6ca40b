#include "engine/commands/config_option.h"

#include "engine/base/alloc.h"

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
