#include "engine/commands/name_table.h"

#include "engine/base/alloc.h"
#include "engine/base/hash.h"

#include <stdlib.h>

struct name_entry {
    size_t offset;
    size_t length;
    uint64_t hash;
};

// For tools at a terminal, not the daemon: who steers this hash slows down his own screen.
static const struct weir_hash_key key = {0x77656972, 0x6e616d65};

void name_table_fini(struct name_table *names)
{
    weir_buffer_fini(&names->bytes);
    free(names->names);
    free(names->slots);
    *names = (struct name_table){0};
}

struct weir_span name_table_text(const struct name_table *names, uint32_t number)
{
    weir_assert(number < names->count);
    const struct name_entry *name = &names->names[number];
    return (struct weir_span){names->bytes.data + name->offset, name->length};
}

static size_t find_slot(const struct name_table *names, struct weir_span text, uint64_t hash)
{
    size_t mask = names->slot_count - 1;
    size_t slot = hash & mask;
    while (names->slots[slot] != 0) {
        uint32_t number = names->slots[slot] - 1;
        if (names->names[number].hash == hash &&
            weir_span_equals(name_table_text(names, number), text)) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

uint32_t name_table_find(const struct name_table *names, struct weir_span text)
{
    if (names->slot_count == 0) {
        return NO_NAME;
    }
    uint32_t held = names->slots[find_slot(names, text, weir_hash(key, text))];
    return held ? held - 1 : NO_NAME;
}

static void grow_slots(struct name_table *names)
{
    size_t count = names->slot_count ? names->slot_count * 2 : 64;
    free(names->slots);
    names->slots = weir_new_array(uint32_t, count);
    names->slot_count = count;
    for (uint32_t i = 0; i < names->count; i++) {
        size_t slot = names->names[i].hash & (count - 1);
        while (names->slots[slot] != 0) {
            slot = (slot + 1) & (count - 1);
        }
        names->slots[slot] = i + 1;
    }
}

uint32_t name_table_add(struct name_table *names, struct weir_span text)
{
    uint64_t hash = weir_hash(key, text);
    if ((names->count + 1) * 2 > names->slot_count) {
        grow_slots(names);
    }
    size_t slot = find_slot(names, text, hash);
    if (names->slots[slot] != 0) {
        return names->slots[slot] - 1;
    }
    names->names =
        weir_grow(names->names, &names->capacity, names->count + 1, sizeof(*names->names));
    names->names[names->count] = (struct name_entry){names->bytes.length, text.length, hash};
    weir_buffer_add(&names->bytes, text);
    names->slots[slot] = (uint32_t)++names->count;
    return (uint32_t)(names->count - 1);
}
