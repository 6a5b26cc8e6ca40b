#include "engine/commands/recorded.h"

#include "engine/base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void weir_recorded_fini(struct weir_recorded *recorded)
{
    json_decref(recorded->line);
    weir_room_reader_fini(&recorded->reader);
    weir_buffer_fini(&recorded->event);
    free(recorded->readings);
    *recorded = (struct weir_recorded){0};
}

static struct weir_span text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value)
               ? (struct weir_span){json_string_value(value), json_string_length(value)}
               : (struct weir_span){NULL, 0};
}

// Logs are long and one line is wanted, so the file is not read whole.
static bool find_line(const char *file, uint64_t number, struct weir_buffer *out,
                      struct weir_error *err)
{
    FILE *stream = fopen(file, "re");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = 0;
    if (!stream) {
        return weir_error_set(err, "%s: %s", file, strerror(errno));
    }
    for (uint64_t i = 0; i < number && length >= 0; i++) {
        length = getline(&line, &capacity, stream);
    }
    if (length > 0) {
        weir_buffer_add(out, weir_span_trim((struct weir_span){line, (size_t)length}));
    }
    free(line);
    fclose(stream);
    return length > 0 ||
           weir_error_set(err, "%s has no line %llu", file, (unsigned long long)number);
}

// In the log the message stands as it came in; a chat line of its own will do as well.
static void read_message(struct weir_recorded *recorded)
{
    const json_t *log = json_object_get(recorded->line, "log");
    const json_t *message = json_object_get(log, "message");
    if (!message) {
        return;
    }
    char *text = json_dumps(message, JSON_COMPACT);
    weir_buffer_add_text(&recorded->event, text ? text : "");
    free(text);
    const struct weir_event *event =
        weir_room_read(&recorded->reader, weir_buffer_span(&recorded->event));
    bool is_message = event->kind == WEIR_EVENT_MESSAGE;
    recorded->message = is_message ? event->message : NULL;
}

static void read_given(struct weir_recorded *recorded)
{
    const json_t *read = json_object_get(recorded->line, "read");
    const char *name;
    json_t *value;
    recorded->given.at_ms = json_integer_value(json_object_get(recorded->line, "at"));
    recorded->readings = weir_new_array(struct weir_given_reading, json_object_size(read) + 1);
    recorded->given.readings = recorded->readings;
    json_object_foreach((json_t *)read, name, value)
    {
        double milli = json_number_value(value) * 1000 + 0.5;
        if (strcmp(name, "strikes") == 0) {
            recorded->given.strikes_milli = milli < 4e9 && milli > 0 ? (uint32_t)milli : 0;
        } else if (milli < 4e12 && milli > -4e12) {
            recorded->readings[recorded->given.count++] =
                (struct weir_given_reading){weir_span_of(name), (int64_t)milli};
        }
    }
}

bool weir_recorded_read(struct weir_recorded *recorded, const char *file, uint64_t number,
                        struct weir_error *err)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    json_error_t error;
    if (!find_line(file, number, &text, err)) {
        return false;
    }
    recorded->line = json_loadb(text.data, text.length, 0, &error);
    if (!json_is_object(recorded->line) || !json_object_get(recorded->line, "verdict")) {
        return weir_error_set(err, "%s: line %llu is no verdict", file, (unsigned long long)number);
    }
    const json_t *log = json_object_get(recorded->line, "log");
    recorded->room = (struct weir_room_view){.id = text_of(recorded->line, "room"),
                                             .state = text_of(log, "state"),
                                             .scene = text_of(log, "scene")};
    recorded->id = text_of(recorded->line, "id");
    read_given(recorded);
    read_message(recorded);
    return true;
}

const char *weir_recorded_set(const struct weir_recorded *recorded)
{
    const char *set = json_string_value(json_object_get(recorded->line, "set"));
    return set ? set : "";
}

static void begin(struct weir_buffer *out)
{
    weir_buffer_add_text(out, out->length > 0 ? "; " : "");
}

static void compare_values(const json_t *then, const json_t *now, const char *name,
                           struct weir_buffer *out)
{
    const json_t *before = json_object_get(then, name);
    const json_t *after = json_object_get(now, name);
    if (!before || json_equal(before, after)) {
        return;
    }
    begin(out);
    if (!json_is_string(before) && !json_is_integer(before)) {
        weir_buffer_printf(out, "other %s", name);
        return;
    }
    char *old = json_dumps(before, JSON_ENCODE_ANY);
    char *new = after ? json_dumps(after, JSON_ENCODE_ANY) : NULL;
    weir_buffer_printf(out, "%s was %s, is %s", name, old ? old : "?", new ? new : "?");
    free(old);
    free(new);
}

void weir_recorded_compare(const struct weir_recorded *recorded, struct weir_span now,
                           struct weir_buffer *out)
{
    static const char *const names[] = {"verdict", "user_verdict", "score",    "actions", "rules",
                                        "hits",    "question",     "degraded", "shadow"};
    json_error_t error;
    json_t *after = json_loadb(now.data, now.length, 0, &error);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        compare_values(recorded->line, after, names[i], out);
    }
    json_decref(after);
}
