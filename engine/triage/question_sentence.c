#include "engine/triage/question_sentence.h"

#include "engine/base/alloc.h"
#include "engine/base/lanes.h"
#include "engine/triage/question.h"

#include <stdlib.h>

// Every message is read word by word, so a word costs one load of eight bytes and one look into a
// table, which is made once. Apostrophes, digits, names and what is no ASCII take the longer way.

#define SLOT_BITS 10
#define SLOTS     (1u << SLOT_BITS)

struct word {
    char text[9];
    uint32_t classes;
};

static const struct word known_words[] = {
    {"about", EMBEDS},
    {"ah", FILLER},
    {"ahh", FILLER},
    {"aint", NEGATED},
    {"all", SUBJECT},
    {"alright", FILLER},
    {"also", FILLER},
    {"am", AUXILIARY | RHETORIC},
    {"an", SUBJECT},
    {"and", FILLER},
    {"any", ANY | SUBJECT | PERSON},
    {"any1", ANY | SUBJECT | PERSON},
    {"anybody", ANY | SUBJECT | PERSON},
    {"anyone", ANY | SUBJECT | PERSON},
    {"anyway", FILLER},
    {"anyways", FILLER},
    {"are", AUXILIARY | BE | RHETORIC},
    {"arent", NEGATED},
    {"asl", WHOLE},
    {"at", OPENS},
    {"aw", FILLER},
    {"aww", FILLER},
    {"bro", FILLER},
    {"btw", FILLER},
    {"but", FILLER},
    {"can", AUXILIARY | RHETORIC},
    {"cant", NEGATED},
    {"chat", FILLER},
    {"could", AUXILIARY},
    {"couldnt", NEGATED},
    {"damn", FILLER},
    {"depends", EMBEDS},
    {"did", AUXILIARY | RHETORIC},
    {"didnt", NEGATED},
    {"do", AUXILIARY | DO | RHETORIC},
    {"does", AUXILIARY},
    {"doesnt", NEGATED},
    {"dont", NEGATED | RHETORIC},
    {"dude", FILLER},
    {"eh", FILLER | HOLLOW},
    {"er", FILLER},
    {"everyone", SUBJECT | PERSON},
    {"explain", EMBEDS},
    {"far", MEASURE},
    {"for", OPENS},
    {"from", OPENS},
    {"got", OPENS},
    {"guess", EMBEDS | RHETORIC},
    {"guys", FILLER | PERSON},
    {"ha", LAUGH | FILLER},
    {"had", AUXILIARY | DO},
    {"haha", LAUGH | FILLER},
    {"hahaha", LAUGH | FILLER},
    {"has", AUXILIARY},
    {"hasnt", NEGATED},
    {"have", AUXILIARY | DO},
    {"havent", NEGATED},
    {"hbu", WHOLE},
    {"he", SUBJECT | PERSON},
    {"heh", LAUGH | FILLER},
    {"hehe", LAUGH | FILLER},
    {"hello", FILLER | HOLLOW},
    {"help", OPENS},
    {"her", SUBJECT},
    {"hey", FILLER | HOLLOW},
    {"hi", FILLER | HOLLOW},
    {"his", SUBJECT},
    {"hmm", FILLER | HOLLOW},
    {"hmmm", FILLER | HOLLOW},
    {"hmmmm", FILLER | HOLLOW},
    {"how", WH | RHETORIC},
    {"hows", WH_IS},
    {"hru", WHOLE},
    {"huh", FILLER | HOLLOW},
    {"i", SUBJECT | PERSON},
    {"in", OPENS},
    {"is", AUXILIARY | BE | RHETORIC},
    {"isnt", NEGATED},
    {"it", SUBJECT},
    {"just", FILLER},
    {"kekw", LAUGH | FILLER},
    {"knew", EMBEDS},
    {"know", EMBEDS},
    {"knows", EMBEDS},
    {"like", EMBEDS},
    {"lmao", LAUGH | FILLER},
    {"lmfao", LAUGH | FILLER},
    {"lol", LAUGH | FILLER | HOLLOW},
    {"lolol", LAUGH | FILLER},
    {"long", MEASURE},
    {"lul", LAUGH | FILLER},
    {"man", FILLER},
    {"many", MEASURE},
    {"mate", FILLER},
    {"may", AUXILIARY},
    {"much", MEASURE},
    {"my", SUBJECT},
    {"ne1", ANY | SUBJECT | PERSON},
    {"no", HOLLOW | FILLER},
    {"of", EMBEDS},
    {"often", MEASURE},
    {"oh", FILLER | HOLLOW},
    {"ok", FILLER | HOLLOW},
    {"okay", FILLER | HOLLOW},
    {"old", MEASURE},
    {"omegalul", LAUGH | FILLER},
    {"omg", FILLER},
    {"on", EMBEDS | OPENS},
    {"our", SUBJECT},
    {"people", SUBJECT | PERSON},
    {"please", FILLER},
    {"r", AUXILIARY | BE | RHETORIC},
    {"really", HOLLOW},
    {"rofl", LAUGH | FILLER},
    {"see", EMBEDS},
    {"she", SUBJECT | PERSON},
    {"should", AUXILIARY},
    {"show", OPENS},
    {"sir", FILLER},
    {"so", FILLER | HOLLOW},
    {"some1", SUBJECT | PERSON},
    {"somebody", SUBJECT | PERSON},
    {"someone", SUBJECT | PERSON},
    {"sorry", FILLER},
    {"tall", MEASURE},
    {"tell", EMBEDS},
    {"than", EMBEDS},
    {"thanks", FILLER},
    {"that", SUBJECT},
    {"thats", EMBEDS},
    {"the", SUBJECT},
    {"their", SUBJECT},
    {"then", FILLER},
    {"there", SUBJECT},
    {"these", SUBJECT},
    {"they", SUBJECT | PERSON},
    {"thinking", EMBEDS},
    {"this", SUBJECT},
    {"those", SUBJECT},
    {"thx", FILLER},
    {"to", INSIDE},
    {"u", SUBJECT | PERSON | OPENS | BACK},
    {"uh", FILLER},
    {"uhh", FILLER},
    {"um", FILLER},
    {"umm", FILLER},
    {"ur", SUBJECT},
    {"urself", BACK},
    {"wait", FILLER},
    {"wanna", OPENS},
    {"was", AUXILIARY},
    {"wasnt", NEGATED},
    {"wat", WH | HOLLOW},
    {"wats", WH_IS},
    {"wbu", WHOLE},
    {"we", SUBJECT | PERSON},
    {"well", FILLER | HOLLOW},
    {"were", AUXILIARY},
    {"what", WH | HOLLOW | RHETORIC},
    {"whats", WH_IS | RHETORIC},
    {"when", WH},
    {"whens", WH_IS},
    {"where", WH},
    {"wheres", WH_IS},
    {"which", WH},
    {"who", WH | RHETORIC},
    {"whom", WH},
    {"whos", WH_IS},
    {"whose", WH},
    {"why", WH | RHETORIC},
    {"whys", WH_IS},
    {"will", AUXILIARY},
    {"with", OPENS},
    {"wonder", EMBEDS},
    {"wont", NEGATED},
    {"would", AUXILIARY},
    {"wouldnt", NEGATED},
    {"wow", FILLER},
    {"wtf", HOLLOW | FILLER},
    {"wut", WH | HOLLOW},
    {"wyd", WHOLE},
    {"ya", SUBJECT | PERSON},
    {"yall", SUBJECT | PERSON},
    {"yea", FILLER},
    {"yeah", FILLER},
    {"yes", FILLER},
    {"yo", FILLER | HOLLOW},
    {"you", SUBJECT | PERSON | OPENS | BACK | RHETORIC},
    {"your", SUBJECT},
    {"yourself", BACK},
};

struct weir_question_words {
    struct slot {
        uint64_t key; // the word's eight bytes; 0: none
        uint32_t classes;
    } slots[SLOTS];
};

static uint64_t key_of(const char *text)
{
    uint64_t key;
    memcpy(&key, text, sizeof(key));
    return key;
}

static size_t slot_of(const struct weir_question_words *words, uint64_t key)
{
    size_t at = key * 0x9e3779b97f4a7c15u >> (64 - SLOT_BITS);
    while (words->slots[at].key != key && words->slots[at].key != 0) {
        at = (at + 1) % SLOTS;
    }
    return at;
}

struct weir_question_words *weir_question_words_create(void)
{
    struct weir_question_words *words = weir_new(struct weir_question_words);
    for (size_t i = 0; i < ARRAY_LEN(known_words); i++) {
        uint64_t key = key_of(known_words[i].text);
        words->slots[slot_of(words, key)] = (struct slot){key, known_words[i].classes};
    }
    return words;
}

void weir_question_words_destroy(struct weir_question_words **words)
{
    free(*words);
    *words = NULL;
}

static bool is_word_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

static bool is_name_letter(char letter)
{
    return is_word_letter(letter) || letter == '_' || letter == '-';
}

static char letter_at(struct weir_span fold, size_t at)
{
    return at < fold.length ? fold.data[at] : '\0';
}

// Bytes of the apostrophe at `at`, also of the curly ones, or 0.
static size_t apostrophe_at(struct weir_span fold, size_t at)
{
    char letter = letter_at(fold, at);
    if (letter == '\'') {
        return 1;
    }
    bool is_curly = letter == '\xe2' && at + 2 < fold.length && fold.data[at + 1] == '\x80' &&
                    (fold.data[at + 2] == '\x98' || fold.data[at + 2] == '\x99');
    return is_curly ? 3 : 0;
}

static bool is_called(struct weir_span fold, size_t start)
{
    return start > 0 && fold.data[start - 1] == '@';
}

// Viewers call each other by names that no word is like: @anna, xx_anna99. Returns where the name
// at `start` ends, or `start`.
static size_t name_end(struct weir_span fold, size_t start)
{
    size_t end = start;
    size_t digits = 0;
    size_t others = 0;
    for (; is_name_letter(letter_at(fold, end)); end++) {
        bool is_digit = fold.data[end] >= '0' && fold.data[end] <= '9';
        digits += is_digit;
        others += !is_digit && fold.data[end] != '-';
    }
    bool is_unlike_words = digits > 0 && others >= 3 && end - start >= 6;
    return is_called(fold, start) || is_unlike_words ? end : start;
}

static void set_text(struct weir_token *token, const struct weir_question_words *words,
                     uint64_t key, size_t length)
{
    memcpy(token->text, &key, sizeof(key));
    token->text[8] = '\0';
    token->ends_clause = false;
    token->classes = length <= 8 ? words->slots[slot_of(words, key)].classes : 0;
}

// Any word; returns where it ends.
static size_t read_odd_word(const struct weir_question_words *words, struct weir_span fold,
                            size_t start, struct weir_token *token)
{
    char text[8] = {0};
    size_t at = start;
    size_t length = 0;
    bool may_be_name = is_called(fold, start);
    for (;;) {
        char letter = letter_at(fold, at);
        size_t mark = apostrophe_at(fold, at);
        if (mark == 0 && !is_word_letter(letter)) {
            break;
        }
        may_be_name = may_be_name || mark == 1 || (mark == 0 && letter <= '9');
        if (mark == 0 && length++ < sizeof(text)) {
            text[length - 1] = letter;
        }
        at += mark > 0 ? mark : 1;
    }
    if (may_be_name || letter_at(fold, at) == '-' || letter_at(fold, at) == '_') {
        size_t end = name_end(fold, start);
        if (end > start) {
            *token = (struct weir_token){.classes = NAME};
            return end;
        }
    }
    set_text(token, words, key_of(text), length);
    return at;
}

// Nothing but letters up to a blank or a plain mark, as most words are.
static size_t read_word(const struct weir_question_words *words, struct weir_span fold,
                        size_t start, struct weir_token *token)
{
    weir_lanes bytes = weir_lanes_load(fold.data + start);
    uint32_t others = ~weir_lanes_bits(weir_lanes_between(bytes, 'a', 'z'));
    size_t length = (size_t)__builtin_ctz(others);
    char next = letter_at(fold, start + length);
    bool is_plain = length > 0 && length < WEIR_LANES && start + length <= fold.length &&
                    (unsigned char)next < 0x80 && next != '\'' && !is_name_letter(next);
    if (!is_plain || is_called(fold, start)) {
        return read_odd_word(words, fold, start, token);
    }
    uint64_t key = key_of(fold.data + start);
    if (length < 8) { // whatever the machine calls the first byte
        static const char ones[16] = "\xff\xff\xff\xff\xff\xff\xff\xff";
        key &= key_of(ones + 8 - length);
    }
    set_text(token, words, key, length);
    return start + length;
}

void weir_sentence_read(const struct weir_question_words *words, struct weir_span fold,
                        struct weir_sentence *sentence)
{
    size_t at = 0;
    sentence->count = 0;
    sentence->classes = 0;
    while (at < fold.length && sentence->count < WEIR_SENTENCE_TOKENS) {
        char letter = fold.data[at];
        if (is_word_letter(letter)) {
            struct weir_token *token = &sentence->tokens[sentence->count++];
            at = read_word(words, fold, at, token);
            sentence->classes |= token->classes;
            continue;
        }
        size_t mark = letter == ' ' ? 1 : apostrophe_at(fold, at);
        if (mark == 0 && sentence->count > 0) {
            sentence->tokens[sentence->count - 1].ends_clause = true;
        }
        at += mark > 0 ? mark : 1;
    }
}

size_t weir_count_without_names(const struct weir_sentence *sentence)
{
    size_t count = sentence->count;
    while (count > 0 && (sentence->tokens[count - 1].classes & NAME)) {
        count--;
    }
    return count;
}

size_t weir_skip_fillers(const struct weir_sentence *sentence, size_t at)
{
    while (at < sentence->count && (weir_classes_at(sentence, at) & (FILLER | NAME))) {
        at++;
    }
    return at;
}

// Two words that stand together, "a b" in one string.
static bool is_pair(const struct weir_sentence *sentence, size_t at, const char *pair)
{
    if (at >= sentence->count || sentence->tokens[at].text[0] != pair[0]) {
        return false;
    }
    const char *blank = strchr(pair, ' ');
    size_t length = (size_t)(blank - pair);
    return at + 1 < sentence->count && strlen(sentence->tokens[at].text) == length &&
           memcmp(sentence->tokens[at].text, pair, length) == 0 &&
           strcmp(sentence->tokens[at + 1].text, blank + 1) == 0;
}

bool weir_is_one_pair(const struct weir_sentence *sentence, size_t at, const char *const *pairs)
{
    for (size_t i = 0; pairs[i]; i++) {
        if (is_pair(sentence, at, pairs[i])) {
            return true;
        }
    }
    return false;
}
