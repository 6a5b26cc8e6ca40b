#include "engine/commands/queue_desk.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/commands/queue.h"
#include "engine/commands/queue_session.h"
#include "engine/store/card_args.h"

#include <inttypes.h>
#include <stdio.h>

#define PRESENT_MS  60000
#define MOST_FILLED 100
#define TRIES       10
// Arguments of one call: by, lease, max, until and its time, and each skill with its name.
#define WISH_ARGS (8 + 2 * WEIR_QUEUE_SKILLS)

static size_t add_skills(const struct weir_queue_session *session, struct weir_span *args,
                         size_t count)
{
    for (size_t i = 0; i < session->options.skill_count; i++) {
        args[count++] = WEIR_SPAN("skill");
        args[count++] = weir_span_of(session->options.skills[i]);
    }
    return count;
}

static bool parse_count(const char *text, uint64_t fallback, uint64_t most, const char *option,
                        uint64_t *number_out, struct weir_error *err)
{
    *number_out = fallback;
    if (text && (!weir_span_to_u64(weir_span_of(text), number_out) || *number_out < 1 ||
                 *number_out > most)) {
        return weir_error_set(err, "%s wants a number from 1 to %" PRIu64, option, most);
    }
    return true;
}

// ---- claim ----

// What we said we can hold in all, and what we hold in the chosen queues. A queue knows only its
// own, since a cluster has each elsewhere.
struct room {
    uint64_t capacity; // 0 = as many as we like
    uint64_t held;
};

static bool look_at_room(struct weir_queue_session *session, struct room *room)
{
    *room = (struct room){0};
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *people = weir_queue_call(session, "people", session->queues[i], NULL, 0);
        if (!people) {
            return false;
        }
        for (size_t k = 0; k < people->count; k++) {
            const struct weir_reply *one = &people->items[k];
            if (weir_span_is(weir_reply_field(one, "name"), session->options.as)) {
                uint64_t capacity = (uint64_t)weir_queue_number(weir_reply_field(one, "capacity"));
                room->capacity = capacity > room->capacity ? capacity : room->capacity;
                room->held += (uint64_t)weir_queue_number(weir_reply_field(one, "held"));
            }
        }
        weir_reply_destroy(&people);
    }
    return true;
}

// The queue whose head is due first of what we can do; NULL: nothing waits, or session->err.
static const char *earliest_queue(struct weir_queue_session *session, char *due, size_t size)
{
    struct weir_span args[WISH_ARGS] = {weir_span_of(session->options.as)};
    size_t count = add_skills(session, args, 1);
    const char *earliest = NULL;
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *head = weir_queue_call(session, "head", session->queues[i], args, count);
        if (!head) {
            return NULL;
        }
        struct weir_span found = weir_reply_field(head, "due");
        if (found.length > 0 &&
            (!earliest || weir_queue_number(found) < weir_queue_number(weir_span_of(due)))) {
            earliest = session->queues[i];
            snprintf(due, size, "%.*s", WEIR_SPAN_ARGS(found));
        }
        weir_reply_destroy(&head);
    }
    return earliest;
}

// Takes one card, the earliest of all chosen queues. False without an error: nothing waits.
static bool claim_one(struct weir_queue_session *session, int64_t lease_ms)
{
    char lease[24];
    char due[24] = "";
    snprintf(lease, sizeof(lease), "%" PRId64, lease_ms);
    // Between looking and taking somebody may be quicker; what is left may be due later than
    // another queue's head, so `until` makes us look again.
    for (int tries = 0; tries < TRIES; tries++) {
        const char *queue = earliest_queue(session, due, sizeof(due));
        if (!queue) {
            return false;
        }
        struct weir_span args[WISH_ARGS] = {weir_span_of(session->options.as), weir_span_of(lease),
                                            WEIR_SPAN("1"), WEIR_SPAN("until"), weir_span_of(due)};
        size_t count = add_skills(session, args, 5);
        struct weir_reply *claimed = weir_queue_call(session, "claim", queue, args, count);
        bool has_card = claimed && claimed->count > 0;
        if (has_card) {
            const struct weir_reply *card = &claimed->items[0];
            weir_queue_write_one(session, queue, card,
                                 weir_queue_number(weir_reply_field(card, "now")), true);
        }
        bool failed = !claimed;
        weir_reply_destroy(&claimed);
        if (has_card || failed) {
            return has_card;
        }
    }
    return weir_error_set(&session->err, "others are quicker; try again");
}

static bool choose_count(struct weir_queue_session *session, uint64_t *count_out)
{
    struct room room;
    const struct weir_queue_options *options = &session->options;
    if (!parse_count(options->max, 1, MOST_FILLED, "--max", count_out, &session->err) ||
        !look_at_room(session, &room)) {
        return false;
    }
    if (options->fill && room.capacity == 0) {
        return weir_error_set(&session->err,
                              "--fill up to what? 'weir queue present --capacity N' says it");
    }
    if (room.capacity == 0) {
        return true;
    }
    if (room.held >= room.capacity) {
        return weir_error_set(&session->err, "%s holds %" PRIu64 " of %" PRIu64 " cards",
                              options->as, room.held, room.capacity);
    }
    uint64_t left = room.capacity - room.held;
    *count_out = options->fill || left < *count_out ? left : *count_out;
    return true;
}

bool weir_queue_run_claim(struct weir_queue_session *session)
{
    int64_t lease_ms;
    uint64_t wanted;
    uint64_t claimed = 0;
    if (!weir_queue_parse_time(session->options.duration, WEIR_QUEUE_LEASE_MS, &lease_ms,
                               &session->err) ||
        !weir_queue_choose_named(session) || !choose_count(session, &wanted)) {
        return false;
    }
    while (claimed < wanted && claim_one(session, lease_ms)) {
        claimed++;
    }
    if (claimed > 0) {
        session->err = (struct weir_error){0}; // what we have is ours, whatever stopped us
        return true;
    }
    return session->err.text[0] ? false : weir_error_set(&session->err, "nothing waits");
}

// ---- presence ----

static bool say_present(struct weir_queue_session *session, const char *queue, int64_t ttl_ms,
                        uint64_t capacity)
{
    char ttl[24];
    char most[24];
    snprintf(ttl, sizeof(ttl), "%" PRId64, ttl_ms);
    snprintf(most, sizeof(most), "%" PRIu64, capacity);
    struct weir_span args[WISH_ARGS] = {weir_span_of(session->options.as), weir_span_of(ttl),
                                        WEIR_SPAN("capacity"), weir_span_of(most)};
    size_t count = add_skills(session, args, 4);
    struct weir_reply *said = weir_queue_call(session, "present", queue, args, count);
    if (!said) {
        return false;
    }
    weir_queue_write_result(session, queue, session->options.json ? "until" : "present until",
                            weir_reply_field(said, "until"));
    weir_reply_destroy(&said);
    return true;
}

// Without a name it would be all queues, and one's cards of all of them on leaving: that is meant.
bool weir_queue_run_present(struct weir_queue_session *session)
{
    int64_t ttl_ms;
    uint64_t capacity;
    if (!weir_queue_parse_time(session->options.duration, PRESENT_MS, &ttl_ms, &session->err) ||
        !parse_count(session->options.capacity, 0, 999, "--capacity", &capacity, &session->err) ||
        !weir_queue_choose_named(session)) {
        return false;
    }
    for (size_t i = 0; i < session->queue_count; i++) {
        if (!say_present(session, session->queues[i], ttl_ms, capacity)) {
            return false;
        }
    }
    return session->queue_count > 0 || weir_error_set(&session->err, "there is no queue yet");
}

bool weir_queue_run_leave(struct weir_queue_session *session)
{
    struct weir_span who = weir_span_of(session->options.as);
    if (!weir_queue_choose_named(session)) {
        return false;
    }
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *left = weir_queue_call(session, "leave", session->queues[i], &who, 1);
        if (!left) {
            return false;
        }
        weir_queue_write_result(session, session->queues[i], "returned", left->text);
        weir_reply_destroy(&left);
    }
    return true;
}

static void write_person(struct weir_queue_session *session, const char *queue,
                         const struct weir_reply *person)
{
    struct weir_span name = weir_reply_field(person, "name");
    struct weir_span skills = weir_reply_field(person, "skills");
    struct weir_span capacity = weir_reply_field(person, "capacity");
    if (session->options.json) {
        weir_queue_write_json(&session->out, weir_span_of(queue), person);
        weir_buffer_add_byte(&session->out, '\n');
        return;
    }
    weir_queue_add_text(&session->out, weir_span_of(queue));
    weir_buffer_add_byte(&session->out, ' ');
    weir_queue_add_text(&session->out, name);
    weir_buffer_printf(&session->out, " holds %.*s",
                       WEIR_SPAN_ARGS(weir_reply_field(person, "held")));
    if (!weir_span_is(capacity, "0")) {
        weir_buffer_printf(&session->out, " of %.*s", WEIR_SPAN_ARGS(capacity));
    }
    if (skills.length > 0) {
        weir_buffer_add_text(&session->out, ", can do ");
        weir_queue_add_text(&session->out, skills);
    }
    weir_buffer_add_byte(&session->out, '\n');
}

bool weir_queue_run_people(struct weir_queue_session *session)
{
    size_t shown = 0;
    if (!weir_queue_choose_named(session)) {
        return false;
    }
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *people = weir_queue_call(session, "people", session->queues[i], NULL, 0);
        if (!people) {
            return false;
        }
        for (size_t k = 0; k < people->count; k++) {
            write_person(session, session->queues[i], &people->items[k]);
            shown++;
        }
        weir_reply_destroy(&people);
    }
    if (shown == 0 && !session->options.json) {
        weir_buffer_add_text(&session->out, "nobody is present\n");
    }
    return true;
}

// ---- notes, other queues, escalation ----

bool weir_queue_run_note(struct weir_queue_session *session)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer sound = {0};
    const char *queue = NULL;
    for (size_t i = 2; i < session->options.word_count; i++) {
        weir_buffer_add_text(&text, i > 2 ? " " : "");
        weir_buffer_add_text(&text, session->options.words[i]);
    }
    weir_utf8_add_repaired(&sound, weir_buffer_span(&text));
    struct weir_reply *card = weir_queue_find_card(session, session->options.words[1], &queue);
    if (!card) {
        return false;
    }
    struct weir_span args[] = {weir_reply_field(card, "id"), weir_span_of(session->options.as),
                               weir_buffer_span(&sound)};
    struct weir_reply *noted = weir_queue_call(session, "note", queue, args, 3);
    if (noted) {
        weir_queue_write_result(session, queue, "notes", noted->text);
    }
    bool done = noted != NULL;
    weir_reply_destroy(&noted);
    weir_reply_destroy(&card);
    return done;
}

static bool is_registered(struct weir_queue_session *session, const char *name)
{
    if (!weir_queue_choose(session, NULL, 0)) {
        return false;
    }
    for (size_t i = 0; i < session->queue_count; i++) {
        if (strcmp(session->queues[i], name) == 0) {
            return true;
        }
    }
    return weir_error_set(&session->err, "there is no queue %s; --new if it is to be one", name);
}

static bool register_queue(struct weir_queue_session *session, const char *name)
{
    struct weir_span args[] = {WEIR_SPAN("SADD"), WEIR_SPAN("weir:queues"), weir_span_of(name)};
    struct weir_reply *added =
        weir_client_send(session->client, args, ARRAY_LEN(args), &session->err);
    bool done = added != NULL;
    weir_reply_destroy(&added);
    return done;
}

// The second and third call of a move (queue_moves.lua). Should we die here, the daemon makes them.
static bool complete_move(struct weir_queue_session *session, const char *queue, const char *to,
                          struct weir_span id, const struct weir_reply *moving)
{
    struct weir_span arrive[] = {id, weir_span_of(queue), moving->items[2].text};
    struct weir_span moved[] = {id, moving->items[1].text};
    struct weir_reply *arrived = weir_queue_call(session, "arrive", to, arrive, 3);
    struct weir_reply *done = arrived ? weir_queue_call(session, "moved", queue, moved, 2) : NULL;
    bool is_done = done != NULL;
    weir_reply_destroy(&arrived);
    weir_reply_destroy(&done);
    return is_done;
}

static bool move_card(struct weir_queue_session *session, const char *queue, struct weir_span id,
                      struct weir_span token, const char *to)
{
    struct weir_span args[] = {id, token, weir_span_of(to), weir_span_of(session->options.as)};
    struct weir_reply *moving =
        register_queue(session, to) ? weir_queue_call(session, "move", queue, args, 4) : NULL;
    bool is_under_way = moving && moving->count == 3;
    bool done = moving && (!is_under_way || complete_move(session, queue, to, id, moving));
    weir_reply_destroy(&moving);
    return done;
}

bool weir_queue_run_move(struct weir_queue_session *session)
{
    const char *to = session->options.words[2];
    const char *queue = NULL;
    struct weir_span token = {0};
    if (!weir_queue_name_is_good(weir_span_of(to))) {
        return weir_error_set(&session->err, "'%s' is no name of a queue", to);
    }
    if (!session->options.is_new && !is_registered(session, to)) {
        return false;
    }
    struct weir_reply *card = weir_queue_find_card(session, session->options.words[1], &queue);
    if (!card) {
        return false;
    }
    bool waits = weir_span_is(weir_reply_field(card, "state"), "ready");
    bool done = (waits || weir_queue_choose_token(session, card, &token)) &&
                move_card(session, queue, weir_reply_field(card, "id"), token, to);
    if (done) {
        weir_queue_write_result(session, queue, "moved", weir_span_of(to));
    }
    weir_reply_destroy(&card);
    return done;
}

// What raise has sent on its way is brought there as a move is.
static bool finish_raise(struct weir_queue_session *session, const char *queue, struct weir_span id,
                         const struct weir_reply *raised)
{
    char to[80];
    snprintf(to, sizeof(to), "%.*s", WEIR_SPAN_ARGS(raised->items[1].text));
    if (to[0] && !move_card(session, queue, id, (struct weir_span){0}, to)) {
        return false;
    }
    weir_queue_write_result(session, queue, to[0] ? "escalated" : "level",
                            to[0] ? weir_span_of(to) : raised->items[0].text);
    return true;
}

bool weir_queue_run_escalate(struct weir_queue_session *session)
{
    const char *queue = NULL;
    struct weir_reply *card = weir_queue_find_card(session, session->options.words[1], &queue);
    if (!card) {
        return false;
    }
    struct weir_span args[] = {weir_reply_field(card, "id"), weir_span_of(session->options.as)};
    struct weir_reply *raised = weir_queue_call(session, "raise", queue, args, 2);
    bool done = raised && raised->count == 2 && finish_raise(session, queue, args[0], raised);
    weir_reply_destroy(&raised);
    weir_reply_destroy(&card);
    return done;
}

static bool set_escalation(struct weir_queue_session *session, char *value, size_t size)
{
    const struct weir_queue_options *options = &session->options;
    int64_t after_ms;
    if (options->to && !weir_queue_name_is_good(weir_span_of(options->to))) {
        return weir_error_set(&session->err, "'%s' is no name of a queue", options->to);
    }
    if (!weir_queue_parse_time(options->after, 0, &after_ms, &session->err)) {
        return false;
    }
    if (!options->off) {
        snprintf(value, size, "%" PRId64 " %s", after_ms, options->to);
    }
    return true;
}

bool weir_queue_run_escalation(struct weir_queue_session *session)
{
    const struct weir_queue_options *options = &session->options;
    char value[120] = "";
    if (!set_escalation(session, value, sizeof(value)) || !weir_queue_choose_named(session)) {
        return false;
    }
    struct weir_span args[] = {WEIR_SPAN("escalate"), weir_span_of(value)};
    for (size_t i = 0; i < session->queue_count; i++) {
        struct weir_reply *set = weir_queue_call(session, "settings", session->queues[i], args,
                                                 options->to || options->off ? 2 : 0);
        if (!set) {
            return false;
        }
        struct weir_span steps = weir_reply_field(set, "escalate");
        bool says_never = steps.length == 0 && !options->json;
        weir_queue_write_result(session, session->queues[i],
                                options->json ? "escalate" : session->queues[i],
                                says_never ? WEIR_SPAN("never") : steps);
        weir_reply_destroy(&set);
    }
    return true;
}
