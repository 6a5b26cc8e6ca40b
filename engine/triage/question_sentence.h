/** An English message word by word, for question_en.c and the rhetoric beside. */
#ifndef WEIR_TRIAGE_QUESTION_SENTENCE_H
#define WEIR_TRIAGE_QUESTION_SENTENCE_H

#include "engine/triage/question_parts.h"

#include <string.h>

enum weir_word_class {
    WH = 1u << 0,        // what, where, ...
    WH_IS = 1u << 1,     // what's, wheres: the verb is in it
    AUXILIARY = 1u << 2, // before a subject: a question
    BE = 1u << 3,        // is, are, ...: also before any other word
    NEGATED = 1u << 4,   // don't, isn't, ...
    SUBJECT = 1u << 5,   // you, it, the, anyone, ...
    FILLER = 1u << 6,    // so, hey, lol: what follows it begins the sentence
    ANY = 1u << 7,       // anyone, any
    LAUGH = 1u << 8,
    EMBEDS = 1u << 9,   // know, that's, tell: a "what" behind it asks nothing
    HOLLOW = 1u << 10,  // alone with a mark: surprise, not a question
    MEASURE = 1u << 11, // how much, how many, how long
    PERSON = 1u << 12,  // you, he, ...: "do" asks only before these
    DO = 1u << 13,      // do, have: an order before anything but a person
    NAME = 1u << 14,    // no word of the table: @anna, xx_anna99
    // Where a closer look is worth it: the first word of an opening, of a set phrase, ...
    OPENS = 1u << 15,    // got (any), show (me)
    WHOLE = 1u << 16,    // wbu: asks alone
    BACK = 1u << 17,     // (and) you
    INSIDE = 1u << 18,   // to (know)
    RHETORIC = 1u << 19, // who (cares)
};

#define WEIR_SENTENCE_TOKENS 32

struct weir_token {
    char text[9];     // the first eight letters, apostrophes left out
    bool ends_clause; // a mark or a comma stands behind it
    uint32_t classes;
};

struct weir_sentence {
    struct weir_token tokens[WEIR_SENTENCE_TOKENS];
    size_t count;
    uint32_t classes; // of all together
};

/** Reads the words of a folded text. Behind its last byte sixteen more may be read. */
void weir_sentence_read(const struct weir_question_words *words, struct weir_span fold,
                        struct weir_sentence *sentence);

static inline uint32_t weir_classes_at(const struct weir_sentence *sentence, size_t at)
{
    return at < sentence->count ? sentence->tokens[at].classes : 0;
}

static inline bool weir_is_word(const struct weir_sentence *sentence, size_t at, const char *word)
{
    return at < sentence->count && sentence->tokens[at].text[0] == word[0] &&
           strcmp(sentence->tokens[at].text, word) == 0;
}

/** Whether one of `pairs`, "a b" in one string, stands there; NULL ends them. */
bool weir_is_one_pair(const struct weir_sentence *sentence, size_t at, const char *const *pairs);

/** How many words there are without the names at the end. */
size_t weir_count_without_names(const struct weir_sentence *sentence);

/** The first word from `at` that is neither a name nor says nothing. */
size_t weir_skip_fillers(const struct weir_sentence *sentence, size_t at);

/** Whether it asks only for effect, or is a mere exclamation. */
bool weir_is_rhetorical_en(const struct weir_sentence *sentence, bool has_mark, bool has_han);

#endif
