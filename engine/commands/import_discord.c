// Discord's AutoMod, as its API gives it: a rule, or a list of rules.

#include "engine/commands/import_pack.h"

#include <jansson.h>
#include <stdio.h>

// https://docs.discord.com/developers/resources/auto-moderation names these numbers.
enum trigger {
    TRIGGER_KEYWORD = 1,
    TRIGGER_SPAM = 3,
    TRIGGER_PRESET = 4,
    TRIGGER_MENTIONS = 5,
    TRIGGER_PROFILE = 6,
};

enum action {
    ACTION_BLOCK = 1,
    ACTION_ALERT = 2,
    ACTION_TIMEOUT = 3,
    ACTION_MUTE = 4,
};

struct reader {
    struct weir_import *import;
    struct weir_import_rule *rule;
    struct weir_place place; // of the rule: JSON keeps no others
};

static struct weir_span span_of(const json_t *value)
{
    return json_is_string(value)
               ? (struct weir_span){json_string_value(value), json_string_length(value)}
               : (struct weir_span){NULL, 0};
}

// The line in which the rule's name stands: near enough for somebody to find it.
static void find_place(struct reader *reader, struct weir_span name)
{
    struct weir_span text = reader->import->text;
    const char *found =
        name.length > 0 ? memmem(text.data, text.length, name.data, name.length) : NULL;
    reader->place = (struct weir_place){reader->import->file, 1, 1, 1};
    for (const char *at = text.data; found && at < found; at++) {
        reader->place.line += *at == '\n';
    }
}

static void tell_lost(struct reader *reader, const char *what)
{
    weir_import_tell(reader->import, &reader->place, "rule '%.*s': %s",
                     WEIR_SPAN_ARGS(reader->rule->name), what);
}

// A word alone is a whole word, `word*` its beginning, `*word` its end, `*word*` any part.
static void add_keyword(struct reader *reader, struct weir_import_condition *condition,
                        struct weir_span word)
{
    bool is_open_left = weir_span_starts(word, WEIR_SPAN("*"));
    bool is_open_right = word.length > 1 && word.data[word.length - 1] == '*';
    struct weir_span middle =
        weir_span_slice(word, is_open_left, word.length - (is_open_right ? 1 : 0));
    enum weir_pattern_kind kind = WEIR_PATTERN_WORD;
    if (is_open_left && is_open_right) {
        kind = WEIR_PATTERN_INCLUDES;
    } else if (is_open_left || is_open_right) {
        kind = WEIR_PATTERN_GLOB;
    }
    weir_import_add_pattern(reader->import, condition, kind,
                            kind == WEIR_PATTERN_GLOB ? word : middle, &reader->place);
}

static void add_keywords(struct reader *reader, const json_t *metadata)
{
    struct weir_import_condition *condition =
        weir_import_add_condition(reader->import, reader->rule, WEIR_IMPORT_TEXT);
    size_t index;
    json_t *value;
    json_array_foreach(json_object_get(metadata, "keyword_filter"), index, value)
    {
        add_keyword(reader, condition, span_of(value));
    }
    json_array_foreach(json_object_get(metadata, "regex_patterns"), index, value)
    {
        weir_import_add_pattern(reader->import, condition, WEIR_PATTERN_REGEX, span_of(value),
                                &reader->place);
    }
}

static void add_allowed(struct reader *reader, const json_t *metadata)
{
    size_t index;
    json_t *value;
    json_array_foreach(json_object_get(metadata, "allow_list"), index, value)
    {
        struct weir_span text = span_of(value);
        bool is_open_left = weir_span_starts(text, WEIR_SPAN("*"));
        bool is_open_right = text.length > 1 && text.data[text.length - 1] == '*';
        weir_import_add_pattern(
            reader->import, weir_import_excepts(reader->import, reader->rule),
            WEIR_PATTERN_INCLUDES,
            weir_span_slice(text, is_open_left, text.length - (is_open_right ? 1 : 0)),
            &reader->place);
    }
}

static void tell_presets(struct reader *reader, const json_t *metadata)
{
    static const char *const names[] = {"", "profanity", "sexual content", "slurs"};
    size_t index;
    json_t *value;
    json_array_foreach(json_object_get(metadata, "presets"), index, value)
    {
        json_int_t preset = json_integer_value(value);
        char what[160];
        snprintf(
            what, sizeof(what),
            "Discord's own list '%s' is not public; weir's packs insults and sexual do its work",
            preset > 0 && preset < 4 ? names[preset] : "?");
        tell_lost(reader, what);
    }
}

static void add_mentions(struct reader *reader, const json_t *metadata)
{
    json_int_t limit = json_integer_value(json_object_get(metadata, "mention_total_limit"));
    if (limit > 0 && limit < 10000) {
        weir_import_add_condition(reader->import, reader->rule, WEIR_IMPORT_MENTIONS)->least =
            (uint64_t)limit + 1;
    }
    if (json_is_true(json_object_get(metadata, "mention_raid_protection_enabled"))) {
        tell_lost(reader, "raid protection by mentions is Discord's own; see the checks 'rate' and "
                          "'distinct'");
    }
}

static void read_trigger(struct reader *reader, const json_t *rule)
{
    const json_t *metadata = json_object_get(rule, "trigger_metadata");
    switch (json_integer_value(json_object_get(rule, "trigger_type"))) {
    case TRIGGER_KEYWORD:
        add_keywords(reader, metadata);
        break;
    case TRIGGER_SPAM:
        tell_lost(reader, "Discord does not tell what it takes for spam; weir's pack spam does its "
                          "work");
        break;
    case TRIGGER_PRESET:
        tell_presets(reader, metadata);
        break;
    case TRIGGER_MENTIONS:
        add_mentions(reader, metadata);
        break;
    case TRIGGER_PROFILE:
        tell_lost(reader, "it looks at profiles; weir reads messages");
        break;
    default:
        tell_lost(reader, "its trigger is not known here");
    }
    add_allowed(reader, metadata);
}

static void read_action(struct reader *reader, const json_t *action)
{
    struct weir_import_rule *rule = reader->rule;
    const json_t *metadata = json_object_get(action, "metadata");
    json_int_t seconds = json_integer_value(json_object_get(metadata, "duration_seconds"));
    switch (json_integer_value(json_object_get(action, "type"))) {
    case ACTION_BLOCK:
        rule->deletes = true;
        rule->reason = weir_arena_copy_span(&reader->import->arena,
                                            span_of(json_object_get(metadata, "custom_message")));
        break;
    case ACTION_ALERT:
        rule->flags = true; // the channel of the alert is the queue's
        break;
    case ACTION_TIMEOUT:
        rule->timeout_s = seconds > 0 && seconds < 366 * 86400 ? (uint64_t)seconds : 60;
        break;
    case ACTION_MUTE:
        tell_lost(reader, "blocking a member's interactions has no counterpart");
        break;
    default:
        tell_lost(reader, "an action of it is not known here");
    }
}

static void read_rule(struct weir_import *import, const json_t *json)
{
    struct reader reader = {.import = import};
    struct weir_span name = span_of(json_object_get(json, "name"));
    size_t index;
    json_t *value;
    find_place(&reader, name);
    reader.rule = weir_import_add_rule(import, name, &reader.place);
    reader.rule->spares_moderators = true; // who may manage a server is never blocked
    reader.rule->is_disabled = json_is_false(json_object_get(json, "enabled"));
    read_trigger(&reader, json);
    json_array_foreach(json_object_get(json, "actions"), index, value)
    {
        read_action(&reader, value);
    }
    if (json_array_size(json_object_get(json, "exempt_roles")) +
            json_array_size(json_object_get(json, "exempt_channels")) >
        0) {
        reader.rule->is_narrower = true;
        tell_lost(&reader,
                  "the roles and channels that it exempts are numbers of Discord's; it comes "
                  "in shadow mode");
    }
}

bool weir_import_discord(struct weir_import *import)
{
    json_error_t error;
    json_t *root = json_loadb(import->text.data, import->text.length, 0, &error);
    size_t index;
    json_t *value;
    if (!root) {
        struct weir_place place = {import->file, (uint32_t)(error.line > 0 ? error.line : 1),
                                   (uint32_t)(error.column > 0 ? error.column : 1), 1};
        weir_import_tell(import, &place, "not JSON: %s", error.text);
        return false;
    }
    bool is_rules = json_is_array(root) || json_object_get(root, "trigger_type");
    if (is_rules && json_is_object(root)) {
        read_rule(import, root);
    }
    json_array_foreach(root, index, value)
    {
        read_rule(import, value);
    }
    json_decref(root);
    if (!is_rules) {
        struct weir_place place = {import->file, 1, 1, 1};
        weir_import_tell(import, &place, "not a rule of AutoMod, nor a list of them");
    }
    return is_rules;
}
