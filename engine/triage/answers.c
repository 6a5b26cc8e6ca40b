#include "engine/triage/answers.h"

#include "engine/base/alloc.h"
#include "engine/triage/wording.h"

#include <stdlib.h>

struct weir_asked_line {
    size_t start; // of its wording
    size_t length;
    uint32_t answer; // index in the set
};

void weir_answers_fini(struct weir_answers *answers)
{
    free(answers->lines);
    weir_buffer_fini(&answers->wordings);
    *answers = (struct weir_answers){0};
}

static struct weir_span wording_of(const struct weir_answers *answers,
                                   const struct weir_asked_line *line)
{
    return (struct weir_span){answers->wordings.data + line->start, line->length};
}

// A line of nothing but greetings asks nothing.
static void add_lines(struct weir_answers *answers, uint32_t answer, const struct weir_span *asks,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t start = answers->wordings.length;
        weir_wording_add(asks[i], &answers->wordings);
        size_t length = answers->wordings.length - start;
        if (length > 0) {
            answers->lines = weir_grow(answers->lines, &answers->capacity, answers->count + 1,
                                       sizeof(*answers->lines));
            answers->lines[answers->count++] = (struct weir_asked_line){start, length, answer};
        }
    }
}

static int compare_lines(const void *left, const void *right, void *user)
{
    const struct weir_asked_line *a = left;
    const struct weir_asked_line *b = right;
    int order = weir_span_compare(wording_of(user, a), wording_of(user, b));
    return order ? order : (a->answer > b->answer) - (a->answer < b->answer);
}

void weir_answers_use(struct weir_answers *answers, const struct weir_set *set)
{
    // The address alone is not enough: a new set may stand where an old one stood.
    if (answers->set == set && memcmp(answers->hash, set->hash, sizeof(answers->hash)) == 0) {
        return;
    }
    weir_answers_fini(answers);
    answers->set = set;
    memcpy(answers->hash, set->hash, sizeof(answers->hash));
    for (size_t i = 0; i < set->answer_count; i++) {
        const struct weir_answer *answer = &set->answers[i];
        add_lines(answers, (uint32_t)i, answer->ask_zh, answer->ask_zh_count);
        add_lines(answers, (uint32_t)i, answer->ask_en, answer->ask_en_count);
    }
    if (answers->count > 0) {
        qsort_r(answers->lines, answers->count, sizeof(*answers->lines), compare_lines, answers);
    }
}

static bool is_valid_here(const struct weir_answer *answer, const struct weir_room_view *room,
                          int64_t now_ms)
{
    bool in_scene =
        answer->scene.length == 0 || (room && weir_span_equals(answer->scene, room->scene));
    return in_scene && (answer->until_ms == 0 || now_ms < answer->until_ms);
}

static size_t first_not_before(const struct weir_answers *answers, struct weir_span wording)
{
    size_t low = 0;
    size_t high = answers->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (weir_span_compare(wording_of(answers, &answers->lines[middle]), wording) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct weir_answer *weir_answers_find(const struct weir_answers *answers,
                                            const struct weir_room_view *room, int64_t now_ms,
                                            struct weir_span wording)
{
    for (size_t i = first_not_before(answers, wording); i < answers->count; i++) {
        if (!weir_span_equals(wording_of(answers, &answers->lines[i]), wording)) {
            return NULL;
        }
        const struct weir_answer *answer = &answers->set->answers[answers->lines[i].answer];
        if (is_valid_here(answer, room, now_ms)) {
            return answer;
        }
    }
    return NULL;
}
