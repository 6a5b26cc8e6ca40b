// When the platform takes fewer actions than are needed: what is no longer worth doing, what one
// action can do for many, who is told, and the list of what was left undone.

#include "engine/stream/service_private.h"

#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/sys/clock.h"

#include <stdio.h>

#define SCREEN_LINES  50 // what a viewer has before him, without scrolling back
#define LONGEST_MS    (10 * 60 * 1000)
#define QUIET_MS      (5 * 60 * 1000) // between two cards about the same room
#define AFTER_MODE_MS 5000
#define INSTEAD_S     60 // of the time-out that stands in for many deletes
#define SHORT_TEXT    256
#define HUMAN_TALK_MS (10 * 60 * 1000)

// ---- worth ----

void weir_pace_count(struct weir_pace *pace, int64_t now_ms)
{
    if (pace->lines == 0) {
        pace->since_ms = now_ms;
    }
    if (++pace->lines == SCREEN_LINES) {
        pace->screen_ms = now_ms > pace->since_ms ? now_ms - pace->since_ms : 1;
        pace->before_ms = pace->since_ms;
        pace->lines = 0;
    }
}

void weir_pace_resume(struct weir_pace *pace, int64_t now_ms)
{
    pace->lines = 0;
    pace->since_ms = pace->before_ms = now_ms;
}

// How long something that was written at `created_ms` stays before the viewers' eyes. What is among
// the last lines that we saw still stands there, however long ago that was; of the rest, and of a
// room that we do not see now, we know only how fast it scrolled.
static int64_t seen_ms_of(const struct weir_room *room, int64_t created_ms)
{
    const struct weir_pace *pace = &room->pace;
    bool is_last = room->attachment->is_up && created_ms >= pace->before_ms;
    return pace->screen_ms == 0 || is_last ? LONGEST_MS : pace->screen_ms;
}

static bool is_about_what_is_seen(enum weir_do kind)
{
    return kind == WEIR_DO_DELETE || kind == WEIR_DO_MASK;
}

int64_t weir_shortage_worth_ms(void *user, const struct weir_action *action, const void *room,
                               int64_t created_ms)
{
    const struct weir_attachment *attachment = user;
    int64_t worth_ms = weir_outbox_worth_ms(action->kind);
    if (action->by_human) { // who decided knows how old it was
        return weir_class_of(&(struct weir_action){.kind = action->kind}) == WEIR_CLASS_TALK
                   ? HUMAN_TALK_MS
                   : INT64_MAX;
    }
    if (is_about_what_is_seen(action->kind)) {
        int64_t seen_ms = seen_ms_of(room, created_ms) + attachment->config->delete_within_ms;
        worth_ms = seen_ms < worth_ms ? seen_ms : worth_ms;
    }
    return worth_ms;
}

// ---- one for many ----

void weir_shortage_on_many_deletes(void *user, const struct weir_action *one,
                                   const struct weir_outbox_cause *cause)
{
    struct weir_attachment *attachment = user;
    char id[40];
    if (weir_link_supports(attachment->link, WEIR_DO_TIMEOUT) != WEIR_SUPPORT_NATIVE) {
        return;
    }
    weir_action_id(id, one->room, one->id, WEIR_SPAN("instead"));
    struct weir_action timeout = *one;
    timeout.id = weir_span_of(id);
    timeout.kind = WEIR_DO_TIMEOUT;
    timeout.seconds = INSTEAD_S;
    timeout.has_seq = false; // the deletes hold it until they have ended
    weir_acting_add_always(cause->room, &timeout, 0, weir_clock_wall_ms());
}

// ---- told ----

void weir_shortage_on_wait(void *user, void *room)
{
    const struct weir_attachment *attachment = user;
    weir_room_count(attachment->service, room, WEIR_COUNT_ACTIONS_WAITED, 1);
}

static void describe(const struct weir_attachment *attachment, const struct weir_room *room,
                     int64_t waited_ms, char out[SHORT_TEXT])
{
    size_t waiting[WEIR_DO_COUNT];
    int length = snprintf(out, SHORT_TEXT, "the platform takes fewer actions than are needed:");
    weir_outbox_waiting(attachment->outbox, room, waiting);
    for (int kind = 0; kind < WEIR_DO_COUNT; kind++) {
        if (waiting[kind] > 0 && length < SHORT_TEXT) {
            length += snprintf(out + length, (size_t)(SHORT_TEXT - length), " %zu %s,",
                               waiting[kind], weir_do_name((enum weir_do)kind));
        }
    }
    if (length < SHORT_TEXT) {
        snprintf(out + length, (size_t)(SHORT_TEXT - length), " the first for %lld s; %s%s",
                 (long long)(waited_ms / 1000),
                 *attachment->config->short_mode ? "entered: " : "a room mode would help: slow, ",
                 *attachment->config->short_mode ? attachment->config->short_mode : "members");
    }
}

static void enter_mode(struct weir_room *room, int64_t now_ms)
{
    const struct weir_config_connection *config = room->attachment->config;
    char id[40], when[32];
    snprintf(when, sizeof(when), "%lld", (long long)now_ms);
    weir_action_id(id, weir_buffer_span(&room->name), weir_span_of(when), WEIR_SPAN("short"));
    const struct weir_action action = {
        .id = weir_span_of(id),
        .room = weir_buffer_span(&room->name),
        .kind = WEIR_DO_ROOM_MODE,
        .mode = weir_span_of(config->short_mode),
        .seconds = config->short_seconds,
        .reason = WEIR_SPAN("too much at once"),
    };
    weir_acting_add_always(room, &action, (uint32_t)(config->short_for_ms / 1000), now_ms);
}

void weir_shortage_on_short(void *user, void *which, int64_t waited_ms)
{
    struct weir_attachment *attachment = user;
    struct weir_room *room = which;
    int64_t now_ms = weir_clock_wall_ms();
    bool enters = *attachment->config->short_mode != '\0';
    char text[SHORT_TEXT];
    if (now_ms < room->short_until_ms) {
        return;
    }
    // Not before the mode has been left: entering it again would end with the first one's end.
    room->short_until_ms =
        now_ms + (enters ? attachment->config->short_for_ms + AFTER_MODE_MS : QUIET_MS);
    weir_room_count(attachment->service, room, WEIR_COUNT_BUDGET_SHORT, 1);
    describe(attachment, room, waited_ms, text);
    weir_log_say(attachment->service->log, WEIR_LOG_WARN, weir_buffer_span(&room->name),
                 "budget.short", "%s", text);
    weir_acting_card(room, &(struct weir_action){.room = weir_buffer_span(&room->name)}, text,
                     "budget.short");
    if (enters) {
        enter_mode(room, now_ms);
    }
}

void weir_shortage_list(struct weir_service *service, const struct weir_action *action,
                        const char *why)
{
    struct weir_buffer *line = weir_journal_begin(service->not_done);
    if (!line) {
        return;
    }
    weir_buffer_add_byte(line, '{');
    weir_json_add_i64_field(line, "at", weir_clock_wall_ms());
    weir_json_add_text_field(line, "why", weir_span_of(why));
    weir_json_add_text_field(line, "room", action->room);
    weir_json_add_text_field(line, "do", weir_span_of(weir_do_name(action->kind)));
    weir_json_add_text_field(line, "action", action->id);
    weir_json_add_text_field(line, "message", action->message);
    weir_json_add_text_field(line, "user", action->user);
    weir_json_add_text_field(line, "by", action->by_human ? WEIR_SPAN("human") : WEIR_SPAN("rule"));
    weir_buffer_add_byte(line, '}');
    weir_journal_commit(service->not_done);
}
