// Both directions of weir.room.v1 use one table of fields, read in one walk over the object in
// whatever order they come. A field of the wrong type does not end the walk: the frame is refused,
// but with the room and seq that stand behind it, so that the room's ack can move on.

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/room_line.h"
#include "engine/base/room_protocol.h"
#include "engine/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum field {
    FIELD_TYPE,
    FIELD_ROOM,
    FIELD_SEQ,
    FIELD_ID,
    FIELD_TS,
    FIELD_USER,
    FIELD_TEXT,
    FIELD_EMOTES,
    FIELD_REPLY_TO,
    FIELD_DO,
    FIELD_MESSAGE,
    FIELD_SECONDS,
    FIELD_MODE,
    FIELD_REASON,
    FIELD_RULES,
    FIELD_BY,
    FIELD_VERDICT,
    FIELD_ACTION,
    FIELD_OK,
    FIELD_ERROR,
    FIELD_RETRY_MS,
    FIELD_STATE,
    FIELD_SCENE,
    FIELD_FROM,
    FIELD_TO,
    FIELD_SELF,
    FIELD_BATCH,
    FIELD_DEADLINE_MS,
    FIELD_LATE,
    FIELD_TOKEN,
    FIELD_ROOMS,
    FIELD_RESUME,
    FIELD_FROM_SELF,
    FIELD_HISTORY,
    FIELD_DAMAGED,
    FIELD_ARRIVED_MS,
    FIELD_NAME,
    FIELD_SCENE_ENDS,
    FIELD_ENDS,
    FIELD_COUNT,
};

struct resume_point {
    struct weir_span room;
    uint64_t seq;
};

/** What comes in numbers, kept from frame to frame. */
struct weir_room_lists {
    struct weir_emote *emotes;
    size_t emote_count;
    size_t emote_capacity;
    struct weir_room_request *rooms;
    size_t room_count;
    size_t room_capacity;
    struct resume_point *resume;
    size_t resume_count;
    size_t resume_capacity;
    struct weir_span *rules;
    size_t rule_count;
    size_t rule_capacity;
};

/** What one object said. `text`, `number` and the two of wrong hold something only where the bits
 * say so: clearing them for each frame would cost more than most frames. */
struct reading {
    struct weir_json json;
    struct weir_room_lists *lists;
    bool place_only;   // over the limit: only what names its place is read
    enum field field;  // the one that is being read
    enum field likely; // the one that will probably come next
    uint64_t known;    // bits of the fields that this side says
    uint64_t present;  // bits of enum field
    uint64_t is_wrong; // bits of enum field
    struct weir_span text[FIELD_COUNT];
    uint64_t number[FIELD_COUNT]; // times as their two's complement
    const char *wrong_name[FIELD_COUNT];
    const char *wrong[FIELD_COUNT];
    struct weir_user user; // of `user` or `self`
};

#define BIT(field) (UINT64_C(1) << (field))

static bool has(const struct reading *reading, enum field field)
{
    return (reading->present & BIT(field)) != 0;
}

static struct weir_span text_of(const struct reading *reading, enum field field)
{
    return has(reading, field) ? reading->text[field] : (struct weir_span){NULL, 0};
}

static uint64_t number_of(const struct reading *reading, enum field field)
{
    return has(reading, field) ? reading->number[field] : 0;
}

static uint32_t small_number_of(const struct reading *reading, enum field field)
{
    uint64_t number = number_of(reading, field);
    return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static void note_wrong(struct reading *reading, const char *name, const char *wrong)
{
    if (!(reading->is_wrong & BIT(reading->field))) {
        reading->is_wrong |= BIT(reading->field);
        reading->wrong_name[reading->field] = name;
        reading->wrong[reading->field] = wrong;
    }
}

/** Takes the value if it is of `kind`; else skips it, noting what was expected unless it is null.
 */
static bool expect(struct reading *reading, const char *name, enum weir_json_kind kind,
                   const char *wrong)
{
    enum weir_json_kind found = weir_json_peek(&reading->json);
    if (found == kind) {
        return true;
    }
    if (weir_json_skip(&reading->json) && found != WEIR_JSON_NULL) {
        note_wrong(reading, name, wrong);
    }
    return false;
}

static bool take_text(struct reading *reading, const char *name, struct weir_span *value_out)
{
    return expect(reading, name, WEIR_JSON_STRING, "must be a string") &&
           weir_json_take_string(&reading->json, value_out);
}

static bool take_id(struct reading *reading, const char *name, struct weir_span *value_out)
{
    struct weir_span value;
    if (!take_text(reading, name, &value)) {
        return false;
    }
    if (value.length > WEIR_ROOM_ID_BYTES) {
        note_wrong(reading, name, "is longer than 512 bytes");
        return false;
    }
    *value_out = value;
    return true;
}

static bool take_u64(struct reading *reading, const char *name, uint64_t *value_out)
{
    struct weir_span number;
    if (!expect(reading, name, WEIR_JSON_NUMBER, "must be a number") ||
        !weir_json_take_number(&reading->json, &number)) {
        return false;
    }
    if (!weir_json_number_to_u64(number, value_out)) {
        note_wrong(reading, name, "is out of range");
        return false;
    }
    return true;
}

static bool read_text(struct reading *reading, const char *name)
{
    return take_text(reading, name, &reading->text[reading->field]);
}

static bool read_id(struct reading *reading, const char *name)
{
    return take_id(reading, name, &reading->text[reading->field]);
}

static bool read_number(struct reading *reading, const char *name)
{
    return take_u64(reading, name, &reading->number[reading->field]);
}

static bool read_time(struct reading *reading, const char *name)
{
    struct weir_span number;
    int64_t time = 0;
    if (!expect(reading, name, WEIR_JSON_NUMBER, "must be a number") ||
        !weir_json_take_number(&reading->json, &number)) {
        return false;
    }
    if (!weir_json_number_to_i64(number, &time)) {
        note_wrong(reading, name, "is out of range");
        return false;
    }
    reading->number[reading->field] = (uint64_t)time;
    return true;
}

static bool read_flag(struct reading *reading, const char *name)
{
    bool value = false;
    if (!expect(reading, name, WEIR_JSON_BOOL, "must be true or false") ||
        !weir_json_take_bool(&reading->json, &value)) {
        return false;
    }
    reading->number[reading->field] = value;
    return true;
}

static void read_roles(struct reading *reading)
{
    if (!expect(reading, "user.roles", WEIR_JSON_ARRAY, "must be a list") ||
        !weir_json_enter_array(&reading->json)) {
        return;
    }
    while (weir_json_next_element(&reading->json)) {
        struct weir_span role;
        uint32_t bit = 0;
        // A role that we do not know gives no right here, so it may be ignored.
        if (take_text(reading, "user.roles", &role) && weir_role_find(role, &bit)) {
            reading->user.roles |= bit;
        }
    }
}

static void read_identity(struct reading *reading)
{
    struct weir_span word;
    if (take_text(reading, "user.identity", &word) &&
        !weir_identity_find(word, &reading->user.identity)) {
        reading->user.identity = WEIR_IDENTITY_MASKED; // unsure how sure: no strikes on a guess
    }
}

static void read_user_id(struct reading *reading)
{
    take_id(reading, "user.id", &reading->user.id);
}

static void read_user_name(struct reading *reading)
{
    take_text(reading, "user.name", &reading->user.name);
}

static void read_tier(struct reading *reading)
{
    uint64_t tier = 0;
    take_u64(reading, "user.tier", &tier);
    reading->user.tier = tier > UINT32_MAX ? UINT32_MAX : (uint32_t)tier;
}

// In the order in which they are mostly said.
static const struct {
    struct weir_span name;
    void (*read)(struct reading *reading);
} user_rows[] = {
    {{"id", 2}, read_user_id}, {{"name", 4}, read_user_name},    {{"roles", 5}, read_roles},
    {{"tier", 4}, read_tier},  {{"identity", 8}, read_identity},
};

static void read_user_member(struct reading *reading, struct weir_span name)
{
    for (size_t i = 0; i < ARRAY_LEN(user_rows); i++) {
        if (weir_span_equals(name, user_rows[i].name)) {
            user_rows[i].read(reading);
            return;
        }
    }
    weir_json_skip(&reading->json);
}

static void read_user_members(struct reading *reading)
{
    struct weir_span name;
    for (size_t i = 0; i < ARRAY_LEN(user_rows); i++) {
        if (weir_json_take_member(&reading->json, user_rows[i].name)) {
            user_rows[i].read(reading);
        }
    }
    while (weir_json_next_member(&reading->json, &name)) {
        read_user_member(reading, name);
    }
}

/** An object, or (in recordings) the plain id. */
static bool read_user(struct reading *reading, const char *name)
{
    reading->user = (struct weir_user){.identity = WEIR_IDENTITY_STABLE};
    if (weir_json_peek(&reading->json) == WEIR_JSON_STRING) {
        take_id(reading, name, &reading->user.id);
    } else if (expect(reading, name, WEIR_JSON_OBJECT, "must be an object or a string") &&
               weir_json_enter_object(&reading->json)) {
        read_user_members(reading);
    } else {
        reading->user.identity = WEIR_IDENTITY_NONE;
        return false;
    }
    weir_room_settle_user(&reading->user);
    return true;
}

/** A bound of an emote; one that is no usable number makes the emote one to drop. */
static uint32_t take_bound(struct weir_json *json)
{
    struct weir_span number;
    uint64_t value = UINT32_MAX;
    if (weir_json_peek(json) != WEIR_JSON_NUMBER) {
        weir_json_skip(json);
    } else if (!weir_json_take_number(json, &number) || !weir_json_number_to_u64(number, &value)) {
        value = UINT32_MAX;
    }
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static struct weir_emote take_emote(struct weir_json *json)
{
    struct weir_emote emote = {UINT32_MAX, 0};
    struct weir_span name;
    if (weir_json_peek(json) != WEIR_JSON_OBJECT || !weir_json_enter_object(json)) {
        weir_json_skip(json);
        return emote;
    }
    while (weir_json_next_member(json, &name)) {
        if (weir_span_is(name, "start")) {
            emote.start = take_bound(json);
        } else if (weir_span_is(name, "end")) {
            emote.end = take_bound(json);
        } else {
            weir_json_skip(json);
        }
    }
    return emote;
}

static bool read_emotes(struct reading *reading, const char *name)
{
    reading->lists->emote_count = 0;
    if (!expect(reading, name, WEIR_JSON_ARRAY, "must be a list") ||
        !weir_json_enter_array(&reading->json)) {
        return false;
    }
    while (weir_json_next_element(&reading->json)) {
        struct weir_emote emote = take_emote(&reading->json);
        if (emote.start < emote.end) {
            reading->lists->emotes =
                weir_grow(reading->lists->emotes, &reading->lists->emote_capacity,
                          reading->lists->emote_count + 1, sizeof(emote));
            reading->lists->emotes[reading->lists->emote_count++] = emote;
        }
    }
    return true;
}

static bool read_rules(struct reading *reading, const char *name)
{
    reading->lists->rule_count = 0;
    if (!expect(reading, name, WEIR_JSON_ARRAY, "must be a list") ||
        !weir_json_enter_array(&reading->json)) {
        return false;
    }
    while (weir_json_next_element(&reading->json)) {
        struct weir_span rule;
        if (take_id(reading, name, &rule)) {
            reading->lists->rules = weir_grow(reading->lists->rules, &reading->lists->rule_capacity,
                                              reading->lists->rule_count + 1, sizeof(rule));
            reading->lists->rules[reading->lists->rule_count++] = rule;
        }
    }
    return true;
}

static bool read_rooms(struct reading *reading, const char *name)
{
    reading->lists->room_count = 0;
    if (!expect(reading, name, WEIR_JSON_ARRAY, "must be a list") ||
        !weir_json_enter_array(&reading->json)) {
        return false;
    }
    while (weir_json_next_element(&reading->json)) {
        struct weir_room_request request = {{NULL, 0}, 0, false};
        if (take_id(reading, name, &request.room)) {
            reading->lists->rooms = weir_grow(reading->lists->rooms, &reading->lists->room_capacity,
                                              reading->lists->room_count + 1, sizeof(request));
            reading->lists->rooms[reading->lists->room_count++] = request;
        }
    }
    return true;
}

static bool read_resume(struct reading *reading, const char *name)
{
    struct resume_point point;
    reading->lists->resume_count = 0;
    if (!expect(reading, name, WEIR_JSON_OBJECT, "must be an object") ||
        !weir_json_enter_object(&reading->json)) {
        return false;
    }
    while (weir_json_next_member(&reading->json, &point.room)) {
        if (take_u64(reading, name, &point.seq)) {
            reading->lists->resume =
                weir_grow(reading->lists->resume, &reading->lists->resume_capacity,
                          reading->lists->resume_count + 1, sizeof(point));
            reading->lists->resume[reading->lists->resume_count++] = point;
        }
    }
    return true;
}

// In the order of enum field: the fields of a chat line stand first, so they are found first.
#define ROW(name, read)                                                                            \
    {                                                                                              \
        name, sizeof(name) - 1, read                                                               \
    }

static const struct {
    const char *name;
    size_t length;
    bool (*read)(struct reading *reading, const char *name);
} field_rows[] = {
    ROW("type", read_id),         ROW("room", read_id),
    ROW("seq", read_number),      ROW("id", read_id),
    ROW("ts", read_time),         ROW("user", read_user),
    ROW("text", read_text),       ROW("emotes", read_emotes),
    ROW("reply_to", read_id),     ROW("do", read_id),
    ROW("message", read_id),      ROW("seconds", read_number),
    ROW("mode", read_id),         ROW("reason", read_text),
    ROW("rules", read_rules),     ROW("by", read_id),
    ROW("verdict", read_id),      ROW("action", read_id),
    ROW("ok", read_flag),         ROW("error", read_text),
    ROW("retry_ms", read_number), ROW("state", read_id),
    ROW("scene", read_id),        ROW("from", read_number),
    ROW("to", read_number),       ROW("self", read_user),
    ROW("batch", read_flag),      ROW("deadline_ms", read_number),
    ROW("late", read_id),         ROW("token", read_text),
    ROW("rooms", read_rooms),     ROW("resume", read_resume),
    ROW("from_self", read_flag),  ROW("history", read_flag),
    ROW("damaged", read_flag),    ROW("arrived_ms", read_time),
    ROW("name", read_text),       ROW("scene_ends", read_time),
    ROW("ends", read_time),
};

_Static_assert(ARRAY_LEN(field_rows) == FIELD_COUNT, "a row for each field");

#define PLACE_FIELDS (BIT(FIELD_TYPE) | BIT(FIELD_ROOM) | BIT(FIELD_SEQ) | BIT(FIELD_ID))

static bool is_field(enum field field, struct weir_span name)
{
    return field_rows[field].length == name.length &&
           memcmp(field_rows[field].name, name.data, name.length) == 0;
}

static enum field find_field(struct weir_span name)
{
    size_t i = 0;
    while (i < FIELD_COUNT && !is_field((enum field)i, name)) {
        i++;
    }
    return (enum field)i;
}

static void read_member(struct reading *reading, enum field field)
{
    if (field == FIELD_COUNT || !(reading->known & BIT(field))) {
        weir_json_skip(&reading->json);
        return;
    }
    reading->field = field;
    reading->likely = field + 1 < FIELD_COUNT ? field + 1 : FIELD_TYPE;
    reading->present &= ~BIT(field); // of two members with one name the last counts
    if (field_rows[field].read(reading, field_rows[field].name)) {
        reading->present |= BIT(field);
    }
}

// Most objects say their fields in the table's order, so the one behind the last is asked first.
static bool next_field(struct reading *reading, enum field *field_out)
{
    struct weir_span name;
    const struct weir_span likely = {field_rows[reading->likely].name,
                                     field_rows[reading->likely].length};
    if (weir_json_take_member(&reading->json, likely)) {
        *field_out = reading->likely;
        return true;
    }
    if (!weir_json_next_member(&reading->json, &name)) {
        return false;
    }
    *field_out = find_field(name);
    return true;
}

static void walk(struct reading *reading, struct weir_span object, struct weir_buffer *scratch)
{
    enum field field;
    weir_buffer_clear(scratch);
    weir_json_start(&reading->json, object, scratch);
    if (!weir_json_enter_object(&reading->json)) {
        return;
    }
    while (next_field(reading, &field)) {
        read_member(reading, field);
    }
    weir_json_finish(&reading->json);
}

/** Reads `object` into `reading`, of which only what the bits promise is filled. */
static void read_object(struct reading *reading, struct weir_span object, uint64_t known,
                        uint32_t limit_bytes, struct weir_room_lists **lists,
                        struct weir_buffer *scratch)
{
    if (!*lists) {
        *lists = weir_new(struct weir_room_lists);
    }
    reading->lists = *lists;
    reading->lists->emote_count = 0;
    reading->lists->room_count = 0;
    reading->lists->resume_count = 0;
    reading->lists->rule_count = 0;
    reading->place_only = object.length > limit_bytes;
    reading->known = reading->place_only ? PLACE_FIELDS : known;
    reading->likely = FIELD_TYPE;
    reading->present = 0;
    reading->is_wrong = 0;
    reading->user = (struct weir_user){.identity = WEIR_IDENTITY_NONE};
    walk(reading, object, scratch);
}

/**
 * Why the object is refused whatever it is, written into `cause`; "" if nothing is. Only `relevant`
 * fields can be wrong: a platform may use our names for things of its own where they mean nothing.
 */
static void explain(const struct reading *reading, uint64_t relevant, uint32_t limit_bytes,
                    char *cause, size_t size)
{
    uint64_t wrong = reading->is_wrong & (relevant | PLACE_FIELDS);
    cause[0] = '\0';
    if (reading->json.error) {
        snprintf(cause, size, "not JSON: %s at byte %zu", reading->json.error, reading->json.at);
    } else if (reading->place_only) {
        snprintf(cause, size, "longer than %u bytes", limit_bytes);
    } else if (wrong) {
        int field = __builtin_ctzll(wrong);
        snprintf(cause, size, "'%s' %s", reading->wrong_name[field], reading->wrong[field]);
    }
}

static void destroy_lists(struct weir_room_lists **lists)
{
    if (*lists) {
        free((*lists)->emotes);
        free((*lists)->rooms);
        free((*lists)->resume);
        free((*lists)->rules);
        weir_free_at(lists);
    }
}

// The server's side.

static void refuse(struct weir_room_reader *reader, const char *cause)
{
    reader->event.kind = WEIR_EVENT_REFUSED;
    if (cause) {
        snprintf(reader->cause, sizeof(reader->cause), "%s", cause);
    }
    reader->event.cause = weir_span_of(reader->cause);
}

/** Drops the emotes that do not lie in the text. */
static size_t keep_emotes_within(struct weir_emote *emotes, size_t count, struct weir_span text)
{
    size_t characters = count ? weir_utf8_count(text) : 0;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (emotes[i].end <= characters) {
            emotes[kept++] = emotes[i];
        }
    }
    return kept;
}

static void on_message(struct weir_room_reader *reader, struct reading *reading, bool is_edit)
{
    if (!has(reading, FIELD_TEXT)) {
        refuse(reader, is_edit ? "an edit without 'text'" : "a chat line without 'text'");
        return;
    }
    struct weir_span text = text_of(reading, FIELD_TEXT);
    reader->message = (struct weir_message){
        .room = reader->event.room,
        .id = reader->event.id,
        .seq = reader->event.seq,
        .has_seq = reader->event.has_seq,
        .from_self = number_of(reading, FIELD_FROM_SELF),
        .is_history = number_of(reading, FIELD_HISTORY),
        .is_edit = is_edit,
        .damaged = reading->json.damaged || number_of(reading, FIELD_DAMAGED),
        .ts_ms = (int64_t)number_of(reading, FIELD_TS),
        .user = reading->user,
        .text = text,
        .reply_to = text_of(reading, FIELD_REPLY_TO),
        .emotes = reading->lists->emotes,
        .emote_count =
            keep_emotes_within(reading->lists->emotes, reading->lists->emote_count, text),
    };
    reader->event.kind = WEIR_EVENT_MESSAGE;
    reader->event.message = &reader->message;
}

static void on_chat(struct weir_room_reader *reader, struct reading *reading)
{
    on_message(reader, reading, false);
}

static void on_edit(struct weir_room_reader *reader, struct reading *reading)
{
    if (reader->event.id.length == 0) {
        refuse(reader, "an edit without 'id'");
        return;
    }
    on_message(reader, reading, true);
}

static void on_welcome(struct weir_room_reader *reader, struct reading *reading)
{
    struct weir_span mode = text_of(reading, FIELD_MODE);
    struct weir_span late = text_of(reading, FIELD_LATE);
    if (mode.length > 0 && !weir_span_is(mode, "observe") && !weir_span_is(mode, "gate")) {
        refuse(reader, "'mode' must be observe or gate");
        return;
    }
    if (late.length > 0 &&
        (!weir_gate_find(late, &reader->event.late) || reader->event.late > WEIR_GATE_HOLD)) {
        refuse(reader, "'late' must be pass or hold");
        return;
    }
    reader->batch = number_of(reading, FIELD_BATCH);
    reader->event.kind = WEIR_EVENT_READY;
    reader->event.gate = weir_span_is(mode, "gate");
    reader->event.deadline_ms = small_number_of(reading, FIELD_DEADLINE_MS);
    reader->event.self = reading->user.id;
}

static void on_gone(struct weir_room_reader *reader, struct reading *reading)
{
    if (reader->event.id.length > 0) {
        reader->event.kind = WEIR_EVENT_GONE;
    } else if (has(reading, FIELD_USER)) {
        reader->event.kind = WEIR_EVENT_USER_GONE;
        reader->event.id = reading->user.id;
    } else {
        refuse(reader, "a 'gone' without 'id'");
    }
}

static int64_t time_of(const struct reading *reading, enum field field)
{
    int64_t time_ms = (int64_t)number_of(reading, field);
    return time_ms > 0 ? time_ms : 0;
}

static void on_room(struct weir_room_reader *reader, struct reading *reading)
{
    struct weir_span state = text_of(reading, FIELD_STATE);
    if (state.length > 0 && !weir_span_is(state, "live") && !weir_span_is(state, "paused") &&
        !weir_span_is(state, "ended")) {
        refuse(reader, "'state' must be live, paused or ended");
        return;
    }
    reader->event.kind = WEIR_EVENT_ROOM;
    reader->event.state = state;
    reader->event.scene = text_of(reading, FIELD_SCENE);
    reader->event.scene_ends_ms = time_of(reading, FIELD_SCENE_ENDS);
    reader->event.ends_ms = time_of(reading, FIELD_ENDS);
}

static void on_gap(struct weir_room_reader *reader, struct reading *reading)
{
    uint64_t from = number_of(reading, FIELD_FROM);
    uint64_t to = number_of(reading, FIELD_TO);
    if (!has(reading, FIELD_FROM) || !has(reading, FIELD_TO) || from > to) {
        refuse(reader, "a 'gap' needs 'from' and 'to' in this order");
        return;
    }
    reader->event.kind = WEIR_EVENT_GAP;
    reader->event.seq = from;
    reader->event.seq_to = to;
    reader->event.has_seq = true;
}

static void on_done(struct weir_room_reader *reader, struct reading *reading)
{
    struct weir_event *event = &reader->event;
    if (!has(reading, FIELD_ACTION) || !has(reading, FIELD_OK)) {
        refuse(reader, "a 'done' needs 'action' and 'ok'");
        return;
    }
    event->kind = WEIR_EVENT_DONE;
    event->id = text_of(reading, FIELD_ACTION);
    event->retry_ms = small_number_of(reading, FIELD_RETRY_MS);
    if (!number_of(reading, FIELD_OK)) {
        event->refused = WEIR_REFUSED_INTERNAL;
        weir_refused_find(text_of(reading, FIELD_ERROR), &event->refused);
        event->refused = event->refused ? event->refused : WEIR_REFUSED_INTERNAL;
        event->cause = weir_span_of(weir_refused_name(event->refused));
    }
}

#define RECORDED_FIELDS                                                                            \
    (BIT(FIELD_FROM_SELF) | BIT(FIELD_HISTORY) | BIT(FIELD_DAMAGED) | BIT(FIELD_ARRIVED_MS))
#define CHAT_FIELDS                                                                                \
    (BIT(FIELD_TS) | BIT(FIELD_USER) | BIT(FIELD_TEXT) | BIT(FIELD_EMOTES) | BIT(FIELD_REPLY_TO) | \
     RECORDED_FIELDS)
#define WELCOME_FIELDS                                                                             \
    (BIT(FIELD_MODE) | BIT(FIELD_SELF) | BIT(FIELD_BATCH) | BIT(FIELD_DEADLINE_MS) |               \
     BIT(FIELD_LATE))
#define DONE_FIELDS (BIT(FIELD_ACTION) | BIT(FIELD_OK) | BIT(FIELD_ERROR) | BIT(FIELD_RETRY_MS))
#define SERVER_FIELDS                                                                              \
    (PLACE_FIELDS | CHAT_FIELDS | WELCOME_FIELDS | DONE_FIELDS | BIT(FIELD_STATE) |                \
     BIT(FIELD_SCENE) | BIT(FIELD_SCENE_ENDS) | BIT(FIELD_ENDS) | BIT(FIELD_FROM) | BIT(FIELD_TO))

static const struct server_type {
    const char *name;
    uint64_t fields;
    void (*on)(struct weir_room_reader *reader, struct reading *reading);
} server_types[] = {
    {"chat", CHAT_FIELDS, on_chat},
    {"done", DONE_FIELDS, on_done},
    {"gone", BIT(FIELD_USER), on_gone},
    {"edit", CHAT_FIELDS, on_edit},
    {"room", BIT(FIELD_STATE) | BIT(FIELD_SCENE) | BIT(FIELD_SCENE_ENDS) | BIT(FIELD_ENDS),
     on_room},
    {"gap", BIT(FIELD_FROM) | BIT(FIELD_TO), on_gap},
    {"welcome", WELCOME_FIELDS, on_welcome},
};

static const struct server_type *find_server_type(const struct reading *reading)
{
    // A line of a recording needs no type.
    struct weir_span name =
        has(reading, FIELD_TYPE) ? reading->text[FIELD_TYPE] : WEIR_SPAN("chat");
    for (size_t i = 0; i < ARRAY_LEN(server_types); i++) {
        if (weir_span_is(name, server_types[i].name)) {
            return &server_types[i];
        }
    }
    return NULL;
}

const struct weir_event *weir_room_read(struct weir_room_reader *reader, struct weir_span object)
{
    uint32_t limit = reader->max_object_bytes ? reader->max_object_bytes : WEIR_ROOM_OBJECT_BYTES;
    struct reading reading;
    if (weir_room_read_plain(reader, object)) {
        return &reader->event;
    }
    read_object(&reading, object, SERVER_FIELDS, limit, &reader->lists, &reader->scratch);

    reader->arrived_ms = (int64_t)number_of(&reading, FIELD_ARRIVED_MS);
    reader->event = (struct weir_event){
        .room = text_of(&reading, FIELD_ROOM),
        .id = text_of(&reading, FIELD_ID),
        .seq = number_of(&reading, FIELD_SEQ),
        .has_seq = has(&reading, FIELD_SEQ),
    };
    const struct server_type *type = find_server_type(&reading);
    explain(&reading, type ? type->fields : 0, limit, reader->cause, sizeof(reader->cause));
    if (reader->cause[0] != '\0') {
        refuse(reader, NULL);
    } else if (type) {
        type->on(reader, &reading);
    } else {
        reader->event.kind = WEIR_EVENT_UNKNOWN;
        reader->event.cause = WEIR_SPAN("a frame of an unknown type");
    }
    return &reader->event;
}

void weir_room_reader_fini(struct weir_room_reader *reader)
{
    weir_buffer_fini(&reader->scratch);
    destroy_lists(&reader->lists);
    *reader = (struct weir_room_reader){0};
}

// The client's side.

struct weir_room_listener {
    struct weir_buffer scratch;
    struct weir_room_lists *lists;
    struct weir_room_heard heard;
    char cause[128];
};

struct weir_room_listener *weir_room_listener_create(void)
{
    return weir_new(struct weir_room_listener);
}

void weir_room_listener_destroy(struct weir_room_listener **listener)
{
    if (*listener) {
        weir_buffer_fini(&(*listener)->scratch);
        destroy_lists(&(*listener)->lists);
        weir_free_at(listener);
    }
}

static void hear_bad(struct weir_room_listener *listener, const char *cause)
{
    listener->heard.kind = WEIR_ROOM_HEARD_BAD;
    listener->heard.cause = cause;
}

/** Gives each room its place to resume from. Both lists usually have the same order, so the search
 * for one begins behind the last. */
static void join_resume(struct weir_room_lists *lists)
{
    size_t next = 0;
    for (size_t i = 0; i < lists->resume_count; i++) {
        for (size_t tries = 0; tries < lists->room_count; tries++) {
            struct weir_room_request *request = &lists->rooms[next];
            next = next + 1 < lists->room_count ? next + 1 : 0;
            if (weir_span_equals(request->room, lists->resume[i].room)) {
                request->resume = lists->resume[i].seq;
                request->has_resume = true;
                break;
            }
        }
    }
}

static void hear_rooms(struct weir_room_listener *listener, struct reading *reading)
{
    join_resume(reading->lists);
    listener->heard.token = text_of(reading, FIELD_TOKEN);
    listener->heard.rooms = reading->lists->rooms;
    listener->heard.room_count = reading->lists->room_count;
}

static void hear_action(struct weir_room_listener *listener, struct reading *reading)
{
    struct weir_action *action = &listener->heard.action;
    *action = (struct weir_action){
        .id = text_of(reading, FIELD_ID),
        .room = text_of(reading, FIELD_ROOM),
        .seq = number_of(reading, FIELD_SEQ),
        .has_seq = has(reading, FIELD_SEQ),
        .message = text_of(reading, FIELD_MESSAGE),
        .user = has(reading, FIELD_USER) ? reading->user.id : (struct weir_span){NULL, 0},
        .user_name = text_of(reading, FIELD_NAME),
        .seconds = small_number_of(reading, FIELD_SECONDS),
        .text = text_of(reading, FIELD_TEXT),
        .mode = text_of(reading, FIELD_MODE),
        .reason = text_of(reading, FIELD_REASON),
        .rules = reading->lists->rules,
        .rule_count = reading->lists->rule_count,
        .by_human = weir_span_is(text_of(reading, FIELD_BY), "human"),
    };
    if (action->id.length == 0 || action->room.length == 0) {
        hear_bad(listener, "an action without 'id' or 'room'");
    } else if (!weir_do_find(text_of(reading, FIELD_DO), &action->kind)) {
        hear_bad(listener, "an action with an unknown 'do'");
    }
}

static void hear_verdict(struct weir_room_listener *listener, struct reading *reading)
{
    listener->heard.message = text_of(reading, FIELD_ID);
    listener->heard.text = text_of(reading, FIELD_TEXT);
    if (!weir_gate_find(text_of(reading, FIELD_VERDICT), &listener->heard.verdict)) {
        hear_bad(listener, "'verdict' must be pass, hold, delete or mask");
    }
}

static void hear_ack(struct weir_room_listener *listener, struct reading *reading)
{
    if (!has(reading, FIELD_ROOM) || !has(reading, FIELD_SEQ)) {
        hear_bad(listener, "an 'ack' needs 'room' and 'seq'");
    }
}

#define JOIN_FIELDS (BIT(FIELD_TOKEN) | BIT(FIELD_ROOMS) | BIT(FIELD_RESUME))
#define ACTION_FIELDS                                                                              \
    (BIT(FIELD_DO) | BIT(FIELD_MESSAGE) | BIT(FIELD_USER) | BIT(FIELD_SECONDS) | BIT(FIELD_TEXT) | \
     BIT(FIELD_MODE) | BIT(FIELD_REASON) | BIT(FIELD_RULES) | BIT(FIELD_BY) | BIT(FIELD_NAME))
#define VERDICT_FIELDS (BIT(FIELD_VERDICT) | BIT(FIELD_TEXT))
#define CLIENT_FIELDS  (PLACE_FIELDS | JOIN_FIELDS | ACTION_FIELDS | VERDICT_FIELDS)

static const struct client_type {
    const char *name;
    enum weir_room_heard_kind kind;
    uint64_t fields;
    void (*hear)(struct weir_room_listener *listener, struct reading *reading);
} client_types[] = {
    {"ack", WEIR_ROOM_HEARD_ACK, 0, hear_ack},
    {"action", WEIR_ROOM_HEARD_ACTION, ACTION_FIELDS, hear_action},
    {"verdict", WEIR_ROOM_HEARD_VERDICT, VERDICT_FIELDS, hear_verdict},
    {"join", WEIR_ROOM_HEARD_JOIN, JOIN_FIELDS, hear_rooms},
    {"leave", WEIR_ROOM_HEARD_LEAVE, JOIN_FIELDS, hear_rooms},
    {"hello", WEIR_ROOM_HEARD_HELLO, JOIN_FIELDS, hear_rooms},
};

static const struct client_type *find_client_type(struct weir_span name)
{
    for (size_t i = 0; i < ARRAY_LEN(client_types); i++) {
        if (weir_span_is(name, client_types[i].name)) {
            return &client_types[i];
        }
    }
    return NULL;
}

const struct weir_room_heard *weir_room_hear(struct weir_room_listener *listener,
                                             struct weir_span object)
{
    struct reading reading;
    read_object(&reading, object, CLIENT_FIELDS, WEIR_ROOM_OBJECT_BYTES, &listener->lists,
                &listener->scratch);

    const struct client_type *type = find_client_type(text_of(&reading, FIELD_TYPE));
    listener->heard = (struct weir_room_heard){
        .kind = type ? type->kind : WEIR_ROOM_HEARD_UNKNOWN,
        .room = text_of(&reading, FIELD_ROOM),
        .seq = number_of(&reading, FIELD_SEQ),
    };
    explain(&reading, type ? type->fields : 0, WEIR_ROOM_OBJECT_BYTES, listener->cause,
            sizeof(listener->cause));
    if (type) {
        type->hear(listener, &reading);
    } else {
        listener->heard.cause = "a frame of an unknown type";
    }
    if (listener->cause[0] != '\0') {
        hear_bad(listener, listener->cause);
    }
    return &listener->heard;
}
