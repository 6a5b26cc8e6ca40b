#include "engine/triage/answers.h"

#include "engine/base/alloc.h"
#include "engine/base/buffer.h"

#include <stdlib.h>
#include <string.h>

struct known {
    struct weir_meaning meaning;
    const struct weir_answer *answer;
};

struct weir_answers {
    char set_hash[72];
    const struct weir_set *set;
    struct known *known;
    size_t count;
    size_t capacity;
};

static void add_asks(struct weir_answers *answers, const struct weir_senses *senses,
                     const struct weir_answer *answer, const struct weir_span *asks, size_t count)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer tight = {0};
    for (size_t i = 0; i < count; i++) {
        struct known known = {.answer = answer};
        weir_buffer_clear(&tight);
        weir_text_normalise(WEIR_VIEW_TIGHT, asks[i], &tight);
        weir_meaning_of(senses, weir_buffer_span(&tight), &known.meaning);
        if (!weir_meaning_is_empty(&known.meaning)) {
            answers->known = weir_grow(answers->known, &answers->capacity, answers->count + 1,
                                       sizeof *answers->known);
            answers->known[answers->count++] = known;
        }
    }
}

struct weir_answers *weir_answers_create(const struct weir_senses *senses,
                                         const struct weir_set *set)
{
    struct weir_answers *answers = weir_new(struct weir_answers);
    memcpy(answers->set_hash, set->hash, sizeof answers->set_hash);
    answers->set = set;
    for (size_t i = 0; i < set->answer_count; i++) {
        const struct weir_answer *answer = &set->answers[i];
        add_asks(answers, senses, answer, answer->ask_zh, answer->ask_zh_count);
        add_asks(answers, senses, answer, answer->ask_en, answer->ask_en_count);
    }
    return answers;
}

void weir_answers_destroy(struct weir_answers **answers)
{
    if (*answers) {
        free((*answers)->known);
        free(weir_take(*answers));
    }
}

bool weir_answers_are_of(const struct weir_answers *answers, const struct weir_set *set)
{
    return answers->set == set && memcmp(answers->set_hash, set->hash, sizeof set->hash) == 0;
}

static bool is_valid_here(const struct weir_answer *answer, const struct weir_room_view *room,
                          int64_t now_ms)
{
    bool in_scene =
        answer->scene.length == 0 || (room && weir_span_equals(answer->scene, room->scene));
    return in_scene && (answer->until_ms == 0 || now_ms < answer->until_ms);
}

// An answer for what is on screen is meant before one that is true everywhere.
static uint32_t rank_of(const struct weir_answer *answer, uint32_t likeness)
{
    return likeness + (answer->scene.length > 0 ? WEIR_ANSWER_MARGIN : 0);
}

struct weir_known_answer weir_answers_find(const struct weir_answers *answers,
                                           const struct weir_room_view *room,
                                           const struct weir_meaning *asked, int64_t now_ms)
{
    struct weir_known_answer best = {NULL, 0, false};
    uint32_t rank = 0;
    uint32_t next = 0; // the best of another answer
    for (size_t i = 0; i < answers->count; i++) {
        const struct known *known = &answers->known[i];
        uint32_t likeness = weir_meaning_likeness(&known->meaning, asked);
        if (likeness == 0 || !is_valid_here(known->answer, room, now_ms)) {
            continue;
        }
        uint32_t own = rank_of(known->answer, likeness);
        if (known->answer != best.answer && own <= rank) {
            next = own > next ? own : next;
        } else if (own > rank) {
            next = known->answer != best.answer ? rank : next;
            rank = own;
            best.answer = known->answer;
            best.likeness = likeness;
        }
    }
    if (best.likeness < WEIR_ANSWER_SUGGEST) {
        return (struct weir_known_answer){NULL, 0, false};
    }
    best.is_sure = best.likeness >= WEIR_ANSWER_SURE && next + WEIR_ANSWER_MARGIN <= rank;
    return best;
}
