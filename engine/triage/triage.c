#include "engine/triage/triage.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"
#include "engine/judge/standing.h"
#include "engine/triage/answers.h"
#include "engine/triage/asked.h"
#include "engine/triage/due.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION_QUEUE    "questions"
#define DEFAULT_QUEUE     "review"
#define DEFAULT_TARGET_MS 300000 // of a flag
#define SAID_OF_LATE      16

// Ids and fingerprints are hashes under fixed keys, so that every machine and every repeat derives
// the same ones. 128 bits: two questions never meet by chance.
static const struct weir_hash_key keys[2] = {{0x7765697263617264u, 0x2u},
                                             {0x7765697263617264u, 0x1u}};

struct weir_triage {
    struct weir_senses *senses;
    struct weir_answers *answers; // of the set that was used last
    struct weir_buffer scratch;
};

struct said {
    uint64_t answer; // hash of its id and scene
    int64_t at_ms;
};

struct weir_triage_room {
    struct weir_asked *asked;
    struct said said[SAID_OF_LATE]; // a ring
    size_t next_said;
};

struct weir_triage *weir_triage_create(void)
{
    struct weir_triage *triage = weir_new(struct weir_triage);
    triage->senses = weir_senses_create();
    return triage;
}

void weir_triage_destroy(struct weir_triage **triage)
{
    if (*triage) {
        weir_answers_destroy(&(*triage)->answers);
        weir_senses_destroy(&(*triage)->senses);
        weir_buffer_fini(&(*triage)->scratch);
        free(weir_take(*triage));
    }
}

void weir_triage_prepare(struct weir_triage *triage, const struct weir_set *set)
{
    if (!triage->answers || !weir_answers_are_of(triage->answers, set)) {
        weir_answers_destroy(&triage->answers);
        triage->answers = weir_answers_create(triage->senses, set);
    }
}

struct weir_triage_room *weir_triage_room_create(void)
{
    struct weir_triage_room *room = weir_new(struct weir_triage_room);
    room->asked = weir_asked_create();
    return room;
}

void weir_triage_room_destroy(struct weir_triage_room **room)
{
    if (*room) {
        weir_asked_destroy(&(*room)->asked);
        free(weir_take(*room));
    }
}

static void add_part(struct weir_buffer *cause, struct weir_span part)
{
    weir_buffer_add_u64(cause, part.length);
    weir_buffer_add_byte(cause, ':');
    weir_buffer_add(cause, part);
}

static void write_hash(char *out, const uint64_t hash[2])
{
    weir_hash_write(out, hash[0]);
    weir_hash_write(out + 16, hash[1]);
    out[32] = '\0';
}

static uint64_t hash_of(struct weir_span bytes)
{
    return bytes.length > 0 ? weir_hash(keys[0], bytes) | 1 : 0;
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
    struct weir_buffer *cause = &triage->scratch;
    weir_buffer_clear(cause);
    weir_buffer_add_text(cause, card->kind == WEIR_CARD_QUESTION ? "question " : "flag ");
    add_part(cause, card->queue);
    add_cause(cause, message);
    const uint64_t hash[2] = {weir_hash(keys[0], weir_buffer_span(cause)),
                              weir_hash(keys[1], weir_buffer_span(cause))};
    memcpy(card->id, "c-", 2);
    write_hash(card->id + 2, hash);
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

static struct weir_span scene_of(const struct weir_room_view *room)
{
    return room ? room->scene : (struct weir_span){NULL, 0};
}

// The same meaning about the same topic in the same room, while the same thing is on screen. Where
// nothing of it is understood, the same words.
static struct weir_asked_question own_question(struct weir_triage *triage,
                                               const struct weir_card *card,
                                               const struct weir_meaning *meaning,
                                               struct weir_span scene, struct weir_span asked)
{
    struct weir_buffer *bytes = &triage->scratch;
    weir_buffer_clear(bytes);
    add_part(bytes, card->room);
    add_part(bytes, card->topic);
    add_part(bytes, scene);
    if (weir_meaning_is_empty(meaning)) {
        add_part(bytes, asked);
    } else {
        weir_buffer_add_u64(bytes, meaning->slots);
        for (size_t i = 0; i < meaning->count; i++) {
            weir_buffer_add_byte(bytes, ' ');
            weir_buffer_add_u64(bytes, meaning->parts[i]);
        }
    }
    struct weir_span span = weir_buffer_span(bytes);
    return (struct weir_asked_question){{weir_hash(keys[0], span), weir_hash(keys[1], span)},
                                        hash_of(card->topic)};
}

static const struct weir_topic *topic_of(const struct weir_set *set, uint64_t hash)
{
    for (size_t i = 0; i < set->topic_count && hash != 0; i++) {
        if (hash_of(set->topics[i].id) == hash) {
            return &set->topics[i];
        }
    }
    return NULL;
}

static struct weir_span queue_of(const struct weir_topic *topic)
{
    return topic && topic->queue.length > 0 ? topic->queue : WEIR_SPAN(QUESTION_QUEUE);
}

static void set_topic(struct weir_card *card, const struct weir_topic *topic,
                      const struct weir_room_view *room)
{
    const struct weir_due_cause cause = {topic, card->urgent, card->user.tier, card->at_ms, room};
    card->queue = queue_of(topic);
    card->topic = topic ? topic->id : (struct weir_span){NULL, 0};
    card->target_ms = weir_due_target_ms(&cause);
    card->before = weir_due_before(topic);
    card->complaint = topic && topic->complaint;
    card->rules_of_topic = topic;
}

// The card of the question that is asked again; its topic, too, where this wording has none.
static bool join(struct weir_triage *triage, const struct weir_set *set,
                 struct weir_triage_room *memory, struct weir_card *card,
                 const struct weir_meaning *meaning, const struct weir_room_view *room,
                 struct weir_span asked)
{
    struct weir_span scene = scene_of(room);
    struct weir_asked_question question = own_question(triage, card, meaning, scene, asked);
    if (memory && !weir_meaning_is_empty(meaning)) {
        uint64_t own_topic = question.topic;
        question = weir_asked_join(memory->asked, meaning, hash_of(scene), question, card->at_ms);
        if (question.topic != own_topic) {
            set_topic(card, topic_of(set, question.topic), room);
        }
    }
    if (asked.length > 0) {
        write_hash(card->fingerprint, question.fingerprint);
    }
    return question.is_again;
}

static struct weir_known_answer known_answer(struct weir_triage *triage, const struct weir_set *set,
                                             const struct weir_room_view *room,
                                             const struct weir_meaning *meaning, int64_t now_ms)
{
    if (set->answer_count == 0 || weir_meaning_is_empty(meaning)) {
        return (struct weir_known_answer){NULL, 0, false};
    }
    weir_triage_prepare(triage, set);
    return weir_answers_find(triage->answers, room, meaning, now_ms);
}

// Said less than a minute ago, or now.
static bool was_said(struct weir_triage_room *memory, const struct weir_answer *answer,
                     struct weir_span scene, int64_t now_ms)
{
    uint64_t name = hash_of(answer->id) ^ hash_of(scene) << 1;
    for (size_t i = 0; memory && i < SAID_OF_LATE; i++) {
        struct said *said = &memory->said[i];
        if (said->answer == name && now_ms - said->at_ms < WEIR_ANSWER_AGAIN_MS) {
            return true;
        }
    }
    if (memory) {
        memory->said[memory->next_said] = (struct said){name, now_ms};
        memory->next_said = (memory->next_said + 1) % SAID_OF_LATE;
    }
    return false;
}

static bool answers_itself(const struct weir_known_answer *known,
                           const struct weir_verdict *verdict)
{
    const struct weir_topic *topic = verdict->topic;
    return known->is_sure && known->answer->automatic && !verdict->is_urgent &&
           (!topic || known->answer->topic.length == 0 ||
            weir_span_equals(known->answer->topic, topic->id));
}

static void add_question(struct weir_triage *triage, const struct weir_set *set,
                         struct weir_triage_room *memory, bool can_reply,
                         const struct weir_room_view *room, const struct weir_message *message,
                         const struct weir_verdict *verdict, struct weir_triaged *out)
{
    struct weir_meaning meaning;
    weir_meaning_of(triage->senses, verdict->asked, &meaning);
    struct weir_known_answer known = known_answer(triage, set, room, &meaning, verdict->at_ms);
    struct weir_span reply = known.answer
                                 ? weir_bilingual_in(known.answer->reply, verdict->prefers_zh)
                                 : (struct weir_span){NULL, 0};
    if (can_reply && known.answer && answers_itself(&known, verdict)) {
        out->answered = known.answer;
        out->queue = queue_of(verdict->topic);
        if (!was_said(memory, known.answer, scene_of(room), verdict->at_ms)) {
            out->reply = reply;
        }
        return;
    }
    struct weir_card *card = &out->cards[out->count++];
    *card = start_card(WEIR_CARD_QUESTION, room, message, verdict);
    card->urgent = verdict->is_urgent;
    card->suggestion = reply;
    card->scene = scene_of(room);
    set_topic(card, verdict->topic, room);
    out->joins = join(triage, set, memory, card, &meaning, room, verdict->asked);
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

static struct weir_card *find_flag(struct weir_triaged *out, struct weir_span queue)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->cards[i].kind == WEIR_CARD_FLAG && weir_span_equals(out->cards[i].queue, queue)) {
            return &out->cards[i];
        }
    }
    return NULL;
}

// All messages of a campaign are one card.
static void join_campaign(struct weir_triage *triage, struct weir_card *card)
{
    struct weir_buffer *bytes = &triage->scratch;
    weir_buffer_clear(bytes);
    weir_buffer_add_text(bytes, "campaign ");
    add_part(bytes, card->room);
    add_part(bytes, weir_span_of(card->campaign->id));
    struct weir_span span = weir_buffer_span(bytes);
    const uint64_t hash[2] = {weir_hash(keys[0], span), weir_hash(keys[1], span)};
    write_hash(card->fingerprint, hash);
}

static void add_flag(struct weir_triage *triage, const struct weir_room_view *room,
                     const struct weir_message *message, const struct weir_verdict *verdict,
                     struct weir_span queue, int64_t target_ms, struct weir_triaged *out)
{
    struct weir_card *card = &out->cards[out->count++];
    *card = start_card(WEIR_CARD_FLAG, room, message, verdict);
    card->queue = queue;
    card->target_ms = target_ms > 0 ? target_ms : DEFAULT_TARGET_MS;
    card->verdict = weir_span_of(weir_message_verdict_name(verdict->message_verdict));
    card->rules = verdict->fired;
    card->rule_count = verdict->fired_count;
    card->reason = verdict->reason;
    make_id(triage, card, message);
    if (verdict->campaign) {
        card->campaign = verdict->campaign;
        join_campaign(triage, card);
    }
}

// A message of a campaign that a moderator has decided on is noted on that card, so that an undo
// finds it. One that was spared is nothing to be noted.
static void note_decided(struct weir_triage *triage, const struct weir_room_view *room,
                         const struct weir_message *message, const struct weir_verdict *verdict,
                         struct weir_triaged *out)
{
    const struct weir_standing *decided = verdict->campaign->decided;
    if (verdict->effect_count > 0 && !decided->spares) {
        add_flag(triage, room, message, verdict, decided->queue, 0, out);
    }
}

static void add_flags(struct weir_triage *triage, const struct weir_room_view *room,
                      const struct weir_message *message, const struct weir_verdict *verdict,
                      struct weir_triaged *out)
{
    if (verdict->campaign && verdict->campaign->decided) {
        note_decided(triage, room, message, verdict, out);
    }
    for (size_t i = 0; i < verdict->effect_count && out->count < WEIR_CARDS_PER_MESSAGE; i++) {
        const struct weir_effect *effect = verdict->effects[i];
        if (effect->kind != WEIR_EFFECT_FLAG && effect->kind != WEIR_EFFECT_HOLD) {
            continue;
        }
        struct weir_span queue =
            effect->queue.length > 0 ? effect->queue : WEIR_SPAN(DEFAULT_QUEUE);
        struct weir_card *there = find_flag(out, queue);
        if (!there) {
            add_flag(triage, room, message, verdict, queue, effect->target_ms, out);
        } else if (effect->target_ms > 0 && effect->target_ms < there->target_ms) {
            there->target_ms = effect->target_ms;
        }
    }
}

void weir_triage_message(struct weir_triage *triage, const struct weir_set *set,
                         struct weir_triage_room *memory, bool can_reply,
                         const struct weir_room_view *room, const struct weir_message *message,
                         const struct weir_verdict *verdict, struct weir_triaged *out)
{
    out->count = 0;
    out->answered = NULL;
    out->reply = (struct weir_span){NULL, 0};
    out->joins = false;
    if (wants_answer(message, verdict)) {
        add_question(triage, set, memory, can_reply, room, message, verdict, out);
    }
    add_flags(triage, room, message, verdict, out);
}

// ---- after a restart ----

static bool read_hash(struct weir_span text, uint64_t hash[2])
{
    for (size_t i = 0; i < 32 && text.length == 32; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = strchr(digits, text.data[i]);
        if (!digit || *digit == '\0') {
            return false;
        }
        hash[i / 16] = hash[i / 16] << 4 | (uint64_t)(digit - digits);
    }
    return text.length == 32;
}

void weir_triage_recall(struct weir_triage *triage, struct weir_triage_room *memory,
                        const struct weir_triage_kept *kept)
{
    struct weir_asked_question question = {.topic = hash_of(kept->topic)};
    struct weir_meaning meaning;
    weir_meaning_of(triage->senses, kept->asked, &meaning);
    if (!weir_meaning_is_empty(&meaning) && read_hash(kept->fingerprint, question.fingerprint)) {
        weir_asked_recall(memory->asked, &meaning, hash_of(kept->scene), question, kept->at_ms);
    }
}
