#include "engine/triage/told.h"

#include "engine/base/alloc.h"
#include "engine/base/buffer.h"
#include "engine/base/hash.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    struct weir_buffer card;
    struct weir_buffer queue;
    struct weir_buffer fingerprint;
    struct weir_buffer text;
    int64_t at_ms;
    uint64_t position;
    uint64_t askers[WEIR_TOLD_ASKERS]; // hashes; 0 = reacted
    size_t asker_count;
};

struct weir_told {
    struct entry *entries[WEIR_TOLD_ANSWERS]; // oldest first
    size_t count;
};

static const struct weir_hash_key asker_key = {0x77656972746f6c64u, 0x1u};

struct weir_told *weir_told_create(void)
{
    return weir_new(struct weir_told);
}

static void free_entry(struct entry *entry)
{
    weir_buffer_fini(&entry->card);
    weir_buffer_fini(&entry->queue);
    weir_buffer_fini(&entry->fingerprint);
    weir_buffer_fini(&entry->text);
    free(entry);
}

void weir_told_destroy(struct weir_told **told)
{
    struct weir_told *going = weir_take(*told);
    for (size_t i = 0; going && i < going->count; i++) {
        free_entry(going->entries[i]);
    }
    free(going);
}

static uint64_t drop(struct weir_told *told, size_t index)
{
    struct entry *entry = told->entries[index];
    uint64_t position = entry->position;
    memmove(told->entries + index, told->entries + index + 1,
            (told->count - index - 1) * sizeof(*told->entries));
    told->count--;
    free_entry(entry);
    return position;
}

static bool is_text(const struct weir_buffer *kept, struct weir_span text)
{
    return weir_span_equals(weir_buffer_span(kept), text);
}

uint64_t weir_told_forget(struct weir_told *told, struct weir_span card)
{
    for (size_t i = 0; i < told->count; i++) {
        if (is_text(&told->entries[i]->card, card)) {
            return drop(told, i);
        }
    }
    return 0;
}

uint64_t weir_told_add(struct weir_told *told, const struct weir_told_answer *answer)
{
    uint64_t unneeded = weir_told_forget(told, answer->card);
    if (told->count == WEIR_TOLD_ANSWERS) {
        unneeded = drop(told, 0);
    }
    struct entry *entry = weir_new(struct entry);
    weir_buffer_add(&entry->card, answer->card);
    weir_buffer_add(&entry->queue, answer->queue);
    weir_buffer_add(&entry->fingerprint, answer->fingerprint);
    weir_buffer_add(&entry->text, answer->text);
    entry->at_ms = answer->at_ms;
    entry->position = answer->position;
    told->entries[told->count++] = entry;
    return unneeded;
}

void weir_told_asker(struct weir_told *told, struct weir_span user)
{
    struct entry *entry = told->count > 0 ? told->entries[told->count - 1] : NULL;
    if (entry && user.length > 0 && entry->asker_count < WEIR_TOLD_ASKERS) {
        entry->askers[entry->asker_count++] = weir_hash(asker_key, user) | 1;
    }
}

static struct weir_told_answer view_of(const struct entry *entry)
{
    return (struct weir_told_answer){
        .card = weir_buffer_span(&entry->card),
        .queue = weir_buffer_span(&entry->queue),
        .fingerprint = weir_buffer_span(&entry->fingerprint),
        .text = weir_buffer_span(&entry->text),
        .at_ms = entry->at_ms,
        .position = entry->position,
    };
}

static size_t find_asker(const struct entry *entry, uint64_t asker)
{
    size_t at = 0;
    while (at < entry->asker_count && entry->askers[at] != asker) {
        at++;
    }
    return at;
}

bool weir_told_find_asker(const struct weir_told *told, struct weir_span user, int64_t now_ms,
                          struct weir_told_answer *out)
{
    uint64_t asker = weir_hash(asker_key, user) | 1;
    for (size_t i = told->count; i > 0; i--) {
        const struct entry *entry = told->entries[i - 1];
        if (now_ms - entry->at_ms < WEIR_TOLD_MS && find_asker(entry, asker) < entry->asker_count) {
            *out = view_of(entry);
            return true;
        }
    }
    return false;
}

void weir_told_reacted(struct weir_told *told, struct weir_span card, struct weir_span user)
{
    uint64_t asker = weir_hash(asker_key, user) | 1;
    for (size_t i = 0; i < told->count; i++) {
        struct entry *entry = told->entries[i];
        size_t at = find_asker(entry, asker);
        if (is_text(&entry->card, card) && at < entry->asker_count) {
            entry->askers[at] = 0;
        }
    }
}

bool weir_told_find_question(struct weir_told *told, struct weir_span fingerprint, int64_t now_ms,
                             int64_t late_ms, struct weir_told_answer *out)
{
    for (size_t i = told->count; i > 0 && fingerprint.length > 0; i--) {
        struct entry *entry = told->entries[i - 1];
        if (now_ms - entry->at_ms < late_ms && is_text(&entry->fingerprint, fingerprint)) {
            *out = view_of(entry);
            return true;
        }
    }
    return false;
}

uint64_t weir_told_take_old(struct weir_told *told, int64_t now_ms, int64_t late_ms)
{
    int64_t longest_ms = late_ms > WEIR_TOLD_MS ? late_ms : WEIR_TOLD_MS;
    while (told->count > 0 && now_ms - told->entries[0]->at_ms >= longest_ms) {
        uint64_t position = drop(told, 0);
        if (position) {
            return position;
        }
    }
    return 0;
}
