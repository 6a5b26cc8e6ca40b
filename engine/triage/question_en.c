#include "engine/triage/question_parts.h"

#include "engine/base/alloc.h"

#include <string.h>

// English asks by order: an asking word or an auxiliary before its subject. Words are packed into
// eight bytes, apostrophes left out, so that finding one in the table is a few comparisons.

enum word_class {
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
};

struct word {
    char text[9];
    uint16_t classes;
};

// Sorted, because find_class() bisects; the test of questions checks it.
static const struct word words[] = {
    {"about", EMBEDS},
    {"ah", FILLER},
    {"ahh", FILLER},
    {"aint", NEGATED},
    {"all", SUBJECT},
    {"alright", FILLER},
    {"also", FILLER},
    {"am", AUXILIARY},
    {"an", SUBJECT},
    {"and", FILLER},
    {"any", ANY | SUBJECT | PERSON},
    {"any1", ANY | SUBJECT | PERSON},
    {"anybody", ANY | SUBJECT | PERSON},
    {"anyone", ANY | SUBJECT | PERSON},
    {"anyway", FILLER},
    {"anyways", FILLER},
    {"are", AUXILIARY | BE},
    {"arent", NEGATED},
    {"aw", FILLER},
    {"aww", FILLER},
    {"bro", FILLER},
    {"btw", FILLER},
    {"but", FILLER},
    {"can", AUXILIARY},
    {"cant", NEGATED},
    {"chat", FILLER},
    {"could", AUXILIARY},
    {"couldnt", NEGATED},
    {"damn", FILLER},
    {"depends", EMBEDS},
    {"did", AUXILIARY},
    {"didnt", NEGATED},
    {"do", AUXILIARY | DO},
    {"does", AUXILIARY},
    {"doesnt", NEGATED},
    {"dont", NEGATED},
    {"dude", FILLER},
    {"eh", FILLER | HOLLOW},
    {"er", FILLER},
    {"everyone", SUBJECT | PERSON},
    {"explain", EMBEDS},
    {"far", MEASURE},
    {"guess", EMBEDS},
    {"guys", FILLER | PERSON},
    {"ha", LAUGH | FILLER},
    {"had", AUXILIARY | DO},
    {"haha", LAUGH | FILLER},
    {"hahaha", LAUGH | FILLER},
    {"has", AUXILIARY},
    {"hasnt", NEGATED},
    {"have", AUXILIARY | DO},
    {"havent", NEGATED},
    {"he", SUBJECT | PERSON},
    {"heh", LAUGH | FILLER},
    {"hehe", LAUGH | FILLER},
    {"hello", FILLER | HOLLOW},
    {"her", SUBJECT},
    {"hey", FILLER | HOLLOW},
    {"hi", FILLER | HOLLOW},
    {"his", SUBJECT},
    {"hmm", FILLER | HOLLOW},
    {"hmmm", FILLER | HOLLOW},
    {"hmmmm", FILLER | HOLLOW},
    {"how", WH},
    {"hows", WH_IS},
    {"huh", FILLER | HOLLOW},
    {"i", SUBJECT | PERSON},
    {"is", AUXILIARY | BE},
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
    {"on", EMBEDS},
    {"our", SUBJECT},
    {"people", SUBJECT | PERSON},
    {"please", FILLER},
    {"r", AUXILIARY | BE},
    {"really", HOLLOW},
    {"rofl", LAUGH | FILLER},
    {"see", EMBEDS},
    {"she", SUBJECT | PERSON},
    {"should", AUXILIARY},
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
    {"u", SUBJECT | PERSON},
    {"uh", FILLER},
    {"uhh", FILLER},
    {"um", FILLER},
    {"umm", FILLER},
    {"ur", SUBJECT},
    {"wait", FILLER},
    {"was", AUXILIARY},
    {"wasnt", NEGATED},
    {"wat", WH | HOLLOW},
    {"wats", WH_IS},
    {"we", SUBJECT | PERSON},
    {"well", FILLER | HOLLOW},
    {"were", AUXILIARY},
    {"what", WH | HOLLOW},
    {"whats", WH_IS},
    {"when", WH},
    {"whens", WH_IS},
    {"where", WH},
    {"wheres", WH_IS},
    {"which", WH},
    {"who", WH},
    {"whom", WH},
    {"whos", WH_IS},
    {"whose", WH},
    {"why", WH},
    {"whys", WH_IS},
    {"will", AUXILIARY},
    {"wonder", EMBEDS},
    {"wont", NEGATED},
    {"would", AUXILIARY},
    {"wouldnt", NEGATED},
    {"wow", FILLER},
    {"wtf", HOLLOW | FILLER},
    {"wut", WH | HOLLOW},
    {"ya", SUBJECT | PERSON},
    {"yall", SUBJECT | PERSON},
    {"yea", FILLER},
    {"yeah", FILLER},
    {"yes", FILLER},
    {"yo", FILLER | HOLLOW},
    {"you", SUBJECT | PERSON},
    {"your", SUBJECT},
};

#define LARGEST_STEP 128 // more than half of the words
_Static_assert(sizeof(words) / sizeof(words[0]) <= 2 * LARGEST_STEP, "a word is out of reach");

#define TOKENS 32

struct token {
    char text[9]; // the first eight letters
    uint16_t classes;
    bool ends_clause; // a mark or a comma stands behind it
};

struct sentence {
    struct token tokens[TOKENS];
    size_t count;
};

static uint64_t key_of(const char *text)
{
    uint64_t key;
    memcpy(&key, text, sizeof(key));
    return __builtin_bswap64(key);
}

// Without a branch on what is compared, which no processor could predict.
static uint16_t find_classes(const char *text)
{
    uint64_t key = key_of(text);
    size_t at = 0;
    for (size_t step = LARGEST_STEP; step > 0; step /= 2) {
        size_t next = at + step < ARRAY_LEN(words) ? at + step : ARRAY_LEN(words) - 1;
        at = key_of(words[next].text) <= key ? next : at;
    }
    return key_of(words[at].text) == key ? words[at].classes : 0;
}

static bool is_word_letter(char32_t letter)
{
    return (letter >= U'a' && letter <= U'z') || (letter >= U'0' && letter <= U'9');
}

static bool is_apostrophe(char32_t letter)
{
    return letter == U'\'' || letter == 0x2019 || letter == 0x2018;
}

static bool is_name_letter(char32_t letter)
{
    return is_word_letter(letter) || letter == U'_' || letter == U'-';
}

// Viewers call each other by names that no word is like: @anna, xx_anna99. Returns where the name
// at `start` ends, or `start`.
static size_t name_end(const struct weir_letters *letters, size_t start)
{
    size_t end = start;
    size_t digits = 0;
    size_t others = 0;
    for (; is_name_letter(letters->at[end]); end++) {
        bool is_digit = letters->at[end] >= U'0' && letters->at[end] <= U'9';
        digits += is_digit;
        others += !is_digit && letters->at[end] != U'-';
    }
    bool is_called = start > 0 && letters->at[start - 1] == U'@';
    bool is_unlike_words = digits > 0 && others >= 3 && end - start >= 6;
    return is_called || is_unlike_words ? end : start;
}

// Reads the word at `start`; returns where it ends.
static size_t read_token(const struct weir_letters *letters, size_t start, struct token *token)
{
    size_t at = start;
    size_t length = 0;
    bool may_be_name = start > 0 && letters->at[start - 1] == U'@';
    *token = (struct token){.classes = 0};
    for (; is_word_letter(letters->at[at]) || is_apostrophe(letters->at[at]); at++) {
        may_be_name = may_be_name || letters->at[at] <= U'9';
        if (!is_apostrophe(letters->at[at]) && length < 9) {
            token->text[length++] = (char)letters->at[at];
        }
    }
    if (may_be_name || letters->at[at] == U'-' || letters->at[at] == U'_') {
        size_t end = name_end(letters, start);
        if (end > start) {
            *token = (struct token){.classes = NAME};
            return end;
        }
    }
    token->classes = length <= 8 ? find_classes(token->text) : 0;
    token->text[8] = 0;
    return at;
}

static void read_sentence(const struct weir_letters *letters, struct sentence *sentence)
{
    size_t at = 0;
    sentence->count = 0;
    while (at < letters->count && sentence->count < TOKENS) {
        if (is_word_letter(letters->at[at])) {
            at = read_token(letters, at, &sentence->tokens[sentence->count++]);
            continue;
        }
        bool ends = letters->at[at] != U' ' && !is_apostrophe(letters->at[at]);
        if (ends && sentence->count > 0) {
            sentence->tokens[sentence->count - 1].ends_clause = true;
        }
        at++;
    }
}

static uint16_t classes_at(const struct sentence *sentence, size_t at)
{
    return at < sentence->count ? sentence->tokens[at].classes : 0;
}

// How many words there are without the names at the end.
static size_t count_without_names(const struct sentence *sentence)
{
    size_t count = sentence->count;
    while (count > 0 && (sentence->tokens[count - 1].classes & NAME)) {
        count--;
    }
    return count;
}

static bool is_word(const struct sentence *sentence, size_t at, const char *word)
{
    return at < sentence->count && sentence->tokens[at].text[0] == word[0] &&
           strcmp(sentence->tokens[at].text, word) == 0;
}

// Two words that stand together, "a b" in one string.
static bool is_pair(const struct sentence *sentence, size_t at, const char *pair)
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

static bool is_one_pair(const struct sentence *sentence, size_t at, const char *const *pairs)
{
    for (size_t i = 0; pairs[i]; i++) {
        if (is_pair(sentence, at, pairs[i])) {
            return true;
        }
    }
    return false;
}

// "how you doing", "where u from", "who sang this", "what tv show is it": chat drops or moves the
// verb.
static bool asks_without_verb(const struct sentence *sentence, size_t at)
{
    static const char *const pairs[] = {"how you", "how u",    "how ya",    "how yall", "where you",
                                        "where u", "where ya", "where the", NULL};
    if (is_one_pair(sentence, at, pairs)) {
        return true;
    }
    if (is_word(sentence, at, "who")) {
        return at + 2 < sentence->count && !is_word(sentence, at + 1, "knows");
    }
    if (!is_word(sentence, at, "what")) {
        return false;
    }
    for (size_t i = at + 2; i <= at + 3; i++) {
        if ((classes_at(sentence, i) & AUXILIARY) && (classes_at(sentence, i + 1) & SUBJECT)) {
            return true;
        }
    }
    return false;
}

// An asking word that begins a sentence: "what a goal", "when he dies", "who cares" ask nothing.
static bool asks_by_wh(const struct sentence *sentence, size_t at)
{
    if (is_pair(sentence, at, "why not")) { // alone it agrees
        return at + 2 < count_without_names(sentence);
    }
    static const char *const asking[] = {
        "how to",       "how come",   "how about", "what about", "what time",     "what kind",
        "what size",    "what else",  "who else",  "who here",   "who wants",     "who has",
        "who got",      "who won",    "who made",  "who knows",  "what game",     "what song",
        "which one",    "what color", "who wanna", "who said",   "what happened", "what part",
        "what state",   "how bout",   "what type", "what brand", "what year",     "which size",
        "what happens", "what for",   "why no",    "where in",   "where at",      NULL};
    uint16_t next = classes_at(sentence, at + 1);
    if (asks_without_verb(sentence, at)) {
        return true;
    }
    if (is_word(sentence, at, "when") || is_word(sentence, at, "how")) {
        bool inverted = (next & AUXILIARY) != 0 || (next & NEGATED) != 0;
        return inverted || (is_word(sentence, at, "how") && (next & MEASURE)) ||
               is_one_pair(sentence, at, asking);
    }
    if (is_one_pair(sentence, at, asking)) {
        return true;
    }
    if (is_word(sentence, at, "which") || is_word(sentence, at, "whose")) {
        return at + 1 < sentence->count && !(next & (SUBJECT | AUXILIARY | NEGATED))
                   ? true
                   : (next & AUXILIARY) && (classes_at(sentence, at + 2) & PERSON);
    }
    if (is_word(sentence, at, "why")) {
        return (next & (AUXILIARY | NEGATED | SUBJECT)) != 0;
    }
    return (next & (AUXILIARY | NEGATED)) != 0;
}

// Behind a name: "xx_anna99 is the best" speaks of her, "xx_anna99 are you here" to her.
static bool is_behind_name(const struct sentence *sentence, size_t at)
{
    return at > 0 && (classes_at(sentence, at - 1) & NAME) && !sentence->tokens[at - 1].ends_clause;
}

// "are you", "is the", "do u", "is xx_anna99 back"; never "do the dishes", "was thinking".
static bool asks_by_auxiliary(const struct sentence *sentence, size_t at)
{
    uint16_t this = classes_at(sentence, at);
    uint16_t next = classes_at(sentence, at + 1);
    if (is_word(sentence, at, "may")) { // "may you live long" wishes
        return is_word(sentence, at + 1, "i") || is_word(sentence, at + 1, "we");
    }
    if ((this & DO) || is_behind_name(sentence, at)) {
        return (next & PERSON) != 0;
    }
    if ((this & BE) && (next & NAME)) {
        return at + 2 < sentence->count && !(classes_at(sentence, at + 2) & NAME);
    }
    if (this & NEGATED) {
        bool orders = is_word(sentence, at, "dont"); // "don't the", but "isn't the"
        return (next & (orders ? PERSON : SUBJECT)) != 0 && !is_word(sentence, at + 2, "dare");
    }
    return (this & AUXILIARY) && (next & SUBJECT);
}

static bool asks_by_any(const struct sentence *sentence, size_t at)
{
    if (is_word(sentence, at, "any")) {
        static const char *const idle[] = {"any day",  "any time", "any minute", "any second",
                                           "any more", "any way",  "any of",     NULL};
        return at + 1 < sentence->count && !is_one_pair(sentence, at, idle);
    }
    static const char *const idle[] = {"anyone who",   "anyone can",  "anyone would",
                                       "anyone could", "anybody who", NULL};
    return at + 1 < sentence->count && !is_one_pair(sentence, at, idle);
}

static bool asks_at_start(const struct sentence *sentence, size_t at)
{
    static const char *const openings[] = {
        "wanna chat", "wanna talk", "wanna play",  "got any",    "you guys",   "u guys",
        "at what",    "on what",    "in what",     "from where", "from which", "for how",
        "show me",    "help me",    "please help", "with who",   NULL};
    uint16_t this = classes_at(sentence, at);
    if (this & WH_IS) {
        return at + 1 < sentence->count && !is_word(sentence, at + 1, "up"); // that greets
    }
    if (this & WH) {
        return asks_by_wh(sentence, at);
    }
    if (this & (AUXILIARY | NEGATED)) {
        return asks_by_auxiliary(sentence, at);
    }
    if (this & ANY) {
        return asks_by_any(sentence, at);
    }
    bool tells = (classes_at(sentence, at + 2) & (BE | NEGATED)) != 0; // "you guys are cute"
    return is_one_pair(sentence, at, openings) && !tells && sentence->count <= at + 8;
}

static bool wants_to_know(const struct sentence *sentence, size_t at)
{
    bool wants = is_word(sentence, at - 1, "need") || is_word(sentence, at - 1, "like") ||
                 is_word(sentence, at - 1, "want") || is_word(sentence, at - 1, "love");
    bool names = (classes_at(sentence, at + 2) & WH) || is_word(sentence, at + 2, "if");
    bool denies = at >= 2 && (classes_at(sentence, at - 2) & NEGATED);
    return wants && names && !denies;
}

// In the middle of a sentence only the plainest order counts: "U34 where are you", "brb, is it on".
static bool asks_inside(const struct sentence *sentence, size_t at)
{
    uint16_t before = classes_at(sentence, at - 1);
    uint16_t this = classes_at(sentence, at);
    uint16_t next = classes_at(sentence, at + 1);
    if (is_pair(sentence, at, "to know")) { // "i need to know if", "would like to know how"
        return wants_to_know(sentence, at);
    }
    if (before & EMBEDS) {
        return false;
    }
    if ((this & WH) && (next & AUXILIARY) && (classes_at(sentence, at + 2) & (SUBJECT | PERSON))) {
        return true;
    }
    if ((this & WH) && is_word(sentence, at, "how") && (next & MEASURE)) {
        return !(before & (SUBJECT | PERSON));
    }
    static const char *const pairs[] = {
        "anyone know", "anybody know", "does anyone", "anyone else",  "anyone here", "anybody here",
        "anyone want", "anyone wanna", "anyone from", "anybody from", "anyone got",  "anyone have",
        NULL};
    if (is_word(sentence, at, "any")) { // "bored, any girls wanna chat"
        static const char *const wishes[] = {"want", "wanna", "care", NULL};
        for (size_t i = 0; wishes[i]; i++) {
            if (is_word(sentence, at + 2, wishes[i])) {
                return !(before & NEGATED);
            }
        }
    }
    return ((this | next) & ANY) && is_one_pair(sentence, at, pairs);
}

static size_t skip_fillers(const struct sentence *sentence, size_t at)
{
    while (at < sentence->count && (classes_at(sentence, at) & (FILLER | NAME))) {
        at++;
    }
    return at;
}

// "good and you", "fine, and u", "good u"
static bool asks_back(const struct sentence *sentence)
{
    static const char *const backs[] = {"and you",      "and u",      "n u",
                                        "and yourself", "and urself", NULL};
    static const char *const short_backs[] = {"good u",  "good you",  "fine u", "fine you",
                                              "great u", "great you", NULL};
    size_t count = count_without_names(sentence);
    if (count >= 2 && count <= 4 && is_one_pair(sentence, count - 2, short_backs)) {
        return true;
    }
    return count >= 2 && is_one_pair(sentence, count - 2, backs) &&
           (count < 3 || !(classes_at(sentence, count - 3) & (SUBJECT | EMBEDS))) &&
           (count < 3 || !is_word(sentence, count - 3, "me"));
}

// "who", "why anna99": one word is enough, unless it shows surprise (what, how).
static bool asks_with_one_word(const struct sentence *sentence, size_t start)
{
    static const char *const words_alone[] = {"who", "where", "why", "when", "which", NULL};
    for (size_t i = 0; start + 1 == count_without_names(sentence) && words_alone[i]; i++) {
        if (is_word(sentence, start, words_alone[i])) {
            return true;
        }
    }
    return false;
}

static bool asks(const struct sentence *sentence)
{
    static const char *const whole[] = {"wbu", "hbu", "asl", "wyd", "hru", NULL};
    size_t start = skip_fillers(sentence, 0);
    if (asks_with_one_word(sentence, start)) {
        return true;
    }
    for (size_t i = 0; whole[i]; i++) {
        if (sentence->count <= start + 3 && is_word(sentence, start, whole[i])) {
            return true;
        }
    }
    if (asks_at_start(sentence, start) || asks_back(sentence)) {
        return true;
    }
    for (size_t at = 1; at < sentence->count; at++) {
        if (sentence->tokens[at - 1].ends_clause &&
            asks_at_start(sentence, skip_fillers(sentence, at))) {
            return true;
        }
        if (asks_inside(sentence, at)) {
            return true;
        }
    }
    return false;
}

static bool is_phrase_at(const struct sentence *sentence, size_t at, const char *phrase)
{
    struct weir_span rest = weir_span_of(phrase);
    while (rest.length > 0) {
        struct weir_span word = weir_span_take_until(&rest, ' ');
        if (at >= sentence->count ||
            !weir_span_equals(word, weir_span_of(sentence->tokens[at].text))) {
            return false;
        }
        at++;
    }
    return true;
}

static bool ends_in_laughter(const struct sentence *sentence)
{
    return sentence->count > 0 && (sentence->tokens[sentence->count - 1].classes & LAUGH);
}

// Nobody waits for an answer to these.
static const char *const rhetorical[] = {"who cares",
                                         "who asked",
                                         "who gives",
                                         "who does that",
                                         "are you kidding",
                                         "are u kidding",
                                         "r u kidding",
                                         "you kidding me",
                                         "are you serious",
                                         "are u serious",
                                         "r u serious",
                                         "are you joking",
                                         "what the hell",
                                         "what the fuck",
                                         "what the heck",
                                         "what the actual",
                                         "how dare",
                                         "guess what",
                                         "you know what",
                                         "is it just me",
                                         "am i right",
                                         "can you not",
                                         "can we not",
                                         "did i just",
                                         "why would you",
                                         "why would anyone",
                                         "why would u",
                                         "how could you",
                                         "who would have",
                                         "who wouldve",
                                         "can you believe",
                                         "can u believe",
                                         "who needs",
                                         "why are you like",
                                         "why are u like",
                                         "why r u like",
                                         "why is he like",
                                         "why is she like",
                                         "why is he so",
                                         "why is she so",
                                         "why are you so",
                                         "why are u so",
                                         "why r u so",
                                         "how is he so",
                                         "how are you so",
                                         "how is she so",
                                         "why am i like",
                                         "why are we like",
                                         "what is wrong with you",
                                         "whats wrong with you",
                                         "what is this life",
                                         "is this real life",
                                         "dont you dare",
                                         "who even",
                                         "why even",
                                         "why do i even",
                                         "what did you expect",
                                         "do you even lift",
                                         "what a",
                                         NULL};

// "any girls want to chat pm me" offers; with a mark it asks all the same.
static bool offers(const struct sentence *sentence)
{
    static const char *const pairs[] = {"pm me", "whisper me", "im me", NULL};
    for (size_t at = 0; at + 1 < sentence->count; at++) {
        if (is_one_pair(sentence, at, pairs)) {
            return true;
        }
    }
    return false;
}

static bool is_rhetorical(const struct sentence *sentence)
{

    for (size_t at = 0; at < sentence->count; at++) {
        for (size_t i = 0; rhetorical[i]; i++) {
            if (rhetorical[i][0] == sentence->tokens[at].text[0] &&
                is_phrase_at(sentence, at, rhetorical[i])) {
                return true;
            }
        }
    }
    size_t start = skip_fillers(sentence, 0);
    return is_word(sentence, start, "why") && ends_in_laughter(sentence);
}

// "what?", "huh?" and "really?" want to hear it again.
static bool asks_again(const struct sentence *sentence)
{
    static const char *const again[] = {"what", "wat", "wut", "huh", "really", NULL};
    size_t start = 0;
    while (start < sentence->count && (classes_at(sentence, start) & NAME)) {
        start++;
    }
    for (size_t i = 0; start + 1 == count_without_names(sentence) && again[i]; i++) {
        if (is_word(sentence, start, again[i])) {
            return true;
        }
    }
    return false;
}

// "lol?" and "oh?" say that somebody is surprised, "hey anna99?" only calls her.
static bool is_hollow(const struct sentence *sentence)
{
    if (asks_again(sentence)) {
        return false;
    }
    bool has_word = false; // "mouse4?" asks, by a word that looks like a name
    for (size_t i = 0; i < sentence->count; i++) {
        uint16_t classes = sentence->tokens[i].classes;
        if (!(classes & (HOLLOW | LAUGH | NAME))) {
            return false;
        }
        has_word = has_word || !(classes & NAME);
    }
    return has_word;
}

struct weir_asking weir_asking_en(const struct weir_letters *letters)
{
    struct sentence sentence;
    read_sentence(letters, &sentence);
    struct weir_asking asking = {.asks = asks(&sentence), .is_rhetorical = false};
    if (asking.asks || letters->has_mark) {
        bool hollow = !letters->has_han && is_hollow(&sentence);
        bool offer = !letters->has_mark && offers(&sentence);
        asking.is_rhetorical = hollow || offer || is_rhetorical(&sentence);
    }
    return asking;
}
