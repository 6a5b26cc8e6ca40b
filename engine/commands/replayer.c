#include "engine/commands/replayer.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

#define MOST_CHARS    2000
#define FIRST_BUCKETS 64

// What one room needs to be judged: its memory, and what is known about it besides.
struct room {
    struct room *next; // in its bucket
    struct weir_span name;
    char *state;
    char *scene;
    int64_t scene_ends_ms; // announced, 0 = nobody has said
    int64_t ends_ms;
    struct weir_memory *memory;
    struct weir_triage_room *asked; // NULL until something is triaged
};

struct weir_replayer {
    const struct weir_set *set;
    struct weir_judge *judge;
    struct weir_triage *triage;
    struct weir_triaged triaged;
    struct weir_hash_key key; // whoever recorded the chat chose the names
    struct room **buckets;
    size_t bucket_count; // power of two
    size_t room_count;
    struct room *last_room; // most messages follow one of the same room
};

struct weir_replayer *weir_replayer_create(const struct weir_set *set)
{
    struct weir_replayer *replayer = weir_new(struct weir_replayer);
    replayer->set = set;
    replayer->judge = weir_judge_create(MOST_CHARS);
    replayer->triage = weir_triage_create();
    replayer->bucket_count = FIRST_BUCKETS;
    replayer->buckets = weir_new_array(struct room *, replayer->bucket_count);
    ssize_t got = getrandom(&replayer->key, sizeof(replayer->key), 0);
    weir_assert(got == sizeof(replayer->key));
    return replayer;
}

static void free_room(struct room *room)
{
    weir_memory_destroy(&room->memory);
    weir_triage_room_destroy(&room->asked);
    free((char *)room->name.data);
    free(room->state);
    free(room->scene);
    free(room);
}

void weir_replayer_destroy(struct weir_replayer **replayer)
{
    struct weir_replayer *old = weir_take(*replayer);
    if (!old) {
        return;
    }
    for (size_t i = 0; i < old->bucket_count; i++) {
        while (old->buckets[i]) {
            struct room *room = old->buckets[i];
            old->buckets[i] = room->next;
            free_room(room);
        }
    }
    free(old->buckets);
    weir_judge_destroy(&old->judge);
    weir_triage_destroy(&old->triage);
    free(old);
}

struct weir_judge *weir_replayer_judge(struct weir_replayer *replayer)
{
    return replayer->judge;
}

static struct room **bucket_of(const struct weir_replayer *replayer, struct weir_span name)
{
    return &replayer->buckets[weir_hash(replayer->key, name) & (replayer->bucket_count - 1)];
}

static void double_buckets(struct weir_replayer *replayer)
{
    WEIR_AUTO(weir_free_at) struct room **old = replayer->buckets;
    size_t old_count = replayer->bucket_count;
    replayer->bucket_count *= 2;
    replayer->buckets = weir_new_array(struct room *, replayer->bucket_count);
    for (size_t i = 0; i < old_count; i++) {
        while (old[i]) {
            struct room *room = old[i];
            old[i] = room->next;
            struct room **bucket = bucket_of(replayer, room->name);
            room->next = *bucket;
            *bucket = room;
        }
    }
}

static struct room *add_room(struct weir_replayer *replayer, struct weir_span name)
{
    if (replayer->room_count >= replayer->bucket_count) {
        double_buckets(replayer);
    }
    struct room *room = weir_new(struct room);
    struct room **bucket = bucket_of(replayer, name);
    *room = (struct room){
        .next = *bucket,
        .name = {weir_strndup(name.data, name.length), name.length},
        .state = weir_strdup("live"),
        .scene = weir_strdup(""),
        .memory = weir_memory_create(),
    };
    *bucket = room;
    replayer->room_count++;
    return room;
}

static struct room *room_of(struct weir_replayer *replayer, struct weir_span name)
{
    struct room *room = replayer->last_room;
    if (!room || !weir_span_equals(room->name, name)) {
        room = *bucket_of(replayer, name);
        while (room && !weir_span_equals(room->name, name)) {
            room = room->next;
        }
        replayer->last_room = room ? room : add_room(replayer, name);
    }
    return replayer->last_room;
}

static struct weir_room_view view_of(const struct room *room, struct weir_span name)
{
    return (struct weir_room_view){
        .id = name,
        .state = weir_span_of(room->state),
        .scene = weir_span_of(room->scene),
        .scene_ends_ms = room->scene_ends_ms,
        .ends_ms = room->ends_ms,
    };
}

static const struct weir_verdict *judge(struct weir_replayer *replayer,
                                        const struct weir_message *message, int64_t arrived_ms)
{
    if (message->from_self) {
        return NULL;
    }
    struct room *room = room_of(replayer, message->room);
    struct weir_room_view view = view_of(room, message->room);
    return weir_judge_message(replayer->judge, replayer->set, room->memory, &view, message,
                              arrived_ms);
}

const struct weir_triaged *weir_replayer_triage(struct weir_replayer *replayer,
                                                const struct weir_message *message,
                                                const struct weir_verdict *verdict)
{
    struct room *room = room_of(replayer, message->room);
    struct weir_room_view view = view_of(room, message->room);
    if (!room->asked) {
        room->asked = weir_triage_room_create();
    }
    weir_triage_message(replayer->triage, replayer->set, room->asked, true, &view, message, verdict,
                        &replayer->triaged);
    return &replayer->triaged;
}

static void keep_text(char **kept, struct weir_span text)
{
    if (text.length > 0) {
        free(*kept);
        *kept = weir_strndup(text.data, text.length);
    }
}

// What was announced holds for the scene, and the stream, that it was said of.
static void note_ends(struct room *room, const struct weir_event *event)
{
    if (event->scene.length > 0 || event->scene_ends_ms > 0) {
        room->scene_ends_ms = event->scene_ends_ms;
    }
    if (event->ends_ms > 0 || weir_span_is(event->state, "ended")) {
        room->ends_ms = event->ends_ms;
    }
}

const struct weir_verdict *weir_replayer_take(struct weir_replayer *replayer,
                                              const struct weir_event *event, int64_t arrived_ms)
{
    if (event->kind == WEIR_EVENT_MESSAGE) {
        return judge(replayer, event->message, arrived_ms);
    }
    if (event->kind == WEIR_EVENT_ROOM) {
        struct room *room = room_of(replayer, event->room);
        keep_text(&room->state, event->state);
        keep_text(&room->scene, event->scene);
        note_ends(room, event);
    }
    return NULL;
}
