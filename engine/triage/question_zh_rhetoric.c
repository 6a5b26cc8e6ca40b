#include "engine/triage/question_han.h"

// What has the form of a question and wants no answer: set phrases, denials, pleas, exclamations.

// Phrases after which nobody waits for an answer, whatever else the sentence holds.
static const char32_t *const rhetorical[] = {U"怎么这么可",   U"怎么这么好",   U"怎么这么帅",
                                             U"怎么这么美",   U"怎么这么强",   U"怎么这么菜",
                                             U"怎么这么能",   U"怎么这么厉",   U"怎么这么牛",
                                             U"怎么这么搞",   U"怎么这么逗",   U"怎么这么甜",
                                             U"怎么这么会",   U"怎么这么烂",   U"怎么这么垃",
                                             U"怎么那么可",   U"怎么那么好",   U"怎么那么帅",
                                             U"怎么那么强",   U"怎么那么菜",   U"怎么那么会",
                                             U"为什么这么可", U"为什么这么好", U"为什么这么菜",
                                             U"为什么这么强", U"为什么这么帅", U"怎么可以这么",
                                             U"怎么可能",     U"怎么好意思",   U"怎么不去死",
                                             U"怎么不死",     U"难道",         U"何必",
                                             U"何苦",         U"岂不",         U"凭什么",
                                             U"凭啥",         U"谁不想",       U"谁不爱",
                                             U"谁不喜欢",     U"谁能拒绝",     U"谁懂啊",
                                             U"谁懂",         U"谁还不是",     U"谁给你的",
                                             U"谁让你",       U"谁问你",       U"谁在乎",
                                             U"关你什么",     U"关我什么",     U"关你屁",
                                             U"算什么东",     U"你算老几",     U"几个意思",
                                             U"有病吧",       U"有病吗",       U"要脸吗",
                                             U"要脸不",       U"要不要脸",     U"疯了吗",
                                             U"疯了吧",       U"瞎了吗",       U"瞎吗",
                                             U"傻吗",         U"傻了吗",       U"配吗",
                                             U"不香吗",       U"它不香",       U"没吃饭吗",
                                             U"不是吗",       U"不会吧",       U"不是吧",
                                             U"会玩吗",       U"会不会玩",     U"你以为",
                                             U"至于吗",       U"有意思吗",     U"没有心吗",
                                             U"好意思吗",     U"能不能别",     U"可不可以别",
                                             U"能别",         U"就这?",        U"还有谁",
                                             U"还有王法",     U"什么鬼",       U"什么垃圾",
                                             U"什么玩意",     U"什么水平",     U"神马玩意",
                                             U"是人吗",       U"做个人吧",     U"眼瞎",
                                             U"多大点事",     U"怎么说呢",     U"你礼貌吗",
                                             U"礼貌吗",       U"没妈",         U"脑子呢",
                                             U"脑子进水",     U"带脑子",       U"看不懂吗",
                                             U"听不懂吗",     U"就这么点",     U"你妈呢",
                                             U"尼玛呢",       U"你马呢",       U"智商呢",
                                             U"良心呢",       U"节操呢",       NULL};

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
        if (letters->at[at] > 0x2e80 && (weir_is_one_at(letters, at, rhetorical) ||
                                         denies_at(letters, at) || begs_at(letters, at))) {
            return true;
        }
    }
    return is_exclamation(letters);
}
