// Every decision is made when the pump walks the lists, the most urgent class first: with nothing
// due it is one comparison, so an idle outbox costs nothing per message. While the budget is short
// nobody may overtake, so what is new waits for the next whole walk, which is never far.

#include "engine/stream/outbox_private.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

#define TRIES_OF_INTERNAL  3
#define RETRY_MS           1000
#define ANSWER_MS          10000
#define MAX_FLYING         1024
#define WALK_MS            20 // between whole walks while the budget is short
#define PATIENCE_OF_HUMANS 5000
#define PATIENCE_TO_CLEAN  15000
#define SHORT_MS           5000 // what protects has waited this long: the budget can't cope
#define MANY_DELETES       8
#define MOST_DOUBLINGS     4     // of the time after which an unanswered action is sent again
#define SAID_MS            10000 // a reply is not said again within
#define SAID_LIMIT         256
#define BUSY_PART          2  // of what may fly, for a room beside others
#define SLOW_PART          64 // the same while it does not answer

struct weir_outbox *weir_outbox_create(const struct weir_outbox_options *options,
                                       const struct weir_outbox_events *events, void *user)
{
    static const struct weir_hash_key said_key = {0x77656972, 0x73616964};
    struct weir_outbox *outbox = weir_new(struct weir_outbox);
    outbox->options = *options;
    outbox->options.max_flying = options->max_flying ? options->max_flying : MAX_FLYING;
    outbox->options.answer_ms = options->answer_ms ? options->answer_ms : ANSWER_MS;
    outbox->events = *events;
    outbox->user = user;
    outbox->budget = weir_budget_create(options->limits, options->limit_count);
    outbox->said = weir_lately_create(SAID_LIMIT, SAID_MS, said_key);
    outbox->bucket_count = 1024;
    outbox->by_id = weir_new_array(struct weir_outbox_entry *, outbox->bucket_count);
    outbox->by_user = weir_new_array(struct weir_outbox_entry *, outbox->bucket_count);
    outbox->next_due_ms = INT64_MAX;
    return outbox;
}

void weir_outbox_destroy(struct weir_outbox **outbox)
{
    if (*outbox) {
        weir_outbox_free_entries(*outbox);
        weir_budget_destroy(&(*outbox)->budget);
        weir_lately_destroy(&(*outbox)->said);
        free((*outbox)->by_id);
        free((*outbox)->by_user);
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

// When to look at an entry again.
static void set_due(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t due_ms)
{
    entry->due_ms = due_ms;
    if (due_ms < outbox->next_due_ms) {
        outbox->next_due_ms = due_ms;
    }
}

// The same, without a time before which it may not be sent.
static void look_again(struct weir_outbox *outbox, int64_t at_ms)
{
    outbox->next_due_ms = at_ms < outbox->next_due_ms ? at_ms : outbox->next_due_ms;
}

// Out of the tables before on_end is called, which may add an action with the same id.
static void end_entry(struct weir_outbox *outbox, struct weir_outbox_entry *entry,
                      enum weir_outcome outcome, const struct weir_event *answer)
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
    weir_outbox_leave(outbox, entry);
    outbox->events.on_end(outbox->user, &end);
    weir_outbox_recycle(outbox, entry);
}

static bool undoes(const struct weir_action *action, const struct weir_action *other)
{
    switch (action->kind) {
    case WEIR_DO_UNTIMEOUT:
        return other->kind == WEIR_DO_TIMEOUT;
    case WEIR_DO_UNBAN:
        return other->kind == WEIR_DO_BAN;
    case WEIR_DO_RELEASE:
        return other->kind == WEIR_DO_HOLD && weir_span_equals(other->message, action->message);
    default:
        return false;
    }
}

// Classes overtake each other: a time-out that still waits must not follow what takes it back.
static void mark_undone(struct weir_outbox *outbox, const struct weir_outbox_entry *opposite)
{
    for (struct weir_outbox_entry *entry =
             weir_outbox_find_user(outbox, opposite->cause.room, opposite->action.user);
         entry; entry = weir_outbox_next_of_user(entry)) {
        if (entry != opposite && undoes(&opposite->action, &entry->action)) {
            entry->is_undone = true;
            outbox->next_due_ms = 0;
        }
    }
}

bool weir_outbox_add(struct weir_outbox *outbox, const struct weir_action *action,
                     const struct weir_outbox_cause *cause, int64_t created_ms, bool was_sent)
{
    if (weir_outbox_find(outbox, action->id)) {
        return false;
    }
    struct weir_outbox_entry *entry = weir_outbox_enter(outbox, action, cause);
    entry->created_ms = created_ms;
    entry->was_sent = was_sent;
    if (action->user.length > 0) {
        mark_undone(outbox, entry);
    }
    return true;
}

void weir_outbox_set_up(struct weir_outbox *outbox, bool is_up, int64_t now_ms)
{
    outbox->is_up = is_up;
    for (int i = 0; i < WEIR_CLASSES; i++) {
        for (struct weir_outbox_entry *entry = outbox->lists[i].first; entry; entry = entry->next) {
            if (entry->stage == WEIR_STAGE_FLYING) {
                weir_outbox_set_stage(outbox, entry, WEIR_STAGE_WAITING);
                entry->due_ms = now_ms;
                entry->asked = 0;
            }
        }
    }
    outbox->next_due_ms = 0;
}

static bool may_repeat(const struct weir_outbox *outbox, const struct weir_outbox_entry *entry)
{
    return weir_outbox_may_repeat(entry->action.kind, outbox->options.recognises_ids);
}

static int64_t seconds_left(const struct weir_outbox_entry *entry, int64_t now_ms)
{
    int64_t end_ms = entry->created_ms + (int64_t)entry->action.seconds * 1000;
    return (end_ms - now_ms + 999) / 1000;
}

static bool is_worthless(const struct weir_outbox *outbox, const struct weir_outbox_entry *entry,
                         int64_t now_ms)
{
    const struct weir_action *action = &entry->action;
    if (action->kind == WEIR_DO_TIMEOUT && seconds_left(entry, now_ms) <= 0) {
        return true;
    }
    int64_t worth_ms =
        outbox->events.worth_ms
            ? outbox->events.worth_ms(outbox->user, action, entry->cause.room, entry->created_ms)
            : weir_outbox_worth_ms(action->kind);
    return worth_ms != INT64_MAX && now_ms - entry->created_ms > worth_ms;
}

// What one action does for others

static bool is_removal(enum weir_do kind)
{
    return kind == WEIR_DO_DELETE || kind == WEIR_DO_MASK;
}

static bool clears(const struct weir_outbox *outbox, const struct weir_outbox_entry *entry)
{
    return (outbox->options.clears & (1u << entry->action.kind)) != 0;
}

// Whether a time-out that is under way will do what this delete is for.
static bool is_covered(const struct weir_outbox *outbox, const struct weir_outbox_entry *entry)
{
    if (outbox->options.clears == 0 || !is_removal(entry->action.kind)) {
        return false;
    }
    const struct weir_outbox_entry *other =
        weir_outbox_find_user(outbox, entry->cause.room, entry->action.user);
    while (other && (!clears(outbox, other) || other->tries > 0)) {
        other = weir_outbox_next_of_user(other);
    }
    return other != NULL;
}

// A time-out has ended: what relied on it ends with it in the next walk, since this may be called
// from within one, or is sent after all.
static void wake_messages_of(struct weir_outbox *outbox, const struct weir_outbox_entry *clearing,
                             bool is_done)
{
    for (struct weir_outbox_entry *entry =
             weir_outbox_find_user(outbox, clearing->cause.room, clearing->action.user);
         entry; entry = weir_outbox_next_of_user(entry)) {
        if (is_removal(entry->action.kind) && entry->stage == WEIR_STAGE_WAITING) {
            entry->is_cleared = is_done;
            entry->due_ms = 0;
        }
    }
    outbox->next_due_ms = 0;
}

static void offer_one_for_many(struct weir_outbox *outbox, const struct weir_outbox_entry *entry)
{
    size_t count = 0;
    if (!outbox->events.on_many_deletes || outbox->options.clears == 0 ||
        entry->action.kind != WEIR_DO_DELETE) {
        return;
    }
    for (const struct weir_outbox_entry *other =
             weir_outbox_find_user(outbox, entry->cause.room, entry->action.user);
         other && count < MANY_DELETES; other = weir_outbox_next_of_user(other)) {
        count += other->action.kind == WEIR_DO_DELETE && other->stage == WEIR_STAGE_WAITING;
    }
    if (count == MANY_DELETES) {
        outbox->events.on_many_deletes(outbox->user, &entry->action, &entry->cause);
    }
}

static bool is_said_by_rule(const struct weir_outbox_entry *entry)
{
    return entry->action.kind == WEIR_DO_REPLY && !entry->action.by_human;
}

// One that was refused for now is said already by itself.
static bool is_said_already(struct weir_outbox *outbox, const struct weir_outbox_entry *entry,
                            int64_t now_ms)
{
    return is_said_by_rule(entry) && entry->tries == 0 && !entry->was_sent &&
           weir_lately_has(outbox->said, entry->action.room, entry->action.text, now_ms);
}

// Sending

// The answer may come within send(): the entry is flying before it is called, and not touched
// after.
static void fly(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t now_ms)
{
    struct weir_action action = entry->action;
    if (action.kind == WEIR_DO_TIMEOUT) {
        int64_t left = seconds_left(entry, now_ms);
        action.seconds = left < action.seconds ? (uint32_t)left : action.seconds;
    }
    weir_outbox_set_stage(outbox, entry, WEIR_STAGE_FLYING);
    // A platform that is slow to answer is not made faster by asking again and again.
    set_due(outbox, entry, now_ms + (outbox->options.answer_ms << entry->asked));
    entry->asked += entry->asked < MOST_DOUBLINGS;
    entry->was_sent = true;
    entry->is_paid = false;
    outbox->events.send(outbox->user, &action);
}

static void send_entry(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t now_ms)
{
    if (!may_repeat(outbox, entry) && entry->cause.intent == 0) {
        entry->cause.intent = outbox->events.keep_intent(outbox->user, entry->action.id);
        if (entry->cause.intent) {
            weir_outbox_set_stage(outbox, entry, WEIR_STAGE_INTENT);
            entry->due_ms = INT64_MAX;
            return;
        }
    }
    fly(outbox, entry, now_ms);
}

static void wait_for_budget(struct weir_outbox *outbox, struct weir_outbox_entry *entry,
                            int64_t free_ms, int64_t now_ms)
{
    int64_t waited_ms = now_ms - entry->created_ms;
    outbox->is_short = true;
    set_due(outbox, entry, free_ms > now_ms + WALK_MS ? free_ms : now_ms + WALK_MS);
    if (!entry->has_waited && outbox->events.on_wait) {
        outbox->events.on_wait(outbox->user, entry->cause.room);
    }
    entry->has_waited = true;
    offer_one_for_many(outbox, entry);
    if (entry->class == WEIR_CLASS_PROTECT && waited_ms >= SHORT_MS && outbox->events.on_short) {
        outbox->events.on_short(outbox->user, entry->cause.room, waited_ms);
    }
    // Who decides, and who was muted for a time, must not wait for a flood to end.
    if ((entry->class == WEIR_CLASS_HUMAN && waited_ms >= PATIENCE_OF_HUMANS) ||
        (entry->class == WEIR_CLASS_CLEAN_UP && waited_ms >= PATIENCE_TO_CLEAN)) {
        weir_outbox_promote(outbox, entry);
    }
}

// What was paid for waited for the disk since, and goes.
static void try_to_send(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t now_ms)
{
    if (entry->is_paid) {
        send_entry(outbox, entry, now_ms);
        return;
    }
    if (is_said_already(outbox, entry, now_ms)) {
        end_entry(outbox, entry, WEIR_OUTCOME_COALESCED, NULL);
        return;
    }
    if (is_covered(outbox, entry)) {
        look_again(outbox, now_ms + RETRY_MS); // or when the other one has ended
        return;
    }
    int64_t free_ms = weir_budget_take(outbox->budget, entry->cause.room, entry->action.kind,
                                       entry->class, now_ms);
    if (free_ms > 0) {
        wait_for_budget(outbox, entry, free_ms, now_ms);
        return;
    }
    entry->is_paid = true;
    if (is_said_by_rule(entry)) {
        weir_lately_take(outbox->said, entry->action.room, entry->action.text, now_ms);
    }
    send_entry(outbox, entry, now_ms);
}

static bool may_send(const struct weir_outbox *outbox, const struct weir_outbox_entry *entry)
{
    return outbox->is_up &&
           (!outbox->events.may_send || outbox->events.may_send(outbox->user, entry->cause.room));
}

// How many of a room may fly. Where it is not alone it leaves half to others, and nearly all while
// it does not answer.
static uint32_t most_flying(const struct weir_outbox *outbox, const struct weir_outbox_share *share)
{
    uint32_t most = outbox->options.max_flying;
    if (outbox->share_count == 1) {
        return most;
    }
    uint32_t part = share->is_slow ? SLOW_PART : BUSY_PART;
    return most > part ? most / part : 1;
}

static bool may_fly(const struct weir_outbox *outbox, const struct weir_outbox_entry *entry)
{
    return outbox->flying < outbox->options.max_flying &&
           entry->share->flying < most_flying(outbox, entry->share);
}

// Sent, and not answered in time: asked again, or where its room has many such, later.
static void ask_again(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t now_ms)
{
    entry->share->is_slow = true;
    if (entry->share->flying <= most_flying(outbox, entry->share)) {
        try_to_send(outbox, entry, now_ms);
        return;
    }
    weir_outbox_set_stage(outbox, entry, WEIR_STAGE_WAITING);
    look_again(outbox, now_ms); // somebody else may be waiting for the place
}

static void pump_entry(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t now_ms)
{
    bool flying = entry->stage == WEIR_STAGE_FLYING;
    if (flying && !(outbox->is_up && now_ms >= entry->due_ms)) {
        set_due(outbox, entry, entry->due_ms);
    } else if (entry->was_sent && !may_repeat(outbox, entry)) {
        end_entry(outbox, entry, WEIR_OUTCOME_UNKNOWN, NULL);
    } else if (entry->is_undone) {
        end_entry(outbox, entry, WEIR_OUTCOME_CANCELLED, NULL);
    } else if (entry->is_cleared) {
        end_entry(outbox, entry, WEIR_OUTCOME_COALESCED, NULL);
    } else if (is_worthless(outbox, entry, now_ms)) {
        end_entry(outbox, entry, WEIR_OUTCOME_EXPIRED, NULL);
    } else if (entry->stage == WEIR_STAGE_INTENT || !may_send(outbox, entry)) {
        look_again(outbox, now_ms + RETRY_MS); // only to see whether it expired
    } else if (now_ms < entry->due_ms) {
        set_due(outbox, entry, entry->due_ms);
    } else if (flying) {
        ask_again(outbox, entry, now_ms);
    } else if (may_fly(outbox, entry)) {
        try_to_send(outbox, entry, now_ms);
    }
}

// From `entry` to the end of its list. Answers within send() may end the entry itself, never
// another.
static void pump_from(struct weir_outbox *outbox, struct weir_outbox_entry *entry, int64_t now_ms)
{
    for (struct weir_outbox_entry *next; entry; entry = next) {
        next = entry->next;
        pump_entry(outbox, entry, now_ms);
    }
}

static void pump_all(struct weir_outbox *outbox, int64_t now_ms)
{
    outbox->next_due_ms = INT64_MAX;
    outbox->walked_ms = now_ms;
    outbox->is_short = false;
    for (int i = 0; i < WEIR_CLASSES; i++) {
        outbox->lists[i].fresh = NULL;
        pump_from(outbox, outbox->lists[i].first, now_ms);
    }
}

static bool has_fresh(const struct weir_outbox *outbox)
{
    for (int i = 0; i < WEIR_CLASSES; i++) {
        if (outbox->lists[i].fresh) {
            return true;
        }
    }
    return false;
}

void weir_outbox_pump(struct weir_outbox *outbox, int64_t now_ms)
{
    bool is_late = now_ms < outbox->walked_ms || now_ms >= outbox->walked_ms + WALK_MS;
    if (now_ms >= outbox->next_due_ms || (outbox->is_short && is_late && has_fresh(outbox))) {
        pump_all(outbox, now_ms);
        return;
    }
    for (int i = 0; i < WEIR_CLASSES && !outbox->is_short; i++) {
        struct weir_outbox_entry *fresh = weir_take(outbox->lists[i].fresh);
        pump_from(outbox, fresh, now_ms);
    }
}

void weir_outbox_wake(struct weir_outbox *outbox)
{
    outbox->next_due_ms = 0;
}

static bool is_worth_trying_again(const struct weir_outbox_entry *entry,
                                  const struct weir_event *answer)
{
    return answer->refused == WEIR_REFUSED_RATE_LIMITED ||
           (answer->refused == WEIR_REFUSED_INTERNAL && entry->tries < TRIES_OF_INTERNAL);
}

// Refused is a known outcome, so even what must not be said twice may be tried again.
static void try_later(struct weir_outbox *outbox, struct weir_outbox_entry *entry,
                      const struct weir_event *answer, int64_t now_ms)
{
    int64_t due_ms = now_ms + (answer->retry_ms ? answer->retry_ms : RETRY_MS);
    if (answer->refused == WEIR_REFUSED_RATE_LIMITED) {
        due_ms = weir_budget_refused(outbox->budget, entry->cause.room, entry->action.kind,
                                     answer->retry_ms, now_ms);
    }
    entry->tries++;
    entry->was_sent = false;
    weir_outbox_set_stage(outbox, entry, WEIR_STAGE_WAITING);
    set_due(outbox, entry, due_ms);
}

static void end_answered(struct weir_outbox *outbox, struct weir_outbox_entry *entry,
                         const struct weir_event *answer)
{
    bool is_done = answer->refused == WEIR_REFUSED_NOT;
    if (is_done) {
        weir_budget_accepted(outbox->budget, entry->cause.room, entry->action.kind);
    } else if (is_said_by_rule(entry)) {
        weir_lately_forget(outbox->said, entry->action.room, entry->action.text);
    }
    if (clears(outbox, entry)) {
        wake_messages_of(outbox, entry, is_done);
    }
    end_entry(outbox, entry, is_done ? WEIR_OUTCOME_DONE : WEIR_OUTCOME_REFUSED, answer);
}

bool weir_outbox_done(struct weir_outbox *outbox, const struct weir_event *done, int64_t now_ms)
{
    struct weir_outbox_entry *entry = weir_outbox_find(outbox, done->id);
    if (!entry || !(entry->stage == WEIR_STAGE_FLYING || entry->was_sent)) {
        return false;
    }
    if (!may_fly(outbox, entry) || entry->share->is_slow) {
        outbox->next_due_ms = 0; // somebody may be waiting for the place
    }
    entry->share->is_slow = false;
    if (is_worth_trying_again(entry, done)) {
        try_later(outbox, entry, done, now_ms);
    } else {
        end_answered(outbox, entry, done);
    }
    return true;
}

void weir_outbox_intent_synced(struct weir_outbox *outbox, uint64_t position)
{
    for (int i = 0; i < WEIR_CLASSES && outbox->intents > 0; i++) {
        for (struct weir_outbox_entry *entry = outbox->lists[i].first; entry; entry = entry->next) {
            if (entry->stage == WEIR_STAGE_INTENT && entry->cause.intent <= position) {
                weir_outbox_set_stage(outbox, entry, WEIR_STAGE_WAITING);
                set_due(outbox, entry, 0);
            }
        }
    }
}

// What is done to a user stands although the message is gone.
static bool is_about_message(enum weir_do kind)
{
    return kind == WEIR_DO_DELETE || kind == WEIR_DO_HOLD || kind == WEIR_DO_MASK ||
           kind == WEIR_DO_RELEASE;
}

// An empty name means whoever, or whatever.
static void cancel(struct weir_outbox *outbox, const void *room, struct weir_span message,
                   struct weir_span user)
{
    for (int i = 0; i < WEIR_CLASSES; i++) {
        for (struct weir_outbox_entry *entry = outbox->lists[i].first, *next; entry; entry = next) {
            const struct weir_action *action = &entry->action;
            next = entry->next;
            if (entry->cause.room == room && entry->stage != WEIR_STAGE_FLYING &&
                is_about_message(action->kind) &&
                (message.length == 0 || weir_span_equals(action->message, message)) &&
                (user.length == 0 || weir_span_equals(action->user, user))) {
                end_entry(outbox, entry, WEIR_OUTCOME_CANCELLED, NULL);
            }
        }
    }
}

void weir_outbox_message_gone(struct weir_outbox *outbox, const void *room,
                              struct weir_span message)
{
    if (message.length > 0) {
        cancel(outbox, room, message, WEIR_SPAN(""));
    }
}

void weir_outbox_user_gone(struct weir_outbox *outbox, const void *room, struct weir_span user)
{
    cancel(outbox, room, WEIR_SPAN(""), user);
}

void weir_outbox_unhold(struct weir_outbox *outbox, int64_t before_ms,
                        uint64_t (*keep)(void *user, const struct weir_action *action,
                                         const struct weir_outbox_cause *cause, int64_t created_ms))
{
    for (int i = 0; i < WEIR_CLASSES; i++) {
        for (struct weir_outbox_entry *entry = outbox->lists[i].first; entry; entry = entry->next) {
            if (entry->cause.has_seq && entry->created_ms <= before_ms) {
                uint64_t position =
                    keep(outbox->user, &entry->action, &entry->cause, entry->created_ms);
                entry->cause.position = position ? position : entry->cause.position;
                entry->cause.has_seq = position == 0;
            }
        }
    }
}
