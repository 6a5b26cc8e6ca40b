// A list for each class and two tables that chain entries by hash: everything that the outbox looks
// for it finds without a walk.

#include "engine/stream/outbox_private.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <stdlib.h>

static const struct weir_hash_key id_key = {0x77656972, 0x6f7574};

static struct weir_outbox_entry **id_bucket(const struct weir_outbox *outbox, uint64_t hash)
{
    return &outbox->by_id[hash & (outbox->bucket_count - 1)];
}

static struct weir_outbox_entry **user_bucket(const struct weir_outbox *outbox, uint64_t hash)
{
    return &outbox->by_user[hash & (outbox->bucket_count - 1)];
}

static uint64_t user_hash_of(const void *room, struct weir_span user)
{
    const struct weir_hash_key key = {(uint64_t)(uintptr_t)room, 0x757365};
    return weir_hash(key, user);
}

struct weir_outbox_entry *weir_outbox_find(const struct weir_outbox *outbox, struct weir_span id)
{
    uint64_t hash = weir_hash(id_key, id);
    struct weir_outbox_entry *entry = *id_bucket(outbox, hash);
    while (entry && !(entry->hash == hash && weir_span_equals(entry->action.id, id))) {
        entry = entry->same_bucket;
    }
    return entry;
}

static struct weir_outbox_entry *match_user(struct weir_outbox_entry *entry, uint64_t hash,
                                            const void *room, struct weir_span user)
{
    while (entry && !(entry->user_hash == hash && entry->cause.room == room &&
                      weir_span_equals(entry->action.user, user))) {
        entry = entry->same_user;
    }
    return entry;
}

struct weir_outbox_entry *weir_outbox_find_user(const struct weir_outbox *outbox, const void *room,
                                                struct weir_span user)
{
    uint64_t hash = user_hash_of(room, user);
    return match_user(*user_bucket(outbox, hash), hash, room, user);
}

struct weir_outbox_entry *weir_outbox_next_of_user(const struct weir_outbox_entry *entry)
{
    return match_user(entry->same_user, entry->user_hash, entry->cause.room, entry->action.user);
}

static struct weir_outbox_share **share_bucket(const struct weir_outbox *outbox, const void *room)
{
    uint64_t mixed = (uint64_t)(uintptr_t)room * 0x9e3779b97f4a7c15u;
    return (struct weir_outbox_share **)&outbox->shares[mixed >> 56 & (WEIR_OUTBOX_SHARES - 1)];
}

static struct weir_outbox_share *find_share(const struct weir_outbox *outbox, const void *room)
{
    struct weir_outbox_share *share = *share_bucket(outbox, room);
    while (share && share->room != room) {
        share = share->next;
    }
    return share;
}

static struct weir_outbox_share *enter_share(struct weir_outbox *outbox, const void *room)
{
    struct weir_outbox_share *share = find_share(outbox, room);
    if (!share) {
        share = outbox->free_shares;
        outbox->free_shares = share ? share->next : NULL;
        share = share ? share : weir_new(struct weir_outbox_share);
        struct weir_outbox_share **bucket = share_bucket(outbox, room);
        *share = (struct weir_outbox_share){.next = *bucket, .room = room};
        *bucket = share;
        outbox->share_count++;
    }
    share->count++;
    return share;
}

static void leave_share(struct weir_outbox *outbox, struct weir_outbox_share *share)
{
    if (--share->count > 0) {
        return;
    }
    struct weir_outbox_share **place = share_bucket(outbox, share->room);
    while (*place != share) {
        place = &(*place)->next;
    }
    *place = share->next;
    share->next = outbox->free_shares;
    outbox->free_shares = share;
    outbox->share_count--;
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

static void copy_action(struct weir_outbox_entry *entry, const struct weir_action *action)
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

static struct weir_outbox_entry *take_entry(struct weir_outbox *outbox)
{
    struct weir_outbox_entry *entry = outbox->free;
    if (!entry) {
        return weir_new(struct weir_outbox_entry);
    }
    outbox->free = entry->next;
    struct weir_buffer bytes = entry->bytes;
    *entry = (struct weir_outbox_entry){.bytes = bytes};
    return entry;
}

static void link_last(struct weir_outbox_list *list, struct weir_outbox_entry *entry)
{
    entry->previous = list->last;
    entry->next = NULL;
    *(list->last ? &list->last->next : &list->first) = entry;
    list->last = entry;
    list->fresh = list->fresh ? list->fresh : entry;
}

static void link_first(struct weir_outbox_list *list, struct weir_outbox_entry *entry)
{
    entry->previous = NULL;
    entry->next = list->first;
    *(list->first ? &list->first->previous : &list->last) = entry;
    list->first = entry;
}

static void unlink_from(struct weir_outbox_list *list, struct weir_outbox_entry *entry)
{
    *(entry->previous ? &entry->previous->next : &list->first) = entry->next;
    *(entry->next ? &entry->next->previous : &list->last) = entry->previous;
    list->fresh = list->fresh == entry ? entry->next : list->fresh;
}

// A room mode is the answer to more harm than can be dealt with one by one: it passes all of it.
static void link_in_class(struct weir_outbox *outbox, struct weir_outbox_entry *entry)
{
    struct weir_outbox_list *list = &outbox->lists[entry->class];
    if (entry->class == WEIR_CLASS_PROTECT && entry->action.kind == WEIR_DO_ROOM_MODE) {
        link_first(list, entry);
        outbox->next_due_ms = 0;
    } else {
        link_last(list, entry);
    }
}

struct weir_outbox_entry *weir_outbox_enter(struct weir_outbox *outbox,
                                            const struct weir_action *action,
                                            const struct weir_outbox_cause *cause)
{
    struct weir_outbox_entry *entry = take_entry(outbox);
    copy_action(entry, action);
    entry->cause = *cause;
    entry->share = enter_share(outbox, cause->room);
    entry->class = weir_class_of(action);
    entry->hash = weir_hash(id_key, action->id);
    struct weir_outbox_entry **bucket = id_bucket(outbox, entry->hash);
    entry->same_bucket = *bucket;
    *bucket = entry;
    if (action->user.length > 0) {
        entry->user_hash = user_hash_of(cause->room, action->user);
        bucket = user_bucket(outbox, entry->user_hash);
        entry->same_user = *bucket;
        *bucket = entry;
    }
    link_in_class(outbox, entry);
    outbox->count++;
    return entry;
}

static void unchain_id(struct weir_outbox *outbox, struct weir_outbox_entry *entry)
{
    struct weir_outbox_entry **place = id_bucket(outbox, entry->hash);
    while (*place != entry) {
        place = &(*place)->same_bucket;
    }
    *place = entry->same_bucket;
}

static void unchain_user(struct weir_outbox *outbox, struct weir_outbox_entry *entry)
{
    struct weir_outbox_entry **place = user_bucket(outbox, entry->user_hash);
    while (*place != entry) {
        place = &(*place)->same_user;
    }
    *place = entry->same_user;
}

void weir_outbox_leave(struct weir_outbox *outbox, struct weir_outbox_entry *entry)
{
    weir_outbox_set_stage(outbox, entry, WEIR_STAGE_WAITING);
    unchain_id(outbox, entry);
    if (entry->action.user.length > 0) {
        unchain_user(outbox, entry);
    }
    unlink_from(&outbox->lists[entry->class], entry);
    leave_share(outbox, weir_take(entry->share));
    outbox->count--;
}

void weir_outbox_recycle(struct weir_outbox *outbox, struct weir_outbox_entry *entry)
{
    entry->next = outbox->free;
    outbox->free = entry;
}

void weir_outbox_promote(struct weir_outbox *outbox, struct weir_outbox_entry *entry)
{
    unlink_from(&outbox->lists[entry->class], entry);
    entry->class = WEIR_CLASS_PROTECT;
    link_first(&outbox->lists[WEIR_CLASS_PROTECT], entry);
}

void weir_outbox_set_stage(struct weir_outbox *outbox, struct weir_outbox_entry *entry,
                           enum weir_outbox_stage stage)
{
    bool flew = entry->stage == WEIR_STAGE_FLYING;
    bool flies = stage == WEIR_STAGE_FLYING;
    outbox->flying = outbox->flying - flew + flies;
    entry->share->flying = entry->share->flying - flew + flies;
    outbox->intents -= entry->stage == WEIR_STAGE_INTENT;
    outbox->intents += stage == WEIR_STAGE_INTENT;
    entry->stage = stage;
}

static void free_list(struct weir_outbox_entry *entry)
{
    while (entry) {
        struct weir_outbox_entry *next = entry->next;
        weir_buffer_fini(&entry->bytes);
        free(entry);
        entry = next;
    }
}

static void free_shares(struct weir_outbox_share *share)
{
    while (share) {
        struct weir_outbox_share *next = share->next;
        free(share);
        share = next;
    }
}

void weir_outbox_free_entries(struct weir_outbox *outbox)
{
    for (int i = 0; i < WEIR_CLASSES; i++) {
        free_list(outbox->lists[i].first);
    }
    free_list(outbox->free);
    for (size_t i = 0; i < WEIR_OUTBOX_SHARES; i++) {
        free_shares(outbox->shares[i]);
    }
    free_shares(outbox->free_shares);
}

bool weir_outbox_has(const struct weir_outbox *outbox, struct weir_span id)
{
    return weir_outbox_find(outbox, id) != NULL;
}

size_t weir_outbox_count(const struct weir_outbox *outbox)
{
    return outbox->count;
}

#define LITTLE 16 // that each room may have while there is any memory left

bool weir_outbox_takes(const struct weir_outbox *outbox, const void *room)
{
    size_t quarter = outbox->options.max_actions / 4;
    const struct weir_outbox_share *share = find_share(outbox, room);
    size_t count = share ? share->count : 0;
    if (count < (quarter < LITTLE ? quarter : LITTLE)) {
        return outbox->count < outbox->options.max_actions;
    }
    return outbox->count < 3 * quarter && (count < quarter || outbox->share_count == 1);
}

void weir_outbox_waiting(const struct weir_outbox *outbox, const void *room,
                         size_t by_kind_out[WEIR_DO_COUNT])
{
    memset(by_kind_out, 0, WEIR_DO_COUNT * sizeof(*by_kind_out));
    for (int i = 0; i < WEIR_CLASSES; i++) {
        for (const struct weir_outbox_entry *entry = outbox->lists[i].first; entry;
             entry = entry->next) {
            bool is_meant = !room || entry->cause.room == room;
            by_kind_out[entry->action.kind] += is_meant && entry->stage != WEIR_STAGE_FLYING;
        }
    }
}
