// What the rooms' memories know of users survives a restart: changes are written behind to Redis,
// once a second and never waited for, and read back when a room becomes ours. Rooms of one platform
// may share what they know (`strikes: platform`): then a strike in one counts in all.
//
// While Redis is away changes stay noted in the memories, which are bounded themselves.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/judge/memory.h"
#include "engine/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_WAITING  65536 // records; then changes stay where they are
#define MESSAGES_KEPT 4     // who said less and was never struck is as good as new
#define RECORD_BYTES  112

struct weir_user_scope {
    struct weir_known_users *known;
    struct weir_buffer name;
    bool is_read; // to its end, once
    bool is_reading;
    bool is_wanted; // by a room that came while we were reading
};

struct waiting {
    struct weir_user_scope *scope;
    char key[20];
    char record[RECORD_BYTES];
};

struct weir_known_users {
    struct weir_service *service;
    struct weir_user_scope **scopes;
    size_t scope_count;
    size_t scope_capacity;
    struct waiting *waiting; // a ring of MOST_WAITING, once there is something to write
    size_t head;
    size_t count;
    size_t flying; // from the head on
};

struct weir_known_users *weir_known_users_create(struct weir_service *service)
{
    struct weir_known_users *known = weir_new(struct weir_known_users);
    known->service = service;
    return known;
}

void weir_known_users_destroy(struct weir_known_users **known)
{
    if (*known) {
        for (size_t i = 0; i < (*known)->scope_count; i++) {
            weir_buffer_fini(&(*known)->scopes[i]->name);
            free((*known)->scopes[i]);
        }
        free((*known)->scopes);
        free((*known)->waiting);
        free(*known);
        *known = NULL;
    }
}

// ---- scopes ----

// A platform is an adapter and the server that it speaks to.
static void name_scope(const struct weir_room *room, struct weir_buffer *out)
{
    const struct weir_attachment *attachment = room->attachment;
    if (attachment->config->strikes == WEIR_STRIKES_ROOM) {
        weir_buffer_add(out, weir_buffer_span(&room->name));
        return;
    }
    struct weir_span rest = weir_span_of(attachment->config->url);
    weir_buffer_printf(out, "platform:%s", weir_link_adapter(attachment->link)->name);
    weir_span_take_until(&rest, ':');
    if (weir_span_starts(rest, WEIR_SPAN("//"))) {
        rest = weir_span_slice(rest, 2, rest.length);
        weir_buffer_add_byte(out, ':');
        weir_buffer_add(out, weir_span_take_until(&rest, '/'));
    }
}

static struct weir_user_scope *scope_of(struct weir_known_users *known, struct weir_room *room)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer name = {0};
    if (room->users || room->attachment->config->strikes == WEIR_STRIKES_FORGOTTEN) {
        return room->users;
    }
    name_scope(room, &name);
    // One room's scope is its own; only those of platforms, of which there are few, are searched.
    bool is_shared = room->attachment->config->strikes == WEIR_STRIKES_PLATFORM;
    for (size_t i = 0; i < known->scope_count && is_shared; i++) {
        if (weir_span_equals(weir_buffer_span(&known->scopes[i]->name), weir_buffer_span(&name))) {
            return known->scopes[i];
        }
    }
    struct weir_user_scope *scope = weir_new(struct weir_user_scope);
    *scope = (struct weir_user_scope){.known = known, .name = name};
    name = (struct weir_buffer){0};
    known->scopes = weir_grow(known->scopes, &known->scope_capacity, known->scope_count + 1,
                              sizeof(struct weir_user_scope *));
    known->scopes[known->scope_count++] = scope;
    return scope;
}

static void restore(struct weir_user_scope *scope, const struct weir_user_record *record,
                    const struct weir_room *except)
{
    struct weir_service *service = scope->known->service;
    for (size_t i = 0; i < service->room_count; i++) {
        if (service->rooms[i]->users == scope && service->rooms[i] != except) {
            weir_memory_restore_user(service->rooms[i]->memory, record);
        }
    }
}

// ---- reading ----

static bool read_record(struct weir_span name, struct weir_span text,
                        struct weir_user_record *record_out)
{
    char key[20], line[RECORD_BYTES];
    int used = 0;
    if (name.length != 16 || text.length >= sizeof(line)) {
        return false;
    }
    snprintf(key, sizeof(key), "%.*s", WEIR_SPAN_ARGS(name));
    snprintf(line, sizeof(line), "%.*s", WEIR_SPAN_ARGS(text));
    *record_out = (struct weir_user_record){0};
    return sscanf(key, "%16" SCNx64 "%n", &record_out->key, &used) == 1 && used == 16 &&
           sscanf(line, "%" SCNd64 " %" SCNd64 " %" SCNu32 " %" SCNu32 " %" SCNu32,
                  &record_out->first_ms, &record_out->strikes_ms, &record_out->strikes_milli,
                  &record_out->messages, &record_out->clean) == 5;
}

static void on_user(void *user, struct weir_span name, struct weir_span text)
{
    struct weir_user_scope *scope = user;
    struct weir_user_record record;
    if (read_record(name, text, &record)) {
        weir_room_count(scope->known->service, NULL, WEIR_COUNT_USERS_RECALLED, 1);
        restore(scope, &record, NULL);
    }
}

static void on_page(void *user, struct weir_span next_cursor);

static void read_page(struct weir_user_scope *scope, struct weir_span cursor)
{
    scope->is_reading =
        weir_store_recall(scope->known->service->store, weir_buffer_span(&scope->name), cursor,
                          on_user, on_page, scope);
}

static void on_page(void *user, struct weir_span next_cursor)
{
    struct weir_user_scope *scope = user;
    if (scope->known->service->is_closing || next_cursor.length == 0) {
        scope->is_reading = false; // Redis went away: begun anew when it is back
    } else if (!weir_span_is(next_cursor, "0")) {
        read_page(scope, next_cursor);
    } else if (scope->is_wanted) {
        scope->is_wanted = false;
        read_page(scope, next_cursor);
    } else {
        scope->is_read = true;
        scope->is_reading = false;
    }
}

void weir_known_users_read(struct weir_known_users *known, struct weir_room *room)
{
    struct weir_user_scope *scope = scope_of(known, room);
    if (!scope) {
        return;
    }
    room->users = scope;
    if (scope->is_reading) {
        scope->is_wanted = true;
    } else {
        read_page(scope, WEIR_SPAN("0"));
    }
}

// ---- writing ----

struct taking {
    struct weir_known_users *known;
    struct weir_room *room;
};

static void take_change(void *user, const struct weir_user_record *record)
{
    const struct taking *taking = user;
    struct weir_known_users *known = taking->known;
    struct weir_user_scope *scope = taking->room->users;
    if (record->strikes_ms == 0 && record->messages < MESSAGES_KEPT) {
        return;
    }
    if (record->strikes_ms != 0 &&
        taking->room->attachment->config->strikes == WEIR_STRIKES_PLATFORM) {
        restore(scope, record, taking->room);
    }
    if (known->count == MOST_WAITING) {
        weir_room_count(known->service, taking->room, WEIR_COUNT_USERS_UNKEPT, 1);
        return;
    }
    struct waiting *waiting = &known->waiting[(known->head + known->count++) & (MOST_WAITING - 1)];
    waiting->scope = scope;
    snprintf(waiting->key, sizeof(waiting->key), "%016" PRIx64, record->key);
    snprintf(waiting->record, sizeof(waiting->record),
             "%" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu32 " %" PRIu32, record->first_ms,
             record->strikes_ms, record->strikes_milli, record->messages, record->clean);
}

static void send_batch(struct weir_known_users *known);

static void on_done(void *user, bool is_kept)
{
    struct weir_known_users *known = user;
    if (is_kept) {
        known->head = (known->head + known->flying) & (MOST_WAITING - 1);
        known->count -= known->flying;
    }
    known->flying = 0;
    if (is_kept && !known->service->is_closing) {
        send_batch(known);
    }
}

// One batch at a time, in order: what is not answered stays at the head.
static void send_batch(struct weir_known_users *known)
{
    struct weir_span args[2 * WEIR_STORE_USERS];
    size_t count = 0;
    while (count < known->count && count < WEIR_STORE_USERS) {
        const struct waiting *waiting = &known->waiting[(known->head + count) & (MOST_WAITING - 1)];
        if (waiting->scope != known->waiting[known->head].scope) {
            break;
        }
        args[2 * count] = weir_span_of(waiting->key);
        args[2 * count + 1] = weir_span_of(waiting->record);
        count++;
    }
    known->flying = count;
    if (count > 0 &&
        !weir_store_remember(known->service->store,
                             weir_buffer_span(&known->waiting[known->head].scope->name), args,
                             count, on_done, known)) {
        known->flying = 0;
    }
}

void weir_known_users_write(struct weir_known_users *known)
{
    struct weir_service *service = known->service;
    if (!service->is_store_ready) {
        return;
    }
    if (!known->waiting && known->scope_count > 0) {
        known->waiting = weir_new_array(struct waiting, MOST_WAITING);
    }
    for (size_t i = 0; i < known->scope_count; i++) {
        if (!known->scopes[i]->is_read && !known->scopes[i]->is_reading) {
            read_page(known->scopes[i], WEIR_SPAN("0"));
        }
    }
    for (size_t i = 0; i < service->room_count && known->count < MOST_WAITING / 2; i++) {
        struct taking taking = {known, service->rooms[i]};
        if (taking.room->users) {
            weir_memory_take_changes(taking.room->memory, take_change, &taking);
        }
    }
    if (known->flying == 0) {
        send_batch(known);
    }
}

bool weir_known_users_wait(const struct weir_known_users *known)
{
    return known->service->is_store_ready && known->count > 0;
}
