#include "engine/triage/card.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "engine/base/room_protocol.h"
#include "engine/triage/answers.h"
#include "engine/triage/wording.h"

#include <inttypes.h>
#include <stdlib.h>

// Ids and fingerprints are hashes under fixed keys, so that every machine and every repeat derives
// the same ones. 128 bits: two questions never meet by chance.

#define QUESTION_QUEUE    "questions"
#define DEFAULT_QUEUE     "review"
#define DEFAULT_TARGET_MS 300000
#define URGENT_PART       4 // an urgent question is due in a quarter of the time
#define MOST_TIERS        4 // each tier takes a tenth off, up to so many

struct weir_triage {
    struct weir_answers answers;
    struct weir_buffer wording; // of the question in hand
    struct weir_buffer cause;   // what an id or a fingerprint is the hash of
};

struct weir_triage *weir_triage_create(void)
{
    return weir_new(struct weir_triage);
}

void weir_triage_destroy(struct weir_triage **triage)
{
    struct weir_triage *old = weir_take(*triage);
    if (old) {
        weir_answers_fini(&old->answers);
        weir_buffer_fini(&old->wording);
        weir_buffer_fini(&old->cause);
        free(old);
    }
}

static void add_part(struct weir_buffer *cause, struct weir_span part)
{
    weir_buffer_add_u64(cause, part.length);
    weir_buffer_add_byte(cause, ':');
    weir_buffer_add(cause, part);
}

// 32 hex digits and a NUL.
static void hash_into(char *out, struct weir_span bytes)
{
    static const struct weir_hash_key low = {0x7765697263617264u, 0x1u};
    static const struct weir_hash_key high = {0x7765697263617264u, 0x2u};
    weir_hash_write(out, weir_hash(high, bytes));
    weir_hash_write(out + 16, weir_hash(low, bytes));
    out[32] = '\0';
}

// What caused the card: the same message, sent twice or read again after a crash, is one cause. An
// edit is another.
static void add_cause(struct weir_buffer *cause, const struct weir_message *message)
{
    add_part(cause, message->room);
    if (message->id.length > 0) {
        add_part(cause, message->id);
        if (message->is_edit && message->has_seq) {
            weir_buffer_printf(cause, "edit %" PRIu64, message->seq);
        }
        return;
    }
    if (message->has_seq) {
        weir_buffer_printf(cause, "seq %" PRIu64, message->seq);
        return;
    }
    add_part(cause, message->user.id);
    weir_buffer_printf(cause, "at %" PRId64, message->ts_ms);
    add_part(cause, message->text);
}

static void make_id(struct weir_triage *triage, struct weir_card *card,
                    const struct weir_message *message)
{
    struct weir_buffer *cause = &triage->cause;
    weir_buffer_clear(cause);
    weir_buffer_add(cause,
                    card->kind == WEIR_CARD_QUESTION ? WEIR_SPAN("question ") : WEIR_SPAN("flag "));
    add_part(cause, card->queue);
    add_cause(cause, message);
    memcpy(card->id, "c-", 2);
    hash_into(card->id + 2, weir_buffer_span(cause));
}

static struct weir_card start_card(enum weir_card_kind kind, const struct weir_room_view *room,
                                   const struct weir_message *message,
                                   const struct weir_verdict *verdict)
{
    return (struct weir_card){
        .kind = kind,
        .room = message->room.length > 0 || !room ? message->room : room->id,
        .text = message->text,
        .message = message->id,
        .seq = message->seq,
        .has_seq = message->has_seq,
        .user = message->user,
        .at_ms = verdict->at_ms,
    };
}

// --- questions ---

static struct weir_span in_language(struct weir_bilingual text, bool prefers_zh)
{
    struct weir_span first = prefers_zh ? text.zh : text.en;
    return first.length > 0 ? first : (prefers_zh ? text.en : text.zh);
}

static struct weir_span find_suggestion(const struct weir_triage *triage,
                                        const struct weir_room_view *room,
                                        const struct weir_verdict *verdict)
{
    const struct weir_answer *answer = weir_answers_find(&triage->answers, room, verdict->at_ms,
                                                         weir_buffer_span(&triage->wording));
    return answer ? in_language(answer->reply, verdict->prefers_zh) : (struct weir_span){NULL, 0};
}

// The same wording about the same topic in the same room, while the same thing is on screen.
static void make_fingerprint(struct weir_triage *triage, struct weir_card *card,
                             const struct weir_room_view *room)
{
    struct weir_buffer *meaning = &triage->cause;
    if (triage->wording.length == 0) {
        return;
    }
    weir_buffer_clear(meaning);
    add_part(meaning, card->room);
    add_part(meaning, card->topic);
    add_part(meaning, room ? room->scene : (struct weir_span){NULL, 0});
    add_part(meaning, weir_buffer_span(&triage->wording));
    hash_into(card->fingerprint, weir_buffer_span(meaning));
}

static int64_t shortened(int64_t target_ms, bool urgent, uint32_t tier)
{
    uint32_t tiers = tier < MOST_TIERS ? tier : MOST_TIERS;
    int64_t part_ms = target_ms / 10 * (10 - (int64_t)tiers);
    return urgent ? part_ms / URGENT_PART : part_ms;
}

static void make_question(struct weir_triage *triage, const struct weir_room_view *room,
                          const struct weir_message *message, const struct weir_verdict *verdict,
                          struct weir_card *card)
{
    const struct weir_topic *topic = verdict->topic;
    int64_t target_ms = topic && topic->target_ms > 0 ? topic->target_ms : DEFAULT_TARGET_MS;
    weir_buffer_clear(&triage->wording);
    weir_wording_add_tight(verdict->asked, &triage->wording);

    *card = start_card(WEIR_CARD_QUESTION, room, message, verdict);
    card->queue = topic && topic->queue.length > 0 ? topic->queue : WEIR_SPAN(QUESTION_QUEUE);
    card->topic = topic ? topic->id : (struct weir_span){NULL, 0};
    card->urgent = verdict->is_urgent;
    card->target_ms = shortened(target_ms, card->urgent, message->user.tier);
    card->suggestion = find_suggestion(triage, room, verdict);
    make_fingerprint(triage, card, room);
    make_id(triage, card, message);
}

// What the hosts themselves ask is for the viewers to answer.
static bool wants_answer(const struct weir_message *message, const struct weir_verdict *verdict)
{
    const uint32_t hosts = WEIR_ROLE_STREAMER | WEIR_ROLE_MODERATOR | WEIR_ROLE_BOT;
    return verdict->is_question && verdict->message_verdict < WEIR_MESSAGE_MASK &&
           (message->user.roles & hosts) == 0;
}

// --- flags ---

static struct weir_card *find_flag(struct weir_card *cards, size_t count, struct weir_span queue)
{
    for (size_t i = 0; i < count; i++) {
        if (cards[i].kind == WEIR_CARD_FLAG && weir_span_equals(cards[i].queue, queue)) {
            return &cards[i];
        }
    }
    return NULL;
}

static void make_flag(struct weir_triage *triage, const struct weir_room_view *room,
                      const struct weir_message *message, const struct weir_verdict *verdict,
                      struct weir_span queue, int64_t target_ms, struct weir_card *card)
{
    *card = start_card(WEIR_CARD_FLAG, room, message, verdict);
    card->queue = queue;
    card->target_ms = target_ms > 0 ? target_ms : DEFAULT_TARGET_MS;
    card->verdict = weir_span_of(weir_message_verdict_name(verdict->message_verdict));
    card->rules = verdict->fired;
    card->rule_count = verdict->fired_count;
    card->reason = verdict->reason;
    make_id(triage, card, message);
}

static size_t add_flags(struct weir_triage *triage, const struct weir_room_view *room,
                        const struct weir_message *message, const struct weir_verdict *verdict,
                        struct weir_card *cards, size_t count)
{
    for (size_t i = 0; i < verdict->effect_count && count < WEIR_CARDS_PER_MESSAGE; i++) {
        const struct weir_effect *effect = verdict->effects[i];
        if (effect->kind != WEIR_EFFECT_FLAG && effect->kind != WEIR_EFFECT_HOLD) {
            continue;
        }
        struct weir_span queue =
            effect->queue.length > 0 ? effect->queue : WEIR_SPAN(DEFAULT_QUEUE);
        struct weir_card *there = find_flag(cards, count, queue);
        if (!there) {
            make_flag(triage, room, message, verdict, queue, effect->target_ms, &cards[count++]);
        } else if (effect->target_ms > 0 && effect->target_ms < there->target_ms) {
            there->target_ms = effect->target_ms;
        }
    }
    return count;
}

size_t weir_triage_cards(struct weir_triage *triage, const struct weir_set *set,
                         const struct weir_room_view *room, const struct weir_message *message,
                         const struct weir_verdict *verdict,
                         struct weir_card cards[WEIR_CARDS_PER_MESSAGE])
{
    size_t count = 0;
    if (wants_answer(message, verdict)) {
        weir_answers_use(&triage->answers, set);
        make_question(triage, room, message, verdict, &cards[count++]);
    }
    return add_flags(triage, room, message, verdict, cards, count);
}

// --- writing ---

static void add_roles(struct weir_buffer *out, uint32_t roles)
{
    weir_json_add_name(out, "roles");
    weir_buffer_add_byte(out, '[');
    for (uint32_t bit = WEIR_ROLE_STREAMER; bit <= WEIR_ROLE_BOT; bit <<= 1) {
        if ((roles & bit) == 0) {
            continue;
        }
        if (out->data[out->length - 1] != '[') {
            weir_buffer_add_byte(out, ',');
        }
        weir_json_add_string(out, weir_span_of(weir_role_name(bit)));
    }
    weir_buffer_add_byte(out, ']');
}

static void add_user(struct weir_buffer *out, const struct weir_user *user)
{
    weir_json_add_text_field(out, "user", user->id);
    weir_json_add_text_field(out, "name", user->name);
    add_roles(out, user->roles);
    weir_json_add_u64_field(out, "tier", user->tier);
    weir_json_add_text_field(out, "identity", weir_span_of(weir_identity_name(user->identity)));
}

static void add_rules(struct weir_buffer *out, const struct weir_card *card)
{
    weir_json_add_name(out, "rules");
    weir_buffer_add_byte(out, '[');
    for (size_t i = 0; i < card->rule_count; i++) {
        if (i > 0) {
            weir_buffer_add_byte(out, ',');
        }
        weir_json_add_string(out, card->rules[i]->id);
    }
    weir_buffer_add_byte(out, ']');
}

static void add_flag(struct weir_buffer *out, const struct weir_card *card)
{
    weir_json_add_text_field(out, "verdict", card->verdict);
    add_rules(out, card);
    weir_json_add_text_field(out, "reason", in_language(card->reason, card->reason.zh.length > 0));
}

void weir_card_write(const struct weir_card *card, struct weir_buffer *out)
{
    weir_buffer_add_byte(out, '{');
    weir_json_add_text_field(out, "id", weir_span_of(card->id));
    weir_json_add_text_field(out, "fp", weir_span_of(card->fingerprint));
    weir_json_add_text_field(out, "queue", card->queue);
    weir_json_add_text_field(
        out, "kind", card->kind == WEIR_CARD_QUESTION ? WEIR_SPAN("question") : WEIR_SPAN("flag"));
    weir_json_add_text_field(out, "room", card->room);
    if (card->kind == WEIR_CARD_QUESTION) {
        weir_json_add_text_field(out, "topic", card->topic);
    }
    weir_json_add_text_field(out, "text", card->text);
    weir_json_add_text_field(out, "message", card->message);
    if (card->has_seq) {
        weir_json_add_u64_field(out, "seq", card->seq);
    }
    add_user(out, &card->user);
    weir_json_add_i64_field(out, "at", card->at_ms);
    weir_json_add_i64_field(out, "target", card->target_ms);
    weir_json_add_bool_field(out, "urgent", card->urgent);
    if (card->kind == WEIR_CARD_FLAG) {
        add_flag(out, card);
    } else {
        weir_json_add_text_field(out, "suggestion", card->suggestion);
    }
    weir_buffer_add_byte(out, '}');
}
