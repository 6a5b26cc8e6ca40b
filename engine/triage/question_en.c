#include "engine/triage/question_sentence.h"

// English asks by order: an asking word or an auxiliary before its subject. Nearly all words of a
// message can't begin anything that asks, which their classes tell; only at the others is looked.

// "how you doing", "where u from", "who sang this", "what tv show is it": chat drops or moves the
// verb.
static bool asks_without_verb(const struct weir_sentence *sentence, size_t at)
{
    static const char *const pairs[] = {"how you", "how u",    "how ya",    "how yall", "where you",
                                        "where u", "where ya", "where the", NULL};
    if (weir_is_one_pair(sentence, at, pairs)) {
        return true;
    }
    if (weir_is_word(sentence, at, "who")) {
        return at + 2 < sentence->count && !weir_is_word(sentence, at + 1, "knows");
    }
    if (!weir_is_word(sentence, at, "what")) {
        return false;
    }
    for (size_t i = at + 2; i <= at + 3; i++) {
        if ((weir_classes_at(sentence, i) & AUXILIARY) &&
            (weir_classes_at(sentence, i + 1) & SUBJECT)) {
            return true;
        }
    }
    return false;
}

// An asking word that begins a sentence: "what a goal", "when he dies", "who cares" ask nothing.
static bool asks_by_wh(const struct weir_sentence *sentence, size_t at)
{
    if (weir_is_word(sentence, at, "why") &&
        weir_is_word(sentence, at + 1, "not")) { // alone it agrees
        return at + 2 < weir_count_without_names(sentence);
    }
    static const char *const asking[] = {
        "how to",       "how come",   "how about", "what about", "what time",     "what kind",
        "what size",    "what else",  "who else",  "who here",   "who wants",     "who has",
        "who got",      "who won",    "who made",  "who knows",  "what game",     "what song",
        "which one",    "what color", "who wanna", "who said",   "what happened", "what part",
        "what state",   "how bout",   "what type", "what brand", "what year",     "which size",
        "what happens", "what for",   "why no",    "where in",   "where at",      NULL};
    uint32_t next = weir_classes_at(sentence, at + 1);
    if (asks_without_verb(sentence, at)) {
        return true;
    }
    if (weir_is_word(sentence, at, "when") || weir_is_word(sentence, at, "how")) {
        bool inverted = (next & AUXILIARY) != 0 || (next & NEGATED) != 0;
        return inverted || (weir_is_word(sentence, at, "how") && (next & MEASURE)) ||
               weir_is_one_pair(sentence, at, asking);
    }
    if (weir_is_one_pair(sentence, at, asking)) {
        return true;
    }
    if (weir_is_word(sentence, at, "which") || weir_is_word(sentence, at, "whose")) {
        return at + 1 < sentence->count && !(next & (SUBJECT | AUXILIARY | NEGATED))
                   ? true
                   : (next & AUXILIARY) && (weir_classes_at(sentence, at + 2) & PERSON);
    }
    if (weir_is_word(sentence, at, "why")) {
        return (next & (AUXILIARY | NEGATED | SUBJECT)) != 0;
    }
    return (next & (AUXILIARY | NEGATED)) != 0;
}

// Behind a name: "xx_anna99 is the best" speaks of her, "xx_anna99 are you here" to her.
static bool is_behind_name(const struct weir_sentence *sentence, size_t at)
{
    return at > 0 && (weir_classes_at(sentence, at - 1) & NAME) &&
           !sentence->tokens[at - 1].ends_clause;
}

// "are you", "is the", "do u", "is xx_anna99 back"; never "do the dishes", "was thinking".
static bool asks_by_auxiliary(const struct weir_sentence *sentence, size_t at)
{
    uint32_t this = weir_classes_at(sentence, at);
    uint32_t next = weir_classes_at(sentence, at + 1);
    if (weir_is_word(sentence, at, "may")) { // "may you live long" wishes
        return weir_is_word(sentence, at + 1, "i") || weir_is_word(sentence, at + 1, "we");
    }
    if ((this & DO) || is_behind_name(sentence, at)) {
        return (next & PERSON) != 0;
    }
    if ((this & BE) && (next & NAME)) {
        return at + 2 < sentence->count && !(weir_classes_at(sentence, at + 2) & NAME);
    }
    if (this & NEGATED) {
        bool orders = weir_is_word(sentence, at, "dont"); // "don't the", but "isn't the"
        return (next & (orders ? PERSON : SUBJECT)) != 0 && !weir_is_word(sentence, at + 2, "dare");
    }
    return (this & AUXILIARY) && (next & SUBJECT);
}

static bool asks_by_any(const struct weir_sentence *sentence, size_t at)
{
    if (weir_is_word(sentence, at, "any")) {
        static const char *const idle[] = {"any day",  "any time", "any minute", "any second",
                                           "any more", "any way",  "any of",     NULL};
        return at + 1 < sentence->count && !weir_is_one_pair(sentence, at, idle);
    }
    static const char *const idle[] = {"anyone who",   "anyone can",  "anyone would",
                                       "anyone could", "anybody who", NULL};
    return at + 1 < sentence->count && !weir_is_one_pair(sentence, at, idle);
}

static bool asks_at_start(const struct weir_sentence *sentence, size_t at)
{
    static const char *const openings[] = {
        "wanna chat", "wanna talk", "wanna play",  "got any",    "you guys",   "u guys",
        "at what",    "on what",    "in what",     "from where", "from which", "for how",
        "show me",    "help me",    "please help", "with who",   NULL};
    uint32_t this = weir_classes_at(sentence, at);
    if (this & WH_IS) {
        return at + 1 < sentence->count && !weir_is_word(sentence, at + 1, "up"); // that greets
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
    bool tells = (weir_classes_at(sentence, at + 2) & (BE | NEGATED)) != 0; // "you guys are cute"
    return weir_is_one_pair(sentence, at, openings) && !tells && sentence->count <= at + 8;
}

static bool wants_to_know(const struct weir_sentence *sentence, size_t at)
{
    bool wants = weir_is_word(sentence, at - 1, "need") || weir_is_word(sentence, at - 1, "like") ||
                 weir_is_word(sentence, at - 1, "want") || weir_is_word(sentence, at - 1, "love");
    bool names = (weir_classes_at(sentence, at + 2) & WH) || weir_is_word(sentence, at + 2, "if");
    bool denies = at >= 2 && (weir_classes_at(sentence, at - 2) & NEGATED);
    return wants && names && !denies;
}

// In the middle of a sentence only the plainest order counts: "U34 where are you", "brb, is it on".
static bool asks_inside(const struct weir_sentence *sentence, size_t at)
{
    uint32_t before = weir_classes_at(sentence, at - 1);
    uint32_t this = weir_classes_at(sentence, at);
    uint32_t next = weir_classes_at(sentence, at + 1);
    if ((this & INSIDE) &&
        weir_is_word(sentence, at + 1, "know")) { // "i need to know if", "would like to know how"
        return wants_to_know(sentence, at);
    }
    if (before & EMBEDS) {
        return false;
    }
    if ((this & WH) && (next & AUXILIARY) &&
        (weir_classes_at(sentence, at + 2) & (SUBJECT | PERSON))) {
        return true;
    }
    if ((this & WH) && weir_is_word(sentence, at, "how") && (next & MEASURE)) {
        return !(before & (SUBJECT | PERSON));
    }
    static const char *const pairs[] = {
        "anyone know", "anybody know", "does anyone", "anyone else",  "anyone here", "anybody here",
        "anyone want", "anyone wanna", "anyone from", "anybody from", "anyone got",  "anyone have",
        NULL};
    if (weir_is_word(sentence, at, "any")) { // "bored, any girls wanna chat"
        static const char *const wishes[] = {"want", "wanna", "care", NULL};
        for (size_t i = 0; wishes[i]; i++) {
            if (weir_is_word(sentence, at + 2, wishes[i])) {
                return !(before & NEGATED);
            }
        }
    }
    return ((this | next) & ANY) && weir_is_one_pair(sentence, at, pairs);
}

// "good and you", "fine, and u", "good u"
static bool asks_back(const struct weir_sentence *sentence)
{
    static const char *const backs[] = {"and you",      "and u",      "n u",
                                        "and yourself", "and urself", NULL};
    static const char *const short_backs[] = {"good u",  "good you",  "fine u", "fine you",
                                              "great u", "great you", NULL};
    if (!(sentence->classes & BACK)) {
        return false;
    }
    size_t count = weir_count_without_names(sentence);
    if (count >= 2 && count <= 4 && weir_is_one_pair(sentence, count - 2, short_backs)) {
        return true;
    }
    return count >= 2 && weir_is_one_pair(sentence, count - 2, backs) &&
           (count < 3 || !(weir_classes_at(sentence, count - 3) & (SUBJECT | EMBEDS))) &&
           (count < 3 || !weir_is_word(sentence, count - 3, "me"));
}

// "who", "why anna99": one word is enough, unless it shows surprise (what, how).
static bool asks_with_one_word(const struct weir_sentence *sentence, size_t start)
{
    static const char *const words_alone[] = {"who", "where", "why", "when", "which", NULL};
    for (size_t i = 0; start + 1 == weir_count_without_names(sentence) && words_alone[i]; i++) {
        if (weir_is_word(sentence, start, words_alone[i])) {
            return true;
        }
    }
    return false;
}

#define BEGINS (WH | WH_IS | AUXILIARY | NEGATED | ANY | OPENS)

// "wbu", "lol asl pls"
static bool asks_by_whole(const struct weir_sentence *sentence, size_t start)
{
    return sentence->count <= start + 3 && (weir_classes_at(sentence, start) & WHOLE);
}

static bool begins_asking(const struct weir_sentence *sentence, size_t from)
{
    size_t at = weir_skip_fillers(sentence, from);
    return (weir_classes_at(sentence, at) & BEGINS) && asks_at_start(sentence, at);
}

static bool asks(const struct weir_sentence *sentence)
{
    if (!(sentence->classes & (BEGINS | WHOLE | BACK | INSIDE))) {
        return false;
    }
    size_t start = weir_skip_fillers(sentence, 0);
    if (asks_with_one_word(sentence, start) || asks_by_whole(sentence, start) ||
        begins_asking(sentence, 0) || asks_back(sentence)) {
        return true;
    }
    for (size_t at = 1; at < sentence->count; at++) {
        const struct weir_token *token = &sentence->tokens[at];
        if (token[-1].ends_clause && begins_asking(sentence, at)) {
            return true;
        }
        bool may_ask = (token->classes & (WH | INSIDE | ANY)) != 0 ||
                       (weir_classes_at(sentence, at + 1) & ANY) != 0;
        if (may_ask && asks_inside(sentence, at)) {
            return true;
        }
    }
    return false;
}

struct weir_asking weir_asking_en(const struct weir_question_words *words, struct weir_span fold,
                                  bool has_mark, bool has_han)
{
    struct weir_sentence sentence;
    weir_sentence_read(words, fold, &sentence);
    struct weir_asking asking = {.asks = asks(&sentence), .is_rhetorical = false};
    if (asking.asks || has_mark) {
        asking.is_rhetorical = weir_is_rhetorical_en(&sentence, has_mark, has_han);
    }
    return asking;
}
