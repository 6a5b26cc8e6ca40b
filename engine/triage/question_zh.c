#include "engine/triage/question_han.h"

// Chinese asks by words that also stand in statements (什么 "what, anything", 几 "how many, some"),
// so each cue has the company in which it asks nothing. One walk over the characters; a switch
// leads to the few phrases that begin with the character it stands on.

static bool stands_in_clause_before(const struct weir_letters *letters, size_t at,
                                    const char32_t *phrase, size_t reach)
{
    for (size_t back = 1; back <= reach && back <= at; back++) {
        if (!weir_is_spoken(letters->at[at - back])) {
            return false;
        }
        if (weir_is_at(letters, at - back, phrase)) {
            return true;
        }
    }
    return false;
}

static bool asks_with_ma(const struct weir_letters *letters, size_t at)
{
    return !weir_is_one_of(letters->at[at + 1], U"的逼蛋比啡");
}

static bool asks_with_soft_ma(const struct weir_letters *letters, size_t at)
{
    char32_t previous = weir_before(letters, at, 1);
    if (previous == U'干') {
        return weir_before(letters, at, 2) != U'没';
    }
    bool offers_choice = previous != U'的' && stands_in_clause_before(letters, at, U"可以", 12);
    return weir_ends_clause(letters, at + 1) &&
           (offers_choice || weir_is_one_of(previous, U"有能以会是在行货"));
}

static bool asks_with_me(const struct weir_letters *letters, size_t at)
{
    return weir_ends_clause(letters, at + 1) && weir_is_spoken(weir_before(letters, at, 1)) &&
           !weir_is_one_of(weir_before(letters, at, 1), U"什怎那这多要甚");
}

// 链接呢 asks where it is; 还早呢 does not.
static bool asks_with_ne(const struct weir_letters *letters, size_t at)
{
    if (!weir_ends_clause(letters, at + 1)) {
        return false;
    }
    static const char32_t *const sequels[] = {U"后来呢", U"然后呢", U"结果呢", U"其他人呢", NULL};
    if (at >= 2 &&
        (weir_is_one_at(letters, at - 2, sequels) || weir_is_one_at(letters, at - 3, sequels))) {
        return true;
    }
    size_t length = 0;
    for (size_t i = at; i > 0 && weir_is_spoken(letters->at[i - 1]); i--) {
        length++;
        if (weir_is_one_of(letters->at[i - 1], U"还着才可正在都没很呵不想就太好多挺更哼了说嗯费")) {
            return false;
        }
    }
    return length >= 1 && length <= 6;
}

// 不知道什么 asks to be told, 看不出什么 does not, 要不要什么 does.
static bool is_denied(const struct weir_letters *letters, size_t at)
{
    for (size_t back = 2; back <= 4 && back < at; back++) {
        if (letters->at[at - back] == U'不' && !weir_is_at(letters, at - back, U"不知") &&
            !weir_is_at(letters, at - back, U"不懂") && !weir_is_at(letters, at - back, U"不明") &&
            letters->at[at - back + 1] != letters->at[at - back - 1]) {
            return true;
        }
    }
    return stands_in_clause_before(letters, at, U"都不知道", 8);
}

static bool asks_with_shenme(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"什么都",   U"什么也",   U"什么的",   U"什么鬼",   U"什么玩",   U"什么垃圾", U"什么破",
        U"什么叫",   U"什么什么", U"什么水平", U"什么操作", U"什么情况", U"什么狗屎", U"什么傻",
        U"什么沙",   U"什么话",   U"什么事都", U"什么人啊", U"什么东西", U"什么仇",   U"什么素质",
        U"什么心态", U"什么记性", U"什么眼神", U"什么智商", U"什么脑子", U"什么好问", NULL};
    char32_t previous = weir_before(letters, at, 1);
    if (is_denied(letters, at)) { // 看不出什么大问题
        return false;
    }
    if (weir_is_at(letters, at, U"什么的")) { // 衣服什么的, but 卖什么的
        return weir_is_one_of(previous, U"是卖做干用吃讲玩唱");
    }
    if (weir_is_one_at(letters, at, idle)) {
        return false;
    }
    if (previous == U'有') { // 没有什么, 有什么好说的
        static const char32_t *const dismissing[] = {
            U"什么好说", U"什么好笑", U"什么好装", U"什么好吵", U"什么好骂",
            U"什么好得", U"什么了",   U"什么用",   U"什么办法", NULL};
        return weir_before(letters, at, 2) != U'没' && !weir_is_one_at(letters, at, dismissing);
    }
    bool echoes = previous && previous == letters->at[at + 2]; // 看什么看
    return !echoes &&
           !weir_is_one_of(previous, U"没不无凭算装急怕慌虚狂拽牛哭喊骂嚷秀浪笑吹扯搞说想聊");
}

static bool asks_with_zenme(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"怎么这",   U"怎么那",   U"怎么都",   U"怎么也",     U"怎么可能", U"怎么能这",
        U"怎么能那", U"怎么能不", U"怎么能让", U"怎么能说",   U"怎么会这", U"怎么会那",
        U"怎么会不", U"怎么会有", U"怎么敢",   U"怎么好意思", U"怎么说呢", U"怎么又",
        U"怎么不去", U"怎么就",   U"怎么全",   U"怎么尽",     NULL};
    for (size_t i = at + 2; i < at + 7 && weir_is_spoken(letters->at[i]); i++) {
        if (letters->at[i + 1] == U'么' && weir_is_one_of(letters->at[i], U"这那")) {
            return false; // 怎么现在这么菜
        }
    }
    char32_t previous = weir_before(letters, at, 1);
    bool whatever = previous == U'管' && weir_is_one_of(weir_before(letters, at, 2), U"不别甭");
    return !whatever && !weir_is_one_at(letters, at, idle) &&
           !weir_is_one_of(previous, U"不没再论");
}

static bool asks_with_za(const struct weir_letters *letters, size_t at)
{
    return !weir_is_one_of(letters->at[at + 1], U"这那地滴就又都们家") &&
           !weir_is_one_of(weir_before(letters, at, 1), U"不没再咋");
}

static bool asks_with_sha(const struct weir_letters *letters, size_t at)
{
    char32_t previous = weir_before(letters, at, 1);
    bool echoes = previous && previous == letters->at[at + 1]; // 看啥看
    bool stands_alone =
        !weir_is_spoken(weir_before(letters, at, 1)) && !weir_is_spoken(letters->at[at + 1]);
    return !stands_alone && !echoes && !weir_is_one_of(letters->at[at + 1], U"也都的啥玩鬼破") &&
           !weir_is_one_of(weir_before(letters, at, 1), U"没不凭算装急怕啥说");
}

static bool asks_with_shei(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"谁都",     U"谁也",   U"谁懂",   U"谁不",   U"谁让",   U"谁叫",     U"谁敢",
        U"谁怕",     U"谁说",   U"谁还",   U"谁信",   U"谁家好", U"谁顶",     U"谁受得了",
        U"谁能拒",   U"谁能想", U"谁能顶", U"谁能打", U"谁带得", U"谁带的动", U"谁打得",
        U"谁打的过", U"谁在乎", U"谁管",   U"谁爱",   U"谁谁",   U"谁料",     NULL};
    return !weir_is_one_at(letters, at, idle) &&
           !weir_is_one_of(weir_before(letters, at, 1), U"没随管论谁骂骗") &&
           !weir_is_at(letters, at >= 3 ? at - 3 : at, U"不起谁") &&
           !weir_is_at(letters, at >= 2 ? at - 2 : at, U"不起谁") &&
           !weir_is_at(letters, at >= 2 ? at - 2 : at, U"吓唬谁");
}

static bool asks_with_na(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"哪有人", U"哪有这", U"哪有那", U"哪能",     U"哪敢",       U"哪会",
        U"哪怕",   U"哪都",   U"哪知道", U"哪里哪里", U"哪来的自信", U"哪来的脸",
        U"哪里都", U"哪吒",   U"哪像",   U"哪儿都",   U"哪个都",     NULL};
    return !weir_is_one_at(letters, at, idle) &&
           !weir_is_one_of(weir_before(letters, at, 1), U"不没管论随");
}

static bool asks_with_ji(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const measures[] = {
        U"几点", U"几号", U"几折", U"几时", U"几岁",   U"几级", U"几楼", U"几寸",
        U"几月", U"几斤", U"几码", U"几块", U"几比几", U"几米", U"几期", U"几层",
        U"几排", U"几倍", U"几区", U"几服", U"几场",   NULL};
    static const char32_t *const loose[] = {U"几个", U"几天", U"几次", U"几件", U"几局",
                                            U"几分", U"几盒", U"几瓶", U"几包", U"几支",
                                            U"几套", U"几杀", U"几条", NULL};
    char32_t previous = weir_before(letters, at, 1);
    if (previous == U'第' || weir_is_at(letters, at, U"几倍镜")) {
        return true;
    }
    if (stands_in_clause_before(letters, at, U"都不知道", 8)) {
        return false;
    }
    if (weir_is_one_of(previous, U"好十百千万这那前后上下每没数近过了着再就才这些余零差")) {
        return false;
    }
    if (weir_is_one_at(letters, at, measures)) {
        return true;
    }
    return weir_is_one_at(letters, at, loose) &&
           (weir_is_one_of(letters->at[at + 2], U"能到可发送") ||
            weir_left_in_clause(letters, at + 2) <=
                (weir_is_one_of(previous, U"要剩买送") ? 4u : 2u));
}

static bool asks_with_duo(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const idle[] = {
        U"多少有", U"多少沾", U"多少带",   U"多少年了", U"多少次了", U"多少都", U"多少点",
        U"多少还", U"多少给", U"多少是有", U"多大点",   U"多大仇",   U"多大脸", NULL};
    return weir_is_one_of(letters->at[at + 1], U"少久大长高重远厚深宽快") &&
           !weir_is_one_at(letters, at, idle) &&
           !weir_is_one_of(weir_before(letters, at, 1), U"没不差很挺好太更最许");
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
    static const char32_t *const shrugs[] = {U"没事",   U"没关系", U"无所谓", U"都一样",
                                             U"都可以", U"都行",   U"都得",   U"都要",
                                             U"随便",   U"不重要", NULL};
    for (size_t i = at + 2; i < at + 8 && weir_is_spoken(letters->at[i]); i++) {
        if (weir_is_one_at(letters, i, shrugs)) { // 扔不扔没事了
            return false;
        }
    }
    return !weir_is_one_of(letters->at[at - 1], U"动时三半") &&
           !weir_is_one_of(weir_before(letters, at, 2), U"爱管论不") &&
           !weir_is_one_at(letters, at - 1, idle);
}

static bool asks_with_bu(const struct weir_letters *letters, size_t at)
{
    bool with_le = at >= 2 && letters->at[at - 1] == U'了' && letters->at[at + 2] == U'了';
    if (asks_a_not_a(letters, at) || (with_le && letters->at[at - 2] == letters->at[at + 1])) {
        return true; // 完了不完了
    }
    return at >= 1 && weir_is_han(weir_before(letters, at, 1)) &&
           weir_ends_clause(letters, at + 1) &&
           !weir_is_one_of(weir_before(letters, at, 1),
                           U"也都才并绝从要就好对不决我还偏再先可便且");
}

// 发货了没, 有没有; but 我没有.
static bool asks_with_mei(const struct weir_letters *letters, size_t at)
{
    if (asks_a_not_a(letters, at)) {
        return true;
    }
    bool ends = weir_ends_clause(letters, at + 1) ||
                (letters->at[at + 1] == U'有' && weir_ends_clause(letters, at + 2));
    return ends && weir_is_one_of(weir_before(letters, at, 1), U"了过完到好着");
}

static bool asks_politely(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const phrases[] = {U"请问",   U"请教",   U"想问",     U"问一下",
                                              U"问下",   U"问个",   U"咨询一下", U"咨询下",
                                              U"想知道", U"想了解", U"告诉我",   NULL};
    return weir_is_one_at(letters, at, phrases) && weir_before(letters, at, 1) != U'别';
}

// 求链接, 求一部好看的电影; but 求求你, 要求, 求关注.
static bool asks_to_be_told(const struct weir_letters *letters, size_t at)
{
    if (weir_before(letters, at, 1) == U'跪') {
        return letters->at[at + 1] != U'求';
    }
    char32_t next = letters->at[at + 1];
    return !weir_is_spoken(weir_before(letters, at, 1)) && weir_left_in_clause(letters, at) >= 3 &&
           !weir_is_one_of(next, U"求你您他她饶生婚和得职学救锤放别带爱胜败关互粉赞抱虐打来让不");
}

static bool asks_to_be_shown(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const phrases[] = {
        U"介绍一下", U"介绍下",   U"讲一下",   U"讲下",   U"讲讲",   U"说一下",   U"说下",
        U"推荐一",   U"推荐下",   U"推荐个",   U"推荐几", U"推荐款", U"给我推荐", U"帮我推荐",
        U"帮我找",   U"帮我查",   U"帮忙推荐", U"推荐吗", U"给推荐", U"给我找",   U"给我介",
        U"给我讲",   U"给我看看", U"给我发",   U"帮我们", U"帮我看", U"帮我问",   U"帮我选",
        U"帮我带",   U"帮忙找",   U"帮忙查",   U"帮忙看", U"帮忙介", U"发给我",   U"发我一",
        U"给我一下", U"给我下",   U"告知",     U"解释一", U"解释下", U"解释解",   U"解释快",
        U"介绍个",   U"介绍一个", U"介绍几",   NULL};
    return weir_is_one_at(letters, at, phrases) &&
           !weir_is_one_of(weir_before(letters, at, 1), U"我来家你们您给为会向想强不先");
}

// 麻烦你帮我查一下, but 麻烦你了.
static bool asks_a_favour(const struct weir_letters *letters, size_t at)
{
    if (!weir_is_at(letters, at, U"麻烦")) {
        return false;
    }
    size_t next = at + 2 + weir_is_one_of(letters->at[at + 2], U"你您");
    return weir_is_one_of(letters->at[next], U"帮给把告发说讲问查推介");
}

// "合工大的扣1" asks the crowd to show who is there.
static bool asks_for_hands(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const signs[] = {U"扣1", U"扣个1", U"扣一", U"扣个一", NULL};
    return weir_before(letters, at, 1) == U'的' && weir_is_one_at(letters, at, signs);
}

static bool asks_whether(const struct weir_letters *letters, size_t at)
{
    static const char32_t *const phrases[] = {U"是否",   U"能否",     U"可否",   U"有无", U"有木有",
                                              U"如何",   U"为什么",   U"为啥",   U"为何", U"有谁",
                                              U"有人知", U"有人能告", U"有人懂", NULL};
    return weir_is_one_at(letters, at, phrases) &&
           !weir_is_one_of(weir_before(letters, at, 1), U"论不是么") &&
           !weir_is_at(letters, at, U"如何都");
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
        return letters->at[at + 1] == U'么' && weir_before(letters, at, 1) != U'为' &&
               asks_with_shenme(letters, at);
    case U'怎':
        return letters->at[at + 1] != U'么' ? weir_is_one_of(letters->at[at + 1], U"样办")
                                            : asks_with_zenme(letters, at);
    case U'咋':
        return asks_with_za(letters, at);
    case U'啥':
        return weir_before(letters, at, 1) != U'为' && asks_with_sha(letters, at);
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
    case U'发':
    case U'解':
        return asks_to_be_shown(letters, at);
    case U'扣':
        return asks_for_hands(letters, at);
    case U'麻':
        return asks_a_favour(letters, at);
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

struct weir_asking weir_asking_zh(const struct weir_letters *letters)
{
    struct weir_asking asking = {false, false};
    for (size_t at = 0; at < letters->count && !asking.asks; at++) {
        asking.asks = asks_here(letters, at);
    }
    if (asking.asks || letters->has_mark) {
        asking.is_rhetorical = weir_is_rhetorical_zh(letters);
    }
    return asking;
}
