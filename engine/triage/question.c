#include "engine/triage/question.h"

#include "engine/base/lanes.h"
#include "engine/base/utf8.h"
#include "engine/triage/question_parts.h"

// By words and their company, not by a learnt model: an author must be able to see why a message
// became a card, and it has to cost less than the scan. Both languages look at every message that
// has letters of theirs, because chat mixes them; which those are, one glance tells.

// What a folded text is made of.
struct glance {
    bool has_latin;
    bool has_han;
    bool has_mark; // a question mark that ends something
};

static bool is_letter(char32_t letter)
{
    return (letter >= U'a' && letter <= U'z') || letter >= 0xaa;
}

static bool is_digit(char32_t letter)
{
    return letter >= U'0' && letter <= U'9';
}

// The first characters of a text, as many as are looked at.
static struct weir_span beginning_of(struct weir_span fold)
{
    size_t at = 0;
    for (size_t count = 0;
         fold.length > WEIR_QUESTION_CHARS && count < WEIR_QUESTION_CHARS && at < fold.length;
         count++) {
        weir_utf8_next(fold, &at);
    }
    return fold.length > WEIR_QUESTION_CHARS ? weir_span_slice(fold, 0, at) : fold;
}

// --- a glance ---

// A mark in an address ("?v=1") ends nothing.
static bool has_end_mark(struct weir_span fold)
{
    for (size_t at = 0; at < fold.length;) {
        char32_t letter = weir_utf8_next(fold, &at);
        char next = at < fold.length ? fold.data[at] : '\0';
        bool joins = (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9');
        if ((letter == U'?' && !joins) || letter == 0x2048 || letter == 0x2049) {
            return true;
        }
    }
    return false;
}

static bool has_han(struct weir_span fold)
{
    for (size_t at = 0; at < fold.length;) {
        if (weir_is_han(weir_utf8_next(fold, &at))) {
            return true;
        }
    }
    return false;
}

// Bytes 0xe5 to 0xe8 begin nothing but Han; others that may are looked at one by one.
static struct glance glance_at(struct weir_span fold)
{
    uint32_t latin = 0;
    uint32_t sure_han = 0;
    uint32_t maybe_han = 0;
    uint32_t marks = 0;
    for (size_t at = 0; at < fold.length; at += WEIR_LANES) {
        weir_lanes bytes = weir_lanes_load(fold.data + at);
        size_t left = fold.length - at;
        uint32_t seen = left < WEIR_LANES ? (1u << left) - 1 : UINT32_MAX;
        weir_lanes rare = weir_lanes_between(bytes, 0xe3, 0xe9) | weir_lanes_are(bytes, 0xf0);
        weir_lanes mark = weir_lanes_are(bytes, '?') | weir_lanes_are(bytes, 0xe2);
        latin |= seen & weir_lanes_bits(weir_lanes_between(bytes, 'a', 'z'));
        sure_han |= seen & weir_lanes_bits(weir_lanes_between(bytes, 0xe5, 0xe8));
        maybe_han |= seen & weir_lanes_bits(rare);
        marks |= seen & weir_lanes_bits(mark);
    }
    return (struct glance){
        .has_latin = latin != 0,
        .has_han = sure_han != 0 || (maybe_han != 0 && has_han(fold)),
        .has_mark = marks != 0 && has_end_mark(fold),
    };
}

// --- what asks nothing, however it is put ---

// Of scripts other than Latin and Han it takes two letters in a row, because faces (๑•ω•๑) borrow
// single ones; and "101?" asks, while "666?" is amazed.
static bool has_other_words(struct weir_span fold)
{
    for (size_t at = 0; at < fold.length;) {
        char32_t this = weir_utf8_next(fold, &at);
        size_t behind = at;
        char32_t next = behind < fold.length ? weir_utf8_next(fold, &behind) : 0;
        bool is_other = this >= 0xc0 && (this < 0x300 || this >= 0x400) && this < 0xd7a4;
        bool is_mark = (this >= 0xe2f && this < 0xe50) || (this >= 0x2000 && this < 0x3041);
        if ((is_digit(this) && is_digit(next) && next != this) ||
            (is_other && !is_mark && is_letter(next) && next < 0xd7a4)) {
            return true;
        }
    }
    return false;
}

static bool is_command(struct weir_span fold)
{
    char first = fold.length > 0 ? fold.data[0] : '\0';
    size_t at = 1;
    return (first == '!' || first == '/' || first == '#') && fold.length > 1 &&
           is_letter(weir_utf8_next(fold, &at));
}

static bool is_name_at(struct weir_span fold, struct weir_span name)
{
    return weir_span_starts(weir_span_slice(fold, 1, fold.length), name);
}

// "@小明 吃了吗" is between viewers; "@主播 什么时候发货" is said to those who answer.
static bool is_said_to_viewer(struct weir_span fold)
{
    static const char *const hosts[] = {"主播", "客服", "房管", "管理",     "老板", "官方",
                                        "店家", "卖家", "host", "streamer", "mod",  "admin"};
    if (fold.length == 0 || fold.data[0] != '@') {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        if (is_name_at(fold, weir_span_of(hosts[i]))) {
            return false;
        }
    }
    return true;
}

// --- what asks ---

// Nearly all of a Chinese message is three bytes a character.
static char32_t next_letter(struct weir_span fold, size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)fold.data + *at;
    if ((bytes[0] & 0xf0) != 0xe0) {
        return weir_utf8_next(fold, at);
    }
    *at += 3;
    return (char32_t)(bytes[0] & 0x0f) << 12 | (char32_t)(bytes[1] & 0x3f) << 6 |
           (char32_t)(bytes[2] & 0x3f);
}

static struct weir_asking asking_zh(struct weir_span fold, bool has_mark)
{
    struct weir_letters letters;
    letters.has_mark = has_mark;
    letters.count = 0;
    for (size_t at = 0; at < fold.length;) {
        letters.at[letters.count++] = next_letter(fold, &at);
    }
    letters.at[letters.count] = 0;
    return weir_asking_zh(&letters);
}

static bool asks(const struct weir_question_words *words, struct weir_span fold,
                 const struct glance *glance)
{
    const struct weir_asking nothing = {false, false};
    struct weir_asking zh = glance->has_han ? asking_zh(fold, glance->has_mark) : nothing;
    struct weir_asking en = glance->has_latin
                                ? weir_asking_en(words, fold, glance->has_mark, glance->has_han)
                                : nothing;
    if (zh.is_rhetorical || en.is_rhetorical) {
        return false;
    }
    return glance->has_mark || zh.asks || en.asks;
}

bool weir_is_question(const struct weir_question_words *words, struct weir_text *text,
                      const struct weir_message *message)
{
    const struct weir_view *view = weir_text_view(text, WEIR_VIEW_FOLD);
    struct weir_span fold = weir_span_trim((struct weir_span){view->bytes, view->length});
    if (message->reply_to.length > 0 || is_said_to_viewer(fold)) {
        return false;
    }
    fold = beginning_of(fold);
    struct glance glance = glance_at(fold);
    bool has_words = glance.has_latin || glance.has_han ||
                     (glance.has_mark && has_other_words(fold)); // else nothing could ask
    return has_words && !is_command(fold) && asks(words, fold, &glance);
}
