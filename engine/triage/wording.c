#include "engine/triage/wording.h"

#include "engine/base/alloc.h"
#include "engine/base/utf8.h"
#include "engine/text/text.h"

#define READING_SEPARATOR '\x1f' // text.h: between several readings of one text

#define WORD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

// Sorted by their first character, longer ones before those they begin with. That character has
// three bytes in all of them.
static const struct weir_span idle_zh[] = {
    WORD("一下"),   WORD("不好意思"), WORD("主播"),     WORD("亲亲"), WORD("亲"),   WORD("你好"),
    WORD("到底"),   WORD("吧"),       WORD("呀"),       WORD("呐"),   WORD("呢"),   WORD("哇"),
    WORD("哈"),     WORD("哟"),       WORD("哦"),       WORD("啊"),   WORD("啦"),   WORD("嗯"),
    WORD("噢"),     WORD("在吗"),     WORD("多谢"),     WORD("大佬"), WORD("宝宝"), WORD("客服"),
    WORD("家人们"), WORD("小姐姐"),   WORD("店家"),     WORD("您好"), WORD("想问"), WORD("老板娘"),
    WORD("老板"),   WORD("诶"),       WORD("请问一下"), WORD("请问"), WORD("谢谢"), WORD("那个"),
    WORD("问下"),   WORD("麻烦")};
static const struct weir_span idle_en[] = {
    WORD("a"),     WORD("anyone"),   WORD("bro"),   WORD("guys"),   WORD("hello"), WORD("helo"),
    WORD("hey"),   WORD("hi"),       WORD("know"),  WORD("lol"),    WORD("mod"),   WORD("mods"),
    WORD("pleas"), WORD("please"),   WORD("pls"),   WORD("plz"),    WORD("plzz"),  WORD("sir"),
    WORD("so"),    WORD("streamer"), WORD("thank"), WORD("thanks"), WORD("the"),   WORD("thx"),
    WORD("ty"),    WORD("uh"),       WORD("um"),    WORD("yo")};

#define LONGEST_EN 8

static bool is_plain_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_idle_word(struct weir_span word)
{
    if (word.length > LONGEST_EN) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(idle_en); i++) {
        if (idle_en[i].data[0] == word.data[0] && weir_span_equals(word, idle_en[i])) {
            return true;
        }
    }
    return false;
}

static int compare_first(const char *left, const char *right)
{
    return memcmp(left, right, 3);
}

static size_t idle_length_at(struct weir_span text, size_t at)
{
    struct weir_span rest = weir_span_slice(text, at, text.length);
    size_t low = 0;
    size_t high = ARRAY_LEN(idle_zh);
    if (rest.length < 3 || (rest.data[0] & 0xf0) != 0xe0) {
        return 0;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_first(idle_zh[middle].data, rest.data) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < ARRAY_LEN(idle_zh) && compare_first(idle_zh[low].data, rest.data) == 0; low++) {
        if (weir_span_starts(rest, idle_zh[low])) {
            return idle_zh[low].length;
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
