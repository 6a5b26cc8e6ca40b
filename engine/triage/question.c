#include "engine/triage/question.h"

#include "engine/base/utf8.h"
#include "engine/triage/question_parts.h"

// By words and their company, not by a learnt model: an author must be able to see why a message
// became a card, and it has to cost less than the scan. Both languages look at every message that
// has letters of theirs, because chat mixes them.

static bool is_letter(char32_t letter)
{
    return (letter >= U'a' && letter <= U'z') || letter >= 0xaa;
}

static bool is_digit(char32_t letter)
{
    return letter >= U'0' && letter <= U'9';
}

// A Chinese character or a Latin letter is a word; of other scripts it takes two in a row, because
// faces (๑•ω•๑) borrow single ones; and "101?" asks, while "666?" is amazed.
static bool is_word_at(const struct weir_letters *letters, size_t at)
{
    char32_t this = letters->at[at];
    char32_t next = letters->at[at + 1];
    if (is_digit(this)) {
        return is_digit(next) && next != this;
    }
    bool is_other = this >= 0xc0 && (this < 0x300 || this >= 0x400) && this < 0xd7a4;
    bool is_mark = (this >= 0xe2f && this < 0xe50) || (this >= 0x2000 && this < 0x3041);
    return (this >= U'a' && this <= U'z') || weir_is_han(this) ||
           (is_other && !is_mark && is_letter(next) && next < 0xd7a4);
}

// A mark in an address ("?v=1") ends nothing.
static bool is_end_mark(const struct weir_letters *letters, size_t at)
{
    char32_t next = letters->at[at + 1];
    bool joins = (next >= U'a' && next <= U'z') || is_digit(next);
    return (letters->at[at] == U'?' && !joins) || letters->at[at] == 0x2048 ||
           letters->at[at] == 0x2049;
}

static void read_letters(struct weir_span fold, struct weir_letters *letters)
{
    size_t at = 0;
    letters->count = 0;
    while (at < fold.length && letters->count < WEIR_QUESTION_CHARS) {
        letters->at[letters->count++] = weir_utf8_next(fold, &at);
    }
    letters->at[letters->count] = 0;
    letters->has_mark = false;
    letters->has_words = false;
    letters->has_han = false;
    for (size_t i = 0; i < letters->count; i++) {
        letters->has_han = letters->has_han || weir_is_han(letters->at[i]);
        letters->has_words = letters->has_words || is_word_at(letters, i);
        letters->has_mark = letters->has_mark || is_end_mark(letters, i);
    }
}

static bool is_command(const struct weir_letters *letters)
{
    char32_t first = letters->at[0];
    return (first == U'!' || first == U'/' || first == U'#') && is_letter(letters->at[1]);
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

static bool asks(const struct weir_letters *letters)
{
    struct weir_asking zh = {false, false};
    if (letters->has_han) {
        zh = weir_asking_zh(letters);
    }
    struct weir_asking en = weir_asking_en(letters);
    if (zh.is_rhetorical || en.is_rhetorical) {
        return false;
    }
    return letters->has_mark || zh.asks || en.asks;
}

bool weir_is_question(struct weir_text *text, const struct weir_message *message)
{
    const struct weir_view *view = weir_text_view(text, WEIR_VIEW_FOLD);
    struct weir_span fold = weir_span_trim((struct weir_span){view->bytes, view->length});
    if (message->reply_to.length > 0 || is_said_to_viewer(fold)) {
        return false;
    }
    struct weir_letters letters;
    read_letters(fold, &letters);
    return letters.has_words && !is_command(&letters) && asks(&letters);
}
