/** Small readings of a folded Chinese message, for the cues of question_zh.c and the rhetoric
 * beside. */
#ifndef WEIR_TRIAGE_QUESTION_HAN_H
#define WEIR_TRIAGE_QUESTION_HAN_H

#include "engine/triage/question_parts.h"

static inline bool weir_is_at(const struct weir_letters *letters, size_t at, const char32_t *phrase)
{
    for (size_t i = 0; phrase[i]; i++) {
        if (at + i >= letters->count || letters->at[at + i] != phrase[i]) {
            return false;
        }
    }
    return true;
}

static inline bool weir_is_one_at(const struct weir_letters *letters, size_t at,
                                  const char32_t *const *phrases)
{
    for (size_t i = 0; phrases[i]; i++) {
        if (weir_is_at(letters, at, phrases[i])) {
            return true;
        }
    }
    return false;
}

static inline bool weir_is_one_of(char32_t letter, const char32_t *letters)
{
    for (size_t i = 0; letter && letters[i]; i++) {
        if (letters[i] == letter) {
            return true;
        }
    }
    return false;
}

static inline char32_t weir_before(const struct weir_letters *letters, size_t at, size_t back)
{
    return at >= back ? letters->at[at - back] : 0;
}

static inline bool weir_is_spoken(char32_t letter)
{
    return weir_is_han(letter) || (letter >= U'a' && letter <= U'z') ||
           (letter >= U'0' && letter <= U'9');
}

// Whether nothing but a soft particle or a name for the host stands between here and the end of
// the clause.
static inline bool weir_ends_clause(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const tails[] = {U"啊",   U"呀",   U"呐",   U"哇",     U"哈", U"亲",
                                            U"主播", U"老板", U"家人", U"宝宝",   U"姐", U"哥",
                                            U"谢谢", U"大佬", U"兄弟", U"小姐姐", NULL};
    return at >= letters->count || !weir_is_spoken(letters->at[at]) ||
           weir_is_one_at(letters, at, tails);
}

static inline size_t weir_left_in_clause(const struct weir_letters *letters, size_t at)
{
    size_t left = 0;
    while (at + left < letters->count && weir_is_spoken(letters->at[at + left])) {
        left++;
    }
    return left;
}

/** Whether the message asks only for effect: 这不是青铜吗, 谁懂啊, or is a mere exclamation. */
bool weir_is_rhetorical_zh(const struct weir_letters *letters);

#endif
