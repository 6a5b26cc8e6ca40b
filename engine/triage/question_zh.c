#include "engine/triage/question_parts.h"

// Chinese asks by words that also stand in statements (什么 "what, anything", 几 "how many, some"),
// so each cue has the company in which it asks nothing. One walk over the characters; a switch
// leads to the few phrases that begin with the character it stands on.

static bool is_at(const struct weir_letters *letters, size_t at, const char32_t *phrase)
{
    for (size_t i = 0; phrase[i]; i++) {
        if (at + i >= letters->count || letters->at[at + i] != phrase[i]) {
            return false;
        }
    }
    return true;
}

static bool is_one_at(const struct weir_letters *letters, size_t at, const char32_t *const *phrases)
{
    for (size_t i = 0; phrases[i]; i++) {
        if (is_at(letters, at, phrases[i])) {
            return true;
        }
    }
    return false;
}

static bool is_one_of(char32_t letter, const char32_t *letters)
{
    for (size_t i = 0; letter && letters[i]; i++) {
        if (letters[i] == letter) {
            return true;
        }
    }
    return false;
}

static char32_t before(const struct weir_letters *letters, size_t at, size_t back)
{
    return at >= back ? letters->at[at - back] : 0;
}

static bool is_spoken(char32_t letter)
{
    return weir_is_han(letter) || (letter >= U'a' && letter <= U'z') ||
           (letter >= U'0' && letter <= U'9');
}

// Whether nothing but a soft particle or a name for the host stands between here and the end of
// the clause.
static bool ends_clause(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const tails[] = {U"啊",   U"呀",   U"呐",   U"哇",     U"哈", U"亲",
                                            U"主播", U"老板", U"家人", U"宝宝",   U"姐", U"哥",
                                            U"谢谢", U"大佬", U"兄弟", U"小姐姐", NULL};
    return at >= letters->count || !is_spoken(letters->at[at]) || is_one_at(letters, at, tails);
}

static size_t left_in_clause(const struct weir_letters *letters, size_t at)
{
    size_t left = 0;
    while (at + left < letters->count && is_spoken(letters->at[at + left])) {
        left++;
    }
    return left;
}

static bool asks_with_ma(const struct weir_letters *letters, size_t at)
{
    return !is_one_of(letters->at[at + 1], U"的逼蛋比啡");
}

static bool asks_with_soft_ma(const struct weir_letters *letters, size_t at)
{
    return (before(letters, at, 1) == U'干' && before(letters, at, 2) != U'没') ||
           (ends_clause(letters, at + 1) && is_one_of(before(letters, at, 1), U"有能以会是在行货"));
}

static bool asks_with_me(const struct weir_letters *letters, size_t at)
{
    return ends_clause(letters, at + 1) && at > 0 && weir_is_han(before(letters, at, 1)) &&
           !is_one_of(before(letters, at, 1), U"什怎那这多要甚");
}

// 链接呢 asks where it is; 还早呢 does not.
static bool asks_with_ne(const struct weir_letters *letters, size_t at)
{
    if (!ends_clause(letters, at + 1)) {
        return false;
    }
    size_t length = 0;
    for (size_t i = at; i > 0 && is_spoken(letters->at[i - 1]); i--) {
        length++;
        if (is_one_of(letters->at[i - 1], U"还着才可正在都没很呵不想就太好多挺更哼了说嗯费")) {
            return false;
        }
    }
    return length >= 1 && length <= 6;
}

static bool asks_with_shenme(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"什么都",   U"什么也", U"什么的",   U"什么鬼",   U"什么玩",   U"什么垃圾",
        U"什么破",   U"什么叫", U"什么什么", U"什么水平", U"什么操作", U"什么情况",
        U"什么狗屎", U"什么傻", U"什么沙",   U"什么话",   U"什么事都", U"什么人啊",
        U"什么东西", U"什么仇", U"什么素质", U"什么心态", NULL};
    char32_t previous = before(letters, at, 1);
    if (is_at(letters, at, U"什么的")) { // 衣服什么的, but 卖什么的
        return is_one_of(previous, U"是卖做干用吃讲玩唱");
    }
    if (is_one_at(letters, at, idle)) {
        return false;
    }
    if (previous == U'有') { // 没有什么, 有什么好说的
        static const char32_t *const dismissing[] = {
            U"什么好说", U"什么好笑", U"什么好装", U"什么好吵", U"什么好骂",
            U"什么好得", U"什么了",   U"什么用",   U"什么办法", NULL};
        return before(letters, at, 2) != U'没' && !is_one_at(letters, at, dismissing);
    }
    bool echoes = previous && previous == letters->at[at + 2]; // 看什么看
    return !echoes && !is_one_of(previous, U"没不无凭算装急怕慌笑吹扯搞说想聊");
}

static bool asks_with_zenme(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {U"怎么这",     U"怎么那",   U"怎么都", U"怎么也",
                                           U"怎么可能",   U"怎么能",   U"怎么会", U"怎么敢",
                                           U"怎么好意思", U"怎么说呢", U"怎么又", U"怎么不去",
                                           U"怎么就",     U"怎么全",   U"怎么尽", NULL};
    return !is_one_at(letters, at, idle) && !is_one_of(before(letters, at, 1), U"不没再论管");
}

static bool asks_with_za(const struct weir_letters *letters, size_t at)
{
    return !is_one_of(letters->at[at + 1], U"这那地滴就又都们家") &&
           !is_one_of(before(letters, at, 1), U"不没再咋");
}

static bool asks_with_sha(const struct weir_letters *letters, size_t at)
{
    return !is_one_of(letters->at[at + 1], U"也都的啥玩鬼破") &&
           !is_one_of(before(letters, at, 1), U"没不凭算装急怕啥说");
}

static bool asks_with_shei(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"谁都",   U"谁也",   U"谁懂", U"谁不",   U"谁让", U"谁叫",     U"谁敢",   U"谁怕",
        U"谁说",   U"谁还",   U"谁信", U"谁家好", U"谁顶", U"谁受得了", U"谁能拒", U"谁能想",
        U"谁能顶", U"谁在乎", U"谁管", U"谁爱",   U"谁谁", U"谁料",     NULL};
    return !is_one_at(letters, at, idle) && !is_one_of(before(letters, at, 1), U"没随管论谁");
}

static bool asks_with_na(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"哪有人", U"哪有这", U"哪有那", U"哪能",     U"哪敢",       U"哪会",
        U"哪怕",   U"哪都",   U"哪知道", U"哪里哪里", U"哪来的自信", U"哪来的脸",
        U"哪里都", U"哪吒",   U"哪像",   U"哪儿都",   U"哪个都",     NULL};
    return !is_one_at(letters, at, idle) && !is_one_of(before(letters, at, 1), U"不没管论随");
}

static bool asks_with_ji(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const measures[] = {
        U"几点", U"几号", U"几折", U"几时",   U"几岁", U"几级", U"几楼", U"几寸", U"几月",
        U"几斤", U"几码", U"几块", U"几比几", U"几米", U"几期", U"几层", U"几排", NULL};
    static const char32_t *const loose[] = {U"几个", U"几天", U"几次", U"几件", U"几局",
                                            U"几分", U"几盒", U"几瓶", U"几包", U"几支",
                                            U"几套", U"几杀", U"几条", NULL};
    char32_t previous = before(letters, at, 1);
    if (previous == U'第') {
        return true;
    }
    if (is_one_of(previous, U"好十百千万这那前后上下每没数近过了着再就才这些余零差")) {
        return false;
    }
    if (is_one_at(letters, at, measures)) {
        return true;
    }
    return is_one_at(letters, at, loose) &&
           (is_one_of(letters->at[at + 2], U"能到可发送") || left_in_clause(letters, at + 2) <= 2);
}

static bool asks_with_duo(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"多少有", U"多少沾", U"多少带",   U"多少年了", U"多少次了", U"多少都", U"多少点",
        U"多少还", U"多少给", U"多少是有", U"多大点",   U"多大仇",   U"多大脸", NULL};
    return is_one_of(letters->at[at + 1], U"少久大长高重远厚深宽快") &&
           !is_one_at(letters, at, idle) &&
           !is_one_of(before(letters, at, 1), U"没不差很挺好太更最许");
}

// 是不是, 有没有, 掉不掉: a word, its negation, the word again.
static bool asks_a_not_a(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {U"要不要脸",   U"会不会玩", U"好不好笑", U"要不要命",
                                           U"是不是有病", U"是不是傻", U"是不是瞎", NULL};
    if (at == 0 || letters->at[at + 1] != letters->at[at - 1] ||
        !weir_is_han(letters->at[at - 1])) {
        return false;
    }
    return !is_one_of(letters->at[at - 1], U"动时三半") &&
           !is_one_of(before(letters, at, 2), U"爱管论") && !is_one_at(letters, at - 1, idle);
}

static bool asks_with_bu(const struct weir_letters *letters, size_t at)
{
    if (asks_a_not_a(letters, at)) {
        return true;
    }
    return at >= 1 && weir_is_han(before(letters, at, 1)) && ends_clause(letters, at + 1) &&
           !is_one_of(before(letters, at, 1), U"也都才并绝从要就好对不决我还偏再先可便且");
}

// 发货了没, 有没有; but 我没有.
static bool asks_with_mei(const struct weir_letters *letters, size_t at)
{
    if (asks_a_not_a(letters, at)) {
        return true;
    }
    bool ends = ends_clause(letters, at + 1) ||
                (letters->at[at + 1] == U'有' && ends_clause(letters, at + 2));
    return ends && is_one_of(before(letters, at, 1), U"了过完到好着");
}

static bool asks_politely(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const phrases[] = {U"请问",   U"请教",   U"想问",     U"问一下",
                                              U"问下",   U"问个",   U"咨询一下", U"咨询下",
                                              U"想知道", U"想了解", U"告诉我",   NULL};
    return is_one_at(letters, at, phrases) && before(letters, at, 1) != U'别';
}

static bool asks_to_be_told(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const things[] = {
        U"求链接", U"求推荐", U"求歌名", U"求bgm",  U"求解",   U"求科普", U"求指",
        U"求告",   U"求教",   U"求地址", U"求价",   U"求名字", U"求同款", U"求型号",
        U"求色号", U"求id",   U"求配置", U"求攻略", U"求问",   U"求个链", U"求个推",
        U"求个歌", U"求店",   U"求尺码", U"求密码", U"求答",   U"求助",   NULL};
    return is_one_at(letters, at, things);
}

static bool asks_to_be_shown(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const phrases[] = {
        U"介绍一下", U"介绍下",   U"讲一下", U"讲下",   U"讲讲",     U"说一下",
        U"说下",     U"推荐一",   U"推荐下", U"推荐个", U"推荐几",   U"推荐款",
        U"给我推荐", U"帮我推荐", U"帮我找", U"帮我查", U"帮忙推荐", NULL};
    return is_one_at(letters, at, phrases) &&
           !is_one_of(before(letters, at, 1), U"我来家你们您给为会向想强不先");
}

static bool asks_whether(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const phrases[] = {U"是否",   U"能否",     U"可否",   U"有无", U"有木有",
                                              U"如何",   U"为什么",   U"为啥",   U"为何", U"有谁",
                                              U"有人知", U"有人能告", U"有人懂", NULL};
    return is_one_at(letters, at, phrases) && !is_one_of(before(letters, at, 1), U"论不是么") &&
           !is_at(letters, at, U"如何都");
}

static bool asks_here(const struct weir_letters *letters, size_t at)
{
    switch (letters->at[at]) {
    case U'吗':
        return asks_with_ma(letters, at);
    case U'嘛':
        return asks_with_soft_ma(letters, at);
    case U'么':
        return asks_with_me(letters, at);
    case U'呢':
        return asks_with_ne(letters, at);
    case U'什':
        return letters->at[at + 1] == U'么' && before(letters, at, 1) != U'为' &&
               asks_with_shenme(letters, at);
    case U'怎':
        return letters->at[at + 1] != U'么' ? is_one_of(letters->at[at + 1], U"样办")
                                            : asks_with_zenme(letters, at);
    case U'咋':
        return asks_with_za(letters, at);
    case U'啥':
        return before(letters, at, 1) != U'为' && asks_with_sha(letters, at);
    case U'谁':
        return asks_with_shei(letters, at);
    case U'哪':
        return asks_with_na(letters, at);
    case U'几':
        return asks_with_ji(letters, at);
    case U'多':
        return asks_with_duo(letters, at);
    case U'不':
        return asks_with_bu(letters, at);
    case U'没':
        return asks_with_mei(letters, at);
    case U'请':
    case U'想':
    case U'问':
    case U'咨':
    case U'告':
        return asks_politely(letters, at);
    case U'求':
        return asks_to_be_told(letters, at);
    case U'介':
    case U'讲':
    case U'说':
    case U'推':
    case U'给':
    case U'帮':
        return asks_to_be_shown(letters, at);
    case U'是':
    case U'能':
    case U'可':
    case U'有':
    case U'如':
    case U'为':
        return asks_whether(letters, at);
    default:
        return false;
    }
}

// Phrases after which nobody waits for an answer, whatever else the sentence holds.
static const char32_t *const rhetorical[] = {
    U"怎么这么可",   U"怎么这么好",   U"怎么这么帅",   U"怎么这么美",   U"怎么这么强",
    U"怎么这么菜",   U"怎么这么能",   U"怎么这么厉",   U"怎么这么牛",   U"怎么这么搞",
    U"怎么这么逗",   U"怎么这么甜",   U"怎么这么会",   U"怎么这么烂",   U"怎么这么垃",
    U"怎么那么可",   U"怎么那么好",   U"怎么那么帅",   U"怎么那么强",   U"怎么那么菜",
    U"怎么那么会",   U"为什么这么可", U"为什么这么好", U"为什么这么菜", U"为什么这么强",
    U"为什么这么帅", U"怎么可以这么", U"怎么可能",     U"怎么好意思",   U"怎么不去死",
    U"难道",         U"何必",         U"何苦",         U"岂不",         U"凭什么",
    U"凭啥",         U"谁不想",       U"谁不爱",       U"谁不喜欢",     U"谁能拒绝",
    U"谁懂啊",       U"谁懂",         U"谁还不是",     U"谁给你的",     U"谁让你",
    U"谁问你",       U"谁在乎",       U"关你什么",     U"关我什么",     U"关你屁",
    U"算什么东",     U"你算老几",     U"几个意思",     U"有病吧",       U"有病吗",
    U"要脸吗",       U"要脸不",       U"要不要脸",     U"疯了吗",       U"疯了吧",
    U"瞎了吗",       U"瞎吗",         U"傻吗",         U"傻了吗",       U"配吗",
    U"不香吗",       U"它不香",       U"没吃饭吗",     U"不是吗",       U"不会吧",
    U"不是吧",       U"会玩吗",       U"会不会玩",     U"你以为",       U"至于吗",
    U"有意思吗",     U"没有心吗",     U"好意思吗",     U"能不能别",     U"可不可以别",
    U"能别",         U"就这?",        U"还有谁",       U"还有王法",     U"什么鬼",
    U"什么垃圾",     U"什么玩意",     U"什么水平",     U"神马玩意",     U"是人吗",
    U"做个人吧",     U"眼瞎",         U"多大点事",     U"怎么说呢",     U"你礼貌吗",
    U"礼貌吗",       U"没妈",         U"脑子呢",       U"脑子进水",     NULL};

// A message that is nothing but one of these only shows surprise, with or without a mark.
static const char32_t *const exclamations[] = {
    U"什么", U"啥",     U"是吗", U"真的", U"真的吗", U"真的假的", U"真假", U"啊",   U"哈",
    U"嗯",   U"哦",     U"额",   U"啊这", U"这",     U"好吗",     U"对吗", U"咋了", U"干嘛",
    U"懂吗", U"什么鬼", U"就这", U"不是", U"我去",   U"卧槽",     U"艹",   U"草",   U"牛",
    U"你谁", U"吗",     U"呢",   U"喂",   U"谁",     U"哪",       U"怎么", NULL};

static bool is_exclamation(const struct weir_letters *letters)
{
    size_t start = 0;
    while (start < letters->count && !is_spoken(letters->at[start])) {
        start++;
    }
    size_t length = left_in_clause(letters, start);
    for (size_t i = start + length; i < letters->count; i++) {
        if (is_spoken(letters->at[i])) {
            return false;
        }
    }
    for (size_t i = 0; exclamations[i]; i++) {
        size_t size = 0;
        while (exclamations[i][size]) {
            size++;
        }
        if (size == length && is_at(letters, start, exclamations[i])) {
            return true;
        }
    }
    return false;
}

static bool is_rhetorical(const struct weir_letters *letters)
{
    for (size_t at = 0; at < letters->count; at++) {
        if (letters->at[at] > 0x2e80 && is_one_at(letters, at, rhetorical)) {
            return true;
        }
    }
    return is_exclamation(letters);
}

struct weir_asking weir_asking_zh(const struct weir_letters *letters)
{
    struct weir_asking asking = {false, false};
    for (size_t at = 0; at < letters->count && !asking.asks; at++) {
        asking.asks = asks_here(letters, at);
    }
    if (asking.asks || letters->has_mark) {
        asking.is_rhetorical = is_rhetorical(letters);
    }
    return asking;
}
