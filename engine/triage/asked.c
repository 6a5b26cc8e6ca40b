#include "engine/triage/asked.h"

#include "engine/base/alloc.h"

#include <stdlib.h>

// What rules most wordings out, together: a look at it must be cheap.
struct key {
    uint64_t slots;
    uint64_t signature;
    uint64_t heads;
    uint64_t scene;
    uint64_t topic; // of its question
    bool has_topic; // in its meaning
    struct weir_meaning_bound bound;
};

struct wording {
    struct weir_meaning meaning;
    struct weir_asked_question question;
    uint64_t scene;
    int64_t at_ms; // last asked
    bool is_first; // of its question
};

struct weir_asked {
    struct key *keys;
    struct wording *wordings;
    size_t count;
    size_t key_capacity;
    size_t capacity;
};

struct weir_asked *weir_asked_create(void)
{
    return weir_new(struct weir_asked);
}

void weir_asked_destroy(struct weir_asked **asked)
{
    if (*asked) {
        free((*asked)->keys);
        free((*asked)->wordings);
        free(weir_take(*asked));
    }
}

static struct key key_of(const struct weir_meaning *meaning, uint64_t scene, uint64_t topic)
{
    return (struct key){.slots = meaning->slots,
                        .signature = meaning->signature,
                        .heads = meaning->heads,
                        .scene = scene,
                        .topic = topic,
                        .has_topic = meaning->has_topic,
                        .bound = weir_meaning_bound_of(meaning)};
}

static void put(struct weir_asked *asked, size_t at, const struct wording *wording)
{
    asked->wordings[at] = *wording;
    asked->keys[at] = key_of(&wording->meaning, wording->scene, wording->question.topic);
}

static size_t longest_not_asked(const struct weir_asked *asked)
{
    size_t oldest = 0;
    for (size_t i = 1; i < asked->count; i++) {
        if (asked->wordings[i].at_ms < asked->wordings[oldest].at_ms) {
            oldest = i;
        }
    }
    return oldest;
}

static void remember(struct weir_asked *asked, const struct wording *wording)
{
    if (asked->count == WEIR_ASKED_WORDINGS) {
        put(asked, longest_not_asked(asked), wording);
        return;
    }
    asked->keys =
        weir_grow(asked->keys, &asked->key_capacity, asked->count + 1, sizeof *asked->keys);
    asked->wordings =
        weir_grow(asked->wordings, &asked->capacity, asked->count + 1, sizeof *asked->wordings);
    put(asked, asked->count++, wording);
}

// False where the two are asked elsewhere or in nothing alike; `own` is that of the question now.
static bool may_be_it(const struct key *key, const struct key *own, bool has_slots)
{
    bool slots_say = has_slots && !key->has_topic && !own->has_topic;
    bool share = key->has_topic == own->has_topic && (key->heads & own->heads) != 0;
    return key->scene == own->scene && ((key->signature & own->signature) != 0 || has_slots) &&
           (own->topic == 0 || key->topic == own->topic) &&
           (share || slots_say || key->heads == 0 || own->heads == 0);
}

static bool are_of_one(const struct wording *a, const struct wording *b)
{
    return a->question.fingerprint[0] == b->question.fingerprint[0] &&
           a->question.fingerprint[1] == b->question.fingerprint[1];
}

// A chain of small differences must not lead away from what was asked first.
static bool strays(const struct weir_asked *asked, const struct wording *wording,
                   const struct weir_meaning *meaning)
{
    for (size_t i = 0; i < asked->count && !wording->is_first; i++) {
        const struct wording *first = &asked->wordings[i];
        if (first->is_first && are_of_one(first, wording)) {
            return weir_meaning_likeness(&first->meaning, meaning) < WEIR_LIKENESS_STRAY;
        }
    }
    return false;
}

static struct wording *most_alike(struct weir_asked *asked, const struct weir_meaning *meaning,
                                  uint64_t scene, uint64_t topic, int64_t at_ms,
                                  uint32_t *likeness_out)
{
    struct wording *best = NULL;
    uint32_t most = WEIR_LIKENESS_SAME - 1;
    const struct key own = key_of(meaning, scene, topic);
    for (size_t i = 0; i < asked->count; i++) {
        const struct key *key = &asked->keys[i];
        if (key->slots != meaning->slots || !may_be_it(key, &own, meaning->slot_count > 0) ||
            !weir_meanings_may_reach(&key->bound, &own.bound, most + 1) ||
            at_ms - asked->wordings[i].at_ms >= WEIR_ASKED_MS) {
            continue;
        }
        uint32_t likeness = weir_meaning_likeness(&asked->wordings[i].meaning, meaning);
        if (likeness > most && !strays(asked, &asked->wordings[i], meaning)) {
            most = likeness;
            best = &asked->wordings[i];
        }
    }
    *likeness_out = most;
    return best;
}

static size_t wordings_of(const struct weir_asked *asked, const struct wording *wording)
{
    size_t count = 0;
    for (size_t i = 0; i < asked->count; i++) {
        count += are_of_one(&asked->wordings[i], wording);
    }
    return count;
}

struct weir_asked_question weir_asked_join(struct weir_asked *asked,
                                           const struct weir_meaning *meaning, uint64_t scene,
                                           struct weir_asked_question own, int64_t at_ms)
{
    uint32_t likeness = 0;
    struct wording *again = most_alike(asked, meaning, scene, own.topic, at_ms, &likeness);
    struct wording wording = {*meaning, own, scene, at_ms, true};
    if (!again) {
        remember(asked, &wording);
        return own;
    }
    again->at_ms = at_ms;
    struct weir_asked_question question = again->question;
    question.is_again = true;
    if (likeness < 1000 && wordings_of(asked, again) < WEIR_ASKED_WORDINGS_OF_ONE) {
        wording.question = again->question;
        wording.is_first = false;
        remember(asked, &wording);
    }
    return question;
}

void weir_asked_recall(struct weir_asked *asked, const struct weir_meaning *meaning, uint64_t scene,
                       struct weir_asked_question question, int64_t at_ms)
{
    struct wording wording = {*meaning, question, scene, at_ms, true};
    for (size_t i = 0; i < asked->count; i++) {
        struct wording *known = &asked->wordings[i];
        if (are_of_one(known, &wording) &&
            weir_meaning_likeness(&known->meaning, meaning) >= 1000) {
            known->at_ms = at_ms > known->at_ms ? at_ms : known->at_ms;
            return;
        }
    }
    size_t wordings = wordings_of(asked, &wording);
    wording.is_first = wordings == 0;
    if (wordings < WEIR_ASKED_WORDINGS_OF_ONE) {
        remember(asked, &wording);
    }
}
