// Whatever stands in a pack: a set, or mistakes that can be shown. No crash, no hang, no leak.

#include "engine/base/alloc.h"
#include "engine/rules/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_list(void *user, const char *pack, struct weir_span path,
                      struct weir_span *text_out, struct weir_error *err)
{
    (void)pack;
    if (path.length % 2) {
        return weir_error_set(err, "not there");
    }
    *text_out = *(struct weir_span *)user; // the pack as a list: as odd as lists get
    return true;
}

static struct weir_span source_of(void *user, const char *file)
{
    (void)file;
    return *(struct weir_span *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_span text = {(const char *)data, size};
    struct weir_pack_file file = {"pack.yaml", text};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics lints = {0};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {.lints = &lints};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    WEIR_AUTO(weir_set_destroy)
    struct weir_set *set = weir_set_load(&file, 1, read_list, &text, &diagnostics);
    weir_assert((set != NULL) == (diagnostics.error_count == 0));
    weir_diagnostics_append(&diagnostics, &lints);
    weir_diagnostics_sort(&diagnostics);
    weir_diagnostics_write(&diagnostics, source_of, &text, &out);
    return 0;
}
