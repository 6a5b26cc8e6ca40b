// A list in the order of arrival and a table by id. Every decision is made when the pump walks the
// list: with nothing due it is one comparison, so an idle outbox costs nothing per message.

#include "engine/stream/outbox.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <stdlib.h>

#define TRIES_OF_INTERNAL 3
#define RETRY_MS          1000
#define ANSWER_MS         10000
#define MAX_FLYING        1024

enum stage {
    STAGE_WAITING, // to be sent at due_ms
    STAGE_INTENT,  // its intent is on the way to the disk
    STAGE_FLYING,  // sent; not answered until due_ms = ask again
};

struct entry {
    struct entry *previous;
    struct entry *next;
    struct entry *same_bucket;
    struct weir_action action; // its spans point into `bytes`
    struct weir_buffer bytes;
    struct weir_span rules[8];
    struct weir_outbox_cause cause;
    uint64_t hash;
    int64_t created_ms;
    int64_t due_ms;
    enum stage stage;
    uint32_t tries;
    bool was_sent;
};

struct weir_outbox {
    struct weir_outbox_options options;
    struct weir_outbox_events events;
    void *user;
    struct entry *first;
    struct entry *last;
    struct entry *fresh; // the first that no pump has seen, up to `last`
    struct entry *free;  // for reuse, linked by `next`
    struct entry **buckets;
    size_t bucket_count; // power of two
    size_t count;
    uint32_t flying;
    int64_t next_due_ms;
    bool is_up;
};

static const struct weir_hash_key id_key = {0x77656972, 0x6f7574};

struct weir_outbox *weir_outbox_create(const struct weir_outbox_options *options,
                                       const struct weir_outbox_events *events, void *user)
{
    struct weir_outbox *outbox = weir_new(struct weir_outbox);
    outbox->options = *options;
    outbox->options.max_flying = options->max_flying ? options->max_flying : MAX_FLYING;
    outbox->options.answer_ms = options->answer_ms ? options->answer_ms : ANSWER_MS;
    outbox->events = *events;
    outbox->user = user;
    outbox->bucket_count = 1024;
    outbox->buckets = weir_new_array(struct entry *, outbox->bucket_count);
    outbox->next_due_ms = INT64_MAX;
    return outbox;
}

static void free_entries(struct entry *entry)
{
    while (entry) {
        struct entry *next = entry->next;
        weir_buffer_fini(&entry->bytes);
        free(entry);
        entry = next;
    }
}

void weir_outbox_destroy(struct weir_outbox **outbox)
{
    if (*outbox) {
        free_entries((*outbox)->first);
        free_entries((*outbox)->free);
        free((*outbox)->buckets);
        free(*outbox);
        *outbox = NULL;
    }
}

bool weir_outbox_may_repeat(enum weir_do kind, bool recognises_ids)
{
    bool speaks = kind == WEIR_DO_REPLY || kind == WEIR_DO_WARN || kind == WEIR_DO_ANNOUNCE;
    return recognises_ids || !speaks;
}

int64_t weir_outbox_worth_ms(enum weir_do kind)
{
    switch (kind) {
    case WEIR_DO_DELETE:
    case WEIR_DO_MASK:
    case WEIR_DO_ROOM_MODE:
        return 10 * 60 * 1000; // by then nobody sees the line any more
    case WEIR_DO_WARN:
    case WEIR_DO_REPLY:
    case WEIR_DO_ANNOUNCE:
        return 5 * 60 * 1000;
    default:
        return INT64_MAX; // a time-out ends by itself, the rest stays right
    }
}

static struct entry **bucket_of(struct weir_outbox *outbox, uint64_t hash)
{
    return &outbox->buckets[hash & (outbox->bucket_count - 1)];
}

static struct entry *find_entry(struct weir_outbox *outbox, struct weir_span id)
{
    uint64_t hash = weir_hash(id_key, id);
    struct entry *entry = *bucket_of(outbox, hash);
    while (entry && !(entry->hash == hash && weir_span_equals(entry->action.id, id))) {
        entry = entry->same_bucket;
    }
    return entry;
}

static void copy_span(struct weir_buffer *bytes, struct weir_span *span)
{
    struct weir_span copy = {bytes->data + bytes->length, span->length};
    weir_buffer_add(bytes, *span);
    *span = copy;
}

static size_t bytes_of(const struct weir_action *action)
{
    size_t bytes = action->id.length + action->room.length + action->message.length +
                   action->user.length + action->user_name.length + action->text.length +
                   action->mode.length + action->reason.length;
    for (size_t i = 0; i < action->rule_count; i++) {
        bytes += action->rules[i].length;
    }
    return bytes;
}

static void copy_action(struct entry *entry, const struct weir_action *action)
{
    struct weir_action *copy = &entry->action;
    *copy = *action;
    copy->rule_count =
        action->rule_count < ARRAY_LEN(entry->rules) ? action->rule_count : ARRAY_LEN(entry->rules);
    weir_buffer_clear(&entry->bytes);
    weir_buffer_reserve(&entry->bytes, bytes_of(action) + 1); // so that `data` does not move below
    copy_span(&entry->bytes, &copy->id);
    copy_span(&entry->bytes, &copy->room);
    copy_span(&entry->bytes, &copy->message);
    copy_span(&entry->bytes, &copy->user);
    copy_span(&entry->bytes, &copy->user_name);
    copy_span(&entry->bytes, &copy->text);
    copy_span(&entry->bytes, &copy->mode);
    copy_span(&entry->bytes, &copy->reason);
    for (size_t i = 0; i < copy->rule_count; i++) {
        entry->rules[i] = action->rules[i];
        copy_span(&entry->bytes, &entry->rules[i]);
    }
    copy->rules = entry->rules;
}

static struct entry *take_entry(struct weir_outbox *outbox)
{
    struct entry *entry = outbox->free;
    if (!entry) {
        return weir_new(struct entry);
    }
    outbox->free = entry->next;
    struct weir_buffer bytes = entry->bytes;
    *entry = (struct entry){.bytes = bytes};
    return entry;
}

static void link_entry(struct weir_outbox *outbox, struct entry *entry)
{
    struct entry **bucket = bucket_of(outbox, entry->hash);
    entry->same_bucket = *bucket;
    *bucket = entry;
    entry->previous = outbox->last;
    entry->next = NULL;
    *(outbox->last ? &outbox->last->next : &outbox->first) = entry;
    outbox->last = entry;
    outbox->fresh = outbox->fresh ? outbox->fresh : entry;
    outbox->count++;
}

static void unlink_entry(struct weir_outbox *outbox, struct entry *entry)
{
    struct entry **place = bucket_of(outbox, entry->hash);
    while (*place != entry) {
        place = &(*place)->same_bucket;
    }
    *place = entry->same_bucket;
    *(entry->previous ? &entry->previous->next : &outbox->first) = entry->next;
    *(entry->next ? &entry->next->previous : &outbox->last) = entry->previous;
    outbox->fresh = outbox->fresh == entry ? entry->next : outbox->fresh;
    outbox->flying -= entry->stage == STAGE_FLYING;
    outbox->count--;
}

// When to look at an entry again.
static void set_due(struct weir_outbox *outbox, struct entry *entry, int64_t due_ms)
{
    entry->due_ms = due_ms;
    if (due_ms < outbox->next_due_ms) {
        outbox->next_due_ms = due_ms;
    }
}

// Out of the tables before on_end is called, which may add an action with the same id.
static void end_entry(struct weir_outbox *outbox, struct entry *entry, enum weir_outcome outcome,
                      const struct weir_event *answer)
{
    struct weir_outbox_end end = {
        .action = &entry->action,
        .cause = entry->cause,
        .outcome = outcome,
        .refused = answer ? answer->refused : WEIR_REFUSED_NOT,
        .text = answer ? answer->cause : WEIR_SPAN(""),
        .created_ms = entry->created_ms,
        .was_sent = entry->was_sent,
    };
    unlink_entry(outbox, entry);
    outbox->events.on_end(outbox->user, &end);
    entry->next = outbox->free;
    outbox->free = entry;
}

bool weir_outbox_add(struct weir_outbox *outbox, const struct weir_action *action,
                     const struct weir_outbox_cause *cause, int64_t created_ms, bool was_sent)
{
    if (find_entry(outbox, action->id)) {
        return false;
    }
    struct entry *entry = take_entry(outbox);
    copy_action(entry, action);
    entry->cause = *cause;
    entry->hash = weir_hash(id_key, action->id);
    entry->created_ms = created_ms;
    entry->was_sent = was_sent;
    link_entry(outbox, entry);
    return true;
}

static void set_stage(struct weir_outbox *outbox, struct entry *entry, enum stage stage)
{
    outbox->flying -= entry->stage == STAGE_FLYING;
    outbox->flying += stage == STAGE_FLYING;
    entry->stage = stage;
}

void weir_outbox_set_up(struct weir_outbox *outbox, bool is_up, int64_t now_ms)
{
    outbox->is_up = is_up;
    for (struct entry *entry = outbox->first; entry; entry = entry->next) {
        if (entry->stage == STAGE_FLYING) {
            set_stage(outbox, entry, STAGE_WAITING);
            entry->due_ms = now_ms;
        }
    }
    outbox->next_due_ms = 0;
}

static bool may_repeat(const struct weir_outbox *outbox, const struct entry *entry)
{
    return weir_outbox_may_repeat(entry->action.kind, outbox->options.recognises_ids);
}

static int64_t seconds_left(const struct entry *entry, int64_t now_ms)
{
    int64_t end_ms = entry->created_ms + (int64_t)entry->action.seconds * 1000;
    return (end_ms - now_ms + 999) / 1000;
}

static bool is_worthless(const struct entry *entry, int64_t now_ms)
{
    int64_t worth_ms = weir_outbox_worth_ms(entry->action.kind);
    if (entry->action.kind == WEIR_DO_TIMEOUT && seconds_left(entry, now_ms) <= 0) {
        return true;
    }
    return worth_ms != INT64_MAX && now_ms - entry->created_ms > worth_ms;
}

// The answer may come within send(): the entry is flying before it is called, and not touched
// after.
static void fly(struct weir_outbox *outbox, struct entry *entry, int64_t now_ms)
{
    struct weir_action action = entry->action;
    if (action.kind == WEIR_DO_TIMEOUT) {
        int64_t left = seconds_left(entry, now_ms);
        action.seconds = left < action.seconds ? (uint32_t)left : action.seconds;
    }
    set_stage(outbox, entry, STAGE_FLYING);
    set_due(outbox, entry, now_ms + outbox->options.answer_ms);
    entry->was_sent = true;
    outbox->events.send(outbox->user, &action);
}

static void send_entry(struct weir_outbox *outbox, struct entry *entry, int64_t now_ms)
{
    if (!may_repeat(outbox, entry) && entry->cause.intent == 0) {
        entry->cause.intent = outbox->events.keep_intent(outbox->user, entry->action.id);
        if (entry->cause.intent) {
            set_stage(outbox, entry, STAGE_INTENT);
            entry->due_ms = INT64_MAX;
            return;
        }
    }
    fly(outbox, entry, now_ms);
}

static void pump_entry(struct weir_outbox *outbox, struct entry *entry, int64_t now_ms)
{
    bool flying = entry->stage == STAGE_FLYING;
    if (flying && !(outbox->is_up && now_ms >= entry->due_ms)) {
        set_due(outbox, entry, entry->due_ms);
    } else if (entry->was_sent && !may_repeat(outbox, entry)) {
        end_entry(outbox, entry, WEIR_OUTCOME_UNKNOWN, NULL);
    } else if (is_worthless(entry, now_ms)) {
        end_entry(outbox, entry, WEIR_OUTCOME_EXPIRED, NULL);
    } else if (entry->stage == STAGE_INTENT || !outbox->is_up) {
        set_due(outbox, entry, now_ms + RETRY_MS); // only to see whether it expired
    } else if (now_ms < entry->due_ms) {
        set_due(outbox, entry, entry->due_ms);
    } else if (flying || outbox->flying < outbox->options.max_flying) {
        send_entry(outbox, entry, now_ms);
    }
}

void weir_outbox_pump(struct weir_outbox *outbox, int64_t now_ms)
{
    struct entry *entry = outbox->fresh;
    if (now_ms >= outbox->next_due_ms) {
        entry = outbox->first;
        outbox->next_due_ms = INT64_MAX;
    }
    outbox->fresh = NULL;
    // Answers within send() may end the entry, never the one after it.
    for (struct entry *next; entry; entry = next) {
        next = entry->next;
        pump_entry(outbox, entry, now_ms);
    }
}

static bool is_worth_trying_again(const struct entry *entry, const struct weir_event *answer)
{
    return answer->refused == WEIR_REFUSED_RATE_LIMITED ||
           (answer->refused == WEIR_REFUSED_INTERNAL && entry->tries < TRIES_OF_INTERNAL);
}

bool weir_outbox_done(struct weir_outbox *outbox, const struct weir_event *done, int64_t now_ms)
{
    struct entry *entry = find_entry(outbox, done->id);
    if (!entry || entry->stage != STAGE_FLYING) {
        return false;
    }
    if (is_worth_trying_again(entry, done)) {
        // Refused is a known outcome, so even what must not be said twice may be tried again.
        entry->tries++;
        entry->was_sent = false;
        set_stage(outbox, entry, STAGE_WAITING);
        set_due(outbox, entry, now_ms + (done->retry_ms ? done->retry_ms : RETRY_MS));
        return true;
    }
    if (outbox->flying == outbox->options.max_flying) {
        outbox->next_due_ms = 0; // somebody may be waiting for the place
    }
    end_entry(outbox, entry,
              done->refused == WEIR_REFUSED_NOT ? WEIR_OUTCOME_DONE : WEIR_OUTCOME_REFUSED, done);
    return true;
}

void weir_outbox_intent_synced(struct weir_outbox *outbox, uint64_t position)
{
    for (struct entry *entry = outbox->first, *next; entry; entry = next) {
        next = entry->next;
        if (entry->stage == STAGE_INTENT && entry->cause.intent <= position) {
            set_stage(outbox, entry, STAGE_WAITING);
            set_due(outbox, entry, 0);
        }
    }
}

// What is done to a user stands although the message is gone.
static bool is_about_message(enum weir_do kind)
{
    return kind == WEIR_DO_DELETE || kind == WEIR_DO_HOLD || kind == WEIR_DO_MASK ||
           kind == WEIR_DO_RELEASE;
}

void weir_outbox_message_gone(struct weir_outbox *outbox, const void *room,
                              struct weir_span message)
{
    for (struct entry *entry = outbox->first, *next; entry; entry = next) {
        next = entry->next;
        if (entry->cause.room == room && entry->stage != STAGE_FLYING &&
            is_about_message(entry->action.kind) &&
            weir_span_equals(entry->action.message, message)) {
            end_entry(outbox, entry, WEIR_OUTCOME_CANCELLED, NULL);
        }
    }
}

void weir_outbox_unhold(struct weir_outbox *outbox, int64_t before_ms,
                        uint64_t (*keep)(void *user, const struct weir_action *action,
                                         const struct weir_outbox_cause *cause, int64_t created_ms))
{
    for (struct entry *entry = outbox->first; entry; entry = entry->next) {
        if (entry->cause.has_seq && entry->created_ms <= before_ms) {
            uint64_t position =
                keep(outbox->user, &entry->action, &entry->cause, entry->created_ms);
            entry->cause.position = position ? position : entry->cause.position;
            entry->cause.has_seq = position == 0;
        }
    }
}

size_t weir_outbox_count(const struct weir_outbox *outbox)
{
    return outbox->count;
}

bool weir_outbox_is_full(const struct weir_outbox *outbox)
{
    return outbox->count >= outbox->options.max_actions;
}
