#include "engine/store/card_args.h"

#include "engine/base/json.h"

enum part {
    PART_FIELD, // travels to Redis as it is, and is nothing more
    PART_USER,  // the same
    PART_AT,    // the same
    PART_ID,
    PART_QUEUE,
    PART_FP,
    PART_TARGET,
};

#define ROW(name, part)                                                                            \
    {                                                                                              \
        {name, sizeof(name) - 1}, part                                                             \
    }

// In the order in which triage writes them, so that the next one is nearly always one of the next
// rows. The library refuses other fields.
static const struct row {
    struct weir_span name;
    enum part part;
} rows[] = {
    ROW("id", PART_ID),
    ROW("fp", PART_FP),
    ROW("queue", PART_QUEUE),
    ROW("kind", PART_FIELD),
    ROW("room", PART_FIELD),
    ROW("topic", PART_FIELD),
    ROW("scene", PART_FIELD),
    ROW("before", PART_FIELD),
    ROW("text", PART_FIELD),
    ROW("message", PART_FIELD),
    ROW("seq", PART_FIELD),
    ROW("user", PART_USER),
    ROW("name", PART_FIELD),
    ROW("roles", PART_FIELD),
    ROW("tier", PART_FIELD),
    ROW("identity", PART_FIELD),
    ROW("at", PART_AT),
    ROW("target", PART_TARGET),
    ROW("urgent", PART_FIELD),
    ROW("verdict", PART_FIELD),
    ROW("rules", PART_FIELD),
    ROW("reason", PART_FIELD),
    ROW("suggestion", PART_FIELD),
    ROW("needs", PART_FIELD),
    ROW("escalate", PART_FIELD),
    ROW("campaign", PART_FIELD),
    ROW("accounts", PART_FIELD),
    ROW("messages", PART_FIELD),
    ROW("first", PART_FIELD),
    ROW("last", PART_FIELD),
    ROW("sketch", PART_FIELD),
    ROW("complaint", PART_FIELD),
    ROW("earlier", PART_FIELD),
    ROW("decision", PART_FIELD),
    ROW("head", PART_FIELD),
};

#define LOOK_AHEAD 3u

void weir_card_args_fini(struct weir_card_args *args)
{
    weir_buffer_fini(&args->scratch);
    *args = (struct weir_card_args){0};
}

bool weir_queue_name_is_good(struct weir_span name)
{
    if (name.length == 0 || name.length > 64) {
        return false;
    }
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.data[i];
        if (byte <= ' ' || byte == 0x7f || byte == '{' || byte == '}') {
            return false;
        }
    }
    return true;
}

// Strings decoded, true and false as 1 and 0, everything else as it is written.
static bool take_value(struct weir_json *json, struct weir_span *value_out)
{
    bool flag = false;
    switch (weir_json_peek(json)) {
    case WEIR_JSON_STRING:
        return weir_json_take_string(json, value_out);
    case WEIR_JSON_BOOL:
        if (!weir_json_take_bool(json, &flag)) {
            return false;
        }
        *value_out = flag ? WEIR_SPAN("1") : WEIR_SPAN("0");
        return true;
    default: {
        size_t start = json->at;
        bool skipped = weir_json_skip(json);
        *value_out = weir_span_trim(weir_span_slice(json->text, start, json->at));
        return skipped;
    }
    }
}

static const struct row *find_row(struct weir_span name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (weir_span_equals(name, rows[i].name)) {
            return &rows[i];
        }
    }
    return NULL;
}

bool weir_card_args_is_field(struct weir_span name)
{
    const struct row *row = find_row(name);
    return row && row->part != PART_QUEUE;
}

static int64_t number_of(struct weir_span text)
{
    uint64_t number = 0;
    return weir_span_to_u64(text, &number) && number < INT64_MAX ? (int64_t)number : -1;
}

static void keep_field(struct weir_card_args *args, struct weir_span name, struct weir_span value)
{
    if (value.length > 0 && !weir_span_is(value, "null") && args->field_count < WEIR_CARD_FIELDS) {
        args->fields[2 * args->field_count] = name;
        args->fields[2 * args->field_count + 1] = value;
        args->field_count++;
    }
}

static void keep_member(struct weir_card_args *args, const struct row *row, struct weir_span value)
{
    switch (row->part) {
    case PART_ID:
        args->id = value;
        return;
    case PART_QUEUE:
        args->queue = value;
        return;
    case PART_FP:
        args->fp = value;
        return;
    case PART_TARGET:
        args->target_ms = number_of(value);
        return;
    case PART_AT:
        args->at_ms = number_of(value);
        break;
    case PART_USER:
        args->user = value;
        break;
    case PART_FIELD:
        break;
    }
    keep_field(args, row->name, value);
}

// The next member, NULL for one that no card of ours has. False at the end of the object.
static bool next_row(struct weir_json *json, size_t *likely, const struct row **row_out)
{
    struct weir_span name;
    for (size_t i = *likely; i < *likely + LOOK_AHEAD && i < ARRAY_LEN(rows); i++) {
        if (weir_json_take_member(json, rows[i].name)) {
            *row_out = &rows[i];
            *likely = i + 1;
            return true;
        }
    }
    if (!weir_json_next_member(json, &name)) {
        return false;
    }
    *row_out = find_row(name);
    *likely = *row_out ? (size_t)(*row_out - rows) + 1 : *likely;
    return true;
}

const char *weir_card_args_parse(struct weir_card_args *args, struct weir_span card_json)
{
    struct weir_json json;
    const struct row *row = NULL;
    size_t likely = 0;
    struct weir_span value = {0};
    args->id = args->queue = args->fp = args->user = (struct weir_span){0};
    args->at_ms = args->target_ms = -1;
    args->field_count = 0;
    weir_buffer_clear(&args->scratch);
    weir_buffer_reserve(&args->scratch, 3 * card_json.length + 1); // so that no span of it moves
    weir_json_start(&json, card_json, &args->scratch);
    if (!weir_json_enter_object(&json)) {
        return "a card is no JSON object";
    }
    while (next_row(&json, &likely, &row) && take_value(&json, &value)) {
        if (row) {
            keep_member(args, row, value);
        }
    }
    if (!weir_json_finish(&json)) {
        return "a card is not sound JSON";
    }
    if (args->id.length == 0 || args->id.length > 64) {
        return "a card has no id";
    }
    if (!weir_queue_name_is_good(args->queue)) {
        return "a card names no queue";
    }
    return args->at_ms < 0 || args->target_ms < 0 ? "a card has no time" : NULL;
}

struct weir_span weir_card_args_find(const struct weir_card_args *args, const char *name)
{
    for (size_t i = 0; i < args->field_count; i++) {
        if (weir_span_is(args->fields[2 * i], name)) {
            return args->fields[2 * i + 1];
        }
    }
    return (struct weir_span){0};
}
