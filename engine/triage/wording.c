#include "engine/triage/wording.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/text/text.h"

#define READING_SEPARATOR '\x1f' // text.h: between several readings of one text

// Longer ones before those they begin with.
static const char *const idle_zh[] = {
    "不好意思", "请问一下", "请问",   "麻烦", "谢谢", "多谢", "你好", "您好", "在吗", "小姐姐",
    "家人们",   "主播",     "老板娘", "老板", "客服", "店家", "宝宝", "亲亲", "大佬", "一下",
    "到底",     "想问",     "问下",   "那个", "啊",   "呀",   "呢",   "哦",   "噢",   "哈",
    "啦",       "吧",       "亲",     "哇",   "诶",   "嗯",   "呐",   "哟"};
static const char *const idle_en[] = {"please", "pls", "plz", "plzz", "hi",    "hey",  "hello",
                                      "thanks", "thx", "ty",  "sir",  "bro",   "guys", "streamer",
                                      "mods",   "mod", "um",  "uh",   "so",    "lol",  "anyone",
                                      "know",   "a",   "the", "yo",   "pleas", "helo", "thank"};

static bool is_plain_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_idle_word(struct weir_span word)
{
    for (size_t i = 0; i < ARRAY_LEN(idle_en); i++) {
        if (weir_span_is(word, idle_en[i])) {
            return true;
        }
    }
    return false;
}

static size_t idle_length_at(struct weir_span text, size_t at)
{
    struct weir_span rest = weir_span_slice(text, at, text.length);
    for (size_t i = 0; i < ARRAY_LEN(idle_zh); i++) {
        struct weir_span idle = weir_span_of(idle_zh[i]);
        if (weir_span_starts(rest, idle)) {
            return idle.length;
        }
    }
    return 0;
}

// A blank keeps words apart; nothing else does.
static size_t add_word(struct weir_span text, size_t at, struct weir_buffer *out)
{
    size_t end = at;
    while (end < text.length && is_plain_letter(text.data[end])) {
        end++;
    }
    struct weir_span word = weir_span_slice(text, at, end);
    if (!is_idle_word(word)) {
        weir_buffer_add_byte(out, ' ');
        weir_buffer_add(out, word);
    }
    return end;
}

// Punctuation, symbols, private use and emoji: what nobody reads aloud.
static bool is_silent(uint32_t letter)
{
    return letter < 0xaa || (letter >= 0x2000 && letter < 0x2e80) ||
           (letter >= 0x3000 && letter < 0x3005) || (letter >= 0x3008 && letter < 0x3021) ||
           (letter >= 0xe000 && letter < 0xf900) || (letter >= 0xfe00 && letter < 0xfe70) ||
           (letter >= 0xff00 && letter < 0xff66) || letter == 0xfffc || letter == 0xfffd ||
           (letter >= 0x1f000 && letter < 0x20000);
}

void weir_wording_add_tight(struct weir_span tight, struct weir_buffer *out)
{
    struct weir_span rest = weir_span_take_until(&tight, READING_SEPARATOR);
    size_t at = 0;
    while (at < rest.length) {
        size_t idle = idle_length_at(rest, at);
        if (idle > 0) {
            at += idle;
            continue;
        }
        if (is_plain_letter(rest.data[at])) {
            at = add_word(rest, at, out);
            continue;
        }
        size_t start = at;
        if (!is_silent(weir_utf8_next(rest, &at))) {
            weir_buffer_add(out, weir_span_slice(rest, start, at));
        }
    }
}

void weir_wording_add(struct weir_span text, struct weir_buffer *out)
{
    WEIR_AUTO(weir_buffer_fini) struct weir_buffer tight = {0};
    weir_text_normalise(WEIR_VIEW_TIGHT, text, &tight);
    weir_wording_add_tight(weir_buffer_span(&tight), out);
}
