#include "engine/triage/question_sentence.h"

// What has the form of an English question, or its mark, and wants no answer.

static bool is_phrase_at(const struct weir_sentence *sentence, size_t at, const char *phrase)
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

static bool ends_in_laughter(const struct weir_sentence *sentence)
{
    return sentence->count > 0 && (sentence->tokens[sentence->count - 1].classes & LAUGH);
}

// Nobody waits for an answer to these. Their first words are RHETORIC in the table.
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
static bool offers(const struct weir_sentence *sentence)
{
    static const char *const pairs[] = {"pm me", "whisper me", "im me", NULL};
    for (size_t at = 0; at + 1 < sentence->count; at++) {
        if (weir_is_one_pair(sentence, at, pairs)) {
            return true;
        }
    }
    return false;
}

static bool is_rhetorical(const struct weir_sentence *sentence)
{
    for (size_t at = 0; at < sentence->count; at++) {
        bool may_begin = (sentence->tokens[at].classes & RHETORIC) != 0;
        for (size_t i = 0; may_begin && rhetorical[i]; i++) {
            if (rhetorical[i][0] == sentence->tokens[at].text[0] &&
                is_phrase_at(sentence, at, rhetorical[i])) {
                return true;
            }
        }
    }
    size_t start = weir_skip_fillers(sentence, 0);
    return weir_is_word(sentence, start, "why") && ends_in_laughter(sentence);
}

// "what?", "huh?" and "really?" want to hear it again.
static bool asks_again(const struct weir_sentence *sentence)
{
    static const char *const again[] = {"what", "wat", "wut", "huh", "really", NULL};
    size_t start = 0;
    while (start < sentence->count && (weir_classes_at(sentence, start) & NAME)) {
        start++;
    }
    for (size_t i = 0; start + 1 == weir_count_without_names(sentence) && again[i]; i++) {
        if (weir_is_word(sentence, start, again[i])) {
            return true;
        }
    }
    return false;
}

// "lol?" and "oh?" say that somebody is surprised, "hey anna99?" only calls her.
static bool is_hollow(const struct weir_sentence *sentence)
{
    if (asks_again(sentence)) {
        return false;
    }
    bool has_word = false; // "mouse4?" asks, by a word that looks like a name
    for (size_t i = 0; i < sentence->count; i++) {
        uint32_t classes = sentence->tokens[i].classes;
        if (!(classes & (HOLLOW | LAUGH | NAME))) {
            return false;
        }
        has_word = has_word || !(classes & NAME);
    }
    return has_word;
}

bool weir_is_rhetorical_en(const struct weir_sentence *sentence, bool has_mark, bool has_han)
{
    return (!has_han && is_hollow(sentence)) || (!has_mark && offers(sentence)) ||
           is_rhetorical(sentence);
}
