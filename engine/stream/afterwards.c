// An answer names whom it is for: the platform shows the first asker by the message that is replied
// to, the others are mentioned. Ten names fit one message everywhere; thirty are named, and more
// would only be noise that the room's budget pays for.

#include "engine/stream/afterwards.h"

#include "engine/base/alloc.h"
#include "engine/base/json.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/action_record.h"
#include "engine/sys/clock.h"
#include "engine/triage/reaction.h"
#include "engine/triage/told.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_AT_ONCE 10
#define MESSAGES      3
#define OTHERS        100
#define NAME_BYTES    64
#define UNHELPED_MS   120000
#define LATE_MS       2000 // late ones within so long are told together

// What the library adds to the action of an answer. Spans borrow.
struct addressed {
    struct weir_span room;
    struct weir_span user;
    struct weir_span text;
    struct weir_span card;
    struct weir_span queue;
    struct weir_span fingerprint;
    struct weir_span asked;
    struct weir_span outcome;
    struct weir_span users[OTHERS];
    struct weir_span names[OTHERS];
    size_t other_count;
};

// Those who asked late and have not been told yet: all of one answer.
struct late {
    struct weir_buffer card;
    struct weir_buffer text;
    struct weir_buffer names;
    struct weir_buffer message; // of the first
    struct weir_buffer user;
    uint64_t seqs[NAMES_AT_ONCE];
    size_t seq_count;
    size_t count;
    int64_t since_ms;
};

struct weir_afterwards_room {
    struct weir_told *told;
    struct weir_told *automatic; // their `card` is the message, their `text` the question
    struct late late;
    struct weir_buffer again; // text of the card that an automatic answer did not spare
    struct weir_buffer queue; // its queue
    struct weir_buffer said;  // the text of the last answer
};

void weir_afterwards_destroy(struct weir_afterwards_room **afterwards)
{
    struct weir_afterwards_room *going = weir_take(*afterwards);
    if (going) {
        weir_told_destroy(&going->told);
        weir_told_destroy(&going->automatic);
        weir_buffer_fini(&going->again);
        weir_buffer_fini(&going->queue);
        weir_buffer_fini(&going->late.card);
        weir_buffer_fini(&going->late.text);
        weir_buffer_fini(&going->late.names);
        weir_buffer_fini(&going->late.message);
        weir_buffer_fini(&going->late.user);
        weir_buffer_fini(&going->said);
        free(going);
    }
}

static struct weir_afterwards_room *of(struct weir_room *room)
{
    if (!room->afterwards) {
        room->afterwards = weir_new(struct weir_afterwards_room);
        room->afterwards->told = weir_told_create();
        room->afterwards->automatic = weir_told_create();
    }
    return room->afterwards;
}

// --- reading ---

static bool take_askers(struct weir_json *json, struct addressed *out)
{
    if (!weir_json_enter_array(json)) {
        return false;
    }
    while (weir_json_next_element(json)) {
        struct weir_span user, name;
        if (!weir_json_take_string(json, &user) || !weir_json_next_element(json) ||
            !weir_json_take_string(json, &name)) {
            return false;
        }
        if (out->other_count < OTHERS) {
            out->users[out->other_count] = user;
            out->names[out->other_count++] = name.length > 0 ? name : user;
        }
    }
    return true;
}

static bool read_addressed(struct weir_span text, struct weir_buffer *scratch,
                           struct addressed *out)
{
    const struct {
        const char *name;
        struct weir_span *place;
    } rows[] = {
        {"room", &out->room},   {"user", &out->user},       {"text", &out->text},
        {"card", &out->card},   {"queue", &out->queue},     {"fp", &out->fingerprint},
        {"asked", &out->asked}, {"outcome", &out->outcome},
    };
    struct weir_json json;
    struct weir_span name;
    *out = (struct addressed){.room = {NULL, 0}};
    weir_buffer_reserve(scratch, 3 * text.length + 1); // so that no span of it moves
    weir_json_start(&json, text, scratch);
    if (!weir_json_enter_object(&json)) {
        return false;
    }
    while (weir_json_next_member(&json, &name)) {
        struct weir_span *place = NULL;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            place = weir_span_is(name, rows[i].name) ? rows[i].place : place;
        }
        bool fine = place                          ? weir_json_take_string(&json, place)
                    : weir_span_is(name, "askers") ? take_askers(&json, out)
                                                   : weir_json_skip(&json);
        if (!fine) {
            return false;
        }
    }
    return weir_json_finish(&json) && out->card.length > 0;
}

// --- saying ---

static void add_name(struct weir_buffer *out, struct weir_span name)
{
    weir_buffer_add_text(out, out->length > 0 ? " @" : "@");
    for (size_t i = 0; i < name.length && i < NAME_BYTES; i++) {
        bool is_letter = name.data[i] != ' ' && name.data[i] != '\n' && name.data[i] != '\r';
        weir_buffer_add_byte(out, is_letter ? name.data[i] : '_');
    }
}

static bool has_han(struct weir_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte >= 0xe4 && byte <= 0xe9) { // begins a character from U+4000 on
            return true;
        }
    }
    return false;
}

static struct weir_span outcome_of(const struct weir_set *set, const struct addressed *addressed)
{
    const struct weir_afterwards *words = &set->afterwards;
    const struct weir_bilingual *text = weir_span_is(addressed->outcome, "acted") ? &words->acted
                                        : weir_span_is(addressed->outcome, "dismissed")
                                            ? &words->dismissed
                                            : &words->done;
    return weir_bilingual_in(*text, has_han(addressed->asked));
}

static void add_names(struct weir_buffer *out, const struct addressed *addressed, size_t from)
{
    for (size_t i = from; i < addressed->other_count && i < from + NAMES_AT_ONCE; i++) {
        add_name(out, addressed->names[i]);
    }
}

bool weir_afterwards_address(struct weir_room *room, struct weir_span action_json,
                             struct weir_action *action)
{
    const struct weir_set *set = room->attachment->service->set;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct addressed addressed;
    if (action->kind != WEIR_DO_REPLY || !read_addressed(action_json, &scratch, &addressed)) {
        return true; // not an answer: said as it is
    }
    struct weir_span text =
        addressed.outcome.length > 0 ? outcome_of(set, &addressed) : addressed.text;
    struct weir_buffer *said = &of(room)->said;
    weir_buffer_clear(said);
    weir_buffer_add(said, text);
    if (text.length > 0 && addressed.outcome.length == 0) {
        struct weir_span rating =
            weir_bilingual_in(set->afterwards.rating, has_han(addressed.asked));
        weir_buffer_add_text(said, rating.length > 0 ? " " : "");
        weir_buffer_add(said, rating);
    }
    add_names(said, &addressed, 0);
    action->text = weir_buffer_span(said);
    return text.length > 0;
}

static void tell_the_rest(struct weir_room *room, const struct addressed *addressed,
                          const struct weir_action *action, int64_t now_ms)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer text = {0};
    struct weir_span answer = addressed->outcome.length > 0
                                  ? outcome_of(room->attachment->service->set, addressed)
                                  : addressed->text;
    for (size_t i = 1; i < MESSAGES && i * NAMES_AT_ONCE < addressed->other_count; i++) {
        char id[40], part[16];
        snprintf(part, sizeof(part), "told/%zu", i);
        weir_action_id(id, action->room, action->id, weir_span_of(part));
        weir_buffer_clear(&text);
        weir_buffer_add(&text, answer);
        add_names(&text, addressed, i * NAMES_AT_ONCE);
        struct weir_action more = *action;
        more.id = weir_span_of(id);
        more.text = weir_buffer_span(&text);
        weir_acting_add(room, &more, 0, now_ms);
    }
}

static void release(struct weir_service *service, uint64_t position)
{
    if (position) {
        weir_spool_release(service->spool, position);
    }
}

static void remember(struct weir_room *room, const struct addressed *addressed, int64_t at_ms,
                     uint64_t position, struct weir_service *service)
{
    const struct weir_told_answer answer = {
        .card = addressed->card,
        .queue = addressed->queue,
        .fingerprint = addressed->fingerprint,
        .text = addressed->text,
        .at_ms = at_ms,
        .position = position,
    };
    struct weir_told *told = of(room)->told;
    release(service, weir_told_add(told, &answer));
    weir_told_asker(told, addressed->user);
    for (size_t i = 0; i < addressed->other_count; i++) {
        weir_told_asker(told, addressed->users[i]);
    }
}

void weir_afterwards_said(struct weir_room *room, struct weir_span action_json,
                          const struct weir_action *action, int64_t now_ms)
{
    struct weir_service *service = room->attachment->service;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer record = {0};
    struct addressed addressed;
    if (action->kind != WEIR_DO_REPLY || !read_addressed(action_json, &scratch, &addressed)) {
        return;
    }
    tell_the_rest(room, &addressed, action, now_ms);
    if (addressed.outcome.length > 0) {
        return;
    }
    weir_buffer_printf(&record, "%lld ", (long long)now_ms);
    weir_buffer_add(&record, action_json);
    uint64_t position =
        weir_spool_append(service->spool, WEIR_SPOOL_TOLD, weir_buffer_span(&record));
    remember(room, &addressed, now_ms, position, service);
}

void weir_afterwards_resume(struct weir_service *service, uint64_t position,
                            struct weir_span record)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct addressed addressed;
    uint64_t at_ms;
    if (!weir_span_to_u64(weir_span_take_until(&record, ' '), &at_ms) || at_ms > INT64_MAX ||
        !read_addressed(record, &scratch, &addressed) || addressed.room.length == 0) {
        weir_spool_release(service->spool, position);
        return;
    }
    struct weir_room *room = weir_service_find_room(service, addressed.room);
    room = room ? room : weir_service_add_room(service, addressed.room);
    remember(room, &addressed, (int64_t)at_ms, position, service);
}

// --- hearing ---

static void write_reaction(struct weir_buffer *json, const struct weir_message *message,
                           const struct weir_told_answer *answer, const char *verb)
{
    weir_buffer_add_byte(json, '{');
    weir_json_add_text_field(json, "do", weir_span_of(verb));
    weir_json_add_text_field(json, "queue", answer->queue);
    weir_json_add_text_field(json, "card", answer->card);
    weir_json_add_text_field(json, "message", message->id);
    weir_json_add_text_field(json, "user", message->user.id);
    weir_json_add_text_field(json, "text", message->text);
    weir_buffer_add_byte(json, '}');
}

void weir_afterwards_automatic(struct weir_room *room, const struct weir_message *message,
                               struct weir_span queue, int64_t now_ms)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    const struct weir_told_answer given = {
        .card = message->id, .queue = queue, .text = message->text, .at_ms = now_ms};
    const struct weir_told_answer none = {.queue = queue};
    write_reaction(&json, message, &none, "automatic");
    weir_store_react(room->attachment->service->store, 0, weir_buffer_span(&json));
    weir_told_add(of(room)->automatic, &given);
    weir_told_asker(of(room)->automatic, message->user.id);
}

static void keep_reaction(struct weir_room *room, const struct weir_message *message,
                          const struct weir_told_answer *answer, const char *verb)
{
    struct weir_service *service = room->attachment->service;
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer json = {0};
    write_reaction(&json, message, answer, verb);
    const struct weir_pledge pledge = {
        .kind = WEIR_PLEDGE_REACTION,
        .position = weir_spool_append(service->spool, WEIR_SPOOL_REACTION, weir_buffer_span(&json)),
        .room = room,
        .seq = message->seq,
        .has_seq = message->has_seq,
    };
    if (!pledge.position) {
        weir_store_react(service->store, 0, weir_buffer_span(&json)); // the spool is full
        return;
    }
    if (pledge.has_seq) {
        weir_window_wait(&room->window, pledge.seq);
    }
    weir_pledges_add(service->pledges, &pledge, weir_buffer_span(&json));
}

// What the answer did not help with, and what was said to it.
static void make_card(struct weir_room *room, const struct weir_message *message,
                      const struct weir_told_answer *answer, int64_t now_ms, struct weir_heard *out)
{
    struct weir_buffer *again = &room->afterwards->again;
    struct weir_buffer *queue = &room->afterwards->queue;
    char id[40];
    weir_buffer_clear(again);
    weir_buffer_add(again, answer->text);
    weir_buffer_add_text(again, " / ");
    weir_buffer_add(again, message->text);
    weir_buffer_clear(queue);
    weir_buffer_add(queue, answer->queue);
    out->has_card = true;
    out->card = (struct weir_card){
        .kind = WEIR_CARD_QUESTION,
        .queue = weir_buffer_span(queue),
        .room = weir_buffer_span(&room->name),
        .scene = weir_buffer_span(&room->scene),
        .text = weir_buffer_span(again),
        .message = message->id,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .user = message->user,
        .at_ms = now_ms,
        .target_ms = UNHELPED_MS,
    };
    weir_action_id(id, message->room, message->id, WEIR_SPAN("unhelped"));
    snprintf(out->card.id, sizeof(out->card.id), "c%s", id + 1);
}

static void hear_automatic(struct weir_room *room, const struct weir_message *message,
                           const struct weir_verdict *verdict, enum weir_reaction reaction,
                           int64_t now_ms, struct weir_heard *out)
{
    struct weir_service *service = room->attachment->service;
    struct weir_told *automatic = room->afterwards->automatic;
    struct weir_told_answer answer;
    if (!weir_told_find_asker(automatic, message->user.id, now_ms, &answer)) {
        return;
    }
    if (reaction == WEIR_REACTION_UNSATISFIED) {
        weir_room_count(service, room, WEIR_COUNT_REOPENED, 1);
        make_card(room, message, &answer, now_ms, out);
        weir_told_forget(automatic, answer.card);
    } else if (!verdict->is_question) {
        weir_room_count(service, room, WEIR_COUNT_SATISFIED, 1);
        weir_told_reacted(automatic, answer.card, message->user.id);
    }
}

static void hear_asker(struct weir_room *room, const struct weir_message *message,
                       const struct weir_verdict *verdict, enum weir_reaction reaction,
                       const struct weir_told_answer *answer)
{
    struct weir_service *service = room->attachment->service;
    if (reaction == WEIR_REACTION_UNSATISFIED) {
        keep_reaction(room, message, answer, "reopen");
        weir_room_count(service, room, WEIR_COUNT_REOPENED, 1);
        release(service, weir_told_forget(room->afterwards->told, answer->card));
    } else if (!verdict->is_question) {
        keep_reaction(room, message, answer, "satisfied");
        weir_room_count(service, room, WEIR_COUNT_SATISFIED, 1);
        weir_told_reacted(room->afterwards->told, answer->card, message->user.id);
    }
}

void weir_afterwards_hear(struct weir_room *room, const struct weir_message *message,
                          const struct weir_verdict *verdict, int64_t now_ms,
                          struct weir_heard *out)
{
    struct weir_told_answer answer;
    out->reopens = out->has_card = false;
    if (!room->afterwards || verdict->message_verdict >= WEIR_MESSAGE_MASK) {
        return;
    }
    bool is_told = weir_told_find_asker(room->afterwards->told, message->user.id, now_ms, &answer);
    struct weir_told_answer automatic;
    if (!is_told &&
        !weir_told_find_asker(room->afterwards->automatic, message->user.id, now_ms, &automatic)) {
        return;
    }
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    enum weir_reaction reaction =
        weir_reaction_of(&room->attachment->service->set->afterwards, message->text, &scratch);
    if (reaction == WEIR_REACTION_NONE) {
        return;
    }
    if (is_told) {
        hear_asker(room, message, verdict, reaction, &answer);
    } else {
        hear_automatic(room, message, verdict, reaction, now_ms, out);
    }
    out->reopens = reaction == WEIR_REACTION_UNSATISFIED;
}

void weir_afterwards_forget(struct weir_service *service, struct weir_span card_json)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer scratch = {0};
    struct weir_json json;
    struct weir_span name, room_name = {NULL, 0}, id = {NULL, 0};
    weir_buffer_reserve(&scratch, 3 * card_json.length + 1);
    weir_json_start(&json, card_json, &scratch);
    bool fine = weir_json_enter_object(&json);
    while (fine && weir_json_next_member(&json, &name)) {
        fine = weir_span_is(name, "room") ? weir_json_take_string(&json, &room_name)
               : weir_span_is(name, "id") ? weir_json_take_string(&json, &id)
                                          : weir_json_skip(&json);
    }
    struct weir_room *room = weir_service_find_room(service, room_name);
    if (room && room->afterwards) {
        release(service, weir_told_forget(room->afterwards->told, id));
    }
}

// --- late ones ---

static void clear_late(struct late *late)
{
    weir_buffer_clear(&late->card);
    weir_buffer_clear(&late->text);
    weir_buffer_clear(&late->names);
    weir_buffer_clear(&late->message);
    weir_buffer_clear(&late->user);
    late->seq_count = late->count = 0;
}

// Their messages are settled once what is said to them is on disk.
static void settle_late(struct weir_room *room, const struct late *late, uint64_t position)
{
    for (size_t i = 0; i < late->seq_count; i++) {
        const struct weir_pledge pledge = {WEIR_PLEDGE_ACTION, position, room, late->seqs[i], true};
        if (position) {
            weir_pledges_add(room->attachment->service->pledges, &pledge, WEIR_SPAN(""));
        } else {
            weir_room_done(room, late->seqs[i]);
        }
    }
}

static void tell_late(struct weir_room *room, int64_t now_ms)
{
    struct weir_service *service = room->attachment->service;
    struct late *late = &room->afterwards->late;
    char id[40];
    if (late->count == 0) {
        return;
    }
    weir_buffer_add_byte(&late->text, ' ');
    weir_buffer_add(&late->text, weir_buffer_span(&late->names));
    weir_action_id(id, weir_buffer_span(&room->name), weir_buffer_span(&late->message),
                   WEIR_SPAN("late"));
    const struct weir_action action = {
        .id = weir_span_of(id),
        .room = weir_buffer_span(&room->name),
        .kind = WEIR_DO_REPLY,
        .message = weir_buffer_span(&late->message),
        .user = weir_buffer_span(&late->user),
        .text = weir_buffer_span(&late->text),
    };
    const struct weir_outbox_cause cause = {.position = weir_acting_keep(service, &action, now_ms)};
    settle_late(room, late, cause.position);
    if (!weir_acting_put_out(room, &action, &cause, now_ms)) {
        release(service, cause.position);
    }
    clear_late(late);
}

bool weir_afterwards_is_late(struct weir_room *room, const struct weir_message *message,
                             const struct weir_card *card, int64_t now_ms)
{
    struct weir_attachment *attachment = room->attachment;
    struct weir_told_answer answer;
    if (!room->afterwards || card->kind != WEIR_CARD_QUESTION || card->urgent ||
        !attachment->config->act || !attachment->powers.can[WEIR_DO_REPLY] ||
        !weir_told_find_question(room->afterwards->told, weir_span_of(card->fingerprint), now_ms,
                                 attachment->service->set->afterwards.late_ms, &answer)) {
        return false;
    }
    struct late *late = &room->afterwards->late;
    if (late->count == NAMES_AT_ONCE ||
        (late->count > 0 && !weir_span_equals(weir_buffer_span(&late->card), answer.card))) {
        tell_late(room, now_ms);
    }
    if (late->count++ == 0) {
        late->since_ms = now_ms;
        weir_buffer_add(&late->card, answer.card);
        weir_buffer_add(&late->text, answer.text);
        weir_buffer_add(&late->message, message->id);
        weir_buffer_add(&late->user, message->user.id);
    }
    add_name(&late->names, message->user.name.length > 0 ? message->user.name : message->user.id);
    if (message->has_seq) {
        late->seqs[late->seq_count++] = message->seq;
        weir_window_wait(&room->window, message->seq);
    }
    weir_room_count(attachment->service, room, WEIR_COUNT_ANSWERED_LATE, 1);
    return true;
}

void weir_afterwards_flush(struct weir_service *service, int64_t now_ms)
{
    for (size_t i = 0; i < service->room_count; i++) {
        struct weir_room *room = service->rooms[i];
        if (room->afterwards && room->attachment) {
            tell_late(room, now_ms);
        }
    }
}

void weir_afterwards_tick(struct weir_service *service, int64_t now_ms)
{
    for (size_t i = 0; i < service->room_count; i++) {
        struct weir_room *room = service->rooms[i];
        if (!room->afterwards) {
            continue;
        }
        if (room->attachment && now_ms - room->afterwards->late.since_ms >= LATE_MS) {
            tell_late(room, now_ms);
        }
        weir_told_take_old(room->afterwards->automatic, now_ms, 0);
        uint64_t old;
        while ((old = weir_told_take_old(room->afterwards->told, now_ms,
                                         service->set->afterwards.late_ms)) != 0) {
            weir_spool_release(service->spool, old);
        }
    }
}
