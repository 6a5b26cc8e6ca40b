#include "engine/commands/queue.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/terminal.h"
#include "engine/base/utf8.h"

#include <inttypes.h>

#define DUE_COLUMNS   13
#define QUEUE_COLUMNS 10
#define ROOM_COLUMNS  12
#define TEXT_COLUMNS  60

int64_t weir_queue_number(struct weir_span text)
{
    uint64_t number = 0;
    bool is_negative = text.length > 1 && text.data[0] == '-';
    if (!weir_span_to_u64(weir_span_slice(text, is_negative, text.length), &number) ||
        number > INT64_MAX) {
        return 0;
    }
    return is_negative ? -(int64_t)number : (int64_t)number;
}

void weir_queue_write_time(struct weir_buffer *out, int64_t ms)
{
    int64_t seconds = ms / 1000;
    if (seconds < 120) {
        weir_buffer_printf(out, "%" PRId64 "s", seconds);
    } else if (seconds < 7200) {
        weir_buffer_printf(out, "%" PRId64 "m", seconds / 60);
    } else if (seconds < 172800) {
        weir_buffer_printf(out, "%" PRId64 "h", seconds / 3600);
    } else {
        weir_buffer_printf(out, "%" PRId64 "d", seconds / 86400);
    }
}

void weir_queue_write_due(struct weir_buffer *out, struct weir_span due_ms, int64_t now_ms)
{
    if (due_ms.length == 0) {
        weir_buffer_add_text(out, "no due time");
        return;
    }
    int64_t left_ms = weir_queue_number(due_ms) - now_ms;
    weir_buffer_add_text(out, left_ms >= 0 ? "due in " : "overdue ");
    weir_queue_write_time(out, left_ms >= 0 ? left_ms : -left_ms);
}

// Text from outside: repaired, what a terminal would obey made visible, cut or filled to columns.
static void add_column(struct weir_buffer *out, struct weir_span text, size_t columns)
{
    struct weir_buffer sound = {0};
    struct weir_buffer safe = {0};
    weir_utf8_add_repaired(&sound, text);
    weir_terminal_add(&safe, weir_buffer_span(&sound));
    if (columns > 0) {
        weir_terminal_add_padded(out, weir_buffer_span(&safe), columns);
    } else {
        weir_buffer_add(out, weir_buffer_span(&safe));
    }
    weir_buffer_fini(&sound);
    weir_buffer_fini(&safe);
}

void weir_queue_add_text(struct weir_buffer *out, struct weir_span text)
{
    add_column(out, text, 0);
}

static void add_state(struct weir_buffer *out, const struct weir_reply *card, int64_t now_ms)
{
    struct weir_span state = weir_reply_field(card, "state");
    if (weir_span_is(state, "claimed")) {
        int64_t left_ms = weir_queue_number(weir_reply_field(card, "lease")) - now_ms;
        weir_buffer_add_text(out, "  claimed by ");
        add_column(out, weir_reply_field(card, "owner"), 0);
        weir_buffer_add_text(out, left_ms > 0 ? " for " : ", lease over");
        if (left_ms > 0) {
            weir_queue_write_time(out, left_ms);
        }
    } else if (weir_span_is(state, "moving")) {
        weir_buffer_add_text(out, "  on its way to ");
        add_column(out, weir_reply_field(card, "to"), 0);
    } else if (weir_span_is(weir_reply_field(card, "decided"), "withdrawn")) {
        weir_buffer_add_text(out, "  withdrawn");
    } else if (weir_span_is(state, "done")) {
        weir_buffer_add_text(out, "  ");
        add_column(out, weir_reply_field(card, "decided"), 0);
        weir_buffer_add_text(out, " by ");
        add_column(out, weir_reply_field(card, "by"), 0);
        weir_buffer_add_text(out, ", ");
        add_column(out, weir_reply_field(card, "decision"), 0);
    }
}

// How far it was passed on, what it needs, and whether it is not the first time.
static void add_signs(struct weir_buffer *out, const struct weir_reply *card)
{
    struct weir_span level = weir_reply_field(card, "level");
    struct weir_span needs = weir_reply_field(card, "needs");
    if (level.length > 0) {
        weir_buffer_printf(out, "  escalated %" PRId64 "x", weir_queue_number(level));
    }
    if (weir_reply_field(card, "reopened").length > 0) {
        weir_buffer_add_text(out, "  asked again");
    }
    if (needs.length > 0) {
        weir_buffer_add_text(out, "  needs ");
        add_column(out, needs, 0);
    }
}

void weir_queue_write_line(struct weir_buffer *out, struct weir_span queue,
                           const struct weir_reply *card, struct weir_span id, int64_t now_ms)
{
    struct weir_buffer due = {0};
    weir_queue_write_due(&due, weir_reply_field(card, "due"), now_ms);
    add_column(out, queue, QUEUE_COLUMNS);
    weir_buffer_add_byte(out, ' ');
    add_column(out, weir_buffer_span(&due), DUE_COLUMNS);
    weir_buffer_printf(out, " %3" PRId64 "x ", weir_queue_number(weir_reply_field(card, "count")));
    add_column(out, weir_reply_field(card, "room"), ROOM_COLUMNS);
    weir_buffer_add_byte(out, ' ');
    add_column(out, id, 0);
    weir_buffer_add_text(out, weir_span_is(weir_reply_field(card, "urgent"), "1") ? " ! " : "   ");
    add_column(out, weir_reply_field(card, "text"), TEXT_COLUMNS);
    while (out->length > 0 && out->data[out->length - 1] == ' ') {
        out->length--;
    }
    if (weir_reply_field(card, "gone").length > 0) {
        weir_buffer_add_text(out, "  (gone from the room)");
    }
    if (weir_reply_field(card, "scene").length > 0) {
        weir_buffer_add_text(out, "  @ ");
        add_column(out, weir_reply_field(card, "scene"), 0);
    }
    add_signs(out, card);
    add_state(out, card, now_ms);
    weir_buffer_add_byte(out, '\n');
    weir_buffer_fini(&due);
}

static void add_row(struct weir_buffer *out, const char *label, struct weir_span value)
{
    if (value.length == 0) {
        return;
    }
    weir_buffer_printf(out, "  %-11s ", label);
    add_column(out, value, 0);
    weir_buffer_add_byte(out, '\n');
}

// A JSON list of what moderators wrote down: who, and what.
static void add_notes(struct weir_buffer *out, struct weir_span notes)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer line = {0};
    struct weir_json json;
    struct weir_span name;
    struct weir_span value;
    weir_buffer_reserve(&scratch, 3 * notes.length + 1); // so that no span of it moves
    weir_json_start(&json, notes, &scratch);
    if (notes.length == 0 || !weir_json_enter_array(&json)) {
        return;
    }
    while (weir_json_next_element(&json) && weir_json_enter_object(&json)) {
        struct weir_span by = {0};
        struct weir_span text = {0};
        while (weir_json_next_member(&json, &name) && weir_json_take_string(&json, &value)) {
            by = weir_span_is(name, "by") ? value : by;
            text = weir_span_is(name, "text") ? value : text;
        }
        weir_buffer_clear(&line);
        weir_buffer_printf(&line, "%.*s%s%.*s", WEIR_SPAN_ARGS(by), by.length > 0 ? ": " : "",
                           WEIR_SPAN_ARGS(text));
        add_row(out, "note", weir_buffer_span(&line));
    }
}

// How large a campaign is: of how many, in what time, and until when a decision on it holds.
static void add_campaign(struct weir_buffer *out, const struct weir_reply *card, int64_t now_ms)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer size = {0};
    int64_t first_ms = weir_queue_number(weir_reply_field(card, "first"));
    int64_t left_ms = weir_queue_number(weir_reply_field(card, "holds_until")) - now_ms;
    if (weir_reply_field(card, "campaign").length == 0) {
        return;
    }
    weir_buffer_add(&size, weir_reply_field(card, "campaign"));
    weir_buffer_printf(&size, ": %" PRId64 " messages of %" PRId64 " accounts within ",
                       weir_queue_number(weir_reply_field(card, "messages")),
                       weir_queue_number(weir_reply_field(card, "accounts")));
    weir_queue_write_time(&size, weir_queue_number(weir_reply_field(card, "last")) - first_ms);
    if (left_ms > 0) {
        weir_buffer_add_text(&size, "; decided for another ");
        weir_queue_write_time(&size, left_ms);
    }
    add_row(out, "campaign", weir_buffer_span(&size));
}

void weir_queue_write_card(struct weir_buffer *out, struct weir_span queue,
                           const struct weir_reply *card, int64_t now_ms)
{
    static const char *const fields[] = {
        "kind",    "state", "room",     "scene",    "topic",    "text",   "message",    "user",
        "name",    "roles", "count",    "askers",   "urgent",   "reason", "suggestion", "rules",
        "verdict", "owner", "token",    "decision", "decided",  "by",     "answer",     "satisfied",
        "needs",   "level", "escalate", "from",     "reopened", "to",
    };
    struct weir_buffer due = {0};
    weir_queue_write_due(&due, weir_reply_field(card, "due"), now_ms);
    weir_buffer_add_text(out, "card ");
    add_column(out, weir_reply_field(card, "id"), 0);
    weir_buffer_add_byte(out, '\n');
    add_row(out, "queue", queue);
    add_row(out, "due", weir_buffer_span(&due));
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct weir_span value = weir_reply_field(card, fields[i]);
        bool says_nothing = weir_span_is(value, "[]") ||
                            (strcmp(fields[i], "urgent") == 0 && weir_span_is(value, "0"));
        add_row(out, fields[i], says_nothing ? (struct weir_span){0} : value);
    }
    add_campaign(out, card, now_ms);
    add_notes(out, weir_reply_field(card, "notes"));
    if (weir_reply_field(card, "gone").length > 0) {
        add_row(out, "gone", WEIR_SPAN("the message is no longer in the room"));
    }
    weir_buffer_fini(&due);
}

static bool is_number_field(struct weir_span name)
{
    static const char *const names[] = {
        "count",     "askers",   "due",   "created", "added",       "lease", "target",
        "finished",  "claimed",  "at",    "seq",     "tier",        "now",   "gone",
        "accounts",  "messages", "first", "last",    "holds_until", "level", "reopened",
        "escalated", "until",    "since", "held",    "capacity",    "hops"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (weir_span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_json_list(struct weir_span text)
{
    struct weir_json json;
    struct weir_buffer scratch = {0};
    bool is_list = text.length > 0 && text.data[0] == '[';
    if (is_list) {
        weir_json_start(&json, text, &scratch);
        is_list = weir_json_skip(&json) && weir_json_finish(&json);
    }
    weir_buffer_fini(&scratch);
    return is_list;
}

static bool is_integer(struct weir_span text)
{
    uint64_t number;
    bool is_negative = text.length > 1 && text.data[0] == '-';
    struct weir_span digits = weir_span_slice(text, is_negative, text.length);
    bool is_padded = digits.length > 1 && digits.data[0] == '0'; // which is no number in JSON
    return !is_padded && weir_span_to_u64(digits, &number);
}

static bool is_list_field(struct weir_span name)
{
    return weir_span_is(name, "rules") || weir_span_is(name, "roles") ||
           weir_span_is(name, "earlier") || weir_span_is(name, "notes");
}

// Names are those of Redis, written as they are; values keep the type that they had in the card.
static void add_json_field(struct weir_buffer *out, struct weir_span name, struct weir_span value)
{
    weir_buffer_add_byte(out, ',');
    weir_json_add_string(out, name);
    weir_buffer_add_byte(out, ':');
    bool is_plain = (is_number_field(name) && is_integer(value)) ||
                    (is_list_field(name) && is_json_list(value));
    if (weir_span_is(name, "urgent")) {
        weir_buffer_add_text(out, weir_span_is(value, "1") ? "true" : "false");
    } else if (is_plain) {
        weir_buffer_add(out, value);
    } else {
        weir_json_add_string(out, value);
    }
}

void weir_queue_write_json(struct weir_buffer *out, struct weir_span queue,
                           const struct weir_reply *card)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "queue", queue);
    for (size_t i = 0; i + 1 < card->count; i += 2) {
        if (!weir_span_is(card->items[i].text, "queue")) {
            add_json_field(out, card->items[i].text, card->items[i + 1].text);
        }
    }
    weir_buffer_add_byte(out, '}');
}
