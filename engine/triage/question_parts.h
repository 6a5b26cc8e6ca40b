/** The two languages of question.c, each on its own. */
#ifndef WEIR_TRIAGE_QUESTION_PARTS_H
#define WEIR_TRIAGE_QUESTION_PARTS_H

#include "engine/base/span.h"

#include <uchar.h>

/** Characters of a message that are looked at: what asks something says so earlier. */
#define WEIR_QUESTION_CHARS 256

/** A folded message in characters. */
struct weir_letters {
    char32_t at[WEIR_QUESTION_CHARS + 1]; // a 0 behind the last
    size_t count;
    bool has_mark; // a question mark that ends something
};

/** The words that English asks with, and what each can be; made once and only read. */
struct weir_question_words;

static inline bool weir_is_han(char32_t letter)
{
    return (letter >= 0x4e00 && letter <= 0x9fff) || (letter >= 0x3400 && letter <= 0x4dbf) ||
           (letter >= 0x20000 && letter <= 0x323af);
}

/** What a language says about a message. */
struct weir_asking {
    bool asks;          // has the form of a question, mark or not
    bool is_rhetorical; // has it, but nobody waits for an answer; or is a mere exclamation
};

struct weir_asking weir_asking_zh(const struct weir_letters *letters);
/** `fold` is at most WEIR_QUESTION_CHARS long; behind it sixteen bytes more may be read. */
struct weir_asking weir_asking_en(const struct weir_question_words *words, struct weir_span fold,
                                  bool has_mark, bool has_han);

#endif
