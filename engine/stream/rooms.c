// The rooms of the daemon: found by name, counted, and settled.

#include "engine/stream/service_private.h"

#include "engine/base/alloc.h"
#include "engine/judge/judge.h"
#include "engine/store/spool.h"
#include "engine/store/store.h"
#include "engine/stream/afterwards.h"

#include <stdlib.h>

static struct weir_room **bucket_of(const struct weir_service *service, struct weir_span name)
{
    return &service->buckets[weir_hash(service->key, name) & (service->bucket_count - 1)];
}

struct weir_room *weir_service_find_room(struct weir_service *service, struct weir_span name)
{
    struct weir_room *room = service->last_room;
    if (room && weir_span_equals(weir_buffer_span(&room->name), name)) {
        return room;
    }
    if (service->bucket_count == 0) {
        return NULL;
    }
    room = *bucket_of(service, name);
    while (room && !weir_span_equals(weir_buffer_span(&room->name), name)) {
        room = room->next_in_bucket;
    }
    service->last_room = room ? room : service->last_room;
    return room;
}

static void put_into_bucket(struct weir_service *service, struct weir_room *room)
{
    struct weir_room **bucket = bucket_of(service, weir_buffer_span(&room->name));
    room->next_in_bucket = *bucket;
    *bucket = room;
}

static void grow_buckets(struct weir_service *service)
{
    free(service->buckets);
    service->bucket_count = service->bucket_count ? service->bucket_count * 2 : 64;
    service->buckets = weir_new_array(struct weir_room *, service->bucket_count);
    for (size_t i = 0; i < service->room_count; i++) {
        put_into_bucket(service, service->rooms[i]);
    }
}

struct weir_room *weir_service_add_room(struct weir_service *service, struct weir_span name)
{
    if (service->room_count >= service->bucket_count) {
        grow_buckets(service);
    }
    struct weir_room *room = weir_new(struct weir_room);
    weir_buffer_add(&room->name, name);
    weir_buffer_add_text(&room->state, "live");
    room->recent = weir_recent_create((uint32_t)service->config->recent_ids, service->key);
    room->granted_users = weir_memory_grant(&service->memory_budget);
    room->memory = weir_memory_create_for(room->granted_users, service->key.low);
    service->rooms = weir_grow(service->rooms, &service->room_capacity, service->room_count + 1,
                               sizeof(struct weir_room *));
    service->rooms[service->room_count++] = room;
    put_into_bucket(service, room);
    return room;
}

void weir_service_free_rooms(struct weir_service *service)
{
    for (size_t i = 0; i < service->room_count; i++) {
        struct weir_room *room = service->rooms[i];
        weir_buffer_fini(&room->name);
        weir_buffer_fini(&room->state);
        weir_buffer_fini(&room->scene);
        weir_buffer_fini(&room->moderator);
        weir_window_fini(&room->window);
        weir_overflow_line_fini(&room->overflow);
        weir_recent_destroy(&room->recent);
        weir_memory_destroy(&room->memory);
        weir_memory_give_back(&service->memory_budget, room->granted_users);
        weir_triage_room_destroy(&room->asked);
        weir_afterwards_destroy(&room->afterwards);
        free(room);
    }
    free(service->rooms);
    free(service->buckets);
    service->room_count = 0;
}

struct weir_room *weir_service_serve_room(struct weir_attachment *attachment, struct weir_span name)
{
    struct weir_service *service = attachment->service;
    struct weir_room *room = weir_service_find_room(service, name);
    if (room && room->attachment) {
        return room->attachment == attachment ? room : NULL;
    }
    if (attachment->room_count >= service->config->max_rooms || name.length == 0) {
        return NULL;
    }
    room = room ? room : weir_service_add_room(service, name);
    room->attachment = attachment;
    attachment->room_count++;
    if (attachment->config->strikes != WEIR_STRIKES_FORGOTTEN) {
        weir_memory_track_changes(room->memory); // also of what is said before Redis is there
    }
    weir_link_adopt(attachment->link, name);
    weir_store_own_room(service->store, name);
    return room;
}

void weir_room_touch(struct weir_room *room)
{
    if (!room->is_dirty && room->attachment) {
        struct weir_service *service = room->attachment->service;
        room->is_dirty = true;
        room->next_dirty = service->dirty;
        service->dirty = room;
    }
}

void weir_room_count(struct weir_service *service, struct weir_room *room,
                     enum weir_counter counter, uint64_t more)
{
    service->counters[counter] += more;
    if (room) {
        room->counters[counter] += more;
    }
}

void weir_room_done(struct weir_room *room, uint64_t seq)
{
    if (weir_window_done(&room->window, seq)) {
        weir_room_touch(room);
    }
}

static void save_settled(struct weir_service *service, struct weir_room *room)
{
    weir_buffer_clear(&service->scratch);
    weir_buffer_add_u64(&service->scratch, room->window.settled);
    weir_buffer_add_byte(&service->scratch, ' ');
    weir_buffer_add(&service->scratch, weir_buffer_span(&room->name));
    uint64_t position =
        weir_spool_append(service->spool, WEIR_SPOOL_SETTLED, weir_buffer_span(&service->scratch));
    if (position) {
        if (room->saved_position) {
            weir_spool_release(service->spool, room->saved_position);
        }
        room->saved_position = position;
        room->saved = room->window.settled;
    }
}

void weir_service_save_settled(struct weir_service *service)
{
    for (size_t i = 0; i < service->room_count; i++) {
        struct weir_room *room = service->rooms[i];
        if (room->window.has_settled &&
            (room->saved_position == 0 || room->saved != room->window.settled)) {
            save_settled(service, room);
        }
    }
}
