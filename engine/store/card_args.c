#include "engine/store/card_args.h"

#include "engine/base/json.h"

// The fields of a card that travel to Redis as they are; the library refuses others.
static const char *const field_names[] = {
    "kind", "room",     "topic", "text",   "message", "seq",   "user",       "name",   "roles",
    "tier", "identity", "at",    "urgent", "verdict", "rules", "suggestion", "reason", "sketch",
};

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

static bool is_field(struct weir_span name)
{
    for (size_t i = 0; i < ARRAY_LEN(field_names); i++) {
        if (weir_span_is(name, field_names[i])) {
            return true;
        }
    }
    return false;
}

bool weir_card_args_is_field(struct weir_span name)
{
    return is_field(name) || weir_span_is(name, "id") || weir_span_is(name, "fp") ||
           weir_span_is(name, "target");
}

static int64_t number_of(struct weir_span text)
{
    uint64_t number = 0;
    return weir_span_to_u64(text, &number) && number < INT64_MAX ? (int64_t)number : -1;
}

static void keep_member(struct weir_card_args *args, struct weir_span name, struct weir_span value)
{
    if (weir_span_is(name, "id")) {
        args->id = value;
    } else if (weir_span_is(name, "queue")) {
        args->queue = value;
    } else if (weir_span_is(name, "fp")) {
        args->fp = value;
    } else if (weir_span_is(name, "target")) {
        args->target_ms = number_of(value);
    } else if (is_field(name) && value.length > 0 && !weir_span_is(value, "null") &&
               args->field_count < WEIR_CARD_FIELDS) {
        args->fields[2 * args->field_count] = name;
        args->fields[2 * args->field_count + 1] = value;
        args->field_count++;
    }
    if (weir_span_is(name, "at")) {
        args->at_ms = number_of(value);
    } else if (weir_span_is(name, "user")) {
        args->user = value;
    }
}

const char *weir_card_args_parse(struct weir_card_args *args, struct weir_span card_json)
{
    struct weir_json json;
    struct weir_span name;
    struct weir_span value = {0};
    struct weir_buffer scratch = args->scratch;
    *args = (struct weir_card_args){.scratch = scratch, .at_ms = -1, .target_ms = -1};
    weir_buffer_clear(&args->scratch);
    weir_buffer_reserve(&args->scratch, 3 * card_json.length + 1); // so that no span of it moves
    weir_json_start(&json, card_json, &args->scratch);
    if (!weir_json_enter_object(&json)) {
        return "a card is no JSON object";
    }
    while (weir_json_next_member(&json, &name)) {
        if (!take_value(&json, &value)) {
            break;
        }
        keep_member(args, name, value);
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
