// What was still open when a room ended: nothing of it dies, and somebody is named to see to it.

#include "engine/base/json.h"
#include "engine/commands/queue.h"
#include "engine/commands/queue_desk.h"
#include "engine/commands/queue_session.h"

#include <inttypes.h>

#define CARDS_AT_MOST "100000"

// When a room ended last, and who sees to what was open then: `MS OWNER`, as weir_over writes it.
struct end {
    int64_t ended_ms;
    struct weir_span owner;
};

static struct end end_of(const struct weir_reply *over, struct weir_span room)
{
    for (size_t i = 0; i + 1 < over->count; i += 2) {
        if (weir_span_equals(over->items[i].text, room)) {
            struct weir_span owner = over->items[i + 1].text;
            int64_t ended_ms = weir_queue_number(weir_span_take_until(&owner, ' '));
            return (struct end){ended_ms, owner};
        }
    }
    return (struct end){0, {NULL, 0}};
}

// Whoever holds it now, else whoever the room named.
static struct weir_span owner_of(const struct weir_reply *card, const struct end *end)
{
    struct weir_span holder = weir_reply_field(card, "owner");
    return holder.length > 0 ? holder : end->owner;
}

static void write_json(struct weir_buffer *out, const char *queue, const struct weir_reply *card,
                       const struct end *end)
{
    weir_queue_write_json(out, weir_span_of(queue), card);
    out->length--; // the brace that closes it
    weir_json_add_i64_field(out, "ended", end->ended_ms);
    weir_json_add_text_field(out, "follow_up_by", owner_of(card, end));
    weir_buffer_add_text(out, "}\n");
}

static void write_line(struct weir_queue_session *session, const char *queue,
                       const struct weir_reply *card, const struct end *end, int64_t now_ms)
{
    struct weir_buffer *out = &session->out;
    struct weir_span owner = owner_of(card, end);
    weir_queue_write_one(session, queue, card, now_ms, false);
    weir_buffer_add_text(out, "           for ");
    weir_queue_add_text(out, owner.length > 0 ? owner : WEIR_SPAN("nobody yet"));
    weir_buffer_printf(out, ", since the room ended %" PRId64 " minutes ago\n",
                       (now_ms - end->ended_ms) / 60000);
}

static bool list_queue(struct weir_queue_session *session, const char *queue,
                       const struct weir_reply *over, size_t *count)
{
    struct weir_span most = WEIR_SPAN(CARDS_AT_MOST);
    struct weir_reply *list = weir_queue_call(session, "list", queue, &most, 1);
    int64_t now_ms = list && list->count > 0 ? weir_queue_number(list->items[0].text) : 0;
    for (size_t i = 1; list && i < list->count; i++) {
        const struct weir_reply *card = &list->items[i];
        struct end end = end_of(over, weir_reply_field(card, "room"));
        if (end.ended_ms == 0 ||
            weir_queue_number(weir_reply_field(card, "created")) > end.ended_ms) {
            continue; // asked since, while the room was live again
        }
        ++*count;
        if (session->options.json) {
            write_json(&session->out, queue, card, &end);
        } else {
            write_line(session, queue, card, &end, now_ms);
        }
    }
    bool is_told = list != NULL;
    weir_reply_destroy(&list);
    return is_told;
}

bool weir_queue_run_followups(struct weir_queue_session *session)
{
    const struct weir_span ask[] = {WEIR_SPAN("HGETALL"), WEIR_SPAN("weir:over")};
    size_t count = 0;
    if (!weir_queue_choose(session, NULL, 0) ||
        !weir_queue_add_ids(session, (struct weir_span){0}, &session->ids) ||
        !weir_queue_choose_named(session)) {
        return false;
    }
    struct weir_reply *over = weir_client_send(session->client, ask, ARRAY_LEN(ask), &session->err);
    bool is_told = over != NULL;
    for (size_t i = 0; is_told && i < session->queue_count; i++) {
        is_told = list_queue(session, session->queues[i], over, &count);
    }
    weir_reply_destroy(&over);
    if (is_told && count == 0 && !session->options.json) {
        weir_buffer_add_text(&session->out, "nothing is left to be followed up\n");
    }
    return is_told;
}
