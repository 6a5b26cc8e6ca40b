// Rooms that we own: a lease in the registry that is renewed well before it ends, and the stream of
// actions that humans decided on. An entry stays in the stream until its taker has it in a log of
// its own; after a reconnect or a change of owner it is given again.

#include "engine/base/alloc.h"
#include "engine/store/redis.h"
#include "engine/store/store_private.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#define LEASE_MS        "30000"
#define ACTIONS_AT_ONCE 1000

struct weir_store_room {
    struct weir_store *store;
    char *name;
    size_t length;
    struct weir_buffer lease_key; // weir:room:ROOM
    struct weir_buffer key;       // {a:ROOM}
    struct weir_buffer refused_by;
    struct weir_buffer last_again; // the last entry that was given again, while there are more
    bool is_owned;
    bool is_left; // given back; goes once nothing is on its way
    bool is_reading;
    bool has_news;
    bool wants_all; // entries that were given before are to be given again
    size_t pending; // answers that will still name us
};

static struct weir_span name_of(const struct weir_store_room *room)
{
    return (struct weir_span){room->name, room->length};
}

// Where the room stands, or would stand, among all by name.
static size_t place_of(const struct weir_store *store, struct weir_span name)
{
    size_t low = 0;
    size_t high = store->room_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weir_span_compare(name_of(store->rooms[middle]), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct weir_store_room *find_room(const struct weir_store *store, struct weir_span name)
{
    size_t at = place_of(store, name);
    bool found = at < store->room_count && weir_span_equals(name_of(store->rooms[at]), name);
    return found ? store->rooms[at] : NULL;
}

static void free_room(struct weir_store_room *room)
{
    weir_buffer_fini(&room->lease_key);
    weir_buffer_fini(&room->key);
    weir_buffer_fini(&room->refused_by);
    weir_buffer_fini(&room->last_again);
    free(room->name);
    free(room);
}

static void free_if_over(struct weir_store_room *room)
{
    if (room->is_left && room->pending == 0) {
        free_room(room);
    }
}

// ---- actions ----

static void read_actions(struct weir_store_room *room);

static void on_actions(void *user, const struct redisReply *reply)
{
    struct weir_store_room *room = user;
    struct weir_store *store = room->store;
    size_t count = 0;
    room->is_reading = false;
    weir_buffer_clear(&room->last_again);
    for (const struct redisReply *entry; (entry = weir_reply_at(reply, count)); count++) {
        struct weir_span id = weir_reply_span(weir_reply_at(entry, 0));
        struct weir_span action = weir_reply_find(entry, 1, "action");
        if (room->is_owned && !room->is_left && id.length > 0) {
            store->events.on_action(store->user, name_of(room), id, action);
        }
        weir_buffer_clear(&room->last_again);
        weir_buffer_add(&room->last_again, id);
    }
    room->wants_all = room->wants_all && (!reply || count == ACTIONS_AT_ONCE);
    room->pending--;
    if ((count > 0 || room->has_news) && !room->is_left) {
        read_actions(room);
    }
    free_if_over(room);
}

static void read_actions(struct weir_store_room *room)
{
    if (!room->is_owned || room->is_reading || room->store->is_closing) {
        return;
    }
    char most[WEIR_DIGITS];
    struct weir_span args[] = {weir_buffer_span(&room->store->process),
                               {most, weir_digits_of(most, ACTIONS_AT_ONCE)},
                               room->wants_all ? WEIR_SPAN("all") : WEIR_SPAN("new"),
                               weir_buffer_span(&room->last_again)};
    room->has_news = false;
    room->pending++;
    room->is_reading = weir_redis_call(room->store->redis, "actions", weir_buffer_span(&room->key),
                                       args, ARRAY_LEN(args), on_actions, room);
    room->pending -= !room->is_reading;
}

static void ignore_reply(void *user, const struct redisReply *reply)
{
    (void)user;
    (void)reply;
}

void weir_store_action_taken(struct weir_store *store, struct weir_span room,
                             struct weir_span entry)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    weir_buffer_printf(&key, "{a:%.*s}", WEIR_SPAN_ARGS(room));
    // Where this gets lost the entry is given again, and its action's id is known by then.
    weir_redis_call(store->redis, "taken", weir_buffer_span(&key), &entry, 1, ignore_reply, store);
}

void weir_store_put_action(struct weir_store *store, struct weir_span room, struct weir_span id,
                           struct weir_span json)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer key = {0};
    struct weir_span args[] = {id, json};
    weir_buffer_printf(&key, "{a:%.*s}", WEIR_SPAN_ARGS(room));
    weir_redis_call(store->redis, "relay", weir_buffer_span(&key), args, ARRAY_LEN(args),
                    ignore_reply, store); // it rings, so the owner looks
}

// ---- leases ----

static void on_refused(struct weir_store_room *room, struct weir_span owner)
{
    room->is_owned = false;
    if (weir_span_equals(owner, weir_buffer_span(&room->refused_by))) {
        return; // said once; asked for again every time, since an owner may go
    }
    weir_buffer_clear(&room->refused_by);
    weir_buffer_add(&room->refused_by, owner);
    room->store->events.on_room_refused(room->store->user, name_of(room),
                                        weir_buffer_span(&room->refused_by));
}

static void on_own(void *user, const struct redisReply *reply)
{
    struct weir_store_room *room = user;
    const struct redisReply *answer = weir_reply_at(reply, 0);
    room->pending--;
    if (room->is_left || !answer || answer->type != REDIS_REPLY_INTEGER) {
        free_if_over(room);
        return;
    }
    if (answer->integer == 0) {
        on_refused(room, weir_reply_span(weir_reply_at(reply, 1)));
        free_if_over(room);
        return;
    }
    bool is_news = !room->is_owned;
    room->wants_all = room->wants_all || is_news;
    room->is_owned = true;
    weir_buffer_clear(&room->refused_by);
    if (is_news) {
        room->store->events.on_room_owned(room->store->user, name_of(room));
    }
    read_actions(room);
}

static void ask_for_lease(struct weir_store_room *room)
{
    struct weir_span args[] = {weir_buffer_span(&room->store->process), WEIR_SPAN(LEASE_MS)};
    room->pending++;
    if (!weir_redis_call(room->store->redis, "own", weir_buffer_span(&room->lease_key), args,
                         ARRAY_LEN(args), on_own, room)) {
        room->pending--;
    }
}

void weir_store_own_room(struct weir_store *store, struct weir_span name)
{
    if (find_room(store, name)) {
        return;
    }
    size_t at = place_of(store, name);
    struct weir_store_room *room = weir_new(struct weir_store_room);
    room->store = store;
    room->name = weir_strndup(name.data, name.length);
    room->length = name.length;
    weir_buffer_printf(&room->lease_key, "weir:room:%.*s", WEIR_SPAN_ARGS(name));
    weir_buffer_printf(&room->key, "{a:%.*s}", WEIR_SPAN_ARGS(name));
    store->rooms = weir_grow(store->rooms, &store->room_capacity, store->room_count + 1,
                             sizeof(struct weir_store_room *));
    memmove(store->rooms + at + 1, store->rooms + at,
            (store->room_count - at) * sizeof(struct weir_store_room *));
    store->rooms[at] = room;
    store->room_count++;
    ask_for_lease(room);
}

static void on_disowned(void *user, const struct redisReply *reply)
{
    struct weir_store *store = user;
    (void)reply;
    store->leaving--;
}

static void give_back(struct weir_store_room *room)
{
    struct weir_store *store = room->store;
    struct weir_span process = weir_buffer_span(&store->process);
    room->is_left = true;
    store->leaving++;
    if (!weir_redis_call(store->redis, "disown", weir_buffer_span(&room->lease_key), &process, 1,
                         on_disowned, store)) {
        store->leaving--; // the lease ends by itself
    }
    free_if_over(room);
}

void weir_store_leave_room(struct weir_store *store, struct weir_span name)
{
    struct weir_store_room *room = find_room(store, name);
    if (!room) {
        return;
    }
    size_t at = place_of(store, name);
    store->room_count--;
    memmove(store->rooms + at, store->rooms + at + 1,
            (store->room_count - at) * sizeof(struct weir_store_room *));
    give_back(room);
}

void weir_store_rooms_ready(struct weir_store *store)
{
    for (size_t i = 0; i < store->room_count; i++) {
        store->rooms[i]->is_reading = false;
        store->rooms[i]->wants_all = true;
        ask_for_lease(store->rooms[i]);
    }
}

bool weir_store_owns_room(const struct weir_store *store, struct weir_span name)
{
    const struct weir_store_room *room = find_room(store, name);
    return room && room->is_owned;
}

void weir_store_rooms_renew(struct weir_store *store)
{
    for (size_t i = 0; i < store->room_count; i++) {
        ask_for_lease(store->rooms[i]);
    }
}

void weir_store_room_news(struct weir_store *store, struct weir_span name)
{
    struct weir_store_room *room = find_room(store, name);
    if (room) {
        room->has_news = room->is_reading;
        read_actions(room);
    }
}

void weir_store_rooms_leave_all(struct weir_store *store)
{
    size_t count = store->room_count;
    store->room_count = 0;
    for (size_t i = 0; i < count; i++) {
        give_back(store->rooms[i]);
    }
}

void weir_store_rooms_fini(struct weir_store *store)
{
    free(store->rooms);
}
