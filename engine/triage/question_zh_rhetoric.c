#include "engine/triage/question_han.h"

// What has the form of a question and wants no answer: set phrases, denials, pleas, exclamations.

// Phrases that begin with this character and after which nobody waits for an answer, whatever else
// the sentence holds; by blanks.
static const char32_t *phrases_from(char32_t first)
{
    switch (first) {
    case U'怎':
        return U"怎么这么可 怎么这么好 怎么这么帅 怎么这么美 怎么这么强 "
               U"怎么这么菜 怎么这么能 怎么这么厉 怎么这么牛 怎么这么搞 "
               U"怎么这么逗 怎么这么甜 怎么这么会 怎么这么烂 怎么这么垃 "
               U"怎么那么可 怎么那么好 怎么那么帅 怎么那么强 怎么那么菜 "
               U"怎么那么会 怎么可以这么 怎么可能 怎么好意思 怎么不去死 怎么不死 "
               U"怎么说呢";
    case U'为':
        return U"为什么这么可 为什么这么好 为什么这么菜 为什么这么强 为什么这么帅";
    case U'难':
        return U"难道";
    case U'何':
        return U"何必 何苦";
    case U'岂':
        return U"岂不";
    case U'凭':
        return U"凭什么 凭啥";
    case U'谁':
        return U"谁不想 谁不爱 谁不喜欢 谁能拒绝 谁懂啊 谁懂 谁还不是 谁给你的 "
               U"谁让你 谁问你 谁在乎";
    case U'关':
        return U"关你什么 关我什么 关你屁";
    case U'算':
        return U"算什么东";
    case U'你':
        return U"你算老几 你以为 你礼貌吗 你妈呢 你马呢";
    case U'几':
        return U"几个意思";
    case U'有':
        return U"有病吧 有病吗 有意思吗";
    case U'要':
        return U"要脸吗 要脸不 要不要脸";
    case U'疯':
        return U"疯了吗 疯了吧";
    case U'瞎':
        return U"瞎了吗 瞎吗";
    case U'傻':
        return U"傻吗 傻了吗";
    case U'配':
        return U"配吗";
    case U'不':
        return U"不香吗 不是吗 不会吧 不是吧";
    case U'它':
        return U"它不香";
    case U'没':
        return U"没吃饭吗 没有心吗 没妈";
    case U'会':
        return U"会玩吗 会不会玩";
    case U'至':
        return U"至于吗";
    case U'好':
        return U"好意思吗";
    case U'能':
        return U"能不能别 能别";
    case U'可':
        return U"可不可以别";
    case U'就':
        return U"就这? 就这么点";
    case U'还':
        return U"还有谁 还有王法";
    case U'什':
        return U"什么鬼 什么垃圾 什么玩意 什么水平";
    case U'神':
        return U"神马玩意";
    case U'是':
        return U"是人吗";
    case U'做':
        return U"做个人吧";
    case U'眼':
        return U"眼瞎";
    case U'多':
        return U"多大点事";
    case U'礼':
        return U"礼貌吗";
    case U'脑':
        return U"脑子呢 脑子进水";
    case U'带':
        return U"带脑子";
    case U'看':
        return U"看不懂吗";
    case U'听':
        return U"听不懂吗";
    case U'尼':
        return U"尼玛呢";
    case U'智':
        return U"智商呢";
    case U'良':
        return U"良心呢";
    case U'节':
        return U"节操呢";
    default:
        return U"";
    }
}

static bool is_phrase_at(const struct weir_letters *letters, size_t at)
{
    const char32_t *phrases = phrases_from(letters->at[at]);
    size_t matched = 0;
    for (;; phrases++) {
        bool ends = *phrases == U' ' || *phrases == 0;
        if (ends && matched > 0) {
            return true;
        }
        if (*phrases == 0) {
            return false;
        }
        if (!ends && letters->at[at + matched] == *phrases) { // the 0 behind the last is no letter
            matched++;
            continue;
        }
        matched = 0;
        while (!ends && phrases[1] != U' ' && phrases[1] != 0) { // on to the next one
            phrases++;
        }
    }
}

// 这不是青铜吗 tells; 是不是青铜 and 不是说包邮吗 want to know.
static bool denies_at(const struct weir_letters *letters, size_t at)
{
    if (!weir_is_at(letters, at, U"不是") || weir_before(letters, at, 1) == U'是' ||
        weir_is_one_of(letters->at[at + 2], U"说有要")) {
        return false;
    }
    size_t end = at + weir_left_in_clause(letters, at);
    return weir_is_one_of(letters->at[end - 1], U"吗么嘛");
}

// 别剧透好吗 begs; 特别好吗 asks.
static bool begs_at(const struct weir_letters *letters, size_t at)
{
    if (letters->at[at] != U'别' ||
        weir_is_one_of(weir_before(letters, at, 1), U"特区个分级告类性辨识")) {
        return false;
    }
    size_t end = at + weir_left_in_clause(letters, at);
    return end >= at + 4 && weir_is_one_of(letters->at[end - 1], U"吗么吧") &&
           weir_is_one_of(letters->at[end - 2], U"好行");
}

// A message that is nothing but one of these only shows surprise, with or without a mark.
static const char32_t *const exclamations[] = {
    U"什么", U"啥",     U"是吗", U"真的", U"真的吗", U"真的假的", U"真假", U"啊",   U"哈",
    U"嗯",   U"哦",     U"额",   U"啊这", U"这",     U"好吗",     U"对吗", U"咋了", U"干嘛",
    U"懂吗", U"什么鬼", U"就这", U"不是", U"我去",   U"卧槽",     U"艹",   U"草",   U"牛",
    U"你谁", U"吗",     U"呢",   U"喂",   U"谁",     U"哪",       U"怎么", NULL};

static bool is_exclamation(const struct weir_letters *letters)
{
    size_t start = 0;
    while (start < letters->count && !weir_is_spoken(letters->at[start])) {
        start++;
    }
    size_t length = weir_left_in_clause(letters, start);
    for (size_t i = start + length; i < letters->count; i++) {
        if (weir_is_spoken(letters->at[i])) {
            return false;
        }
    }
    for (size_t i = 0; exclamations[i]; i++) {
        size_t size = 0;
        while (exclamations[i][size]) {
            size++;
        }
        if (size == length && weir_is_at(letters, start, exclamations[i])) {
            return true;
        }
    }
    return false;
}

bool weir_is_rhetorical_zh(const struct weir_letters *letters)
{
    for (size_t at = 0; at < letters->count; at++) {
        if (letters->at[at] > 0x2e80 &&
            (is_phrase_at(letters, at) || denies_at(letters, at) || begs_at(letters, at))) {
            return true;
        }
    }
    return is_exclamation(letters);
}
