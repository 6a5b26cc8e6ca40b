// Whatever somebody calls their rules: a pack that loads, or a report. No crash, no hang, no leak.

#include "engine/base/alloc.h"
#include "engine/commands/import_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import_as(bool (*read)(struct weir_import *import), struct weir_span text)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer pack = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_import_fini) struct weir_import import;
    weir_import_init(&import, "import", text);
    read(&import);
    weir_import_write(&import, WEIR_SPAN("imported"), &pack);
    struct weir_pack_file file = {"pack.yaml", weir_buffer_span(&pack)};
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_set_load(&file, 1, NULL, NULL, &diagnostics);
    weir_assert(set && diagnostics.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_span text = {(const char *)data, size};
    import_as(weir_import_automoderator, text);
    import_as(weir_import_discord, text);
    import_as(weir_import_words, text);
    return 0;
}
