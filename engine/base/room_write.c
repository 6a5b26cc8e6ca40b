#include "engine/base/json.h"
#include "engine/base/room_protocol.h"

static void add_text_unless_empty(struct weir_buffer *out, const char *name, struct weir_span text)
{
    if (text.length > 0) {
        weir_json_add_text_field(out, name, text);
    }
}

/** The protocol's example shows null, not absence, for what does not apply to an action. */
static void add_text_or_null(struct weir_buffer *out, const char *name, struct weir_span text)
{
    weir_json_add_name(out, name);
    if (text.length > 0) {
        weir_json_add_string(out, text);
    } else {
        weir_buffer_add(out, WEIR_SPAN("null"));
    }
}

static void add_true_if(struct weir_buffer *out, const char *name, bool value)
{
    if (value) {
        weir_json_add_bool_field(out, name, true);
    }
}

static void add_seq(struct weir_buffer *out, uint64_t seq, bool has_seq)
{
    if (has_seq) {
        weir_json_add_u64_field(out, "seq", seq);
    }
}

static void begin(struct weir_buffer *out, const char *type)
{
    weir_buffer_add(out, WEIR_SPAN("{\"type\":\""));
    weir_buffer_add_text(out, type);
    weir_buffer_add_byte(out, '"');
}

static void end(struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '}');
}

static void add_rooms(struct weir_buffer *out, const struct weir_room_request *rooms, size_t count)
{
    weir_json_add_name(out, "rooms");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        weir_json_add_comma(out);
        weir_json_add_string(out, rooms[i].room);
    }
    weir_buffer_add_byte(out, ']');
}

static void add_resume(struct weir_buffer *out, const struct weir_room_request *rooms, size_t count)
{
    weir_json_add_name(out, "resume");
    weir_buffer_add_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (rooms[i].has_resume) {
            weir_json_add_comma(out);
            weir_json_add_string(out, rooms[i].room);
            weir_buffer_add_byte(out, ':');
            weir_buffer_add_u64(out, rooms[i].resume);
        }
    }
    weir_buffer_add_byte(out, '}');
}

void weir_room_write_hello(struct weir_buffer *out, struct weir_span token,
                           const struct weir_room_request *rooms, size_t count)
{
    begin(out, "hello");
    weir_json_add_text_field(out, "token", token);
    add_rooms(out, rooms, count);
    add_resume(out, rooms, count);
    end(out);
}

void weir_room_write_join(struct weir_buffer *out, const struct weir_room_request *rooms,
                          size_t count)
{
    begin(out, "join");
    add_rooms(out, rooms, count);
    add_resume(out, rooms, count);
    end(out);
}

void weir_room_write_leave(struct weir_buffer *out, struct weir_span room)
{
    struct weir_room_request request = {.room = room};
    begin(out, "leave");
    add_rooms(out, &request, 1);
    end(out);
}

static void add_rules(struct weir_buffer *out, const struct weir_action *action)
{
    weir_json_add_name(out, "rules");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < action->rule_count; i++) {
        weir_json_add_comma(out);
        weir_json_add_string(out, action->rules[i]);
    }
    weir_buffer_add_byte(out, ']');
}

void weir_room_write_action(struct weir_buffer *out, const struct weir_action *action)
{
    begin(out, "action");
    weir_json_add_text_field(out, "id", action->id);
    weir_json_add_text_field(out, "room", action->room);
    add_seq(out, action->seq, action->has_seq);
    weir_json_add_text_field(out, "do", weir_span_of(weir_do_name(action->kind)));
    add_text_or_null(out, "message", action->message);
    add_text_or_null(out, "user", action->user);
    if (action->seconds > 0) {
        weir_json_add_u64_field(out, "seconds", action->seconds);
    }
    add_text_or_null(out, "text", action->text);
    add_text_or_null(out, "mode", action->mode);
    add_text_or_null(out, "reason", action->reason);
    add_rules(out, action);
    weir_json_add_text_field(out, "by", weir_span_of(action->by_human ? "human" : "rule"));
    end(out);
}

void weir_room_write_verdict(struct weir_buffer *out, const struct weir_message *message,
                             enum weir_gate verdict, struct weir_span text)
{
    begin(out, "verdict");
    weir_json_add_text_field(out, "room", message->room);
    add_seq(out, message->seq, message->has_seq);
    weir_json_add_text_field(out, "id", message->id);
    weir_json_add_text_field(out, "verdict", weir_span_of(weir_gate_name(verdict)));
    if (verdict == WEIR_GATE_MASK) {
        weir_json_add_text_field(out, "text", text);
    }
    end(out);
}

void weir_room_write_ack(struct weir_buffer *out, struct weir_span room, uint64_t seq)
{
    begin(out, "ack");
    weir_json_add_text_field(out, "room", room);
    weir_json_add_u64_field(out, "seq", seq);
    end(out);
}

static void add_roles(struct weir_buffer *out, uint32_t roles)
{
    weir_json_add_name(out, "roles");
    weir_buffer_add_byte(out, '[');
    for (uint32_t bit = WEIR_ROLE_STREAMER; bit <= WEIR_ROLE_BOT; bit <<= 1) {
        if (roles & bit) {
            weir_json_add_comma(out);
            weir_json_add_string(out, weir_span_of(weir_role_name(bit)));
        }
    }
    weir_buffer_add_byte(out, ']');
}

static void add_user(struct weir_buffer *out, const struct weir_user *user)
{
    bool nobody = user->identity == WEIR_IDENTITY_NONE && user->name.length == 0;
    if (nobody && user->roles == 0 && user->tier == 0) {
        return;
    }
    weir_json_add_name(out, "user");
    weir_buffer_add_byte(out, '{');
    add_text_unless_empty(out, "id", user->id);
    add_text_unless_empty(out, "name", user->name);
    if (user->roles) {
        add_roles(out, user->roles);
    }
    if (user->tier) {
        weir_json_add_u64_field(out, "tier", user->tier);
    }
    weir_json_add_text_field(out, "identity", weir_span_of(weir_identity_name(user->identity)));
    weir_buffer_add_byte(out, '}');
}

static void add_emotes(struct weir_buffer *out, const struct weir_message *message)
{
    if (message->emote_count == 0) {
        return;
    }
    weir_json_add_name(out, "emotes");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < message->emote_count; i++) {
        weir_json_add_comma(out);
        weir_buffer_add_byte(out, '{');
        weir_json_add_u64_field(out, "start", message->emotes[i].start);
        weir_json_add_u64_field(out, "end", message->emotes[i].end);
        weir_buffer_add_byte(out, '}');
    }
    weir_buffer_add_byte(out, ']');
}

static void write_message(struct weir_buffer *out, const struct weir_message *message)
{
    begin(out, message->is_edit ? "edit" : "chat");
    weir_json_add_text_field(out, "room", message->room);
    add_seq(out, message->seq, message->has_seq);
    add_text_unless_empty(out, "id", message->id);
    if (message->ts_ms) {
        weir_json_add_i64_field(out, "ts", message->ts_ms);
    }
    add_user(out, &message->user);
    weir_json_add_text_field(out, "text", message->text);
    add_emotes(out, message);
    add_text_unless_empty(out, "reply_to", message->reply_to);
}

static void write_welcome(struct weir_buffer *out, const struct weir_event *event)
{
    begin(out, "welcome");
    weir_json_add_text_field(out, "mode", weir_span_of(event->gate ? "gate" : "observe"));
    if (event->gate) {
        weir_json_add_u64_field(out, "deadline_ms", event->deadline_ms);
        weir_json_add_text_field(out, "late", weir_span_of(weir_gate_name(event->late)));
    }
    weir_json_add_name(out, "self");
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "id", event->self);
    weir_buffer_add(out, WEIR_SPAN("},\"batch\":true"));
}

static void write_gone(struct weir_buffer *out, const struct weir_event *event)
{
    bool one_message = event->kind == WEIR_EVENT_GONE;
    begin(out, "gone");
    weir_json_add_text_field(out, "room", event->room);
    add_seq(out, event->seq, event->has_seq);
    weir_json_add_text_field(out, one_message ? "id" : "user", event->id);
}

static void write_room(struct weir_buffer *out, const struct weir_event *event)
{
    begin(out, "room");
    weir_json_add_text_field(out, "room", event->room);
    add_text_unless_empty(out, "state", event->state);
    add_text_unless_empty(out, "scene", event->scene);
    if (event->scene_ends_ms > 0) {
        weir_json_add_i64_field(out, "scene_ends", event->scene_ends_ms);
    }
    if (event->ends_ms > 0) {
        weir_json_add_i64_field(out, "ends", event->ends_ms);
    }
}

static void write_gap(struct weir_buffer *out, const struct weir_event *event)
{
    begin(out, "gap");
    weir_json_add_text_field(out, "room", event->room);
    weir_json_add_u64_field(out, "from", event->seq);
    weir_json_add_u64_field(out, "to", event->seq_to);
}

static void write_done(struct weir_buffer *out, const struct weir_event *event)
{
    begin(out, "done");
    weir_json_add_text_field(out, "action", event->id);
    weir_json_add_bool_field(out, "ok", event->refused == WEIR_REFUSED_NOT);
    if (event->refused != WEIR_REFUSED_NOT) {
        weir_json_add_text_field(out, "error", weir_span_of(weir_refused_name(event->refused)));
    }
    if (event->retry_ms > 0) {
        weir_json_add_u64_field(out, "retry_ms", event->retry_ms);
    }
}

/** All of the object but its closing brace; false where no frame can say the event. */
static bool write_open(struct weir_buffer *out, const struct weir_event *event)
{
    switch (event->kind) {
    case WEIR_EVENT_READY:
        write_welcome(out, event);
        return true;
    case WEIR_EVENT_MESSAGE:
        write_message(out, event->message);
        return true;
    case WEIR_EVENT_GONE:
    case WEIR_EVENT_USER_GONE:
        write_gone(out, event);
        return true;
    case WEIR_EVENT_ROOM:
        write_room(out, event);
        return true;
    case WEIR_EVENT_GAP:
        write_gap(out, event);
        return true;
    case WEIR_EVENT_DONE:
        write_done(out, event);
        return true;
    default:
        return false;
    }
}

void weir_room_write_event(struct weir_buffer *out, const struct weir_event *event)
{
    if (write_open(out, event)) {
        end(out);
    }
}

void weir_room_write_recorded(struct weir_buffer *out, const struct weir_event *event,
                              int64_t arrived_ms)
{
    if (!write_open(out, event)) {
        return;
    }
    if (event->kind == WEIR_EVENT_MESSAGE) {
        add_true_if(out, "from_self", event->message->from_self);
        add_true_if(out, "history", event->message->is_history);
        add_true_if(out, "damaged", event->message->damaged);
    }
    if (arrived_ms) {
        weir_json_add_i64_field(out, "arrived_ms", arrived_ms);
    }
    end(out);
}
