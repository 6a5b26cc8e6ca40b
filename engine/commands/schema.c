// The JSON Schema of packs, for editors that can't find the file.

#include "engine/base/alloc.h"
#include "engine/commands/commands.h"
#include "engine/sys/files.h"

#include <stdio.h>

static int run_schema(int argc, char **argv)
{
    WEIR_AUTO(weir_free_at) char *shipped = weir_data_dir();
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer path = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    struct weir_error err = {0};
    if (argc > 0) {
        fprintf(stderr, "weir schema: unknown option '%s'\n", argv[0]);
        return WEIR_EXIT_USAGE;
    }
    weir_buffer_printf(&path, "%s/schema.json", shipped ? shipped : ".");
    if (!weir_file_read(weir_buffer_text(&path), WEIR_FILE_BYTES, &text, &err)) {
        fprintf(stderr, "weir: %s: %s\n", err.file, err.text);
        return WEIR_EXIT_USAGE;
    }
    fwrite(text.data, 1, text.length, stdout);
    return WEIR_EXIT_OK;
}

const struct weir_command weir_command_schema = {
    .name = "schema",
    .summary = "the JSON Schema of rule files, for editors",
    .usage = "usage: weir schema\n"
             "\n"
             "Prints the JSON Schema of packs. Name it in the first line of a pack:\n"
             "\n"
             "  # yaml-language-server: $schema=schema.json\n"
             "\n"
             "  weir schema > schema.json\n",
    .run = run_schema,
};
