// Whatever the bytes: a tree or a mistake, and a place for every byte of every value.

#include "engine/base/alloc.h"
#include "engine/base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void place_all(const struct weir_yaml *node, struct weir_span source)
{
    if (node->kind == WEIR_YAML_SCALAR) {
        for (size_t i = 0; i < node->text.length && i < 40; i++) {
            struct weir_place place = weir_yaml_place_in(node, source, i);
            weir_assert(place.line >= node->place.line && place.column >= 1);
        }
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        place_all(node->items[i], source);
    }
}

static struct weir_span source_of(void *user, const char *file)
{
    (void)file;
    return *(struct weir_span *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_span source = {(const char *)data, size};
    WEIR_AUTO(weir_diagnostics_fini) struct weir_diagnostics diagnostics = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer out = {0};
    WEIR_AUTO(weir_yaml_document_destroy)
    struct weir_yaml_document *document = weir_yaml_parse("f", source, &diagnostics);
    weir_assert(document || diagnostics.error_count > 0);
    if (document) {
        place_all(weir_yaml_root(document), source);
    }
    weir_diagnostics_sort(&diagnostics);
    weir_diagnostics_write(&diagnostics, source_of, &source, &out);
    return 0;
}
