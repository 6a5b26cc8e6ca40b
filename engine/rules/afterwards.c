// What comes after an answer: the words by which askers say whether it helped, and what is said to
// them.

#include "engine/rules/loader.h"

#define MINUTE_MS ((int64_t)60000)

static void read_phrases(struct weir_loader *loader, const struct weir_yaml *node, const char *what,
                         struct weir_phrases *phrases)
{
    static const char *const keys[] = {"zh", "en"};
    if (!weir_loader_is_map(loader, node, what)) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), what, loader->diagnostics);
    const struct weir_yaml *zh = weir_yaml_find(node, "zh");
    const struct weir_yaml *en = weir_yaml_find(node, "en");
    if (zh) {
        weir_loader_read_texts(loader, zh, &phrases->zh, &phrases->zh_count);
    }
    if (en) {
        weir_loader_read_texts(loader, en, &phrases->en, &phrases->en_count);
    }
}

static void read_outcomes(struct weir_loader *loader, const struct weir_yaml *node,
                          struct weir_afterwards *afterwards)
{
    static const char *const keys[] = {"acted", "done", "dismissed"};
    struct weir_bilingual *const texts[] = {&afterwards->acted, &afterwards->done,
                                            &afterwards->dismissed};
    if (!weir_loader_is_map(loader, node, "'outcomes'")) {
        return;
    }
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'outcomes'", loader->diagnostics);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct weir_yaml *text = weir_yaml_find(node, keys[i]);
        if (text) {
            weir_loader_read_bilingual(loader, text, texts[i]);
        }
    }
}

void weir_loader_read_afterwards(struct weir_loader *loader, const struct weir_yaml *node)
{
    static const char *const keys[] = {"satisfied", "unsatisfied", "rating", "outcomes", "late"};
    struct weir_afterwards *afterwards = &loader->set->afterwards;
    if (!weir_loader_is_map(loader, node, "'afterwards'")) {
        return;
    }
    if (afterwards->place.line > 0) {
        weir_diagnostics_error(loader->diagnostics, &node->place,
                               "another pack says what comes after an answer: %s:%u",
                               afterwards->place.file, afterwards->place.line);
        return;
    }
    afterwards->place = node->place;
    weir_yaml_refuse_others(node, keys, ARRAY_LEN(keys), "'afterwards'", loader->diagnostics);
    const struct weir_yaml *satisfied = weir_yaml_find(node, "satisfied");
    const struct weir_yaml *unsatisfied = weir_yaml_find(node, "unsatisfied");
    const struct weir_yaml *rating = weir_yaml_find(node, "rating");
    const struct weir_yaml *outcomes = weir_yaml_find(node, "outcomes");
    const struct weir_yaml *late = weir_yaml_find(node, "late");
    if (satisfied) {
        read_phrases(loader, satisfied, "'satisfied'", &afterwards->satisfied);
    }
    if (unsatisfied) {
        read_phrases(loader, unsatisfied, "'unsatisfied'", &afterwards->unsatisfied);
    }
    if (rating) {
        weir_loader_read_bilingual(loader, rating, &afterwards->rating);
    }
    if (outcomes) {
        read_outcomes(loader, outcomes, afterwards);
    }
    if (late) {
        weir_loader_read_time(loader, late, MINUTE_MS, WEIR_DAY_MS, "from 1m to 1d",
                              &afterwards->late_ms);
    }
}
