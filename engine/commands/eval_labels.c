#include "engine/commands/eval_labels.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/sys/files.h"

#include <stdlib.h>

// --- fields of a line ---

void weir_fields_fini(struct weir_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->items[i].name);
        weir_buffer_fini(&fields->items[i].value);
    }
    free(fields->items);
    weir_buffer_fini(&fields->scratch);
    *fields = (struct weir_fields){0};
}

static struct weir_field *find_field(struct weir_fields *fields, struct weir_span name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (weir_span_is(name, fields->items[i].name)) {
            return &fields->items[i];
        }
    }
    return NULL;
}

size_t weir_fields_want(struct weir_fields *fields, struct weir_span name)
{
    const struct weir_field *wanted = find_field(fields, name);
    if (wanted) {
        return (size_t)(wanted - fields->items);
    }
    fields->items =
        weir_grow(fields->items, &fields->capacity, fields->count + 1, sizeof(*fields->items));
    fields->items[fields->count] =
        (struct weir_field){.name = weir_strndup(name.data, name.length)};
    return fields->count++;
}

static void take_value(struct weir_json *json, struct weir_field *field)
{
    struct weir_span text = {NULL, 0};
    bool is_true = false;
    weir_buffer_clear(&field->value);
    switch (weir_json_peek(json)) {
    case WEIR_JSON_STRING:
        field->is_there = weir_json_take_string(json, &text);
        break;
    case WEIR_JSON_NUMBER:
        field->is_there = weir_json_take_number(json, &text);
        break;
    case WEIR_JSON_BOOL:
        field->is_there = weir_json_take_bool(json, &is_true);
        text = is_true ? WEIR_SPAN("true") : WEIR_SPAN("false");
        break;
    default:
        field->is_there = false;
        weir_json_skip(json);
        return;
    }
    weir_buffer_add(&field->value, text);
}

bool weir_fields_read(struct weir_fields *fields, struct weir_span line, const char **cause_out)
{
    struct weir_json json;
    struct weir_span name;
    for (size_t i = 0; i < fields->count; i++) {
        fields->items[i].is_there = false;
    }
    weir_buffer_clear(&fields->scratch);
    weir_json_start(&json, line, &fields->scratch);
    bool is_object = weir_json_enter_object(&json);
    while (is_object && weir_json_next_member(&json, &name)) {
        struct weir_field *field = find_field(fields, name);
        if (field) {
            take_value(&json, field);
        } else {
            weir_json_skip(&json);
        }
    }
    bool is_read = is_object && weir_json_finish(&json);
    *cause_out = is_read ? NULL : (json.error ? json.error : "not a JSON object");
    return is_read;
}

bool weir_fields_value(const struct weir_fields *fields, size_t field, struct weir_span *value_out)
{
    weir_assert(field < fields->count);
    *value_out = weir_buffer_span(&fields->items[field].value);
    return fields->items[field].is_there;
}

// --- labels that are kept apart ---

void weir_kept_labels_fini(struct weir_kept_labels *labels)
{
    free(labels->items);
    weir_buffer_fini(&labels->text);
    *labels = (struct weir_kept_labels){0};
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

// Of several labels, as several readers gave them, the last one decides.
static bool read_label(struct weir_span line, struct weir_kept_label *label)
{
    size_t split = 0;
    size_t last = line.length;
    while (split < line.length && !is_blank(line.data[split])) {
        split++;
    }
    while (last > split && !is_blank(line.data[last - 1])) {
        last--;
    }
    struct weir_span place = weir_span_slice(line, 0, split);
    size_t colon = place.length;
    while (colon > 0 && place.data[colon - 1] != ':') {
        colon--;
    }
    *label = (struct weir_kept_label){
        .file = weir_span_slice(place, 0, colon > 0 ? colon - 1 : 0),
        .label = weir_span_slice(line, last, line.length),
    };
    return weir_span_to_u64(weir_span_slice(place, colon, place.length), &label->line) &&
           label->line > 0 && label->label.length > 0;
}

static int compare_labels(const void *a, const void *b)
{
    const struct weir_kept_label *left = a;
    const struct weir_kept_label *right = b;
    if (left->line != right->line) {
        return left->line < right->line ? -1 : 1;
    }
    return weir_span_compare(left->file, right->file);
}

static bool refuse_doubles(const struct weir_kept_labels *labels, const char *path,
                           struct weir_error *err)
{
    for (size_t i = 1; i < labels->count; i++) {
        const struct weir_kept_label *label = &labels->items[i];
        if (compare_labels(label - 1, label) == 0) {
            return weir_error_set(err, "%s has two labels for line %llu of '%.*s'", path,
                                  (unsigned long long)label->line, WEIR_SPAN_ARGS(label->file));
        }
    }
    return true;
}

bool weir_kept_labels_load(struct weir_kept_labels *labels, const char *path,
                           struct weir_error *err)
{
    if (!weir_file_read(path, WEIR_FILE_BYTES, &labels->text, err)) {
        return false;
    }
    struct weir_span rest = weir_buffer_span(&labels->text);
    for (uint32_t number = 1; rest.length > 0; number++) {
        struct weir_span line = weir_span_trim(weir_span_take_until(&rest, '\n'));
        if (line.length == 0 || line.data[0] == '#') {
            continue;
        }
        labels->items =
            weir_grow(labels->items, &labels->capacity, labels->count + 1, sizeof(*labels->items));
        if (!read_label(line, &labels->items[labels->count++])) {
            return weir_error_set(err, "%s:%u: a line is FILE:LINE LABEL", path, number);
        }
    }
    if (labels->count == 0) {
        return weir_error_set(err, "%s has no label", path);
    }
    qsort(labels->items, labels->count, sizeof(*labels->items), compare_labels);
    return refuse_doubles(labels, path, err);
}

static bool is_of_file(const struct weir_kept_label *label, const char *path)
{
    struct weir_span of = weir_span_of(path);
    if (label->file.length == 0) {
        return true;
    }
    if (of.length < label->file.length) {
        return false;
    }
    size_t start = of.length - label->file.length;
    return weir_span_equals(weir_span_slice(of, start, of.length), label->file) &&
           (start == 0 || path[start - 1] == '/');
}

const struct weir_kept_label *weir_kept_labels_find(struct weir_kept_labels *labels,
                                                    const char *path, uint64_t line)
{
    size_t low = 0;
    size_t high = labels->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (labels->items[middle].line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < labels->count && labels->items[low].line == line; low++) {
        if (is_of_file(&labels->items[low], path)) {
            labels->items[low].is_used = true;
            return &labels->items[low];
        }
    }
    return NULL;
}

const struct weir_kept_label *weir_kept_labels_unused(const struct weir_kept_labels *labels,
                                                      const char *path)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (!labels->items[i].is_used && is_of_file(&labels->items[i], path)) {
            return &labels->items[i];
        }
    }
    return NULL;
}
