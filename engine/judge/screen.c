#include "engine/judge/screen.h"

#include "engine/base/alloc.h"

#include <stdlib.h>
#include <string.h>

// Ids are short on most platforms and long on some, so records are as long as what they hold. The
// oldest are at the front; they are dropped there, and what is left moves down once half is free.

#define FIRST_BYTES 512u
#define LONGEST     1024u // of the three texts together

struct record {
    uint64_t campaign;
    int64_t at_ms;
    uint16_t message;
    uint16_t user;
    uint16_t name;
    bool is_taken;
};

void weir_screen_fini(struct weir_screen *screen)
{
    free(screen->bytes);
    *screen = (struct weir_screen){0};
}

static uint32_t size_of(const struct record *record)
{
    uint32_t size = (uint32_t)sizeof(*record) + record->message + record->user + record->name;
    return (size + 7u) & ~7u;
}

static struct record *record_at(const struct weir_screen *screen, uint32_t at)
{
    return (struct record *)(void *)(screen->bytes + at);
}

static void drop_oldest(struct weir_screen *screen)
{
    screen->first += size_of(record_at(screen, screen->first));
    if (--screen->count == 0) {
        screen->first = screen->end = 0;
    }
}

static void drop_old(struct weir_screen *screen, int64_t now_ms)
{
    while (screen->count > 0 &&
           (screen->count >= WEIR_SCREEN_MOST ||
            now_ms - record_at(screen, screen->first)->at_ms >= WEIR_SCREEN_MS)) {
        drop_oldest(screen);
    }
}

static void move_down(struct weir_screen *screen)
{
    memmove(screen->bytes, screen->bytes + screen->first, screen->end - screen->first);
    screen->end -= screen->first;
    screen->first = 0;
}

static void make_room(struct weir_screen *screen, uint32_t size)
{
    while (screen->capacity - screen->end < size) {
        if (screen->first > 0 && screen->first >= screen->capacity / 2) {
            move_down(screen);
        } else if (screen->capacity < WEIR_SCREEN_BYTES) {
            screen->capacity = screen->capacity ? screen->capacity * 2 : FIRST_BYTES;
            screen->bytes = weir_realloc_array(screen->bytes, screen->capacity, 1);
        } else {
            drop_oldest(screen);
        }
    }
}

static char *put(char *at, struct weir_span text)
{
    if (text.length > 0) {
        memcpy(at, text.data, text.length);
    }
    return at + text.length;
}

void weir_screen_add(struct weir_screen *screen, uint64_t campaign, const struct weir_said *said,
                     int64_t now_ms)
{
    if (said->message.length == 0 ||
        said->message.length + said->user.length + said->name.length > LONGEST) {
        return;
    }
    const struct record record = {
        .campaign = campaign,
        .at_ms = now_ms,
        .message = (uint16_t)said->message.length,
        .user = (uint16_t)said->user.length,
        .name = (uint16_t)said->name.length,
    };
    drop_old(screen, now_ms);
    make_room(screen, size_of(&record));
    char *at = screen->bytes + screen->end;
    memcpy(at, &record, sizeof(record));
    put(put(put(at + sizeof(record), said->message), said->user), said->name);
    screen->end += size_of(&record);
    screen->count++;
}

static struct weir_said said_of(struct record *record)
{
    const char *text = (const char *)(record + 1);
    return (struct weir_said){
        {text, record->message},
        {text + record->message, record->user},
        {text + record->message + record->user, record->name},
    };
}

size_t weir_screen_take(struct weir_screen *screen, uint64_t campaign, bool but_latest,
                        int64_t now_ms, struct weir_said *said_out, size_t most)
{
    size_t count = 0;
    for (uint32_t at = screen->first; at < screen->end;) {
        struct record *record = record_at(screen, at);
        at += size_of(record);
        bool is_latest = but_latest && at == screen->end;
        if (record->campaign != campaign || record->is_taken ||
            now_ms - record->at_ms >= WEIR_SCREEN_MS) {
            continue;
        }
        if (is_latest) {
            record->is_taken = true;
        } else if (count < most) {
            record->is_taken = true;
            said_out[count++] = said_of(record);
        }
    }
    return count;
}
